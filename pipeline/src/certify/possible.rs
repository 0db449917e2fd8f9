//! Which values a column or an expression can have, one by one: a condition is tried on each of them, a step (`age / 10 * 10`) is
//! computed of each.
//!
//! # Privacy
//! Looks at the query and at public lists only, so the cells that follow say nothing about anybody. No bound rests on it: a row whose
//! value is not among these has no cell, and is not counted.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _};
use arrow::datatypes::{DataType, Schema};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{ColumnarValue, Expr};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::create_physical_expr;

use super::domain::{Domain, Value, label};
use super::expression::Scope;
use super::words::label::code;
use crate::catalogue::schema::Catalogue;
use utfall_ground::calendar::Day;
use utfall_publish::description::Code;

/// No more values of a column are tried by a condition, and no expression has more of them as a key.
const MOST_VALUES: usize = 1_000;

/// An expression is computed of no more combinations of values: all the days that can have landed are fewer.
const MOST_TRIED: usize = 120_000;

/// Values that were found one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possible {
    /// The values as text, each once, in the order in which they were tried.
    pub values: Vec<String>,
    /// Whether NULL is among them.
    pub null: bool,
}

impl Possible {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && !self.null
    }

    /// Whether a value, or NULL, is among them.
    pub(super) fn has(&self, value: Option<&str>) -> bool {
        value.map_or(self.null, |value| self.values.iter().any(|known| known == value))
    }

    /// The values of either.
    pub(super) fn or(self, other: &Self) -> Self {
        let Self { mut values, null } = self;
        let new: Vec<String> = other.values.iter().filter(|value| !values.contains(value)).cloned().collect();
        values.extend(new);
        Self { values, null: null || other.null }
    }
}

impl Scope<'_> {
    /// The column that a condition is about, if it is one alone, and the values of it for which the condition holds.
    pub(super) fn left(&self, condition: &Expr) -> Option<(usize, Possible)> {
        let [column] = self.columns(condition)?.try_into().ok()?;
        self.size(column).filter(|size| *size <= MOST_VALUES)?;
        let tried = self.values(column)?;
        let holds = self.computed(condition, &[column], std::slice::from_ref(&tried))?;
        let holds = holds.as_boolean_opt()?;
        let passed = tried.iter().zip(holds).filter(|(_, holds)| *holds == Some(true)).map(|(value, _)| value);
        Some((column, possible(passed)?))
    }

    /// The values of an expression, where its columns have few enough to compute it of each.
    pub(super) fn outcomes(&self, expr: &Expr) -> Option<Possible> {
        let columns = self.columns(expr)?;
        let combinations = columns.iter().try_fold(1_usize, |all, column| all.checked_mul(self.size(*column)?.checked_add(1)?));
        combinations.filter(|all| *all <= MOST_TRIED)?;
        let values = columns.iter().map(|column| self.values(*column)).collect::<Option<Vec<_>>>()?;
        let computed = self.computed(expr, &columns, &values)?;
        let outcomes =
            (0..computed.len()).map(|row| ScalarValue::try_from_array(&computed, row).ok()).collect::<Option<Vec<_>>>();
        possible(outcomes?.iter()).filter(|found| found.values.len() <= MOST_VALUES)
    }

    /// The columns of an expression.
    fn columns(&self, expr: &Expr) -> Option<Vec<usize>> {
        let mut columns: Vec<usize> =
            expr.column_refs().into_iter().map(|column| self.relation.index(column).ok()).collect::<Option<_>>()?;
        columns.sort_unstable();
        columns.dedup();
        Some(columns)
    }

    /// How many values a column can hold, beside NULL; none where they cannot be counted up.
    fn size(&self, column: usize) -> Option<usize> {
        let value = self.relation.columns.get(column)?;
        match (&value.possible, &value.domain) {
            (Some(possible), _) => Some(possible.values.len()),
            (None, domain @ (Domain::Codes(_) | Domain::Labels(_))) => Some(domain.labels(self.catalogue).len()),
            (None, Domain::Boolean) => Some(2),
            (None, Domain::Integer(range) | Domain::Date(range)) => usize::try_from(range.size()).ok(),
            (None, Domain::Unit | Domain::Other) => None,
        }
    }

    /// What a column can hold, NULL last; none where it cannot be counted up.
    fn values(&self, column: usize) -> Option<Vec<ScalarValue>> {
        let value = self.relation.columns.get(column)?;
        let kind = self.schema().field(column).data_type();
        let texts = match &value.possible {
            Some(Possible { values, .. }) => values.clone(),
            None => self.all(value)?,
        };
        let null = value.nullable && value.possible.as_ref().is_none_or(|possible| possible.null);
        let mut all = texts.iter().map(|text| typed(text, kind)).collect::<Option<Vec<_>>>()?;
        if null {
            all.push(ScalarValue::try_from(kind).ok()?);
        }
        Some(all)
    }

    /// All values of a domain as text.
    fn all(&self, value: &Value) -> Option<Vec<String>> {
        match &value.domain {
            domain @ (Domain::Codes(_) | Domain::Labels(_)) => {
                Some(domain.labels(self.catalogue).into_iter().map(|code| code.code).collect())
            }
            Domain::Boolean => Some(["false", "true"].map(str::to_owned).to_vec()),
            Domain::Integer(range) => Some((range.low..=range.high).map(|n| n.to_string()).collect()),
            Domain::Date(range) => {
                (range.low..=range.high).map(|day| Some(Day(day.try_into().ok()?).date()?.to_string())).collect::<Option<_>>()
            }
            Domain::Unit | Domain::Other => None,
        }
    }

    /// An expression of every combination of values of its columns.
    fn computed(&self, expr: &Expr, columns: &[usize], values: &[Vec<ScalarValue>]) -> Option<ArrayRef> {
        let rows = values.iter().try_fold(1_usize, |rows, of| rows.checked_mul(of.len()))?;
        let fields = columns.iter().map(|column| {
            let (relation, field) = self.schema().qualified_field(*column);
            (relation.cloned(), Arc::clone(field))
        });
        let schema = DFSchema::new_with_metadata(fields.collect(), HashMap::new()).ok()?;
        let mut arrays = Vec::new();
        let mut each = rows;
        for of in values {
            each = each.checked_div(of.len().max(1))?;
            let at = |row: usize| of.get(row.checked_div(each.max(1))?.checked_rem(of.len().max(1))?).cloned();
            let column = (0..rows).map(at).collect::<Option<Vec<_>>>()?;
            arrays.push(ScalarValue::iter_to_array(column).ok()?);
        }
        // A column that cannot be NULL would not take the NULLs that are tried.
        let fields: Vec<_> = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).ok()?;
        evaluated(expr, &Arc::new(schema), &batch).ok()
    }
}

/// The values of a key in the order of their list; none if there is no list, or it is too long.
pub(super) fn listed(value: &Value, catalogue: &Catalogue) -> Option<Vec<Code>> {
    let is_possible = |code: &Code| value.possible.as_ref().is_none_or(|possible| possible.values.contains(&code.code));
    let is_short = |size: u128| usize::try_from(size).is_ok_and(|size| size <= MOST_VALUES);
    match (&value.domain, &value.possible) {
        (domain @ (Domain::Codes(_) | Domain::Labels(_)), _) => {
            Some(domain.labels(catalogue).into_iter().filter(is_possible).collect())
        }
        (Domain::Boolean, _) => {
            let both = [("false", "nej", "no"), ("true", "ja", "yes")].map(|(c, sv, en)| code(c, sv, en));
            Some(both.into_iter().filter(is_possible).collect())
        }
        (Domain::Integer(_), Some(Possible { values, .. })) => {
            let mut numbers = values.iter().map(|value| value.parse().ok()).collect::<Option<Vec<i128>>>()?;
            numbers.sort_unstable();
            Some(numbers.into_iter().map(|n| label(&n.to_string())).collect())
        }
        (Domain::Date(_), Some(Possible { values, .. })) => {
            let mut days = values.clone();
            days.sort();
            Some(days.iter().map(|day| label(day)).collect())
        }
        (Domain::Integer(range), None) if is_short(range.size()) => {
            Some((range.low..=range.high).map(|n| label(&n.to_string())).collect())
        }
        (Domain::Date(range), None) if is_short(range.size()) => {
            let days = (range.low..=range.high).filter_map(|day| Day(day.try_into().ok()?).date());
            Some(days.map(|day| label(&day.to_string())).collect())
        }
        (Domain::Integer(_) | Domain::Date(_) | Domain::Unit | Domain::Other, _) => None,
    }
}

/// An expression of every row of a batch, as the engine computes it.
fn evaluated(expr: &Expr, schema: &Arc<DFSchema>, batch: &RecordBatch) -> Result<ArrayRef, DataFusionError> {
    let context = SimplifyContext::builder().with_schema(Arc::clone(schema)).build();
    let coerced = ExprSimplifier::new(context).coerce(expr.clone(), schema)?;
    let physical = create_physical_expr(&coerced, schema, &ExecutionProps::new(), &Default::default())?;
    match physical.evaluate(batch)? {
        ColumnarValue::Array(array) => Ok(array),
        ColumnarValue::Scalar(value) => value.to_array_of_size(batch.num_rows()),
    }
}

/// A value of a column's type from its text.
fn typed(text: &str, kind: &DataType) -> Option<ScalarValue> {
    ScalarValue::Utf8(Some(text.to_owned())).cast_to(kind).ok()
}

/// These values as text, each once.
fn possible<'v>(values: impl Iterator<Item = &'v ScalarValue>) -> Option<Possible> {
    let (mut found, mut seen, mut null) = (Vec::new(), BTreeSet::new(), false);
    for value in values {
        if value.is_null() {
            null = true;
            continue;
        }
        let ScalarValue::Utf8(Some(text)) = value.cast_to(&DataType::Utf8).ok()? else { return None };
        if seen.insert(text.clone()) {
            found.push(text);
        }
    }
    Some(Possible { values: found, null })
}
