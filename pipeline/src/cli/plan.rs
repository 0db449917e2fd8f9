//! `utfall plan`: what a release will be worth before anything is spent.

mod account;
mod change;
mod figures;
mod find;
mod object;
mod quoted;
mod standing;
mod table;
mod verdict;
mod worth;

use clap::Args;
use futures::future::join;

use self::account::{Account, Due};
use self::change::{changed, merged};
use self::find::Find;
use self::object::WorthOf;
use self::worth::Worth;
use super::check::prepare_and;
use super::places::{Form, Names, Places};
use super::terminal::{Terminal, tell};
use super::{summary, usage};
use crate::catalogue::schema::Catalogue;
use crate::engine::Engine;
use crate::release::CheckedRelease;
use crate::release::news::News;
use crate::release::prepared::{Declared, Prepared};
use crate::release::preview::{Outlook, Preview, Prospect, outlooks};
use crate::release::series;
use crate::release::sizes::{Sizes, sizes};
use crate::store::ledger::FileLedger;
use utfall_ground::account::up;
use utfall_ground::cores;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_publish::estimate::interval::Level;

/// Arguments of `utfall plan`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    names: Names,
    /// Show the plan with something changed: epsilon=2, delta=1e-5, participations=1; rows.TABLE=20 (bound on a child table),
    /// weight.TABLE=2, drop=TABLE, merge=TABLE.KEY:3 (as if a key had so few codes); may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    what_if: Vec<String>,
    /// How many participants to reckon with in a project that states none, and in all where a table knows no projects
    #[arg(long, value_name = "NUMBER", value_parser = usage::at_least_one::<u64>)]
    assume: Option<u64>,
    /// Say which epsilon, and which merging of a key, makes a number exact to this ±: percentage points of a share, people of a
    /// count, else the number's own unit
    #[arg(long, value_name = "NUMBER", value_parser = wanted, conflicts_with = "json")]
    find: Option<f64>,
    /// The table that --find is about; all if none is named
    #[arg(long, value_name = "NAME", requires = "find")]
    table: Option<String>,
    #[command(flatten)]
    form: Form,
}

/// A ± that can be asked for.
fn wanted(text: &str) -> Result<f64, Message> {
    let number = text.replace(',', ".").parse().ok().filter(|number| (0.01..=1e9).contains(number));
    number.ok_or_else(|| Message::new("skriv ett tal över noll, som 5", "write a number above zero, such as 5"))
}

impl Plan {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let mut account = Account::of(places, terminal)?;
        account.iter().for_each(|account| summary::budget(account.ledger()));
        let change = |release| self.what_if.iter().try_fold(release, |release, change| changed(release, change));
        if self.find.is_some() {
            let (mut prepared, _) = prepare_and(places, &self.names, change, async |_, _| ())?;
            for checked in &mut std::mem::take(&mut prepared.releases) {
                self.headed(checked, terminal);
                self.found(checked, &prepared, terminal).await?;
            }
        } else {
            // Nothing of one release depends on another, but for what is left.
            let reckon = async |declared: &Declared, checked: &mut CheckedRelease| {
                self.reckoned(checked, declared, (places, account.as_ref()), terminal).await
            };
            let (prepared, reckoned) = prepare_and(places, &self.names, change, reckon)?;
            let reckoned = reckoned.into_iter().collect::<Result<Vec<_>, _>>()?;
            let all = cores::each(prepared.releases.iter().zip(&reckoned).collect(), |of| self.outlooks(of))?;
            for ((checked, reckoned), outlooks) in prepared.releases.iter().zip(&reckoned).zip(all) {
                self.told((checked, reckoned, &outlooks?), &prepared.catalogue, account.as_mut(), terminal)?;
            }
        }
        if let Some(account) = account.filter(|_| self.what_if.is_empty() && self.find.is_none()) {
            account.conclude(terminal);
        }
        tell!(terminal, "{}", terminal.say("Ingenting har förbrukats.", "Nothing has been spent."));
        Ok(())
    }

    /// Says which release it is about, and under which conditions.
    fn headed(&self, checked: &CheckedRelease, terminal: Terminal) {
        tell!(terminal, "{}: {}", checked.release.name, checked.release.title.get(terminal.lang()));
        for change in &self.what_if {
            tell!(terminal, "  {}: {change}", terminal.say("om", "what if"));
        }
    }

    /// Reckons what a release will be worth, what it costs and whether it does now.
    async fn reckoned(
        &self,
        checked: &mut CheckedRelease,
        declared: &Declared,
        (places, account): (&Places, Option<&Account>),
        terminal: Terminal,
    ) -> Result<Reckoned, Error> {
        // Under a condition, what is paid for is not what is asked.
        let is_asked = self.what_if.is_empty();
        let stands = PaidSeries::of(checked, places, account.filter(|_| is_asked).map(Account::ledger))?;
        let checked = &*checked;
        let sizes = sizes(checked, &declared.engine, &declared.catalogue, self.assume).await?;
        let preview = if stands.is_as_planned { Some(self.prospect(checked)?.preview(level(checked)?.tail())) } else { None };
        let (mut due, mut waits_for) = (None, Vec::new());
        if let Some(account) = account {
            let now = async { if is_asked { account.due(declared, checked).await } else { Due::New(News::Queries) } };
            // Both wait for commits to be read.
            let (now, first) = join(now, account.waits(declared, checked)).await;
            (due, waits_for) = (Some(now), first?);
        }
        Ok(Reckoned { stands, sizes, preview, cost: account::cost(checked, terminal)?, due, waits_for })
    }

    /// A release as it is planned, under the conditions.
    fn prospect<'c>(&self, checked: &'c CheckedRelease) -> Result<Prospect<'c>, Error> {
        merged(Prospect::of(checked), &self.what_if)
    }

    /// Which tables of a release will say something.
    fn outlooks<'r>(&self, (checked, of): (&'r CheckedRelease, &'r Reckoned)) -> Result<Vec<Outlook<'r>>, Error> {
        Ok(outlooks(&self.prospect(checked)?, &of.sizes, level(checked)?.tail()))
    }

    /// Tells what was reckoned of a release.
    fn told(
        &self,
        (checked, reckoned, outlooks): (&CheckedRelease, &Reckoned, &[Outlook<'_>]),
        catalogue: &Catalogue,
        account: Option<&mut Account>,
        terminal: Terminal,
    ) -> Result<(), Error> {
        let Reckoned { stands, preview, cost, due, waits_for, .. } = reckoned;
        let prospect = self.prospect(checked)?;
        self.headed(checked, terminal);
        if stands.is_another {
            tell!(terminal, "  {}", super::release::another(terminal));
        }
        let tail = level(checked)?.tail();
        if stands.is_as_planned {
            verdict::told(&prospect, outlooks, catalogue, tail, terminal);
        }
        cost.iter().for_each(|line| tell!(terminal, "  {line}"));
        let declared = account.as_deref().filter(|_| self.what_if.is_empty()).map(Account::ledger);
        let series = standing::told(declared, checked, terminal)?;
        let mut left = None;
        if let (Some(account), Some(due)) = (account, due) {
            account::tell_waits(waits_for, terminal);
            if waits_for.is_empty() || *due != Due::Paid {
                left = account.tell(checked, due, terminal)?;
            }
        }
        if let Some(preview) = preview {
            worth((&prospect, preview), outlooks, catalogue, tail, terminal);
        } else {
            standing::reserved(checked, terminal)?;
        }
        let expected = preview.as_ref().map(|preview| WorthOf::of(preview, outlooks));
        object::told(checked, &self.what_if, series.as_ref(), (due.as_ref(), left.as_ref(), waits_for), expected)
    }

    /// Answers what is looked for.
    async fn found(&self, checked: &mut CheckedRelease, prepared: &Prepared, terminal: Terminal) -> Result<(), Error> {
        let Prepared { catalogue, engine, .. } = prepared;
        let sizes: Vec<Sizes> = sizes(checked, engine, catalogue, self.assume).await?;
        let tail = level(checked)?.tail();
        let Some(wanted) = self.find else { return Ok(()) };
        let find = Find { wanted, table: self.table.as_deref(), changes: &self.what_if, tail, terminal };
        find.told(checked, (engine, catalogue), &sizes).await
    }
}

/// How a series stands to what is paid for; what is none is as it is planned.
struct PaidSeries {
    /// Whether its noise is that which would be planned for it now.
    is_as_planned: bool,
    /// Whether another series of its name is published.
    is_another: bool,
}

impl PaidSeries {
    /// Gives a series the noise that it has paid for.
    fn of(checked: &mut CheckedRelease, places: &Places, ledger: Option<&FileLedger>) -> Result<Self, Error> {
        let Some(ledger) = ledger.filter(|_| checked.release.periods.is_some()) else {
            return Ok(Self { is_as_planned: true, is_another: false });
        };
        let paid = series::measurements(ledger, checked)?;
        let is_as_planned = paid == checked.measurements;
        checked.measurements = paid;
        Ok(Self { is_as_planned, is_another: series::is_another(&places.data, ledger, checked)? })
    }
}

/// What is reckoned of a release before anything is told of it.
struct Reckoned {
    stands: PaidSeries,
    sizes: Vec<Sizes>,
    /// None of a series whose noise is that of another plan.
    preview: Option<Preview>,
    /// What it costs, in lines.
    cost: Vec<String>,
    /// Whether it costs that now; none without an account.
    due: Option<Due>,
    /// The releases that are to be made first.
    waits_for: Vec<String>,
}

/// What the tables will be worth, and the projects in them.
fn worth(
    (prospect, preview): (&Prospect<'_>, &Preview),
    outlooks: &[Outlook<'_>],
    catalogue: &Catalogue,
    tail: f64,
    terminal: Terminal,
) {
    let checked = prospect.checked;
    table::told(prospect, preview, outlooks, tail, terminal);
    for outlook in outlooks {
        let first = outlook.table.vectors().into_iter().next();
        let expected = preview.vectors.iter().find(|expected| Some(&expected.name) == first.as_ref());
        Worth { prospect, outlook, expected, catalogue, tail, terminal }.told();
    }
    let twice = checked.release.budget.epsilon() * utfall_privacy::Rational::from_integer(2.into());
    let command = format!("utfall plan {} --what-if epsilon={}", checked.release.name, up(&twice));
    tell!(terminal, "\n  {}: {command}\n", terminal.say("större budget", "a larger budget"));
}

/// One line on the tables of a release that will say next to nothing; none where all say something.
///
/// # Errors
/// When the register cannot be read.
pub(super) async fn advised_against(
    checked: &CheckedRelease,
    engine: &Engine,
    catalogue: &Catalogue,
) -> Result<Option<Message>, Error> {
    let sizes = sizes(checked, engine, catalogue, None).await?;
    Ok(verdict::advice(checked, &outlooks(&Prospect::of(checked), &sizes, level(checked)?.tail())))
}

/// The level of a release's intervals.
fn level(checked: &CheckedRelease) -> Result<Level, Error> {
    Level::parse(&checked.release.interval).map_err(|e| {
        let why = format!("`interval` i release.toml skrivs som 0.95, och inte som `{}`", checked.release.interval);
        Error::usage("interval", Message::new(why, e.to_string()))
    })
}
