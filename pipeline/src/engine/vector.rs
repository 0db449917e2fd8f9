//! From the engine's groups to the vectors that enter the mechanisms: which row belongs to which cell.

use std::collections::HashMap;

use arrow::array::{Array as _, ArrayRef, AsArray as _, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int16Type, Int64Type, UInt64Type};
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::lit;

use crate::catalogue::schema::CodeList;
use crate::certify::{CertifiedVector, CrossingAggregate, Grid, Vector};
use utfall_publish::description::{MISSING, SEPARATOR};

/// The codes of a group, and the number of its grouping set.
type Group = (Vec<Option<String>>, Option<u64>);

/// The vectors of a crossing, each in the order of the grid's cells. Rows outside the grid (a required code that was
/// removed from its list, a number outside its declared range) are left out: that can only lower somebody's influence, and
/// an error here would depend on data.
///
/// # Errors
/// When the columns are not those of the measured plan.
pub(super) fn fold(
    batches: &[RecordBatch],
    codes: &[Option<&CodeList>],
    crossing: &CrossingAggregate,
    grid: &Grid,
) -> Result<Vec<Vec<i64>>, DataFusionError> {
    let index = grid.index();
    let cells = grid.cells.len();
    let width = |vector: &Vector| match vector {
        Vector::Additive { .. } => 1,
        Vector::Split { .. } => 2,
        Vector::Histogram { candidates, .. } | Vector::Scores { candidates, .. } => usize::try_from(*candidates).unwrap_or(0),
    };
    let mut vectors: Vec<Vec<i64>> = crossing.vectors.iter().map(|of| vec![0; cells.saturating_mul(width(&of.vector))]).collect();
    let counted = count(lit(1_i64));
    let rows_at = crossing.aggregates.iter().position(|a| *a == counted);
    let mut known: HashMap<Group, Vec<usize>> = HashMap::new();
    for batch in batches {
        let columns = Columns::of(batch, codes, crossing)?;
        for row in 0..batch.num_rows() {
            let codes: Vec<Option<&str>> = columns.keys.iter().map(|k| k.is_valid(row).then(|| k.value(row))).collect();
            let owned = || codes.iter().map(|c| c.map(str::to_owned)).collect::<Vec<_>>();
            let id = columns.set.as_ref().map(|ids| ids.value(row));
            let among = |set: &&Vec<usize>| id.is_none_or(|id| id == set_id(crossing, set));
            let found = || crossing.sets.iter().filter(among).filter_map(|set| index.find(&codes, set)).collect();
            let cells = known.entry((owned(), id)).or_insert_with(found);
            for (CertifiedVector { vector, .. }, values) in crossing.vectors.iter().zip(&mut vectors) {
                match vector {
                    Vector::Additive { aggregate } => {
                        let value = columns.aggregate(*aggregate, row);
                        cells.iter().for_each(|cell| add(values, *cell, value));
                    }
                    Vector::Split { sum, count, low, high } => {
                        let (sum, rows) = (i128::from(columns.aggregate(*sum, row)), i128::from(columns.aggregate(*count, row)));
                        let ends = [sum - rows * i128::from(*low), rows * i128::from(*high) - sum];
                        for (cell, (at, distance)) in
                            cells.iter().flat_map(|cell| ends.iter().enumerate().map(move |e| (cell, e)))
                        {
                            let distance = i64::try_from(*distance).unwrap_or(i64::MAX);
                            add(values, cell.saturating_mul(2).saturating_add(at), distance);
                        }
                    }
                    Vector::Histogram { column, low, candidates } | Vector::Scores { column, low, candidates, .. } => {
                        let Some(bin) = columns.bin(*column, row, *low, *candidates) else { continue };
                        let rows = rows_at.map_or(0, |at| columns.aggregate(at, row));
                        let width = width(vector);
                        cells.iter().for_each(|cell| add(values, cell.saturating_mul(width).saturating_add(bin), rows));
                    }
                }
            }
        }
    }
    for (CertifiedVector { vector, .. }, values) in crossing.vectors.iter().zip(&mut vectors) {
        if let Vector::Scores { numerator, denominator, .. } = vector {
            values.chunks_mut(width(vector).max(1)).for_each(|cell| scores(cell, *numerator, *denominator));
        }
    }
    Ok(vectors)
}

/// The groups that some row has, each as the codes of its keys, with their counts.
///
/// # Errors
/// When the columns are not those of the measured plan.
pub(super) fn keyed(
    batches: &[RecordBatch],
    codes: &[Option<&CodeList>],
    crossing: &CrossingAggregate,
) -> Result<Vec<(String, i64)>, DataFusionError> {
    let mut groups: HashMap<String, i64> = HashMap::new();
    for batch in batches {
        let columns = Columns::of(batch, codes, crossing)?;
        for row in 0..batch.num_rows() {
            let code = |k: &StringArray| if k.is_valid(row) { k.value(row).to_owned() } else { MISSING.to_owned() };
            let key = columns.keys.iter().map(code).collect::<Vec<_>>().join(&SEPARATOR.to_string());
            let count = columns.aggregate(0, row);
            // A code that its list lacks has no text, and a count of nobody (FILTER) is no group.
            if count > 0 && !key.split(SEPARATOR).any(str::is_empty) {
                groups.entry(key).and_modify(|known| *known = known.saturating_add(count)).or_insert(count);
            }
        }
    }
    Ok(groups.into_iter().collect())
}

/// DataFusion's number of a grouping set: one bit per key in the order in which the sets name them, the last lowest, set
/// where the key is rolled up.
fn set_id(crossing: &CrossingAggregate, set: &[usize]) -> u64 {
    order(crossing).iter().fold(0, |id, key| (id << 1) | u64::from(!set.contains(key)))
}

/// The keys in the order in which the columns of the measured plan have them.
fn order(crossing: &CrossingAggregate) -> Vec<usize> {
    let mut keys: Vec<usize> = (0..crossing.keys.len()).collect();
    if crossing.by_set {
        let first = |key: &usize| crossing.sets.iter().flatten().position(|k| k == key);
        keys.sort_by_key(first);
    }
    keys
}

fn add(values: &mut [i64], at: usize, value: i64) {
    if let Some(slot) = values.get_mut(at) {
        *slot = slot.saturating_add(value);
    }
}

/// Turns a cell's counts per value into the scores of the values as its `a / b` quantile.
///
/// # Privacy
/// score(v) = -max(0, b #(x < v) - a n, a n - b #(x <= v)): 0 for every v that is a quantile, ties and all. One more row adds
/// b - a or -a to the first difference and a or a - b to the second, and the greatest of three numbers moves no further than
/// the one that moves most: at most max(a, b - a), the weight that is certified.
fn scores(cell: &mut [i64], a: u64, b: u64) {
    let (a, b) = (i128::from(a), i128::from(b));
    let share = a * cell.iter().map(|n| i128::from(*n)).sum::<i128>();
    let mut below = 0_i128;
    for value in cell {
        let upto = below + i128::from(*value);
        let score = -(b * below - share).max(share - b * upto).max(0);
        below = upto;
        *value = i64::try_from(score).unwrap_or(i64::MIN);
    }
}

/// The codes of stored integers. An integer that the list lacks gets a text that no cell has.
fn labelled(column: &ArrayRef, list: &CodeList) -> StringArray {
    let Some(ids) = column.as_primitive_opt::<Int16Type>() else { return StringArray::new_null(column.len()) };
    let code = |id: i16| list.entry_of(id).map_or("", |e| e.code.as_str());
    ids.iter().map(|id| id.map(code)).collect()
}

/// The columns of one batch, by what they are.
struct Columns {
    keys: Vec<StringArray>,
    set: Option<UInt64Array>,
    valued: Vec<Int64Array>,
    aggregates: Vec<Int64Array>,
}

impl Columns {
    fn of(batch: &RecordBatch, codes: &[Option<&CodeList>], crossing: &CrossingAggregate) -> Result<Self, DataFusionError> {
        let (keys, set, valued) = (crossing.keys.len(), usize::from(crossing.by_set), crossing.valued.len());
        if batch.num_columns() != keys + set + valued + crossing.aggregates.len() {
            return Err(DataFusionError::Internal("the result does not have the certified columns".into()));
        }
        let whole = |from: usize, n: usize| {
            let columns = batch.columns().iter().skip(from).take(n);
            columns
                .map(|c| Ok(cast(c, &DataType::Int64)?.as_primitive::<Int64Type>().clone()))
                .collect::<Result<Vec<_>, DataFusionError>>()
        };
        let text = batch.columns().iter().zip(codes).take(keys).map(|(column, list)| match list {
            Some(list) => Ok(labelled(column, list)),
            None => Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone()),
        });
        let mut ordered: Vec<(usize, StringArray)> =
            order(crossing).into_iter().zip(text.collect::<Result<Vec<_>, DataFusionError>>()?).collect();
        ordered.sort_by_key(|(key, _)| *key);
        let ids =
            |column: &ArrayRef| Ok::<_, DataFusionError>(cast(column, &DataType::UInt64)?.as_primitive::<UInt64Type>().clone());
        Ok(Self {
            keys: ordered.into_iter().map(|(_, text)| text).collect(),
            set: batch.columns().get(keys).filter(|_| crossing.by_set).map(ids).transpose()?,
            valued: whole(keys + set, valued)?,
            aggregates: whole(keys + set + valued, crossing.aggregates.len())?,
        })
    }

    /// A count or a sum; NULL, the sum of nothing, is 0.
    fn aggregate(&self, at: usize, row: usize) -> i64 {
        self.aggregates.get(at).filter(|a| a.is_valid(row)).map_or(0, |a| a.value(row))
    }

    /// The position of a value among the candidates, clamped to them; none for NULL.
    fn bin(&self, at: usize, row: usize, low: i64, candidates: u64) -> Option<usize> {
        let value = self.valued.get(at).filter(|v| v.is_valid(row))?.value(row);
        let bin = value.saturating_sub(low).clamp(0, i64::try_from(candidates.saturating_sub(1)).ok()?);
        usize::try_from(bin).ok()
    }
}
