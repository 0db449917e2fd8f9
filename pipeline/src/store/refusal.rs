//! Why the store refuses: what is not as it must be, and what to restore or run. Words alone; whether it is so is decided where they
//! are used. Start reading at whichever is printed.

use std::path::Path;

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
