//! What became of somebody who left: occupation and income as the outcome has it, and what was found out half a year later.

use super::day::Day;
use super::draw::Draw;
use super::person::yes_no;

/// What is known of a person after leaving; empty where nothing is.
#[derive(Default)]
pub(super) struct After {
    /// The position on the labour market on leaving.
    pub(super) status: &'static str,
    /// What the person lives on.
    pub(super) income: &'static str,
    /// The day from which that was so.
    pub(super) since: String,
    /// The position half a year later.
    pub(super) later: &'static str,
    /// Whether it is better than on entering.
    pub(super) improved: &'static str,
}

/// Half a year, in days; then somebody asks again.
const LATER: i32 = 183;

const EMPLOYED: &str = "Sysselsatt";
const STUDENT: &str = "Studerande";
const UNEMPLOYED: &str = "Långtidsarbetslös";
const OUTSIDE: &str = "Utanför arbetskraften (studerar inte)";

/// What those live on who found neither work nor studies.
const SUPPORT: [(&str, usize); 4] =
    [("Ekonomiskt bistånd", 45), ("Aktivitetsstöd", 35), ("A-kassa", 12), ("Ingen egen försörjning", 8)];

impl After {
    /// Of somebody who left on this day for this outcome (in the words of the lists), as known on the day of the list.
    pub(super) fn of(exit: &str, left: Day, listed: Day, draw: &mut Draw) -> Self {
        if exit.is_empty() {
            return Self::default();
        }
        let (status, income) = position(exit, draw);
        // Most start at once, some after more than four weeks, and of some the day was not written down.
        let since = left + if draw.chance(92) { draw.between(0, 20) } else { draw.between(35, 60) };
        let written = draw.chance(95) && since <= listed;
        let asked = left + LATER <= listed && draw.chance(92);
        let later = match status {
            EMPLOYED => draw.weighted(&[(EMPLOYED, 78), (UNEMPLOYED, 16), (OUTSIDE, 6)]),
            STUDENT => draw.weighted(&[(STUDENT, 60), (EMPLOYED, 28), (UNEMPLOYED, 12)]),
            UNEMPLOYED => draw.weighted(&[(UNEMPLOYED, 78), (EMPLOYED, 16), (STUDENT, 6)]),
            _ => draw.weighted(&[(OUTSIDE, 88), (UNEMPLOYED, 8), (EMPLOYED, 4)]),
        };
        Self {
            status,
            income,
            since: if written { since.to_string() } else { String::new() },
            later: if asked { later } else { "" },
            improved: if asked { yes_no([EMPLOYED, STUDENT].contains(&later)) } else { "" },
        }
    }
}

/// Occupation and income that go with an outcome.
fn position(exit: &str, draw: &mut Draw) -> (&'static str, &'static str) {
    match exit {
        "Arbete" => (EMPLOYED, "Lön"),
        "Starta eget" | "Eget företag" => (EMPLOYED, "Eget företag"),
        "Studier" | "Reguljär utbildning" => (STUDENT, "Studiestöd"),
        "Söker arbete" | "Arbetssökande" | "Jobbsökaraktivitet med coachning" | "Fas 3" | "Särskilt syfte" => {
            (UNEMPLOYED, draw.weighted(&SUPPORT))
        }
        "Sjukskriven" | "Sjukdom" => (OUTSIDE, "Sjukpenning"),
        "I väntan på pension" => (OUTSIDE, "Pension"),
        _ => (OUTSIDE, draw.weighted(&SUPPORT)),
    }
}
