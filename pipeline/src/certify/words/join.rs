//! What is said of joins: how the rows of two relations meet, and why a join is refused.

use utfall_ground::text::Message;
use utfall_privacy::certificate::JoinKind;

use super::refusal::Violation;
use crate::certify::relation::Relation;

/// Why no rule fits a join.
pub(in crate::certify) fn uncertified(left: &Relation, right: &Relation, kind: JoinKind, on: &[(usize, usize)]) -> Violation {
    // A public table that is met on a part of its key has several rows for each value of that part.
    let public = |relation: &Relation, at: &[usize]| {
        let table = relation.columns.first()?.origin.as_ref()?.table.clone();
        let name = |at: &usize| relation.schema.fields().get(*at).map(|field| field.name().clone());
        let names = at.iter().map(name).collect::<Option<Vec<_>>>().filter(|names| !names.is_empty())?;
        let is_part = relation.claim().unique.iter().any(|key| at.iter().all(|column| key.contains(column)));
        is_part.then(|| Violation::SeveralRows(table, names.join(", ")))
    };
    if on.is_empty() {
        return Violation::Join(Message::new(
            "inga kolumner i den ena är lika med några i den andra; ett villkor i WHERE kopplar inte",
            "no columns of the one are equal to any of the other; a condition in WHERE joins nothing",
        ));
    }
    let (l, r): (Vec<usize>, Vec<usize>) = on.iter().copied().unzip();
    let part = match (left.is_private(), right.is_private()) {
        (true, false) => public(right, &r),
        (false, true) if kind == JoinKind::Inner => public(left, &l),
        _ => None,
    };
    if let Some(part) = part {
        return part;
    }
    match (left.is_private(), right.is_private(), kind) {
        (true, true, _) => Violation::PrivateJoin,
        (false, true, JoinKind::Left) => Violation::Join(Message::same("LEFT JOIN")),
        _ => Violation::Join(Message::new(
            "kolumnerna är inte den offentliga tabellens nyckel",
            "the columns are not the public table's key",
        )),
    }
}

pub(in crate::certify) fn on_note(left: &Relation, right: &Relation, on: &[(usize, usize)], kind: JoinKind) -> String {
    let name = |relation: &Relation, at: usize| relation.schema.fields().get(at).map(|f| f.name().clone()).unwrap_or_default();
    let pairs = on.iter().map(|(l, r)| (name(left, *l), name(right, *r)));
    let pairs: Vec<String> = pairs.map(|(l, r)| if l == r { l } else { format!("{l} = {r}") }).collect();
    format!("{}JOIN ON {}", if kind == JoinKind::Left { "LEFT " } else { "" }, pairs.join(", "))
}
