//! What the planner would silently ignore is refused: another query would be published than was written.
//!
//! Every field of the syntax tree is named, with no `..`, so that a new clause in an upgrade breaks the build. What the
//! planner does carry into its plan is left to the check of the plan.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Cte, Expr, FunctionArguments, GroupByExpr, Join, Query, Select, SetExpr, Statement, TableAlias, TableFactor, TableWithJoins,
    Visit as _, Visitor, With, visit_expressions, visit_relations,
};

use super::refusal::Rule;

/// Accepts a statement whose every clause reaches the plan.
///
/// # Errors
/// The first clause that does not.
pub fn heeded(statement: &Statement) -> Result<(), Rule> {
    match statement {
        Statement::Query(query) => {
            sized(statement, query)?;
            in_query(query).and_then(|()| in_functions(statement))
        }
        _ => Err(Rule::Statement),
    }
}

/// The deepest expression, and the most tables after every CTE is put where it is named: what a planner that recurses can
/// take without running out of stack or time.
const DEPTH: usize = 200;
const TABLES: usize = 64;

/// Refuses a query that is too deep or that doubles itself.
fn sized(statement: &Statement, query: &Query) -> Result<(), Rule> {
    let mut depth = Depth { now: 0, most: 0 };
    let _: ControlFlow<()> = statement.visit(&mut depth);
    if depth.most > DEPTH || tables(query, &mut BTreeMap::new()) > TABLES {
        return Err(Rule::TooDeep);
    }
    Ok(())
}

/// How deep expressions and queries stand in one another.
struct Depth {
    now: usize,
    most: usize,
}

impl Visitor for Depth {
    type Break = ();

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.now = self.now.saturating_add(1);
        self.most = self.most.max(self.now);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.now = self.now.saturating_sub(1);
        ControlFlow::Continue(())
    }
}

/// How many tables a query reads, each CTE counted as often as it is named. A WITH inside a sub-query counts for all of its
/// names at once, so it cannot double itself unseen.
fn tables(query: &Query, known: &mut BTreeMap<String, usize>) -> usize {
    let mut nested = 0_usize;
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        let size = tables(&cte.query, known);
        nested = nested.saturating_add(size);
        known.insert(cte.alias.name.value.to_lowercase(), size);
    }
    let mut read = 0_usize;
    let _: ControlFlow<()> = visit_relations(&query.body, |name| {
        let name = name.to_string().trim_matches('"').to_lowercase();
        read = read.saturating_add(known.get(&name).copied().unwrap_or(1));
        ControlFlow::Continue(())
    });
    let mut inner = Inner(0);
    let _: ControlFlow<()> = query.body.visit(&mut inner);
    read.max(nested).saturating_mul(1_usize.checked_shl(inner.0).unwrap_or(usize::MAX))
}

/// How many sub-queries bring a WITH of their own.
struct Inner(u32);

impl Visitor for Inner {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.0 = self.0.saturating_add(u32::from(query.with.is_some()));
        ControlFlow::Continue(())
    }
}

/// `count(5)(x)`: the first parentheses of a function would be ignored, wherever it stands.
fn in_functions(statement: &Statement) -> Result<(), Rule> {
    let ignored = visit_expressions(statement, |expr| match expr {
        Expr::Function(f) if f.parameters != FunctionArguments::None || f.uses_odbc_syntax => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    absent("()()", ignored.is_break())
}

/// Refuses a clause that stands there.
fn absent(clause: &'static str, stands: bool) -> Result<(), Rule> {
    if stands { Err(Rule::Ignored(clause)) } else { Ok(()) }
}

fn in_query(query: &Query) -> Result<(), Rule> {
    let Query { with, body, order_by: _, limit_clause: _, fetch: _, locks, for_clause, settings, format_clause, pipe_operators } =
        query;
    absent("FOR UPDATE", !locks.is_empty())?;
    absent("FOR", for_clause.is_some())?;
    absent("SETTINGS", settings.is_some())?;
    absent("FORMAT", format_clause.is_some())?;
    absent("|>", !pipe_operators.is_empty())?;
    if let Some(With { with_token: _, recursive: _, cte_tables }) = with {
        for Cte { alias, query, from, materialized, closing_paren_token: _ } in cte_tables {
            absent("FROM", from.is_some())?;
            absent("MATERIALIZED", materialized.is_some())?;
            in_alias(Some(alias))?;
            in_query(query)?;
        }
    }
    in_body(body)
}

fn in_body(body: &SetExpr) -> Result<(), Rule> {
    match body {
        SetExpr::Select(select) => in_select(select),
        SetExpr::Query(query) => in_query(query),
        SetExpr::SetOperation { left, op: _, set_quantifier: _, right } => in_body(left).and_then(|()| in_body(right)),
        SetExpr::Values(_) | SetExpr::Table(_) => Ok(()),
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => Err(Rule::Statement),
    }
}

fn in_select(select: &Select) -> Result<(), Rule> {
    let Select {
        select_token: _,
        optimizer_hints,
        distinct: _,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection: _,
        exclude,
        into,
        from,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window,
        qualify: _,
        window_before_qualify: _,
        value_table_mode,
        flavor: _,
    } = select;
    absent("/*+ hint */", !optimizer_hints.is_empty())?;
    absent("SQL_…", select_modifiers.is_some())?;
    absent("TOP", top.is_some())?;
    absent("EXCLUDE", exclude.is_some())?;
    absent("INTO", into.is_some())?;
    absent("LATERAL VIEW", !lateral_views.is_empty())?;
    absent("PREWHERE", prewhere.is_some())?;
    absent("CONNECT BY", !connect_by.is_empty())?;
    absent("CLUSTER BY", !cluster_by.is_empty())?;
    absent("DISTRIBUTE BY", !distribute_by.is_empty())?;
    absent("SORT BY", !sort_by.is_empty())?;
    absent("WINDOW", !named_window.is_empty())?;
    absent("AS STRUCT", value_table_mode.is_some())?;
    let (GroupByExpr::All(modifiers) | GroupByExpr::Expressions(_, modifiers)) = group_by;
    if !modifiers.is_empty() {
        return Err(Rule::GroupingSets);
    }
    from.iter().try_for_each(in_tables)
}

fn in_tables(tables: &TableWithJoins) -> Result<(), Rule> {
    let TableWithJoins { relation, joins } = tables;
    in_table(relation)?;
    joins.iter().try_for_each(|Join { relation, global, join_operator: _ }| {
        absent("GLOBAL", *global)?;
        in_table(relation)
    })
}

fn in_table(table: &TableFactor) -> Result<(), Rule> {
    match table {
        TableFactor::Table {
            name: _,
            alias,
            args,
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_hints,
        } => {
            absent("a function as a table", args.is_some())?;
            absent("WITH", !with_hints.is_empty())?;
            absent("FINAL", version.is_some())?;
            absent("WITH ORDINALITY", *with_ordinality)?;
            absent("PARTITION", !partitions.is_empty())?;
            absent("a path into a table", json_path.is_some())?;
            absent("TABLESAMPLE", sample.is_some())?;
            absent("USE INDEX", !index_hints.is_empty())?;
            in_alias(alias.as_ref())
        }
        TableFactor::Derived { lateral, subquery, alias, sample } => {
            absent("LATERAL", *lateral)?;
            absent("TABLESAMPLE", sample.is_some())?;
            in_alias(alias.as_ref())?;
            in_query(subquery)
        }
        TableFactor::NestedJoin { table_with_joins, alias } => {
            in_alias(alias.as_ref())?;
            in_tables(table_with_joins)
        }
        _ => Err(Rule::Ignored("a table that is neither a name nor a sub-select")),
    }
}

fn in_alias(alias: Option<&TableAlias>) -> Result<(), Rule> {
    match alias {
        Some(TableAlias { explicit: _, name: _, columns, at }) => {
            absent("AT", at.is_some())?;
            absent("a column's type", columns.iter().any(|c| c.data_type.is_some()))
        }
        None => Ok(()),
    }
}
