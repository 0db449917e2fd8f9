//! What belongs to the process and to no command: its thread, its limits, its panics, what it says when it cannot go on.

pub(super) mod signals;

use std::io;
use std::path::Path;

use super::terminal::{Level, Terminal};
use utfall_ground::error::{Error, system};
use utfall_ground::text::{Lang, Message};

/// Room for deep plans.
const STACK: usize = 64 << 20;

/// Runs a command on a thread with room for deep plans.
pub(super) fn on_a_thread<T: Send + 'static>(command: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(command).map_err(Error::threadless)?;
    thread.join().unwrap_or_else(|_| Err(Error::panicked()))
}

/// The runtime of the engine and the store.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK >> 2).enable_all().build();
    runtime.map_err(Error::threadless)
}

/// What could not be printed is not done: whoever reads the rest of it would take it for all.
pub(super) fn unprinted(error: io::Error) -> Error {
    let why = system(&error);
    Error::storage(
        "not-printed",
        Message::new(
            format!(
                "det som skrivs ut går inte att skriva ({}); det som gjordes är gjort, kör igen: det kostar inget mer",
                why.get(Lang::Sv)
            ),
            format!("what is printed cannot be written ({why}); what was done is done, run again: it costs nothing more"),
        ),
    )
}

/// The system's error in the words of a panic, which end with its number: `(os error 28)`.
fn in_words(words: &str) -> io::Error {
    let number = words.split_once("(os error ").and_then(|(_, rest)| rest.split_once(')')?.0.parse().ok());
    number.map_or_else(|| io::Error::other(words.to_owned()), io::Error::from_raw_os_error)
}

/// Refuses a machine that gives too few threads: the runtime would wait for ever for one that never comes.
pub(super) fn threads() -> Result<(), Error> {
    let gate = std::sync::Mutex::new(());
    std::thread::scope(|scope| {
        // All of them at once: each waits until the last has begun.
        let _closed = gate.lock();
        let begun = |_| std::thread::Builder::new().stack_size(64 << 10).spawn_scoped(scope, || drop(gate.lock())).map(drop);
        (0..cores() + 8).try_for_each(begun).map_err(Error::threadless)
    })
}

/// How many threads a runtime begins.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Refuses an address space in which memory would end in the middle of something: then there is no going on and no message. Each
/// thread takes memory of its own, so this is asked before the first begins.
pub(super) fn memory() -> Result<(), Error> {
    use rustix::process::{Resource, getrlimit};
    let least = (2 << 30) + u64::try_from(cores()).unwrap_or(1) * (256 << 20);
    match getrlimit(Resource::As).current {
        Some(most) if most < least => Err(Error::storage(
            "memory-limit",
            Message::new(
                format!("minnet är begränsat till {} MB, minst {} behövs; höj gränsen (ulimit -v)", most >> 20, least >> 20),
                format!(
                    "memory is limited to {} MB, at least {} are needed; raise the limit (ulimit -v)",
                    most >> 20,
                    least >> 20
                ),
            ),
        )),
        _ => Ok(()),
    }
}

/// A panic's words may quote data, as the engine's errors may: they go to the controller's log, and nowhere else. Of a pipe
/// that nobody reads a command says something unless it `only_tells`.
pub(super) fn quiet_panics(data: &Path, only_tells: bool, terminal: Terminal) {
    let data = data.to_path_buf();
    std::panic::set_hook(Box::new(move |panic| {
        let words = panic.to_string();
        if let Some((_, why)) = words.split_once("failed printing to std") {
            // Somebody closed the pipe to which we print, as `| head` does: nothing failed but nobody reads on.
            if why.contains("Broken pipe") {
                if only_tells {
                    std::process::exit(5);
                }
                let told = terminal.say(
                    "ingen läser det som skrivs ut: avbrutet; kör igen, inget är förlorat",
                    "nobody reads what is printed: stopped; run again, nothing is lost",
                );
                terminal.log(Level::Error, "nobody-reads", told, str::to_owned);
            } else {
                let why = why.split_once(": ").map_or(why, |(_, why)| why).lines().next().unwrap_or_default();
                terminal.error(&unprinted(in_words(why)));
            }
            std::process::exit(5);
        }
        // A runtime that could begin only some of its threads waits for the others for ever.
        if ["can't spawn worker thread", "failed to spawn thread"].iter().any(|begun| words.contains(begun)) {
            let why = words.lines().last().and_then(|line| line.split_once(": ")).map_or("", |(_, why)| why);
            terminal.error(&Error::threadless(in_words(why)));
            std::process::exit(5);
        }
        Error::engine(words).log(&data);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_in_a_panic_is_told_in_both_languages() {
        let full = in_words("No space left on device (os error 28)");
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert!(unprinted(full).shown(Lang::Sv).contains("(skivan är full)"));
        let other = unprinted(in_words("something else"));
        assert!(other.shown(Lang::Sv).contains("okänt systemfel") && other.shown(Lang::En).contains("something else"));
    }
}
