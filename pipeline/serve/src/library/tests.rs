use utfall_publish::dataset::{Column, Values};

use super::*;
use crate::fixture::{Site, by_project, get, numbers, pack};

fn read(site: &Site, before: &Library) -> Library {
    Library::read(site.out.path(), Seen::now(site.out.path()).unwrap(), before)
}

fn ids(library: &Library) -> Vec<&str> {
    library.tables().map(|(_, table)| table.id.as_str()).collect()
}

#[tokio::test]
async fn a_new_release_is_seen_whole_and_at_once() {
    let site = Site::new();
    let router = site.router();
    let updated = async || get(&router, "/api/v2/tables/work.by_project").await.json()["updated"].clone();
    assert_eq!(updated().await, "2026-11-30T00:53:20Z");
    let mut new = pack("work");
    new.release.made = Some(Moment(1_796_000_060));
    site.publish("work", "fedcba9876543210", &new);
    assert_eq!(updated().await, "2026-11-30T00:54:20Z");
    std::fs::remove_file(site.at("work")).unwrap();
    assert_eq!(get(&router, "/api/v2/tables/work.by_project").await.problem(), (404, "Non-existent table".to_owned()));
}

#[test]
fn what_cannot_be_read_leaves_what_was_there() {
    let site = Site::new();
    let first = read(&site, &Library::default());
    assert_eq!(ids(&first), ["work.by_project", "work.by_quarter"]);
    assert!(first.table("WORK.By_Project").is_some() && first.is_of(&Seen::now(site.out.path()).unwrap()));
    site.publish("work", "00000000000000aa", &pack("work"));
    let file = site.at(".releases/work-00000000000000aa/datasets.json");
    for damaged in ["", "{}", &String::from_utf8(pack("other").to_json().unwrap()).unwrap()] {
        std::fs::write(&file, damaged).unwrap();
        assert_eq!(ids(&read(&site, &first)), ["work.by_project", "work.by_quarter"]);
        assert!(ids(&read(&site, &Library::default())).is_empty());
    }
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &file).unwrap();
    assert!(ids(&read(&site, &Library::default())).is_empty(), "a link leads nowhere");
    std::fs::remove_file(&file).unwrap();
    assert!(ids(&read(&site, &first)).is_empty(), "a release without data sets has no tables");
}

/// A set that no cube can be made of is left out, and nothing else.
#[test]
fn a_data_set_that_is_wrong_is_left_out() {
    let broken: [fn(&mut DataSet); 6] = [
        |set| set.columns[2].values = numbers(&[Some(1)]),
        |set| {
            let Values::Codes { cells, .. } = &mut set.columns[0].values else { panic!() };
            cells[0] = Some(99);
        },
        |set| {
            let Values::Codes { codes, .. } = &mut set.columns[0].values else { panic!() };
            codes[1] = codes[0].clone();
        },
        |set| set.columns.truncate(2),
        |set| set.name = "../x".to_owned(),
        |set| {
            // Keys of three codes each, of which there are too many together.
            let key = set.columns[0].clone();
            set.columns.extend((0..12).map(|at| Column { name: format!("key_{at}"), ..key.clone() }));
        },
    ];
    for (at, change) in broken.into_iter().enumerate() {
        let mut set = by_project();
        change(&mut set);
        assert!(
            fit::check(&set).is_err() || fit::with_numbers(Table::of(&pack("work").release, &set, 0, false)).is_err(),
            "{at}"
        );
    }
    assert!(fit::check(&by_project()).is_ok());
}

#[test]
fn numbers_add_up_only_where_the_certificate_says_so() {
    let row = |rule: &str, kind: &str, rows: u32| {
        let inputs = [serde_json::json!({ "rule": "scan-private", "inputs": [] })];
        let input = serde_json::json!({ "rule": rule, "d_out": { "per_contribution": rows }, "inputs": inputs });
        serde_json::json!({ "by_project": { "crossing": { "measure": { "kind": kind } }, "input": input } })
    };
    let set = by_project();
    assert!(sums::add_up(&set, &row("filter", "count", 1)) && sums::add_up(&set, &row("join", "sum", 1)));
    for wrong in [
        row("filter", "distinct-units", 1),
        row("group-by-unit", "count", 1),
        row("union", "count", 1),
        row("filter", "count", 2),
        row("filter", "split", 1),
        serde_json::Value::Null,
    ] {
        assert!(!sums::add_up(&set, &wrong), "{wrong}");
    }
    let certificate = row("filter", "count", 1);
    let changes: [fn(&mut DataSet); 4] = [
        |set| set.computed = true,
        |set| set.method["threshold"] = 90.into(),
        |set| set.method["formula"]["kind"] = "mean".into(),
        |set| set.columns[1].role = utfall_publish::dataset::Role::Public,
    ];
    for change in changes {
        let mut set = by_project();
        change(&mut set);
        assert!(!sums::add_up(&set, &certificate));
    }
}
