//! The parts of a workbook as XML, read a second time for what the reader of values passes over.

use std::io::{BufReader, Cursor, Read, Take};

use memchr::memchr;
use quick_xml::Reader;
use quick_xml::events::BytesStart;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::damaged;
use crate::land::finding::{Finding, ValidationRule};

/// A workbook's zip.
pub(super) type Zip<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// The bytes of a part, and one more than it says that it has.
type Bytes<'z, 'b> = Take<ZipFile<'z, Cursor<&'b [u8]>>>;

/// One part of it, read as it comes.
pub(super) struct Part<'z, 'b> {
    reader: Reader<BufReader<Bytes<'z, 'b>>>,
    buffer: Vec<u8>,
}

/// What comes next in a part.
pub(super) type Event<'e> = quick_xml::events::Event<'e>;

impl<'z, 'b> Part<'z, 'b> {
    /// Opens a part by its place in the zip.
    pub(super) fn open(zip: &'z mut Zip<'b>, index: usize) -> Result<Self, Finding> {
        let part = zip.by_index(index).map_err(damaged)?;
        let size = part.size();
        let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, part.take(size + 1)));
        // As the reader of values does, so that both see the same.
        let config = reader.config_mut();
        config.check_end_names = false;
        config.check_comments = false;
        config.trim_text(false);
        config.expand_empty_elements = true;
        Ok(Self { reader, buffer: Vec::with_capacity(1 << 10) })
    }

    /// The next event. At the end of the part its checksum has been compared, and its length with what it said it was.
    pub(super) fn next(&mut self) -> Result<Event<'_>, Finding> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer).map_err(damaged)?;
        if matches!(event, Event::Eof) && self.reader.get_ref().get_ref().limit() != 1 {
            return Err(Finding::of(ValidationRule::WorkbookDamaged));
        }
        Ok(event)
    }
}

/// Reads every part of a zip to its end, where its checksum is compared: the reader of values stops at the last cell, before
/// it, and would take a digit that has changed for what was written. Some parts are read to their ends anyway.
///
/// A few packed bytes may be a thousand times as many: what is larger than it says is damaged.
pub(super) fn whole(zip: &mut Zip<'_>, except: &[usize]) -> Result<(), Finding> {
    (0..zip.len()).filter(|i| !except.contains(i)).try_for_each(|i| to_end(zip, i))
}

/// Reads one part to its end.
pub(super) fn to_end(zip: &mut Zip<'_>, index: usize) -> Result<(), Finding> {
    let mut part = zip.by_index(index).map_err(damaged)?;
    let size = part.size();
    let read = std::io::copy(&mut part.by_ref().take(size + 1), &mut std::io::sink()).map_err(damaged)?;
    if read == size { Ok(()) } else { Err(Finding::of(ValidationRule::WorkbookDamaged)) }
}

/// The names and raw values of an element's attributes.
pub(super) fn attributes<'e>(element: &'e BytesStart<'_>) -> impl Iterator<Item = (&'e str, &'e str)> {
    let mut rest = element.attributes_raw();
    std::iter::from_fn(move || {
        let (name, after) = rest.split_at_checked(memchr(b'=', rest.as_bytes())?)?;
        let after = after.get(1..)?.trim_ascii_start();
        let quote = *after.as_bytes().first().filter(|quote| matches!(quote, b'"' | b'\''))?;
        let (value, after) = after.get(1..)?.split_at_checked(memchr(quote, after.get(1..)?.as_bytes())?)?;
        rest = after.get(1..)?;
        Some((name.trim_ascii(), value))
    })
}

/// The raw value of one attribute.
pub(super) fn attribute<'e>(element: &'e BytesStart<'_>, name: &str) -> Option<&'e str> {
    attributes(element).find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The value of an attribute with its entities.
pub(super) fn plain(raw: &str) -> Result<String, Finding> {
    quick_xml::escape::unescape(raw).map(std::borrow::Cow::into_owned).map_err(damaged)
}

/// Adds what an event says as text, if it does.
pub(super) fn add_text(event: &Event<'_>, text: &mut String) {
    match event {
        Event::Text(t) => text.push_str(&t.xml10_content()),
        Event::CData(t) => text.push_str(&t.xml10_content()),
        Event::GeneralRef(name) => text.push_str(&plain(&format!("&{};", name.xml10_content())).unwrap_or_default()),
        _ => {}
    }
}

/// Whether an attribute of two values is set.
pub(super) fn is_set(value: &str) -> bool {
    matches!(value, "1" | "true" | "on")
}
