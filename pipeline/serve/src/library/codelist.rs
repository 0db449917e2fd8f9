//! Code lists beside the pages: `codelists.json`, by which projects can be read as regions and municipalities as counties.
//!
//! ```json
//! { "format": 1, "codelists": [ {
//!   "id": "agg_project_region", "dimension": "project", "type": "Aggregation",
//!   "label": { "sv": "Region", "en": "Region" },
//!   "values": [ { "code": "SE33", "label": { "sv": "Övre Norrland", "en": "Upper Norrland" }, "valueMap": ["asap", "progress"] } ]
//! } ] }
//! ```
//!
//! `dimension` is the name of the key that the list is of, in whatever table. An `Aggregation` has under each of its codes those that it
//! stands for; a `Valueset` names some of the codes of the key, each under itself.

use std::collections::HashSet;
use std::io::{Error, ErrorKind};
use std::path::Path;

use serde::Deserialize;
use utfall_ground::text::Text;
use utfall_ground::untrusted;

/// The file, beside the releases.
pub(crate) const FILE: &str = "codelists.json";

/// The version of the file.
const FORMAT: u32 = 1;

/// A code list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeList {
    /// Its name for programs.
    pub(crate) id: String,
    /// The key that it is of.
    pub(crate) dimension: String,
    /// What its codes are.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// Its name for people.
    pub(crate) label: Text,
    /// Its codes, in order.
    pub(crate) values: Vec<Group>,
}

/// What the codes of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Kind {
    /// Each stands for several codes of the key.
    Aggregation,
    /// Each is one of the codes of the key.
    Valueset,
}

/// A code of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Group {
    pub(crate) code: String,
    pub(crate) label: Text,
    /// The codes of the key that it stands for.
    pub(crate) value_map: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    format: u32,
    codelists: Vec<CodeList>,
}

impl Kind {
    /// Its name in the interface.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Aggregation => "Aggregation",
            Self::Valueset => "Valueset",
        }
    }
}

impl CodeList {
    /// The group that a code of the key belongs to, by its place.
    pub(crate) fn group(&self, code: &str) -> Option<usize> {
        self.values.iter().position(|group| group.value_map.iter().any(|member| member == code))
    }

    fn check(&self) -> Result<(), String> {
        let (id, mut codes, mut members) = (&self.id, HashSet::new(), HashSet::new());
        let plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if !plain(id) {
            return Err(format!("{id:?} is no id: letters of English, digits, `_`, `-` and `.` are"));
        }
        if self.values.is_empty() {
            return Err(format!("{id}: it has no codes"));
        }
        for group in &self.values {
            if !codes.insert(group.code.to_lowercase()) {
                return Err(format!("{id}: the code {:?} is there twice", group.code));
            }
            // A code in two groups would be counted twice by whoever adds them.
            if let Some(twice) = group.value_map.iter().find(|member| !members.insert(member.as_str())) {
                return Err(format!("{id}: {twice:?} belongs to two codes"));
            }
            if self.kind == Kind::Valueset && group.value_map != [group.code.as_str()] {
                return Err(format!("{id}: {:?} of a Valueset stands for itself alone", group.code));
            }
        }
        Ok(())
    }
}

/// The lists of a folder; none if it has no such file.
///
/// # Errors
/// When the file cannot be read or is wrong.
pub(crate) fn read(out: &Path) -> Result<Vec<CodeList>, Error> {
    let path = out.join(FILE);
    let json = match untrusted::below(out, &path).and_then(|path| untrusted::bytes(&path, untrusted::TABLE)) {
        Ok(json) => json,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => return Err(why),
    };
    let invalid = |why: String| Error::new(ErrorKind::InvalidData, why);
    let lists: Lists = serde_json::from_slice(&json).map_err(|error| invalid(error.to_string()))?;
    if lists.format != FORMAT {
        return Err(invalid(format!("format {}; expected {FORMAT}", lists.format)));
    }
    let mut ids = HashSet::new();
    for list in &lists.codelists {
        list.check().map_err(invalid)?;
        if !ids.insert(list.id.to_lowercase()) {
            return Err(invalid(format!("the id {:?} is there twice", list.id)));
        }
    }
    Ok(lists.codelists)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(json: &str) -> Result<Vec<CodeList>, String> {
        let out = tempfile::tempdir().unwrap();
        std::fs::write(out.path().join(FILE), json).unwrap();
        read(out.path()).map_err(|error| error.to_string())
    }

    fn list(kind: &str, values: &str) -> String {
        let label = r#"{"sv":"Å","en":"A"}"#;
        let values = values.replace("LABEL", label);
        format!(
            r#"{{"format":1,"codelists":[{{"id":"agg_x","dimension":"project","type":"{kind}","label":{label},"values":[{values}]}}]}}"#
        )
    }

    #[test]
    fn a_file_that_is_wrong_is_refused_with_what_is_wrong() {
        assert_eq!(read(tempfile::tempdir().unwrap().path()).unwrap(), []);
        let right = reads(&list(
            "Aggregation",
            r#"{"code":"N","label":LABEL,"valueMap":["a","b"]},{"code":"S","label":LABEL,"valueMap":["c"]}"#,
        ));
        let right = right.unwrap();
        assert_eq!((right[0].group("b"), right[0].group("c"), right[0].group("d")), (Some(0), Some(1), None));
        for (json, said) in [
            (
                list("Aggregation", r#"{"code":"N","label":LABEL,"valueMap":["a"]},{"code":"n","label":LABEL,"valueMap":["b"]}"#),
                "twice",
            ),
            (
                list("Aggregation", r#"{"code":"N","label":LABEL,"valueMap":["a"]},{"code":"S","label":LABEL,"valueMap":["a"]}"#),
                "two codes",
            ),
            (list("Valueset", r#"{"code":"N","label":LABEL,"valueMap":["a"]}"#), "itself alone"),
            (list("Aggregation", ""), "no codes"),
            (list("Other", ""), "unknown variant"),
            (list("Valueset", "").replace("agg_x", "a/b"), "is no id"),
            (r#"{"format":2,"codelists":[]}"#.to_owned(), "format 2"),
            ("{".to_owned(), "EOF"),
        ] {
            let error = reads(&json).unwrap_err();
            assert!(error.contains(said), "{json}: {error}");
        }
    }
}
