//! Lists of the bench: people who are nobody, each with one to four participations and some ratings.

use std::fmt::Write as _;
use std::io::Write;

use crate::catalogue::schema::Catalogue;

/// A project as lists call it, and its place in the register.
const PROJECTS: [(&str, i16); 5] = [("ASAP", 1), ("Nystart", 2), ("FiA", 3), ("Träning ger färdighet!", 5), ("PROGRESS", 6)];
/// No person has more participations.
const MOST: usize = 4;
/// Of a hundred ends, how many have which outcome; the others have none.
const OUTCOMES: [(&str, usize); 7] =
    [("work", 42), ("studies", 14), ("own_business", 2), ("phase_3", 8), ("sick", 10), ("moved", 5), ("interrupted", 10)];
/// How many ratings a person makes.
const RATINGS: usize = 10;

/// Makes up lists.
pub(super) struct Maker {
    people: usize,
    municipalities: Vec<String>,
    outcomes: Vec<String>,
    areas: Vec<String>,
    /// First day and length of each project.
    periods: Vec<(i32, usize)>,
    /// The days from the first project's first.
    days: Vec<String>,
    origin: i32,
}

impl Maker {
    /// For so many rows.
    pub(super) fn new(catalogue: &Catalogue, rows: usize) -> Self {
        let known = crate::catalogue::register::periods(catalogue).unwrap();
        let of = |id: &i16| (known[id].first.0, (known[id].last - known[id].first + 1) as usize);
        let periods: Vec<(i32, usize)> = PROJECTS.iter().map(|(_, id)| of(id)).collect();
        let written = |day: i32| utfall_ground::calendar::Day(day).date().unwrap().format("%Y-%m-%d").to_string();
        let origin = periods.iter().map(|p| p.0).min().unwrap();
        let end = periods.iter().map(|p| p.0 + p.1 as i32).max().unwrap();
        Self {
            people: rows * 2 / (MOST + 1) + 1,
            municipalities: labels(catalogue, "municipality"),
            outcomes: outcomes(catalogue),
            areas: labels(catalogue, "instrument_area"),
            periods,
            days: (origin..end).map(written).collect(),
            origin,
        }
    }

    /// How many participations somebody has.
    fn participations(person: usize) -> usize {
        1 + mixed(person, 0, 0, 7) as usize % MOST
    }

    /// The project of a participation.
    fn project(person: usize, participation: usize) -> usize {
        mixed(person, participation, 0, 6) as usize % PROJECTS.len()
    }

    /// A list of so many participations, a person's far from each other.
    pub(super) fn whole(&self, rows: usize, out: &mut impl Write) {
        let (mut written, mut line) = (0, String::new());
        out.write_all("Projekt;Personnr;Startdatum;Slutdatum;Kön;Ålder;Kommun;Resultat\n".as_bytes()).unwrap();
        for round in 0.. {
            let later = round / MOST * self.people;
            for person in (later..later + self.people).filter(|person| Self::participations(*person) > round % MOST) {
                if written == rows {
                    return;
                }
                self.row(&mut line, person, round % MOST);
                out.write_all(line.as_bytes()).unwrap();
                written += 1;
            }
        }
    }

    /// Of those who are still in a project at its end, most have no end yet.
    fn goes_on(&self, person: usize, participation: usize) -> bool {
        participation + 1 == MOST && !mixed(person, participation, 0, 5).is_multiple_of(4)
    }

    /// The first and the last day of a participation, which lies in a quarter of its project's own and takes a month at least.
    fn days_of(&self, person: usize, participation: usize) -> (usize, usize) {
        let mix = mixed(person, participation, 0, 0);
        let (first, length) = self.periods[Self::project(person, participation)];
        let part = length / MOST;
        let from = (first - self.origin) as usize + participation * part;
        let start = from + (mix >> 8) as usize % (part / 2);
        (start, start + 31 + (mix >> 20) as usize % (from + part - start - 31))
    }

    fn row(&self, line: &mut String, person: usize, participation: usize) {
        let (mix, whose) = (mixed(person, participation, 0, 0), mixed(person, 0, 0, 1));
        let some = |bits: u32, of: usize| (mix >> bits) as usize % of;
        let project = Self::project(person, participation);
        let (start, end) = self.days_of(person, participation);
        let goes_on = self.goes_on(person, participation);
        let (end, outcome) = if goes_on { ("", "") } else { (self.days[end].as_str(), self.outcomes[some(32, 100)].as_str()) };
        let (sex, age) = (if whose.is_multiple_of(2) { "M" } else { "K" }, 16 + (whose >> 8) % 47 + participation as u64);
        let municipality = &self.municipalities[(whose >> 32) as usize % self.municipalities.len()];
        let (name, start) = (PROJECTS[project].0, &self.days[start]);
        line.clear();
        let _ = writeln!(line, "{name};d{person:09};{start};{end};{sex};{age};{municipality};{outcome}");
    }

    /// So many ratings by those who have participations, in the project of the first.
    pub(super) fn ratings(&self, rows: usize, out: &mut impl Write) {
        out.write_all("Projekt;Personnr;Datum;Område;Skattad av;Skattning\n".as_bytes()).unwrap();
        for row in 0..rows {
            let (person, which) = (row / RATINGS % self.people, row % RATINGS + row / RATINGS / self.people * RATINGS);
            let (project, mix) = (Self::project(person, 0), mixed(person, which, 1, 2));
            let day = &self.days[self.days_of(person, 0).0 + which * 3 % 31];
            let area = &self.areas[which % self.areas.len()];
            let score = 1 + (mix >> 8) % 5;
            writeln!(out, "{};d{person:09};{day};{area};Deltagare;{score}", PROJECTS[project].0).unwrap();
        }
    }
}

/// What the codes of a list are called.
pub(super) fn labels(catalogue: &Catalogue, list: &str) -> Vec<String> {
    catalogue.codes(list).unwrap().entries.iter().map(|entry| entry.label.sv.clone()).collect()
}

/// A hundred outcomes as lists call them, as often as they occur.
pub(super) fn outcomes(catalogue: &Catalogue) -> Vec<String> {
    let label = |code: &str| catalogue.codes("exit_state").unwrap().find(code).unwrap().label.sv.clone();
    let mut outcomes: Vec<String> = OUTCOMES.iter().flat_map(|(code, of)| vec![label(code); *of]).collect();
    outcomes.resize(100, String::new());
    outcomes
}

/// The same bits for the same things, as if drawn at random.
pub(super) fn mixed(a: usize, b: usize, c: usize, d: usize) -> u64 {
    let seed = ((a * 32 + b) * 8 + c) * 8 + d;
    let mut z = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
