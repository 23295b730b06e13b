//! What would have to be done.

use std::fmt;

use serde_json::{Map, Value};

use super::{Asset, Change, ConsumerSpec, Profile, ProvisionError, ProvisionErrorKind, StreamSpec, api, compare};
use crate::connection::Connection;

/// Compares the server's streams and consumers with those of a profile. Only reads.
///
/// ```no_run
/// # async fn run(nats: natsmith_runtime::Connection, dev: &'static natsmith_runtime::provision::Profile) -> Result<(), Box<dyn std::error::Error>> {
/// let plan = natsmith_runtime::provision::plan(&nats, dev).await?;
/// println!("{plan}");
/// if !plan.is_empty() {
///     println!("{}", plan.apply().await?);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ProvisionErrorKind::Config`] and [`ProvisionErrorKind::Read`].
pub async fn plan(connection: &Connection, profile: &'static Profile) -> Result<Plan, ProvisionError> {
    let mut plan = Plan {
        connection: connection.clone(),
        profile: profile.name,
        actions: Vec::new(),
        unchanged: Vec::new(),
    };
    for stream in profile.streams {
        let asset = Asset::Stream { name: stream.name };
        let exists = plan.compare(asset, stream_config(stream)?, true).await?;
        for consumer in stream.consumers {
            let asset = Asset::Consumer {
                stream: stream.name,
                name: consumer.name,
            };
            plan.compare(asset, consumer_config(asset, consumer)?, exists).await?;
        }
    }
    Ok(plan)
}

fn stream_config(stream: &StreamSpec) -> Result<Map<String, Value>, ProvisionError> {
    let mut config = parsed(Asset::Stream { name: stream.name }, stream.config)?;
    config.insert("name".to_owned(), stream.name.into());
    Ok(config)
}

fn consumer_config(asset: Asset, consumer: &ConsumerSpec) -> Result<Map<String, Value>, ProvisionError> {
    let mut config = parsed(asset, consumer.config)?;
    config.insert("name".to_owned(), consumer.name.into());
    config.insert("durable_name".to_owned(), consumer.name.into());
    Ok(config)
}

fn parsed(asset: Asset, config: &str) -> Result<Map<String, Value>, ProvisionError> {
    serde_json::from_str(config)
        .map_err(|error| ProvisionError::with_source(ProvisionErrorKind::Config, format!("{asset}: {error}")))
}

/// What is to be done so that the server is as a profile wants it.
#[derive(Debug)]
pub struct Plan {
    pub(super) connection: Connection,
    profile: &'static str,
    actions: Vec<Action>,
    unchanged: Vec<Asset>,
}

impl Plan {
    /// The steps, in the order in which they are taken: each stream before its consumers.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// The assets that are as wanted.
    #[must_use]
    pub fn unchanged(&self) -> &[Asset] {
        &self.unchanged
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// The profile's name.
    #[must_use]
    pub fn profile(&self) -> &'static str {
        self.profile
    }

    /// Notes what one asset needs; says whether it exists.
    async fn compare(
        &mut self,
        asset: Asset,
        wanted: Map<String, Value>,
        may_exist: bool,
    ) -> Result<bool, ProvisionError> {
        let stored = if may_exist {
            api::read(&self.connection, asset)
                .await
                .map_err(|error| ProvisionError::with_source(ProvisionErrorKind::Read, error))?
        } else {
            None
        };
        let exists = stored.is_some();
        let (verb, changes) = match &stored {
            None => (Verb::Create, compare::differences(asset, &Map::new(), &wanted)),
            Some(stored) => (Verb::Update, compare::differences(asset, stored, &wanted)),
        };
        if exists && changes.is_empty() {
            self.unchanged.push(asset);
        } else {
            self.actions.push(Action {
                asset,
                verb,
                changes,
                stored,
                wanted,
            });
        }
        Ok(exists)
    }
}

/// What is done with an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
}

/// One step of a plan.
#[derive(Clone, Debug)]
pub struct Action {
    pub(super) asset: Asset,
    pub(super) verb: Verb,
    pub(super) changes: Vec<Change>,
    pub(super) stored: Option<Map<String, Value>>,
    pub(super) wanted: Map<String, Value>,
}

impl Action {
    /// The stream or consumer.
    #[must_use]
    pub fn asset(&self) -> Asset {
        self.asset
    }

    /// What is done with it.
    #[must_use]
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// The settings that change, by name; for a new asset those that are not at their default.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_step(f, self.verb, self.asset, &self.changes)
    }
}

/// One step for people: `+` or `~`, the asset, and a line for each setting.
pub(super) fn write_step(f: &mut fmt::Formatter<'_>, verb: Verb, asset: Asset, changes: &[Change]) -> fmt::Result {
    let sign = match verb {
        Verb::Create => '+',
        Verb::Update => '~',
    };
    write!(f, "  {sign} {asset}")?;
    for change in changes {
        match verb {
            Verb::Create => write!(
                f,
                "\n      {}: {}",
                change.field,
                super::show::value(&change.field, change.to.as_ref())
            )?,
            Verb::Update => write!(f, "\n      {change}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |verb| self.actions.iter().filter(|action| action.verb == verb).count();
        write!(
            f,
            "profile `{}`: {} to create, {} to update, {} as wanted",
            self.profile,
            count(Verb::Create),
            count(Verb::Update),
            self.unchanged.len()
        )?;
        for action in &self.actions {
            write!(f, "\n{action}")?;
        }
        Ok(())
    }
}
