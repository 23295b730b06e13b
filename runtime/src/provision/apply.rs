//! Doing what was planned, and looking whether the server did it.

use std::fmt;

use super::plan::write_step;
use super::{Action, Asset, Change, Plan, ProvisionError, ProvisionErrorKind, Verb, api, compare};
use crate::jetstream::ApiError;

impl Plan {
    /// Takes the planned steps, reads back what the server stored, and compares.
    ///
    /// A step that fails does not keep the others from being taken, except those for the consumers of a stream that
    /// could not be made.
    ///
    /// # Errors
    /// [`ProvisionErrorKind::Apply`], with every [`Failure`] in [`ProvisionError::failures`] and what was done in
    /// [`ProvisionError::applied`].
    pub async fn apply(&self) -> Result<Applied, ProvisionError> {
        let mut applied = Applied {
            profile: self.profile(),
            steps: Vec::new(),
        };
        let mut failures = Vec::new();
        let mut missing = Vec::new();
        for action in self.actions() {
            if let Asset::Consumer { stream, .. } = action.asset
                && missing.contains(&stream)
            {
                failures.push(Failure {
                    asset: action.asset,
                    verb: action.verb,
                    fault: Fault::NoStream,
                });
                continue;
            }
            match self.take(action).await {
                Ok(changes) => applied.steps.push(Step {
                    asset: action.asset,
                    verb: action.verb,
                    changes,
                }),
                Err(fault) => {
                    let made = matches!(fault, Fault::NotAsWanted(_));
                    if let (Asset::Stream { name }, Verb::Create, false) = (action.asset, action.verb, made) {
                        missing.push(name);
                    }
                    failures.push(Failure {
                        asset: action.asset,
                        verb: action.verb,
                        fault,
                    });
                }
            }
        }
        if failures.is_empty() {
            return Ok(applied);
        }
        let server = self.connection.client().server_info().version;
        let failures = Failures {
            all: failures,
            applied,
            server,
        };
        Err(ProvisionError::with_source(ProvisionErrorKind::Apply, failures))
    }

    /// One step; returns what it really changed.
    async fn take(&self, action: &Action) -> Result<Vec<Change>, Fault> {
        let (connection, asset) = (&self.connection, action.asset);
        let before = action.stored.clone().unwrap_or_default();
        match action.verb {
            Verb::Create => api::create(connection, asset, &action.wanted).await,
            Verb::Update => api::update(connection, asset, &compare::merged(asset, &before, &action.wanted)).await,
        }
        .map_err(|error| Fault::Refused {
            error,
            changes: action.changes.clone(),
        })?;
        let after = api::read(connection, asset)
            .await
            .map_err(Fault::Unread)?
            .ok_or(Fault::Vanished)?;
        let differences = compare::differences(asset, &after, &action.wanted);
        if !differences.is_empty() {
            return Err(Fault::NotAsWanted(differences));
        }
        Ok(match action.verb {
            Verb::Create => action.changes.clone(),
            Verb::Update => compare::all_differences(asset, &before, &after),
        })
    }
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Applied {
    profile: &'static str,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
struct Step {
    asset: Asset,
    verb: Verb,
    changes: Vec<Change>,
}

impl Applied {
    /// The steps that were taken: the asset, what was done with it, and the settings that changed, from what was
    /// stored before to what is stored now.
    pub fn steps(&self) -> impl Iterator<Item = (Asset, Verb, &[Change])> {
        self.steps
            .iter()
            .map(|step| (step.asset, step.verb, step.changes.as_slice()))
    }

    /// Whether nothing was done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |verb| self.steps.iter().filter(|step| step.verb == verb).count();
        write!(
            f,
            "profile `{}`: {} created, {} updated",
            self.profile,
            count(Verb::Create),
            count(Verb::Update)
        )?;
        for step in &self.steps {
            f.write_str("\n")?;
            write_step(f, step.verb, step.asset, &step.changes)?;
        }
        Ok(())
    }
}

/// A step that did not lead to what was wanted.
#[derive(Debug)]
pub struct Failure {
    asset: Asset,
    verb: Verb,
    fault: Fault,
}

#[derive(Debug)]
enum Fault {
    Refused { error: ApiError, changes: Vec<Change> },
    NotAsWanted(Vec<Change>),
    Unread(ApiError),
    Vanished,
    NoStream,
}

impl Failure {
    /// The stream or consumer.
    #[must_use]
    pub fn asset(&self) -> Asset {
        self.asset
    }

    /// What was to be done with it.
    #[must_use]
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// The server's refusal, where it refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&ApiError> {
        match &self.fault {
            Fault::Refused { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The settings that the server stored otherwise than it was told to, each from what is stored to what is wanted.
    #[must_use]
    pub fn not_as_wanted(&self) -> &[Change] {
        match &self.fault {
            Fault::NotAsWanted(changes) => changes,
            _ => &[],
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asset = self.asset;
        match (&self.fault, self.verb) {
            (Fault::Refused { error, .. }, Verb::Create) => {
                write!(f, "{asset} was not created: {error}")
            }
            (Fault::Refused { error, changes }, Verb::Update) => {
                write!(f, "{asset} was not updated: {error}; it would have changed")?;
                for change in changes {
                    write!(f, "\n      {change}")?;
                }
                Ok(())
            }
            (Fault::NotAsWanted(changes), _) => {
                write!(f, "{asset} is not stored as it was sent")?;
                for Change { field, from, to } in changes {
                    let (stored, wanted) = (
                        super::show::value(field, from.as_ref()),
                        super::show::value(field, to.as_ref()),
                    );
                    write!(f, "\n      {field}: wanted {wanted}, stored {stored}")?;
                }
                Ok(())
            }
            (Fault::Unread(error), _) => {
                write!(f, "{asset} was written and could not be read back: {error}")
            }
            (Fault::Vanished, _) => write!(f, "{asset} was written, and is not there"),
            (Fault::NoStream, _) => write!(f, "{asset} was not created: its stream could not be"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            Fault::Refused { error, .. } | Fault::Unread(error) => Some(error),
            _ => None,
        }
    }
}

/// All failures of one run, and what was done all the same.
#[derive(Debug)]
pub(super) struct Failures {
    pub(super) all: Vec<Failure>,
    pub(super) applied: Applied,
    server: String,
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.all {
            write!(f, "\n  ! {failure}")?;
        }
        write!(f, "\nthe server is {}; {}", self.server, self.applied)
    }
}

impl std::error::Error for Failures {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.all
            .first()
            .map(|failure| failure as &(dyn std::error::Error + 'static))
    }
}
