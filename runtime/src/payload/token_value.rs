//! Payload fields as tokens of a subject.

use std::borrow::Cow;

use uuid::Uuid;

/// What a field of a payload contributes to a subject.
///
/// The text is not yet known to fit into a subject; the token's own type decides that.
pub trait TokenValue {
    /// The field as text, as it stands in the document but without quotes and escapes.
    fn token_text(&self) -> Cow<'_, str>;
}

impl TokenValue for str {
    fn token_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl TokenValue for String {
    fn token_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl TokenValue for bool {
    fn token_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(if *self { "true" } else { "false" })
    }
}

impl TokenValue for Uuid {
    fn token_text(&self) -> Cow<'_, str> {
        Cow::Owned(self.hyphenated().to_string())
    }
}

impl<T: TokenValue + ?Sized> TokenValue for &T {
    fn token_text(&self) -> Cow<'_, str> {
        (**self).token_text()
    }
}

impl<T: TokenValue + ?Sized> TokenValue for Box<T> {
    fn token_text(&self) -> Cow<'_, str> {
        (**self).token_text()
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {
        $(
            impl TokenValue for $integer {
                fn token_text(&self) -> Cow<'_, str> {
                    Cow::Owned(self.to_string())
                }
            }
        )*
    };
}

integers!(u8, u16, u32, u64, i8, i16, i32, i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_as_text() {
        assert_eq!("idle".token_text(), "idle");
        assert_eq!(String::from("idle").token_text(), "idle");
        assert_eq!(true.token_text(), "true");
        assert_eq!((-3_i64).token_text(), "-3");
        assert_eq!(u64::MAX.token_text(), "18446744073709551615");
        assert_eq!(Uuid::nil().token_text(), "00000000-0000-0000-0000-000000000000");
    }
}
