//! What the planner would silently ignore is refused: another query would be published than was written.
//!
//! Every query, SELECT, table and expression of the statement is visited, wherever it stands: in FROM, in a CTE, in EXISTS, IN
//! or a scalar sub-query. Every field of what the planner takes apart by name is named here, with no `..`, so that a new clause
//! in an upgrade breaks the build. What the planner does carry into its plan is left to the check of the plan.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use datafusion::sql::sqlparser::ast::{
    Cte, DataType, DuplicateTreatment, Expr, Function, FunctionArgumentClause, FunctionArgumentList, FunctionArguments,
    GroupByExpr, Join, LimitClause, OrderBy, OrderByKind, Query, Select, SetExpr, SetOperator, SetQuantifier, Statement,
    TableAlias, TableFactor, TableWithJoins, Visit as _, Visitor, With,
};

use super::size::{has_many_levels, sized};
use super::words::refusal::Violation;

/// Accepts a statement whose every clause reaches the plan.
///
/// # Errors
/// The first clause that does not.
pub(super) fn heeded(statement: &Statement) -> Result<(), Violation> {
    match statement {
        Statement::Query(query) => {
            sized(statement, query)?;
            match statement.visit(&mut Heeded) {
                ControlFlow::Break(rule) => Err(rule),
                ControlFlow::Continue(()) => Ok(()),
            }
        }
        _ => Err(Violation::Statement),
    }
}

/// Visits every part of a statement and stops at the first that the planner would ignore.
struct Heeded;

fn flow(found: Result<(), Violation>) -> ControlFlow<Violation> {
    match found {
        Ok(()) => ControlFlow::Continue(()),
        Err(rule) => ControlFlow::Break(rule),
    }
}

impl Visitor for Heeded {
    type Break = Violation;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Violation> {
        flow(in_query(query))
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Violation> {
        flow(in_select(select))
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<Violation> {
        flow(in_table(table))
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Violation> {
        flow(match expr {
            Expr::Function(function) => in_function(function),
            Expr::Cast { data_type, .. } => in_type(data_type),
            Expr::TypedString(typed) => in_type(&typed.data_type),
            _ => Ok(()),
        })
    }
}

/// The functions of one row. The planner takes their arguments and nothing else that stands with them.
static OF_ONE_ROW: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let named = |f: std::sync::Arc<datafusion::logical_expr::ScalarUDF>| {
        f.aliases().iter().cloned().chain([f.name().to_owned()]).map(|name| name.to_lowercase()).collect::<Vec<_>>()
    };
    datafusion::functions::all_default_functions().into_iter().flat_map(named).collect()
});

/// What stands with a function: `count(5)(x)`, `{fn count(x)}`, and FILTER, OVER, DISTINCT and their like with a function of
/// one row.
fn in_function(function: &Function) -> Result<(), Violation> {
    let Function { name, uses_odbc_syntax, parameters, args, filter, null_treatment, over, within_group } = function;
    absent("()()", *parameters != FunctionArguments::None || *uses_odbc_syntax)?;
    let name = name.to_string();
    if !OF_ONE_ROW.contains(&name.trim_matches('"').to_lowercase()) {
        return Ok(());
    }
    absent("FILTER", filter.is_some())?;
    absent("OVER", over.is_some())?;
    absent("WITHIN GROUP", !within_group.is_empty())?;
    absent("IGNORE NULLS", null_treatment.is_some())?;
    let FunctionArguments::List(FunctionArgumentList { duplicate_treatment, args: _, clauses }) = args else { return Ok(()) };
    absent("DISTINCT", matches!(duplicate_treatment, Some(DuplicateTreatment::Distinct)))?;
    absent("IGNORE NULLS", clauses.iter().any(|c| matches!(c, FunctionArgumentClause::IgnoreOrRespectNulls(_))))?;
    absent("ORDER BY", !clauses.is_empty())
}

/// The length of a text is not kept: a cast to it would shorten nothing.
fn in_type(kind: &DataType) -> Result<(), Violation> {
    absent("VARCHAR(…)", matches!(kind, DataType::Varchar(Some(_)) | DataType::Char(Some(_)) | DataType::String(Some(_))))
}

/// Refuses a clause that stands there.
fn absent(clause: &'static str, stands: bool) -> Result<(), Violation> {
    if stands { Err(Violation::Ignored(clause)) } else { Ok(()) }
}

fn in_query(query: &Query) -> Result<(), Violation> {
    let Query { with, body, order_by, limit_clause, fetch, locks, for_clause, settings, format_clause, pipe_operators } = query;
    absent("FOR UPDATE", !locks.is_empty())?;
    absent("FOR", for_clause.is_some())?;
    absent("SETTINGS", settings.is_some())?;
    absent("FORMAT", format_clause.is_some())?;
    absent("|>", !pipe_operators.is_empty())?;
    absent("FETCH", fetch.is_some())?;
    absent("LIMIT … BY", matches!(limit_clause, Some(LimitClause::LimitOffset { limit_by, .. }) if !limit_by.is_empty()))?;
    if let Some(OrderBy { kind, interpolate }) = order_by {
        absent("INTERPOLATE", interpolate.is_some())?;
        // Of a union it would order nothing.
        absent("ORDER BY ALL", matches!(kind, OrderByKind::All(_)) && !matches!(**body, SetExpr::Select(_)))?;
        if let OrderByKind::Expressions(keys) = kind {
            absent("WITH FILL", keys.iter().any(|key| key.with_fill.is_some()))?;
        }
    }
    // The order of a sub-select is not kept: the rows that are taken would be others than the author meant.
    absent("ORDER BY", limit_clause.is_some() && order_by.is_none() && reads_sorted(query))?;
    if let Some(With { with_token: _, recursive: _, cte_tables }) = with {
        for Cte { alias, query: _, from, materialized, closing_paren_token: _ } in cte_tables {
            absent("FROM", from.is_some())?;
            absent("MATERIALIZED", materialized.is_some())?;
            in_alias(Some(alias))?;
        }
    }
    in_body(body)
}

/// Whether a query reads a sub-select or a CTE that is sorted and not cut off.
fn reads_sorted(query: &Query) -> bool {
    let sorted = |query: &Query| query.order_by.is_some() && query.limit_clause.is_none();
    let SetExpr::Select(select) = &*query.body else { return false };
    let tables = select.from.iter().flat_map(|t| std::iter::once(&t.relation).chain(t.joins.iter().map(|join| &join.relation)));
    let within = tables.into_iter().any(|table| matches!(table, TableFactor::Derived { subquery, .. } if sorted(subquery)));
    within || query.with.iter().flat_map(|with| &with.cte_tables).any(|cte| sorted(&cte.query))
}

/// The parts of a set operation; what stands in them is visited by itself.
fn in_body(body: &SetExpr) -> Result<(), Violation> {
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) | SetExpr::Table(_) => Ok(()),
        SetExpr::SetOperation { left, op, set_quantifier, right } => {
            let by_name =
                matches!(set_quantifier, SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName);
            absent("BY NAME", by_name && *op != SetOperator::Union)?;
            in_body(left).and_then(|()| in_body(right))
        }
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => Err(Violation::Statement),
    }
}

fn in_select(select: &Select) -> Result<(), Violation> {
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
    if has_many_levels(group_by) || !modifiers.is_empty() {
        return Err(Violation::GroupingSets);
    }
    from.iter().try_for_each(in_joins)
}

fn in_joins(tables: &TableWithJoins) -> Result<(), Violation> {
    let TableWithJoins { relation: _, joins } = tables;
    joins.iter().try_for_each(|Join { relation: _, global, join_operator: _ }| absent("GLOBAL", *global))
}

fn in_table(table: &TableFactor) -> Result<(), Violation> {
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
        TableFactor::Derived { lateral, subquery: _, alias, sample } => {
            absent("LATERAL", *lateral)?;
            absent("TABLESAMPLE", sample.is_some())?;
            in_alias(alias.as_ref())
        }
        TableFactor::NestedJoin { table_with_joins, alias } => {
            in_alias(alias.as_ref())?;
            in_joins(table_with_joins)
        }
        _ => Err(Violation::Ignored("a table that is neither a name nor a sub-select")),
    }
}

fn in_alias(alias: Option<&TableAlias>) -> Result<(), Violation> {
    match alias {
        Some(TableAlias { explicit: _, name: _, columns, at }) => {
            absent("AT", at.is_some())?;
            absent("a column's type", columns.iter().any(|c| c.data_type.is_some()))
        }
        None => Ok(()),
    }
}
