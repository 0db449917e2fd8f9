//! What the bound on participations leaves out, as a table of its own.

use utfall_privacy::Rational;

use super::CheckedTable;
use super::measurements::Draw;
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::{QuerySpec, ReleaseSpec};
use crate::certify;
use crate::engine::Engine;
use utfall_ground::error::Error;
use utfall_ground::text::{Message, Text};

/// How many people have a participation beyond the bound: the one numbered k + 1, which a person has at most once. Says
/// how much the bound leaves out, which can matter more than the noise.
pub(super) async fn beyond(
    engine: &Engine,
    catalogue: &Catalogue,
    release: &ReleaseSpec,
    epsilon: &Rational,
) -> Result<CheckedTable, Error> {
    let next = release.bounds.participations.saturating_add(1);
    let bounds = certify::Bounds { participations: next, ..release.bounds.clone() };
    let root = catalogue.private_tables().into_iter().find(|t| t.parent.is_none());
    let root = root.ok_or_else(|| {
        let none = Message::new("ingen privat tabell har deltaganden", "no private table has participations");
        Error::usage("beyond", none)
    })?;
    let unit = root.unit().unwrap_or_default();
    let query = QuerySpec {
        name: "people_beyond_bound".to_owned(),
        file: format!("queries/{}/release.toml", release.name),
        title: Text {
            sv: format!("Personer med fler än {} deltaganden", release.bounds.participations),
            en: format!("People with more than {} participations", release.bounds.participations),
        },
        order: u32::MAX,
        private_keys: None,
        anonymous: false,
        weight: 1.0,
        targets: Vec::new(),
        columns: std::collections::BTreeMap::new(),
        inherited: std::collections::BTreeMap::new(),
        sql: format!("SELECT count(DISTINCT {unit}) AS people FROM {} WHERE contribution = {next}", root.name),
        quotes: None,
        differs: None,
    };
    let answer = engine.check(&query, catalogue, &bounds).await.map_err(|refusal| Error::Refused(vec![*refusal]))?;
    Ok(CheckedTable::new(query, answer, Draw::Own(epsilon.clone()), Vec::new()))
}
