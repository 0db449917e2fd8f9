//! A relation below the door: what is known of its columns, and the proof of how many of its rows one person can have.

use datafusion::common::{Column, DFSchemaRef};
use utfall_privacy::certificate::{Claim, Node, Rule};

use super::domain::{Domain, Value};
use super::words::refusal::Violation;

/// A relation of rows, each about one person (private) or about nobody (public).
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// Names and types of its columns.
    pub(super) schema: DFSchemaRef,
    /// What is known of each column.
    pub(super) columns: Vec<Value>,
    /// The proof that the claim rests on.
    pub(super) proof: Node,
}

impl Relation {
    /// A relation made by a step from others, with the claim that the core derives for it; `None` where the step's rule does not
    /// apply.
    pub(super) fn new(schema: &DFSchemaRef, columns: Vec<Value>, step: Rule, note: String, inputs: Vec<Node>) -> Option<Self> {
        let names = schema.fields().iter().map(|f| f.name().clone()).collect();
        let proof = Node::derive(step, names, inputs, note).ok()?;
        Some(Self { schema: schema.clone(), columns, proof })
    }

    /// How many rows one person can have, and which columns tell them apart.
    pub(super) fn claim(&self) -> &Claim {
        &self.proof.claim
    }

    /// Whether its rows are about people.
    pub(super) fn is_private(&self) -> bool {
        self.proof.claim.rows > 0
    }

    /// The position of a column.
    pub(super) fn index(&self, column: &Column) -> Result<usize, Violation> {
        self.schema.index_of_column(column).map_err(|e| Violation::Sql(e.strip_backtrace()))
    }

    /// What is known of a column, the privacy unit included.
    pub(super) fn any(&self, column: &Column) -> Result<(usize, &Value), Violation> {
        let index = self.index(column)?;
        let value = self.columns.get(index).ok_or_else(|| Violation::Sql(format!("no column `{column}`")))?;
        Ok((index, value))
    }

    /// The column that holds the person, for each that does: tables that met on the person have one each, and a row of them is
    /// of one person. A column that can be NULL is no such column: it says whether there was a partner.
    ///
    /// # Privacy
    /// Claim: in a private relation with a unit, every column that holds the unit of some table is NULL or the person of its row.
    /// By induction over the nodes: a scan has one such column; a join of private sides requires that their persons are equal; no
    /// expression makes one; the others pass columns on. So `g.p = h.p` is `f.p = h.p` where f and g met on the person.
    pub(super) fn person(&self, at: usize) -> usize {
        match (self.claim().unit, self.columns.get(at)) {
            (Some(unit), Some(Value { domain: Domain::Unit, nullable: false, .. })) => unit,
            _ => at,
        }
    }

    /// What is known of a column; refuses the privacy unit.
    pub(super) fn attribute(&self, column: &Column) -> Result<&Value, Violation> {
        match self.any(column)?.1 {
            Value { domain: Domain::Unit, .. } => Err(Violation::Unit(column.name().to_owned())),
            value => Ok(value),
        }
    }
}
