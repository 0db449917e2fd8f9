//! The check: which aggregate crosses the door, what lies below it, and what is done with the published numbers above it.
//!
//! # Privacy
//! Claim: if [`check`] accepts, then adding or removing all rows of one person moves each vector of
//! [`CrossingAggregate::vectors`] by at most its certified sensitivity. Below the crossing aggregate that is [`super::below`]'s claim,
//! at it [`super::crossing`]'s. Above it nothing private is read: every private scan of the plan was met below, and what
//! stands above is computed from published numbers alone, so any SQL may stand there that the machine can take.
//!
//! The walk is exhaustive with no wildcard arm: a new kind of node in an upgrade breaks the build and not the guarantee.

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::{Expr, LogicalPlan, Projection};

use super::below::{Bounds, PrivateScan, PublicScan, Walk, unalias};
use super::crossing::{CrossingAggregate, Estimator};
use super::relation::Relation;
use super::sets::each_once;
use super::words::name::named;
use super::words::refusal::Violation;
use super::words::span::refused;
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::QuerySpec;
use utfall_ground::calendar::Days;
use utfall_ground::refusal::Refusal;

/// What the check found out about an accepted query.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The scans of private tables, with the bounds to put on each.
    pub scans: Vec<PrivateScan>,
    /// Public tables that were joined below the door, with the conditions on their columns alone.
    pub public: Vec<PublicScan>,
    /// The aggregate that crosses.
    pub crossing: CrossingAggregate,
    /// Its place in the plan: the number of nodes before it, from the top down.
    pub crossing_at: usize,
    /// The published columns, if SQL above the aggregate makes a table of its own; `None` where every key and every
    /// aggregate is published as it is.
    pub above: Option<Vec<OutputColumn>>,
}

impl Checked {
    /// The same query on another period of its series; nothing changes of a query that is none.
    #[must_use]
    pub fn at(mut self, days: Days) -> Self {
        for scan in &mut self.scans {
            scan.period = scan.period.take().map(|period| period.at(days));
        }
        self
    }
}

/// A column that SQL above the door publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// The key whose values it holds, if it is one.
    pub key: Option<usize>,
}

/// One side of the door.
enum Side {
    /// Below it: rows.
    Below(Box<Relation>),
    /// Above it: published numbers. Per column, which key (then which aggregate) of the crossing it is.
    Above(Box<Released>),
}

fn below(relation: Relation) -> Side {
    Side::Below(Box::new(relation))
}

struct Released {
    node: *const LogicalPlan,
    crossing: CrossingAggregate,
    columns: Vec<Option<usize>>,
    /// Whether something above chose, ordered or multiplied rows.
    rows_changed: bool,
}

/// Accepts a query's logical plan or says why not.
///
/// # Errors
/// The first refusal met, placed in the query's text.
pub fn check(plan: &LogicalPlan, query: &QuerySpec, catalogue: &Catalogue, bounds: &Bounds) -> Result<Checked, Box<Refusal>> {
    let mut walk = Walk::new(catalogue, bounds);
    walk.accept(plan, &query.name).map_err(|rule| refused(&rule, query))
}

impl<'a> Walk<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, bounds: &'a Bounds) -> Self {
        Self { catalogue, bounds, public: Vec::new(), private: Vec::new(), refused: None }
    }

    pub(super) fn accept(&mut self, plan: &LogicalPlan, table: &str) -> Result<Checked, Violation> {
        let Side::Above(released) = self.side(plan, table)? else {
            let within = matches!(plan, LogicalPlan::Projection(p) if matches!(*p.input, LogicalPlan::Aggregate(_)));
            return Err(match (self.private.is_empty(), within) {
                (true, _) => Violation::NoPrivateTable,
                (false, true) => Violation::WithinPerson,
                (false, false) => Violation::NoAggregate,
            });
        };
        if private_scans(plan, self.catalogue)? != self.private.len() {
            return Err(Violation::PrivateAbove);
        }
        super::above::repeatable(plan)?;
        super::operator::semi::understood(plan)?;
        super::above::modest(plan, released.node)?;
        let names: Vec<String> = plan.schema().fields().iter().map(|f| f.name().clone()).collect();
        let Released { node, crossing, columns, rows_changed } = *released;
        let crossing_at = position(plan, node).ok_or(Violation::Coerced)?;
        let (scans, public) = (std::mem::take(&mut self.private), std::mem::take(&mut self.public));
        publish(Checked { scans, public, crossing, crossing_at, above: None }, &names, &columns, rows_changed)
    }

    fn side(&mut self, plan: &LogicalPlan, table: &str) -> Result<Side, Violation> {
        let side = self.either(plan, table);
        if side.is_err() && self.refused.is_none() {
            self.refused = Some(std::ptr::from_ref(plan));
        }
        side
    }

    #[deny(clippy::wildcard_enum_match_arm)]
    fn either(&mut self, plan: &LogicalPlan, table: &str) -> Result<Side, Violation> {
        let kept = |released: Box<Released>, columns: Vec<Option<usize>>| {
            Ok(Side::Above(Box::new(Released { columns, rows_changed: true, ..*released })))
        };
        let changed = |released: Box<Released>| Ok(Side::Above(Box::new(Released { rows_changed: true, ..*released })));
        match plan {
            LogicalPlan::Aggregate(aggregate) => match self.side(&aggregate.input, table)? {
                Side::Below(inner) if inner.is_private() && !groups_by_unit(aggregate, &inner) => {
                    let crossing = self.crossing(aggregate, &inner, table)?;
                    let keys = crossing.keys.len();
                    let id = usize::from(matches!(aggregate.group_expr.as_slice(), [Expr::GroupingSet(_)]));
                    let columns = (0..keys).map(Some).chain((0..id).map(|_| None));
                    let measures = (keys..keys.saturating_add(crossing.estimators.len())).map(Some);
                    let columns = columns.chain(measures).collect();
                    let node = std::ptr::from_ref(plan);
                    Ok(Side::Above(Box::new(Released { node, crossing, columns, rows_changed: false })))
                }
                Side::Below(inner) => Ok(below(self.group_by_unit(aggregate, *inner)?)),
                Side::Above(released) => {
                    each_once(aggregate)?;
                    kept(released, vec![None; plan.schema().fields().len()])
                }
            },
            LogicalPlan::Projection(projection) => match self.side(&projection.input, table)? {
                Side::Below(inner) => Ok(below(self.project(projection, *inner)?)),
                Side::Above(released) => Ok(Side::Above(Box::new(renamed(projection, *released)?))),
            },
            LogicalPlan::Filter(filter) => match self.side(&filter.input, table)? {
                Side::Below(inner) => Ok(below(self.filter(filter, *inner)?)),
                Side::Above(released) => changed(released),
            },
            LogicalPlan::SubqueryAlias(alias) => match self.side(&alias.input, table)? {
                Side::Below(inner) => Ok(below(Relation { schema: alias.schema.clone(), ..*inner })),
                above @ Side::Above(_) => Ok(above),
            },
            LogicalPlan::Sort(sort) => match self.side(&sort.input, table)? {
                Side::Below(_) => Err(Violation::Node("ORDER BY")),
                Side::Above(released) => changed(released),
            },
            LogicalPlan::Limit(limit) => match self.side(&limit.input, table)? {
                Side::Below(_) => Err(Violation::Node("LIMIT")),
                Side::Above(released) => changed(released),
            },
            LogicalPlan::Window(window) => match self.side(&window.input, table)? {
                Side::Below(_) => Err(Violation::Node("OVER")),
                Side::Above(released) => {
                    let new = plan.schema().fields().len().saturating_sub(released.columns.len());
                    let columns = released.columns.iter().copied().chain((0..new).map(|_| None)).collect();
                    kept(released, columns)
                }
            },
            LogicalPlan::Distinct(_) | LogicalPlan::Join(_) | LogicalPlan::Union(_) => self.several(plan, table),
            LogicalPlan::TableScan(_)
            | LogicalPlan::Unnest(_)
            | LogicalPlan::RecursiveQuery(_)
            | LogicalPlan::Repartition(_)
            | LogicalPlan::Extension(_)
            | LogicalPlan::Subquery(_)
            | LogicalPlan::EmptyRelation(_)
            | LogicalPlan::Values(_)
            | LogicalPlan::Statement(_)
            | LogicalPlan::Explain(_)
            | LogicalPlan::Analyze(_)
            | LogicalPlan::Dml(_)
            | LogicalPlan::Ddl(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::DescribeTable(_) => self.below(plan).map(below),
        }
    }

    /// A node with several inputs: below the door if none of them has crossed; above it if one has and the others are public.
    fn several(&mut self, plan: &LogicalPlan, table: &str) -> Result<Side, Violation> {
        let (mut above, mut rows) = (None, Vec::new());
        for input in plan.inputs() {
            match self.side(input, table)? {
                Side::Above(_) if above.is_some() => return Err(Violation::TwoCrossings),
                Side::Above(released) => above = Some(released),
                Side::Below(relation) => rows.push(*relation),
            }
        }
        let columns = vec![None; plan.schema().fields().len()];
        match above {
            Some(_) if rows.iter().any(Relation::is_private) => Err(Violation::PrivateAbove),
            Some(released) => Ok(Side::Above(Box::new(Released { columns, rows_changed: true, ..*released }))),
            None => self.combine(plan, rows).map(below),
        }
    }
}

/// Whether the person is among the keys of an aggregate.
fn groups_by_unit(aggregate: &datafusion::logical_expr::Aggregate, inner: &Relation) -> bool {
    let unit = inner.claim().unit;
    let keyed = |c: &datafusion::common::Column| inner.index(c).ok().map(|at| inner.person(at)) == unit;
    unit.is_some() && aggregate.group_expr.iter().any(|e| matches!(unalias(e), Expr::Column(c) if keyed(c)))
}

/// How many scans of private tables a plan holds, sub-queries included.
pub(super) fn private_scans(plan: &LogicalPlan, catalogue: &Catalogue) -> Result<usize, Violation> {
    let mut found = 0_usize;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && catalogue.table(scan.table_name.table()).is_none_or(|t| t.is_private())
        {
            found = found.saturating_add(1);
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map_err(|e| Violation::Sql(e.strip_backtrace()))?;
    Ok(found)
}

/// How many nodes stand before a node, from the top down.
fn position(plan: &LogicalPlan, node: *const LogicalPlan) -> Option<usize> {
    fn search(plan: &LogicalPlan, node: *const LogicalPlan, before: &mut usize) -> bool {
        if std::ptr::from_ref(plan) == node {
            return true;
        }
        plan.inputs().into_iter().any(|input| {
            *before = before.saturating_add(1);
            search(input, node, before)
        })
    }
    let mut before = 0;
    search(plan, node, &mut before).then_some(before)
}

/// A projection above the door: which of its columns are still keys or aggregates, and under which names.
fn renamed(projection: &Projection, released: Released) -> Result<Released, Violation> {
    let Released { node, mut crossing, columns, rows_changed } = released;
    let keys = crossing.keys.len();
    let mut above = Vec::new();
    for (expr, field) in projection.expr.iter().zip(projection.schema.fields()) {
        let Expr::Column(column) = unalias(expr) else {
            above.push(None);
            continue;
        };
        let index = projection.input.schema().index_of_column(column).map_err(|e| Violation::Sql(e.strip_backtrace()))?;
        let at = columns.get(index).copied().flatten();
        if let Some(at) = at {
            let named = match at.checked_sub(keys) {
                None => crossing.keys.get_mut(at).map(|k| &mut k.name),
                Some(measure) => crossing.estimators.get_mut(measure).map(|named| &mut named.name),
            };
            if let Some(name) = named {
                name.clone_from(field.name());
            }
        }
        above.push(at);
    }
    Ok(Released { node, crossing, columns: above, rows_changed })
}

/// Names for everything that is published, and whether SQL above the aggregate makes a table of its own.
fn publish(mut accepted: Checked, names: &[String], columns: &[Option<usize>], rows_changed: bool) -> Result<Checked, Violation> {
    let crossing = &mut accepted.crossing;
    let keys = crossing.keys.len();
    let all = keys.saturating_add(crossing.estimators.len());
    let mut once: Vec<usize> = columns.iter().copied().flatten().collect();
    once.sort_unstable();
    let plain = !rows_changed && columns.len() == all && once.iter().copied().eq(0..all) && accepted_plainly(crossing);
    let output = named(crossing, names, columns)?;
    if plain {
        order(crossing, columns);
    } else {
        accepted.above = Some(output);
    }
    Ok(accepted)
}

/// Whether the aggregates are numbers of their own: `grouping(key)` says nothing without the SQL above.
fn accepted_plainly(crossing: &CrossingAggregate) -> bool {
    crossing.estimators.iter().all(|named| !matches!(named.estimator, Estimator::Grouping(_)))
}

/// Keys and aggregates in the order of SELECT.
fn order(crossing: &mut CrossingAggregate, columns: &[Option<usize>]) {
    let width = crossing.keys.len();
    let (keys, measures): (Vec<usize>, Vec<usize>) = columns.iter().copied().flatten().partition(|c| *c < width);
    let moved = |key: &usize| keys.iter().position(|k| k == key);
    for set in &mut crossing.sets {
        *set = set.iter().filter_map(moved).collect();
        set.sort_unstable();
    }
    crossing.keys = keys.iter().filter_map(|k| crossing.keys.get(*k).cloned()).collect();
    let statistics = measures.iter().filter_map(|m| crossing.estimators.get(m.checked_sub(width)?).cloned());
    crossing.estimators = statistics.collect();
}
