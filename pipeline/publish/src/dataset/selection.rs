//! What of a cube is shown, in which order: everything in a file, a part where somebody asks for one.
//!
//! Programs know a cube as dimensions in one order, and its contents as one of them: the keys, then contents, then time.

use super::cube::Cube;
use super::pack::ReleaseFacts;
use crate::Settings;

/// The codes and contents that are shown, by their places in the cube, in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    dimensions: Vec<Vec<usize>>,
    contents: Vec<usize>,
}

/// A dimension as programs know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// A dimension of the cube, by its place.
    Dimension(usize),
    /// Its contents.
    Contents,
}

/// A part of a cube, with what is to be said beside it.
#[derive(Debug, Clone, Copy)]
pub struct Excerpt<'e> {
    /// The cube.
    pub cube: &'e Cube<'e>,
    /// What of it is shown.
    pub selection: &'e Selection,
    /// The release that it is of.
    pub release: &'e ReleaseFacts,
    /// What the site says of itself.
    pub settings: &'e Settings,
}

impl Selection {
    /// Everything, in the order of publication.
    pub fn all(cube: &Cube<'_>) -> Self {
        let dimensions = cube.dimensions.iter().map(|of| (0..of.codes.len()).collect()).collect();
        Self { dimensions, contents: (0..cube.contents.len()).collect() }
    }

    /// A part: for each dimension of the cube the places of its codes, and the places of contents. None if one is not there, is named twice,
    /// or if of a dimension, or of contents, none is named.
    pub fn of(cube: &Cube<'_>, dimensions: Vec<Vec<usize>>, contents: Vec<usize>) -> Option<Self> {
        let is_fit = |places: &[usize], size: usize| {
            let mut sorted = places.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            !places.is_empty() && sorted.len() == places.len() && places.iter().all(|place| *place < size)
        };
        let same = dimensions.len() == cube.dimensions.len();
        let fit = cube.dimensions.iter().zip(&dimensions).all(|(of, places)| is_fit(places, of.codes.len()));
        (same && fit && is_fit(&contents, cube.contents.len())).then_some(Self { dimensions, contents })
    }

    /// The axes in the order of programs: the keys, contents, time. The last one runs fastest.
    pub fn axes(&self, cube: &Cube<'_>) -> Vec<Axis> {
        let of = |time: bool| cube.dimensions.iter().enumerate().filter(move |(_, of)| of.is_time == time);
        let keys = of(false).map(|(at, _)| Axis::Dimension(at));
        keys.chain([Axis::Contents]).chain(of(true).map(|(at, _)| Axis::Dimension(at))).collect()
    }

    /// The places that are shown of an axis.
    pub fn places(&self, axis: Axis) -> &[usize] {
        match axis {
            Axis::Dimension(at) => self.dimensions.get(at).map(Vec::as_slice).unwrap_or_default(),
            Axis::Contents => &self.contents,
        }
    }

    /// How many cells are shown.
    pub fn len(&self) -> usize {
        let sizes = self.dimensions.iter().map(Vec::len);
        sizes.fold(self.contents.len(), usize::saturating_mul)
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells in the order of the axes: of each the place in the cube and that of its content.
    pub fn cells<'a>(&'a self, cube: &'a Cube<'_>) -> impl Iterator<Item = (usize, usize)> + 'a {
        let axes = self.axes(cube);
        (0..self.len()).map(move |mut rest| {
            let (mut codes, mut content) = (vec![0; self.dimensions.len()], 0);
            for axis in axes.iter().rev() {
                let places = self.places(*axis);
                let place = places.get(rest % places.len()).copied().unwrap_or_default();
                rest /= places.len();
                match axis {
                    Axis::Contents => content = place,
                    Axis::Dimension(at) => codes.iter_mut().skip(*at).take(1).for_each(|code| *code = place),
                }
            }
            (cube.place(&codes), content)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::pack::Pack;
    use crate::{Source, fixture};

    #[test]
    fn a_part_is_shown_in_the_order_that_is_asked_for() {
        let pack = Pack::of(&fixture::publication(), &Source::default());
        let cube = Cube::of(pack.set("work_by_region").unwrap(), "x");
        let selection = Selection::of(&cube, vec![vec![4, 0], vec![2], vec![0]], vec![1, 0]).unwrap();
        assert_eq!(selection.axes(&cube), [Axis::Dimension(0), Axis::Dimension(1), Axis::Contents, Axis::Dimension(2)]);
        let [last, first] = [[4, 2, 0], [0, 2, 0]].map(|codes| cube.place(&codes));
        assert_eq!(selection.cells(&cube).collect::<Vec<_>>(), [(last, 1), (last, 0), (first, 1), (first, 0)]);
        let all = Selection::all(&cube);
        assert_eq!((all.len(), all.cells(&cube).count()), (6 * 3 * 4, 6 * 3 * 4));
        assert_eq!(Some(all), Selection::of(&cube, vec![(0..6).collect(), vec![0, 1, 2], vec![0]], (0..4).collect()));
    }

    #[test]
    fn what_is_not_there_cannot_be_selected() {
        let pack = Pack::of(&fixture::publication(), &Source::default());
        let cube = Cube::of(pack.set("work_by_region").unwrap(), "x");
        let wrong: [(&[&[usize]], &[usize]); 6] = [
            (&[&[0], &[0]], &[0]),
            (&[&[0], &[0], &[0], &[0]], &[0]),
            (&[&[6], &[0], &[0]], &[0]),
            (&[&[0, 0], &[0], &[0]], &[0]),
            (&[&[0], &[], &[0]], &[0]),
            (&[&[0], &[0], &[0]], &[4]),
        ];
        for (dimensions, contents) in wrong {
            let dimensions = dimensions.iter().map(|places| places.to_vec()).collect();
            assert_eq!(Selection::of(&cube, dimensions, contents.to_vec()), None);
        }
    }
}
