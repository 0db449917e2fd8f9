//! A release published in memory on made-up numbers, so that nothing is charged for what cannot be made: SQL above the door
//! that does not run, names that collide, formats that do not exist.

use std::collections::BTreeMap;

use utfall_privacy::{Measurement, Mechanism};

use super::{CheckedRelease, CheckedTable, declared, describe, headings, series};
use crate::above::TextRows;
use crate::above::sandbox::{self, ComputedView, Failed, Room, ViewRequest};
use crate::catalogue::schema::Catalogue;
use crate::certify::{Violation, refused, refused_at};
use utfall_ground::error::Error;
use utfall_ground::refusal::Refusal;
use utfall_publish::publication::{Origin, with_quoted};
use utfall_publish::{Above, Description, Publication, PublishError, TableDescription, View};

/// Every number.
const NUMBER: i64 = 1_000;

pub(super) async fn rehearse(catalogue: &Catalogue, checked: &CheckedRelease) -> Result<(), Error> {
    let description =
        Description::from_json(&describe(catalogue, checked, false, series::rehearsed(checked)?, &BTreeMap::new())?)
            .map_err(|e| Error::usage("publication", e.message()))?;
    let wrong = |e: &PublishError| Error::usage("publication", e.message().after(format!("queries/{}: ", checked.release.name)));
    let numbers = numbers(checked);
    let views = views(checked, &description, &numbers).await?;
    let all = measured(checked);
    let own = utfall_publish::publication::rehearsed(&description, &checked.measurements, &all);
    let quoted: Vec<(&CheckedRelease, Vec<Vec<i64>>)> = checked.quoted.values().map(|of| (of, measured(of))).collect();
    let origin = |of: &CheckedRelease| declared(catalogue, of, false, &[]);
    let descriptions = quoted.iter().map(|(of, _)| origin(of)).collect::<Result<Vec<_>, _>>()?;
    let made_up = descriptions.into_iter().zip(&quoted);
    let origins: Vec<_> = made_up.map(|(described, (of, all))| Origin::made_up(described, &of.measurements, all)).collect();
    let tables = own.and_then(|own| with_quoted(&description, own, &origins)).map_err(|e| wrong(&e.into()))?;
    let mut publication = Publication { id: "0".repeat(64), description, tables, views, drawn: Vec::new() };
    if checked.release.periods.is_some() {
        let year = utfall_publish::publication::series::rehearsed(&publication, &checked.measurements, &all);
        publication = year.and_then(utfall_publish::publication::series::series).map_err(|e| wrong(&e.into()))?;
    }
    utfall_publish::rehearse(&publication).map_err(|e| wrong(&e))
}

/// Numbers of what is measured.
fn measured(checked: &CheckedRelease) -> Vec<Vec<i64>> {
    let shapes = checked.measured().flat_map(CheckedTable::shapes).filter(|shape| !shape.follows);
    shapes.map(|shape| vec![number(checked, &shape.name); shape.cells]).collect()
}

/// The numbers of each table's vectors.
fn numbers(checked: &CheckedRelease) -> Vec<Vec<Vec<i64>>> {
    let numbers = |table: &CheckedTable| {
        let of = table.quotes.as_ref().and_then(|of| checked.quoted.get(&of.release)).unwrap_or(checked);
        table.shapes().iter().map(|shape| vec![number(of, &shape.name); shape.cells]).collect()
    };
    checked.tables.iter().map(numbers).collect()
}

/// A made-up number of a vector.
fn number(checked: &CheckedRelease, vector: &str) -> i64 {
    let number = |m: &Measurement| if let Mechanism::Exponential { .. } = m.mechanism() { 0 } else { NUMBER };
    checked.measurements.iter().find(|m| m.table() == vector).map_or(NUMBER, number)
}

/// What the SQL above the door makes of them.
async fn views(checked: &CheckedRelease, description: &Description, numbers: &[Vec<Vec<i64>>]) -> Result<Vec<View>, Error> {
    let tables = checked.tables.iter().zip(&description.tables).zip(numbers);
    let above: Vec<(&CheckedTable, &TableDescription, &Above, &Vec<Vec<i64>>)> =
        tables.filter_map(|((table, described), numbers)| Some((table, described, described.above.as_ref()?, numbers))).collect();
    let asked = above.iter().map(|(_, table, _, numbers)| ViewRequest {
        table,
        vectors: numbers.iter().map(Vec::as_slice).collect(),
        draws: Vec::new(),
        tail: 0.0,
    });
    let computed = sandbox::computed(&asked.collect::<Vec<_>>(), Room::REHEARSAL).await.map_err(|e| sandbox::not_begun(&e))?;
    let mut views = Vec::new();
    for ((table, described, above, _), computed) in above.into_iter().zip(computed) {
        let ComputedView { rows, .. } = computed.map_err(|failed| Error::Refused(vec![*refusal(table, failed)]))?;
        headings::fit(&table.query, above, &rows)?;
        views.push(view(described, above, rows));
    }
    Ok(views)
}

fn refusal(table: &CheckedTable, failed: Failed) -> Box<Refusal> {
    match failed {
        Failed::Columns => refused(&Violation::Columns, &table.query),
        Failed::Words(words) => refused_at(&Violation::Sql(words), &table.query, &["select"]),
        Failed::Heavy(what) => refused(&Violation::Heavy(what), &table.query),
    }
}

fn view(described: &TableDescription, above: &Above, rows: TextRows) -> View {
    View {
        name: described.name.clone(),
        title: described.title.clone(),
        columns: above.columns.clone(),
        // Every number could have an interval, whose columns must not take the names of others.
        ends: rows.iter().map(|row| vec![Some(("0".to_owned(), "1".to_owned())); row.len()]).collect(),
        rows,
        possible: Vec::new(),
        parts: Vec::new(),
        ordered: false,
    }
}
