//! Work on things side by side, on all cores.

use std::sync::{Mutex, PoisonError};

use crate::error::Error;

/// The stack of a thread that plans: a plan is a tree, and whoever walks down a deep one needs room.
pub const STACK: usize = 64 << 20;

/// Does `work` with each thing, on threads of their own, as many as there are cores; gives what came of each, in the order of the
/// things.
///
/// # Errors
/// When a thread cannot be begun, or panicked.
pub fn each<T: Send, R: Send>(things: Vec<T>, work: impl Fn(T) -> R + Sync) -> Result<Vec<R>, Error> {
    let count = things.len();
    let things = Mutex::new(things.into_iter().enumerate());
    let next = || things.lock().unwrap_or_else(PoisonError::into_inner).next();
    let core = || std::iter::from_fn(next).map(|(at, thing)| (at, work(thing))).collect::<Vec<_>>();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(count);
    let mut done = std::thread::scope(|scope| {
        let begin = |_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, core).map_err(Error::threadless);
        let begun = (0..threads).map(begin).collect::<Result<Vec<_>, _>>()?;
        let joined = begun.into_iter().map(|thread| thread.join().map_err(|_| Error::panicked()));
        Ok::<_, Error>(joined.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect::<Vec<_>>())
    })?;
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_each_thing_stands_at_its_place() {
        let slow_first = |n: u64| {
            std::thread::sleep(std::time::Duration::from_millis(20 - n));
            n * n
        };
        assert_eq!(each((0..20).collect(), slow_first).unwrap(), (0..20).map(|n| n * n).collect::<Vec<_>>());
        assert!(each(Vec::<u64>::new(), slow_first).unwrap().is_empty());
        assert!(each(vec![1, 2], |n| assert_eq!(n, 1)).is_err());
    }
}
