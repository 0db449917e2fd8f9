//! What a certificate states of the public tables that a query joined: their rows, and a digest of their keys.

use utfall_privacy::certificate::{Certificate, Node, PublicKey, Rule, rule};

use utfall_ground::text::Message;

use super::check::Checked;
use super::words::refusal::Violation;

/// The public tables of a certificate, each with the names of its key columns in their order.
pub(super) fn public_keys(certificate: &Certificate) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    scans(&certificate.input, &mut |node, table, key| {
        let names = key.iter().map(|at| node.columns.get(*at).cloned().unwrap_or_default()).collect();
        found.push((table.to_owned(), names));
    });
    found.sort();
    found.dedup();
    found
}

fn scans(node: &Node, found: &mut impl FnMut(&Node, &str, &[usize])) {
    if let Rule::ScanPublic(rule::ScanPublic { table, key, .. }) = &node.rule {
        found(node, table, key);
    }
    node.inputs.iter().for_each(|input| scans(input, found));
}

/// States the keys of public tables in every certificate of a query. `of` gives what is stated of a table and the columns of
/// its key.
///
/// # Errors
/// [`Violation::Join`] where a table's rows do not differ in its key, so that one row of a person would meet several of it.
pub(super) fn state(accepted: &mut Checked, of: impl Fn(&str, &[String]) -> Option<PublicKey>) -> Result<(), Violation> {
    for vector in &mut accepted.crossing.vectors {
        fill(&mut vector.certificate.input, &of)?;
    }
    Ok(())
}

fn fill(node: &mut Node, of: &impl Fn(&str, &[String]) -> Option<PublicKey>) -> Result<(), Violation> {
    let Node { rule, columns, inputs, .. } = node;
    if let Rule::ScanPublic(rule::ScanPublic { table, key, stated }) = rule {
        let names: Vec<String> = key.iter().map(|at| columns.get(*at).cloned().unwrap_or_default()).collect();
        *stated =
            Some(of(table, &names).ok_or_else(|| Violation::Join(Message::same(format!("{table}: {}", names.join(", ")))))?);
    }
    inputs.iter_mut().try_for_each(|input| fill(input, of))
}
