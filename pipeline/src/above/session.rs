//! The engine's sessions, below the door and above it: what runs means what was written.
//!
//! DataFusion 55.2 simplifies conditions on lists without regard to NULL: of `x NOT IN ('a') OR x NOT IN ('b')` it makes TRUE, and
//! of `x IN ('a') AND x IN ('b')` FALSE, where SQL says NULL for a row without x; so a negation, a CASE or a FILTER around it
//! counts other rows than the query says. Nothing else than these rewritings needs the rule: it is left out of every session,
//! and [`Defined`] does what some functions cannot run without. `engine::tests::conditions` compares conditions of all kinds with
//! three-valued logic evaluated by itself, at each upgrade.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::DataFusionError;
use datafusion::execution::FunctionRegistry as _;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::functions::datetime::planner::DatetimeFunctionPlanner;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, LogicalPlan, ScalarUDF};
use datafusion::optimizer::optimizer::{ApplyOrder, Optimizer};
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use datafusion::prelude::{SessionConfig, SessionContext};

use super::first_day::DateTrunc;

/// The rule that is left out.
const SIMPLIFIES: &str = "simplify_expressions";

/// A session in which conditions mean what they say, and `extract(year FROM day)` what it means in SQL.
///
/// # Errors
/// What DataFusion says; that it has no rule of the name any more, which wants to be looked at.
pub fn session(config: SessionConfig, runtime: Arc<RuntimeEnv>) -> Result<SessionContext, DataFusionError> {
    let mut rules = Optimizer::new().rules;
    let Some(at) = rules.iter().position(|rule| rule.name() == SIMPLIFIES) else {
        return Err(DataFusionError::Internal(format!("DataFusion has no rule `{SIMPLIFIES}`")));
    };
    rules.splice(at..=at, [Arc::new(Defined) as Arc<dyn OptimizerRule + Send + Sync>]);
    let builder = SessionStateBuilder::new().with_config(config).with_runtime_env(runtime).with_default_features();
    let mut context = SessionContext::new_with_state(builder.with_optimizer_rules(rules).build());
    context.register_expr_planner(Arc::new(DatetimeFunctionPlanner))?;
    context.register_udf(ScalarUDF::from(DateTrunc::new()));
    Ok(context)
}

/// The functions that run only as what they are defined by: `coalesce(a, b)` is `CASE WHEN a IS NOT NULL THEN a ELSE b END`.
const DEFINED: [&str; 7] = ["coalesce", "nvl", "nvl2", "arrow_cast", "arrow_try_cast", "cast_to_type", "try_cast_to_type"];

/// Puts what a function is defined by in its place, and changes nothing else.
#[derive(Debug)]
struct Defined;

impl OptimizerRule for Defined {
    fn name(&self) -> &'static str {
        "defined_functions"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>, DataFusionError> {
        let schema = Arc::new(merge_schema(&plan.inputs()));
        let info = SimplifyContext::builder().with_schema(schema).with_config_options(config.options()).build();
        let names = NamePreserver::new(&plan);
        let defined = |expr: Expr| match expr {
            Expr::ScalarFunction(ScalarFunction { func, args }) if DEFINED.contains(&func.name()) => {
                Ok(match func.simplify(args, &info)? {
                    ExprSimplifyResult::Simplified(expr) => Transformed::yes(expr),
                    ExprSimplifyResult::Original(args) => {
                        Transformed::no(Expr::ScalarFunction(ScalarFunction { func: Arc::clone(&func), args }))
                    }
                })
            }
            other => Ok(Transformed::no(other)),
        };
        let named = |expr: Expr| {
            let name = names.save(&expr);
            Ok(expr.transform_up(defined)?.update_data(|expr| name.restore(expr)))
        };
        // The columns of grouping sets have names of their own.
        plan.map_expressions(|expr| if let Expr::GroupingSet(_) = &expr { expr.map_children(named) } else { named(expr) })
    }
}
