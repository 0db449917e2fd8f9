//! Rows by person: those of a report parted and sorted, beside what has landed of the same people, and the files that come of both.
//! Takes packed rows; gives files that a commit will name. No person's rows are looked at beside another's. Start reading at
//! [`cluster`].

pub mod cluster;
mod packed;
mod spill;

pub use packed::{PARTITIONS, Partition, Partitions};
pub use spill::Spill;
