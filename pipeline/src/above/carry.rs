//! One run for many: the plan above the door with a number of the draw beside every row, so that each draw is computed by
//! itself, all in one go; and which of its columns the noise moves smoothly.
//!
//! The noisy numbers enter a plan in one place, so only the nodes from there to the top change: what groups, groups by the
//! draw too; what looks at other rows looks at those of its draw. What selects rows by noisy numbers, or orders windows by
//! them, has kinks where a simulation misleads, so it is not simulated.

use std::collections::BTreeMap;

use datafusion::common::Column;
use datafusion::common::tree_node::TreeNode as _;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::expr::{AggregateFunctionParams, WindowFunctionParams};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Operator, Projection, Window,
};

/// The name of the column that numbers the draws.
pub(super) const DRAW: &str = "utfall_draw";

/// How columns begin that hold what a quotient is divided by.
const BELOW: &str = "utfall_below_";

/// What the noise does to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NoiseEffect {
    /// Nothing: a key, or a public number.
    Public,
    /// It moves it by sums, differences, products and quotients.
    Smooth,
    /// It may move it by leaps.
    Rough,
}

/// The kinds of the columns that are not public.
type Kinds = BTreeMap<Column, NoiseEffect>;

/// The columns that hold what a column is divided by, where the noise is in that too: near zero a simulation misleads.
type Divisors = BTreeMap<Column, Vec<Column>>;

/// A plan with draws, and what its columns are.
pub(super) struct Carried {
    pub(super) plan: LogicalPlan,
    kinds: Kinds,
    divisors: Divisors,
}

/// What becomes of a column of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DrawnColumn {
    /// What the noise does to it.
    pub(super) effect: NoiseEffect,
    /// The places of what it is divided by, among the columns of the plan without the number of the draw.
    pub(super) divisors: Vec<usize>,
}

impl Carried {
    /// The columns of the result, without the number of the draw and without divisors, which stand last.
    pub(super) fn columns(&self) -> Vec<DrawnColumn> {
        let all: Vec<Column> = self.plan.schema().columns().into_iter().filter(|column| column.name != DRAW).collect();
        let of = |column: &Column| DrawnColumn {
            effect: self.kinds.get(column).copied().unwrap_or(NoiseEffect::Public),
            divisors: self.divisors.get(column).into_iter().flatten().filter_map(|d| all.iter().position(|c| c == d)).collect(),
        };
        all.iter().filter(|column| !column.name.starts_with(BELOW)).map(of).collect()
    }

    /// What an expression is divided by: new divisors, and the columns that hold those of its columns.
    fn divided(&self, expr: &Expr) -> (Vec<Expr>, Vec<Column>) {
        let mut new: Vec<Expr> = Vec::new();
        let found = expr.apply(|part| {
            if let Expr::BinaryExpr(binary) = part
                && binary.op == Operator::Divide
                && self.kind(&binary.right) > NoiseEffect::Public
                && !new.contains(&binary.right)
            {
                new.push(binary.right.as_ref().clone());
            }
            Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
        });
        // What cannot be looked through has nothing to hide: an expression of plain SQL can.
        debug_assert!(found.is_ok());
        let known = expr.column_refs().into_iter().filter_map(|column| self.divisors.get(column)).flatten().cloned().collect();
        (new, known)
    }

    /// What the noise does to an expression that divisors cannot follow: a quotient among others is moved by leaps.
    fn kind_without_divisors(&self, expr: &Expr) -> NoiseEffect {
        let (new, known) = self.divided(expr);
        if new.is_empty() && known.is_empty() { self.kind(expr) } else { NoiseEffect::Rough }
    }

    /// The column with the number of the draw.
    fn draw(&self) -> Option<Expr> {
        self.plan.schema().columns().into_iter().find(|column| column.name == DRAW).map(Expr::Column)
    }

    fn kind(&self, expr: &Expr) -> NoiseEffect {
        kind(expr, &self.kinds)
    }
}

/// Replaces the aggregate at a position, counted from the top down, by draws of it. `None` if the nodes above it cannot keep
/// the draws apart (a LIMIT, a UNION, a sub-query, an outer join that may drop the number), or choose rows by noisy numbers.
pub(super) fn carried(
    plan: &LogicalPlan,
    at: usize,
    with: &mut impl FnMut(&Aggregate) -> Result<LogicalPlan, DataFusionError>,
) -> Result<Option<Carried>, DataFusionError> {
    if at == 0 {
        let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(None) };
        let keys = aggregate.schema.columns().len().saturating_sub(aggregate.aggr_expr.len());
        let measures = aggregate.schema.columns().into_iter().skip(keys);
        let kinds = measures.map(|column| (column, NoiseEffect::Smooth)).collect();
        return Ok(Some(Carried { plan: with(aggregate)?, kinds, divisors: Divisors::new() }));
    }
    // Which input holds the position.
    let (mut left, mut inputs) = (at - 1, plan.inputs().into_iter().cloned().collect::<Vec<_>>());
    let Some(path) = inputs.iter().position(|input| {
        let size = nodes(input);
        let here = left < size;
        if !here {
            left -= size;
        }
        here
    }) else {
        return Ok(None);
    };
    let Some(input) = carried(&inputs[path], left, with)? else { return Ok(None) };
    let Some(draw) = input.draw() else { return Ok(None) };
    if plan.expressions().iter().any(has_query) {
        return Ok(None);
    }
    match plan {
        LogicalPlan::Projection(projection) => projected(projection, input, draw).map(Some),
        LogicalPlan::Aggregate(aggregate) => grouped(aggregate, input, draw),
        LogicalPlan::Window(window) => windowed(window, input, &draw),
        LogicalPlan::Filter(filter) if input.kind(&filter.predicate) > NoiseEffect::Public => Ok(None),
        LogicalPlan::Sort(sort) if sort.fetch.is_some() => Ok(None),
        LogicalPlan::Distinct(Distinct::All(_)) if input.columns().iter().any(|column| column.effect > NoiseEffect::Public) => {
            Ok(None)
        }
        LogicalPlan::Join(join) if !keeps(join, path, &input) => Ok(None),
        LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Distinct(Distinct::All(_))
        | LogicalPlan::Sort(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Join(_) => {
            let before = input.plan.schema().columns();
            inputs[path] = input.plan;
            let new = plan.with_new_exprs(plan.expressions(), inputs)?;
            // A name for the whole relation renames its columns in place; the others keep them as they are.
            let renamed = matches!(plan, LogicalPlan::SubqueryAlias(_));
            let after = new.schema().columns();
            let name = |column: Column| match before.iter().position(|b| *b == column) {
                Some(place) if renamed => after.get(place).cloned().unwrap_or(column),
                _ => column,
            };
            let kinds = input.kinds.into_iter().map(|(column, kind)| (name(column), kind)).collect();
            let all = |columns: Vec<Column>| columns.into_iter().map(name).collect();
            let divisors = input.divisors.into_iter().map(|(column, divisors)| (name(column), all(divisors))).collect();
            Ok(Some(Carried { plan: new, kinds, divisors }))
        }
        _ => Ok(None),
    }
}

fn projected(projection: &Projection, input: Carried, draw: Expr) -> Result<Carried, DataFusionError> {
    let kinds: Vec<NoiseEffect> = projection.expr.iter().map(|expr| input.kind(expr)).collect();
    let mut below: Vec<Expr> = Vec::new();
    let mut own = |expr: Expr| {
        let place = below.iter().position(|known| known.clone().unalias() == expr).unwrap_or(below.len());
        let column = Column::from_name(format!("{BELOW}{place}"));
        if place == below.len() {
            below.push(expr.alias(column.name.clone()));
        }
        column
    };
    let divisors: Vec<Vec<Column>> = projection
        .expr
        .iter()
        .map(|expr| {
            let (new, known) = input.divided(expr);
            new.into_iter().chain(known.into_iter().map(Expr::Column)).map(&mut own).collect()
        })
        .collect();
    let expr = projection.expr.iter().cloned().chain(below).chain([draw]).collect();
    let plan = LogicalPlan::Projection(Projection::try_new(expr, input.plan.into())?);
    let columns = plan.schema().columns();
    let divisors = columns.iter().cloned().zip(divisors).filter(|(_, divisors)| !divisors.is_empty()).collect();
    let kinds = columns.into_iter().zip(kinds).filter(|(_, kind)| *kind > NoiseEffect::Public).collect();
    Ok(Carried { plan, kinds, divisors })
}

fn grouped(aggregate: &Aggregate, input: Carried, draw: Expr) -> Result<Option<Carried>, DataFusionError> {
    let chosen = |expr: &Expr| matches!(expr, Expr::GroupingSet(_)) || input.kind(expr) > NoiseEffect::Public;
    if aggregate.group_expr.iter().any(chosen) {
        return Ok(None);
    }
    let kinds: Vec<NoiseEffect> = aggregate.aggr_expr.iter().map(|expr| input.kind_without_divisors(expr)).collect();
    let groups: Vec<Expr> = aggregate.group_expr.iter().cloned().chain([draw]).collect();
    let keys = groups.len();
    let plan = LogicalPlan::Aggregate(Aggregate::try_new(input.plan.into(), groups, aggregate.aggr_expr.clone())?);
    let measures = plan.schema().columns().into_iter().skip(keys);
    let kinds = measures.zip(kinds).filter(|(_, kind)| *kind > NoiseEffect::Public).collect();
    Ok(Some(Carried { plan, kinds, divisors: Divisors::new() }))
}

/// Windows over the rows of one draw, by the names that they had, with all columns of the input.
fn windowed(window: &Window, input: Carried, draw: &Expr) -> Result<Option<Carried>, DataFusionError> {
    let Some(plain) = window.window_expr.iter().map(|expr| partitioned(expr, draw)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let kept: Vec<Expr> = input.plan.schema().columns().into_iter().map(Expr::Column).collect();
    let names: Vec<String> = window.window_expr.iter().map(|expr| expr.schema_name().to_string()).collect();
    let mut kinds = input.kinds.clone();
    for (expr, name) in window.window_expr.iter().zip(&names) {
        kinds.insert(Column::from_name(name), input.kind_without_divisors(expr));
    }
    kinds.retain(|_, kind| *kind > NoiseEffect::Public);
    let found = plain.iter().map(|expr| Expr::Column(Column::from_name(expr.schema_name().to_string())));
    let columns: Vec<Expr> = kept.into_iter().chain(found.zip(names).map(|(column, name)| column.alias(name))).collect();
    let plan = LogicalPlanBuilder::from(input.plan).window(plain)?.project(columns)?.build()?;
    Ok(Some(Carried { plan, kinds, divisors: input.divisors }))
}

/// A window function that looks at the rows of its draw only.
fn partitioned(expr: &Expr, draw: &Expr) -> Option<Expr> {
    let Expr::WindowFunction(function) = expr.clone().unalias() else { return None };
    let mut function = function;
    let WindowFunctionParams { partition_by, .. } = &mut function.params;
    partition_by.push(draw.clone());
    Some(Expr::WindowFunction(function))
}

/// Whether a join keeps every draw, and meets by public columns.
fn keeps(join: &Join, path: usize, input: &Carried) -> bool {
    let side = join.join_type == JoinType::Inner || (join.join_type == JoinType::Left && path == 0);
    let by = join.on.iter().flat_map(|(a, b)| [a, b]).chain(&join.filter);
    side && by.into_iter().all(|expr| input.kind(expr) == NoiseEffect::Public)
}

/// What the noise does to an expression.
fn kind(expr: &Expr, kinds: &Kinds) -> NoiseEffect {
    let of = |expr: &Expr| kind(expr, kinds);
    let all = |parts: &[&Expr]| parts.iter().map(|part| of(part)).max().unwrap_or(NoiseEffect::Public);
    match expr {
        Expr::Column(column) => kinds.get(column).copied().unwrap_or(NoiseEffect::Public),
        Expr::Alias(alias) => of(&alias.expr),
        Expr::Cast(cast) => of(&cast.expr),
        Expr::Negative(inner) => of(inner),
        Expr::BinaryExpr(binary)
            if matches!(binary.op, Operator::Plus | Operator::Minus | Operator::Multiply | Operator::Divide) =>
        {
            all(&[&binary.left, &binary.right])
        }
        Expr::Case(case) => {
            let conditions = case.expr.iter().map(AsRef::as_ref).chain(case.when_then_expr.iter().map(|(when, _)| when.as_ref()));
            if conditions.into_iter().any(|condition| of(condition) > NoiseEffect::Public) {
                return leaps(expr, kinds);
            }
            let values =
                case.when_then_expr.iter().map(|(_, then)| then.as_ref()).chain(case.else_expr.iter().map(AsRef::as_ref));
            all(&values.collect::<Vec<_>>())
        }
        Expr::ScalarFunction(function) if ["nullif", "round"].contains(&function.name()) => match function.args.as_slice() {
            [first, rest @ ..] if rest.iter().all(|part| of(part) == NoiseEffect::Public) => of(first),
            _ => leaps(expr, kinds),
        },
        Expr::AggregateFunction(function) => {
            let AggregateFunctionParams { args, filter, order_by, distinct, .. } = &function.params;
            let plain = !distinct && order_by.is_empty() && filter.iter().all(|part| of(part) == NoiseEffect::Public);
            match (function.func.name(), plain) {
                ("sum" | "avg", true) => all(&args.iter().collect::<Vec<_>>()),
                // Rows are counted, whatever stands in them; numbers are there or not.
                ("count", true) if args.iter().all(|part| of(part) == NoiseEffect::Public) => NoiseEffect::Public,
                _ => leaps(expr, kinds),
            }
        }
        Expr::WindowFunction(function) => {
            let WindowFunctionParams { args, partition_by, order_by, filter, .. } = &function.params;
            let by = partition_by.iter().chain(order_by.iter().map(|sort| &sort.expr)).chain(filter.as_deref());
            match (function.fun.name(), by.into_iter().all(|part| of(part) == NoiseEffect::Public)) {
                ("sum" | "avg", true) => all(&args.iter().collect::<Vec<_>>()),
                _ => leaps(expr, kinds),
            }
        }
        _ => leaps(expr, kinds),
    }
}

/// Anything that is not known to be smooth: rough, if a noisy number is in it.
fn leaps(expr: &Expr, kinds: &Kinds) -> NoiseEffect {
    if expr.column_refs().iter().any(|column| kinds.contains_key(*column)) { NoiseEffect::Rough } else { NoiseEffect::Public }
}

/// Whether an expression asks a query of its own.
pub(crate) fn has_query(expr: &Expr) -> bool {
    let query = |expr: &Expr| matches!(expr, Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_));
    expr.exists(|expr| Ok(query(expr))).unwrap_or(true)
}

/// How many nodes a plan has.
pub(super) fn nodes(plan: &LogicalPlan) -> usize {
    1 + plan.inputs().into_iter().map(nodes).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::lit;
    use datafusion::prelude::SessionContext;

    use super::*;

    /// The columns of a query, where its draws can be kept apart; the innermost aggregate is what crosses.
    async fn columns(sql: &str) -> Option<Vec<DrawnColumn>> {
        let context = SessionContext::new();
        context.sql("CREATE TABLE people AS VALUES ('a', 1), ('b', 2)").await.unwrap().collect().await.unwrap();
        let sql = sql.replace("COUNTED", "(SELECT column1 AS k, sum(column2) AS n FROM people GROUP BY column1) AS c");
        let plan = context.state().create_logical_plan(&sql).await.unwrap();
        let (mut at, mut found) = (0, 0);
        plan.apply(|node| {
            if matches!(node, LogicalPlan::Aggregate(_)) {
                found = at;
            }
            at += 1;
            Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
        })
        .unwrap();
        let mut numbered = |aggregate: &Aggregate| {
            let columns = aggregate.schema.columns().into_iter().map(Expr::Column).chain([lit(0_i64).alias(DRAW)]);
            LogicalPlanBuilder::from(LogicalPlan::Aggregate(aggregate.clone())).project(columns)?.build()
        };
        carried(&plan, found, &mut numbered).unwrap().map(|carried| carried.columns())
    }

    async fn kinds(sql: &str) -> Option<Vec<NoiseEffect>> {
        columns(sql).await.map(|columns| columns.into_iter().map(|column| column.effect).collect())
    }

    /// What a number is divided by is drawn beside it, through whatever gives it another name; among others it is lost.
    #[test]
    fn divisors_are_drawn_beside_their_quotients() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let share = "SELECT k, 1.0 * n / nullif(n + 1, 0) AS share FROM COUNTED";
        for (sql, expected) in [
            (share.to_owned(), vec![vec![], vec![2]]),
            (format!("SELECT share * 2 AS twice, k FROM ({share}) AS s ORDER BY k"), vec![vec![2], vec![]]),
            (
                "SELECT k, n / 80 AS of_eighty, 5 / n AS each, n / n AS one FROM COUNTED".to_owned(),
                vec![vec![], vec![], vec![4], vec![4]],
            ),
        ] {
            let found = runtime.block_on(columns(&sql)).unwrap();
            assert_eq!(found.into_iter().map(|column| column.divisors).collect::<Vec<_>>(), expected, "{sql}");
        }
        let effects = |sql: String| runtime.block_on(kinds(&sql)).unwrap();
        assert_eq!(effects(format!("SELECT avg(share) AS mean FROM ({share}) AS s")), [NoiseEffect::Rough]);
        assert_eq!(effects("SELECT sum(1.0 / n) AS sum FROM COUNTED".to_owned()), [NoiseEffect::Rough]);
    }

    #[test]
    fn leaps_are_told_from_sums_and_quotients() {
        use NoiseEffect::{Public, Rough, Smooth};
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (sql, expected) in [
            ("SELECT k, n, 100.0 * n / nullif(sum(n) OVER (), 0) AS share FROM COUNTED", Some(vec![Public, Smooth, Smooth])),
            (
                "SELECT k = 'a' AS first, sum(n) AS n, count(*) AS rows FROM COUNTED GROUP BY k = 'a'",
                Some(vec![Public, Smooth, Public]),
            ),
            ("SELECT 30 - n AS left, n > 10 AS many FROM COUNTED WHERE k <> 'b'", Some(vec![Smooth, Rough])),
            ("SELECT k, greatest(n, 0) AS n, rank() OVER (ORDER BY n) AS place FROM COUNTED", Some(vec![Public, Rough, Rough])),
            (
                "SELECT sum(CASE WHEN k = 'a' THEN n ELSE 0 END) AS n, CASE WHEN n > 1 THEN n END AS m, k FROM COUNTED GROUP BY k, n > 1",
                None,
            ),
            (
                "SELECT sum(CASE WHEN k = 'a' THEN n ELSE 0 END) AS n, sum(CASE WHEN n > 1 THEN n END) AS m FROM COUNTED",
                Some(vec![Smooth, Rough]),
            ),
            ("SELECT sum(greatest(n, 0)) AS n, max(n) AS most FROM COUNTED", Some(vec![Rough, Rough])),
            ("SELECT k, n FROM COUNTED WHERE n > 10", None),
            ("SELECT k, sum(n) AS n FROM COUNTED GROUP BY k HAVING sum(n) > 10", None),
            ("SELECT n > 10 AS many, count(*) AS rows FROM COUNTED GROUP BY n > 10", None),
            ("SELECT k, n FROM COUNTED ORDER BY n LIMIT 1", None),
            ("SELECT DISTINCT n FROM COUNTED", None),
            ("SELECT k, n FROM COUNTED WHERE k IN (SELECT column1 FROM people)", None),
        ] {
            assert_eq!(runtime.block_on(kinds(sql)), expected, "{sql}");
        }
    }
}
