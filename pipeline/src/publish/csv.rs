//! Tidy CSV, one row per cell, with its metadata as "CSV on the Web" (W3C, CSVW).
//!
//! The metadata carry what a number cannot say itself: both languages, and how the noise was made.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Format, PublishError};
use crate::derive::{Description, Publication, Table};
use crate::text::{Lang, Text};

/// The format `csv`.
#[derive(Debug)]
pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn files(&self, publication: &Publication) -> Result<Vec<(PathBuf, Vec<u8>)>, PublishError> {
        let mut files = Vec::new();
        for table in &publication.tables {
            let name = data_name(&table.description.name);
            let data = rows(table, &columns(table)?).map_err(|error| PublishError::Compose(name.clone(), error))?;
            files.push((PathBuf::from(name), data));
            let name = metadata_name(&table.description.name);
            let mut metadata = serde_json::to_vec_pretty(&metadata(publication, table, &columns(table)?))
                .map_err(|error| PublishError::Compose(name.clone(), error.into()))?;
            metadata.push(b'\n');
            files.push((PathBuf::from(name), metadata));
        }
        Ok(files)
    }

    fn downloads(&self, table: &str) -> Vec<String> {
        vec![data_name(table), metadata_name(table)]
    }
}

fn data_name(table: &str) -> String {
    format!("{table}.csv")
}

fn metadata_name(table: &str) -> String {
    format!("{table}.csv-metadata.json")
}

/// A column: its name in the header and its title.
struct Column {
    name: String,
    title: Text,
    kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// The code of a key, or its label in a language.
    Key { index: usize, label: Option<Lang> },
    /// The number itself.
    Value,
    /// The lower end of its noise interval.
    Lower,
    /// The upper end.
    Upper,
    /// Half the width.
    Margin,
}

/// Codes and labels of the keys, then the numbers.
fn columns(table: &Table) -> Result<Vec<Column>, PublishError> {
    let mut columns = Vec::new();
    for (index, key) in table.description.keys.iter().enumerate() {
        let mut push = |name: String, sv: &str, en: &str, label| {
            let title = Text { sv: format!("{}{sv}", key.title.sv), en: format!("{}{en}", key.title.en) };
            columns.push(Column { name, title, kind: Kind::Key { index, label } });
        };
        push(key.name.clone(), ", kod", ", code", None);
        push(format!("{}_sv", key.name), " (svenska)", " (Swedish)", Some(Lang::Sv));
        push(format!("{}_en", key.name), " (engelska)", " (English)", Some(Lang::En));
    }
    let mut number = |name: &str, title: Text, kind| columns.push(Column { name: name.to_owned(), title, kind });
    let text = |sv: &str, en: &str| Text { sv: sv.to_owned(), en: en.to_owned() };
    let measure = &table.description.measure;
    number(&measure.name, measure.title.clone(), Kind::Value);
    number("lower", text("Brusintervallets nedre gräns", "Lower end of the noise interval"), Kind::Lower);
    number("upper", text("Brusintervallets övre gräns", "Upper end of the noise interval"), Kind::Upper);
    number("margin", text("Brusintervallets marginal", "Margin of the noise interval"), Kind::Margin);
    for (index, column) in columns.iter().enumerate() {
        if columns.iter().take(index).any(|other| other.name == column.name) {
            return Err(PublishError::Column(column.name.clone()));
        }
    }
    Ok(columns)
}

fn rows(table: &Table, columns: &[Column]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| &column.name))?;
    for (cell, value) in table.cells() {
        let codes: Vec<_> = table.description.codes(cell).collect();
        writer.write_record(columns.iter().map(|column| match column.kind {
            Kind::Key { index, label } => {
                harmless(codes.get(index).map_or("", |code| label.map_or(code.code.as_str(), |lang| code.label.get(lang))))
            }
            Kind::Value => value.to_string(),
            Kind::Lower => value.saturating_sub(table.margin).to_string(),
            Kind::Upper => value.saturating_add(table.margin).to_string(),
            Kind::Margin => table.margin.to_string(),
        }))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn metadata(publication: &Publication, table: &Table, columns: &[Column]) -> Value {
    let description = &table.description;
    let keys: Vec<_> = description.keys.iter().map(|key| &key.name).collect();
    let columns: Vec<_> = columns
        .iter()
        .map(|column| {
            let text = matches!(column.kind, Kind::Key { .. });
            json!({
                "name": column.name,
                "titles": { "und": column.name, "sv": column.title.sv, "en": column.title.en },
                "datatype": if text { "string" } else { "integer" },
                "required": true,
            })
        })
        .collect();
    json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": data_name(&description.name),
        "dc:title": both(&description.title),
        "dc:isPartOf": both(&publication.description.title),
        "dc:identifier": publication.id,
        "dialect": { "encoding": "utf-8", "delimiter": ",", "header": true },
        "tableSchema": { "columns": columns, "primaryKey": keys },
        "notes": [privacy(&publication.description, table)],
    })
}

/// How the numbers are protected, and what the interval covers.
fn privacy(release: &Description, table: &Table) -> Value {
    json!({
        "type": "differential privacy",
        "unit": "person",
        "epsilon": release.epsilon,
        "delta": release.delta,
        "participations": release.participations,
        "rowsPerParticipation": table.description.rows,
        "mechanism": both(&table.mechanism),
        "scale": both(&table.scale),
        "standardDeviation": (table.standard_deviation * 100.0).round() / 100.0,
        "interval": both(&Text { sv: "brusintervall".to_owned(), en: "noise interval".to_owned() }),
        "intervalLevel": release.interval,
        "demonstration": release.demonstration,
        "statement": both(&Text {
            sv: format!(
                "Epsilon och delta gäller hela publiceringen. Skyddet gäller personer: allt om en person, i alla projekt. \
                 Högst {} deltaganden per person är med. Talen är väntevärdesriktiga och kan vara negativa. \
                 Brusintervallet omfattar bara osäkerheten från bruset.",
                release.participations
            ),
            en: format!(
                "Epsilon and delta hold for the whole release. The protection is of persons: all there is about a person, \
                 in all projects. At most {} participations per person are included. The numbers are unbiased and may be \
                 negative. The noise interval covers the uncertainty from the noise only.",
                release.participations
            ),
        }),
    })
}

fn both(text: &Text) -> Value {
    json!([{ "@value": text.sv, "@language": "sv" }, { "@value": text.en, "@language": "en" }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::example;

    fn file(publication: &Publication, name: &str) -> Vec<u8> {
        let files = Csv.files(publication).unwrap();
        files.into_iter().find(|(path, _)| path.as_os_str() == name).unwrap().1
    }

    #[test]
    fn round_trip() {
        let publication = example::publication();
        let table = &publication.tables[1];
        let data = file(&publication, "by_region_and_sex.csv");
        let mut reader = csv::Reader::from_reader(data.as_slice());
        let header = "region region_sv region_en sex sex_sv sex_en exit_state exit_state_sv exit_state_en participants \
                      lower upper margin";
        assert_eq!(reader.headers().unwrap(), header.split_whitespace().collect::<Vec<_>>());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), table.values.len());
        for (row, (cell, value)) in rows.iter().zip(table.cells()) {
            let codes: Vec<_> = table.description.codes(cell).map(|code| code.code.as_str()).collect();
            assert_eq!([&row[0], &row[3], &row[6]], codes[..]);
            let numbers: Vec<i64> = (9..13).map(|column| row[column].parse().unwrap()).collect();
            assert_eq!(numbers, [value, value - table.margin, value + table.margin, table.margin]);
        }
        assert!(rows.iter().any(|row| row[9].starts_with('-')), "negative numbers stay numbers");
    }

    #[test]
    fn no_text_is_a_formula() {
        let mut publication = example::publication();
        publication.tables[0].description.keys[0].codes[0].label.sv = "=HYPERLINK(\"x\"),1".to_owned();
        let data = file(&publication, "by_project.csv");
        let row = csv::Reader::from_reader(data.as_slice()).records().next().unwrap().unwrap();
        assert_eq!(&row[1], "'=HYPERLINK(\"x\"),1");
        let ages = String::from_utf8(file(&publication, "by_age_band.csv")).unwrap();
        assert!(ages.contains("\n'-15,Under 16 år,"));
        assert_eq!(["+1", "@x", "-", "=", "16-19"].map(harmless), ["'+1", "'@x", "'-", "'=", "16-19"]);
    }

    #[test]
    fn metadata_say_how_the_noise_was_made() {
        let publication = example::publication();
        let metadata: Value = serde_json::from_slice(&file(&publication, "by_project.csv-metadata.json")).unwrap();
        assert_eq!(metadata["url"], "by_project.csv");
        assert_eq!(metadata["tableSchema"]["primaryKey"], json!(["project", "exit_state"]));
        assert_eq!(metadata["tableSchema"]["columns"][6]["datatype"], "integer");
        let note = &metadata["notes"][0];
        assert_eq!((&note["epsilon"], &note["delta"]), (&json!("1"), &json!("1e-6")));
        assert_eq!((&note["unit"], &note["participations"]), (&json!("person"), &json!(3)));
        assert_eq!(note["interval"][0]["@value"], "brusintervall");
        assert_eq!(note["scale"][1]["@value"], "scale 9");
    }

    #[test]
    fn columns_are_told_apart() {
        let mut publication = example::publication();
        publication.tables[0].description.keys[0].name = "margin".to_owned();
        assert!(matches!(Csv.files(&publication), Err(PublishError::Column(name)) if name == "margin"));
    }
}
