//! Made-up participants for the registered projects: the lists as such projects send them.
//!
//! The people are official test identity numbers, the published facts of each project hold exactly (how many took
//! part, how many reached work), and everything else is drawn. The same seed gives the same bytes on every platform.
//!
//! Takes a seed and a folder; gives lists as files. It may not see a store or a key. Start reading at [`write()`].

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use self::draw::Draw;
use self::person::Person;
use self::register::Entry;
use self::sheet::Sheet;

mod after;
mod asap;
mod day;
mod draw;
mod fler_i_arbete;
mod nystart;
mod person;
mod progress;
mod register;
mod sheet;
mod traning;

#[cfg(test)]
mod tests;

/// A project that sends lists: its slug in the register, how many took part, and how its lists are made.
struct Project {
    slug: &'static str,
    people: usize,
    sheets: fn(Vec<Person>, &Entry, &mut Draw) -> Vec<Sheet>,
}

/// The projects that have participants of their own.
const PROJECTS: [Project; 5] = [traning::PROJECT, progress::PROJECT, nystart::PROJECT, fler_i_arbete::PROJECT, asap::PROJECT];

/// How many people took part in several projects, one after the other: the periods of these projects never overlap.
const RETURNS: [(&[&Project], usize); 8] = [
    (&[&traning::PROJECT, &nystart::PROJECT, &progress::PROJECT], 2),
    (&[&traning::PROJECT, &fler_i_arbete::PROJECT, &progress::PROJECT], 2),
    (&[&nystart::PROJECT, &asap::PROJECT, &progress::PROJECT], 1),
    (&[&traning::PROJECT, &nystart::PROJECT], 5),
    (&[&traning::PROJECT, &progress::PROJECT], 5),
    (&[&nystart::PROJECT, &asap::PROJECT], 4),
    (&[&fler_i_arbete::PROJECT, &progress::PROJECT], 6),
    (&[&asap::PROJECT, &progress::PROJECT], 5),
];

/// Writes one list per project and table into `dir`, which is created if need be, and names the files written.
///
/// Each file appears whole or not at all, and replaces an older one of the same name.
///
/// # Errors
/// If the directory or a file in it cannot be written.
pub fn write(dir: &Path, seed: u64) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(dir)?;
    sheets(seed).iter().map(|sheet| sheet.write(dir)).collect()
}

/// All lists of all projects. Each project draws from a generator of its own, so one can change without the others.
fn sheets(seed: u64) -> Vec<Sheet> {
    let mut draw = Draw::new(seed);
    let mut cast = cast(&mut draw);
    let mut sheets = Vec::new();
    for project in &PROJECTS {
        let people = cast.remove(project.slug).unwrap_or_default();
        sheets.extend((project.sheets)(people, &Entry::of(project.slug), &mut draw.fork()));
    }
    sheets
}

/// Deals the test people to the projects: first those who come back, then one by one in a mixed order, so that no
/// project is left with the ages that the others did not want.
fn cast(draw: &mut Draw) -> BTreeMap<&'static str, Vec<Person>> {
    let mut pool = person::pool(draw);
    draw.shuffle(&mut pool);
    let mut cast: BTreeMap<&str, Vec<Person>> = BTreeMap::new();
    for (projects, count) in RETURNS {
        for _ in 0..count {
            let person = take(&mut pool, projects);
            for project in projects {
                cast.entry(project.slug).or_default().push(person.clone());
            }
        }
    }
    let lacking = PROJECTS.each_ref().map(|project| {
        let returning = cast.get(project.slug).map_or(0, Vec::len);
        (project, project.people - returning)
    });
    for project in draw.deck(&lacking) {
        let person = take(&mut pool, &[project]);
        cast.entry(project.slug).or_default().push(person);
    }
    cast.values_mut().for_each(|people| draw.shuffle(people));
    cast
}

/// Takes the first person who is of working age throughout these projects out of the pool.
fn take(pool: &mut Vec<Person>, projects: &[&Project]) -> Person {
    let fits = |person: &Person, entry: &Entry| person.age(entry.start) >= 16 && person.age(entry.end) <= 64;
    let entries: Vec<Entry> = projects.iter().map(|project| Entry::of(project.slug)).collect();
    let place =
        pool.iter().position(|person| entries.iter().all(|entry| fits(person, entry))).expect("a test person of working age");
    pool.remove(place)
}
