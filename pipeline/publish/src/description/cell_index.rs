//! Which cell of a table, and where its numbers lie in a vector: two counts that are the same only for vectors of one number per
//! cell, and that are mixed up in silence if both are bare integers.

use std::ops::Range;

/// A cell's place in the grid of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellIndex(pub usize);

impl CellIndex {
    /// All cells of a grid of so many.
    pub fn all(count: usize) -> impl Iterator<Item = Self> {
        (0..count).map(Self)
    }

    /// Where its number lies in a vector of one number per cell.
    pub fn number(self) -> usize {
        self.0
    }

    /// Where its numbers lie in a vector of `width` numbers per cell; beyond every vector where no vector can be so long.
    pub fn numbers(self, width: usize) -> Range<usize> {
        let start = self.0.saturating_mul(width);
        start..start.saturating_add(width)
    }

    /// The numbers themselves.
    pub fn of<T>(self, width: usize, vector: &[T]) -> Option<&[T]> {
        vector.get(self.numbers(width))
    }

    /// The two numbers of a cell that has two.
    pub fn pair<T: Copy>(self, vector: &[T]) -> Option<[T; 2]> {
        self.of(2, vector)?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lie_behind_those_of_the_cells_before() {
        let vector = [10, 11, 20, 21, 30];
        assert_eq!(CellIndex(1).pair(&vector), Some([20, 21]));
        assert_eq!(CellIndex(2).pair(&vector), None);
        assert_eq!(CellIndex(1).of(1, &vector), Some(&[11][..]));
        assert_eq!(CellIndex(usize::MAX).of(3, &vector), None);
    }
}
