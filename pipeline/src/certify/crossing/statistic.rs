//! Sums, means and variances as vectors of clamped sums and counts.

use crate::certify::expression::is_decimal;
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{Expr, Operator, binary_expr, lit, when};
use utfall_privacy::certificate::Measure;

use super::{Builder, Estimator, Vector, unalias};
use crate::certify::domain::ValueRange;
use crate::certify::words::refusal::Violation;
use crate::certify::words::written::in_sql;

/// More people than there are: the cap in every proof that a sum cannot wrap.
const PEOPLE: u128 = 1 << 34;

/// A whole number that can be summed.
pub(super) struct Summand {
    /// The expression, in 64 bits.
    pub(super) argument: Expr,
    /// The interval of its values.
    pub(super) range: ValueRange,
}

/// A whole number as its distance from a centre.
struct Centred {
    centre: i64,
    /// The distance.
    argument: Expr,
    /// The interval of the distance.
    around: ValueRange,
    /// The interval of the number.
    range: ValueRange,
}

impl Builder<'_, '_> {
    /// A whole number that can be summed, with its interval.
    pub(super) fn range(&self, x: &Expr) -> Result<Summand, Violation> {
        let x = strip(x);
        let value = self.walk.scope(self.relation).value(x)?;
        match value.interval() {
            Some(range) if range.fits(62) => {
                let argument = datafusion::logical_expr::cast(x.clone(), arrow::datatypes::DataType::Int64);
                Ok(Summand { argument, range })
            }
            _ if self.walk.scope(self.relation).type_of(x).is_ok_and(|of| is_decimal(&of)) => Err(Violation::Decimal(in_sql(x))),
            _ => Err(Violation::Clamp(in_sql(x))),
        }
    }

    /// The sum of a function of x, clamped to its interval: NULL adds nothing.
    pub(super) fn clamped(
        &mut self,
        x: &Expr,
        interval: ValueRange,
        filter: Option<&Expr>,
        whole: &Expr,
    ) -> Result<usize, Violation> {
        let kind = self.clamp(interval, whole)?;
        let Measure::Sum { low, high } = kind else { return Err(Violation::Overflow(in_sql(whole))) };
        self.additive(sum(clamped(x, low, high)?), filter, kind)
    }

    /// The clamp of an interval, if no sum of it can leave 64 bits.
    pub(super) fn clamp(&self, interval: ValueRange, whole: &Expr) -> Result<Measure, Violation> {
        let most = interval.magnitude().checked_mul(u128::from(self.crossing.rows)).and_then(|m| m.checked_mul(PEOPLE));
        match (i64::try_from(interval.low), i64::try_from(interval.high), most) {
            (Ok(low), Ok(high), Some(..=0x7fff_ffff_ffff_ffff)) => Ok(Measure::Sum { low, high }),
            _ => Err(Violation::Overflow(in_sql(whole))),
        }
    }

    pub(super) fn total(&mut self, x: &Expr, filter: Option<&Expr>) -> Result<Estimator, Violation> {
        let Summand { argument, range: interval } = self.range(x)?;
        if constant(interval) == Some(0) {
            return self.constant(x, filter, 0, i64::MIN);
        }
        Ok(Estimator::Sum(self.clamped(&argument, interval, filter, x)?))
    }

    /// A statistic of values that are all the same: only how many there are is measured.
    pub(super) fn constant(&mut self, x: &Expr, filter: Option<&Expr>, value: i64, least: i64) -> Result<Estimator, Violation> {
        Ok(Estimator::Constant { count: self.count(strip(x), filter)?, value, least })
    }

    /// The centre of an interval, declared for the column or its middle, and x as its distance from it, with the interval of
    /// that. The nearer the centre is to the mean, the less the noise of the count matters.
    fn centred(&self, x: &Expr) -> Result<Centred, Violation> {
        let Summand { argument, range } = self.range(x)?;
        let share = range == ValueRange::new(0, 1);
        let middle = self.declared(x).filter(|centre| (range.low..=range.high).contains(centre));
        let middle = middle.unwrap_or_else(|| range.low.saturating_add(range.high).div_euclid(2));
        let centre = i64::try_from(if share { 0 } else { middle }).map_err(|_| Violation::Overflow(in_sql(x)))?;
        let argument = if centre == 0 { argument } else { binary_expr(argument, Operator::Minus, lit(centre)) };
        let around = range.corners(ValueRange::point(centre.into()), i128::checked_sub);
        let around = around.ok_or_else(|| Violation::Overflow(in_sql(x)))?;
        Ok(Centred { centre, argument, around, range })
    }

    pub(super) fn mean(&mut self, x: &Expr, filter: Option<&Expr>) -> Result<Estimator, Violation> {
        let Centred { centre, argument: centred, around, range } = self.centred(x)?;
        if let Some(value) = constant(range) {
            return self.constant(x, filter, value, 1);
        }
        if self.stands_alone(x, filter)? {
            return self.distances(x, filter);
        }
        let n = self.count(strip(x), filter)?;
        let s = self.clamped(&centred, around, filter, x)?;
        Ok(Estimator::Mean([n, s], centre, range))
    }

    /// The centre that the schema declares for a column that was passed on unchanged.
    fn declared(&self, x: &Expr) -> Option<i128> {
        let origin = self.walk.scope(self.relation).value(strip(x)).ok()?.origin?;
        self.walk.catalogue.table(&origin.table)?.columns.get(&origin.column)?.centre.map(i128::from)
    }

    /// Whether the mean of x is measured by itself. Where the rows that have an x are counted anyhow, for a spread, or for the
    /// third mean, it costs less to measure sums around a centre beside one count.
    fn stands_alone(&self, x: &Expr, filter: Option<&Expr>) -> Result<bool, Violation> {
        let (mut means, counted) = (0_usize, self.counted(strip(x))?);
        for expr in self.aggregates {
            let Expr::AggregateFunction(f) = unalias(expr) else { continue };
            let same_rows =
                |argument: &Expr| Ok::<_, Violation>(f.params.filter.as_deref() == filter && self.counted(argument)? == counted);
            match (f.func.name(), f.params.args.as_slice()) {
                ("avg", _) => means = means.saturating_add(1),
                ("count", [argument]) if !f.params.distinct && same_rows(argument)? => return Ok(false),
                (spread, _) if spread.starts_with("var") || spread.starts_with("stddev") => return Ok(false),
                _ => {}
            }
        }
        Ok(means <= 2)
    }

    /// The distances of x from both ends of its interval, summed: they give its mean, and one row moves them by no more than
    /// the interval is wide.
    pub(super) fn distances(&mut self, x: &Expr, filter: Option<&Expr>) -> Result<Estimator, Violation> {
        let Summand { argument, range } = self.range(x)?;
        let Measure::Sum { low, high } = self.clamp(range, x)? else { return Err(Violation::Overflow(in_sql(x))) };
        let sum = self.aggregate(sum(clamped(&argument, low, high)?), filter);
        let count = self.aggregate(count(self.counted(strip(x))?), filter);
        let vector = self.vector(Vector::Split { sum, count, low, high }, Measure::Split { low, high })?;
        Ok(Estimator::Split(vector, range))
    }

    pub(super) fn spread(&mut self, x: &Expr, filter: Option<&Expr>, sample: bool, root: bool) -> Result<Estimator, Violation> {
        let Centred { centre, argument: centred, around, range } = self.centred(x)?;
        if constant(range).is_some() {
            return self.constant(x, filter, 0, if sample { 2 } else { 1 });
        }
        let n = self.count(strip(x), filter)?;
        let s = self.clamped(&centred, around, filter, x)?;
        let most = around.magnitude().checked_mul(around.magnitude()).and_then(|m| i128::try_from(m).ok());
        let most = most.ok_or_else(|| Violation::Overflow(in_sql(x)))?;
        let square = binary_expr(centred.clone(), Operator::Multiply, centred);
        let q = self.clamped(&square, ValueRange::new(0, most), filter, x)?;
        Ok(Estimator::Spread { vectors: [n, s, q], centre, range, sample, root })
    }
}

/// The only value of an interval, if it has one.
pub(super) fn constant(range: ValueRange) -> Option<i64> {
    if range.low == range.high { i64::try_from(range.low).ok() } else { None }
}

/// x, or the nearest of two ends. NULL is neither below nor above and stays NULL.
fn clamped(x: &Expr, low: i64, high: i64) -> Result<Expr, Violation> {
    let clamped = when(x.clone().lt(lit(low)), lit(low)).when(x.clone().gt(lit(high)), lit(high)).otherwise(x.clone());
    clamped.map_err(|e| Violation::Sql(e.strip_backtrace()))
}

/// The argument without the cast to a fraction that coercion inserts: the sum is taken of whole numbers.
pub(super) fn strip(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast(cast) if *cast.field.data_type() == arrow::datatypes::DataType::Float64 => strip(&cast.expr),
        Expr::Alias(alias) => strip(&alias.expr),
        other => other,
    }
}
