//! Names for everything that is published.

use std::collections::BTreeSet;

use super::refusal::Violation;
use crate::certify::check::OutputColumn;
use crate::certify::crossing::CrossingAggregate;

/// Names the keys and aggregates of a crossing, and gives the columns of the query. `columns` says which key, then which
/// aggregate, each of them holds.
///
/// # Errors
/// The first name that published files cannot carry, or that is there twice.
pub(in crate::certify) fn named(
    crossing: &mut CrossingAggregate,
    names: &[String],
    columns: &[Option<usize>],
) -> Result<Vec<OutputColumn>, Violation> {
    let keys = crossing.keys.len();
    let mut seen = BTreeSet::new();
    let mut output = Vec::new();
    for (name, at) in names.iter().zip(columns) {
        let name = well_named(name)?;
        if !seen.insert(name.clone()) {
            return Err(Violation::Name(name));
        }
        output.push(OutputColumn { name, key: at.filter(|at| *at < keys) });
    }
    let mut taken = BTreeSet::new();
    let made = |what: &str, at: usize| format!("{what}_{}", at.saturating_add(1));
    let key_names = crossing.keys.iter_mut().enumerate().map(|(i, k)| (i, &mut k.name, made("key", i)));
    let measures = crossing.estimators.iter_mut().enumerate();
    let measure_names = measures.map(|(i, of)| (keys.saturating_add(i), &mut of.name, made(of.subject.word(), i)));
    for (at, name, made) in key_names.chain(measure_names) {
        *name = match well_named(name) {
            Ok(name) => name,
            // What the SQL above has swallowed is published too, under a name of ours.
            Err(_) if !columns.contains(&Some(at)) => made,
            Err(rule) => return Err(rule),
        };
        if !taken.insert(name.clone()) {
            return Err(Violation::Name(name.clone()));
        }
    }
    Ok(output)
}

/// A name that published files can carry: å, ä and ö without their marks. An aggregate without a name gets one from its function.
fn well_named(name: &str) -> Result<String, Violation> {
    let plain = |c: char| match c {
        'å' | 'ä' | 'à' | 'á' => 'a',
        'ö' | 'ø' | 'ó' => 'o',
        'é' | 'è' => 'e',
        'ü' => 'u',
        other => other,
    };
    let (written, name) = (name, &name.chars().map(plain).collect::<String>());
    let good = |n: &str| {
        !n.is_empty()
            && !n.starts_with('_')
            && n.len() <= 60
            && n.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if good(name) {
        return Ok(name.to_owned());
    }
    if name.contains(['(', ' ', '.']) {
        let words: Vec<String> = name
            .to_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect();
        let made = words.join("_");
        if good(&made) {
            return Ok(made);
        }
    }
    Err(Violation::Name(written.to_owned()))
}
