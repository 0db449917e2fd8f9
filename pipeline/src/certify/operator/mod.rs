//! The operators that may stand below the door, one file each: which rule of the certificate it is an instance of, and how it
//! runs on stored codes; how its relation has the period as a further column, for a series.
//!
//! To add one: its file here, and an arm in `below`, `encode` and `series`, each of which says where it is missing.

use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Expr, Filter, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Operator, Projection, Subquery,
    TableScan, Union,
};
use utfall_privacy::certificate::{JoinKind, Node, Rule, rule};

use super::below::{PrivateScan, PublicScan, Walk, unalias};
use super::domain::{Domain, Origin, Value, ValueRange};
use super::encode::{Coded, Encoder, Outer, Scope};
use super::relation::Relation;
use super::series::{Lifted, with_period};
use super::words::refusal::Violation;
use super::words::written::in_sql;

pub(super) mod filter;
pub(super) mod group;
pub(super) mod join;
pub(super) mod project;
pub(super) mod scan;
pub(super) mod semi;
pub(super) mod union;
