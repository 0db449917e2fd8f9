//! Draws by integer arithmetic alone, so that a seed means the same on every platform.

use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};

/// A seeded source of choices. Good for made-up people; never for noise.
pub(super) struct Draw(ChaCha20Rng);

impl Draw {
    /// The draws that belong to this seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A generator of its own, seeded by one draw from this one.
    pub(super) fn fork(&mut self) -> Self {
        Self::new(self.0.next_u64())
    }

    /// A number from 0 up to but not including `n`, each equally likely.
    pub(super) fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "nothing to draw from");
        let n = n as u64;
        let whole = u64::MAX - u64::MAX % n;
        loop {
            let drawn = self.0.next_u64();
            if drawn < whole {
                return (drawn % n) as usize;
            }
        }
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        assert!(low <= high, "nothing between {low} and {high}");
        low + self.below((high - low) as usize + 1) as i32
    }

    /// True `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// One of these, each as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, items: &[(T, usize)]) -> T {
        let mut left = self.below(items.iter().map(|(_, weight)| weight).sum());
        for (item, weight) in items {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        unreachable!("the draw is below the sum of the weights")
    }

    /// Puts the items in a random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Each item exactly as many times as said, in a random order.
    pub(super) fn deck<T: Copy>(&mut self, items: &[(T, usize)]) -> Vec<T> {
        let mut deck: Vec<T> = items.iter().flat_map(|(item, count)| std::iter::repeat_n(*item, *count)).collect();
        self.shuffle(&mut deck);
        deck
    }

    /// Exactly `count` of these (all, if there are fewer), in their own order.
    pub(super) fn some<'a, T>(&mut self, items: impl IntoIterator<Item = &'a T>, count: usize) -> Vec<&'a T> {
        let mut chosen: Vec<(usize, &T)> = items.into_iter().enumerate().collect();
        self.shuffle(&mut chosen);
        chosen.truncate(count);
        chosen.sort_by_key(|(place, _)| *place);
        chosen.into_iter().map(|(_, item)| item).collect()
    }
}
