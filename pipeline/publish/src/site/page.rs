//! The frame of every page: one file, no script, nothing fetched.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use utfall_ground::text::Lang;

const STYLE: &str = include_str!("style.css");

/// Even a mistake in a page may not fetch or run anything.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A whole page.
pub(crate) fn page(lang: Lang, title: &str, body: &Markup) -> Vec<u8> {
    described(lang, title, "", body)
}

/// The same with what search engines are told of it: JSON-LD that nothing in a page can end. It is data, which the policy lets be.
pub(crate) fn described(lang: Lang, title: &str, json_ld: &str, body: &Markup) -> Vec<u8> {
    let page = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="referrer" content="no-referrer";
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
                @if !json_ld.is_empty() { script type="application/ld+json" { (PreEscaped(json_ld)) } }
            }
            body { (body) }
        }
    };
    let mut bytes = page.into_string().into_bytes();
    bytes.push(b'\n');
    bytes
}
