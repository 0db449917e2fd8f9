//! A refusal in its place: file, line and column, like rustc's.

use std::fmt;

use crate::redact;
use crate::text::{Lang, Message};

/// Why something was refused, where, and the way out. It depends on what its author wrote and on public things only.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// A short stable name: tests and documents refer to it.
    pub code: &'static str,
    /// Why.
    pub reason: Message,
    /// The way out.
    pub help: Message,
    /// The file, as shown to people.
    pub file: String,
    /// Where in the file, if that can be said.
    pub span: Option<Span>,
}

/// The beginning of what is meant in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The line, counted from 1.
    pub line: u64,
    /// The column, counted from 1.
    pub column: u64,
    /// The line itself.
    pub text: String,
}

impl Refusal {
    /// The refusal in one language.
    pub fn shown(&self, lang: Lang) -> String {
        let mut out = format!("{}[{}]: {}\n", lang.pick("vägrad", "refused"), self.code, redact::words(self.reason.get(lang)));
        if let Some(Span { line, column, text }) = &self.span {
            let width = line.to_string().len();
            let (text, pad) = redact::line(text, usize::try_from(*column).unwrap_or(1));
            out += &format!("{:width$}--> {}:{line}:{column}\n", "", self.file);
            out += &format!("{:width$} |\n{line} | {text}\n{:width$} | {:pad$}^\n", "", "", "");
        } else {
            out += &format!(" --> {}\n", self.file);
        }
        out + &format!(" = {}: {}", lang.pick("hjälp", "help"), self.help.get(lang))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(Lang::En))
    }
}
