//! Releases that stand on the numbers of others: what is quoted is made first, or whoever quotes it waits, and pages that are behind are
//! told.

use super::object::ReleaseOutcome;
use super::waiting::Waiting;
use crate::catalogue::spec;
use crate::cli::places::Places;
use crate::cli::terminal::Terminal;
use crate::release::known::ShownBefore;
use crate::release::prepared::Prepared;
use crate::release::{CheckedRelease, quoted};
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// The releases, each with those that it quotes and that are not archived as they are declared now, by name.
pub(super) type Missing<'c> = Vec<(&'c CheckedRelease, Vec<&'c CheckedRelease>)>;

pub(super) async fn missing<'c>(
    with: (&Store, &FileLedger),
    Prepared { catalogue, engine, releases }: &'c Prepared,
) -> Result<Missing<'c>, Error> {
    let mut all = Vec::new();
    for checked in releases {
        all.push((checked, quoted::missing_of(engine, catalogue, with, checked).await?));
    }
    Ok(all)
}

/// Refuses releases that quote one which is neither archived nor among them, before anything is drawn.
pub(super) async fn quoted_are_there(with: (&Store, &FileLedger), prepared: &Prepared) -> Result<(), Error> {
    for (checked, missing) in missing(with, prepared).await? {
        let is_made = |of: &CheckedRelease| prepared.releases.iter().any(|other| other.release.name == of.release.name);
        if let Some(of) = missing.into_iter().find(|of| !is_made(of)) {
            return Err(quoted::missing(checked, of));
        }
    }
    Ok(())
}

/// Lets releases wait for those that they quote, where these are neither archived nor made in this run; each is told.
pub(super) fn wait_for_quoted(missing: &Missing<'_>, waiting: &mut Waiting, terminal: Terminal) {
    let is_made =
        |of: &str, waiting: &Waiting| !waiting.names.contains(of) && missing.iter().any(|(other, _)| other.release.name == of);
    for (checked, missing) in missing {
        let name = &checked.release.name;
        let waits_for = missing.iter().find(|of| !is_made(&of.release.name, waiting)).filter(|_| !waiting.names.contains(name));
        if let Some(of) = waits_for {
            let of = &of.release.name;
            let why = Message::new(
                format!(
                    "{name}: den citerar {of}, som inte är publicerad som den deklareras nu; det publicerade står kvar. Kör utfall release {of} {name}"
                ),
                format!(
                    "{name}: it quotes {of}, which is not published as it is declared now; what is published stays. Run utfall release {of} {name}"
                ),
            );
            ReleaseOutcome::waits(name, &why).told();
            terminal.warn("waits-for-quoted", why);
            waiting.names.insert(name.clone());
        }
    }
}

/// Tells of pages that still show numbers which these releases had before.
pub(super) fn tell_stale(places: &Places, terminal: Terminal, made: &[String]) {
    let queries = places.queries();
    let all = spec::names(&queries).unwrap_or_default();
    for name in all.iter().filter(|name| !made.contains(name)) {
        let Some(known) = ShownBefore::read(&places.data, name) else { continue };
        let is_other = |of: &&String| {
            let shown = ShownBefore::read(&places.data, of).filter(|_| made.contains(of));
            shown.and_then(|shown| shown.releases.into_iter().next()).is_some_and(|id| !known.releases.contains(&id))
        };
        if let Some(of) = spec::quoted_by(&queries, name).iter().find(is_other) {
            terminal.aside(
                "quotes-older",
                &Message::new(
                    format!("{name} citerar {of} och visar de tal som {of} hade förut; kör utfall release {name}"),
                    format!("{name} quotes {of} and shows the numbers that {of} had before; run utfall release {name}"),
                ),
            );
        }
    }
}
