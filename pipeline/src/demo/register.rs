//! What the demo needs to know of a registered project.

use super::day::{Day, parse};

/// The register itself, so that no period or number is stated twice.
const REGISTER: &str = include_str!("../../../schemas/register/project.csv");

/// A project's line in the register.
pub(super) struct Entry {
    /// The number under which the project bank keeps the project; empty if it shows none.
    pub(super) number: &'static str,
    /// The project's name.
    pub(super) name: &'static str,
    /// The first day of the project.
    pub(super) start: Day,
    /// The last day of the project.
    pub(super) end: Day,
}

impl Entry {
    /// The entry of the project with this slug, which the register must hold.
    pub(super) fn of(slug: &str) -> Self {
        let mut lines = REGISTER.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let header = lines.next().unwrap_or_default();
        let column = |name| header.iter().position(|title| *title == name).expect("a column of the register");
        let (slugs, start, end) = (column("project"), column("start"), column("end"));
        let line = lines.find(|line| line[slugs] == slug).expect("a registered project");
        Self {
            number: line[column("number")],
            name: line[column("name")],
            start: parse(line[start]).expect("the project's first day"),
            end: parse(line[end]).expect("the project's last day"),
        }
    }
}
