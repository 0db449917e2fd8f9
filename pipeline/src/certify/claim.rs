//! What one person can have in a relation, derived rule by rule. The trusted core derives the same again from the
//! certificate, without this code: see `utfall_privacy::certificate`.

use utfall_privacy::certificate::{Claim, JoinKind};

/// The claim of a bounded scan of a private table.
pub(super) fn scan(
    contributions: u64,
    rows: Option<u64>,
    unit: usize,
    [first, second]: [usize; 2],
    project: Option<usize>,
) -> Option<Claim> {
    let per_contribution = rows.unwrap_or(1);
    let unique = match rows {
        Some(_) => vec![vec![first, second]],
        None => [Some(vec![first]), project.map(|p| vec![p, second])].into_iter().flatten().collect(),
    };
    Some(tidy(Claim {
        rows: contributions.checked_mul(per_contribution)?,
        contributions,
        per_contribution,
        unit: Some(unit),
        contribution: Some(first),
        unique,
    }))
}

/// The claim of a public table with a unique key.
pub(super) fn public(key: Vec<usize>) -> Claim {
    tidy(Claim { rows: 0, contributions: 0, per_contribution: 0, unit: None, contribution: None, unique: vec![key] })
}

/// A filter that leaves some columns at one constant: they tell no rows apart any more.
pub(super) fn filter(input: &Claim, fixed: &[usize]) -> Claim {
    let mut claim = input.clone();
    for set in &mut claim.unique {
        set.retain(|c| !fixed.contains(c));
    }
    if let Some(contribution) = claim.contribution {
        if fixed.contains(&contribution) {
            claim.contributions = 1;
            claim.rows = claim.rows.min(claim.per_contribution);
        }
        if claim.unique.iter().any(|set| set.iter().all(|c| *c == contribution)) {
            claim.per_contribution = claim.per_contribution.min(1);
        }
    }
    if claim.unique.iter().any(Vec::is_empty) {
        claim.rows = claim.rows.min(1);
    }
    tidy(claim)
}

/// A projection: `from` says which output column is which input column.
pub(super) fn project(input: &Claim, from: &[Option<usize>]) -> Claim {
    let at = |column: usize| from.iter().position(|f| *f == Some(column));
    let contribution = input.contribution.and_then(at);
    let kept = |n: u64| if contribution.is_some() { n } else { 0 };
    tidy(Claim {
        rows: input.rows,
        contributions: kept(input.contributions),
        per_contribution: kept(input.per_contribution),
        unit: input.unit.and_then(at),
        contribution,
        unique: input.unique.iter().filter_map(|set| set.iter().map(|c| at(*c)).collect()).collect(),
    })
}

/// An equi-join; `width` is the number of columns on the left. `None` where it cannot be certified.
pub(super) fn join(left: &Claim, right: &Claim, width: usize, on: &[(usize, usize)], kind: JoinKind) -> Option<Claim> {
    let inner = kind == JoinKind::Inner;
    let covers = |claim: &Claim, columns: Vec<usize>| {
        let columns: Vec<usize> = columns.into_iter().filter(|c| Some(*c) != claim.unit).collect();
        claim.unique.iter().any(|set| set.iter().all(|c| columns.contains(c)))
    };
    let covers_right = covers(right, on.iter().map(|p| p.1).collect());
    let covers_left = covers(left, on.iter().map(|p| p.0).collect());
    let shift = |set: &Vec<usize>| set.iter().map(|c| c.checked_add(width)).collect::<Option<Vec<usize>>>();
    let right_sets: Vec<Vec<usize>> = right.unique.iter().map(shift).collect::<Option<_>>()?;
    let both = || {
        let unions = left.unique.iter().flat_map(|l| right_sets.iter().map(move |r| [l.as_slice(), r.as_slice()].concat()));
        unions.collect::<Vec<_>>()
    };
    let mut unique = Vec::new();
    if covers_right {
        unique.extend(left.unique.iter().cloned());
    }
    if covers_left && inner {
        unique.extend(right_sets.iter().cloned());
    }
    match (left.rows > 0, right.rows > 0) {
        (false, false) => {
            unique.extend(both());
            Some(tidy(Claim { unique, ..public(Vec::new()) }))
        }
        (true, false) if covers_right => Some(tidy(Claim { unique: left.unique.clone(), ..left.clone() })),
        (false, true) if covers_left && inner => Some(tidy(Claim {
            unit: right.unit.and_then(|c| c.checked_add(width)),
            contribution: right.contribution.and_then(|c| c.checked_add(width)),
            unique: right_sets,
            ..right.clone()
        })),
        (true, true) => {
            let unit = (left.unit?, right.unit?);
            if !on.contains(&unit) {
                return None;
            }
            unique.extend(both());
            private_join(left, right, on, (covers_left && inner, covers_right), inner)
                .map(|claim| tidy(Claim { unique, ..claim }))
        }
        _ => None,
    }
}

/// Two private relations that agree on the person: the lowest of the bounds that hold.
fn private_join(
    left: &Claim,
    right: &Claim,
    on: &[(usize, usize)],
    (covers_left, covers_right): (bool, bool),
    inner: bool,
) -> Option<Claim> {
    let same_contribution = match (left.contribution, right.contribution) {
        (Some(l), Some(r)) => on.contains(&(l, r)),
        _ => false,
    };
    let mut rows = vec![left.rows.checked_mul(right.rows)?];
    if covers_right {
        rows.push(left.rows);
    }
    if covers_left {
        rows.push(right.rows);
    }
    let contributions = if same_contribution && inner { left.contributions.min(right.contributions) } else { left.contributions };
    let mut per = vec![if same_contribution {
        left.per_contribution.checked_mul(right.per_contribution)?
    } else {
        left.per_contribution.checked_mul(right.rows)?
    }];
    if covers_right {
        per.push(left.per_contribution);
    }
    if same_contribution && covers_left {
        per.push(right.per_contribution);
    }
    let per = per.into_iter().min()?;
    if same_contribution {
        rows.push(contributions.checked_mul(per)?);
    }
    let has = left.contribution.is_some();
    Some(Claim {
        rows: rows.into_iter().min()?,
        contributions: if has { contributions } else { 0 },
        per_contribution: if has { per } else { 0 },
        unit: left.unit,
        contribution: left.contribution,
        unique: Vec::new(),
    })
}

/// Several private relations one below the other.
pub(super) fn union(inputs: &[&Claim]) -> Option<Claim> {
    let (first, rest) = inputs.split_first()?;
    if inputs.iter().any(|c| (c.rows > 0) != (first.rows > 0)) {
        return None;
    }
    let unit = first.unit.filter(|u| rest.iter().all(|c| c.unit == Some(*u)));
    let contribution = first.contribution.filter(|n| rest.iter().all(|c| c.contribution == Some(*n)));
    let sum = |f: fn(&Claim) -> u64| inputs.iter().try_fold(0_u64, |sum, c| sum.checked_add(f(c)));
    Some(Claim {
        rows: sum(|c| c.rows)?,
        // Added, not the greatest: `contribution = 1` UNION ALL `contribution = 3` has two.
        contributions: if contribution.is_some() { sum(|c| c.contributions)? } else { 0 },
        per_contribution: if contribution.is_some() { sum(|c| c.per_contribution)? } else { 0 },
        unit,
        contribution,
        unique: Vec::new(),
    })
}

/// Groups within each person: `keys` hold the unit; the output is the keys, then the aggregates.
pub(super) fn group_by_unit(input: &Claim, keys: &[usize]) -> Option<Claim> {
    let unit = input.unit?;
    let at = |column: usize| keys.iter().position(|k| *k == column);
    let contribution = input.contribution.and_then(at);
    let others: Vec<usize> = keys.iter().copied().filter(|k| *k != unit).collect();
    let by_contribution = input.contribution.is_some() && others.iter().all(|k| Some(*k) == input.contribution);
    let rows = if others.is_empty() {
        1
    } else if by_contribution {
        input.rows.min(input.contributions)
    } else {
        input.rows
    };
    let per = if by_contribution { 1 } else { input.per_contribution };
    Some(tidy(Claim {
        rows,
        contributions: if contribution.is_some() { input.contributions } else { 0 },
        per_contribution: if contribution.is_some() { per } else { 0 },
        unit: Some(at(unit)?),
        contribution,
        unique: vec![others.iter().filter_map(|k| at(*k)).collect()],
    }))
}

/// One form for equal claims: sets of columns sorted, none twice.
fn tidy(mut claim: Claim) -> Claim {
    for set in &mut claim.unique {
        set.sort_unstable();
        set.dedup();
    }
    claim.unique.sort();
    claim.unique.dedup();
    claim
}
