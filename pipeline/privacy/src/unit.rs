//! Whom the guarantee protects.
//!
//! The privacy unit is **a person**: all rows of all deliveries, in all projects of a domain, over all time.
//! Two histories of landed deliveries are *neighbours* when they hold the same deliveries, accepted in the same order,
//! and one has all rows of one person where the other has none. Everything else in this crate is counted against that
//! pair: a person adds or removes rows. (Exchanging one person for another is two steps: twice epsilon, four times rho.)

/// The name of the privacy unit as the first entry of every ledger states it.
///
/// # Privacy
/// A budget means nothing without its unit, so the unit is written down before anything can be spent, and a ledger
/// that names another unit is refused when it is opened.
///
/// # Checked by
/// `ledger::tests::damage::another_unit_is_refused`
pub const UNIT: &str = "person";
