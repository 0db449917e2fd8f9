//! What says nothing is folded away, and says so: a table of which more than four numbers of five tell of the noise alone.

use maud::{Markup, html};

use super::number::integer;
use crate::estimate::reliability::Grade;
use crate::{Table, View};
use utfall_ground::text::Lang;

/// How many numbers there are, and how many of them say nothing.
struct Silence {
    numbers: usize,
    open: usize,
}

impl Silence {
    fn of(grades: impl Iterator<Item = Grade>) -> Self {
        let mut found = Self { numbers: 0, open: 0 };
        for grade in grades {
            found.numbers += 1;
            found.open += usize::from(grade == Grade::Open);
        }
        found
    }

    /// Whether more than four of five say nothing.
    fn is_too_much(&self) -> bool {
        self.open * 5 > self.numbers * 4
    }

    fn folded(&self, lang: Lang, within: Markup) -> Markup {
        if !self.is_too_much() {
            return within;
        }
        let count = |number: usize| integer(lang, i64::try_from(number).unwrap_or(i64::MAX));
        let [open, numbers] = [self.open, self.numbers].map(count);
        html! {
            details.silent {
                summary {
                    (lang.pick(
                        format!("Säger ingenting vid det här bruset: {open} av {numbers} tal. Visa dem ändå"),
                        format!("Says nothing at this noise: {open} of {numbers} numbers. Show them anyway"),
                    ))
                }
                (within)
            }
        }
    }
}

/// A table as it is shown, folded away where it says nothing.
pub(super) fn table(lang: Lang, table: &Table, within: Markup) -> Markup {
    Silence::of(table.cells().filter_map(|cell| cell.grade)).folded(lang, within)
}

/// The same of what a query's own SQL made of its numbers.
pub(super) fn view(lang: Lang, view: &View, within: Markup) -> Markup {
    Silence::of(view.grades().into_iter().flatten().flatten()).folded(lang, within)
}
