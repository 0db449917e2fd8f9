//! What the text of one cell means by itself: a day, a number. Takes a text; gives a value, or what is to be remarked of it. Sees no
//! row and no list. Start reading at [`dates::delivered`].

pub mod dates;
pub mod numbers;
