//! Which numbers of a query's result are parts of others, row by row: of those who are unemployed, some have been so for long.
//!
//! A sum of counts is a sum over cells. What it counts each cell by is what the query gives where that cell alone holds one; a number
//! that counts each cell by no more than another does is a part of it, whatever the cells hold.

use std::collections::BTreeMap;

use datafusion::error::DataFusionError;
use utfall_publish::description::formula::Formula;
use utfall_publish::{Above, PartOfWhole, TableDescription};

use super::carry::{DrawnColumn, NoiseEffect};
use super::{DrawnRows, TextRows, each};

/// Of more numbers no order is looked for.
const MOST_NUMBERS: usize = 200;

/// So many in each cell give so many times the sum, if it is one.
const TIMES: i64 = 7;

/// The parts and their wholes among the rows of a result, column by column; none where a column is no sum of counts.
///
/// # Errors
/// What DataFusion says.
pub(super) async fn parts(table: &TableDescription, above: &Above, rows: &TextRows) -> Result<Vec<PartOfWhole>, DataFusionError> {
    let vectors = table.vectors.len();
    let numbers = vectors.saturating_mul(table.cells.len());
    let is_count = table.measures.iter().all(|measure| matches!(measure.formula, Formula::Count { .. }));
    if !is_count || table.private_keys || numbers == 0 || numbers > MOST_NUMBERS || rows.len() > MOST_NUMBERS {
        return Ok(Vec::new());
    }
    let all = filled(vectors, table.cells.len());
    let draws: Vec<Vec<&[i64]>> = all.iter().map(|draw| draw.iter().map(Vec::as_slice).collect()).collect();
    let Some(drawn) = each(table, above, &draws).await? else { return Ok(Vec::new()) };
    let keys: Vec<Key> = rows.iter().map(|row| key(row, &drawn.columns)).collect();
    if keys.iter().enumerate().any(|(at, key)| keys.iter().take(at).any(|other| other == key)) {
        return Ok(Vec::new());
    }
    let by_draw = by_draw(&drawn, all.len());
    let is_sum = |column: &DrawnColumn| column.effect == NoiseEffect::Smooth && column.divisors.is_empty();
    let sums = drawn.columns.iter().enumerate().filter(|(_, column)| is_sum(column)).map(|(at, _)| at);
    Ok(sums.flat_map(|column| ordered(column, &keys, &by_draw)).collect())
}

/// What tells a row from others.
type Key = Vec<Option<String>>;

/// The rows of a draw by what tells them apart.
type Rows<'d> = BTreeMap<Key, &'d [Option<String>]>;

/// Nothing in every cell; so many in each; then one in each cell alone.
fn filled(vectors: usize, cells: usize) -> Vec<Vec<Vec<i64>>> {
    let draw = |of: &dyn Fn(usize) -> i64| -> Vec<Vec<i64>> {
        (0..vectors).map(|vector| (0..cells).map(|cell| of(vector * cells + cell)).collect()).collect()
    };
    let ones = (0..vectors * cells).map(|one| draw(&|number| i64::from(number == one)));
    [draw(&|_| 0), draw(&|_| TIMES)].into_iter().chain(ones).collect()
}

/// The public columns of a row.
fn key(row: &[Option<String>], columns: &[DrawnColumn]) -> Key {
    row.iter().zip(columns).filter(|(_, column)| column.effect == NoiseEffect::Public).map(|(cell, _)| cell.clone()).collect()
}

/// The rows of each draw.
fn by_draw(drawn: &DrawnRows, draws: usize) -> Vec<Rows<'_>> {
    let mut all: Vec<Rows<'_>> = vec![BTreeMap::new(); draws];
    for (draw, rows) in &drawn.draws {
        if let Some(slot) = draw.parse().ok().and_then(|draw: usize| all.get_mut(draw)) {
            slot.extend(rows.iter().map(|row| (key(row, &drawn.columns), row.as_slice())));
        }
    }
    all
}

/// The parts and their wholes in one column.
fn ordered(column: usize, keys: &[Key], draws: &[Rows<'_>]) -> Vec<PartOfWhole> {
    let number = |draw: usize, key: &Key| -> Option<f64> { draws.get(draw)?.get(key)?.get(column)?.as_deref()?.parse().ok() };
    let all: Vec<Option<Vec<f64>>> = keys.iter().map(|key| weights(draws.len(), &|draw| number(draw, key))).collect();
    let of = |(part, whole): (usize, usize)| {
        let both = all.get(part)?.as_ref().zip(all.get(whole)?.as_ref())?;
        is_part(both.0, both.1).then_some(PartOfWhole { column, part, whole })
    };
    (0..keys.len()).flat_map(|part| (0..keys.len()).map(move |whole| (part, whole))).filter_map(of).collect()
}

/// By how much each cell is counted; none if the number is no sum.
fn weights(draws: usize, number: &dyn Fn(usize) -> Option<f64>) -> Option<Vec<f64>> {
    let weights = (2..draws).map(number).collect::<Option<Vec<f64>>>()?;
    // A sum over no rows is NULL, and nothing.
    let nothing = number(0).unwrap_or(0.0);
    let sum: f64 = weights.iter().sum();
    (nothing == 0.0 && number(1)? == sum * TIMES as f64).then_some(weights)
}

/// Whether it counts every cell by no more than the other does, some by less, and any at all.
fn is_part(part: &[f64], whole: &[f64]) -> bool {
    let pairs = || part.iter().zip(whole);
    part.iter().all(|weight| *weight >= 0.0)
        && part.iter().any(|weight| *weight > 0.0)
        && pairs().all(|(part, whole)| part <= whole)
        && pairs().any(|(part, whole)| part < whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_counts_every_cell_by_no_more_than_its_whole() {
        assert!(is_part(&[1.0, 0.0, 0.0], &[1.0, 1.0, 0.0]) && is_part(&[1.0, 1.0], &[1.0, 2.0]));
        for (part, whole) in
            [([1.0, 0.0], [1.0, 0.0]), ([1.0, 0.0], [0.0, 1.0]), ([0.0, 0.0], [1.0, 1.0]), ([-1.0, 1.0], [0.0, 2.0])]
        {
            assert!(!is_part(&part, &whole), "{part:?} {whole:?}");
        }
        // Numbers of draws: nothing, seven in each cell, then one in each cell alone.
        let of = |numbers: &'static [f64]| weights(numbers.len(), &move |draw| numbers.get(draw).copied());
        assert_eq!(of(&[0.0, 14.0, 1.0, 1.0, 0.0]), Some(vec![1.0, 1.0, 0.0]));
        assert_eq!([of(&[5.0, 19.0, 6.0, 6.0]), of(&[0.0, 49.0, 1.0]), of(&[0.0, 7.0])], [None, None, None], "no sums of counts");
    }
}
