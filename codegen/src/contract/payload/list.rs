//! Lists.

use super::{Docs, Type};

/// A list.
#[derive(Clone, Debug)]
pub struct Array {
    /// The type of its items.
    pub item: Type,
    /// The rules of the list as a whole.
    pub rules: Items,
}

/// A list whose positions have types of their own.
#[derive(Clone, Debug)]
pub struct Tuple {
    /// Its positions; there is at least one.
    pub positions: Vec<Position>,
    /// So many positions must be there.
    pub required: usize,
    /// What may follow them.
    pub rest: Rest,
    /// The rules of the list as a whole.
    pub rules: Items,
}

/// A position of a [`Tuple`].
#[derive(Clone, Debug)]
pub struct Position {
    /// What its schema says about it.
    pub docs: Docs,
    /// Its type.
    pub ty: Type,
}

impl Tuple {
    /// The type of an item, if there can be one.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Type> {
        let position = self.positions.get(index).map(|position| &position.ty);
        position.or(match &self.rest {
            Rest::Kept(ty) => Some(ty),
            Rest::Refused => None,
        })
    }
}

/// Items beyond the positions of a [`Tuple`].
#[derive(Clone, Debug)]
pub enum Rest {
    /// Refused.
    Refused,
    /// Accepted where they are of a type, and kept.
    Kept(Type),
}

/// Rules for a list as a whole.
#[derive(Clone, Debug, Default)]
pub struct Items {
    /// `minItems`
    pub min: u64,
    /// `maxItems`
    pub max: Option<u64>,
    /// `uniqueItems`
    pub unique: bool,
    /// Whether no item can be, whatever their number: `items` is `false`.
    pub closed: bool,
    /// `contains`
    pub contains: Option<Contains>,
}

/// How many items of a list are of some type.
#[derive(Clone, Debug)]
pub struct Contains {
    /// The type.
    pub ty: Type,
    /// `minContains`
    pub min: u64,
    /// `maxContains`
    pub max: Option<u64>,
}
