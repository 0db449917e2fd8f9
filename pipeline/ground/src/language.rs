//! The language in which this process speaks: `--lang`, else the locale.

use std::sync::OnceLock;

use crate::text::Lang;

static LANGUAGE: OnceLock<Lang> = OnceLock::new();

/// Chooses the language once, at the start of the process.
pub fn set(lang: Lang) {
    // A second choice would make one run speak two languages; the first stands.
    let _ = LANGUAGE.set(lang);
}

/// The language in which to speak.
pub fn current() -> Lang {
    *LANGUAGE.get_or_init(|| {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|v| std::env::var(v).ok()).find(|v| !v.is_empty());
        if locale.is_some_and(|l| l.starts_with("sv")) { Lang::Sv } else { Lang::En }
    })
}

/// The Swedish or the English of two texts.
pub fn say<T>(sv: T, en: T) -> T {
    match current() {
        Lang::Sv => sv,
        Lang::En => en,
    }
}
