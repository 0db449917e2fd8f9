//! What a table can be asked for.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use utfall_ground::text::Lang;
use utfall_publish::dataset::DataSet;
use utfall_publish::dataset::cube::Cube;
use utfall_publish::dataset::selection::{Axis, Excerpt, Selection};
use utfall_publish::jsonstat::{self, Cells, Dataset};

use super::link::Home;
use super::problem::Problem;
use super::request::{Id, Parameters};
use super::{codelists, json};
use crate::body::placement::{Placed, id};
use crate::library::table::Table;
use crate::library::{Library, Release};
use crate::selection::{Choice, default};
use crate::{Server, regroup};

/// All codes of a table, without its numbers: as JSON-stat whatever format is asked for, like PxWebApi.
pub(super) async fn metadata(
    State(server): State<Arc<Server>>,
    Id(of): Id,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = Parameters::of(uri.query());
    let lang = parameters.lang()?;
    let by_default = parameters.is_true("defaultselection")?;
    if let Some(query) = parameters.get("savedquery") {
        return Err(Problem::parameter("savedQuery", query));
    }
    let library = server.library().await;
    let (release, table) = library.table(&of).ok_or_else(|| Problem::no_table(&of))?;
    let set = data_set(&library, release, table, &parameters.choices())?;
    let cube = Cube::of(&set, &release.pack.release.vintage());
    let selection = if by_default { by_itself(&cube, &server)? } else { Selection::all(&cube) };
    let excerpt = Excerpt { cube: &cube, selection: &selection, release: &release.pack.release, settings: &server.settings };
    json(&dataset(excerpt, Cells::LeftOut, &library, release, table, &Home::of(&server, &headers), lang))
}

/// What is shown to those who ask for nothing in particular.
pub(super) async fn default_selection(
    State(server): State<Arc<Server>>,
    Id(of): Id,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = Parameters::of(uri.query()).lang()?;
    let library = server.library().await;
    let (release, table) = library.table(&of).ok_or_else(|| Problem::no_table(&of))?;
    let set = data_set(&library, release, table, &[])?;
    let cube = Cube::of(&set, &release.pack.release.vintage());
    let selection = by_itself(&cube, &server)?;
    let placed = Placed::named(&cube, &selection, &[], &[])?;
    let codes = |axis: Axis| -> Vec<&str> {
        let places = selection.places(axis).iter();
        match axis {
            Axis::Contents => places.filter_map(|place| Some(cube.contents.get(*place)?.id.as_str())).collect(),
            Axis::Dimension(at) => {
                let of = cube.dimensions.get(at);
                places.filter_map(|place| Some(of?.codes.get(*place)?.code.as_str())).collect()
            }
        }
    };
    let one = |axis: Axis| json!({ "variableCode": id(&cube, axis), "valueCodes": codes(axis) });
    let ids = |axes: &[Axis]| axes.iter().map(|axis| id(&cube, *axis)).collect::<Vec<_>>();
    json(&json!({
        "language": lang.tag(),
        "selection": selection.axes(&cube).into_iter().map(one).collect::<Vec<Value>>(),
        "placement": { "heading": ids(&placed.heading), "stub": ids(&placed.stub) },
        "links": [Home::of(&server, &headers).link("self", &format!("/tables/{}/defaultselection", table.id), lang)],
    }))
}

/// The selection of those who made none.
pub(super) fn by_itself(cube: &Cube<'_>, server: &Server) -> Result<Selection, Problem> {
    default(cube, server.limits.cells).ok_or_else(Problem::fault)
}

/// The data set of a table, its keys read by the code lists that were chosen.
///
/// # Errors
/// When there is no such dimension or list, or if the dimension cannot be read by it.
pub(super) fn data_set<'l>(
    library: &Library,
    release: &'l Release,
    table: &Table,
    choices: &[Choice],
) -> Result<Cow<'l, DataSet>, Problem> {
    let mut set = Cow::Borrowed(release.set(table).ok_or_else(Problem::fault)?);
    for choice in choices {
        let Some(list) = &choice.codelist else { continue };
        let is_named = |of: &&utfall_publish::dataset::cube::Dimension| of.id.eq_ignore_ascii_case(&choice.variable);
        let none = || Problem::no_codelist(list);
        let Some(dimension) = table.dimensions.iter().find(is_named) else {
            let known = ["time", "contentscode"].iter().any(|name| name.eq_ignore_ascii_case(&choice.variable));
            return Err(if known { none() } else { Problem::no_variable(&choice.variable) });
        };
        let list = library.list(list).filter(|list| table.takes(list, &dimension.id)).ok_or_else(none)?;
        set = Cow::Owned(regroup::by(&set, list, &library.reported(&list.dimension)).ok_or_else(none)?);
    }
    Ok(set)
}

/// An excerpt as JSON-stat, with what only a server can say: links, and the lists by which a dimension can be read.
pub(super) fn dataset(
    excerpt: Excerpt<'_>,
    cells: Cells,
    library: &Library,
    release: &Release,
    table: &Table,
    home: &Home,
    lang: Lang,
) -> Dataset {
    let mut dataset = jsonstat::dataset(excerpt, lang, cells);
    dataset.updated = Some(release.updated.instant());
    dataset.extension.px.tableid.clone_from(&table.id);
    for (id, dimension) in &mut dataset.dimension {
        let lists = codelists::named(library.lists_of(table, id), home, lang);
        dimension.extension.code_lists.clone_from(&lists);
        dimension.extension.codelists = lists;
    }
    dataset
}
