use super::cube::{CONTENTS, Cube, NONE, TIME};
use super::pack::{Moment, Pack};
use super::selection::{Excerpt, Selection};
use super::*;
use crate::{AboveColumn, FORMATS, Publication, Source, fixture, px};

fn pack(publication: &Publication) -> Pack {
    Pack::of(publication, &Source::default())
}

fn codes(texts: &[&str]) -> Vec<Code> {
    texts.iter().map(|code| Code { code: (*code).to_owned(), label: text(code) }).collect()
}

fn text(text: &str) -> Text {
    Text { sv: text.to_owned(), en: text.to_owned() }
}

/// A view of these columns and rows.
fn view(columns: &[(&str, &[&str])], rows: &[&[Option<&str>]]) -> Publication {
    let mut publication = fixture::publication();
    let of = &mut publication.views[0];
    let column = |(name, list): &(&str, &[&str])| AboveColumn { name: (*name).to_owned(), title: text(name), codes: codes(list) };
    of.columns = columns.iter().map(column).collect();
    of.rows = rows.iter().map(|row| row.iter().map(|cell| cell.map(str::to_owned)).collect()).collect();
    (of.ends, of.possible) = (Vec::new(), Vec::new());
    publication
}

#[test]
fn a_pack_is_read_as_it_was_written() {
    let pack = pack(&fixture::publication());
    assert_eq!(Pack::from_json(&pack.to_json().unwrap()).unwrap(), pack);
    let names: Vec<&str> = pack.sets.iter().map(|set| set.name.as_str()).collect();
    assert_eq!(names[..3], ["by_project", "by_region_and_sex", "by_age_band"]);
    let rate = names.iter().position(|name| *name == "work_rate").unwrap();
    assert_eq!(names[rate + 1], "work_rate_participants", "a view stands before what it was computed from");
    assert!(pack.sets[rate].computed && !pack.sets[rate + 1].computed);
}

#[test]
fn a_moment_is_a_day_and_a_time_in_greenwich() {
    assert_eq!(Moment(1_767_225_661).instant(), "2026-01-01T00:01:01Z");
    assert_eq!(Moment(1_767_225_599).day(), "2025-12-31");
}

/// Every number of a table with what is said of it, in one row.
#[test]
fn a_row_has_its_number_and_what_is_said_of_it() {
    let publication = fixture::publication();
    let pack = pack(&publication);
    let (set, table) =
        (pack.set("work_by_region").unwrap(), publication.tables.iter().find(|t| t.name == "work_by_region").unwrap());
    let (at, estimate) = set.estimates().next().unwrap();
    assert_eq!(estimate.unit, Some(Unit::share()));
    assert_eq!(set.keys().count(), 2);
    for (row, cell) in table.cells().enumerate() {
        let of = |what| set.about(at, what).unwrap().number(row).map(|number| number.to_f64());
        assert_eq!(estimate.number(row).map(|number| (number.to_f64() * 1000.0).round() as i64), cell.value);
        let (lower, upper) = (of(Quality::Lower), of(Quality::Upper));
        assert_eq!(cell.interval.map(|of| of.low as f64 / 1000.0), lower);
        // The interval of a share is that of Fieller; where it is cut at what is possible nothing is said of the error.
        match lower.zip(upper) {
            Some((low, high)) if low > 0.0 && high < 1.0 => {
                let error = of(Quality::StandardError).unwrap();
                assert!((error * 2.0 * 1.96 / (high - low) - 1.0).abs() < 0.05, "{error} of {low} to {high}");
            }
            _ => assert_eq!(of(Quality::StandardError), None),
        }
    }
}

#[test]
fn a_cube_holds_each_row_once_and_time_last() {
    let pack = pack(&fixture::publication());
    for set in &pack.sets {
        let cube = Cube::of(set, "2026-11-30");
        assert_eq!(cube.len(), cube.dimensions.iter().map(|of| of.codes.len()).product::<usize>());
        assert_eq!((0..cube.len()).filter(|place| cube.has_row(*place)).count(), set.rows());
        assert_eq!(cube.dimensions.last().map(|of| (of.id.as_str(), of.codes.len())), Some((TIME, 1)), "{}", set.name);
        assert!((0..cube.len()).all(|place| cube.place(&cube.codes(place)) == place));
        let ids: Vec<&str> = cube.contents.iter().map(|of| of.id.as_str()).collect();
        assert!(ids.iter().any(|id| set.columns.iter().any(|column| column.name == *id)), "{ids:?}");
    }
    let region = Cube::of(pack.set("work_by_region").unwrap(), "x");
    assert_eq!(
        region.contents.iter().map(|of| of.id.as_str()).collect::<Vec<_>>(),
        ["work", "work_lower", "work_upper", "work_se"]
    );
    assert_eq!(region.dimensions[1].total, Some(2));
    // The region that stands for all is not crossed with the sexes.
    assert_eq!(region.dimensions[0].codes.len() * 3 - region.set.rows(), 2);
    assert!(!region.has_row(region.place(&[5, 0, 0])) && region.has_row(region.place(&[5, 2, 0])));
}

#[test]
fn rows_of_a_view_are_told_apart_by_what_it_takes() {
    let ids = |publication: &Publication| {
        let pack = pack(publication);
        let cube = Cube::of(pack.set("work_rate").unwrap(), "x");
        cube.dimensions.iter().map(|of| (of.id.clone(), of.codes.len())).collect::<Vec<_>>()
    };
    let time = (TIME.to_owned(), 1);
    let some = |cells: &'static [&'static str]| cells.iter().map(|cell| Some(*cell)).collect::<Vec<_>>();
    // A text beside a key that tells all apart is no dimension; beside one that does not, it is.
    let columns: &[(&str, &[&str])] = &[("sex", &["f", "m"]), ("word", &[]), ("n", &[])];
    let apart = view(columns, &[&some(&["f", "x", "1"]), &some(&["m", "x", "2"])]);
    assert_eq!(ids(&apart), [("sex".to_owned(), 2), time.clone()]);
    let words = view(columns, &[&some(&["f", "x", "1"]), &some(&["f", "y", "2"])]);
    assert_eq!(ids(&words), [("sex".to_owned(), 2), ("word".to_owned(), 2), time.clone()]);
    let alike = view(columns, &[&some(&["f", "x", "1"]), &some(&["f", "x", "2"])]);
    assert_eq!(ids(&alike), [("row".to_owned(), 2), time.clone()]);
    let empty = view(columns, &[&[Some("f"), None, Some("1")], &[None, None, Some("2")]]);
    assert_eq!(ids(&empty), [("sex".to_owned(), 3), time]);
    let pack = pack(&empty);
    assert_eq!(Cube::of(pack.set("work_rate").unwrap(), "x").dimensions[0].codes[2].code, NONE);
}

/// A code that begins with a zero is none of a number's forms: a county is no 1.
#[test]
fn a_code_without_a_list_keeps_its_zeros() {
    let rows = ["01", "10"].map(|code| [Some(code), Some("5")]);
    let publication = view(&[("county", &[]), ("n", &[])], &[&rows[0], &rows[1]]);
    let pack = pack(&publication);
    let set = pack.set("work_rate").unwrap();
    assert_eq!(set.keys().map(|(_, key)| (key.name.as_str(), key.text(0))).collect::<Vec<_>>(), [("county", Some("01"))]);
    assert_eq!(set.estimates().map(|(_, of)| of.name.as_str()).collect::<Vec<_>>(), ["n"]);
}

#[test]
fn texts_that_would_make_a_cube_without_end_are_numbered_rows() {
    let texts: Vec<[String; 3]> = (0..4200).map(|i| [(i % 2100).to_string() + "x", format!("t{i}"), "1".to_owned()]).collect();
    let rows: Vec<Vec<Option<&str>>> = texts.iter().map(|row| row.iter().map(|cell| Some(cell.as_str())).collect()).collect();
    let rows: Vec<&[Option<&str>]> = rows.iter().map(Vec::as_slice).collect();
    let pack = pack(&view(&[("a", &[]), ("b", &[]), ("n", &[])], &rows));
    let cube = Cube::of(pack.set("work_rate").unwrap(), "x");
    assert_eq!((cube.dimensions[0].id.as_str(), cube.len()), ("row", 4200));
    assert_eq!(cube.dimensions[0].codes[0].label.sv, "0x · t0", "named by their texts");
}

#[test]
fn names_and_labels_are_told_apart() {
    let some = |cells: &'static [&'static str]| cells.iter().map(|cell| Some(*cell)).collect::<Vec<_>>();
    let mut publication =
        view(&[("tid", &["a", "b"]), ("contentscode", &["x"]), ("n", &[])], &[&some(&["a", "x", "1"]), &some(&["b", "x", "2"])]);
    publication.views[0].columns[0].title = text("Version");
    publication.views[0].columns[0].codes[1].label = Text { sv: "A".to_owned(), en: "b".to_owned() };
    let pack = pack(&publication);
    let cube = Cube::of(pack.set("work_rate").unwrap(), "x");
    let named: Vec<_> = cube.dimensions.iter().map(|of| (of.id.as_str(), of.label.sv.as_str())).collect();
    assert_eq!(named, [("tid_", "Version (tid)"), ("contentscode_", "contentscode"), (TIME, "Version (Tid)")]);
    assert!(cube.dimensions.iter().all(|of| of.id != CONTENTS));
    let labels: Vec<_> = cube.dimensions[0].codes.iter().map(|of| [of.label.sv.as_str(), of.label.en.as_str()]).collect();
    assert_eq!(labels, [["a (a)", "a"], ["A (b)", "b"]]);
}

/// No program reads a dimension of no codes.
#[test]
fn a_key_without_codes_has_one_that_no_row_has() {
    let pack = pack(&fixture::publication());
    let mut set = pack.set("by_municipality").unwrap().clone();
    for column in &mut set.columns {
        match &mut column.values {
            Values::Codes { codes, cells } => (codes.clear(), cells.clear()).0,
            Values::Numbers { cells, .. } => cells.clear(),
            Values::Texts(cells) => cells.clear(),
        }
    }
    let cube = Cube::of(&set, "x");
    let codes: Vec<&str> = cube.dimensions[0].codes.iter().map(|code| code.code.as_str()).collect();
    assert_eq!((codes, cube.len(), cube.has_row(0)), (vec![NONE], 1, false));
}

#[test]
fn codes_and_contents_are_each_their_own() {
    let columns: &[(&str, &[&str])] = &[("sex", &["f", "none"]), ("n", &[]), ("n_lower", &[])];
    let rows: &[&[Option<&str>]] =
        &[&[Some("f"), Some("1"), Some("2")], &[None, Some("3"), Some("4")], &[Some("none"), Some("5"), None]];
    let mut publication = view(columns, rows);
    let end = || Some(("0".to_owned(), "9".to_owned()));
    publication.views[0].ends = rows.iter().map(|_| vec![None, end(), None]).collect();
    publication.views[0].possible = vec![None; 3];
    let pack = pack(&publication);
    let cube = Cube::of(pack.set("work_rate").unwrap(), "x");
    let codes: Vec<&str> = cube.dimensions[0].codes.iter().map(|code| code.code.as_str()).collect();
    assert_eq!(codes, ["f", "none", "none_"]);
    let ids: Vec<&str> = cube.contents.iter().map(|of| of.id.as_str()).collect();
    assert_eq!(ids, ["n", "n_lower", "n_upper", "n_lower_2"]);
    assert_eq!(cube.number(cube.place(&[2, 0]), 3).map(Number::as_str), Some("4"));
}

/// Writes what other programs are tried on: two releases of every format, on a site that says all there is to say.
#[test]
#[ignore = "writes files for other programs"]
fn files_for_clients() {
    let Some(folder) = std::env::var_os("UTFALL_CLIENT_FILES") else {
        panic!("name the folder to write into: UTFALL_CLIENT_FILES=/tmp/files (tests/clients/files.py reads them)")
    };
    let folder = std::path::Path::new(&folder);
    for mut publication in [fixture::publication(), fixture::awkward::publication()] {
        publication.description.formats = FORMATS.iter().map(|format| format.name().to_owned()).collect();
        let imprint = crate::Imprint { settings: &fixture::settings(), ..fixture::imprint() };
        crate::publish(&publication, &fixture::source(), imprint, folder).unwrap();
        crate::publish_site(imprint, folder).unwrap();
        latin(&publication, &folder.join(format!("{}-iso-8859-15", publication.description.name)));
    }
}

/// The same data sets as PX in the other encoding, with their CSV beside.
fn latin(publication: &Publication, folder: &std::path::Path) {
    let (pack, settings) = (Pack::of(publication, &fixture::source()), fixture::settings());
    std::fs::create_dir_all(folder).unwrap();
    for file in fixture::files_of_a_site(crate::format("csv").unwrap(), publication) {
        std::fs::write(folder.join(file.path), file.bytes).unwrap();
    }
    for set in &pack.sets {
        let cube = Cube::of(set, &pack.release.vintage());
        let selection = Selection::all(&cube);
        let excerpt = Excerpt { cube: &cube, selection: &selection, release: &pack.release, settings: &settings };
        std::fs::write(folder.join(format!("{}.px", set.name)), px::file(excerpt, px::Encoding::Latin9)).unwrap();
    }
}
