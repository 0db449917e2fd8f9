//! `utfall check`, `plan`, `release`, `publish` and `run`.

use std::path::PathBuf;

use clap::Args;
use indicatif::ProgressBar;
use utfall_privacy::Charge;
use utfall_privacy::accountant::{compose, remaining};

use super::unchanged::Unchanged;
use super::{Places, landing, progress};
use crate::account::{charge, down};
use crate::derive::above::{self, Numbers, draws};
use crate::derive::interval::Level;
use crate::derive::{Above, DeriveError, Description, Publication, TableDescription, View, derive, numbers_above};
use crate::engine::Engine;
use crate::error::Error;
use crate::land::Outcome;
use crate::language::say;
use crate::period::{self, Period};
use crate::query;
use crate::release::known::{Known, Next};
use crate::release::series::{self, Asked, Published};
use crate::release::{self, Archived, Checked};
use crate::schema::Catalogue;
use crate::store::Store;
use crate::store::ledger::FileLedger;

/// Which releases; all if none is named.
#[derive(Debug, Args)]
pub(super) struct Names {
    /// Releases (folders below queries/); all if none is named
    #[arg(value_name = "RELEASE")]
    names: Vec<String>,
}

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

/// Arguments of `utfall release`.
#[derive(Debug, Args)]
pub(super) struct ReleaseArguments {
    #[command(flatten)]
    names: Names,
    /// Of one series: publish this vintage. The next one shows what was reported and corrected since, and costs as much as
    /// the first; `utfall plan` says how much
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    vintage: Option<u32>,
    /// Of one series: publish this period only (2021-Q3, 2021-07 or 2021); may be given several times
    #[arg(long, value_name = "PERIOD", value_parser = period::named)]
    period: Vec<Period>,
}

/// Arguments of `utfall run`.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Folder whose files are taken in
    #[arg(long, value_name = "DIR")]
    inbox: PathBuf,
    #[command(flatten)]
    names: Names,
}

impl Names {
    pub(super) fn all(&self, places: &Places) -> Result<Vec<String>, Error> {
        if self.names.is_empty() { query::names(&places.queries()) } else { Ok(self.names.clone()) }
    }
}

/// Checked releases, and the one catalogue and engine with which they were checked and will be run.
pub(super) struct Prepared {
    pub(super) catalogue: Catalogue,
    pub(super) engine: Engine,
    pub(super) releases: Vec<Checked>,
}

/// Reads and checks releases; all refusals of all releases come together.
async fn prepare(places: &Places, names: &Names) -> Result<Prepared, Error> {
    prepare_as(places, names, Ok).await
}

/// The same, with each release changed before it is checked.
pub(super) async fn prepare_as(
    places: &Places,
    names: &Names,
    change: impl Fn(query::Release) -> Result<query::Release, Error>,
) -> Result<Prepared, Error> {
    let (catalogue, engine) = places.engine()?;
    let (mut releases, mut refusals) = (Vec::new(), Vec::new());
    for name in names.all(places)? {
        match release::check(&engine, &catalogue, change(query::read(&places.queries(), &name)?)?).await {
            Ok(checked) => releases.push(checked),
            Err(Error::Refused(more)) => refusals.extend(more),
            Err(other) => return Err(other),
        }
    }
    for format in releases.iter().flat_map(|c| &c.release.formats) {
        crate::publish::format(format).map_err(|e| Error::usage(e.to_string()))?;
    }
    if refusals.is_empty() { Ok(Prepared { catalogue, engine, releases }) } else { Err(Error::Refused(refusals)) }
}

impl Check {
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        if self.tables {
            let catalogue = places.catalogue()?;
            for table in catalogue.tables() {
                let kind = if table.is_private() { say("privat", "private") } else { say("offentlig", "public") };
                let title = table.title.get(crate::language::current());
                println!(
                    "{} ({title}, {kind}): {}",
                    table.name,
                    table.sql().fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>().join(", ")
                );
            }
            return Ok(());
        }
        if self.explain {
            explain_refused(places, &self.names).await?;
        }
        for checked in prepare(places, &self.names).await?.releases {
            for table in &checked.tables {
                let (cells, rows) = (table.answer.grid.cells.len(), table.answer.accepted.crossing.rows);
                println!(
                    "{}: {}",
                    table.query.file,
                    say(
                        format!("godkänd, {cells} celler, högst {rows} rader per person"),
                        format!("accepted, {cells} cells, at most {rows} rows per person")
                    )
                );
                if self.explain {
                    print!("{}", crate::plan::explain(&table.answer.accepted));
                }
            }
        }
        Ok(())
    }
}

/// Prints the planner's tree of every refused query, with a mark where it stops. Trees of accepted queries come later.
async fn explain_refused(places: &Places, names: &Names) -> Result<(), Error> {
    let (catalogue, engine) = places.engine()?;
    for name in names.all(places)? {
        let release = query::read(&places.queries(), &name)?;
        for query in &release.queries {
            if engine.check(query, &catalogue, &release.bounds).await.is_ok() {
                continue;
            }
            if let Ok(plan) = engine.plan(query).await {
                println!("{}: {}", query.file, say("vägrad", "refused"));
                print!("{}", crate::plan::refused(&plan, &query.name, &catalogue, &release.bounds));
            }
        }
    }
    Ok(())
}

impl ReleaseArguments {
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        let asked = Asked { vintage: self.vintage, periods: self.period };
        if (asked.vintage.is_some() || !asked.periods.is_empty()) && self.names.names.len() != 1 {
            return Err(Error::usage(say(
                "--vintage och --period gäller en serie; namnge den",
                "--vintage and --period are about one series; name it",
            )));
        }
        release(places, &self.names, (&asked, false)).await
    }
}

/// Releases and publishes. Says for each whether budget was spent; `quiet` says nothing where nothing changed.
async fn release(places: &Places, names: &Names, (asked, quiet): (&Asked, bool)) -> Result<(), Error> {
    let store = places.store()?;
    let mut ledger = places.ledger()?;
    let catalogue = places.catalogue()?;
    let names = names.all(places)?;
    let plain = asked.vintage.is_none() && asked.periods.is_empty();
    let unchanged =
        if plain { Unchanged::find(places, (&catalogue, &store), &ledger, &names).await } else { Unchanged::default() };
    let left: Vec<String> = names.iter().filter(|name| unchanged.known(name).is_none()).cloned().collect();
    if left.is_empty() {
        store.sweep()?;
    }
    let mut prepared = if left.is_empty() { None } else { Some(prepare(places, &Names { names: left }).await?) };
    let mut made = Vec::new();
    let bar = progress(names.len());
    for name in &names {
        if let Some(known) = unchanged.known(name) {
            if !quiet {
                let how = known.series.as_ref().map_or_else(|| from_the_archive().to_owned(), nothing_new);
                let page = crate::publish::page(name, &places.out);
                bar.suspend(|| println!("{name}: {how}; {}: {}", say("oförändrad", "unchanged"), page.display()));
            }
        } else if let Some(Prepared { catalogue, engine, releases }) = &mut prepared {
            bar.set_message(name.clone());
            let checked = releases.remove(0);
            if !plain {
                // Another vintage may be drawn and not published.
                Known::forget(&places.data, name)?;
            }
            let with = (&*engine, &*catalogue, &store);
            let known = one(places, with, &mut ledger, &checked, ((asked, quiet), &bar)).await?;
            made.extend(known.map(|known| (name.clone(), known)));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    unchanged.note(places, (&catalogue, &store), made).await;
    Ok(())
}

fn from_the_archive() -> &'static str {
    say("ur arkivet, gratis", "from the archive, free")
}

/// Releases and publishes one; gives what is known of it now, if it would be published just so another time.
async fn one(
    places: &Places,
    (engine, catalogue, store): (&Engine, &Catalogue, &Store),
    ledger: &mut FileLedger,
    checked: &Checked,
    ((asked, quiet), bar): ((&Asked, bool), &ProgressBar),
) -> Result<Option<Known>, Error> {
    if checked.release.periods.is_some() || asked.vintage.is_some() || !asked.periods.is_empty() {
        let today = landing::today();
        if series::is_another(&places.data, ledger, checked)? {
            bar.suspend(|| eprintln!("{}: {}", checked.release.name, another()));
        }
        let published = series::run(engine, catalogue, store, ledger, checked, (asked, today)).await?;
        let how = progressed(ledger, checked, &published, today)?;
        if published.periods.is_empty() {
            if !quiet {
                bar.suspend(|| println!("{}: {how}", checked.release.name));
            }
            return Ok(None);
        }
        let (publication, whole) = together(&published.periods).await?;
        let folder = bar.suspend(|| written(places, &publication, &how, quiet && published.new.is_empty()))?;
        let next = next(ledger, checked, today)?;
        return Ok(known(&published.periods, (folder, Some(next))).filter(|_| whole));
    }
    let released = release::run(engine, catalogue, store, ledger, checked).await?;
    let how = if released.charged {
        let charges = checked.measurements.iter().filter_map(|m| m.mechanism().charge(m.sensitivity()).ok());
        spent(ledger, &compose(&charges.collect::<Vec<_>>()))
    } else {
        from_the_archive().to_owned()
    };
    let publication = publication(&released.release).await?;
    let folder = bar.suspend(|| written(places, &publication, &how, quiet && !released.charged))?;
    let differs = bar.suspend(|| note_differences(checked, &released.release));
    let whole = is_whole(&publication) && !differs;
    Ok(known(std::slice::from_ref(&released.release), (folder, None)).filter(|_| whole))
}

/// What is known of a publication of these releases.
fn known(releases: &[utfall_privacy::Release], (folder, series): (String, Option<Next>)) -> Option<Known> {
    let releases = releases.iter().map(|release| release.id().to_string()).collect();
    Some(Known { made_from: String::new(), releases, folder, series })
}

/// Whether the SQL above the door could be computed in all of its queries: what was left out must be said each time.
fn is_whole(publication: &Publication) -> bool {
    publication.views.len() >= publication.description.tables.iter().filter(|table| table.above.is_some()).count()
}

/// What a new release cost and what is left.
fn spent(ledger: &FileLedger, cost: &Charge) -> String {
    let (cost, left) = (charge(cost), down(&remaining(ledger.limit(), ledger.charges()).epsilon));
    say(format!("budget förbrukad: {cost}, kvar epsilon {left}"), format!("budget spent: {cost}, left epsilon {left}"))
}

/// What a run has done for a series, and what comes next.
fn progressed(ledger: &FileLedger, checked: &Checked, published: &Published, today: chrono::NaiveDate) -> Result<String, Error> {
    let new: Vec<String> = published.new.iter().map(ToString::to_string).collect();
    let list = match new.as_slice() {
        [first, .., last] if new.len() > 3 => format!("{first}–{last} ({})", new.len()),
        _ => new.join(", "),
    };
    Ok(match (new.is_empty(), &published.charge) {
        (false, Some(cost)) => format!("{}: {list}; {}", say("nya perioder", "new periods"), spent(ledger, cost)),
        (false, None) => format!("{}: {list}; {}", say("nya perioder", "new periods"), say("redan betalda", "paid for already")),
        (true, _) => nothing_new(&next(ledger, checked, today)?),
    })
}

/// What a series publishes next.
fn next(ledger: &FileLedger, checked: &Checked, today: chrono::NaiveDate) -> Result<Next, Error> {
    let next = series::standing(Some(ledger), checked, today)?.next;
    Ok(Next { period: next.map(|(period, from)| (period.to_string(), from)) })
}

/// That no period of a series is new, and when the next one is.
fn nothing_new(next: &Next) -> String {
    match &next.period {
        Some((next, from)) => say(
            format!("ingen ny period; {next} är fullständig från {from}"),
            format!("no new period; {next} is complete from {from}"),
        ),
        None => say("alla perioder är publicerade", "all periods are published").to_owned(),
    }
}

/// That a series of the same name was published with other queries, bounds or budget: this is a new one.
pub(super) fn another() -> &'static str {
    say(
        "frågor, gränser eller budget har ändrats sedan en tidigare serie med samma namn; detta är en ny serie med egen kostnad",
        "queries, bounds or budget have changed since an earlier series of this name; this is a new series with a cost of its own",
    )
}

/// The periods of a series as one publication, and whether the SQL above the door could be computed in all of them.
async fn together(periods: &[utfall_privacy::Release]) -> Result<(Publication, bool), Error> {
    let wrong = |e: crate::derive::DeriveError| Error::storage(e.to_string());
    let (mut parts, mut whole) = (Vec::new(), true);
    for period in periods {
        let mut part = crate::derive::series::part(period).map_err(wrong)?;
        part.publication.views = views(period, &part.publication).await.map_err(wrong)?;
        whole &= is_whole(&part.publication);
        parts.push(part);
    }
    Ok((crate::derive::series::series(parts).map_err(wrong)?, whole))
}

/// What is archived under one name, ready for any format.
async fn from_archive(archived: &Archived) -> Result<Publication, Error> {
    match archived {
        Archived::Release(release) => publication(release).await,
        Archived::Series(periods) => Ok(together(periods).await?.0),
    }
}

/// The name under which a release, or a series, is published.
fn name(archived: &Archived) -> Result<String, Error> {
    let newest = archived.releases().last().ok_or_else(|| Error::storage("a series without periods"))?;
    Description::from_json(newest.description()).map(|d| d.name).map_err(|e| Error::storage(e.to_string()))
}

/// A release from the archive, ready for any format, with the results of the SQL above its noisy numbers.
async fn publication(release: &utfall_privacy::Release) -> Result<Publication, Error> {
    let mut publication = derive(release).map_err(|e| Error::storage(e.to_string()))?;
    publication.views = views(release, &publication).await.map_err(|e| Error::storage(e.to_string()))?;
    Ok(publication)
}

/// The results of the SQL above the noisy numbers.
async fn views(release: &utfall_privacy::Release, publication: &Publication) -> Result<Vec<View>, DeriveError> {
    let mut views = Vec::new();
    if publication.description.tables.iter().all(|table| table.above.is_none()) {
        return Ok(views);
    }
    let (values, draws) = (numbers_above(release)?, draws(release)?);
    let tail = Level::parse(&publication.description.interval)?.tail();
    for table in &publication.description.tables {
        let Some(above) = &table.above else { continue };
        let vectors: Vec<&[i64]> = table.vectors.iter().filter_map(|v| values.get(&v.name).map(Vec::as_slice)).collect();
        match viewed(table, above, &vectors, (&draws, tail)).await {
            Ok(view) => views.push(view),
            // The noisy numbers are paid for, so they are published; what could not be computed from them is left out.
            Err(e) => eprintln!(
                "{}/{}: {}: {}",
                publication.description.name,
                table.name,
                say(
                    "SQL ovanför dörren gick inte att räkna på de publicerade talen; tabellerna under publiceras utan den",
                    "the SQL above the door could not be computed from the published numbers; the tables below are published without it"
                ),
                e.strip_backtrace().lines().next().unwrap_or_default()
            ),
        }
    }
    Ok(views)
}

/// The result of one query above its noisy numbers, with the intervals of what it computes.
async fn viewed(
    table: &TableDescription,
    above: &Above,
    vectors: &[&[i64]],
    (draws, tail): (&[Numbers], f64),
) -> Result<View, datafusion::error::DataFusionError> {
    let rows = above::view(table, above, vectors).await?;
    // A draw may divide by what the release does not: then the numbers stand without intervals.
    let ends = above::intervals(table, above, &rows, draws, tail).await.unwrap_or_default();
    Ok(View { name: table.name.clone(), title: table.title.clone(), columns: above.columns.clone(), rows, ends })
}

/// Publishes a release and tells where its first page is; gives the folder that holds it.
fn written(places: &Places, publication: &Publication, how: &str, quiet: bool) -> Result<String, Error> {
    let published = crate::publish::publish(publication, &places.out).map_err(|e| Error::storage(e.to_string()))?;
    if published.changed || !quiet {
        let changed = if published.changed { say("publicerad", "published") } else { say("oförändrad", "unchanged") };
        println!("{}: {how}; {changed}: {}", publication.description.name, published.page.display());
    }
    Ok(published.folder)
}

/// A release keeps the titles, interval and formats with which it was archived; says so where release.toml has others.
fn note_differences(checked: &Checked, release: &utfall_privacy::Release) -> bool {
    let Ok(archived) = Description::from_json(release.description()) else { return true };
    let declared = &checked.release;
    let differs =
        (&archived.title, &archived.interval, &archived.formats) != (&declared.title, &declared.interval, &declared.formats);
    if differs {
        eprintln!(
            "{}: {}",
            archived.name,
            say(
                "titel, intervall eller format i release.toml skiljer sig från arkivet; det arkiverade visas",
                "title, interval or formats in release.toml differ from the archive; the archived ones are shown"
            )
        );
    }
    differs
}

/// Publishes archived releases again.
pub(super) async fn publish(places: &Places, names: &Names) -> Result<(), Error> {
    places.store()?;
    let ledger = places.ledger()?;
    let archived = release::archived(&places.data, &ledger)?;
    let mut found = Vec::new();
    for release in &archived {
        let name = name(release)?;
        if names.names.is_empty() || names.names.contains(&name) {
            let publication = from_archive(release).await?;
            written(places, &publication, from_the_archive(), false)?;
            found.push(name);
        }
    }
    if let Some(missing) = names.names.iter().find(|n| !found.contains(n)) {
        return Err(Error::usage(format!("no archived release `{missing}`; make one with `utfall release {missing}`")));
    }
    if found.is_empty() {
        return Err(Error::usage("nothing is archived yet; make a release with `utfall release`"));
    }
    Ok(())
}

impl Run {
    /// Rejected files stop the run before any budget is spent; rows set aside do not, but the exit code tells of them.
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        let files = inbox(&self.inbox)?;
        let reports = landing::land(places, &files, &landing::Asked { quiet: true, ..Default::default() }).await?;
        if reports.iter().any(|r| r.outcome == Outcome::Rejected) {
            return landing::verdict(&reports);
        }
        release(places, &self.names, (&Asked::default(), true)).await?;
        landing::verdict(&reports)
    }
}

/// The files of a folder in order of their names; hidden files and folders are none of ours. A file that is no list is
/// rejected by landing, by name, rather than passed over.
fn inbox(folder: &std::path::Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |e: std::io::Error| {
        Error::usage(say(
            format!("kan inte läsa inkorgen {}: {e}", crate::land::finding::shown(folder)),
            format!("cannot read the inbox {}: {e}", crate::land::finding::shown(folder)),
        ))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        // What office programs and file managers leave beside the lists is none of them.
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let is_left = name.starts_with(['.', '~']) || ["thumbs.db", "desktop.ini"].contains(&name.as_str());
        // A pipe or a device is none either, and is named as such rather than opened.
        let is_folder = std::fs::metadata(entry.path()).map_or(true, |metadata| metadata.is_dir());
        if !is_folder && !is_left {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
