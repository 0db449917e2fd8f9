//! Everything that can be refused, in one sentence that says what happened and what to do.

use std::fmt;

use crate::ledger::LogError;
use crate::measure::{Budget, Charge};
use crate::rational::{Rational, to_text};
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
    /// The lifetime limit.
    pub limit: Budget,
    /// An upper bound on the epsilon already spent at the limit's delta.
    pub spent: Rational,
    /// What was asked for.
    pub asked: Charge,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { text, why } => write!(f, "the number `{text}` {why}; write for example 1, 0.5, 1e-6 or 2/3"),
            Self::Syntax { what, why } => write!(f, "{what} cannot be read: {why}"),
            Self::Sensitivity { l1, l2_squared } => write!(
                f,
                "no integer table moves by L1 = {l1} and L2^2 = {l2_squared}; they must satisfy 1 <= L1 <= L2^2 <= L1^2"
            ),
            Self::Overflow(what) => write!(f, "{what} does not fit in 64 bits; lower the bounds it is made of"),
            Self::Parameter { name, why } => write!(f, "the mechanism's {name} must {why}"),
            Self::Budget => write!(
                f,
                "a budget must have epsilon >= 0 and 0 <= delta < 1; write for example 1 and 1e-6; what is set aside for keys is a part of delta"
            ),
            Self::Request(why) => write!(f, "the request is refused: {why}"),
            Self::Entropy => write!(f, "the operating system gave no random numbers; nothing was drawn, so run again"),
            Self::Tables { table, why } if table.is_empty() => {
                write!(f, "the tables are not those of the grant: {why}; nothing was drawn")
            }
            Self::Tables { table, why } => {
                write!(f, "table {table} is not the one of the grant: {why}; nothing was drawn")
            }
            Self::Certificate { table, place, why } => write!(f, "certificate of {table}, {place}: {why}"),
            Self::NoSeries(id) => write!(f, "series {id} has no reservation; reserve it first"),
            Self::SeriesDiffers(id) => {
                write!(
                    f,
                    "series {id} was reserved with other tables, bounds or noise; ask for those, or reserve another vintage"
                )
            }
            Self::PeriodFilled { period, release } => {
                write!(
                    f,
                    "{period} is filled by release {release}; a second version of it is another vintage, with a charge of its own"
                )
            }
            Self::BudgetExhausted(exhausted) => write!(f, "{exhausted}"),
            Self::Corrupt { index, why } => {
                write!(f, "entry {index} of the ledger is corrupt: {why}; restore that entry from a copy of the newest ledger")
            }
            Self::AlreadyOpen => write!(f, "a ledger or its witness exists here already; open it instead of creating another"),
            Self::NoLedger => write!(f, "there is no ledger here; create one, or restore the newest copy if there was one"),
            Self::WitnessMissing => write!(
                f,
                "the ledger's witness is missing; restore it from the newest copy of the key zone, or delete a ledger that was never used and create it again"
            ),
            Self::WitnessForeign => write!(f, "the witness belongs to another ledger; use this ledger with its own key zone"),
            Self::LedgerBehind { length, witnessed } => write!(
                f,
                "the ledger has {length} entries but {witnessed} were witnessed, so it is an old copy; restore the newest"
            ),
            Self::LedgerDiverged { witnessed } => write!(
                f,
                "the ledger's first {witnessed} entries are not those that were witnessed; restore the ledger they came from"
            ),
            Self::ReservationDiffers(id) => {
                write!(f, "release {id} is reserved with other measurements; ask again with those, or under a new id")
            }
            Self::NotReserved(id) => write!(f, "release {id} has no reservation; reserve its budget first"),
            Self::ArchiveDiffers(id) => {
                write!(f, "the archive of release {id} is not the recorded one; publish the first archive")
            }
            Self::NotArchived(id) => write!(f, "the archive of release {id} is not recorded; record it before publishing"),
            Self::LimitLowered => {
                write!(
                    f,
                    "a limit can only be raised; name an epsilon and a delta, for noise and for keys, that are not below the present"
                )
            }
            Self::Contended => write!(f, "other writers won every attempt to write to the ledger; run again"),
            Self::Log(error) => write!(f, "{error}"),
        }
    }
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the budget does not admit {}: of epsilon {} at delta {}, {} is spent; ask for less or raise the limit",
            self.asked.to_text(),
            to_text(self.limit.epsilon()),
            to_text(self.limit.delta()),
            to_text(&self.spent),
        )
    }
}

impl std::error::Error for Error {}

impl From<LogError> for Error {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}
