//! What tells a release from others: what it is computed from, and how.
//!
//! Not trusted: the ledger charges for every id that is new to it, and what is known is answered from the archive.

use std::collections::BTreeSet;

use utfall_privacy::{Event, ReleaseId};

use super::{CheckedRelease, Pins};
use crate::catalogue::schema::Catalogue;
use crate::engine::Engine;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;

/// The release's id: what it is computed from and how, not how it is titled, labelled or formatted. Snapshots enter by the
/// random ids of their commits, so the id is no hash of private data.
pub(super) async fn identity(
    engine: &Engine,
    catalogue: &Catalogue,
    pinned: &Pins,
    checked: &CheckedRelease,
) -> Result<ReleaseId, Error> {
    let mut content = Vec::new();
    let mut field = |bytes: &[u8]| {
        content.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        content.extend_from_slice(bytes);
    };
    field(b"utfall release 1");
    field(checked.release.name.as_bytes());
    for (table, pinned) in pinned {
        field(table.as_bytes());
        field(pinned.as_ref().map_or("nothing landed", |p| p.snapshot.as_str()).as_bytes());
        field(catalogue.table(table).map(|t| catalogue.meaning(t)).unwrap_or_default().as_bytes());
    }
    let mut public = BTreeSet::new();
    for table in &checked.tables {
        field(table.query.text().as_bytes());
        if table.query.anonymous {
            field(b"anonymous records too");
        }
        for scan in &table.answer.certified.accepted().scans {
            field(format!("{} {} {:?}", scan.table, scan.participations, scan.rows).as_bytes());
        }
        public.extend(table.answer.certified.accepted().public.iter().map(|scan| scan.table.as_str()));
        let above = table.answer.above.iter().flat_map(|a| &a.sources);
        public.extend(above.filter(|source| source.rows.is_some()).map(|source| source.table.as_str()));
    }
    for measurement in &checked.measurements {
        field(measurement.to_text().as_bytes());
    }
    for table in public {
        field(table.as_bytes());
        field(engine.public_text(table).await?.as_bytes());
    }
    Ok(ReleaseId::of(&content))
}

/// Whether the ledger has charged for a release.
pub(super) fn is_reserved(ledger: &FileLedger, id: ReleaseId) -> bool {
    ledger.entries().iter().any(|e| matches!(e.event(), Event::Reserve { release, .. } if *release == id))
}
