//! Texts that a regular expression matches.

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

/// What a class is asked for first: people read these.
const READABLE: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_ .";

/// The longest text that is made.
const LONGEST: usize = 1 << 17;

/// Makes a text of an expression's parts, with the fewest repetitions and so many more of each.
///
/// What the expression says about places (`^`, `\b`) is not looked at: whoever asks holds the text against it. Another
/// `salt` makes another choice wherever there is one.
pub(super) fn text(expression: &Hir, salt: u64, more: u32) -> Option<String> {
    let mut writer = Writer {
        out: String::new(),
        salt,
        more,
        choices: 0,
    };
    writer.write(expression)?;
    Some(writer.out)
}

struct Writer {
    out: String,
    /// What is left of it: each choice takes a digit.
    salt: u64,
    more: u32,
    choices: usize,
}

impl Writer {
    fn write(&mut self, expression: &Hir) -> Option<()> {
        if self.out.len() > LONGEST {
            return None;
        }
        match expression.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.out.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let character = self.member(class)?;
                self.out.push(character);
            }
            HirKind::Repetition(repetition) => {
                let most = repetition.max.unwrap_or(u32::MAX);
                for _ in 0..repetition.min.saturating_add(self.more).min(most) {
                    self.write(&repetition.sub)?;
                }
            }
            HirKind::Capture(capture) => self.write(&capture.sub)?,
            HirKind::Concat(parts) => {
                for part in parts {
                    self.write(part)?;
                }
            }
            HirKind::Alternation(branches) => {
                let choice = self.digit(branches.len())?;
                self.write(branches.get(choice)?)?;
            }
        }
        Some(())
    }

    /// One of a class; the next class of the same kind gives another one, so that ids look like ids.
    fn member(&mut self, class: &Class) -> Option<char> {
        let contains = |character: char| match class {
            Class::Unicode(class) => class
                .iter()
                .any(|range| (range.start()..=range.end()).contains(&character)),
            Class::Bytes(class) => class
                .iter()
                .any(|range| (char::from(range.start())..=char::from(range.end())).contains(&character)),
        };
        let readable: Vec<char> = READABLE.chars().filter(|character| contains(*character)).collect();
        if readable.is_empty() {
            return match class {
                Class::Unicode(class) => class.iter().next().map(ClassUnicodeRange::start),
                Class::Bytes(class) => class.iter().next().map(|range| char::from(range.start())),
            };
        }
        let digit = self.digit(readable.len())?;
        let choice = (digit + self.choices * 7) % readable.len();
        self.choices += 1;
        readable.get(choice).copied()
    }

    fn digit(&mut self, options: usize) -> Option<usize> {
        let options = u64::try_from(options).ok()?;
        let digit = self.salt.checked_rem(options)?;
        self.salt = self.salt.checked_div(options)?;
        usize::try_from(digit).ok()
    }
}
