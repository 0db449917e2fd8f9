//! Numbers and budgets as people write them, in files and on the command line, and what is wrong with them.

use utfall_ground::redact;
use utfall_ground::refused;
use utfall_ground::text::Message;
use utfall_privacy::rational::parse_decimal;
use utfall_privacy::{Error, Rational};

/// An exact number, from `1`, `0.5`, `1/2` or `1e-6`.
///
/// # Errors
/// That it is no number, with how numbers are written.
pub fn decimal(text: &str) -> Result<Rational, Message> {
    parse_decimal(text).map_err(|e| wrong(&e))
}

/// What the core says of a number or a budget.
pub fn wrong(error: &Error) -> Message {
    refused::message(error).map(redact::words)
}
