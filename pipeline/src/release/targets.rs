//! The targets that a query's shares are held against: those of the public register, and only where the query counts what the
//! register promises. A verdict on another share than the promised one would be worse than none.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};

use crate::derive::compare::Target;
use crate::engine::{Answer, Engine};
use crate::error::Error;
use crate::plan::{self, PublicScan, Vector};
use crate::query::Query;
use crate::schema::{Catalogue, TableSchema};
use crate::text::Text;

/// Which rows of a table are counted: per column, the codes that count.
type Rows = BTreeMap<String, BTreeSet<String>>;

const COLUMNS: [&str; 8] = ["target", "project", "name_sv", "name_en", "minimum", "maximum", "numerator", "denominator"];

/// The targets that a query names.
///
/// # Errors
/// When the register has no such target, or the query does not measure what it promises.
pub(super) async fn targets(
    engine: &Engine,
    catalogue: &Catalogue,
    query: &Query,
    answer: &Answer,
) -> Result<Vec<Target>, Error> {
    if query.targets.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |why: String| Error::usage(format!("{}: targets: {why}", query.file));
    let share = share(answer, catalogue).ok_or_else(|| {
        wrong(
            "a target is for one share by project alone: SELECT project, avg(CASE WHEN column IN ('code', …) THEN 1 ELSE 0 END) … GROUP BY project"
                .into(),
        )
    })?;
    let register = catalogue.tables().find(|t| !t.is_private() && COLUMNS.iter().all(|column| t.columns.contains_key(*column)));
    let Some(register) = register else { return Err(wrong("no public table has targets".into())) };
    let scan = PublicScan { table: register.name.clone(), conditions: Vec::new(), optional: false };
    let rows = engine.combinations(&scan, &COLUMNS).await?;
    let one = |name: &String| {
        let row = rows.iter().find(|row| row.first().is_some_and(|n| n.as_ref() == Some(name))).ok_or_else(|| {
            let known: Vec<&str> = rows.iter().filter_map(|row| row.first()?.as_deref()).collect();
            wrong(format!("`{name}` is not in the register; it has: {}", known.join(", ")))
        })?;
        let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
        let percent = |at: usize| text(at).parse().map_err(|_| wrong(format!("`{name}` has no percentages")));
        share.is(&text(6), &text(7)).map_err(|why| wrong(format!("`{name}` promises {} of {}, {why}", text(6), text(7))))?;
        let (code, title) = (text(1), Text { sv: text(2), en: text(3) });
        if !answer.grid.keys.iter().any(|key| key.codes.iter().any(|c| c.code == code)) {
            return Err(wrong(format!("`{name}` is a target of {code}, which has no row in the table")));
        }
        Ok(Target { title, code, minimum: percent(4)?, maximum: percent(5)? })
    };
    query.targets.iter().map(one).collect()
}

/// What a query's share counts.
struct Share<'c> {
    table: &'c TableSchema,
    counted: Rows,
    among: Option<Rows>,
}

impl Share<'_> {
    /// Whether it is this share, in the register's words; or why not.
    fn is(&self, numerator: &str, denominator: &str) -> Result<(), &'static str> {
        let (Some((above, mut counted)), Some((below, among))) = (parsed(numerator), parsed(denominator)) else {
            return Err("which no query can be compared with");
        };
        if above != self.table.name || below != self.table.name {
            return Err("which are not rows of the table that the query counts");
        }
        counted.extend(among.clone());
        let mut own = self.counted.clone();
        own.extend(self.among.clone().unwrap_or_default());
        if self.among.as_ref() != Some(&among) {
            return Err("and the query's WHERE leaves other rows out");
        }
        if own == counted { Ok(()) } else { Err("and the query's CASE counts others") }
    }
}

/// `table.column=code|code&table.column=code`, or `table` for all its rows.
fn parsed(text: &str) -> Option<(String, Rows)> {
    let mut rows = Rows::new();
    let mut table = None;
    for condition in text.split('&') {
        let (place, codes) = condition.split_once('=').map_or((condition, None), |(place, codes)| (place, Some(codes)));
        let (of, column) = place.split_once('.').map_or((place, None), |(of, column)| (of, Some(column)));
        if table.get_or_insert(of) != &of || column.is_some() != codes.is_some() {
            return None;
        }
        if let (Some(column), Some(codes)) = (column, codes) {
            rows.insert(column.to_owned(), codes.split('|').map(str::to_owned).collect());
        }
    }
    Some((table?.to_owned(), rows))
}

/// The share of a query that has one, by project alone, of one private table.
fn share<'c>(answer: &Answer, catalogue: &'c Catalogue) -> Option<Share<'c>> {
    let accepted = &answer.accepted;
    let ([scan], [key], [set]) =
        (accepted.scans.as_slice(), accepted.crossing.keys.as_slice(), accepted.crossing.sets.as_slice())
    else {
        return None;
    };
    let by_project = key.value.origin.as_ref().is_some_and(|origin| origin.column == "project") && set.len() == 1;
    let is_share =
        |measure: &plan::Measure| matches!(measure, plan::Measure::Split(_, range) if (range.low, range.high) == (0, 1));
    let [(_, _, measure)] = accepted.crossing.measures.as_slice() else { return None };
    let [(Vector::Split { sum, .. }, _)] = accepted.crossing.vectors.as_slice() else { return None };
    let table = catalogue.table(&scan.table)?;
    if !by_project || !is_share(measure) {
        return None;
    }
    // A join drops the rows that have no partner: only every project's own row in the register is met by all.
    let met = |scan: &PublicScan| catalogue.table(&scan.table).is_some_and(|t| t.primary_key.as_slice() == ["project"]);
    if !accepted.public.iter().all(met) {
        return None;
    }
    let counted = case(accepted.crossing.aggregates.get(*sum)?)?;
    Some(Share { table, counted: conditions(&counted)?, among: among(&accepted.crossing.input, table) })
}

/// The condition of `CASE WHEN condition THEN 1 ELSE 0 END` within an aggregate that has no condition of its own.
fn case(aggregate: &Expr) -> Option<Expr> {
    let mut found = None;
    let literal = |expr: &Expr| if let Expr::Literal(value, _) = expr { Some(value.to_string()) } else { None };
    let Expr::AggregateFunction(function) = aggregate else { return None };
    if function.params.filter.is_some() {
        return None;
    }
    let _ = aggregate.apply(|expr| {
        if let Expr::Case(case) = expr
            && let ([(when, then)], Some(otherwise), None) = (case.when_then_expr.as_slice(), &case.else_expr, &case.expr)
            && (literal(then).as_deref(), literal(otherwise).as_deref()) == (Some("1"), Some("0"))
        {
            found = Some(when.as_ref().clone());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}

/// The conditions of the filters on a private table's columns; `None` if one of them is no list of codes, or if anything but
/// filters and joins lies between the table and the share: a column could be another there.
fn among(input: &LogicalPlan, table: &TableSchema) -> Option<Rows> {
    let (mut all, mut sound) = (Rows::new(), true);
    let _ = input.apply(|node| {
        match node {
            LogicalPlan::Filter(filter) => {
                for condition in split_conjunction(&filter.predicate) {
                    let own =
                        |name: &str| name != "project" && (table.columns.contains_key(name) || table.numbers().contains(&name));
                    let private = condition.column_refs().iter().any(|column| own(&column.name));
                    match conditions(condition) {
                        Some(rows) if private => all.extend(rows),
                        None if private => sound = false,
                        _ => {}
                    }
                }
            }
            LogicalPlan::Join(_) | LogicalPlan::TableScan(_) | LogicalPlan::SubqueryAlias(_) => {}
            _ => sound = false,
        }
        Ok(TreeNodeRecursion::Continue)
    });
    sound.then_some(all)
}

/// `column IN (codes)`, `column = code`, several of one column with OR, and several columns with AND.
fn conditions(expr: &Expr) -> Option<Rows> {
    let text = |expr: &Expr| if let Expr::Literal(value, _) = expr { Some(value.to_string()) } else { None };
    let column = |expr: &Expr| if let Expr::Column(column) = expr { Some(column.name.clone()) } else { None };
    match expr {
        Expr::InList(list) if !list.negated => {
            let codes = list.list.iter().map(text).collect::<Option<_>>()?;
            Some(Rows::from([(column(&list.expr)?, codes)]))
        }
        Expr::BinaryExpr(binary) => match binary.op {
            Operator::Eq => Some(Rows::from([(column(&binary.left)?, BTreeSet::from([text(&binary.right)?]))])),
            Operator::And => {
                let (mut one, other) = (conditions(&binary.left)?, conditions(&binary.right)?);
                let apart = other.keys().all(|key| !one.contains_key(key));
                one.extend(other);
                apart.then_some(one)
            }
            Operator::Or => {
                let (one, other) = (conditions(&binary.left)?, conditions(&binary.right)?);
                match (one.into_iter().collect::<Vec<_>>().as_slice(), other.into_iter().collect::<Vec<_>>().as_slice()) {
                    ([(a, x)], [(b, y)]) if a == b => Some(Rows::from([(a.clone(), x | y)])),
                    _ => None,
                }
            }
            _ => None,
        },
        _ => None,
    }
}
