//! What the interface says of itself.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde_json::{Value, json};
use utfall_ground::text::Lang;

use super::problem::Problem;
use super::request::Parameters;
use super::{VERSION, json};
use crate::Server;
use crate::body::FORMATS;

/// Its limits, languages and formats.
pub(super) async fn config(State(server): State<Arc<Server>>, uri: Uri) -> Result<Response, Problem> {
    Parameters::of(uri.query()).lang()?;
    let settings = &server.settings;
    let source = |lang: Lang| {
        let publisher = settings.publisher.as_ref()?;
        Some(json!({ "language": lang.tag(), "text": format!("{}: {}", lang.pick("Källa", "Source"), publisher.name.get(lang)) }))
    };
    let mut config = json!({
        "apiVersion": VERSION,
        "appVersion": concat!("utfall ", env!("CARGO_PKG_VERSION")),
        "languages": [{ "id": "sv", "label": "Svenska" }, { "id": "en", "label": "English" }],
        "defaultLanguage": "sv",
        "maxDataCells": server.limits.cells,
        "maxCallsPerTimeWindow": server.limits.calls,
        "timeWindow": server.limits.window,
        "sourceReferences": Lang::ALL.into_iter().filter_map(source).collect::<Vec<Value>>(),
        "defaultDataFormat": "json-stat2",
        "dataFormats": FORMATS.map(|format| format.name()),
        "features": [{ "id": "CORS", "params": [{ "key": "enabled", "value": "True" }] }],
    });
    if let Some(licence) = &settings.licence {
        config["license"] = licence.url.as_str().into();
    }
    json(&config)
}
