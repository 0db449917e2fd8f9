//! Below the door: which relations may be computed from people's rows, and how many rows of one person they hold.
//!
//! # Privacy
//! Claim: if one person's rows are added to or taken from the private tables, only rows of that person change in every
//! accepted relation, and they are at most `Claim::rows`. By induction over the nodes; the proof of each is with the rule in
//! `utfall_privacy::certificate`, which checks the arithmetic again. What is checked here is that a node *is* an instance
//! of its rule:
//! - *filter, projection*: expressions of one row, deterministic and infallible ([`super::expression`]).
//! - *join, EXISTS, IN*: two private sides agree on the person; a public side is met on a key that is unique in it.
//! - *grouping below the door*: the person is among the keys, and every aggregate is the same whatever the order of rows.
//!
//! The walk is exhaustive with no wildcard arm: a new kind of node in an upgrade breaks the build and not the guarantee.

use datafusion::logical_expr::{Distinct, Expr, LogicalPlan};

use super::expression::Scope;
use super::relation::Relation;
use super::series::Slice;
use super::words::refusal::Violation;
pub use crate::catalogue::bounds::Bounds;
use crate::catalogue::schema::Catalogue;

/// A public table below the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicScan {
    /// The table in the catalogue.
    pub table: String,
    /// Conditions on its columns alone, by plain column name: rows that fail them can have no counts.
    pub conditions: Vec<Expr>,
    /// Whether rows without a partner in it are kept, with NULL for its columns.
    pub optional: bool,
}

/// One scan of a private table and the bounds that will stand on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrivateScan {
    /// The table in the catalogue.
    pub table: String,
    /// The bound on `contribution`.
    pub participations: u64,
    /// The bound on `ordinal`, for a child table.
    pub rows: Option<u64>,
    /// The period in which its participations lie.
    pub period: Option<Slice>,
}

/// The walk, with what it met.
pub(super) struct Walk<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) bounds: &'a Bounds,
    pub(super) public: Vec<PublicScan>,
    pub(super) private: Vec<PrivateScan>,
    /// The innermost node that was refused, by its address in the plan: where the explanation puts its mark.
    pub(super) refused: Option<*const LogicalPlan>,
}

impl Walk<'_> {
    pub(super) fn scope<'r>(&'r self, relation: &'r Relation) -> Scope<'r> {
        Scope { relation, catalogue: self.catalogue }
    }

    /// A relation below the door, or why it may not be there.
    pub(super) fn below(&mut self, plan: &LogicalPlan) -> Result<Relation, Violation> {
        let relation = self.node(plan);
        if relation.is_err() && self.refused.is_none() {
            self.refused = Some(std::ptr::from_ref(plan));
        }
        relation
    }

    #[deny(clippy::wildcard_enum_match_arm)]
    fn node(&mut self, plan: &LogicalPlan) -> Result<Relation, Violation> {
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::SubqueryAlias(alias) => {
                let inner = self.below(&alias.input)?;
                Ok(Relation { schema: alias.schema.clone(), ..inner })
            }
            LogicalPlan::Filter(filter) => {
                let inner = self.below(&filter.input)?;
                self.filter(filter, inner)
            }
            LogicalPlan::Projection(projection) => {
                let inner = self.below(&projection.input)?;
                self.project(projection, inner)
            }
            LogicalPlan::Join(_) | LogicalPlan::Union(_) | LogicalPlan::Distinct(_) => {
                let inputs = plan.inputs().into_iter().map(|i| self.below(i)).collect::<Result<_, _>>()?;
                self.combine(plan, inputs)
            }
            LogicalPlan::Aggregate(aggregate) => {
                let inner = self.below(&aggregate.input)?;
                self.group_by_unit(aggregate, inner)
            }
            LogicalPlan::Window(_) => Err(Violation::Node("OVER")),
            LogicalPlan::Sort(_) => Err(Violation::Node("ORDER BY")),
            LogicalPlan::Limit(_) => Err(Violation::Node("LIMIT")),
            LogicalPlan::Unnest(_) => Err(Violation::Node("UNNEST")),
            LogicalPlan::RecursiveQuery(_) => Err(Violation::Node("RECURSIVE")),
            LogicalPlan::Repartition(_) => Err(Violation::Node("DISTRIBUTE")),
            LogicalPlan::Extension(_) => Err(Violation::Node("EXTENSION")),
            LogicalPlan::Subquery(_) => Err(Violation::Node("(SELECT …)")),
            LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => Err(Violation::Node("VALUES")),
            LogicalPlan::Statement(_)
            | LogicalPlan::Explain(_)
            | LogicalPlan::Analyze(_)
            | LogicalPlan::Dml(_)
            | LogicalPlan::Ddl(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::DescribeTable(_) => Err(Violation::Statement),
        }
    }

    /// A join, a union or a DISTINCT of relations that were accepted.
    pub(super) fn combine(&mut self, plan: &LogicalPlan, inputs: Vec<Relation>) -> Result<Relation, Violation> {
        match (plan, <[Relation; 2]>::try_from(inputs)) {
            (LogicalPlan::Join(join), Ok([left, right])) => self.join(join, left, right),
            (LogicalPlan::Union(union), Ok(inputs)) => self.union(union, inputs.into()),
            (LogicalPlan::Union(union), Err(inputs)) => self.union(union, inputs),
            (LogicalPlan::Distinct(Distinct::All(_)), Err(inputs)) => match <[Relation; 1]>::try_from(inputs) {
                Ok([inner]) => self.distinct(inner),
                Err(_) => Err(Violation::Node("DISTINCT")),
            },
            _ => Err(Violation::Node("DISTINCT ON")),
        }
    }
}

/// An expression without the names that it was given.
pub fn unalias(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unalias(&alias.expr),
        other => other,
    }
}
