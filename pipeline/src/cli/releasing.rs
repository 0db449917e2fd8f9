//! `utfall check`, `release` and `run`.

use std::path::PathBuf;

use clap::Args;
use indicatif::ProgressBar;
use utfall_ground::spending::remaining;
use utfall_privacy::Charge;
use utfall_privacy::accountant::compose;

use super::out::{self, Shown};
use super::unchanged::Unchanged;
use super::views::views;
use super::{Places, landing, progress, publishing, unfinished};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::{self, ReleaseSpec};
use crate::certify::Planner as _;
use crate::engine::Engine;
use crate::land::Outcome;
use crate::release::known::{Known, Next};
use crate::release::series::{self, Asked, Published};
use crate::release::{self, Checked};
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::account::{charge, down};
use utfall_ground::calendar::{self, Period};
use utfall_ground::error::Error;
use utfall_ground::language::say;
use utfall_publish::Source;
use utfall_publish::{Description, Publication, derive};

/// Which releases; all if none is named.
#[derive(Debug, Args)]
pub(super) struct Names {
    /// Releases (folders below queries/); all if none is named
    #[arg(value_name = "RELEASE")]
    pub(super) names: Vec<String>,
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
    #[arg(long, value_name = "PERIOD", value_parser = calendar::named)]
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
        if self.names.is_empty() { spec::names(&places.queries()) } else { Ok(self.names.clone()) }
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
    change: impl Fn(ReleaseSpec) -> Result<ReleaseSpec, Error>,
) -> Result<Prepared, Error> {
    let (catalogue, engine) = places.engine()?;
    let (mut releases, mut refusals) = (Vec::new(), Vec::new());
    for name in names.all(places)? {
        match release::check(&engine, &catalogue, change(spec::read(&places.queries(), &name)?)?).await {
            Ok(checked) => releases.push(checked),
            Err(Error::Refused(more)) => refusals.extend(more),
            Err(other) => return Err(other),
        }
    }
    for format in releases.iter().flat_map(|c| &c.release.formats) {
        utfall_publish::format(format).map_err(|e| Error::usage("usage", e.to_string()))?;
    }
    if refusals.is_empty() { Ok(Prepared { catalogue, engine, releases }) } else { Err(Error::Refused(refusals)) }
}

impl Check {
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        if self.tables {
            let catalogue = places.catalogue()?;
            for table in catalogue.tables() {
                let kind = if table.is_private() { say("privat", "private") } else { say("offentlig", "public") };
                let title = table.title.get(utfall_ground::language::current());
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
        let releases = prepare(places, &self.names).await?.releases;
        if releases.is_empty() {
            let queries = places.queries();
            return Err(Error::usage(
                "usage",
                say(
                    format!("inga releaser i {}; en release är en katalog där med en release.toml", queries.display()),
                    format!("no releases in {}; a release is a folder there with a release.toml", queries.display()),
                ),
            ));
        }
        for checked in releases {
            for table in &checked.tables {
                let (cells, rows) = (table.answer.certified.grid().cells.len(), table.answer.certified.accepted().crossing.rows);
                println!(
                    "{}: {}",
                    table.query.file,
                    say(
                        format!("godkänd, {cells} celler, högst {rows} rader per person"),
                        format!("accepted, {cells} cells, at most {rows} rows per person")
                    )
                );
                if self.explain {
                    print!("{}", crate::certify::explain(table.answer.certified.accepted()));
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
        let release = spec::read(&places.queries(), &name)?;
        for query in &release.queries {
            if engine.check(query, &catalogue, &release.bounds).await.is_ok() {
                continue;
            }
            if let Ok(plan) = engine.plan(&query.sql).await {
                println!("{}: {}", query.file, say("vägrad", "refused"));
                print!("{}", crate::certify::refused_tree(&plan, &query.name, &catalogue, &release.bounds));
            }
        }
    }
    Ok(())
}

impl ReleaseArguments {
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        let asked = Asked { vintage: self.vintage, periods: self.period };
        if (asked.vintage.is_some() || !asked.periods.is_empty()) && self.names.names.len() != 1 {
            return Err(Error::usage(
                "usage",
                say("--vintage och --period gäller en serie; namnge den", "--vintage and --period are about one series; name it"),
            ));
        }
        release(places, &self.names, (&asked, false)).await
    }
}

/// Releases and publishes. Says for each whether budget was spent; `quiet` says nothing where nothing changed.
async fn release(places: &Places, names: &Names, (asked, quiet): (&Asked, bool)) -> Result<(), Error> {
    let store = places.store()?;
    let shown = Shown::look(places)?;
    let mut ledger = places.ledger()?;
    let ahead = crate::store::clock::check_publishing(&store, &ledger)?;
    Places::remark(ahead.clone());
    let catalogue = places.catalogue()?;
    let names = names.all(places)?;
    shown.accept(places, &ledger, &names)?;
    unfinished::finish(places, &store).await?;
    let plain = asked.vintage.is_none() && asked.periods.is_empty();
    let unchanged =
        if plain { Unchanged::find(places, (&catalogue, &store), &ledger, &names).await } else { Unchanged::default() };
    let left: Vec<String> = names.iter().filter(|name| unchanged.known(name).is_none()).cloned().collect();
    if left.is_empty() {
        store.sweep()?;
    }
    let mut prepared = if left.is_empty() { None } else { Some(prepare(places, &Names { names: left.clone() }).await?) };
    if let Some(prepared) = &prepared {
        // Nobody reads a warning of a job at night, and what is published early is published for ever.
        let series = prepared.releases.iter().find(|checked| checked.release.periods.is_some());
        if let (Some(wrong), Some(series)) = (ahead, series) {
            return Err(early(&series.release.name, wrong.get(utfall_ground::language::current())));
        }
        out::ready(places, &left)?;
    }
    let mut made = Vec::new();
    let bar = progress(names.len());
    for name in &names {
        if let Some(known) = unchanged.known(name) {
            if !quiet {
                let how = known.series.as_ref().map_or_else(|| from_the_archive().to_owned(), nothing_new);
                let page = utfall_publish::page(name, &places.out);
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

/// That a series is not published by a clock that may be ahead.
fn early(series: &str, wrong: &str) -> Error {
    Error::usage(
        "usage",
        say(
            format!("{series}: inget publicerades. Ställ klockan, eller kör `utfall ledger clock` om den går rätt: {wrong}"),
            format!("{series}: nothing was published. Set the clock, or run `utfall ledger clock` if it is right: {wrong}"),
        ),
    )
}

pub(super) fn from_the_archive() -> &'static str {
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
        let source = Source::of(ledger.head().ledger, &published.periods);
        let folder = bar.suspend(|| written(places, (&publication, &source), &how, quiet && published.new.is_empty()))?;
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
    let source = Source::of(ledger.head().ledger, std::slice::from_ref(&released.release));
    let folder = bar.suspend(|| written(places, (&publication, &source), &how, quiet && !released.charged))?;
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
        (true, _) => nothing_new(&next(ledger, checked, today)?),
        // A clock that is ahead can be seen in nothing else.
        (false, charge) => {
            let paid =
                charge.as_ref().map_or_else(|| say("redan betalda", "paid for already").to_owned(), |cost| spent(ledger, cost));
            let new = say(format!("nya perioder, fullständiga senast {today}"), format!("new periods, complete by {today}"));
            format!("{new}: {list}; {paid}")
        }
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
pub(super) async fn together(periods: &[utfall_privacy::Release]) -> Result<(Publication, bool), Error> {
    let wrong = |e: utfall_publish::DeriveError| Error::storage("usage", e.to_string());
    let (mut parts, mut whole) = (Vec::new(), true);
    for period in periods {
        let mut part = utfall_publish::publication::series::part(period).map_err(wrong)?;
        part.publication.views = views(period, &part.publication).await?;
        whole &= is_whole(&part.publication);
        parts.push(part);
    }
    Ok((utfall_publish::publication::series::series(parts).map_err(wrong)?, whole))
}

/// A release from the archive, ready for any format, with the results of the SQL above its noisy numbers.
pub(super) async fn publication(release: &utfall_privacy::Release) -> Result<Publication, Error> {
    let mut publication = derive(release).map_err(|e| Error::storage("usage", e.to_string()))?;
    publication.views = views(release, &publication).await?;
    Ok(publication)
}

/// Publishes a release and tells where its first page is; gives the folder that holds it.
pub(super) fn written(
    places: &Places,
    (publication, source): (&Publication, &Source),
    how: &str,
    quiet: bool,
) -> Result<String, Error> {
    let published = utfall_publish::publish(publication, source, &places.out).map_err(out::failed)?;
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

impl Run {
    /// Rejected files stop the run before any budget is spent; rows set aside do not, but the exit code tells of them.
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        let files = inbox(&self.inbox)?;
        let shown = Shown::look(places)?;
        shown.accept(places, &places.ledger()?, &self.names.all(places)?)?;
        let (store, _) = places.ready(&places.catalogue()?).await?;
        let names = unfinished::finish(places, &store).await?;
        if !names.is_empty() {
            // Before other numbers take its place.
            publishing::publish(places, &Names { names }).await?;
        }
        let reports = landing::land(places, &files, &landing::Asked { quiet: true, ..Default::default() }).await?;
        if reports.iter().any(|r| r.outcome == Outcome::Rejected) {
            return landing::verdict(&reports);
        }
        release(places, &self.names, (&Asked::default(), true)).await?;
        landing::verdict(&reports)
    }
}

/// What lies in a folder, in order of names; what is hidden is none of ours. What is no list, or cannot be followed, such as a
/// folder or a link that leads nowhere, is rejected by landing, by name, rather than passed over: no release is paid for
/// without it.
fn inbox(folder: &std::path::Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |e: std::io::Error| {
        Error::usage(
            "usage",
            say(
                format!("kan inte läsa inkorgen {}: {e}", utfall_ground::redact::shown(folder)),
                format!("cannot read the inbox {}: {e}", utfall_ground::redact::shown(folder)),
            ),
        )
    };
    // What office programs, file managers and file systems leave beside the lists is none of them.
    let left = ["thumbs.db", "desktop.ini", "lost+found", "__macosx", "@eadir", "$recycle.bin", "system volume information"];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if !name.starts_with(['.', '~']) && !left.contains(&name.as_str()) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
