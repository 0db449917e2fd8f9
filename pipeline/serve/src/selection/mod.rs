//! What somebody asks for of a table, and what of its cube that is.

mod expression;

use std::collections::BTreeSet;

use utfall_publish::dataset::Role;
use utfall_publish::dataset::cube::{CONTENTS, Cube};
use utfall_publish::dataset::selection::Selection;

use crate::api::problem::Problem;
use expression::Codes;

/// The most expressions for one dimension that are no plain codes: each is held against all codes.
const MOST: usize = 100;

/// What is asked for of one dimension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Its id, in whatever case; `time` is the one of time.
    pub(crate) variable: String,
    /// Expressions, as [`expression`] has them.
    pub(crate) values: Vec<String>,
    /// The code list by which it is read.
    pub(crate) codelist: Option<String>,
}

/// Which dimension of a cube a name is of: none is that of contents.
///
/// # Errors
/// When it has no such dimension.
pub(crate) fn variable(cube: &Cube<'_>, name: &str) -> Result<Option<usize>, Problem> {
    let small = name.to_lowercase();
    if small == CONTENTS.to_lowercase() {
        return Ok(None);
    }
    let named = cube.dimensions.iter().position(|of| of.id.to_lowercase() == small);
    let time = || cube.dimensions.iter().position(|of| of.is_time).filter(|_| small == "time");
    named.or_else(time).map(Some).ok_or_else(|| Problem::no_variable(name))
}

/// The part of a cube that is asked for, in the order of publication. Dimensions that are not named are those whose total stands for all.
///
/// # Errors
/// When a name, a code or an expression is wrong, or one that has to be named is not.
pub(crate) fn part(cube: &Cube<'_>, choices: &[Choice]) -> Result<Selection, Problem> {
    let mut dimensions: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); cube.dimensions.len()];
    let mut contents = BTreeSet::new();
    for choice in choices {
        match variable(cube, &choice.variable)? {
            None => named(&Codes::of(cube.contents.iter().map(|of| of.id.as_str()), false), choice, &mut contents)?,
            Some(at) => {
                let (Some(of), Some(places)) = (cube.dimensions.get(at), dimensions.get_mut(at)) else { continue };
                named(&Codes::listed(&of.codes, of.is_time), choice, places)?;
            }
        }
    }
    for (of, places) in cube.dimensions.iter().zip(&mut dimensions).filter(|(_, places)| places.is_empty()) {
        places.extend(of.total);
        if places.is_empty() {
            return Err(Problem::no_selection(&of.id));
        }
    }
    if contents.is_empty() {
        return Err(Problem::no_selection(CONTENTS));
    }
    let dimensions = dimensions.into_iter().map(|places| places.into_iter().collect()).collect();
    Selection::of(cube, dimensions, contents.into_iter().collect()).ok_or_else(|| Problem::no_selection(CONTENTS))
}

fn named(codes: &Codes<'_>, choice: &Choice, places: &mut BTreeSet<usize>) -> Result<(), Problem> {
    let is_plain = |value: &&String| !value.contains(['(', '*', '?']);
    if let Some(first) = choice.values.iter().filter(|value| !is_plain(value)).nth(MOST) {
        return Err(Problem::illegal_expression(first));
    }
    for value in &choice.values {
        places.extend(codes.named(value)?);
    }
    Ok(())
}

/// What is shown to those who ask for nothing in particular: everything, or of a table that is larger than an answer may be its latest
/// period, its estimates, its totals, and at last only the first codes.
pub(crate) fn default(cube: &Cube<'_>, most: usize) -> Option<Selection> {
    let mut dimensions: Vec<Vec<usize>> = cube.dimensions.iter().map(|of| (0..of.codes.len()).collect()).collect();
    let mut contents: Vec<usize> = (0..cube.contents.len()).collect();
    let cells = |dimensions: &[Vec<usize>], contents: &[usize]| {
        dimensions.iter().map(Vec::len).fold(contents.len(), usize::saturating_mul)
    };
    if cells(&dimensions, &contents) > most {
        let times = cube.dimensions.iter().zip(&mut dimensions).filter(|(of, _)| of.is_time);
        times.for_each(|(_, places)| *places = places.last().copied().into_iter().collect());
    }
    if cells(&dimensions, &contents) > most {
        contents.retain(|at| cube.contents.get(*at).is_some_and(|of| of.column.role == Role::Estimate));
        if contents.is_empty() {
            contents.push(0);
        }
    }
    for (at, of) in cube.dimensions.iter().enumerate().rev() {
        if cells(&dimensions, &contents) > most
            && let (Some(total), Some(places)) = (of.total, dimensions.get_mut(at))
        {
            *places = vec![total];
        }
    }
    while cells(&dimensions, &contents) > most {
        let longest = dimensions.iter_mut().max_by_key(|places| places.len())?;
        if longest.len() <= 1 {
            contents.truncate(1);
            break;
        }
        longest.truncate(longest.len().div_ceil(2));
    }
    Selection::of(cube, dimensions, contents)
}

#[cfg(test)]
mod tests;
