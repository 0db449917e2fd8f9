//! A release as bytes: one canonical text that holds everything needed to read it, forever.
//!
//! ```text
//! utfall archive 1
//! release: 0f1e...            the release's id
//! description: 27             a number of bytes, a line end, and the bytes: the caller's, opaque here
//! {"title":"Outcomes, region"}
//! tables: 1
//! table: outcomes cells 3 l1 3 l2-squared 9 discrete-laplace scale 9/1
//! 102                         one noisy integer per cell
//! -4
//! 17
//! ```
//!
//! A table whose keys are private has a line `keys: N` and then N lines `value key`, sorted by key:
//!
//! ```text
//! table: places cells 0 l1 3 l2-squared 9 thresholded-laplace scale 9/1 threshold 130
//! keys: 2
//! 141 Lund
//! 1502 Malmö
//! ```

use crate::domain::Measurement;
use crate::error::Error;
use crate::request::ReleaseId;
use crate::text::{Fields, is_key};

/// The first line. A change of format is a new number, and old archives stay readable.
const VERSION: &str = "utfall archive 1";

/// A table with its noise: public.
///
/// # Privacy
/// Every value is exact value plus noise, or a choice by scores; the exact values are gone when this is made.
///
/// # Checked by
/// `release::tests::noise_is_added_to_every_cell`, `archive::tests::an_archive_comes_back`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoisyTable {
    measurement: Measurement,
    values: Vec<i64>,
    keys: Option<Vec<String>>,
}

impl NoisyTable {
    /// A measurement and one value per cell; the caller has checked the count.
    pub(crate) fn new(measurement: Measurement, values: Vec<i64>) -> Self {
        Self { measurement, values, keys: None }
    }

    /// A measurement of private keys, and what is published of them, sorted by key.
    pub(crate) fn keyed(measurement: Measurement, published: Vec<(String, i64)>) -> Self {
        let (keys, values) = published.into_iter().unzip();
        Self { measurement, values, keys: Some(keys) }
    }

    /// The published keys of a table whose keys are private, one for each value and sorted.
    pub fn keys(&self) -> Option<&[String]> {
        self.keys.as_deref()
    }

    /// How the table was measured.
    pub fn measurement(&self) -> &Measurement {
        &self.measurement
    }

    /// One noisy integer per cell, in the order of the exact table; for [`Mechanism::Exponential`](crate::Mechanism) the
    /// place of the chosen candidate, from 0.
    pub fn values(&self) -> &[i64] {
        &self.values
    }
}

/// The content of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Archive {
    pub(crate) release: ReleaseId,
    pub(crate) description: Vec<u8>,
    pub(crate) tables: Vec<NoisyTable>,
}

impl Archive {
    /// The one encoding of this content.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let length = self.description.len();
        let mut bytes = format!("{VERSION}\nrelease: {}\ndescription: {length}\n", self.release).into_bytes();
        bytes.extend_from_slice(&self.description);
        let mut write = |text: String| bytes.extend_from_slice(text.as_bytes());
        write(format!("\ntables: {}\n", self.tables.len()));
        for table in &self.tables {
            write(format!("table: {}\n", table.measurement.to_text()));
            let Some(keys) = &table.keys else {
                table.values.iter().for_each(|value| write(format!("{value}\n")));
                continue;
            };
            write(format!("keys: {}\n", keys.len()));
            table.values.iter().zip(keys).for_each(|(value, key)| write(format!("{value} {key}\n")));
        }
        bytes
    }

    /// Reads an archive: exactly what [`Archive::encode`] writes, and nothing else.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(&mut Fields::of_lines(bytes)).filter(|archive| archive.encode() == bytes).ok_or(Error::Syntax {
            what: "the archive",
            why: "it is not in the format `utfall archive 1`; restore the file from a copy",
        })
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        if fields.next()? != VERSION {
            return None;
        }
        let (release, length) = (fields.take("release")?, fields.take("description")?);
        let description = fields.bytes(length)?.to_vec();
        let count: usize = fields.take("tables")?;
        // Every table and every value takes bytes, so a false count ends at the end of the bytes.
        let tables = (0..count).map(|_| NoisyTable::read(fields)).collect::<Option<_>>()?;
        Some(Self { release, description, tables })
    }
}

impl NoisyTable {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let measurement = Measurement::read(&mut Fields::of_line(fields.text("table")?))?;
        let value = |text: &str| text.parse().ok().filter(|value| measurement.mechanism().can_publish(*value));
        if !measurement.mechanism().has_private_keys() {
            let values = (0..measurement.cells()).map(|_| value(fields.next()?)).collect::<Option<_>>()?;
            return Some(Self::new(measurement, values));
        }
        let count: usize = fields.take("keys")?;
        let mut published: Vec<(String, i64)> = Vec::new();
        for _ in 0..count {
            let (number, key) = fields.next()?.split_once(' ')?;
            let follows = published.last().is_none_or(|(last, _)| last.as_str() < key);
            if !follows || !is_key(key) {
                return None;
            }
            published.push((key.to_owned(), value(number)?));
        }
        Some(Self::keyed(measurement, published))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Archive {
        let measurement = |line| crate::domain::tests::measurement(line).unwrap();
        Archive {
            release: ReleaseId::of(b"example"),
            description: b"{\"title\":\"Utfall\"}\ntable: x\n\xff".to_vec(),
            tables: vec![
                NoisyTable::new(measurement("a cells 2 l1 1 l2-squared 1 discrete-laplace scale 1/1"), vec![3, -1]),
                NoisyTable::new(measurement("b cells 1 l1 1 l2-squared 1 discrete-gaussian variance 1/2"), vec![i64::MIN]),
            ],
        }
    }

    #[test]
    fn an_archive_comes_back() {
        let archive = example();
        assert_eq!(Archive::parse(&archive.encode()).unwrap(), archive);
    }

    #[test]
    fn the_format_stands_still() {
        let bytes = Archive { description: b"{}".to_vec(), ..example() }.encode();
        let expected = "utfall archive 1\n\
            release: 50d858e0985ecc7f60418aaf0cc5ab587f42c2570a884095a9e8ccacd0f6545c\n\
            description: 2\n{}\ntables: 2\n\
            table: a cells 2 l1 1 l2-squared 1 discrete-laplace scale 1/1\n3\n-1\n\
            table: b cells 1 l1 1 l2-squared 1 discrete-gaussian variance 1/2\n-9223372036854775808\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn private_keys_come_back() {
        let line = "table: d cells 0 l1 3 l2-squared 9 thresholded-laplace scale 9/1 threshold 130";
        let with = |keys: &str| {
            let text = String::from_utf8(Archive { description: vec![], ..example() }.encode()).unwrap();
            Archive::parse(format!("{}{line}\n{keys}", text.replace("tables: 2", "tables: 3")).as_bytes())
        };
        let archive = with("keys: 2\n141 Lund\n1502 table: x 1\n").unwrap();
        let table = &archive.tables[2];
        assert_eq!(table.values(), [141, 1502]);
        assert_eq!(table.keys().unwrap(), ["Lund", "table: x 1"]);
        assert_eq!(Archive::parse(&archive.encode()).unwrap(), archive);
        assert!(with("keys: 0\n").unwrap().tables[2].keys().unwrap().is_empty());
        assert!(archive.tables[0].keys().is_none());
        for wrong in [
            "",
            "141 Lund\n",
            "keys: 1\n141 Lund\n1502 Malmö\n",
            "keys: 3\n141 Lund\n1502 Malmö\n",
            "keys: 02\n141 Lund\n1502 Malmö\n",
            "keys: 2\n1502 Malmö\n141 Lund\n",
            "keys: 2\n141 Lund\n1502 Lund\n",
            "keys: 2\n130 Lund\n1502 Malmö\n",
            "keys: 2\n-141 Lund\n1502 Malmö\n",
            "keys: 2\n141\n1502 Malmö\n",
            "keys: 2\n141 \n1502 Malmö\n",
            "keys: 2\n141 Lu\tnd\n1502 Malmö\n",
            "keys: 2\n0141 Lund\n1502 Malmö\n",
        ] {
            assert!(with(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn choices_are_candidates() {
        let with = |values: &str| {
            let archive = Archive { description: vec![], tables: vec![], ..example() };
            let text = String::from_utf8(archive.encode()).unwrap();
            let line = "table: c cells 2 l1 1 l2-squared 1 exponential candidates 121 scale 6/1";
            Archive::parse(format!("{}{line}\n{values}", text.replace("tables: 0", "tables: 1")).as_bytes())
        };
        assert_eq!(with("0\n120\n").unwrap().tables[0].values(), [0, 120]);
        for wrong in ["0\n121\n", "-1\n0\n", "0\n", "0\n1\n2\n"] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_cut_and_every_changed_form_is_refused() {
        let bytes = example().encode();
        for end in 0..bytes.len() {
            assert!(Archive::parse(&bytes[..end]).is_err(), "cut at {end}");
        }
        let text = String::from_utf8_lossy(&Archive { description: vec![], ..example() }.encode()).into_owned();
        for (from, to) in [
            ("archive 1", "archive 2"),
            ("description: 0", "description: 00"),
            ("description: 0", "description: 18446744073709551615"),
            ("tables: 2", "tables: 3"),
            ("tables: 2", "tables: 1"),
            ("\n3\n", "\n+3\n"),
            ("\n3\n", "\n03\n"),
            ("\n3\n", "\n3\r\n"),
            ("\n3\n", "\n3.0\n"),
            ("\n-1\n", "\n-1\n-1\n"),
            ("scale 1/1", "scale 2/2"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert!(Archive::parse(changed.as_bytes()).is_err(), "{from:?} to {to:?}");
        }
        assert!(Archive::parse(format!("{text}\n").as_bytes()).is_err());
    }
}
