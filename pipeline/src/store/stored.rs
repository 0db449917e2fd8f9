//! What has landed of a person, and what stays of one who was erased.

use utfall_ground::redacted;

/// What a landed row is to its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// What counts.
    Current,
    /// Another month's report of a row that counts.
    Superseded,
    /// A row that no report has any more; it keeps its numbers.
    Withdrawn,
    /// A record that belongs to nobody in particular; counts only in grand totals that ask for it.
    Anonymous,
    /// A row within a participation that was withdrawn: it counts again as soon as the participation does.
    Detached,
}

impl State {
    /// Its name in paths and partitions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
            Self::Anonymous => "anonymous",
            Self::Detached => "detached",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Current, Self::Superseded, Self::Withdrawn, Self::Anonymous, Self::Detached]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// The entry of an erasure in a project in which nothing had landed, where no list of the project has told of it: its sender
/// is told what it would be told of somebody new.
pub const UNHEARD: i32 = -1;

/// What stays of a person who was erased.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// The highest contribution that was given.
    pub contribution: i32,
    /// The projects in which something had landed, with the highest entry that was given there; 0 where a list has come
    /// since, and landed nothing; [`UNHEARD`] where none has.
    pub entries: Vec<(i16, i32)>,
    /// The days of the erasures, each for one project or for all: what began until then does not land again.
    pub days: Vec<(Option<i16>, i32)>,
}

impl Forgotten {
    /// Takes in what another record says.
    pub fn and(&mut self, other: &Self) {
        self.contribution = self.contribution.max(other.contribution);
        self.entries.extend(&other.entries);
        self.days.extend(&other.days);
    }

    /// Whether something had landed in a project, or a list with the person has come from it since.
    pub(crate) fn is_known_in(&self, project: i16) -> bool {
        self.entries.iter().any(|(of, entry)| *of == project && *entry > UNHEARD)
    }

    /// Whether something had landed in a project.
    pub(crate) fn was_in(&self, project: i16) -> bool {
        self.entries.iter().any(|(of, entry)| *of == project && *entry > 0)
    }

    /// Whether an erasure until a day, in one project or in all, would add nothing; `heard` says that a list of the project
    /// has told of it.
    pub fn spans(&self, project: Option<i16>, day: i32, heard: bool) -> bool {
        let until = |(of, until): &(Option<i16>, i32)| (of.is_none() || *of == project) && *until >= day;
        self.days.iter().any(until) && project.is_none_or(|project| !heard || self.is_known_in(project))
    }

    /// Whether a row of a project that begins on a day was erased.
    pub(crate) fn covers(&self, project: i16, start: Option<i32>) -> bool {
        let erased =
            |(of, day): &(Option<i16>, i32)| of.is_none_or(|of| of == project) && start.is_none_or(|start| start <= *day);
        self.days.iter().any(erased)
    }
}

/// The days by which reporting periods are told, as they were first known of a participation. They never change again, so
/// that a participation lies in one period for ever, whatever is corrected later; its child rows lie where it does.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Frozen {
    /// Its first day.
    pub began: i32,
    /// Its last day; none until one is reported.
    pub ended: Option<i32>,
}

/// The numbers by which a person's row is named for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Numbers {
    /// Which of the person's participations it is, or is within: 1, 2, ...
    pub contribution: i32,
    /// Of a participation the `entry` in its project, of a row within one its `ordinal` there.
    pub second: i32,
}

impl Numbers {
    /// The highest of both, each for itself.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { contribution: self.contribution.max(other.contribution), second: self.second.max(other.second) }
    }
}

/// What is stored with a row beside its cells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// What it is to its table.
    pub state: State,
    /// The month that reported it; 0 for lists without a month.
    pub month: i16,
    /// By which numbers it is named.
    pub numbers: Numbers,
    /// The days of its participation.
    pub frozen: Frozen,
}

/// A landed row with its place among the landed rows.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Its packed cells.
    pub row: &'a [u8],
    /// What is stored with it.
    pub stored: Stored,
    /// Its place.
    pub place: usize,
}

/// A participation to which child rows may belong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Participation {
    /// Its project.
    pub project: i16,
    /// Its first day.
    pub start: i32,
    /// Its last day; none while it goes on.
    pub end: Option<i32>,
    /// Its number.
    pub contribution: i32,
    /// Its days as they were first known.
    pub frozen: Frozen,
}

redacted!(Forgotten Frozen Numbers Stored Known<'a> Participation);
