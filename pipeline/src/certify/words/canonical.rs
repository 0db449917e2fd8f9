//! What a query measures, as a text of our own: two queries with one text give the same integers on the same rows.
//!
//! The release id is made of it, so that only what is computed spends budget. Comments, blanks, upper case, names of columns and of
//! tables within the query, and whatever stands above the door are not in it: a column is written as what it is computed from, down
//! to the tables. Nor is anything in it that an upgrade of the engine words otherwise: types are kinds, operators and functions
//! have the names of SQL.
//!
//! Not trusted: of two texts that are the same the second is answered from the archive, or from what is measured for the first,
//! which spends nothing.

use std::fmt::Write as _;

use datafusion::common::{Column, DFSchema, JoinType, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunction, InSubquery};
use datafusion::logical_expr::{Aggregate, Case, Distinct, Expr, GroupingSet, Join, LogicalPlan, Subquery, TableScan};

use crate::certify::check::Checked;
use crate::certify::crossing::Vector;

/// What an accepted query measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical {
    /// The text.
    pub text: String,
    /// The columns of tables that it reads.
    pub columns: Vec<ReadColumn>,
}

/// A column of a table that a query reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadColumn {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
}

/// The canonical text of what crosses the door.
pub fn canonical(accepted: &Checked) -> Canonical {
    let crossing = &accepted.crossing;
    let mut writer = Writer::default();
    let relation = writer.relation(&crossing.input, None);
    let scope = Scope { schema: crossing.input.schema(), columns: &relation.columns, outer: None };
    let keys = crossing.keys.iter().map(|key| writer.expr(&key.expr, scope)).collect::<Vec<_>>();
    let valued = writer.exprs(&crossing.valued, scope);
    let aggregates = writer.exprs(&crossing.aggregates, scope);
    let vectors = crossing.vectors.iter().map(|of| vector(&of.vector)).collect::<Vec<_>>();
    let sets = crossing.sets.iter().map(|set| list("set", set)).collect::<Vec<_>>();
    let parts = [
        relation.text,
        list("keys", &keys),
        list("sets", &sets),
        list("values", &valued),
        list("aggregates", &aggregates),
        list("vectors", &vectors),
    ];
    let text = list("measure", &parts);
    let columns = writer.scanned.into_iter().filter(|(token, _)| text.contains(token)).map(|(_, column)| column);
    let mut columns: Vec<ReadColumn> = columns.collect();
    columns.sort();
    columns.dedup();
    Canonical { text, columns }
}

/// A relation: what its rows are, and what each of its columns is.
struct Written {
    text: String,
    columns: Vec<String>,
}

/// The columns that an expression may name.
#[derive(Clone, Copy)]
struct Scope<'a> {
    schema: &'a DFSchema,
    columns: &'a [String],
    /// Those of the query around a sub-query.
    outer: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    fn column(&self, column: &Column) -> String {
        let at = self.schema.maybe_index_of_column(column);
        at.and_then(|at| self.columns.get(at)).cloned().unwrap_or_else(|| list("column", &[&column.name]))
    }
}

#[derive(Default)]
struct Writer {
    /// How many relations have columns of their own, so that each has another name.
    relations: usize,
    /// How each column of a table is written.
    scanned: Vec<(String, ReadColumn)>,
}

impl Writer {
    fn relation(&mut self, plan: &LogicalPlan, outer: Option<&Scope<'_>>) -> Written {
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::SubqueryAlias(alias) => self.relation(&alias.input, outer),
            LogicalPlan::Subquery(subquery) => self.relation(&subquery.subquery, outer),
            LogicalPlan::Filter(filter) => {
                let input = self.relation(&filter.input, outer);
                let scope = Scope { schema: filter.input.schema(), columns: &input.columns, outer };
                let condition = self.expr(&filter.predicate, scope);
                Written { text: list("where", &[condition, input.text]), columns: input.columns }
            }
            LogicalPlan::Projection(projection) => {
                let input = self.relation(&projection.input, outer);
                let scope = Scope { schema: projection.input.schema(), columns: &input.columns, outer };
                Written { text: input.text, columns: self.exprs(&projection.expr, scope) }
            }
            LogicalPlan::Join(join) => self.join(join, outer),
            LogicalPlan::Union(union) => {
                let inputs = union.inputs.iter().map(|input| self.selected(input, outer)).collect::<Vec<_>>();
                self.own("union", &inputs, plan.schema().fields().len())
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let rows = self.selected(input, outer);
                self.own("distinct", &[rows], plan.schema().fields().len())
            }
            LogicalPlan::Aggregate(aggregate) => self.group(aggregate, outer),
            // Nothing else stands below the door.
            other => Written { text: other.display_indent().to_string(), columns: Vec::new() },
        }
    }

    /// A table: its columns are told by their names, so that those that the query does not read may come and go.
    fn scan(&mut self, scan: &TableScan) -> Written {
        let (table, number) = (scan.table_name.table().to_owned(), self.number());
        let mut columns = Vec::new();
        for field in scan.projected_schema.fields() {
            let written = format!("[{table}.{number}.{}]", field.name());
            self.scanned.push((written.clone(), ReadColumn { table: table.clone(), column: field.name().clone() }));
            columns.push(written);
        }
        Written { text: format!("[{table}.{number}]"), columns }
    }

    fn join(&mut self, join: &Join, outer: Option<&Scope<'_>>) -> Written {
        let (left, right) = (self.relation(&join.left, outer), self.relation(&join.right, outer));
        let sides = [(&join.left, &left), (&join.right, &right)];
        let [l, r] = sides.map(|(plan, written)| Scope { schema: plan.schema(), columns: &written.columns, outer });
        let on: Vec<String> = join.on.iter().map(|(a, b)| list("=", &[self.expr(a, l), self.expr(b, r)])).collect();
        let both: Vec<String> = left.columns.iter().chain(&right.columns).cloned().collect();
        let schema = join.left.schema().join(join.right.schema()).ok();
        let condition = join.filter.as_ref().zip(schema.as_ref());
        let condition = condition.map(|(filter, schema)| self.expr(filter, Scope { schema, columns: &both, outer }));
        let kind = match join.join_type {
            JoinType::Inner => "join",
            JoinType::Left => "left-join",
            JoinType::Right => "right-join",
            JoinType::Full => "full-join",
            JoinType::LeftSemi => "semi-join",
            JoinType::LeftAnti => "anti-join",
            JoinType::RightSemi => "right-semi-join",
            JoinType::RightAnti => "right-anti-join",
            JoinType::LeftMark => "mark-join",
            JoinType::RightMark => "right-mark-join",
        };
        let columns = match join.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => left.columns,
            JoinType::RightSemi | JoinType::RightAnti => right.columns,
            _ => both,
        };
        let text = list(kind, &[list("on", &on), condition.unwrap_or_default(), left.text, right.text]);
        Written { text, columns }
    }

    /// Rows that are grouped below the door.
    fn group(&mut self, aggregate: &Aggregate, outer: Option<&Scope<'_>>) -> Written {
        let input = self.relation(&aggregate.input, outer);
        let scope = Scope { schema: aggregate.input.schema(), columns: &input.columns, outer };
        let (keys, aggregates) = (self.exprs(&aggregate.group_expr, scope), self.exprs(&aggregate.aggr_expr, scope));
        let parts = [list("keys", &keys), list("aggregates", &aggregates), input.text];
        self.own("group", &parts, aggregate.schema.fields().len())
    }

    /// A relation that chooses among its columns.
    fn selected(&mut self, plan: &LogicalPlan, outer: Option<&Scope<'_>>) -> String {
        let Written { text, columns } = self.relation(plan, outer);
        list("select", &[list("columns", &columns), text])
    }

    /// A relation whose columns are none of its inputs'.
    fn own(&mut self, what: &str, parts: &[String], width: usize) -> Written {
        let number = self.number();
        let columns = (0..width).map(|at| format!("[{number}.{at}]")).collect();
        Written { text: format!("{}#{number}", list(what, parts)), columns }
    }

    fn number(&mut self) -> usize {
        self.relations = self.relations.saturating_add(1);
        self.relations
    }

    fn exprs(&mut self, exprs: &[Expr], scope: Scope<'_>) -> Vec<String> {
        exprs.iter().map(|expr| self.expr(expr, scope)).collect()
    }

    fn expr(&mut self, expr: &Expr, scope: Scope<'_>) -> String {
        let mut one = |what: &str, inner: &Expr| list(what, &[self.expr(inner, scope)]);
        match expr {
            Expr::Alias(alias) => self.expr(&alias.expr, scope),
            Expr::Column(column) => scope.column(column),
            Expr::OuterReferenceColumn(_, column) => {
                scope.outer.map_or_else(|| column.name.clone(), |outer| outer.column(column))
            }
            Expr::Literal(value, _) => literal(value),
            Expr::Not(inner) => one("not", inner),
            Expr::IsNull(inner) => one("is-null", inner),
            Expr::IsNotNull(inner) => one("is-not-null", inner),
            Expr::IsTrue(inner) => one("is-true", inner),
            Expr::IsFalse(inner) => one("is-false", inner),
            Expr::IsUnknown(inner) => one("is-unknown", inner),
            Expr::IsNotTrue(inner) => one("is-not-true", inner),
            Expr::IsNotFalse(inner) => one("is-not-false", inner),
            Expr::IsNotUnknown(inner) => one("is-not-unknown", inner),
            Expr::Negative(inner) => one("minus", inner),
            Expr::Cast(cast) => one(kind(cast.field.data_type()), &cast.expr),
            Expr::BinaryExpr(b) => {
                list(&b.op.to_string().to_lowercase(), &[self.expr(&b.left, scope), self.expr(&b.right, scope)])
            }
            Expr::Between(b) => {
                let parts = [&b.expr, &b.low, &b.high].map(|part| self.expr(part, scope));
                list(if b.negated { "not-between" } else { "between" }, &parts)
            }
            Expr::Like(like) => {
                let parts = [self.expr(&like.expr, scope), self.expr(&like.pattern, scope)];
                let name =
                    [if like.negated { "not-" } else { "" }, if like.case_insensitive { "ilike" } else { "like" }].concat();
                list(&name, &parts)
            }
            Expr::InList(l) => {
                let parts = [self.expr(&l.expr, scope), list("list", &self.exprs(&l.list, scope))];
                list(if l.negated { "not-in" } else { "in" }, &parts)
            }
            Expr::Case(case) => self.case(case, scope),
            Expr::ScalarFunction(f) => list(f.name(), &self.exprs(&f.args, scope)),
            Expr::AggregateFunction(f) => self.aggregate(f, scope),
            Expr::Exists(exists) => {
                let rows = self.subquery(&exists.subquery, scope).text;
                list(if exists.negated { "not-exists" } else { "exists" }, &[rows])
            }
            Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
                let (value, Written { text, columns }) = (self.expr(expr, scope), self.subquery(subquery, scope));
                list(if *negated { "not-in" } else { "in" }, &[value, list("columns", &columns), text])
            }
            Expr::GroupingSet(GroupingSet::GroupingSets(sets)) => {
                let sets: Vec<String> = sets.iter().map(|set| list("set", &self.exprs(set, scope))).collect();
                list("sets", &sets)
            }
            // Nothing else is accepted.
            other => other.to_string(),
        }
    }

    fn case(&mut self, case: &Case, scope: Scope<'_>) -> String {
        let mut parts: Vec<String> = case.expr.iter().map(|base| list("of", &[self.expr(base, scope)])).collect();
        for (when, then) in &case.when_then_expr {
            parts.push(list("when", &[self.expr(when, scope), self.expr(then, scope)]));
        }
        parts.extend(case.else_expr.iter().map(|other| list("else", &[self.expr(other, scope)])));
        list("case", &parts)
    }

    fn aggregate(&mut self, f: &AggregateFunction, scope: Scope<'_>) -> String {
        let params = &f.params;
        let mut parts = self.exprs(&params.args, scope);
        parts.extend(params.distinct.then(|| "distinct".to_owned()));
        parts.extend(params.filter.iter().map(|filter| list("filter", &[self.expr(filter, scope)])));
        for by in &params.order_by {
            let (direction, nulls) = (if by.asc { "up" } else { "down" }, if by.nulls_first { "first" } else { "last" });
            parts.push(list("order", &[self.expr(&by.expr, scope), direction.to_owned(), nulls.to_owned()]));
        }
        parts.extend(params.null_treatment.iter().map(|nulls| nulls.to_string().to_lowercase()));
        list(f.func.name(), &parts)
    }

    fn subquery(&mut self, subquery: &Subquery, scope: Scope<'_>) -> Written {
        self.relation(&subquery.subquery, Some(&scope))
    }
}

/// A name and its parts in parentheses.
fn list(name: &str, parts: &[impl std::fmt::Display]) -> String {
    let mut text = format!("({name}");
    for part in parts {
        let _ = write!(text, " {part}");
    }
    text.push(')');
    text
}

/// A constant by its kind, in whatever width the engine holds it.
fn literal(value: &ScalarValue) -> String {
    match value {
        value if value.is_null() => "null".to_owned(),
        ScalarValue::Date32(Some(day)) => format!("day:{day}"),
        value => match value.try_as_str().flatten() {
            Some(text) => serde_json::Value::from(text).to_string(),
            None => format!("{}:{value}", kind(&value.data_type())),
        },
    }
}

/// A type without its width.
fn kind(of: &arrow::datatypes::DataType) -> &'static str {
    use arrow::datatypes::DataType;
    match of {
        of if of.is_integer() => "whole",
        of if of.is_floating() => "float",
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => "decimal",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Boolean => "boolean",
        DataType::Date32 | DataType::Date64 => "day",
        _ => "other",
    }
}

/// How a vector is made of the aggregates.
fn vector(vector: &Vector) -> String {
    match *vector {
        Vector::Additive { aggregate } => list("sum", &[aggregate]),
        Vector::Split { sum, count, low, high } => format!("(split {sum} {count} {low} {high})"),
        Vector::Histogram { column, low, candidates } => format!("(histogram {column} {low} {candidates})"),
        Vector::Scores { column, low, candidates, numerator, denominator } => {
            format!("(scores {column} {low} {candidates} {numerator} {denominator})")
        }
    }
}
