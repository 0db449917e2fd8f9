//! How a list is to be read, decided once: its encoding, separator and headings, which table it is, which column is which, and
//! which lists of one call are one report. Takes files and what was said; gives lists. Start reading at [`list`].

pub mod inferred;
pub mod list;
pub mod mapping;
pub mod reading;
pub mod suggest;
pub mod together;
