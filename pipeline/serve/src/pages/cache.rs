//! Pages in memory, and compressed once.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Head, kind};

/// Files that are smaller are sent as they are.
const LEAST: usize = 512;

/// A file in memory.
#[derive(Debug)]
pub(crate) struct Page {
    head: Head,
    bytes: Bytes,
    compressed: OnceLock<Option<Bytes>>,
}

impl Page {
    pub(super) fn new(head: Head, bytes: Vec<u8>) -> Self {
        Self { head, bytes: bytes.into(), compressed: OnceLock::new() }
    }

    /// The answer to a request: the file, compressed for those who take it so, or that they have it. What is compressed is another
    /// representation and has another tag.
    pub(crate) fn answer(&self, asked: &HeaderMap) -> Response {
        let compressed = takes_gzip(asked).then(|| self.compressed()).flatten();
        let tag = if compressed.is_some() { format!("{}-gzip", self.head.tag) } else { self.head.tag.clone() };
        let mut headers = self.head.headers(&tag);
        if self.head.is_known(&tag, asked) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        if compressed.is_some() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        (headers, Body::from(compressed.unwrap_or_else(|| self.bytes.clone()))).into_response()
    }

    fn compressed(&self) -> Option<Bytes> {
        let make = || {
            if self.bytes.len() < LEAST || !kind::is_text(self.head.kind) {
                return None;
            }
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&self.bytes).ok()?;
            encoder.finish().ok().filter(|bytes| bytes.len() < self.bytes.len()).map(Bytes::from)
        };
        self.compressed.get_or_init(make).clone()
    }
}

/// Whether a reader takes gzip (RFC 9110, 12.5.3): named, or as any other, and not with a weight of 0.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let texts = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let weights: Vec<(String, bool)> = texts
        .flat_map(|text| text.split(','))
        .filter_map(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let name = parts.next()?.to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            Some((name, weight > 0.0))
        })
        .collect();
    let named = |names: &[&str]| weights.iter().find(|(name, _)| names.contains(&name.as_str()));
    named(&["gzip", "x-gzip"]).or_else(|| named(&["*"])).is_some_and(|(_, takes)| *takes)
}

/// The pages of releases, by folder and path, of at most so many bytes together.
#[derive(Debug)]
pub(crate) struct Cache {
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    bytes: usize,
    folders: HashMap<String, HashMap<String, Arc<Page>>>,
}

impl Cache {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    pub(super) fn get(&self, folder: &str, path: &str) -> Option<Arc<Page>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.folders.get(folder)?.get(path).cloned()
    }

    /// Keeps a page. Where there is no room all others are forgotten, those of releases that are gone among them.
    pub(super) fn put(&self, folder: String, path: String, page: &Arc<Page>) {
        // Compressed, it is smaller than as it is.
        let bytes = page.bytes.len() * 2 + folder.len() + path.len();
        if bytes > self.most {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.bytes + bytes > self.most {
            *held = Held::default();
        }
        if held.folders.entry(folder).or_default().insert(path, Arc::clone(page)).is_none() {
            held.bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(text: &'static str) -> bool {
        takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))]))
    }

    #[test]
    fn only_who_takes_it_is_sent_what_is_compressed() {
        assert!(["gzip", "br, GZIP;q=0.5", "*", "x-gzip", "deflate, *;q=0.1"].into_iter().all(takes));
        assert!(!["", "br", "gzip;q=0", "gzip;q=0, *", "*;q=0"].into_iter().any(takes));
    }

    #[test]
    fn a_cache_holds_no_more_than_it_may() {
        let (cache, head) = (Cache::new(2500), Head { kind: "text/html", tag: "t".to_owned(), changed: None });
        let page = |length: usize| Arc::new(Page::new(head.clone(), vec![b'x'; length]));
        cache.put("a-1".to_owned(), "x".to_owned(), &page(500));
        cache.put("a-1".to_owned(), "y".to_owned(), &page(500));
        assert!(cache.get("a-1", "x").is_some() && cache.get("a-1", "y").is_some() && cache.get("a-2", "x").is_none());
        cache.put("a-2".to_owned(), "x".to_owned(), &page(1000));
        assert!(cache.get("a-1", "x").is_none() && cache.get("a-2", "x").is_some());
        cache.put("a-2".to_owned(), "large".to_owned(), &page(2000));
        assert!(cache.get("a-2", "large").is_none() && cache.get("a-2", "x").is_some());
    }
}
