use super::*;
use crate::dataset::pack::Pack;
use crate::settings::{Licence, Publisher, Settings};
use crate::{Publication, Source, fixture};

/// The workbook of a publication whose numbers were made at a moment, on a site that has a name.
pub(crate) fn with<T>(publication: &Publication, made: Option<u64>, of: impl Fn(Edition<'_>) -> T) -> T {
    let mut pack = Pack::of(publication, &Source::default());
    pack.release.made = made.map(Moment);
    let settings = Settings {
        base: Some("https://a.se/".to_owned()),
        publisher: Some(Publisher {
            name: text("Förbundet & <co>", "Förbundet & <co>"),
            url: "https://a.se/om".to_owned(),
            kind: None,
        }),
        licence: Some(Licence { name: "CC0 1.0".to_owned(), url: "https://c.org/zero/".to_owned() }),
        ..Settings::default()
    };
    of(Edition { publication, pack: &pack, settings: &settings })
}

/// Texts that are formulas, markup or paths elsewhere.
pub(crate) fn hostile() -> Publication {
    let mut publication = fixture::publication();
    let labels = ["=HYPERLINK(\"http://x\";1)", "-1+1", "<script>&amp;", "@SUM(A1)", "a\nb  c"];
    for (code, label) in publication.tables[0].description.keys[0].codes.iter_mut().zip(labels) {
        code.label = text(label, label);
    }
    publication.tables[0].title = text("[=x]:*?/\\'å", "[=x]:*?/\\'å");
    publication
}

fn texts(sheet: &Sheet) -> Vec<String> {
    let text = |cell: &Cell| match &cell.value {
        Value::Text(text) | Value::Link(text, _) => Some(text.clone()),
        Value::Number(number) => Some(number.as_str().to_owned()),
        Value::Empty => None,
    };
    sheet.rows.iter().flatten().filter_map(text).collect()
}

#[test]
fn names_are_allowed_and_none_is_twice() {
    let long = "Tid i projektet – Dagar i projektet, medelvärde";
    let names = names(["a/b[c]:*?\\'", long, long, "", "Ett_enda_ord_som_är_längre_än_trettioen"].into_iter());
    assert_eq!(names, ["1. a b c", "2. Tid i projektet – Dagar i", "3. Tid i projektet – Dagar i", "4.", "5."]);
    assert!(names.iter().all(|name| name.encode_utf16().count() <= 31));
}

#[test]
fn the_first_sheet_says_what_it_is_and_leads_to_all_others() {
    let mut publication = fixture::publication();
    publication.description.demonstration = true;
    let workbook = with(&publication, Some(1_767_225_661), Workbook::of);
    let said = texts(&workbook.sheets[0]).join("\n");
    for part in [
        "Utfall i fem projekt · Outcomes of five projects",
        "Deltagarna är påhittade.",
        "The participants are made up.",
        "2026-01-01",
        "CC0 1.0",
        "Förbundet & <co> (2026). Utfall i fem projekt [datamängd]. Version 2026-01-01, 7e1d7e1d. https://a.se/outcomes/",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let links = workbook.sheets[0].rows.iter().flatten().filter_map(|cell| match cell.value {
        Value::Link(_, Target::Sheet(at)) => Some(at),
        _ => None,
    });
    assert_eq!(links.collect::<std::collections::BTreeSet<_>>(), (1..workbook.sheets.len()).collect());
    assert!(texts(&workbook.sheets[1])[1].starts_with("Deltagarna är påhittade."));
}

#[test]
fn a_sheet_has_the_numbers_of_its_data_set() {
    let publication = fixture::publication();
    let pack = Pack::of(&publication, &Source::default());
    let workbook = with(&publication, None, Workbook::of);
    for (set, sheet) in pack.sets.iter().zip(&workbook.sheets[1..]) {
        let (at, estimate) = set.estimates().next().unwrap();
        let head = sheet.head.unwrap();
        let column = sheet.rows[head].iter().position(|cell| cell.value == Value::Text(estimate.title.sv.clone())).unwrap();
        assert_eq!(sheet.rows.len(), head + 1 + set.rows());
        for (row, cells) in sheet.rows[head + 1..].iter().enumerate() {
            let expected = set.columns[at].number(row).map_or(Value::Empty, |number| Value::Number(number.clone()));
            assert_eq!(cells[column].value, expected);
        }
    }
    let shares = &workbook.sheets[1 + pack.sets.iter().position(|set| set.name == "work_by_region").unwrap()];
    let styles: std::collections::BTreeSet<Style> =
        shares.rows[shares.head.unwrap() + 1..].iter().flatten().map(|cell| cell.style).collect();
    assert!(styles.contains(&Style::Percent(1)), "{styles:?}");
    assert!(texts(shares)[1].ends_with("Vad orden för tillförlitlighet betyder står på det sista bladet."));
    let last = texts(workbook.sheets.last().unwrap()).join("\n");
    assert!(last.contains("Tillförlitlighet: osäkert: brusintervallet är bredare än 20 procentenheter; säger ingenting:"));
}

#[test]
fn a_row_has_room_for_its_lines() {
    let cell = |text: &str, style| Cell::text(text, style);
    let rows = vec![
        vec![cell("a", Style::Wrapped)],
        vec![cell(&"a".repeat(40), Style::Wrapped), cell("a\nb", Style::Wrapped)],
        vec![Cell { span: 2, ..cell(&"a".repeat(40), Style::Soft) }],
        vec![cell(&"a".repeat(40), Style::Plain)],
    ];
    let sheet = Sheet { name: String::new(), widths: vec![10, 10], rows, head: None };
    assert_eq!([0, 1, 2, 3, 4].map(|row| sheet.lines(row)), [1, 5, 3, 1, 1]);
}

#[test]
fn a_number_that_a_workbook_cannot_hold_is_a_text() {
    let mut publication = fixture::publication();
    let row = |cells: [&str; 3]| cells.map(|cell| Some(cell.to_owned())).to_vec();
    publication.views[0].rows = vec![row(["asap", "9007199254740993", "0.1"]), row(["nystart", "9007199254740992", "-0.30"])];
    publication.views[0].ends.clear();
    publication.views[0].possible.clear();
    let workbook = with(&publication, None, Workbook::of);
    let sheet = workbook.sheets.iter().find(|sheet| sheet.name.contains("Projekten efter")).unwrap();
    let data = &sheet.rows[sheet.head.unwrap() + 1..];
    assert_eq!(data[0][1].value, Value::Text("9007199254740993".to_owned()));
    assert!(matches!(&data[1][1].value, Value::Number(number) if number.as_str() == "9007199254740992"));
    assert!(data.iter().all(|row| matches!(row[2].value, Value::Number(_))));
}

#[test]
fn the_last_sheet_says_how_numbers_are_made_in_both_languages() {
    let workbook = with(&fixture::publication(), None, Workbook::of);
    let said = texts(workbook.sheets.last().unwrap()).join("\n");
    for part in [
        "Epsilon",
        "1e-6",
        "0.95",
        "Laplace",
        "work_rate_participants, work_rate_work",
        "differential privacy",
        "säger ingenting:",
        "says nothing:",
        "standard deviation 12.72",
        "standardavvikelse 12,72",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn what_xml_cannot_hold_is_in_no_cell() {
    assert_eq!(printable("a\u{1}\u{7}b\nc\u{ffff}"), "ab\nc");
}
