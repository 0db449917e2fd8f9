//! What may stand above the door. Nothing private is read there, so this guards no person: it guards the machine, and the
//! release, which is paid for before what stands there is computed from its numbers.
//!
//! A function may stand there if its value is no larger than its arguments together, and the same each time. `repeat('x', n)`
//! is neither: it is small where it is rehearsed and can be as large as the number that is drawn.

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};

use super::words::refusal::Violation;

/// Functions of one row: choices, numbers, texts (one that is made of several is as long as they are together), days.
const OF_ONE_ROW: &str = "coalesce nullif nvl nvl2 greatest least \
    abs signum round trunc floor ceil sqrt cbrt exp ln log log2 log10 power isnan iszero nanvl \
    upper lower initcap btrim ltrim rtrim concat concat_ws left right split_part reverse ascii character_length \
    octet_length strpos starts_with ends_with contains \
    date_part date_trunc make_date to_char to_date";

/// Functions of several rows: aggregates and windows.
const OF_SEVERAL: &str = "count sum avg min max median percentile_cont approx_percentile_cont approx_median approx_distinct \
    stddev stddev_pop var var_pop corr covar_samp covar_pop bool_and bool_or grouping first_value last_value nth_value \
    row_number rank dense_rank percent_rank cume_dist ntile lag lead";

fn is_on(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == name)
}

/// Accepts what stands above the crossing aggregate, sub-queries included.
///
/// # Errors
/// The first function or kind of node that may not stand there.
pub(super) fn modest(plan: &LogicalPlan, crossing: *const LogicalPlan) -> Result<(), Violation> {
    if std::ptr::from_ref(plan) == crossing {
        return Ok(());
    }
    match plan {
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Window(_)
        | LogicalPlan::Aggregate(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Join(_)
        | LogicalPlan::Union(_)
        | LogicalPlan::TableScan(_)
        | LogicalPlan::EmptyRelation(_)
        | LogicalPlan::Subquery(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Values(_)
        | LogicalPlan::Distinct(_) => {}
        LogicalPlan::RecursiveQuery(_) => return Err(Violation::AboveNode("WITH RECURSIVE")),
        LogicalPlan::Unnest(_) => return Err(Violation::AboveNode("UNNEST")),
        _ => return Err(Violation::Statement),
    }
    plan.expressions().iter().try_for_each(|expr| in_expression(expr, crossing))?;
    plan.inputs().into_iter().try_for_each(|input| modest(input, crossing))
}

/// Refuses functions that would give another table on every run.
pub(super) fn repeatable(plan: &LogicalPlan) -> Result<(), Violation> {
    let mut volatile = false;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|e| {
            volatile |= e.exists(|e| Ok(changes(e)))?;
            Ok(TreeNodeRecursion::Continue)
        })
    })
    .map_err(|e| Violation::Sql(e.strip_backtrace()))?;
    if volatile { Err(Violation::Volatile) } else { Ok(()) }
}

/// Whether an expression can have another value tomorrow: `random()`, and `now()` too.
fn changes(expr: &Expr) -> bool {
    match expr {
        Expr::ScalarFunction(f) => f.func.signature().volatility != Volatility::Immutable,
        other => other.is_volatile_node(),
    }
}

fn in_expression(expr: &Expr, crossing: *const LogicalPlan) -> Result<(), Violation> {
    let mut found = Ok(());
    let walked = expr.apply(|expr| {
        found = match expr {
            Expr::ScalarFunction(function) if !is_modest(function) => Err(Violation::AboveFunction(function.name().to_owned())),
            Expr::AggregateFunction(function) => of_several(function.func.name()),
            Expr::WindowFunction(function) => of_several(function.fun.name()),
            Expr::ScalarSubquery(query) => modest(&query.subquery, crossing),
            Expr::InSubquery(query) => modest(&query.subquery.subquery, crossing),
            Expr::Exists(query) => modest(&query.subquery.subquery, crossing),
            Expr::SetComparison(query) => modest(&query.subquery.subquery, crossing),
            Expr::Unnest(_) => Err(Violation::AboveNode("UNNEST")),
            _ => Ok(()),
        };
        Ok(if found.is_ok() { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    walked.map_err(|e| Violation::Sql(e.strip_backtrace()))?;
    found
}

fn of_several(name: &str) -> Result<(), Violation> {
    if is_on(OF_SEVERAL, name) { Ok(()) } else { Err(Violation::AboveFunction(name.to_owned())) }
}

/// Whether a function may stand there: by its name, or since it puts a text in the place of one that is no shorter.
fn is_modest(function: &ScalarFunction) -> bool {
    let text = |expr: &Expr| match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten().map(str::len),
        _ => None,
    };
    match (function.name(), function.args.as_slice()) {
        ("replace", [_, old, new]) => text(old).zip(text(new)).is_some_and(|(old, new)| old > 0 && new <= old),
        (name, _) => is_on(OF_ONE_ROW, name),
    }
}

#[cfg(test)]
mod tests {
    use datafusion::execution::FunctionRegistry as _;
    use datafusion::prelude::SessionContext;

    use super::*;

    #[test]
    fn every_name_on_the_lists_is_a_function_of_the_engine_by_that_name() {
        let context = SessionContext::new();
        let state = context.state();
        for name in OF_ONE_ROW.split_ascii_whitespace() {
            assert_eq!(state.udf(name).unwrap().name(), name);
        }
        for name in OF_SEVERAL.split_ascii_whitespace() {
            let aggregate = state.udaf(name).map(|f| f.name().to_owned());
            let window = state.udwf(name).map(|f| f.name().to_owned());
            assert!(aggregate.is_ok_and(|n| n == name) || window.is_ok_and(|n| n == name), "{name}");
        }
    }
}
