//! The rules, one file each: what a relation is, what follows for it from the claims of its inputs, and why.

mod filter;
mod group;
mod join;
mod project;
mod scan;
mod semi;
mod union;

use std::collections::BTreeSet;

pub use filter::Filter;
pub use group::GroupByUnit;
pub use join::{Join, JoinKind};
pub use project::Project;
pub use scan::{ScanPrivate, ScanPublic};
pub use semi::Semi;
pub use union::Union;

use super::{Claim, Node};

/// How a relation is made of its inputs. Columns are known by their place, from 0.
///
/// # Privacy
/// Each rule says what it computes and proves what it claims. *Row-local* means: a function of the columns of one
/// row. "The rows" are those of one person, in the sense of [`Claim`].
///
/// # Checked by
/// `certificate::tests::world` (every rule against neighbouring relations), `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A private table, bounded.
    ScanPrivate(ScanPrivate),
    /// A public table with a unique key.
    ScanPublic(ScanPublic),
    /// The rows that pass a condition.
    Filter(Filter),
    /// Columns, chosen or computed.
    Project(Project),
    /// Pairs of rows that agree.
    Join(Join),
    /// The rows that have a partner, or have none.
    Semi(Semi),
    /// The rows of several inputs.
    Union(Union),
    /// Groups within the person.
    GroupByUnit(GroupByUnit),
}

/// What every rule gives.
trait Derivation {
    /// What follows for `width` columns from the claims of the inputs, which hold; or why the rule does not apply.
    fn claim(&self, width: usize, inputs: &[Node]) -> Result<Claim, String>;
}

impl Rule {
    /// The name that certificates use; it never changes meaning.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ScanPrivate(_) => "scan-private",
            Self::ScanPublic(_) => "scan-public",
            Self::Filter(_) => "filter",
            Self::Project(_) => "project",
            Self::Join(_) => "join",
            Self::Semi(_) => "semi",
            Self::Union(_) => "union",
            Self::GroupByUnit(_) => "group-by-unit",
        }
    }

    fn derivation(&self) -> &dyn Derivation {
        match self {
            Self::ScanPrivate(rule) => rule,
            Self::ScanPublic(rule) => rule,
            Self::Filter(rule) => rule,
            Self::Project(rule) => rule,
            Self::Join(rule) => rule,
            Self::Semi(rule) => rule,
            Self::Union(rule) => rule,
            Self::GroupByUnit(rule) => rule,
        }
    }
}

/// What the node's rule gives for the claims of its inputs, which hold; or why the rule does not apply.
pub(super) fn derive(node: &Node) -> Result<Claim, String> {
    let claim = node.rule.derivation().claim(node.columns.len(), &node.inputs)?;
    Ok(Claim { unique: canonical(claim.unique), ..claim })
}

/// The inputs, if they are as many as the rule has.
fn these<const N: usize>(inputs: &[Node]) -> Result<&[Node; N], String> {
    inputs.try_into().map_err(|_| format!("has {} inputs, which is not the rule's number", inputs.len()))
}

/// Whether a node names as many columns as its rule gives.
fn of_width(width: usize, given: usize) -> Result<(), String> {
    if width == given { Ok(()) } else { Err(format!("names {width} columns, the rule gives {given}")) }
}

/// The claim of a public relation.
fn public(unique: Vec<Vec<usize>>) -> Claim {
    Claim { rows: 0, contributions: 0, per_contribution: 0, unit: None, contribution: None, unique }
}

/// Sets in their one form: sorted, without repetition.
pub(super) fn canonical(sets: impl IntoIterator<Item = Vec<usize>>) -> Vec<Vec<usize>> {
    let sorted = |set: Vec<usize>| -> Vec<usize> { set.into_iter().collect::<BTreeSet<_>>().into_iter().collect() };
    sets.into_iter().map(sorted).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether these columns contain a unique set of the relation.
pub(super) fn contains_a_set(claim: &Claim, columns: &[usize]) -> bool {
    claim.unique.iter().any(|set| set.iter().all(|column| columns.contains(column)))
}

/// Whether `on` compares the persons of both sides.
fn joins_units(left: &Claim, right: &Claim, on: &[(usize, usize)]) -> bool {
    left.unit.zip(right.unit).is_some_and(|pair| on.contains(&pair))
}

fn pairs_in_range(left: &Node, right: &Node, on: &[(usize, usize)]) -> Result<(), String> {
    on.iter().try_for_each(|(l, r)| in_range(*l, left.columns.len()).and_then(|()| in_range(*r, right.columns.len())))
}

pub(super) fn in_range(column: usize, width: usize) -> Result<(), String> {
    if column < width { Ok(()) } else { Err(format!("names column {column} of {width}")) }
}

fn overflow() -> String {
    "its bounds do not fit in 64 bits".to_owned()
}
