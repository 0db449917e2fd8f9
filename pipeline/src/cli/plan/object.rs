//! What `utfall plan --json` says of a release: the figures of the lines for people, and no others.

use std::collections::BTreeMap;

use serde::Serialize;

use super::account::{Due, Left};
use crate::cli::summary;
use crate::release::CheckedRelease;
use crate::release::news::News;
use crate::release::preview::{Outlook, Preview, Told};
use crate::release::series::SeriesProgress;
use utfall_ground::account::Charge;
use utfall_ground::error::Error;
use utfall_ground::spending::losses;
use utfall_ground::text::Text;

/// A release that is planned.
#[derive(Serialize)]
pub(super) struct Planned<'a> {
    name: &'a str,
    title: &'a Text,
    what_if: &'a [String],
    cost: Charge,
    bounds: Bounds<'a>,
    series: Option<Series>,
    /// Whether it would cost that now; null where there is no data directory.
    due: Option<&'static str>,
    left: Option<&'a Left>,
    /// Releases whose numbers it stands on and that must be made first.
    waits_for: &'a [String],
    /// Null where a series has the noise that it has paid for, and not what is planned.
    worth: Option<WorthOf<'a>>,
}

#[derive(Serialize)]
struct Bounds<'a> {
    participations: u64,
    rows: BTreeMap<&'a str, u64>,
}

#[derive(Serialize)]
struct Series {
    published: Vec<String>,
    due: Vec<String>,
    next: Option<Next>,
    vintages: u32,
}

#[derive(Serialize)]
struct Next {
    period: String,
    from: String,
}

/// What a release is expected to be worth.
#[derive(Serialize)]
pub(super) struct WorthOf<'a> {
    /// The tables that are expected to say nothing.
    advised_against: Vec<&'a str>,
    tables: Vec<Expected<'a>>,
    /// What was minimised; of equal shares without reconciliation; and below which no Gaussian mechanism can be.
    error: f64,
    error_of_equal_shares: f64,
    best_gaussian_error: Option<f64>,
}

/// A measured vector, or one that follows from what is measured.
#[derive(Serialize)]
struct Expected<'a> {
    name: &'a str,
    cells: Option<usize>,
    margin_low: f64,
    margin_high: f64,
    /// The part of its numbers that is expected to be marked as unreliable.
    marked: Option<f64>,
    share_of_budget: f64,
}

impl<'a> WorthOf<'a> {
    pub(super) fn of(preview: &'a Preview, outlooks: &[Outlook<'a>]) -> Self {
        let silent = outlooks.iter().filter(|outlook| outlook.told() == Told::Nothing);
        let expected = |vector: &'a crate::release::preview::Expected| {
            let outlook = outlooks.iter().find(|outlook| outlook.table.vectors().contains(&vector.name));
            Expected {
                name: &vector.name,
                cells: outlook.map(Outlook::cells),
                margin_low: vector.margin.low.ceil(),
                margin_high: vector.margin.high.ceil(),
                marked: outlook.map(Outlook::marked),
                share_of_budget: vector.share,
            }
        };
        Self {
            advised_against: silent.map(|outlook| outlook.table.query.name.as_str()).collect(),
            tables: preview.vectors.iter().map(expected).collect(),
            error: preview.error,
            error_of_equal_shares: preview.even,
            best_gaussian_error: preview.best,
        }
    }
}

/// Says it of one release.
pub(super) fn told(
    checked: &CheckedRelease,
    what_if: &[String],
    standing: Option<&SeriesProgress>,
    (due, left, waits_for): (Option<&Due>, Option<&Left>, &[String]),
    worth: Option<WorthOf<'_>>,
) -> Result<(), Error> {
    let order = utfall_privacy::Account::new(checked.release.budget.clone()).order;
    let names = |all: &[utfall_ground::calendar::Period]| all.iter().map(ToString::to_string).collect();
    let series = standing.map(|standing| Series {
        published: names(&standing.published),
        due: names(&standing.due),
        next: standing.next.as_ref().map(|next| Next { period: next.period.to_string(), from: next.from.to_string() }),
        vintages: standing.vintages,
    });
    let bounds = &checked.release.bounds;
    summary::push(
        "releases",
        Planned {
            name: &checked.release.name,
            title: &checked.release.title,
            what_if,
            cost: Charge::of(&losses(&checked.measurements, &order)?),
            bounds: Bounds {
                participations: bounds.participations,
                rows: bounds.rows.iter().map(|(table, rows)| (table.as_str(), *rows)).collect(),
            },
            series,
            due: due.map(|due| match due {
                Due::Paid => "paid",
                Due::New(News::Rows) => "new-rows",
                Due::New(News::Lists) => "new-lists",
                Due::New(News::Queries) => "new-queries",
                Due::Unknown => "unknown",
            }),
            left,
            waits_for,
            worth,
        },
    );
    Ok(())
}
