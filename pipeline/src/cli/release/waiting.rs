//! Which releases are not made now: those that nobody has approved, those whose queries were changed while nobody looks, those that the
//! budget does not suffice for.

use std::collections::BTreeSet;

use super::object::ReleaseOutcome;
use super::quoted::{missing, wait_for_quoted};
use crate::cli::places::Places;
use crate::cli::terminal::Terminal;
use crate::release;
use crate::release::approval;
use crate::release::news::{News, fits, news, unpaid};
use crate::release::prepared::Prepared;
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::account::{charge, down};
use utfall_ground::clock::today;
use utfall_ground::error::Error;
use utfall_ground::spending::remaining;
use utfall_ground::text::Message;
use utfall_privacy::Loss;

/// Refuses releases that cost something now and ask for more people to approve than are named, before any is drawn.
pub(super) async fn are_approved(
    (store, ledger): (&Store, &FileLedger),
    prepared: &Prepared,
    (vintage, by): (Option<u32>, &[String]),
) -> Result<(), Error> {
    let Prepared { catalogue, engine, releases } = prepared;
    for checked in releases {
        let needed = checked.release.approvals;
        let short = usize::try_from(needed).is_ok_and(|needed| by.len() < needed);
        if short && unpaid(engine, catalogue, store, ledger, checked, (vintage, today())).await?.is_some() {
            return Err(approval::missing(&checked.release.name, needed, by.len()));
        }
    }
    Ok(())
}

/// The releases that a job at night does not make.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) names: BTreeSet<String>,
    /// That the budget does not suffice for some of them.
    pub(super) short: Option<Error>,
}

/// The releases that a job at night does not make: those whose queries were changed, unless it was told to spend on them too, each
/// told; those that the budget does not suffice for, if it was told to make the others.
///
/// # Errors
/// When what is left does not suffice for all that is new, before the first is drawn.
pub(super) async fn waiting(
    places: &Places,
    terminal: Terminal,
    (store, ledger): (&Store, &FileLedger),
    prepared: &Prepared,
    (queries, what_fits): (bool, bool),
) -> Result<Waiting, Error> {
    let Prepared { catalogue, engine, releases } = prepared;
    let mut new = Vec::new();
    for checked in releases {
        let cost = unpaid(engine, catalogue, store, ledger, checked, (None, today())).await?;
        new.extend(cost.map(|cost| (checked, cost)));
    }
    let (mut waiting, mut costs) = (Waiting::default(), Vec::new());
    let archived = if new.is_empty() { Vec::new() } else { release::archived(&places.data, ledger)? };
    for (checked, cost) in new {
        let name = &checked.release.name;
        if checked.release.approvals > 0 {
            let why = awaits_approval(name, &charge(&cost));
            ReleaseOutcome::waits(name, &why).told();
            terminal.warn("awaits-approval", why);
            waiting.names.insert(name.clone());
            continue;
        }
        let news = if queries { News::Rows } else { news(catalogue, store, ledger, &archived, checked).await? };
        if news == News::Rows {
            costs.push((name, cost));
        } else {
            let why = waits(name, news, &charge(&cost));
            ReleaseOutcome::waits(name, &why).told();
            terminal.warn("queries-changed", why);
            waiting.names.insert(name.clone());
        }
    }
    let missing = missing((store, ledger), prepared).await?;
    wait_for_quoted(&missing, &mut waiting, terminal);
    costs.retain(|(name, _)| !waiting.names.contains(*name));
    let (mut made, mut short) = (Vec::new(), Vec::new());
    for (name, cost) in &costs {
        made.push(cost.clone());
        if !fits(ledger, &made) {
            made.pop();
            short.push(*name);
        }
    }
    if short.is_empty() {
        return Ok(waiting);
    }
    let told = |(name, cost): &(&String, Vec<Loss>)| format!("{name} ({})", charge(cost));
    if what_fits {
        let all: Vec<String> = costs.iter().filter(|(name, _)| short.contains(name)).map(told).collect();
        let why = Message::new("budgeten räcker inte till den", "the budget does not suffice for it");
        short.iter().for_each(|name| ReleaseOutcome::waits(name, &why).told());
        waiting.names.extend(short.into_iter().cloned());
        wait_for_quoted(&missing, &mut waiting, terminal);
        waiting.short = Some(too_little(ledger, &all.join(", "), ["gjordes inte", "were not made"]));
        return Ok(waiting);
    }
    let all: Vec<String> = costs.iter().map(told).collect();
    Err(too_little(ledger, &all.join(", "), ["inget drogs", "nothing was drawn"]))
}

fn too_little(ledger: &FileLedger, all: &str, [sv, en]: [&str; 2]) -> Error {
    let left = down(&remaining(ledger.account()));
    Error::budget(
        "budget-of-run",
        Message::new(
            format!(
                "det som är nytt kostar mer än vad som är kvar (epsilon {left}), {sv}: {all}. Släpp några av dem för sig, kör med --what-fits, sänk deras budget, eller höj gränsen med utfall ledger raise"
            ),
            format!(
                "what is new costs more than what is left (epsilon {left}), {en}: {all}. Release some of them by name, run with --what-fits, lower their budgets, or raise the limit with utfall ledger raise"
            ),
        ),
    )
}

/// That a release waits for people to approve it.
fn awaits_approval(name: &str, cost: &str) -> Message {
    Message::new(
        format!(
            "{name}: väntar på godkännande, så det publicerade står kvar. Nya tal kostar {cost}: kör utfall release {name} --approve NAMN"
        ),
        format!(
            "{name}: waits to be approved, so what is published stays. New numbers cost {cost}: run utfall release {name} --approve NAME"
        ),
    )
}

/// That a release waits, since what is new of it is no rows.
fn waits(name: &str, news: News, cost: &str) -> Message {
    let [sv, en] = match news {
        News::Lists => [
            "kodlistor eller register har fått annat innehåll, men inga nya rader har landat, så det publicerade står kvar",
            "code lists or the register have changed but no new rows have landed, so what is published stays",
        ],
        News::Rows | News::Queries => [
            "frågorna räknar något annat än det som är publicerat, så det publicerade står kvar",
            "its queries count something else than what is published, which stays",
        ],
    };
    Message::new(
        format!("{name}: {sv}. Nya tal kostar {cost}: kör utfall release {name}, eller utfall run --queries-changed"),
        format!("{name}: {en}. New numbers cost {cost}: run utfall release {name}, or utfall run --queries-changed"),
    )
}
