//! What people declare, read from files that anybody may read: nothing here sees a delivered row.
//!
//! [`schema`] (tables, columns, code lists: a [`schema::Catalogue`]), [`register`] (public tables of the project bank), [`spec`]
//! (releases and their queries, as their authors wrote them) and [`bounds`] (how much of one person a release may hold). Start
//! reading at [`schema`].

pub mod bounds;
pub mod differs;
pub mod lone;
pub mod number;
mod quoted;
pub mod register;
pub mod schema;
pub mod spec;
