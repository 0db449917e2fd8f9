//! Whom the guarantee protects.
//!
//! The privacy unit is **a person**: all that lists say of her, in all projects of a domain, over all time.
//! Two histories of deliveries are *neighbours* when they hold the same deliveries, accepted in the same way and in the same
//! order, and the lists of one have all lines of one person where those of the other have none. Everything else in this crate
//! is counted against that pair: a person adds or removes rows. (Exchanging one person for another is two steps: twice epsilon,
//! four times rho.)
//!
//! Recognising a delivery, decoding it, rejecting it, what it replaces, and the order of deliveries belong to *acceptance*. That is
//! the controller's act and, by this definition, the same for both neighbours; it is made from what was said of a delivery
//! (options, titles, names, mappings), so that hardly anything that one line says can bear on it. What is left of that is
//! listed in the project's README. After acceptance a person's lines decide about her own rows alone.
//!
//! A person is who an identity number means. Two people under one number are protected as a group of two (twice epsilon, four
//! times rho), and so are r protected records of one person as a group of r.

/// The name of the privacy unit as the first entry of every ledger states it.
///
/// # Privacy
/// A budget means nothing without its unit, so the unit is written down before anything can be spent, and a ledger
/// that names another unit is refused when it is opened.
///
/// # Checked by
/// `ledger::tests::damage::another_unit_is_refused`
pub const UNIT: &str = "person";
