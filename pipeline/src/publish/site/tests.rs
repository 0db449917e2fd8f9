use super::*;
use crate::derive::example;

fn pages(publication: &Publication) -> [String; 2] {
    let files = Html.files(publication).unwrap();
    assert_eq!(files.iter().map(|(path, _)| path.to_str().unwrap()).collect::<Vec<_>>(), ["index.html", "en.html"]);
    let pages: Vec<_> = files.into_iter().map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect();
    pages.try_into().unwrap()
}

#[test]
fn both_languages() {
    let [sv, en] = pages(&example::publication());
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
    let mut publication = example::publication();
    let evil = "<script>alert('\"&\"')</script>";
    publication.description.title.sv = evil.to_owned();
    let table = &mut publication.tables[0].description;
    table.title.sv = evil.to_owned();
    table.sql = evil.to_owned();
    table.keys[0].title.sv = evil.to_owned();
    table.keys[0].codes[0].label.sv = evil.to_owned();
    table.keys[1].codes[0].label.sv = evil.to_owned();
    table.measure.title.sv = evil.to_owned();
    let [sv, _] = pages(&publication);
    assert!(!sv.contains("<script") && !sv.contains("alert('\"") && sv.contains("&lt;script&gt;"));
}

#[test]
fn nothing_is_fetched_or_run() {
    for page in pages(&example::publication()) {
        for word in ["<script", "http:", "https:", "//", "url(", "@import", "onload", "src="] {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[test]
fn small_and_negative_numbers_are_marked() {
    let mut publication = example::publication();
    publication.tables.truncate(1);
    publication.tables[0].values.fill(-4);
    publication.tables[0].values[0] = 1234;
    let [sv, en] = pages(&publication);
    assert_eq!(sv.matches("<td class=\"open\">").count(), 49);
    assert!(sv.contains("−4 <small>±\u{2060}27</small>") && sv.contains("<td>1\u{202f}234 <small>"));
    assert!(en.contains("<td>1,234 <small>") && en.contains("Work: 1,234 ± 27 (1,207 to 1,261)"));
    assert!(sv.contains("Sådana tal står kvar med flit") && sv.contains("får ingen stapel"));
    assert_eq!(sv.matches("<rect").count(), 1, "a negative number has no bar");
    assert!(sv.contains("(egen skala)"));
}

#[test]
fn every_number_is_in_chart_and_table() {
    let publication = example::publication();
    let numbers: usize = publication.tables.iter().map(|table| table.values.len()).sum();
    let [sv, _] = pages(&publication);
    assert_eq!(sv.matches("class=\"whisker\"").count(), numbers);
    assert_eq!(sv.matches("<small>±\u{2060}27</small>").count(), numbers);
    assert_eq!(sv.matches("<svg ").count(), 5 + 15 + 8);
}

#[test]
fn tables_of_any_number_of_keys() {
    for keys in 0..4 {
        let mut publication = example::publication();
        publication.tables = vec![publication.tables[1].clone()];
        let table = &mut publication.tables[0];
        let extra = table.description.keys[0].clone();
        table.description.keys.push(extra);
        table.description.keys.truncate(keys + usize::from(keys == 3));
        table.description.cells = vec![vec![0; table.description.keys.len()]];
        table.values = vec![300];
        let [sv, en] = pages(&publication);
        assert!(sv.contains("<td>300 <small>") && en.contains("<td>300 <small>"), "{keys}");
        assert_eq!(sv.matches("<rect").count(), 1);
    }
}

#[test]
fn other_budgets_are_explained() {
    let text = |epsilon: &str, delta: &str| {
        let mut description = example::description();
        (description.epsilon, description.delta) = (epsilon.to_owned(), delta.to_owned());
        Lang::ALL.map(|lang| words::promise(lang, &description)).join(" ")
    };
    assert!(text("0.5", "0").contains("odds på högst 1,65 mot 1, en sannolikhet på ungefär 62\u{a0}%"));
    assert!(text("0.5", "0").contains("utan undantag (δ = 0)"));
    assert!(text("10", "1e-9").contains("22,026.47 to 1, a probability of about 100%"));
    assert!(text("40", "1e-9").contains("ε = 40"));
    assert!(text("1/3", "?").contains("ε = 1/3") && text("1/3", "?").contains("δ = ?"));
}
