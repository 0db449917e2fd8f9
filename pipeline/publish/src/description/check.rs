//! Checks what the types of a description cannot say: names that are safe as file names and used once, a grid within its code lists,
//! measures of vectors that are there.

use std::collections::HashSet;

use serde::de::IgnoredAny;

use super::{Above, Description, PublicSource, TableDescription};
use crate::error::DeriveError;
use crate::estimate::interval;

impl Description {
    /// Checks what the types cannot say: names that are safe as file names and used once, a grid within its code lists.
    pub(super) fn check(&self) -> Result<(), DeriveError> {
        if self.format != Self::FORMAT {
            return Err(DeriveError::Format(self.format));
        }
        name(&self.name)?;
        interval::Level::parse(&self.interval)?;
        let (mut queries, mut stems, mut vectors) = (HashSet::new(), HashSet::new(), HashSet::new());
        for table in &self.tables {
            table.check()?;
            once(&mut queries, table.name.clone())?;
            self.check_measured_with(table)?;
            self.check_quotes(table)?;
            for vector in table.vectors.iter().filter(|_| table.measured_with.is_none() && table.quotes.is_none()) {
                once(&mut vectors, vector.name.clone())?;
            }
            self.check_follows(table)?;
            for measure in &table.measures {
                once(&mut stems, table.stem(measure))?;
            }
            if table.above.is_some() {
                once(&mut stems, table.name.clone())?;
            }
        }
        for base in &self.bases {
            base.check()?;
            once(&mut queries, base.name.clone())?;
            base.vectors.iter().try_for_each(|vector| once(&mut vectors, vector.name.clone()))?;
        }
        self.check_families()
    }
}

impl TableDescription {
    fn check(&self) -> Result<(), DeriveError> {
        name(&self.name)?;
        if let Some(quoted) = &self.quotes {
            name(&quoted.release)?;
            name(&quoted.table)?;
            name(&quoted.id)?;
        }
        if let Some(other) = &self.differs {
            name(&other.release)?;
            name(&other.table)?;
        }
        let mut columns = HashSet::new();
        for column in self.measures.iter().map(|m| &m.name).chain(self.keys.iter().map(|key| &key.name)) {
            name(column)?;
            once(&mut columns, column.clone())?;
        }
        self.check_grid()?;
        self.check_measures()?;
        self.above.as_ref().map_or(Ok(()), |above| self.check_above(above))
    }

    fn check_grid(&self) -> Result<(), DeriveError> {
        for key in &self.keys {
            let codes: HashSet<_> = key.codes.iter().map(|code| &code.code).collect();
            if codes.len() != key.codes.len() {
                return self.wrong("a code is listed twice");
            }
        }
        if self.private_keys && !self.cells.is_empty() {
            return self.wrong("it lists cells that only the release can name");
        }
        if self.cells.iter().any(|cell| cell.len() != self.keys.len() || self.codes(cell).count() != cell.len()) {
            return self.wrong("a cell is not in the code lists");
        }
        if self.cells.iter().collect::<HashSet<_>>().len() != self.cells.len() {
            return self.wrong("a cell is listed twice");
        }
        Ok(())
    }

    fn check_measures(&self) -> Result<(), DeriveError> {
        for vector in &self.vectors {
            name(&vector.name)?;
            serde_json::from_str::<IgnoredAny>(&vector.certificate)?;
        }
        if self.measures.is_empty() {
            return self.wrong("it has no measure");
        }
        for measure in &self.measures {
            if measure.formula.vectors().iter().any(|&index| index >= self.vectors.len()) {
                return self.wrong("a measure is computed from a vector that there is not");
            }
            if !measure.formula.is_sound() {
                return self.wrong("the bounds of a measure contradict each other");
            }
        }
        Ok(())
    }

    fn check_above(&self, above: &Above) -> Result<(), DeriveError> {
        let mut columns = HashSet::new();
        for column in &above.columns {
            name(&column.name)?;
            once(&mut columns, column.name.clone())?;
        }
        let ragged = |source: &PublicSource| source.rows.iter().flatten().any(|row| row.len() != source.columns.len());
        if above.sources.iter().any(ragged) {
            self.wrong("the tables above its noisy numbers do not fit together")
        } else {
            Ok(())
        }
    }

    /// That the table contradicts itself.
    pub(crate) fn wrong<T>(&self, what: &'static str) -> Result<T, DeriveError> {
        Err(DeriveError::Shape { table: self.name.clone(), what })
    }
}

/// Adds a name to those that are taken.
fn once(taken: &mut HashSet<String>, name: String) -> Result<(), DeriveError> {
    if taken.contains(&name) {
        return Err(DeriveError::Name(name));
    }
    taken.insert(name);
    Ok(())
}

/// Names become files, addresses and column names: up to 100 of a-z, 0-9, `_` and `-`, a letter or digit first.
fn name(name: &str) -> Result<(), DeriveError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if name.len() <= 100 && name.starts_with(plain) && name.chars().all(|c| plain(c) || c == '_' || c == '-') {
        Ok(())
    } else {
        Err(DeriveError::Name(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Formula, fixture};

    #[test]
    fn json_round_trip() {
        let description = fixture::description();
        let json = description.to_json().unwrap();
        assert_eq!(Description::from_json(&json).unwrap(), description);
        assert_eq!(Description::from_json(&json).unwrap().to_json().unwrap(), json);
        assert!(json.starts_with(br#"{"format":3,"name":"outcomes","title":{"sv":"#));
    }

    #[test]
    fn unknown_fields_and_versions_are_refused() {
        let json = String::from_utf8(fixture::description().to_json().unwrap()).unwrap();
        let more = json.replacen("{\"format\":3", "{\"extra\":0,\"format\":3", 1);
        assert!(matches!(Description::from_json(more.as_bytes()), Err(DeriveError::Json(_))));
        let later = json.replacen("{\"format\":3", "{\"format\":4", 1);
        assert!(matches!(Description::from_json(later.as_bytes()), Err(DeriveError::Format(4))));
    }

    #[test]
    fn names_cannot_leave_their_folder() {
        for bad in ["", ".", "..", "a/b", "../a", "A", "a b", "-a", "a.b", "å"] {
            let mut description = fixture::description();
            description.name = bad.to_owned();
            assert!(description.to_json().is_err(), "{bad}");
            let mut description = fixture::description();
            description.tables[0].name = bad.to_owned();
            assert!(description.to_json().is_err(), "{bad}");
        }
    }

    /// The description with one change to its first table.
    fn changed(change: fn(&mut TableDescription)) -> Result<Vec<u8>, DeriveError> {
        let mut description = fixture::description();
        change(&mut description.tables[0]);
        description.to_json()
    }

    #[test]
    fn a_grid_must_fit_its_codes() {
        let changes: [fn(&mut TableDescription); 6] = [
            |table| table.cells[0][0] = 999,
            |table| table.cells[0].truncate(1),
            |table| table.cells[0].push(0),
            |table| table.cells[1] = table.cells[0].clone(),
            |table| table.keys[0].codes[1] = table.keys[0].codes[0].clone(),
            |table| table.private_keys = true,
        ];
        for change in changes {
            assert!(matches!(changed(change), Err(DeriveError::Shape { .. })));
        }
        let private = |table: &mut TableDescription| (table.private_keys, table.cells) = (true, Vec::new());
        assert!(changed(private).is_ok());
    }

    #[test]
    fn a_measure_must_fit_its_vectors() {
        let changes: [fn(&mut TableDescription); 5] = [
            |table| table.measures.clear(),
            |table| table.vectors.clear(),
            |table| table.measures[0].formula = Formula::Sum { vector: 1 },
            |table| table.measures[0].formula = Formula::Mean { count: 0, sum: 0, centre: 7, low: 0, high: 6 },
            |table| {
                table.measures[0].formula =
                    Formula::Quantile { vector: 0, low: 0, numerator: 2, denominator: 2, count: None, ends: None }
            },
        ];
        for change in changes {
            assert!(matches!(changed(change), Err(DeriveError::Shape { .. })));
        }
        assert!(matches!(changed(|table| table.vectors[0].certificate = "{".to_owned()), Err(DeriveError::Json(_))));
        assert!(matches!(changed(|table| table.measures[0].name = "project".to_owned()), Err(DeriveError::Name(_))));
    }

    #[test]
    fn files_and_vectors_have_names_of_their_own() {
        let twice = changed(|table| table.measures.push(table.measures[0].clone()));
        assert!(matches!(twice, Err(DeriveError::Name(_))));
        let mut description = fixture::description();
        description.tables[1].vectors[0].name = description.tables[0].vectors[0].name.clone();
        assert!(matches!(description.to_json(), Err(DeriveError::Name(_))));
        // The files of a measure of one query would be those of another query.
        let mut description = fixture::description();
        let mut second = description.tables[0].measures[0].clone();
        second.name = "more".to_owned();
        description.tables[0].measures.push(second);
        assert!(description.to_json().is_ok());
        description.tables[1].name = "by_project_more".to_owned();
        assert!(matches!(description.to_json(), Err(DeriveError::Name(_))));
    }

    #[test]
    fn what_is_above_must_fit_together() {
        let changes: [fn(&mut Above); 2] =
            [|above| above.sources[1].rows = Some(vec![vec![None; 7]]), |above| above.columns[1] = above.columns[0].clone()];
        for change in changes {
            let mut description = fixture::description();
            let above = description.tables.iter_mut().find_map(|table| table.above.as_mut()).unwrap();
            change(above);
            assert!(description.to_json().is_err());
        }
    }
}
