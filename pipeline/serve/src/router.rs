//! All addresses, and what is said with every answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::api::problem::Problem;
use crate::{Server, api, pages};

/// How long a request waits for others to be answered.
const PATIENCE: Duration = Duration::from_secs(1);

/// What browsers may do with an answer. Pages have a style element and pictures in their own text, and no script but files of the site;
/// nothing is loaded from elsewhere, and nobody puts a page into another one. What is published is for everybody, so other sites' programs may
/// read it.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
];

/// What answers every request.
pub(crate) fn router(server: Arc<Server>) -> Router {
    let time = server.limits.time;
    Router::new()
        .nest(api::PATH, api::routes(&server))
        .fallback(pages::page)
        .with_state(Arc::clone(&server))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, time))
        .layer(from_fn_with_state(server, seat))
        .layer(CatchPanicLayer::custom(|_| Problem::fault().into_response()))
        .layer(from_fn(headers))
}

/// Lets only so many requests be answered at the same time; the others wait a little.
async fn seat(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, server.seats.acquire()).await {
        Ok(Ok(_seat)) => next.run(request).await,
        _ => Problem::busy().into_response(),
    }
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
