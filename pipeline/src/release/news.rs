//! What a release would spend, and on what, before anything is drawn: on nothing, on rows that are new, or on a query that was changed.
//!
//! Takes checked releases, what has landed and what is archived; gives what is new of each and what it would cost. It may not see a
//! row. Start reading at [`unpaid`].

use chrono::NaiveDate;
use utfall_ground::spending::losses;
use utfall_privacy::Loss;

use super::identity::{asks_the_same, identity, is_reserved, on};
use super::series;
use super::{Archived, CheckedRelease, newest};
use crate::catalogue::schema::Catalogue;
use crate::engine::Engine;
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_publish::Description;

/// What would be charged for a release now, of a series if this `vintage` is asked for; nothing for what is archived or reserved, nor for
/// a series of which no period is due.
///
/// # Errors
/// Storage or engine.
pub async fn unpaid(
    engine: &Engine,
    catalogue: &Catalogue,
    store: &Store,
    ledger: &FileLedger,
    checked: &CheckedRelease,
    (vintage, today): (Option<u32>, NaiveDate),
) -> Result<Option<Vec<Loss>>, Error> {
    let is_paid = if checked.release.periods.is_some() {
        let progress = series::standing(Some(ledger), checked, today)?;
        match vintage {
            Some(vintage) if vintage > progress.vintages => progress.vintages == 0 && progress.due.is_empty(),
            _ => progress.vintages > 0 || progress.due.is_empty(),
        }
    } else {
        let pinned = newest(catalogue, store, checked).await?;
        is_reserved(ledger, identity(engine, catalogue, (store, ledger), &pinned, checked).await?)
    };
    if is_paid { Ok(None) } else { Ok(Some(losses(&checked.measurements, &ledger.account().order)?)) }
}

/// What is new of a release that is to be paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Rows, whatever has come to the code lists and the register; or the whole release.
    Rows,
    /// Its queries, bounds or budget.
    Queries,
    /// What codes, projects or public rows there are, on the rows that are published already.
    Lists,
}

/// What is new of a release that is to be paid for, beside what is archived under its name. Of a series what is paid for goes on, so
/// one to be paid for is another.
///
/// # Errors
/// When what is archived, or what has landed, cannot be read.
pub async fn news(
    catalogue: &Catalogue,
    store: &Store,
    ledger: &FileLedger,
    archived: &[Archived],
    checked: &CheckedRelease,
) -> Result<News, Error> {
    for release in archived.iter().filter_map(|known| known.releases().last()) {
        let description = Description::from_json(release.description())?;
        if description.name != checked.release.name {
            continue;
        }
        if checked.release.periods.is_some() || !asks_the_same(&description, checked) {
            return Ok(News::Queries);
        }
        let pinned = newest(catalogue, store, checked).await?;
        let known = description.computed.is_some_and(|computed| is_reserved(ledger, on(&computed, &pinned)));
        return Ok(if known { News::Lists } else { News::Rows });
    }
    Ok(News::Rows)
}

/// Whether a ledger would admit all these releases, whatever order they come in.
pub fn fits(ledger: &FileLedger, releases: &[Vec<Loss>]) -> bool {
    let mut account = ledger.account().clone();
    releases.iter().for_each(|release| account.pay(release));
    account.admits(&[])
}
