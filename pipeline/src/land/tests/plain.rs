//! The short way through validation gives what the long way gives: the same list is read twice, once with a quotation mark
//! in a heading, so that every row goes the long way.

use std::collections::HashMap;
use std::path::Path;

use super::bench::copied;
use crate::catalogue::schema::Catalogue;
use crate::keyzone::pseudonym::Pseudonymiser;
use crate::keyzone::{Aliases, Key};
use crate::land::accept::said::Said;
use crate::land::landing::{UNWATCHED, by_code};
use crate::land::partition::{Partitions, Spill};
use crate::land::read::decode::{Fields, Splitter};
use crate::land::understand::list::{self, Given};
use crate::land::understand::mapping::Saved;
use crate::land::validate::rows;
use crate::land::validate::{Context, Plain, Scratch, Validator};
use crate::settle::{Trial, Trials};
use crate::store::codec::Packing;

/// Chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn of<'t>(&mut self, values: &[&'t str]) -> &'t str {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        values[(self.0 >> 33) as usize % values.len()]
    }
}

const PROJECTS: [&str; 8] = ["PROGRESS", "PROGRESS", "ASAP", "FiA", "progress", "Träning ger färdighet!", "Nowhere", ""];
const DAYS: [&str; 18] = [
    "2021-03-01",
    "2021-03-02",
    "2016-05-01",
    "2021-02-29",
    "2020-02-29",
    "20210301",
    "2021-13-01",
    "1/2-21",
    "",
    "2050-01-01",
    "1899-12-31",
    " 2021-03-01",
    "2021-03-01 ",
    "2021-03-01 00:00:00",
    "2099-12-31",
    "9999-12-31",
    "tills vidare",
    "vet ej",
];
const SEXES: [&str; 6] = ["K", "M", "Kvinna", "Man", "", "okänt"];
const PLACES: [&str; 13] = [
    "Laholm",
    "1381",
    "Upplands Väsby",
    "Halmstad",
    "331",
    "0331",
    "Heby",
    "Nergendwo",
    "Stockholms stad",
    "114",
    "1381 Laholm",
    "Uppgift saknas",
    "",
];
const OUTCOMES: [&str; 8] = ["Arbete", "Studier", "", "", "Felregistrering", "felregistrering", "Vad som helst", "Sjuk"];
const ENDS: [&str; 5] = ["\n", "\n", "\r\n", ";\n", ";x\n"];
/// What people are called where they have no numbers; sixty plain ones come first.
const NAMES: [&str; 21] = [
    "P-17",
    "a1b2c",
    "1e12345",
    "12345",
    "total5",
    "summa12",
    "antal1",
    "x",
    "",
    "vet ej",
    "-",
    "Å12345",
    "d 12345",
    "12,5E3",
    "abcde12345",
    "abcd12345",
    "ab123456",
    "Summa",
    "0190001019802",
    "9-9-9-9",
    "xE+10",
];
const AGES: [&str; 12] = ["30", "17", "15", "130", "12,5", "vet ej", "030", "", "-3", "1 000", "99999999999", "64"];
const MONTHS: [&str; 8] = ["6", "24", "", "vet ej", "12,5", "1000", "1.000", "007"];
const AREAS: [&str; 6] = ["Hälsa", "Kompetens", "Område", "Vad som helst", "", "Datum"];
const RATERS: [&str; 4] = ["Deltagare", "Handläggare", "", "Någon"];
const SCORES: [&str; 8] = ["1", "5", "3", "0", "6", "2,5", "", "trea"];
/// How many separators at the end of a row are left out.
const SHORT: [&str; 6] = ["", "", "", "", ";", ";;"];

/// Numbers in many spellings, right and wrong, of people, of nobody, and of people not born yet.
fn numbers() -> Vec<String> {
    let official = include_str!("../../demo/test-identity-numbers.txt");
    let mut all: Vec<String> = official.lines().filter(|l| !l.starts_with('#')).skip(700).take(60).map(str::to_owned).collect();
    let first = all[0].clone();
    let dashed = |n: &String| format!("{}-{}", &n[..8], &n[8..]);
    all.extend(all.iter().map(dashed).collect::<Vec<_>>());
    all.extend([
        first[2..].to_owned(),
        format!("{}+{}", &first[..8], &first[8..]),
        format!("{first} "),
        format!("{}0", &first[..11]),
    ]);
    all.extend(
        [
            "189001019802",
            "190001010000",
            "204001019802",
            "187912319805",
            "19900101Tf19",
            "190002301234",
            "",
            "12",
            "199001019-80",
        ]
        .map(str::to_owned),
    );
    all
}

/// A list of a thousand rows whose cells are mostly plain, with its headings in some order.
fn list(chance: &mut Chance, columns: &[usize], people: &[String]) -> String {
    let headings = [
        "Projekt",
        "Personnr",
        "Startdatum",
        "Slutdatum",
        "Kön",
        "Kommun",
        "Resultat",
        "Ålder",
        "Månader utan arbete",
        "Datum",
        "Område",
        "Skattad av",
        "Skattning",
    ];
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let mut text = columns.iter().map(|c| headings[*c]).collect::<Vec<_>>().join(";") + "\n";
    for _ in 0..1_000 {
        let odd = chance.of(&["", "", "", "", "odd"]) == "odd";
        let most = |values: &'static [&'static str]| if odd { values } else { &values[..2] };
        let person = chance.of(if odd { &people } else { &people[..60] });
        let start = chance.of(most(&DAYS));
        let age = if odd { None } else { age(person, start) };
        let cells = [
            chance.of(most(&PROJECTS)),
            person,
            start,
            chance.of(most(&DAYS)),
            chance.of(most(&SEXES)),
            chance.of(if odd { &PLACES } else { &PLACES[..4] }),
            chance.of(if odd { &OUTCOMES } else { &OUTCOMES[..4] }),
            age.as_deref().unwrap_or_else(|| chance.of(most(&AGES))),
            chance.of(most(&MONTHS)),
            chance.of(most(&DAYS)),
            chance.of(most(&AREAS)),
            chance.of(most(&RATERS)),
            chance.of(most(&SCORES)),
        ];
        let row = columns.iter().map(|c| cells[*c]).collect::<Vec<_>>().join(";");
        text += row.strip_suffix(chance.of(if odd { &SHORT } else { &SHORT[..1] })).unwrap_or(&row);
        text += chance.of(if odd { &ENDS } else { &ENDS[..1] });
    }
    text
}

/// How old somebody with a number is on a day.
fn age(number: &str, day: &str) -> Option<String> {
    let birth = chrono::NaiveDate::parse_from_str(number.get(..8)?, "%Y%m%d").ok()?;
    Some(utfall_ground::calendar::iso(day)?.years_since(birth)?.to_string())
}

/// What is read of a list, in words that two readings can be compared by, and how many of its lines are plain.
fn read(folder: &Path, catalogue: &Catalogue, text: &str) -> (String, usize) {
    let path = folder.join("list.csv");
    std::fs::write(&path, text).unwrap();
    let key = Key::create(&folder.join("keys"), &folder.join("data"))
        .or_else(|_| Key::read(&folder.join("keys"), &folder.join("data")))
        .unwrap();
    let pseudonyms = Pseudonymiser::new(&key, "test", Aliases::default());
    let (saved, periods) = (Saved::default(), by_code(&crate::catalogue::register::periods(catalogue).unwrap()));
    let said = Said::default();
    let given = Given { catalogue, saved: &saved, said: &said, threads: 1 };
    let lists = list::open(&path, given).unwrap_or_else(|findings| panic!("{findings:?}"));
    let (list, forgotten) = (&lists[0], HashMap::new());
    let today = utfall_ground::calendar::iso("2026-01-01").unwrap();
    let context = Context {
        catalogue,
        pseudonyms: &pseudonyms,
        forgotten: &forgotten,
        periods: &periods,
        project: None,
        accepted: &list.accepted,
        today,
    };
    let validator = Validator::new(&list.reading.mapping, &context);
    let (packing, spill) = (Packing::of(list.reading.mapping.table), Spill::new(path.parent().unwrap()));
    let mut rows = rows::rows(list, (&Trial::All, 0), (&packing, &spill), &validator, 1, &UNWATCHED).unwrap();
    let mut trials = Trials::default();
    trials.add(Trial::All, 0);
    rows.place_anonymous(list.reading.mapping.table, &trials, &pseudonyms);
    let mut packed: Vec<Vec<u8>> = Vec::new();
    rows.partitions.each_row(|row| packed.push(row.to_vec())).unwrap();
    packed.sort_unstable();
    let counts = [rows.told.valid, rows.told.excluded, rows.told.aside.len()];
    let mut misspelt: Vec<_> = rows.told.misspelt.iter().collect();
    misspelt.sort();
    let said = format!("{counts:?} {:?} {:?} {misspelt:?} {:?}", rows.projects, rows.told.findings, packed);

    // The lines that go the short way once every spelling has been met.
    let (mut scratch, mut partitions, mut short) = (Scratch::default(), Partitions::new(&packing, &spill), 0);
    let (mut fields, mut splitter) = (Fields::default(), Splitter::new(text.as_bytes(), b';'));
    while splitter.next(&mut fields).is_some() {
        validator.row(&fields, &mut scratch);
    }
    let plain = Plain::new(&validator, &packing, b';').unwrap();
    let starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
    for (row, at) in (2..).zip(starts) {
        short += usize::from(plain.line(text.as_bytes(), at, row, &scratch, &mut partitions).is_some());
    }
    (said, short)
}

#[test]
fn the_short_way_gives_the_same_rows_as_the_long_way() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let named = [false, true].map(|opaque| copied(&folder.path().join(format!("schemas-{opaque}")), opaque));
    let catalogues = named.map(|schemas| Catalogue::read(&schemas).unwrap());
    let called = (0..60).map(|n| format!("d{n:09}")).chain(NAMES.map(str::to_owned));
    let people = [numbers(), called.collect()];
    let mut chance = Chance(1);
    for (catalogue, people) in catalogues.iter().zip(&people) {
        for columns in [
            &[0, 1, 2, 3, 4, 5, 6][..],
            &[6, 4, 1, 0, 2, 5, 3],
            &[1, 0, 2],
            &[3, 2, 0, 1, 6],
            &[0, 2, 5, 1],
            &[0, 1, 2, 3, 7, 4, 8, 6],
            &[7, 8, 0, 1, 2],
            &[0, 1, 9, 10, 11, 12],
            &[12, 11, 10, 9, 1, 0],
        ] {
            for _ in 0..4 {
                let text = list(&mut chance, columns, people);
                let (short, plain) = read(folder.path(), catalogue, &text);
                let (heading, rows) = text.split_once('\n').unwrap();
                let (first, others) = heading.split_once(';').unwrap();
                let (long, _) = read(folder.path(), catalogue, &format!("\"{first}\";{others}\n{rows}"));
                assert!(
                    short == long,
                    "{columns:?}\n{}\n{}",
                    short.chars().take(2_000).collect::<String>(),
                    long.chars().take(2_000).collect::<String>()
                );
                assert!(plain > 50, "{columns:?}: only {plain} of 1000 lines went the short way");
            }
        }
    }
}
