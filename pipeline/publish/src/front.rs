//! The front page: every release that a folder shows.

use std::fs;
use std::path::{Path, PathBuf};

use maud::{Markup, html};

use super::{DESCRIPTION, Imprint, OutputFile, PublishError, catalogue, folder, signature, site};
use crate::Description;
use utfall_ground::text::{Lang, Text};

/// The first page of a folder.
pub(super) const PAGE: &str = "index.html";

/// A release in the list.
struct Entry {
    name: String,
    title: Text,
    tables: Vec<Text>,
    demonstration: bool,
    pages: bool,
}

/// The files of the whole site, beside the folders of its releases.
pub(super) fn files(out: &Path, imprint: Imprint<'_>) -> Result<Vec<OutputFile>, PublishError> {
    let mut files = vec![OutputFile { path: PathBuf::from(PAGE), bytes: page(out)? }];
    files.extend(signature::public_key(imprint.signer));
    files.extend(catalogue::files(out, imprint.settings)?);
    Ok(files)
}

/// The front page of the releases in `out`, in both languages.
fn page(out: &Path) -> Result<Vec<u8>, PublishError> {
    let entries: Vec<Entry> = folder::releases(out)?.into_iter().map(|name| entry(out, name)).collect();
    let body = html! { main { @for lang in Lang::ALL { (list(lang, &entries)) } } };
    Ok(site::page(Lang::Sv, "Publicerad statistik · Published statistics", &body))
}

/// A release that this program cannot read, one of a later version, is listed by its name.
fn entry(out: &Path, name: String) -> Entry {
    let folder = out.join(&name);
    let description = fs::read(folder.join(DESCRIPTION)).ok().and_then(|json| Description::from_json(&json).ok());
    let pages = folder.join(PAGE).is_file();
    match description {
        Some(description) => {
            let tables = description.tables.into_iter().map(|table| table.title).collect();
            Entry { name, title: description.title, tables, demonstration: description.demonstration, pages }
        }
        None => {
            Entry { title: Text { sv: name.clone(), en: name.clone() }, name, tables: Vec::new(), demonstration: false, pages }
        }
    }
}

fn list(lang: Lang, entries: &[Entry]) -> Markup {
    html! {
        section lang=(lang.tag()) {
            h1 { (lang.pick("Publicerad statistik", "Published statistics")) }
            p {
                (lang.pick(
                    "Resultat från arbetsmarknadsprojekt. Alla tal har ett skyddande brus; varje sida förklarar vad det innebär.",
                    "Outcomes of labour-market projects. All numbers carry protective noise; each page explains what that means.",
                ))
            }
            ul {
                @for entry in entries {
                    li {
                        a href=(address(lang, entry)) { (entry.title.get(lang)) }
                        @if entry.demonstration { " · " em { (lang.pick("påhittade deltagare", "made-up participants")) } }
                        @if !entry.tables.is_empty() {
                            br;
                            span.small.soft { (tables(lang, entry)) }
                        }
                    }
                }
            }
        }
    }
}

fn address(lang: Lang, entry: &Entry) -> String {
    format!("{}/{}", entry.name, if entry.pages { site::page_name(lang) } else { "" })
}

fn tables(lang: Lang, entry: &Entry) -> String {
    entry.tables.iter().map(|title| title.get(lang)).collect::<Vec<_>>().join(" · ")
}
