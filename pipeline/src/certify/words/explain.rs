//! The plan as a tree for people: what each node does to the number of rows that one person can have.

use std::fmt::Write as _;

use datafusion::logical_expr::{Expr, LogicalPlan};
use utfall_privacy::certificate::{Certificate, Measure, Node, Rule, rule};

use crate::catalogue::schema::Catalogue;
use crate::certify::below::{Bounds, Walk};
use crate::certify::check::Checked;
use crate::certify::crossing::CertifiedVector;
use crate::certify::words::written::in_sql;
use utfall_ground::text::Lang;

/// The tree of an accepted query, from the crossing aggregate down; one certificate stands for all vectors of the query.
pub fn explain(accepted: &Checked, lang: Lang) -> String {
    let mut text = String::new();
    if accepted.above.is_some() {
        let above = lang.pick(
            "SQL ovanför dörren: räknas på publicerade tal, kostar ingenting",
            "SQL above the door: computed from published numbers, costs nothing",
        );
        let _ = writeln!(text, "  {above}");
    }
    let Some(first) = accepted.crossing.vectors.first() else { return text };
    for (at, CertifiedVector { certificate, .. }) in accepted.crossing.vectors.iter().enumerate() {
        let _ = writeln!(text, "  {}", crossed(certificate, accepted, &serves(accepted, at), lang));
    }
    branch(&first.certificate.input, "  ", true, lang, &mut text);
    text
}

/// The columns of the query that a vector serves.
pub fn serves(accepted: &Checked, vector: usize) -> String {
    let of = accepted.crossing.estimators.iter().filter(|named| named.estimator.vectors().contains(&vector));
    let names = of.map(|named| named.name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// The crossing of one vector: what is measured, and how far one person moves it.
fn crossed(certificate: &Certificate, accepted: &Checked, serves: &str, lang: Lang) -> String {
    let keys = accepted.crossing.keys.iter().map(|k| k.name.as_str()).collect::<Vec<_>>().join(", ");
    let what = match &certificate.crossing.measure {
        Measure::Count => lang.pick("antal", "count").to_owned(),
        Measure::DistinctUnits => lang.pick("antal personer", "count of people").to_owned(),
        Measure::Sum { low, high } => {
            lang.pick(format!("summa, klippt till {low}–{high}"), format!("sum, clamped to {low}–{high}"))
        }
        Measure::Split { low, high } => {
            lang.pick(format!("avstånd till {low} och till {high}"), format!("distances from {low} and from {high}"))
        }
        Measure::Scores { .. } => {
            lang.pick("kvantil, vald bland möjliga värden", "quantile, selected among the possible values").to_owned()
        }
    };
    let moves = certificate.crossing.sensitivity;
    let by = if keys.is_empty() { String::new() } else { format!(" {} {keys}", lang.pick("efter", "by")) };
    let door = lang.pick("══ dörren ══", "══ the door ══");
    let moved = lang.pick(
        format!("en person flyttar den högst {} (L1), {} (L2 i kvadrat)", moves.l1(), moves.l2_squared()),
        format!("one person moves it by at most {} (L1), {} (squared L2)", moves.l1(), moves.l2_squared()),
    );
    format!("{door} {what} ({serves}){by}: {moved}")
}

fn branch(node: &Node, indent: &str, last: bool, lang: Lang, text: &mut String) {
    let (corner, bar) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
    let _ = writeln!(text, "{indent}{corner}{}  {}", node.note, effect(node, lang));
    let deeper = format!("{indent}{bar}");
    for (i, input) in node.inputs.iter().enumerate() {
        branch(input, &deeper, i.saturating_add(1) == node.inputs.len(), lang, text);
    }
}

/// How many rows one person can have after a node, and why.
fn effect(node: &Node, lang: Lang) -> String {
    let rows = node.claim.rows;
    if rows == 0 {
        return lang.pick("offentlig", "public").to_owned();
    }
    let bound = match &node.rule {
        Rule::ScanPrivate(rule::ScanPrivate { contributions, rows: Some(r), .. }) => {
            lang.pick(format!("{contributions} deltaganden × {r} rader"), format!("{contributions} participations × {r} rows"))
        }
        Rule::ScanPrivate(rule::ScanPrivate { contributions, .. }) => {
            lang.pick(format!("{contributions} deltaganden"), format!("{contributions} participations"))
        }
        Rule::Filter(_) | Rule::Project(_) | Rule::Semi(_) | Rule::ScanPublic(_) => String::new(),
        Rule::Join(_) if node.inputs.iter().any(|i| i.claim.rows == 0) => {
            lang.pick("en offentlig rad per rad", "one public row per row").to_owned()
        }
        Rule::Join(_) => lang.pick("rader möts inom personen", "rows meet within the person").to_owned(),
        Rule::Union(rule::Union { .. }) => lang.pick("raderna läggs ihop", "rows add up").to_owned(),
        Rule::GroupByUnit(_) => lang.pick("grupper inom personen", "groups within the person").to_owned(),
    };
    let most = lang.pick(format!("högst {rows} rader per person"), format!("at most {rows} rows per person"));
    if bound.is_empty() { format!("({most})") } else { format!("({bound}: {most})") }
}

/// No more nodes of a refused query are shown.
const MOST: usize = 200;

/// The tree of a refused query, with a mark at the node that was refused.
pub fn refused(plan: &LogicalPlan, table: &str, catalogue: &Catalogue, bounds: &Bounds, lang: Lang) -> String {
    let mut walk = Walk::new(catalogue, bounds);
    // What the walk accepts is refused at the crossing: a key without a list, too many cells.
    let (mark, at) = match walk.accept(plan, table) {
        Ok(accepted) => (None, accepted.crossing_at),
        Err(_) => (walk.refused.or(Some(std::ptr::from_ref(plan))), usize::MAX),
    };
    let mut tree = RefusedTree { mark, at, nodes: 0, lang, text: String::new() };
    tree.draw(plan, 1);
    let more = tree.nodes.saturating_sub(MOST);
    if more > 0 {
        let told = lang.pick(format!("  … och {more} noder till"), format!("  … and {more} more nodes"));
        let _ = writeln!(tree.text, "{told}");
    }
    tree.text
}

/// A refused query as it is drawn.
struct RefusedTree {
    /// The node that was refused, by its address; else by its number, which counts down.
    mark: Option<*const LogicalPlan>,
    at: usize,
    /// How many nodes it has.
    nodes: usize,
    lang: Lang,
    text: String,
}

impl RefusedTree {
    fn draw(&mut self, plan: &LogicalPlan, depth: usize) {
        let marked = self.mark == Some(std::ptr::from_ref(plan)) || self.at == 0;
        self.at = self.at.wrapping_sub(1);
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes <= MOST || marked {
            let arrow = if marked { self.lang.pick("  <== här stannar det", "  <== it stops here") } else { "" };
            let _ = writeln!(self.text, "{}{}{arrow}", "  ".repeat(depth.min(40)), clause(plan));
        }
        for input in plan.inputs() {
            self.draw(input, depth.saturating_add(1));
        }
    }
}

/// A node as its author would write it.
fn clause(plan: &LogicalPlan) -> String {
    let list = |exprs: &mut dyn Iterator<Item = &Expr>| exprs.map(in_sql).collect::<Vec<_>>().join(", ");
    match plan {
        // The engine names what nobody named, in its own words.
        LogicalPlan::Projection(p) => format!("SELECT {}", list(&mut p.expr.iter()).replace("\"count(Int64(1))\"", "count(*)")),
        LogicalPlan::Filter(f) => format!("WHERE {}", in_sql(&f.predicate)),
        LogicalPlan::Aggregate(a) if a.group_expr.is_empty() => list(&mut a.aggr_expr.iter()),
        LogicalPlan::Aggregate(a) => {
            format!("GROUP BY {}: {}", list(&mut a.group_expr.iter()), list(&mut a.aggr_expr.iter()))
        }
        LogicalPlan::Window(w) => list(&mut w.window_expr.iter()),
        LogicalPlan::Sort(s) => format!("ORDER BY {}", list(&mut s.expr.iter().map(|by| &by.expr))),
        LogicalPlan::Limit(_) => "LIMIT".to_owned(),
        LogicalPlan::Distinct(_) => "DISTINCT".to_owned(),
        LogicalPlan::Union(_) => "UNION ALL".to_owned(),
        LogicalPlan::SubqueryAlias(alias) => format!("AS {}", alias.alias.table()),
        LogicalPlan::TableScan(scan) => format!("FROM {}", scan.table_name.table()),
        LogicalPlan::Join(join) => {
            let on = join.on.iter().map(|(left, right)| format!("{} = {}", in_sql(left), in_sql(right)));
            let all: Vec<String> = on.chain(join.filter.iter().map(in_sql)).collect();
            let on = if all.is_empty() { String::new() } else { format!(" ON {}", all.join(" AND ")) };
            format!("{} JOIN{on}", join.join_type.to_string().to_uppercase())
        }
        LogicalPlan::Subquery(_) => "(SELECT …)".to_owned(),
        LogicalPlan::Values(_) | LogicalPlan::EmptyRelation(_) => "VALUES".to_owned(),
        other => other.display().to_string().split([':', ' ']).next().unwrap_or_default().to_uppercase(),
    }
}
