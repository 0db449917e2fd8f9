//! Releases from the archive, ready for any format, with what the SQL above the door makes of their numbers. These are paid for,
//! so they are published; what cannot be computed from them is left out, and said each time.

use std::path::Path;

use utfall_privacy::Release;

use super::rendition;
use crate::above::sandbox::{ComputedView, Failed, Room, ViewRequest, computed, not_begun};
use crate::above::{draws, vectors};
use crate::release::{Archived, quoted};
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::redact;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::{Message, quoted};
use utfall_publish::estimate::interval::Level;
use utfall_publish::publication::{numbers_above, series};
use utfall_publish::{DeriveError, Description, Publication, TableDescription, View, derive_as};

/// What is to be published, and what had to be left out of it.
#[derive(Debug)]
pub struct Presented {
    /// The publication.
    pub publication: Publication,
    /// Of each query whose SQL above the door could not be computed, that it is left out.
    pub left_out: Vec<Message>,
}

impl Presented {
    /// Whether nothing was left out.
    pub fn is_whole(&self) -> bool {
        self.left_out.is_empty()
    }
}

/// What is archived under one name, in the words that are kept for it, and the releases on whose numbers its tables stand; `beside` is
/// all that is published with it.
///
/// # Errors
/// When an archive cannot be read, or the SQL above its numbers not be tried.
pub async fn archived(
    archived: &Archived,
    data: &Path,
    ledger: &FileLedger,
    beside: &[Archived],
) -> Result<(Presented, Vec<Release>), Error> {
    match archived {
        Archived::Release(release) => {
            let mut words = rendition::read(data, release)?;
            let quoted = quoted::recorded(data, ledger, &mut words, beside)?;
            Ok((one(release, words, &quoted).await?, quoted))
        }
        Archived::Series(periods) => {
            let words = periods.iter().map(|period| rendition::read(data, period)).collect::<Result<Vec<_>, _>>()?;
            Ok((together(periods, words).await?, Vec::new()))
        }
    }
}

/// One release, in these words, beside those on whose numbers its tables stand.
///
/// # Errors
/// As [`archived`].
pub async fn one(release: &Release, words: Description, quoted: &[Release]) -> Result<Presented, Error> {
    let mut publication = derive_as(release, words, quoted).map_err(unreadable)?;
    let mut left_out = add_views(release, &mut publication, None).await?;
    for of in quoted {
        left_out.extend(add_views(of, &mut publication, Some(&of.id().to_string())).await?);
    }
    Ok(Presented { publication, left_out })
}

/// The periods of a series as one publication, each in these words.
///
/// # Errors
/// As [`archived`].
pub async fn together(periods: &[Release], words: Vec<Description>) -> Result<Presented, Error> {
    let (mut parts, mut left_out) = (Vec::new(), Vec::new());
    for (period, words) in periods.iter().zip(words) {
        let mut part = series::part_as(period, words).map_err(unreadable)?;
        left_out.extend(add_views(period, &mut part.publication, None).await?);
        parts.push(part);
    }
    Ok(Presented { publication: series::series(parts).map_err(unreadable)?, left_out })
}

/// The description with which a release was archived.
///
/// # Errors
/// When it cannot be read.
pub fn described(release: &Release) -> Result<Description, Error> {
    Description::from_json(release.description()).map_err(unreadable)
}

/// That an archive is not as this program, or one before it, wrote it.
pub fn unreadable(error: DeriveError) -> Error {
    Error::storage(
        "archive-unreadable",
        Message::new(
            "en arkiverad release kan inte läsas av det här programmet; återställ arkivet från en säkerhetskopia",
            error.to_string(),
        ),
    )
}

/// Adds the results of the SQL above the noisy numbers of a release, for the tables that quote it by this id or for its own; gives
/// what could not be computed.
async fn add_views(release: &Release, publication: &mut Publication, quoted: Option<&str>) -> Result<Vec<Message>, Error> {
    let tables = &publication.description.tables;
    let is_of = |table: &&TableDescription| table.quotes.as_ref().map(|of| of.id.as_str()) == quoted;
    let above: Vec<&TableDescription> = tables.iter().filter(is_of).filter(|table| table.above.is_some()).collect();
    if above.is_empty() {
        return Ok(Vec::new());
    }
    let (values, draws) = (numbers_above(release).map_err(unreadable)?, draws(release).map_err(unreadable)?);
    let tail = Level::parse(&publication.description.interval).map_err(unreadable)?.tail();
    let asked = above.iter().map(|table| {
        let values = table.vectors.iter().filter_map(|vector| values.get(&vector.name).map(Vec::as_slice));
        ViewRequest { table, vectors: values.collect(), draws: vectors(table, &draws), tail }
    });
    let asked: Vec<ViewRequest<'_>> = asked.collect();
    let (mut views, mut left_out) = (Vec::new(), Vec::new());
    let computed = computed(&asked, Room::PUBLICATION).await.map_err(|e| not_begun(&e))?;
    for (table, computed) in above.into_iter().zip(computed) {
        match computed {
            Ok(ComputedView { rows, ends, possible }) => {
                let columns = table.above.iter().flat_map(|above| above.columns.clone()).collect();
                let (name, title) = (table.name.clone(), table.title.clone());
                views.push(View { name, title, columns, rows, ends, possible });
            }
            Err(failed) => {
                let name = format!("{}/{}: ", publication.description.name, table.name);
                left_out.push(without(&failed).after(name));
            }
        }
    }
    publication.views.extend(views);
    Ok(left_out)
}

fn without(failed: &Failed) -> Message {
    let why = match failed {
        Failed::Columns => {
            Message::new("frågan ger andra kolumner nu än när den arkiverades", "the archived query gives other columns here")
        }
        Failed::Words(words) => {
            let words = redact::words(words.lines().next().unwrap_or_default());
            Message::new(format!("motorn säger {}", quoted(&words)), words)
        }
        Failed::Heavy(what) => Message::new(format!("det kräver för mycket: {what}"), format!("it takes too much: {what}")),
    };
    Message::new(
        format!(
            "SQL ovanför dörren gick inte att räkna på de publicerade talen; tabellerna under publiceras utan den: {}",
            why.get(Sv)
        ),
        format!(
            "the SQL above the door could not be computed from the published numbers; the tables below are published without it: {}",
            why.get(En)
        ),
    )
}
