//! The command line as it is parsed, in one language, and what is said of one that is wrong.

use std::ffi::OsString;
use std::str::FromStr;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _};

use super::terminal::{Level, Terminal};
use super::{Arguments, summary, swedish};
use utfall_ground::redact::masked_whole;
use utfall_ground::text::{Lang, Message};

/// All commands and arguments, with their help in the language of the terminal.
pub(super) fn command(terminal: Terminal) -> Command {
    in_language(terminal.lang())
}

/// The same, in a language.
pub(super) fn in_language(lang: Lang) -> Command {
    match lang {
        Lang::Sv => swedish::translated(Arguments::command()),
        Lang::En => Arguments::command(),
    }
}

/// The same with what its values mean in that language, for shells that show it; it reads no line.
pub(super) fn completed(terminal: Terminal) -> Command {
    match terminal.lang() {
        Lang::Sv => swedish::with_values(command(terminal)),
        Lang::En => command(terminal),
    }
}

/// A line that asks for help, without the language in which it asks and without asking twice: `help` of the parser knows nothing
/// but names of commands.
pub(super) fn without_language(line: &[OsString]) -> Vec<OsString> {
    if !line.iter().any(|word| word == "help") {
        return line.to_vec();
    }
    let mut kept = Vec::new();
    let mut words = line.iter().peekable();
    while let Some(word) = words.next() {
        let named = |value: &OsString| Lang::ALL.iter().any(|lang| value == lang.tag());
        match word.to_str() {
            Some("--lang") if words.peek().is_some_and(|value| named(value)) => drop(words.next()),
            Some("--lang=sv" | "--lang=en" | "--help" | "-h") => {}
            _ => kept.push(word),
        }
    }
    kept.into_iter().cloned().collect()
}

/// A whole number from 1.
pub(super) fn at_least_one<T: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, Message> {
    let number = text.parse().ok().filter(|number| *number >= T::from(1));
    number.ok_or_else(|| Message::new("skriv ett heltal från 1", "write a whole number from 1"))
}

/// Tells what is wrong with a command line. Somebody may have written an identity number where none belongs; it must not stand in
/// a log.
pub(super) fn tell(error: &clap::Error, line: &[OsString], terminal: Terminal) {
    // The parser knows one language at a time.
    let both = terminal.both(|terminal| {
        let again = command(terminal).try_get_matches_from(without_language(line)).err();
        words(again.as_ref().unwrap_or(error), terminal.lang())
    });
    let (code, fel) = (code(error), terminal.say("fel", "error"));
    summary::unusable(code, both);
    terminal.log(Level::Error, code, &words(error, terminal.lang()), |words| match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => words.to_owned(),
        _ => format!("{fel}[{code}]: {words}"),
    });
}

/// What is wrong, without what may be an identity number.
fn words(error: &clap::Error, lang: Lang) -> String {
    let words = match (error.kind(), lang) {
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, _) => return error.to_string().trim_end().to_owned(),
        (_, Lang::Sv) => swedish_words(error),
        (_, Lang::En) => error.to_string().trim_start_matches("error: ").trim_end().to_owned(),
    };
    words.lines().map(masked_whole).collect::<Vec<_>>().join("\n")
}

/// The stable name of what is wrong.
fn code(error: &clap::Error) -> &'static str {
    match error.kind() {
        ErrorKind::UnknownArgument => "unknown-argument",
        ErrorKind::InvalidSubcommand => "unknown-command",
        ErrorKind::MissingSubcommand => "missing-command",
        ErrorKind::InvalidValue if one(error, ContextKind::InvalidValue).is_none_or(|value| value.is_empty()) => "missing-value",
        ErrorKind::InvalidValue => "unknown-value",
        ErrorKind::ValueValidation => "invalid-value",
        ErrorKind::MissingRequiredArgument => "missing-argument",
        ErrorKind::ArgumentConflict => "conflicting-arguments",
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => "number-of-values",
        ErrorKind::InvalidUtf8 => "not-utf8",
        _ => "usage",
    }
}

/// One word of what is known of an error.
fn one(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

/// All words of a kind.
fn several(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::Strings(all)) => all.clone(),
        Some(ContextValue::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// What is wrong, what may have been meant, how the command is written, and where there is more.
pub(super) fn swedish_words(error: &clap::Error) -> String {
    let mut words = what_is_wrong(error);
    let known = [ContextKind::ValidValue, ContextKind::ValidSubcommand].map(|kind| several(error, kind)).concat();
    if !known.is_empty() {
        words += &format!("\n  [möjliga: {}]", known.join(", "));
    }
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let suggested = suggested.map(|kind| several(error, kind)).concat();
    if !suggested.is_empty() {
        words += &format!("\n\n  tips: menades '{}'?", suggested.join("' eller '"));
    } else if let Some(given) = one(error, ContextKind::InvalidArg).filter(|_| error.kind() == ErrorKind::UnknownArgument)
        && given.starts_with('-')
    {
        words += &format!("\n\n  tips: ska '{given}' vara ett värde, skriv '-- {given}'");
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = swedish::usage(&usage.to_string());
        words += &format!("\n\nAnvändning: {usage}");
    }
    words + "\n\nMer hjälp: --help"
}

fn what_is_wrong(error: &clap::Error) -> String {
    let argument = one(error, ContextKind::InvalidArg).unwrap_or_default();
    let command = one(error, ContextKind::InvalidSubcommand).unwrap_or_default();
    let value = one(error, ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => format!("'{argument}' hör inte till kommandot"),
        ErrorKind::InvalidSubcommand => format!("inget kommando heter '{command}'"),
        ErrorKind::MissingSubcommand => format!("'{command}' behöver ett kommando till"),
        ErrorKind::InvalidValue if value.is_empty() => format!("'{argument}' behöver ett värde"),
        ErrorKind::InvalidValue => format!("'{value}' är inget värde för '{argument}'"),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Message>());
            let why = why.map(|why| format!(": {}", why.get(Lang::Sv))).unwrap_or_default();
            format!("'{value}' passar inte för '{argument}'{why}")
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = several(error, ContextKind::InvalidArg).into_iter().map(|argument| format!("\n  {argument}"));
            format!("det här måste anges och saknas:{}", missing.collect::<String>())
        }
        ErrorKind::ArgumentConflict => {
            let other = several(error, ContextKind::PriorArg);
            match other.iter().all(|other| other == argument) {
                true => format!("'{argument}' kan bara anges en gång"),
                false => format!("'{argument}' går inte ihop med '{}'", other.join("', '")),
            }
        }
        ErrorKind::TooManyValues => format!("'{value}' är ett värde för mycket för '{argument}'"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("'{argument}' har fel antal värden"),
        ErrorKind::InvalidUtf8 => "ett argument är inte text i UTF-8".to_owned(),
        _ => "kommandoraden kan inte läsas".to_owned(),
    }
}
