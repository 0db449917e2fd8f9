//! The object `dataset` of JSON-stat, with the members that clients of PxWebApi 2 demand.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Cells;
use crate::Settings;
use crate::dataset::cube::{self, CONTENTS, Content, Cube, TIME};
use crate::dataset::notes::{Note, notes};
use crate::dataset::pack::SeriesFacts;
use crate::dataset::selection::{Axis, Excerpt};
use utfall_ground::text::Lang;

/// The symbol of a cell without a number.
const NO_NUMBER: &str = "..";

/// A cube in one language.
#[derive(Debug, Clone, Serialize)]
pub struct Dataset {
    version: &'static str,
    class: &'static str,
    /// The title.
    pub label: String,
    /// Who publishes; none where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When the numbers were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// The names of the dimensions, in order.
    pub id: Vec<String>,
    /// How many codes each has.
    pub size: Vec<usize>,
    /// Which dimensions are time, places and contents.
    pub role: Role,
    /// The dimensions by name.
    pub dimension: IndexMap<String, Dimension>,
    /// The numbers, the last dimension running fastest.
    pub value: Vec<Option<Box<RawValue>>>,
    /// What is said of numbers, by their places: that there is none, or how far it can be relied on.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub status: IndexMap<usize, String>,
    /// What must be known of the numbers.
    pub note: Vec<String>,
    /// What only clients of PxWeb know.
    pub extension: Extension,
    /// Where else it is, by relation.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub link: IndexMap<String, Vec<Value>>,
}

/// What the dimensions are.
#[derive(Debug, Clone, Serialize)]
pub struct Role {
    time: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    geo: Vec<String>,
    metric: Vec<String>,
}

/// A dimension.
#[derive(Debug, Clone, Serialize)]
pub struct Dimension {
    /// Its name for people.
    pub label: String,
    /// Its codes.
    pub category: Category,
    /// What only clients of PxWeb know; R's demands it of every dimension.
    pub extension: DimensionExtension,
}

/// The codes of a dimension.
#[derive(Debug, Clone, Serialize)]
pub struct Category {
    index: IndexMap<String, usize>,
    label: IndexMap<String, String>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    unit: IndexMap<String, Unit>,
}

/// The unit of a content.
#[derive(Debug, Clone, Serialize)]
pub struct Unit {
    base: String,
    decimals: u32,
}

/// What clients of PxWeb know of a dimension.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DimensionExtension {
    /// Whether it can be left out: one of its codes stands for all.
    pub elimination: bool,
    /// That code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elimination_value_code: Option<String>,
    show: &'static str,
    /// Its lists of codes, as the server sends them.
    pub codelists: Vec<Value>,
    /// The same, as pxwebpy reads them.
    #[serde(rename = "codeLists")]
    pub code_lists: Vec<Value>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    refperiod: IndexMap<String, String>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    measuring_type: IndexMap<String, &'static str>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    price_type: IndexMap<String, &'static str>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    adjustment: IndexMap<String, &'static str>,
}

/// What clients of PxWeb know of a table.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Extension {
    note_mandatory: IndexMap<usize, bool>,
    /// What PX says of a table.
    pub px: Px,
    contact: Vec<Contact>,
}

/// What PX says of a table, by its keywords.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Px {
    /// Where it is told how its numbers were made; none where the site has no address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infofile: Option<String>,
    /// Its name.
    pub tableid: String,
    decimals: u32,
    official_statistics: bool,
    aggregallowed: bool,
    copyright: bool,
    language: &'static str,
    contents: String,
    descriptiondefault: bool,
    heading: Vec<String>,
    stub: Vec<String>,
    matrix: String,
    /// The code of what it is about.
    pub subject_code: String,
    /// What it is about.
    pub subject_area: String,
}

/// Whom to ask.
#[derive(Debug, Clone, Serialize)]
pub struct Contact {
    name: String,
    organization: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    mail: String,
    raw: String,
}

pub(super) fn dataset(excerpt: Excerpt<'_>, lang: Lang, cells: Cells) -> Dataset {
    let Excerpt { cube, selection, release, settings } = excerpt;
    let axes = selection.axes(cube);
    let (value, status) = match cells {
        Cells::Shown => (values(excerpt), statuses(excerpt)),
        Cells::LeftOut => Default::default(),
    };
    let notes = notes(cube.set, release, lang);
    Dataset {
        version: "2.0",
        class: "dataset",
        label: cube.set.title.get(lang).to_owned(),
        source: settings.publisher.as_ref().map(|of| of.name.get(lang).to_owned()),
        updated: release.made.map(|made| made.instant()),
        id: axes.iter().filter_map(|axis| id(cube, *axis)).collect(),
        size: axes.iter().map(|axis| selection.places(*axis).len()).collect(),
        role: role(cube),
        dimension: axes.iter().filter_map(|axis| Some((id(cube, *axis)?, dimension(excerpt, *axis, lang)?))).collect(),
        value,
        status,
        note: notes.iter().map(|note| note.text.clone()).collect(),
        extension: extension(excerpt, &notes, lang),
        link: IndexMap::new(),
    }
}

fn id(cube: &Cube<'_>, axis: Axis) -> Option<String> {
    match axis {
        Axis::Dimension(at) => cube.dimensions.get(at).map(|of| of.id.clone()),
        Axis::Contents => Some(CONTENTS.to_owned()),
    }
}

fn values(Excerpt { cube, selection, .. }: Excerpt<'_>) -> Vec<Option<Box<RawValue>>> {
    selection.cells(cube).map(|(place, content)| Some(cube.number(place, content)?.to_json())).collect()
}

fn statuses(Excerpt { cube, selection, .. }: Excerpt<'_>) -> IndexMap<usize, String> {
    let status = |(at, (place, content))| match cube.number(place, content) {
        None => Some((at, NO_NUMBER.to_owned())),
        Some(_) => Some((at, cube.status(place, content)?.to_owned())),
    };
    selection.cells(cube).enumerate().filter_map(status).collect()
}

fn role(cube: &Cube<'_>) -> Role {
    let ids =
        |fits: fn(&cube::Dimension) -> bool| cube.dimensions.iter().filter(move |of| fits(of)).map(|of| of.id.clone()).collect();
    Role { time: ids(|of| of.is_time), geo: ids(|of| !of.is_time && of.is_geographic()), metric: vec![CONTENTS.to_owned()] }
}

fn dimension(excerpt: Excerpt<'_>, axis: Axis, lang: Lang) -> Option<Dimension> {
    let places = excerpt.selection.places(axis);
    match axis {
        Axis::Dimension(at) => excerpt.cube.dimensions.get(at).map(|of| key(of, places, lang)),
        Axis::Contents => Some(contents(excerpt, places, lang)),
    }
}

/// The dimension of a key, or time.
fn key(of: &cube::Dimension, places: &[usize], lang: Lang) -> Dimension {
    let codes = || places.iter().filter_map(|place| of.codes.get(*place));
    let total = of.total.filter(|total| places.contains(total)).and_then(|total| of.codes.get(total));
    Dimension {
        label: of.label.get(lang).to_owned(),
        category: Category {
            index: codes().enumerate().map(|(place, code)| (code.code.clone(), place)).collect(),
            label: codes().map(|code| (code.code.clone(), code.label.get(lang).to_owned())).collect(),
            unit: IndexMap::new(),
        },
        extension: DimensionExtension {
            elimination: total.is_some(),
            elimination_value_code: total.map(|code| code.code.clone()),
            ..DimensionExtension::none()
        },
    }
}

fn contents(Excerpt { cube, release, .. }: Excerpt<'_>, places: &[usize], lang: Lang) -> Dimension {
    let contents = || places.iter().filter_map(|place| cube.contents.get(*place));
    let period = release.series.as_ref().map(SeriesFacts::span);
    let unit = |of: &Content<'_>| Unit { base: of.unit_label(lang).to_owned(), decimals: of.decimals };
    let all = |text: &'static str| contents().map(|of| (of.id.clone(), text)).collect();
    Dimension {
        label: cube.contents_label().get(lang).to_owned(),
        category: Category {
            index: contents().enumerate().map(|(place, of)| (of.id.clone(), place)).collect(),
            label: contents().map(|of| (of.id.clone(), of.label.get(lang).to_owned())).collect(),
            unit: contents().map(|of| (of.id.clone(), unit(of))).collect(),
        },
        extension: DimensionExtension {
            refperiod: period.map(|period| contents().map(|of| (of.id.clone(), period.clone())).collect()).unwrap_or_default(),
            measuring_type: all("Other"),
            price_type: all("NotApplicable"),
            adjustment: all("None"),
            ..DimensionExtension::none()
        },
    }
}

impl DimensionExtension {
    fn none() -> Self {
        Self {
            elimination: false,
            elimination_value_code: None,
            show: "value",
            codelists: Vec::new(),
            code_lists: Vec::new(),
            refperiod: IndexMap::new(),
            measuring_type: IndexMap::new(),
            price_type: IndexMap::new(),
            adjustment: IndexMap::new(),
        }
    }
}

fn extension(Excerpt { cube, selection, release, settings }: Excerpt<'_>, notes: &[Note], lang: Lang) -> Extension {
    let keys = cube.dimensions.iter().filter(|of| !of.is_time).map(|of| of.id.clone());
    let shown = selection.places(Axis::Contents).iter().filter_map(|place| cube.contents.get(*place));
    let page = format!("{}/{}", release.name, lang.pick("index.html", "en.html"));
    Extension {
        note_mandatory: notes.iter().enumerate().filter(|(_, note)| note.mandatory).map(|(at, _)| (at, true)).collect(),
        px: Px {
            infofile: settings.base.as_ref().map(|base| format!("{base}{page}")),
            tableid: cube.set.name.clone(),
            decimals: shown.map(|of| of.decimals).max().unwrap_or_default(),
            official_statistics: false,
            // Ends of intervals and standard errors do not add up.
            aggregallowed: false,
            copyright: false,
            language: lang.tag(),
            contents: cube.set.title.get(lang).to_owned(),
            descriptiondefault: false,
            heading: vec![CONTENTS.to_owned(), TIME.to_owned()],
            stub: keys.collect(),
            matrix: cube.set.name.clone(),
            subject_code: release.name.clone(),
            subject_area: release.title.get(lang).to_owned(),
        },
        contact: contact(settings, lang).into_iter().collect(),
    }
}

fn contact(settings: &Settings, lang: Lang) -> Option<Contact> {
    let of = settings.contact.as_ref()?;
    let name = of.name.get(lang);
    let organization = settings.publisher.as_ref().map_or(name, |of| of.name.get(lang));
    let raw = [Some(name), of.phone.as_deref(), Some(of.email.as_str())];
    Some(Contact {
        name: name.to_owned(),
        organization: organization.to_owned(),
        phone: of.phone.clone(),
        mail: of.email.clone(),
        raw: raw.into_iter().flatten().collect::<Vec<_>>().join(", "),
    })
}
