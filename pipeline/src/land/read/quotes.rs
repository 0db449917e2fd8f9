//! Quotation marks: what is inside them is one cell, also a line break. Pieces of a list are cut anew where its rows end.

use memchr::memchr;

use crate::land::finding::{Finding, ValidationRule};
use crate::land::read::decode::Encoding;
use crate::land::read::source::Source;
use crate::land::read::workbook;
use utfall_ground::visible::visible;

/// No row is longer: a quotation mark that nobody closed takes in the rest of the list.
const LONGEST_ROW: u64 = 1 << 20;

/// A quotation mark that opens a field and is not closed where a field ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenQuote;

/// Where the reader of a row with quotation marks is. A mark opens a field only where the field starts, and a doubled one
/// inside stands for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Pen {
    #[default]
    Start,
    Plain,
    Quoted,
    /// Behind a mark that closes, unless another follows.
    Closed,
    /// Behind a closed field, at the spaces that may follow it.
    After,
}

/// Reads quotation marks, byte by byte.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quotes {
    pen: Pen,
    /// Whether the field that is quoted, or was, has a line break.
    broken: bool,
}

/// What a byte of a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A quotation mark that is not part of its field.
    Nothing,
    Separator,
    Text,
    /// The end of the row.
    End,
}

impl Quotes {
    /// Whether a field is open.
    pub(super) fn is_open(self) -> bool {
        self.pen == Pen::Quoted
    }

    /// Reads a line with its end.
    ///
    /// # Errors
    /// When a field that has a line break goes on behind the mark that closes it: then it was never meant to be one.
    pub(super) fn line(&mut self, line: &[u8], separator: u8) -> Result<(), OpenQuote> {
        for byte in line {
            if self.read(*byte, separator)? == Mark::End {
                *self = Self::default();
            }
        }
        Ok(())
    }

    fn read(&mut self, byte: u8, separator: u8) -> Result<Mark, OpenQuote> {
        let (pen, mark) = match (self.pen, byte) {
            (Pen::Quoted, b'"') => (Pen::Closed, Mark::Nothing),
            (Pen::Quoted, byte) => {
                self.broken |= byte == b'\n';
                (Pen::Quoted, Mark::Text)
            }
            (_, b'\n') => (Pen::Start, Mark::End),
            (Pen::Closed, b'"') => (Pen::Quoted, Mark::Text),
            (_, byte) if byte == separator => {
                self.broken = false;
                (Pen::Start, Mark::Separator)
            }
            (Pen::Start, b'"') => (Pen::Quoted, Mark::Nothing),
            (Pen::Start, b' ') => (Pen::Start, Mark::Text),
            (Pen::Closed | Pen::After, b' ' | b'\t' | b'\r') => (Pen::After, Mark::Text),
            (Pen::Closed | Pen::After, _) if self.broken => return Err(OpenQuote),
            _ => (Pen::Plain, Mark::Text),
        };
        self.pen = pen;
        Ok(mark)
    }
}

/// The row that some lines begin with, with its quotation marks taken out and its separators replaced by one that no field
/// holds. Gives how long it is without its end.
pub(super) fn unquote(lines: &[u8], separator: u8, out: &mut Vec<u8>) -> Result<usize, OpenQuote> {
    let (mut quotes, mut length) = (Quotes::default(), lines.len());
    for (at, byte) in lines.iter().enumerate() {
        match quotes.read(*byte, separator)? {
            Mark::Separator => out.push(workbook::SEPARATOR),
            Mark::Text if *byte == workbook::SEPARATOR => {}
            // A line break is one character in a field, whoever wrote it.
            Mark::Text if *byte == b'\r' && quotes.is_open() && lines.get(at + 1) == Some(&b'\n') => {}
            Mark::Text => out.push(*byte),
            Mark::Nothing => {}
            Mark::End => {
                length = at;
                break;
            }
        }
    }
    if out.last() == Some(&b'\r') {
        out.pop();
    }
    if quotes.is_open() { Err(OpenQuote) } else { Ok(length) }
}

/// Cuts a list into pieces of whole rows; gives how many rows each of them has.
///
/// # Errors
/// The row in which a quotation mark is left open.
pub fn join(source: &mut Source, encoding: Encoding, separator: u8) -> Result<Vec<u64>, Finding> {
    let (mut quotes, mut buffer) = (Quotes::default(), Vec::new());
    let (mut pieces, mut counts) = (Vec::new(), Vec::new());
    let (mut at, mut row) = (source.begins(), 1);
    let (mut cut, mut end, mut count) = (at, at, 0);
    for piece in 0..source.pieces() {
        source.read(piece, &mut buffer)?;
        for line in buffer.split_inclusive(|byte| *byte == b'\n') {
            let open = || Finding::row(row, None, ValidationRule::Quote);
            if quotes.is_open() || memchr(b'"', line).is_some() {
                // As it is read in the end: a mark may stand behind what shows nothing.
                let seen = encoding.text(line)?;
                quotes.line(visible(&seen).as_bytes(), separator).map_err(|OpenQuote| open())?;
            }
            at += u64::try_from(line.len()).unwrap_or_default();
            if !quotes.is_open() {
                (end, row, count) = (at, row + 1, count + 1);
            } else if at - end > LONGEST_ROW {
                return Err(open());
            }
        }
        if end > cut {
            pieces.push(cut..end);
            counts.push(count);
            (cut, count) = (end, 0);
        }
    }
    if quotes.is_open() {
        return Err(Finding::row(row, None, ValidationRule::Quote));
    }
    source.recut(pieces);
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows and the pieces of a list that is cut where its rows end.
    fn joined(text: &str) -> Result<(Vec<u64>, Vec<String>), Finding> {
        let mut source = Source::text(text.as_bytes().to_vec()).unwrap();
        let counts = join(&mut source, Encoding::Utf8, b';')?;
        let mut buffer = Vec::new();
        let piece = |piece| {
            source.read(piece, &mut buffer).unwrap();
            String::from_utf8(buffer.clone()).unwrap()
        };
        Ok((counts, (0..source.pieces()).map(piece).collect()))
    }

    #[test]
    fn no_row_is_cut_into_two_pieces() {
        // Rows of 30 bytes with a break after the twelfth or thirteenth: one of two pieces of two mebibytes would end in it.
        for first in ["x\n", "xy\n", "xyzxyzxyzxyz\n", "x;\"y\nz\"\r\n"] {
            let rows = 300_000;
            let text = format!("{first}{}", "1;\"note of a \nday; more\";234\n".repeat(rows));
            let (counts, pieces) = joined(&text).unwrap();
            assert_eq!((counts.iter().sum::<u64>(), pieces.concat() == text), (rows as u64 + 1, true));
            assert!(pieces.len() > 3 && pieces.iter().all(|piece| piece.ends_with("234\n")));
            assert!(pieces.iter().skip(1).all(|piece| piece.starts_with("1;\"note")));
        }
    }

    #[test]
    fn a_mark_that_is_left_open_is_found_in_its_row() {
        let row = |text: &str| joined(text).unwrap_err().row;
        assert_eq!(row("a;\"b\nc\";d\n1;\"2;3\n4;5;6\n"), Some(2));
        assert_eq!(row("a;b\n1;\"2;3\n4;\"5\";6\n"), Some(2));
        assert_eq!(row(&format!("a;b\n1;\"2\n{}", "3;4\n".repeat(400_000))), Some(2));
        assert_eq!(joined("a;\u{200b}\"b\nc\";d\n1;2;3").unwrap().0, [2]);
    }
}
