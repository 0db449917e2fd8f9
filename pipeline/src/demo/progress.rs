//! PROGRESS in Halland: five teams, interventions side by side, and repeated ratings in six areas.

use super::Project;
use super::after::After;
use super::day::Day;
use super::draw::Draw;
use super::person::{Circumstances, Member, Person, Stay, education, months_without_work, yes_no};
use super::register::Entry;
use super::sheet::{Office, Sheet, Text, row};

pub(super) const PROJECT: Project = Project { slug: "progress", people: 300, sheets };

const OFFICE: Office = Office { text: Text::Utf8, line_end: "\n" };

/// Which team works where, and for how many: the six municipalities of Halland.
const TEAMS: [((&str, &str), usize); 6] = [
    (("Team 1", "Kungsbacka"), 62),
    (("Team 2", "Varberg"), 60),
    (("Team 3", "Falkenberg"), 50),
    (("Team 4", "Halmstad"), 84),
    (("Team 4", "Hylte"), 14),
    (("Team 5", "Laholm"), 30),
];

/// How many people were rated how many times, each time by themselves and perhaps also by the case worker.
const OCCASIONS: [((usize, bool), usize); 10] = [
    ((2, false), 30),
    ((2, true), 15),
    ((3, false), 40),
    ((3, true), 25),
    ((4, false), 40),
    ((4, true), 30),
    ((5, false), 35),
    ((5, true), 25),
    ((6, false), 35),
    ((6, true), 25),
];

const AREAS: [&str; 6] = ["Typ av arbete", "Klara ett arbete", "Kompetens", "Vardag/nätverk", "Samarbetsförmåga", "Hälsa"];

/// What 276 left for; the last 24 were still in the project when the list was made.
const EXITS: [(&str, usize); 7] = [
    ("Arbete", 70),
    ("Studier", 40),
    ("Eget företag", 4),
    ("Söker arbete", 80),
    ("Sjukskriven", 40),
    ("Flyttat", 12),
    ("Avbrutet", 30),
];

/// Interventions, where, how many took part, and between which percentages of their time: mostly side by side.
const ACTIVITIES: [(&str, &str, usize, (i32, i32)); 4] = [
    ("Kartläggning", "", 300, (0, 20)),
    ("Gruppverksamhet", "Egna lokaler", 210, (5, 95)),
    ("Arbetsträning", "Arbetsgivare", 120, (5, 95)),
    ("Kurs", "", 90, (5, 95)),
];

const EDUCATION: [(&str, usize); 5] =
    [("Ingen formell utbildning", 5), ("Grundskola", 36), ("Gymnasial utbildning", 46), ("Högre utbildning", 11), ("", 2)];
const STATUS: [(&str, usize); 5] =
    [("Långtidsarbetslös", 48), ("Arbetslös", 12), ("Utanför arbetskraften (studerar inte)", 32), ("Studerande", 5), ("", 3)];
const REFERRERS: [(&str, usize); 5] = [
    ("Arbetsförmedlingen", 38),
    ("Försäkringskassan", 24),
    ("Kommunen", 24),
    ("Hälso- och sjukvården", 10),
    ("Eget initiativ", 4),
];

const INCOME: [(&str, usize); 7] =
    [("Försörjningsstöd", 38), ("Aktivitetsstöd", 22), ("Sjukpenning", 24), ("A-kassa", 6), ("Ingen", 6), ("Lön", 3), ("", 1)];

/// A member of a team, with the days on which ratings were made.
struct Rated {
    member: Member,
    team: &'static str,
    home: &'static str,
    occasions: Vec<Day>,
    case_worker: bool,
}

fn sheets(people: Vec<Person>, entry: &Entry, draw: &mut Draw) -> Vec<Sheet> {
    let rated = enrol(people, entry, draw);
    vec![participations(&rated, entry, draw), ratings(&rated, entry, draw), activities(&rated, entry, draw)]
}

fn enrol(people: Vec<Person>, entry: &Entry, draw: &mut Draw) -> Vec<Rated> {
    let places = draw.deck(&TEAMS).into_iter().zip(draw.deck(&OCCASIONS));
    let mut rated: Vec<Rated> = people
        .into_iter()
        .zip(places)
        .map(|(person, ((team, home), (times, case_worker)))| {
            let days = rating_days(times, draw);
            let length = days[times - 1] + draw.between(0, 60);
            let stay = Stay::within(entry.start, entry.end, length, draw);
            let occasions = days.into_iter().map(|day| stay.start + day).collect();
            Rated { member: Member { person, stay, exit: "" }, team, home, occasions, case_worker }
        })
        .collect();
    rated.sort_by_key(|rated| (rated.member.stay.end, rated.member.person.number));
    for (rated, exit) in rated.iter_mut().zip(draw.deck(&EXITS)) {
        rated.member.exit = exit;
    }
    rated.sort_by_key(|rated| (rated.member.stay.start, rated.member.person.number));
    rated
}

/// About three months from one occasion to the next, in days after the start.
fn rating_days(times: usize, draw: &mut Draw) -> Vec<i32> {
    let mut day = draw.between(0, 14);
    let mut days = vec![day];
    while days.len() < times {
        day += draw.between(84, 98);
        days.push(day);
    }
    days
}

fn participations(rated: &[Rated], entry: &Entry, draw: &mut Draw) -> Sheet {
    let header = [
        "Diarienummer",
        "Personnummer/samordningsnummer",
        "Kön",
        "Ålder",
        "Kommun",
        "Team",
        "Startdatum",
        "Slutdatum",
        "Utbildningsnivå",
        "Status vid start",
        "Utländsk bakgrund",
        "Anvisad av",
        "Resultat",
        "Månader som arbetslös",
        "Funktionsnedsättning",
        "Annan utsatthet",
        "Hemlöshet",
        "Landsbygd",
        "Tredjelandsmedborgare",
        "Nationell minoritet",
        "Försörjning före",
        "Försörjning efter",
        "Status vid avslut",
        "Resultatdatum",
        "Yrkesbevis",
        "Status efter 6 månader",
        "Bättre ställning efter sex månader",
    ];
    let mut sheet = Sheet::new(PROJECT.slug, "participation", OFFICE, header);
    for Rated { member: Member { person, stay, exit }, team, home, .. } in rated {
        let age = person.age(stay.start);
        let end = if exit.is_empty() { String::new() } else { stay.end.to_string() };
        let status = draw.weighted(&STATUS);
        let circumstances = Circumstances::of(person, 30, draw);
        let after = After::of(exit, stay.end, entry.end, draw);
        let qualified = if exit.is_empty() { "" } else { yes_no(draw.chance(12)) };
        sheet.push(row([
            &entry.number,
            &person.dashed(),
            &person.sex(["Kvinna", "Man"]),
            &age,
            home,
            team,
            &stay.start,
            &end,
            &education(&EDUCATION, age, draw),
            &status,
            &yes_no(person.foreign),
            &draw.weighted(&REFERRERS),
            exit,
            &months_without_work(status, draw),
            &circumstances.disability,
            &circumstances.disadvantaged,
            &circumstances.homeless,
            &circumstances.rural,
            &circumstances.third_country,
            &circumstances.minority,
            &draw.weighted(&INCOME),
            &after.income,
            &after.status,
            &after.since,
            &qualified,
            &after.later,
            &after.improved,
        ]));
    }
    sheet
}

fn ratings(rated: &[Rated], entry: &Entry, draw: &mut Draw) -> Sheet {
    let header = ["Diarienummer", "Personnummer", "Område", "Skattningsdatum", "Skattad av", "Skattning"];
    let mut sheet = Sheet::new(PROJECT.slug, "rating", OFFICE, header);
    for Rated { member: Member { person, exit, .. }, occasions, case_worker, .. } in rated {
        let mut scores = AREAS.map(|_| draw.between(1, 3));
        for (occasion, day) in occasions.iter().enumerate() {
            for (area, score) in AREAS.iter().zip(&mut scores) {
                if occasion > 0 {
                    *score = drift(*score, exit, draw);
                }
                sheet.push(row([&entry.number, &person.dashed(), area, day, &"Deltagare", score]));
                if *case_worker {
                    let other = (*score + draw.weighted(&[(-1, 15), (0, 60), (1, 25)])).clamp(1, 5);
                    sheet.push(row([&entry.number, &person.dashed(), area, day, &"Handledare", &other]));
                }
            }
        }
    }
    sheet
}

/// The next score: most often the same, more often up than down, and more so for those who leave for work or studies.
fn drift(score: i32, exit: &str, draw: &mut Draw) -> i32 {
    let up = if ["Arbete", "Studier", "Eget företag"].contains(&exit) { 42 } else { 28 };
    (score + draw.weighted(&[(1, up), (0, 90 - up), (-1, 10)])).clamp(1, 5)
}

fn activities(rated: &[Rated], entry: &Entry, draw: &mut Draw) -> Sheet {
    let header = ["Diarienummer", "Personnummer", "Insats", "Startdatum", "Slutdatum", "Arbetsplats"];
    let mut sheet = Sheet::new(PROJECT.slug, "activity", OFFICE, header);
    for (kind, workplace, people, (from, to)) in ACTIVITIES {
        for Rated { member: Member { person, stay, .. }, .. } in draw.some(rated, people) {
            let part = stay.part(from, to, draw);
            sheet.push(row([&entry.number, &person.dashed(), &kind, &part.start, &part.end, &workplace]));
        }
    }
    sheet
}
