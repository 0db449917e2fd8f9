//! One expression of a selection: which codes of a dimension it names (PxApiSpecs 2.2, `SelectionExpression`).
//!
//! It is tried as `RANGE(a,b)`, `TOP(n[,offset])`, `BOTTOM(n[,offset])`, `FROM(a)`, `TO(a)`, then as a pattern with `?` for one character
//! or `*` for any, then as a code; capital and small letters are alike. Of time `TOP` names the latest.

use utfall_publish::Code;

use crate::api::problem::Problem;

/// The codes of a dimension, as expressions look at them.
#[derive(Debug)]
pub(super) struct Codes<'c> {
    codes: Vec<&'c str>,
    small: Vec<String>,
    is_time: bool,
}

impl<'c> Codes<'c> {
    pub(super) fn of(codes: impl Iterator<Item = &'c str>, is_time: bool) -> Self {
        let codes: Vec<&str> = codes.collect();
        Self { small: codes.iter().map(|code| code.to_lowercase()).collect(), codes, is_time }
    }

    pub(super) fn listed(codes: &'c [Code], is_time: bool) -> Self {
        Self::of(codes.iter().map(|code| code.code.as_str()), is_time)
    }

    /// The places of the codes that an expression names.
    ///
    /// # Errors
    /// When it cannot be understood, or names nothing.
    pub(super) fn named(&self, expression: &str) -> Result<Vec<usize>, Problem> {
        let illegal = || Problem::illegal_expression(expression);
        let unknown = || Problem::no_value(expression);
        let place = |code: &str| self.place(code.trim()).ok_or_else(|| Problem::no_value(code.trim()));
        let call = call(expression);
        let places = match call.as_ref().map(|(name, arguments)| (*name, arguments.as_slice())) {
            Some(("range", [from, to])) => {
                let (from, to) = (place(from)?, place(to)?);
                if from > to { Err(illegal())? } else { (from..=to).collect() }
            }
            Some(("top", of @ ([_] | [_, _]))) => self.end(of, true).ok_or_else(illegal)?,
            Some(("bottom", of @ ([_] | [_, _]))) => self.end(of, false).ok_or_else(illegal)?,
            Some(("from", [from])) => (place(from)?..self.codes.len()).collect(),
            Some(("to", [to])) => (0..=place(to)?).collect(),
            Some(_) => self.place(expression).map(|place| vec![place]).ok_or_else(illegal)?,
            None if expression.contains(['*', '?']) => self.like(&expression.to_lowercase()),
            None => self.place(expression).into_iter().collect(),
        };
        if places.is_empty() { Err(unknown()) } else { Ok(places) }
    }

    /// The place of a code: written so, or otherwise only in its case.
    fn place(&self, code: &str) -> Option<usize> {
        let small = code.to_lowercase();
        let exact = self.codes.iter().position(|of| *of == code);
        exact.or_else(|| self.small.iter().position(|of| *of == small))
    }

    /// So many codes from the beginning or the end, but for some that are passed over.
    fn end(&self, arguments: &[&str], top: bool) -> Option<Vec<usize>> {
        let mut numbers = arguments.iter().map(|text| text.trim().parse::<usize>().ok());
        let count = numbers.next()??;
        let passed = numbers.next().unwrap_or(Some(0))?;
        // The latest period is the last one.
        let from_first = top != self.is_time;
        let all = 0..self.codes.len();
        let mut places: Vec<usize> =
            if from_first { all.skip(passed).take(count).collect() } else { all.rev().skip(passed).take(count).collect() };
        places.sort_unstable();
        (!places.is_empty()).then_some(places)
    }

    fn like(&self, pattern: &str) -> Vec<usize> {
        let pattern: Vec<char> = pattern.chars().collect();
        let fits = |code: &String| is_like(&code.chars().collect::<Vec<_>>(), &pattern);
        self.small.iter().enumerate().filter(|(_, code)| fits(code)).map(|(place, _)| place).collect()
    }
}

/// An expression as a name in small letters and its arguments, if it is one of those that have arguments.
fn call(expression: &str) -> Option<(&'static str, Vec<&str>)> {
    let (name, rest) = expression.trim().split_once('(')?;
    let name = name.trim().to_ascii_lowercase();
    let known = ["range", "top", "bottom", "from", "to"].into_iter().find(|known| *known == name)?;
    Some((known, rest.strip_suffix(')')?.split(',').collect()))
}

/// Whether a text fits a pattern: only the last `*` is tried again, so the time is at most the product of the lengths.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    let (mut at, mut of, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(of) {
            Some('*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(c) if *c == '?' || text.get(at) == Some(c) => (at, of) = (at + 1, of + 1),
            _ => match star {
                Some((begin, taken)) => {
                    star = Some((begin, taken + 1));
                    (at, of) = (taken + 1, begin + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(of).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: [&str; 6] = ["SE11", "SE12", "SE33", "0180", "Åre", "a(b)"];

    fn named(is_time: bool, expression: &str) -> Result<Vec<usize>, &'static str> {
        Codes::of(CODES.into_iter(), is_time).named(expression).map_err(|problem| problem.title)
    }

    #[test]
    fn each_expression_names_its_codes() {
        for (expression, places) in [
            ("RANGE(SE12,0180)", vec![1, 2, 3]),
            ("range( se11 , SE12 )", vec![0, 1]),
            ("TOP(2)", vec![0, 1]),
            ("top(2,1)", vec![1, 2]),
            ("TOP(99)", vec![0, 1, 2, 3, 4, 5]),
            ("BOTTOM(2)", vec![4, 5]),
            ("Bottom(2, 3)", vec![1, 2]),
            ("FROM(Åre)", vec![4, 5]),
            ("TO(SE12)", vec![0, 1]),
            ("*", vec![0, 1, 2, 3, 4, 5]),
            ("se*", vec![0, 1, 2]),
            ("*1", vec![0]),
            ("*1*", vec![0, 1, 3]),
            ("SE?1", vec![0]),
            ("?re", vec![4]),
            ("s*3", vec![2]),
            ("åRE", vec![4]),
            ("0180", vec![3]),
            ("A(B)", vec![5]),
        ] {
            assert_eq!(named(false, expression), Ok(places), "{expression}");
        }
    }

    #[test]
    fn the_latest_periods_are_on_top() {
        assert_eq!(named(true, "TOP(1)"), Ok(vec![5]));
        assert_eq!(named(true, "TOP(2,1)"), Ok(vec![3, 4]));
        assert_eq!(named(true, "BOTTOM(1)"), Ok(vec![0]));
        assert_eq!(named(true, "FROM(0180)"), Ok(vec![3, 4, 5]));
    }

    #[test]
    fn what_names_nothing_is_told_from_what_cannot_be_understood() {
        for wrong in ["SE1", "", "x*", "RANGE(SE11,SE99)", "FROM(x)", "TO()", "SE11,SE12"] {
            assert_eq!(named(false, wrong), Err("Non-existent value"), "{wrong}");
        }
        for wrong in
            ["TOP(0)", "TOP(x)", "TOP(-1)", "TOP(1,2,3)", "TOP()", "TOP(1,9)", "RANGE(SE12,SE11)", "RANGE(SE11)", "FROM(a,b)"]
        {
            assert_eq!(named(false, wrong), Err("Illegal selection expression"), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_of_stars_takes_no_time() {
        let text: Vec<char> = "a".repeat(2000).chars().collect();
        let pattern: Vec<char> = format!("{}b", "*a".repeat(500)).chars().collect();
        assert!(!is_like(&text, &pattern));
    }
}
