//! What is said of a list outside its rows: the month and the project that a title or a file's name has, and whether a name
//! says that it is a part.

use std::path::Path;

use crate::catalogue::schema::{CodeList, words};
use crate::land::accept::month::Month;
use utfall_ground::redacted;

/// A row above the headings: its cells, with spaces between them.
#[derive(Clone, PartialEq, Eq)]
pub struct Title(pub String);

redacted!(Title);

/// What was said in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The month.
    pub month: Option<Month>,
    /// The projects.
    pub projects: Vec<i16>,
    /// That it is a part of a report.
    pub part: bool,
}

/// Words by which a file's name says that it is a part of a report, before its number or letter or alone.
const PART: [&str; 3] = ["del", "part", "delleverans"];

impl Said {
    /// What a file's name says: `progress-2021-03.csv`, `PROGRESS mars 2021 del 2.xlsx`.
    pub fn by_name(path: &Path, projects: Option<&CodeList>) -> Self {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let (stem, part) = without_part(without_copy(&stem));
        Self { month: Month::ending(&stem).or_else(|| Month::within(&stem)), projects: one_of(projects, &stem), part }
    }

    /// What the rows above the headings say: the first month that one of them names, and the one project that they name.
    pub fn by_titles(titles: &[Title], projects: Option<&CodeList>) -> Self {
        let month = titles.iter().find_map(|title| Month::named(&title.0));
        let text: Vec<&str> = titles.iter().map(|title| title.0.as_str()).collect();
        Self { month, projects: one_of(projects, &text.join("\n")), part: false }
    }
}

/// A name without the number that a browser or a file manager gives to a copy: `progress-2021-03 (1)`.
fn without_copy(stem: &str) -> &str {
    let copy = stem.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    copy.filter(|(_, number)| number.bytes().all(|b| b.is_ascii_digit())).map_or(stem, |(name, _)| name.trim_end())
}

/// A name without what says that it is a part at its end, and whether it did.
fn without_part(stem: &str) -> (String, bool) {
    let words: Vec<&str> = stem.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_part = |word: &str| PART.contains(&word.to_lowercase().as_str());
    let is_which = |word: &str| word.len() <= 2 && word.chars().all(char::is_alphanumeric);
    let numbered = |word: &str| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        letters.len() < word.len() && is_part(letters)
    };
    let left = match words.as_slice() {
        [rest @ .., part, which] if is_part(part) && is_which(which) => rest,
        [rest @ .., part] if is_part(part) || numbered(part) => rest,
        _ => return (stem.to_owned(), false),
    };
    (left.join(" "), true)
}

/// The one project that a text names by its code, its name or an alias; none if it names several: of two, neither is meant.
fn one_of(projects: Option<&CodeList>, text: &str) -> Vec<i16> {
    let text = words(text);
    let mut found: Vec<(usize, usize, i16)> = Vec::new();
    for at in 0..text.len() {
        let here = projects.into_iter().flat_map(|projects| projects.begins(text.get(at..).unwrap_or_default()));
        found.extend(here.map(|(count, project)| (at, at + count, project)));
    }
    // One project's name may be part of another's.
    let within = |(from, to, _): &(usize, usize, i16)| {
        found.iter().any(|(other_from, other_to, _)| other_from <= from && to <= other_to && other_to - other_from > to - from)
    };
    let mut named: Vec<i16> = found.iter().filter(|place| !within(place)).map(|(.., project)| *project).collect();
    named.sort_unstable();
    named.dedup();
    if named.len() == 1 { named } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::schema::Catalogue;

    fn catalogue() -> Catalogue {
        Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")).unwrap()
    }

    #[test]
    fn a_file_name_says_month_project_and_part() {
        let catalogue = catalogue();
        let said = |name: &str| Said::by_name(Path::new(name), catalogue.codes("project"));
        let march = Month::parse("2021-03");
        for (name, month, projects, part) in [
            ("lists/progress-2021-03.csv", march, vec![6], false),
            ("PROGRESS mars 2021 del 2.xlsx", march, vec![6], true),
            ("asap_202103_part-b.ods", march, vec![1], true),
            ("progress-2021-03-del2.csv", march, vec![6], true),
            ("Implementera Fler i Arbete 2021-03.csv", march, vec![4], false),
            ("progress-2021-03 (1).csv", march, vec![6], false),
            ("progress-2021-03-rättad.csv", march, vec![6], false),
            ("2021-03-progress.csv", march, vec![6], false),
            ("fler-i-arbete.csv", None, vec![3], false),
            ("asap-progress-2021-03.csv", march, vec![], false),
            ("2020-00553 2021-03.csv", None, vec![6], false),
            ("deltagare.csv", None, vec![], false),
            ("progressrapport-2021-03.csv", march, vec![], false),
        ] {
            assert_eq!(said(name), Said { month, projects, part }, "{name}");
        }
    }

    #[test]
    fn titles_say_a_project_only_if_it_is_one() {
        let catalogue = catalogue();
        let said = |titles: &[&str]| {
            let titles: Vec<Title> = titles.iter().map(|title| Title((*title).to_owned())).collect();
            Said::by_titles(&titles, catalogue.codes("project"))
        };
        let both = said(&["Deltagarlista, Träning ger färdighet!", "mars 2021"]);
        assert_eq!((both.month, both.projects), (Month::parse("2021-03"), vec![5]));
        assert!(said(&["PROGRESS och ASAP, mars 2021"]).projects.is_empty());
    }
}
