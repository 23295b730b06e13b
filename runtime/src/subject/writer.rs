//! Subjects that are written where they are sent from.

use bytes::BytesMut;

use super::{SubjectError, Token, agree_token};

/// Writes one subject, part by part: this is what [`TypedSubject::write`](super::TypedSubject::write) writes to.
///
/// ```
/// use natsmith_runtime::bytes::BytesMut;
/// use natsmith_runtime::subject::SubjectWriter;
///
/// let mut buffer = BytesMut::new();
/// let mut subject = SubjectWriter::new(&mut buffer);
/// subject.literal("agents.");
/// subject.literal("a7");
/// assert_eq!(buffer, "agents.a7");
/// ```
#[derive(Debug)]
pub struct SubjectWriter<'b> {
    out: &'b mut BytesMut,
}

impl<'b> SubjectWriter<'b> {
    /// Writes behind what stands in `out`.
    pub fn new(out: &'b mut BytesMut) -> Self {
        Self { out }
    }

    /// A fixed part, with the dots around it.
    #[inline]
    pub fn literal(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A token that only the scope can name.
    ///
    /// # Errors
    /// [`SubjectErrorKind::TokenMissing`](super::SubjectErrorKind::TokenMissing) where it does not.
    #[inline]
    pub fn scoped<T: Token>(&mut self, token: &'static str, scope: Option<&T>) -> Result<(), SubjectError> {
        let value = scope.ok_or_else(|| SubjectError::token_missing(token))?;
        self.literal(value.text());
        Ok(())
    }

    /// A token that a payload field is bound to: the scope's value, which the field must repeat, else the field's.
    ///
    /// # Errors
    /// [`SubjectErrorKind::Disagrees`](super::SubjectErrorKind::Disagrees) or
    /// [`SubjectErrorKind::Token`](super::SubjectErrorKind::Token).
    #[inline]
    pub fn bound<T: Token>(
        &mut self,
        token: &'static str,
        scope: Option<&T>,
        pointer: &'static str,
        payload: &str,
    ) -> Result<(), SubjectError> {
        match scope {
            Some(value) => agree_token(token, value, pointer, payload)?,
            None => T::check(payload)?,
        }
        self.literal(payload);
        Ok(())
    }
}
