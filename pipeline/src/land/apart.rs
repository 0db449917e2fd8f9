//! Workbooks are read by a process of their own. What unpacks and parses them is foreign code, and a few bytes can ask it for
//! more memory than there is, or for ever; that then ends a process that has neither key nor data, and the workbook is one
//! that cannot be read.

use std::io::{Error, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::finding::{Finding, Rule};
use super::workbook::{self, Area, Book, Sheet, Told};

/// The argument that makes the program such a process.
const ARGUMENT: &str = "--read-workbook";
/// How much memory it may use: so much, and so many times the workbook's bytes.
const MEMORY: (u64, u64) = (2 << 30, 16);
/// For how many seconds it may use a core: so many, and so many for each mebibyte of the workbook.
const SECONDS: (u64, u64) = (20, 10);

/// Whether this process has others read for it.
static APART: AtomicBool = AtomicBool::new(false);

/// The program's first step: a process that is to read a workbook does so and ends; any other has its workbooks read by
/// such processes from now on. Whoever uses the library without this reads in their own process.
pub fn begin() -> Option<ExitCode> {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == ARGUMENT) {
        return Some(serve().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS));
    }
    APART.store(true, Ordering::Relaxed);
    None
}

/// As [`workbook::book`].
///
/// # Errors
/// As [`workbook::book`].
pub fn book(bytes: &[u8]) -> Result<Book, Finding> {
    if !APART.load(Ordering::Relaxed) {
        return workbook::book(bytes);
    }
    let answer = asked(bytes).map_err(|_| Finding::of(Rule::Unreadable))?;
    let damaged = || Finding::of(Rule::WorkbookDamaged);
    let (what, mut rest) = answer.split_first().ok_or_else(damaged)?;
    match *what {
        READ => {}
        TOO_MANY => return Err(Finding::of(Rule::TooManyRows)),
        _ => return Err(damaged()),
    }
    heard(&mut rest).filter(|_| rest.is_empty()).ok_or_else(damaged)
}

/// A workbook from its parts: how many names of hidden sheets and these, then each sheet.
fn heard(rest: &mut &[u8]) -> Option<Book> {
    let mut book = Book::default();
    for _ in 0..*numbers(rest)?.first()? {
        book.hidden.push(String::from_utf8(part(rest)?).ok()?);
    }
    while !rest.is_empty() {
        let (name, lines) = (String::from_utf8(part(rest)?).ok()?, part(rest)?);
        let [hidden_rows, hidden_columns, merged, flags] = [numbers(rest)?, numbers(rest)?, numbers(rest)?, numbers(rest)?];
        let pairs = |numbers: Vec<u32>| numbers.as_chunks().0.iter().map(|[first, last]| (*first, *last)).collect();
        let area = |[top, left, bottom, right]: &[u32; 4]| Area { top: *top, left: *left, bottom: *bottom, right: *right };
        let [other_days, uncalculated, is_old] = *flags else { return None };
        let told = Told {
            hidden_rows: pairs(hidden_rows),
            hidden_columns: pairs(hidden_columns),
            merged: merged.as_chunks().0.iter().map(area).collect(),
            other_days: other_days != 0,
            uncalculated: uncalculated != 0,
            is_old: is_old != 0,
        };
        book.sheets.push(Sheet { name, lines, told });
    }
    Some(book)
}

/// The parts of a workbook, each after its length.
fn told(book: &Book, to: &mut impl std::io::Write) -> Result<(), Error> {
    let mut tell = |part: &[u8]| {
        to.write_all(&u64::try_from(part.len()).unwrap_or_default().to_le_bytes())?;
        to.write_all(part)
    };
    let bytes = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let pairs = |pairs: &[(u32, u32)]| pairs.iter().flat_map(|(first, last)| [*first, *last]).collect::<Vec<u32>>();
    tell(&bytes(&[u32::try_from(book.hidden.len()).unwrap_or_default()]))?;
    book.hidden.iter().try_for_each(|name| tell(name.as_bytes()))?;
    for Sheet { name, lines, told } in &book.sheets {
        tell(name.as_bytes())?;
        tell(lines)?;
        tell(&bytes(&pairs(&told.hidden_rows)))?;
        tell(&bytes(&pairs(&told.hidden_columns)))?;
        let merged = told.merged.iter().flat_map(|area| [area.top, area.left, area.bottom, area.right]);
        tell(&bytes(&merged.collect::<Vec<u32>>()))?;
        tell(&bytes(&[told.other_days, told.uncalculated, told.is_old].map(u32::from)))?;
    }
    Ok(())
}

const READ: u8 = 0;
const TOO_MANY: u8 = 1;
const DAMAGED: u8 = 2;

/// What another process says of a workbook; nothing if it did not come to an end.
fn asked(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut command = Command::new(program()?);
    // It is this very program, without what the environment may hold of a key.
    let command = command.arg(ARGUMENT).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let (mut child, mut answer) = (command.spawn()?, Vec::new());
    // It takes everything in before it answers; should it end before that, it does not answer.
    let told = child.stdin.take().is_some_and(|mut to| to.write_all(bytes).is_ok());
    let heard = child.stdout.take().is_some_and(|mut from| from.read_to_end(&mut answer).is_ok());
    let ended = child.wait()?.success();
    Ok(if told && heard && ended { answer } else { Vec::new() })
}

/// Itself, also where its file has been replaced since it was started.
fn program() -> Result<PathBuf, Error> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}

/// Numbers of four bytes.
fn numbers(rest: &mut &[u8]) -> Option<Vec<u32>> {
    let part = part(rest)?;
    let (numbers, odd) = part.as_chunks();
    odd.is_empty().then(|| numbers.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
}

fn part(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let (length, after) = rest.split_first_chunk::<8>()?;
    let (part, after) = after.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    *rest = after;
    Some(part.to_vec())
}

fn serve() -> Result<(), Error> {
    crate::key::harden();
    std::panic::set_hook(Box::new(|_| {}));
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let limit = |what, most| setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) });
    limit(Resource::As, length.saturating_mul(MEMORY.1).saturating_add(MEMORY.0))?;
    limit(Resource::Cpu, (length >> 20).saturating_mul(SECONDS.1).saturating_add(SECONDS.0))?;
    let mut to = std::io::stdout().lock();
    let book = match workbook::book(&bytes) {
        Ok(book) => book,
        Err(finding) => return to.write_all(&[if finding.rule == Rule::TooManyRows { TOO_MANY } else { DAMAGED }]),
    };
    to.write_all(&[READ])?;
    told(&book, &mut to)?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_workbook_is_what_is_heard() {
        let area = Area { top: 1, left: 2, bottom: 3, right: 4 };
        let told_of = Told {
            hidden_rows: vec![(1, 2), (7, 7)],
            hidden_columns: vec![(3, 9)],
            merged: vec![area, area],
            other_days: true,
            uncalculated: false,
            is_old: true,
        };
        let sheet = |name: &str, told| Sheet { name: name.into(), lines: b"a\n".to_vec(), told };
        let sheets = vec![sheet("Mars", told_of), sheet("", Told::default())];
        for book in [Book { sheets, hidden: vec!["Mall".into(), String::new()] }, Book::default()] {
            let mut bytes = Vec::new();
            told(&book, &mut bytes).unwrap();
            assert!(heard(&mut bytes.as_slice()) == Some(book));
            assert!((1..bytes.len()).all(|cut| heard(&mut &bytes[..cut]).is_none_or(|part| part.sheets.len() < 2)));
        }
    }
}
