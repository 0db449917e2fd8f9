//! The rules: what follows for a relation from the claims of its inputs.

use std::collections::{BTreeMap, BTreeSet};

use super::join::{JoinKind, join};
use super::{Claim, Node, PublicKey};

/// How a relation is made of its inputs. Columns are known by their place, from 0.
///
/// # Privacy
/// Each variant says what it computes and proves what it claims. *Row-local* means: a function of the columns of one
/// row. "The rows" are those of one person, in the sense of [`Claim`].
///
/// # Checked by
/// `certificate::tests::world` (every rule against neighbouring relations), `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A private table, bounded: `contribution <= contributions`, and `ordinal <= rows` for a child table.
    ///
    /// # Privacy
    /// Numbers begin at 1. In a parent table (`rows` is `None`) a person's rows differ in `contribution`, and in
    /// (`project`, `second`), second being the person's period number within the project: at most `contributions` rows. In
    /// a child table they differ in (`contribution`, `second`), second being the ordinal: at most `contributions * rows`,
    /// and `rows` for each contribution. A child's `project` is not used.
    ScanPrivate {
        /// The table.
        table: String,
        /// The bound on a person's participations.
        contributions: u64,
        /// For a child table, the bound on the rows of one participation.
        rows: Option<u64>,
        /// The column of the person.
        unit: usize,
        /// The column of the participation's number.
        contribution: usize,
        /// The column that numbers the periods in a project, or the rows of a participation.
        second: usize,
        /// The column of the project, in a parent table.
        project: Option<usize>,
    },
    /// A public table whose rows all differ in `key`.
    ///
    /// # Privacy
    /// It is the same for both neighbours. That its rows differ in the key can be seen from `stated`, with the table at hand.
    ScanPublic {
        /// The table.
        table: String,
        /// The columns of its declared unique key, at least one.
        key: Vec<usize>,
        /// What the table had in these columns. Certificates of the first format do not state it.
        stated: Option<PublicKey>,
    },
    /// A row-local condition, after which each column of `fixed` is one constant in all rows that remain.
    ///
    /// # Privacy
    /// Rows only disappear. Rows that differ in a set and agree in the fixed columns differ in the rest of the set; if
    /// nothing is left of it, there is at most one. If the contribution is fixed there is one value, with at most
    /// `per_contribution` rows. Rows that differ in the contribution alone, or are one at most, do not share a
    /// contribution.
    Filter {
        /// The columns that are constant in what remains.
        fixed: Vec<usize>,
    },
    /// Output column i is input column `from[i]` unchanged, or row-local.
    ///
    /// # Privacy
    /// Each row becomes one row. Columns that are all there keep their meaning and still tell rows apart; of two copies
    /// the first is followed.
    Project {
        /// The origin of each output column; `None` for an expression.
        from: Vec<Option<usize>>,
    },
    /// Pairs of a left and a right row that agree in `on`; the columns of the left and then those of the right.
    ///
    /// An inner join may have further row-local conditions. A left join keeps left rows without a partner, with nulls.
    ///
    /// # Privacy
    /// *Covered* is a side if its columns in `on`, the unit left out, contain one of its unique sets: a row of the other
    /// side then meets at most one of its rows (of the person, if private). *Sets*: two results that agree in a left set
    /// come from one left row; if the right is covered, that has one result. Likewise right sets, if the left is covered
    /// and the join is inner (a left join may give many rows of nulls). Two results that agree in a left and a right set
    /// come from one pair, or are one row without partner. These hold among all rows if both sides are public, and among
    /// the rows of one person otherwise.
    ///
    /// *Public with public* is public. *Private with public*: the public side must be covered, and a left join must keep
    /// the private side; then each row becomes at most one, and claims of rows stay. *Private with private*: `on`
    /// must contain (unit, unit), so rows meet rows of the same person only, and a person's results come and go with the
    /// person. Each bound on rows holds: all pairs, `l r`; if the right is covered, `l`; if the join is inner and the left
    /// covered, `r`. For one value of the left contribution, its `p` rows give at most `p r` results, or `p` if the
    /// right is covered; if `on` contains (contribution, contribution), they meet at most `q` rows of that contribution:
    /// `p q`, or `q` if the join is inner and the left covered. The values are those of the left, and with that pair of
    /// an inner join also of the right; their number times the bound for each bounds the rows. (A left row without
    /// partner gives one result, and all of these numbers are at least 1.)
    Join {
        /// Pairs of a left and a right column that must be equal.
        on: Vec<(usize, usize)>,
        /// Inner or left.
        kind: JoinKind,
    },
    /// The left rows for which there is, or with `anti` is not, a row of the second input that agrees in `on`.
    ///
    /// # Privacy
    /// Left rows only disappear. With a public second input that is row-local. With a private one, `on` contains (unit,
    /// unit): whether a row stays depends on rows of its own person, so all other rows are as without the person. A
    /// public left with a private second input would depend on persons without showing it, and is refused.
    Semi {
        /// Pairs of a left and a second column that must be equal.
        on: Vec<(usize, usize)>,
        /// Keep the rows that have no partner.
        anti: bool,
    },
    /// All rows of two or more inputs (UNION ALL).
    ///
    /// # Privacy
    /// Rows add up, and so do those of one contribution. The values of the contribution add up too: the maximum would be
    /// wrong, as one input may hold contribution 1 alone and another contribution 3 alone. Nothing tells rows of
    /// different inputs apart. Private and public inputs are not mixed, for public rows have no person.
    Union,
    /// One row for each combination of the keys, which contain the person: the keys, then aggregates.
    ///
    /// # Privacy
    /// A group holds rows of one person, so groups come and go with the person and the other groups stay as they are.
    /// There are at most as many as rows; one if the key is the person alone; one per contribution if the keys
    /// are person and contribution. Groups of a person differ in the other keys.
    GroupByUnit {
        /// The columns that are grouped by, in the order of the output.
        keys: Vec<usize>,
        /// The number of aggregates.
        aggregates: usize,
    },
}

impl Rule {
    /// The name that certificates use; it never changes meaning.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ScanPrivate { .. } => "scan-private",
            Self::ScanPublic { .. } => "scan-public",
            Self::Filter { .. } => "filter",
            Self::Project { .. } => "project",
            Self::Join { .. } => "join",
            Self::Semi { .. } => "semi",
            Self::Union => "union",
            Self::GroupByUnit { .. } => "group-by-unit",
        }
    }
}

/// What the node's rule gives for the claims of its inputs, which hold; or why the rule does not apply.
pub(super) fn derive(node: &Node) -> Result<Claim, String> {
    let width = node.columns.len();
    let same_width = |expected: usize| match width == expected {
        true => Ok(()),
        false => Err(format!("names {width} columns, the rule gives {expected}")),
    };
    let claim = match (&node.rule, node.inputs.as_slice()) {
        (Rule::ScanPrivate { contributions, rows, unit, contribution, second, project, table: _ }, []) => {
            scan_private(width, *contributions, *rows, [*unit, *contribution, *second], *project)
        }
        (Rule::ScanPublic { key, table: _, stated: _ }, []) => scan_public(width, key),
        (Rule::Filter { fixed }, [input]) => same_width(input.columns.len()).and_then(|()| filter(input, fixed)),
        (Rule::Project { from }, [input]) => same_width(from.len()).and_then(|()| project(input, from)),
        (Rule::Join { on, kind }, [left, right]) => {
            same_width(left.columns.len().saturating_add(right.columns.len())).and_then(|()| join(left, right, on, *kind))
        }
        (Rule::Semi { on, anti: _ }, [left, second]) => same_width(left.columns.len()).and_then(|()| semi(left, second, on)),
        (Rule::Union, [first, _, ..]) => same_width(first.columns.len()).and_then(|()| union(&node.inputs, width)),
        (Rule::GroupByUnit { keys, aggregates }, [input]) => {
            same_width(keys.len().saturating_add(*aggregates)).and_then(|()| group_by_unit(input, keys))
        }
        (_, inputs) => Err(format!("has {} inputs, which is not the rule's number", inputs.len())),
    }?;
    let unique = canonical(claim.unique);
    Ok(Claim { unique, ..claim })
}

fn scan_private(
    width: usize,
    contributions: u64,
    rows: Option<u64>,
    [unit, contribution, second]: [usize; 3],
    project: Option<usize>,
) -> Result<Claim, String> {
    let named: Vec<usize> = [unit, contribution, second].into_iter().chain(project).collect();
    named.iter().try_for_each(|column| in_range(*column, width))?;
    if named.iter().collect::<BTreeSet<_>>().len() != named.len() {
        return Err("gives one column two meanings".to_owned());
    }
    let per_contribution = rows.unwrap_or(1);
    let rows_in_all = contributions.checked_mul(per_contribution).ok_or_else(overflow)?;
    if rows_in_all == 0 {
        return Err("bounds a person to no rows".to_owned());
    }
    let unique = match (rows, project) {
        (None, None) => vec![vec![contribution]],
        (None, Some(project)) => vec![vec![contribution], vec![project, second]],
        (Some(_), _) => vec![vec![contribution, second]],
    };
    Ok(Claim { rows: rows_in_all, contributions, per_contribution, unit: Some(unit), contribution: Some(contribution), unique })
}

fn scan_public(width: usize, key: &[usize]) -> Result<Claim, String> {
    key.iter().try_for_each(|column| in_range(*column, width))?;
    if key.is_empty() {
        return Err("names no key".to_owned());
    }
    Ok(public(vec![key.to_vec()]))
}

fn filter(input: &Node, fixed: &[usize]) -> Result<Claim, String> {
    fixed.iter().try_for_each(|column| in_range(*column, input.columns.len()))?;
    let mut claim = input.claim.clone();
    let rest = |set: &Vec<usize>| -> Vec<usize> { set.iter().copied().filter(|column| !fixed.contains(column)).collect() };
    claim.unique = claim.unique.iter().map(rest).collect();
    if claim.unique.iter().any(Vec::is_empty) {
        claim.rows = claim.rows.min(1);
    }
    if let Some(contribution) = claim.contribution {
        if fixed.contains(&contribution) {
            claim.contributions = 1;
            claim.rows = claim.rows.min(claim.per_contribution);
        }
        if contains_a_set(&claim, &[contribution]) {
            claim.per_contribution = claim.per_contribution.min(1);
        }
    }
    Ok(claim)
}

fn project(input: &Node, from: &[Option<usize>]) -> Result<Claim, String> {
    let mut places = BTreeMap::new();
    for (place, origin) in from.iter().enumerate() {
        if let Some(origin) = origin {
            in_range(*origin, input.columns.len())?;
            places.entry(*origin).or_insert(place);
        }
    }
    let place = |column: &usize| places.get(column).copied();
    let claim = &input.claim;
    let contribution = claim.contribution.as_ref().and_then(place);
    let kept = |number: u64| if contribution.is_some() { number } else { 0 };
    Ok(Claim {
        rows: claim.rows,
        contributions: kept(claim.contributions),
        per_contribution: kept(claim.per_contribution),
        unit: claim.unit.as_ref().and_then(place),
        contribution,
        unique: claim.unique.iter().filter_map(|set| set.iter().map(place).collect()).collect(),
    })
}

fn semi(left: &Node, second: &Node, on: &[(usize, usize)]) -> Result<Claim, String> {
    pairs_in_range(left, second, on)?;
    if second.claim.rows > 0 {
        if left.claim.rows == 0 {
            return Err("makes a public relation depend on a private one".to_owned());
        }
        if !joins_units(&left.claim, &second.claim, on) {
            return Err("does not compare the persons of its two private inputs".to_owned());
        }
    }
    Ok(left.claim.clone())
}

fn union(inputs: &[Node], width: usize) -> Result<Claim, String> {
    let claims: Vec<&Claim> = inputs.iter().map(|input| &input.claim).collect();
    if inputs.iter().any(|input| input.columns.len() != width) {
        return Err("has inputs with different numbers of columns".to_owned());
    }
    let private = claims.iter().filter(|claim| claim.rows > 0).count();
    if private == 0 {
        return Ok(public(Vec::new()));
    }
    if private < claims.len() {
        return Err("mixes private and public inputs".to_owned());
    }
    let common = |role: fn(&Claim) -> Option<usize>| {
        let first = claims.first().copied().and_then(role)?;
        claims.iter().all(|claim| role(claim) == Some(first)).then_some(first)
    };
    let sum = |number: fn(&Claim) -> u64| {
        claims.iter().try_fold(0_u64, |sum, claim| sum.checked_add(number(claim))).ok_or_else(overflow)
    };
    let contribution = common(|claim| claim.contribution);
    let numbered = contribution.is_some();
    Ok(Claim {
        rows: sum(|claim| claim.rows)?,
        contributions: if numbered { sum(|claim| claim.contributions)? } else { 0 },
        per_contribution: if numbered { sum(|claim| claim.per_contribution)? } else { 0 },
        unit: common(|claim| claim.unit),
        contribution,
        unique: Vec::new(),
    })
}

fn group_by_unit(input: &Node, keys: &[usize]) -> Result<Claim, String> {
    keys.iter().try_for_each(|column| in_range(*column, input.columns.len()))?;
    let claim = &input.claim;
    let place = |column: Option<usize>| column.and_then(|column| keys.iter().position(|key| *key == column));
    let Some(unit) = place(claim.unit) else {
        return Err("does not group by the person".to_owned());
    };
    if keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
        return Err("groups by one column twice".to_owned());
    }
    let contribution = place(claim.contribution);
    let others: Vec<usize> = (0..keys.len()).filter(|place| *place != unit).collect();
    let by_contribution = contribution.is_some_and(|contribution| others == [contribution]);
    let rows = match (others.is_empty(), by_contribution) {
        (true, _) => 1,
        (false, true) => claim.rows.min(claim.contributions),
        (false, false) => claim.rows,
    };
    let per_contribution = if by_contribution { 1 } else { claim.per_contribution };
    let kept = |number: u64| if contribution.is_some() { number } else { 0 };
    Ok(Claim {
        rows,
        contributions: kept(claim.contributions),
        per_contribution: kept(per_contribution),
        unit: Some(unit),
        contribution,
        unique: vec![others],
    })
}

/// The claim of a public relation.
pub(super) fn public(unique: Vec<Vec<usize>>) -> Claim {
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
pub(super) fn joins_units(left: &Claim, right: &Claim, on: &[(usize, usize)]) -> bool {
    left.unit.zip(right.unit).is_some_and(|pair| on.contains(&pair))
}

pub(super) fn pairs_in_range(left: &Node, right: &Node, on: &[(usize, usize)]) -> Result<(), String> {
    on.iter().try_for_each(|(l, r)| in_range(*l, left.columns.len()).and_then(|()| in_range(*r, right.columns.len())))
}

pub(super) fn in_range(column: usize, width: usize) -> Result<(), String> {
    if column < width { Ok(()) } else { Err(format!("names column {column} of {width}")) }
}

pub(super) fn overflow() -> String {
    "its bounds do not fit in 64 bits".to_owned()
}
