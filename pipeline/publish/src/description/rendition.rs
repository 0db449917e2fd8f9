//! What an archived release is called now. Titles, texts, labels, intervals, formats and whatever stands above the door are free: they
//! may change for ever, and the numbers that were paid for are shown under them. So may what stands on the numbers of other releases.
//!
//! Takes an archived description and one of today; gives the archived one in today's words. What was measured is always the archived:
//! names of vectors and their certificates, codes and cells, the privacy parameters, how the vectors were planned together.

use super::{Description, KeyColumn, TableDescription};

impl Description {
    /// This archived description in the words of another of the same measurements; none if that is of others.
    #[must_use]
    pub fn in_words_of(&self, now: &Self) -> Option<Self> {
        let is_same = self.name == now.name && self.series == now.series && self.own().count() == now.own().count();
        let mut own = self.own();
        let one = |now: &TableDescription| match now.quotes {
            // What stands on another release is free, too.
            Some(_) => Some(now.clone()),
            None => own.next()?.in_words_of(now),
        };
        let tables = now.tables.iter().map(one).collect::<Option<Vec<_>>>().filter(|_| is_same)?;
        let shown = Self {
            title: now.title.clone(),
            about: now.about.clone(),
            words: now.words.clone(),
            interval: now.interval.clone(),
            formats: now.formats.clone(),
            tables,
            ..self.clone()
        };
        shown.check().ok().map(|()| shown)
    }
}

impl TableDescription {
    fn in_words_of(&self, now: &Self) -> Option<Self> {
        let vectors = |of: &Self| of.vectors.iter().map(|vector| vector.name.clone()).collect::<Vec<_>>();
        let measured =
            |of: &Self| (of.name.clone(), of.cells.clone(), of.private_keys, of.anonymous, of.rows.clone(), vectors(of));
        let is_same = measured(self) == measured(now) && self.keys.len() == now.keys.len();
        let keys = self.keys.iter().zip(&now.keys).map(|(archived, now)| archived.in_words_of(now));
        let keys = keys.collect::<Option<Vec<_>>>().filter(|_| is_same)?;
        Some(Self {
            title: now.title.clone(),
            sql: now.sql.clone(),
            measures: now.measures.clone(),
            above: now.above.clone(),
            targets: now.targets.clone(),
            differs: now.differs.clone(),
            measured_with: self.measured_with.clone(),
            keys,
            ..self.clone()
        })
    }
}

impl KeyColumn {
    fn in_words_of(&self, now: &Self) -> Option<Self> {
        let codes = |of: &Self| of.codes.iter().map(|code| code.code.clone()).collect::<Vec<_>>();
        (codes(self) == codes(now)).then(|| now.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    #[test]
    fn words_may_change_and_what_was_measured_may_not() {
        let archived = fixture::publication().description;
        let mut now = archived.clone();
        now.title.sv = "Något annat".to_owned();
        now.interval = "0.9".to_owned();
        now.tables[0].title.en = "Something else".to_owned();
        now.tables[0].keys[0].codes[0].label.sv = "Annan etikett".to_owned();
        now.tables[0].vectors[0].certificate = "null".to_owned();
        let shown = archived.in_words_of(&now).unwrap();
        assert_eq!((&shown.title, &shown.interval), (&now.title, &now.interval));
        assert_eq!(shown.tables[0].keys, now.tables[0].keys);
        assert_eq!(shown.tables[0].vectors, archived.tables[0].vectors, "the certificate is the archived one");
        assert_eq!(archived.in_words_of(&archived), Some(archived.clone()));

        let changes: [fn(&mut crate::Description); 5] = [
            |of| of.name.push('x'),
            |of| of.tables.truncate(1),
            |of| of.tables[0].keys[0].codes[0].code.push('x'),
            |of| of.tables[0].vectors[0].name.push('x'),
            |of| of.tables[0].cells.truncate(1),
        ];
        for change in changes {
            let mut other = archived.clone();
            change(&mut other);
            assert_eq!(archived.in_words_of(&other), None);
        }
    }
}
