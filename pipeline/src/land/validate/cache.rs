//! Spellings that were met before: most cells of a column are one of few, and one comparison of sixteen bytes tells which.

use crate::catalogue::schema::Spelling;

/// Spellings of a column's codes, as they were written, so that the next such cell is one comparison.
#[derive(Debug, Default)]
pub(super) struct Cache {
    /// The spellings as numbers, each at its slot or behind it; 0 where there is none.
    keys: Vec<u128>,
    codes: Vec<Spelling>,
}

/// How many spellings of a column are kept, and how far from its slot one may be.
const SLOTS: usize = 1024;
const REACH: usize = 8;

impl Cache {
    /// A text of up to fifteen bytes and its length as one number, which is never 0.
    #[inline]
    pub(super) fn key(text: &str) -> Option<u128> {
        let mut window = [0; 16];
        window.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Self::within(&window, text.len())
    }

    /// The same of the first bytes of sixteen, without branches that the length decides.
    #[inline]
    pub(super) fn within(window: &[u8; 16], length: usize) -> Option<u128> {
        let text = (1..16).contains(&length).then(|| u128::from_le_bytes(*window) & ((1 << (8 * length)) - 1))?;
        Some(text | (length as u128) << 120)
    }

    #[inline]
    fn slot(key: u128) -> usize {
        let folded = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (folded >> 54) as usize
    }

    #[inline]
    pub(super) fn get(&self, key: u128) -> Option<Spelling> {
        let slot = Self::slot(key);
        let at = slot + self.keys.get(slot..)?.iter().take(REACH).position(|known| *known == key)?;
        self.codes.get(at).copied()
    }

    pub(super) fn put(&mut self, key: u128, code: Spelling) {
        self.keys.resize(SLOTS + REACH, 0);
        self.codes.resize(SLOTS + REACH, Spelling::default());
        let slot = Self::slot(key);
        let free = (slot..slot + REACH).find(|at| self.keys.get(*at) == Some(&0));
        if let Some((known, of)) = free.and_then(|at| self.keys.get_mut(at).zip(self.codes.get_mut(at))) {
            (*known, *of) = (key, code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_is_met_again_and_no_other_is_taken_for_it() {
        let mut met = Cache::default();
        let texts: Vec<String> = (0..3_000).map(|i| format!("text {i}")).chain(["x".to_owned(), "x\0".to_owned()]).collect();
        for (i, text) in (0..).zip(&texts) {
            let key = Cache::key(text).unwrap();
            assert_eq!(met.get(key), None, "{text}");
            met.put(key, Spelling { id: i, is_former: false });
            // Where there is no room it is looked up as before.
            assert!([None, Some(Spelling { id: i, is_former: false })].contains(&met.get(key)), "{text}");
        }
        let kept = (0..)
            .zip(&texts)
            .filter(|(i, text)| met.get(Cache::key(text).unwrap()) == Some(Spelling { id: *i, is_former: false }))
            .count();
        assert!(kept > SLOTS / 2, "{kept}");
        assert_eq!((Cache::key(""), Cache::key("sixteen letters!")), (None, None));
    }
}
