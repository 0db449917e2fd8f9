//! Links to the interface itself: absolute, for R's client follows them as they are.

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};
use utfall_ground::text::Lang;

use super::PATH;
use crate::Server;

/// The address of the interface, as this reader knows the server.
#[derive(Debug)]
pub(super) struct Home(String);

impl Home {
    /// By what was configured, or by the name that the request was sent to.
    pub(super) fn of(server: &Server, headers: &HeaderMap) -> Self {
        if let Some(base) = &server.base {
            return Self(format!("{}{PATH}", base.trim_end_matches('/')));
        }
        let plain = |host: &&str| !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(plain);
        Self(format!("http://{}{PATH}", host.map_or_else(|| server.address.to_string(), str::to_owned)))
    }

    /// The address of an endpoint.
    pub(super) fn address(&self, path: &str, lang: Lang) -> String {
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{}{path}{separator}lang={}", self.0, lang.tag())
    }

    /// A link to an endpoint.
    pub(super) fn link(&self, relation: &str, path: &str, lang: Lang) -> Value {
        json!({ "rel": relation, "hreflang": lang.tag(), "href": self.address(path, lang) })
    }
}
