//! What readers see of numbers that say little.

use utfall_estimate::interval::Interval;

use super::*;
use crate::csv::Csv;
use crate::estimate::compare::Comparison;
use crate::{Formula, Possible};

/// A file of a publication as text.
fn csv(publication: &Publication, name: &str) -> String {
    let file = fixture::files(&Csv, publication).unwrap().into_iter().find(|file| file.path.to_str() == Some(name)).unwrap();
    String::from_utf8(file.bytes).unwrap()
}

/// One project's share after the other, with intervals of the test's choice, compared.
fn shares(cells: [(i64, i64, i64); 5], together: [(i64, i64); 5]) -> Publication {
    let mut publication = only(&["days_by_project_mean_days"]);
    let table = &mut publication.tables[0];
    table.description.measures[table.measure].formula = Formula::Mean { count: 0, sum: 1, centre: 0, low: 0, high: 1 };
    table.decimals = 3;
    table.values = cells.map(|(value, ..)| Some(value)).to_vec();
    table.lower = cells.map(|(_, low, _)| Some(low)).to_vec();
    table.upper = cells.map(|(.., high)| Some(high)).to_vec();
    let together = together.map(|(low, high)| Some(Interval::new(low, high))).to_vec();
    table.comparison = Some(Comparison { together, sampling: None });
    publication
}

/// Of everything possible in the first place, a tenth or so in the others.
const WIDE: [(i64, i64, i64); 5] = [(980, 0, 940), (700, 620, 780), (400, 250, 550), (300, 220, 380), (350, 270, 430)];
const TOGETHER: [(i64, i64); 5] = [(0, 960), (600, 800), (230, 570), (200, 400), (250, 450)];

#[test]
fn a_share_of_anything_is_open_in_ink_in_the_table_and_in_the_file() {
    let publication = shares(WIDE, TOGETHER);
    let [sv, en] = pages(&publication);
    for page in [&sv, &en] {
        assert_eq!(["open", "half", "fill"].map(|ink| page.matches(&format!("<circle class=\"{ink}\"")).count()), [1, 1, 3]);
        assert_eq!(
            ["○", "◐"].map(|mark| page.matches(&format!("{mark}</span> ")).count()),
            [3, 3],
            "in answer, table and comparison"
        );
    }
    assert!(sv.contains("title=\"säger ingenting: brusintervallet är bredare än 50 procentenheter, eller"));
    assert!(en.contains("title=\"uncertain: the noise interval is wider than 20 percentage points\">◐</span> 40%"));
    assert!(en.contains("ASAP: 98% (0% to 94%), says nothing") && sv.contains("Fler i Arbete 40\u{a0}% (25–55, osäkert)"));
    assert!(en.contains("Faint dots are uncertain, and those without a fill say nothing."));
    assert!(sv.contains("<dt>Märken</dt>") && en.contains("at most 20 percentage points wide"));
    let file = csv(&publication, "days_by_project_mean_days.csv");
    let status: Vec<&str> = file.lines().skip(1).map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(status, ["u", "", "e", "", ""]);
    let metadata = csv(&publication, "days_by_project_mean_days.csv-metadata.json");
    assert!(metadata.contains("u if the number says nothing") && metadata.contains("wider than 50 percentage points"));
}

#[test]
fn a_comparison_says_by_how_much_and_puts_what_says_nothing_last() {
    let [sv, en] = pages(&shares(WIDE, TOGETHER));
    let section = &en[en.find("Which can be told apart?").unwrap()..];
    let place = |text: &str| section.find(text).unwrap_or_else(|| panic!("{text}"));
    // The clearest pair first: between the ends that are nearest each other, and between those that are furthest.
    let pairs = ["Nystart is 20–60 percentage points above Träning", "Nystart is 15–55 percentage points above PROGRESS"];
    assert!(place(pairs[0]) < place(pairs[1]));
    let more = place("Nystart is 3–57 percentage points above Fler i Arbete");
    assert!(place(pairs[1]) < more && section.matches("percentage points above").count() == 3);
    assert!(section.contains("A difference is no effect: different people took part"));
    let rows: Vec<usize> = ["Nystart", "Fler i Arbete", "PROGRESS", "Träning ger färdighet!", "ASAP"]
        .map(|name| section.find(&format!("scope=\"row\">{name}</th>")).unwrap())
        .to_vec();
    assert!(rows.is_sorted(), "ASAP has the largest number, which says nothing: {rows:?}");
    assert!(sv.contains("Nystart ligger 20–60 procentenheter över Träning ger färdighet!"));
}

#[test]
fn where_nothing_differs_one_sentence_says_so() {
    let [sv, en] = pages(&shares(WIDE, [(0, 960), (300, 800), (230, 570), (200, 400), (250, 450)]));
    let section = &en[en.find("Which can be told apart?").unwrap()..en.find("id=\"about\"").unwrap()];
    assert!(section.contains("No two of the 5 rows can be told apart at this noise: ") && !section.contains("<table"));
    assert!(!section.contains("no effect") && sv.contains("Inga två av de 5 raderna går att skilja åt"));
}

#[test]
fn chance_in_who_took_part_is_told_pair_by_pair() {
    let mut publication = shares(WIDE, TOGETHER);
    let sampling = [(0, 1000), (560, 840), (200, 600), (160, 450), (230, 570)].map(|(low, high)| Some(Interval::new(low, high)));
    publication.tables[0].comparison.as_mut().unwrap().sampling = Some(sampling.to_vec());
    let [_, en] = pages(&publication);
    assert!(en.contains("20–60 percentage points above Träning ger färdighet!; 11–68 with chance in who took part<"));
    assert!(en.contains("above PROGRESS; with chance in who took part it cannot be told<"));
}

#[test]
fn a_list_of_pairs_is_short() {
    let apart = [0, 150, 300, 450, 600].map(|low| (low, low + 100));
    let mut publication = shares(WIDE, apart);
    let [_, en] = pages(&publication);
    assert_eq!(en.matches("percentage points above").count(), 10, "all pairs of five");
    let table = &mut publication.tables[0];
    let comparison = table.comparison.as_mut().unwrap();
    comparison.together.push(Some(Interval::new(900, 950)));
    table.description.cells.push(table.description.cells[0].clone());
    for numbers in [&mut table.values, &mut table.lower, &mut table.upper] {
        numbers.push(Some(920));
    }
    let [_, en] = pages(&publication);
    assert!(en.matches("percentage points above").count() == 10 && en.contains("and 5 more pairs, less clearly"));
}

/// The view of the example with one row of counts and shares that the noise made impossible.
fn computed() -> Publication {
    let mut publication = fixture::publication();
    let view = &mut publication.views[0];
    let text = |cells: [&str; 3]| cells.map(|cell| Some(cell.to_owned())).to_vec();
    let ends = |low: &str, high: &str| Some((low.to_owned(), high.to_owned()));
    view.rows = vec![text(["asap", "-12", "104.2"]), text(["nystart", "306", "30.3"]), text(["progress", "60", "47.0"])];
    view.ends = vec![
        vec![None, ends("-39", "15"), ends("61.0", "147.0")],
        vec![None, ends("279", "333"), ends("20.5", "44.1")],
        vec![None, ends("33", "87"), None],
    ];
    view.possible = vec![Some(Possible::PUBLIC), Some(Possible::COUNT), Some(Possible::PERCENT)];
    publication
}

#[test]
fn a_view_shows_what_is_possible_and_its_file_what_was_computed() {
    let publication = computed();
    let [sv, en] = pages(&publication);
    let section = &en[en.find("id=\"work_rate\"").unwrap()..en.find("Show the 2 tables of noisy numbers").unwrap()];
    for cell in [
        "</span> 0 <small class=\"range\">0–27</small>",
        "<td>306 <small class=\"range\">279–333</small>",
        "</span> 60 <small class=\"range\">33–87</small>",
        "</span> 100% <small class=\"range\">57–100</small>",
        "</span> 30% <small class=\"range\">20–45</small>",
        "</span> 47%</td>",
    ] {
        assert!(section.contains(cell), "{cell}: {section}");
    }
    assert!(!section.contains('−') && section.contains("The nearest that is possible is shown"));
    assert_eq!(["<td class=\"open\">", "<td class=\"rough\">"].map(|cell| section.matches(cell).count()), [2, 3]);
    assert!(
        section.contains("○ says nothing: the noise interval reaches zero") && sv.contains("◐ osäkert: halva brusintervallet")
    );
    let file = csv(&publication, "work_rate.csv");
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(
        lines,
        [
            "project,project_sv,project_en,participants,participants_lower,participants_upper,participants_status,percent_work,\
             percent_work_lower,percent_work_upper,percent_work_status",
            "asap,ASAP,ASAP,-12,-39,15,u,104.2,57.0,100.0,e",
            "nystart,Nystart,Nystart,306,279,333,,30.3,20.5,44.1,e",
            "progress,PROGRESS,PROGRESS,60,33,87,e,47.0,,,u",
        ]
    );
}

/// A table of which more than four numbers of five say nothing is folded away, and says so; of fewer it is shown.
#[test]
fn what_says_nothing_is_folded_away() {
    let silent = shares([WIDE[0]; 5], TOGETHER);
    let mut spoken = WIDE;
    spoken[1..4].fill(WIDE[0]);
    for (publication, folded) in [(silent, true), (shares(spoken, TOGETHER), false), (shares(WIDE, TOGETHER), false)] {
        let [sv, en] = pages(&publication);
        assert_eq!(sv.contains("Säger ingenting vid det här bruset: 5 av 5 tal."), folded);
        assert_eq!(en.contains("Says nothing at this noise: 5 of 5 numbers."), folded);
        let at = |what: &str| en.find(what).unwrap_or_else(|| panic!("{what}"));
        assert_eq!(en.contains("<details class=\"silent\">") && at("<details class=\"silent\">") < at("<circle"), folded);
    }
}
