//! What a release would spend, and on what, before anything is drawn: on nothing, on rows that are new, or on a query that was changed.
//!
//! Takes checked releases, what has landed and what is archived; gives what is new of each and what it would cost. It may not see a
//! row. Start reading at [`news`].

use chrono::NaiveDate;
use utfall_privacy::Charge;
use utfall_privacy::accountant::{admits, compose};

use super::identity::{identity, is_reserved};
use super::series::{self, is_another};
use super::{Archived, CheckedRelease, pin};
use crate::catalogue::schema::Catalogue;
use crate::engine::Engine;
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_publish::Description;

/// What a release would be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Nothing is to be paid: it is archived or reserved, or no period of it is due.
    Nothing,
    /// Rows that landed since it was last made, or its first publication.
    Rows(Charge),
    /// Its queries count something else than when it was last made.
    Queries(Charge),
}

impl News {
    /// What would be charged.
    pub fn charge(&self) -> Option<&Charge> {
        match self {
            Self::Nothing => None,
            Self::Rows(charge) | Self::Queries(charge) => Some(charge),
        }
    }
}

/// What is new of a release; `archived` is everything that is archived, by the names under which it is published.
///
/// # Errors
/// Storage or engine.
pub async fn news(
    engine: &Engine,
    catalogue: &Catalogue,
    store: &Store,
    ledger: &FileLedger,
    checked: &CheckedRelease,
    archived: &[Archived],
    today: NaiveDate,
) -> Result<News, Error> {
    let charge = cost(checked)?;
    if checked.release.periods.is_some() {
        let progress = series::standing(Some(ledger), checked, today)?;
        return Ok(match progress.vintages {
            0 if progress.due.is_empty() => News::Nothing,
            0 if is_another(store.root(), ledger, checked)? => News::Queries(charge),
            0 => News::Rows(charge),
            _ => News::Nothing,
        });
    }
    let pinned = pin(catalogue, store, checked).await?;
    if is_reserved(ledger, identity(engine, catalogue, ledger, &pinned, checked).await?) {
        return Ok(News::Nothing);
    }
    for known in archived {
        if let Some(release) = known.releases().last() {
            let description = Description::from_json(release.description())?;
            if description.name == checked.release.name {
                let same = computes_the_same(&description, checked);
                return Ok(if same { News::Rows(charge) } else { News::Queries(charge) });
            }
        }
    }
    Ok(News::Rows(charge))
}

/// Whether an archived release counted what this one would. Of one that an earlier version of this program archived, the texts tell.
fn computes_the_same(archived: &Description, checked: &CheckedRelease) -> bool {
    let release = &checked.release;
    let text = || {
        let budget = (&archived.epsilon, &archived.delta, archived.participations);
        let queries = archived.tables.iter().map(|table| table.sql.as_str());
        budget == (&release.budget_text.0, &release.budget_text.1, release.bounds.participations)
            && queries.eq(checked.tables.iter().map(|table| table.query.text()))
    };
    archived.computed.as_ref().map_or_else(text, |computed| *computed == checked.computed)
}

/// What a release costs.
fn cost(checked: &CheckedRelease) -> Result<Charge, Error> {
    let charges = checked.measurements.iter().map(|of| of.mechanism().charge(of.sensitivity())).collect::<Result<Vec<_>, _>>();
    charges.map(|charges| compose(&charges)).map_err(Error::from)
}

/// Whether a ledger would admit all these charges, whatever order they come in.
pub fn fits(ledger: &FileLedger, charges: &[Charge]) -> bool {
    admits(ledger.limit(), &[ledger.charges(), charges].concat())
}
