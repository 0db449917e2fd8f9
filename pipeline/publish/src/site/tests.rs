mod kinds;
mod marks;

use super::*;
use crate::dataset::pack::Pack;
use crate::{Settings, Source, Table, fixture};

fn pages(publication: &Publication) -> [String; 2] {
    let files = fixture::files(&Html, publication).unwrap();
    assert_eq!(files.iter().map(|file| file.path.to_str().unwrap()).collect::<Vec<_>>(), ["index.html", "en.html"]);
    let pages: Vec<_> = files.into_iter().map(|file| String::from_utf8(file.bytes).unwrap()).collect();
    pages.try_into().unwrap()
}

#[test]
fn both_languages() {
    let [sv, en] = pages(&fixture::publication());
    assert!(sv.starts_with("<!DOCTYPE html><html lang=\"sv\">") && en.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    assert!(sv.contains("href=\"en.html\"") && en.contains("href=\"index.html\""));
    for text in
        ["Utfall efter region och kön", "brusintervall", "kan inte skiljas från noll", "2,72 mot 1", "73\u{a0}%", "0,000001"]
    {
        assert!(sv.contains(text), "{text}");
    }
    for text in ["Outcomes by region and sex", "noise interval", "cannot be told from zero", "2.72 to 1", "73%", "1,000,000"] {
        assert!(en.contains(text), "{text}");
    }
}

#[test]
fn everything_is_escaped() {
    let mut publication = fixture::publication();
    let evil = "<script>alert('\"&\"')</script>";
    publication.description.title.sv = evil.to_owned();
    let table = &mut publication.tables[0].description;
    table.title.sv = evil.to_owned();
    table.sql = evil.to_owned();
    table.keys[0].title.sv = evil.to_owned();
    table.keys[0].codes[0].label.sv = evil.to_owned();
    table.keys[1].codes[0].label.sv = evil.to_owned();
    table.measures[0].title.sv = evil.to_owned();
    publication.views[0].columns[1].title.sv = evil.to_owned();
    publication.views[0].rows[0][0] = Some(evil.to_owned());
    let [sv, _] = pages(&publication);
    assert!(!sv.contains("<script") && !sv.contains("alert('\"") && sv.contains("&lt;script&gt;"));
}

#[test]
fn nothing_is_fetched_or_run() {
    for page in pages(&fixture::publication()) {
        for word in ["<script", "http:", "https:", "//", "url(", "@import", "onload", "src="] {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[test]
fn a_page_with_an_address_tells_search_engines_what_it_has() {
    let mut publication = fixture::publication();
    publication.description.title.sv = "</script><script>alert(1)</script>".to_owned();
    let settings = Settings { base: Some("https://example.org/".to_owned()), ..Settings::default() };
    let pack = Pack::of(&publication, &Source::default());
    let files = Html.files(Edition { publication: &publication, pack: &pack, settings: &settings }).unwrap();
    for file in files {
        let page = String::from_utf8(file.bytes).unwrap();
        let (before, rest) = page.split_once("<script type=\"application/ld+json\">").unwrap();
        let (json, after) = rest.split_once("</script>").unwrap();
        assert!(!before.contains("<script") && !after.contains("<script"));
        let told: serde_json::Value = serde_json::from_str(json).unwrap();
        let first = &told["hasPart"][0]["distribution"][0]["contentUrl"];
        assert_eq!(first, "https://example.org/outcomes/by_project.csv");
    }
}

/// The example with these tables only, and without views.
fn only(names: &[&str]) -> Publication {
    let mut publication = fixture::publication();
    publication.tables.retain(|table| names.contains(&table.name.as_str()));
    publication.views.clear();
    publication
}

/// A table with the same number in every cell but the first.
fn fill(table: &mut Table, value: i64, first: i64) {
    let margin = table.margin.unwrap();
    table.values.fill(Some(value));
    table.values[0] = Some(first);
    table.lower = table.values.iter().map(|value| value.map(|value| value - margin)).collect();
    table.upper = table.values.iter().map(|value| value.map(|value| value + margin)).collect();
}

#[test]
fn small_and_negative_numbers_are_marked() {
    let mut publication = only(&["by_project"]);
    fill(&mut publication.tables[0], -4, 1234);
    let [sv, en] = pages(&publication);
    assert_eq!(sv.matches("<td class=\"open\">").count(), 49);
    assert!(sv.contains("0 <small>±\u{2060}27</small>") && sv.contains("<td>1\u{202f}234 <small>") && !sv.contains('−'));
    assert!(en.contains("<td>1,234 <small>") && en.contains("Work: 1,234 ± 27 (1,207 to 1,261)"));
    assert!(sv.contains("Här visas det som noll"));
    assert_eq!(sv.matches("<rect").count(), 1, "a negative number has no bar");
    assert!(sv.contains("(egen skala)"));
}

#[test]
fn every_number_is_in_chart_and_table() {
    let publication = only(&["by_project", "by_region_and_sex", "by_age_band"]);
    let numbers: usize = publication.tables.iter().map(|table| table.values.len()).sum();
    let [sv, _] = pages(&publication);
    assert_eq!(sv.matches("class=\"whisker\"").count(), numbers);
    assert_eq!(sv.matches("<small>±\u{2060}27</small>").count(), numbers);
    assert_eq!(sv.matches("<svg ").count(), 5 + 15 + 8);
}

#[test]
fn means_are_dots_with_intervals_of_their_own() {
    let mut publication = only(&["work_by_region"]);
    let table = &mut publication.tables[0];
    (table.values[0], table.lower[0], table.upper[0]) = (Some(341), Some(-12), Some(402));
    (table.values[1], table.lower[1], table.upper[1]) = (Some(250), Some(0), Some(1000));
    table.values[2] = None;
    let [sv, en] = pages(&publication);
    assert!(sv.contains("</span> 34\u{a0}% <small class=\"range\">−2 till 41</small>"));
    assert!(en.contains("</span> 34% <small class=\"range\">−2 to 41</small>"));
    assert!(sv.contains("25\u{a0}% <small class=\"range\">0–100</small>") && sv.contains("bredare än 50 procentenheter"));
    assert!(sv.contains("kan inte beräknas: det brusiga antalet är noll eller lägre"));
    assert_eq!((sv.matches("<circle").count(), sv.matches("<rect").count()), (table_size(&publication) - 1, 0));
    assert!(sv.contains("Medelvärden och andelar") && !sv.contains("Jämförelser"), "what the page has is explained, no more");
    assert!(sv.contains("<b>Alla</b>") && sv.contains("räknat ur allt brus bakom det"));
}

fn table_size(publication: &Publication) -> usize {
    publication.tables[0].values.len()
}

#[test]
fn measures_of_one_query_share_its_section() {
    let [sv, en] = pages(&only(&["days_by_project_participants", "days_by_project_mean_days", "days_by_project_median_days"]));
    assert_eq!(en.matches("median(f.days) AS median_days").count(), 1, "the query once");
    assert!(sv.contains("<section class=\"table\" id=\"days_by_project\"><div class=\"heading\"><h2>Tid i projektet</h2>"));
    assert!(
        sv.contains("<h3>Dagar i projektet, medelvärde</h3>") && en.contains("<h3>Days in the project, mean</h3>"),
        "the title names the unit"
    );
    assert!(en.contains("at most 19 places from the median") && en.contains("they have no noise intervals"));
    assert!(en.contains("days_by_project_mean_days.csv-metadata.json"));
    for part in ["Time in the project, count", "Time in the project, sum", "Time in the project, chosen values"] {
        assert_eq!(en.matches(part).count(), 1, "{part}");
    }
}

#[test]
fn a_view_comes_before_its_noisy_tables() {
    let publication = fixture::publication();
    let [sv, en] = pages(&publication);
    let at = |id: &str| en.find(&format!("<section class=\"table\" id=\"{id}\"")).unwrap();
    let section = &en[at("work_rate")..at("by_municipality")];
    let (view, tables) = (
        section.find("</span> 30% <small class=\"range\">20–45</small></td>").unwrap(),
        section.find("Show the 2 tables of noisy numbers").unwrap(),
    );
    assert!(view < tables && section[tables..].contains("id=\"work_rate_work\""));
    assert!(section.contains("href=\"work_rate.csv\"") && section.contains("<th class=\"key\" scope=\"row\">Fler i Arbete</th>"));
    assert!(
        sv.contains("</span> 0\u{a0}% <small")
            && sv.contains("Här visas det närmaste möjliga")
            && sv.contains("inte ur de exakta")
    );
    let mut none = publication;
    none.views[0].rows.clear();
    assert!(pages(&none)[1].contains("The query gave no rows."));
}

#[test]
fn hidden_cells_are_explained() {
    let mut publication = only(&["by_municipality"]);
    let [sv, en] = pages(&publication);
    assert!(sv.contains("större än 90 visas") && en.contains("That a cell is absent therefore says little"));
    assert!(sv.contains("<i>Uppgift saknas</i>") && !sv.contains("En tom ruta ingår inte"));
    let table = &mut publication.tables[0];
    table.description.cells.clear();
    for numbers in [&mut table.values, &mut table.lower, &mut table.upper] {
        numbers.clear();
    }
    let [sv, _] = pages(&publication);
    assert!(sv.contains("Ingen cell kom över tröskeln.") && !sv.contains("<svg"));
}

#[test]
fn totals_do_not_flatten_their_parts() {
    let mut publication = only(&["by_project"]);
    let table = &mut publication.tables[0];
    fill(table, 300, 3000);
    table.description.keys[1].codes[0].code = crate::TOTAL.to_owned();
    assert_eq!(pages(&publication)[0].matches("<rect").count(), 45, "the total of each project is left to the table");
    let table = &mut publication.tables[0];
    table.description.keys[0].codes[0].code = crate::TOTAL.to_owned();
    assert_eq!(pages(&publication)[0].matches("(egen skala)").count(), 1);
}

#[test]
fn the_certificate_is_linked_where_there_is_one() {
    let mut publication = fixture::publication();
    assert!(pages(&publication)[0].contains("<a href=\"certificate.json\">"));
    publication.description.tables.truncate(3);
    assert!(!pages(&publication)[0].contains("certificate.json"));
}

#[test]
fn bounds_on_rows_name_the_table_that_is_read() {
    let mut publication = only(&["by_project"]);
    publication.description.tables[0].rows.insert("milestone".to_owned(), 3);
    assert!(pages(&publication)[0].contains("I ”Utfall efter projekt” är högst 3 rader i milestone per deltagande med"));
}

#[test]
fn tables_of_any_number_of_keys() {
    for keys in 0..4 {
        let mut publication = only(&["by_region_and_sex"]);
        let table = &mut publication.tables[0];
        let extra = table.description.keys[0].clone();
        table.description.keys.push(extra);
        table.description.keys.truncate(keys + usize::from(keys == 3));
        table.description.cells = vec![vec![0; table.description.keys.len()]];
        (table.values, table.lower, table.upper) = (vec![Some(300)], vec![Some(273)], vec![Some(327)]);
        let [sv, en] = pages(&publication);
        assert!(sv.contains("<td>300 <small>") && en.contains("<td>300 <small>"), "{keys}");
        assert_eq!(sv.matches("<rect").count(), 1);
    }
}

#[test]
fn other_budgets_are_explained() {
    let text = |epsilon: &str, delta: &str| {
        let mut description = fixture::description();
        (description.epsilon, description.delta) = (epsilon.to_owned(), delta.to_owned());
        Lang::ALL.map(|lang| words::promise(lang, &description)).join(" ")
    };
    assert!(text("0.5", "0").contains("odds på högst 1,65 mot 1, en sannolikhet på ungefär 62\u{a0}%"));
    assert!(text("0.5", "0").contains("utan undantag (δ = 0)"));
    assert!(text("10", "1e-9").contains("22,026.47 to 1, a probability of about 100%"));
    assert!(text("40", "1e-9").contains("ε = 40"));
    assert!(text("1/3", "?").contains("ε = 1/3") && text("1/3", "?").contains("δ = ?"));
}
