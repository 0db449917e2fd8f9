//! A cube as SDMX has it: keys, a dimension of measures, and what is said of each.

use super::ids::{Ids, component};
use crate::dataset::cube::{Content, Cube, Dimension};
use crate::dataset::pack::ReleaseFacts;
use crate::dataset::{Quality, Role, Unit};

/// Who keeps the structures.
pub(super) const AGENCY: &str = "UTFALL";

/// The dimension of measures.
pub(super) const MEASURE: &str = "MEASURE";

/// The dimension of real periods.
pub(super) const TIME: &str = "TIME_PERIOD";

/// The dimension of the day on which numbers were made, where they have no periods of their own.
const VINTAGE: &str = "VINTAGE";

/// Names that no key may have.
const TAKEN: [&str; 19] = [
    "STRUCTURE",
    "STRUCTURE_ID",
    "STRUCTURE_NAME",
    "ACTION",
    "SERIES_KEY",
    "OBS_KEY",
    MEASURE,
    TIME,
    "OBS_VALUE",
    "OBS_STATUS",
    "CONF_STATUS",
    "UNIT_MEASURE",
    "DECIMALS",
    "LOWER",
    "UPPER",
    "STD_ERROR",
    "MARGIN",
    "SAMPLING_LOWER",
    "SAMPLING_UPPER",
];

/// A cube as it is described and written.
#[derive(Debug)]
pub(super) struct Outline<'o> {
    pub(super) cube: &'o Cube<'o>,
    /// The name of its structure.
    pub(super) id: String,
    /// The version of its structure: one more for each version of the release that was published before.
    pub(super) version: String,
    /// Its dimensions in order, measures and time last.
    pub(super) keys: Vec<Key<'o>>,
    pub(super) measures: Vec<Measure<'o>>,
    /// What is said of some measure, in order.
    pub(super) qualities: Vec<Quality>,
    /// The units of the measures, each once, with their identifiers.
    pub(super) units: Vec<(String, &'o Unit)>,
}

/// A dimension.
#[derive(Debug)]
pub(super) struct Key<'o> {
    pub(super) id: String,
    /// What of the cube it is; none if it is of measures.
    pub(super) of: Option<(usize, &'o Dimension)>,
    /// The identifiers of its codes.
    pub(super) codes: Vec<String>,
}

/// An estimate, or a number that is known without measuring.
#[derive(Debug)]
pub(super) struct Measure<'o> {
    pub(super) id: String,
    /// Its place among the contents.
    pub(super) content: usize,
    pub(super) of: &'o Content<'o>,
    pub(super) decimals: u32,
    /// The identifier of its unit.
    pub(super) unit: Option<String>,
    /// What is said of it, by its place among the contents.
    about: Vec<(Quality, usize)>,
}

impl<'o> Outline<'o> {
    pub(super) fn of(cube: &'o Cube<'o>, release: &ReleaseFacts) -> Self {
        let units = units(cube);
        let measures = measures(cube, &units);
        let mut qualities: Vec<Quality> =
            measures.iter().flat_map(|measure| measure.about.iter().map(|(what, _)| *what)).collect();
        qualities.sort_unstable();
        qualities.dedup();
        Self {
            cube,
            id: component(&format!("{}_{}", release.name, cube.set.name)),
            version: format!("1.{}.0", release.earlier.len()),
            keys: keys(cube, &measures),
            measures,
            qualities,
            units,
        }
    }

    /// Its structure, as data name it.
    pub(super) fn reference(&self) -> String {
        format!("{AGENCY}:{}({})", self.id, self.version)
    }
}

impl Key<'_> {
    /// The identifier of the code of a row.
    pub(super) fn code(&self, row: &[usize], measure: &Measure<'_>) -> String {
        let Some((at, _)) = self.of else { return measure.id.clone() };
        row.get(at).and_then(|code| self.codes.get(*code)).cloned().unwrap_or_default()
    }

    /// Whether its codes are periods, which have no list.
    pub(super) fn is_periods(&self) -> bool {
        self.id == TIME
    }
}

impl Measure<'_> {
    /// The content that says something of it.
    pub(super) fn about(&self, what: Quality) -> Option<usize> {
        self.about.iter().find(|(other, _)| *other == what).map(|(_, content)| *content)
    }
}

fn keys<'o>(cube: &'o Cube<'o>, measures: &[Measure<'_>]) -> Vec<Key<'o>> {
    let mut ids = Ids::beside(&TAKEN);
    let mut key = |(at, of): (usize, &'o Dimension)| {
        let id = match of.periods() {
            Some(_) => TIME.to_owned(),
            None if of.is_time && of.codes.len() == 1 => ids.code(VINTAGE),
            None => ids.component(&of.id),
        };
        let mut own = Ids::default();
        Key { id, of: Some((at, of)), codes: of.codes.iter().map(|code| own.code(&code.code)).collect() }
    };
    let dimensions = || cube.dimensions.iter().enumerate();
    let mut keys: Vec<Key<'o>> = dimensions().filter(|(_, of)| !of.is_time).map(&mut key).collect();
    let measure = Key { id: MEASURE.to_owned(), of: None, codes: measures.iter().map(|of| of.id.clone()).collect() };
    keys.push(measure);
    keys.extend(dimensions().filter(|(_, of)| of.is_time).map(&mut key));
    keys
}

fn measures<'o>(cube: &'o Cube<'o>, units: &[(String, &Unit)]) -> Vec<Measure<'o>> {
    let mut ids = Ids::default();
    let contents = || cube.contents.iter().enumerate();
    let about = |of: &Content<'_>| {
        let at = cube.set.columns.iter().position(|column| std::ptr::eq(column, of.column));
        let what = |(content, other): (usize, &Content<'_>)| match other.column.role {
            Role::About(estimate, what) if Some(estimate) == at => Some((what, content)),
            _ => None,
        };
        contents().filter_map(what).collect()
    };
    let own = contents().filter(|(_, of)| matches!(of.column.role, Role::Estimate | Role::Public));
    let measure = |(content, of): (usize, &'o Content<'o>)| Measure {
        id: ids.component(&of.id),
        content,
        of,
        decimals: of.decimals,
        unit: units.iter().find(|(_, unit)| Some(*unit) == of.unit).map(|(id, _)| id.clone()),
        about: about(of),
    };
    own.map(measure).collect()
}

fn units<'o>(cube: &'o Cube<'o>) -> Vec<(String, &'o Unit)> {
    let (mut ids, mut units): (Ids, Vec<(String, &Unit)>) = Default::default();
    for unit in cube.contents.iter().filter_map(|of| of.unit) {
        if !units.iter().any(|(_, other)| *other == unit) {
            units.push((ids.component(&unit.code), unit));
        }
    }
    units
}
