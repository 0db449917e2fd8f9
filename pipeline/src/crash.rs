//! Where the tests kill the process, or have it stand still: between every two steps that leave something on disk. Nothing in any other
//! build.

/// Does nothing.
#[cfg(not(test))]
pub(crate) fn point(_: &str) {}

/// Kills the process if this is the point that the test named, `name` or, for the second time it is passed, `name#2`; or sends it the
/// signal that the test named, which it may survive.
#[cfg(test)]
pub(crate) fn point(name: &str) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static PASSED: AtomicUsize = AtomicUsize::new(0);
    let Ok(wanted) = std::env::var("UTFALL_TEST_CRASH") else { return };
    let (at, time) = wanted.split_once('#').map_or((wanted.as_str(), 1), |(at, time)| (at, time.parse().unwrap()));
    if at == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == time {
        let signal = std::env::var("UTFALL_TEST_SIGNAL").unwrap_or_else(|_| "-9".to_owned());
        let sent = std::process::Command::new("kill").args([&signal, &std::process::id().to_string()]).status();
        assert!(signal != "-9", "{sent:?}");
    }
}
