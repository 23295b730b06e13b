//! JSON values, as types see them.

use serde_json::{Number, Value};

use super::{JsonType, Struct};

impl JsonType {
    /// Whether a value is of the type, where every number counts as an integer too.
    #[must_use]
    pub fn is_of(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Boolean => value.is_boolean(),
            Self::Integer | Self::Number => value.is_number(),
            Self::String => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}

impl Struct {
    /// Whether it has a member of a name.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }
}

/// A number without a fraction, also where it is written as `1.0` or `1e3`; nothing where an `f64` may have rounded it.
#[must_use]
pub fn whole(number: &Number) -> Option<i128> {
    let exact = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
    let float = || {
        let float = number.as_f64()?;
        #[allow(clippy::cast_possible_truncation, reason = "it is known to fit")]
        let whole = (float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0).then_some(float as i128);
        whole
    };
    exact.or_else(float)
}
