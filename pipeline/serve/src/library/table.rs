//! What is known of a table before anybody asks for its numbers.

use utfall_ground::calendar::Length;
use utfall_ground::text::Text;
use utfall_publish::dataset::cube::{Cube, Dimension};
use utfall_publish::dataset::pack::ReleaseFacts;
use utfall_publish::dataset::{DataSet, Role};

use super::codelist::{CodeList, Kind};

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name for programs, `RELEASE.DATASET`, as SQL names it.
    pub(crate) id: String,
    /// The place of its data set.
    pub(crate) set: usize,
    /// Its title.
    pub(crate) label: Text,
    /// Its dimensions but that of contents.
    pub(crate) dimensions: Vec<Dimension>,
    /// What the dimension of contents is called.
    pub(crate) contents_label: Text,
    /// Its contents, and whether each is an estimate rather than what is said of one.
    pub(crate) contents: Vec<(String, bool)>,
    /// How long its periods are; none where it has none of its own, or none of one length.
    pub(crate) periods: Option<Length>,
    /// Whether its numbers add up.
    adds_up: bool,
}

impl Table {
    pub(super) fn of(release: &ReleaseFacts, set: &DataSet, at: usize, adds_up: bool) -> Self {
        let cube = Cube::of(set, &release.vintage());
        let contents = cube.contents.iter().map(|of| (of.id.clone(), of.column.role == Role::Estimate)).collect();
        Self {
            id: format!("{}.{}", release.name, set.name),
            set: at,
            label: set.title.clone(),
            contents_label: cube.contents_label(),
            contents,
            periods: cube.dimensions.iter().find_map(Dimension::periods),
            dimensions: cube.dimensions,
            adds_up,
        }
    }

    /// The dimension of a name.
    pub(crate) fn dimension(&self, id: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|of| of.id == id)
    }

    /// The dimension of time.
    pub(crate) fn time(&self) -> Option<&Dimension> {
        self.dimensions.iter().find(|of| of.is_time)
    }

    /// Whether a dimension can be read by a code list: it is of that key and knows some of the codes, and where the list adds numbers up, they do.
    pub(crate) fn takes(&self, list: &CodeList, dimension: &str) -> bool {
        let known = |of: &Dimension| of.codes.iter().any(|code| list.group(&code.code).is_some());
        let is_of = list.dimension == dimension && self.dimension(dimension).is_some_and(|of| !of.is_time && known(of));
        is_of && (list.kind == Kind::Valueset || self.adds_up)
    }

    /// Of how many cells it is.
    pub(crate) fn cells(&self) -> usize {
        self.dimensions.iter().map(|of| of.codes.len()).fold(self.contents.len(), usize::saturating_mul)
    }
}
