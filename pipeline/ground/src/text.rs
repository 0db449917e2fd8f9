//! Text in the two languages of every page: Swedish and English.

use serde::{Deserialize, Serialize};

/// A language of the published pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Swedish.
    Sv,
    /// English.
    En,
}

impl Lang {
    /// Both languages, Swedish first.
    pub const ALL: [Self; 2] = [Self::Sv, Self::En];

    /// The language tag (BCP 47), as in the `lang` attribute.
    pub fn tag(self) -> &'static str {
        self.pick("sv", "en")
    }

    /// The one of two values that belongs to this language.
    pub fn pick<T>(self, sv: T, en: T) -> T {
        match self {
            Self::Sv => sv,
            Self::En => en,
        }
    }
}

/// The same text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In Swedish.
    pub sv: String,
    /// In English.
    pub en: String,
}

impl Text {
    /// The text in one language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.sv, &self.en)
    }
}

/// What a person is told, in both languages; which of them is chosen where it is printed. Programmers, who meet it as an
/// error, read the English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{en}")]
pub struct Message {
    sv: String,
    en: String,
}

impl Message {
    /// The same in Swedish and in English.
    pub fn new(sv: impl Into<String>, en: impl Into<String>) -> Self {
        Self { sv: sv.into(), en: en.into() }
    }

    /// What is one and the same in both languages: a name, a number, a line of code.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { sv: text.clone(), en: text }
    }

    /// The message in one language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.sv, &self.en)
    }

    /// Both texts in one, for a carrier that has room for one text and knows no language; [`Message::carried`] tells them apart.
    pub fn in_one(&self) -> String {
        format!("{}\n{}", self.en, self.sv)
    }

    /// What [`Message::in_one`] wrote; any other text is somebody else's, and shown as a quotation in Swedish.
    pub fn carried(text: &str) -> Self {
        match text.split_once('\n') {
            Some((en, sv)) => Self::new(sv, en),
            None => Self::new(quoted(text), text),
        }
    }

    /// The same with something before it, which belongs to no language.
    #[must_use]
    pub fn after(self, before: impl std::fmt::Display) -> Self {
        Self { sv: format!("{before}{}", self.sv), en: format!("{before}{}", self.en) }
    }

    /// Each of the two texts changed in the same way.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self { sv: change(&self.sv), en: change(&self.en) }
    }
}

/// The words of a program that knows English only (the engine, the core), quoted in a Swedish sentence.
pub fn quoted(words: &str) -> String {
    format!("`{}`", words.replace('`', "'"))
}

impl From<Text> for Message {
    fn from(text: Text) -> Self {
        Self { sv: text.sv, en: text.en }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carrier_of_one_text_loses_no_language() {
        let both = Message::new("skadad", "damaged");
        assert_eq!(Message::carried(&both.in_one()), both);
        assert_eq!(Message::carried("it `broke`"), Message::new("`it 'broke'`", "it `broke`"));
    }

    #[test]
    fn a_text_has_exactly_two_languages() {
        let text: Text = serde_json::from_str(r#"{"sv":"Kön","en":"Sex"}"#).unwrap();
        assert_eq!((text.get(Lang::Sv), text.get(Lang::En)), ("Kön", "Sex"));
        assert!(serde_json::from_str::<Text>(r#"{"sv":"Kön"}"#).is_err());
        assert!(serde_json::from_str::<Text>(r#"{"sv":"a","en":"b","fi":"c"}"#).is_err());
    }
}
