//! Nystart in Hallstahammar: five areas of activity, several at a time, and placements with employers.

use super::Project;
use super::day::Day;
use super::draw::Draw;
use super::person::{Member, Person, education, enrol, yes_no};
use super::register::Entry;
use super::sheet::{Office, Sheet, Text, row};

pub(super) const PROJECT: Project = Project { slug: "nystart", people: 120, sheets };

const OFFICE: Office = Office { text: Text::Windows1252, line_end: "\r\n" };

const EXITS: [(&str, usize); 7] = [
    ("Arbete", 22),
    ("Studier", 14),
    (BUSINESS, 6),
    ("Åter till ordinarie verksamhet", 40),
    ("Sjukskriven", 12),
    ("Flyttat", 6),
    ("Avbrott", 20),
];
const BUSINESS: &str = "Starta eget";

/// How many placements employers offered, and how many people they went to: some had a second.
const PLACEMENTS: usize = 80;
const PLACED: usize = 72;

/// How many people's plans were reviewed how often.
const REVIEWS: [(i32, usize); 6] = [(0, 6), (1, 8), (2, 20), (3, 30), (4, 30), (5, 20)];

const EDUCATION: [(&str, usize); 4] = [("Ingen utbildning", 10), ("Grundskola", 48), ("Gymnasium", 34), ("Högskola", 8)];
const STATUS: [(&str, usize); 3] = [("Långtidsarbetslös", 70), ("Arbetslös", 10), ("Utanför arbetskraften (studerar inte)", 20)];
const REFERRERS: [(&str, usize); 3] = [("Ekonomiskt bistånd", 60), ("AF", 32), ("FK", 8)];

fn sheets(people: Vec<Person>, entry: &Entry, draw: &mut Draw) -> Vec<Sheet> {
    let exits = draw.deck(&EXITS);
    let members = enrol(people, exits, (entry.start, entry.end), |_, draw| draw.between(120, 540), draw);
    let plans: Vec<(&Member, Day)> =
        draw.some(&members, 114).into_iter().map(|member| (member, member.stay.day(0, 10, draw))).collect();
    vec![
        participations(&members, entry, draw),
        activities(&members, entry, draw),
        milestones(&plans, entry),
        reviews(&plans, entry, draw),
    ]
}

fn participations(members: &[Member], entry: &Entry, draw: &mut Draw) -> Sheet {
    let header = [
        "Projekt",
        "Personnr",
        "Kön",
        "Hemkommun",
        "Startdatum",
        "Slutdatum",
        "Utbildningsnivå",
        "Arbetsmarknadsstatus",
        "Utländsk bakgrund",
        "Remittent",
        "Resultat",
    ];
    let mut sheet = Sheet::new(PROJECT.slug, "participation", OFFICE, header);
    for Member { person, stay, exit } in members {
        sheet.push(row([
            &entry.name,
            &person.number,
            &person.sex(["K", "M"]),
            &"Hallstahammars kommun",
            &stay.start,
            &stay.end,
            &education(&EDUCATION, person.age(stay.start), draw),
            &draw.weighted(&STATUS),
            &yes_no(person.foreign),
            &draw.weighted(&REFERRERS),
            exit,
        ]));
    }
    sheet
}

/// Everyone is in one area at least: who has no placement works on motivation.
fn activities(members: &[Member], entry: &Entry, draw: &mut Draw) -> Sheet {
    let mut order: Vec<&Member> = members.iter().collect();
    draw.shuffle(&mut order);
    let (placed, unplaced) = order.split_at(PLACED);
    let foreign = draw.some(members.iter().filter(|member| member.person.foreign), 30);
    let founders = members.iter().filter(|member| member.exit == BUSINESS);
    let curious = draw.some(members.iter().filter(|member| member.exit != BUSINESS), 12);

    let header = ["Projekt", "Personnr", "Aktivitetsområde", "Startdatum", "Slutdatum", "Praktikplats"];
    let mut sheet = Sheet::new(PROJECT.slug, "activity", OFFICE, header);
    let mut add = |members: Vec<&Member>, kind: &str, place: &str, from: i32, to: i32| {
        for Member { person, stay, .. } in members {
            let part = stay.part(from, to, draw);
            sheet.push(row([&entry.name, &person.number, &kind, &part.start, &part.end, &place]));
        }
    };
    add(unplaced.to_vec(), "Motivation och självkänsla", "Egna lokaler", 2, 50);
    add(placed[..27].to_vec(), "Motivation och självkänsla", "Egna lokaler", 2, 30);
    add(foreign, "Yrkessvenska", "Egna lokaler", 5, 60);
    add(order[40..85].to_vec(), "Rehabilitering", "", 5, 70);
    add(placed.to_vec(), "Praktik och utbildning", "Företag", 30, 65);
    add(placed[..PLACEMENTS - PLACED].to_vec(), "Praktik och utbildning", "Företag", 68, 95);
    add(unplaced[..14].to_vec(), "Praktik och utbildning", "Egna lokaler", 50, 95);
    add(founders.chain(curious).collect(), "Entreprenörskap", "Egna lokaler", 20, 90);
    sheet
}

fn milestones(plans: &[(&Member, Day)], entry: &Entry) -> Sheet {
    let mut sheet = Sheet::new(PROJECT.slug, "milestone", OFFICE, ["Projekt", "Personnr", "Milstolpe", "Datum"]);
    for (Member { person, .. }, agreed) in plans {
        sheet.push(row([&entry.name, &person.number, &"Handlingsplan", agreed]));
    }
    sheet
}

/// Every other month or so.
fn reviews(plans: &[(&Member, Day)], entry: &Entry, draw: &mut Draw) -> Sheet {
    let mut sheet = Sheet::new(PROJECT.slug, "plan_review", OFFICE, ["Projekt", "Personnr", "Uppföljningsdatum"]);
    for ((Member { person, stay, .. }, agreed), reviews) in plans.iter().zip(draw.deck(&REVIEWS)) {
        let gap = draw.between(45, 75).min((stay.end - *agreed) / (reviews + 1));
        for review in 1..=reviews {
            sheet.push(row([&entry.name, &person.number, &(*agreed + gap * review)]));
        }
    }
    sheet
}
