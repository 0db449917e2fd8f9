//! Which lists of one call are one report: a workbook with a sheet per team, two files of one month.

use std::collections::HashMap;
use std::path::Path;

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
/// alone. A list whose projects nobody said may hold rows of those that another one replaces. Participations come before the rows
/// within them, else the order stays. `broken` is what was said of the files that could not be read.
pub fn together<'a>(lists: Vec<List<'a>>, broken: &[Said]) -> Vec<Together<'a>> {
    let firsts = firsts(&lists);
    let mut groups: Vec<Together<'a>> = Vec::new();
    let mut of: HashMap<usize, usize> = HashMap::new();
    for (list, first) in lists.into_iter().zip(firsts) {
        let lacks = broken.iter().any(|said| may_lack(&list, said));
        let at = *of.entry(first).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Together { lists: Vec::new(), lacking: false });
        }
        if let Some(group) = groups.get_mut(at) {
            group.lists.push(list);
            group.lacking |= lacks;
        }
    }
    groups.sort_by_key(|group| group.lists.first().is_some_and(|list| list.reading.mapping.table.parent.is_some()));
    groups
}

/// What makes lists of one table and month one report.
#[derive(PartialEq, Eq, Hash)]
enum Tie<'l> {
    /// The workbook in which they are sheets.
    Workbook(&'l Path),
    /// A project that they report.
    Project(i16),
    /// That one says no project, and the others replace what theirs reported.
    Unsaid,
}

/// Of each list, which one is the first of its report.
fn firsts(lists: &[List<'_>]) -> Vec<usize> {
    let mut ties: HashMap<_, Vec<usize>> = HashMap::new();
    for (at, list) in lists.iter().enumerate() {
        let (table, accepted) = (list.reading.mapping.table.name.as_str(), &list.accepted);
        let mut tie = |tie| ties.entry((table, accepted.month, tie)).or_default().push(at);
        tie(Tie::Workbook(&list.path));
        if accepted.month.is_some() {
            accepted.projects.iter().for_each(|project| tie(Tie::Project(*project)));
            if accepted.projects.is_empty() || accepted.replaces() {
                tie(Tie::Unsaid);
            }
        }
    }
    let mut firsts: Vec<usize> = (0..lists.len()).collect();
    for ((_, _, tie), tied) in &ties {
        let some = |is: &dyn Fn(&List<'_>) -> bool| tied.iter().filter_map(|at| lists.get(*at)).any(is);
        let sheet = tied.first().and_then(|at| lists.get(*at)).map(|list| &list.sheet);
        let holds = match tie {
            // The same file twice is one report twice.
            Tie::Workbook(_) => some(&|list| Some(&list.sheet) != sheet),
            Tie::Project(_) => true,
            Tie::Unsaid => some(&|list| list.accepted.projects.is_empty()) && some(&|list| list.accepted.replaces()),
        };
        if holds {
            tied.windows(2).for_each(|pair| {
                if let [a, b] = pair {
                    join(&mut firsts, *a, *b)
                }
            });
        }
    }
    (0..lists.len()).map(|at| first(&mut firsts, at)).collect()
}

/// The first list of a report, as far as it is known.
fn first(firsts: &mut [usize], mut at: usize) -> usize {
    while let Some(before) = firsts.get(at).copied().filter(|before| *before != at) {
        // The way is half as long next time.
        let further = firsts.get(before).copied().unwrap_or(before);
        firsts.get_mut(at).into_iter().for_each(|to| *to = further);
        at = further;
    }
    at
}

/// Two lists are of one report.
fn join(firsts: &mut [usize], a: usize, b: usize) {
    let (a, b) = (first(firsts, a), first(firsts, b));
    firsts.get_mut(a.max(b)).into_iter().for_each(|to| *to = a.min(b));
}

/// Whether a file that could not be read may be part of what a list reports: it says the same month and one of its projects.
fn may_lack(list: &List<'_>, said: &Said) -> bool {
    let accepted = &list.accepted;
    let about = said.projects.iter().any(|project| accepted.projects.contains(project));
    accepted.replaces() && said.month == accepted.month && about
}
