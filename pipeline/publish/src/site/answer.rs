//! The answer first: what became of each target, or else the first numbers of the page, each in a sentence with its interval and its mark.

use maud::{Markup, html};

use super::shown::Shown;
use super::table::mark;
use super::{target, view, words};
use crate::estimate::reliability::Grade;
use crate::explain::marks;
use crate::publication::series;
use crate::{Cell, MISSING, Publication, PublishedQuery, TOTAL, Table, View};
use utfall_ground::text::Lang;

/// So many sentences about targets are shown; the others stand with their tables.
const MOST_TARGETS: usize = 8;
/// So many queries answer where there are no targets.
const MOST_QUERIES: usize = 4;
/// A list in a sentence has at most so many numbers.
const MOST_NUMBERS: usize = 6;

/// A sentence with numbers.
pub(super) struct Sentence {
    subject: String,
    numbers: Vec<Number>,
    /// What follows the numbers.
    more: Option<String>,
    /// The table that it is of.
    anchor: String,
}

/// A number of a sentence.
struct Number {
    label: Option<String>,
    grade: Option<Grade>,
    /// What its mark means.
    meaning: &'static str,
    text: String,
    range: Option<String>,
}

/// The sentences, and how many are left to their tables.
pub(super) fn sentences(lang: Lang, publication: &Publication) -> (Vec<Sentence>, usize) {
    let mut targets = targets(lang, publication);
    if !targets.is_empty() {
        let more = targets.len().saturating_sub(MOST_TARGETS);
        targets.truncate(MOST_TARGETS);
        return (targets, more);
    }
    let mut all: Vec<Sentence> =
        publication.queries().filter_map(|query| headline(lang, publication, query)).take(MOST_QUERIES).collect();
    if all.is_empty() {
        all.extend(publication.tables.iter().find_map(|table| beginning(lang, table)));
    }
    (all, 0)
}

/// One sentence for each target, in the order of the tables.
fn targets(lang: Lang, publication: &Publication) -> Vec<Sentence> {
    let mut all: Vec<Sentence> = Vec::new();
    for table in &publication.tables {
        for one in table.tracked().filter(|one| one.judged.value.is_some()) {
            let title = one.target.title.get(lang);
            let codes = table.description.codes(one.cell.codes).map(|code| code.label.get(lang));
            let subject = codes.filter(|label| !says(title, label)).chain([title]).collect::<Vec<_>>().join(": ");
            let (text, range) = target::parts(lang, &one);
            let grade = one.target.part.is_none().then_some(one.cell.grade).flatten();
            let meaning = grade.map_or("", |grade| marks::meaning(lang, table, grade));
            let number = Number { label: None, grade, meaning, text, range };
            let sentence = Sentence {
                subject,
                numbers: vec![number],
                more: Some(target::sentence(lang, &one)),
                anchor: table.description.name.clone(),
            };
            if !all.iter().any(|other| other.plain(lang) == sentence.plain(lang)) {
                all.push(sentence);
            }
        }
    }
    all
}

/// Whether a title says a label already, in whatever case and form: each of its words begins one of the title's.
fn says(title: &str, label: &str) -> bool {
    let words = |text: &str| text.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
    let said = words(title);
    words(label).iter().all(|word| said.iter().any(|of| of.starts_with(word.as_str())))
}

/// The main numbers of a query: its only row or its total, the shares of all, or a short list.
fn headline(lang: Lang, publication: &Publication, query: PublishedQuery<'_>) -> Option<Sentence> {
    let description = query.description()?;
    let found = match query.view {
        Some(of) => of_view(lang, of).map(|numbers| (None, numbers)),
        None => query.tables.iter().find_map(|table| of_table(lang, publication, table)),
    };
    let (when, numbers) = found.filter(|(_, numbers)| numbers.iter().any(|number| number.grade != Some(Grade::Open)))?;
    let title = description.title.get(lang);
    let subject = when.map_or(title.to_owned(), |when| format!("{title}, {when}"));
    Some(Sentence { subject, numbers, more: None, anchor: description.name.clone() })
}

/// The main numbers of a table, and of what period they are.
fn of_table(lang: Lang, publication: &Publication, table: &Table) -> Option<(Option<String>, Vec<Number>)> {
    let keys = &table.description.keys;
    let is_series = publication.description.series.is_some();
    let is_newest = |name: &str| is_series && [series::PERIOD, series::THROUGH].contains(&name);
    let time = keys.iter().position(|key| is_newest(&key.name));
    let mut cells: Vec<Cell<'_>> = table.cells().filter(|cell| cell.value.is_some()).collect();
    // Of a series what is newest; years say again what the quarters said.
    let mut when = None;
    if let Some(time) = time {
        let newest = cells.iter().filter_map(|cell| cell.codes.get(time)).max().copied()?;
        cells.retain(|cell| cell.codes.get(time) == Some(&newest));
        when = Some(keys.get(time)?.codes.get(usize::from(newest))?.label.get(lang).to_owned());
    } else if is_series {
        return None;
    }
    let others: Vec<usize> = (0..keys.len()).filter(|key| Some(*key) != time).collect();
    let code = |cell: &Cell<'_>, key: usize| keys.get(key)?.codes.get(usize::from(*cell.codes.get(key)?));
    let is_total = |cell: &&Cell<'_>| others.iter().all(|key| code(cell, *key).is_some_and(|code| code.code == TOTAL));
    if let Some(total) = cells.iter().find(is_total) {
        return Some((when, vec![number(lang, table, None, total)]));
    }
    let [key] = others.as_slice() else { return None };
    // Those that are not stated are left to the table.
    let named: Vec<_> =
        cells.iter().filter_map(|cell| Some((code(cell, *key)?, cell))).filter(|(code, _)| code.code != MISSING).collect();
    let numbers = || named.iter().map(|(code, cell)| number(lang, table, Some(code.label.get(lang).to_owned()), cell)).collect();
    (!named.is_empty() && named.len() <= MOST_NUMBERS).then(|| (when, numbers()))
}

/// The first numbers of a table that say something, where nothing shorter can be said.
fn beginning(lang: Lang, table: &Table) -> Option<Sentence> {
    let cells = table.cells().filter(|cell| cell.value.is_some() && !cell.is_open());
    let label =
        |cell: &Cell<'_>| table.description.codes(cell.codes).map(|code| code.label.get(lang)).collect::<Vec<_>>().join(", ");
    let numbers: Vec<Number> = cells.take(3).map(|cell| number(lang, table, Some(label(&cell)), &cell)).collect();
    let (subject, anchor) = (table.title.get(lang).to_owned(), table.description.name.clone());
    (!numbers.is_empty()).then_some(Sentence { subject, numbers, more: None, anchor })
}

fn number(lang: Lang, table: &Table, label: Option<String>, cell: &Cell<'_>) -> Number {
    let shown = Shown::of(table);
    Number {
        label,
        grade: cell.grade,
        meaning: cell.grade.map_or("", |grade| marks::meaning(lang, table, grade)),
        text: shown.number(lang, cell.value),
        range: cell.interval.map(|ends| shown.range(lang, ends)),
    }
}

/// Of what a query computed: the noisy numbers of its only row, or of its total; or those along its only key.
fn of_view(lang: Lang, of: &View) -> Option<Vec<Number>> {
    let columns = view::columns(lang, of);
    let keys: Vec<usize> = (0..columns.len()).filter(|at| columns.get(*at).is_some_and(|of| of.shown.is_none())).collect();
    let is_total = |row: &usize| !keys.is_empty() && keys.iter().all(|at| of.cell(*row, *at) == Some(TOTAL));
    let row = if of.rows.len() == 1 { Some(0) } else { (0..of.rows.len()).find(is_total) };
    let grades = of.grades();
    let one = |row: usize, at: usize, label: Option<String>| {
        let (shown, text) = (columns.get(at)?.shown?, of.cell(row, at)?);
        let grade = grades.get(row).and_then(|of| of.get(at)).copied().flatten();
        Some(Number {
            label,
            grade,
            meaning: grade.map_or("", |grade| marks::meaning_above(lang, grade)),
            text: shown.number(lang, text),
            range: of.interval(row, at).map(|ends| shown.range(lang, ends)),
        })
    };
    let estimates: Vec<usize> =
        (0..columns.len()).filter(|at| columns.get(*at).is_some_and(|of| of.is_estimate && of.shown.is_some())).collect();
    if let Some(row) = row {
        let label = |at: usize| (estimates.len() > 1).then(|| words::caption::lower(columns.get(at).map_or("", |of| of.title)));
        let numbers: Vec<Number> = estimates.iter().filter_map(|at| one(row, *at, label(*at))).collect();
        return (!numbers.is_empty()).then_some(numbers);
    }
    let ([key], Some(first)) = (keys.as_slice(), estimates.first()) else { return None };
    let codes = &of.columns.get(*key)?.codes;
    let label = |row: usize| {
        let text = of.cell(row, *key)?;
        Some(codes.iter().find(|code| code.code == text).map_or(text.to_owned(), |code| code.label.get(lang).to_owned()))
    };
    let numbers: Vec<Number> = (0..of.rows.len()).filter_map(|row| one(row, *first, label(row))).collect();
    (!numbers.is_empty() && numbers.len() <= MOST_NUMBERS && numbers.len() == of.rows.len()).then_some(numbers)
}

impl Sentence {
    /// Without markup, for what shows a page in a line.
    pub(super) fn plain(&self, lang: Lang) -> String {
        let one = |number: &Number| {
            let label = number.label.as_ref().map(|label| format!("{label} ")).unwrap_or_default();
            let range = number.range.as_ref().map(|range| format!(" ({range})")).unwrap_or_default();
            format!("{label}{}{range}", number.text)
        };
        let numbers: Vec<String> = self.numbers.iter().map(one).collect();
        let numbers = if self.has_commas() { numbers.join("; ") } else { words::caption::list(lang, &numbers) };
        format!("{}: {numbers}.{}", self.subject, self.more.as_ref().map(|more| format!(" {more}")).unwrap_or_default())
    }

    /// Whether a comma between its numbers could be taken for one within a label.
    fn has_commas(&self) -> bool {
        self.numbers.iter().any(|number| number.label.as_ref().is_some_and(|label| label.contains(',')))
    }

    fn shown(&self, lang: Lang) -> Markup {
        let count = self.numbers.len();
        html! {
            a.subject href=(format!("#{}", self.anchor)) { (self.subject) } ": "
            @for (at, number) in self.numbers.iter().enumerate() {
                @if at > 0 && self.has_commas() { "; " } @else if at > 0 && at + 1 == count { (lang.pick(" och ", " and ")) } @else if at > 0 { ", " }
                @if let Some(label) = &number.label { (label) " " }
                span.number {
                    (mark(number.grade, |_| number.meaning))
                    strong { (number.text) }
                    @if let Some(range) = &number.range { " " span.range { "(" (range) ")" } }
                }
            }
            "."
            @if let Some(more) = &self.more { " " (more) }
        }
    }
}

/// The list of the answers.
pub(super) fn answer(lang: Lang, sentences: &[Sentence], more: usize) -> Markup {
    html! {
        @if !sentences.is_empty() {
            section.answer aria-label=(lang.pick("Svaret", "The answer")) {
                ul {
                    @for sentence in sentences { li { (sentence.shown(lang)) } }
                    @if more > 0 { li.soft { (words::more_targets(lang, more)) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::says;

    #[test]
    fn what_a_title_says_is_not_said_twice() {
        let title = "Arbetsförmedlingens platser: Stockholm";
        assert!(says(title, "Arbetsförmedlingen") && says(title, "arbetsförmedlingen Stockholm"));
        assert!(!says(title, "Arbetsförmedlingen Huddinge") && !says(title, "I förstärkt arbetsträning"));
    }
}
