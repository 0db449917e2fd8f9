//! Which values a column or an expression can have, one by one: a condition is tried on each of them, a step (`age / 10 * 10`) is
//! computed of each.
//!
//! # Privacy
//! Looks at the query and at public lists only, so the cells that follow say nothing about anybody. No bound rests on it: a row whose
//! value is not among these has no cell, and is not counted.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, Date32Array, Int64Array, StringArray, UInt32Array};
use arrow::compute::{cast, filter, take};
use arrow::datatypes::{DataType, Schema};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::DataFusionError;
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{ColumnarValue, Expr, ident, lit};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::create_physical_expr;

use super::domain::{Domain, Value, label};
use super::expression::Scope;
use super::words::label::code;
use crate::catalogue::schema::Catalogue;
use utfall_ground::calendar::Day;
use utfall_publish::description::Code;

/// A key with more values than this is refused.
const MOST_VALUES: usize = 1_000;

/// No more values that a condition left are kept one by one.
const MOST_LEFT: usize = 5_000;

/// A condition is tried on no more values, and an expression of one column computed of no more: all the days that can have landed
/// are fewer.
const MOST_TRIED: usize = 120_000;

/// Of several columns an expression is computed of no more combinations of their values.
const MOST_COMBINED: usize = 20_000;

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

    /// That a column of a public table has one of them.
    pub(super) fn condition(&self, column: &str) -> Expr {
        datafusion::logical_expr::cast(ident(column), DataType::Utf8)
            .in_list(self.values.iter().map(|value| lit(value.as_str())).collect(), false)
    }

    /// These, or no value.
    pub(super) fn or_null(self) -> Self {
        Self { null: true, ..self }
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
        self.size(column).filter(|size| *size <= MOST_TRIED)?;
        let tried = self.values(column)?;
        let holds = self.computed(condition, &[column], std::slice::from_ref(&tried))?;
        let left = filter(&tried, holds.as_boolean_opt()?).ok()?;
        // Each was tried once: so many are left, and need not be written out to be counted.
        let few = left.len().checked_sub(left.null_count()).is_some_and(|left| left <= MOST_LEFT);
        if few { Some((column, possible(&left)?)) } else { None }
    }

    /// The values of an expression, where its columns have few enough to compute it of each.
    pub(super) fn outcomes(&self, expr: &Expr) -> Option<Possible> {
        let columns = self.columns(expr)?;
        let combinations = columns.iter().try_fold(1_usize, |all, column| all.checked_mul(self.size(*column)?.checked_add(1)?));
        let most = if columns.len() > 1 { MOST_COMBINED } else { MOST_TRIED };
        combinations.filter(|all| *all <= most)?;
        let values = columns.iter().map(|column| self.values(*column)).collect::<Option<Vec<_>>>()?;
        possible(&self.computed(expr, &columns, &values)?).filter(|found| found.values.len() <= MOST_VALUES)
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
    fn values(&self, column: usize) -> Option<ArrayRef> {
        let value = self.relation.columns.get(column)?;
        let null = value.nullable && value.possible.as_ref().is_none_or(|possible| possible.null);
        let none = usize::from(null);
        let texts = |all: &mut dyn Iterator<Item = &str>| -> ArrayRef {
            Arc::new(all.map(Some).chain(std::iter::repeat_n(None, none)).collect::<StringArray>())
        };
        let all: ArrayRef = match (&value.possible, &value.domain) {
            (Some(possible), _) => texts(&mut possible.values.iter().map(String::as_str)),
            (None, domain @ (Domain::Codes(_) | Domain::Labels(_))) => {
                texts(&mut domain.labels(self.catalogue).iter().map(|code| code.code.as_str()))
            }
            (None, Domain::Boolean) => texts(&mut ["false", "true"].into_iter()),
            (None, Domain::Integer(range)) => {
                let numbers = (range.low..=range.high).map(|n| i64::try_from(n).ok()).collect::<Option<Vec<i64>>>()?;
                Arc::new(numbers.into_iter().map(Some).chain(std::iter::repeat_n(None, none)).collect::<Int64Array>())
            }
            (None, Domain::Date(range)) => {
                let days = (range.low..=range.high).map(|n| i32::try_from(n).ok()).collect::<Option<Vec<i32>>>()?;
                Arc::new(days.into_iter().map(Some).chain(std::iter::repeat_n(None, none)).collect::<Date32Array>())
            }
            (None, Domain::Unit | Domain::Other) => return None,
        };
        cast(&all, self.schema().field(column).data_type()).ok()
    }

    /// An expression of every combination of values of its columns.
    fn computed(&self, expr: &Expr, columns: &[usize], values: &[ArrayRef]) -> Option<ArrayRef> {
        let rows = values.iter().try_fold(1_usize, |rows, of| rows.checked_mul(of.len()))?;
        let fields = columns.iter().map(|column| {
            let (relation, field) = self.schema().qualified_field(*column);
            (relation.cloned(), Arc::clone(field))
        });
        let schema = DFSchema::new_with_metadata(fields.collect(), HashMap::new()).ok()?;
        let (mut arrays, mut each) = (Vec::new(), rows);
        for of in values {
            each = each.checked_div(of.len().max(1))?;
            let at = |row: usize| u32::try_from(row.checked_div(each.max(1))?.checked_rem(of.len().max(1))?).ok();
            let places = (0..rows).map(at).collect::<Option<Vec<u32>>>()?;
            arrays.push(take(of, &UInt32Array::from(places), None).ok()?);
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
        (Domain::Integer(_), Some(Possible { values, .. })) if values.len() <= MOST_VALUES => {
            let mut numbers = values.iter().map(|value| value.parse().ok()).collect::<Option<Vec<i128>>>()?;
            numbers.sort_unstable();
            Some(numbers.into_iter().map(|n| label(&n.to_string())).collect())
        }
        (Domain::Date(_), Some(Possible { values, .. })) if values.len() <= MOST_VALUES => {
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
    // Some functions run only as what they are defined by.
    let defined = expr.clone().transform_up(|part| match part {
        Expr::ScalarFunction(function) => Ok(match function.func.simplify(function.args, &context)? {
            ExprSimplifyResult::Simplified(by) if function.func.name() == "coalesce" => Transformed::yes(by),
            ExprSimplifyResult::Simplified(_) => return Err(DataFusionError::Plan("what it is by itself is not known".into())),
            ExprSimplifyResult::Original(args) => {
                Transformed::no(Expr::ScalarFunction(ScalarFunction { func: Arc::clone(&function.func), args }))
            }
        }),
        other => Ok(Transformed::no(other)),
    })?;
    let coerced = ExprSimplifier::new(context).coerce(defined.data, schema)?;
    let physical = create_physical_expr(&coerced, schema, &ExecutionProps::new(), &Default::default())?;
    match physical.evaluate(batch)? {
        ColumnarValue::Array(array) => Ok(array),
        ColumnarValue::Scalar(value) => value.to_array_of_size(batch.num_rows()),
    }
}

/// These values as text, each once.
fn possible(values: &ArrayRef) -> Option<Possible> {
    let texts = cast(values, &DataType::Utf8).ok()?;
    let (mut found, mut seen, mut null) = (Vec::new(), BTreeSet::new(), false);
    for text in texts.as_string_opt::<i32>()? {
        match text {
            Some(text) if seen.insert(text) => found.push(text.to_owned()),
            Some(_) => {}
            None => null = true,
        }
    }
    Some(Possible { values: found, null })
}
