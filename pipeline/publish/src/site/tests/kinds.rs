//! A page of every kind of chart: targets, steps, time, two by two, change from nothing, indicators by sex.

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::dataset::pack::Pack;
use crate::description::words::{Noun, Words};
use crate::estimate::target::{Kind, Target};
use crate::fixture::{key, laplace, measure, table};
use crate::publication::{Measured, join};
use crate::{AboveColumn, Formula, KeyColumn, Possible, Recorded, SeriesDescription, Settings, Source, TableDescription, View};
use utfall_ground::text::Text;
use utfall_privacy::ReleaseId;

fn text(sv: &str, en: &str) -> Text {
    Text { sv: sv.to_owned(), en: en.to_owned() }
}

const YES: [(&str, &str, &str); 2] = [("true", "Ja", "Yes"), ("false", "Nej", "No")];
const SEXES: [(&str, &str, &str); 2] = [("female", "Kvinnor", "Women"), ("male", "Män", "Men")];

/// A table of these integers, with the noise of a scale of 3.
fn of(description: &TableDescription, values: &[i64]) -> Vec<Table> {
    let noise = Arc::new(laplace(3, 1).into());
    let vectors = [Measured { name: &description.vectors[0].name, values, keys: None, noise }];
    join(description, &vectors, Level::parse("0.95").unwrap(), &HashMap::new()).unwrap()
}

fn counts(name: &str, title: Text, keys: Vec<KeyColumn>, values: &[i64]) -> Vec<Table> {
    of(&table(name, title, "SELECT count(*)", keys), values)
}

/// A share of all with a target of at least so many percent.
fn share(name: &str, title: Text, least: i64, values: [i64; 2]) -> Vec<Table> {
    let mut description = table(name, title.clone(), "SELECT avg(x)", Vec::new());
    description.cells = vec![Vec::new()];
    description.measures = vec![measure("share", text("Andel", "Share"), Formula::Split { vector: 0, low: 0, high: 1 }, None)];
    let target =
        Target { title, code: String::new(), kind: Kind::Share, part: None, minimum: Some(least), maximum: None, tolerance: 0 };
    description.targets = vec![target];
    of(&description, &values)
}

/// The example with other tables.
fn publication_of(name: &str, tables: Vec<Vec<Table>>) -> Publication {
    let mut publication = fixture::publication();
    publication.tables = tables.concat();
    publication.views.clear();
    publication.description.name = name.to_owned();
    publication.description.tables = publication.tables.iter().map(|table| table.description.clone()).collect();
    publication
}

fn targets() -> Publication {
    let steps =
        [("trust", "Tillit", "Trust"), ("coherence", "Sammanhang", "Coherence"), ("inventory", "Inventering", "Inventory")];
    let mut change = table("change", text("Förändring i SKAPA", "Change in SKAPA"), "SELECT avg(x)", vec![]);
    change.keys = vec![key("area", text("Område", "Area"), &[("health", "Hälsa", "Health"), ("work", "Arbete", "Work")])];
    change.cells = vec![vec![0], vec![1]];
    change.measures = vec![measure("change", text("Förändring", "Change"), Formula::Split { vector: 0, low: -3, high: 3 }, None)];
    publication_of(
        "targets",
        vec![
            share("work", text("Till arbete eller studier", "To work or studies"), 65, [62, 38]),
            share("treated", text("Väl bemötta", "Well treated"), 95, [990, 10]),
            counts(
                "stair",
                text("Hur många som nådde varje steg", "How many reached each step"),
                vec![key("step", text("Steg", "Step"), &steps)],
                &[90, 60, 35],
            ),
            counts(
                "mapping",
                text("Kartläggning och kodning", "Mapping and coding"),
                vec![
                    key("mapped", text("Kartlagd (SASSAM)", "Mapped (SASSAM)"), &YES),
                    key("coded", text("Kodad", "Coded"), &YES),
                ],
                &[60, 40, 30, 50],
            ),
            of(&change, &[260, 100, 240, 180]),
        ],
    )
}

fn series() -> Publication {
    let quarters: Vec<(&str, &str, &str)> =
        [("2021-Q1", "2021 kv 1"), ("2021-Q2", "2021 kv 2"), ("2021-Q3", "2021 kv 3"), ("2021-Q4", "2021 kv 4")]
            .map(|(code, label)| (code, label, code))
            .to_vec();
    let period = || key("period", text("Kvartal", "Quarter"), &quarters);
    let mut publication = publication_of(
        "quarters",
        vec![
            counts("quarterly", text("Avslut", "Exits"), vec![period()], &[12, 40, 55, 61]),
            counts(
                "by_sex",
                text("Avslut efter kön", "Exits by sex"),
                vec![key("sex", text("Kön", "Sex"), &SEXES), period()],
                &[6, 20, 25, 30, 6, 20, 30, 31],
            ),
        ],
    );
    publication.description.series = Some(SeriesDescription {
        id: "ab".repeat(16),
        vintage: 1,
        period: "2021-Q4".to_owned(),
        first: "2021-Q1".to_owned(),
        last: Some("2022-Q4".to_owned()),
        lag: 60,
        ended: true,
        adds: Vec::new(),
    });
    publication
}

/// Indicators by sex, as a query gives them: a row for each.
fn indicators() -> Publication {
    let mut publication = fixture::publication();
    let column = |name: &str, title, key: Option<KeyColumn>| AboveColumn {
        name: name.to_owned(),
        title,
        codes: key.map(|key| key.codes).unwrap_or_default(),
    };
    let indicator = key(
        "indicator",
        text("Indikator", "Indicator"),
        &[("co01", "CO01 Arbetslösa", "CO01 Unemployed"), ("co02", "CO02 Unga", "CO02 Young")],
    );
    let sex = key("sex", text("Kön", "Sex"), &SEXES);
    let row = |cells: [&str; 3]| cells.map(|cell| Some(cell.to_owned())).to_vec();
    let ends = |low: &str, high: &str| vec![None, None, Some((low.to_owned(), high.to_owned()))];
    publication.views = vec![View {
        name: "work_rate".to_owned(),
        title: publication.views[0].title.clone(),
        columns: vec![
            column("indicator", indicator.title.clone(), Some(indicator)),
            column("sex", sex.title.clone(), Some(sex)),
            column("people", text("Deltagare", "Participants"), None),
        ],
        rows: vec![row(["co01", "female", "85"]), row(["co01", "male", "99"]), row(["co02", "male", "12"])],
        ends: vec![ends("64", "106"), ends("79", "120"), ends("0", "30")],
        possible: vec![Some(Possible::PUBLIC), Some(Possible::PUBLIC), Some(Possible::COUNT)],
        parts: Vec::new(),
        ordered: false,
    }];
    publication
}

/// What a site says of itself, when the release was made and what came before.
fn known() -> (Settings, Source) {
    let recorded = |byte, made| Recorded { id: ReleaseId([byte; 32]), archive: [byte; 32], made: Some(made) };
    let settings = serde_json::from_value(serde_json::json!({
        "title": { "sv": "Statistik", "en": "Statistics" },
        "base": "https://statistik.exempel.se/",
        "publisher": { "name": { "sv": "Samordningsförbundet Exempel", "en": "Exempel association" }, "url": "https://exempel.se/" },
        "contact": { "name": { "sv": "Kansliet", "en": "The office" }, "email": "statistik@exempel.se", "phone": "0920-12 34 56" },
        "licence": { "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/" },
        "next": { "targets": "2027-03-31" },
    }));
    (settings.unwrap(), Source::of([1; 16], &[recorded(7, 1_796_032_800)], &[], &[recorded(5, 1_780_000_000)]))
}

fn known_pages(publication: &Publication) -> [String; 2] {
    let (settings, source) = known();
    let pack = Pack::of(publication, &source);
    let files = Html.files(Edition { publication, pack: &pack, settings: &settings }).unwrap();
    files.into_iter().map(|file| String::from_utf8(file.bytes).unwrap()).collect::<Vec<_>>().try_into().unwrap()
}

/// The words of a page that a reader meets before the first number.
fn words_before_the_first_number(page: &str) -> usize {
    let body = &page[page.find("<body>").unwrap()..page.find("<span class=\"number\">").unwrap()];
    let text: String = body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| format!("{text} ")).collect();
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

#[test]
fn the_first_number_comes_within_sixty_words() {
    let mut demonstration = targets();
    demonstration.description.demonstration = true;
    for publication in [fixture::publication(), demonstration, series(), indicators()] {
        for page in pages(&publication).iter().chain(&known_pages(&publication)) {
            let words = words_before_the_first_number(page);
            assert!(words <= 60, "{words} words in {}", publication.description.name);
        }
    }
}

#[test]
fn each_target_is_answered_first_with_number_interval_and_verdict() {
    let [sv, en] = pages(&targets());
    let answer =
        |page: &str| page[page.find("<section class=\"answer\"").unwrap()..page.find("<div class=\"lead\">").unwrap()].to_owned();
    let (sv_answer, en_answer) = (answer(&sv), answer(&en));
    assert!(
        sv_answer.contains("Till arbete eller studier</a>: ")
            && sv_answer.contains("<strong>62\u{a0}%</strong> <span class=\"range\">(55–69)</span>"),
        "{sv_answer}"
    );
    assert!(
        sv_answer.contains("Målet är minst 65\u{a0}%: går inte att säga.")
            && sv_answer.contains("Målet är minst 95\u{a0}%: nått."),
        "{sv_answer}"
    );
    assert!(
        en_answer.contains("The target is at least 65%: cannot be told.") && en_answer.contains("<strong>99.0%</strong>"),
        "{en_answer}"
    );
    assert!(en.contains(
        "<meta name=\"description\" content=\"To work or studies: 62% (55–69). The target is at least 65%: cannot be told.\">"
    ));
    // The target is a line on an axis from none to all.
    assert_eq!(sv.matches("class=\"goal\"").count(), 2);
    assert!(sv.contains(">100\u{a0}%</text>") && sv.contains("Den streckade linjen är målet."));
}

#[test]
fn steps_are_drawn_as_steps_and_panels_name_their_key() {
    let [sv, en] = pages(&targets());
    assert_eq!(sv.matches("<polygon class=\"fall\"").count(), 2, "between three steps");
    assert!(en.contains("Step by step, horizontal bars with noise intervals, ±"));
    assert!(sv.contains("<span class=\"key\">Kartlagd (SASSAM): </span>Ja") && sv.contains("Raderna: kodad."));
    assert!(sv.contains("Deltagare efter ”Kartlagd (SASSAM)” och ”Kodad”"));
    // From no change to the number.
    assert_eq!(sv.matches("<line class=\"stem\"").count(), 2);
    // What rises from one code to the next is no stair.
    let rising = publication_of(
        "rising",
        vec![counts(
            "by_step",
            text("Steg", "Steps"),
            vec![key("step", text("Steg", "Step"), &[("a", "A", "A"), ("b", "B", "B"), ("c", "C", "C")])],
            &[20, 90, 60],
        )],
    );
    assert!(!pages(&rising)[0].contains("class=\"fall\""));
}

#[test]
fn time_lies_on_the_horizontal_axis_with_a_band() {
    let [sv, en] = pages(&series());
    assert_eq!(
        ["<polygon class=\"band\"", "<polyline class=\"line\""].map(|part| sv.matches(part).count()),
        [3, 3],
        "all, women, men"
    );
    assert!(
        !sv.contains("<rect")
            && sv.contains("Linje genom tiden med brusintervall")
            && en.contains("The band is the noise intervals.")
    );
    assert!(sv.contains("Avslut, 2021 kv 4</a>: "), "the newest period is the answer");
    assert!(sv.contains("Deltagare, per kvartal, ± brusintervallets marginal"));
    assert!(known_pages(&series())[0].contains("2022 kv 1, tidigast <time datetime=\"2022-05-31\">31\u{a0}maj 2022</time>"));
}

#[test]
fn sexes_are_columns_where_a_query_gives_them_as_rows() {
    let [_, en] = pages(&indicators());
    let section = &en[en.find("<section class=\"table\" id=\"work_rate\"").unwrap()..en.find("Show the 2 tables").unwrap()];
    assert!(
        section.contains("Participants, sex</th>") && section.contains("<th scope=\"col\">Women</th><th scope=\"col\">Men</th>"),
        "{section}"
    );
    assert!(section.contains("CO01 Unemployed</th><td>85 <small class=\"range\">64–106</small></td><td>99 <small"));
    assert!(section.contains("CO02 Young</th><td></td><td class=\"open\">"), "what there is no row of stays empty");
}

#[test]
fn a_table_has_an_address_a_citation_and_the_facts_of_its_release() {
    let publication = targets();
    let [sv, en] = known_pages(&publication);
    assert!(sv.contains("<link rel=\"canonical\" href=\"https://statistik.exempel.se/targets/index.html\">"));
    assert!(en.contains("<link rel=\"alternate\" hreflang=\"sv\" href=\"https://statistik.exempel.se/targets/index.html\">"));
    assert!(sv.contains(
        "Samordningsförbundet Exempel (2026-11-30). Utfall i fem projekt: Till arbete eller studier. Version 7e1d7e1d…. "
    ));
    assert!(sv.contains("<a href=\"#work\">https://statistik.exempel.se/targets/index.html#work</a>"));
    assert!(sv.contains("<time datetime=\"2026-11-30\">30\u{a0}november 2026</time>"));
    assert!(en.contains("<code>05050505…</code>") && en.contains("<time datetime=\"2027-03-31\">31\u{a0}March 2027</time>"));
    assert!(
        en.contains("href=\"https://creativecommons.org/licenses/by/4.0/\" rel=\"license\"")
            && en.contains("mailto:statistik@exempel.se")
    );
    // Where nothing is known nothing is claimed.
    let [sv, _] = pages(&publication);
    assert!(
        sv.contains("inte angivet")
            && sv.contains("targets/index.html#work</a>")
            && !sv.contains("<time")
            && !sv.contains("canonical")
    );
}

#[test]
fn a_page_speaks_in_the_words_of_its_domain() {
    let mut publication = fixture::publication();
    let noun = |one: (&str, &str), many: (&str, &str)| Noun { one: text(one.0, one.1), many: text(many.0, many.1) };
    publication.description.words = Some(Words {
        unit: Some(noun(("patient", "patient"), ("patienter", "patients"))),
        participation: Some(noun(("vårdkontakt", "visit"), ("vårdkontakter", "visits"))),
        about: Some(text("Besök på länets mottagningar.", "Visits to the clinics of the county.")),
    });
    let [sv, en] = pages(&publication);
    assert!(sv.contains("Högst 3 vårdkontakter per patient räknas") && en.contains("At most 3 visits per patient count"));
    assert!(sv.contains("Objekten är vårdkontakter och patienter.") && en.contains("Visits to the clinics of the county."));
    let words =
        |page: &str| page.to_lowercase().matches("deltagand").count() + page.to_lowercase().matches("participation").count();
    // The queries themselves read a table of that name.
    let sql: usize = publication.description.tables.iter().map(|table| table.sql.matches("participation").count()).sum();
    assert_eq!([words(&sv), words(&en)], [sql, sql]);
}

/// Writes the pages of every kind into the folder that `UTFALL_CLIENT_FILES` names, for programs that read them.
#[test]
#[ignore = "writes files for clients: UTFALL_CLIENT_FILES names the folder"]
fn pages_for_clients() {
    let folder = std::env::var_os("UTFALL_CLIENT_FILES").map(PathBuf::from).expect("UTFALL_CLIENT_FILES names a folder");
    for (name, publication) in
        [("all", fixture::publication()), ("targets", targets()), ("quarters", series()), ("indicators", indicators())]
    {
        for (lang, page) in Lang::ALL.into_iter().zip(known_pages(&publication)) {
            let path = folder.join("pages").join(name);
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join(page_name(lang)), page).unwrap();
        }
    }
}
