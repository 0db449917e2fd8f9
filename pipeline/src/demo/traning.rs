//! Träning ger färdighet! in Stockholm: places by office, and the chain from enhanced work training to work.

use super::Project;
use super::after::After;
use super::day::{Day, day};
use super::draw::Draw;
use super::person::{Member, Person, Stay, months_without_work, sort};
use super::register::Entry;
use super::sheet::{Office, Sheet, Text, row};

pub(super) const PROJECT: Project = Project { slug: "traning-ger-fardighet", people: 300, sheets };

const OFFICE: Office = Office { text: Text::Utf8Bom, line_end: "\r\n" };

/// Who has places in the project, how many, and where its people live.
#[derive(Clone, Copy)]
struct Place {
    referrer: &'static str,
    office: &'static str,
    homes: &'static [&'static str],
}

/// A fifth from the municipalities; within each referrer exactly the agreed shares.
const PLACES: [(Place, usize); 8] = [
    (employment_service("AF Stockholm", &["Stockholm"]), 84),
    (employment_service("AF Huddinge", &["Huddinge", "Botkyrka"]), 48),
    (employment_service("AF Södertälje", &["Södertälje", "Nykvarn"]), 72),
    (employment_service("AF Solna", &["Solna", "Sundbyberg"]), 36),
    (municipality("Södertälje kommun", &["Södertälje"]), 18),
    (municipality("Nynäshamns kommun", &["Nynäshamn"]), 6),
    (municipality("Spånga-Tensta", &["Stockholm"]), 18),
    (municipality("Solna/Sundbyberg/Järfälla", &["Solna", "Sundbyberg", "Järfälla"]), 18),
];

const fn employment_service(office: &'static str, homes: &'static [&'static str]) -> Place {
    Place { referrer: "Arbetsförmedlingen", office, homes }
}

const fn municipality(office: &'static str, homes: &'static [&'static str]) -> Place {
    Place { referrer: "Kommun", office, homes }
}

/// Into enhanced work training, and out to what: 210 of 300 into it, of these 84 to work, studies or own business.
const PATHS: [((bool, &str), usize); 13] = [
    ((true, "Arbete"), 58),
    ((true, "Reguljär utbildning"), 18),
    ((true, "Starta eget"), 8),
    ((true, "Fas 3"), 45),
    ((true, "Jobbsökaraktivitet med coachning"), 60),
    ((true, "Sjukskriven"), 9),
    ((true, "Flyttat"), 4),
    ((true, "Avbrott"), 8),
    ((false, "Fas 3"), 15),
    ((false, "Jobbsökaraktivitet med coachning"), 32),
    ((false, "Sjukskriven"), 21),
    ((false, "Flyttat"), 5),
    ((false, "Avbrott"), 17),
];

/// The first days of the months in which people start, nine groups of about the same size.
fn months() -> [(Day, usize); 9] {
    let month = |months: i32| day(2008 + (8 + months) / 12, (8 + months) % 12 + 1, 1);
    std::array::from_fn(|place| (month(place as i32), if place % 3 == 0 { 34 } else { 33 }))
}

const STATUS: [(&str, usize); 2] = [("Långtidsarbetslös", 85), ("Arbetslös", 15)];

const INCOME: [(&str, usize); 4] = [("Aktivitetsstöd", 58), ("Försörjningsstöd", 30), ("A-kassa", 8), ("Ingen", 4)];

/// Whoever has been in the job and development guarantee for so many days without finding work goes on to phase 3.
const PHASE_3: i32 = 450;

/// A member, where the place came from, and whether the person went into enhanced work training.
struct Trainee {
    member: Member,
    place: Place,
    enhanced: bool,
}

fn sheets(people: Vec<Person>, entry: &Entry, draw: &mut Draw) -> Vec<Sheet> {
    let trainees = enrol(people, entry, draw);
    vec![participations(&trainees, entry, draw), milestones(&trainees, entry, draw)]
}

fn enrol(people: Vec<Person>, entry: &Entry, draw: &mut Draw) -> Vec<Trainee> {
    let starts = draw.deck(&months());
    let mut members: Vec<Member> = people
        .into_iter()
        .zip(starts)
        .map(|(person, month)| {
            let start = month + draw.between(0, 4);
            let end = start + draw.between(60, 330.min(entry.end - start));
            Member { person, exit: "", stay: Stay { start, end } }
        })
        .collect();
    sort(&mut members);
    let paths = draw.deck(&PATHS).into_iter().zip(draw.deck(&PLACES));
    let trainee = |(member, ((enhanced, exit), place))| Trainee { member: Member { exit, ..member }, place, enhanced };
    members.into_iter().zip(paths).map(trainee).collect()
}

fn participations(trainees: &[Trainee], entry: &Entry, draw: &mut Draw) -> Sheet {
    let header = [
        "Projekt",
        "Pnr",
        "Kön",
        "Hemkommun",
        "AF-kontor",
        "Startdatum",
        "Slutdatum",
        "Status vid start",
        "Anvisad av",
        "Avslutad till",
        "Månader utan arbete",
        "Programdagar",
        "Försörjning före",
        "Försörjning efter",
        "Sysselsättning efter",
    ];
    let mut sheet = Sheet::new(PROJECT.slug, "participation", OFFICE, header);
    for Trainee { member: Member { person, stay, exit }, place, .. } in trainees {
        // A municipality sends only those out of work for eighteen months.
        let long_term = place.referrer == "Kommun";
        let status = if long_term { STATUS[0].0 } else { draw.weighted(&STATUS) };
        let months = if long_term { draw.between(18, 96).to_string() } else { months_without_work(status, draw) };
        // Some were in the guarantee before the project began.
        let days = stay.end - stay.start;
        let programme =
            if *exit == "Fas 3" { PHASE_3 + draw.between(0, 30) } else { (days + draw.between(0, 200)).min(PHASE_3 - 1) };
        let after = After::of(exit, stay.end, entry.end, draw);
        sheet.push(row([
            &entry.name,
            &person.number,
            &person.sex(["Kvinna", "Man"]),
            &draw.pick(place.homes),
            &place.office,
            &stay.start,
            &stay.end,
            &status,
            &place.referrer,
            exit,
            &months,
            &programme,
            &draw.weighted(&INCOME),
            &after.income,
            &after.status,
        ]));
    }
    sheet
}

/// The three-party meeting is what everybody starts with.
fn milestones(trainees: &[Trainee], entry: &Entry, draw: &mut Draw) -> Sheet {
    let mut sheet = Sheet::new(PROJECT.slug, "milestone", OFFICE, ["Projekt", "Pnr", "Steg", "Datum"]);
    let informed = draw.deck(&[(true, 288), (false, 12)]);
    for (Trainee { member: Member { person, stay, .. }, enhanced, .. }, informed) in trainees.iter().zip(informed) {
        let steps = [
            ("Trepartssamtal", true, 0, 0),
            ("Information om socialt företagande", informed, 2, 20),
            ("Förstärkt arbetsträning", *enhanced, 20, 50),
        ];
        for (step, reached, from, to) in steps {
            if reached {
                let date = stay.day(from, to, draw);
                sheet.push(row([&entry.name, &person.number, &step, &date]));
            }
        }
    }
    sheet
}
