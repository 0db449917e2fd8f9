//! ASAP in Robertsfors: a stair of three steps, and a second-hand shop as workplace.

use super::Project;
use super::after::After;
use super::draw::Draw;
use super::person::{Circumstances, Member, Person, education, enrol, months_without_work, yes_no};
use super::register::Entry;
use super::sheet::{Office, Sheet, Text, row};

pub(super) const PROJECT: Project = Project { slug: "asap", people: 51, sheets };

const OFFICE: Office = Office { text: Text::Utf8, line_end: "\r\n" };

/// 32 to work or studies, 7 with a special purpose; what the others did is made up.
const EXITS: [(&str, usize); 6] =
    [("Arbete", 19), ("Studier", 13), (PURPOSE, 7), ("Avbrott", 3), ("Sjukskriven", 2), ("Flyttat", 1)];
const PURPOSE: &str = "Särskilt syfte";
/// Those who wait for their pension are the oldest.
const PENSION: (&str, usize) = ("I väntan på pension", 6);

/// The steps in their order, and how many climb each.
const STAIR: [(&str, usize); 3] = [("Tillit och förtroende", 46), ("KASAM", 39), ("Inventering av kompetens och vilja", 33)];

const EDUCATION: [(&str, usize); 4] =
    [("Ingen formell utbildning", 8), ("Grundskola", 38), ("Gymnasial utbildning", 44), ("Högskola", 10)];
const STATUS: [(&str, usize); 4] =
    [("Långtidsarbetslös", 62), ("Arbetslös", 14), ("Utanför arbetskraften (studerar inte)", 20), ("Studerande", 4)];
const REFERRERS: [(&str, usize); 3] = [("Kommunen", 45), ("Arbetsförmedlingen", 35), ("Försäkringskassan", 20)];

fn sheets(people: Vec<Person>, entry: &Entry, draw: &mut Draw) -> Vec<Sheet> {
    let members = enrolled(people, entry, draw);
    vec![participations(&members, entry, draw), milestones(&members, entry, draw), activities(&members, entry, draw)]
}

/// The oldest wait for their pension; somebody with a purpose of their own stays for a shorter time.
fn enrolled(mut people: Vec<Person>, entry: &Entry, draw: &mut Draw) -> Vec<Member> {
    people.sort_by_key(|person| (-person.age(entry.start), person.number));
    let mut exits = vec![PENSION.0; PENSION.1];
    exits.extend(draw.deck(&EXITS));
    let days = |exit, draw: &mut Draw| if exit == PURPOSE { draw.between(45, 150) } else { draw.between(120, 600) };
    enrol(people, exits, (entry.start, entry.end), days, draw)
}

fn participations(members: &[Member], entry: &Entry, draw: &mut Draw) -> Sheet {
    let header = [
        "Diarienummer",
        "Personnummer",
        "Kön",
        "Ålder vid start",
        "Kommun",
        "Inskriven",
        "Utskriven",
        "Utbildning",
        "Status vid start",
        "Utländsk bakgrund",
        "Anvisad av",
        "Avslutsorsak",
        "Månader utan arbete",
        "Funktionsnedsättning",
        "Annan utsatthet",
        "Bostadslös",
        "Landsbygd",
        "Tredjelandsmedborgare",
        "Nationell minoritet",
        "Sysselsättning efter",
        "Resultatdatum",
        "Ny kvalifikation",
        "Status efter 6 månader",
        "Bättre ställning efter sex månader",
    ];
    let mut sheet = Sheet::new(PROJECT.slug, "participation", OFFICE, header);
    for Member { person, stay, exit } in members {
        let age = person.age(stay.start);
        let status = draw.weighted(&STATUS);
        let circumstances = Circumstances::of(person, 60, draw);
        let after = After::of(exit, stay.end, entry.end, draw);
        sheet.push(row([
            &entry.number,
            &person.dashed(),
            &person.sex(["Kvinna", "Man"]),
            &age,
            &"Robertsfors kommun",
            &stay.start,
            &stay.end,
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
            &after.status,
            &after.since,
            &yes_no(draw.chance(if *exit == PURPOSE { 60 } else { 15 })),
            &after.later,
            &after.improved,
        ]));
    }
    sheet
}

/// Whoever reaches a step has climbed those below; those who reach work or studies tend to climb higher.
fn milestones(members: &[Member], entry: &Entry, draw: &mut Draw) -> Sheet {
    let mut climbers: Vec<(usize, &Member)> = members
        .iter()
        .map(|member| (draw.below(100) + if ["Arbete", "Studier"].contains(&member.exit) { 60 } else { 0 }, member))
        .collect();
    climbers.sort_by_key(|(height, member)| (std::cmp::Reverse(*height), member.person.number));
    let mut sheet = Sheet::new(PROJECT.slug, "milestone", OFFICE, ["Diarienummer", "Personnummer", "Steg", "Uppnådd"]);
    for (climber, (_, Member { person, stay, .. })) in climbers.iter().enumerate() {
        for ((step, people), from) in STAIR.iter().zip([5, 30, 55]) {
            if climber < *people {
                let reached = stay.day(from, from + 20, draw);
                sheet.push(row([&entry.number, &person.dashed(), step, &reached]));
            }
        }
    }
    sheet
}

fn activities(members: &[Member], entry: &Entry, draw: &mut Draw) -> Sheet {
    let (purpose, others): (Vec<&Member>, Vec<&Member>) = members.iter().partition(|member| member.exit == PURPOSE);
    let (language, course) = purpose.split_at(purpose.len() / 2);
    let group = draw.some(others.iter().copied(), 30);
    let training = draw.some(others, 32);
    let (shop, employer) = training.split_at(21);

    let header = ["Diarienummer", "Personnummer", "Insats", "Från", "Till", "Arbetsplats"];
    let mut sheet = Sheet::new(PROJECT.slug, "activity", OFFICE, header);
    let mut add = |members: Vec<&Member>, kind: &str, workplace: &str, share: (i32, i32)| {
        for Member { person, stay, .. } in members {
            let part = stay.part(share.0, share.1, draw);
            sheet.push(row([&entry.number, &person.dashed(), &kind, &part.start, &part.end, &workplace]));
        }
    };
    add(language.to_vec(), "Språkträning", "Egna lokaler", (0, 95));
    add(course.to_vec(), "Kortare utbildning", "", (0, 95));
    add(group, "Gruppverksamhet", "Egna lokaler", (2, 60));
    add(shop.to_vec(), "Arbetsträning", "Bruksam", (30, 90));
    add(employer.to_vec(), "Arbetsträning", "Arbetsgivare", (30, 90));
    sheet
}
