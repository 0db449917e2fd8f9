//! Any bytes as a file: what it is, its encoding, its separator, its headings, its fields; and any bytes as a workbook.

#![no_main]

use libfuzzer_sys::fuzz_target;
use utfall_fuzz::land::read::decode::{Encoding, Fields, Splitter, layout, lines};
use utfall_fuzz::land::understand::mapping::{self, Saved};
use utfall_fuzz::land::read::source::{Form, Source, from_utf16, plain_line_ends};
use utfall_fuzz::land::read::workbook;
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
    for sheet in workbook::book(bytes).unwrap_or_default().sheets {
        assert!(!sheet.name.contains('\0') || !bytes.starts_with(b"PK"));
        let sheet = std::str::from_utf8(&sheet.lines).unwrap();
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
    let known = |heading: &str| mapping::is_known(heading, &CATALOGUE, &Saved::default());
    let separator = match layout(text, separator, known) {
        Ok(layout) => {
            assert!(layout.headings.len() >= 2 && layout.heading_row > u64::try_from(layout.titles.len()).unwrap());
            assert!(layout.headings.iter().all(|heading| !heading.contains(char::is_control)));
            let _ = mapping::map(&layout.headings, layout.heading_row, &CATALOGUE, &Saved::default(), false);
            layout.separator
        }
        Err(_) => separator.unwrap_or(b';'),
    };
    assert!(lines(text).all(|line| !line.contains('\n')));
    assert_eq!(lines(text).count(), text.split_inclusive('\n').count());
    // One row after the other, eight bytes at a time, the fields are those of each row alone: of one line, or of as many as
    // it takes until no quotation mark is open.
    let (mut one, mut alone, mut splitter) = (Fields::default(), Fields::default(), Splitter::new(text.as_bytes(), separator));
    let mut rest = text;
    while let Some(split) = splitter.next(&mut one) {
        let mut row = 0;
        let closed = rest.split_inclusive('\n').any(|line| {
            row += line.len();
            let whole = rest[..row].strip_suffix('\n').unwrap_or(&rest[..row]);
            alone.split(whole.strip_suffix('\r').unwrap_or(whole).as_bytes(), separator).is_ok()
        });
        assert_eq!(split.is_ok(), closed);
        if closed {
            assert!(!one.is_empty() && one.len() == alone.len());
            assert!((0..one.len()).all(|i| one.get(i) == alone.get(i) && one.get(i).trim() == one.get(i)));
            assert_eq!(one.is_blank(), (0..one.len()).all(|i| one.get(i).is_empty()));
        }
        rest = &rest[row..];
    }
    assert!(rest.is_empty());
}
