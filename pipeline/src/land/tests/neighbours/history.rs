//! A random history: lists of several projects with and without months, wrong entries, faulty rows and title rows, lists of
//! steps before and after those of participants, the same files again, erasures, aliases and rotations.

use std::collections::BTreeSet;
use std::fmt;

/// Chance, the same in every run.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d);
        for _ in 0..4 {
            chance.below(2);
        }
        chance
    }

    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }

    /// Whether something happens that does so in so many of a hundred times.
    fn is(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }
}

/// So many people have numbers of their own; then two share a protected one, one has another, and one an interim number.
const NUMBERED: usize = 5;
pub(super) const PEOPLE: usize = NUMBERED + 4;
/// Code of the project, its name in lists, its slug, the year of its days.
pub(super) const PROJECTS: [(i16, &str, &str, u32); 3] =
    [(6, "PROGRESS", "progress", 2021), (1, "ASAP", "asap", 2017), (2, "Nystart", "nystart", 2013)];

/// What happens.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Lists land in one call.
    Land(Vec<usize>),
    Forget(usize),
    Alias(usize, usize),
    Rotate,
}

/// One line of a list.
#[derive(Debug, Clone)]
struct Line {
    who: usize,
    project: usize,
    text: String,
}

/// One list.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub(super) name: String,
    /// Who sends it: a project, or the association, whose lists hold several.
    pub(super) sender: usize,
    head: String,
    lines: Vec<Line>,
    /// Blank lines at its end, so that no two lists are the same bytes, whoever's lines they lack.
    blank: usize,
}

impl List {
    /// Its text without the lines of some.
    pub(super) fn text(&self, gone: impl Fn(&usize) -> bool) -> String {
        let lines = self.lines.iter().filter(|line| !gone(&line.who)).map(|line| line.text.as_str());
        self.head.clone() + &lines.collect::<String>() + &"\n".repeat(self.blank)
    }
}

pub(super) struct History {
    pub(super) lists: Vec<List>,
    pub(super) steps: Vec<Step>,
    chosen: usize,
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "without {:?}, steps {:?}", self.group(), self.steps)?;
        self.lists.iter().enumerate().try_for_each(|(i, list)| {
            let lines: Vec<String> = list.lines.iter().map(|line| format!("  [{}] {}", line.who, line.text)).collect();
            writeln!(f, "{i}: {} of {}\n{}{}", list.name, list.sender, list.head, lines.concat())
        })
    }
}

/// How somebody is written in lists.
pub(super) fn number(who: usize) -> String {
    let official = include_str!("../../../demo/test-identity-numbers.txt");
    match who {
        0..NUMBERED => official.lines().filter(|line| !line.starts_with('#')).nth(700 + who * 7).unwrap().to_owned(),
        5 | 6 => "19800101Tf29".to_owned(),
        7 => "19750303-Tf19".to_owned(),
        _ => "19890610-T003".to_owned(),
    }
}

impl History {
    pub(super) fn random(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let chance = &mut chance;
        let (mut lists, mut steps) = (Vec::new(), Vec::new());
        for _ in 0..2 + chance.below(4) {
            let mut call = Vec::new();
            for _ in 0..chance.of(&[1, 1, 1, 2, 3]) {
                // The same file again, or a new one.
                if !lists.is_empty() && chance.is(30) {
                    call.push(chance.below(lists.len()));
                } else {
                    lists.push(list(lists.len(), chance));
                    call.push(lists.len() - 1);
                }
            }
            call.sort_unstable();
            call.dedup();
            if chance.is(50) {
                call.reverse();
            }
            steps.push(Step::Land(call));
            match chance.below(12) {
                0 => steps.push(Step::Forget(chance.below(NUMBERED))),
                1 => steps.push(Step::Rotate),
                2 if !steps.iter().any(|step| matches!(step, Step::Alias(..))) => {
                    let old = chance.below(NUMBERED);
                    steps.push(Step::Alias(old, (old + 1 + chance.below(NUMBERED - 1)) % NUMBERED));
                }
                _ => {}
            }
        }
        // What landed first is seen once more at the end.
        steps.push(Step::Land((0..lists.len().min(3)).collect()));
        Self { lists, steps, chosen: chance.below(PEOPLE) }
    }

    /// Whose lines are taken out: a person, with those who have the same number or were said to be the same.
    pub(super) fn group(&self) -> BTreeSet<usize> {
        let mut group = BTreeSet::from([self.chosen]);
        if [5, 6].contains(&self.chosen) {
            group.extend([5, 6]);
        }
        for step in &self.steps {
            if let Step::Alias(old, new) = step
                && (group.contains(old) || group.contains(new))
            {
                group.extend([*old, *new]);
            }
        }
        group
    }

    /// A sender with a line of some.
    pub(super) fn a_sender_with(&self, group: &BTreeSet<usize>) -> Option<usize> {
        self.lists.iter().find(|list| list.lines.iter().any(|line| group.contains(&line.who))).map(|list| list.sender)
    }

    /// The projects that a list is about, by its name or by a line.
    pub(super) fn projects_of(&self, list: &List) -> BTreeSet<usize> {
        let named = (0..PROJECTS.len()).filter(|p| list.name.contains(PROJECTS[*p].2) || list.head.contains(PROJECTS[*p].1));
        list.lines.iter().map(|line| line.project).chain(named).collect()
    }

    /// The projects of the lists of a sender, or of all, in which some have a line.
    pub(super) fn projects_with(&self, group: &BTreeSet<usize>, sender: Option<usize>) -> BTreeSet<usize> {
        let of = |list: &&List| sender.is_none_or(|sender| sender == list.sender);
        let with = |list: &&List| list.lines.iter().any(|line| group.contains(&line.who));
        self.lists.iter().filter(of).filter(with).flat_map(|list| self.projects_of(list)).collect()
    }

    /// Lists of single projects and months, of which no two are about the same.
    pub(super) fn reports_apart(&self) -> Vec<&List> {
        let mut seen = BTreeSet::new();
        let of_one = |list: &&List| PROJECTS.iter().any(|project| list.name.contains(project.2) && list.name.contains("-2021-"));
        let apart = self.lists.iter().filter(of_one).filter(|list| !list.name.contains("del-2"));
        apart
            .filter(|list| seen.insert((list.name.split_once('-').map(|(_, of)| of.to_owned()), list.head.contains("Steg"))))
            .collect()
    }

    /// How many records of protected people some have at most: per project, the most lines that they have in the lists of one
    /// call.
    pub(super) fn records(&self, group: &BTreeSet<usize>) -> usize {
        let calls = || self.steps.iter().filter_map(|step| if let Step::Land(lists) = step { Some(lists) } else { None });
        let lines = |project: usize, lists: &Vec<usize>| -> usize {
            let of = |list: &List| {
                list.lines
                    .iter()
                    .filter(|line| line.who >= NUMBERED && line.project == project && group.contains(&line.who))
                    .count()
            };
            lists.iter().map(|list| of(&self.lists[*list])).sum()
        };
        (0..PROJECTS.len()).map(|project| calls().map(|lists| lines(project, lists)).max().unwrap_or_default()).sum()
    }
}

fn list(at: usize, chance: &mut Chance) -> List {
    // The association's lists hold several projects.
    let sender = chance.of(&[0, 0, 0, 1, 1, 2, 2, 3]);
    let month = chance.of(&["2021-03", "2021-03", "2021-04", "2021-05"]);
    let mut head = String::new();
    let slug = PROJECTS.get(sender).map_or("lista", |project| project.2);
    let name = match chance.below(8) {
        0..=2 => format!("l{at}-{slug}-{month}.csv"),
        3 => {
            let named = PROJECTS.get(sender).map_or("alla projekt", |project| project.1);
            head = format!("Titel: {named} {month}\n");
            format!("l{at}.csv")
        }
        4 => format!("l{at}-{month}.csv"),
        5 => format!("l{at}-{slug}-{month}-del-2.csv"),
        6 => format!("l{at}-{slug}.csv"),
        _ => format!("l{at}.csv"),
    };
    let child = chance.is(25);
    let consent = !child && chance.is(15);
    head += match (child, consent) {
        (true, _) => "Projekt;Personnr;Steg;Datum\n",
        (false, true) => "Projekt;Personnr;Startdatum;Slutdatum;Resultat;Samtycke\n",
        (false, false) => "Projekt;Personnr;Startdatum;Slutdatum;Resultat\n",
    };
    let whole = chance.is(80);
    let mut lines = Vec::new();
    for who in 0..PEOPLE {
        if !chance.is(if whole { 75 } else { 15 }) {
            continue;
        }
        // Of a wrong entry, what it should have been may follow.
        for _ in 0..if who < NUMBERED { chance.of(&[1, 1, 1, 2]) } else { 1 } {
            lines.push(line(who, sender, (child, consent), chance));
        }
    }
    if chance.is(20) {
        lines.reverse();
    }
    List { name, sender, head, lines, blank: at + 1 }
}

fn line(who: usize, sender: usize, (child, consent): (bool, bool), chance: &mut Chance) -> Line {
    let project = if sender == 3 || chance.is(5) { chance.below(PROJECTS.len()) } else { sender };
    let (_, named, _, year) = PROJECTS[project];
    // Nearly always the same days, so that lists report the same rows; now and then a corrected one.
    let (month, day) = (3 + 4 * (chance.below(6) / 5), 1 + who + chance.of(&[0, 0, 0, 0, 0, 0, 2, 20]));
    let start = if chance.is(7) { "2021-13-01".to_owned() } else { format!("{year}-{month:02}-{day:02}") };
    let written = if chance.is(4) { "19900101-0000".to_owned() } else { number(who) };
    let text = if child {
        format!("{named};{written};{};{start}\n", chance.of(&["KASAM", "Handlingsplan", "Steg"]))
    } else {
        let end = if chance.is(40) { format!("{year}-{:02}-{:02}", month + 2, 1 + chance.below(2)) } else { String::new() };
        let result = chance.of(&["", "", "Arbete", "Studier", "Sjuk", "Vad som helst", "Felregistrering"]);
        let agreed = if consent { chance.of(&[";ja", ";ja", ";ja", ";nej"]) } else { "" };
        // Excel leaves out what is empty at the end of a row.
        if chance.is(10) {
            format!("{named};{written};{start}\n")
        } else {
            format!("{named};{written};{start};{end};{result}{agreed}\n")
        }
    };
    Line { who, project, text }
}
