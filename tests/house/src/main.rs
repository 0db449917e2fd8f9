//! Prints the order of the rooms and how many lines must be believed, as `pipeline/README.md` declares both, and fails where
//! the code is otherwise: an arrow that points up, a room that nobody listed, more lines than the ceiling.

mod lines;
mod rooms;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The most lines of code of the trusted core.
const CORE: usize = 2_650;
/// The most lines of code that are trusted beyond it, some 730 of them for data directories in buckets: there too an entry is put once.
const BEYOND: usize = 12_750;

fn main() -> ExitCode {
    let (told, wrong) = inspect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    told.iter().for_each(|line| println!("{line}"));
    wrong.iter().for_each(|line| eprintln!("error: {line}"));
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is told of the house, and what is wrong with it.
fn inspect(root: &Path) -> (Vec<String>, Vec<String>) {
    let readme = read(&root.join("pipeline/README.md"));
    let (mut told, mut wrong) = (Vec::new(), Vec::new());
    for (name, folder, prefix) in [("rooms", "pipeline/src", "crate::"), ("land", "pipeline/src/land", "crate::land::")] {
        let declared: Vec<&str> = block(&readme, name).iter().filter_map(|line| line.split_whitespace().next()).collect();
        told.push(format!("{name}, each using only those before it: {}", declared.join(", ")));
        wrong.extend(rooms::against(&declared, &rooms::arrows(&root.join(folder), prefix)));
    }
    let core = lines::of_all(&lines::sources(&root.join("pipeline/privacy/src")));
    told.push(format!("trusted core: {core} lines of code (at most {CORE})"));
    if core > CORE {
        wrong.push(format!("the trusted core has {core} lines of code, more than {CORE}"));
    }
    let (mut beyond, mut of) = (0, Vec::new());
    for line in block(&readme, "trusted") {
        let Some(name) = line.split_whitespace().next() else { continue };
        let path = root.join("pipeline").join(name);
        let sources: Vec<PathBuf> = if path.is_dir() { lines::sources(&path) } else { vec![path.clone()] };
        if sources.is_empty() || !sources.iter().all(|source| source.is_file()) {
            wrong.push(format!("pipeline/README.md trusts {name}, which is not there"));
            continue;
        }
        let count = lines::of_all(&sources);
        beyond += count;
        of.push(format!("  {count:>5}  {name}"));
    }
    told.push(format!("trusted beyond the core: {beyond} lines of code (at most {BEYOND})"));
    told.extend(of);
    if beyond > BEYOND {
        wrong.push(format!("{beyond} lines of code are trusted beyond the core, more than {BEYOND}"));
    }
    (told, wrong)
}

/// The lines of the block of a name in a page: between "```text NAME" and "```".
fn block<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let begin = format!("```text {name}");
    page.lines().skip_while(|line| *line != begin).skip(1).take_while(|line| !line.starts_with("```")).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_as_its_page_says() {
        let (told, wrong) = inspect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
        assert!(wrong.is_empty() && told.len() > 3, "{wrong:#?}");
    }

    #[test]
    fn an_arrow_that_points_up_and_a_room_without_a_place_are_found() {
        let arrow = |from: &str, to: &str| rooms::Arrow { from: from.into(), to: to.into(), file: "x.rs".into() };
        let arrows = [arrow("land", "store"), arrow("store", "land"), arrow("cellar", "store")];
        let wrong = rooms::against(&["store", "land"], &arrows);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].contains("store uses land") && wrong[1].contains("cellar"), "{wrong:?}");
    }
}
