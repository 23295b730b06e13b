//! Sets of subjects that are described place by place.

use std::fmt;

use super::Texts;

/// The subjects that have a text of a certain set at each place, and at the end perhaps a tail.
///
/// `agents.{agent_id}.status.{status_type}` and `agents.*.status.idle` are two of them, and whether they overlap depends
/// on whether `idle` is a status:
///
/// ```
/// use natsmith_codegen::subject::{Shape, Texts};
/// let template = Shape::of_filter("agents")
///     .with(Texts::matching("^agent-[0-9]+$"))
///     .with(Texts::one_of(["status"]))
///     .with(Texts::one_of(["busy", "gone"]));
/// assert!(template.matches("agents.agent-7.status.busy"));
/// assert!(template.overlaps(&Shape::of_filter("agents.*.status.gone")));
/// assert!(!template.overlaps(&Shape::of_filter("agents.*.status.idle")));
/// assert!(Shape::of_filter("agents.>").contains(&template));
/// ```
///
/// Answers are as exact as those of [`Texts`]. Where a set is too large to be told exactly, two shapes may be said to
/// overlap that do not, an intersection or a difference may hold more than it should, and containment is not affirmed.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The sets of single tokens; behind them perhaps one of tails.
    places: Vec<Texts>,
}

/// What is to be compared at a place up to which two shapes have places of one kind.
enum Meeting<'s> {
    /// Both have single tokens here, or both have their tails.
    Alike(&'s Texts, &'s Texts),
    /// Both have ended.
    Ended,
    /// One has ended, and the other goes on.
    Apart,
    /// The first one is `>` from here on, and the other has a token here.
    FirstIsOpen,
    /// The second one is `>` from here on, and the other has a token here.
    SecondIsOpen,
    /// One has a token here and the other a tail that is not `>`, so that both are compared as the text that is left.
    Text(Texts, Texts),
}

impl Shape {
    /// The shape of no places, to add some [with](Self::with). No subject is of it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The subjects that a filter hears.
    #[must_use]
    pub fn of_filter(filter: &str) -> Self {
        let mut shape = Self::new();
        for token in filter.split('.') {
            shape = shape.with(match token {
                "*" => Texts::any(),
                ">" => Texts::any_tail(),
                token => Texts::literal(token),
            });
        }
        shape
    }

    /// Adds a place at the end. Behind a tail there is none.
    #[must_use]
    pub fn with(mut self, texts: Texts) -> Self {
        if !self.places.last().is_some_and(Texts::is_tail) {
            self.places.push(texts);
        }
        self
    }

    /// What can stand at each place, from left to right; the last one may be a tail.
    #[must_use]
    pub fn places(&self) -> &[Texts] {
        &self.places
    }

    /// Whether every place is known exactly.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.places.iter().all(Texts::is_exact)
    }

    /// Whether no subject is of the shape.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() || self.places.iter().any(Texts::is_empty)
    }

    /// Whether a subject is of the shape.
    #[must_use]
    pub fn matches(&self, subject: &str) -> bool {
        let mut rest = Some(subject);
        for place in &self.places {
            let Some(text) = rest else { return false };
            if place.is_tail() {
                return place.contains(text);
            }
            let (token, behind) = match text.split_once('.') {
                Some((token, behind)) => (token, Some(behind)),
                None => (text, None),
            };
            if !place.contains(token) {
                return false;
            }
            rest = behind;
        }
        rest.is_none() && !self.places.is_empty()
    }

    /// One of the subjects, a short one; `None` if there is none, or none is known.
    ///
    /// ```
    /// use natsmith_codegen::subject::{Shape, Texts};
    /// let shape = Shape::of_filter("agents").with(Texts::matching("^agent-[0-9]{3}$"));
    /// assert_eq!(shape.example().as_deref(), Some("agents.agent-000"));
    /// ```
    #[must_use]
    pub fn example(&self) -> Option<String> {
        let places: Option<Vec<String>> = self.places.iter().map(Texts::example).collect();
        places
            .map(|places| places.join("."))
            .filter(|subject| !subject.is_empty())
    }

    /// Whether some subject is of both shapes.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        if self.is_empty() || other.is_empty() {
            return false;
        }
        let mut place = 0;
        loop {
            match self.meeting(other, place) {
                Meeting::Alike(ours, theirs) if ours.overlaps(theirs) => place += 1,
                Meeting::Alike(..) | Meeting::Apart => return false,
                Meeting::Ended | Meeting::FirstIsOpen | Meeting::SecondIsOpen => return true,
                Meeting::Text(ours, theirs) => return ours.overlaps(&theirs),
            }
        }
    }

    /// Whether every subject of another shape is of this one too.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        if other.is_empty() {
            return true;
        }
        let mut place = 0;
        loop {
            match self.meeting(other, place) {
                Meeting::Alike(ours, theirs) if ours.contains_all(theirs) => place += 1,
                Meeting::Alike(..) | Meeting::Apart | Meeting::SecondIsOpen => return false,
                Meeting::Ended | Meeting::FirstIsOpen => return true,
                Meeting::Text(ours, theirs) => return ours.contains_all(&theirs),
            }
        }
    }

    /// The subjects that are of both shapes; `None` if there are none.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let mut both = Self::new();
        let mut place = 0;
        loop {
            match self.meeting(other, place) {
                Meeting::Alike(ours, theirs) => both.places.push(ours.and(theirs)),
                Meeting::Apart => return None,
                Meeting::Ended => break,
                Meeting::FirstIsOpen => {
                    both.places.extend(other.places.iter().skip(place).cloned());
                    break;
                }
                Meeting::SecondIsOpen => {
                    both.places.extend(self.places.iter().skip(place).cloned());
                    break;
                }
                Meeting::Text(ours, theirs) => {
                    both.places.push(ours.and(&theirs));
                    break;
                }
            }
            place += 1;
        }
        Some(both).filter(|both| !both.is_empty())
    }

    /// The subjects that are of this shape and not of another, as shapes of which no two overlap.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Vec<Self> {
        if self.is_empty() {
            return Vec::new();
        }
        if !self.overlaps(other) {
            return vec![self.clone()];
        }
        let mut pieces = Vec::new();
        self.subtract_from(0, Self::new(), other, &mut pieces);
        pieces
    }

    /// `same` are the places before `place` at which a subject is of both.
    fn subtract_from(&self, place: usize, mut same: Self, other: &Self, pieces: &mut Vec<Self>) {
        let piece = |same: &Self, texts: Option<Texts>, behind: usize| Self {
            places: same
                .places
                .iter()
                .cloned()
                .chain(texts)
                .chain(self.places.iter().skip(behind).cloned())
                .collect(),
        };
        match self.meeting(other, place) {
            Meeting::Alike(ours, theirs) => {
                let left = ours.minus(theirs);
                if !left.is_empty() {
                    pieces.push(piece(&same, Some(left), place + 1));
                }
                let both = ours.and(theirs);
                if !both.is_empty() {
                    same.places.push(both);
                    self.subtract_from(place + 1, same, other, pieces);
                }
            }
            Meeting::Apart => pieces.push(piece(&same, None, place)),
            Meeting::Ended | Meeting::SecondIsOpen => {}
            // What ends here, and what goes on.
            Meeting::FirstIsOpen => {
                for behind in [None, Some(Texts::any_tail())] {
                    let tail = [Some(Texts::any()), behind].into_iter().flatten();
                    let part = Self {
                        places: self.places.iter().take(place).cloned().chain(tail).collect(),
                    };
                    part.subtract_from(place, same.clone(), other, pieces);
                }
            }
            Meeting::Text(ours, theirs) => {
                let left = ours.minus(&theirs);
                if !left.is_empty() {
                    pieces.push(piece(&same, Some(left), usize::MAX));
                }
            }
        }
    }

    fn meeting<'s>(&'s self, other: &'s Self, place: usize) -> Meeting<'s> {
        match (self.places.get(place), other.places.get(place)) {
            (None, None) => Meeting::Ended,
            (Some(_), None) | (None, Some(_)) => Meeting::Apart,
            (Some(ours), Some(theirs)) if ours.is_tail() == theirs.is_tail() => Meeting::Alike(ours, theirs),
            (Some(ours), Some(_)) if ours.is_tail() && ours.is_any() => Meeting::FirstIsOpen,
            (Some(_), Some(theirs)) if theirs.is_tail() && theirs.is_any() => Meeting::SecondIsOpen,
            _ => Meeting::Text(self.text_from(place), other.text_from(place)),
        }
    }

    /// What can stand from a place on, as the text of a tail.
    fn text_from(&self, place: usize) -> Texts {
        let places: Vec<&Texts> = self.places.iter().skip(place).collect();
        Texts::joined(&places)
    }
}

/// The places with dots between them, as [`Texts`] are shown.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, place) in self.places.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            place.fmt(f)?;
        }
        Ok(())
    }
}
