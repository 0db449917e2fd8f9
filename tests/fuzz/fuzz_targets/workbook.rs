//! Workbooks of fuzzed parts: XLSX (the sheet, the shared strings and the styles, with a zero byte between them) and ODS
//! (its content), told apart by the first byte; and workbooks as they are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use utfall_fuzz::prepared::{Said, delivery, file};
use utfall_fuzz::zipped::{ods, xlsx};

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"PK") || bytes.starts_with(&[0xD0, 0xCF]) {
        return delivery(&file(bytes), Said::default());
    }
    let Some((kind, parts)) = bytes.split_first() else { return };
    let book = if kind & 1 == 1 {
        let mut parts = parts.splitn(3, |b| *b == 0);
        let [sheet, strings, styles] = [(); 3].map(|()| parts.next().unwrap_or_default());
        xlsx(sheet, strings, styles)
    } else if ends(parts) {
        ods(parts)
    } else {
        return;
    };
    delivery(&file(&book), Said::of(kind >> 1));
});

/// Calamine 0.38 reads for ever where a table or a note is not closed; the process that it runs in has its limits.
fn ends(content: &[u8]) -> bool {
    let last = |what: &[u8]| content.windows(what.len()).rposition(|w| w == what);
    last(b"</table:table>") >= last(b"<table:table ").max(last(b"<table:table>"))
        && last(b"</office:annotation>") >= last(b"<office:annotation")
}
