//! Why the store refuses: what is not as it must be, and what to restore or run. Words alone; whether it is so is decided where they
//! are used. Start reading at whichever is printed.

use std::path::Path;

#[cfg(feature = "object-store")]
use super::address::Address;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

fn refused(code: &'static str, sv: String, en: String) -> Error {
    Error::storage(code, Message::new(sv, en))
}

/// Nothing of this program's stands in a table's newest version.
pub(super) fn foreign(folder: &Path) -> Error {
    let shown = folder.display();
    refused(
        "table-foreign",
        format!("{shown} har skrivits av ett annat program; återställ den från en säkerhetskopia"),
        format!("{shown} was written by another program; restore it from a backup"),
    )
}

/// A table that was just made cannot be read.
pub(super) fn unreadable(folder: &Path) -> Error {
    let shown = folder.display();
    refused("table-unreadable", format!("{shown} skapades men kan inte läsas"), format!("{shown} was created but cannot be read"))
}

/// Rows that landed in another domain of pseudonyms than the store says.
pub(super) fn domain_changed(landed: &str, says: &str) -> Error {
    refused(
        "domain-changed",
        format!("landat i domänen {landed}, men store.toml säger {says}; återställ den från en säkerhetskopia"),
        format!("landed in domain {landed}, but store.toml says {says}; restore it from a backup"),
    )
}

/// A key that another machine rotated while rows landed under it.
pub(super) fn rotated_meanwhile(under: &str, now: &str) -> Error {
    refused(
        "rotated-meanwhile",
        format!("nyckeln {under} byttes mot {now} på en annan maskin medan detta pågick; kör igen, det som är fel sägs då"),
        format!(
            "the key {under} was rotated to {now} on another machine while this went on; run again, what is wrong is told then"
        ),
    )
}

/// Rows that landed under the pseudonyms of a key that the store had before: nobody in them would be known again.
pub(super) fn landed_under_an_old_key(commit: &Path, under: &str, now: &str) -> Error {
    let commit = commit.display();
    refused(
        "landed-under-an-old-key",
        format!(
            "{commit} landade under nyckeln {under}, efter att den byttes mot {now} på en annan maskin: ingen i de raderna skulle kännas igen. Inget räknas. Flytta undan filen {commit} (i en bucket objektet med samma namn) och landa dess listor igen"
        ),
        format!(
            "{commit} landed under the key {under}, after that was rotated to {now} on another machine: nobody in those rows would be known again. Nothing is counted. Move the file {commit} away (in a bucket the object of the same name) and land its lists again"
        ),
    )
}

/// Summaries of a log that are damaged while the log is whole.
pub(super) fn summary_damaged(log: &Path, sums: &str) -> Error {
    let log = log.display();
    refused(
        "summary-damaged",
        format!("en sammanfattning av loggen i {log} är skadad, loggen är hel. Ta bort den, så görs den om: rm {sums}"),
        format!("a summary of the log in {log} is damaged, the log is whole. Remove it, and it is made again: rm {sums}"),
    )
}

/// A folder that no table can lie in.
pub(super) fn path_unusable(folder: &Path) -> Error {
    let shown = folder.display();
    refused("table-path", format!("{shown} kan inte vara en tabells plats"), format!("{shown} cannot be the place of a table"))
}

/// A ledger that counts people under another key than rows landed under.
pub(super) fn ledger_of_another_key(counted: &str, landed: &str) -> Error {
    refused(
        "ledger-of-another-key",
        format!(
            "huvudboken (ledger) räknar personer under nyckeln {counted}, men data landade under nyckeln {landed}; återställ datakatalogen som helhet"
        ),
        format!(
            "the ledger counts persons under key {counted}, the data were landed under key {landed}; restore the data directory as a whole"
        ),
    )
}

/// A file among the entries of the ledger whose name is no number.
pub(super) fn not_an_entry(file: &Path) -> Error {
    let shown = file.display();
    refused("ledger-entry", format!("{shown} är ingen post; flytta bort den"), format!("{shown} is not an entry; move it away"))
}

/// A file among the entries of the ledger whose name is not that of a pack.
pub(super) fn not_a_pack(file: &Path) -> Error {
    let shown = file.display();
    refused(
        "ledger-pack",
        format!("{shown} är inget paket av poster; flytta bort den"),
        format!("{shown} is not a pack of entries; move it away"),
    )
}

/// An entry that later ones follow is not there, nor the pack in which it may have been.
pub(super) fn entry_missing(entry: &Path, pack: &Path) -> Error {
    let (entry, pack) = (entry.display(), pack.display());
    refused(
        "ledger-entry-missing",
        format!("posten {entry} saknas; återställ den, eller paketet {pack}, från en säkerhetskopia"),
        format!("entry {entry} is missing; restore it, or the pack {pack}, from a backup"),
    )
}

/// An entry that a pack holds otherwise.
pub(super) fn entry_differs(entry: &Path, pack: &Path) -> Error {
    let (entry, pack) = (entry.display(), pack.display());
    refused(
        "ledger-entry-differs",
        format!(
            "{entry} är inte posten i {pack}; flytta bort {entry} om kedjan håller utan den, annars återställ båda från en säkerhetskopia"
        ),
        format!(
            "{entry} is not the entry in {pack}; move {entry} away if the chain holds without it, or else restore both from a backup"
        ),
    )
}

/// A commit that later ones follow is not there.
pub(super) fn commit_missing(commit: &Path) -> Error {
    let shown = commit.display();
    refused(
        "commit-missing",
        format!("{shown} saknas; återställ den från en säkerhetskopia"),
        format!("{shown} is missing; restore it from a backup"),
    )
}

/// A table that two first landings made at once, by an earlier version of this program.
pub(super) fn made_twice(files: &str) -> Error {
    refused(
        "first-landing-twice",
        format!(
            "två första landningar samtidigt gjorde tabellen två gånger; det som den senare skrev innehåller ingenting. Kör: rm {files}"
        ),
        format!("two first landings at once made this table twice; what the later one wrote holds nothing. Run: rm {files}"),
    )
}

/// The numbers of a table's rows are not those that landing gave.
pub(super) fn numbering_damaged(table: &str) -> Error {
    refused(
        "numbering-damaged",
        format!(
            "numreringen i den landade tabellen `{table}` är skadad, så ingen gräns håller; återställ datakatalogen från en säkerhetskopia"
        ),
        format!(
            "the numbering of landed table `{table}` is damaged, so no bound holds; restore the data directory from a backup"
        ),
    )
}

/// A key zone that remembers another store's tables.
pub(super) fn zone_of_another(zone: &Path) -> Error {
    let zone = zone.display();
    refused(
        "zone-of-another-store",
        format!("{zone} hör till en annan datakatalog; välj en annan katalog med --keys"),
        format!("{zone} belongs to another data directory; choose another folder with --keys"),
    )
}

/// The memory of the landed tables is gone from the key zone.
pub(super) fn witness_missing(witness: &Path) -> Error {
    let shown = witness.display();
    refused(
        "witness-missing",
        format!("{shown} saknas; återställ nyckelkatalogen från dess säkerhetskopia"),
        format!("{shown} is missing; restore the key zone from its backup"),
    )
}

/// Others kept committing to a table that was to be changed.
pub(crate) fn landings_ahead() -> Error {
    refused(
        "landings-ahead",
        "andra landningar hann före gång på gång; kör igen".to_owned(),
        "other landings kept committing first; run again".to_owned(),
    )
}

/// Two copies of a data directory have gone on under one key zone.
pub(super) fn table_copied(table: &str) -> Error {
    refused(
        "table-copied",
        format!(
            "den landade tabellen {table} är en kopia: en annan datakatalog har landat under samma nyckelkatalog. Använd en av dem, den som har landat senast; en kopia behöver en egen nyckelkatalog (utfall init)"
        ),
        format!(
            "the landed table {table} is a copy: another data directory has landed under the same key zone. Use one of them, the one that landed last; a copy needs a key zone of its own (utfall init)"
        ),
    )
}

/// A table that is older than what its key zone remembers, or another one.
pub(super) fn table_behind(table: &str) -> Error {
    refused(
        "table-behind",
        format!(
            "den landade tabellen {table} är äldre än det som landade senast, en annan eller skadad; återställ hela datakatalogen från den nyaste säkerhetskopian"
        ),
        format!(
            "the landed table {table} is older than what landed last, another one, or damaged; restore the whole data directory from the newest backup"
        ),
    )
}

/// A bucket that does not keep conditions, or whose lists are old.
#[cfg(feature = "object-store")]
pub(super) fn objects_unfit(address: &Address) -> Error {
    refused(
        "store-unfit",
        format!(
            "{address} håller inte det som krävs: att bara en av två skrivningar där inget finns lyckas (If-None-Match), att en skrivning över ett gammalt läge misslyckas (If-Match), och att en lista visar det som nyss skrevs; välj en annan objektlagring. Ingenting ändrades"
        ),
        format!(
            "{address} does not keep what is needed: that of two puts where nothing is one fails (If-None-Match), that a put over an old state fails (If-Match), and that a list tells what was just put; choose another object store. Nothing was changed"
        ),
    )
}

/// An endpoint in plain text on another machine.
#[cfg(feature = "object-store")]
pub(super) fn objects_in_plain_text(address: &Address) -> Error {
    Error::usage(
        "objects-in-plain-text",
        Message::new(
            format!("{address}: adressen i miljön är http:// och leder till en annan maskin; använd https://"),
            format!("{address}: the endpoint in the environment is http:// and leads to another machine; use https://"),
        ),
    )
}

/// Credentials that are missing, wrong, or not enough.
#[cfg(feature = "object-store")]
pub(super) fn objects_denied(address: &Address) -> Error {
    refused(
        "objects-denied",
        format!(
            "{address} nekar åtkomst; se efter behörigheten i miljön (AWS_ACCESS_KEY_ID och AWS_SECRET_ACCESS_KEY, GOOGLE_SERVICE_ACCOUNT, AZURE_STORAGE_ACCOUNT_NAME och _KEY) och vad den får göra: lista, läsa, skriva, ta bort"
        ),
        format!(
            "{address} denies access; look at the credentials in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, GOOGLE_SERVICE_ACCOUNT, AZURE_STORAGE_ACCOUNT_NAME and _KEY) and at what they allow: to list, read, write and delete"
        ),
    )
}

/// A bucket that is not there.
#[cfg(feature = "object-store")]
pub(super) fn objects_missing(address: &Address) -> Error {
    refused(
        "objects-missing",
        format!("hinken i {address} finns inte; gör den, eller se efter namnet och AWS_ENDPOINT"),
        format!("the bucket of {address} is not there; make it, or look at its name and at AWS_ENDPOINT"),
    )
}

/// A server that is not reached, or that fails.
#[cfg(feature = "object-store")]
pub(super) fn objects_away(address: &Address) -> Message {
    Message::new(
        format!(
            "{address} nås inte eller svarar med ett fel; kör igen, inget är förlorat (orsaken står i log/engine.log i kopian)"
        ),
        format!(
            "{address} is not reached or answers with an error; run again, nothing is lost (the cause is in log/engine.log of the copy)"
        ),
    )
}

/// A file of the working copy that fails.
#[cfg(feature = "object-store")]
pub(super) fn objects_local() -> Message {
    Message::new(
        "den lokala kopian av objektlagringen kan inte läsas eller skrivas; se efter om skivan är full, eller välj en annan katalog med --cache",
        "the local copy of the object store cannot be read or written; see whether the disk is full, or choose another folder with --cache",
    )
}

/// A command that only reads was about to write.
#[cfg(feature = "object-store")]
pub(super) fn objects_read_only(address: &Address) -> Error {
    refused(
        "objects-read-only",
        format!("det här kommandot läser bara i {address}"),
        format!("this command only reads {address}"),
    )
}

/// The lease went to another machine, or could not be renewed in time.
#[cfg(feature = "object-store")]
pub(super) fn lease_lost(address: &Address) -> Error {
    refused(
        "lease-lost",
        format!(
            "rätten att arbeta i {address} gick förlorad (maskinen stod still, eller nätet var borta); kör igen, inget är förlorat"
        ),
        format!(
            "the right to work in {address} was lost (the machine stood still, or the network was gone); run again, nothing is lost"
        ),
    )
}

/// Another machine is at work for longer than anybody waits.
#[cfg(feature = "object-store")]
pub(super) fn lease_busy(address: &Address, holder: &str) -> Error {
    refused(
        "lease-busy",
        format!("{holder} arbetar i {address}; kör igen när den är klar"),
        format!("{holder} is at work in {address}; run again when it is done"),
    )
}

/// Another run has replaced what this one was about to replace.
#[cfg(feature = "object-store")]
pub(super) fn changed_elsewhere(address: &Address, name: &str) -> Error {
    refused(
        "changed-elsewhere",
        format!("en annan körning ändrade {name} i {address}; kör igen"),
        format!("another run changed {name} in {address}; run again"),
    )
}

/// A bucket whose list does not come to rest.
#[cfg(feature = "object-store")]
pub(super) fn never_at_rest(address: &Address) -> Error {
    refused(
        "objects-moving",
        format!("{address} ändras hela tiden av andra; kör igen"),
        format!("{address} keeps being changed by others; run again"),
    )
}
