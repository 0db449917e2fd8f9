//! What a query's share counts, read from its plan below the door: who is in its denominator, and who of them in its numerator.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::logical_expr::expr::{AggregateFunction, Alias, Cast};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, Join, JoinType, LogicalPlan, Operator};

use super::{Conditions, both};
use crate::above;
use crate::catalogue::schema::Catalogue;
use crate::certify::{CertifiedVector, Estimator, NamedEstimator, Vector};
use crate::engine::Answer;
use crate::release::choice::Choice;

/// A share of participations.
pub(super) struct Share {
    /// The projects whose participations it is of; none if they are those of every project, each in its own row.
    pub(super) projects: Option<BTreeSet<String>>,
    /// Who is in the numerator.
    pub(super) counted: Conditions,
    /// Who is in the denominator; none if it cannot be said in codes of columns.
    pub(super) among: Option<Conditions>,
    /// The code of the only row that it is of, where another row is of those who are not in the denominator.
    pub(super) row: Option<String>,
}

/// What a column of a plan says.
#[derive(Clone)]
enum Meaning {
    /// A column of a table as it is.
    Column(String, String),
    /// True for those who meet this.
    Holds(Conditions),
    /// Has a value for those who meet this.
    Present(Conditions),
    /// Nothing about people.
    Public,
}

/// The columns of a plan by relation and name.
type Columns = BTreeMap<(Option<String>, String), Meaning>;

/// What a plan reads.
struct Read {
    columns: Columns,
    /// Who is left; none if a condition is no list of codes.
    among: Option<Conditions>,
    /// Whether a participation has one row at most.
    single: bool,
    /// The child tables whose rows it is made of.
    children: Vec<String>,
}

/// The share of a query that has one, by project alone or of one project.
pub(super) fn share(answer: &Answer, catalogue: &Catalogue) -> Option<Share> {
    let crossing = &answer.certified.accepted().crossing;
    let [set] = crossing.sets.as_slice() else { return None };
    let (by_project, row) = match crossing.keys.as_slice() {
        [] => (false, None),
        [key] if set.len() == 1 && key.value.origin.as_ref().is_some_and(|origin| origin.column == "project") => (true, None),
        [key] if set.len() == 1 => (false, Some(row(&key.expr)?)),
        _ => return None,
    };
    let [NamedEstimator { estimator: Estimator::Split(_, range), .. }] = crossing.estimators.as_slice() else { return None };
    let [CertifiedVector { vector: Vector::Split { sum, .. }, .. }] = crossing.vectors.as_slice() else { return None };
    // A join drops the rows that have no partner: only every project's own row in the register is met by all.
    let complete = |table: &str| catalogue.table(table).is_some_and(|t| t.primary_key.as_slice() == ["project"]);
    // A number computed above the door from the share would be another than the one that is judged.
    if answer.above.is_some()
        || (range.low, range.high) != (0, 1)
        || !answer.certified.accepted().public.iter().all(|scan| complete(&scan.table))
    {
        return None;
    }
    let when = case(crossing.aggregates.get(*sum)?)?;
    let Some(read) = read(&crossing.input, catalogue) else {
        return Some(Share { projects: None, counted: Conditions::new(), among: None, row: None });
    };
    let counted = conditions(&when, &read.columns, catalogue)?;
    let mut among = read.among;
    if let Some(Row { condition, .. }) = &row {
        // Some rows within the participation may meet the one and some the other.
        let is_told = of_rows(condition, &read.columns).saturating_add(of_rows(&when, &read.columns)) <= 1;
        let own = conditions(condition, &read.columns, catalogue).filter(|_| is_told);
        among = among.zip(own).map(|(among, own)| both(among, &own));
    }
    let row = row.map(|row| row.code);
    let root = catalogue.private_tables().first().map(|t| t.name.clone())?;
    let projects = among.as_mut().and_then(|among| among.remove(&(root, "project".to_owned())));
    // Where conditions cannot be read as codes, that is what is wrong.
    (read.single && (by_project || projects.is_some() || among.is_none())).then_some(Share { projects, counted, among, row })
}

/// A row of a table by a condition.
struct Row {
    /// Who is in it.
    condition: Expr,
    /// Its code.
    code: String,
}

/// The row of those who meet the condition of `CASE WHEN condition THEN 'code' ELSE 'other' END`.
fn row(key: &Expr) -> Option<Row> {
    let Choice { condition, constants: [code, other] } = Choice::of(key)?;
    (code != other).then(|| Row { condition: condition.clone(), code })
}

/// The condition of `CASE WHEN condition THEN 1 ELSE 0 END`, which must be all that an aggregate without conditions is of.
fn case(aggregate: &Expr) -> Option<Expr> {
    let Expr::AggregateFunction(function) = aggregate.clone().unalias() else { return None };
    let [argument] = function.params.args.as_slice() else { return None };
    let mut argument: &Expr = argument;
    while let Some(inner) = within_bounds(argument) {
        argument = inner;
    }
    let choice = Choice::of(argument)?;
    let plain = function.params.filter.is_none() && !function.params.distinct;
    (plain && choice.counts()).then(|| choice.condition.clone())
}

/// What a cast, a name, or the door's own bounds (`CASE WHEN x < 0 THEN 0 WHEN x > 1 THEN 1 ELSE x END`) are about.
fn within_bounds(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Cast(Cast { expr, .. }) | Expr::Alias(Alias { expr, .. }) => Some(expr),
        Expr::Case(case) => {
            let x = case.else_expr.as_deref()?;
            let beyond = |(when, then): &(Box<Expr>, Box<Expr>), op: Operator, end: &str| {
                let at = |expr: &Expr| matches!(expr, Expr::Literal(value, _) if value.to_string() == end);
                at(then) && matches!(when.as_ref(), Expr::BinaryExpr(b) if b.op == op && *b.left == *x && at(&b.right))
            };
            let [below, above] = case.when_then_expr.as_slice() else { return None };
            (case.expr.is_none() && beyond(below, Operator::Lt, "0") && beyond(above, Operator::Gt, "1")).then_some(x)
        }
        _ => None,
    }
}

/// Filters, joins, and aggregates within the participation; `None` for anything else.
fn read(plan: &LogicalPlan, catalogue: &Catalogue) -> Option<Read> {
    match plan {
        LogicalPlan::TableScan(scan) => {
            let table = catalogue.table(scan.table_name.table())?;
            let meaning = |name: &String| match table.is_private() {
                true => Meaning::Column(table.name.clone(), name.clone()),
                false => Meaning::Public,
            };
            let names = table.columns.keys().cloned().chain(table.numbers().map(str::to_owned));
            let columns = names.map(|name| ((Some(table.name.clone()), name.clone()), meaning(&name))).collect();
            let child = table.parent.is_some().then(|| table.name.clone());
            Some(Read { columns, among: Some(Conditions::new()), single: child.is_none(), children: child.into_iter().collect() })
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let inner = read(&alias.input, catalogue)?;
            let relation = alias.alias.table().to_owned();
            let columns = inner.columns.into_iter().map(|((_, name), meaning)| ((Some(relation.clone()), name), meaning));
            Some(Read { columns: columns.collect(), ..inner })
        }
        LogicalPlan::Projection(projection) => {
            let inner = read(&projection.input, catalogue)?;
            let columns = projection.expr.iter().filter_map(|expr| {
                let meaning = meaning(expr, &inner.columns)?.clone();
                let (relation, name) = expr.qualified_name();
                Some(((relation.map(|r| r.table().to_owned()), name), meaning))
            });
            Some(Read { columns: columns.collect(), ..inner })
        }
        LogicalPlan::Filter(filter) => {
            let inner = read(&filter.input, catalogue)?;
            let mut among = inner.among;
            for condition in split_conjunction(&filter.predicate) {
                let rows = condition_of(condition, &inner.columns, catalogue);
                among = among.zip(rows).map(|(among, rows)| both(among, &rows));
            }
            Some(Read { among, ..inner })
        }
        LogicalPlan::Aggregate(aggregate) => {
            let inner = read(&aggregate.input, catalogue)?;
            within(&aggregate.group_expr, &aggregate.aggr_expr, inner, catalogue)
        }
        LogicalPlan::Join(join) if matches!(join.join_type, JoinType::Inner | JoinType::Left) => {
            let (left, right) = (read(&join.left, catalogue)?, read(&join.right, catalogue)?);
            let private = |read: &Read| read.columns.values().any(|m| !matches!(m, Meaning::Public));
            // A participation meets its own rows, or its project's row in the register, by nothing else.
            let by: &[&str] = if private(&left) && private(&right) { &["contribution", "participant"] } else { &["project"] };
            let mut names = joined(join, &left, &right)?;
            names.sort_unstable();
            let apart = left.children.iter().all(|table| !right.children.contains(table));
            (names == by && apart).then(|| read_by_both(left, right, join.join_type == JoinType::Left))
        }
        _ => None,
    }
}

/// The columns that are equal in a join, by the names that they have in their tables; `None` if it has other conditions.
fn joined(join: &Join, left: &Read, right: &Read) -> Option<Vec<String>> {
    let name = |expr: &Expr| match meaning(expr, &left.columns).or_else(|| meaning(expr, &right.columns))? {
        Meaning::Column(_, name) => Some(name.clone()),
        Meaning::Public => {
            if let Expr::Column(column) = expr {
                Some(column.name.clone())
            } else {
                None
            }
        }
        Meaning::Holds(_) | Meaning::Present(_) => None,
    };
    let same = |a: &Expr, b: &Expr| name(a).filter(|found| name(b).as_ref() == Some(found));
    let mut names = join.on.iter().map(|(a, b)| same(a, b)).collect::<Option<Vec<_>>>()?;
    for condition in join.filter.iter().flat_map(|filter| split_conjunction(filter)) {
        match condition {
            Expr::BinaryExpr(binary) if binary.op == Operator::Eq => names.push(same(&binary.left, &binary.right)?),
            _ => return None,
        }
    }
    Some(names)
}

/// One row per participation: which conditions some of its rows meet.
fn within(group: &[Expr], aggregates: &[Expr], inner: Read, catalogue: &Catalogue) -> Option<Read> {
    let mut columns = Columns::new();
    let mut by = BTreeSet::new();
    for expr in group {
        let kept = meaning(expr, &inner.columns)?;
        let Meaning::Column(_, name) = kept else { return None };
        by.insert(name.clone());
        let (relation, name) = expr.qualified_name();
        columns.insert((relation.map(|r| r.table().to_owned()), name), kept.clone());
    }
    for expr in aggregates {
        let Expr::AggregateFunction(AggregateFunction { func, params }) = expr else { continue };
        let meaning = match (func.name(), params.args.as_slice()) {
            ("count", [Expr::Literal(..)]) if params.filter.is_none() => Meaning::Present(Conditions::new()),
            ("bool_or", [condition]) if params.filter.is_none() => {
                Meaning::Holds(conditions(condition, &inner.columns, catalogue)?)
            }
            _ => continue,
        };
        columns.insert((None, expr.qualified_name().1), meaning);
    }
    let person = ["contribution", "participant"].into_iter().map(str::to_owned).collect();
    (by == person).then_some(Read { columns, single: true, ..inner })
}

/// The rows of a join: who is on the right side of LEFT is told by its columns, and otherwise everybody is on both sides.
fn read_by_both(left: Read, right: Read, optional: bool) -> Read {
    let mut own = right.among.clone();
    // Whoever has any row at all of a child table is a selection too.
    let is_any = own.as_ref().is_some_and(BTreeMap::is_empty);
    if let (Some(own), [child], true) = (&mut own, right.children.as_slice(), is_any) {
        own.insert((child.clone(), String::new()), BTreeSet::new());
    }
    let through = |meaning: Meaning| match (meaning, &own) {
        // Whoever meets a condition on such a row has one.
        (Meaning::Holds(rows), Some(_)) if is_any && !rows.is_empty() => Some(Meaning::Holds(rows)),
        (Meaning::Holds(rows), Some(own)) => Some(Meaning::Holds(both(rows, own))),
        (Meaning::Public, _) => Some(Meaning::Public),
        (_, Some(own)) => Some(Meaning::Present(own.clone())),
        (_, None) => None,
    };
    let right_columns = right.columns.into_iter().filter_map(|(place, meaning)| {
        let meaning = if optional { through(meaning)? } else { meaning };
        Some((place, meaning))
    });
    let columns = left.columns.into_iter().chain(right_columns).collect();
    let among = if optional { left.among } else { left.among.zip(own).map(|(l, r)| both(l, &r)) };
    let children = left.children.into_iter().chain(right.children).collect();
    Read { columns, among, single: left.single && right.single, children }
}

fn meaning<'c>(expr: &Expr, columns: &'c Columns) -> Option<&'c Meaning> {
    match expr {
        Expr::Alias(alias) => meaning(&alias.expr, columns),
        Expr::Column(column) => {
            let relation = column.relation.as_ref().map(|r| r.table().to_owned());
            columns.get(&(relation, column.name.clone()))
        }
        _ => None,
    }
}

/// Who meets a condition of WHERE: what is said of public rows, or that each person counts once per project, excludes nobody here.
fn condition_of(expr: &Expr, columns: &Columns, catalogue: &Catalogue) -> Option<Conditions> {
    if above::has_query(expr) || of_rows(expr, columns) > 0 {
        return None;
    }
    let names = expr.column_refs();
    let public = |c: &&datafusion::common::Column| matches!(meaning(&Expr::Column((*c).clone()), columns), Some(Meaning::Public));
    if !names.is_empty() && names.iter().all(public) {
        return Some(Conditions::new());
    }
    let rows = conditions(expr, columns, catalogue)?;
    let once = rows.iter().all(|((_, column), codes)| column == "entry" && codes.iter().eq(["1"]));
    Some(if once { Conditions::new() } else { rows })
}

/// `column IN (codes)`, `=` and `<>`, several of one column with OR and several columns with AND; what an aggregate within the
/// participation says; whether there is a row.
fn conditions(expr: &Expr, columns: &Columns, catalogue: &Catalogue) -> Option<Conditions> {
    let text = |expr: &Expr| if let Expr::Literal(value, _) = expr { Some(value.to_string()) } else { None };
    let place = |expr: &Expr| match meaning(expr, columns)? {
        Meaning::Column(table, column) => Some((table.clone(), column.clone())),
        _ => None,
    };
    match expr {
        Expr::Column(_) => match meaning(expr, columns)? {
            Meaning::Holds(rows) => Some(rows.clone()),
            _ => None,
        },
        Expr::IsNotNull(inner) => match meaning(inner, columns)? {
            Meaning::Present(rows) => Some(rows.clone()),
            _ => None,
        },
        Expr::InList(list) if !list.negated => {
            Some(Conditions::from([(place(&list.expr)?, list.list.iter().map(text).collect::<Option<_>>()?)]))
        }
        Expr::BinaryExpr(binary) => match binary.op {
            Operator::Eq => Some(Conditions::from([(place(&binary.left)?, BTreeSet::from([text(&binary.right)?]))])),
            Operator::NotEq => {
                let (place, code) = (place(&binary.left)?, text(&binary.right)?);
                let list = catalogue.codes_of(catalogue.table(&place.0)?.columns.get(&place.1)?)?;
                Some(Conditions::from([(place, list.entries.iter().map(|e| e.code.clone()).filter(|c| *c != code).collect())]))
            }
            // Some rows meet the one and some the other, perhaps not the same.
            Operator::And | Operator::Or if of_rows(expr, columns) > 1 => None,
            Operator::And => {
                let (one, other) =
                    (conditions(&binary.left, columns, catalogue)?, conditions(&binary.right, columns, catalogue)?);
                Some(both(one, &other))
            }
            Operator::Or => {
                let (one, other) =
                    (conditions(&binary.left, columns, catalogue)?, conditions(&binary.right, columns, catalogue)?);
                match (one.into_iter().collect::<Vec<_>>().as_slice(), other.into_iter().collect::<Vec<_>>().as_slice()) {
                    ([(a, x)], [(b, y)]) if a == b => Some(Conditions::from([(a.clone(), x | y)])),
                    _ => None,
                }
            }
            _ => None,
        },
        _ => None,
    }
}

/// How many columns of an expression say something of some row within the participation.
fn of_rows(expr: &Expr, columns: &Columns) -> usize {
    let says = |column: &&datafusion::common::Column| {
        let meaning = meaning(&Expr::Column((*column).clone()), columns);
        matches!(meaning, Some(Meaning::Holds(_) | Meaning::Present(_)))
    };
    expr.column_refs().iter().filter(|column| says(column)).count()
}
