//! What runs that died have reserved and not drawn is finished before anything changes from which it would be computed.

use utfall_privacy::{Event, ReleaseId};

use super::out::Shown;
use super::{Places, landing};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec;
use crate::engine::Engine;
use crate::release::{self, unfinished};
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::account::charge;
use utfall_ground::error::{Error, aside};
use utfall_ground::language::{current, say};

/// Finishes what can be finished and says so; gives the names of the releases. What no longer can is told once, and stops
/// nobody.
///
/// # Errors
/// When storage or engine fail: what can be finished once that is mended could not be after a landing.
pub(super) async fn finish(places: &Places, store: &Store) -> Result<Vec<String>, Error> {
    let mut finished = Vec::new();
    attempt(places, store, &mut finished).await.map(|()| finished)
}

/// The same before an erasure, which waits for nothing: whoever asked for it is erased, whatever becomes of a release.
pub(super) async fn finish_or_tell(places: &Places, store: &Store) {
    if let Err(error) = finish(places, store).await {
        error.log(&places.data);
        let begun = say("påbörjade releaser kunde inte slutföras nu", "releases that were begun could not be finished now");
        aside(format!("{begun}: {}", error.shown(current())));
    }
}

async fn attempt(places: &Places, store: &Store, finished: &mut Vec<String>) -> Result<(), Error> {
    if places.ledger()?.open_reservations().is_empty() {
        return Ok(());
    }
    // Somebody may be drawing it just now.
    unfinished::wait(store)?;
    // An older copy of data and keys would draw once more what is published, with other noise.
    let shown = Shown::look(places);
    let mut ledger = places.ledger()?;
    if let Err(older) = shown.and_then(|shown| shown.accept(places, &ledger, &[])) {
        aside(older);
        return Ok(());
    }
    let (catalogue, engine) = places.engine()?;
    let (schemas, queries) = (places.schemas(), places.queries());
    let open = unfinished::Unfinished::find(store, &catalogue, &ledger, [&schemas, &queries]).await?;
    let is_left = |ledger: &FileLedger| open.releases.iter().any(|release| ledger.archived(*release).is_none());
    let mut unchecked = Vec::new();
    for name in spec::names(&queries).unwrap_or_default() {
        if !is_left(&ledger) {
            return Ok(());
        }
        let Ok(checked) = checked(places, (&catalogue, &engine), &name).await else {
            unchecked.push(name);
            continue;
        };
        if unfinished::finish(&engine, &catalogue, store, &mut ledger, (&checked, landing::today())).await? {
            println!(
                "{name}: {}",
                say(
                    "en påbörjad release är slutförd utan ny kostnad; utfall release (eller publish) visar den",
                    "a release that was begun is finished without another charge; utfall release (or publish) shows it"
                )
            );
            finished.push(name);
        }
    }
    let left: Vec<ReleaseId> = open.releases.iter().copied().filter(|release| ledger.archived(*release).is_none()).collect();
    left.iter().for_each(|release| aside(lost(&ledger, *release, &unchecked)));
    if left.is_empty() { Ok(()) } else { open.give_up(&left) }
}

async fn checked(places: &Places, (catalogue, engine): (&Catalogue, &Engine), name: &str) -> Result<release::Checked, Error> {
    release::check(engine, catalogue, spec::read(&places.queries(), name)?).await
}

/// That a reservation can no longer be finished, and what that means.
fn lost(ledger: &FileLedger, release: ReleaseId, unchecked: &[String]) -> String {
    let short: String = release.to_string().chars().take(16).collect();
    let paid = ledger.entries().iter().find_map(|entry| match entry.event() {
        Event::Reserve { release: reserved, charge: cost, .. } if *reserved == release => Some(charge(cost)),
        _ => None,
    });
    let (spent, cost) = paid.map_or_else(
        || {
            (
                "serien är betald och dess andra perioder publiceras som vanligt".to_owned(),
                "its series is paid for, and the other periods are published as always".to_owned(),
            )
        },
        |cost| {
            (
                format!("dess budget ({cost}) är förbrukad och inget har publicerats för den"),
                format!("its budget ({cost}) is spent, and nothing was published for it"),
            )
        },
    );
    let because = if unchecked.is_empty() { String::new() } else { format!(" (utfall check {})", unchecked.join(" ")) };
    say(
        format!(
            "den påbörjade releasen {short} kan inte slutföras: frågor, register eller det som landat är inte längre som när den reserverades{because}; {spent}"
        ),
        format!(
            "the release {short} that was begun cannot be finished: queries, register or what has landed are no longer as when it was reserved{because}; {cost}"
        ),
    )
}
