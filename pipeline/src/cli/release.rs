//! `utfall release`.

mod object;
mod quoted;
mod waiting;

use std::cell::RefCell;

use clap::Args;
use indicatif::ProgressBar;
use utfall_ground::spending::{losses, remaining};
use utfall_privacy::{Loss, Release};

use self::object::ReleaseOutcome;
use self::quoted::{quoted_are_there, tell_stale};
use self::waiting::{Waiting, are_approved, waiting};
use super::check::prepare;
use super::places::{Form, Names, Places};
use super::plan::advised_against;
use super::terminal::{Terminal, tell};
use super::{publish, summary, unfinished, usage};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec;
use crate::engine::Engine;
use crate::present::publication::{self, Presented};
use crate::present::rendition::{self, Rendition};
use crate::present::shown::{self, Shown};
use crate::present::unchanged::Unchanged;
use crate::release::approval::{self, Approval};
use crate::release::known::{Next, ShownBefore};
use crate::release::news::unpaid;
use crate::release::prepared::Prepared;
use crate::release::series::{self, PeriodRequest, SeriesRun};
use crate::release::{self, CheckedRelease, History};
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::account::{Charge, charge, down};
use utfall_ground::calendar::{self, Period};
use utfall_ground::clock::{now, today};
use utfall_ground::error::Error;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;
use utfall_publish::{Description, Imprint, Source};

/// Arguments of `utfall release`.
#[derive(Debug, Args)]
pub(super) struct ReleaseArguments {
    #[command(flatten)]
    names: Names,
    /// Of one series: publish this vintage. The next one shows what was reported and corrected since, and costs as much as
    /// the first; `utfall plan` says how much
    #[arg(long, value_name = "NUMBER", value_parser = usage::at_least_one::<u32>)]
    vintage: Option<u32>,
    /// Of one series: publish this period only (2021-Q3, 2021-07 or 2021); may be given several times
    #[arg(long, value_name = "PERIOD", value_parser = calendar::named)]
    period: Vec<Period>,
    /// Who approves that budget is spent, where release.toml asks for it (approvals = 1 in [publish]); once per person
    #[arg(long, value_name = "NAME")]
    approve: Vec<String>,
    #[command(flatten)]
    form: Form,
}

/// How releases are made and told.
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    /// Of a series: which vintage and periods.
    pub(super) asked: &'a PeriodRequest,
    /// Say nothing where nothing changed.
    pub(super) quiet: bool,
    /// On what budget may be spent.
    pub(super) spends: Spends,
    /// Who approves that.
    pub(super) approved: &'a [String],
}

/// On what budget may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spends {
    /// On whatever was asked for by name.
    OnAnything,
    /// As a job at night may: on rows that are new, and on all that is new or on none of it.
    OnNews {
        /// On queries that were changed too.
        queries: bool,
        /// On what the budget suffices for, where it does not for all.
        what_fits: bool,
    },
}

impl How<'_> {
    /// Whether nothing is asked for but what is declared.
    fn is_plain(self) -> bool {
        self.asked.vintage.is_none() && self.asked.periods.is_empty()
    }
}

impl ReleaseArguments {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let asked = PeriodRequest { vintage: self.vintage, periods: self.period };
        let approved = approval::names(&self.approve)?;
        let how = How { asked: &asked, quiet: false, spends: Spends::OnAnything, approved: &approved };
        if !how.is_plain() && self.names.names.len() != 1 {
            return Err(Error::usage(
                "not-one-series",
                Message::new(
                    "--vintage och --period gäller en serie; namnge den",
                    "--vintage and --period are about one series; name it",
                ),
            ));
        }
        release(places, terminal, &self.names, how).await
    }
}

/// Releases and publishes. Says for each whether budget was spent.
pub(super) async fn release(places: &Places, terminal: Terminal, names: &Names, how: How<'_>) -> Result<(), Error> {
    let store = places.store(terminal)?;
    let shown = Shown::look(&places.out)?;
    let mut ledger = places.ledger()?;
    let ahead = crate::store::clock::check_publishing(&store, &ledger)?;
    Places::remark(ahead.clone(), terminal);
    summary::budget(&ledger);
    let catalogue = places.catalogue()?;
    let names = spec::quoted_first(&places.queries(), &names.all(places)?);
    shown.accept(&ledger, &names)?;
    unfinished::finish(places, terminal, (&store, &ledger)).await?;
    let (folders, imprint) = (places.folders(), places.imprint()?);
    let unchanged = if how.is_plain() {
        Unchanged::find(&folders, (&catalogue, &store), &ledger, &names, imprint.as_ref().signer).await
    } else {
        Unchanged::default()
    };
    let left: Vec<String> = names.iter().filter(|name| unchanged.known(name).is_none()).cloned().collect();
    if left.is_empty() {
        store.sweep()?;
    }
    let mut prepared = if left.is_empty() { None } else { Some(prepare(places, &Names { names: left.clone() })?) };
    if let Some(prepared) = &prepared {
        // Nobody reads a warning of a job at night, and what is published early is published for ever.
        let series = prepared.releases.iter().find(|checked| checked.release.periods.is_some());
        if let (Some(wrong), Some(series)) = (ahead, series) {
            return Err(early(&series.release.name, &wrong));
        }
        shown::ready(&places.out, &left)?;
    }
    let waiting = match (how.spends, &prepared) {
        (Spends::OnNews { queries, what_fits }, Some(prepared)) => {
            waiting(places, terminal, (&store, &ledger), prepared, (queries, what_fits)).await?
        }
        (Spends::OnAnything, Some(prepared)) => {
            quoted_are_there((&store, &ledger), prepared).await?;
            are_approved((&store, &ledger), prepared, (how.asked.vintage, how.approved)).await?;
            Waiting::default()
        }
        (_, None) => Waiting::default(),
    };
    let bar = terminal.progress(names.len());
    let making =
        Making { places, terminal, store: &store, how, bar: &bar, imprint: imprint.as_ref(), history: &RefCell::default() };
    let made = making.each(&names, (&unchanged, &waiting), &mut prepared, &mut ledger).await;
    bar.finish_and_clear();
    // What was reserved before something went wrong is spent.
    summary::budget(&ledger);
    // What was published before something went wrong is listed all the same.
    let listed = publish::site(places, imprint.as_ref(), &ledger);
    unchanged.note(&folders, (&catalogue, &store), made?).await;
    listed?;
    if !left.is_empty() {
        tell_stale(places, terminal, &names);
    }
    waiting.short.map_or(Ok(()), Err)
}

/// That a release is published as it would be now.
fn tell_unchanged(places: &Places, terminal: Terminal, (name, known): (&str, &ShownBefore), quiet: bool) {
    let how = known.series.as_ref().map_or_else(|| from_the_archive(terminal).to_owned(), |next| nothing_new(next, terminal));
    let page = utfall_publish::page(name, &places.out);
    ReleaseOutcome { page: Some(page.display().to_string()), ..ReleaseOutcome::of(name, "unchanged") }.told();
    if !quiet {
        tell!(terminal, "{name}: {how}; {}: {}", terminal.say("oförändrad", "unchanged"), page.display());
    }
}

/// That a series is not published by a clock that may be ahead.
fn early(series: &str, wrong: &Message) -> Error {
    let [sv, en] = [Sv, En].map(|lang| wrong.get(lang));
    Error::usage(
        "clock-ahead",
        Message::new(
            format!("{series}: inget publicerades. Ställ klockan, eller kör `utfall ledger clock` om den går rätt: {sv}"),
            format!("{series}: nothing was published. Set the clock, or run `utfall ledger clock` if it is right: {en}"),
        ),
    )
}

pub(super) fn from_the_archive(terminal: Terminal) -> &'static str {
    terminal.say("ur arkivet, gratis", "from the archive, free")
}

/// What the releases of a run have in common.
#[derive(Clone, Copy)]
struct Making<'a> {
    places: &'a Places,
    terminal: Terminal,
    store: &'a Store,
    how: How<'a>,
    bar: &'a ProgressBar,
    imprint: Imprint<'a>,
    history: &'a RefCell<Option<History>>,
}

impl Making<'_> {
    /// Makes the releases in their order; gives what is known of those that are published as they would be another time.
    async fn each(
        self,
        names: &[String],
        (unchanged, waiting): (&Unchanged, &Waiting),
        prepared: &mut Option<Prepared>,
        ledger: &mut FileLedger,
    ) -> Result<Vec<(String, ShownBefore)>, Error> {
        let mut made = Vec::new();
        for name in names {
            if let Some(known) = unchanged.known(name) {
                self.bar.suspend(|| tell_unchanged(self.places, self.terminal, (name, known), self.how.quiet));
            } else if let Some(Prepared { catalogue, engine, releases }) = prepared {
                self.bar.set_message(name.clone());
                let checked = releases.remove(0);
                if !waiting.names.contains(name) {
                    if !self.how.is_plain() {
                        // Another vintage may be drawn and not published.
                        ShownBefore::forget(&self.places.data, name)?;
                    }
                    let one = One { run: self, engine, catalogue, checked: &checked };
                    one.advise(ledger).await?;
                    let released = one.release(ledger).await;
                    #[cfg(feature = "cluster")]
                    for told in engine.cluster().map(crate::engine::cluster::Cluster::left_out).into_iter().flatten() {
                        self.bar.suspend(|| self.terminal.warn("worker-silent", told));
                    }
                    made.extend(released?.map(|known| (name.clone(), known)));
                }
            }
            self.bar.inc(1);
        }
        Ok(made)
    }
}

/// One release that is to be made.
#[derive(Clone, Copy)]
struct One<'a> {
    run: Making<'a>,
    engine: &'a Engine,
    catalogue: &'a Catalogue,
    checked: &'a CheckedRelease,
}

impl One<'_> {
    /// Before money is spent: warns of tables that will say next to nothing, and keeps who has approved.
    async fn advise(self, ledger: &FileLedger) -> Result<(), Error> {
        let Self { engine, catalogue, checked, run: Making { store, terminal, bar, how, places, .. } } = self;
        let unpaid = unpaid(engine, catalogue, store, ledger, checked, (how.asked.vintage, today())).await;
        // What is wrong with the release is told by whoever makes it, but for who has approved it.
        let is_unpaid = if how.approved.is_empty() { unpaid.is_ok_and(|cost| cost.is_some()) } else { unpaid?.is_some() };
        if !is_unpaid {
            return Ok(());
        }
        if let Some(advice) = advised_against(checked, engine, catalogue).await? {
            bar.suspend(|| terminal.warn("says-nothing", advice));
        }
        if how.approved.is_empty() {
            return Ok(());
        }
        let (release, approved) = (checked.release.name.clone(), how.approved.to_vec());
        Approval { release, approved, time: now() }.keep(&places.data)
    }

    /// Releases and publishes it; gives what is known of it now, if it would be published just so another time.
    async fn release(self, ledger: &mut FileLedger) -> Result<Option<ShownBefore>, Error> {
        if self.checked.release.periods.is_some() || !self.run.how.is_plain() {
            return self.series(ledger).await;
        }
        let Self { engine, catalogue, checked, run: Making { store, terminal, places, bar, .. } } = self;
        let released = release::run(engine, catalogue, store, ledger, checked).await?;
        let cost = losses(&checked.measurements, &ledger.account().order)?;
        let cost = released.charged.then_some(cost);
        let told = cost.as_ref().map_or_else(|| from_the_archive(terminal).to_owned(), |cost| spent(ledger, cost, terminal));
        let now = release::declared(catalogue, checked, store.is_demonstration(), &released.quoted)?;
        let Rendition { mut words, is_current } = rendition::keep(&places.data, &released.release, &now)?;
        // What is archived otherwise says itself what it stands on.
        let quoted = match is_current {
            true => released.quoted,
            false => {
                let beside = release::archived(&places.data, ledger)?;
                release::quoted::recorded(&places.data, ledger, &mut words, &beside)?
            }
        };
        let all = || std::iter::once(&released.release).chain(&quoted);
        let presented = publication::one(&released.release, words, &quoted).await?;
        let source = self.source(ledger, std::slice::from_ref(&released.release), &quoted)?;
        let outcome = ReleaseOutcome { charged: cost.as_deref().map(Charge::of), ..ReleaseOutcome::of("", "") };
        let folder = self.publish(&presented, &source, (&told, outcome), !released.charged)?;
        if !is_current {
            let told = Message::new(
                "det arkiverade har andra tabeller eller celler än frågorna har nu; det visas som det arkiverades",
                "what is archived has other tables or cells than the queries have now; it is shown as it was archived",
            );
            let told = told.after(format!("{}: ", presented.publication.description.name));
            bar.suspend(|| terminal.aside("shown-as-archived", &told));
        }
        Ok((presented.is_whole() && is_current).then(|| known(all(), folder, None)))
    }

    /// The same of a series, or of a vintage or periods of one.
    async fn series(self, ledger: &mut FileLedger) -> Result<Option<ShownBefore>, Error> {
        let Self { engine, catalogue, checked, run: Making { store, how, bar, terminal, places, .. } } = self;
        let today = today();
        let name = &checked.release.name;
        if series::is_another(&places.data, ledger, checked)? {
            let told = terminal.both(|terminal| format!("{name}: {}", another(terminal)));
            bar.suspend(|| terminal.aside("another-series", &told));
        }
        let published = series::run(engine, catalogue, store, ledger, checked, (how.asked, today)).await?;
        let next = next(ledger, checked, today)?;
        let told = progressed(ledger, &published, &next, terminal);
        if published.periods.is_empty() {
            ReleaseOutcome::of(name, "not-due").told();
            if !how.quiet {
                bar.suspend(|| tell!(terminal, "{name}: {told}"));
            }
            return Ok(None);
        }
        let now = release::declared(catalogue, checked, store.is_demonstration(), &[])?;
        let words = |period: &Release| {
            let series = publication::described(period)?.series;
            Ok(rendition::keep(&places.data, period, &Description { series, ..now.clone() })?.words)
        };
        let words = published.periods.iter().map(words).collect::<Result<Vec<_>, Error>>()?;
        let presented = publication::together(&published.periods, words).await?;
        let source = self.source(ledger, &published.periods, &[])?;
        let outcome = ReleaseOutcome {
            charged: published.charge.as_deref().map(Charge::of),
            periods: published.new.iter().map(ToString::to_string).collect(),
            ..ReleaseOutcome::of("", "")
        };
        let folder = self.publish(&presented, &source, (&told, outcome), published.new.is_empty())?;
        Ok(presented.is_whole().then(|| known(published.periods.iter(), folder, Some(next))))
    }

    /// Where its numbers come from. The archives are read for it once in a run.
    fn source(&self, ledger: &FileLedger, own: &[Release], quoted: &[Release]) -> Result<Source, Error> {
        let mut history = self.run.history.borrow_mut();
        let history = match &mut *history {
            Some(history) => {
                history.update(ledger);
                history
            }
            none => none.insert(History::read(&self.run.places.data, ledger)?),
        };
        Ok(history.source(&self.checked.release.name, own, quoted))
    }

    /// Publishes; of what is `old` nothing is told where nothing changed and all is to be quiet.
    fn publish(
        self,
        presented: &Presented,
        source: &Source,
        (told, outcome): (&str, ReleaseOutcome<'_>),
        old: bool,
    ) -> Result<String, Error> {
        let Making { places, terminal, how, bar, imprint, .. } = self.run;
        let told = Announcement { how: told, quiet: how.quiet && old, outcome };
        bar.suspend(|| publish(places, terminal, presented, (source, imprint), told))
    }
}

/// What is known of a publication of these releases.
fn known<'r>(releases: impl Iterator<Item = &'r Release>, folder: String, series: Option<Next>) -> ShownBefore {
    let releases = releases.map(|release| release.id().to_string()).collect();
    ShownBefore { made_from: String::new(), releases, folder, series }
}

/// What a new release cost and what is left.
fn spent(ledger: &FileLedger, cost: &[Loss], terminal: Terminal) -> String {
    let (cost, left) = (charge(cost), down(&remaining(ledger.account())));
    terminal.say(format!("budget förbrukad: {cost}, kvar epsilon {left}"), format!("budget spent: {cost}, left epsilon {left}"))
}

/// What a run has done for a series, and what comes next.
fn progressed(ledger: &FileLedger, published: &SeriesRun, next: &Next, terminal: Terminal) -> String {
    let new: Vec<String> = published.new.iter().map(ToString::to_string).collect();
    let list = match new.as_slice() {
        [] => return nothing_new(next, terminal),
        [first, .., last] if new.len() > 3 => format!("{first}–{last} ({})", new.len()),
        _ => new.join(", "),
    };
    let paid = published
        .charge
        .as_ref()
        .map_or_else(|| terminal.say("redan betalda", "paid for already").to_owned(), |cost| spent(ledger, cost, terminal));
    // A clock that is ahead can be seen in nothing else.
    let today = today();
    let new = terminal.say(format!("nya perioder, fullständiga senast {today}"), format!("new periods, complete by {today}"));
    format!("{new}: {list}; {paid}")
}

/// What a series publishes next.
fn next(ledger: &FileLedger, checked: &CheckedRelease, today: chrono::NaiveDate) -> Result<Next, Error> {
    let next = series::standing(Some(ledger), checked, today)?.next;
    Ok(Next { period: next.map(|next| (next.period.to_string(), next.from)) })
}

/// That no period of a series is new, and when the next one is.
fn nothing_new(next: &Next, terminal: Terminal) -> String {
    match &next.period {
        Some((next, from)) => terminal.say(
            format!("ingen ny period; {next} är fullständig från {from}"),
            format!("no new period; {next} is complete from {from}"),
        ),
        None => terminal.say("alla perioder är publicerade", "all periods are published").to_owned(),
    }
}

/// That a series of the same name was published with other queries, bounds or budget: this is a new one.
pub(super) fn another(terminal: Terminal) -> &'static str {
    terminal.say(
        "frågor, gränser eller budget har ändrats sedan en tidigare serie med samma namn; detta är en ny serie med egen kostnad",
        "queries, bounds or budget have changed since an earlier series of this name; this is a new series with a cost of its own",
    )
}

/// What is told of a publication.
pub(super) struct Announcement<'a> {
    /// Where its numbers are from and what they cost.
    pub(super) how: &'a str,
    /// Say nothing of a page that is as it was.
    pub(super) quiet: bool,
    /// The same for machines, where name, outcome and page are still to be said.
    pub(super) outcome: ReleaseOutcome<'a>,
}

impl<'a> Announcement<'a> {
    /// Of what was published before.
    pub(super) fn from_the_archive(terminal: Terminal) -> Self {
        Self { how: from_the_archive(terminal), quiet: false, outcome: ReleaseOutcome::of("", "") }
    }
}

/// Publishes a release and tells where its first page is; gives the folder that holds it.
pub(super) fn publish(
    places: &Places,
    terminal: Terminal,
    presented: &Presented,
    (source, imprint): (&Source, Imprint<'_>),
    Announcement { how, quiet, outcome }: Announcement<'_>,
) -> Result<String, Error> {
    presented.left_out.iter().for_each(|left_out| terminal.aside("left-out", left_out));
    let published = utfall_publish::publish(&presented.publication, source, imprint, &places.out).map_err(shown::failed)?;
    let name = presented.publication.description.name.as_str();
    let (changed, page) = (if published.changed { "published" } else { "unchanged" }, published.page.display().to_string());
    ReleaseOutcome { name, outcome: changed, page: Some(page), ..outcome }.told();
    if published.changed || !quiet {
        let changed =
            if published.changed { terminal.say("publicerad", "published") } else { terminal.say("oförändrad", "unchanged") };
        tell!(terminal, "{name}: {how}; {changed}: {}", published.page.display());
    }
    Ok(published.folder)
}
