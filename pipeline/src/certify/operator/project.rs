//! SELECT: columns passed on, and computed from one row.

use super::*;

impl Walk<'_> {
    pub(in crate::certify) fn project(&mut self, projection: &Projection, inner: Relation) -> Result<Relation, Violation> {
        let (mut columns, mut from) = (Vec::new(), Vec::new());
        for expr in &projection.expr {
            match unalias(expr) {
                Expr::Column(column) => {
                    let (index, value) = inner.any(column)?;
                    columns.push(value.clone());
                    from.push(Some(inner.person(index)));
                }
                other => {
                    columns.push(Value { origin: None, ..self.scope(&inner).tried(other)? });
                    from.push(None);
                }
            }
        }
        let computed = projection.expr.iter().filter(|e| !matches!(unalias(e), Expr::Column(_)));
        let note = computed.map(|e| in_sql(unalias(e))).collect::<Vec<_>>().join(", ");
        let note = if note.is_empty() { "SELECT".to_owned() } else { format!("SELECT {note}") };
        let projected =
            Relation::new(&projection.schema, columns, Rule::Project(rule::Project { from }), note, vec![inner.proof]);
        projected.ok_or(Violation::Node("SELECT"))
    }
}

impl Encoder<'_> {
    pub(in crate::certify) fn projected(
        &self,
        projection: &Projection,
        outer: Option<Outer<'_>>,
    ) -> Result<Coded, DataFusionError> {
        let input = self.plan(&projection.input, outer)?;
        let scope = Scope { schema: projection.input.schema(), lists: &input.lists, outer };
        let lists = projection.expr.iter().map(|expr| scope.list(unalias(expr))).collect();
        let exprs = projection.expr.iter().map(|e| self.named(e, scope)).collect::<Result<Vec<_>, _>>()?;
        Ok(Coded { plan: LogicalPlanBuilder::from(input.plan).project(exprs)?.build()?, lists })
    }
}

/// The period is passed on, last.
pub(in crate::certify) fn lifted(rule: &rule::Project, node: &Node, inputs: Vec<Lifted>) -> Option<Lifted> {
    let period = inputs.first()?.period;
    let from = rule.from.iter().copied().chain(period.map(Some)).collect();
    let columns = if period.is_some() { with_period(&node.columns) } else { node.columns.clone() };
    Lifted::derive(Rule::Project(rule::Project { from }), columns, inputs, node)
}
