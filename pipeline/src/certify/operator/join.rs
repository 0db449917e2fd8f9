//! JOIN: pairs of rows that agree; two private sides agree on the person, a public side is met on its key.

use super::*;
use crate::certify::words::join::{on_note, uncertified};
use datafusion::common::NullEquality;
use datafusion::logical_expr::utils::split_conjunction;
use utfall_ground::text::Message;

impl Walk<'_> {
    /// An inner or a left join on equalities; an inner one may have conditions of one row besides.
    pub(in crate::certify) fn join(&mut self, join: &Join, left: Relation, right: Relation) -> Result<Relation, Violation> {
        let kind = match join.join_type {
            JoinType::Inner => JoinKind::Inner,
            JoinType::Left => JoinKind::Left,
            other => return Err(Violation::Join(Message::same(format!("{} JOIN", other.to_string().to_uppercase())))),
        };
        if join.null_equality != NullEquality::NullEqualsNothing || join.null_aware {
            return Err(Violation::Join(Message::same("ON …")));
        }
        let Conditions { on, rest } = conditions(join, &left, &right)?;
        let width = left.columns.len();
        let mut columns = left.columns.clone();
        columns.extend(right.columns.iter().map(|v| if kind == JoinKind::Left { v.clone().or_null() } else { v.clone() }));
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
        if kind == JoinKind::Inner {
            for (l, r) in on.iter().filter_map(|(l, r)| Some((*l, r.checked_add(width)?))) {
                if let Some((at, origin)) = met(&columns, l, r) {
                    self.stands_in(&mut columns, at, origin);
                }
            }
        }
        let note = on_note(&left, &right, &on, kind);
        let named = on.clone();
        let inputs = vec![left.proof.clone(), right.proof.clone()];
        let joined = Relation::new(&join.schema, columns, Rule::Join(rule::Join { on, kind }), note, inputs);
        let joined = joined.ok_or_else(|| uncertified(&left, &right, kind, &named))?;
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
}

impl Encoder<'_> {
    pub(in crate::certify) fn joined(&self, join: &Join, outer: Option<Outer<'_>>) -> Result<Coded, DataFusionError> {
        let Coded { plan: left, mut lists } = self.plan(&join.left, outer)?;
        let right = self.plan(&join.right, outer)?;
        lists.extend(right.lists);
        let schema = join.left.schema().join(join.right.schema())?;
        let scope = Scope { schema: &schema, lists: &lists, outer };
        let mut on = Vec::new();
        for (l, r) in &join.on {
            let equal = Expr::BinaryExpr(BinaryExpr::new(Box::new(l.clone()), Operator::Eq, Box::new(r.clone())));
            on.push(self.expression(&equal, scope)?);
        }
        if let Some(filter) = &join.filter {
            on.push(self.expression(filter, scope)?);
        }
        Ok(Coded { plan: LogicalPlanBuilder::from(left).join_on(right.plan, join.join_type, on)?.build()?, lists })
    }
}

/// Two private sides agree in the period too; then it goes last, once: that of the left side if it is private.
pub(in crate::certify) fn lifted(rule: &rule::Join, node: &Node, inputs: Vec<Lifted>) -> Option<Lifted> {
    let [left, right] = inputs.as_slice() else { return None };
    let on = rule.on.iter().copied().chain(left.period.zip(right.period)).collect();
    let columns = [left.node.columns.as_slice(), &right.node.columns].concat();
    let width = left.node.columns.len();
    let second = right.period.and_then(|period| period.checked_add(width));
    let (first, again) = (left.period.or(second), left.period.and(second));
    let joined = Lifted::derive(Rule::Join(rule::Join { on, kind: rule.kind }), columns, inputs, node)?.node;
    let Some(period) = first else { return Some(Lifted { node: joined, period: None }) };
    let others = (0..joined.columns.len()).filter(|column| *column != period && Some(*column) != again);
    Lifted::last(joined, others.chain([period]).collect())
}

/// Of two columns that are equal, the one of people's rows, and what the other is in its public table.
fn met(columns: &[Value], one: usize, other: usize) -> Option<(usize, Origin)> {
    let public = |at: usize| columns.get(at).and_then(|v| v.origin.clone()).filter(|origin| origin.public.is_some());
    match (public(one), public(other)) {
        (None, Some(origin)) => Some((one, origin)),
        (Some(origin), None) => Some((other, origin)),
        _ => None,
    }
}

impl Walk<'_> {
    /// A column that is equal to one of a public table is as good as that: it has the values of the public rows that conditions leave,
    /// its own conditions among them.
    pub(super) fn stands_in(&mut self, columns: &mut [Value], at: usize, origin: Origin) {
        let Some(value) = columns.get_mut(at).filter(|value| value.domain != Domain::Unit) else { return };
        if let (Some(possible), Some(scan)) = (&value.possible, origin.public.and_then(|at| self.public.get_mut(at))) {
            scan.conditions.push(possible.condition(&origin.column));
        }
        *value = Value { origin: Some(origin), nullable: false, ..value.clone() };
    }
}

/// What a join says.
struct Conditions<'j> {
    /// Pairs of a left and a right column that must be equal.
    on: Vec<(usize, usize)>,
    /// The other conditions.
    rest: Vec<&'j Expr>,
}

/// USING gives pairs, ON gives a condition.
fn conditions<'j>(join: &'j Join, left: &Relation, right: &Relation) -> Result<Conditions<'j>, Violation> {
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
    Ok(Conditions { on, rest })
}
