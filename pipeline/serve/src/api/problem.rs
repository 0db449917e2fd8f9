//! What is said to those who asked for what cannot be answered (RFC 9457), with the titles that clients look for, letter by letter.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    /// What of the request it is, quoted.
    detail: String,
    /// After how many seconds it can be tried again.
    after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into(), after: None }
    }

    fn wrong(title: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, title, shortened(detail))
    }

    fn none(title: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, title, shortened(detail))
    }

    pub(crate) fn no_variable(name: &str) -> Self {
        Self::wrong("Non-existent variable", name)
    }

    pub(crate) fn no_value(code: &str) -> Self {
        Self::wrong("Non-existent value", code)
    }

    /// The title is misspelt as it is in PxWebApi.
    pub(crate) fn no_selection(variable: &str) -> Self {
        Self::wrong("Missing selection for mandantory variable", variable)
    }

    pub(crate) fn illegal_expression(expression: &str) -> Self {
        Self::wrong("Illegal selection expression", expression)
    }

    pub(crate) fn too_many_cells(cells: usize, most: usize) -> Self {
        Self::wrong("Too many cells selected", &format!("{cells}; at most {most}"))
    }

    pub(crate) fn unsupported_format(name: &str) -> Self {
        Self::wrong("Unsupported output format", name)
    }

    pub(crate) fn unsupported_language(name: &str) -> Self {
        Self::wrong("Unsupported language", name)
    }

    /// A parameter that is not what it has to be; PxWebApi has no title of its own for it.
    pub(crate) fn parameter(name: &str, value: &str) -> Self {
        Self::wrong("Illegal value of a parameter", &format!("{name}={value}"))
    }

    pub(crate) fn body(why: impl std::fmt::Display) -> Self {
        Self::wrong("Illegal body of the request", &why.to_string())
    }

    pub(crate) fn no_table(id: &str) -> Self {
        Self::none("Non-existent table", id)
    }

    pub(crate) fn no_page(number: usize, last: usize) -> Self {
        Self::none("Non-existent page", &format!("{number}; the last one is {last}"))
    }

    pub(crate) fn no_codelist(id: &str) -> Self {
        Self::none("Non-existent codelist", id)
    }

    pub(crate) fn no_endpoint(path: &str) -> Self {
        Self::none("Non-existent endpoint", path)
    }

    pub(crate) fn method(name: &str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", name)
    }

    pub(crate) fn too_large(most: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large body of the request", format!("at most {most} bytes"))
    }

    pub(crate) fn too_often(after: u64) -> Self {
        let detail = format!("try again after {after} seconds");
        Self { after: Some(after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests", detail) }
    }

    pub(crate) fn busy() -> Self {
        let detail = "as many requests are being answered as can be; try again in a second";
        Self { after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "Too many requests at the same time", detail) }
    }

    pub(crate) fn fault() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error", "")
    }
}

/// What is quoted of a request is quoted in part: nobody needs all of it to find it.
fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(['…']).collect() }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = match self.status {
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => "Parameter error",
            _ => "about:blank",
        };
        let mut body = json!({ "type": kind, "title": self.title, "status": self.status.as_u16() });
        if !self.detail.is_empty() {
            body["detail"] = self.detail.into();
        }
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        // pxstatspy looks for this and nothing behind it.
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(after) = self.after {
            headers.insert(header::RETRY_AFTER, after.into());
        }
        response
    }
}
