//! Which measured vectors are tables of one family: archived beside them, so that they can be reconciled years later.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utfall_estimate::family::{Axes, Family, MOST_AXES, MOST_AXES_OF_A_PART, Part};
use utfall_estimate::tree::Tree;

use crate::description::TOTAL;
use crate::{DeriveError, Description, TableDescription, VectorDescription};

/// Tables that add up: places within places, crossed with flat keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyDescription {
    /// Per level below the whole, and per place, its parent among the places of the level above.
    pub levels: Vec<Vec<usize>>,
    /// The number of codes of each flat key.
    pub axes: Vec<usize>,
    /// The tables, one for each grouping set of a vector.
    pub parts: Vec<PartDescription>,
}

/// One table of a family: the cells of a vector whose other keys are rolled up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartDescription {
    /// The name of the vector's measurement.
    pub vector: String,
    /// The level of its places, 0 for the whole.
    pub level: usize,
    /// The key columns that name the place.
    pub keys: Vec<usize>,
    /// Per place of the level, the code of each of these columns.
    pub places: Vec<Vec<u16>>,
    /// Its flat keys: the column, and which axis it is.
    pub axes: Vec<(usize, usize)>,
    /// The axis along which the two numbers of a cell lie, where a vector has two (distances from either end).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<usize>,
    /// The axis of which the vector has the first code only: it counts some of the rows of the family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<usize>,
}

/// The position of what a vector does not have.
pub(crate) const NOWHERE: usize = usize::MAX;

impl FamilyDescription {
    /// The geometry, if it is sound; the parts' units are the places of their vectors in `units`.
    pub fn family(&self, units: &[&str], weight: impl Fn(&str) -> f64) -> Option<Family> {
        let tree = Tree::new(&self.levels)?;
        if self.axes.len() > MOST_AXES || self.axes.contains(&0) {
            return None;
        }
        let mut parts = Vec::new();
        for part in &self.parts {
            let unit = units.iter().position(|unit| *unit == part.vector)?;
            if part.level >= tree.depth() || part.places.len() != tree.nodes(part.level) {
                return None;
            }
            let axes = part.axes(self.axes.len())?;
            if axes.count_ones() as usize > MOST_AXES_OF_A_PART {
                return None;
            }
            parts.push(Part { level: part.level, axes, unit, weight: weight(&part.vector) });
        }
        Some(Family { tree, axes: self.axes.clone(), parts })
    }

    /// The other vectors whose cells are sums of those of one.
    pub fn sums_of<'a>(&'a self, vector: &'a str) -> impl Iterator<Item = &'a str> {
        let of = self.parts.iter().filter(move |part| part.vector == vector);
        let sums = move |other: &&PartDescription| other.vector != vector && of.clone().any(|part| part.covers(other));
        self.parts.iter().filter(sums).map(|part| part.vector.as_str())
    }

    /// The vectors, each once.
    pub(crate) fn vectors(&self) -> Vec<&str> {
        let mut vectors: Vec<&str> = self.parts.iter().map(|part| part.vector.as_str()).collect();
        vectors.dedup();
        vectors
    }
}

impl PartDescription {
    /// Whether the cells of another part are sums of its own.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let has = |axis: usize| self.split == Some(axis) || self.axes.iter().any(|(_, own)| *own == axis);
        let whole = self.slice.is_none() && self.level >= other.level;
        whole && other.axes.iter().map(|(_, axis)| *axis).chain(other.split).chain(other.slice).all(has)
    }

    /// The set of its axes; `None` if one is there twice or not at all.
    fn axes(&self, count: usize) -> Option<Axes> {
        self.axes.iter().map(|(_, axis)| *axis).chain(self.split).chain(self.slice).try_fold(0, |set: Axes, axis| {
            let bit = 1 << axis;
            (axis < count && set & bit == 0).then_some(set | bit)
        })
    }

    /// For each number of the part, in the family's order (by place, then by the codes of the axes, the last axis fastest),
    /// its position in the vector, [`NOWHERE`] for the rows that a slice leaves out; `None` if the table has another number of such cells.
    pub(crate) fn positions(&self, table: &TableDescription, sizes: &[usize]) -> Option<Vec<usize>> {
        let places: HashMap<Vec<u16>, usize> = self.places.iter().cloned().zip(0..).collect();
        let (split, width) = (self.split, if self.split.is_some() { 2 } else { 1 });
        let own: Vec<(usize, Option<usize>)> = (0..sizes.len())
            .filter_map(|axis| {
                let column = self.axes.iter().find(|(_, a)| *a == axis).map(|(column, _)| *column);
                (column.is_some() || split == Some(axis) || self.slice == Some(axis)).then_some((axis, column))
            })
            .collect();
        let flat: usize = own.iter().map(|(axis, _)| sizes[*axis]).product();
        let mut positions = vec![NOWHERE; flat * self.places.len()];
        for (at, cell) in table.cells.iter().enumerate().filter(|(_, cell)| self.holds(table, cell)) {
            let place = self.keys.iter().map(|key| cell.get(*key).copied()).collect::<Option<Vec<u16>>>()?;
            let place = *places.get(&place)?;
            for number in 0..width {
                let mut index = place;
                for (axis, column) in &own {
                    let code = match column {
                        Some(column) => usize::from(*cell.get(*column)?),
                        None if self.slice == Some(*axis) => 0,
                        None => number,
                    };
                    index = index * sizes[*axis] + code;
                }
                *positions.get_mut(index)? = at * width + number;
            }
        }
        let held = positions.iter().filter(|position| **position != NOWHERE).count();
        let codes = self.slice.map_or(Some(1), |axis| sizes.get(axis).copied())?;
        (held * codes == positions.len()).then_some(positions)
    }

    /// Whether a cell of the table is one of this grouping set.
    fn holds(&self, table: &TableDescription, cell: &[u16]) -> bool {
        let total = |key: usize, code: &u16| {
            let codes = table.keys.get(key).map(|key| &key.codes);
            codes.and_then(|codes| codes.get(usize::from(*code))).is_some_and(|code| code.code == TOTAL)
        };
        let has = |key: usize| self.keys.contains(&key) || self.axes.iter().any(|(column, _)| *column == key);
        cell.iter().enumerate().all(|(key, code)| total(key, code) != has(key))
    }
}

impl Description {
    /// Checks that the families are sound and that their parts are whole vectors.
    pub(crate) fn check_families(&self) -> Result<(), DeriveError> {
        for family in &self.families {
            let wrong = |table: &str| DeriveError::Shape { table: table.to_owned(), what: "its family does not fit it" };
            let first = family.parts.first().map_or("", |part| part.vector.as_str());
            family.family(&family.vectors(), |_| 1.0).ok_or_else(|| wrong(first))?;
            let mut held: HashMap<&str, usize> = HashMap::new();
            for part in &family.parts {
                let table = self.table_of(&part.vector).ok_or_else(|| wrong(&part.vector))?;
                let positions = part.positions(table, &family.axes).ok_or_else(|| wrong(&part.vector))?;
                let own = positions.iter().filter(|position| **position != NOWHERE).count();
                *held.entry(&part.vector).or_default() += own / if part.split.is_some() { 2 } else { 1 };
                let follows = |vector: &VectorDescription| vector.name == part.vector && vector.follows;
                if part.slice.is_some() && !table.vectors.iter().any(follows) {
                    return Err(wrong(&part.vector));
                }
            }
            for (vector, cells) in held {
                if self.table_of(vector).map(|table| table.cells.len()) != Some(cells) {
                    return Err(wrong(vector));
                }
            }
        }
        Ok(())
    }

    /// The table that a vector belongs to.
    pub(crate) fn table_of(&self, vector: &str) -> Option<&TableDescription> {
        self.own().chain(&self.bases).find(|table| table.vectors.iter().any(|v| v.name == vector))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::reconciliation::Reconciliation;
    use crate::{Measured, fixture};

    fn part(vector: &str, axes: &[(usize, usize)], slice: Option<usize>) -> PartDescription {
        let (vector, axes, places) = (vector.to_owned(), axes.to_vec(), vec![Vec::new()]);
        PartDescription { vector, level: 0, keys: Vec::new(), places, axes, split: None, slice }
    }

    /// A table by age band and outcome that is measured, and the first outcome of it by age band, which is not.
    fn sliced() -> Description {
        let mut description = fixture::description();
        description.tables.retain(|table| table.name == "by_age_band");
        let mut slice = description.tables[0].clone();
        slice.name = "first".to_owned();
        slice.keys.truncate(1);
        let ages = u16::try_from(slice.keys[0].codes.len()).unwrap();
        slice.cells = (0..ages).map(|age| vec![age]).collect();
        slice.vectors[0].name = "first".to_owned();
        (slice.vectors[0].certificate, slice.vectors[0].follows) = ("null".to_owned(), true);
        let codes = description.tables[0].keys.iter().map(|key| key.codes.len()).collect();
        description.tables.push(slice);
        let parts = vec![part("by_age_band", &[(0, 0), (1, 1)], None), part("first", &[(0, 0)], Some(1))];
        description.families = vec![FamilyDescription { levels: Vec::new(), axes: codes, parts }];
        description
    }

    #[test]
    fn a_slice_has_the_first_code_of_an_axis() {
        let description = sliced();
        description.to_json().unwrap();
        let width = description.families[0].axes[1];
        let values: Vec<i64> = (0..80).map(|number| number * number).collect();
        let noise = std::sync::Arc::new(crate::estimate::noise::KnownNoise::from(fixture::laplace(9, 1)));
        let measured = [Measured { name: "by_age_band", values: &values, keys: None, noise }];
        let whole = Reconciliation::new(&description, &measured).unwrap().whole(&measured).unwrap();
        let of_first: Vec<i64> = values.iter().step_by(width).copied().collect();
        assert_eq!(whole["first"], of_first);
        assert_eq!(whole["by_age_band"], values);
    }

    #[test]
    fn a_slice_follows_from_a_whole() {
        let changes: [fn(&mut Description); 4] = [
            // It would have been measured, or the whole would not, or it is no slice of anything, or twice of the same.
            |of| of.tables[1].vectors[0].follows = false,
            |of| of.families[0].parts[0].slice = Some(1),
            |of| of.families[0].parts[1].slice = Some(7),
            |of| of.families[0].parts[1].slice = Some(0),
        ];
        for change in changes {
            let mut description = sliced();
            change(&mut description);
            assert!(description.to_json().is_err());
        }
    }
}
