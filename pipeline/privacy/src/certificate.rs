//! The proof tree of a release, and a small checker that believes none of it.
//!
//! Whoever plans a query writes down, node by node, what one person can do to every intermediate relation, and how the
//! last one becomes a vector of integers. [`Certificate::verify`] knows no SQL and no planner: it derives every number
//! again from the rules here. What remains to be believed is that the nodes are the query that runs, and that the scans
//! apply the bounds that they state.

mod crossing;
mod key;
pub mod rule;

pub use key::PublicKey;
pub use rule::{JoinKind, Rule};

use crate::error::Error;
use crate::metric::Sensitivity;

/// The deepest tree that is checked: no query has one so deep, and no stack is exhausted by it.
const DEPTH: usize = 90;

/// The proof for one vector of integers.
///
/// # Privacy
/// *Claim.* If [`Certificate::verify`] accepts, the relations are those that the rules describe, then the vector of
/// `crossing` on two neighbours differs by at most the sensitivity of what it returns. *Proof.* By induction over the tree every
/// [`Claim`] holds, for it is what the node's rule derives from the claims of its inputs, and each rule has its proof
/// ([`Rule`]); then by the rule of [`Measure`].
///
/// # Checked by
/// `certificate::tests`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The name of the table that is released.
    pub table: String,
    /// How the last relation becomes integers.
    pub crossing: Crossing,
    /// The last relation.
    pub input: Node,
}

/// One relation: how it is made, and what is claimed of it.
///
/// # Privacy
/// Anybody may make one; only [`Certificate::verify`] says whether its claim follows.
///
/// # Checked by
/// `certificate::tests::forged::every_changed_claim_is_refused_by_its_node`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// How it is made of its inputs.
    pub rule: Rule,
    /// The names of its columns, for people; rules know columns by their place.
    pub columns: Vec<String>,
    /// What is claimed of it.
    pub claim: Claim,
    /// The relations it is made of.
    pub inputs: Vec<Node>,
    /// Its SQL, for people; never interpreted.
    pub note: String,
}

/// What a node claims of its output, the input being one person more or less.
///
/// # Privacy
/// *Meaning* for a private relation (`rows > 0`): on two neighbours, the relation with the person has the rows of the
/// other and besides at most `rows`, "the rows of the person". If `unit` is given, exactly those have the person in that
/// column. If `contribution` is given, they have at most `contributions` different values in that column, and at most
/// `per_contribution` of them share one. In each set of `unique`, the unit left out, all of them differ. For a public
/// relation (`rows` = 0): both neighbours have the same, and in each set of `unique` all its rows differ. Equal means
/// not distinct: two nulls are equal. The empty set says that there is at most one row.
///
/// # Checked by
/// `certificate::tests::world`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The most rows that one person has; 0 for a public relation.
    pub rows: u64,
    /// The most distinct values of the contribution column within one person; 0 if there is no such column.
    pub contributions: u64,
    /// The most rows that one person has per value of the contribution column; 0 if there is no such column.
    pub per_contribution: u64,
    /// The column that holds the person.
    pub unit: Option<usize>,
    /// The column that holds the number of the participation.
    pub contribution: Option<usize>,
    /// Sets of columns in which rows differ: those of one person if private, all if public. Sorted, without repetition.
    pub unique: Vec<Vec<usize>>,
}

/// How the last relation becomes a vector of integers: one cell per grouping set and tuple of its keys.
///
/// # Privacy
/// Keys are used as they are: different tuples are different cells (recoding is a projection below), and a tuple outside
/// the public domain has no cell. The person is no key.
///
/// # Checked by
/// `certificate::tests::crossings`, `certificate::tests::forged::a_changed_crossing_is_refused`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The grouping sets, one for a plain GROUP BY, as columns of the input.
    pub sets: Vec<Vec<usize>>,
    /// What is computed in every cell.
    pub measure: Measure,
    /// What is claimed of the vector.
    pub sensitivity: Sensitivity,
}

/// What is computed in every cell.
///
/// # Privacy
/// Let k be the rows of a person, S the number of grouping sets, n_c the person's rows in cell c of one set: they add up
/// to at most k, and each is at most m: k; 1 if the set contains a unique set; the rows of one contribution if it contains that
/// column; the number of contributions if it contains a unique set but for that column, since rows of a cell then differ in it.
/// Grouping sets are vectors one below the other: norms L1 and L2^2 add.
/// *Count*: c moves by n_c: L1 <= k; L2^2 = sum n_c^2 <= m sum n_c <= m k. *Different persons*: c moves by at most
/// min(n_c, 1), since rows show their person: L1, L2^2 <= k. *Sum*, values clamped and null being 0, so of size at most
/// M: c moves by at most n_c M: the norms of the count, times M and M^2. *Split*, values clamped to low..=high and a null
/// adding nothing: c has two numbers, sum (x - low) and sum (high - x). A row adds to them two numbers that are not
/// negative and have the sum M = high - low, so together they move by at most n_c M in L1, and in L2, which is no greater:
/// the norms of the count, times M and M^2, as if c were one. *Scores*: every score of c moves by at
/// most n_c `weight`, so the largest changes add up to at most k `weight`, which is what
/// [`Mechanism::Exponential`](crate::Mechanism) calls L1; L2^2 = L1^2 bounds any vector of that L1.
///
/// # Checked by
/// `certificate::tests::crossings`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The number of rows.
    Count,
    /// The number of different persons.
    DistinctUnits,
    /// The sum of an integer that is clamped to `low..=high`; null counts as 0.
    Sum {
        /// The least value.
        low: i64,
        /// The greatest value.
        high: i64,
    },
    /// The sums of the distances of an integer, clamped to `low..=high`, from either end; null adds nothing.
    Split {
        /// The least value.
        low: i64,
        /// The greatest value.
        high: i64,
    },
    /// Integer scores for the exponential mechanism.
    Scores {
        /// The most by which one row moves any score of its cell.
        weight: u64,
    },
}

/// A certificate whose every claim follows: the only source of a sensitivity for [`Measurement`](crate::Measurement) and
/// [`Exact`](crate::Exact).
///
/// # Privacy
/// [`Certificate::verify`] alone makes one, so whatever is drawn has a proof that was checked.
///
/// # Checked by
/// The examples here, of which all but the first must not compile:
///
/// ```
/// use utfall_privacy::certificate::{Certificate, Crossing, Measure, Node, Rule, rule};
/// let scan = Rule::ScanPrivate(rule::ScanPrivate {
///     table: "participation".into(), contributions: 1, rows: None, unit: 0, contribution: 1, second: 2, project: None,
/// });
/// let columns = ["participant", "contribution", "entry"].map(str::to_owned).to_vec();
/// let input = Node::derive(scan, columns, Vec::new(), String::new()).unwrap();
/// let crossing = Crossing::derive(vec![vec![]], Measure::Count, &input).unwrap();
/// let proved = Certificate { table: "outcomes".into(), crossing, input }.verify()?;
/// assert_eq!((proved.sensitivity().l1(), proved.sensitivity().l2_squared()), (1, 1));
/// # Ok::<(), utfall_privacy::Error>(())
/// ```
/// It cannot be made of anything else:
/// ```compile_fail,E0451
/// # use utfall_privacy::{Proved, Sensitivity, certificate::Certificate};
/// fn forge(certificate: Certificate, sensitivity: Sensitivity) -> Proved {
///     Proved { certificate, sensitivity }
/// }
/// ```
/// nor changed once it was verified:
/// ```compile_fail,E0616
/// # use utfall_privacy::{Proved, Sensitivity};
/// fn change(mut proved: Proved, smaller: Sensitivity) {
///     proved.sensitivity = smaller;
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    certificate: Certificate,
    sensitivity: Sensitivity,
}

impl Proved {
    /// The proof.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// How far one person moves the vector.
    pub fn sensitivity(&self) -> Sensitivity {
        self.sensitivity
    }
}

impl Node {
    /// A relation with the claim that its rule gives, from inputs whose claims hold.
    ///
    /// # Privacy
    /// None: [`Certificate::verify`] derives the claim again.
    ///
    /// # Errors
    /// Why the rule does not apply.
    pub fn derive(rule: Rule, columns: Vec<String>, inputs: Vec<Self>, note: String) -> Result<Self, String> {
        let claim = Claim { rows: 0, contributions: 0, per_contribution: 0, unit: None, contribution: None, unique: Vec::new() };
        let node = Self { rule, columns, claim, inputs, note };
        Ok(Self { claim: rule::derive(&node)?, ..node })
    }
}

impl Crossing {
    /// A crossing with the sensitivity that its measure gives.
    ///
    /// # Privacy
    /// As of [`Node::derive`].
    ///
    /// # Errors
    /// Why there is none.
    pub fn derive(sets: Vec<Vec<usize>>, measure: Measure, input: &Node) -> Result<Self, String> {
        let sensitivity = crossing::sensitivity(&sets, measure, input)?;
        Ok(Self { sets, measure, sensitivity })
    }
}

impl Certificate {
    /// Derives every claim anew.
    ///
    /// The error names the first node, inputs before what is made of them, whose claim is not exactly what its rule gives.
    ///
    /// # Privacy
    /// See [`Certificate`]. A relation's claim that is weaker than its rule's is refused as well: there is one tree per plan. A
    /// sensitivity may be weaker, for whatever moves no further than the rule says moves no further than that: so what was proved
    /// by an earlier version of this rule still stands.
    ///
    /// # Checked by
    /// `certificate::tests::forged`
    pub fn verify(self) -> Result<Proved, Error> {
        self.check(&self.input, "0", 1)?;
        let refuse = |why| self.refusal("crossing".to_owned(), why);
        let derived = crossing::sensitivity(&self.crossing.sets, self.crossing.measure, &self.input).map_err(refuse)?;
        let claimed = self.crossing.sensitivity;
        if !claimed.covers(derived) {
            let norms = |it: Sensitivity| format!("L1 = {} and L2^2 = {}", it.l1(), it.l2_squared());
            return Err(refuse(format!("claims {}, the rule gives {}", norms(claimed), norms(derived))));
        }
        Ok(Proved { certificate: self, sensitivity: claimed })
    }

    fn check(&self, node: &Node, path: &str, depth: usize) -> Result<(), Error> {
        let refuse = |why| self.refusal(format!("node {path} ({})", node.rule.name()), why);
        if depth > DEPTH {
            return Err(refuse(format!("is more than {DEPTH} nodes deep")));
        }
        for (place, input) in node.inputs.iter().enumerate() {
            self.check(input, &format!("{path}.{place}"), depth.saturating_add(1))?;
        }
        let derived = rule::derive(node).map_err(refuse)?;
        let claimed = Claim { unique: rule::canonical(node.claim.unique.iter().cloned()), ..node.claim.clone() };
        if claimed == derived { Ok(()) } else { Err(refuse(format!("claims {claimed:?}, the rule gives {derived:?}"))) }
    }

    fn refusal(&self, place: String, why: String) -> Error {
        Error::Certificate { table: self.table.clone(), place, why }
    }
}

#[cfg(test)]
mod tests;
