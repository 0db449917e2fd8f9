//! Whether a sheet of an XLSX has anything that a second look would find: most lists have no formulas, nothing merged and
//! nothing hidden, and looking for these words costs a tenth of looking at each element.

use std::io::Read;

use memchr::memmem::Finder;

use super::damaged;
use super::xml::Zip;
use crate::land::finding::{Finding, ValidationRule};

/// So much of a part is looked through at a time.
const CHUNK: usize = 1 << 18;
/// No word that is looked for, with what decides about it behind it, is longer.
const LONGEST: usize = 32;

/// Whether a part has no formula, error, merged cell, and hidden row or column. It is read to its end, where its checksum is
/// compared, and its length with what it said it was.
pub(super) fn is_plain(zip: &mut Zip<'_>, index: usize) -> Result<bool, Finding> {
    let mut part = zip.by_index(index).map_err(damaged)?;
    let (size, mut length) = (part.size(), 0);
    let mut rest = part.by_ref().take(size + 1);
    let (words, mut plain) = (Words::new(), true);
    let mut chunk = Vec::with_capacity(CHUNK + LONGEST);
    loop {
        let kept = chunk.len();
        let read = rest.by_ref().take(CHUNK as u64).read_to_end(&mut chunk).map_err(damaged)?;
        length += u64::try_from(read).unwrap_or_default();
        let is_last = read == 0;
        plain = plain && !words.are_in(&chunk, is_last) && (kept > 0 || is_ascii_based(&chunk));
        if is_last {
            return if length == size { Ok(plain) } else { Err(Finding::of(ValidationRule::WorkbookDamaged)) };
        }
        // A word may begin in this piece and end in the next.
        chunk.drain(..chunk.len().saturating_sub(LONGEST));
    }
}

/// Whether words are written in the bytes that they are looked for in.
fn is_ascii_based(head: &[u8]) -> bool {
    head.trim_ascii_start().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head.trim_ascii_start()).first() == Some(&b'<')
        && !head.iter().take(CHUNK).any(|b| *b == 0)
}

/// What is looked for.
struct Words {
    formula: [Finder<'static>; 2],
    hidden: Finder<'static>,
    others: [Finder<'static>; 3],
}

impl Words {
    fn new() -> Self {
        Self {
            formula: ["<f", ":f"].map(Finder::new),
            hidden: Finder::new("hidden"),
            others: ["mergeCell", "\"e\"", "'e'"].map(Finder::new),
        }
    }

    fn are_in(&self, chunk: &[u8], is_last: bool) -> bool {
        // What stands at the very end is decided with the next piece.
        let after = |at: usize| chunk.get(at..).filter(|after| is_last || after.len() >= LONGEST / 2);
        let names_more = |after: &[u8]| after.first().is_some_and(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(b));
        let formula =
            |finder: &Finder<'_>| finder.find_iter(chunk).any(|at| after(at + 2).is_some_and(|after| !names_more(after)));
        let hides = |after: &[u8]| {
            let value = after.trim_ascii_start().strip_prefix(b"=").unwrap_or_default().trim_ascii_start();
            !matches!(value, [b'"' | b'\'', b'0' | b'f', ..])
        };
        self.formula.iter().any(formula)
            || self.hidden.find_iter(chunk).any(|at| after(at + 6).is_some_and(hides))
            || self.others.iter().any(|finder| finder.find(chunk).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_is_around_them() {
        let words = Words::new();
        for part in [
            "<c><f>X</f></c>",
            "<c><f/></c>",
            "<f\tt='shared'>",
            "<x:f>",
            "<row hidden=\"1\">",
            "<row hidden = 'true'>",
            "<mergeCells>",
            "<c t=\"e\">",
            "<c t='e'>",
        ] {
            assert!(words.are_in(part.as_bytes(), true), "{part}");
        }
        for part in [
            "<row r=\"1\" hidden=\"false\"><c t=\"s\"/>",
            "<formula1>A1</formula1><x14:formula>",
            "<col hidden='0'/>",
            "<c><v>f</v>",
        ] {
            assert!(!words.are_in(part.as_bytes(), true), "{part}");
        }
        assert!(is_ascii_based(b"\xEF\xBB\xBF<?xml") && !is_ascii_based(b"\xFF\xFE<\0?\0") && !is_ascii_based(b"<\0?\0"));
    }

    #[test]
    fn words_are_found_also_where_two_pieces_meet() {
        for before in CHUNK - 2 * LONGEST..CHUNK + 2 {
            let text = format!("<{}<row hidden=\"1\"/>{}", " ".repeat(before), " ".repeat(40));
            let mut to = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
            to.start_file("a", stored).unwrap();
            std::io::Write::write_all(&mut to, text.as_bytes()).unwrap();
            let bytes = to.finish().unwrap().into_inner();
            let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes.as_slice())).unwrap();
            assert!(!is_plain(&mut zip, 0).unwrap(), "{before}");
        }
    }
}
