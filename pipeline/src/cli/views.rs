//! What the SQL above the door makes of a release's numbers. These are paid for, so they are published; what cannot be computed
//! from them is left out, and said each time.

use utfall_privacy::Release;

use crate::above::sandbox::{Asked, Failed, Room, computed};
use crate::above::{draws, vectors};
use utfall_ground::error::Error;
use utfall_ground::language::say;
use utfall_ground::redact;
use utfall_publish::estimate::interval::Level;
use utfall_publish::publication::numbers_above;
use utfall_publish::{DeriveError, Publication, TableDescription, View};

/// The results of the SQL above the noisy numbers.
pub(super) async fn views(release: &Release, publication: &Publication) -> Result<Vec<View>, Error> {
    let tables = &publication.description.tables;
    let above: Vec<&TableDescription> = tables.iter().filter(|table| table.above.is_some()).collect();
    if above.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |e: DeriveError| Error::storage("usage", e.to_string());
    let (values, draws) = (numbers_above(release).map_err(wrong)?, draws(release).map_err(wrong)?);
    let tail = Level::parse(&publication.description.interval).map_err(wrong)?.tail();
    let asked = above.iter().map(|table| {
        let values = table.vectors.iter().filter_map(|vector| values.get(&vector.name).map(Vec::as_slice));
        Asked { table, vectors: values.collect(), draws: vectors(table, &draws), tail }
    });
    let asked: Vec<Asked<'_>> = asked.collect();
    let mut views = Vec::new();
    let computed = computed(&asked, Room::PUBLICATION).await.map_err(|e| Error::storage("usage", e.to_string()))?;
    for (table, computed) in above.into_iter().zip(computed) {
        match computed {
            Ok((rows, ends)) => {
                let columns = table.above.iter().flat_map(|above| above.columns.clone()).collect();
                views.push(View { name: table.name.clone(), title: table.title.clone(), columns, rows, ends });
            }
            Err(failed) => eprintln!("{}/{}: {}", publication.description.name, table.name, left_out(&failed)),
        }
    }
    Ok(views)
}

fn left_out(failed: &Failed) -> String {
    let why = match failed {
        Failed::Words(words) => redact::words(words.lines().next().unwrap_or_default()),
        Failed::Heavy(what) => say(
            format!("det kräver för mycket: {}", what.get(utfall_ground::text::Lang::Sv)),
            format!("it takes too much: {}", what.get(utfall_ground::text::Lang::En)),
        ),
    };
    let out = say(
        "SQL ovanför dörren gick inte att räkna på de publicerade talen; tabellerna under publiceras utan den",
        "the SQL above the door could not be computed from the published numbers; the tables below are published without it",
    );
    format!("{out}: {why}")
}
