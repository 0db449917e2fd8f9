//! Who is told, and in which language and form: they are chosen once, before the command line is read, and handed to whatever
//! prints. Results go to standard output, in lines for people or, with `--json`, as one object that [`summary`] composes; warnings,
//! errors and progress go to standard error, in lines for people or, with `--log json`, as one object a line.

use std::ffi::OsStr;
use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::summary;
use utfall_ground::error::{Error, aside};
use utfall_ground::text::{Lang, Message};

/// Where words go, in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    lang: Lang,
    /// Standard output holds one object.
    json: bool,
    /// Each line of standard error is an object.
    log: bool,
}

/// A line for people on standard output; nothing where that holds one object.
macro_rules! tell {
    ($terminal:expr) => { if $terminal.is_for_people() { println!() } };
    ($terminal:expr, $($words:tt)*) => { if $terminal.is_for_people() { println!($($words)*) } };
}
pub(super) use tell;

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// It stopped the command.
    Error,
    /// Somebody should look.
    Warning,
    /// Told beside what was asked for.
    Info,
}

/// A line of the log.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    level: Level,
    code: &'a str,
    message: &'a str,
}

impl Terminal {
    /// For tests of what is printed.
    #[cfg(test)]
    pub(super) const ENGLISH: Self = Self { lang: Lang::En, json: false, log: false };

    /// What `--lang`, `--json` and `--log` say, wherever they stand among the arguments; a language that is not named there is that of
    /// the environment, of the configuration, or of the locale.
    ///
    /// They are read before the command line is: what is wrong with that is told in the same way.
    pub(super) fn of(arguments: &[impl AsRef<OsStr>], configured: Option<Lang>) -> Self {
        let set = |option: &str, variable: &str| value_of(arguments, option).or_else(|| std::env::var(variable).ok());
        let named = set("--lang", "UTFALL_LANG").and_then(|value| Lang::ALL.into_iter().find(|lang| lang.tag() == value));
        Self {
            lang: named.or(configured).unwrap_or_else(of_the_locale),
            json: words(arguments).contains(&"--json"),
            log: set("--log", "UTFALL_LOG").is_some_and(|value| value == "json"),
        }
    }

    /// The language.
    pub(super) fn lang(self) -> Lang {
        self.lang
    }

    /// Whether standard output is read by people.
    pub(super) fn is_for_people(self) -> bool {
        !self.json
    }

    /// The Swedish or the English of two.
    pub(super) fn say<T>(self, sv: T, en: T) -> T {
        self.lang.pick(sv, en)
    }

    /// What is said here in one language, in both.
    pub(super) fn both(self, said: impl Fn(Self) -> String) -> Message {
        let [sv, en] = Lang::ALL.map(|lang| said(Self { lang, ..self }));
        Message::new(sv, en)
    }

    /// What is to look at, and stops nothing.
    pub(super) fn warn(self, code: &str, words: impl Into<Message>) {
        let words = words.into();
        summary::message(Level::Warning, code, &words);
        self.log(Level::Warning, code, words.get(self.lang), |words| format!("{}: {words}", self.say("varning", "warning")));
    }

    /// Something told beside what was asked for.
    pub(super) fn aside(self, code: &str, words: &Message) {
        summary::message(Level::Info, code, words);
        self.log(Level::Info, code, words.get(self.lang), str::to_owned);
    }

    /// What stopped the command, by its code; refusals bring theirs.
    pub(super) fn error(self, error: &Error) {
        let fel = self.say("fel", "error");
        self.log(Level::Error, error.code(), &error.shown(self.lang), |shown| match error {
            Error::Refused(_) => format!("{fel}: {shown}"),
            _ => format!("{fel}[{}]: {shown}", error.code()),
        });
    }

    /// A line of the log, or what people are told in its place.
    pub(super) fn log(self, level: Level, code: &str, words: &str, for_people: impl Fn(&str) -> String) {
        aside(self.logged(level, code, words, for_people));
    }

    /// The same, without its end.
    pub(super) fn logged(self, level: Level, code: &str, words: &str, for_people: impl Fn(&str) -> String) -> String {
        let time = summary::utc(utfall_ground::clock::now());
        let line = self.log.then(|| serde_json::to_string(&Line { time, level, code, message: words }).ok()).flatten();
        line.unwrap_or_else(|| for_people(words))
    }

    /// A progress bar on a terminal, nothing elsewhere.
    pub(super) fn progress(self, steps: usize) -> ProgressBar {
        if self.log || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar
    }
}

/// The arguments before a lone `--`.
fn words(arguments: &[impl AsRef<OsStr>]) -> Vec<&str> {
    let words = arguments.iter().map(|argument| argument.as_ref().to_str().unwrap_or_default());
    words.take_while(|word| *word != "--").collect()
}

/// The first value of an option among the arguments: `--lang sv` or `--lang=sv`.
pub(super) fn value_of(arguments: &[impl AsRef<OsStr>], option: &str) -> Option<String> {
    let words = words(arguments);
    let mut values = words.iter().enumerate().filter_map(|(i, word)| match word.strip_prefix(option) {
        Some("") => words.get(i + 1).copied(),
        Some(rest) => rest.strip_prefix('='),
        None => None,
    });
    values.next().map(str::to_owned)
}

/// The language of the locale: Swedish, else English.
fn of_the_locale() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
    if set.into_iter().find(|value| !value.is_empty()).is_some_and(|locale| locale.starts_with("sv")) {
        Lang::Sv
    } else {
        Lang::En
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_anywhere_before_the_end_of_the_options() {
        for (line, lang) in [
            ("utfall --lang sv land a.csv", Some("sv")),
            ("utfall land a.csv --lang=en", Some("en")),
            ("utfall land --lang", None),
            ("utfall land --lang fi", Some("fi")),
            ("utfall land -- --lang sv", None),
            ("utfall --language sv", None),
        ] {
            assert_eq!(value_of(&line.split(' ').collect::<Vec<_>>(), "--lang").as_deref(), lang, "{line}");
        }
    }

    #[test]
    fn the_language_is_that_of_the_line_before_that_of_the_configuration() {
        let lang = |line: &str| Terminal::of(&line.split(' ').collect::<Vec<_>>(), Some(Lang::Sv)).lang();
        assert_eq!([lang("utfall status"), lang("utfall status --lang en")], [Lang::Sv, Lang::En]);
    }

    #[test]
    fn a_line_of_the_log_is_one_object_whatever_is_told() {
        let terminal = Terminal { log: true, ..Terminal::ENGLISH };
        let line = terminal.logged(Level::Warning, "a-code", "a \"b\"\nc", str::to_owned);
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(
            !line.contains('\n') && read["message"] == "a \"b\"\nc" && read["level"] == "warning" && read["code"] == "a-code"
        );
        assert_eq!(Terminal::ENGLISH.logged(Level::Info, "a", "b", str::to_owned), "b");
    }
}
