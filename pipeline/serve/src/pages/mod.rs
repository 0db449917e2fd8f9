//! The files of the folder of pages, as they lie there.
//!
//! The file of a release is known by the name of its folder, which is named by its contents and never changed: that is its entity
//! tag, and while it is in memory nothing is read again but the link. A file beside the releases is known by its contents, and is
//! looked at each time. A reader who asks again is told that nothing has changed.

mod cache;
mod kind;
pub(crate) mod place;

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};
use tokio_util::io::ReaderStream;

use crate::Server;
pub(crate) use cache::Cache;
use cache::Page;
use place::Place;

/// The page of a folder.
const INDEX: &str = "index.html";

/// The most bytes of one file that is kept in memory; larger ones are read each time, piece by piece.
const MOST: u64 = 4 << 20;

/// Answers with the file of an address.
pub(crate) async fn page(State(server): State<Arc<Server>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let Some(mut parts) = place::parts(uri.path()) else { return missing() };
    let is_folder = uri.path().ends_with('/');
    if is_folder {
        parts.push(INDEX.to_owned());
    }
    let of = parts.first().and_then(|name| Some((name.clone(), place::release(&server.out, name)?)));
    let key = parts.join("/");
    if let Some(page) = of.as_ref().and_then(|(_, folder)| server.pages.get(folder, &key)) {
        return page.answer(&headers);
    }
    let found = tokio::task::spawn_blocking({
        let (server, key) = (Arc::clone(&server), key.clone());
        move || find(&server, &key, &parts)
    });
    match found.await {
        Ok(Ok(Found::Page(page))) => page.answer(&headers),
        Ok(Ok(Found::Large(file, head))) => large(file, &head, &headers),
        Ok(Ok(Found::Folder)) if !is_folder => to_folder(&uri),
        _ => missing(),
    }
}

/// What lies at an address.
enum Found {
    Page(Arc<Page>),
    /// A file that is not kept in memory, and what is said of it.
    Large(File, Head),
    Folder,
}

/// What is said of a file before what it holds.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    kind: &'static str,
    /// Its entity tag, without quotation marks.
    tag: String,
    changed: Option<SystemTime>,
}

impl Head {
    /// Whether a reader has it, by the tag or the date that came with the request (RFC 9110, 13.2.2): the tag goes first.
    fn is_known(&self, tag: &str, headers: &HeaderMap) -> bool {
        if let Some(known) = headers.get(header::IF_NONE_MATCH) {
            return known.to_str().is_ok_and(|known| is_among(tag, known));
        }
        let since = headers.get(header::IF_MODIFIED_SINCE).and_then(|since| httpdate::parse_http_date(since.to_str().ok()?).ok());
        // Headers know whole seconds.
        let seconds =
            |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
        since.zip(self.changed).is_some_and(|(since, changed)| seconds(changed) <= seconds(since))
    }

    /// The headers of an answer whose representation has this tag.
    fn headers(&self, tag: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        let changed = self.changed.map(httpdate::fmt_http_date).and_then(|date| HeaderValue::try_from(date).ok());
        headers.extend(changed.map(|date| (header::LAST_MODIFIED, date)));
        headers.extend(HeaderValue::try_from(format!("\"{tag}\"")).ok().map(|tag| (header::ETAG, tag)));
        headers
    }
}

/// Whether a tag is among those of a header; a weak one is as good for an answer that need not be sent.
pub(crate) fn is_among(tag: &str, known: &str) -> bool {
    let plain = |text: &str| text.trim().trim_start_matches("W/").trim_matches('"') == tag;
    known.trim() == "*" || known.split(',').any(plain)
}

fn find(server: &Server, key: &str, parts: &[String]) -> Result<Found, std::io::Error> {
    let Place::File(mut file, folder) = place::open(&server.out, parts)? else { return Ok(Found::Folder) };
    let about = file.metadata()?;
    let kind = kind::of(key);
    let (length, changed) = (about.len(), about.modified().ok());
    if length > MOST {
        let of = folder.unwrap_or_else(|| format!("{length} {changed:?}"));
        return Ok(Found::Large(file, Head { kind, tag: tag(&[of.as_bytes(), key.as_bytes()]), changed }));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.by_ref().take(MOST).read_to_end(&mut bytes)?;
    let tag = match &folder {
        Some(folder) => tag(&[folder.as_bytes(), key.as_bytes()]),
        None => tag(&[&bytes]),
    };
    let page = Arc::new(Page::new(Head { kind, tag, changed }, bytes));
    if let Some(folder) = folder {
        server.pages.put(folder, key.to_owned(), &page);
    }
    Ok(Found::Page(page))
}

/// The first sixteen bytes of the SHA-256 of some texts, each behind its length, in hex.
pub(crate) fn tag(texts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A large file, as it is read.
fn large(file: File, head: &Head, asked: &HeaderMap) -> Response {
    let mut headers = head.headers(&head.tag);
    if head.is_known(&head.tag, asked) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if let Ok(about) = file.metadata() {
        headers.insert(header::CONTENT_LENGTH, about.len().into());
    }
    (headers, Body::from_stream(ReaderStream::with_capacity(tokio::fs::File::from_std(file), 1 << 16))).into_response()
}

/// Sends a reader to the address of a folder, which ends with a slash: from there the links of its page lead on.
fn to_folder(uri: &Uri) -> Response {
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    // Relative to where the reader is, so that it is right below any address; a name with a colon is no scheme behind `./`.
    let to = PathBuf::from(".").join(name).display().to_string();
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("{to}/"))]).into_response()
}

/// Nothing is there, in both languages.
fn missing() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::NOT_FOUND, kind, include_str!("missing.html")).into_response()
}
