//! One changed bit in any file of a store in which everything has happened: it is found, or nothing comes of it.

use super::*;

/// What is done with a store: to look at it, to land what is known and what is not, to publish again, to release.
const DEEDS: [&[&str]; 5] =
    [&["status"], &["land", "progress-2021-03.csv"], &["publish"], &["land", "news/progress-2021-04.csv"], &["release"]];

/// What comes of all of it, until something fails.
fn tried(world: &World) -> Result<(Vec<String>, Kept), Said> {
    let mut out = Vec::new();
    for arguments in DEEDS {
        let said = run(world, arguments);
        if said.code != 0 {
            return Err(said);
        }
        // Noise is drawn anew by what is released.
        if arguments != ["release"] {
            out.push(said.out.replace(&world.folder.path().display().to_string(), ""));
        }
    }
    Ok((out, Kept::of(world)))
}

#[test]
fn a_changed_bit_is_found_or_nothing_comes_of_it() {
    let mut chance = chance(13);
    let whole = rich();
    let expected = tried(&whole).unwrap();
    let template = rich();
    let is_private = |path: &PathBuf| path.starts_with(template.path("data")) || path.starts_with(template.path("keys"));
    let is_kept = |path: &PathBuf| !path.starts_with(template.path("data/log")) && path.metadata().unwrap().len() > 0;
    let all: Vec<PathBuf> = files(template.folder.path()).into_iter().filter(|p| is_private(p) && is_kept(p)).collect();
    let (mut found, mut harmless) = (0, Vec::new());
    // A few files here, each of them as often as is said in an audit.
    let picked: Vec<&PathBuf> = match std::env::var_os("UTFALL_AUDIT_CAMPAIGN") {
        None => (0..12).map(|_| &all[chance.below(all.len())]).collect(),
        Some(_) => all.iter().flat_map(|path| std::iter::repeat_n(path, rounds(1).div_ceil(10))).collect(),
    };
    for path in picked {
        let world = rich();
        let name = path.strip_prefix(template.folder.path()).unwrap();
        let mut bytes = std::fs::read(path).unwrap();
        let (at, bit) = (chance.below(bytes.len()), chance.below(8));
        bytes[at] ^= 1 << bit;
        std::fs::write(world.path(&name.display().to_string()), bytes).unwrap();
        match tried(&world) {
            Err(said) => {
                let place = format!("bit {bit} of byte {at} of {}: {said:?}", name.display());
                assert!(said.code == 5, "{place}");
                found += 1;
            }
            Ok(outcome) => {
                assert_eq!(outcome, expected, "bit {bit} of byte {at} of {}", name.display());
                harmless.push(name.display().to_string());
            }
        }
    }
    harmless.sort();
    harmless.dedup();
    println!("bits: {found} were found; nothing came of those in {harmless:?}");
    assert!(found > 0);
}
