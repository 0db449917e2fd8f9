//! Workbooks are read by a process of their own. What unpacks and parses them is foreign code, and a few bytes can ask it for
//! more memory than there is, or for ever; that then ends a process that has neither key nor data, and the workbook is one
//! that cannot be read. Of what it answers no more is taken in than a list may be.

mod confine;

use std::io::{BufReader, Error, Read, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::Signal;

use crate::land::finding::{Finding, ValidationRule};
use crate::land::read::workbook::{self, Area, Book, SHEETS, Sheet, Told};

/// The argument that makes the program such a process; the workbook's length comes after it.
const ARGUMENT: &str = "--read-workbook";

/// Whether this process has others read for it.
static SANDBOXED: AtomicBool = AtomicBool::new(false);

/// The program's first step: a process that is to read a workbook does so and ends; any other has its workbooks read by
/// such processes from now on. Whoever uses the library without this reads in their own process.
pub fn begin() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|argument| argument == ARGUMENT) {
        let length = arguments.next().and_then(|length| length.to_str()?.parse().ok());
        let served = length.ok_or_else(|| Error::other("no length")).and_then(serve);
        return Some(served.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS));
    }
    SANDBOXED.store(true, Ordering::Relaxed);
    None
}

/// As [`workbook::book`].
///
/// # Errors
/// As [`workbook::book`].
pub fn book(bytes: &[u8]) -> Result<Book, Finding> {
    if !SANDBOXED.load(Ordering::Relaxed) {
        return workbook::book(bytes);
    }
    let unreadable = |_| Finding::of(ValidationRule::Unreadable);
    let mut child = asked(bytes.len()).map_err(unreadable)?;
    let heard = answered(&mut child, bytes);
    if heard.is_err() {
        // It may not have said all that it would say.
        let _ = child.kill();
    }
    let ended = child.wait().map_err(unreadable)?;
    // What another signal than that one ended took more memory or time than it may.
    let killed = Signal::KILL.as_raw();
    let rule = if ended.signal().is_some_and(|signal| signal != killed) {
        ValidationRule::WorkbookEndless
    } else {
        ValidationRule::WorkbookDamaged
    };
    heard.ok().filter(|_| ended.success()).unwrap_or(Err(rule)).map_err(Finding::of)
}

/// Another process, which reads a workbook of so many bytes.
fn asked(length: usize) -> Result<Child, Error> {
    utfall_ground::subprocess::command(ARGUMENT)?.arg(length.to_string()).current_dir("/").spawn()
}

/// What another process says of a workbook: a book, or the rule that it breaks.
///
/// # Errors
/// When it does not come to an end, or says what no such process does.
fn answered(child: &mut Child, bytes: &[u8]) -> Result<Result<Book, ValidationRule>, Error> {
    let silent = || Error::other("no answer");
    // It takes everything in before it answers; should it end before that, it does not answer.
    child.stdin.take().ok_or_else(silent)?.write_all(bytes)?;
    let room = workbook::room(bytes.len());
    Ear { from: BufReader::new(child.stdout.take().ok_or_else(silent)?), left: room }.answer()
}

const READ: u8 = 0;
const TOO_MANY: u8 = 1;
const DAMAGED: u8 = 2;

/// Hears a workbook part by part, and no more in all than it may be.
struct Ear<R> {
    from: R,
    /// So many bytes of parts may still come.
    left: usize,
}

impl<R: Read> Ear<R> {
    fn answer(&mut self) -> Result<Result<Book, ValidationRule>, Error> {
        let mut what = [0];
        self.from.read_exact(&mut what)?;
        Ok(match what {
            [READ] => Ok(self.book()?),
            [TOO_MANY] => Err(ValidationRule::TooManyRows),
            _ => Err(ValidationRule::WorkbookDamaged),
        })
    }

    /// How many names of hidden sheets and how many sheets there are, and these.
    fn book(&mut self) -> Result<Book, Error> {
        let [hidden, sheets] = [self.number()?, self.number()?];
        if hidden.saturating_add(sheets) > SHEETS {
            return Err(Error::other("too many sheets"));
        }
        let mut book = Book::default();
        for _ in 0..hidden {
            book.hidden.push(self.text()?);
        }
        for _ in 0..sheets {
            book.sheets.push(self.sheet()?);
        }
        let more = self.from.by_ref().take(1).read_to_end(&mut Vec::new())?;
        if more == 0 { Ok(book) } else { Err(Error::other("more than was said")) }
    }

    fn sheet(&mut self) -> Result<Sheet, Error> {
        let (name, lines) = (self.text()?, self.part()?);
        let [hidden_rows, hidden_columns, merged, flags] = [self.numbers()?, self.numbers()?, self.numbers()?, self.numbers()?];
        let pairs = |numbers: &[u32]| numbers.as_chunks().0.iter().map(|[first, last]| (*first, *last)).collect();
        let area = |[top, left, bottom, right]: &[u32; 4]| Area { top: *top, left: *left, bottom: *bottom, right: *right };
        let [other_days, uncalculated, is_old] = *flags else { return Err(Error::other("other flags")) };
        let told = Told {
            hidden_rows: pairs(&hidden_rows),
            hidden_columns: pairs(&hidden_columns),
            merged: merged.as_chunks().0.iter().map(area).collect(),
            other_days: other_days != 0,
            uncalculated: uncalculated != 0,
            is_old: is_old != 0,
        };
        Ok(Sheet { name, lines, told })
    }

    fn number(&mut self) -> Result<usize, Error> {
        let mut bytes = [0; 8];
        self.from.read_exact(&mut bytes)?;
        usize::try_from(u64::from_le_bytes(bytes)).map_err(Error::other)
    }

    /// A part after its length. Room is made for what may come, not for what somebody says that comes.
    fn part(&mut self) -> Result<Vec<u8>, Error> {
        let length = self.number()?;
        self.left = self.left.checked_sub(length).ok_or_else(|| Error::other("more than it may be"))?;
        let mut part = Vec::with_capacity(length);
        let read = self.from.by_ref().take(u64::try_from(length).unwrap_or_default()).read_to_end(&mut part)?;
        if read == length { Ok(part) } else { Err(Error::other("less than was said")) }
    }

    fn text(&mut self) -> Result<String, Error> {
        String::from_utf8(self.part()?).map_err(Error::other)
    }

    /// Numbers of four bytes.
    fn numbers(&mut self) -> Result<Vec<u32>, Error> {
        let part = self.part()?;
        let (numbers, odd) = part.as_chunks();
        if !odd.is_empty() {
            return Err(Error::other("half a number"));
        }
        Ok(numbers.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }
}

/// The parts of a workbook, each after its length.
fn told(book: &Book, to: &mut impl Write) -> Result<(), Error> {
    let number = |number: usize| u64::try_from(number).unwrap_or_default().to_le_bytes();
    to.write_all(&[number(book.hidden.len()), number(book.sheets.len())].concat())?;
    let mut tell = |part: &[u8]| {
        to.write_all(&number(part.len()))?;
        to.write_all(part)
    };
    let bytes = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let pairs = |pairs: &[(u32, u32)]| pairs.iter().flat_map(|(first, last)| [*first, *last]).collect::<Vec<u32>>();
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

/// Reads a workbook of so many bytes from standard input, and answers on standard output.
fn serve(length: u64) -> Result<(), Error> {
    // Before anything of the workbook is here.
    utfall_ground::subprocess::die_with_parent();
    confine::confine(length)?;
    std::panic::set_hook(Box::new(|_| {}));
    let mut bytes = Vec::with_capacity(usize::try_from(length).map_err(Error::other)?);
    std::io::stdin().lock().take(length).read_to_end(&mut bytes)?;
    let mut to = std::io::stdout().lock();
    let book = match workbook::book(&bytes) {
        Ok(book) => book,
        Err(finding) => return to.write_all(&[if finding.rule == ValidationRule::TooManyRows { TOO_MANY } else { DAMAGED }]),
    };
    to.write_all(&[READ])?;
    told(&book, &mut to)?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn books() -> [Book; 2] {
        let area = Area { top: 1, left: 2, bottom: 3, right: 4 };
        let told = Told {
            hidden_rows: vec![(1, 2), (7, 7)],
            hidden_columns: vec![(3, 9)],
            merged: vec![area, area],
            other_days: true,
            uncalculated: false,
            is_old: true,
        };
        let sheet = |name: &str, told| Sheet { name: name.into(), lines: b"a\n".to_vec(), told };
        let sheets = vec![sheet("Mars", told), sheet("", Told::default())];
        [Book { sheets, hidden: vec!["Mall".into(), String::new()] }, Book::default()]
    }

    fn heard(bytes: &[u8], left: usize) -> Option<Book> {
        Ear { from: bytes, left }.book().ok()
    }

    #[test]
    fn what_is_told_of_a_workbook_is_what_is_heard() {
        for book in books() {
            let mut bytes = Vec::new();
            told(&book, &mut bytes).unwrap();
            assert!(heard(&bytes, bytes.len()) == Some(book));
            assert!((0..bytes.len()).all(|cut| heard(&bytes[..cut], bytes.len()).is_none()), "cut off");
            assert!(heard(&[bytes.as_slice(), b"x"].concat(), bytes.len()).is_none(), "more");
        }
    }

    #[test]
    fn no_more_is_heard_than_a_workbook_may_be_whatever_is_said() {
        let [book, _] = books();
        let mut bytes = Vec::new();
        told(&book, &mut bytes).unwrap();
        let length = book.sheets.iter().map(Sheet::size).sum::<usize>() + "Mall".len();
        assert!(heard(&bytes, length).is_some() && heard(&bytes, 30).is_none());
        // A name of as many bytes as there are, a thousand million sheets, and a stream without an end.
        let says = |numbers: [u64; 3]| numbers.map(u64::to_le_bytes).concat();
        assert!(heard(&says([1, 0, u64::MAX]), usize::MAX >> 1).is_none());
        assert!(heard(&says([0, 1_000_000_000, 0]), usize::MAX >> 1).is_none());
        let endless = says([0, 1, 1 << 30]);
        let mut ear = Ear { from: endless.chain(std::io::repeat(0)), left: 1 << 20 };
        assert!(ear.book().is_err());
    }
}
