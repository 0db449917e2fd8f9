//! The SQL above the door is computed by a process of its own: what it asks for may be more than there is, or without end, for
//! some numbers and not for others. That then ends a process that has neither key nor data; a release that is paid for is
//! published without it, and a query that is only checked is refused.

use std::io::{Error, Read as _, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use datafusion::error::DataFusionError;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

use super::{Ends, TextRows, intervals, parts, possible, view};
use utfall_ground::error::system;
use utfall_ground::text::{Lang, Message};
use utfall_publish::{PartOfWhole, Possible, TableDescription};

/// The argument that makes the program such a process.
const ARGUMENT: &str = "--compute-views";
/// How much stack planning may take.
const STACK: usize = 64 << 20;
/// So many bytes of an answer are heard for each table.
const ANSWER: u64 = 256 << 20;

/// What such a process may take.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Room {
    /// So many mebibytes of memory, beside four times what it is told.
    pub mebibytes: u64,
    /// So many seconds of a core for each table.
    pub seconds: u64,
}

impl Room {
    /// For made-up numbers, less than for those that are published: what runs there runs here.
    pub const REHEARSAL: Self = Self { mebibytes: 1_024, seconds: 20 };
    /// For the numbers that are published, with intervals.
    pub const PUBLICATION: Self = Self { mebibytes: 2_048, seconds: 60 };
}

/// One table to be computed.
#[derive(Debug, Serialize)]
pub struct ViewRequest<'a> {
    /// The table; of one without SQL above its noisy numbers nothing is computed.
    pub table: &'a TableDescription,
    /// Its measured vectors.
    pub vectors: Vec<&'a [i64]>,
    /// The same in each draw, as [`super::vectors`] gives them: for intervals.
    pub draws: Vec<Vec<&'a [i64]>>,
    /// What the level of the intervals leaves.
    #[serde(serialize_with = "bits")]
    pub tail: f64,
}

/// Every bit of a number: as decimals it could come out as its neighbour.
fn bits<S: serde::Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(number.to_bits())
}

/// The same, as it is heard.
#[derive(Deserialize)]
struct Heard {
    table: TableDescription,
    vectors: Vec<Vec<i64>>,
    draws: Vec<Vec<Vec<i64>>>,
    tail: u64,
}

/// What was computed of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputedView {
    /// Its rows.
    pub rows: TextRows,
    /// The intervals of their numbers; empty if there are none.
    pub ends: Vec<Vec<Ends>>,
    /// Per column what its exact numbers can be; empty where that cannot be told.
    pub possible: Vec<Option<Possible>>,
    /// Which numbers are parts of others.
    pub parts: Vec<PartOfWhole>,
}

/// What was computed of a table, or why nothing was.
pub type Computed = Result<ComputedView, Failed>;

/// Why nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failed {
    /// What DataFusion says; everything it sees is public.
    Words(String),
    /// It takes more than it may; says of what.
    Heavy(Message),
    /// The query gives other columns now than when it was archived.
    Columns,
}

/// What is said of each table: first its rows or why there are none, then, of rows, what their columns can hold, the intervals of their
/// numbers, and which of these are parts of others.
#[derive(Serialize, Deserialize)]
enum Answer {
    Rows(Result<TextRows, Failed>),
    Possible(Vec<Option<Possible>>),
    Intervals(Vec<Vec<Ends>>),
    Parts(Vec<PartOfWhole>),
}

/// Whether this process has others compute for it.
static SANDBOXED: AtomicBool = AtomicBool::new(false);

/// An early step of the program: a process that is to compute does so and ends; any other has such processes compute from now
/// on. Whoever uses the library without this computes in their own process.
pub fn begin() -> Option<ExitCode> {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == ARGUMENT) {
        let served = std::thread::Builder::new().stack_size(STACK).spawn(serve).map(std::thread::JoinHandle::join);
        return Some(if matches!(served, Ok(Ok(Ok(())))) { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    SANDBOXED.store(true, Ordering::Relaxed);
    None
}

/// Computes tables, each for itself: what becomes of one is nothing to the others.
///
/// # Errors
/// When no process can be started.
pub async fn computed(asked: &[ViewRequest<'_>], room: Room) -> Result<Vec<Computed>, Error> {
    let mut found: Vec<Computed> = Vec::new();
    if !SANDBOXED.load(Ordering::Relaxed) {
        for one in asked {
            let mut of_one = None;
            compute(one, &mut |answer| {
                take(&mut of_one, answer);
                Ok(())
            })
            .await?;
            found.push(of_one.unwrap_or_else(|| Err(ended(room))));
        }
        return Ok(found);
    }
    while let Some(rest) = asked.get(found.len()..).filter(|rest| !rest.is_empty()) {
        // Where a process ended, another begins: what was before it took room too. There it is the first, and not tried again.
        found.extend(heard(rest, &ask(rest, room)?, room));
    }
    Ok(found)
}

/// What one process answered: of as many tables as it came to, one at least.
fn heard(asked: &[ViewRequest<'_>], answers: &[u8], room: Room) -> Vec<Computed> {
    let mut found: Vec<Computed> = Vec::new();
    let mut finished = true;
    for answer in serde_json::Deserializer::from_slice(answers).into_iter::<Answer>().map_while(Result::ok) {
        match answer {
            Answer::Rows(_) if finished && found.len() < asked.len() => {
                finished = matches!(answer, Answer::Rows(Err(_)));
                let mut of_one = None;
                take(&mut of_one, answer);
                found.extend(of_one);
            }
            Answer::Rows(_) => break,
            // What is known of the rows of the last; without its intervals it is not finished.
            known => {
                finished |= matches!(known, Answer::Intervals(_));
                let mut of_one = found.pop();
                take(&mut of_one, known);
                found.extend(of_one);
            }
        }
    }
    if found.is_empty() {
        found.push(Err(ended(room)));
    }
    found
}

fn take(of_one: &mut Option<Computed>, answer: Answer) {
    match answer {
        Answer::Rows(rows) => {
            *of_one = Some(rows.map(|rows| ComputedView { rows, ends: Vec::new(), possible: Vec::new(), parts: Vec::new() }))
        }
        known => {
            let Some(Ok(view)) = of_one else { return };
            match known {
                Answer::Possible(possible) => view.possible = possible,
                Answer::Intervals(ends) => view.ends = ends,
                Answer::Parts(parts) => view.parts = parts,
                Answer::Rows(_) => {}
            }
        }
    }
}

/// That the process that computes could not be had.
pub fn not_begun(error: &Error) -> utfall_ground::error::Error {
    let why = system(error);
    utfall_ground::error::Error::storage(
        "above-not-begun",
        Message::new(
            format!("SQL ovanför dörren kunde inte köras: {}; kör igen", why.get(Lang::Sv)),
            format!("the SQL above the door could not be run: {why}; run again"),
        ),
    )
}

/// That a process ended before its time.
fn ended(room: Room) -> Failed {
    let Room { mebibytes, seconds } = room;
    Failed::Heavy(Message::new(
        format!("mer än {mebibytes} MB minne eller {seconds} sekunder"),
        format!("more than {mebibytes} MB of memory or {seconds} seconds"),
    ))
}

/// What another process says of some tables: as far as it came.
fn ask(asked: &[ViewRequest<'_>], room: Room) -> Result<Vec<u8>, Error> {
    let mut told = serde_json::to_vec(&room)?;
    asked.iter().try_for_each(|one| serde_json::to_writer(&mut told, one))?;
    let mut child = utfall_ground::subprocess::command(ARGUMENT)?.spawn()?;
    // It takes everything in before it answers; should it end before that, it answers nothing.
    let _ = child.stdin.take().map(|mut to| to.write_all(&told));
    let (mut answers, most) = (Vec::new(), ANSWER.saturating_mul(u64::try_from(asked.len()).unwrap_or(u64::MAX)));
    let heard = child.stdout.take().map(|from| from.take(most).read_to_end(&mut answers));
    // Who says too much has not ended.
    let _ = child.kill();
    child.wait()?;
    heard.transpose()?;
    Ok(answers)
}

fn serve() -> Result<(), Error> {
    utfall_ground::subprocess::die_with_parent();
    crate::keyzone::harden();
    std::panic::set_hook(Box::new(|_| {}));
    let mut told = Vec::new();
    std::io::stdin().lock().read_to_end(&mut told)?;
    let (begun, length) = (Instant::now(), u64::try_from(told.len()).unwrap_or(u64::MAX));
    let mut told = serde_json::Deserializer::from_slice(&told);
    let room = Room::deserialize(&mut told)?;
    limit(Resource::As, (room.mebibytes << 20).saturating_add(length.saturating_mul(4)))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let mut to = std::io::stdout().lock();
    for one in told.into_iter::<Heard>() {
        let Heard { table, vectors, draws, tail } = one?;
        // Until now it has used no more of a core than time has passed.
        limit(Resource::Cpu, begun.elapsed().as_secs().saturating_add(room.seconds + 1))?;
        let asked = ViewRequest {
            table: &table,
            vectors: vectors.iter().map(Vec::as_slice).collect(),
            draws: draws.iter().map(|draw| draw.iter().map(Vec::as_slice).collect()).collect(),
            tail: f64::from_bits(tail),
        };
        let mut tell = |answer: Answer| {
            to.write_all(&serde_json::to_vec(&answer)?)?;
            to.flush()
        };
        // Ten times as long on a core that it shares; what waits for ever uses none.
        let waiting = Duration::from_secs(room.seconds.saturating_mul(10));
        runtime.block_on(async { tokio::time::timeout(waiting, compute(&asked, &mut tell)).await.map_err(Error::other)? })?;
    }
    Ok(())
}

/// Limits this process, as far as nobody has limited it more.
fn limit(what: Resource, most: u64) -> Result<(), Error> {
    let maximum = getrlimit(what).maximum;
    let current = Some(maximum.map_or(most, |maximum| maximum.min(most)));
    Ok(setrlimit(what, Rlimit { current, maximum })?)
}

/// Computes one table and tells what comes out, the rows before the intervals.
async fn compute(asked: &ViewRequest<'_>, tell: &mut impl FnMut(Answer) -> Result<(), Error>) -> Result<(), Error> {
    let ViewRequest { table, vectors, draws, tail } = asked;
    let Some(above) = &table.above else { return tell(Answer::Rows(Ok(TextRows::new()))) };
    let rows = view(table, above, vectors).await.map_err(|e| failed(&e));
    let rows = rows.and_then(|rows| {
        let wide = rows.iter().all(|row| row.len() == above.columns.len());
        if wide { Ok(rows) } else { Err(Failed::Columns) }
    });
    tell(Answer::Rows(rows.clone()))?;
    let Ok(rows) = rows else { return Ok(()) };
    // The cheapest first: what takes more than it may ends the process, and what was told stands.
    tell(Answer::Possible(possible(table, above).await.unwrap_or_default()))?;
    // A draw may divide by what the release does not, or take more than it may: then the numbers stand without intervals.
    tell(Answer::Intervals(intervals(table, above, &rows, draws, *tail).await.unwrap_or_default()))?;
    tell(Answer::Parts(parts(table, above, &rows).await.unwrap_or_default()))
}

fn failed(error: &DataFusionError) -> Failed {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(what) => Failed::Heavy(Message::new("mer minne än det finns plats för", what)),
        DataFusionError::External(what) if let Some(what) = what.downcast_ref::<Message>() => Failed::Heavy(what.clone()),
        _ => Failed::Words(error.strip_backtrace()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use utfall_ground::text::Text;

    #[test]
    fn a_process_that_ends_at_one_table_has_answered_for_those_before_it() {
        let title = Text { sv: String::new(), en: String::new() };
        let table = TableDescription {
            name: "t".into(),
            title,
            sql: String::new(),
            keys: Vec::new(),
            cells: Vec::new(),
            private_keys: false,
            anonymous: false,
            rows: std::collections::BTreeMap::new(),
            public: Vec::new(),
            vectors: Vec::new(),
            measures: Vec::new(),
            above: None,
            targets: Vec::new(),
            measured_with: None,
            quotes: None,
            differs: None,
        };
        let asked = || ViewRequest { table: &table, vectors: Vec::new(), draws: Vec::new(), tail: 0.0 };
        let asked = [asked(), asked(), asked(), asked()];
        let rows = vec![vec![Some("1".to_owned()), None]];
        let ends = vec![vec![Some(("0".to_owned(), "2".to_owned())), None]];
        let part = PartOfWhole { column: 0, part: 0, whole: 1 };
        let all = [
            Answer::Rows(Ok(rows.clone())),
            Answer::Possible(vec![Some(Possible::COUNT), None]),
            Answer::Intervals(ends.clone()),
            Answer::Parts(vec![part]),
            Answer::Rows(Err(Failed::Words("no".into()))),
            Answer::Rows(Ok(rows.clone())),
            Answer::Intervals(Vec::new()),
        ];
        let told: Vec<Vec<u8>> = all.iter().map(|answer| serde_json::to_vec(answer).unwrap()).collect();
        let heard = |answers: &[Vec<u8>]| heard(&asked, &answers.concat(), Room::REHEARSAL);
        let known = |ends: &[Vec<Ends>], parts: &[PartOfWhole]| {
            let possible = vec![Some(Possible::COUNT), None];
            Ok(ComputedView { rows: rows.clone(), ends: ends.to_vec(), possible, parts: parts.to_vec() })
        };
        let (whole, without_parts, without_ends) = (known(&ends, &[part]), known(&ends, &[]), known(&[], &[]));
        let without = Ok(ComputedView { rows: rows.clone(), ends: Vec::new(), possible: Vec::new(), parts: Vec::new() });
        let refused = Err(Failed::Words("no".into()));
        assert_eq!(heard(&told), [whole.clone(), refused.clone(), without.clone()]);
        assert_eq!(heard(&told[..6]), [whole, refused, without.clone()], "it ended at the intervals");
        assert_eq!(heard(&told[..3]), [without_parts], "at the parts of the first");
        assert_eq!(heard(&told[..2]), [without_ends], "at its intervals");
        assert_eq!(heard(&told[..1]), [without], "before anything was known of its rows");
        assert_eq!(heard(&[]), [Err(ended(Room::REHEARSAL))], "the first is not tried again");
        assert_eq!(heard(&[told[0][..5].to_vec()]), [Err(ended(Room::REHEARSAL))], "half an answer is none");
    }
}
