//! What `utfall plan` says of the account: what a release costs, whether it costs anything now, and what is left afterwards.

use utfall_estimate::loss::epsilon_of_fixed_list;
use utfall_ground::account::{charge, down, up};
use utfall_ground::error::Error;
use utfall_ground::spending::{losses, remaining, spent};

use serde::Serialize;

use crate::cli::places::Places;
use crate::cli::terminal::{Terminal, tell};
use crate::release::news::{News, news, unpaid};
use crate::release::prepared::Declared;
use crate::release::series;
use crate::release::{Archived, CheckedRelease, archived, quoted};
use crate::store::Store;
use crate::store::ledger::FileLedger;

/// What a release would cost if it were made now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing: it is paid for.
    Paid,
    /// Its cost, and what is new of it.
    New(News),
    /// That cannot be told.
    Unknown,
}

/// What is left of the lifetime limit, in decimals that are not more than it is.
#[derive(Debug, Serialize)]
pub(super) struct Left {
    /// Before the release.
    before: String,
    /// After it, if it fits.
    after: Option<String>,
    /// Whether it does.
    fits: bool,
}

/// The account while releases are planned, one after the other.
pub(super) struct Account {
    ledger: FileLedger,
    store: Store,
    archived: Vec<Archived>,
    /// What is charged, and what those before would be.
    account: utfall_privacy::Account,
    /// The releases that would cost something.
    next: Vec<String>,
}

impl Account {
    /// The account of a data directory; nothing if there is none.
    ///
    /// # Errors
    /// When ledger or archive cannot be read.
    pub(super) fn of(places: &Places, terminal: Terminal) -> Result<Option<Self>, Error> {
        if !Store::exists(&places.data)? {
            return Ok(None);
        }
        let (ledger, store) = (places.ledger()?, places.store(terminal)?);
        let (archived, account) = (archived(&places.data, &ledger)?, ledger.account().clone());
        Ok(Some(Self { ledger, store, archived, account, next: Vec::new() }))
    }

    /// The ledger.
    pub(super) fn ledger(&self) -> &FileLedger {
        &self.ledger
    }

    /// What a release would cost now.
    pub(super) async fn due(&self, Declared { catalogue, engine }: &Declared, checked: &CheckedRelease) -> Due {
        let today = utfall_ground::clock::today();
        if checked.release.periods.is_some() {
            // Also when none of its periods is due.
            let vintages = series::standing(Some(&self.ledger), checked, today).map(|standing| standing.vintages);
            if vintages.is_ok_and(|vintages| vintages == 0) {
                return Due::New(if self.is_published(&checked.release.name) { News::Queries } else { News::Rows });
            }
        }
        match unpaid(engine, catalogue, &self.store, &self.ledger, checked, (None, today)).await {
            Ok(None) => Due::Paid,
            // Whoever lands or releases says why.
            Err(_) => Due::Unknown,
            Ok(Some(_)) => {
                news(catalogue, &self.store, &self.ledger, &self.archived, checked).await.map_or(Due::Unknown, Due::New)
            }
        }
    }

    /// Tells what is left after a release, if it is made now; nothing of one that is free.
    pub(super) fn tell(&mut self, checked: &CheckedRelease, due: &Due, terminal: Terminal) -> Result<Option<Left>, Error> {
        let before = remaining(&self.account);
        let cost = losses(&checked.measurements, &self.account.order)?;
        let name = &checked.release.name;
        let stands = match due {
            Due::Paid => {
                tell!(
                    terminal,
                    "  {}",
                    terminal.say(
                        format!("gratis nu: redan betald (utfall release {name})"),
                        format!("free now: paid for already (utfall release {name})"),
                    )
                );
                return Ok(None);
            }
            Due::New(News::Queries) => {
                terminal.say("ny: räknar något annat än det publicerade", "new: counts something else than what is published")
            }
            Due::New(News::Lists) => terminal.say(
                "ny: kodlistor eller register har ändrats, inga nya rader",
                "new: code lists or the register have changed, no new rows",
            ),
            Due::New(News::Rows) if self.is_published(name) => {
                terminal.say("ny: rader har landat sedan den publicerades", "new: rows have landed since it was published")
            }
            Due::New(News::Rows) => terminal.say("ny: inte publicerad", "new: not published yet"),
            Due::Unknown => terminal.say("om den är ny kan inte sägas nu", "whether it is new cannot be told now"),
        };
        tell!(terminal, "  {stands}");
        self.next.push(name.clone());
        let (before, fits) = (down(&before), self.account.admits(&cost));
        let mut account = self.account.clone();
        account.pay(&cost);
        let after = down(&remaining(&account));
        let told = if fits {
            terminal.say(
                format!("kvar av livstidsbudgeten efteråt: epsilon {after} (nu {before}); ryms"),
                format!("left of the lifetime budget afterwards: epsilon {after} ({before} now); fits"),
            )
        } else {
            terminal.say(
                format!("kvar av livstidsbudgeten: epsilon {before}; ryms INTE"),
                format!("left of the lifetime budget: epsilon {before}; does NOT fit"),
            )
        };
        if fits {
            self.account = account;
        }
        tell!(terminal, "  {told}");
        Ok(Some(Left { before, after: fits.then_some(after), fits }))
    }

    /// The names of the releases that are to be made first, since their numbers are quoted.
    pub(super) async fn waits(
        &self,
        Declared { catalogue, engine }: &Declared,
        checked: &CheckedRelease,
    ) -> Result<Vec<String>, Error> {
        let missing = quoted::missing_of(engine, catalogue, (&self.store, &self.ledger), checked).await?;
        Ok(missing.iter().map(|of| of.release.name.clone()).collect())
    }

    fn is_published(&self, name: &str) -> bool {
        let named = |release: &utfall_privacy::Release| {
            utfall_publish::Description::from_json(release.description()).is_ok_and(|of| of.name == *name)
        };
        self.archived.iter().filter_map(|known| known.releases().last()).any(named)
    }

    /// Tells what comes next.
    pub(super) fn conclude(&self, terminal: Terminal) {
        let next = match self.next.as_slice() {
            [] => terminal
                .say("allt är betalt; utfall release visar det, gratis", "all is paid for; utfall release shows it, free")
                .to_owned(),
            names => format!("utfall release {}", names.join(" ")),
        };
        tell!(terminal, "{}: {next}", terminal.say("nästa steg", "next"));
    }
}

/// Tells which releases are to be made first.
pub(super) fn tell_waits(names: &[String], terminal: Terminal) {
    for of in names {
        tell!(
            terminal,
            "  {}",
            terminal.say(
                format!("citerar {of}, som inte är publicerad som den deklareras nu: utfall release {of} först"),
                format!("quotes {of}, which is not published as it is declared now: utfall release {of} first"),
            )
        );
    }
}

/// What a release costs, in lines.
pub(super) fn cost(checked: &CheckedRelease, terminal: Terminal) -> Result<Vec<String>, Error> {
    let order = utfall_privacy::Account::new(checked.release.budget.clone()).order;
    let total = losses(&checked.measurements, &order)?;
    let delta = checked.release.budget.delta();
    let is_pure = total.iter().all(|loss| loss.epsilon.is_some());
    let amounts = match spent(total.iter(), &order, delta) {
        Some(epsilon) if !is_pure => format!(
            "{}, {} epsilon {} {} {}",
            charge(&total),
            terminal.say("högst", "at most"),
            up(&epsilon),
            terminal.say("vid delta", "at delta"),
            up(delta)
        ),
        _ => charge(&total),
    };
    let mut lines = vec![format!(
        "{}: {amounts} ({})",
        terminal.say("kostar", "costs"),
        match checked.release.periods {
            Some(_) => terminal.say("en gång, för alla perioder tillsammans", "once, for all periods together"),
            None => terminal.say("en gång; samma data igen är gratis", "once; the same data again is free"),
        }
    )];
    let fixed: Vec<_> = checked.measurements.iter().map(|m| (m.mechanism().clone(), m.sensitivity())).collect();
    if let Some(losses) = epsilon_of_fixed_list(&fixed, delta).filter(|losses| losses < checked.release.budget.epsilon()) {
        let (losses, delta) = (up(&losses), up(delta));
        lines.push(terminal.say(
            format!("räknat på fördelningen av förlusten (PLD): epsilon {losses} vid delta {delta}; huvudboken räknar summor"),
            format!("by the distribution of the loss (PLD): epsilon {losses} at delta {delta}; the ledger counts sums"),
        ));
    }
    lines.push(format!(
        "{}: {} {}",
        terminal.say("gräns per person", "bound per person"),
        checked.release.bounds.participations,
        match checked.release.bounds.participations {
            1 => terminal.say("deltagande; fler räknas inte", "participation; more are not counted"),
            _ => terminal.say("deltaganden; fler räknas inte", "participations; more are not counted"),
        }
    ));
    for (table, rows) in &checked.release.bounds.rows {
        let named = if *rows == 1 { terminal.say("rad", "row") } else { terminal.say("rader", "rows") };
        lines.push(format!("{} {table}: {rows} {named}", terminal.say("gräns per deltagande,", "bound per participation,")));
    }
    Ok(lines)
}
