use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::tempdir;

use super::*;
use crate::fixture;

/// Publishes without a source, which is the command line's to know.
fn publish(publication: &Publication, out: &Path) -> Result<Published, PublishError> {
    let published = super::publish(publication, &Source::default(), fixture::imprint(), out)?;
    let listed = publish_site(fixture::imprint(), out)?;
    Ok(Published { changed: published.changed || listed, ..published })
}

fn collected(publication: &Publication) -> Result<Files, PublishError> {
    collect(publication, &Source::default(), &Settings::default())
}

/// Every path below a folder with its inode and time of change.
pub(super) fn state(folder: &Path) -> Vec<(PathBuf, u64, SystemTime)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::symlink_metadata(&path).unwrap();
            if data.is_dir() {
                folders.push(path.clone());
            }
            found.push((path, data.ino(), data.modified().unwrap()));
        }
    }
    found.sort();
    found
}

fn folders(out: &Path) -> Vec<String> {
    let entries = fs::read_dir(out.join(".releases")).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "lock" && !name.starts_with('.'))
        .collect()
}

#[test]
fn every_file_of_every_format_is_there() {
    let out = tempdir().unwrap();
    let published = publish(&fixture::publication(), out.path()).unwrap();
    assert_eq!(published.page, out.path().join("outcomes/index.html"));
    assert_eq!((published.files, published.changed), (7 + 2 * 11, true));
    for file in [
        "index.html",
        "en.html",
        "description.json",
        "certificate.json",
        "source.json",
        "datasets.json",
        "SHA256SUMS",
        "by_project.csv",
        "work_rate.csv-metadata.json",
    ] {
        assert!(out.path().join("outcomes").join(file).is_file(), "{file}");
    }
    let front = fs::read_to_string(out.path().join("index.html")).unwrap();
    assert!(front.contains(r#"<a href="outcomes/index.html">Utfall i fem projekt</a>"#));
    let front = fs::read_to_string(out.path().join("en.html")).unwrap();
    assert!(front.contains(r#"<a href="outcomes/en.html">Outcomes of five projects</a>"#));
}

#[test]
fn what_pages_offer_for_download_is_there() {
    let mut publication = fixture::publication();
    publication.description.formats = FORMATS.iter().map(|format| format.name().to_owned()).collect();
    let files = collected(&publication).unwrap();
    let stems = publication.tables.iter().map(|table| &table.name).chain(publication.views.iter().map(|view| &view.name));
    for stem in stems {
        for offered in FORMATS.iter().flat_map(|format| format.downloads(stem)) {
            assert!(files.0.contains_key(Path::new(&offered)), "{offered}");
        }
    }
}

#[test]
fn publishing_again_touches_nothing() {
    let out = tempdir().unwrap();
    assert!(publish(&fixture::publication(), out.path()).unwrap().changed);
    let before = state(out.path());
    assert!(!publish(&fixture::publication(), out.path()).unwrap().changed);
    assert_eq!(state(out.path()), before);
}

#[test]
fn the_bytes_depend_on_the_publication_alone() {
    let (one, two) = (collected(&fixture::publication()).unwrap(), collected(&fixture::publication()).unwrap());
    assert_eq!(one.0, two.0);
    let (here, there) = (tempdir().unwrap(), tempdir().unwrap());
    publish(&fixture::publication(), here.path()).unwrap();
    publish(&fixture::publication(), there.path()).unwrap();
    assert_eq!(folders(here.path()), folders(there.path()));
}

/// The example with another first number.
fn numbered(number: i64) -> Publication {
    let mut publication = fixture::publication();
    publication.tables[0].values[0] = Some(number);
    publication
}

#[test]
fn a_new_release_replaces_the_old_and_leaves_no_rest() {
    let out = tempdir().unwrap();
    publish(&fixture::publication(), out.path()).unwrap();
    let old = folders(out.path());
    fs::create_dir_all(out.path().join(".releases/outcomes-0123456789abcdef.tmp-1/inner")).unwrap();
    fs::create_dir_all(out.path().join(".releases/outcomes-0123456789abcdef")).unwrap();
    fs::create_dir_all(out.path().join(".releases/other-0123456789abcdef")).unwrap();
    assert!(publish(&numbered(1000), out.path()).unwrap().changed);
    let new = folders(out.path());
    assert_eq!(new.len(), 3, "{new:?}");
    assert!(new.contains(&"other-0123456789abcdef".to_owned()) && new.contains(&old[0]));
    assert!(fs::read_to_string(out.path().join("outcomes/by_project.csv")).unwrap().contains(",10"));
}

#[test]
fn a_reader_of_what_was_published_before_finds_its_files_until_the_next_time() {
    let out = tempdir().unwrap();
    // The folder that a reader is in, whatever the link says by now.
    let reads = |publication: &Publication| {
        publish(publication, out.path()).unwrap();
        let folder = fs::canonicalize(out.path().join("outcomes")).unwrap();
        (fs::read(folder.join("by_project.csv")).unwrap(), folder)
    };
    let there = |(bytes, folder): &(Vec<u8>, PathBuf)| fs::read(folder.join("by_project.csv")).is_ok_and(|found| found == *bytes);
    let first = reads(&fixture::publication());
    let second = reads(&numbered(1000));
    // The same once more is no publication that would end the one before.
    publish(&numbered(1000), out.path()).unwrap();
    assert!(there(&first) && there(&second));
    let third = reads(&numbered(2000));
    assert!(!first.1.exists() && there(&second) && there(&third));
    // Back to what is still there.
    let again = reads(&numbered(1000));
    assert_eq!(again, second);
    assert!(there(&third) && folders(out.path()).len() == 2);
    let mut other = fixture::publication();
    other.description.name = "other".to_owned();
    publish(&other, out.path()).unwrap();
    assert!(there(&again) && there(&third), "each release has its own");
}

#[test]
fn a_failing_write_leaves_the_old_release_visible() {
    let out = tempdir().unwrap();
    publish(&fixture::publication(), out.path()).unwrap();
    let before = state(&out.path().join("outcomes"));
    let mut files = collected(&fixture::publication()).unwrap();
    files.add(PathBuf::from("by_project.csv/below"), vec![1]).unwrap();
    let shelf = Shelf::open(out.path()).unwrap();
    assert!(matches!(shelf.put("outcomes", &files), Err(PublishError::Io(_, _))));
    assert_eq!(state(&out.path().join("outcomes")), before);
    assert_eq!(folders(out.path()).len(), 1, "nothing half written remains");
}

#[test]
fn a_damaged_folder_is_replaced() {
    let out = tempdir().unwrap();
    publish(&fixture::publication(), out.path()).unwrap();
    let damaged = folders(out.path());
    fs::write(out.path().join("outcomes/by_project.csv"), "nonsense").unwrap();
    assert!(publish(&fixture::publication(), out.path()).unwrap().changed);
    assert!(fs::read_to_string(out.path().join("outcomes/by_project.csv")).unwrap().starts_with("project,"));
    assert_eq!(folders(out.path()), [format!("{}.1", damaged[0])]);
    assert!(!publish(&fixture::publication(), out.path()).unwrap().changed);
}

#[test]
fn what_is_in_the_way_is_left_alone() {
    let out = tempdir().unwrap();
    fs::create_dir_all(out.path().join("outcomes")).unwrap();
    fs::write(out.path().join("outcomes/mine"), "mine").unwrap();
    assert!(matches!(publish(&fixture::publication(), out.path()), Err(PublishError::Taken(_))));
    assert_eq!(fs::read(out.path().join("outcomes/mine")).unwrap(), b"mine");
}

#[test]
fn two_writers_and_a_reader() {
    let out = tempdir().unwrap();
    publish(&fixture::publication(), out.path()).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let out = out.path();
            scope.spawn(move || {
                for round in 0..10 {
                    let mut publication = fixture::publication();
                    publication.tables[0].values[0] = Some(1000 * (writer + 1) + round);
                    publish(&publication, out).unwrap();
                }
            });
        }
        for _ in 0..200 {
            // A reader who holds the folder for a while may see it go, as with any replacement, but never half of it.
            let json = fs::read(out.path().join("outcomes").join(DESCRIPTION));
            assert!(json.is_err() || crate::Description::from_json(&json.unwrap()).is_ok());
            assert!(out.path().join("outcomes").is_symlink());
        }
    });
    assert_eq!(folders(out.path()).len(), 2);
}

#[test]
fn several_releases_are_listed() {
    let out = tempdir().unwrap();
    publish(&fixture::publication(), out.path()).unwrap();
    let mut publication = fixture::publication();
    publication.description.name = "a-second".to_owned();
    publication.description.title.sv = "<Andra>".to_owned();
    publication.description.formats = vec!["csv".to_owned()];
    let published = publish(&publication, out.path()).unwrap();
    assert_eq!(published.page, out.path().join("a-second"));
    let front = fs::read_to_string(out.path().join("index.html")).unwrap();
    assert!(front.contains(r#"<a href="a-second/">&lt;Andra&gt;</a>"#) && front.contains("outcomes/index.html"));
}

#[test]
fn unknown_formats_and_wild_paths_are_refused() {
    let mut publication = fixture::publication();
    publication.description.formats.push("pdf".to_owned());
    let error = collected(&publication).unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with("there is no format \"pdf\"; the formats are html, csv"), "{said}");
    assert!(FORMATS.iter().all(|format| said.contains(format.name())), "{said}");
    for path in ["", "/etc/passwd", "../x", "a/../b", "./"] {
        assert!(Files::default().add(PathBuf::from(path), Vec::new()).is_err(), "{path}");
    }
    publication.description.formats = vec!["csv".to_owned(), "csv".to_owned()];
    assert!(matches!(collected(&publication), Err(PublishError::Path(_))));
}

/// Whoever may write in the folder may put a link where the lock is.
#[test]
fn the_lock_is_a_file_of_our_own() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (out, place) = (tempdir().unwrap(), tempdir().unwrap());
    publish(&fixture::publication(), out.path()).unwrap();
    let (secret, lock) = (place.path().join("secret"), out.path().join(".releases/lock"));
    fs::write(&secret, "").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    fs::remove_file(&lock).unwrap();
    symlink(&secret, &lock).unwrap();
    assert!(matches!(publish(&fixture::publication(), out.path()), Err(PublishError::Io(path, _)) if path == lock));
    assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    fs::remove_file(&lock).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&lock).status().unwrap().success());
    assert!(publish(&fixture::publication(), out.path()).is_err());
    fs::remove_file(&lock).unwrap();
    publish(&fixture::publication(), out.path()).unwrap();
}
