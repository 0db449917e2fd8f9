//! What the targets partition: the repository's schemas, a day, and a whole list read from its bytes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;

use chrono::NaiveDate;

use crate::keyzone::{Aliases, Key};
use crate::land::accept::month::Month;
use crate::land::accept::said;
use crate::land::read::decode::{Fields, Splitter};
use crate::land::understand::mapping::{self, Saved};
use crate::land::finding::{Finding, ValidationRule, Severity};
use crate::land::understand::list::{self, Given, List};
use crate::land::understand::suggest;
use crate::store::codec::Packing;
use crate::settle::{Trial, Trials};
use crate::keyzone::pseudonym::Pseudonymiser;
use crate::land::validate::rows::{self, Heard, Rows};
use crate::land::validate::{Context, Validator};
use crate::catalogue::schema::Catalogue;
use utfall_ground::calendar::{Day, Days};
use utfall_ground::text::Lang;
use utfall_ground::visible::{is_dash, is_hidden, visible};

/// The repository's schemas.
pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(&repository().join("schemas")).unwrap());

/// First and last day of each project.
static PERIODS: LazyLock<HashMap<i16, Days>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_path(repository().join("schemas/register/project.csv")).unwrap();
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|h| h == name).unwrap();
    let (id, start, end) = (at("id"), at("start"), at("end"));
    let day = |text: &str| Day::of(utfall_ground::calendar::iso(text).unwrap());
    let period = |row: csv::StringRecord| (row[id].parse().unwrap(), Days { first: day(&row[start]), last: day(&row[end]) });
    reader.records().map(|row| period(row.unwrap())).collect()
});

static PSEUDONYMS: LazyLock<Pseudonymiser> = LazyLock::new(|| Pseudonymiser::new(&Key, "fuzz", Aliases::default()));

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The day to which centuries are inferred.
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

/// What the controller may have said beside a list.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub project: Option<i16>,
    pub month: bool,
    pub mapping: bool,
    pub threads: usize,
}

impl Default for Said {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Said {
    /// From the lowest bits of a byte.
    pub fn of(bits: u8) -> Self {
        let bit = |n: u8| bits >> n & 1 == 1;
        Self { project: bit(0).then_some(5), month: bit(1), mapping: bit(2), threads: 1 + usize::from(bit(3)) }
    }
}

/// A panic is a crash only in the program's own code: where foreign readers of workbooks panic, it is caught and the workbook
/// is damaged.
fn own_panics_only() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or("", std::panic::Location::file);
        if !place.contains("/registry/src/") {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}

/// A file of this process's own that holds the bytes.
pub fn file(bytes: &[u8]) -> PathBuf {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
        let folder = base.join(format!("utfall-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        own_panics_only();
        folder
    });
    let path = FOLDER.join("list.csv");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Opens the lists of a file and reads them to the last row; checks what every file is promised.
pub fn delivery(path: &Path, said: Said) {
    let saved: Saved = if said.mapping {
        toml::from_str("drop = [\"Namn\", \"Skonummer\"]\n[columns]\nNummer = \"participant\"\n\"När\" = \"start\"\n").unwrap()
    } else {
        Saved::default()
    };
    let month = said.month.then(|| Month::parse("2021-03").unwrap());
    let options = said::Said { month, projects: said.project.into_iter().collect(), part: false };
    let given = Given { catalogue: &CATALOGUE, saved: &saved, said: &options, threads: said.threads };
    let lists = match list::open(path, given) {
        Ok(lists) => lists,
        Err(broken) => {
            assert!(broken.iter().any(|(_, findings)| !findings.is_empty()), "refused without saying why");
            return broken.iter().flat_map(|(_, findings)| findings).for_each(silent);
        }
    };
    assert!(!lists.is_empty(), "neither lists nor a reason");
    for list in &lists {
        list.findings.iter().for_each(silent);
        list.inferred.iter().for_each(|one| Lang::ALL.iter().for_each(|lang| redacted(&one.shown(*lang))));
        match read(list, said) {
            Ok(rows) => {
                accounted(list, &rows);
                the_long_way(path, list, said, given, &rows);
            }
            Err(findings) => {
                assert!(!findings.is_empty(), "rejected without saying why");
                findings.iter().for_each(silent);
            }
        }
    }
    let _ = list::headings(path, &CATALOGUE, &saved).map(|headings| {
        let _ = mapping::propose(&headings, &CATALOGUE, &saved);
    });
}

fn read(list: &List<'_>, said: Said) -> Result<Rows, Vec<Finding>> {
    let forgotten = HashMap::new();
    let context = Context {
        catalogue: &CATALOGUE,
        pseudonyms: &PSEUDONYMS,
        forgotten: &forgotten,
        periods: &PERIODS,
        project: list.reading.project,
        accepted: &list.accepted,
        today: today(),
    };
    let (validator, packing) = (Validator::new(&list.reading.mapping, &context), Packing::of(list.reading.mapping.table));
    let mut rows = rows::rows(list, (&Trial::All, 0), &packing, &validator, said.threads, &AtomicU64::new(0))?;
    let mut trials = Trials::default();
    trials.add(Trial::All, 0);
    rows.place_anonymous(list.reading.mapping.table, &trials, &PSEUDONYMS);
    Ok(rows)
}

/// With a quotation mark among its headings, every row of the same list goes the long way, and is the same row.
fn the_long_way(path: &Path, list: &List<'_>, said: Said, given: Given<'_>, rows: &Rows) {
    let bytes = std::fs::read(path).unwrap();
    let Ok(text) = std::str::from_utf8(&bytes) else { return };
    let at = usize::try_from(list.reading.heading_row - 1).unwrap();
    let Some(heading) = text.lines().nth(at) else { return };
    let Some((first, others)) = heading.split_once(char::from(list.reading.separator)) else { return };
    let lines_are_plain = !text.replace("\r\n", "\n").contains(['\r', '\u{feff}', '\u{1f}', '"', '\0']);
    if list.sheet.is_some() || !lines_are_plain || first.trim() != first {
        return;
    }
    let from = heading.as_ptr().addr() - text.as_ptr().addr();
    let (before, after) = (&text[..from], &text[from + heading.len()..]);
    let quoted = format!("{before}\"{first}\"{}{others}{after}", char::from(list.reading.separator));
    let other = path.with_extension("quoted.csv");
    std::fs::write(&other, quoted).unwrap();
    let lists = list::open(&other, given).unwrap();
    let long = read(&lists[0], said).unwrap();
    let packed = |rows: &Rows| {
        let mut all: Vec<Vec<u8>> = rows.partitions.rows().map(<[u8]>::to_vec).collect();
        all.sort_unstable();
        all
    };
    assert!(packed(rows) == packed(&long), "the short way gives other rows");
    let (rows, long) = (&rows.told, &long.told);
    assert_eq!(rows.findings, long.findings);
    let counts = |told: &Heard| [told.valid, told.excluded, told.aside.len(), told.left_out];
    assert_eq!(counts(rows), counts(long));
}

/// Every row with a value is valid, excluded, set aside or left out, or the report says that it is none.
fn accounted(list: &List<'_>, rows: &Rows) {
    let told = &rows.told;
    told.findings.iter().for_each(silent);
    suggest::findings(list, &CATALOGUE, &told.misspelt).iter().for_each(silent);
    let none = told.findings.iter().map(|finding| match (&finding.rule, finding.severity) {
        // Texts that may be all that is left of a table: the rows that are listed are set aside.
        (ValidationRule::Footer, Severity::SetAside) => finding.more,
        (ValidationRule::TotalsRow | ValidationRule::HeadingsRepeated | ValidationRule::Footer, _) => 1 + finding.more,
        _ => 0,
    });
    let none = usize::try_from(none.sum::<u64>()).unwrap();
    let accounted = told.valid + told.excluded + told.aside.len() + told.left_out + none;
    assert_eq!(accounted, written(list), "rows vanished, or are told of twice");
    // Of whom another row says that the consent is withdrawn, no row lands, nor a registration by mistake.
    let lost = told.valid + told.excluded - rows.withdrawn.len() - rows.partitions.rows().count();
    let refused = told.findings.iter().filter(|finding| finding.rule == ValidationRule::ConsentRefused).count();
    let mistaken = if rows.withdrawn.is_empty() { 0 } else { told.excluded - rows.withdrawn.len() - refused };
    assert!((refused..=refused + mistaken).contains(&lost), "rows were lost on the way");
}

/// How many rows below the headings have a value.
fn written(list: &List<'_>) -> usize {
    let (mut bytes, mut row, mut written) = (Vec::new(), 0, 0);
    for piece in 0..list.source.pieces() {
        list.source.read(piece, &mut bytes).unwrap();
        let text = list.reading.encoding.text(&bytes).unwrap();
        let text = visible(&text);
        let (mut fields, mut splitter) = (Fields::default(), Splitter::new(text.as_bytes(), list.reading.separator));
        let before = row;
        while let Some(split) = splitter.next(&mut fields) {
            split.unwrap();
            row += 1;
            written += usize::from(row > list.reading.heading_row && !fields.is_blank());
        }
        assert_eq!(row - before, list.survey.lines[piece], "rows are numbered by how many each piece has");
    }
    written
}

/// What a finding says, in both languages, holds no identity number.
fn silent(finding: &Finding) {
    Lang::ALL.iter().for_each(|lang| redacted(&finding.shown(*lang)));
}

/// No ten digits stand in a row, however they are set apart.
pub fn redacted(text: &str) {
    let mut digits = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => digits += 1,
            '-' | '+' => {}
            c if c.is_whitespace() || is_dash(c) || is_hidden(c) => {}
            _ => digits = 0,
        }
        assert!(digits < 10, "ten digits in a row are shown");
    }
}
