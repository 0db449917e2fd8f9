//! The columns of a data set as people read them in a sheet: labels in place of codes, a word in place of an observation status, and
//! headings that are unlike each other.

use std::collections::HashSet;

use super::{Column, DataSet, NumberKind, Quality, Role, Unit, Values};
use crate::estimate::reliability::Grade;
use crate::explain::marks;
use utfall_ground::text::{Lang, Text};

/// A column of a sheet.
#[derive(Debug, Clone)]
pub(crate) struct Heading<'d> {
    /// What stands above it.
    pub(crate) title: Text,
    /// What it shows.
    pub(crate) column: &'d Column,
    /// What its numbers are counted in; of what is said of an estimate, what that is counted in.
    pub(crate) unit: Option<&'d Unit>,
    shows: Shows,
}

/// What of a column stands in a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// Its codes, numbers or texts as they are.
    AsItIs,
    /// The labels of its codes.
    Labels(Lang),
    /// What its observation statuses mean.
    Statuses(Lang),
}

impl<'d> Heading<'d> {
    /// The columns of a sheet in these languages. Labels that are alike in all of them stand there once; codes stand beside labels only
    /// where two codes have the same.
    pub(crate) fn all(set: &'d DataSet, langs: &[Lang]) -> Vec<Self> {
        let graded = set.estimates().filter(|(at, _)| set.about(*at, Quality::Status).is_some()).count();
        let mut all = Vec::new();
        for column in &set.columns {
            let unit = match column.role {
                Role::About(at, _) => set.columns.get(at).and_then(|of| of.unit.as_ref()),
                _ => column.unit.as_ref(),
            };
            let mut add = |title: Text, shows| all.push(Self { title, column, unit, shows });
            match (&column.values, column.role) {
                (Values::Codes { .. }, _) => labels(column, langs, &mut add),
                (_, Role::About(at, Quality::Status)) => {
                    let of = set.columns.get(at).filter(|_| graded > 1).map(|of| &of.title);
                    langs.iter().for_each(|lang| add(reliability(of, *lang, langs.len() > 1), Shows::Statuses(*lang)));
                }
                _ => add(column.title.clone(), Shows::AsItIs),
            }
        }
        told_apart(&mut all);
        all
    }

    /// How its numbers are written; none if it has none.
    pub(crate) fn kind(&self) -> Option<NumberKind> {
        if let Values::Numbers { kind, .. } = &self.column.values { Some(*kind) } else { None }
    }

    /// The text of a row; none where there is nothing.
    pub(crate) fn text(&self, row: usize) -> Option<&'d str> {
        match self.shows {
            Shows::AsItIs => self.column.text(row),
            Shows::Labels(lang) => self.column.label(row, lang),
            Shows::Statuses(lang) => self.column.text(row).map(|code| status(lang, code)),
        }
    }
}

/// What an observation status means, in a word or two; one that is not known stands as it is.
fn status(lang: Lang, code: &str) -> &str {
    let known = [Grade::Rough, Grade::Open].into_iter().find(|grade| grade.status() == code);
    known.and_then(|grade| marks::short(lang, grade)).unwrap_or(code)
}

/// The columns of one with codes.
fn labels(column: &Column, langs: &[Lang], add: &mut dyn FnMut(Text, Shows)) {
    let Values::Codes { codes, .. } = &column.values else { return };
    let alike = |lang: Lang| codes.iter().map(|code| code.label.get(lang)).collect::<HashSet<_>>().len() < codes.len();
    let named = |sv: &str, en: &str| Text { sv: format!("{}{sv}", column.title.sv), en: format!("{}{en}", column.title.en) };
    if langs.iter().any(|lang| alike(*lang)) {
        add(named(", kod", ", code"), Shows::AsItIs);
    }
    match langs {
        [first, ..] if langs.len() == 1 || codes.iter().all(|code| code.label.sv == code.label.en) => {
            add(column.title.clone(), Shows::Labels(*first));
        }
        _ => {
            for lang in langs {
                let title = lang.pick(named("", " (Swedish)"), named(" (engelska)", ""));
                add(title, Shows::Labels(*lang));
            }
        }
    }
}

/// What stands above the words for observation statuses in a language, of one estimate among several, and beside those in another language.
fn reliability(of: Option<&Text>, lang: Lang, beside: bool) -> Text {
    let named = |of: Option<&str>, lower: &str, upper: &str| of.map_or(upper.to_owned(), |of| format!("{of}, {lower}"));
    let mut title = Text {
        sv: named(of.map(|of| of.sv.as_str()), "tillförlitlighet", "Tillförlitlighet"),
        en: named(of.map(|of| of.en.as_str()), "reliability", "Reliability"),
    };
    if beside {
        lang.pick(&mut title.en, &mut title.sv).push_str(lang.pick(" (Swedish)", " (engelska)"));
    }
    title
}

/// Puts the name of its column behind a heading that another has too, and a number behind that where it does not tell them apart.
fn told_apart(all: &mut [Heading<'_>]) {
    for lang in Lang::ALL {
        let mut taken = HashSet::new();
        for heading in all.iter_mut() {
            let name = &heading.column.name;
            let title = lang.pick(&mut heading.title.sv, &mut heading.title.en);
            if !taken.insert(title.clone()) {
                let first = format!("{title} ({name})");
                let more = (2..).map(|number| format!("{title} ({name} {number})"));
                if let Some(new) = std::iter::once(first).chain(more).find(|new| taken.insert(new.clone())) {
                    *title = new;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::pack::Pack;
    use crate::{Publication, Source, fixture};

    fn titles(publication: &Publication, set: &str, langs: &[Lang]) -> Vec<(String, String)> {
        let pack = Pack::of(publication, &Source::default());
        let headings = Heading::all(pack.set(set).unwrap(), langs);
        headings.into_iter().map(|heading| (heading.title.sv, heading.title.en)).collect()
    }

    #[test]
    fn labels_stand_once_where_both_languages_have_the_same() {
        let found = titles(&fixture::publication(), "by_project", &Lang::ALL);
        let first = ["Projekt", "Utfall", "Utfall (engelska)", "Deltagare"];
        assert_eq!(found.iter().take(4).map(|(sv, _)| sv.as_str()).collect::<Vec<_>>(), first);
        assert_eq!(found[1].1, "Outcome (Swedish)");
        let words = found.iter().rev().take(2).map(|(sv, en)| (sv.as_str(), en.as_str())).collect::<Vec<_>>();
        assert_eq!(words, [("Tillförlitlighet (engelska)", "Reliability"), ("Tillförlitlighet", "Reliability (Swedish)")]);
        assert_eq!(titles(&fixture::publication(), "by_project", &[Lang::Sv])[1].0, "Utfall");
    }

    #[test]
    fn codes_stand_where_labels_are_alike_and_no_two_headings_are() {
        let mut publication = fixture::publication();
        let keys = &mut publication.tables[0].description.keys;
        keys[0].codes[1].label = keys[0].codes[0].label.clone();
        keys[0].title = Text { sv: "Deltagare".to_owned(), en: "Deltagare".to_owned() };
        let found = titles(&publication, "by_project", &[Lang::Sv]);
        let first = ["Deltagare, kod", "Deltagare", "Utfall", "Deltagare (participants)"];
        assert_eq!(found.iter().take(4).map(|(sv, _)| sv.as_str()).collect::<Vec<_>>(), first);
    }
}
