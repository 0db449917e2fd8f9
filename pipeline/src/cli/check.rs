//! `utfall check`.

use crate::certify::Planner as _;
use clap::Args;

use super::places::{Names, Places};
use super::terminal::Terminal;
use crate::catalogue::spec::{self, ReleaseSpec};
use crate::present::shown::formats;
use crate::release::facts::measured_twice;
use crate::release::prepared::{Declared, Prepared};
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// Arguments of `utfall check`.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    names: Names,
    /// List the tables and columns that queries can use
    #[arg(long)]
    tables: bool,
    /// Show each query's plan as a tree: what every node does to the number of rows one person can have, and where a
    /// refused query stops
    #[arg(long)]
    explain: bool,
}

/// Reads and checks releases, each changed before it is checked; all refusals of all releases come together.
pub(super) async fn prepare(
    places: &Places,
    names: &Names,
    change: impl Fn(ReleaseSpec) -> Result<ReleaseSpec, Error>,
) -> Result<Prepared, Error> {
    let (declared, queries) = (places.declared()?, places.queries());
    let names = names.all(places)?;
    let specs = names.iter().map(|name| spec::read(&queries, name).and_then(&change));
    let prepared = Prepared::of(declared, specs).await?;
    prepared.releases.iter().try_for_each(|checked| formats(&checked.release.formats))?;
    Ok(prepared)
}

impl Check {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        if self.tables {
            let catalogue = places.catalogue()?;
            for table in catalogue.tables() {
                let kind =
                    if table.is_private() { terminal.say("privat", "private") } else { terminal.say("offentlig", "public") };
                let title = table.title.get(terminal.lang());
                println!(
                    "{} ({title}, {kind}): {}",
                    table.name,
                    table.sql().fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>().join(", ")
                );
            }
            return Ok(());
        }
        if self.explain {
            explain_refused(places, terminal, &self.names).await?;
        }
        let releases = prepare(places, &self.names, Ok).await?.releases;
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
        for [one, other] in measured_twice(&releases) {
            let [release, table] = [&one.release.release.name, &one.table.query.name].map(|name| in_sql(name));
            let (file, quoted) = (&other.table.query.file, format!("{release}.{table}"));
            terminal.warn(Message::new(
                format!("{file}: samma rader räknas i {}, med annat brus, så samma sak blir två tal; citera published.{quoted}, eller säg med `differs` varför talen är andra", one.table.query.file),
                format!("{file}: the same rows are counted in {}, with other noise, so that one fact is two numbers; quote published.{quoted}, or say with `differs` why the numbers are others", one.table.query.file),
            ));
        }
        for (file, differs) in
            releases.iter().flat_map(|of| &of.release.queries).filter_map(|of| Some((&of.file, of.differs.as_ref()?)))
        {
            if differs.title.is_none() {
                let of = &differs.from.release;
                terminal.warn(Message::new(
                    format!("{file}: `differs` nämner {of}, som inte finns här, så det visas inte"),
                    format!("{file}: `differs` names {of}, which is not here, so it is not shown"),
                ));
            }
        }
        for checked in releases {
            for table in &checked.tables {
                let (cells, rows) = (table.answer.certified.grid().cells.len(), table.answer.certified.accepted().crossing.rows);
                println!(
                    "{}: {}",
                    table.query.file,
                    terminal.say(
                        format!("godkänd, {cells} celler, högst {rows} rader per person"),
                        format!("accepted, {cells} cells, at most {rows} rows per person")
                    )
                );
                if self.explain {
                    print!("{}", crate::certify::explain(table.answer.certified.accepted(), terminal.lang()));
                }
            }
        }
        Ok(())
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
        let release = spec::read(&places.queries(), &name)?;
        for query in &release.queries {
            if engine.check(query, &catalogue, &release.bounds).await.is_ok() {
                continue;
            }
            if let Ok(plan) = engine.planner().plan(&query.sql).await {
                println!("{}: {}", query.file, terminal.say("vägrad", "refused"));
                print!("{}", crate::certify::refused_tree(&plan, &query.name, &catalogue, &release.bounds, terminal.lang()));
            }
        }
    }
    Ok(())
}
