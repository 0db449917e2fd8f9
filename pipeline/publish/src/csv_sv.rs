//! CSV that opens in columns in a Swedish Excel: semicolons, a decimal comma, and the mark by which Excel knows UTF-8. For people; programs
//! read the tidy CSV, which has codes and both languages.
//!
//! Excel takes the list separator and the decimal comma from the settings of the machine, UTF-8 from the byte order mark. A line `sep=;`
//! would name the separator too, but then Excel no longer looks at the mark and shows å, ä and ö as two letters each.

use std::path::PathBuf;

use super::{Edition, Format, OutputFile, PublishError};
use crate::csv::harmless;
use crate::dataset::DataSet;
use crate::dataset::heading::Heading;
use utfall_ground::text::Lang;

/// The byte order mark of UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The format `csv-sv`.
#[derive(Debug)]
pub(super) struct SwedishCsv;

impl Format for SwedishCsv {
    fn name(&self) -> &'static str {
        "csv-sv"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let file = |set: &DataSet| {
            let name = name(&set.name);
            let bytes = rows(set).map_err(|error| PublishError::Compose(name.clone(), error))?;
            Ok(OutputFile { path: PathBuf::from(name), bytes })
        };
        edition.pack.sets.iter().map(file).collect()
    }

    fn downloads(&self, stem: &str) -> Vec<String> {
        vec![name(stem)]
    }
}

fn name(set: &str) -> String {
    format!("{set}.sv.csv")
}

fn rows(set: &DataSet) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let headings = Heading::all(set, &[Lang::Sv]);
    let mut writer = csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(MARK.to_vec());
    writer.write_record(headings.iter().map(|heading| harmless(&heading.title.sv)))?;
    for row in 0..set.rows() {
        writer.write_record(headings.iter().map(|heading| field(heading, row)))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

/// A number with a decimal comma and, if it is negative, its sign; a text that no program takes for a formula.
fn field(heading: &Heading<'_>, row: usize) -> String {
    let text = heading.text(row).unwrap_or_default();
    if heading.kind().is_some() { text.replace('.', ",") } else { harmless(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Publication, fixture};

    fn text(publication: &Publication, set: &str) -> String {
        let files = fixture::files(&SwedishCsv, publication).unwrap();
        let file = files.into_iter().find(|file| file.path.as_os_str() == name(set).as_str()).unwrap();
        String::from_utf8(file.bytes).unwrap()
    }

    #[test]
    fn it_is_as_a_swedish_excel_wants_it() {
        let text = text(&fixture::publication(), "days_by_project_mean_days");
        let head = "\u{feff}Projekt;Dagar i projektet, medelvärde;Brusintervallets nedre gräns;";
        assert!(text.starts_with(head), "{text}");
        assert_eq!(text.lines().count(), text.matches("\r\n").count());
        let row: Vec<&str> = text.lines().nth(4).unwrap().split(';').collect();
        assert_eq!(row[0], "Träning ger färdighet!");
        assert!(row[1].contains(',') && !row[1..].iter().any(|field| field.contains('.')), "{row:?}");
    }

    #[test]
    fn it_has_the_numbers_of_the_tidy_csv() {
        let publication = fixture::publication();
        for OutputFile { path, bytes } in fixture::files(&SwedishCsv, &publication).unwrap() {
            let stem = path.to_str().unwrap().strip_suffix(".sv.csv").unwrap();
            let pack = crate::dataset::pack::Pack::of(&publication, &crate::Source::default());
            let set = pack.set(stem).unwrap();
            let headings = Heading::all(set, &[Lang::Sv]);
            let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(&bytes[MARK.len()..]);
            let mut rows = 0;
            for (row, record) in reader.records().map(Result::unwrap).enumerate() {
                for (heading, field) in headings.iter().zip(&record).filter(|(heading, _)| heading.kind().is_some()) {
                    assert_eq!(field.replace(',', "."), heading.column.text(row).unwrap_or_default(), "{stem}");
                }
                rows += 1;
            }
            assert_eq!(rows, set.rows());
        }
    }

    #[test]
    fn no_text_is_a_formula_and_negative_numbers_are_numbers() {
        let mut publication = fixture::publication();
        let labels = ["=HYPERLINK(\"x\";1)", "-1+1;2", "a\r\nb", "<script>", "@x"];
        for (code, label) in publication.tables[0].description.keys[0].codes.iter_mut().zip(labels) {
            code.label.sv = label.to_owned();
        }
        publication.tables[0].description.keys[0].title.sv = "+x".to_owned();
        let text = text(&publication, "by_project");
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(&text.as_bytes()[MARK.len()..]);
        assert_eq!(&reader.headers().unwrap()[0], "'+x");
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let found: Vec<&str> = rows.iter().step_by(10).map(|row| &row[0]).collect();
        assert_eq!(found, ["'=HYPERLINK(\"x\";1)", "'-1+1;2", "a\r\nb", "<script>", "'@x"]);
        assert!(rows.iter().any(|row| row[2].starts_with('-') && row[2].parse::<i64>().is_ok()));
        let words: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.iter().next_back().unwrap()).collect();
        assert_eq!(words.into_iter().collect::<Vec<_>>(), ["", "osäkert", "säger ingenting"]);
    }
}
