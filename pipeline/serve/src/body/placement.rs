//! Which dimensions stand before the rows of a table, and which above its columns.

use utfall_ground::text::Lang;
use utfall_publish::Code;
use utfall_publish::dataset::cube::{CONTENTS, Cube};
use utfall_publish::dataset::selection::{Axis, Excerpt, Selection};

use super::{Shown, Style};
use crate::api::problem::Problem;
use crate::selection::variable;

/// The dimensions of a table by where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) stub: Vec<Axis>,
    pub(crate) heading: Vec<Axis>,
}

impl Placed {
    /// By the names that were given: those that are not named stand before the rows. Where none is, contents and time stand above.
    ///
    /// # Errors
    /// When a name is of no dimension, or stands in two places.
    pub(crate) fn named(cube: &Cube<'_>, selection: &Selection, heading: &[String], stub: &[String]) -> Result<Self, Problem> {
        let axes = selection.axes(cube);
        let mut taken: Vec<Axis> = Vec::new();
        let mut place = |parameter, names: &[String]| {
            let mut of = Vec::new();
            for name in names {
                let axis = variable(cube, name)?.map_or(Axis::Contents, Axis::Dimension);
                if taken.contains(&axis) {
                    return Err(Problem::parameter(parameter, name));
                }
                taken.push(axis);
                of.push(axis);
            }
            Ok(of)
        };
        let mut placed = Self { heading: place("heading", heading)?, stub: place("stub", stub)? };
        if taken.is_empty() {
            let is_above = |axis: &Axis| match axis {
                Axis::Contents => true,
                Axis::Dimension(at) => cube.dimensions.get(*at).is_some_and(|of| of.is_time),
            };
            (placed.heading, placed.stub) = axes.into_iter().partition(is_above);
        } else {
            placed.stub.extend(axes.into_iter().filter(|axis| !taken.contains(axis)));
        }
        Ok(placed)
    }
}

/// The id of a dimension.
pub(crate) fn id<'c>(cube: &'c Cube<'_>, axis: Axis) -> &'c str {
    match axis {
        Axis::Contents => CONTENTS,
        Axis::Dimension(at) => cube.dimensions.get(at).map(|of| of.id.as_str()).unwrap_or_default(),
    }
}

/// What a dimension is called.
pub(super) fn title(cube: &Cube<'_>, axis: Axis, style: Style, lang: Lang) -> String {
    match (style.shown, axis) {
        (Shown::Codes, _) => id(cube, axis).to_owned(),
        (_, Axis::Contents) => cube.contents_label().get(lang).to_owned(),
        (_, Axis::Dimension(at)) => cube.dimensions.get(at).map(|of| of.label.get(lang).to_owned()).unwrap_or_default(),
    }
}

/// What a place of a dimension is called.
pub(super) fn named(cube: &Cube<'_>, axis: Axis, place: usize, style: Style, lang: Lang) -> String {
    let (code, label) = match axis {
        Axis::Contents => cube.contents.get(place).map(|of| (of.id.as_str(), of.label.get(lang))),
        Axis::Dimension(at) => {
            let code: Option<&Code> = cube.dimensions.get(at).and_then(|of| of.codes.get(place));
            code.map(|of| (of.code.as_str(), of.label.get(lang)))
        }
    }
    .unwrap_or_default();
    match style.shown {
        Shown::Texts => label.to_owned(),
        Shown::Codes => code.to_owned(),
        Shown::Both => format!("{code} {label}"),
    }
}

/// Every combination of the places of some dimensions, the last one running fastest.
pub(super) fn combinations(selection: &Selection, axes: &[Axis]) -> Vec<Vec<(Axis, usize)>> {
    axes.iter().fold(vec![Vec::new()], |all: Vec<Vec<(Axis, usize)>>, axis| {
        let places = selection.places(*axis);
        let with = |before: &Vec<(Axis, usize)>, place: usize| before.iter().copied().chain([(*axis, place)]).collect();
        all.iter().flat_map(|before| places.iter().map(move |place| with(before, *place)).collect::<Vec<_>>()).collect()
    })
}

/// The text of the number at a combination of all dimensions; none where there is none.
pub(super) fn number<'e>(excerpt: Excerpt<'e>, at: impl Iterator<Item = (Axis, usize)>) -> Option<&'e str> {
    let (mut codes, mut content) = (vec![0; excerpt.cube.dimensions.len()], 0);
    for (axis, place) in at {
        match axis {
            Axis::Contents => content = place,
            Axis::Dimension(of) => codes.iter_mut().skip(of).take(1).for_each(|code| *code = place),
        }
    }
    excerpt.cube.number(excerpt.cube.place(&codes), content).map(|number| number.as_str())
}
