use std::collections::BTreeMap;
use std::fs;

use tempfile::{TempDir, tempdir};

use super::*;
use crate::account::tests::account;
use crate::dataset::pack::Pack;
use crate::estimate::target::{Kind, Part, Target, Verdict};
use crate::settings::{Contact, Licence, Publisher, Theme};
use crate::{Description, Imprint, MISSING, Publication, Recorded, Source, TOTAL, TableDescription, fixture, publish_site};
use utfall_ground::text::Text;
use utfall_privacy::ReleaseId;

fn text(sv: &str, en: &str) -> Text {
    Text { sv: sv.to_owned(), en: en.to_owned() }
}

fn target(title: &str, code: &str, kind: Kind, minimum: i64) -> Target {
    let title = text(title, title);
    Target { title, code: code.to_owned(), kind, part: None, minimum: Some(minimum), maximum: None, tolerance: 0 }
}

/// The example with a table by region, one of everybody, and targets of every verdict.
fn tracked() -> Description {
    let mut description = fixture::description();
    let of = |name: &str| description.tables.iter().find(|table| table.name == name).unwrap().clone();
    let (by_project, days) = (of("by_project"), of("days_by_project"));
    let mut regions = of("by_region_and_sex");
    let count = TableDescription { measures: days.measures[..1].to_vec(), vectors: days.vectors[..1].to_vec(), ..days };
    regions.keys.truncate(1);
    let by_region = TableDescription {
        name: "by_region".to_owned(),
        title: text("Personer efter region", "People by region"),
        keys: regions.keys,
        ..count.clone()
    };
    let mut quotas = TableDescription { name: "quotas".to_owned(), ..by_project };
    quotas.targets = vec![
        target("Minst tio", "asap", Kind::Count, 10),
        Target { part: Some(Part { key: 0, within: vec!["work".to_owned()] }), ..target("Andel", "progress", Kind::Share, 90) },
    ];
    let mut planned = count;
    (planned.name, planned.title) = ("planned".to_owned(), text("Antal <planerade>", "Number <planned>"));
    planned.targets =
        vec![target("Så många \"som\" planerat", "asap", Kind::Count, 50), target("Hundra", "nystart", Kind::Count, 100)];
    for (table, vector) in [(&mut planned, "planned"), (&mut quotas, "quotas")] {
        table.vectors.truncate(1);
        table.vectors[0].name = vector.to_owned();
        table.measures.truncate(1);
    }
    let mut by_region = by_region;
    by_region.vectors[0].name = "by_region".to_owned();
    description.tables.extend([by_region, quotas, planned]);
    description
}

fn publication() -> Publication {
    let mut publication = fixture::publication_of(tracked());
    publication.views.truncate(1);
    publication
}

/// A folder with releases of these names, one a day, and all that a site can say of itself.
fn published(names: &[&str], settings: &Settings, account: Option<&Account>) -> TempDir {
    let out = tempdir().unwrap();
    publish(out.path(), names, settings, account);
    out
}

fn publish(out: &Path, names: &[&str], settings: &Settings, account: Option<&Account>) {
    for (day, name) in names.iter().enumerate() {
        let mut publication = publication();
        publication.description.name = (*name).to_owned();
        publication.description.demonstration = name.starts_with("demo");
        let made = Some(1_767_225_600 + 86_400 * day as u64);
        let own = [Recorded { id: ReleaseId::of(name.as_bytes()), archive: [1; 32], made }];
        let imprint = Imprint { settings, account, ..fixture::imprint() };
        crate::publish(&publication, &Source::of([7; 16], &own, &[], &[]), imprint, out).unwrap();
        crate::publish_site(imprint, out).unwrap();
    }
}

fn settings() -> Settings {
    Settings {
        title: Some(text("Statistik & utfall", "Statistics & outcomes")),
        about: Some(text("Första stycket.\n\nAndra <stycket>.", "First paragraph.\n\nSecond <paragraph>.")),
        publisher: Some(Publisher {
            name: text("Förbundet", "The association"),
            url: "https://example.org/".to_owned(),
            kind: None,
        }),
        contact: Some(Contact { name: text("Kontoret", "The office"), email: "a@example.org".to_owned(), phone: None }),
        licence: Some(Licence { name: "CC0".to_owned(), url: "https://creativecommons.org/publicdomain/zero/1.0/".to_owned() }),
        themes: vec![Theme { title: text("Kvartal", "Quarters"), releases: vec!["later".to_owned(), "gone".to_owned()] }],
        next: BTreeMap::from([("later".to_owned(), "2027-03-31".to_owned())]),
        ..Settings::default()
    }
}

fn read(out: &TempDir, file: &str) -> String {
    fs::read_to_string(out.path().join(file)).unwrap()
}

#[test]
fn every_page_is_there_in_both_languages_and_only_the_first_has_a_script() {
    let out = published(&["outcomes"], &Settings::default(), None);
    for page in Page::ALL {
        for lang in Lang::ALL {
            let html = read(&out, page.file(lang));
            assert!(html.contains(&format!("<html lang=\"{}\">", lang.tag())), "{page:?}");
            assert_eq!(html.matches("<h1>").count(), 1, "{page:?}");
            assert!(html.contains("<main id=\"main\">") && html.contains("href=\"#main\""), "{page:?}");
            assert!(html.contains("aria-current=\"page\""), "{page:?}");
            assert!(
                html.contains(&format!("href=\"{}\"", page.file(lang.pick(Lang::En, Lang::Sv)))),
                "{page:?}: the other language"
            );
            assert_eq!(html.contains("<script src=\"search.js\" defer>"), page == Page::Home, "{page:?}");
            assert!(!html.contains("<script>") && !html.contains("http-equiv=\"refresh\""));
            assert!(!html.to_lowercase().contains("arbetsmarknadsprojekt") && !html.contains("abour-market project"), "{page:?}");
        }
    }
    let names: Vec<&str> = names().collect();
    let made = files(out.path(), Imprint { account: Some(&account()), ..fixture::imprint() }).unwrap();
    assert!(made.iter().all(|file| names.contains(&file.path.to_str().unwrap())));
    // This site has no key, no code lists, and nothing by which a catalogue could name it.
    assert_eq!(made.len() + 2 + crate::catalogue::FILES.len(), names.len());
}

#[test]
fn the_front_page_says_what_is_published_when_and_what_is_new() {
    let names = ["first", "demo", "later", "fourth", "fifth", "sixth"];
    let out = published(&names, &settings(), Some(&account()));
    let (sv, en) = (read(&out, "index.html"), read(&out, "en.html"));
    assert!(sv.contains("<h1>Statistik &amp; utfall</h1>") && en.contains("<h1>Statistics &amp; outcomes</h1>"));
    assert!(sv.contains("<p>Andra &lt;stycket&gt;.</p>") && en.contains("<p>Second &lt;paragraph&gt;.</p>"));
    let new: Vec<&str> = en.split("id=\"new\"").nth(1).unwrap().split("</ul>").next().unwrap().split("<li>").skip(1).collect();
    assert_eq!(new.len(), 5, "{new:?}");
    assert!(new[0].contains("2026-01-06") && new[0].contains("sixth/en.html"), "the newest first: {}", new[0]);
    assert!(en.contains("<h3>Quarters</h3>") && en.contains("<h3>Others</h3>"));
    let (quarters, others) = (en.find("<h3>Quarters</h3>").unwrap(), en.find("<h3>Others</h3>").unwrap());
    let later = en[quarters..].find("later/en.html").unwrap() + quarters;
    assert!(later < others, "a release stands under its theme");
    assert!(en.contains("next: <time datetime=\"2027-03-31\">2027-03-31</time>"));
    assert!(en.contains("made-up participants") && sv.contains("påhittade deltagare"));
    assert!(en.contains("made <time datetime=\"2026-01-03\">2026-01-03</time>"));
    assert!(en.contains("ε = 6 and δ = 0.000001") && sv.contains("ε = 6 och δ = 0,000001"));
    assert!(en.contains("mailto:a@example.org") && en.contains("https://example.org/"));
    // Every table of every release, with its permalink, before any script.
    assert!(en.contains("<a href=\"first/en.html#days_by_project_mean_days\">") && sv.contains("first/index.html#by_project\""));
    assert!(!en.contains("#work_rate_participants"), "what is folded away below a computed table is no table of its own");
    assert!(en.contains("<a href=\"first/en.html#work_rate\">"));
}

#[test]
fn a_headline_is_a_sentence_with_its_interval_and_may_be_chosen() {
    let out = published(&["outcomes"], &Settings::default(), None);
    let en = read(&out, "en.html");
    let all = en.split("class=\"headline\"").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(
        all.contains("Share in work by region") && all.contains('%') && all.contains("With a probability of 95 percent"),
        "{all}"
    );
    let chosen = |path: &str| {
        let headlines = BTreeMap::from([("outcomes".to_owned(), path.to_owned())]);
        let out = published(&["outcomes"], &Settings { headlines, ..Settings::default() }, None);
        let pack = Pack::from_json(&fs::read(out.path().join("outcomes/datasets.json")).unwrap()).unwrap();
        pack.headline.unwrap()
    };
    assert_eq!(chosen("planned/nystart").what.en, "Number <planned>, Nystart");
    assert_eq!(chosen("planned").what.en, "Number <planned>, ASAP");
    assert_eq!(chosen("nothing/there").set, "work_by_region", "one that is not there is passed over");
}

#[test]
fn targets_stand_with_their_verdicts_and_are_counted() {
    let publication = publication();
    let pack = Pack::of(&publication, &Source::default());
    let verdicts: Vec<Verdict> = publication.tables.iter().flat_map(|table| table.tracked()).map(|one| one.verdict).collect();
    assert_eq!(pack.targets.iter().map(|of| of.verdict).collect::<Vec<_>>(), verdicts, "one judgement for all pages");
    assert_eq!(verdicts.len(), 4);
    let out = published(&["outcomes"], &Settings::default(), None);
    let en = read(&out, "targets-en.html");
    for of in &pack.targets {
        assert!(en.contains(&of.words.number.en) && en.contains(&of.words.promised.en), "{of:?}");
    }
    assert!(en.contains("Så många &quot;som&quot; planerat") || en.contains("Så många \"som\" planerat"));
    let row = pack.targets[3].row.as_ref().unwrap();
    assert!(en.contains(&format!("Hundra</a> <span class=\"soft\">{}</span>", row.en)));
    assert!(en.contains("outcomes/en.html#planned") && en.contains("class=\"band\""));
    let page = fs::read_to_string(out.path().join("outcomes/en.html")).unwrap();
    for of in &pack.targets {
        assert!(
            page.contains(&of.words.told.en) && page.contains(&of.words.distance.en),
            "the page of the release says the same: {of:?}"
        );
    }
    let reached = verdicts.iter().filter(|of| matches!(of, Verdict::Met | Verdict::ProbablyMet)).count();
    for page in ["en.html", "targets-en.html"] {
        let html = read(&out, page);
        assert!(html.contains(&format!("✓</span> <strong>{reached}</strong>")), "{page}");
    }
}

#[test]
fn places_are_compared_in_the_order_of_their_list_and_never_ranked() {
    let out = published(&["outcomes"], &Settings::default(), None);
    let publication = publication();
    let pack = Pack::of(&publication, &Source::default());
    let facts = pack.comparisons.iter().find(|of| of.set == "days_by_project_mean_days").unwrap();
    let codes: Vec<&str> = facts.places.iter().map(|place| place.code.as_str()).collect();
    assert_eq!(codes, ["asap", "nystart", "fler_i_arbete", "traning", "progress"]);
    let table = publication.tables.iter().find(|table| table.name == facts.set).unwrap();
    let comparison = table.comparison.as_ref().unwrap();
    assert_eq!(facts.differences.len(), comparison.differences().len());
    assert_eq!(facts.nothing.is_none(), !facts.differences.is_empty());
    let en = read(&out, "compare-en.html");
    assert!(en.contains("A difference is no effect"));
    let place = |label: &str| en.find(&format!("<th class=\"key\" scope=\"row\">{label}</th>")).unwrap();
    assert!(place("ASAP") < place("Nystart") && place("Nystart") < place("PROGRESS"));
    for pair in facts.differences.iter().take(10) {
        assert!(en.contains(&pair.told.en), "{}", pair.told.en);
    }
}

#[test]
fn where_nothing_can_be_told_apart_it_is_a_sentence() {
    let mut publication = publication();
    let table = publication.tables.iter_mut().find(|table| table.comparison.is_some()).unwrap();
    let comparison = table.comparison.as_mut().unwrap();
    let all = utfall_estimate::interval::Interval::new(0, 6000);
    comparison.together.iter_mut().for_each(|of| *of = Some(all));
    let out = tempdir().unwrap();
    crate::publish(&publication, &Source::default(), fixture::imprint(), out.path()).unwrap();
    crate::publish_site(fixture::imprint(), out.path()).unwrap();
    let html = read(&out, "compare-en.html");
    assert!(html.contains("No two of the 5 rows can be told apart at this noise"), "{html}");
    assert!(!html.contains(" above "), "and nothing is said to be above another");
}

#[test]
fn regions_lie_on_the_map_with_their_numbers_and_those_without_say_so() {
    let out = published(&["outcomes"], &Settings::default(), None);
    for page in ["en.html", "compare-en.html"] {
        let html = read(&out, page);
        assert_eq!(html.matches("<li class=\"SE").count(), 8, "{page}");
        assert_eq!(html.matches("no number").count(), 3, "{page}");
        assert!(html.contains("People by region") && html.contains("not how large"));
    }
    // A key of anything else is no map.
    let pack = Pack::of(&publication(), &Source::default());
    assert_eq!(pack.regions.iter().map(|of| of.set.as_str()).collect::<Vec<_>>(), ["by_region"]);
    let mut other = publication();
    let at = other.tables.iter().position(|table| table.name == "by_region").unwrap();
    other.tables[at].description.keys[0].codes[0].code = "SE99".to_owned();
    assert!(Pack::of(&other, &Source::default()).regions.is_empty());
    other.tables[at].description.keys[0].codes[0].code = TOTAL.to_owned();
    other.tables[at].description.keys[0].codes[1].code = MISSING.to_owned();
    assert_eq!(Pack::of(&other, &Source::default()).regions[0].places.len(), 3);
}

#[test]
fn the_account_is_shown_kept_and_held_against_what_it_is() {
    let account = account();
    let out = published(&["outcomes"], &Settings::default(), Some(&account));
    assert_eq!(Account::from_json(&fs::read(out.path().join("account.json")).unwrap()).as_ref(), Some(&account));
    let en = read(&out, "privacy-en.html");
    assert!(
        en.contains(&account.head.hash)
            && en.contains("ε = 0.5, δ = 0")
            && en.contains("<td class=\"text\">ε = 0.5</td>")
            && en.contains("Paid for and not finished: 1")
    );
    assert!(en.contains("<a href=\"outcomes/en.html\">outcomes</a>"));
    let again = |account: Option<&Account>| publish_site(Imprint { account, ..fixture::imprint() }, out.path()).unwrap();
    assert!(!again(Some(&account)) && !again(None), "without an extract, the last one stands");
    let mut later = account.clone();
    later.head.length += 1;
    assert!(again(Some(&later)) && again(Some(&account)), "the chain has grown");
    for file in ["account.json", "targets.html", "privacy-en.html", "search.js"] {
        let bytes = fs::read(out.path().join(file)).unwrap();
        fs::write(out.path().join(file), "nonsense").unwrap();
        assert!(again(Some(&account)) && fs::read(out.path().join(file)).unwrap() == bytes, "{file}");
    }
    let none = published(&["outcomes"], &Settings::default(), None);
    assert!(!none.path().join("account.json").exists());
    assert!(read(&none, "privacy-en.html").contains("No extract of a ledger"));
}

#[test]
fn a_series_is_one_charge_for_all_its_periods() {
    let mut account = account();
    let first = account.charges[0].clone();
    let period = |id: &str, period: &str| crate::account::Charge {
        id: id.repeat(32),
        series: Some("aa".to_owned()),
        period: Some(period.to_owned()),
        ..first.clone()
    };
    account.charges = vec![period("01", "2021-Q1"), first.clone(), period("02", "2021-Q2")];
    let out = published(&["outcomes"], &Settings::default(), Some(&account));
    let en = read(&out, "privacy-en.html");
    assert_eq!(en.matches("<td class=\"text\">ε = 0.5</td>").count(), 2, "{en}");
    assert!(en.contains("2021-Q1 to 2021-Q2, paid once"));
}

/// What lies there of another version of this program is listed by what can be read of it.
#[test]
fn a_release_that_cannot_be_read_is_listed_all_the_same() {
    let out = published(&["outcomes"], &Settings::default(), None);
    for (broken, shown) in
        [("datasets.json", "Outcomes of five projects"), ("description.json", "<a href=\"outcomes/en.html\">outcomes</a>")]
    {
        fs::write(out.path().join("outcomes").join(broken), "{\"format\": 99}").unwrap();
        let made = files(out.path(), fixture::imprint()).unwrap();
        let home = made.iter().find(|file| file.path.to_str() == Some("en.html")).unwrap();
        let html = String::from_utf8(home.bytes.clone()).unwrap();
        assert!(html.contains(shown), "{broken}: {html}");
        assert!(!html.contains("class=\"headline\""));
    }
}

#[test]
fn the_page_of_what_was_before_has_the_four_differences() {
    let out = published(&["demo"], &Settings::default(), None);
    for (file, heads) in [
        ("before-and-now.html", ["Hålen är borta", "Delarna går ihop", "Filer i stället för PDF", "Osäkerheten syns"]),
        ("before-and-now-en.html", ["The holes are gone", "The parts add up", "Files instead of PDF", "Uncertainty is shown"]),
    ] {
        let html = read(&out, file);
        assert!(heads.iter().all(|head| html.contains(&format!("<h2>{head}</h2>"))), "{file}");
        assert!(html.contains("class=\"example\""));
    }
}

/// Publishes the example under several names into the folder that UTFALL_CLIENT_FILES names, for browsers and checkers.
#[test]
#[ignore = "writes files for other programs"]
fn files_for_clients() {
    let out = PathBuf::from(std::env::var("UTFALL_CLIENT_FILES").expect("UTFALL_CLIENT_FILES names a folder"));
    publish(&out, &["outcomes", "demo", "later", "a-fourth"], &settings(), Some(&account()));
}
