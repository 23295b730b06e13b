//! How the story is printed.

use std::fmt::Display;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

static CHAPTER: AtomicUsize = AtomicUsize::new(0);

/// Prints a line. The story goes on where nobody reads it any more, as behind `| head`.
pub fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Begins a chapter.
pub fn chapter(title: &str) {
    let number = CHAPTER.fetch_add(1, Ordering::Relaxed) + 1;
    line(format_args!("\n{number}. {title}"));
}

/// Somebody sends something on a subject.
pub fn says(who: &str, subject: impl Display, what: impl Display) {
    line(format_args!("   {who:<12} -> {subject}\n{:19}{what}", ""));
}

/// Somebody receives something on a subject.
pub fn hears(who: &str, subject: impl Display, what: impl Display) {
    line(format_args!("   {who:<12} <- {subject}\n{:19}{what}", ""));
}

/// Something that somebody does, or finds out.
pub fn note(who: &str, what: impl Display) {
    line(format_args!("   {who:<12}    {what}"));
}
