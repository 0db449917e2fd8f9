//! Everything that can be refused. What people are told of it is said outside the core, in their language.

use std::fmt;

use crate::accountant::Account;
use crate::ledger::LogError;
use crate::measure::Loss;
use crate::request::ReleaseId;

/// A refusal of the core.
///
/// # Privacy
/// An error carries numbers that the caller wrote or that are public (budgets, ids, indices, table names); never a
/// value of a table.
///
/// # Checked by
/// `release::tests::errors_hold_no_values`
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A text is not a number.
    Number {
        /// The text, cut to 40 characters.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A canonical text cannot be read.
    Syntax {
        /// What the text should have been.
        what: &'static str,
        /// What was expected.
        why: &'static str,
    },
    /// No integer vector has these norms.
    Sensitivity {
        /// The L1 norm.
        l1: u64,
        /// The square of the L2 norm.
        l2_squared: u64,
    },
    /// A bound does not fit in 64 bits.
    Overflow(&'static str),
    /// A parameter of a mechanism is outside its range.
    Parameter {
        /// Which parameter.
        name: &'static str,
        /// What it must be.
        why: &'static str,
    },
    /// A budget outside 0 <= epsilon, 0 <= delta < 1.
    Budget,
    /// A request that no ledger accepts.
    Request(&'static str),
    /// The operating system gave no random numbers.
    Entropy,
    /// The exact tables are not the ones for which the noise was granted.
    Tables {
        /// The measurement that does not fit; empty if the number of tables differs.
        table: String,
        /// What differs.
        why: &'static str,
    },
    /// A certificate is not a proof.
    Certificate {
        /// The table that it is for.
        table: String,
        /// Where it fails: `node 0.1 (join)` is the second input of the last relation, `crossing` what follows it.
        place: String,
        /// What does not follow.
        why: String,
    },
    /// The series that a period belongs to has no reservation.
    NoSeries(ReleaseId),
    /// A period of a series asks for other tables, bounds or noise than the series paid for.
    SeriesDiffers(ReleaseId),
    /// The period of a series is another release already.
    PeriodFilled {
        /// The period.
        period: String,
        /// The release that fills it.
        release: ReleaseId,
    },
    /// The lifetime limit does not admit the charge.
    BudgetExhausted(Box<Exhausted>),
    /// An entry of the ledger is not what its writer wrote.
    Corrupt {
        /// The entry's index.
        index: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A new ledger was asked for where one exists.
    AlreadyOpen,
    /// There is no ledger in the log.
    NoLedger,
    /// The ledger's witness is missing.
    WitnessMissing,
    /// The witness belongs to another ledger.
    WitnessForeign,
    /// The ledger is shorter than the witness remembers.
    LedgerBehind {
        /// The ledger's number of entries.
        length: u64,
        /// The number of entries that the witness has seen.
        witnessed: u64,
    },
    /// The ledger's history differs from what the witness remembers.
    LedgerDiverged {
        /// The number of entries that the witness has seen.
        witnessed: u64,
    },
    /// The release is reserved with other measurements.
    ReservationDiffers(ReleaseId),
    /// The release has no reservation.
    NotReserved(ReleaseId),
    /// The archive is not the one that its reservation describes, or not the one that was recorded first.
    ArchiveDiffers(ReleaseId),
    /// The release's archive is not recorded in the ledger.
    NotArchived(ReleaseId),
    /// A limit can only be raised.
    LimitLowered,
    /// Other writers won every attempt.
    Contended,
    /// The ledger's storage failed.
    Log(LogError),
}

/// The public numbers of a refusal for want of budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// The lifetime limit, and what was spent of it.
    pub account: Account,
    /// What was asked for, table by table.
    pub asked: Vec<Loss>,
}

/// For programmers; people are told in their own language, outside the core.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Error {}
