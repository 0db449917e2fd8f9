//! Which room uses which: `crate::ROOM` in code that is no test. A room is a folder or a file right below the sources; the rooms of
//! a room are found in the same way, by `crate::LAND::ROOM`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::lines;

/// One room uses another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Where.
    pub(crate) file: String,
}

/// The files that put the rooms together and are none.
const FRONT: [&str; 3] = ["lib", "main", "mod"];

/// All arrows below a folder of sources, whose rooms code names after `prefix`.
pub(crate) fn arrows(folder: &Path, prefix: &str) -> Vec<Arrow> {
    let mut arrows = BTreeSet::new();
    for path in lines::sources(folder) {
        let file = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        let from = file.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        if FRONT.contains(&from.as_str()) {
            continue;
        }
        let code: Vec<String> = lines::code(&crate::read(&path)).map(str::to_owned).collect();
        let used = used(&code.join("\n"), prefix);
        arrows.extend(used.into_iter().filter(|to| *to != from).map(|to| Arrow { from: from.clone(), to, file: file.clone() }));
    }
    arrows.into_iter().collect()
}

/// The rooms that a text names: after the prefix, one or several in braces.
fn used(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, begin) in code.match_indices(prefix) {
        let named = code.get(..at).is_none_or(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$'));
        let Some(rest) = code.get(at + begin.len()..).filter(|_| named) else { continue };
        if let Some(several) = rest.strip_prefix('{') {
            found.extend(members(several));
        } else {
            found.extend(word(rest));
        }
    }
    found
}

/// The first words of a list in braces, however deep its members are.
fn members(list: &str) -> Vec<String> {
    let (mut depth, mut begins, mut found) = (0_usize, true, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && !c.is_whitespace() => {
                found.extend(list.get(at..).and_then(word));
                begins = false;
            }
            _ => {}
        }
    }
    found
}

/// The name of a room at the beginning of a text; none for what begins in upper case, or is a macro.
fn word(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).unwrap_or(text.len());
    text.get(..end)
        .filter(|word| !word.is_empty() && !text.get(end..).is_some_and(|rest| rest.starts_with('!')))
        .map(str::to_owned)
}

/// What is wrong with arrows, where each room may use only those declared before it.
pub(crate) fn against(declared: &[&str], arrows: &[Arrow]) -> Vec<String> {
    let place = |room: &str| declared.iter().position(|name| *name == room);
    let mut wrong = Vec::new();
    for Arrow { from, to, file } in arrows {
        match (place(from), place(to)) {
            (Some(one), Some(other)) if other < one => {}
            (Some(_), Some(_)) => wrong.push(format!("{from} uses {to}, which stands above it ({file})")),
            (None, _) => wrong.push(format!("the room {from} has no place in pipeline/README.md ({file})")),
            (_, None) => wrong.push(format!("{from} uses {to}, which has no place in pipeline/README.md ({file})")),
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::used;

    #[test]
    fn rooms_are_named_alone_and_in_braces() {
        let code = "use crate::store::{Pinned, Store};\nuse crate::{land::{a, b}, keyzone, Error};\nlet x = crate::cli::main();\nmy_crate::no;";
        assert_eq!(used(code, "crate::").into_iter().collect::<Vec<_>>(), ["cli", "keyzone", "land", "store"]);
        let code = "use crate::land::{Landing, read::{a, b}};\nuse crate::land::accept::said;\nuse crate::store::Store;";
        assert_eq!(used(code, "crate::land::").into_iter().collect::<Vec<_>>(), ["accept", "read"]);
    }
}
