//! How large the projects of a release are, as the public register plans them.

use std::collections::HashMap;

use super::CheckedRelease;
use crate::catalogue::schema::Catalogue;
use crate::certify::PublicScan;
use crate::engine::Engine;
use utfall_ground::error::Error;
use utfall_ground::text::{Lang, Text};

/// The column of a public table that says how many participants a project plans for.
const PLANNED: &str = "planned_participants";

/// The public size of one place of a table.
#[derive(Debug, Clone)]
pub(crate) struct Size {
    /// What people call it.
    pub(crate) label: Text,
    /// How many people it plans for.
    pub(crate) planned: Option<u64>,
    /// How many cells of the table it has.
    pub(crate) cells: usize,
}

/// The sizes of the projects of a table, and which of its columns they are.
#[derive(Debug, Clone)]
pub(crate) struct Sizes {
    /// The column.
    pub(crate) column: usize,
    /// The projects in the order of the table.
    pub(crate) projects: Vec<Size>,
}

/// Per vector whose table has a project among its keys, the sizes of its projects.
///
/// # Errors
/// When the register cannot be read.
pub(crate) async fn sizes(
    checked: &CheckedRelease,
    engine: &Engine,
    catalogue: &Catalogue,
    assumed: Option<u64>,
) -> Result<HashMap<String, Sizes>, Error> {
    let mut all = HashMap::new();
    let register = catalogue.tables().find(|table| !table.is_private() && table.columns.contains_key(PLANNED));
    let Some((register, key)) = register.and_then(|table| Some((table, table.primary_key.first()?))) else { return Ok(all) };
    let scan = PublicScan { table: register.name.clone(), conditions: Vec::new(), optional: false };
    let rows = engine.combinations(&scan, &[key.as_str(), PLANNED]).await?;
    let planned: HashMap<&str, Option<u64>> = rows
        .iter()
        .filter_map(|row| Some((row.first()?.as_deref()?, row.get(1)?.as_deref().and_then(|n| n.parse().ok()))))
        .collect();
    for table in checked.own() {
        let origin =
            |at: usize| table.answer.certified.accepted().crossing.keys.get(at).and_then(|key| key.value.origin.as_ref());
        let keys = &table.answer.certified.grid().keys;
        let Some(at) = (0..keys.len()).find(|at| origin(*at).is_some_and(|o| o.column == *key)) else { continue };
        let size = |(index, code): (usize, &utfall_publish::Code)| {
            let cells = table
                .answer
                .certified
                .grid()
                .cells
                .iter()
                .filter(|cell| cell.get(at).is_some_and(|c| usize::from(*c) == index))
                .count();
            let stated = planned.get(code.code.as_str()).copied()?;
            Some(Size { label: code.label.clone(), planned: stated.or(assumed), cells }).filter(|size| size.cells > 0)
        };
        let sizes = Sizes { column: at, projects: keys[at].codes.iter().enumerate().filter_map(size).collect() };
        all.extend(table.vectors().into_iter().map(|vector| (vector, sizes.clone())));
    }
    Ok(all)
}

/// What people call a column of a vector's table.
pub(crate) fn column_title(checked: &CheckedRelease, vector: &str, column: usize, lang: Lang) -> String {
    let table = checked.own().find(|table| table.vectors().iter().any(|name| name == vector));
    let key = table.and_then(|table| table.answer.certified.grid().keys.get(column));
    key.map_or_else(String::new, |key| key.title.get(lang).to_owned())
}
