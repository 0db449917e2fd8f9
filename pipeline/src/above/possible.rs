//! What the exact numbers of a column can be, read from the plan above the door: a count is not negative, and a part divided by its
//! whole is a share. What is published of them is brought there, where it is shown to people.
//!
//! Nothing is run: bounds of intervals are followed through the expressions, and of counts of what they are a part.

use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunctionParams, Case, WindowFunctionParams};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, Operator, Window};
use utfall_publish::description::formula::Formula;
use utfall_publish::{Possible, TableDescription};

use super::part::Part;

/// What is known of a column or an expression.
#[derive(Debug, Clone)]
pub(super) struct Quantity {
    possible: Possible,
    /// What it is a part of, if it is a number of rows or people.
    part: Option<Part>,
}

/// Of each column of a query's result what its exact numbers can be; `at` says where the noisy numbers enter, counted from the top down.
/// None where the plan has a node through which that cannot be followed.
pub(super) fn possible(plan: &LogicalPlan, at: usize, table: &TableDescription) -> Option<Vec<Possible>> {
    let columns = quantities(plan, at, table)?;
    Some(columns.into_iter().map(|column| column.possible).collect())
}

fn quantities(plan: &LogicalPlan, at: usize, table: &TableDescription) -> Option<Vec<Quantity>> {
    if at == 0 {
        let LogicalPlan::Aggregate(aggregate) = plan else { return None };
        return Some(measured(aggregate, table));
    }
    let (mut left, mut sides) = (at - 1, Vec::new());
    for input in plan.inputs() {
        let size = super::carry::nodes(input);
        let here = left < size;
        sides.push(if here { quantities(input, left, table)? } else { vec![Quantity::PUBLIC; input.schema().fields().len()] });
        left = if here { usize::MAX } else { left.checked_sub(size).unwrap_or(usize::MAX) };
    }
    let first = || sides.first().cloned();
    let scope =
        |input: &'_ LogicalPlan| first().map(|columns| Scope { schema: input.schema().as_ref().clone(), columns, node: at });
    match plan {
        LogicalPlan::SubqueryAlias(_) | LogicalPlan::Filter(_) | LogicalPlan::Sort(_) | LogicalPlan::Limit(_) => first(),
        LogicalPlan::Distinct(_) => first().filter(|columns| columns.len() == plan.schema().fields().len()),
        LogicalPlan::Projection(projection) => {
            let scope = scope(&projection.input)?;
            Some(projection.expr.iter().map(|expr| scope.of(expr)).collect())
        }
        LogicalPlan::Aggregate(aggregate) => {
            let scope = scope(&aggregate.input)?;
            let all = aggregate.group_expr.iter().chain(&aggregate.aggr_expr).map(|expr| scope.of(expr)).collect::<Vec<_>>();
            (all.len() == plan.schema().fields().len()).then_some(all)
        }
        LogicalPlan::Window(Window { input, window_expr, .. }) => {
            let scope = scope(input)?;
            Some(scope.columns.iter().cloned().chain(window_expr.iter().map(|expr| scope.of(expr))).collect())
        }
        LogicalPlan::Join(_) => {
            let all = sides.concat();
            (all.len() == plan.schema().fields().len()).then_some(all)
        }
        _ => None,
    }
}

/// The columns of the aggregate that was measured.
fn measured(aggregate: &Aggregate, table: &TableDescription) -> Vec<Quantity> {
    let keys = aggregate.schema.fields().len().saturating_sub(aggregate.aggr_expr.len());
    let mut formulas = table.measures.iter().map(|measure| &measure.formula);
    let measures = aggregate.aggr_expr.iter().map(|expr| match super::grouped(expr, aggregate) {
        Some(_) => Quantity::PUBLIC,
        None => formulas.next().map_or(Quantity::ANYTHING, |formula| of_formula(formula, expr)),
    });
    std::iter::repeat_n(Quantity::PUBLIC, keys).chain(measures).collect()
}

fn of_formula(formula: &Formula, expr: &Expr) -> Quantity {
    let between = |low: f64, high: f64| Possible { lowest: Some(low), highest: Some(high), ..Possible::ANYTHING };
    let possible = match *formula {
        Formula::Count { .. } => return Quantity { possible: Possible::COUNT, part: Part::measured(expr) },
        Formula::Sum { .. } => Possible::ANYTHING,
        Formula::Mean { low, high, .. } | Formula::Split { low, high, .. } => between(low as f64, high as f64),
        Formula::Variance { .. } | Formula::Deviation { .. } => Possible::COUNT,
        Formula::Quantile { low, .. } => Possible { lowest: Some(low as f64), ..Possible::ANYTHING },
        Formula::HistogramQuantile { low, bins, .. } => between(low as f64, low as f64 + bins.saturating_sub(1) as f64),
        Formula::Constant { value, .. } => between(value as f64, value as f64),
    };
    Quantity { possible, part: None }
}

/// The columns that an expression is about.
struct Scope {
    schema: DFSchema,
    columns: Vec<Quantity>,
    /// Which node of the plan: sums of one node have the same rows.
    node: usize,
}

impl Quantity {
    const PUBLIC: Self = Self { possible: Possible::PUBLIC, part: None };
    const ANYTHING: Self = Self { possible: Possible::ANYTHING, part: None };

    fn ends(&self) -> (f64, f64) {
        (self.possible.lowest.unwrap_or(f64::NEG_INFINITY), self.possible.highest.unwrap_or(f64::INFINITY))
    }

    fn is_never_negative(&self) -> bool {
        self.possible.lowest.is_some_and(|lowest| lowest >= 0.0)
    }

    /// Of what is computed from these: in it there is noise if there is in any of them.
    fn from(parts: &[&Self], (low, high): (f64, f64)) -> Self {
        let public = parts.iter().all(|part| part.possible.public);
        let end = |end: f64| Some(end).filter(|end| end.is_finite());
        Self { possible: Possible { public, lowest: end(low), highest: end(high) }, part: None }
    }

    /// Of either of these.
    fn either(parts: &[&Self]) -> Self {
        let low = parts.iter().map(|part| part.ends().0).fold(f64::INFINITY, f64::min);
        let high = parts.iter().map(|part| part.ends().1).fold(f64::NEG_INFINITY, f64::max);
        if low > high { Self::PUBLIC } else { Self::from(parts, (low, high)) }
    }
}

impl Scope {
    fn of(&self, expr: &Expr) -> Quantity {
        match expr {
            Expr::Column(column) => {
                let at = self.schema.index_of_column(column).ok();
                at.and_then(|at| self.columns.get(at)).cloned().unwrap_or(Quantity::ANYTHING)
            }
            Expr::Alias(alias) => self.of(&alias.expr),
            Expr::Cast(cast) => self.of(&cast.expr),
            Expr::Literal(value, _) => match as_number(value) {
                Some(number) => Quantity::from(&[], (number, number)),
                None => Quantity::PUBLIC,
            },
            Expr::Negative(inner) => {
                let inner = self.of(inner);
                let (low, high) = inner.ends();
                Quantity::from(&[&inner], (-high, -low))
            }
            Expr::BinaryExpr(binary) => self.computed(binary.op, self.of(&binary.left), self.of(&binary.right)),
            Expr::Case(case) => self.case(case),
            Expr::ScalarFunction(function) => {
                let arguments: Vec<Quantity> = function.args.iter().map(|argument| self.of(argument)).collect();
                of_function(function.name(), &arguments)
            }
            Expr::AggregateFunction(function) => {
                let AggregateFunctionParams { args, filter, .. } = &function.params;
                let x = args.first().map_or(Quantity::PUBLIC, |x| self.of(x));
                let mut all = of_several(function.func.name(), &x);
                if function.func.name() == "sum" {
                    let conditions = filter.as_deref().into_iter().flat_map(split_conjunction);
                    all.part = x.part.and_then(|part| part.summed(self.node, conditions.cloned().collect()));
                }
                all
            }
            Expr::WindowFunction(function) => {
                let WindowFunctionParams { args, partition_by, order_by, filter, .. } = &function.params;
                let x = args.first().map_or(Quantity::PUBLIC, |x| self.of(x));
                let mut all = of_several(function.fun.name(), &x);
                if function.fun.name() == "sum" && order_by.is_empty() && filter.is_none() {
                    all.part = x.part.and_then(|part| part.over(partition_by.clone()));
                }
                all
            }
            other => self.unknown(other),
        }
    }

    /// Anything, and public where all that it is about is.
    fn unknown(&self, expr: &Expr) -> Quantity {
        let is_public = |column| self.of(&Expr::Column(column)).possible.public;
        let public = expr.column_refs().into_iter().cloned().all(is_public);
        if public { Quantity::PUBLIC } else { Quantity::ANYTHING }
    }

    fn computed(&self, op: Operator, left: Quantity, right: Quantity) -> Quantity {
        let ((a, b), (c, d)) = (left.ends(), right.ends());
        let both = [&left, &right];
        match op {
            Operator::Plus => Quantity::from(&both, (a + c, b + d)),
            Operator::Minus => Quantity::from(&both, (a - d, b - c)),
            Operator::Multiply => {
                let corners = [times(a, c), times(a, d), times(b, c), times(b, d)];
                let ends =
                    (corners.into_iter().fold(f64::INFINITY, f64::min), corners.into_iter().fold(f64::NEG_INFINITY, f64::max));
                let part = match (c == d, a == b) {
                    (true, _) => left.part.as_ref().and_then(|part| part.scaled(c)),
                    (_, true) => right.part.as_ref().and_then(|part| part.scaled(a)),
                    _ => None,
                };
                Quantity { part, ..Quantity::from(&both, ends) }
            }
            Operator::Divide if c == d && c > 0.0 => {
                let part = left.part.as_ref().and_then(|part| part.scaled(c.recip()));
                Quantity { part, ..Quantity::from(&both, (a / c, b / c)) }
            }
            Operator::Divide => {
                let share = left.part.as_ref().zip(right.part.as_ref()).and_then(|(part, whole)| part.most_of(whole));
                let never = left.is_never_negative() && right.is_never_negative();
                match share.filter(|_| never) {
                    Some(most) => Quantity::from(&both, (0.0, most)),
                    None if never => Quantity::from(&both, (0.0, f64::INFINITY)),
                    None => Quantity::from(&both, (f64::NEG_INFINITY, f64::INFINITY)),
                }
            }
            _ => Quantity::from(&both, (f64::NEG_INFINITY, f64::INFINITY)),
        }
    }

    /// One of its values; what is one number under a condition and nothing otherwise is a part of that number.
    fn case(&self, case: &Case) -> Quantity {
        let values = case.when_then_expr.iter().map(|(_, then)| then.as_ref()).chain(case.else_expr.as_deref());
        let given: Vec<(&Expr, Quantity)> = values.map(|value| (value, self.of(value))).collect();
        let either = Quantity::either(&given.iter().map(|(_, quantity)| quantity).collect::<Vec<_>>());
        let is_nothing =
            |expr: &Expr| matches!(expr, Expr::Literal(value, _) if value.is_null() || as_number(value) == Some(0.0));
        let mut something = given.iter().filter(|(expr, _)| !is_nothing(expr)).map(|(_, quantity)| &quantity.part);
        let part = something.next().cloned().flatten().filter(|part| something.all(|other| other.as_ref() == Some(part)));
        let part = part.map(|part| match case.when_then_expr.as_slice() {
            [(when, then)] if case.expr.is_none() && !is_nothing(then) => {
                part.under(self.node, split_conjunction(when).into_iter().cloned().collect())
            }
            _ => part.under(self.node, vec![Expr::Case(case.clone())]),
        });
        Quantity { part, ..either }
    }
}

fn of_function(name: &str, arguments: &[Quantity]) -> Quantity {
    let all: Vec<&Quantity> = arguments.iter().collect();
    let Some(first) = arguments.first() else { return Quantity::PUBLIC };
    let (low, high) = first.ends();
    match name {
        "nullif" => first.clone(),
        "coalesce" | "nvl" | "ifnull" => Quantity::either(&all),
        "greatest" => {
            let ends = arguments.iter().map(Quantity::ends).reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)));
            Quantity::from(&all, ends.unwrap_or((low, high)))
        }
        "least" => {
            let ends = arguments.iter().map(Quantity::ends).reduce(|a, b| (a.0.min(b.0), a.1.min(b.1)));
            Quantity::from(&all, ends.unwrap_or((low, high)))
        }
        "round" | "trunc" | "floor" | "ceil" => Quantity::from(&all, (low.floor(), high.ceil())),
        "abs" if low >= 0.0 => Quantity::from(&all, (low, high)),
        "abs" | "sqrt" | "exp" => Quantity::from(&all, (0.0, f64::INFINITY)),
        _ => Quantity::from(&all, (f64::NEG_INFINITY, f64::INFINITY)),
    }
}

/// An aggregate or a window of a quantity.
fn of_several(name: &str, x: &Quantity) -> Quantity {
    let (low, high) = x.ends();
    let ends = match name {
        "sum" => (if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY }, if high <= 0.0 { 0.0 } else { f64::INFINITY }),
        "avg" | "min" | "max" | "median" | "first_value" | "last_value" | "nth_value" | "lag" | "lead" => (low, high),
        "count" | "stddev" | "stddev_pop" | "var" | "var_pop" => (0.0, f64::INFINITY),
        "rank" | "row_number" | "dense_rank" => (1.0, f64::INFINITY),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    };
    Quantity::from(&[x], ends)
}

/// A product in which nothing times without end is nothing.
fn times(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 { 0.0 } else { a * b }
}

fn as_number(value: &ScalarValue) -> Option<f64> {
    let ScalarValue::Float64(number) = value.cast_to(&arrow::datatypes::DataType::Float64).ok()? else { return None };
    number.filter(|_| value.data_type().is_numeric())
}

#[cfg(test)]
mod tests {
    use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
    use datafusion::prelude::SessionContext;
    use utfall_ground::text::Text;
    use utfall_publish::Statistic;

    use super::*;

    const COUNTED: &str = "(SELECT column1 AS k, count(*) AS n, count(*) FILTER (WHERE column2 = 1) AS ones, \
        count(*) FILTER (WHERE column2 IN (1, 2)) AS some, avg(column2) AS mean, sum(column2) AS sum FROM people GROUP BY column1) AS c";

    fn table() -> TableDescription {
        let text = || Text { sv: String::new(), en: String::new() };
        let count = |vector| Formula::Count { vector };
        let formulas = [count(0), count(1), count(2), Formula::Split { vector: 3, low: 1, high: 5 }, Formula::Sum { vector: 4 }];
        let measure = |formula| Statistic { name: "m".into(), title: text(), formula, unit: None };
        TableDescription {
            name: "t".into(),
            title: text(),
            sql: String::new(),
            keys: Vec::new(),
            cells: Vec::new(),
            private_keys: false,
            anonymous: false,
            rows: std::collections::BTreeMap::new(),
            public: Vec::new(),
            vectors: Vec::new(),
            measures: formulas.into_iter().map(measure).collect(),
            above: None,
            targets: Vec::new(),
            measured_with: None,
            quotes: None,
            differs: None,
        }
    }

    /// What the columns of a query can hold.
    async fn columns(select: &str) -> Option<Vec<Possible>> {
        let context = SessionContext::new();
        context.sql("CREATE TABLE people AS VALUES ('a', 1), ('b', 2)").await.unwrap().collect().await.unwrap();
        let plan = context.state().create_logical_plan(&select.replace("COUNTED", COUNTED)).await.unwrap();
        let (mut at, mut found) = (0, 0);
        plan.apply(|node| {
            if matches!(node, LogicalPlan::Aggregate(_)) {
                found = at;
            }
            at += 1;
            Ok(TreeNodeRecursion::Continue)
        })
        .unwrap();
        possible(&plan, found, &table())
    }

    #[test]
    fn counts_are_not_negative_and_parts_are_shares_of_their_whole() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let between = |low: f64, high: f64| Possible { lowest: Some(low), highest: Some(high), ..Possible::ANYTHING };
        let (anything, count, share, percent) = (Possible::ANYTHING, Possible::COUNT, Possible::SHARE, Possible::PERCENT);
        for (sql, expected) in [
            ("SELECT k, n, mean, sum FROM COUNTED", vec![Possible::PUBLIC, count, between(1.0, 5.0), anything]),
            (
                "SELECT 1.0 * ones / nullif(n, 0) AS a, 100.0 * n / nullif(sum(n) OVER (), 0) AS b FROM COUNTED",
                vec![share, percent],
            ),
            ("SELECT ones / nullif(some, 0) AS a, some / nullif(ones, 0) AS b FROM COUNTED", vec![share, count]),
            (
                "SELECT round(100.0 * sum(CASE WHEN k = 'a' THEN n ELSE 0 END) / nullif(sum(n), 0), 1) AS a, sum(n) AS b FROM COUNTED",
                vec![percent, count],
            ),
            (
                "SELECT 100.0 * sum(n) FILTER (WHERE k = 'a') / nullif(sum(n) FILTER (WHERE k <> 'b'), 0) AS a, \
                 sum(n) FILTER (WHERE k <> 'b') / nullif(sum(n) FILTER (WHERE k = 'a'), 0) AS b FROM COUNTED",
                vec![percent, count],
            ),
            (
                "SELECT n - ones AS a, 30 - n AS b, n + ones AS c, abs(n - ones) AS d FROM COUNTED",
                vec![anything, Possible { highest: Some(30.0), ..anything }, count, count],
            ),
            ("SELECT s.b * 100 AS a FROM (SELECT avg(1.0 * ones / n) AS b FROM COUNTED) AS s", vec![percent]),
            (
                "SELECT 5000 / nullif(ones, 0) AS kronor, max(mean) OVER () AS most FROM COUNTED ORDER BY kronor",
                vec![count, between(1.0, 5.0)],
            ),
            (
                "SELECT n / nullif(sum(n) OVER (PARTITION BY k), 0) AS a, sum(n) OVER (PARTITION BY k) / sum(n) OVER () AS b, sum(n) OVER () / n AS c FROM COUNTED",
                vec![share, share, count],
            ),
        ] {
            let found = runtime.block_on(columns(sql)).unwrap_or_else(|| panic!("{sql}"));
            assert_eq!(found, expected, "{sql}");
        }
        // What is called alike elsewhere is no whole.
        let other = "SELECT 1.0 * c.ones / nullif(d.n, 0) AS a FROM COUNTED JOIN (SELECT 'a' AS k, 5 AS n) AS d ON c.k = d.k";
        assert_eq!(runtime.block_on(columns(other)).unwrap()[0].highest, None);
    }
}
