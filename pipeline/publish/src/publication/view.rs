//! What a query's own SQL makes of its noisy numbers, with what is known of each column: whether the noise is in it, and what its
//! exact numbers can be. Files have the numbers as they were computed; people are shown those that are possible.

use serde::{Deserialize, Serialize};
use utfall_estimate::interval::Interval;
use utfall_ground::text::Text;

use crate::description::AboveColumn;
use crate::estimate::reliability::Grade;

/// The ends of a number's interval as text like the number; none where none is known.
pub type Ends = Option<(String, String)>;

/// The result of a query's own SQL above its noisy numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The query's name: the stem of the files.
    pub name: String,
    /// The query's title.
    pub title: Text,
    /// The columns.
    pub columns: Vec<AboveColumn>,
    /// The rows, as text with a decimal point; none for NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Per row and column the ends of the number's noise interval, as text like the number; empty if none are known.
    pub ends: Vec<Vec<Ends>>,
    /// Per column what its exact numbers can be; empty, or none for a column, where that is not known.
    pub possible: Vec<Option<Possible>>,
    /// Which of its numbers are parts of others, whatever was measured.
    pub parts: Vec<PartOfWhole>,
    /// Whether numbers were lowered so that no part is larger than its whole: of what people are shown.
    pub ordered: bool,
}

/// That the number of one row is a part of that of another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOfWhole {
    /// The column.
    pub column: usize,
    /// The row of the part.
    pub part: usize,
    /// The row of the whole.
    pub whole: usize,
}

/// What the exact numbers of a column can be, as its query says, whatever was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Possible {
    /// Whether no noise is in them: keys, and numbers of public tables.
    pub public: bool,
    /// None is lower.
    pub lowest: Option<f64>,
    /// None is higher.
    pub highest: Option<f64>,
}

impl Possible {
    /// Known without measuring.
    pub const PUBLIC: Self = Self { public: true, lowest: None, highest: None };
    /// Measured, and anything.
    pub const ANYTHING: Self = Self { public: false, lowest: None, highest: None };
    /// A count, a sum of counts, or anything else that is not negative.
    pub const COUNT: Self = Self { lowest: Some(0.0), ..Self::ANYTHING };
    /// A share between 0 and 1.
    pub const SHARE: Self = Self { highest: Some(1.0), ..Self::COUNT };
    /// A share in percent.
    pub const PERCENT: Self = Self { highest: Some(100.0), ..Self::COUNT };

    /// From the lowest to the highest, where both are known and differ.
    fn range(self) -> Option<Interval> {
        let (low, high) = (self.lowest?, self.highest?);
        (low < high).then_some(Interval { low, high })
    }

    /// The nearest possible number.
    fn nearest(self, value: f64) -> f64 {
        value.max(self.lowest.unwrap_or(f64::NEG_INFINITY)).min(self.highest.unwrap_or(f64::INFINITY))
    }

    /// The part of an interval that is possible. Half its width at least stays within, as for a count that is raised to zero: an
    /// interval from zero to zero would look like certainty.
    fn cut(self, Interval { low, high }: Interval) -> Interval {
        let half = (high - low) / 2.0;
        let high = high.max(self.lowest.map_or(high, |lowest| lowest + half));
        let low = low.min(self.highest.map_or(low, |highest| highest - half));
        Interval { low, high }.map(|end| self.nearest(end))
    }
}

/// A text as a number.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A number as text with the decimals of another, unless the text that there is says the same.
fn text(value: f64, was: &str, like: &str, round: fn(f64) -> f64) -> String {
    if number(was) == Some(value) {
        return was.to_owned();
    }
    let decimals = like.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let unit = 10f64.powi(i32::try_from(decimals).unwrap_or_default());
    format!("{:.decimals$}", round(value * unit) / unit + 0.0)
}

impl View {
    /// The text of a cell; none for NULL.
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.rows.get(row)?.get(column)?.as_deref()
    }

    /// The ends of the interval of a number, as they were computed.
    pub fn interval(&self, row: usize, column: usize) -> Option<(&str, &str)> {
        let (low, high) = self.ends.get(row)?.get(column)?.as_ref()?;
        Some((low, high))
    }

    /// The same in files: of what is between two numbers, such as a share, the part that is possible, for the exact number lies there;
    /// of a count the whole, as in the tables that it is computed from.
    pub fn interval_in_files(&self, row: usize, column: usize) -> Ends {
        match self.possible(column) {
            Some(possible) if possible.range().is_some() => self.cut(row, column, possible),
            _ => self.interval(row, column).map(|(low, high)| (low.to_owned(), high.to_owned())),
        }
    }

    /// Whether any number of a column has an interval.
    pub fn has_intervals(&self, column: usize) -> bool {
        (0..self.rows.len()).any(|row| self.interval(row, column).is_some())
    }

    /// Whether the numbers of a column have grades: noise is in them.
    pub fn has_grades(&self, column: usize) -> bool {
        let codes = self.columns.get(column).is_none_or(|column| !column.codes.is_empty());
        match self.possible(column) {
            _ if codes => false,
            Some(possible) => !possible.public && (self.has_intervals(column) || self.is_numeric(column)),
            None => self.has_intervals(column),
        }
    }

    /// How far each number can be relied on, by row and column; none where there is none, or no noise in it. Where others of its column
    /// have an interval and it has none, what it is computed from may be nothing, or its row is there by chance: it says nothing.
    pub fn grades(&self) -> Vec<Vec<Option<Grade>>> {
        // What is known of a whole column is looked up once.
        let columns: Vec<_> = (0..self.columns.len()).map(|of| (self.has_grades(of), self.has_intervals(of))).collect();
        let of = |row: usize, column: usize, (graded, intervals): (bool, bool)| {
            let value = number(self.cell(row, column)?).filter(|_| graded)?;
            Some(self.grade(value, (row, column)).unwrap_or(if intervals { Grade::Open } else { Grade::Rough }))
        };
        let row = |row| columns.iter().enumerate().map(|(column, known)| of(row, column, *known)).collect();
        (0..self.rows.len()).map(row).collect()
    }

    /// The same of a number that has an interval.
    fn grade(&self, value: f64, (row, column): (usize, usize)) -> Option<Grade> {
        let (low, high) = self.interval(row, column)?;
        let possible = self.possible(column).unwrap_or(Possible::ANYTHING);
        let interval = possible.cut(Interval::new(number(low)?, number(high)?));
        Some(match possible.range() {
            Some(range) => Grade::against_possible(interval, range),
            None => Grade::against_itself(possible.nearest(value), interval),
        })
    }

    /// Whether a noisy number is at an end of what is possible, where it may have been brought from beyond.
    pub(crate) fn is_at_an_end(&self, row: usize, column: usize) -> bool {
        let ends = self.possible(column).map(|of| [of.lowest, of.highest]);
        let value = self.cell(row, column).and_then(number);
        value.is_some() && ends.is_some_and(|ends| ends.contains(&value))
    }

    /// The view as people are shown it: numbers and intervals that are possible.
    pub(crate) fn for_people(&self) -> Self {
        let mut shown = self.clone();
        for (column, possible) in self.possible.iter().enumerate().filter_map(|(column, of)| Some((column, (*of)?))) {
            for row in (0..self.rows.len()).filter(|_| !possible.public) {
                let Some((was, value)) = self.cell(row, column).and_then(|was| Some((was, number(was)?))) else { continue };
                if let Some(cell) = shown.rows.get_mut(row).and_then(|row| row.get_mut(column)) {
                    *cell = Some(text(possible.nearest(value), was, was, f64::round));
                }
                if let Some(ends) = shown.ends.get_mut(row).and_then(|row| row.get_mut(column)) {
                    *ends = self.cut(row, column, possible);
                }
            }
        }
        shown.keep_order();
        shown
    }

    /// Lowers parts that the noise made larger than their whole.
    fn keep_order(&mut self) {
        // Each pass reaches the parts of what was lowered before; there are no more of them than rows.
        for _ in 0..self.rows.len() {
            let short: Vec<PartOfWhole> = self.parts.iter().copied().filter(|of| self.is_short(*of)).collect();
            if short.is_empty() {
                return;
            }
            self.ordered = true;
            short.into_iter().for_each(|of| self.lower(of));
        }
    }

    /// Shows a part as large as its whole, within its interval.
    fn lower(&mut self, of: PartOfWhole) {
        let PartOfWhole { column, part, whole } = of;
        let Some(lowered) = self.cell(whole, column).map(str::to_owned).filter(|_| self.is_short(of)) else { return };
        let low = number(&lowered).unwrap_or_default();
        if let Some(Some((end, _))) = self.ends.get_mut(part).and_then(|row| row.get_mut(column))
            && number(end).is_some_and(|end| end > low)
        {
            end.clone_from(&lowered);
        }
        if let Some(cell) = self.rows.get_mut(part).and_then(|row| row.get_mut(column)) {
            *cell = Some(lowered);
        }
    }

    /// Whether a whole is smaller than its part.
    fn is_short(&self, PartOfWhole { column, part, whole }: PartOfWhole) -> bool {
        let of = |row: usize| self.cell(row, column).and_then(number);
        of(part).zip(of(whole)).is_some_and(|(part, whole)| whole < part)
    }

    /// Whether the numbers of a column are known without measuring.
    pub(crate) fn is_public(&self, column: usize) -> bool {
        self.possible(column).is_some_and(|possible| possible.public)
    }

    /// What the exact numbers of a column can be, where that is known.
    pub(crate) fn possible(&self, column: usize) -> Option<Possible> {
        self.possible.get(column).copied().flatten()
    }

    fn cut(&self, row: usize, column: usize, possible: Possible) -> Ends {
        let (low, high) = self.interval(row, column)?;
        let cut = possible.cut(Interval::new(number(low)?, number(high)?));
        let like = self.cell(row, column).unwrap_or(low);
        Some((text(cut.low, low, like, f64::floor), text(cut.high, high, like, f64::ceil)))
    }

    fn is_numeric(&self, column: usize) -> bool {
        let mut cells = (0..self.rows.len()).filter_map(|row| self.cell(row, column)).peekable();
        cells.peek().is_some() && cells.all(|cell| number(cell).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Grade::{Firm, Open, Rough};

    /// One column of numbers with their intervals.
    fn column(possible: Option<Possible>, cells: &[(&str, Option<(&str, &str)>)]) -> View {
        let text = || Text { sv: "n".to_owned(), en: "n".to_owned() };
        View {
            name: "n".to_owned(),
            title: text(),
            columns: vec![AboveColumn { name: "n".to_owned(), title: text(), codes: Vec::new() }],
            rows: cells.iter().map(|(cell, _)| vec![Some((*cell).to_owned())]).collect(),
            ends: cells.iter().map(|(_, ends)| vec![ends.map(|(low, high)| (low.to_owned(), high.to_owned()))]).collect(),
            possible: vec![possible],
            parts: Vec::new(),
            ordered: false,
        }
    }

    fn grades(view: &View) -> Vec<Option<Grade>> {
        view.grades().into_iter().flatten().collect()
    }

    /// Numbers with their intervals as text.
    fn shown(view: &View) -> Vec<(String, Option<(String, String)>)> {
        (0..view.rows.len()).map(|row| (view.rows[row][0].clone().unwrap(), view.ends[row][0].clone())).collect()
    }

    #[test]
    fn people_are_shown_what_is_possible_and_files_what_was_computed() {
        let counts = column(
            Some(Possible::COUNT),
            &[("-12", Some(("-27", "3"))), ("-40", Some(("-55", "-26"))), ("90", Some(("75", "105")))],
        );
        let ends = |low: &str, high: &str| Some((low.to_owned(), high.to_owned()));
        let people = counts.for_people();
        assert_eq!(
            shown(&people),
            [("0".into(), ends("0", "15")), ("0".into(), ends("0", "15")), ("90".into(), ends("75", "105"))]
        );
        assert_eq!(counts.interval_in_files(0, 0), ends("-27", "3"));
        assert_eq!(shown(&people.for_people()), shown(&people), "and once more is the same");
        assert_eq!(
            [grades(&counts), grades(&people)],
            [[Some(Open), Some(Open), Some(Firm)], [Some(Open), Some(Open), Some(Firm)]]
        );
        assert!(people.is_at_an_end(0, 0) && !people.is_at_an_end(2, 0));

        let percent = column(
            Some(Possible::PERCENT),
            &[("97.5", Some(("61.0", "134.0"))), ("104.2", Some(("99.0", "109.4"))), ("50.0", Some(("44.0", "56.0")))],
        );
        let people = percent.for_people();
        assert_eq!(
            shown(&people),
            [
                ("97.5".into(), ends("61.0", "100.0")),
                ("100.0".into(), ends("94.8", "100.0")),
                ("50.0".into(), ends("44.0", "56.0"))
            ]
        );
        assert_eq!(
            [grades(&percent), grades(&people)],
            [[Some(Rough), Some(Firm), Some(Firm)], [Some(Rough), Some(Firm), Some(Firm)]]
        );
        assert_eq!((percent.cell(1, 0), percent.interval_in_files(0, 0)), (Some("104.2"), ends("61.0", "100.0")));
    }

    /// No part is shown larger than its whole, nor the whole of that; the files have what was computed.
    #[test]
    fn a_part_is_not_shown_larger_than_its_whole() {
        let mut view =
            column(Some(Possible::COUNT), &[("7", Some(("-8", "9"))), ("10", Some(("-5", "25"))), ("3", None), ("90", None)]);
        let part = |part, whole| PartOfWhole { column: 0, part, whole };
        view.parts = vec![part(0, 2), part(1, 0), part(1, 2), part(0, 3)];
        let people = view.for_people();
        let ends = |low: &str, high: &str| Some((low.to_owned(), high.to_owned()));
        assert_eq!(shown(&people)[0], ("3".to_owned(), ends("0", "9")));
        assert_eq!([1, 2, 3].map(|row| shown(&people)[row].0.clone()), ["3", "3", "90"]);
        assert!(people.ordered && !view.ordered && view.cell(0, 0) == Some("7"));
        view.parts = vec![part(2, 3)];
        assert!(!view.for_people().ordered);
    }

    #[test]
    fn a_share_of_anything_is_open_and_a_number_without_an_interval_is_not_firm() {
        let share = column(Some(Possible::SHARE), &[("0.47", Some(("0.00", "0.94"))), ("0.47", None)]);
        assert_eq!(grades(&share), [Some(Open), Some(Open)]);
        let none = [("3", None), ("5", None)];
        assert_eq!(grades(&column(Some(Possible::ANYTHING), &none)), [Some(Rough), Some(Rough)], "moved by leaps");
        assert_eq!(grades(&column(Some(Possible::PUBLIC), &none)), [None, None]);
        assert_eq!(grades(&column(None, &none)), [None, None], "whether noise is in it is not known");
        // Where nothing is known of a column its numbers are judged against themselves.
        let unknown = column(None, &[("-5", Some(("-20", "9"))), ("-50", Some(("-65", "-35"))), ("30", Some(("19", "41")))]);
        assert_eq!((grades(&unknown), unknown.for_people()), (vec![Some(Open), Some(Firm), Some(Rough)], unknown.clone()));
    }
}
