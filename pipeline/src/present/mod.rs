//! Publications put together: what is archived, with the SQL above its noisy numbers, ready for any format; what the folder of
//! pages shows beside the ledger; which releases need nothing done. Sees archives and public files, and draws nothing.
//!
//! [`publication`] puts them together, [`shown`] is the folder of pages, [`unchanged`] what stands as it would be made now. Start
//! reading at [`publication`].

pub mod codelists;
pub mod publication;
pub mod rendition;
pub mod shown;
pub mod signed;
pub mod unchanged;
