//! A workbook as ODS, the spreadsheet of OpenDocument 1.3 (ISO/IEC 26300), for LibreOffice and all that reads its files.
//!
//! The parts are written here: a library for it would stamp the file with the time of the machine, and bring more code than this is.
//! Every text is a string and every number is written to its last digit; there are no formulas.

mod content;
mod style;

use std::io::{Cursor, Write};
use std::path::PathBuf;

use maud::{Markup, PreEscaped, html};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipResult};

use super::{Edition, Format, OutputFile, PublishError};
use crate::workbook::{Sheet, Workbook};

/// What the file is: its first part, uncompressed, so that programs need not unpack it to know.
const KIND: &str = "application/vnd.oasis.opendocument.spreadsheet";

/// The format `ods`.
#[derive(Debug)]
pub(super) struct Ods;

impl Format for Ods {
    fn name(&self) -> &'static str {
        "ods"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let name = format!("{}.ods", edition.pack.release.name);
        let bytes = write(&Workbook::of(edition)).map_err(|error| PublishError::Compose(name.clone(), error.into()))?;
        Ok(vec![OutputFile { path: PathBuf::from(name), bytes }])
    }

    fn whole(&self, release: &str) -> Vec<String> {
        vec![format!("{release}.ods")]
    }
}

fn write(workbook: &Workbook) -> ZipResult<Vec<u8>> {
    let parts = [
        ("content.xml", content::part(workbook)),
        ("styles.xml", style::part()),
        ("meta.xml", meta(workbook)),
        ("settings.xml", settings(workbook)),
        ("META-INF/manifest.xml", manifest()),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    zip.start_file("mimetype", options.compression_method(CompressionMethod::Stored))?;
    zip.write_all(KIND.as_bytes())?;
    for (name, part) in parts {
        zip.start_file(name, options.compression_method(CompressionMethod::Deflated))?;
        zip.write_all(part.into_string().as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The first line of every part.
const DECLARATION: PreEscaped<&str> = PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

fn manifest() -> Markup {
    let parts = ["content.xml", "styles.xml", "meta.xml", "settings.xml"];
    html! {
        (DECLARATION)
        manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3" {
            manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type=(KIND) {}
            @for part in parts { manifest:file-entry manifest:full-path=(part) manifest:media-type="text/xml" {} }
        }
    }
}

fn meta(workbook: &Workbook) -> Markup {
    html! {
        (DECLARATION)
        office:document-meta
            xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
            xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"
            xmlns:dc="http://purl.org/dc/elements/1.1/"
            office:version="1.3"
        {
            office:meta {
                meta:generator { "utfall" }
                dc:title { (content::allowed(&workbook.title)) }
                dc:description { (workbook.id) }
                @if let Some(publisher) = &workbook.publisher {
                    meta:initial-creator { (content::allowed(publisher)) }
                    dc:creator { (content::allowed(publisher)) }
                }
                @if let Some(made) = workbook.made {
                    meta:creation-date { (made.instant()) }
                    dc:date { (made.instant()) }
                }
                dc:language { "sv-SE" }
            }
        }
    }
}

/// How the sheets are shown at first: headings stay in sight. These names are LibreOffice's own; other programs pass over them.
fn settings(workbook: &Workbook) -> Markup {
    let item =
        |name: &str, kind: &str, value: &str| html! { config:config-item config:name=(name) config:type=(kind) { (value) } };
    let view = |sheet: &Sheet, head: usize| {
        let below = (head + 1).to_string();
        html! {
            config:config-item-map-entry config:name=(sheet.name) {
                (item("VerticalSplitMode", "short", "2"))
                (item("VerticalSplitPosition", "int", &below))
                (item("ActiveSplitRange", "short", "2"))
                (item("PositionTop", "int", "0"))
                (item("PositionBottom", "int", &below))
            }
        }
    };
    html! {
        (DECLARATION)
        office:document-settings
            xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
            xmlns:config="urn:oasis:names:tc:opendocument:xmlns:config:1.0"
            xmlns:ooo="http://openoffice.org/2004/office"
            office:version="1.3"
        {
            office:settings {
                config:config-item-set config:name="ooo:view-settings" {
                    config:config-item-map-indexed config:name="Views" {
                        config:config-item-map-entry {
                            (item("ViewId", "string", "view1"))
                            config:config-item-map-named config:name="Tables" {
                                @for sheet in &workbook.sheets { @if let Some(head) = sheet.head { (view(sheet, head)) } }
                            }
                            @if let Some(first) = workbook.sheets.first() { (item("ActiveTable", "string", &first.name)) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
