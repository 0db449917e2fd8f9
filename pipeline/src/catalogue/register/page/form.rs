//! The form on a page: labels and values on two lines each, or glued together on one.

use super::value::{Meaning, blank, crowded, label, open, plausible, value};
use super::{Found, Item, Unread, Why, clean};
use crate::catalogue::schema::{Catalogue, normalise};

/// A line longer than this is prose, not an entry of a form.
const PROSE: usize = 100;

/// Lines that belong together as one form.
#[derive(Debug, Default)]
struct Form<'a> {
    first: usize,
    end: usize,
    items: Vec<Item<'a>>,
    strays: Vec<usize>,
}

/// Reads a page: its widest form, and the title above it where the form itself has no name.
pub(super) fn read(text: &str, catalogue: &Catalogue) -> Found {
    let lines: Vec<String> = text.split('\n').map(clean).collect();
    let forms = forms(&lines);
    let mut found = Found { line: 1, ..Found::default() };
    // The first of the widest; one known word alone is a coincidence in prose or in a menu.
    let Some(best) = forms.iter().rev().max_by_key(|f| f.width()).filter(|f| f.width() >= 2) else { return found };
    best.read(&lines, catalogue, &mut found);
    for other in forms.iter().filter(|f| f.first != best.first && f.width() >= 3) {
        found.unread.push(Unread { line: other.first + 1, label: None, why: Why::Second });
    }
    found.finish();
    found
}

/// The forms of a page in order.
fn forms(lines: &[String]) -> Vec<Form<'_>> {
    let spaced = double_spaced(lines);
    let (mut forms, mut at) = (Vec::new(), 0);
    while let Some(first) = lines.iter().skip(at).position(|l| label(l).is_some()).map(|n| n + at) {
        let form = Form::from(lines, first, spaced);
        at = form.end.max(first + 1);
        forms.push(form);
    }
    forms
}

/// Whether every value stands below its label with an empty line between.
fn double_spaced(lines: &[String]) -> bool {
    let (mut below, mut apart) = (0, 0);
    for (i, _) in lines.iter().enumerate().filter(|(_, line)| label(line).is_some_and(|(_, _, rest)| rest.is_empty())) {
        let mut after = lines.iter().skip(i + 1);
        match after.next() {
            Some(next) if !next.is_empty() => below += usize::from(label(next).is_none()),
            _ => apart += usize::from(after.next().is_some_and(|l| !l.is_empty() && label(l).is_none())),
        }
    }
    below == 0 && apart >= 2
}

impl<'a> Form<'a> {
    /// The form that begins on a line; it ends where, after an empty line, something else than a label comes.
    fn from(lines: &'a [String], first: usize, spaced: bool) -> Self {
        let mut form = Self { first, ..Self::default() };
        let mut gap = false;
        for (i, line) in lines.iter().enumerate().skip(first) {
            if line.is_empty() {
                gap = true;
                continue;
            }
            let waiting = form.items.last().is_some_and(|item| item.value.is_none());
            let item = |label, meaning, value: Option<&'a str>| {
                let same_line = value.is_some();
                Item { line: i + 1, label, meaning, value, value_line: i + 1, same_line }
            };
            if let Some((label, meaning, rest)) = label(line) {
                form.items.push(item(label, meaning, (!rest.is_empty()).then_some(rest)));
            } else if gap && !spaced {
                break;
            } else if let Some(label) = form.unknown(line, waiting) {
                form.items.push(item(label, Meaning::Unknown, (!line.ends_with(':')).then_some("")));
            } else if let Some(last) = form.items.last_mut().filter(|_| waiting && !boilerplate(line)) {
                (last.value, last.value_line) = (Some(line.as_str()), i + 1);
            } else if gap || line.chars().count() > PROSE {
                break;
            } else if !boilerplate(line) {
                form.strays.push(i + 1);
            }
            (gap, form.end) = (false, i + 1);
        }
        form
    }

    /// The label of a line that looks like `Label:`; what follows the label of a contact particular is never one.
    fn unknown(&self, line: &'a str, waiting: bool) -> Option<&'a str> {
        let (left, rest) = line.split_once(':')?;
        let private = self.items.last().is_some_and(|item| item.meaning.is_private());
        (left.chars().count() <= 40 && !(waiting && (private || !rest.is_empty()))).then_some(left)
    }

    /// How many different public things the form has labels for.
    fn width(&self) -> usize {
        let mut seen: Vec<Meaning<'_>> = Vec::new();
        for item in self.items.iter().filter(|item| matches!(item.meaning, Meaning::Period | Meaning::Column(_))) {
            if !seen.contains(&item.meaning) {
                seen.push(item.meaning);
            }
        }
        seen.len()
    }

    /// Whether values may stand under other labels than their own: one label further down, or above it.
    fn slipped(&self, lines: &[String]) -> bool {
        let above = self.first.checked_sub(1).and_then(|i| lines.get(i)).is_some_and(|l| !l.is_empty());
        let last_empty = self.items.last().is_some_and(|item| item.value.is_none());
        let below = self.items.iter().filter(|item| !item.same_line);
        let misplaced = |item: &Item<'_>| item.value.is_some_and(|v| !blank(v) && !plausible(item.label, item.meaning, v));
        (above && last_empty) || below.into_iter().any(misplaced)
    }

    fn read(&self, lines: &[String], catalogue: &Catalogue, found: &mut Found) {
        let slipped = self.slipped(lines);
        let private = self.items.iter().any(|item| item.meaning.is_private());
        let (mut displaced, mut contact) = (slipped, false);
        for item in &self.items {
            // An empty contact particular may mean that its value stands under the next label.
            displaced |= item.meaning.is_private() && item.value.is_none();
            contact = item.meaning.is_private() || (contact && item.meaning == Meaning::Unknown);
            if displaced && !item.same_line && item.value.is_some() && open(item.meaning) {
                found.unread.push(Unread { line: item.line, label: Some(item.label.to_owned()), why: Why::Displaced });
            } else {
                found.take(item, !(contact && item.meaning == Meaning::Unknown), item.same_line || !private, catalogue);
            }
        }
        found.unread.extend(self.strays.iter().map(|line| Unread { line: *line, label: None, why: Why::Stray }));
        // A title above labels without values may be one of the values.
        if !slipped && found.fields.len() >= 2 {
            self.title(lines, catalogue, found);
        }
    }

    /// The title above the form gives the name, and the number before it, where the form itself does not.
    fn title(&self, lines: &[String], catalogue: &Catalogue, found: &mut Found) {
        let glued = self.items.first().is_some_and(|item| item.same_line && !item.meaning.is_private());
        let above = lines.iter().enumerate().take(self.first).rev().find(|(_, l)| !l.is_empty() && !boilerplate(l));
        // Directly above a label on a line of its own, a title could as well be the first value of a form upside down.
        let heading = |l: &str| l.chars().count() <= PROSE && !l.ends_with('.') && !crowded(Meaning::Column("name"), l);
        let told = above.filter(|(i, l)| (glued || i + 1 < self.first) && heading(l));
        let Some((i, title)) = told else { return };
        let number = title.split_once(" - ").and_then(|(number, _)| value("number", number, catalogue));
        for (column, said) in [("number", number), ("name", value("name", title, catalogue))] {
            if let Some(said) = said.filter(|_| found.get(column).is_none()) {
                found.put(column, said, i + 1, column);
            }
        }
    }
}

/// Lines that the project bank writes on every page.
fn boilerplate(line: &str) -> bool {
    let line = normalise(line);
    let whole =
        ["logotyp på utskrifter", "in english", "på svenska", "lyssna", "skriv ut", "startsida", "sök", "meny", "projektbanken"];
    whole.contains(&line.as_str()) || line.contains("med anledning av covid-19")
}
