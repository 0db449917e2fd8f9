//! Lists of the bench as a project sends them, with identity numbers of people of working age: of those that nobody has there are not
//! enough for many people, so each has some thirty rows.

use std::fmt::Write as _;

use chrono::Datelike as _;

use super::bench::check_digit;
use super::made::{labels, mixed, outcomes};
use crate::catalogue::schema::Catalogue;

const HEAD: &str = "Projekt;Personnr;Startdatum;Slutdatum;Kön;Kommun;Resultat\n";

/// The numbers 980 to 999 of a day are never given to anybody: the last of them is kept for people who come later.
const SERIALS: usize = 19;
/// The years of birth.
const BORN: (i32, i32) = (1945, 2005);
/// A project as lists call it, its place in the register, into how many parts its period is cut, the last of which may go on.
const PROJECTS: [(&str, i16, usize); 5] =
    [("ASAP", 1, 9), ("Nystart", 2, 9), ("FiA", 3, 9), ("Träning ger färdighet!", 5, 2), ("PROGRESS", 6, 9)];
/// Makes up lists of people who cannot exist, each in the projects in whose time the person is of working age.
pub(super) struct Numbered {
    people: usize,
    births: Vec<String>,
    municipalities: Vec<String>,
    outcomes: Vec<String>,
    /// First day and length of each project.
    periods: Vec<(i32, usize)>,
    /// The days from the first project's first.
    days: Vec<String>,
    origin: i32,
}

impl Numbered {
    pub(super) fn new(catalogue: &Catalogue, rows: usize) -> Self {
        let known = crate::catalogue::register::periods(catalogue).unwrap();
        let periods: Vec<(i32, usize)> = PROJECTS
            .iter()
            .map(|(_, id, _)| known[id])
            .map(|days| (days.first.0, (days.last - days.first + 1) as usize))
            .collect();
        let written = |day: i32, pattern: &str| utfall_ground::calendar::Day(day).date().unwrap().format(pattern).to_string();
        let year =
            |year: i32| utfall_ground::calendar::Day::of(utfall_ground::calendar::iso(&format!("{year}-01-01")).unwrap()).0;
        let origin = periods.iter().map(|p| p.0).min().unwrap();
        let end = periods.iter().map(|p| p.0 + p.1 as i32).max().unwrap();
        let births: Vec<String> = (year(BORN.0)..year(BORN.1 + 1)).map(|day| written(day, "%Y%m%d")).collect();
        Self {
            people: (births.len() * SERIALS).min(births.len() * SERIALS * rows.div_ceil(1_000) / 10_000 + 1),
            births,
            municipalities: labels(catalogue, "municipality"),
            outcomes: outcomes(catalogue),
            periods,
            days: (origin..end).map(|day| written(day, "%Y-%m-%d")).collect(),
            origin,
        }
    }

    /// The parts of projects in which somebody takes part, the latest first.
    fn parts(&self, year: i32) -> Vec<(usize, usize)> {
        let fits = |at: usize| {
            let first = utfall_ground::calendar::Day(self.periods[at].0).date().unwrap().year() - year;
            (16..=62).contains(&first)
        };
        let most = PROJECTS.iter().map(|(.., cut)| *cut).max().unwrap();
        let all = (1..=most).flat_map(|back| (0..PROJECTS.len()).map(move |at| (at, back)));
        let mine = all.filter(|(at, back)| fits(*at) && *back <= PROJECTS[*at].2);
        mine.map(|(at, back)| (at, PROJECTS[at].2 - back)).collect()
    }

    /// A list of so many rows, a person's far from each other.
    pub(super) fn whole(&self, rows: usize, out: &mut impl std::io::Write) {
        out.write_all(HEAD.as_bytes()).unwrap();
        let parts: Vec<_> = (BORN.0..=BORN.1).map(|year| self.parts(year)).collect();
        let (mut written, mut line, all) = (0, String::new(), self.births.len() * SERIALS);
        for round in 0.. {
            let before = written;
            for person in 0..self.people {
                let place = person * 514_229 % all;
                let year: i32 = self.births[place / SERIALS][..4].parse().unwrap();
                let Some((project, part)) = parts[(year - BORN.0) as usize].get(round) else { continue };
                self.row(&mut line, (place / SERIALS, place % SERIALS), (*project, *part), false);
                out.write_all(line.as_bytes()).unwrap();
                written += 1;
                if written == rows {
                    return;
                }
            }
            assert!(written > before, "there are not so many people");
        }
    }

    /// Three hundred rows of the latest project: so many of people who were in it without an end and now have one, the
    /// others of new people.
    pub(super) fn few(&self, changed: usize, out: &mut impl std::io::Write) {
        out.write_all(HEAD.as_bytes()).unwrap();
        let (mut line, latest, all) = (String::new(), PROJECTS.len() - 1, self.births.len() * SERIALS);
        let last = (latest, PROJECTS[latest].2 - 1);
        let old = (0..self.people).map(|person| person * 514_229 % all).map(|place| (place / SERIALS, place % SERIALS));
        let old = old.filter(|(birth, _)| self.parts(self.births[*birth][..4].parse().unwrap()).contains(&last));
        let going: Vec<_> = old.filter(|person| self.goes_on(*person, last)).take(changed).collect();
        let new = (0..300 - changed).map(|n| (self.births.len() / 2 + n * 30 + changed % 7, SERIALS));
        for person in going.into_iter().chain(new) {
            self.row(&mut line, person, last, true);
            out.write_all(line.as_bytes()).unwrap();
        }
    }

    fn goes_on(&self, (birth, serial): (usize, usize), (project, part): (usize, usize)) -> bool {
        part + 1 == PROJECTS[project].2 && mixed(birth, serial, project, part) % 16 < 15
    }

    fn row(&self, line: &mut String, (birth, serial): (usize, usize), (project, part): (usize, usize), ends: bool) {
        let mix = mixed(birth, serial, project, part);
        let some = |bits: u32, of: usize| (mix >> bits) as usize % of;
        let (first, length) = self.periods[project];
        let partition = length / PROJECTS[project].2;
        let from = (first - self.origin) as usize + part * partition;
        let start = from + some(8, partition / 2);
        let end = start + 1 + some(20, from + partition - start - 1);
        let goes_on = !ends && self.goes_on((birth, serial), (project, part));
        let (end, outcome) = if goes_on { ("", "") } else { (self.days[end].as_str(), self.outcomes[some(32, 100)].as_str()) };
        let digits = format_args!("{}-{}", self.births[birth], 980 + serial).to_string();
        let check = check_digit(&digits);
        let sex = if serial % 2 == 1 { "M" } else { "K" };
        let municipality = &self.municipalities[some(40, self.municipalities.len())];
        let (name, start) = (PROJECTS[project].0, &self.days[start]);
        line.clear();
        let _ = writeln!(line, "{name};{digits}{check};{start};{end};{sex};{municipality};{outcome}");
    }
}
