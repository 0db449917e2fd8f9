//! What a plan below the door reads: whose rows are left, and what its columns say of them. It goes through filters, joins and
//! aggregates within the participation, and stops at anything else.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::logical_expr::expr::{AggregateFunction, Alias, Cast};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, Join, JoinType, LogicalPlan, Operator};

use super::conditions::{Conditions, Place, Values, both, risen};
use crate::above;
use crate::catalogue::schema::{Catalogue, Role};

/// What a column of a plan says.
#[derive(Clone)]
pub(super) enum Meaning {
    /// A column of a table as it is.
    Column(String, String),
    /// True for those who meet this.
    Holds(Conditions),
    /// Has a value for those who meet this.
    Present(Conditions),
    /// How many rows of a table the participation has.
    Times(String),
    /// The first value of a column, by date.
    First(Place),
    /// The last one.
    Last(Place),
    /// How far the last one lies above the first.
    Rise(Place),
    /// Nothing about people.
    Public,
}

/// The columns of a plan by relation and name.
pub(super) type Columns = BTreeMap<(Option<String>, String), Meaning>;

/// What the rows of a plan are.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Rows {
    /// One of a participation, at most.
    Participations,
    /// Those of a child table.
    Of(String),
    /// Something else.
    Others,
}

/// What a plan reads.
pub(super) struct Read {
    pub(super) columns: Columns,
    /// Who is left; none if a condition is no list of codes.
    pub(super) among: Option<Conditions>,
    /// What its rows are.
    pub(super) rows: Rows,
    /// The child tables whose rows it is made of.
    pub(super) children: Vec<String>,
}

/// Who is left where each person of a project has one row: those with their first one there.
pub(super) fn once(read: &Read, catalogue: &Catalogue) -> Option<Conditions> {
    let root = &catalogue.private_tables().first()?.name;
    let among = read.among.as_ref().filter(|_| read.children.is_empty())?;
    let is_project = |(table, column): &Place| table == root && column == "project";
    let all = among.keys().all(is_project);
    let first = Conditions::from([((root.clone(), "entry".to_owned()), Values::one("1"))]);
    all.then(|| both(among.clone(), &first))
}

/// Without casts and names.
pub(super) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast(Cast { expr, .. }) | Expr::Alias(Alias { expr, .. }) => bare(expr),
        other => other,
    }
}

/// Filters, joins, and aggregates within the participation; `None` for anything else.
pub(super) fn read(plan: &LogicalPlan, catalogue: &Catalogue) -> Option<Read> {
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
            let rows = child.clone().map_or(Rows::Participations, Rows::Of);
            Some(Read { columns, among: Some(Conditions::new()), rows, children: child.into_iter().collect() })
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
                let meaning = rise(expr, &inner.columns).or_else(|| meaning(expr, &inner.columns).cloned())?;
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
        _ => None,
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
            ("count", [Expr::Literal(..)]) if params.filter.is_none() => match &inner.rows {
                Rows::Of(child) => Meaning::Times(child.clone()),
                Rows::Participations | Rows::Others => Meaning::Present(Conditions::new()),
            },
            ("first_value" | "last_value", [of]) if params.filter.is_none() => {
                let by = params.order_by.first().filter(|by| by.asc).and_then(|by| meaning(&by.expr, &inner.columns));
                let (Some(Meaning::Column(table, date)), Some(Meaning::Column(own, column))) = (by, meaning(of, &inner.columns))
                else {
                    continue;
                };
                let columns = catalogue.table(table).map(|table| &table.columns);
                let is_start = columns.and_then(|all| all.get(date)).is_some_and(|date| date.role == Some(Role::Start));
                let has_value = columns.and_then(|all| all.get(column)).is_some_and(|of| of.required);
                if table != own || !is_start || !has_value {
                    continue;
                }
                let place = (own.clone(), column.clone());
                if func.name() == "first_value" { Meaning::First(place) } else { Meaning::Last(place) }
            }
            ("bool_or", [condition]) if params.filter.is_none() => {
                Meaning::Holds(conditions(condition, &inner.columns, catalogue)?)
            }
            _ => continue,
        };
        columns.insert((None, expr.qualified_name().1), meaning);
    }
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    if by == named(&["contribution", "participant"]) {
        return Some(Read { columns, rows: Rows::Participations, ..inner });
    }
    // One row per person: what the aggregates say of it is of some of the rows.
    let among = once(&inner, catalogue).filter(|_| by == named(&["participant"]) && inner.rows == Rows::Participations);
    let single = inner.among.as_ref()?.values().all(|values| values.single().is_some());
    (among.is_some() && single).then_some(Read { columns: Columns::new(), among, ..inner })
}

/// The rows of a join: who is on the right side of LEFT is told by its columns, and otherwise everybody is on both sides.
fn read_by_both(left: Read, right: Read, optional: bool) -> Read {
    let mut own = right.among.clone();
    // Whoever has any row at all of a child table is a selection too.
    let is_any = own.as_ref().is_some_and(BTreeMap::is_empty);
    if let (Some(own), [child], true) = (&mut own, right.children.as_slice(), is_any) {
        own.insert((child.clone(), String::new()), Values::Any);
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
    let rows = match (left.rows, right.rows) {
        (rows, Rows::Participations) => rows,
        (Rows::Participations, rows) if !optional => rows,
        _ => Rows::Others,
    };
    Read { columns, among, rows, children }
}

pub(super) fn meaning<'c>(expr: &Expr, columns: &'c Columns) -> Option<&'c Meaning> {
    match expr {
        Expr::Alias(alias) => meaning(&alias.expr, columns),
        Expr::Column(column) => {
            let relation = column.relation.as_ref().map(|r| r.table().to_owned());
            columns.get(&(relation, column.name.clone()))
        }
        _ => None,
    }
}

/// Who meets a condition of WHERE: what is said of public rows excludes nobody here.
pub(super) fn condition_of(expr: &Expr, columns: &Columns, catalogue: &Catalogue) -> Option<Conditions> {
    if above::has_query(expr) || of_some(expr, columns) > 0 {
        return None;
    }
    let names = expr.column_refs();
    let public = |c: &&datafusion::common::Column| matches!(meaning(&Expr::Column((*c).clone()), columns), Some(Meaning::Public));
    if !names.is_empty() && names.iter().all(public) {
        return Some(Conditions::new());
    }
    conditions(expr, columns, catalogue)
}

/// `column IN (codes)`, `=` and `<>`, several of one column with OR and several columns with AND; what an aggregate within the
/// participation says; whether there is a row.
pub(super) fn conditions(expr: &Expr, columns: &Columns, catalogue: &Catalogue) -> Option<Conditions> {
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
            Meaning::Column(table, column) => Some(Conditions::from([((table.clone(), column.clone()), Values::Any)])),
            // Where there is a row, they have a value.
            Meaning::Times(_) | Meaning::First(_) | Meaning::Last(_) | Meaning::Rise(_) => Some(Conditions::new()),
            Meaning::Holds(_) | Meaning::Public => None,
        },
        Expr::InList(list) if !list.negated => {
            Some(Conditions::from([(place(&list.expr)?, Values::Codes(list.list.iter().map(text).collect::<Option<_>>()?))]))
        }
        Expr::BinaryExpr(binary) => match binary.op {
            Operator::Eq => Some(Conditions::from([(place(&binary.left)?, Values::one(text(&binary.right)?))])),
            Operator::Gt | Operator::GtEq => {
                let least: i64 = text(bare(&binary.right))?.parse().ok()?;
                let least = if binary.op == Operator::Gt { least.checked_add(1)? } else { least };
                let of = rise(&binary.left, columns).or_else(|| meaning(bare(&binary.left), columns).cloned())?;
                let place = match of {
                    Meaning::Times(table) => (table, String::new()),
                    Meaning::Rise((table, column)) => (table, risen(&column)),
                    _ => return None,
                };
                Some(Conditions::from([(place, Values::AtLeast(least))]))
            }
            Operator::NotEq => {
                let (place, code) = (place(&binary.left)?, text(&binary.right)?);
                let list = catalogue.codes_of(catalogue.table(&place.0)?.columns.get(&place.1)?)?;
                let others = list.entries.iter().map(|e| e.code.clone()).filter(|c| *c != code).collect();
                Some(Conditions::from([(place, Values::Codes(others))]))
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
                    ([(a, x)], [(b, y)]) if a == b => Some(Conditions::from([(a.clone(), x.or(y))])),
                    _ => None,
                }
            }
            _ => None,
        },
        _ => None,
    }
}

/// `last - first` of one column.
fn rise(expr: &Expr, columns: &Columns) -> Option<Meaning> {
    let Expr::BinaryExpr(binary) = bare(expr) else { return None };
    match (meaning(bare(&binary.left), columns)?, meaning(bare(&binary.right), columns)?) {
        (Meaning::Last(last), Meaning::First(first)) if binary.op == Operator::Minus && last == first => {
            Some(Meaning::Rise(last.clone()))
        }
        _ => None,
    }
}

/// How many columns of an expression say something of rows within the participation.
pub(super) fn of_rows(expr: &Expr, columns: &Columns) -> usize {
    says(expr, columns, |meaning| !matches!(meaning, Meaning::Column(..) | Meaning::Public))
}

/// How many of them say it of some row, without saying of which.
fn of_some(expr: &Expr, columns: &Columns) -> usize {
    says(expr, columns, |meaning| matches!(meaning, Meaning::Holds(_) | Meaning::Present(_)))
}

fn says(expr: &Expr, columns: &Columns, what: impl Fn(&Meaning) -> bool) -> usize {
    let column = |column: &&&datafusion::common::Column| meaning(&Expr::Column((**column).clone()), columns).is_some_and(&what);
    expr.column_refs().iter().filter(column).count()
}
