//! What people declare, read from files that anybody may read: nothing here sees a delivered row.
//!
//! [`schema`] (tables, columns, code lists: a [`schema::Catalogue`]), [`register`] (public tables of the project bank) and
//! [`spec`] (releases and their queries, as their authors wrote them). Start reading at [`schema`].

pub mod register;
pub mod schema;
pub mod spec;
