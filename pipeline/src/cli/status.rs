//! `utfall status`: where one stands and what to do next. Shows numbers of deliveries, never of people.

use clap::Args;
use serde::Serialize;
use sha2::Digest as _;
use utfall_privacy::Event;

use super::places::{Form, Names, Places};
use super::terminal::{Terminal, tell};
use super::{ledger, summary};
use crate::keyzone::Key;
use crate::present::unchanged::Unchanged;
use crate::store::Store;
use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;

/// Arguments of `utfall status`.
#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    form: Form,
}

/// The key, as machines are told of it.
#[derive(Serialize)]
struct KeyState {
    id: String,
    folder: String,
    is_right: bool,
}

/// A table that has landed.
#[derive(Serialize)]
struct Changes<'a> {
    table: &'a str,
    /// How often it changed: a number of deliveries and the like, not of people.
    changes: u64,
}

impl Status {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        run(places, terminal).await
    }
}

/// Prints the status of a data directory.
async fn run(places: &Places, terminal: Terminal) -> Result<(), Error> {
    let config = places.configured.path.as_ref().map(|path| path.display().to_string());
    if let Some(config) = &config {
        tell!(terminal, "{}: {config}", terminal.say("inställningar", "configuration"));
    }
    summary::set("configuration", &config);
    summary::set("data", places.shown_data());
    summary::set("initialised", Store::exists(&places.data)?);
    if !Store::exists(&places.data)? {
        summary::set("next", terminal.both(|_| "utfall init --epsilon 10 --delta 1e-5".to_owned()));
        tell!(terminal, "{}: {}", terminal.say("ingen datakatalog", "no data directory"), places.shown_data());
        tell!(terminal, "{}: utfall init --epsilon 10 --delta 1e-5", terminal.say("nästa steg", "next"));
        return Ok(());
    }
    let catalogue = places.catalogue()?;
    let store = places.store(terminal)?;
    tell!(terminal, "{}: {}", terminal.say("datakatalog", "data directory"), places.shown_data());
    let keys = places.keys()?;
    let key = Key::read(&keys, &places.data).and_then(|key| store.accept_key(&key));
    let state =
        if key.is_ok() { terminal.say("finns", "present") } else { terminal.say("SAKNAS eller är fel", "MISSING or wrong") };
    tell!(terminal, "{}: {} ({}: {state})", terminal.say("nyckel", "key"), store.key_id(), keys.display());
    let is_right = key.is_ok();
    summary::set("key", KeyState { id: store.key_id().to_string(), folder: keys.display().to_string(), is_right });
    summary::set("domain", store.domain());
    tell!(terminal, "{}: {}", terminal.say("domän", "domain"), store.domain());
    let interrupted = crate::upkeep::is_pending(store.root());
    summary::set("interrupted", interrupted);
    if interrupted {
        tell!(
            terminal,
            "{}",
            terminal.say(
                "en radering, rättelse, rotation eller sammanslagning avbröts; utfall key show-id slutför den",
                "an erasure, correction, rotation or merge was interrupted; utfall key show-id finishes it"
            )
        );
    }
    // So that no landing tidies up what is being read; where nothing can be written, nothing lands either.
    let _reading = store.writing().ok();
    let mut landed = false;
    tell!(terminal, "{}:", terminal.say("ändringar av det som landat", "changes to what has landed"));
    for table in catalogue.private_tables() {
        let changes = store.pin(table).await?.map_or(0, |p| p.changes());
        landed |= changes > 0;
        summary::push("tables", Changes { table: &table.name, changes });
        tell!(terminal, "  {:<16}{changes}", table.name);
    }
    let account = places.ledger()?;
    tell!(terminal, "{}:", terminal.say("budget", "budget"));
    ledger::print_budget(&account, terminal);
    let archived = archived(&store, &account)?;
    summary::set("archived", archived);
    tell!(terminal, "{}: {archived}", terminal.say("arkiverade releaser", "archived releases"));
    match crate::store::clock::check(&store, &account) {
        Ok(None) => {}
        Ok(Some(wrong)) => {
            summary::set("clock", &wrong);
            tell!(terminal, "{}: {}", terminal.say("klocka", "clock"), wrong.get(terminal.lang()));
        }
        Err(wrong) => {
            tell!(terminal, "{}: {}", terminal.say("klocka", "clock"), wrong.shown(terminal.lang()));
            summary::set("clock", terminal.both(|terminal| wrong.shown(terminal.lang())));
        }
    }
    if let Some(missing) = utfall_publish::catalogue::missing(&places.settings()?) {
        summary::set("catalogue", &missing);
        tell!(terminal, "{}: {}", terminal.say("dataportaler", "data portals"), missing.get(terminal.lang()));
    }
    if interrupted {
        // Until it is finished, key and data may not fit each other, and nothing is released.
        tell!(terminal, "{}: utfall key show-id", terminal.say("nästa steg", "next"));
        summary::set("next", terminal.both(|_| "utfall key show-id".to_owned()));
        return Ok(());
    }
    key?;
    store.aliases()?;
    let names = Names { names: Vec::new() }.all(places).unwrap_or_default();
    let imprint = places.imprint()?;
    let signer = imprint.as_ref().signer;
    let unchanged = Unchanged::find(&places.folders(), (&catalogue, &store), &account, &names, signer).await;
    let (free, changed): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| unchanged.known(name).is_some());
    if landed {
        summary::set("published", &free);
        summary::set("new_or_changed", &changed);
        tell!(
            terminal,
            "{}: {}",
            terminal.say("publicerade som de vore nu, gratis", "published as they would be now, free"),
            list(&free, terminal)
        );
        let looked = terminal.say("nya eller ändrade sedan de publicerades", "new or changed since they were published");
        tell!(terminal, "{looked}: {}", list(&changed, terminal));
    }
    let all = changed.len() == names.len();
    summary::set("next", terminal.both(|terminal| next(landed, &changed, all, terminal)));
    tell!(terminal, "{}: {}", terminal.say("nästa steg", "next"), next(landed, &changed, all, terminal));
    Ok(())
}

/// Names one after the other.
fn list(names: &[&String], terminal: Terminal) -> String {
    match names {
        [] => terminal.say("inga", "none").to_owned(),
        names => names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", "),
    }
}

/// What to do next.
fn next(landed: bool, changed: &[&String], all: bool, terminal: Terminal) -> String {
    if !landed {
        let demo = terminal.say(
            "utfall land FILER (eller utfall demo KATALOG för påhittade listor)",
            "utfall land FILES (or utfall demo DIR for made-up lists)",
        );
        let land = terminal.say("utfall land FILER", "utfall land FILES");
        return if cfg!(feature = "demo") { demo } else { land }.to_owned();
    }
    if changed.is_empty() {
        return terminal
            .say(
                "ingenting är nytt; utfall land FILER när det finns nya listor",
                "nothing is new; utfall land FILES when there are new lists",
            )
            .to_owned();
    }
    let names: String = if all { String::new() } else { changed.iter().map(|name| format!(" {name}")).collect() };
    terminal.say(
        format!("utfall plan{names} (säger vad som kostar och vad som är gratis), sedan utfall release{names}"),
        format!("utfall plan{names} (says what costs and what is free), then utfall release{names}"),
    )
}

/// How many releases the ledger has recorded. Their bytes are held against it, which costs no more than to read them.
///
/// # Errors
/// When the archive of one is gone, or is not what was recorded.
fn archived(store: &Store, ledger: &FileLedger) -> Result<usize, Error> {
    let archive = Archive::new(store.root());
    let mut archived = 0;
    for entry in ledger.entries() {
        if let Event::Archived { release, hash } = entry.event() {
            let bytes = archive.get(release)?.ok_or_else(|| crate::release::lost(release))?;
            if sha2::Sha256::digest(&bytes).as_slice() != hash {
                ledger.release(&bytes)?;
            }
            archived += 1;
        }
    }
    Ok(archived)
}
