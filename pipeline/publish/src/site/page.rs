//! The frame of every page: one file, no script, nothing fetched.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use utfall_ground::text::Lang;

const STYLE: &str = include_str!("style.css");

/// Even a mistake in a page may not fetch or run anything.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// What programs read of a page.
#[derive(Debug)]
pub(crate) struct Head {
    /// Its language.
    pub(crate) lang: Lang,
    /// Its title.
    pub(crate) title: String,
    /// What it says, in a sentence.
    pub(crate) description: Option<String>,
    /// What the site is called.
    pub(crate) site: Option<String>,
    /// Its address, where the site has one.
    pub(crate) canonical: Option<String>,
    /// The addresses of the same in all languages.
    pub(crate) others: Vec<(Lang, String)>,
}

/// What a page has beside what all have.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Frame<'f> {
    /// What only it looks like.
    pub(crate) style: &'f str,
    /// A file beside it that it may run: it is whole without.
    pub(crate) script: Option<&'f str>,
    /// What search engines are told of it: JSON-LD that nothing in a page can end. It is data, which the policy lets be.
    pub(crate) json_ld: &'f str,
}

/// A whole page of which no more is said than its title.
pub(crate) fn framed(lang: Lang, title: &str, body: &Markup, frame: Frame<'_>) -> Vec<u8> {
    let head = Head { lang, title: title.to_owned(), description: None, site: None, canonical: None, others: Vec::new() };
    page_with(&head, body, frame)
}

/// A whole page.
pub(crate) fn page_with(head: &Head, body: &Markup, frame: Frame<'_>) -> Vec<u8> {
    let policy = policy(frame);
    let page = html! {
        (DOCTYPE)
        html lang=(head.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="referrer" content="no-referrer";
                link rel="icon" href="data:,";
                title { (head.title) }
                (told(head))
                style { (PreEscaped(STYLE)) (PreEscaped(frame.style)) }
                @if let Some(script) = frame.script { script src=(script) defer {} }
                @if !frame.json_ld.is_empty() { script type="application/ld+json" { (PreEscaped(frame.json_ld)) } }
            }
            body { (body) }
        }
    };
    let mut bytes = page.into_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

/// What a page may run: nothing, a file beside it, and of what stands in it the data for search engines, by its digest. Browsers never run that,
/// but validators hold whatever stands in a script element against the policy.
fn policy(frame: Frame<'_>) -> String {
    let script = frame.script.map(|_| " 'self'".to_owned());
    let data = Some(frame.json_ld).filter(|data| !data.is_empty());
    let data = data.map(|data| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(data))));
    let sources: String = script.into_iter().chain(data).collect();
    if sources.is_empty() { POLICY.to_owned() } else { format!("{POLICY}; script-src{sources}") }
}

/// What search engines and those who pass a link on read: description, address, Open Graph.
fn told(head: &Head) -> Markup {
    html! {
        @if let Some(description) = &head.description {
            meta name="description" content=(description);
            meta property="og:title" content=(head.title);
            meta property="og:description" content=(description);
            meta property="og:type" content="article";
            meta property="og:locale" content=(head.lang.pick("sv_SE", "en_GB"));
        }
        @if let Some(site) = &head.site { meta property="og:site_name" content=(site); }
        @if let Some(address) = &head.canonical {
            link rel="canonical" href=(address);
            meta property="og:url" content=(address);
        }
        @for (other, address) in &head.others { link rel="alternate" hreflang=(other.tag()) href=(address); }
    }
}
