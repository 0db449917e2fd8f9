//! Where a published release comes from: which ledger has paid for it, and which archived releases it was made of. All of it
//! is random or the hash of what is published, so it says nothing of anybody. A data directory and a key zone that were both
//! restored from an old backup agree with each other; what is published tells that something is missing.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use utfall_privacy::ReleaseId;

use super::{PublishError, folder};
use crate::dataset::pack::{Moment, Vintage};
use utfall_ground::untrusted;

/// The file beside the others of a release.
pub(super) const FILE: &str = "source.json";

/// The most that is read of it, in bytes: some ten thousand periods.
const MOST: u64 = 2 << 20;

/// Where a published release comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The random id of the ledger, in hex.
    ledger: String,
    /// What it was made of: one release, or each period of a series; then those on whose numbers its tables stand.
    releases: Vec<ArchivedRelease>,
    /// What was archived under its name before, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<ArchivedRelease>,
}

/// An archived release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ArchivedRelease {
    /// Its id, in hex.
    id: String,
    /// The SHA-256 of its archive, in hex.
    archive: String,
    /// When the ledger recorded it, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made: Option<Moment>,
    /// Whether others have measured it, whose numbers are quoted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    quoted: bool,
}

/// An archived release, as a ledger has recorded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: ReleaseId,
    /// The SHA-256 of its archive.
    pub archive: [u8; 32],
    /// When it was recorded, in seconds since 1970.
    pub made: Option<u64>,
}

/// What a ledger makes of what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    /// It has paid for all of it.
    Known,
    /// It has forgotten that it paid for some of it.
    Forgotten,
    /// Another ledger has.
    Another,
}

impl Source {
    /// The source of a publication: the random id of the ledger that has paid, the releases that it is made of, those whose numbers it
    /// quotes, and those that were archived under its name before, the newest first.
    pub fn of(ledger: [u8; 16], own: &[Recorded], quoted: &[Recorded], earlier: &[Recorded]) -> Self {
        let archived = |of: &Recorded, quoted| ArchivedRelease {
            id: of.id.to_string(),
            archive: hex::encode(of.archive),
            made: of.made.map(Moment),
            quoted,
        };
        let own = own.iter().map(|of| archived(of, false));
        Self {
            ledger: hex::encode(ledger),
            releases: own.chain(quoted.iter().map(|of| archived(of, true))).collect(),
            earlier: earlier.iter().map(|of| archived(of, false)).collect(),
        }
    }

    /// When its newest numbers were made; none where the ledger did not say.
    pub fn made(&self) -> Option<Moment> {
        self.releases.iter().filter(|of| !of.quoted).filter_map(|of| of.made).max()
    }

    /// The versions before it.
    pub fn earlier(&self) -> Vec<Vintage> {
        self.earlier.iter().filter_map(|of| Some(Vintage { id: of.id.clone(), made: of.made? })).collect()
    }

    /// What a ledger makes of it, by its id and the hash of the archive that it has `recorded` for a release.
    pub fn standing(&self, ledger: [u8; 16], recorded: impl Fn(ReleaseId) -> Option<[u8; 32]>) -> Payment {
        if self.ledger != hex::encode(ledger) {
            return Payment::Another;
        }
        let known = |release: &ArchivedRelease| {
            let hash = release.id.parse().ok().and_then(&recorded);
            hash.is_some_and(|hash| hex::encode(hash) == release.archive)
        };
        if self.releases.iter().all(known) { Payment::Known } else { Payment::Forgotten }
    }

    /// As a file.
    pub(super) fn to_json(&self) -> Vec<u8> {
        format!("{:#}\n", serde_json::json!(self)).into_bytes()
    }
}

/// A release that a folder shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRelease {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
}

/// What a folder shows. What earlier versions published has no source, and is left out.
///
/// # Errors
/// When one is there and cannot be read: then it cannot be told who has paid for what is shown.
pub fn shown(out: &Path) -> Result<Vec<ShownRelease>, PublishError> {
    let source = |name: String| {
        let path = out.join(&name).join(FILE);
        match untrusted::text(&path, MOST) {
            Ok(text) => serde_json::from_str(&text)
                .map_or(Err(PublishError::Source(path)), |source| Ok(Some(ShownRelease { name, source }))),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(_) => Err(PublishError::Source(path)),
        }
    };
    folder::releases(out).unwrap_or_default().into_iter().filter_map(|name| source(name).transpose()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn what_is_shown_is_held_against_a_ledger() {
        let (out, ledger, id) = (tempfile::tempdir().unwrap(), [7; 16], ReleaseId([1; 32]));
        let source = Source::of(ledger, &[Recorded { id, archive: [2; 32], made: Some(0) }], &[], &[]);
        super::super::publish(&fixture::publication(), &source, fixture::imprint(), out.path()).unwrap();
        let shown = shown(out.path()).unwrap();
        assert_eq!(shown, [ShownRelease { name: "outcomes".to_owned(), source }]);
        let standing =
            |ledger, recorded: Option<[u8; 32]>| shown[0].source.standing(ledger, |asked| recorded.filter(|_| asked == id));
        assert_eq!(standing(ledger, Some([2; 32])), Payment::Known);
        // Never heard of, reserved only, or drawn a second time.
        assert_eq!([None, Some([3; 32])].map(|recorded| standing(ledger, recorded)), [Payment::Forgotten; 2]);
        assert_eq!(standing([8; 16], Some([2; 32])), Payment::Another);
        // Of what an earlier version has published nothing is known, and of what is no file either.
        let file = out.path().join("outcomes").join(FILE);
        for damaged in ["", "{}", "{\"ledger\""] {
            std::fs::write(&file, damaged).unwrap();
            assert!(matches!(super::shown(out.path()), Err(PublishError::Source(_))), "{damaged}");
        }
        std::fs::remove_file(file).unwrap();
        assert!(super::shown(out.path()).unwrap().is_empty());
        assert!(super::shown(&out.path().join("none")).unwrap().is_empty());
    }
}
