//! The certified plan in terms of stored codes: a category is the small integer of its public list, from the scan to the
//! cell, and becomes text only where an expression needs its text.
//!
//! # Privacy
//! Renaming values one to one changes no count: the same rows meet, pass and fall into the same groups. What the check
//! certified is therefore what runs. (A stored integer outside its list has no text; it is grouped apart and falls outside
//! the grid, which can only lower somebody's influence.)

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::expr::{Case, Exists, InList, InSubquery};
use datafusion::logical_expr::{BinaryExpr, Distinct, Expr, LogicalPlan, LogicalPlanBuilder, Operator, lit};

use super::below::unalias;
use super::operator::semi::CodedSubquery;
use crate::catalogue::schema::{Catalogue, CodeList};

/// Builds the plan of a scan: private tables bounded, with codes as stored; public ones with codes in place of text.
type Scan<'s> = dyn Fn(&datafusion::logical_expr::TableScan) -> Result<LogicalPlan, DataFusionError> + 's;

/// A plan on stored codes.
pub(super) struct Coded {
    pub(super) plan: LogicalPlan,
    /// The code list of each of its columns that holds codes.
    pub(super) lists: Vec<Option<String>>,
}

pub(super) struct Encoder<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) scan: &'a Scan<'a>,
}

/// The columns of a relation with their lists, and those of the query around it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) schema: &'s DFSchema,
    pub(super) lists: &'s [Option<String>],
    pub(super) outer: Option<Outer<'s>>,
}

/// The columns of the query around a sub-query, with their lists.
#[derive(Clone, Copy)]
pub(super) struct Outer<'s> {
    pub(super) schema: &'s DFSchema,
    pub(super) lists: &'s [Option<String>],
}

impl Encoder<'_> {
    /// The same plan on codes.
    pub(super) fn plan(&self, plan: &LogicalPlan, outer: Option<Outer<'_>>) -> Result<Coded, DataFusionError> {
        match plan {
            LogicalPlan::TableScan(scan) => self.scanned(scan),
            LogicalPlan::Filter(filter) => self.filtered(filter, outer),
            LogicalPlan::Projection(projection) => self.projected(projection, outer),
            LogicalPlan::Join(join) => self.joined(join, outer),
            LogicalPlan::Union(union) => self.united(union, outer),
            LogicalPlan::Aggregate(aggregate) => self.aggregated(aggregate, outer),
            LogicalPlan::Distinct(Distinct::All(input)) => self.distinct(input, outer),
            LogicalPlan::SubqueryAlias(alias) => {
                let Coded { plan, lists } = self.plan(&alias.input, outer)?;
                Ok(Coded { plan: LogicalPlanBuilder::from(plan).alias(alias.alias.clone())?.build()?, lists })
            }
            other => Err(DataFusionError::Plan(format!("{} was not certified", other.display()))),
        }
    }

    /// The same expression on codes: comparisons with constants become comparisons of codes, everything else sees text.
    pub(super) fn expression(&self, expr: &Expr, scope: Scope<'_>) -> Result<Expr, DataFusionError> {
        let rewritten = expr.clone().transform_down(|e| {
            if let Some(coded) = self.compared(&e, scope)? {
                return Ok(Transformed::new(coded, true, TreeNodeRecursion::Jump));
            }
            let stop = |e: Expr| Ok(Transformed::new(e, true, TreeNodeRecursion::Jump));
            match e {
                Expr::Exists(Exists { subquery, negated }) => {
                    stop(Expr::Exists(Exists { subquery: self.subquery(&subquery, scope)?.subquery, negated }))
                }
                Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
                    let CodedSubquery { subquery, list } = self.subquery(&subquery, scope)?;
                    let both = scope.list(&expr).filter(|own| Some(own) == list.as_ref());
                    if both.is_some() || (scope.list(&expr).is_none() && list.is_none()) {
                        return stop(Expr::InSubquery(InSubquery { expr, subquery, negated }));
                    }
                    Err(DataFusionError::Plan("IN compares columns of different code lists".into()))
                }
                Expr::OuterReferenceColumn(field, column) => match scope.outer_list(&column) {
                    Some(list) => {
                        let field = Arc::new(field.as_ref().clone().with_data_type(DataType::Int16));
                        stop(self.decoded(Expr::OuterReferenceColumn(field, column), &list)?)
                    }
                    None => stop(Expr::OuterReferenceColumn(field, column)),
                },
                Expr::Column(column) => match scope.list(&Expr::Column(column.clone())) {
                    Some(list) => stop(self.decoded(Expr::Column(column), &list)?),
                    None => stop(Expr::Column(column)),
                },
                other => Ok(Transformed::no(other)),
            }
        })?;
        Ok(rewritten.data)
    }

    /// An expression of SELECT or GROUP BY under its old name. A column that is passed on or grouped by stays coded.
    pub(super) fn named(&self, expr: &Expr, scope: Scope<'_>) -> Result<Expr, DataFusionError> {
        match unalias(expr) {
            Expr::Column(_) => Ok(expr.clone()),
            Expr::GroupingSet(_) => self.sets(expr, scope),
            _ => self.expression(expr, scope)?.alias_if_changed(expr.schema_name().to_string()),
        }
    }

    /// Grouping sets keep their columns as codes; computed keys see text.
    fn sets(&self, expr: &Expr, scope: Scope<'_>) -> Result<Expr, DataFusionError> {
        let Expr::GroupingSet(datafusion::logical_expr::GroupingSet::GroupingSets(sets)) = expr else { return Ok(expr.clone()) };
        let set = |set: &Vec<Expr>| set.iter().map(|e| self.named(e, scope)).collect::<Result<Vec<_>, _>>();
        let sets = sets.iter().map(set).collect::<Result<Vec<_>, _>>()?;
        Ok(Expr::GroupingSet(datafusion::logical_expr::GroupingSet::GroupingSets(sets)))
    }

    /// A comparison that can be made on codes alone.
    fn compared(&self, expr: &Expr, scope: Scope<'_>) -> Result<Option<Expr>, DataFusionError> {
        match expr {
            Expr::BinaryExpr(b) if matches!(b.op, Operator::Eq | Operator::NotEq) => {
                let (left, right) = (scope.any_list(&b.left), scope.any_list(&b.right));
                let (l, r) = match (&left, &right) {
                    (Some(a), Some(c)) if a == c => (scope.typed(&b.left), scope.typed(&b.right)),
                    (Some(list), None) => match self.id(&b.right, list) {
                        Some(id) => (scope.typed(&b.left), id),
                        None => return Ok(None),
                    },
                    (None, Some(list)) => match self.id(&b.left, list) {
                        Some(id) => (id, scope.typed(&b.right)),
                        None => return Ok(None),
                    },
                    _ => return Ok(None),
                };
                Ok(Some(Expr::BinaryExpr(BinaryExpr::new(Box::new(l), b.op, Box::new(r)))))
            }
            Expr::InList(list) => {
                let Some(own) = scope.list(&list.expr) else { return Ok(None) };
                let ids: Option<Vec<Expr>> = list.list.iter().map(|item| self.id(item, &own)).collect();
                Ok(ids.map(|ids| Expr::InList(InList::new(list.expr.clone(), ids, list.negated))))
            }
            Expr::IsNull(inner) | Expr::IsNotNull(inner) if scope.list(inner).is_some() => Ok(Some(expr.clone())),
            Expr::Case(case) => {
                let Some(list) = case.expr.as_deref().and_then(|base| scope.list(base)) else { return Ok(None) };
                let mut branches = Vec::new();
                for (when, then) in &case.when_then_expr {
                    let Some(id) = self.id(when, &list) else { return Ok(None) };
                    branches.push((Box::new(id), Box::new(self.expression(then, scope)?)));
                }
                let otherwise = case.else_expr.as_deref().map(|e| self.expression(e, scope)).transpose()?;
                Ok(Some(Expr::Case(Case::new(case.expr.clone(), branches, otherwise.map(Box::new)))))
            }
            Expr::AggregateFunction(f) if f.func.name() == "count" && f.params.args.iter().any(|a| scope.list(a).is_some()) => {
                let mut f = f.clone();
                if let Some(filter) = &f.params.filter {
                    f.params.filter = Some(Box::new(self.expression(filter, scope)?));
                }
                Ok(Some(Expr::AggregateFunction(f)))
            }
            // The first or the last of some rows is one of them, whatever their values are called. What they are ordered by is
            // text where it was.
            Expr::AggregateFunction(f) if scope.chosen(expr).is_some() => {
                let mut f = f.clone();
                if let Some(filter) = &f.params.filter {
                    f.params.filter = Some(Box::new(self.expression(filter, scope)?));
                }
                for sort in &mut f.params.order_by {
                    sort.expr = self.expression(&sort.expr, scope)?;
                }
                Ok(Some(Expr::AggregateFunction(f)))
            }
            _ => Ok(None),
        }
    }

    fn codes(&self, list: &str) -> Result<&CodeList, DataFusionError> {
        self.catalogue.codes(list).ok_or_else(|| DataFusionError::Plan(format!("no code list {list}")))
    }

    /// The stored integer of a constant text; one that no row has where the list lacks the text.
    fn id(&self, constant: &Expr, list: &str) -> Option<Expr> {
        let Expr::Literal(value, _) = unalias(constant) else { return None };
        let text = value.try_as_str()??;
        let list = self.catalogue.codes(list)?;
        Some(lit(list.entry(text).map_or(-1_i16, |e| e.id)))
    }

    /// The text of a stored integer: CASE, which cannot fail and gives NULL for an integer outside the list.
    pub(super) fn decoded(&self, code: Expr, list: &str) -> Result<Expr, DataFusionError> {
        let entries = &self.codes(list)?.entries;
        let when_then: Vec<_> = entries.iter().map(|e| (Box::new(lit(e.id)), Box::new(lit(e.code.as_str())))).collect();
        if when_then.is_empty() {
            return Ok(lit(ScalarValue::Utf8(None)));
        }
        Ok(Expr::Case(Case::new(Some(Box::new(code)), when_then, None)))
    }
}

impl Scope<'_> {
    /// The code list of a column.
    pub(super) fn list(&self, expr: &Expr) -> Option<String> {
        let Expr::Column(column) = expr else { return None };
        let index = self.schema.index_of_column(column).ok()?;
        self.lists.get(index).cloned().flatten()
    }

    /// The code list of an aggregate that is the value of one of its rows.
    pub(super) fn chosen(&self, expr: &Expr) -> Option<String> {
        let Expr::AggregateFunction(f) = unalias(expr) else { return None };
        match (f.func.name(), f.params.args.as_slice()) {
            ("first_value" | "last_value", [argument]) => self.list(unalias(argument)),
            _ => None,
        }
    }

    fn outer_list(&self, column: &Column) -> Option<String> {
        let Outer { schema, lists } = self.outer?;
        lists.get(schema.index_of_column(column).ok()?).cloned().flatten()
    }

    /// The code list of a column here or around.
    fn any_list(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::OuterReferenceColumn(_, column) => self.outer_list(column),
            other => self.list(other),
        }
    }

    /// A column as it is stored; a reference outward says so in its type.
    fn typed(&self, expr: &Expr) -> Expr {
        match expr {
            Expr::OuterReferenceColumn(field, column) if self.outer_list(column).is_some() => {
                Expr::OuterReferenceColumn(Arc::new(field.as_ref().clone().with_data_type(DataType::Int16)), column.clone())
            }
            other => other.clone(),
        }
    }

    /// An outward reference of a sub-query of this scope, with its stored type.
    pub(super) fn retyped(&self, expr: &Expr) -> Expr {
        match expr {
            Expr::OuterReferenceColumn(field, column) if self.list(&Expr::Column(column.clone())).is_some() => {
                Expr::OuterReferenceColumn(Arc::new(field.as_ref().clone().with_data_type(DataType::Int16)), column.clone())
            }
            other => other.clone(),
        }
    }
}
