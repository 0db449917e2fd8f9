//! One run for many: the plan above the door with a number of the draw beside every row, so that each draw is computed by
//! itself, all in one go.
//!
//! The noisy numbers enter a plan in one place, so only the nodes from there to the top change: what groups, groups by the
//! draw too; what looks at other rows looks at those of its draw.

use datafusion::common::Column;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::expr::WindowFunctionParams;
use datafusion::logical_expr::{Aggregate, Distinct, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, Projection};

/// The name of the column that numbers the draws.
pub(super) const DRAW: &str = "utfall_draw";

/// Replaces the aggregate at a position, counted from the top down, by draws of it. `None` if the nodes above it cannot keep
/// the draws apart: a LIMIT, a UNION, a sub-query, an outer join that may drop the number.
pub(super) fn carried(
    plan: &LogicalPlan,
    at: usize,
    with: &mut impl FnMut(&Aggregate) -> Result<LogicalPlan, DataFusionError>,
) -> Result<Option<LogicalPlan>, DataFusionError> {
    if at == 0 {
        return if let LogicalPlan::Aggregate(aggregate) = plan { with(aggregate).map(Some) } else { Ok(None) };
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
    let Some(draw) = draw(&input) else { return Ok(None) };
    inputs[path] = input;
    beside(plan, inputs, path, draw)
}

/// The node on changed inputs, one of which has the number of the draw.
fn beside(
    plan: &LogicalPlan,
    mut inputs: Vec<LogicalPlan>,
    path: usize,
    draw: Expr,
) -> Result<Option<LogicalPlan>, DataFusionError> {
    Ok(Some(match plan {
        LogicalPlan::Projection(projection) => {
            let expr = projection.expr.iter().cloned().chain([draw]).collect();
            LogicalPlan::Projection(Projection::try_new(expr, inputs.swap_remove(path).into())?)
        }
        LogicalPlan::Aggregate(aggregate) => {
            if aggregate.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_))) {
                return Ok(None);
            }
            let groups = aggregate.group_expr.iter().cloned().chain([draw]).collect();
            LogicalPlan::Aggregate(Aggregate::try_new(inputs.swap_remove(path).into(), groups, aggregate.aggr_expr.clone())?)
        }
        LogicalPlan::Window(window) => {
            let expr = window.window_expr.iter().map(|expr| partitioned(expr, &draw)).collect::<Option<Vec<_>>>();
            let Some(expr) = expr else { return Ok(None) };
            // The columns above ask for the windows by the names that they had.
            let named = expr.into_iter().zip(&window.window_expr).map(|(new, old)| new.alias(old.schema_name().to_string()));
            windowed(inputs.swap_remove(path), named.collect())?
        }
        LogicalPlan::Join(join) => {
            let keeps = match join.join_type {
                JoinType::Inner => true,
                JoinType::Left => path == 0,
                _ => false,
            };
            if !keeps {
                return Ok(None);
            }
            plan.with_new_exprs(plan.expressions(), inputs)?
        }
        LogicalPlan::Sort(sort) if sort.fetch.is_none() => plan.with_new_exprs(plan.expressions(), inputs)?,
        LogicalPlan::Filter(filter) if !has_query(&filter.predicate) => plan.with_new_exprs(plan.expressions(), inputs)?,
        LogicalPlan::SubqueryAlias(_) | LogicalPlan::Distinct(Distinct::All(_)) => {
            plan.with_new_exprs(plan.expressions(), inputs)?
        }
        _ => return Ok(None),
    }))
}

/// Windows over the rows of one draw, with all columns of the input.
fn windowed(input: LogicalPlan, named: Vec<Expr>) -> Result<LogicalPlan, DataFusionError> {
    let plain = named.iter().map(|expr| expr.clone().unalias()).collect::<Vec<_>>();
    let columns: Vec<Expr> = input.schema().columns().into_iter().map(Expr::Column).collect();
    let renamed = plain.iter().zip(&named).map(|(plain, named)| {
        let name = if let Expr::Alias(alias) = named { alias.name.clone() } else { named.schema_name().to_string() };
        Expr::Column(Column::from_name(plain.schema_name().to_string())).alias(name)
    });
    let columns = columns.into_iter().chain(renamed).collect::<Vec<_>>();
    LogicalPlanBuilder::from(input).window(plain)?.project(columns)?.build()
}

/// A window function that looks at the rows of its draw only.
fn partitioned(expr: &Expr, draw: &Expr) -> Option<Expr> {
    match expr {
        Expr::WindowFunction(function) => {
            let mut function = function.clone();
            let WindowFunctionParams { partition_by, .. } = &mut function.params;
            partition_by.push(draw.clone());
            Some(Expr::WindowFunction(function))
        }
        Expr::Alias(alias) => Some(partitioned(&alias.expr, draw)?.alias(alias.name.clone())),
        _ => None,
    }
}

fn has_query(expr: &Expr) -> bool {
    use datafusion::common::tree_node::TreeNode as _;
    let query = |expr: &Expr| matches!(expr, Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_));
    expr.exists(|expr| Ok(query(expr))).unwrap_or(true)
}

/// How many nodes a plan has.
fn nodes(plan: &LogicalPlan) -> usize {
    1 + plan.inputs().into_iter().map(nodes).sum::<usize>()
}

/// The column with the number of the draw, where a plan has one.
fn draw(plan: &LogicalPlan) -> Option<Expr> {
    plan.schema().columns().into_iter().find(|column| column.name == DRAW).map(Expr::Column)
}
