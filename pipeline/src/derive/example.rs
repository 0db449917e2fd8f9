//! A made-up publication for the tests of this crate.

use utfall_privacy::{Mechanism, Rational};

use super::*;

/// Discrete Laplace noise of a scale given as a fraction.
pub(crate) fn laplace(numerator: i64, denominator: i64) -> Mechanism {
    Mechanism::DiscreteLaplace { scale: Rational::new(numerator.into(), denominator.into()) }
}

/// Discrete Gaussian noise of a variance given as a fraction.
pub(crate) fn gaussian(numerator: i64, denominator: i64) -> Mechanism {
    Mechanism::DiscreteGaussian { variance: Rational::new(numerator.into(), denominator.into()) }
}

const PROJECTS: [(&str, &str, &str); 5] = [
    ("asap", "ASAP", "ASAP"),
    ("nystart", "Nystart", "Nystart"),
    ("fler_i_arbete", "Fler i Arbete", "Fler i Arbete"),
    ("traning", "Träning ger färdighet!", "Träning ger färdighet!"),
    ("progress", "PROGRESS", "PROGRESS"),
];
const REGIONS: [(&str, &str, &str); 5] = [
    ("SE11", "Stockholm", "Stockholm"),
    ("SE12", "Östra Mellansverige", "East Middle Sweden"),
    ("SE22", "Sydsverige", "South Sweden"),
    ("SE23", "Västsverige", "West Sweden"),
    ("SE33", "Övre Norrland", "Upper Norrland"),
];
const SEXES: [(&str, &str, &str); 3] =
    [("female", "Kvinnor", "Women"), ("male", "Män", "Men"), (MISSING, "Uppgift saknas", "Not stated")];
const AGES: [(&str, &str, &str); 8] = [
    ("-15", "Under 16 år", "Below 16"),
    ("16-19", "16–19 år", "16–19"),
    ("20-24", "20–24 år", "20–24"),
    ("25-34", "25–34 år", "25–34"),
    ("35-44", "35–44 år", "35–44"),
    ("45-54", "45–54 år", "45–54"),
    ("55-64", "55–64 år", "55–64"),
    (MISSING, "Uppgift saknas", "Not stated"),
];
const EXITS: [(&str, &str, &str); 10] = [
    ("work", "Arbete", "Work"),
    ("subsidised_work", "Arbete med lönestöd", "Work with a wage subsidy"),
    ("own_business", "Eget företag", "Own business"),
    ("education", "Reguljär utbildning", "Regular education"),
    ("language", "Språkträning eller kortare kurs", "Language training or short course"),
    ("employment_service", "Åter till Arbetsförmedlingen", "Back to the Employment Service"),
    ("health", "Vård eller sjukskrivning", "Care or sick leave"),
    ("pension", "Pension", "Pension"),
    ("dropped_out", "Avbrott", "Dropped out"),
    (MISSING, "Uppgift saknas", "Not stated"),
];

fn text(sv: &str, en: &str) -> Text {
    Text { sv: sv.to_owned(), en: en.to_owned() }
}

fn key(name: &str, title: Text, codes: &[(&str, &str, &str)]) -> KeyColumn {
    let codes = codes.iter().map(|&(code, sv, en)| Code { code: code.to_owned(), label: text(sv, en) }).collect();
    KeyColumn { name: name.to_owned(), title, codes }
}

fn table(name: &str, title: Text, sql: &str, keys: Vec<KeyColumn>) -> TableDescription {
    let cells = keys.iter().fold(vec![vec![]], |cells: Vec<Vec<u16>>, key| {
        let codes = 0..key.codes.len() as u16;
        cells.iter().flat_map(|cell| codes.clone().map(|code| [cell.as_slice(), &[code]].concat())).collect()
    });
    let measure = Measure { name: "participants".to_owned(), title: text("Deltagare", "Participants") };
    TableDescription { name: name.to_owned(), title, sql: sql.to_owned(), keys, measure, cells, rows: None }
}

/// The description of three tables, of 50, 150 and 80 cells.
pub(crate) fn description() -> Description {
    let exits = || key("exit_state", text("Utfall", "Outcome"), &EXITS);
    let project = key("project", text("Projekt", "Project"), &PROJECTS);
    let region = key("region", text("Region", "Region"), &REGIONS);
    let sex = key("sex", text("Kön", "Sex"), &SEXES);
    let age = key("age_band", text("Ålder", "Age"), &AGES);
    Description {
        format: Description::FORMAT,
        name: "outcomes".to_owned(),
        title: text("Utfall i fem projekt", "Outcomes of five projects"),
        demonstration: false,
        epsilon: "1".to_owned(),
        delta: "1e-6".to_owned(),
        participations: 3,
        interval: "0.95".to_owned(),
        formats: vec!["html".to_owned(), "csv".to_owned()],
        tables: vec![
            table(
                "by_project",
                text("Utfall efter projekt", "Outcomes by project"),
                "SELECT p.project, f.exit_state, count(*) AS participants\nFROM   participation f JOIN project p USING (project)\n\
                 WHERE  f.exit_state IS NOT NULL AND p.enrols\nGROUP  BY p.project, f.exit_state",
                vec![project, exits()],
            ),
            table(
                "by_region_and_sex",
                text("Utfall efter region och kön", "Outcomes by region and sex"),
                "SELECT p.region, f.sex, f.exit_state, count(*) AS participants\nFROM   participation f JOIN project p USING (project)\n\
                 WHERE  f.exit_state IS NOT NULL AND p.enrols\nGROUP  BY p.region, f.sex, f.exit_state",
                vec![region, sex, exits()],
            ),
            table(
                "by_age_band",
                text("Utfall efter åldersgrupp", "Outcomes by age band"),
                "SELECT f.age_band, f.exit_state, count(*) AS participants\nFROM   participation f\n\
                 WHERE  f.exit_state IS NOT NULL AND f.days < 1000\nGROUP  BY f.age_band, f.exit_state",
                vec![age, exits()],
            ),
        ],
    }
}

/// About as many participants as the five projects had, in shares per mille of each outcome, and a noise that anybody may
/// know: a fixed sequence with the spread of the mechanism.
pub(crate) fn publication() -> Publication {
    const SHARES: [i64; 10] = [240, 160, 20, 90, 70, 180, 90, 30, 100, 20];
    let groups: [&[i64]; 3] = [
        &[51, 300, 300, 120, 100],
        &[60, 55, 5, 160, 140, 0, 150, 145, 5, 52, 46, 2, 27, 24, 0],
        &[0, 90, 170, 210, 180, 140, 76, 5],
    ];
    let description = description();
    let mut state = 7u64;
    let mut noise = || {
        let sum: u64 = (0..12).map(|_| draw(&mut state) % 45).sum();
        i64::try_from(sum).unwrap() - 264
    };
    let tables = description.tables.iter().zip(groups).map(|(table, sizes)| {
        let exact = sizes.iter().flat_map(|size| SHARES.iter().map(move |share| size * share / 1000));
        let values: Vec<i64> = exact.map(|count| count + noise() * 127 / 450).collect();
        join(table, &values, &laplace(9, 1), &description.interval).unwrap()
    });
    Publication { id: "7e1d".repeat(16), tables: tables.collect(), description }
}

fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 40
}
