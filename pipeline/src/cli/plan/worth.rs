//! What `utfall plan` says that the numbers of a table are worth.

use super::{NumberKind, number};
use crate::cli::terminal::Terminal;

/// What the numbers of a table are worth.
pub(super) struct Worth {
    /// Of a cell.
    pub(super) margin: f64,
    /// Of a share of one half, times the people.
    pub(super) half: Option<f64>,
    pub(super) kind: NumberKind,
    pub(super) terminal: Terminal,
}

impl Worth {
    pub(super) fn told(&self) -> String {
        let terminal = self.terminal;
        let margin = self.margin.ceil();
        match (self.kind, self.half) {
            (NumberKind::Mean | NumberKind::Share, Some(half)) => {
                let half = number(half, 1, terminal);
                terminal.say(format!("ett värde för N personer: ±{half}/N"), format!("a value for N people: ±{half}/N"))
            }
            _ => terminal.say(
                format!(
                    "±{margin:.0}; en cell med {margin:.0} personer skiljs från noll varannan gång, en med {:.0} nästan alltid",
                    2.0 * margin
                ),
                format!(
                    "±{margin:.0}; a cell of {margin:.0} people is told from zero every second time, one of {:.0} almost always",
                    2.0 * margin
                ),
            ),
        }
    }

    /// Of a project of so many people in so many cells.
    pub(super) fn of(&self, planned: f64, cells: f64) -> String {
        let (margin, cell, terminal) = (self.margin.ceil(), planned / cells, self.terminal);
        let points = |share: f64| match share * 100.0 {
            points if points >= 50.0 => terminal.say("en andel säger ingenting".to_owned(), "a share says nothing".to_owned()),
            points => {
                terminal.say(format!("en andel ±{points:.0} procentenheter"), format!("a share ±{points:.0} percentage points"))
            }
        };
        let told = match (self.kind, self.half) {
            (NumberKind::Mean, Some(half)) => format!("±{}", number(half / cell, 2, terminal)),
            (NumberKind::Share, Some(half)) => points(half / cell),
            (NumberKind::Count, half) => {
                let share = half.map_or_else(String::new, |half| format!(", {}", points(half / planned)));
                let doubt = if cell < margin {
                    terminal.say("; de flesta celler OTILLFÖRLITLIGA", "; most cells UNRELIABLE")
                } else {
                    ""
                };
                format!("±{margin:.0}{share}{doubt}")
            }
            (NumberKind::Mean | NumberKind::Share, None) => return String::new(),
        };
        terminal.say(
            format!("{planned:.0} planerade, jämnt fördelade {cell:.0} per cell: {told}"),
            format!("{planned:.0} planned, evenly spread {cell:.0} per cell: {told}"),
        )
    }

    /// The smallest project whose share is known to five percentage points.
    pub(super) fn smallest(&self) -> Option<f64> {
        self.half.filter(|_| self.kind != NumberKind::Mean).map(|half| (half / 0.05).ceil())
    }
}
