//! How the rows of a list act: all of them, or, of a list that has landed before, those that were set aside.

/// Which rows of a list act, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// All of them: the list is new.
    All,
    /// The list has landed before. Rows in these ranges (first and last, as a spreadsheet counts) were set aside and are
    /// tried again; the others only keep what they reported from being withdrawn by a list beside it. Rows of these projects,
    /// whose report was replaced since, do neither.
    Open(Vec<[u32; 2]>, Vec<i16>),
}

/// How one row acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It reports, corrects, or takes back.
    Reports,
    /// It was set aside before: it reports what nobody has reported since.
    Tried,
    /// It reported before: nothing that it reported is withdrawn.
    Kept,
}

impl Trial {
    /// How a row acts.
    pub fn act(&self, row: u32) -> Act {
        match self {
            Self::All => Act::Reports,
            Self::Open(open, _) if open.iter().any(|[first, last]| (*first..=*last).contains(&row)) => Act::Tried,
            Self::Open(..) => Act::Kept,
        }
    }

    /// Whether rows of a project do nothing any more.
    pub fn is_past(&self, project: i16) -> bool {
        matches!(self, Self::Open(_, replaced) if replaced.contains(&project))
    }
}

/// A row of a list of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowOf {
    /// The place of the list among those of the report.
    pub list: usize,
    /// The number of the row in its list.
    pub row: u32,
}

/// The lists of one report, whose rows are numbered one list after the other.
#[derive(Debug, Clone, Default)]
pub struct Trials {
    /// Per list the number before its first row's, and how its rows act.
    lists: Vec<(u32, Trial)>,
}

impl Trials {
    /// Adds a list whose first row is numbered after `before`.
    pub fn add(&mut self, trial: Trial, before: u32) {
        self.lists.push((before, trial));
    }

    /// Of which list a row is, and which of its rows.
    pub fn row(&self, number: u32) -> RowOf {
        let list = self.lists.partition_point(|(before, _)| *before < number).saturating_sub(1);
        RowOf { list, row: number.saturating_sub(self.lists.get(list).map_or(0, |(before, _)| *before)) }
    }

    /// How a row acts.
    pub fn act(&self, number: u32) -> Act {
        let RowOf { list, row } = self.row(number);
        self.lists.get(list).map_or(Act::Reports, |(_, trial)| trial.act(row))
    }

    /// Whether every row is of a new list.
    pub fn are_new(&self) -> bool {
        self.lists.iter().all(|(_, trial)| *trial == Trial::All)
    }

    /// The first new list, which takes the place of what was reported before.
    pub fn first_new(&self) -> usize {
        self.lists.iter().position(|(_, trial)| *trial == Trial::All).unwrap_or_default()
    }

    /// How many lists there are; at least one.
    pub fn len(&self) -> usize {
        self.lists.len().max(1)
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_apart_by_list_and_act() {
        let mut trials = Trials::default();
        trials.add(Trial::All, 0);
        trials.add(Trial::Open(vec![[2, 3], [7, 7]], vec![4]), 10);
        assert_eq!(
            [1, 10, 11, 17].map(|number| trials.row(number)).map(|of| (of.list, of.row)),
            [(0, 1), (0, 10), (1, 1), (1, 7)]
        );
        let acts = [Act::Reports, Act::Kept, Act::Tried, Act::Tried, Act::Kept, Act::Tried];
        assert_eq!([10, 11, 12, 13, 14, 17].map(|number| trials.act(number)), acts);
        assert!(!trials.are_new());
        assert!(Trial::Open(Vec::new(), vec![4]).is_past(4) && !Trial::All.is_past(4));
    }
}
