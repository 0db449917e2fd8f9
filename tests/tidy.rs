//! What is not needed any longer is not kept: files that corrections replaced, what killed processes left, what withdrawn rows
//! said.

use std::path::PathBuf;

use crate::cases::filled;
use crate::corrections::rows;
use crate::world::{World, files};

fn parts(world: &World) -> Vec<PathBuf> {
    let all = files(&world.path("data/landed"));
    all.into_iter().filter(|path| path.extension().is_some_and(|x| x == "parquet")).collect()
}

fn land(world: &World, name: &str, month: &str, rows: &[&str]) {
    let text = format!("Projekt;Personnr;Startdatum;Slutdatum;Kön;Resultat\n{}\n", rows.join("\n"));
    let path = world.write(name, filled(text.as_bytes()));
    world.ok(&["land", "--project", "progress", "--month", month, &path]);
}

#[test]
fn small_deliveries_leave_no_file_that_no_version_has() {
    let world = World::new("10");
    for month in 2..=9 {
        let row = format!("PROGRESS;{{{month}}};2021-0{month}-01;;;");
        land(&world, &format!("{month}.csv"), &format!("2021-0{month}"), &[row.as_str()]);
        assert_eq!(parts(&world).len(), 1, "month {month}: {:?}", parts(&world));
    }
    // What a killed landing wrote and nobody committed goes with the next.
    let left = parts(&world)[0].with_file_name("part-0123-4567.parquet");
    std::fs::copy(&parts(&world)[0], &left).unwrap();
    let again = world.text("9.csv");
    world.ok(&["land", "--project", "progress", "--month", "2021-09", &again]);
    assert_eq!((parts(&world).len(), left.exists()), (1, false));
}

#[test]
fn a_withdrawn_row_keeps_its_name_and_numbers_and_nothing_that_it_said() {
    let world = World::new("10");
    let [stays, goes] = ["PROGRESS;{0};2021-02-01;2021-05-01;Kvinna;Arbete", "PROGRESS;{1};2021-02-02;2021-05-02;Man;Studier"];
    land(&world, "a.csv", "2021-02", &[stays, goes]);
    let columns = ["participant", "project", "start", "end", "sex", "exit_state", "contribution", "entry"];
    let before = rows(&world, "participation", "current", &columns);
    assert!(before.len() == 2 && before.iter().any(|row| row.contains("2021-05-02")), "{before:?}");
    land(&world, "b.csv", "2021-02", &[stays]);
    let left = rows(&world, "participation", "withdrawn", &columns);
    assert_eq!(
        left.iter().map(|row| row.split(';').skip(2).collect::<Vec<_>>().join(";")).collect::<Vec<_>>(),
        ["2021-02-02;;;;1;1"]
    );
    // Reported once more it is what it is said to be now, under the number that it had.
    land(&world, "c.csv", "2021-02", &[stays, &goes.replace("Studier", "Arbete")]);
    let after = rows(&world, "participation", "current", &columns);
    assert_eq!((after.len(), rows(&world, "participation", "withdrawn", &columns).len()), (2, 0), "{after:?}");
    assert!(after.iter().any(|row| row.contains("2021-05-02") && row.ends_with(";1;1")), "{after:?}");
}
