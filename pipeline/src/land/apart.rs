//! Workbooks are read by a process of their own. What unpacks and parses them is foreign code, and a few bytes can ask it for
//! more memory than there is, or for ever; that then ends a process that has neither key nor data, and the workbook is one
//! that cannot be read.

use std::io::{Error, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::finding::{Finding, Rule};
use super::workbook::{self, Sheet};

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

/// As [`workbook::sheets`].
///
/// # Errors
/// As [`workbook::sheets`].
pub fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, Finding> {
    if !APART.load(Ordering::Relaxed) {
        return workbook::sheets(bytes);
    }
    let answer = asked(bytes).map_err(|_| Finding::of(Rule::Unreadable))?;
    let damaged = || Finding::of(Rule::WorkbookDamaged);
    let (what, mut rest) = answer.split_first().ok_or_else(damaged)?;
    match *what {
        READ => {}
        TOO_MANY => return Err(Finding::of(Rule::TooManyRows)),
        _ => return Err(damaged()),
    }
    let mut sheets = Vec::new();
    while !rest.is_empty() {
        let (name, lines) = (part(&mut rest).ok_or_else(damaged)?, part(&mut rest).ok_or_else(damaged)?);
        sheets.push((String::from_utf8(name).map_err(|_| damaged())?, lines));
    }
    Ok(sheets)
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
    let sheets = match workbook::sheets(&bytes) {
        Ok(sheets) => sheets,
        Err(finding) => return to.write_all(&[if finding.rule == Rule::TooManyRows { TOO_MANY } else { DAMAGED }]),
    };
    to.write_all(&[READ])?;
    for (name, lines) in sheets {
        for part in [name.as_bytes(), &lines] {
            to.write_all(&u64::try_from(part.len()).unwrap_or_default().to_le_bytes())?;
            to.write_all(part)?;
        }
    }
    to.flush()
}
