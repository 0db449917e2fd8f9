//! A relation below the door: what is known of its columns, and the proof of how many of its rows one person can have.

use datafusion::common::{Column, DFSchemaRef};
use utfall_privacy::certificate::{Claim, Node, Rule as Step};

use super::domain::{Domain, Value};
use super::refusal::Rule;

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
    /// A relation made by a step from others.
    pub(super) fn new(
        schema: &DFSchemaRef,
        columns: Vec<Value>,
        step: Step,
        claim: Claim,
        note: String,
        inputs: Vec<Node>,
    ) -> Self {
        let names = schema.fields().iter().map(|f| f.name().clone()).collect();
        Self { schema: schema.clone(), columns, proof: Node { rule: step, columns: names, claim, inputs, note } }
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
    pub(super) fn index(&self, column: &Column) -> Result<usize, Rule> {
        self.schema.index_of_column(column).map_err(|e| Rule::Sql(e.strip_backtrace()))
    }

    /// What is known of a column, the privacy unit included.
    pub(super) fn any(&self, column: &Column) -> Result<(usize, &Value), Rule> {
        let index = self.index(column)?;
        let value = self.columns.get(index).ok_or_else(|| Rule::Sql(format!("no column `{column}`")))?;
        Ok((index, value))
    }

    /// What is known of a column; refuses the privacy unit.
    pub(super) fn attribute(&self, column: &Column) -> Result<&Value, Rule> {
        match self.any(column)?.1 {
            Value { domain: Domain::Unit, .. } => Err(Rule::Unit(column.name().to_owned())),
            value => Ok(value),
        }
    }
}
