//! The check: a bottom-up walk over the logical plan, exhaustive with no wildcard arm, so that a new variant in a DataFusion
//! upgrade breaks the build and not the guarantee.
//!
//! # Privacy
//! Claim: if [`check`] accepts, then adding or removing all rows of one person changes the vector of counts by at most
//! `k` rows' worth, where `k` is [`Accepted::stability`]. By induction over the accepted nodes:
//! - *scan*: the bound ([`super::bound`]) leaves at most `k` rows per person (`contribution <= k`, and `ordinal <= r` for
//!   a child table, whose rows are then at most `k r`); numbers are unique per person.
//! - *filter* and *projection* of columns are row-local: they map each row to at most one row, so `k` stays.
//! - *inner join with a public table on its unique key*: each private row meets at most one public row, so `k` stays.
//! - *count by keys*: each remaining row adds one to exactly one cell, so the counts move by at most `k` in L1.
//! - *above the count*, before the noise, every certified column passes once and unchanged, so nothing moves further.
//!
//! Columns are tracked by origin, not by name: a renamed column keeps the domain of what it came from.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::common::{Column, DFSchema, NullEquality};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Aggregate, Expr, Filter, Join, JoinType, LogicalPlan, Operator, Projection, TableScan};
use utfall_privacy::Stability;

use super::expression::{in_sql, is_comparison, predicate};
use super::refusal::{Refusal, Rule};
use crate::language::say;
use crate::query::Query;
use crate::schema::Catalogue;

/// The declared contribution bounds of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Participations per person, over everything the release ever publishes.
    pub participations: u64,
    /// Rows per participation, for each child table that the release reads.
    pub rows: BTreeMap<String, u64>,
}

/// What the check found out about an accepted query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The private table, and the bounds to put on its scan: participations per person, rows per participation.
    pub table: String,
    /// The bound on `contribution`.
    pub participations: u64,
    /// The bound on `ordinal`, for a child table.
    pub rows: Option<u64>,
    /// The most rows that one person can have behind the counts.
    pub stability: Stability,
    /// The output columns in order; exactly one is the count.
    pub output: Vec<Output>,
    /// Public tables that were joined, with the conditions on their columns alone.
    pub public: Vec<PublicScan>,
}

/// One output column of an accepted query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A key of GROUP BY: its output name and where its values come from.
    Key(String, Origin),
    /// The count, by its output name.
    Count(String),
}

impl Output {
    fn renamed(&self, name: &str) -> Self {
        match self {
            Self::Key(_, origin) => Self::Key(name.to_owned(), origin.clone()),
            Self::Count(_) => Self::Count(name.to_owned()),
        }
    }
}

/// Where a column's values come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The table in the catalogue.
    pub table: String,
    /// The column in that table.
    pub column: String,
    /// Which of [`Accepted::public`] it belongs to; `None` for the private table.
    pub public: Option<usize>,
    /// Whether a row that passed the filters can be NULL here.
    pub nullable: bool,
}

/// A public table below the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicScan {
    /// The table in the catalogue.
    pub table: String,
    /// Conditions on its columns alone, by plain column name: rows that fail them can have no counts.
    pub conditions: Vec<Expr>,
}

/// A relation below the door: each column's origin, in the order of its schema.
pub(super) struct Relation<'a> {
    pub(super) schema: &'a DFSchema,
    private: Option<(String, u64, Option<u64>)>,
    origins: Vec<Origin>,
    unit: Vec<bool>,
}

impl Relation<'_> {
    /// The origin of a column; refuses the privacy unit.
    pub(super) fn origin(&self, column: &Column) -> Result<&Origin, Rule> {
        let index = self.schema.index_of_column(column).map_err(|e| Rule::Sql(e.strip_backtrace()))?;
        match (self.origins.get(index), self.unit.get(index)) {
            (Some(origin), Some(false)) => Ok(origin),
            _ => Err(Rule::Unit(column.name().to_owned())),
        }
    }
}

/// Accepts a query's logical plan or says why not.
///
/// # Errors
/// The first refusal met, placed in the query's text.
pub fn check(plan: &LogicalPlan, query: &Query, catalogue: &Catalogue, bounds: &Bounds) -> Result<Accepted, Refusal> {
    let mut walk = Walk { catalogue, bounds, public: Vec::new() };
    walk.door(plan).and_then(named).map_err(|rule| {
        let words = rule.words();
        Refusal::new(rule, &query.file, &query.sql, &words.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

struct Walk<'a> {
    catalogue: &'a Catalogue,
    bounds: &'a Bounds,
    public: Vec<PublicScan>,
}

impl Walk<'_> {
    /// The top: one aggregate, and above it at most a choice and renaming of its columns.
    #[deny(clippy::wildcard_enum_match_arm)]
    fn door(&mut self, plan: &LogicalPlan) -> Result<Accepted, Rule> {
        match plan {
            LogicalPlan::Aggregate(aggregate) => self.crossing(aggregate),
            LogicalPlan::Projection(projection) => self.select(projection),
            LogicalPlan::SubqueryAlias(alias) => self.door(&alias.input),
            LogicalPlan::TableScan(_) => Err(Rule::NoAggregate),
            LogicalPlan::Filter(f) if matches!(*f.input, LogicalPlan::Aggregate(_)) => Err(Rule::Above("HAVING")),
            LogicalPlan::Filter(f) if aggregates(&f.input) => Err(Rule::Above("WHERE")),
            LogicalPlan::Join(_) if aggregates(plan) => Err(Rule::Above("JOIN")),
            LogicalPlan::Filter(_) | LogicalPlan::Join(_) => Err(Rule::NoAggregate),
            LogicalPlan::Sort(_) => Err(Rule::Above("ORDER BY")),
            LogicalPlan::Limit(_) => Err(Rule::Above("LIMIT")),
            LogicalPlan::Distinct(_) => Err(Rule::Above("DISTINCT")),
            LogicalPlan::Window(_) => Err(Rule::Above("OVER")),
            LogicalPlan::Union(_) => Err(Rule::Above("UNION")),
            LogicalPlan::Unnest(_) => Err(Rule::Above("UNNEST")),
            LogicalPlan::RecursiveQuery(_) => Err(Rule::Above("RECURSIVE")),
            LogicalPlan::Repartition(_) => Err(Rule::Above("DISTRIBUTE")),
            LogicalPlan::Extension(_) => Err(Rule::Above("EXTENSION")),
            LogicalPlan::Subquery(_) => Err(Rule::Above("(SELECT …)")),
            LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => Err(Rule::NoPrivateTable),
            LogicalPlan::Statement(_)
            | LogicalPlan::Explain(_)
            | LogicalPlan::Analyze(_)
            | LogicalPlan::Dml(_)
            | LogicalPlan::Ddl(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::DescribeTable(_) => Err(Rule::Statement),
        }
    }

    /// A projection above the aggregate: every certified column once, by itself, in any order and under any name.
    fn select(&mut self, projection: &Projection) -> Result<Accepted, Rule> {
        let inner = self.door(&projection.input)?;
        let mut output = Vec::new();
        let mut taken = vec![false; inner.output.len()];
        for (expr, field) in projection.expr.iter().zip(projection.schema.fields()) {
            let Expr::Column(column) = unalias(expr) else { return Err(Rule::Above("an expression on the result")) };
            let index = projection.input.schema().index_of_column(column).map_err(|e| Rule::Sql(e.strip_backtrace()))?;
            match (inner.output.get(index), taken.get_mut(index)) {
                (Some(certified), Some(taken)) if !*taken => {
                    *taken = true;
                    output.push(certified.renamed(field.name()));
                }
                _ => return Err(Rule::Above("a repeated column")),
            }
        }
        match inner.output.iter().zip(&taken).find(|(_, taken)| !**taken) {
            None => Ok(Accepted { output, ..inner }),
            Some((Output::Key(name, _), _)) => Err(Rule::HiddenKey(name.clone())),
            Some((Output::Count(_), _)) => Err(Rule::AggregateCount),
        }
    }

    /// The aggregate that crosses the door: count(*) by columns with public lists of values.
    fn crossing(&mut self, aggregate: &Aggregate) -> Result<Accepted, Rule> {
        let relation = self.below(&aggregate.input)?;
        let Some((table, participations, rows)) = relation.private.clone() else { return Err(Rule::NoPrivateTable) };
        let [count] = aggregate.aggr_expr.as_slice() else {
            return Err(if aggregate.aggr_expr.is_empty() { Rule::NoAggregate } else { Rule::AggregateCount });
        };
        let Expr::AggregateFunction(function) = unalias(count) else { return Err(Rule::Aggregate(count.to_string())) };
        count_star(function)?;
        let mut output = Vec::new();
        for expr in &aggregate.group_expr {
            let column = match unalias(expr) {
                Expr::Column(column) => column,
                Expr::GroupingSet(_) => return Err(Rule::GroupingSets),
                Expr::ScalarFunction(f) => return Err(Rule::Function(f.name().to_owned())),
                other => return Err(Rule::Key(other.to_string())),
            };
            let origin = relation.origin(column)?.clone();
            self.has_public_values(&origin)?;
            output.push(Output::Key(column.name().to_owned(), origin));
        }
        output.push(Output::Count(count.schema_name().to_string()));
        if output.len() != aggregate.schema.fields().len() {
            return Err(Rule::GroupingSets);
        }
        let stability = Stability::new(participations).and_then(|s| s.multiply(rows.unwrap_or(1)));
        let stability = stability.map_err(|_| Rule::RowBound(table.clone()))?;
        Ok(Accepted { table, participations, rows, stability, output, public: std::mem::take(&mut self.public) })
    }

    fn has_public_values(&self, origin: &Origin) -> Result<(), Rule> {
        let column = self.catalogue.table(&origin.table).and_then(|t| t.columns.get(&origin.column));
        let boolean = column.is_some_and(|c| c.kind == crate::schema::Kind::Boolean);
        let listed = column.is_some_and(|c| c.codes.is_some());
        if origin.public.is_some() || listed || boolean { Ok(()) } else { Err(Rule::Key(origin.column.clone())) }
    }

    /// A relation below the door, or why it may not be there.
    #[deny(clippy::wildcard_enum_match_arm)]
    fn below<'p>(&mut self, plan: &'p LogicalPlan) -> Result<Relation<'p>, Rule> {
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::SubqueryAlias(alias) => {
                let inner = self.below(&alias.input)?;
                Ok(Relation { schema: &alias.schema, ..inner })
            }
            LogicalPlan::Filter(filter) => self.filter(filter),
            LogicalPlan::Projection(projection) => self.project(projection),
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::Aggregate(_) => Err(Rule::Node("GROUP BY")),
            LogicalPlan::Window(_) => Err(Rule::Node("OVER")),
            LogicalPlan::Sort(_) => Err(Rule::Node("ORDER BY")),
            LogicalPlan::Limit(_) => Err(Rule::Node("LIMIT")),
            LogicalPlan::Distinct(_) => Err(Rule::Node("DISTINCT")),
            LogicalPlan::Union(_) => Err(Rule::Node("UNION")),
            LogicalPlan::Unnest(_) => Err(Rule::Node("UNNEST")),
            LogicalPlan::RecursiveQuery(_) => Err(Rule::Node("RECURSIVE")),
            LogicalPlan::Repartition(_) => Err(Rule::Node("DISTRIBUTE")),
            LogicalPlan::Extension(_) => Err(Rule::Node("EXTENSION")),
            LogicalPlan::Subquery(_) => Err(Rule::Node("(SELECT …)")),
            LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => Err(Rule::Node("VALUES")),
            LogicalPlan::Statement(_)
            | LogicalPlan::Explain(_)
            | LogicalPlan::Analyze(_)
            | LogicalPlan::Dml(_)
            | LogicalPlan::Ddl(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::DescribeTable(_) => Err(Rule::Statement),
        }
    }

    fn scan<'p>(&mut self, scan: &'p TableScan) -> Result<Relation<'p>, Rule> {
        let name = scan.table_name.table();
        let Some(table) = self.catalogue.table(name) else { return Err(Rule::Sql(format!("no table `{name}`"))) };
        if scan.fetch.is_some() || !scan.filters.is_empty() || scan.projection.is_some() {
            return Err(Rule::Node("LIMIT"));
        }
        let public = if table.is_private() {
            None
        } else {
            self.public.push(PublicScan { table: name.to_owned(), conditions: Vec::new() });
            self.public.len().checked_sub(1)
        };
        let private = if table.is_private() { Some(self.bounded(name)?) } else { None };
        let fields = scan.projected_schema.fields();
        let origins = fields.iter().map(|field| Origin {
            table: name.to_owned(),
            column: field.name().clone(),
            public,
            nullable: field.is_nullable(),
        });
        let unit = fields.iter().map(|field| table.unit() == Some(field.name().as_str()));
        Ok(Relation { schema: &scan.projected_schema, private, origins: origins.collect(), unit: unit.collect() })
    }

    /// The bounds that will stand on the scan of a private table.
    fn bounded(&self, name: &str) -> Result<(String, u64, Option<u64>), Rule> {
        let child = self.catalogue.table(name).is_some_and(|t| t.parent.is_some());
        let rows = self.bounds.rows.get(name).copied();
        match (child, rows) {
            (true, None) => Err(Rule::RowBound(name.to_owned())),
            (true, rows) => Ok((name.to_owned(), self.bounds.participations, rows)),
            (false, _) => Ok((name.to_owned(), self.bounds.participations, None)),
        }
    }

    /// A row-local filter. A condition on one public table's columns alone also narrows the published grid, and
    /// `x IS NOT NULL` or a comparison makes its columns not null.
    fn filter<'p>(&mut self, filter: &'p Filter) -> Result<Relation<'p>, Rule> {
        let mut relation = self.below(&filter.input)?;
        predicate(&filter.predicate, &relation)?;
        for condition in split_conjunction(&filter.predicate) {
            let columns: Vec<Column> = condition.column_refs().into_iter().cloned().collect();
            let mut owners = Vec::new();
            for column in &columns {
                owners.push(relation.origin(column)?.public);
            }
            if let [Some(owner), rest @ ..] = owners.as_slice()
                && rest.iter().all(|o| *o == Some(*owner))
                && let Some(scan) = self.public.get_mut(*owner)
            {
                scan.conditions.push(plain(condition, &relation)?);
            }
            if rejects_null(condition) {
                for column in &columns {
                    let index = relation.schema.index_of_column(column).map_err(|e| Rule::Sql(e.strip_backtrace()))?;
                    if let Some(origin) = relation.origins.get_mut(index) {
                        origin.nullable = false;
                    }
                }
            }
        }
        Ok(relation)
    }

    fn project<'p>(&mut self, projection: &'p Projection) -> Result<Relation<'p>, Rule> {
        let inner = self.below(&projection.input)?;
        let (mut origins, mut unit) = (Vec::new(), Vec::new());
        for expr in &projection.expr {
            let Expr::Column(column) = unalias(expr) else { return Err(expression_in_select(expr)) };
            let index = inner.schema.index_of_column(column).map_err(|e| Rule::Sql(e.strip_backtrace()))?;
            if let (Some(origin), Some(is_unit)) = (inner.origins.get(index), inner.unit.get(index)) {
                origins.push(origin.clone());
                unit.push(*is_unit);
            }
        }
        Ok(Relation { schema: &projection.schema, private: inner.private, origins, unit })
    }

    /// An inner join of one private relation with one public table on exactly that table's key.
    fn join<'p>(&mut self, join: &'p Join) -> Result<Relation<'p>, Rule> {
        let (left, right) = (self.below(&join.left)?, self.below(&join.right)?);
        if left.private.is_some() && right.private.is_some() {
            return Err(if left.private == right.private { Rule::SecondScan } else { Rule::PrivateJoin });
        }
        if join.join_type != JoinType::Inner {
            return Err(Rule::Join(format!("{} JOIN", join.join_type.to_string().to_uppercase())));
        }
        if join.null_equality != NullEquality::NullEqualsNothing {
            return Err(Rule::Join("ON …".into()));
        }
        let public = if left.private.is_none() { &left } else { &right };
        self.on_key(join, &left, &right, public)?;
        let origins = left.origins.into_iter().chain(right.origins).collect();
        let unit = left.unit.into_iter().chain(right.unit).collect();
        Ok(Relation { schema: &join.schema, private: left.private.or(right.private), origins, unit })
    }

    /// The join columns are the public table's declared key, whole, and of the same code list on both sides.
    fn on_key(&self, join: &Join, left: &Relation<'_>, right: &Relation<'_>, public: &Relation<'_>) -> Result<(), Rule> {
        let mut joined = Vec::new();
        for (a, b) in equalities(join)? {
            let (Expr::Column(a), Expr::Column(b)) = (a, b) else { return Err(Rule::Join("ON …".into())) };
            let (l, r) = if left.schema.has_column(a) { (a, b) } else { (b, a) };
            let (l, r) = (left.origin(l)?, right.origin(r)?);
            let codes =
                |o: &Origin| self.catalogue.table(&o.table).and_then(|t| t.columns.get(&o.column)).and_then(|c| c.codes.clone());
            if codes(l).is_none() || codes(l) != codes(r) {
                return Err(Rule::Join(format!("{} = {}", l.column, r.column)));
            }
            joined.push(if left.private.is_none() { l.clone() } else { r.clone() });
        }
        let one_scan = joined.first().and_then(|o| o.public);
        let table = public.origins.first().and_then(|o| self.catalogue.table(&o.table));
        let whole = table.is_some_and(|t| {
            t.primary_key.len() == joined.len()
                && t.primary_key.iter().all(|key| joined.iter().any(|o| o.column == *key && o.public == one_scan))
        });
        let single = public.origins.iter().all(|o| o.public == one_scan);
        let why = say("kolumnerna är inte den offentliga tabellens nyckel", "the columns are not the public table's key");
        if whole && single { Ok(()) } else { Err(Rule::Join(why.into())) }
    }
}

/// The two sides of every equality on which a join joins; USING gives pairs, ON gives a condition.
fn equalities(join: &Join) -> Result<Vec<(&Expr, &Expr)>, Rule> {
    let mut pairs: Vec<(&Expr, &Expr)> = join.on.iter().map(|(a, b)| (a, b)).collect();
    for condition in join.filter.iter().flat_map(split_conjunction) {
        match condition {
            Expr::BinaryExpr(b) if b.op == Operator::Eq => pairs.push((&b.left, &b.right)),
            other => return Err(Rule::Join(in_sql(other))),
        }
    }
    Ok(pairs)
}

/// Names that published files can carry; a count without a name is called `count`.
fn named(mut accepted: Accepted) -> Result<Accepted, Rule> {
    let mut seen = BTreeSet::new();
    for output in &mut accepted.output {
        let (Output::Key(name, _) | Output::Count(name)) = &*output;
        let well_formed = |n: &str| n.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') && !n.is_empty();
        let unnamed = matches!(output, Output::Count(_)) && name.starts_with("count(");
        let name = if unnamed { "count".to_owned() } else { name.clone() };
        if !well_formed(&name) || name.starts_with('_') || !seen.insert(name.clone()) {
            return Err(Rule::Name(name));
        }
        *output = output.renamed(&name);
    }
    Ok(accepted)
}

/// Only `count(*)`, which DataFusion plans as the count of a literal that is never null.
fn count_star(function: &AggregateFunction) -> Result<(), Rule> {
    let name = function.func.name();
    if name != "count" {
        return Err(Rule::Aggregate(name.to_owned()));
    }
    let p = &function.params;
    let plain = !p.distinct && p.filter.is_none() && p.order_by.is_empty() && p.null_treatment.is_none();
    match p.args.as_slice() {
        [Expr::Literal(value, _)] if plain && !value.is_null() => Ok(()),
        _ => Err(Rule::AggregateModifier),
    }
}

/// Whether a condition that holds proves that none of its columns is null.
fn rejects_null(condition: &Expr) -> bool {
    match condition {
        Expr::IsNotNull(inner) => matches!(**inner, Expr::Column(_)),
        Expr::BinaryExpr(b) => is_comparison(b.op),
        // x NOT BETWEEN low AND high holds where one bound is NULL and the other settles it.
        Expr::Between(b) => !b.negated,
        Expr::Column(_) => true,
        Expr::InList(list) => !list.list.is_empty(),
        _ => false,
    }
}

/// The condition in terms of the public table's own column names.
fn plain(condition: &Expr, relation: &Relation<'_>) -> Result<Expr, Rule> {
    use datafusion::common::tree_node::{Transformed, TreeNode as _};
    let renamed = condition.clone().transform(|e| match &e {
        Expr::Column(column) => match relation.origin(column) {
            Ok(origin) => Ok(Transformed::yes(Expr::Column(Column::from_name(origin.column.clone())))),
            Err(_) => Ok(Transformed::no(e)),
        },
        _ => Ok(Transformed::no(e)),
    });
    renamed.map(|t| t.data).map_err(|e| Rule::Sql(e.strip_backtrace()))
}

fn unalias(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unalias(&alias.expr),
        other => other,
    }
}

fn expression_in_select(expr: &Expr) -> Rule {
    match unalias(expr) {
        Expr::ScalarFunction(f) => Rule::Function(f.name().to_owned()),
        Expr::WindowFunction(_) => Rule::Node("OVER"),
        Expr::ScalarSubquery(_) => Rule::Node("(SELECT …)"),
        other => Rule::Expression(other.variant_name().to_owned()),
    }
}

/// Whether anything in a plan aggregates.
fn aggregates(plan: &LogicalPlan) -> bool {
    matches!(plan, LogicalPlan::Aggregate(_)) || plan.inputs().into_iter().any(aggregates)
}
