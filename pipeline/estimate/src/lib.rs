//! The numeric kernel of estimates: the least error for a budget, and estimates that add up with all that is known of their
//! error. It sees sizes, precisions and noisy numbers, which are public; neither data nor a database.
//!
//! In the order in which they build on each other: [`tree`] (places within places), [`family`] (tables that add up),
//! [`workload`] and [`optimum`] (how to divide the budget, and the best that is possible), [`strategy`] (what to measure with
//! it), [`reconcile`] (least squares), [`tail`], [`distribution`], [`combination`], [`share`], [`mean`] and [`variance`] (how far a
//! noise, an estimate, a combination of several and what is computed of them can be off). What does not depend on the draw is made once and applied to each.

pub mod combination;
#[cfg(test)]
mod coverage;
pub mod distribution;
pub mod family;
pub mod interval;
pub mod loss;
pub mod mean;
pub mod optimum;
pub mod reconcile;
pub mod share;
pub mod strategy;
pub mod tail;
pub mod tree;
pub mod variance;
pub mod workload;
