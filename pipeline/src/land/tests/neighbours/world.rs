//! A data directory of its own for each history, and what has landed in it, person by person.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::OnceLock;

use super::history::{PEOPLE, PROJECTS, number};
use crate::catalogue::schema::Catalogue;
use crate::keyzone::Key;
use crate::keyzone::identity::{Identifier, Identity, parse};
use crate::keyzone::pseudonym::{Pseudonym, Pseudonymiser};
use crate::land::Landing;
use crate::store::Store;
use crate::store::codec::Cell;
use crate::store::columns;
use crate::store::file::read;
use crate::store::stored::State;
use crate::upkeep::{erase, merge, rotate};

/// Rows as text, by whose they are; of nobody in particular under none.
pub(super) type Compared = BTreeMap<Option<usize>, Vec<String>>;

pub(super) struct World {
    folder: tempfile::TempDir,
    store: Store,
    /// Key parts are drawn by chance, so people are told by what each of them is under this world's key.
    runtime: tokio::runtime::Runtime,
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")).unwrap())
}

fn today() -> chrono::NaiveDate {
    utfall_ground::calendar::iso("2026-01-01").unwrap()
}

fn identity(who: usize) -> Identity {
    match parse(&number(who), today()) {
        Ok(Identifier::Number(identity)) => identity,
        other => panic!("{other:?}"),
    }
}

impl World {
    pub(super) fn new() -> Self {
        // Nothing of it need be on a disk.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
        std::fs::create_dir_all(&data).unwrap();
        let key = Key::create(&keys, &data).unwrap();
        let store = Store::create(&data, &keys, &key, "test", false).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { folder, store, runtime }
    }

    fn key(&self) -> Key {
        Key::read(self.store.zone(), self.store.root()).unwrap()
    }

    /// Lands lists in one call; gives what the sender of each is told.
    pub(super) fn land(&mut self, files: &[(String, String)]) -> Vec<(String, String)> {
        let write = |(name, text): &(String, String)| {
            let path = self.folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let paths: Vec<_> = files.iter().map(write).collect();
        let key = self.key();
        let periods = crate::catalogue::register::periods(catalogue()).unwrap();
        let landing = Landing::new(&self.store, &key, catalogue(), &periods, today());
        let reports = self.runtime.block_on(landing.land(&paths, |_| {})).unwrap();
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let told = |report: crate::land::FileReport| {
            let findings: Vec<String> =
                report.findings.iter().map(|finding| finding.shown(utfall_ground::text::Lang::En)).collect();
            (name(&report.path), format!("{:?} {:?} {findings:?}", report.outcome, report.difference))
        };
        reports.into_iter().map(told).collect()
    }

    pub(super) fn forget(&mut self, who: usize) {
        let unit = self.pseudonyms().person(&identity(who));
        let day = utfall_ground::calendar::Day::of(today());
        let order = erase::Order { people: &[unit.into()], project: None, reason: erase::Reason::Erasure, day };
        self.runtime.block_on(erase::erase(&self.store, catalogue(), &self.key(), order)).unwrap();
    }

    pub(super) fn alias(&mut self, old: usize, new: usize) {
        let [old, new] = [old, new].map(|who| Identifier::Number(identity(who)));
        let pairs = [merge::Replaced { line: 1, old, new }];
        self.runtime.block_on(merge::merge(&self.store, catalogue(), &self.key(), &pairs)).unwrap();
    }

    pub(super) fn rotate(&mut self) {
        self.runtime.block_on(rotate::rotate(&self.store, catalogue(), &self.key())).unwrap();
        self.store = self.store.again().unwrap();
    }

    fn pseudonyms(&self) -> Pseudonymiser {
        Pseudonymiser::new(&self.key(), self.store.domain(), self.store.aliases().unwrap())
    }

    fn people(&self) -> HashMap<Pseudonym, usize> {
        let (pseudonyms, mut people) = (self.pseudonyms(), HashMap::new());
        for who in 0..PEOPLE {
            match parse(&number(who), today()) {
                Ok(Identifier::Number(identity)) => drop(people.insert(pseudonyms.person(&identity), who)),
                Ok(Identifier::Provisional(number)) => {
                    people.extend(PROJECTS.map(|(project, ..)| (pseudonyms.provisional(&number, project).unit, who)));
                }
                _ => {}
            }
        }
        people
    }

    /// Every row that has landed, in every state, by whose it is.
    pub(super) fn rows(&self) -> Compared {
        let (people, mut rows) = (self.people(), Compared::new());
        for table in catalogue().private_tables() {
            let Some(pinned) = self.runtime.block_on(self.store.pin(table)).unwrap() else { continue };
            for stored in &pinned.stored {
                let Some(state) = State::named(&stored.state) else { continue };
                for batch in read(&pinned.folder.join(&stored.path), table, &columns::names(table), None).unwrap() {
                    for row in columns::rows(table, state, &batch.unwrap()).unwrap() {
                        let who = people.get(&row.unit).copied();
                        let cells: Vec<String> = row.cells.iter().map(shown).collect();
                        let beside = row.stored;
                        let numbers = (beside.month, beside.numbers, beside.frozen.began, beside.frozen.ended);
                        // A protected record has no place among others, and is in no period.
                        let numbers = who.map(|_| numbers);
                        rows.entry(who).or_default().push(format!("{} {state:?} {} {numbers:?}", table.name, cells.join(",")));
                    }
                }
            }
        }
        rows.values_mut().for_each(|rows| rows.sort());
        rows
    }
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Code(code) => code.to_string(),
        Cell::Date(day) => format!("d{day}"),
        Cell::Integer(n) => format!("n{n}"),
        Cell::Boolean(b) => b.to_string(),
    }
}

/// The rows of everybody else; those of nobody in particular apart.
pub(super) fn others(rows: &Compared, group: &BTreeSet<usize>) -> Compared {
    rows.iter().filter(|(who, _)| who.is_some_and(|who| !group.contains(&who))).map(|(who, rows)| (*who, rows.clone())).collect()
}

/// How many rows some have.
pub(super) fn of(rows: &Compared, group: &BTreeSet<usize>) -> usize {
    rows.iter().filter(|(who, _)| who.is_some_and(|who| group.contains(&who))).map(|(_, rows)| rows.len()).sum()
}

/// How many records of nobody in particular that count one world has that the other lacks, both ways.
pub(super) fn anonymous(a: &Compared, b: &Compared) -> [usize; 2] {
    let counted = |rows: &Compared| -> Vec<String> {
        rows.get(&None).into_iter().flatten().filter(|row| row.contains(" Anonymous ")).cloned().collect()
    };
    let lacking = |a: Vec<String>, mut b: Vec<String>| {
        a.into_iter().filter(|row| b.iter().position(|other| other == row).map(|at| b.swap_remove(at)).is_none()).count()
    };
    [lacking(counted(a), counted(b)), lacking(counted(b), counted(a))]
}

/// What one has and the other has not.
pub(super) fn difference(a: &Compared, b: &Compared) -> String {
    let lines = |rows: &Compared| -> BTreeSet<String> {
        rows.iter().flat_map(|(who, rows)| rows.iter().map(move |row| format!("{who:?} {row}"))).collect()
    };
    let (a, b) = (lines(a), lines(b));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>().join("\n  ");
    format!("only with:\n  {}\nonly without:\n  {}", only(&a, &b), only(&b, &a))
}
