//! What runs that died have reserved and not drawn is finished before anything changes from which it would be computed; what is
//! told of it.

use super::places::Places;
use super::summary;
use super::terminal::{Terminal, tell};
use crate::present::shown::Shown;
use crate::release::prepared::Declared;
use crate::release::unfinished::{self, Tried, Unfinished};
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::clock::today;
use utfall_ground::error::Error;
use utfall_ground::text::{Lang, Message};

/// Finishes what can be finished and says so; gives the names of the releases. What no longer can is told once, and stops
/// nobody.
///
/// # Errors
/// When storage or engine fail: what can be finished once that is mended could not be after a landing.
pub(super) async fn finish(places: &Places, terminal: Terminal, at: (&Store, &FileLedger)) -> Result<Vec<String>, Error> {
    let mut tried = Tried::default();
    let done = attempt(places, terminal, at, &mut tried).await;
    for name in &tried.finished {
        summary::push("finished", name);
        let told = terminal.say(
            "en påbörjad release är slutförd utan ny kostnad; utfall release (eller publish) visar den",
            "a release that was begun is finished without another charge; utfall release (or publish) shows it",
        );
        tell!(terminal, "{name}: {told}");
    }
    tried.lost.iter().for_each(|lost| terminal.aside("release-lost", lost));
    done.map(|()| tried.finished)
}

/// The same before an erasure, which waits for nothing: whoever asked for it is erased, whatever becomes of a release.
pub(super) async fn finish_or_tell(places: &Places, terminal: Terminal, at: (&Store, &FileLedger)) {
    if let Err(error) = finish(places, terminal, at).await {
        error.log(&places.data);
        let [sv, en] = Lang::ALL.map(|lang| error.shown(lang));
        let told = Message::new(
            format!("påbörjade releaser kunde inte slutföras nu: {sv}"),
            format!("releases that were begun could not be finished now: {en}"),
        );
        terminal.aside("release-unfinished", &told);
    }
}

async fn attempt(
    places: &Places,
    terminal: Terminal,
    (store, ledger): (&Store, &FileLedger),
    tried: &mut Tried,
) -> Result<(), Error> {
    if ledger.open_reservations().is_empty() {
        return Ok(());
    }
    // Somebody may be drawing it just now.
    unfinished::wait(store)?;
    // An older copy of data and keys would draw once more what is published, with other noise.
    let shown = Shown::look(&places.out);
    let mut ledger = places.ledger()?;
    if let Err(older) = shown.and_then(|shown| shown.accept(&ledger, &[])) {
        let [sv, en] = Lang::ALL.map(|lang| older.shown(lang));
        terminal.aside(older.code(), &Message::new(sv, en));
        return Ok(());
    }
    let Declared { catalogue, engine } = places.declared()?;
    let (schemas, queries) = (places.schemas(), places.queries());
    let open = Unfinished::find(store, &catalogue, &ledger, [&schemas, &queries]).await?;
    open.try_all((&engine, &catalogue), (store, &mut ledger), (&queries, today()), tried).await
}
