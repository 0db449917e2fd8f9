//! Key figures of municipalities in the shape in which Kolada's interface (version 3) answers, `NAME.kolada.json`: for programs that read
//! municipal figures already.
//!
//! Only data sets whose rows are told apart by municipality, sex and year have such a file. A figure's `kpi` is the name of the data set and of
//! the estimate, which no figure of Kolada's has. `gender` is `K` (women), `M` (men) or `T` (all); `period` is a year: where the
//! numbers have no years of their own, the one in which they were made, as the file says. Beside each value stand the ends of its noise interval,
//! which Kolada does not have.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::dataset::cube::{Cube, Dimension, TIME};
use crate::dataset::{Quality, Role};
use crate::{Edition, Format, OutputFile, PublishError};
use utfall_ground::calendar::Length;
use utfall_ground::text::Text;

/// The format `kolada`. Which data sets have a file cannot be told from a name, so pages offer none for download.
#[derive(Debug)]
pub(crate) struct Kolada;

impl Format for Kolada {
    fn name(&self) -> &'static str {
        "kolada"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let vintage = edition.pack.release.vintage();
        let mut files = Vec::new();
        for set in &edition.pack.sets {
            let cube = Cube::of(set, &vintage);
            let Some(answer) = answer(&cube) else { continue };
            let name = format!("{}.kolada.json", set.name);
            let bytes = serde_json::to_vec(&answer).map_err(|error| PublishError::Compose(name.clone(), error.into()))?;
            files.push(OutputFile { path: PathBuf::from(name), bytes });
        }
        Ok(files)
    }
}

/// An answer of the interface.
#[derive(Debug, Serialize)]
struct Answer<'d> {
    count: usize,
    values: Vec<Figure<'d>>,
    /// What the data set shows, and of what moment it is if it has no years.
    title: &'d Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'d str>,
}

/// A key figure of a municipality in a year.
#[derive(Debug, Serialize)]
struct Figure<'d> {
    kpi: String,
    municipality: &'d str,
    period: u16,
    values: Vec<Value<'d>>,
}

/// It, of women, men or all.
#[derive(Debug, Serialize)]
struct Value<'d> {
    /// Of how many municipalities it is.
    count: u8,
    gender: &'static str,
    status: &'d str,
    value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper: Option<Box<RawValue>>,
}

/// The places of the dimensions of a cube that has no others.
struct Places {
    municipality: usize,
    sex: Option<usize>,
    time: usize,
}

fn answer<'d>(cube: &'d Cube<'_>) -> Option<Answer<'d>> {
    let places = Places::of(cube)?;
    let [municipality, time] = [cube.dimensions.get(places.municipality)?, cube.dimensions.get(places.time)?];
    let own = cube.contents.iter().enumerate().filter(|(_, of)| matches!(of.column.role, Role::Estimate | Role::Public));
    let mut values = Vec::new();
    for (content, of) in own {
        for (code, at) in municipality.codes.iter().zip(0..).filter(|(code, _)| is_municipality(&code.code)) {
            for (year, then) in time.codes.iter().zip(0..) {
                let found = values_of(cube, &places, content, [at, then]);
                if !found.is_empty() {
                    let kpi = format!("{}.{}", cube.set.name, of.id);
                    let period = year.code.get(..4)?.parse().ok()?;
                    values.push(Figure { kpi, municipality: &code.code, period, values: found });
                }
            }
        }
    }
    let version = time.periods().is_none().then(|| time.codes.first().map(|code| code.code.as_str())).flatten();
    Some(Answer { count: values.len(), values, title: &cube.set.title, version })
}

/// The values of a municipality in a year.
fn values_of<'d>(cube: &'d Cube<'_>, places: &Places, content: usize, [municipality, time]: [usize; 2]) -> Vec<Value<'d>> {
    let genders = |of: &Dimension| of.codes.iter().zip(0..).filter_map(|(code, at)| Some((at, gender(&code.code)?))).collect();
    let sexes = places.sex.and_then(|at| cube.dimensions.get(at));
    let genders: Vec<(usize, &str)> = sexes.map_or_else(|| vec![(0, "T")], genders);
    let value = |(sex, gender)| {
        let code = |at| match at {
            at if at == places.municipality => municipality,
            at if at == places.time => time,
            _ => sex,
        };
        let place = cube.place(&(0..cube.dimensions.len()).map(code).collect::<Vec<_>>());
        let number = |content: Option<usize>| Some(cube.number(place, content?)?.to_json());
        cube.has_row(place).then(|| Value {
            count: 1,
            gender,
            status: cube.status(place, content).unwrap_or_default(),
            value: number(Some(content)),
            lower: number(about(cube, content, Quality::Lower)),
            upper: number(about(cube, content, Quality::Upper)),
        })
    };
    genders.into_iter().filter_map(value).collect()
}

/// The content that says something of an estimate.
fn about(cube: &Cube<'_>, estimate: usize, what: Quality) -> Option<usize> {
    let column = cube.contents.get(estimate)?.column;
    let at = cube.set.columns.iter().position(|other| std::ptr::eq(other, column))?;
    cube.contents.iter().position(|other| other.column.role == Role::About(at, what))
}

impl Places {
    /// Where they are; none if there is another dimension, or one of these is not what Kolada has.
    fn of(cube: &Cube<'_>) -> Option<Self> {
        let place = |fits: fn(&Dimension) -> bool| cube.dimensions.iter().position(fits);
        let (municipality, sex) = (place(is_municipalities)?, place(is_sexes));
        let time = place(|of| of.id == TIME)?;
        let of = cube.dimensions.get(time)?;
        // A year, or the day on which the numbers were made.
        let is_year = match of.periods() {
            Some(length) => length == Length::Year,
            None => of.codes.iter().all(|code| utfall_ground::calendar::iso(&code.code).is_some()),
        };
        (is_year && cube.dimensions.len() == 2 + usize::from(sex.is_some())).then_some(Self { municipality, sex, time })
    }
}

fn is_municipalities(of: &Dimension) -> bool {
    of.id == "municipality" && of.codes.iter().any(|code| is_municipality(&code.code))
}

fn is_sexes(of: &Dimension) -> bool {
    of.id == "sex" && of.codes.iter().any(|code| gender(&code.code).is_some())
}

/// Whether a code is one of Statistics Sweden's: four digits.
fn is_municipality(code: &str) -> bool {
    code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit())
}

fn gender(sex: &str) -> Option<&'static str> {
    match sex {
        "female" => Some("K"),
        "male" => Some("M"),
        crate::TOTAL => Some("T"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::dataset::pack::Pack;
    use crate::{Publication, fixture};

    fn files(publication: &Publication) -> Vec<(String, Value)> {
        let files = fixture::files_of_a_site(&Kolada, publication).into_iter();
        files.map(|file| (file.path.display().to_string(), serde_json::from_slice(&file.bytes).unwrap())).collect()
    }

    #[test]
    fn figures_are_of_municipalities_by_sex() {
        let publication = fixture::awkward::publication();
        let [(name, body)] = files(&publication).try_into().unwrap();
        assert_eq!((name.as_str(), &body["version"]), ("work_by_region.kolada.json", &json!("2026-11-30")));
        // Those without a municipality, and all together, are none.
        let municipalities: Vec<&str> =
            body["values"].as_array().unwrap().iter().filter_map(|of| of["municipality"].as_str()).collect();
        assert_eq!((municipalities, &body["count"]), (vec!["0114", "0180", "1280", "2580"], &json!(4)));
        let first = &body["values"][0];
        assert_eq!((&first["kpi"], &first["period"]), (&json!("work_by_region.work"), &json!(2026)));
        let pack = Pack::of(&publication, &fixture::source());
        let set = pack.set("work_by_region").unwrap();
        let (at, estimate) = set.estimates().next().unwrap();
        for (row, (gender, value)) in ["K", "M", "T"].iter().zip(first["values"].as_array().unwrap()).enumerate() {
            assert_eq!((&value["gender"], &value["count"]), (&json!(gender), &json!(1)));
            let number = |column: &crate::dataset::Column| json!(column.number(row).map(crate::dataset::Number::to_f64));
            assert_eq!(value["value"], number(estimate));
            assert_eq!(value["lower"], number(set.about(at, Quality::Lower).unwrap()));
            assert_eq!(value["status"], set.about(at, Quality::Status).unwrap().text(row).unwrap_or_default());
        }
    }

    #[test]
    fn what_kolada_does_not_have_has_no_file() {
        assert_eq!(files(&fixture::publication()), []);
        // Another key, or quarters.
        let mut publication = fixture::awkward::publication();
        let keys = |publication: &mut Publication, name: &str| {
            let table = publication.tables.iter_mut().find(|table| table.name == "work_by_region").unwrap();
            table.description.keys[1].name = name.to_owned();
        };
        keys(&mut publication, "period");
        assert_eq!(files(&publication), []);
        keys(&mut publication, "education");
        assert_eq!(files(&publication), []);
        keys(&mut publication, "sex");
        assert_eq!(files(&publication).len(), 1);
    }

    #[test]
    fn years_are_periods() {
        let mut publication = fixture::awkward::publication();
        let table = publication.tables.iter_mut().find(|table| table.name == "work_by_region").unwrap();
        let of = &mut table.description.keys[1];
        of.name = "year".to_owned();
        for (code, year) in of.codes.iter_mut().zip(2021..) {
            code.code = year.to_string();
        }
        let [(_, body)] = files(&publication).try_into().unwrap();
        let periods: Vec<u64> = body["values"].as_array().unwrap().iter().filter_map(|of| of["period"].as_u64()).collect();
        assert_eq!((&periods[..4], body.get("version")), (&[2021, 2022, 2023, 2021][..], None));
        assert_eq!(body["values"][0]["values"][0]["gender"], "T");
    }
}
