//! Who is told, and in which language: the language is chosen once, before the command line is read, and handed to whatever
//! prints. Results go to standard output; warnings, errors and progress to standard error.

use std::ffi::OsStr;
use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};

use utfall_ground::error::{Error, aside};
use utfall_ground::text::{Lang, Message};

/// Where words go, in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    lang: Lang,
}

impl Terminal {
    /// For tests of what is printed.
    #[cfg(test)]
    pub(super) const ENGLISH: Self = Self { lang: Lang::En };

    /// The language that `--lang` names, wherever it stands among the arguments; else that of the locale.
    ///
    /// It is read before the command line is: what is wrong with that is told in it too.
    pub(super) fn of(arguments: &[impl AsRef<OsStr>]) -> Self {
        Self { lang: named(arguments).unwrap_or_else(of_the_locale) }
    }

    /// The language.
    pub(super) fn lang(self) -> Lang {
        self.lang
    }

    /// The Swedish or the English of two.
    pub(super) fn say<T>(self, sv: T, en: T) -> T {
        self.lang.pick(sv, en)
    }

    /// What is to look at, and stops nothing.
    pub(super) fn warn(self, words: impl Into<Message>) {
        aside(format!("{}: {}", self.say("varning", "warning"), words.into().get(self.lang)));
    }

    /// Something told beside what was asked for.
    pub(super) fn aside(self, words: &Message) {
        aside(words.get(self.lang));
    }

    /// What stopped the command, by its code; refusals bring theirs.
    pub(super) fn error(self, error: &Error) {
        let (fel, shown) = (self.say("fel", "error"), error.shown(self.lang));
        match error {
            Error::Refused(_) => aside(format!("{fel}: {shown}")),
            _ => aside(format!("{fel}[{}]: {shown}", error.code())),
        }
    }

    /// A progress bar on a terminal, nothing elsewhere.
    pub(super) fn progress(self, steps: usize) -> ProgressBar {
        if !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar
    }
}

/// The language that the arguments name: `--lang sv` or `--lang=sv`, before a lone `--`.
fn named(arguments: &[impl AsRef<OsStr>]) -> Option<Lang> {
    let words: Vec<&str> = arguments
        .iter()
        .map(|argument| argument.as_ref().to_str().unwrap_or_default())
        .take_while(|word| *word != "--")
        .collect();
    let values = words.iter().enumerate().filter_map(|(i, word)| match word.strip_prefix("--lang") {
        Some("") => words.get(i + 1).copied(),
        Some(rest) => rest.strip_prefix('='),
        None => None,
    });
    values.filter_map(|value| Lang::ALL.into_iter().find(|lang| lang.tag() == value)).next()
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
    fn the_language_is_named_anywhere_before_the_end_of_the_options() {
        for (line, lang) in [
            ("utfall --lang sv land a.csv", Some(Lang::Sv)),
            ("utfall land a.csv --lang=en", Some(Lang::En)),
            ("utfall land --lang", None),
            ("utfall land --lang fi", None),
            ("utfall land -- --lang sv", None),
            ("utfall --language sv", None),
        ] {
            assert_eq!(named(&line.split(' ').collect::<Vec<_>>()), lang, "{line}");
        }
    }
}
