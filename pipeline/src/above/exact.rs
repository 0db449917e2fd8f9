//! Whole numbers above the door are added, subtracted, multiplied and summed exactly, or not at all: the engine's own operators
//! on 64 bits begin anew where these end, and what is published would be another number.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::common::{Column, DFSchema};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable as _, LogicalPlan, LogicalPlanBuilder, Operator};

/// Holds any whole number of 64 bits; the product of two has no more than twice as many digits, which there is room for.
const WIDE: DataType = DataType::Decimal128(19, 0);

/// The same plan with every such operation made on wide numbers, and its result made narrow again: that fails where it does
/// not fit. Types are known already, and stay what they are.
///
/// # Errors
/// When a type cannot be told, which would be a defect of this program.
pub(super) fn exact(plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
    let widened = plan.transform_up_with_subqueries(|node| {
        let (before, known) = (Arc::clone(node.schema()), merge_schema(&node.inputs()));
        let names = NamePreserver::new(&node);
        let node = node.map_expressions(|expr| {
            let name = names.save(&expr);
            Ok(expr.transform_up(|expr| widened(expr, &known))?.update_data(|expr| name.restore(expr)))
        })?;
        if !node.transformed {
            return Ok(node);
        }
        narrow(node.data.recompute_schema()?, &before).map(Transformed::yes)
    });
    Ok(widened?.data)
}

fn widened(expr: Expr, known: &DFSchema) -> Result<Transformed<Expr>, DataFusionError> {
    let is_whole = |expr: &Expr| expr.get_type(known).is_ok_and(|kind| kind == DataType::Int64);
    Ok(match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right })
            if matches!(op, Operator::Plus | Operator::Minus | Operator::Multiply) && is_whole(&left) && is_whole(&right) =>
        {
            let exact = Expr::BinaryExpr(BinaryExpr { left: Box::new(wide(*left)), op, right: Box::new(wide(*right)) });
            Transformed::yes(Expr::Cast(Cast::new(Box::new(exact), DataType::Int64)))
        }
        Expr::AggregateFunction(mut sum) if sum.func.name() == "sum" && sum.params.args.iter().all(is_whole) => {
            sum.params.args = sum.params.args.into_iter().map(wide).collect();
            Transformed::yes(Expr::AggregateFunction(sum))
        }
        Expr::WindowFunction(mut sum) if sum.fun.name() == "sum" && sum.params.args.iter().all(is_whole) => {
            sum.params.args = sum.params.args.into_iter().map(wide).collect();
            Transformed::yes(Expr::WindowFunction(sum))
        }
        other => Transformed::no(other),
    })
}

fn wide(expr: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), WIDE))
}

/// Gives the columns of a plan, whose names are as before, the types that they had.
fn narrow(plan: LogicalPlan, before: &DFSchema) -> Result<LogicalPlan, DataFusionError> {
    let types = || plan.schema().fields().iter().zip(before.fields());
    if types().all(|(now, then)| now.data_type() == then.data_type()) {
        return Ok(plan);
    }
    let columns = plan.schema().columns();
    let narrowed = columns.into_iter().zip(types()).map(|(column, (now, then))| {
        if now.data_type() == then.data_type() {
            return Expr::Column(column);
        }
        let Column { relation, name, .. } = column.clone();
        Expr::Cast(Cast::new(Box::new(Expr::Column(column)), then.data_type().clone())).alias_qualified(relation, name)
    });
    let narrowed: Vec<Expr> = narrowed.collect();
    LogicalPlanBuilder::from(plan).project(narrowed)?.build()
}
