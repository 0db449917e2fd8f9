//! A vector as a member of a family: what it counts, of which rows, and what tells its numbers apart beside the keys.

use datafusion::logical_expr::{Expr, lit};
use utfall_estimate::family::{Family, Part};
use utfall_estimate::tree::Tree;
use utfall_privacy::certificate::Measure;

use super::rows::Rows;
use crate::certify::{CertifiedVector, Checked, CrossingAggregate, PrivateScan, Vector, unalias};
use crate::release::CheckedTable;
use crate::release::choice::{Choice, flag};
use crate::release::measurements::Draw;

/// A vector that may be in a family.
pub(super) struct Member<'a> {
    pub(super) name: String,
    pub(super) unit: usize,
    pub(super) table: &'a CheckedTable,
    /// Its place among the vectors of the table.
    pub(super) vector: usize,
    pub(super) split: Option<Split>,
    /// What it is grouped by, on the rows of its family.
    pub(super) keys: Vec<Expr>,
    /// Where it counts some of the rows of its family only: 0 for these, 1 for the others.
    pub(super) slice: Option<Expr>,
}

/// What the two numbers of a cell are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Split {
    /// The distances of a value from both ends of its interval.
    Ends,
    /// How many rows a condition holds for, and for how many it does not: this expression is 0 and 1.
    Condition(Expr),
}

/// The vectors of one signature.
pub(super) type Group<'a> = (Signature, Vec<Member<'a>>);

/// Puts vectors together that count rows from the same source under different conditions: those under the conditions that all have
/// count all rows of the family, each of the others a slice of them. None if there are none such.
pub(super) fn sliced(groups: Vec<Group<'_>>) -> Option<Vec<Group<'_>>> {
    let mut clusters: Vec<Vec<Group<'_>>> = Vec::new();
    for group in groups.into_iter().map(unfiltered) {
        // More rows of a person in the whole than in a slice would be more noise than the slice needs.
        let rows = |group: &Group<'_>| group.1.first().map(|of| of.crossing().rows);
        let belongs = |known: &Group<'_>| {
            let (own, other) = (&group.0, &known.0);
            own.counts_rows()
                && rows(known) == rows(&group)
                && (&own.what, &own.scans) == (&other.what, &other.scans)
                && own.rows.have_the_source_of(&other.rows)
        };
        match clusters.iter_mut().find(|cluster| cluster.first().is_some_and(belongs)) {
            Some(cluster) => cluster.push(group),
            None => clusters.push(vec![group]),
        }
    }
    let has_slices = clusters.iter().any(|cluster| cluster.len() > 1);
    has_slices.then(|| clusters.into_iter().filter_map(together).collect())
}

/// What counts rows under FILTER as what counts the rows under that condition.
fn unfiltered((signature, members): Group<'_>) -> Group<'_> {
    let [Expr::AggregateFunction(function)] = signature.what.0.as_slice() else { return (signature, members) };
    let Some(condition) = function.params.filter.as_deref().cloned() else { return (signature, members) };
    let mut plain = function.clone();
    plain.params.filter = None;
    if Expr::AggregateFunction(plain) != all_rows() {
        return (signature, members);
    }
    let rows = signature.rows.clone().under(condition);
    (Signature { what: (vec![all_rows()], None), rows, ..signature }, members)
}

/// Groups of rows from the same source as one.
fn together(cluster: Vec<Group<'_>>) -> Option<Group<'_>> {
    let rows: Vec<Rows> = cluster.iter().map(|(signature, _)| signature.rows.clone()).collect();
    let whole = rows.first()?.whole(rows.iter());
    let signature = Signature { rows: whole.clone(), ..cluster.first()?.0.clone() };
    let mut all = Vec::new();
    for (Signature { rows, .. }, members) in cluster {
        let slice = rows.among(&whole).map(flag);
        all.extend(members.into_iter().map(|member| Member { slice: slice.clone(), ..member }));
    }
    Some((signature, all))
}

impl Member<'_> {
    fn crossing(&self) -> &CrossingAggregate {
        &self.table.answer.certified.accepted().crossing
    }
}

/// `count(*)`.
fn all_rows() -> Expr {
    datafusion::functions_aggregate::expr_fn::count(lit(1_i64))
}

impl Signature {
    /// Whether rows are counted, all of them, so that one of these tables can be crossed with others that do.
    pub(super) fn counts_rows(&self) -> bool {
        self.what == (vec![all_rows()], None)
    }
}

/// What the vectors of one family have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    /// The aggregates on their rows, and the interval where these are distances from both ends.
    what: (Vec<Expr>, Option<(i64, i64)>),
    scans: Vec<PrivateScan>,
    pub(super) rows: Rows,
}

/// A vector as a member of whatever family has its signature.
pub(super) struct Signed {
    pub(super) signature: Signature,
    pub(super) split: Option<Split>,
    pub(super) keys: Vec<Expr>,
}

/// The signature of a vector; none for what does not add up: numbers of people, choices, private keys, totals that read other files.
///
/// A share of rows counts them by a condition: it is of one family with the counts of the same rows.
pub(super) fn signature(table: &CheckedTable, vector: usize) -> Option<Signed> {
    if table.draw != Draw::Noise || table.query.anonymous {
        return None;
    }
    let Checked { scans, crossing, .. } = table.answer.certified.accepted();
    let CertifiedVector { vector, certificate } = crossing.vectors.get(vector)?;
    let aggregate = |at: &usize| crossing.aggregates.get(*at).cloned();
    let (mut what, ends, split) = match (vector, certificate.crossing.measure) {
        (Vector::Additive { aggregate: at }, Measure::Count | Measure::Sum { .. }) => (vec![aggregate(at)?], None, None),
        (Vector::Split { sum, count, low: 0, high: 1 }, _) if is_of_all(crossing, *count) => {
            (vec![aggregate(count)?], None, Some(Split::Condition(zero_where(summed(crossing, *sum)?))))
        }
        (Vector::Split { sum, count, low, high }, _) => {
            (vec![aggregate(sum)?, aggregate(count)?], Some((*low, *high)), Some(Split::Ends))
        }
        _ => return None,
    };
    let mut exprs: Vec<Expr> = crossing.keys.iter().map(|key| key.expr.clone()).collect();
    let (keys, aggregates) = (exprs.len(), what.len());
    exprs.append(&mut what);
    exprs.extend(split.iter().filter_map(|split| if let Split::Condition(expr) = split { Some(expr.clone()) } else { None }));
    let (rows, mut exprs) = Rows::of(&crossing.input, exprs);
    let split = exprs.split_off(keys.saturating_add(aggregates)).pop().map(Split::Condition).or(split);
    let what = (exprs.split_off(keys), ends);
    Some(Signed { signature: Signature { what, scans: scans.clone(), rows }, split, keys: exprs })
}

/// What the vectors of a table are aggregates of, to be compared with those of others.
pub(crate) struct Counted(Vec<Signature>);

impl Counted {
    /// Of a table.
    pub(crate) fn of(table: &CheckedTable) -> Self {
        let vectors = 0..table.answer.certified.accepted().crossing.vectors.len();
        Self(vectors.filter_map(|vector| signature(table, vector).map(|signed| signed.signature)).collect())
    }

    /// Whether some vector is the same aggregate of the same rows as some vector of another table, whatever their keys and bounds.
    pub(crate) fn has_rows_of(&self, other: &Self) -> bool {
        self.0.iter().any(|one| other.0.iter().any(|other| one.what == other.what && one.rows == other.rows))
    }
}

/// Whether an aggregate is `count(*)`.
fn is_of_all(crossing: &CrossingAggregate, aggregate: usize) -> bool {
    crossing.aggregates.get(aggregate) == Some(&all_rows())
}

/// 0 where a value is 1, and 1 where it is 0.
fn zero_where(value: Expr) -> Expr {
    let mut plain = unalias(&value);
    // 0 and 1 are what they are in whatever type.
    while let Expr::Cast(cast) = plain {
        plain = unalias(&cast.expr);
    }
    match Choice::of(plain) {
        Some(choice) if choice.counts() => choice.flag(),
        _ => lit(1_i64) - value,
    }
}

/// The value of which an aggregate sums what a clamp leaves.
fn summed(crossing: &CrossingAggregate, aggregate: usize) -> Option<Expr> {
    let Expr::AggregateFunction(function) = unalias(crossing.aggregates.get(aggregate)?) else { return None };
    let Expr::Case(clamp) = unalias(function.params.args.first()?) else { return None };
    clamp.else_expr.as_deref().cloned()
}

/// How far one person moves a vector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moves {
    /// How many rows of theirs it counts.
    pub(crate) rows: f64,
    /// How far each of them moves a cell.
    pub(crate) each: f64,
}

/// How much a cell of a vector matters: by its query's weight, in the inverse square of what one row can add.
pub(super) fn weight(table: &CheckedTable, vector: usize) -> f64 {
    let size = match table.answer.certified.accepted().crossing.vectors.get(vector).map(|of| of.certificate.crossing.measure) {
        Some(Measure::Sum { low, high }) => low.unsigned_abs().max(high.unsigned_abs()),
        Some(Measure::Split { low, high }) => high.abs_diff(low),
        Some(Measure::Scores { weight }) => weight,
        Some(Measure::Count | Measure::DistinctUnits) | None => 1,
    };
    table.weight / (size.max(1) as f64).powi(2)
}

/// How far one person moves a vector.
pub(super) fn moves(table: &CheckedTable, vector: usize) -> Moves {
    let crossing = &table.answer.certified.accepted().crossing;
    let (rows, sets) = (crossing.rows as f64, crossing.sets.len() as f64);
    let l1 = crossing.vectors.get(vector).map_or(1.0, |of| of.certificate.crossing.sensitivity.l1() as f64);
    Moves { rows, each: l1 / (rows * sets).max(1.0) }
}

/// A vector that is reconciled with nothing.
pub(super) struct Alone {
    pub(super) unit: usize,
    cells: usize,
    weight: f64,
    pub(super) moves: Moves,
}

impl Alone {
    pub(super) fn of(unit: usize, table: &CheckedTable, vector: usize) -> Self {
        let cells = table.answer.certified.grid().cells.len();
        Self { unit, cells, weight: weight(table, vector), moves: moves(table, vector) }
    }

    pub(super) fn family(self) -> Family {
        let part = Part { level: 0, axes: 1, unit: self.unit, weight: self.weight };
        Family { tree: Tree::whole(), axes: vec![self.cells.max(1)], parts: vec![part] }
    }
}
