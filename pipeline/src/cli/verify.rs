//! `utfall verify`.

use std::path::{Path, PathBuf};

use clap::Args;
use utfall_privacy::certificate::{Node, PublicKey, Rule, rule};
use utfall_privacy::{Release, Sensitivity};

use super::places::Places;
use super::publish::not_archived;
use super::terminal::Terminal;
use crate::catalogue::schema::Catalogue;
use crate::present::publication::described;
use crate::release;
use utfall_ground::error::Error;
use utfall_ground::redact;
use utfall_ground::refused;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;
use utfall_ground::untrusted;
use utfall_publish::{Description, KeyRows};

/// Arguments of `utfall verify`.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Releases to verify against the ledger; all that are archived if none is named
    #[arg(value_name = "RELEASE")]
    names: Vec<String>,
    /// A published certificate.json, checked alone: no data directory is needed. The keys of public tables are compared with
    /// the register, if it is here
    #[arg(long, value_name = "FILE", conflicts_with = "names")]
    certificate: Option<PathBuf>,
}

impl Verify {
    /// Checks every proof; the first that does not hold ends the run with exit code 5.
    pub(super) fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        if let Some(path) = &self.certificate {
            let register = if places.schemas().is_dir() { Some(places.catalogue()?) } else { None };
            return published(path, register.as_ref(), terminal);
        }
        places.store(terminal)?;
        let ledger = places.ledger()?;
        let mut found = Vec::new();
        let archived_here = release::archived(&places.data, &ledger)?;
        for release in archived_here.iter().flat_map(release::Archived::releases) {
            let description = described(release)?;
            if self.names.is_empty() || self.names.contains(&description.name) {
                if let Some(series) = &description.series {
                    println!("{}, {}:", description.name, series.period);
                }
                archived(release, &description, terminal)?;
                found.push(description.name);
            }
        }
        if let Some(missing) = self.names.iter().find(|n| !found.contains(n)) {
            return Err(not_archived(Some(missing)));
        }
        if found.is_empty() {
            return Err(not_archived(None));
        }
        Ok(())
    }
}

/// Every vector of an archived release: its proof holds, and proves the sensitivity that the ledger was charged for.
fn archived(release: &Release, description: &Description, terminal: Terminal) -> Result<(), Error> {
    for (table, quoted) in description.tables.iter().filter_map(|table| Some((table, table.quotes.as_ref()?))) {
        let (name, of) = (&table.name, &quoted.release);
        let told = terminal.say(
            format!("står på talen i {of}; utfall verify {of} kontrollerar dem"),
            format!("stands on the numbers of {of}; utfall verify {of} checks them"),
        );
        println!("{name}: {told}");
    }
    for table in description.own().chain(&description.bases) {
        for vector in table.vectors.iter().filter(|vector| !vector.follows) {
            let measured = release.tables().iter().find(|t| t.measurement().table() == vector.name);
            let charged = measured
                .map(|t| t.measurement().sensitivity())
                .ok_or_else(|| broken(&vector.name, &Message::new("det är inte mätt", "not measured")))?;
            if vector.certificate == "null" {
                println!(
                    "{}: {}",
                    vector.name,
                    terminal.say("äldre än bevisen; inget att kontrollera", "older than certificates; nothing to check")
                );
                continue;
            }
            let proved = proved(
                &vector.name,
                &vector.certificate,
                &|name, columns| {
                    let of = |keys: &&KeyRows| keys.table == name && keys.columns == columns;
                    table.public.iter().find(of).map_or(Known::Unlike, |keys| Known::of(&keys.rows))
                },
                terminal,
            )?;
            // A series goes on with what it was charged for first: whoever moves less is hidden by it too.
            if !charged.covers(proved.0) {
                let why = Message::new(
                    "huvudboken betalade för en mindre känslighet än den som bevisas",
                    "the ledger was charged for a smaller sensitivity than is proved",
                );
                return Err(broken(&vector.name, &why));
            }
            tell(&vector.name, proved, terminal);
        }
    }
    Ok(())
}

/// Every proof of a published file, read as the text it is: one line per vector, its name and its certificate.
fn published(path: &Path, register: Option<&Catalogue>, terminal: Terminal) -> Result<(), Error> {
    let text = untrusted::text(path, untrusted::TABLE).map_err(|e| Error::given(path, e))?;
    let wrong = || {
        let why = Message::new(
            ": ingen certificate.json så som utfall publicerar den",
            ": not a certificate.json as utfall publishes it",
        );
        Error::usage("no-certificate", why.after(path.display()))
    };
    let body = text.trim().strip_prefix('{').and_then(|t| t.strip_suffix('}')).ok_or_else(wrong)?;
    let mut seen = std::collections::BTreeSet::new();
    for line in body.trim().lines() {
        let (name, certificate) = line.strip_prefix('"').and_then(|l| l.split_once("\": ")).ok_or_else(wrong)?;
        let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
        if !named || !seen.insert(name) {
            return Err(wrong());
        }
        let certificate = certificate.strip_suffix(',').unwrap_or(certificate);
        tell(name, proved(name, certificate, &|table, columns| present(register, table, columns), terminal)?, terminal);
    }
    if seen.is_empty() { Err(wrong()) } else { Ok(()) }
}

/// What is known of the key of a public table.
enum Known {
    /// No table is at hand.
    Nothing,
    /// The table has no such key: none of these columns, or rows that do not differ in them.
    Unlike,
    /// This is stated of its rows.
    Stated(PublicKey),
}

impl Known {
    fn of(rows: &[Vec<Option<String>>]) -> Self {
        PublicKey::of(rows).map_or(Self::Unlike, Self::Stated)
    }
}

/// What the register says today of the key of a public table.
fn present(register: Option<&Catalogue>, table: &str, columns: &[String]) -> Known {
    let Some(register) = register else { return Known::Nothing };
    let Some(schema) = register.table(table).filter(|schema| schema.primary_key == columns) else { return Known::Unlike };
    let rows = schema.data.as_ref().and_then(|path| crate::catalogue::register::read(schema, register, path).ok());
    let rows = rows.and_then(|rows| {
        let at = columns.iter().map(|column| rows.schema().index_of(column)).collect::<Result<Vec<_>, _>>().ok()?;
        crate::above::rows(&rows.project(&at).ok()?).ok()
    });
    rows.map_or(Known::Unlike, |rows| Known::of(&rows))
}

/// Compares what a certificate states of public tables with what is known of them.
fn keys(name: &str, node: &Node, known: &dyn Fn(&str, &[String]) -> Known, terminal: Terminal) -> Result<(), Error> {
    if let Rule::ScanPublic(rule::ScanPublic { table, key, stated }) = &node.rule {
        let columns: Vec<String> = key.iter().map(|at| node.columns.get(*at).cloned().unwrap_or_default()).collect();
        let named = format!("{table} ({})", columns.join(", "));
        match (stated, known(table, &columns)) {
            // Older than what is stated.
            (None, _) => println!(
                "{name}: {}",
                terminal.say(
                    format!("äldre än uppgiften om nyckeln i {named}; den är inte jämförd"),
                    format!("older than the statement of the key of {named}; it was not compared")
                )
            ),
            (Some(_), Known::Nothing) => println!(
                "{name}: {}",
                terminal.say(
                    format!("nyckeln i {named} är inte jämförd: inget register här; ange det med --home"),
                    format!("the key of {named} was not compared: no register here; name it with --home")
                )
            ),
            (Some(stated), Known::Stated(found)) if *stated == found => {}
            (Some(stated), found) => {
                let rows = if let Known::Stated(found) = found { found.rows().to_string() } else { "-".to_owned() };
                return Err(broken(
                    name,
                    &Message::new(
                        format!(
                            "nyckeln i den offentliga tabellen {named} är en annan än beviset säger ({} rader där, {rows} här). Har registret ändrats sedan dess, jämför med det som gällde då (--home)",
                            stated.rows()
                        ),
                        format!(
                            "the key of the public table {named} is another than the certificate states ({} rows there, {rows} here). If the register has changed since, compare with the one of that time (--home)",
                            stated.rows()
                        ),
                    ),
                ));
            }
        }
    }
    node.inputs.iter().try_for_each(|input| keys(name, input, known, terminal))
}

/// What a certificate proves, and the bounds on scans that it rests on.
fn proved(
    name: &str,
    certificate: &str,
    known: &dyn Fn(&str, &[String]) -> Known,
    terminal: Terminal,
) -> Result<(Sensitivity, String), Error> {
    let certificate = crate::certify::words::form::read(certificate).map_err(|e| broken(name, &of_core(&e)))?;
    let mut scans = Vec::new();
    stated(&certificate.input, &mut scans);
    let proved = certificate.verify().map_err(|e| broken(name, &of_core(&e)))?;
    keys(name, &proved.certificate().input, known, terminal)?;
    Ok((proved.sensitivity(), scans.join(", ")))
}

/// The bounds that a proof states of its scans. They are what it takes for granted.
fn stated(node: &Node, scans: &mut Vec<String>) {
    if let Rule::ScanPrivate(rule::ScanPrivate { table, contributions, rows, .. }) = &node.rule {
        let rows = rows.map_or_else(String::new, |rows| format!(" × {rows}"));
        scans.push(format!("{table} {contributions}{rows}"));
    }
    node.inputs.iter().for_each(|input| stated(input, scans));
}

fn tell(name: &str, (proved, scans): (Sensitivity, String), terminal: Terminal) {
    let (l1, l2) = (proved.l1(), proved.l2_squared());
    println!(
        "{name}: {}",
        terminal.say(
            format!(
                "beviset håller: en person flyttar den högst {l1} (L1), {l2} (L2 i kvadrat), med högst så många rader: {scans}"
            ),
            format!(
                "the proof holds: one person moves it by at most {l1} (L1), {l2} (squared L2), given at most these rows: {scans}"
            )
        )
    );
}

/// What the core's checker says of a proof.
fn of_core(error: &utfall_privacy::Error) -> Message {
    refused::message(error)
}

fn broken(name: &str, why: &Message) -> Error {
    let (name, why) = (redact::words(name), why.map(redact::words));
    Error::storage(
        "proof-broken",
        Message::new(
            format!("beviset för {name} håller inte: {}. Publicera inte; återställ arkivet från en säkerhetskopia", why.get(Sv)),
            format!("the proof of {name} does not hold: {}. Do not publish; restore the archive from a backup", why.get(En)),
        ),
    )
}
