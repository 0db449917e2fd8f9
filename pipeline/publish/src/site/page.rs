//! The frame of every page: one file, no script, nothing fetched.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use utfall_ground::text::Lang;

const STYLE: &str = include_str!("style.css");

/// Even a mistake in a page may not fetch or run anything.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

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

/// A whole page.
#[cfg(test)]
pub(crate) fn page(lang: Lang, title: &str, body: &Markup) -> Vec<u8> {
    framed(lang, title, body, Frame::default())
}

/// A whole page with what it has beside what all have.
pub(crate) fn framed(lang: Lang, title: &str, body: &Markup, frame: Frame<'_>) -> Vec<u8> {
    let runs = if frame.script.is_some() { "; script-src 'self'" } else { "" };
    let page = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(format!("{POLICY}{runs}"));
                meta name="referrer" content="no-referrer";
                link rel="icon" href="data:,";
                title { (title) }
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
