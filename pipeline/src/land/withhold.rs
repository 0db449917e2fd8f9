//! Debug impls that show nothing: what a row says, whose it is and which numbers it has must not reach a message or a log by
//! way of `{:?}`.

/// Gives types a Debug that says their name alone.
macro_rules! withhold {
    ($($name:ident $(<$($lifetime:lifetime),+>)?)*) => {$(
        impl $(<$($lifetime),+>)? std::fmt::Debug for $name $(<$($lifetime),+>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(withheld)"))
            }
        }
    )*};
}
pub(crate) use withhold;

#[cfg(test)]
mod tests {
    use crate::land::pack::Cell;
    use crate::land::person::{Frozen, Settled, State, Stored};

    #[test]
    fn what_a_row_says_and_which_numbers_it_has_are_not_shown() {
        let frozen = Frozen { began: 18_700, ended: Some(18_900) };
        let stored = Stored { state: State::Current, month: 614, numbers: [7, 8], frozen };
        let written = vec![(std::borrow::Cow::Borrowed(&b"row"[..]), stored)];
        let settled = Settled { written, ..Settled::default() };
        let shown = format!("{:?} {stored:?} {frozen:?} {settled:?}", [Cell::Code(3), Cell::Date(4)]);
        assert_eq!(shown, "[Cell(withheld), Cell(withheld)] Stored(withheld) Frozen(withheld) Settled(withheld)");
    }
}
