//! Which lists of one call are one report: a workbook with a sheet per team, two files of one month.

use crate::land::accept::said::Said;
use crate::land::understand::list::List;

/// Lists that land in one commit.
#[derive(Debug)]
pub struct Together<'a> {
    /// The lists, in the order in which they were given; all of one table and one month.
    pub lists: Vec<List<'a>>,
    /// Whether a file that may belong to them could not be read: then nothing that was reported before is withdrawn.
    pub lacking: bool,
}

impl Together<'_> {
    /// How much there is to read.
    pub fn length(&self) -> u64 {
        self.lists.iter().map(|list| list.source.length()).sum()
    }
}

/// Lists of one table and month that report the same project, or lie in one workbook, are one report; any other list is one
/// alone. Participations come before the rows within them, else the order stays. `broken` is what was said of the files that
/// could not be read.
pub fn together<'a>(lists: Vec<List<'a>>, broken: &[Said]) -> Vec<Together<'a>> {
    let mut groups: Vec<Together<'a>> = Vec::new();
    for list in lists {
        // A list may tie together what was apart so far.
        let mut joined: Vec<List<'a>> = Vec::new();
        let mut place = None;
        let mut at = 0;
        while let Some(group) = groups.get(at) {
            if group.lists.iter().any(|other| are_one(other, &list)) {
                joined.extend(groups.remove(at).lists);
                place.get_or_insert(at);
            } else {
                at += 1;
            }
        }
        joined.push(list);
        let lacking = joined.iter().any(|list| broken.iter().any(|said| may_lack(list, said)));
        groups.insert(place.unwrap_or(groups.len()), Together { lists: joined, lacking });
    }
    groups.sort_by_key(|group| group.lists.first().is_some_and(|list| list.reading.mapping.table.parent.is_some()));
    groups
}

/// A list whose projects nobody said may hold rows of those that another one replaces.
fn are_one(a: &List<'_>, b: &List<'_>) -> bool {
    let same = a.reading.mapping.table.name == b.reading.mapping.table.name && a.accepted.month == b.accepted.month;
    let beside = |unsaid: &List<'_>, other: &List<'_>| unsaid.accepted.projects.is_empty() && other.accepted.replaces();
    let reports = a.accepted.month.is_some() && (a.accepted.meets(&b.accepted) || beside(a, b) || beside(b, a));
    same && (reports || (a.path == b.path && a.sheet != b.sheet))
}

/// Whether a file that could not be read may be part of what a list reports: it says the same month and one of its projects.
fn may_lack(list: &List<'_>, said: &Said) -> bool {
    let accepted = &list.accepted;
    let about = said.projects.iter().any(|project| accepted.projects.contains(project));
    accepted.replaces() && said.month == accepted.month && about
}
