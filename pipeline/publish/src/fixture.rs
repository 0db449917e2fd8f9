//! A made-up publication for the tests of this crate.

pub(crate) mod awkward;

use std::collections::BTreeMap;

use utfall_privacy::Rational;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use utfall_ground::text::Text;

use crate::dataset::pack::Pack;
use crate::estimate::interval::Level;
use crate::estimate::noise::Noise;
use crate::publication::drawn::Drawn;
use crate::publication::join;
use crate::settings::{Contact, Licence, Publisher};
use crate::*;

/// Discrete Laplace noise of a scale given as a fraction.
pub(crate) fn laplace(numerator: i64, denominator: i64) -> Noise {
    Noise::Laplace { scale: Rational::new(numerator.into(), denominator.into()) }
}

/// Discrete Gaussian noise of a variance given as a fraction.
pub(crate) fn gaussian(numerator: i64, denominator: i64) -> Noise {
    Noise::Gaussian { variance: Rational::new(numerator.into(), denominator.into()) }
}

/// The choice of one of so many candidates, with a scale given as a fraction.
pub(crate) fn exponential(candidates: u64, numerator: i64, denominator: i64) -> Noise {
    Noise::Exponential { candidates, scale: Rational::new(numerator.into(), denominator.into()) }
}

/// Discrete Laplace noise of a whole scale, with a threshold.
pub(crate) fn thresholded(scale: i64, threshold: i64) -> Noise {
    Noise::Thresholded { scale: Rational::from_integer(scale.into()), threshold }
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

pub(crate) fn text(sv: &str, en: &str) -> Text {
    Text { sv: sv.to_owned(), en: en.to_owned() }
}

pub(crate) fn key(name: &str, title: Text, codes: &[(&str, &str, &str)]) -> KeyColumn {
    let codes = codes.iter().map(|&(code, sv, en)| Code { code: code.to_owned(), label: text(sv, en) }).collect();
    KeyColumn { name: name.to_owned(), title, codes }
}

/// The vectors of a query, named after it.
fn vectors(query: &str, names: &[&str]) -> Vec<VectorDescription> {
    let certificate = |name: &str| format!("{{\"rule\":\"aggregate\",\"column\":\"{name}\",\"rows\":3}}");
    let vector =
        |name: &&str| VectorDescription { name: format!("{query}_{name}"), certificate: certificate(name), follows: false };
    names.iter().map(vector).collect()
}

pub(crate) fn measure(name: &str, title: Text, formula: Formula, unit: Option<&str>) -> Statistic {
    Statistic { name: name.to_owned(), title, formula, unit: unit.map(str::to_owned) }
}

fn participants() -> Statistic {
    measure("participants", text("Deltagare", "Participants"), Formula::Count { vector: 0 }, None)
}

/// Every combination of the codes.
fn grid(keys: &[KeyColumn]) -> Vec<Vec<u16>> {
    keys.iter().fold(vec![vec![]], |cells: Vec<Vec<u16>>, key| {
        let codes = 0..key.codes.len() as u16;
        cells.iter().flat_map(|cell| codes.clone().map(|code| [cell.as_slice(), &[code]].concat())).collect()
    })
}

/// A query that counts.
pub(crate) fn table(name: &str, title: Text, sql: &str, keys: Vec<KeyColumn>) -> TableDescription {
    TableDescription {
        name: name.to_owned(),
        title,
        sql: sql.to_owned(),
        cells: grid(&keys),
        keys,
        private_keys: false,
        anonymous: false,
        rows: BTreeMap::new(),
        public: Vec::new(),
        vectors: vec![VectorDescription { name: name.to_owned(), certificate: "null".to_owned(), follows: false }],
        measures: vec![participants()],
        above: None,
        targets: Vec::new(),
        measured_with: None,
        quotes: None,
        differs: None,
    }
}

fn project() -> KeyColumn {
    key("project", text("Projekt", "Project"), &PROJECTS)
}

/// Count, mean and median of the days in a project.
fn days() -> TableDescription {
    let sql = "SELECT p.project, count(*) AS participants, avg(f.days) AS mean_days, median(f.days) AS median_days\n\
               FROM   participation f JOIN project p USING (project)\nGROUP  BY p.project";
    let mean = Formula::Mean { count: 0, sum: 1, centre: 200, low: 0, high: 600 };
    let median = Formula::Quantile { vector: 2, low: 0, numerator: 1, denominator: 2, count: None, ends: None };
    TableDescription {
        public: Vec::new(),
        vectors: vectors("days_by_project", &["count", "sum", "median"]),
        measures: vec![
            participants(),
            measure("mean_days", text("Dagar i projektet, medelvärde", "Days in the project, mean"), mean, Some("days")),
            measure("median_days", text("Dagar i projektet, median", "Days in the project, median"), median, Some("days")),
        ],
        ..table("days_by_project", text("Tid i projektet", "Time in the project"), sql, vec![project()])
    }
}

/// The share in work of women, of men and of all in each region, and of all.
fn share() -> TableDescription {
    let region = [&REGIONS[..], &[(TOTAL, "Alla", "All")]].concat();
    let sexes = [&SEXES[..2], &[(TOTAL, "Alla", "All")]].concat();
    let keys = vec![key("region", text("Region", "Region"), &region), key("sex", text("Kön", "Sex"), &sexes)];
    let cells = grid(&keys).into_iter().filter(|cell| cell[0] < 5 || cell[1] == 2).collect();
    let sql = "SELECT p.region, f.sex, avg(CASE WHEN f.exit_state = 'work' THEN 1 ELSE 0 END) AS work\n\
               FROM   participation f JOIN project p USING (project)\nWHERE  f.exit_state IS NOT NULL\n\
               GROUP  BY GROUPING SETS ((p.region, f.sex), (p.region), ())";
    let work = Formula::Mean { count: 0, sum: 1, centre: 0, low: 0, high: 1 };
    TableDescription {
        public: Vec::new(),
        vectors: vectors("work_by_region", &["count", "sum"]),
        measures: vec![measure("work", text("Andel med arbete", "Share in work"), work, None)],
        cells,
        ..table("work_by_region", text("Andel med arbete efter region", "Share in work by region"), sql, keys)
    }
}

/// A rate in percent that the query computes above its two counts.
fn rate() -> TableDescription {
    let sql = "SELECT project, participants, round(100.0 * work / participants, 1) AS percent_work\n\
               FROM  (SELECT p.project, count(*) AS participants,\n             sum(CASE WHEN f.exit_state = 'work' THEN 1 ELSE 0 END) AS work\n       \
               FROM   participation f JOIN project p USING (project)\n       GROUP  BY p.project) t\n\
               WHERE  participants > 50\nORDER  BY percent_work DESC";
    let column = |name: &str, title, codes| AboveColumn { name: name.to_owned(), title, codes };
    let source = |table: &str, columns: &[&str], rows| PublicSource {
        table: table.to_owned(),
        columns: columns.iter().map(|name| ((*name).to_owned(), "Utf8".to_owned())).collect(),
        rows,
    };
    let register = PROJECTS.iter().map(|(code, ..)| vec![Some((*code).to_owned())]).collect();
    let above = Above {
        sources: vec![source("t", &["project", "participants", "work"], None), source("project", &["project"], Some(register))],
        crossing: 0,
        columns: vec![
            column("project", text("Projekt", "Project"), project().codes),
            column("participants", text("Deltagare", "Participants"), Vec::new()),
            column("percent_work", text("Med arbete, procent", "In work, percent"), Vec::new()),
        ],
    };
    TableDescription {
        public: Vec::new(),
        vectors: vectors("work_rate", &["participants", "work"]),
        measures: vec![participants(), measure("work", text("Med arbete", "In work"), Formula::Sum { vector: 1 }, None)],
        above: Some(above),
        ..table("work_rate", text("Projekten efter andel med arbete", "The projects by share in work"), sql, vec![project()])
    }
}

/// Counts of municipalities that no list has: those with more than a threshold.
fn named() -> TableDescription {
    let sql = "SELECT f.municipality, count(*) AS participants\nFROM   participation f\nGROUP  BY f.municipality";
    let municipality = key("municipality", text("Kommun", "Municipality"), &[]);
    TableDescription {
        private_keys: true,
        anonymous: false,
        cells: Vec::new(),
        public: Vec::new(),
        vectors: vectors("by_municipality", &["count"]),
        ..table("by_municipality", text("Deltagare efter kommun", "Participants by municipality"), sql, vec![municipality])
    }
}

/// The tables of counts, of 50, 150 and 80 cells.
fn counts() -> Vec<TableDescription> {
    let exits = || key("exit_state", text("Utfall", "Outcome"), &EXITS);
    let region = key("region", text("Region", "Region"), &REGIONS);
    let sex = key("sex", text("Kön", "Sex"), &SEXES);
    let age = key("age_band", text("Ålder", "Age"), &AGES);
    vec![
        table(
            "by_project",
            text("Utfall efter projekt", "Outcomes by project"),
            "SELECT p.project, f.exit_state, count(*) AS participants\nFROM   participation f JOIN project p USING (project)\n\
             WHERE  f.exit_state IS NOT NULL AND p.enrols\nGROUP  BY p.project, f.exit_state",
            vec![project(), exits()],
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
    ]
}

/// The description of a release with a query of every kind.
pub(crate) fn description() -> Description {
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
        series: None,
        about: None,
        words: None,
        bases: Vec::new(),
        families: Vec::new(),
        computed: None,
        asked: None,
        tables: [counts(), vec![days(), share(), rate(), named()]].concat(),
    }
}

const SIZES: [i64; 5] = [51, 300, 300, 120, 100];
/// Women and men by region.
const PEOPLE: [i64; 10] = [60, 55, 160, 140, 150, 145, 52, 46, 27, 24];

/// The exact integers of every vector, made up: about as many participants as the five projects had, in shares per mille
/// of each outcome.
fn exact(table: &str) -> Vec<Vec<i64>> {
    const SHARES: [i64; 10] = [240, 160, 20, 90, 70, 180, 90, 30, 100, 20];
    let outcomes = |sizes: &[i64]| sizes.iter().flat_map(|size| SHARES.iter().map(move |share| size * share / 1000)).collect();
    // Women, men and all of each region, then all.
    let people = |share: i64| {
        let regions = PEOPLE.chunks(2).flat_map(|sexes| [sexes[0], sexes[1], sexes[0] + sexes[1]]);
        regions.chain([PEOPLE.iter().sum()]).map(|n| n * share / 1000).collect()
    };
    let rates = |rates: [i64; 5], unit: i64| SIZES.iter().zip(rates).map(|(n, rate)| n * rate / unit).collect();
    match table {
        "by_project" | "quotas" => vec![outcomes(&SIZES)],
        "planned" => vec![SIZES.to_vec()],
        "by_region" => vec![PEOPLE.chunks(2).map(|sexes| sexes.iter().sum()).collect()],
        "by_region_and_sex" => vec![outcomes(&[60, 55, 5, 160, 140, 0, 150, 145, 5, 52, 46, 2, 27, 24, 0])],
        "by_age_band" => vec![outcomes(&[0, 90, 170, 210, 180, 140, 76, 5])],
        // The sums are of days - 200.
        "days_by_project" => vec![SIZES.to_vec(), rates([-10, 40, 110, -50, -105], 1), vec![171, 236, 318, 129, 88]],
        "work_by_region" => vec![people(1000), people(240)],
        "work_rate" => vec![SIZES.to_vec(), rates([180, 260, 310, 150, 240], 1000)],
        "by_municipality" => vec![vec![212, 148, 171, 96]],
        _ => Vec::new(),
    }
}

/// The noise of each vector of a table.
fn noises(table: &str) -> Vec<Noise> {
    match table {
        "days_by_project" => vec![laplace(9, 1), laplace(1800, 1), exponential(601, 4, 1)],
        "by_municipality" => vec![thresholded(9, 90)],
        _ => vec![laplace(9, 1); 2],
    }
}

/// Every kind of table, with a noise that anybody may know: a fixed sequence with the spread of the mechanism.
pub(crate) fn publication() -> Publication {
    publication_of(description())
}

/// The same of a description that differs in what is said of the tables, such as targets.
pub(crate) fn publication_of(description: Description) -> Publication {
    let mut state = 7u64;
    // Twelve draws of 0 to 44 have a standard deviation of 45.
    let mut sum = || i64::try_from((0..12).map(|_| draw(&mut state) % 45).sum::<u64>()).unwrap() - 264;
    let places = ["Göteborg", "Malmö", "Umeå", "missing"].map(str::to_owned);
    let mut vectors = Vec::new();
    let tables = description.tables.iter().flat_map(|table| {
        let noises = noises(&table.name);
        let noisy = exact(&table.name).into_iter().zip(&noises).map(|(exact, noise)| {
            let deviation = noise.standard_deviation().unwrap_or_default();
            exact.into_iter().map(|count| count + (sum() as f64 * deviation / 45.0) as i64).collect::<Vec<_>>()
        });
        let noisy: Vec<_> = noisy.collect();
        let measured = table.vectors.iter().zip(&noisy).zip(noises).map(|((vector, values), noise)| Measured {
            name: &vector.name,
            values,
            keys: table.private_keys.then_some(&places[..]),
            noise: Arc::new(noise.into()),
        });
        let measured: Vec<_> = measured.collect();
        vectors.extend(Drawn::of(&description, &measured).vectors);
        join(table, &measured, Level::parse(&description.interval).unwrap(), &HashMap::new()).unwrap()
    });
    let tables: Vec<Table> = tables.collect();
    let drawn = vec![Drawn { description: description.clone(), vectors }];
    Publication { id: "7e1d".repeat(16), views: vec![ranking(&tables)], tables, description, drawn }
}

/// A site of no name, for which nobody vouches.
pub(crate) static SITE: LazyLock<Settings> = LazyLock::new(Settings::default);

/// The same as an imprint.
pub(crate) fn imprint() -> Imprint<'static> {
    Imprint { settings: &SITE, signer: None, account: None, codelists: None }
}

/// The files of a publication in a format, without a source and on a site of no name.
pub(crate) fn files(format: &dyn Format, publication: &Publication) -> Result<Vec<OutputFile>, PublishError> {
    let (pack, settings) = (Pack::of(publication, &Source::default()), Settings::default());
    format.files(Edition { publication, pack: &pack, settings: &settings })
}

/// A source that says when the numbers were made: 2026-11-30, 10:00:01.
pub(crate) fn source() -> Source {
    let recorded = Recorded { id: utfall_privacy::ReleaseId([1; 32]), archive: [2; 32], made: Some(1_796_032_801) };
    Source::of([7; 16], &[recorded], &[], &[])
}

/// A site that says all there is to say.
pub(crate) fn settings() -> Settings {
    Settings {
        title: Some(text("Statistik", "Statistics")),
        about: Some(text("Om projekt.", "Of projects.")),
        base: Some("https://example.org/statistik/".to_owned()),
        publisher: Some(Publisher {
            name: text("Länsverket", "The County Office"),
            url: "https://example.org/".to_owned(),
            kind: None,
        }),
        contact: Some(Contact {
            name: text("Statistikenheten", "Statistics unit"),
            email: "statistik@example.org".to_owned(),
            phone: Some("010-123 45 67".to_owned()),
        }),
        licence: Some(Licence {
            name: "CC0 1.0".to_owned(),
            url: "https://creativecommons.org/publicdomain/zero/1.0/".to_owned(),
        }),
        themes: Vec::new(),
        next: BTreeMap::from([("outcomes".to_owned(), "2027-03-31".to_owned())]),
        ..Settings::default()
    }
}

/// The files of a publication in a format, on a site that says all and with a source that knows when.
pub(crate) fn files_of_a_site(format: &dyn Format, publication: &Publication) -> Vec<OutputFile> {
    let (pack, settings) = (Pack::of(publication, &source()), settings());
    format.files(Edition { publication, pack: &pack, settings: &settings }).unwrap()
}

/// What the query of [`rate`] gives on its noisy numbers.
fn ranking(tables: &[Table]) -> View {
    let column = |name: &str| tables.iter().find(|table| table.name == name).unwrap().values.iter().flatten();
    let numbers = column("work_rate_participants").zip(column("work_rate_work"));
    let rates = numbers.zip(PROJECTS).map(|((&n, &work), (project, ..))| (1000 * work / n, n, project));
    let mut rates: Vec<_> = rates.filter(|(_, n, _)| *n > 50).collect();
    rates.sort_by_key(|(rate, ..)| std::cmp::Reverse(*rate));
    let row = |(rate, n, project): (i64, i64, &str)| {
        [project.to_owned(), n.to_string(), (rate as f64 / 10.0).to_string()].map(Some).to_vec()
    };
    let query = rate();
    let rows: Vec<Vec<Option<String>>> = rates.into_iter().map(row).collect();
    View {
        ends: rows.iter().map(|_| vec![None, None, Some(("20.5".to_owned(), "44.1".to_owned()))]).collect(),
        possible: vec![None, None, Some(Possible::PERCENT)],
        rows,
        columns: query.above.unwrap().columns,
        name: query.name,
        title: query.title,
        parts: Vec::new(),
        ordered: false,
    }
}

fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 40
}
