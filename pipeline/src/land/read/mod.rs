//! The bytes of a list: in pieces of whole lines, as text of one encoding, as fields; the sheets of a workbook as lines, read by a
//! process of its own. Takes a file; gives fields. Knows no table and no person. Start reading at [`source`].

pub mod decode;
pub mod quotes;
pub mod sandbox;
pub mod source;
pub mod workbook;
