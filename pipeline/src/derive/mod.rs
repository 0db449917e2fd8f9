//! From a release to what is published: a free computation on public numbers.
//!
//! Nothing here costs budget, because nothing here sees more than the released integers and the public description.

pub mod description;
#[cfg(test)]
pub(crate) mod example;
pub mod interval;

use std::fmt;

use utfall_privacy::{Mechanism, Release};

pub use description::{Code, Description, KeyColumn, MISSING, Measure, TableDescription};

use crate::text::Text;

/// A release, ready for any format.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// The id of the release, in hex.
    pub id: String,
    /// What the release says of itself.
    pub description: Description,
    /// Its tables, in the order of the description.
    pub tables: Vec<Table>,
}

/// One table with its noisy numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What the table says of itself.
    pub description: TableDescription,
    /// The noisy numbers, unbiased, one per cell of the description.
    pub values: Vec<i64>,
    /// The plain name of the noise.
    pub mechanism: Text,
    /// The parameter of the noise, by name and exact value.
    pub scale: Text,
    /// The standard deviation of the noise.
    pub standard_deviation: f64,
    /// Half the width of the noise interval of every cell.
    pub margin: i64,
}

impl Table {
    /// The cells in order: the index of each key column's code, and the noisy number.
    pub fn cells(&self) -> impl Iterator<Item = (&[u16], i64)> {
        self.description.cells.iter().map(Vec::as_slice).zip(self.values.iter().copied())
    }

    /// Whether a number of this table cannot be told from zero: its noise interval reaches down to zero or below.
    ///
    /// A count that is negative even beyond the margin is noise all the same.
    pub fn near_zero(&self, value: i64) -> bool {
        value <= self.margin
    }
}

/// Brings a release into the form that the formats read.
pub fn derive(release: &Release) -> Result<Publication, DeriveError> {
    let description = Description::from_json(release.description())?;
    if description.tables.len() != release.tables().len() {
        return Err(DeriveError::Tables);
    }
    let tables = description
        .tables
        .iter()
        .zip(release.tables())
        .map(|(table, noisy)| {
            let measurement = noisy.measurement();
            if table.name != measurement.table() {
                return Err(DeriveError::Tables);
            }
            join(table, noisy.values(), measurement.mechanism(), &description.interval)
        })
        .collect::<Result<_, _>>()?;
    Ok(Publication { id: release.id().to_string(), description, tables })
}

/// One table: what it says of itself, its noisy numbers and their noise.
fn join(table: &TableDescription, values: &[i64], mechanism: &Mechanism, level: &str) -> Result<Table, DeriveError> {
    if values.len() != table.cells.len() {
        return Err(DeriveError::Shape { table: table.name.clone(), what: "it has not one number per cell" });
    }
    let text = |sv: String, en: String| Text { sv, en };
    let (name, scale) = match mechanism {
        Mechanism::DiscreteLaplace { scale } => (
            text("diskret Laplacebrus".to_owned(), "discrete Laplace noise".to_owned()),
            text(format!("skala {scale}"), format!("scale {scale}")),
        ),
        Mechanism::DiscreteGaussian { variance } => (
            text("diskret normalfördelat brus".to_owned(), "discrete Gaussian noise".to_owned()),
            text(format!("varians {variance}"), format!("variance {variance}")),
        ),
    };
    Ok(Table {
        description: table.clone(),
        values: values.to_vec(),
        mechanism: name,
        scale,
        standard_deviation: interval::standard_deviation(mechanism),
        margin: interval::margin(mechanism, level)?,
    })
}

/// Why a release cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeriveError {
    /// The description is not JSON of the known form.
    Json(serde_json::Error),
    /// The description has a format that this program does not know.
    Format(u32),
    /// A name is used twice, or not fit to be one.
    Name(String),
    /// The tables of the description are not those of the release.
    Tables,
    /// A table contradicts itself.
    Shape {
        /// The table.
        table: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The level of the intervals is not a decimal fraction between 0 and 1.
    Level(String),
    /// The noise has no usable width.
    Noise(f64),
}

impl fmt::Display for DeriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "the description of the release cannot be read: {error}"),
            Self::Format(format) => write!(f, "the description of the release has the unknown format {format}"),
            Self::Name(name) => {
                write!(f, "the name {name:?} is used twice or cannot be a name: use lower case letters a-z, digits, _ and -")
            }
            Self::Tables => write!(f, "the tables described are not those released"),
            Self::Shape { table, what } => write!(f, "the table {table} contradicts itself: {what}"),
            Self::Level(level) => write!(f, "the interval level {level:?} is not of the form 0.95"),
            Self::Noise(parameter) => write!(f, "noise of parameter {parameter} has no usable interval"),
        }
    }
}

impl std::error::Error for DeriveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Format(_) | Self::Name(_) | Self::Tables | Self::Shape { .. } | Self::Level(_) | Self::Noise(_) => None,
        }
    }
}

impl From<serde_json::Error> for DeriveError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use utfall_privacy::{
        Budget, Exact, Head, Ledger, Log, LogError, Measurement, PutError, ReleaseId, Request, Reservation, Sensitivity, Witness,
    };

    use super::*;

    /// A log and a witness in memory.
    #[derive(Default)]
    struct Memory {
        entries: RefCell<Vec<Vec<u8>>>,
        head: Cell<Option<Head>>,
    }

    impl Log for Memory {
        fn read(&self) -> Result<Vec<Vec<u8>>, LogError> {
            Ok(self.entries.borrow().clone())
        }

        fn put(&self, index: u64, bytes: &[u8]) -> Result<(), PutError> {
            assert_eq!(index, self.entries.borrow().len() as u64);
            self.entries.borrow_mut().push(bytes.to_vec());
            Ok(())
        }
    }

    impl Witness for Memory {
        fn read(&self) -> Result<Option<Head>, LogError> {
            Ok(self.head.get())
        }

        fn advance(&self, head: &Head) -> Result<(), LogError> {
            self.head.set(Some(*head));
            Ok(())
        }
    }

    /// A real release of empty tables with real noise, and with a description of the test's choice.
    fn release(tables: &[TableDescription], description: &[u8]) -> Release {
        let memory = Memory::default();
        let budget = Budget::parse("1", "1e-6").unwrap();
        let mut ledger = Ledger::create(&memory, &memory, budget, "a key", 0).unwrap();
        let sensitivity = Sensitivity::new(1, 1).unwrap();
        let measure = |table: &TableDescription| {
            Measurement::new(&table.name, table.cells.len() as u64, sensitivity, example::laplace(9, 1)).unwrap()
        };
        let id = ReleaseId::of(description);
        let request = Request::new(id, tables.iter().map(measure).collect()).unwrap();
        let Reservation::Granted(grant) = ledger.reserve(&request, 0).unwrap() else { panic!("it is new") };
        let exact = tables.iter().map(|table| Exact::new(vec![0; table.cells.len()], sensitivity)).collect();
        let sealed = grant.draw(exact, description).unwrap();
        ledger.record_archived(id, sealed.bytes(), 0).unwrap();
        ledger.release(sealed.bytes()).unwrap()
    }

    #[test]
    fn a_release_becomes_a_publication() {
        let description = example::description();
        let release = release(&description.tables, &description.to_json().unwrap());
        let publication = derive(&release).unwrap();
        assert_eq!(publication.id, release.id().to_string());
        assert_eq!(publication.description, description);
        for (table, noisy) in publication.tables.iter().zip(release.tables()) {
            assert_eq!((table.values.as_slice(), table.margin), (noisy.values(), 27));
            assert!((table.standard_deviation - 12.72).abs() < 0.01);
        }
    }

    #[test]
    fn a_description_of_another_release_is_refused() {
        let description = example::description();
        let json = description.to_json().unwrap();
        let reversed: Vec<_> = description.tables.iter().rev().cloned().collect();
        assert!(matches!(derive(&release(&reversed, &json)), Err(DeriveError::Tables)));
        assert!(matches!(derive(&release(&description.tables[..2], &json)), Err(DeriveError::Tables)));
        let mut shorter = description.tables.clone();
        shorter[2].cells.pop();
        assert!(matches!(derive(&release(&shorter, &json)), Err(DeriveError::Shape { .. })));
        assert!(matches!(derive(&release(&shorter, b"{}")), Err(DeriveError::Json(_))));
    }

    #[test]
    fn lengths_must_agree() {
        let table = &example::description().tables[0];
        let mechanism = example::gaussian(162, 1);
        let values = vec![-3; table.cells.len()];
        let joined = join(table, &values, &mechanism, "0.95").unwrap();
        assert_eq!((joined.margin, joined.scale.sv.as_str()), (25, "varians 162"));
        assert!(matches!(join(table, &values[1..], &mechanism, "0.95"), Err(DeriveError::Shape { .. })));
    }

    #[test]
    fn a_number_beyond_its_margin_is_told_from_zero() {
        let table = &example::publication().tables[0];
        let margin = table.margin;
        assert!([0, margin, -margin, -margin - 1, i64::MIN].iter().all(|&value| table.near_zero(value)));
        assert!([margin + 1, i64::MAX].iter().all(|&value| !table.near_zero(value)));
    }
}
