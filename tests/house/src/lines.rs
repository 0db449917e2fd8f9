//! Lines of code: without blanks, comments, and tests.

use std::path::{Path, PathBuf};

/// The Rust sources below a folder that are no tests, sorted.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let stem = path.file_stem().unwrap_or_default();
        if stem == "tests" || stem == "fixture" || stem == "conformance" {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The lines of code of some files together.
pub(crate) fn of_all(files: &[PathBuf]) -> usize {
    files.iter().map(|file| code(&crate::read(file)).count()).sum()
}

/// The lines of a source that are code: up to its tests, which stand last.
pub(crate) fn code(source: &str) -> impl Iterator<Item = &str> {
    let tests = ["#[cfg(test)]\nmod ", "#[cfg(test)]\npub(crate) mod "].iter().filter_map(|begin| {
        // A module in a file of its own leaves the rest of this one.
        source.match_indices(begin).map(|(at, _)| at).find(|at| source.get(*at..).is_some_and(opens))
    });
    let end = tests.min().unwrap_or(source.len());
    let lines = source.get(..end).unwrap_or_default().lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//"))
}

/// Whether a module that begins here has its text here too.
fn opens(module: &str) -> bool {
    module.lines().nth(1).is_some_and(|line| line.ends_with('{'))
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn blanks_comments_and_tests_are_no_code() {
        let source = "//! What.\n\nuse a;\n#[cfg(test)]\nmod far;\n/// Which.\nfn b() {\n    // why\n    a()\n}\n\n#[cfg(test)]\nmod tests {\n    fn c() {}\n}\n";
        assert_eq!(code(source).collect::<Vec<_>>(), ["use a;", "#[cfg(test)]", "mod far;", "fn b() {", "a()", "}"]);
    }
}
