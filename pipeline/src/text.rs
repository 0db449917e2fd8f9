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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_exactly_two_languages() {
        let text: Text = serde_json::from_str(r#"{"sv":"Kön","en":"Sex"}"#).unwrap();
        assert_eq!((text.get(Lang::Sv), text.get(Lang::En)), ("Kön", "Sex"));
        assert!(serde_json::from_str::<Text>(r#"{"sv":"Kön"}"#).is_err());
        assert!(serde_json::from_str::<Text>(r#"{"sv":"a","en":"b","fi":"c"}"#).is_err());
    }
}
