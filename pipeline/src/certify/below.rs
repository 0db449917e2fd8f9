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

use datafusion::common::{DFSchemaRef, NullEquality};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Distinct, Expr, Filter, Join, JoinType, LogicalPlan, Operator, Projection, TableScan, Union};
use utfall_privacy::certificate::{JoinKind, Rule, rule};

use super::domain::{Domain, Interval, Origin, Value};
use super::expression::{Scope, in_sql};
use super::narrow::{equal_text, is_equality, rejects_null};
use super::relation::Relation;
use super::series::Slice;
use super::words::refusal::Violation;
pub use crate::catalogue::bounds::Bounds;
use crate::catalogue::schema::Catalogue;
use utfall_ground::text::Message;

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

    fn scan(&mut self, scan: &TableScan) -> Result<Relation, Violation> {
        let name = scan.table_name.table();
        let Some(table) = self.catalogue.table(name) else { return Err(Violation::Sql(format!("no table `{name}`"))) };
        if scan.fetch.is_some() || !scan.filters.is_empty() || scan.projection.is_some() {
            return Err(Violation::Node("LIMIT"));
        }
        let schema = &scan.projected_schema;
        let at = |column: &str| schema.fields().iter().position(|f| f.name() == column);
        let public = (!table.is_private()).then_some(self.public.len());
        let bounds = if table.is_private() { Some(self.bounded(name)?) } else { None };
        let numbers = table.numbers();
        let value = |field: &arrow::datatypes::FieldRef| {
            let number = |most: u64| Domain::Integer(Interval::new(1, most.into()));
            let domain = match (&bounds, table.columns.get(field.name())) {
                (_, Some(column)) => Domain::of_column(column),
                (Some(b), None) if field.name() == numbers[1] => number(b.rows.unwrap_or(b.participations)),
                (Some(b), None) => number(b.participations),
                (None, None) => Domain::Other,
            };
            let origin = Origin { table: name.to_owned(), column: field.name().clone(), public };
            // What the schema promises, not what the engine assumes: a damaged file must not make the engine fail.
            let required = table.columns.get(field.name()).is_none_or(|c| c.required);
            Value { domain, nullable: !required, origin: Some(origin) }
        };
        let columns = schema.fields().iter().map(value).collect();
        let missing = || Violation::Sql(format!("table `{name}` lacks a column that its bound needs"));
        let step = match bounds {
            None => {
                let key = table.primary_key.iter().map(|k| at(k)).collect::<Option<Vec<_>>>().ok_or_else(missing)?;
                self.public.push(PublicScan { table: name.to_owned(), conditions: Vec::new(), optional: false });
                Rule::ScanPublic(rule::ScanPublic { table: name.to_owned(), key, stated: None })
            }
            Some(bounds) => {
                let unit = table.unit().and_then(at).ok_or_else(missing)?;
                let [first, second] = [at(numbers[0]).ok_or_else(missing)?, at(numbers[1]).ok_or_else(missing)?];
                let project = if bounds.rows.is_none() { at("project") } else { None };
                let (contributions, rows) = (bounds.participations, bounds.rows);
                self.private.push(bounds);
                let table = name.to_owned();
                Rule::ScanPrivate(rule::ScanPrivate { table, contributions, rows, unit, contribution: first, second, project })
            }
        };
        Relation::new(schema, columns, step, format!("FROM {name}"), Vec::new()).ok_or_else(|| Violation::TooMany(name.into()))
    }

    /// The bounds that will stand on the scan of a private table.
    fn bounded(&self, name: &str) -> Result<PrivateScan, Violation> {
        let child = self.catalogue.table(name).is_some_and(|t| t.parent.is_some());
        let rows = self.bounds.rows.get(name).copied().filter(|_| child);
        if child && rows.is_none() {
            return Err(Violation::RowBound(name.to_owned()));
        }
        let period = self.bounds.period.clone();
        Ok(PrivateScan { table: name.to_owned(), participations: self.bounds.participations, rows, period })
    }

    /// A row-local filter, and EXISTS or IN with another relation. A condition on one public table's columns alone also
    /// narrows the published grid; one that compares a column with a constant narrows the column's values.
    pub(super) fn filter(&mut self, filter: &Filter, relation: Relation) -> Result<Relation, Violation> {
        let (subqueries, conditions): (Vec<&Expr>, Vec<&Expr>) =
            split_conjunction(&filter.predicate).into_iter().partition(|c| super::subquery::is_subquery(c));
        let mut relation = self.where_rows(&conditions, relation)?;
        for condition in subqueries {
            relation = self.semi(condition, relation)?;
        }
        Ok(relation)
    }

    /// The rows of which every condition holds.
    pub(super) fn where_rows(&mut self, conditions: &[&Expr], mut relation: Relation) -> Result<Relation, Violation> {
        let mut fixed = Vec::new();
        for condition in conditions {
            self.scope(&relation).predicate(condition)?;
        }
        for condition in conditions {
            self.narrow_grid(condition, &relation)?;
            if rejects_null(condition) {
                for column in condition.column_refs() {
                    let index = relation.index(column)?;
                    if let Some(value) = relation.columns.get_mut(index) {
                        value.nullable = false;
                    }
                }
            }
            if let Some((column, interval)) = self.narrowed(condition, &relation)? {
                if interval.low == interval.high && is_equality(condition) {
                    fixed.push(column);
                }
                if let Some(value) = relation.columns.get_mut(column) {
                    value.domain = match value.domain.clone() {
                        Domain::Integer(known) => Domain::Integer(known.meet(interval)),
                        Domain::Date(known) => Domain::Date(known.meet(interval)),
                        other => other,
                    };
                }
            }
            fixed.extend(equal_text(condition, &relation));
        }
        if conditions.is_empty() {
            return Ok(relation);
        }
        fixed.sort_unstable();
        fixed.dedup();
        let note = conditions.iter().map(|c| in_sql(c)).collect::<Vec<_>>().join(" AND ");
        let schema = relation.schema.clone();
        let filtered = Relation::new(
            &schema,
            relation.columns,
            Rule::Filter(rule::Filter { fixed }),
            format!("WHERE {note}"),
            vec![relation.proof],
        );
        filtered.ok_or(Violation::Node("WHERE"))
    }

    pub(super) fn project(&mut self, projection: &Projection, inner: Relation) -> Result<Relation, Violation> {
        let (mut columns, mut from) = (Vec::new(), Vec::new());
        for expr in &projection.expr {
            match unalias(expr) {
                Expr::Column(column) => {
                    let (index, value) = inner.any(column)?;
                    columns.push(value.clone());
                    from.push(Some(inner.person(index)));
                }
                other => {
                    let value = self.scope(&inner).value(other)?;
                    columns.push(Value { origin: None, ..value });
                    from.push(None);
                }
            }
        }
        let computed = projection.expr.iter().filter(|e| !matches!(unalias(e), Expr::Column(_)));
        let note = computed.map(|e| in_sql(unalias(e))).collect::<Vec<_>>().join(", ");
        let note = if note.is_empty() { "SELECT".to_owned() } else { format!("SELECT {note}") };
        let projected =
            Relation::new(&projection.schema, columns, Rule::Project(rule::Project { from }), note, vec![inner.proof]);
        projected.ok_or(Violation::Node("SELECT"))
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

    fn join(&mut self, join: &Join, left: Relation, right: Relation) -> Result<Relation, Violation> {
        let kind = match join.join_type {
            JoinType::Inner => JoinKind::Inner,
            JoinType::Left => JoinKind::Left,
            other => return Err(Violation::Join(Message::same(format!("{} JOIN", other.to_string().to_uppercase())))),
        };
        if join.null_equality != NullEquality::NullEqualsNothing || join.null_aware {
            return Err(Violation::Join(Message::same("ON …")));
        }
        let (on, rest) = equalities(join, &left, &right)?;
        let width = left.columns.len();
        let mut columns = left.columns.clone();
        columns.extend(right.columns.iter().map(|v| Value { nullable: v.nullable || kind == JoinKind::Left, ..v.clone() }));
        if kind == JoinKind::Left {
            for value in &right.columns {
                if let Some(scan) = value.origin.as_ref().and_then(|o| o.public).and_then(|p| self.public.get_mut(p)) {
                    scan.optional = true;
                }
            }
        }
        // Rows that met on a column have a value in it.
        for (l, r) in on.iter().filter(|_| kind == JoinKind::Inner) {
            for index in [Some(*l), r.checked_add(width)].into_iter().flatten() {
                if let Some(value) = columns.get_mut(index) {
                    value.nullable = false;
                }
            }
        }
        let note = on_note(&left, &right, &on, kind);
        let inputs = vec![left.proof.clone(), right.proof.clone()];
        let joined = Relation::new(&join.schema, columns, Rule::Join(rule::Join { on, kind }), note, inputs);
        let joined = joined.ok_or_else(|| uncertified(&left, &right, kind))?;
        match kind {
            JoinKind::Inner => self.where_rows(&rest, joined),
            JoinKind::Left => {
                for condition in rest {
                    self.scope(&joined).predicate(condition)?;
                }
                Ok(joined)
            }
        }
    }

    fn union(&mut self, union: &Union, inputs: Vec<Relation>) -> Result<Relation, Violation> {
        let mut columns = Vec::new();
        for (at, field) in union.schema.fields().iter().enumerate() {
            let values: Option<Vec<&Value>> = inputs.iter().map(|i| i.columns.get(at)).collect();
            let values = values.ok_or(Violation::Node("UNION"))?;
            let units = values.iter().filter(|v| v.domain == Domain::Unit).count();
            if units != 0 && units != values.len() {
                return Err(Violation::Unit(field.name().clone()));
            }
            let domains = values.iter().map(|v| v.domain.clone()).reduce(|a, b| a.or(b, self.catalogue));
            columns.push(Value::computed(domains.unwrap_or(Domain::Other), values.iter().any(|v| v.nullable)));
        }
        let proofs = inputs.into_iter().map(|i| i.proof).collect();
        Relation::new(&union.schema, columns, Rule::Union(rule::Union), "UNION ALL".into(), proofs)
            .ok_or(Violation::Node("UNION"))
    }

    /// `SELECT DISTINCT` with the unit among its columns: one row per person and values.
    fn distinct(&mut self, inner: Relation) -> Result<Relation, Violation> {
        if inner.claim().unit.is_none() {
            return Err(Violation::Node("DISTINCT"));
        }
        let keys: Vec<usize> = (0..inner.columns.len()).collect();
        let (schema, columns): (DFSchemaRef, _) = (inner.schema.clone(), inner.columns.clone());
        let step = Rule::GroupByUnit(rule::GroupByUnit { keys, aggregates: 0 });
        Relation::new(&schema, columns, step, "DISTINCT".into(), vec![inner.proof]).ok_or(Violation::Node("DISTINCT"))
    }
}

/// Pairs of columns on which a join joins, and its other conditions. USING gives pairs, ON gives a condition.
#[allow(clippy::type_complexity, reason = "pairs of positions, and conditions")]
fn equalities<'j>(join: &'j Join, left: &Relation, right: &Relation) -> Result<(Vec<(usize, usize)>, Vec<&'j Expr>), Violation> {
    let pair = |a: &Expr, b: &Expr| -> Result<Option<(usize, usize)>, Violation> {
        let (Expr::Column(a), Expr::Column(b)) = (a, b) else { return Ok(None) };
        let (l, r) = if left.schema.has_column(a) && right.schema.has_column(b) { (a, b) } else { (b, a) };
        if !left.schema.has_column(l) || !right.schema.has_column(r) {
            return Ok(None);
        }
        let ((l, a), (r, b)) = (left.any(l)?, right.any(r)?);
        let one_type = left.schema.field(l).data_type() == right.schema.field(r).data_type();
        if (a.domain == Domain::Unit) != (b.domain == Domain::Unit) || !one_type {
            let named = |relation: &Relation, at: usize| relation.schema.field(at).name().clone();
            return Err(Violation::Join(Message::same(format!("{} = {}", named(left, l), named(right, r)))));
        }
        Ok(Some((left.person(l), right.person(r))))
    };
    let (mut on, mut rest) = (Vec::new(), Vec::new());
    for (a, b) in &join.on {
        on.push(pair(a, b)?.ok_or_else(|| Violation::Join(Message::same("ON …")))?);
    }
    for condition in join.filter.iter().flat_map(split_conjunction) {
        let equal = match condition {
            Expr::BinaryExpr(b) if b.op == Operator::Eq => pair(&b.left, &b.right)?,
            _ => None,
        };
        match equal {
            Some(pair) => on.push(pair),
            None => rest.push(condition),
        }
    }
    on.sort_unstable();
    on.dedup();
    Ok((on, rest))
}

/// Why no rule fits a join.
fn uncertified(left: &Relation, right: &Relation, kind: JoinKind) -> Violation {
    match (left.is_private(), right.is_private(), kind) {
        (true, true, _) => Violation::PrivateJoin,
        (false, true, JoinKind::Left) => Violation::Join(Message::same("LEFT JOIN")),
        _ => Violation::Join(Message::new(
            "kolumnerna är inte den offentliga tabellens nyckel",
            "the columns are not the public table's key",
        )),
    }
}

fn on_note(left: &Relation, right: &Relation, on: &[(usize, usize)], kind: JoinKind) -> String {
    let name = |relation: &Relation, at: usize| relation.schema.fields().get(at).map(|f| f.name().clone()).unwrap_or_default();
    let pairs = on.iter().map(|(l, r)| (name(left, *l), name(right, *r)));
    let pairs: Vec<String> = pairs.map(|(l, r)| if l == r { l } else { format!("{l} = {r}") }).collect();
    format!("{}JOIN ON {}", if kind == JoinKind::Left { "LEFT " } else { "" }, pairs.join(", "))
}

pub(super) fn unalias(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unalias(&alias.expr),
        other => other,
    }
}
