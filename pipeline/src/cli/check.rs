//! `utfall check`.

mod tables;

use crate::certify::Planner as _;
use clap::Args;
use serde::Serialize;
use std::path::Path;

use super::places::{Form, Names, Places};
use super::summary;
use super::terminal::{Terminal, tell};
use crate::catalogue::lone;
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::{self, ReleaseSpec};
use crate::certify::Certified;
use crate::certify::words::advice;
use crate::present::shown::formats;
use crate::release::CheckedRelease;
use crate::release::facts::measured_twice;
use crate::release::prepared::{Declared, Prepared};
use utfall_ground::error::Error;
use utfall_ground::refusal::Refusal;
use utfall_ground::text::Message;

/// Arguments of `utfall check`.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    names: Names,
    /// List the tables and columns that queries can use; of those that are named, every column with its title in both languages,
    /// its type, range, codes and unit
    #[arg(long)]
    tables: bool,
    /// Show each query's plan as a tree: what every node does to the number of rows one person can have, and where a
    /// refused query stops
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    form: Form,
}

/// A query that is accepted.
#[derive(Serialize)]
struct Accepted<'a> {
    file: &'a str,
    cells: usize,
    rows_per_person: u64,
    explanation: Option<Message>,
}

/// Reads and checks releases; all refusals of all releases come together.
pub(super) fn prepare(places: &Places, names: &Names) -> Result<Prepared, Error> {
    prepare_and(places, names, Ok, async |_, _| ()).map(|(prepared, _)| prepared)
}

/// The same, each changed before it is checked, and with what comes of doing something with each as soon as it is.
pub(super) fn prepare_and<R: Send>(
    places: &Places,
    names: &Names,
    change: impl Fn(ReleaseSpec) -> Result<ReleaseSpec, Error>,
    then: impl AsyncFn(&Declared, &mut CheckedRelease) -> R + Sync,
) -> Result<(Prepared, Vec<R>), Error> {
    let declared = places.declared()?;
    let names = names.all(places)?;
    let specs = names.iter().map(|name| read(places, &declared.catalogue, name).and_then(&change)).collect::<Vec<_>>();
    let (prepared, done) = Prepared::of(declared, specs, then)?;
    prepared.releases.iter().try_for_each(|checked| formats(&checked.release.formats))?;
    Ok((prepared, done))
}

/// A release, or a query in a file of its own.
fn read(places: &Places, catalogue: &Catalogue, name: &str) -> Result<ReleaseSpec, Error> {
    if is_file(name) { lone::read(&places.queries(), Path::new(name), catalogue) } else { spec::read(&places.queries(), name) }
}

/// Whether a name is that of a query's file: no release is called so.
fn is_file(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| kind == "sql")
}

impl Check {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        if self.tables {
            return tables::told(&places.catalogue()?, &self.names.names, terminal);
        }
        if self.explain {
            explain_refused(places, terminal, &self.names).await?;
        }
        let releases = match prepare(places, &self.names) {
            Ok(prepared) => prepared.releases,
            Err(Error::Refused(refusals)) => {
                self.accepted_besides(places, &refusals, terminal).await?;
                return Err(Error::Refused(refusals));
            }
            Err(other) => {
                // What is wrong with one file hides nothing of the others.
                self.accepted_besides(places, &[], terminal)
                    .await?
                    .iter()
                    .for_each(|refusal| terminal.error(&Error::Refused(vec![refusal.clone()])));
                return Err(other);
            }
        };
        if releases.is_empty() {
            let queries = places.queries();
            return Err(Error::usage(
                "no-releases",
                Message::new(
                    format!("inga releaser i {}; en release är en katalog där med en release.toml", queries.display()),
                    format!("no releases in {}; a release is a folder there with a release.toml", queries.display()),
                ),
            ));
        }
        one_fact_is_one_number(&releases, terminal);
        let lone = self
            .names
            .names
            .iter()
            .filter(|name| is_file(name))
            .filter_map(|name| Some((name, lone::reckoned(Path::new(name))?)));
        lone.for_each(|(name, words)| terminal.aside("reckoned", &words.after(format!("{name}: "))));
        for checked in releases {
            for table in &checked.tables {
                self.accepted(&table.query.file, &table.answer.certified, terminal);
            }
        }
        Ok(())
    }

    /// That a query is accepted, and what would make it worth more.
    fn accepted(&self, file: &str, certified: &Certified, terminal: Terminal) {
        let (cells, rows) = (certified.grid().cells.len(), certified.accepted().crossing.rows);
        tell!(
            terminal,
            "{file}: {}",
            terminal.say(
                format!("godkänd, {cells} celler, högst {rows} rader per person"),
                format!("accepted, {cells} cells, at most {rows} rows per person")
            )
        );
        let explanation =
            self.explain.then(|| terminal.both(|terminal| crate::certify::explain(certified.accepted(), terminal.lang())));
        if let Some(tree) = explanation.as_ref().filter(|_| terminal.is_for_people()) {
            print!("{}", tree.get(terminal.lang()));
        }
        summary::push("accepted", Accepted { file, cells, rows_per_person: rows, explanation });
        let warn = |words: Message| terminal.warn("advice", words.after(format!("{file}: ")));
        advice(certified.accepted()).into_iter().for_each(warn);
    }

    /// Tells the queries that are accepted where others are refused; gives those that are refused too and were not named before.
    async fn accepted_besides(&self, places: &Places, refused: &[Refusal], terminal: Terminal) -> Result<Vec<Refusal>, Error> {
        let mut others = Vec::new();
        let Declared { catalogue, engine } = places.declared()?;
        for name in self.names.all(places)? {
            let Ok(release) = read(places, &catalogue, &name) else { continue };
            let queries = release.queries.iter().filter(|query| !refused.iter().any(|refusal| refusal.file == query.file));
            for query in queries {
                let of = query.quotes.as_ref().and_then(|of| release.quoted.get(&of.release)).unwrap_or(&release);
                match engine.check(query, &catalogue, &of.bounds).await {
                    Ok(answer) => self.accepted(&query.file, &answer.certified, terminal),
                    Err(refusal) => others.push(*refusal),
                }
            }
        }
        Ok(others)
    }
}

/// A query that is refused, and where it stops.
#[derive(Serialize)]
struct Refused<'a> {
    file: &'a str,
    explanation: Message,
}

/// Warns of facts that are two numbers without a word why.
fn one_fact_is_one_number(releases: &[CheckedRelease], terminal: Terminal) {
    for [one, other] in measured_twice(releases) {
        let [release, table] = [&one.release.release.name, &one.table.query.name].map(|name| in_sql(name));
        let (file, quoted) = (&other.table.query.file, format!("{release}.{table}"));
        terminal.warn("measured-twice", Message::new(
            format!("{file}: samma rader räknas i {}, med annat brus, så samma sak blir två tal; citera published.{quoted}, eller säg med `differs` varför talen är andra", one.table.query.file),
            format!("{file}: the same rows are counted in {}, with other noise, so that one fact is two numbers; quote published.{quoted}, or say with `differs` why the numbers are others", one.table.query.file),
        ));
    }
    for (file, differs) in
        releases.iter().flat_map(|of| &of.release.queries).filter_map(|of| Some((&of.file, of.differs.as_ref()?)))
    {
        if differs.title.is_none() {
            let of = &differs.from.release;
            terminal.warn(
                "differs-unknown",
                Message::new(
                    format!("{file}: `differs` nämner {of}, som inte finns här, så det visas inte"),
                    format!("{file}: `differs` names {of}, which is not here, so it is not shown"),
                ),
            );
        }
    }
}

/// A name as SQL takes it.
fn in_sql(name: &str) -> String {
    if name.contains('-') { format!("\"{name}\"") } else { name.to_owned() }
}

/// Prints the planner's tree of every refused query, with a mark where it stops. Trees of accepted queries come later.
async fn explain_refused(places: &Places, terminal: Terminal, names: &Names) -> Result<(), Error> {
    let Declared { catalogue, engine } = places.declared()?;
    for name in names.all(places)? {
        let release = read(places, &catalogue, &name)?;
        for query in &release.queries {
            if engine.check(query, &catalogue, &release.bounds).await.is_ok() {
                continue;
            }
            if let Ok(plan) = engine.planner().plan(&query.sql).await {
                let tree = terminal.both(|terminal| {
                    crate::certify::refused_tree(&plan, &query.name, &catalogue, &release.bounds, terminal.lang())
                });
                if terminal.is_for_people() {
                    println!("{}: {}", query.file, terminal.say("vägrad", "refused"));
                    print!("{}", tree.get(terminal.lang()));
                }
                summary::push("refused", Refused { file: &query.file, explanation: tree });
            }
        }
    }
    Ok(())
}
