//! Any bytes as a file: what it is, its encoding, its separator, its headings, its fields; and any bytes as a workbook.

#![no_main]

use libfuzzer_sys::fuzz_target;
use utfall_fuzz::land::decode::{Encoding, Fields, Splitter, layout, lines};
use utfall_fuzz::land::delivery::{self, Saved};
use utfall_fuzz::land::source::{Form, Source, from_utf16, plain_line_ends};
use utfall_fuzz::land::workbook;
use utfall_fuzz::prepared::{CATALOGUE, file};

fuzz_target!(|bytes: &[u8]| {
    let Ok((form, source)) = Source::open(&file(bytes)) else { return };
    match form {
        Form::Text => {
            let bom = usize::from(bytes.starts_with(b"\xEF\xBB\xBF")) * 3;
            pieces(&source, &bytes[bom..]);
            text(&plain_line_ends(bytes[bom..].to_vec()));
        }
        Form::Utf16 => {
            if let Some(utf8) = from_utf16(source.bytes()) {
                text(&utf8);
            }
        }
        Form::Workbook => {}
    }
    for (name, sheet) in workbook::sheets(bytes).unwrap_or_default() {
        assert!(!name.contains('\0') || !bytes.starts_with(b"PK"));
        let sheet = std::str::from_utf8(&sheet).unwrap();
        assert!(!sheet.contains(|c: char| c.is_control() && c != '\n' && c != '\u{1f}'));
        split(sheet, Some(workbook::SEPARATOR));
    }
});

/// The pieces are all of the bytes, each ends with a line, and several threads survey them as one does.
fn pieces(source: &Source, bytes: &[u8]) {
    let (mut all, mut piece) = (Vec::new(), Vec::new());
    for i in 0..source.pieces() {
        source.read(i, &mut piece).unwrap();
        assert!(!piece.is_empty() && (piece.ends_with(b"\n") || i + 1 == source.pieces()));
        all.extend_from_slice(&piece);
    }
    assert_eq!(all, bytes);
    assert_eq!(source.survey(1).unwrap(), source.survey(3).unwrap());
}

fn text(bytes: &[u8]) {
    let encoding = if std::str::from_utf8(bytes).is_ok() { Encoding::Utf8 } else { Encoding::Cp1252 };
    split(&encoding.text(bytes).unwrap(), None);
}

fn split(text: &str, separator: Option<u8>) {
    let known = |heading: &str| delivery::is_known(heading, &CATALOGUE, &Saved::default());
    let separator = match layout(text, separator, known) {
        Ok(layout) => {
            assert!(layout.headings.len() >= 2 && layout.heading_row > layout.titles);
            assert!(layout.headings.iter().all(|heading| !heading.contains(char::is_control)));
            let _ = delivery::map(&layout.headings, layout.heading_row, &CATALOGUE, &Saved::default(), false);
            layout.separator
        }
        Err(_) => separator.unwrap_or(b';'),
    };
    let mut fields = Fields::default();
    for line in lines(text) {
        assert!(!line.contains('\n'));
        if fields.split(line.as_bytes(), separator).is_ok() {
            assert!(!fields.is_empty());
            assert_eq!(fields.is_blank(), (0..fields.len()).all(|i| fields.get(i).is_empty()));
            assert!((0..fields.len()).all(|i| fields.get(i).trim() == fields.get(i)));
        }
    }
    assert_eq!(lines(text).count(), text.split_inclusive('\n').count());
    // One line after the other, eight bytes at a time, the fields are those of each line alone.
    let (mut one, mut alone, mut splitter) = (Fields::default(), Fields::default(), Splitter::new(text.as_bytes(), separator));
    for line in lines(text) {
        let split = splitter.next(&mut one).unwrap();
        assert_eq!(split, alone.split(line.as_bytes(), separator));
        if split.is_ok() {
            assert_eq!(one.len(), alone.len());
            assert!((0..one.len()).all(|i| one.get(i) == alone.get(i)));
        }
    }
    assert!(splitter.next(&mut one).is_none());
}
