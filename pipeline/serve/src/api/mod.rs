//! The interface that PxWeb's clients speak, PxWebApi 2.2 (PxTools/PxApiSpecs), below `/api/v2`.

mod codelists;
mod config;
mod data;
mod link;
mod metadata;
pub(crate) mod problem;
pub(crate) mod request;
mod tables;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Extension, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Serialize;
use tower_http::compression::CompressionLayer;

use crate::{Peer, Server, pages};
use problem::Problem;

/// Where it lies below the address of the server.
pub(crate) const PATH: &str = "/api/v2";

/// The version of the interface.
const VERSION: &str = "2.2.0";

const JSON: &str = "application/json; charset=UTF-8";

/// What it says of itself to programs.
const DESCRIPTION: &str = include_str!("openapi.json");

/// Its addresses.
pub(crate) fn routes(server: &Arc<Server>) -> Router<Arc<Server>> {
    Router::new()
        .route("/config", get(config::config))
        .route("/openapi.json", get(description))
        .route("/tables", get(tables::tables))
        .route("/tables/{id}", get(tables::table))
        .route("/tables/{id}/metadata", get(metadata::metadata))
        .route("/tables/{id}/defaultselection", get(metadata::default_selection))
        .route("/tables/{id}/data", get(data::get).merge(post(data::post)))
        .route("/codelists/{id}", get(codelists::codelist))
        .fallback(async |request: Request| Problem::no_endpoint(request.uri().path()))
        .method_not_allowed_fallback(async |request: Request| Problem::method(request.method().as_str()))
        // Larger ones are told so by us, so a little more is taken in.
        .layer(DefaultBodyLimit::max(server.limits.body))
        .layer(CompressionLayer::new())
        .layer(from_fn(known))
        .layer(from_fn_with_state(Arc::clone(server), admit))
}

/// Who calls too often waits. To ask what may be asked is free.
async fn admit(State(server): State<Arc<Server>>, peer: Option<Extension<Peer>>, request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (header::ACCESS_CONTROL_MAX_AGE, "86400"),
        ];
        return (StatusCode::NO_CONTENT, allowed).into_response();
    }
    let peer = peer.map(|Extension(Peer(address))| address);
    match server.rate.take(caller(&server, peer, request.headers()), Instant::now()) {
        Ok(()) => next.run(request).await,
        Err(after) => Problem::too_often(after).into_response(),
    }
}

/// Whose call it is: behind a proxy, the last address that the proxy wrote down; all before it anybody can have written.
fn caller(server: &Server, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    let forwarded = || {
        let last = headers.get_all(HeaderName::from_static("x-forwarded-for")).iter().next_back()?;
        last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let forwarded = server.proxied.then(forwarded).flatten();
    forwarded.or(peer).unwrap_or(IpAddr::from([0, 0, 0, 0]))
}

/// Tells a reader who has an answer that it is still the same. What is compressed later has the same tag, so it is a weak one.
async fn known(request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::IF_NONE_MATCH).cloned();
    let mut response = next.run(request).await;
    let Some(tag) = response.extensions_mut().remove::<Tag>().map(|Tag(tag)| tag) else { return response };
    let headers = response.headers_mut();
    headers.extend(HeaderValue::try_from(format!("W/\"{tag}\"")).ok().map(|tag| (header::ETAG, tag)));
    if asked.is_some_and(|asked| asked.to_str().is_ok_and(|asked| pages::is_among(&tag, asked))) {
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::CONTENT_TYPE);
        *response.body_mut() = Body::empty();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response
}

/// What tells an answer from all others.
#[derive(Debug, Clone)]
struct Tag(String);

/// An answer with a body.
fn answer(kind: &'static str, bytes: Vec<u8>) -> Response {
    let tag = Tag(pages::tag(&[&bytes]));
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")];
    let mut response = (headers, Bytes::from(bytes)).into_response();
    response.extensions_mut().insert(tag);
    response
}

/// An answer in JSON.
fn json(body: &impl Serialize) -> Result<Response, Problem> {
    serde_json::to_vec(body).map(|bytes| answer(JSON, bytes)).map_err(|_| Problem::fault())
}

async fn description() -> Response {
    answer(JSON, DESCRIPTION.as_bytes().to_vec())
}

#[cfg(test)]
mod tests;
