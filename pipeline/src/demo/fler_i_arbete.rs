//! Fler i Arbete in Osby: mapping, disability coding and two survey questions on leaving.

use super::Project;
use super::after::After;
use super::draw::Draw;
use super::person::{Member, Person, education, enrol, yes_no};
use super::register::Entry;
use super::sheet::{Office, Sheet, Text, row};

pub(super) const PROJECT: Project = Project { slug: "fler-i-arbete", people: 100, sheets };

const OFFICE: Office = Office { text: Text::Utf8Bom, line_end: "\n" };

/// The project prepared for five months before anyone entered.
const PREPARATION: i32 = 151;

/// 64 of 100 support themselves afterwards: one below the target.
const EXITS: [(&str, usize); 7] = [
    ("Arbete", 39),
    ("Studier", 21),
    ("Eget företag", 4),
    ("Arbetssökande", 14),
    ("Sjukdom", 10),
    ("Avbrutet", 8),
    ("Flyttat", 4),
];

/// Who was mapped with SASSAM, who was coded by the employment service.
const MAPPED_AND_CODED: [((bool, bool), usize); 4] =
    [((true, true), 55), ((true, false), 37), ((false, true), 3), ((false, false), 5)];

const CLOSER: [(&str, usize); 4] = [("Ja", 90), ("Delvis", 3), ("Nej", 2), ("Inget svar", 5)];
const WELL_TREATED: [(&str, usize); 2] = [("Ja", 93), ("Inget svar", 7)];

/// What 100 lived on before: four supported themselves.
const INCOME: [(&str, usize); 6] =
    [("Försörjningsstöd", 52), ("Sjukersättning", 20), ("Aktivitetsstöd", 14), ("Ingen", 10), ("Lön", 3), ("Studiemedel", 1)];

/// How faithful the sites are to supported employment, and how many of those who reach work, and of the others, were at each.
const FIDELITY: [[(i32, usize); 3]; 2] = [[(68, 40), (61, 18), (52, 6)], [(68, 12), (61, 14), (52, 10)]];

const EDUCATION: [(&str, usize); 5] =
    [("Ingen formell utbildning", 12), ("Grundskola", 42), ("Gymnasieutbildning", 36), ("Universitet", 8), ("", 2)];
const STATUS: [(&str, usize); 4] =
    [("Långtidsarbetslös", 55), ("Arbetslös", 8), ("Inaktiv (ej i utbildning)", 30), ("Inaktiv", 7)];
const REFERRERS: [(&str, usize); 4] =
    [("Kommunen", 50), ("Arbetsförmedlingen", 25), ("Försäkringskassan", 17), ("Psykiatrin", 8)];

fn sheets(people: Vec<Person>, entry: &Entry, draw: &mut Draw) -> Vec<Sheet> {
    let exits = draw.deck(&EXITS);
    let period = (entry.start + PREPARATION, entry.end);
    let members = enrol(people, exits, period, |_, draw| draw.between(150, 640), draw);
    vec![participations(&members, entry, draw), milestones(&members, entry, draw), answers(&members, entry, draw)]
}

fn participations(members: &[Member], entry: &Entry, draw: &mut Draw) -> Sheet {
    let header = [
        "Projektnummer",
        "Födelsenr",
        "Ålder",
        "Kommun",
        "Inskrivningsdatum",
        "Avslutsdatum",
        "Utbildning",
        "Sysselsättning vid start",
        "Utländsk bakgrund",
        "Anvisare",
        "Resultat",
        "Försörjning vid start",
        "Försörjning vid avslut",
        "SE-poäng",
    ];
    let mut sheet = Sheet::new(PROJECT.slug, "participation", OFFICE, header);
    let [mut supporting, mut others] = FIDELITY.map(|scores| draw.deck(&scores).into_iter());
    for (Member { person, stay, exit }, before) in members.iter().zip(draw.deck(&INCOME)) {
        let after = After::of(exit, stay.end, entry.end, draw);
        let site = if ["Arbete", "Studier", "Eget företag"].contains(exit) { supporting.next() } else { others.next() };
        let age = person.age(stay.start);
        sheet.push(row([
            &entry.number,
            &person.dashed(),
            &age,
            &"Osby",
            &stay.start,
            &stay.end,
            &education(&EDUCATION, age, draw),
            &draw.weighted(&STATUS),
            &yes_no(person.foreign),
            &draw.weighted(&REFERRERS),
            exit,
            &before,
            &after.income,
            &site.expect("as many scores as people"),
        ]));
    }
    sheet
}

fn milestones(members: &[Member], entry: &Entry, draw: &mut Draw) -> Sheet {
    let header = ["Projektnummer", "Födelsenr", "Milstolpe", "Datum"];
    let mut sheet = Sheet::new(PROJECT.slug, "milestone", OFFICE, header);
    let reached = draw.deck(&MAPPED_AND_CODED);
    for (Member { person, stay, .. }, (mapped, coded)) in members.iter().zip(reached) {
        for (step, done, from, to) in [("SASSAM-kartläggning", mapped, 2, 15), ("Kodning", coded, 20, 60)] {
            if done {
                let date = stay.day(from, to, draw);
                sheet.push(row([&entry.number, &person.dashed(), &step, &date]));
            }
        }
    }
    sheet
}

fn answers(members: &[Member], entry: &Entry, draw: &mut Draw) -> Sheet {
    let header = ["Projektnummer", "Födelsenr", "Fråga", "Svarsdatum", "Svar"];
    let mut sheet = Sheet::new(PROJECT.slug, "answer", OFFICE, header);
    let answers = draw.deck(&CLOSER).into_iter().zip(draw.deck(&WELL_TREATED));
    for (Member { person, stay, .. }, (closer, treated)) in members.iter().zip(answers) {
        let date = stay.day(92, 100, draw);
        for (question, answer) in [("Känner sig närmare arbetsmarknaden", closer), ("Väl bemött", treated)] {
            sheet.push(row([&entry.number, &person.dashed(), &question, &date, &answer]));
        }
    }
    sheet
}
