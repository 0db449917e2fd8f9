//! The aggregate that crosses the door: by which keys, and which vectors of integers answer it.
//!
//! # Privacy
//! What is measured are counts, clamped sums and scores; means, variances and shares are arithmetic on the noisy numbers. A
//! vector's sensitivity follows from the rows of one person ([`super::below`]) and is certified in
//! `utfall_privacy::certificate`. The clamp is in the plan itself, so it holds whatever has landed. No sum can leave 64
//! bits: there are fewer than 2^34 people, each has at most the certified rows, and each row adds at most its clamp.

use datafusion::functions_aggregate::expr_fn::{count, count_distinct};
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, lit};
use utfall_privacy::certificate::{Certificate, Crossing, Measure};

use super::below::{Walk, unalias};
use super::domain::{Domain, Value, ValueRange};
use super::relation::Relation;
use super::series::by_period;
use super::sets::{Grouping, grouping};
use super::words::refusal::Violation;
use super::words::subject::Subject;
use super::words::written::in_sql;

/// A key of the crossing aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupKey {
    /// Its name in the output; the name in the aggregate until something above renames it.
    pub name: String,
    /// What is known of it.
    pub value: Value,
    /// The expression on the relation below.
    pub expr: Expr,
}

/// How a vector is computed from the rows of the measured plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vector {
    /// The sum over a cell's rows of an output column of the measured plan (a count, a sum).
    Additive {
        /// The aggregate's position among the aggregates of the measured plan.
        aggregate: usize,
    },
    /// The sums over a cell's rows of the distances of a value from either end of its interval: two integers per cell. Both
    /// follow from the sum of the clamped values and the number of rows that have one.
    Split {
        /// The position of the sum among the aggregates of the measured plan.
        sum: usize,
        /// The position of the count.
        count: usize,
        /// The least value.
        low: i64,
        /// The greatest value.
        high: i64,
    },
    /// The number of rows of a cell for each value of an interval: `candidates` integers per cell.
    Histogram {
        /// The valued column's position among the extra keys of the measured plan.
        column: usize,
        /// The lowest value.
        low: i64,
        /// The number of values.
        candidates: u64,
    },
    /// The scores of each value of an interval as the quantile `numerator / denominator` of a cell.
    Scores {
        /// The valued column's position among the extra keys.
        column: usize,
        /// The lowest value.
        low: i64,
        /// The number of values.
        candidates: u64,
        /// The quantile, in lowest terms.
        numerator: u64,
        /// The quantile, in lowest terms.
        denominator: u64,
    },
}

/// What an aggregate of the query is, as a formula over vectors; numbers are positions in [`CrossingAggregate::vectors`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Estimator {
    /// `count`.
    Count(usize),
    /// `sum`.
    Sum(usize),
    /// `avg`: the count, the sum of distances from the centre, the centre, and the range.
    Mean([usize; 2], i64, ValueRange),
    /// `avg` that stands alone: the distances from either end, and the range.
    Split(usize, ValueRange),
    /// A variance or its root: the count, the sum of distances from the centre and of their squares.
    Spread {
        /// Count, sum, squares.
        vectors: [usize; 3],
        /// The centre.
        centre: i64,
        /// The range of the values.
        range: ValueRange,
        /// Over n - 1 instead of n.
        sample: bool,
        /// The standard deviation.
        root: bool,
    },
    /// A quantile by the exponential mechanism, or from a histogram if several are asked of one expression.
    Quantile {
        /// Scores or histogram.
        vector: usize,
        /// The range of the values.
        range: ValueRange,
        /// The quantile.
        numerator: u64,
        /// The quantile.
        denominator: u64,
        /// Whether the vector is a histogram.
        histogram: bool,
        /// How many rows have a value, where one is selected: of nobody there is none.
        count: Option<usize>,
        /// The distances of the same values from both ends, if these are measured anyhow.
        ends: Option<usize>,
    },
    /// A statistic of values that are all the same.
    Constant {
        /// The rows that have a value.
        count: usize,
        /// The statistic.
        value: i64,
        /// Of fewer rows there is none.
        least: i64,
    },
    /// `grouping(key)`: public.
    Grouping(usize),
}

/// A vector of integers to measure, with its proof.
#[derive(Debug, Clone)]
pub struct CertifiedVector {
    /// How it is computed.
    pub vector: Vector,
    /// How far one person moves it.
    pub certificate: Certificate,
}

/// An aggregate of the query.
#[derive(Debug, Clone)]
pub struct NamedEstimator {
    /// Its name in the plan.
    pub name: String,
    /// What it counts or sums.
    pub subject: Subject,
    /// Its formula.
    pub estimator: Estimator,
}

/// The aggregate that crosses the door.
#[derive(Debug, Clone)]
pub struct CrossingAggregate {
    /// The keys.
    pub keys: Vec<GroupKey>,
    /// Which keys each published set has; one set with all of them unless GROUPING SETS, ROLLUP or CUBE stand there.
    pub sets: Vec<Vec<usize>>,
    /// The integers to measure, each with its proof.
    pub vectors: Vec<CertifiedVector>,
    /// The aggregates of the query.
    pub estimators: Vec<NamedEstimator>,
    /// Expressions whose values are told apart beside the keys, for quantiles.
    pub valued: Vec<Expr>,
    /// The aggregates of the measured plan.
    pub aggregates: Vec<Expr>,
    /// Whether the engine itself computes every grouping set, because people in the parts do not add up to the whole.
    pub by_set: bool,
    /// What the aggregate reads.
    pub input: LogicalPlan,
    /// The most rows of one person.
    pub rows: u64,
}

impl CrossingAggregate {
    /// How many columns the measured plan has.
    pub fn columns(&self) -> usize {
        let [keys, valued, aggregates] = [self.keys.len(), self.valued.len(), self.aggregates.len()];
        keys.saturating_add(usize::from(self.by_set)).saturating_add(valued).saturating_add(aggregates)
    }
}

impl Estimator {
    /// The vectors it is computed from.
    pub(super) fn vectors(&self) -> Vec<usize> {
        match self {
            Self::Count(vector) | Self::Sum(vector) | Self::Split(vector, _) => vec![*vector],
            Self::Quantile { vector, count, .. } => [*vector].into_iter().chain(*count).collect(),
            Self::Constant { count, .. } => vec![*count],
            Self::Mean(vectors, ..) => vectors.to_vec(),
            Self::Spread { vectors, .. } => vectors.to_vec(),
            Self::Grouping(_) => Vec::new(),
        }
    }
}

mod statistic;

use statistic::{Summand, constant, strip};

/// Builds the crossing aggregate while its parts are checked.
struct Builder<'w, 'a> {
    walk: &'w Walk<'a>,
    relation: &'w Relation,
    table: &'w str,
    crossing: CrossingAggregate,
    key_columns: Vec<Option<usize>>,
    /// The column of the period, if the query is answered period by period.
    period: Option<usize>,
    /// All aggregates of the query.
    aggregates: &'w [Expr],
}

impl Walk<'_> {
    /// The aggregate that crosses the door, over an accepted private relation.
    pub(super) fn crossing(
        &self,
        aggregate: &Aggregate,
        relation: &Relation,
        table: &str,
    ) -> Result<CrossingAggregate, Violation> {
        let Grouping { keys, sets } = grouping(&aggregate.group_expr)?;
        let by_set = usize::from(matches!(aggregate.group_expr.as_slice(), [Expr::GroupingSet(_)]));
        let columns = keys.len().saturating_add(by_set).saturating_add(aggregate.aggr_expr.len());
        if columns != aggregate.schema.fields().len() {
            return Err(Violation::GroupingSets);
        }
        // What is certified of a series are all its periods together.
        let lifted = self.bounds.period.as_ref().map(|_| by_period(relation)).transpose()?;
        let (relation, period) = lifted.as_ref().map_or((relation, None), |lifted| (&lifted.relation, Some(lifted.period)));
        let crossing = CrossingAggregate {
            keys: Vec::new(),
            sets,
            vectors: Vec::new(),
            estimators: Vec::new(),
            valued: Vec::new(),
            aggregates: Vec::new(),
            by_set: false,
            input: aggregate.input.as_ref().clone(),
            rows: relation.claim().rows,
        };
        let aggregates = &aggregate.aggr_expr;
        let mut builder = Builder { walk: self, relation, table, crossing, key_columns: Vec::new(), period, aggregates };
        for (position, expr) in keys.iter().enumerate() {
            let name = aggregate.schema.fields().get(position).map(|f| f.name().clone()).unwrap_or_default();
            builder.key(name, expr)?;
        }
        let width = keys.len().saturating_add(by_set);
        for (position, expr) in aggregate.aggr_expr.iter().enumerate() {
            let at = width.saturating_add(position);
            let name = aggregate.schema.fields().get(at).map(|f| f.name().clone()).unwrap_or_default();
            builder.measure(name, expr)?;
        }
        builder.finish(&aggregate.aggr_expr)
    }
}

impl Builder<'_, '_> {
    fn key(&mut self, name: String, expr: &Expr) -> Result<(), Violation> {
        let value = self.walk.scope(self.relation).tried(expr)?;
        let column = match unalias(expr) {
            Expr::Column(column) => Some(self.relation.index(column)?),
            _ => None,
        };
        self.key_columns.push(column);
        self.crossing.keys.push(GroupKey { name, value, expr: unalias(expr).clone() });
        Ok(())
    }

    fn measure(&mut self, name: String, expr: &Expr) -> Result<(), Violation> {
        let Expr::AggregateFunction(AggregateFunction { func, params }) = unalias(expr) else {
            return Err(Violation::Aggregate(in_sql(expr)));
        };
        let AggregateFunctionParams { args, distinct, filter, order_by, null_treatment } = params;
        if let Some(filter) = filter {
            self.walk.scope(self.relation).predicate(filter)?;
        }
        let filter = filter.as_deref();
        let function = func.name();
        let quantile = matches!(function, "median" | "approx_median" | "percentile_cont" | "approx_percentile_cont");
        let ordered = !order_by.is_empty() && !quantile;
        if ordered || null_treatment.is_some() || (*distinct && function != "count") || (quantile && filter.is_some()) {
            return Err(Violation::AggregateModifier);
        }
        let (subject, estimator) = match (function, args.as_slice()) {
            ("count", [x]) if *distinct => (Subject::People, Estimator::Count(self.people(x, filter)?)),
            ("count", [x]) => (Subject::Rows, Estimator::Count(self.count(x, filter)?)),
            ("sum", [x]) => (self.subject("sum", x), self.total(x, filter)?),
            ("avg", [x]) => (self.subject("avg", x), self.mean(x, filter)?),
            ("var" | "var_samp" | "var_pop" | "stddev" | "stddev_samp" | "stddev_pop", [x]) => {
                let sample = !function.ends_with("_pop");
                let kind = if function.starts_with("var") { "var" } else { "stddev" };
                (self.subject(kind, x), self.spread(x, filter, sample, kind == "stddev")?)
            }
            ("median" | "approx_median", [x]) => (self.subject("median", x), self.quantile(x, 1, 2)?),
            ("percentile_cont" | "approx_percentile_cont", [x, q]) => {
                let Order { numerator, denominator } = fraction(q).ok_or_else(|| Violation::Fraction(in_sql(q)))?;
                let descending = order_by.iter().any(|s| !s.asc);
                if descending || order_by.len() > 1 || order_by.iter().any(|s| s.expr != *x) {
                    return Err(Violation::AggregateModifier);
                }
                (self.subject(&format!("quantile {numerator}/{denominator}"), x), self.quantile(x, numerator, denominator)?)
            }
            ("grouping", [x]) => {
                let key = self.crossing.keys.iter().position(|k| k.expr == *unalias(x));
                (Subject::Public, Estimator::Grouping(key.ok_or(Violation::GroupingSets)?))
            }
            _ => return Err(Violation::Aggregate(function.to_owned())),
        };
        self.crossing.estimators.push(NamedEstimator { name, subject, estimator });
        Ok(())
    }

    fn subject(&self, function: &str, x: &Expr) -> Subject {
        let origin = self.walk.scope(self.relation).value(strip(x)).ok().and_then(|v| v.origin);
        Subject::Of(function.to_owned(), origin)
    }

    /// `count(x)`: the rows where x is not null; `count(*)` where it never is.
    fn count(&mut self, x: &Expr, filter: Option<&Expr>) -> Result<usize, Violation> {
        let counted = self.counted(x)?;
        self.additive(count(counted), filter, Measure::Count)
    }

    /// What is counted for x: itself, or every row where it is never null.
    fn counted(&self, x: &Expr) -> Result<Expr, Violation> {
        let nullable = match unalias(x) {
            Expr::Column(column) => self.relation.any(column)?.1.nullable,
            other => self.walk.scope(self.relation).value(other)?.nullable,
        };
        Ok(if nullable { unalias(x).clone() } else { lit(1_i64) })
    }

    /// `count(DISTINCT unit)`.
    fn people(&mut self, x: &Expr, filter: Option<&Expr>) -> Result<usize, Violation> {
        let unit = match unalias(x) {
            Expr::Column(column) => self.relation.any(column)?.1.domain == Domain::Unit,
            _ => false,
        };
        if !unit {
            return Err(Violation::Distinct(in_sql(x)));
        }
        self.additive(count_distinct(unalias(x).clone()), filter, Measure::DistinctUnits)
    }

    /// A quantile: scores for the exponential mechanism. [`Self::finish`] turns several of one expression into a histogram.
    fn quantile(&mut self, x: &Expr, numerator: u64, denominator: u64) -> Result<Estimator, Violation> {
        let Summand { argument, range } = self.range(x)?;
        if let Some(value) = constant(range) {
            return self.constant(x, None, value, 1);
        }
        if range.size() > MOST_CANDIDATES {
            return Err(Violation::Clamp(in_sql(strip(x))));
        }
        let candidates = u64::try_from(range.size()).unwrap_or(u64::MAX);
        let low = i64::try_from(range.low).map_err(|_| Violation::Overflow(in_sql(x)))?;
        let known = self.crossing.valued.iter().position(|v| *v == argument);
        let column = known.unwrap_or(self.crossing.valued.len());
        if known.is_none() {
            self.crossing.valued.push(argument);
        }
        let weight = numerator.max(denominator.saturating_sub(numerator));
        let vector = Vector::Scores { column, low, candidates, numerator, denominator };
        let vector = self.vector(vector, Measure::Scores { weight })?;
        Ok(Estimator::Quantile { vector, range, numerator, denominator, histogram: false, count: None, ends: None })
    }

    /// How many rows have the value of which one quantile is selected: for nobody the mechanism would choose some value too.
    fn counts(&mut self) -> Result<(), Violation> {
        for at in 0..self.crossing.estimators.len() {
            let of = self.crossing.estimators.get(at).map(|named| &named.estimator);
            let Some(Estimator::Quantile { vector, histogram: false, .. }) = of else { continue };
            let Some(Vector::Scores { column, .. }) = self.crossing.vectors.get(*vector).map(|of| &of.vector) else { continue };
            let Some(valued) = self.crossing.valued.get(*column).cloned() else { continue };
            // Without the cast that made a whole number of it, so that it is counted once.
            let value = if let Expr::Cast(cast) = valued { *cast.expr } else { valued };
            let rows = datafusion::functions_aggregate::expr_fn::count(self.counted(&value)?);
            let rows = self.crossing.aggregates.iter().position(|known| *known == rows);
            let split = |vector: &Vector| matches!(vector, Vector::Split { count, .. } if Some(*count) == rows);
            let measured = self.crossing.vectors.iter().position(|known| split(&known.vector));
            let counted = if measured.is_some() { None } else { Some(self.count(&value, None)?) };
            let of = self.crossing.estimators.get_mut(at).map(|named| &mut named.estimator);
            if let Some(Estimator::Quantile { count, ends, .. }) = of {
                (*count, *ends) = (counted, measured);
            }
        }
        Ok(())
    }

    fn additive(&mut self, expr: Expr, filter: Option<&Expr>, kind: Measure) -> Result<usize, Violation> {
        let aggregate = self.aggregate(expr, filter);
        self.vector(Vector::Additive { aggregate }, kind)
    }

    /// The position of an aggregate of the measured plan; the same one is computed once.
    fn aggregate(&mut self, expr: Expr, filter: Option<&Expr>) -> usize {
        let expr = with_filter(expr, filter);
        let known = self.crossing.aggregates.iter().position(|a| *a == expr);
        if known.is_none() {
            self.crossing.aggregates.push(expr);
        }
        known.unwrap_or(self.crossing.aggregates.len().saturating_sub(1))
    }

    /// A vector with its certificate; the same vector is measured once.
    fn vector(&mut self, vector: Vector, kind: Measure) -> Result<usize, Violation> {
        if let Some(known) = self.crossing.vectors.iter().position(|known| known.vector == vector) {
            return Ok(known);
        }
        // A grouping key that is computed stands for no column of the relation, so it never proves that rows differ.
        let columns = |set: &Vec<usize>| {
            let keys = set.iter().filter_map(|k| self.key_columns.get(*k).copied().flatten());
            let mut columns: Vec<usize> = keys.chain(self.period).collect();
            columns.sort_unstable();
            columns.dedup();
            columns
        };
        let sets: Vec<Vec<usize>> = self.crossing.sets.iter().map(columns).collect();
        let proof = Crossing::derive(sets, kind, &self.relation.proof).map_err(|_| Violation::TooMany(self.table.to_owned()))?;
        let certificate = Certificate { table: self.table.to_owned(), crossing: proof, input: self.relation.proof.clone() };
        self.crossing.vectors.push(CertifiedVector { vector, certificate });
        self.crossing.vectors.len().checked_sub(1).ok_or(Violation::AggregateCount)
    }

    /// What only the whole can show: something is measured, and what is not additive stands alone.
    fn finish(mut self, aggregates: &[Expr]) -> Result<CrossingAggregate, Violation> {
        let people = self.crossing.vectors.iter().any(|of| of.certificate.crossing.measure == Measure::DistinctUnits);
        if people && !self.crossing.valued.is_empty() {
            return Err(Violation::PeopleAlone);
        }
        self.crossing.by_set = people && self.crossing.sets.len() > 1;
        if self.crossing.vectors.is_empty() {
            return Err(if aggregates.is_empty() { Violation::NoAggregate } else { Violation::AggregateCount });
        }
        super::quantile::histograms(self.relation, self.table, &mut self.crossing)?;
        self.counts()?;
        if !self.crossing.valued.is_empty() {
            let rows = count(lit(1_i64));
            if !self.crossing.aggregates.contains(&rows) {
                self.crossing.aggregates.push(rows);
            }
        }
        Ok(self.crossing)
    }
}

/// The most values among which a quantile is selected.
const MOST_CANDIDATES: u128 = 10_000;

fn with_filter(mut expr: Expr, filter: Option<&Expr>) -> Expr {
    if let Expr::AggregateFunction(f) = &mut expr {
        f.params.filter = filter.map(|f| Box::new(f.clone()));
    }
    expr
}

/// The order of a quantile: 1 / 2 is the median.
struct Order {
    numerator: u64,
    denominator: u64,
}

/// A quantile written as a decimal, in lowest terms, strictly between 0 and 1.
fn fraction(expr: &Expr) -> Option<Order> {
    let Expr::Literal(value, _) = unalias(expr) else { return None };
    let fraction = utfall_privacy::rational::parse_decimal(&value.to_string()).ok()?;
    let numerator = u64::try_from(fraction.numer().clone()).ok()?;
    let denominator = u64::try_from(fraction.denom().clone()).ok()?;
    (numerator > 0 && numerator < denominator && denominator <= 1_000).then_some(Order { numerator, denominator })
}
