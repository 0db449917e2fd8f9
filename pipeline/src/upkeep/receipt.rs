//! What an erasure leaves to show: how many people were asked for and found, and nothing about anybody. It is drawn up before
//! the work begins and written when it is done, by whoever does it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::erase::Reason;
use crate::store::{Store, private_folder};
use utfall_ground::durable;
use utfall_ground::error::Error;

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// A random number.
    pub id: String,
    /// Why.
    pub reason: Reason,
    /// How many people were asked for.
    pub asked: usize,
    /// Of how many of them something had landed.
    pub found: usize,
    /// How many of the others an earlier erasure had covered already.
    pub before: usize,
    /// Whether it was of one project only.
    pub in_one: bool,
}

impl Receipt {
    /// Where it is kept.
    pub fn path(&self, store: &Store) -> PathBuf {
        store.root().join("receipts").join(format!("{}.json", self.id))
    }

    /// Writes it, once: what stands under its number stays.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn write(&self, store: &Store) -> Result<(), Error> {
        let path = self.path(store);
        private_folder(durable::folder(&path))?;
        let both = |sv: &str, en: &str| serde_json::json!({ "sv": sv, "en": en });
        let told = serde_json::json!({
            "receipt": self.id,
            "time": utfall_ground::clock::now(),
            "reason": self.reason,
            "people_asked_for": self.asked,
            "people_found": self.found,
            "people_erased_before": self.before,
            "of": if self.in_one { both("ett projekt", "one project") } else { both("alla projekt", "all projects") },
            "erased": both(
                "varje sådan rad i varje landad tabell och varje tillstånd, varje fil som innehöll en sådan, äldre versioner också",
                "every such row in every landed table and state, every file that held one, older versions included",
            ),
            "stays": both(
                "för var och en som efterfrågades en märkning under nyckel, per projekt de högsta nummer som getts, och dagen, så att inget nummer ges igen och ingen rad som började till och med den dagen landar; publicerade tabeller; huvudboken",
                "of everybody asked for a keyed tag, per project the highest numbers given, and the day, so that no number is given again and no row that began until that day lands; published tables; the ledger",
            ),
        });
        durable::put_if_absent(&path, format!("{told:#}\n").as_bytes()).map(|_| ())
    }
}
