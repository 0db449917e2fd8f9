//! What published keys and their codes are called.

use utfall_ground::text::Text;
use utfall_publish::description::{Code, MISSING};

/// A code with its label in both languages.
pub(in crate::certify) fn code(code: &str, sv: &str, en: &str) -> Code {
    Code { code: code.to_owned(), label: Text { sv: sv.to_owned(), en: en.to_owned() } }
}

/// The code of a value that is missing.
pub(in crate::certify) fn missing() -> Code {
    code(MISSING, "uppgift saknas", "not stated")
}

/// The title of a column, or its name.
pub(in crate::certify) fn title(title: Option<&Text>, name: &str) -> Text {
    title.cloned().unwrap_or_else(|| Text { sv: name.to_owned(), en: name.to_owned() })
}
