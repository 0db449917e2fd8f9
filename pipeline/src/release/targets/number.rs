//! What number a query has: of whom it is, and what it says of them, read from its plan below the door.

use std::collections::BTreeSet;

use datafusion::logical_expr::expr::{Alias, Cast, ScalarFunction};
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};

use super::conditions::{Conditions, Place, Quantity, Values, both};
use super::read::{Columns, Meaning, Read, Rows, bare, condition_of, conditions, meaning, of_rows, once, read};
use crate::catalogue::schema::Catalogue;
use crate::certify::{CertifiedVector, CrossingAggregate, Estimator, GroupKey, NamedEstimator, ValueRange, Vector};
use crate::engine::Answer;
use crate::release::choice::Choice;

/// The one number of a query.
pub(super) struct Number {
    /// What it is.
    pub(super) what: What,
    /// The projects whose rows it is of; none if they are those of every project.
    pub(super) projects: Option<BTreeSet<String>>,
    /// Whose it is, but for the project: whom a share or a mean is of, who is counted. None if it cannot be said in codes of columns.
    pub(super) among: Option<Conditions>,
    /// What tells its rows apart.
    pub(super) keys: Keys,
}

/// What a number says of those that it is of.
pub(super) enum What {
    /// The share of those who meet this.
    Share(Conditions),
    /// How many rows there are of a table.
    Count(String),
    /// A mean.
    Mean(Quantity),
}

/// What tells the rows of a table apart.
pub(super) enum Keys {
    /// Nothing: it has one row.
    None,
    /// The project.
    Project,
    /// A choice by a condition: the code of the row of those who meet it.
    Choice(String),
    /// Columns of the participation, each with its place among the keys.
    Columns(Vec<Place>),
}

/// The number of a query that has one.
pub(super) fn number(answer: &Answer, catalogue: &Catalogue) -> Option<Number> {
    let crossing = &answer.certified.accepted().crossing;
    let ([set], [_]) = (crossing.sets.as_slice(), crossing.estimators.as_slice()) else { return None };
    if set.len() != crossing.keys.len() || !is_complete(&crossing.input, catalogue) {
        return None;
    }
    let root = catalogue.private_tables().first().map(|t| t.name.clone())?;
    let (keys, chosen) = keys(crossing, &root)?;
    let Some(mut read) = read(&crossing.input, catalogue) else {
        // Conditions cannot be read as codes: that is what is wrong.
        let what = What::Share(Conditions::new());
        return Some(Number { what, projects: None, among: None, keys });
    };
    let (what, said) = what(answer, &keys, &mut read, catalogue)?;
    if let Some(condition) = chosen {
        // Some rows within the participation may meet the one and some the other.
        let is_told = of_rows(condition, &read.columns).saturating_add(said) <= 1;
        let own = conditions(condition, &read.columns, catalogue).filter(|_| is_told);
        read.among = read.among.zip(own).map(|(among, own)| both(among, &own));
    }
    let table = if let What::Count(table) = &what { table.clone() } else { root.clone() };
    if let (What::Count(_), Some(among)) = (&what, &mut read.among) {
        // Whose rows are counted has one.
        among.retain(|place, values| !(place.0 == table && place.1.is_empty() && *values == Values::Any));
    }
    let by_project = matches!(keys, Keys::Project);
    let projects = read.among.as_mut().and_then(|among| {
        let own = [&root, &table].into_iter().find_map(|table| among.remove(&(table.clone(), "project".to_owned())))?;
        if let Values::Codes(codes) = own { Some(codes) } else { None }
    });
    let columns = |keys: &Keys| matches!(keys, Keys::Columns(places) if places.contains(&(root.clone(), "project".to_owned())));
    (by_project || projects.is_some() || read.among.is_none() || columns(&keys)).then_some(Number {
        what,
        projects,
        among: read.among,
        keys,
    })
}

/// Whether every public table below the door has a row for each project. A join drops the rows that have no partner: only every
/// project's own row in the register is met by all.
fn is_complete(plan: &LogicalPlan, catalogue: &Catalogue) -> bool {
    let own = match plan {
        LogicalPlan::TableScan(scan) => catalogue
            .table(scan.table_name.table())
            .is_some_and(|table| table.is_private() || table.primary_key.as_slice() == ["project"]),
        _ => true,
    };
    own && plan.inputs().into_iter().all(|input| is_complete(input, catalogue))
}

/// What tells the rows apart, with the condition of the row if they are told by one.
fn keys<'c>(crossing: &'c CrossingAggregate, root: &str) -> Option<(Keys, Option<&'c Expr>)> {
    let column = |key: &GroupKey| {
        let origin = key.value.origin.as_ref().filter(|_| matches!(crate::certify::unalias(&key.expr), Expr::Column(_)))?;
        let is_own = origin.public.is_none() && origin.table == root;
        // The project of the register is that of the participation.
        (is_own || origin.column == "project").then(|| (root.to_owned(), origin.column.clone()))
    };
    Some(match crossing.keys.as_slice() {
        [] => (Keys::None, None),
        [key] if key.value.origin.as_ref().is_some_and(|origin| origin.column == "project") => (Keys::Project, None),
        [key] if column(key).is_none() => {
            let Row { condition, code } = row(&key.expr)?;
            (Keys::Choice(code), Some(condition))
        }
        keys => (Keys::Columns(keys.iter().map(column).collect::<Option<_>>()?), None),
    })
}

/// What a number says of those that it is of, and by how many columns that say something of some row within the participation.
fn what(answer: &Answer, keys: &Keys, read: &mut Read, catalogue: &Catalogue) -> Option<(What, usize)> {
    let crossing = &answer.certified.accepted().crossing;
    let [NamedEstimator { estimator, .. }] = crossing.estimators.as_slice() else { return None };
    let [CertifiedVector { vector, .. }] = crossing.vectors.as_slice() else { return None };
    match (estimator, vector) {
        (Estimator::Split(_, range), Vector::Split { sum, .. }) if read.rows == Rows::Participations => {
            let argument = summed(crossing.aggregates.get(*sum)?, *range)?;
            if (range.low, range.high) == (0, 1)
                && let Some(choice) = Choice::of(argument)
            {
                let said = of_rows(choice.condition, &read.columns);
                let counted = choice.counts().then(|| conditions(choice.condition, &read.columns, catalogue))??;
                return Some((What::Share(counted), said));
            }
            Some((What::Mean(quantity(argument, &read.columns)?), 0))
        }
        (Estimator::Count(_), Vector::Additive { aggregate }) => {
            let Expr::AggregateFunction(function) = crossing.aggregates.get(*aggregate)?.clone().unalias() else { return None };
            let [argument] = function.params.args.as_slice() else { return None };
            let mut said = 0_usize;
            let only = |own: Option<Conditions>, read: &mut Read| {
                read.among = read.among.take().zip(own).map(|(among, own)| both(among, &own));
            };
            if let Some(filter) = &function.params.filter {
                said = said.saturating_add(of_rows(filter, &read.columns));
                let own = condition_of(filter, &read.columns, catalogue);
                only(own, read);
            }
            match argument {
                Expr::Literal(value, _) if !value.is_null() && !function.params.distinct => {}
                Expr::Column(_) if !function.params.distinct => {
                    let own = conditions(&argument.clone().is_not_null(), &read.columns, catalogue);
                    only(own, read);
                }
                // Each person once: their first rows, if nothing but the project chooses among the rows or tells them apart.
                Expr::Column(_) => {
                    let by = matches!(meaning(argument, &read.columns), Some(Meaning::Column(_, name)) if name == "participant");
                    let is_whole = matches!(keys, Keys::None | Keys::Project);
                    let own = once(read, catalogue).filter(|_| by && is_whole && read.rows == Rows::Participations);
                    read.among = own;
                }
                _ => return None,
            }
            let table = match &read.rows {
                Rows::Participations => catalogue.private_tables().first()?.name.clone(),
                Rows::Of(child) => child.clone(),
                Rows::Others => return None,
            };
            Some((What::Count(table), said))
        }
        _ => None,
    }
}

/// A row of a table by a condition.
struct Row<'e> {
    /// Who is in it.
    condition: &'e Expr,
    /// Its code.
    code: String,
}

/// The row of those who meet the condition of `CASE WHEN condition THEN 'code' ELSE 'other' END`.
fn row(key: &Expr) -> Option<Row<'_>> {
    let Choice { condition, constants: [code, other] } = Choice::of(key)?;
    (code != other).then_some(Row { condition, code })
}

/// What an aggregate without conditions is of, without the door's own bounds.
fn summed(aggregate: &Expr, range: ValueRange) -> Option<&Expr> {
    let Expr::AggregateFunction(function) = crate::certify::unalias(aggregate) else { return None };
    let [argument] = function.params.args.as_slice() else { return None };
    let mut argument: &Expr = argument;
    while let Some(inner) = within_bounds(argument, range) {
        argument = inner;
    }
    (function.params.filter.is_none() && !function.params.distinct).then_some(argument)
}

/// What a cast, a name, or the door's own bounds (`CASE WHEN x < 0 THEN 0 WHEN x > 1 THEN 1 ELSE x END`) are about.
fn within_bounds(expr: &Expr, range: ValueRange) -> Option<&Expr> {
    match expr {
        Expr::Cast(Cast { expr, .. }) | Expr::Alias(Alias { expr, .. }) => Some(expr),
        Expr::Case(case) => {
            let x = case.else_expr.as_deref()?;
            let beyond = |(when, then): &(Box<Expr>, Box<Expr>), op: Operator, end: i128| {
                let at = |expr: &Expr| matches!(expr, Expr::Literal(value, _) if value.to_string() == end.to_string());
                at(then) && matches!(when.as_ref(), Expr::BinaryExpr(b) if b.op == op && *b.left == *x && at(&b.right))
            };
            let [below, above] = case.when_then_expr.as_slice() else { return None };
            let is_bound = beyond(below, Operator::Lt, range.low) && beyond(above, Operator::Gt, range.high);
            (case.expr.is_none() && is_bound).then_some(x)
        }
        _ => None,
    }
}

/// A column, or the difference of two, perhaps between two ends: `least(greatest("end" - start, 0), 1100)`.
fn quantity(expr: &Expr, columns: &Columns) -> Option<Quantity> {
    let place = |expr: &Expr| match meaning(bare(expr), columns)? {
        Meaning::Column(table, column) => Some((table.clone(), column.clone())),
        _ => None,
    };
    match bare(expr) {
        Expr::ScalarFunction(ScalarFunction { func, args }) if matches!(func.name(), "least" | "greatest") => {
            let (outer, x) = clamped(args)?;
            let Expr::ScalarFunction(ScalarFunction { func: other, args }) = bare(x) else { return None };
            let (inner, x) = clamped(args)?;
            let clamp = match (func.name(), other.name()) {
                ("least", "greatest") => (inner, outer),
                ("greatest", "least") => (outer, inner),
                _ => return None,
            };
            let of = quantity(x, columns).filter(|of| of.clamp.is_none() && clamp.0 <= clamp.1)?;
            Some(Quantity { clamp: Some(clamp), ..of })
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::Minus => {
            Some(Quantity { of: place(&binary.left)?, less: Some(place(&binary.right)?), clamp: None })
        }
        column => Some(Quantity { of: place(column)?, less: None, clamp: None }),
    }
}

/// The constant and the other of two arguments.
fn clamped(arguments: &[Expr]) -> Option<(i64, &Expr)> {
    let constant = |expr: &Expr| if let Expr::Literal(value, _) = bare(expr) { value.to_string().parse().ok() } else { None };
    let [one, other] = arguments else { return None };
    constant(one).map(|end| (end, other)).or_else(|| Some((constant(other)?, one)))
}
