//! A code list by its id.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use utfall_ground::text::Lang;

use super::json;
use super::link::Home;
use super::problem::Problem;
use super::request::{Id, Parameters};
use crate::Server;
use crate::library::codelist::CodeList;

/// Its codes, with those that they stand for.
pub(super) async fn codelist(
    State(server): State<Arc<Server>>,
    Id(id): Id,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = Parameters::of(uri.query()).lang()?;
    let library = server.library().await;
    let list = library.list(&id).ok_or_else(|| Problem::no_codelist(&id))?;
    let home = Home::of(&server, &headers);
    let value =
        |of: &crate::library::codelist::Group| json!({ "code": of.code, "label": of.label.get(lang), "valueMap": of.value_map });
    json(&json!({
        "id": list.id,
        "label": list.label.get(lang),
        "language": lang.tag(),
        "languages": Lang::ALL.map(Lang::tag),
        "type": list.kind.name(),
        "elimination": false,
        "values": list.values.iter().map(value).collect::<Vec<_>>(),
        "links": [home.link("self", &path(list), lang)],
    }))
}

/// The lists by which a dimension can be read, as its extension names them.
pub(super) fn named<'l>(lists: impl Iterator<Item = &'l CodeList>, home: &Home, lang: Lang) -> Vec<Value> {
    let one = |list: &CodeList| {
        json!({
            "id": list.id,
            "label": list.label.get(lang),
            "type": list.kind.name(),
            "links": [home.link("metadata", &path(list), lang)],
        })
    };
    lists.map(one).collect()
}

fn path(list: &CodeList) -> String {
    format!("/codelists/{}", list.id)
}
