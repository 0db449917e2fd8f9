//! Which rows a query counts, however its columns are called: what is left of a plan when sub-queries that only choose, name and
//! compute columns are written out, and the conditions of all of them stand together.
//!
//! Two vectors of the same rows are of one family, and a table of any of their keys can be measured for both. What is the same is told by
//! the expressions themselves, never by a text of them, which other expressions may share.

use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use crate::certify::unalias;

/// Rows, and expressions on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rows {
    /// Where they come from: a scan, a join, a grouping, a union.
    source: LogicalPlan,
    /// What is true of them, in the order of its text, each once.
    conditions: Vec<Expr>,
}

impl Rows {
    /// The rows of a plan, and expressions on its columns as expressions on them: as they stand, where something cannot be written out.
    pub(super) fn of(plan: &LogicalPlan, exprs: Vec<Expr>) -> (Self, Vec<Expr>) {
        let as_it_stands = (Self { source: plan.clone(), conditions: Vec::new() }, exprs.clone());
        Self::written_out(plan, exprs).unwrap_or(as_it_stands)
    }

    fn written_out(plan: &LogicalPlan, exprs: Vec<Expr>) -> Option<(Self, Vec<Expr>)> {
        let (mut plan, mut exprs, mut conditions) = (plan, exprs, Vec::new());
        loop {
            let all = exprs.iter().chain(&conditions);
            match plan {
                LogicalPlan::SubqueryAlias(alias) => {
                    let columns: Vec<Expr> = alias.input.schema().columns().into_iter().map(Expr::Column).collect();
                    let written: Vec<Expr> = all.map(|expr| written(expr, &alias.schema, &columns)).collect::<Option<_>>()?;
                    (exprs, conditions) = parted(written, exprs.len());
                    plan = &alias.input;
                }
                LogicalPlan::Projection(projection) => {
                    let of = |expr| written(expr, &projection.schema, &projection.expr);
                    let written: Vec<Expr> = all.map(of).collect::<Option<_>>()?;
                    (exprs, conditions) = parted(written, exprs.len());
                    plan = &projection.input;
                }
                LogicalPlan::Filter(filter) => {
                    conditions.extend(split_conjunction_owned(filter.predicate.clone()));
                    plan = &filter.input;
                }
                _ => break,
            }
        }
        // What a sub-query in a condition means depends on where it stands.
        if conditions.iter().chain(&exprs).any(holds_subquery) {
            return None;
        }
        conditions.sort_by_cached_key(ToString::to_string);
        conditions.dedup();
        Some((Self { source: plan.clone(), conditions }, exprs))
    }

    /// Those of them for which a condition holds too.
    pub(super) fn under(mut self, condition: Expr) -> Self {
        self.conditions.extend(split_conjunction_owned(condition));
        self.conditions.sort_by_cached_key(ToString::to_string);
        self.conditions.dedup();
        self
    }

    /// Whether others come from the same, whatever is true of them.
    pub(super) fn have_the_source_of(&self, other: &Self) -> bool {
        self.source == other.source
    }

    /// The rows of which these and all of the others are some.
    pub(super) fn whole<'r>(&self, others: impl Iterator<Item = &'r Self> + Clone) -> Self {
        let in_all = |condition: &&Expr| others.clone().all(|other| other.conditions.contains(condition));
        Self { source: self.source.clone(), conditions: self.conditions.iter().filter(in_all).cloned().collect() }
    }

    /// What is true of these among others from the same source; none if nothing more is.
    pub(super) fn among(&self, whole: &Self) -> Option<Expr> {
        conjunction(self.conditions.iter().filter(|condition| !whole.conditions.contains(condition)).cloned())
    }

    /// A plan that gives them.
    ///
    /// # Errors
    /// When the engine does not take a condition.
    pub(super) fn plan(&self) -> Result<LogicalPlan, DataFusionError> {
        let plan = LogicalPlanBuilder::from(self.source.clone());
        match conjunction(self.conditions.clone()) {
            Some(condition) => plan.filter(condition)?.build(),
            None => plan.build(),
        }
    }
}

/// The expressions, and the conditions behind them.
fn parted(mut all: Vec<Expr>, exprs: usize) -> (Vec<Expr>, Vec<Expr>) {
    let conditions = all.split_off(exprs);
    (all, conditions)
}

/// Whether a sub-query stands in an expression.
fn holds_subquery(expr: &Expr) -> bool {
    let is = |part: &Expr| {
        matches!(part, Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_) | Expr::OuterReferenceColumn(..))
    };
    expr.exists(|part| Ok(is(part))).unwrap_or(true)
}

/// An expression in which each column of a schema is written as what it is. None if a column is not there, or if it holds a sub-query,
/// which may name columns too.
fn written(expr: &Expr, schema: &DFSchema, columns: &[Expr]) -> Option<Expr> {
    let mut is_known = !holds_subquery(expr);
    let replaced = expr.clone().transform(|part| match &part {
        Expr::Column(column) => {
            let at = schema.maybe_index_of_column(column);
            match at.and_then(|at| columns.get(at)) {
                Some(of) => Ok(Transformed::yes(unalias(of).clone())),
                None => {
                    is_known = false;
                    Ok(Transformed::no(part))
                }
            }
        }
        _ => Ok(Transformed::no(part)),
    });
    replaced.ok().map(|replaced| replaced.data).filter(|_| is_known)
}
