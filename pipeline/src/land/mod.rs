//! Landing: from the lists as they are to pseudonymised, numbered Parquet; the lists of a call in few commits.
//!
//! The life of a list, room by room:
//!
//! 1. [`accept`]: what was **said** of it, by options, titles, names and mappings: its month, its projects, whether it is a part.
//! 2. [`read`]: its bytes, in pieces of whole lines; the sheets of a workbook, as a person sees them, as lines.
//! 3. [`understand`]: how it is to be read, decided once: encoding, separator, headings, which table and which column is which.
//! 4. [`validate`]: its cells as typed values ([`cell`]), row by row, on all cores; whose a row is.
//! 5. [`partition`]: its rows by person, beside what has landed of the same people; [`crate::settle`] says what becomes of each
//!    person's rows, and files are written that a commit will name.
//! 6. [`report`]: what sender and controller are told of it.
//!
//! [`finding`] names what can be wrong with a delivery; [`Landing`] goes through the rooms in this order, and commits. After acceptance
//! everything here is row-local or person-local: one person's rows change no other person's. No room may show the value of a cell.
//! Start reading at [`Landing`].

pub mod accept;
pub mod cell;
pub mod finding;
mod landing;
pub mod partition;
pub mod read;
pub mod report;
pub mod understand;
pub mod validate;

pub use landing::{Landing, Step};
pub use report::{FileReport, Outcome};

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) mod bench;
    mod made;
    mod many;
    mod neighbours;
    mod numbered;
    mod plain;
}
