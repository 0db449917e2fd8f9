//! The numbers of a table.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use utfall_ground::text::Lang;
use utfall_publish::dataset::cube::Cube;
use utfall_publish::dataset::selection::Excerpt;
use utfall_publish::jsonstat::Cells;

use super::answer;
use super::link::Home;
use super::metadata::{by_itself, data_set, dataset};
use super::problem::Problem;
use super::request::{Asked, Id, Parameters, Placement};
use crate::body::placement::Placed;
use crate::body::{self, Format, Style};
use crate::selection::{Choice, part};
use crate::{Server, library::Library};

/// By parameters.
pub(super) async fn get(
    State(server): State<Arc<Server>>,
    Id(id): Id,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = Parameters::of(uri.query());
    let placement = Placement { heading: parameters.list("heading"), stub: parameters.list("stub") };
    let choices = parameters.choices();
    data(server, id, &parameters, choices, placement, &headers).await
}

/// By a body; parameters say the rest.
pub(super) async fn post(
    State(server): State<Arc<Server>>,
    Id(id): Id,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let parameters = Parameters::of(uri.query());
    let body = body.map_err(|why| match why.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(server.limits.body),
        _ => Problem::body("it cannot be read"),
    })?;
    let mut asked = Asked::read(&body)?;
    let by_parameters = || Placement { heading: parameters.list("heading"), stub: parameters.list("stub") };
    let placement = asked.placement.take().unwrap_or_else(by_parameters);
    data(server, id, &parameters, asked.choices(), placement, &headers).await
}

async fn data(
    server: Arc<Server>,
    id: String,
    parameters: &Parameters,
    choices: Vec<Choice>,
    placement: Placement,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let (lang, format) = (parameters.lang()?, Format::named(parameters.get("outputformat"))?);
    let style = Style::named(&parameters.list("outputformatparams"))?;
    let query = Query { id, choices, placement, format, style, lang, home: Home::of(&server, headers) };
    let library = server.library().await;
    // Large answers take a while; the threads that listen go on meanwhile.
    let written = tokio::task::spawn_blocking(move || query.write(&server, &library)).await;
    let (name, bytes) = written.map_err(|_| Problem::fault())??;
    let mut response = answer(format.kind(), bytes);
    let name = HeaderValue::try_from(format!("inline; filename=\"{name}.{}\"", format.ending()));
    response.headers_mut().extend(name.ok().map(|name| (header::CONTENT_DISPOSITION, name)));
    Ok(response)
}

/// What was asked for.
struct Query {
    id: String,
    choices: Vec<Choice>,
    placement: Placement,
    format: Format,
    style: Style,
    lang: Lang,
    home: Home,
}

impl Query {
    /// The id of the table, and the file.
    fn write(&self, server: &Server, library: &Library) -> Result<(String, Vec<u8>), Problem> {
        let (release, table) = library.table(&self.id).ok_or_else(|| Problem::no_table(&self.id))?;
        let set = data_set(library, release, table, &self.choices)?;
        let cube = Cube::of(&set, &release.pack.release.vintage());
        let chosen = self.choices.iter().any(|choice| !choice.values.is_empty());
        for choice in &self.choices {
            crate::selection::variable(&cube, &choice.variable)?;
        }
        let selection = if chosen { part(&cube, &self.choices)? } else { by_itself(&cube, server)? };
        let (cells, most) = (selection.len(), server.limits.cells);
        if cells > most {
            return Err(Problem::too_many_cells(cells, most));
        }
        let placed = Placed::named(&cube, &selection, &self.placement.heading, &self.placement.stub)?;
        let excerpt = Excerpt { cube: &cube, selection: &selection, release: &release.pack.release, settings: &server.settings };
        let bytes = match self.format {
            Format::JsonStat => {
                let dataset = dataset(excerpt, Cells::Shown, library, release, table, &self.home, self.lang);
                serde_json::to_vec(&dataset).map_err(|_| Problem::fault())?
            }
            Format::Csv => body::csv(excerpt, &placed, self.style, self.lang),
            Format::Px => body::px(excerpt),
        };
        Ok((table.id.clone(), bytes))
    }
}
