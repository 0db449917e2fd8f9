//! What a delivery really looks like: each case with its list, everything that is said of it in both languages, and what
//! has landed. What is said is compared as a whole, so that nothing more is said either.

mod files;
mod people;
mod read;
mod said;
mod times;
mod values;
mod withdrawn;
mod words;
mod workbooks;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use arrow::array::{Array as _, AsArray as _};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::leaks::numbers;
use crate::world::{World, copy, files as files_below, repository, said};

/// The values of lists that what is said may hold too: the error of a spreadsheet that the rule itself names.
const NAMED_BY_RULES: [&str; 1] = ["#SAKNAS!"];

/// Two stores that take in the same lists: one is spoken of in Swedish, one in English.
struct Place {
    worlds: [World; 2],
    home: PathBuf,
}

/// What was printed of a landing.
struct Heard {
    code: i32,
    out: [String; 2],
}

impl Place {
    fn new() -> Self {
        let worlds = [World::new("10"), World::empty()];
        ["data", "keys"].iter().for_each(|name| copy(&worlds[0].path(name), &worlds[1].path(name)));
        Self { worlds, home: repository() }
    }

    /// With a text in one of the schemas changed.
    fn with(file: &str, from: &str, to: &str) -> Self {
        let place = Self::new();
        let home = place.worlds[0].path("home");
        copy(&repository().join("schemas"), &home.join("schemas"));
        let file = home.join("schemas").join(file);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(file, text.replace(from, to)).unwrap();
        Self { home, ..place }
    }

    /// Lands lists of `tests/cases`.
    fn land(&self, lists: &[&str]) -> Heard {
        self.land_with(&[], lists)
    }

    fn land_with(&self, options: &[&str], lists: &[&str]) -> Heard {
        let lists: Vec<(&str, Vec<u8>)> = lists.iter().map(|name| (*name, filled(&fixture(name)))).collect();
        self.land_bytes(options, &lists)
    }

    /// Lands lists; none of their cells is printed, nor an identity number in any spelling.
    fn land_bytes(&self, options: &[&str], lists: &[(&str, Vec<u8>)]) -> Heard {
        let said = [(&self.worlds[0], "sv"), (&self.worlds[1], "en")].map(|(world, lang)| {
            lists.iter().for_each(|(name, bytes)| drop(world.write(name, bytes)));
            let names: Vec<&str> = lists.iter().map(|(name, _)| *name).collect();
            let arguments = [&["land", "--lang", lang], options, &names].concat();
            let mut command = world.command(&arguments);
            said(command.env("UTFALL_HOME", &self.home).current_dir(world.folder.path()).output().unwrap())
        });
        for said in &said {
            let printed = format!("{}{}", said.out, said.err);
            for (_, bytes) in lists.iter().filter(|(name, _)| name.ends_with(".csv")) {
                assert_eq!(echoed(&printed, &String::from_utf8_lossy(bytes)), None, "{printed}");
            }
            assert!(!holds_number(&printed), "{printed}");
            assert_eq!(said.code == 0, said.err.is_empty(), "{said:?}");
        }
        assert_eq!(said[0].code, said[1].code, "{said:?}");
        Heard { code: said[0].code, out: said.map(|said| said.out) }
    }

    /// Some columns of the rows of a table with a state, as sorted lines. A code stands as its code, a person as a letter.
    #[track_caller]
    fn has_landed(&self, table: &str, state: &str, columns: &[&str], lines: &[&str]) {
        for world in &self.worlds {
            assert_eq!(landed(&world.path("data/landed").join(table), state, columns), lines, "{table}, {state}");
        }
    }
}

impl Heard {
    /// How the program ended, and every line it printed. The indentation of the first line is not part of them.
    #[track_caller]
    fn says(&self, code: i32, sv: &str, en: &str) {
        for (out, expected) in self.out.iter().zip([sv, en]) {
            let lines: Vec<&str> = expected.trim_matches('\n').trim_end().lines().collect();
            let indent = lines[0].len() - lines[0].trim_start().len();
            let lines: Vec<&str> = lines.iter().map(|line| &line[indent..]).collect();
            assert_eq!(out.lines().collect::<Vec<_>>(), lines);
        }
        assert_eq!(self.code, code);
    }
}

/// A file of `tests/cases`.
fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixture_path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn fixture_path(name: &str) -> PathBuf {
    repository().join("tests/cases").join(name)
}

/// A list with official test numbers (and days) where it has `{0}`, `{1 ten}`, `{150 days ago}` …
pub(crate) fn filled(list: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = list;
    while let Some(open) = rest.iter().position(|b| *b == b'{') {
        let close = open + rest[open..].iter().position(|b| *b == b'}').unwrap();
        out.extend(&rest[..open]);
        out.extend(filling(std::str::from_utf8(&rest[open + 1..close]).unwrap()).bytes());
        rest = &rest[close + 1..];
    }
    out.extend(rest);
    out
}

/// One of the people.
pub(crate) fn numbered(who: usize) -> String {
    String::from_utf8(filled(format!("{{{who}}}").as_bytes())).unwrap()
}

fn filling(words: &str) -> String {
    let (who, how) = words.split_once(' ').unwrap_or((words, ""));
    if how == "days ago" {
        return day_before(who.parse().unwrap());
    }
    let n = person(who);
    let (day, serial) = n.split_at(8);
    let wrong = (serial.as_bytes()[3] - b'0' + 1) % 10;
    match how {
        "" => format!("{day}-{serial}"),
        "ten" => format!("{}-{serial}", &day[2..]),
        "day" => day.to_owned(),
        "wrong" => format!("{day}-{}{wrong}", &serial[..3]),
        "wrong ten" => format!("{}-{}{wrong}", &day[2..], &serial[..3]),
        // What a spreadsheet makes of twelve digits in a narrow column, and of ten that begin with zeros.
        "exponent" => format!("{},{}E+11", &n[..1], &n[1..6]),
        "number" => n[2..].trim_start_matches('0').to_owned(),
        other => panic!("{other}"),
    }
}

/// Twelve digits. Of the people 0, 1, 2 … the even ones are women and the odd ones men, of working age; from 20 on they were
/// born between 2001 and 2004. `zero` was born in January 2000; on 1 March 2016 `young` was 15 and `old` was 65.
fn person(who: &str) -> String {
    let (days, i) = match (who, who.parse()) {
        ("zero", _) => ("20000101"..="20000131", 0),
        ("young", _) => ("20000302"..="20010301", 0),
        ("old", _) => ("19500302"..="19510301", 0),
        (_, Ok(i @ 0..20)) => ("19600101"..="19991231", i),
        (_, Ok(i)) => ("20010101"..="20041231", i - 20),
        (other, Err(_)) => panic!("{other}"),
    };
    // Of coordination numbers, the day is no day.
    let born = numbers().into_iter().filter(|n| &n[6..8] < "60" && days.contains(&&n[..8]));
    born.filter(|n| usize::from(n.as_bytes()[10]) % 2 == i % 2).nth(i / 2).unwrap()
}

fn day_before(days: u64) -> String {
    let now = std::time::SystemTime::now() - std::time::Duration::from_hours(24 * days);
    let seconds = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    chrono::DateTime::from_timestamp(seconds.try_into().unwrap(), 0).unwrap().date_naive().to_string()
}

/// A cell below or above the headings that is printed; shorter ones may be part of a word.
fn echoed<'a>(printed: &str, list: &'a str) -> Option<&'a str> {
    let lines = list.lines().filter(|line| !line.to_lowercase().contains("nr;"));
    let long = |cell: &&str| cell.chars().count() > 3 && !NAMED_BY_RULES.contains(cell);
    lines.flat_map(|line| line.split(';')).map(str::trim).filter(long).find(|cell| printed.contains(cell))
}

/// Whether an official test number is printed, or the last six digits of one, however they are written.
fn holds_number(printed: &str) -> bool {
    let digits: String = printed.chars().filter(|c| !"-+ ,.".contains(*c)).collect();
    numbers().iter().any(|n| digits.contains(&n[6..]))
}

/// The files of a table that its last commit holds.
pub(crate) fn live(table: &Path) -> BTreeSet<PathBuf> {
    let mut live = BTreeSet::new();
    let log = table.join("_delta_log");
    for commit in if log.exists() { files_below(&log) } else { Vec::new() } {
        let text = std::fs::read_to_string(commit).unwrap();
        for action in text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
            let path = |kind: &str| action[kind]["path"].as_str().map(|path| table.join(path));
            live.extend(path("add"));
            path("remove").inspect(|path| assert!(live.remove(path)));
        }
    }
    live
}

pub(crate) fn landed(table: &Path, state: &str, columns: &[&str]) -> Vec<String> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for path in live(table).into_iter().filter(|path| path.starts_with(table.join(state))) {
        let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap().build().unwrap();
        for batch in reader {
            let batch = batch.unwrap();
            let cells = |name: &&str| {
                let column = batch.column_by_name(name).unwrap();
                let codes = column.as_primitive_opt::<arrow::datatypes::Int16Type>().map(|_| codes(name));
                let formatter = ArrayFormatter::try_new(column, &FormatOptions::default()).unwrap();
                let text = |i| if column.is_null(i) { String::new() } else { formatter.value(i).to_string() };
                let known = |text: String| codes.as_ref().and_then(|codes| codes.get(&text).cloned()).unwrap_or(text);
                (0..column.len()).map(|i| known(text(i))).collect::<Vec<_>>()
            };
            let table: Vec<Vec<String>> = columns.iter().map(cells).collect();
            rows.extend((0..batch.num_rows()).map(|i| table.iter().map(|column| column[i].clone()).collect()));
        }
    }
    let person = columns.iter().position(|column| *column == "participant");
    let rest = |row: &Vec<String>| {
        row.iter().enumerate().filter(|(i, _)| Some(*i) != person).map(|(_, c)| c.clone()).collect::<Vec<_>>()
    };
    rows.sort_by_key(rest);
    let mut letters: HashMap<String, char> = HashMap::new();
    for cell in rows.iter_mut().filter_map(|row| row.get_mut(person?)) {
        let next = char::from(b'a' + u8::try_from(letters.len()).unwrap());
        *cell = letters.entry(cell.clone()).or_insert(next).to_string();
    }
    rows.into_iter().map(|row| row.join(";")).collect()
}

/// The codes of a column by what is stored for them.
fn codes(column: &str) -> HashMap<String, String> {
    let list = match column {
        "project" => "register/project.csv",
        "area" => "codes/instrument_area.csv",
        _ => &format!("codes/{column}.csv"),
    };
    let text = std::fs::read_to_string(repository().join("schemas").join(list)).unwrap_or_default();
    let fields = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    fields.map(|fields| (fields[0].to_owned(), fields[1].to_owned())).collect()
}

#[test]
fn what_is_echoed_would_be_found() {
    let list = "Utskriven av Svea;\nProjekt;Personnr;Kön\nPROGRESS;1;Herre\n;;#SAKNAS!\n";
    for printed in ["row 3: Herre is no sex", "PROGRESS", "Utskriven av Svea"] {
        assert!(echoed(printed, list).is_some(), "{printed}");
    }
    assert_eq!(echoed("column Kön: an error, such as #SAKNAS!; 1", list), None);
    for how in ["", " ten", " number"] {
        let number = filling(&format!("20{how}"));
        assert!(holds_number(&format!("row 3: {number} is wrong")) && holds_number(&number.replace('-', "+")));
    }
    assert!(holds_number(&filling("1")[6..]) && !holds_number("row 3, 2021-04, 2021-05"));
}
