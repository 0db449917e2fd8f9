//! Where the tests kill the process: between every two steps that leave something on disk. Nothing in any other build.

/// Does nothing.
#[cfg(not(test))]
pub(crate) fn point(_: &str) {}

/// Kills the process if this is the point that the test named.
#[cfg(test)]
pub(crate) fn point(name: &str) {
    if std::env::var("UTFALL_TEST_CRASH").is_ok_and(|at| at == name) {
        let killed = std::process::Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
        panic!("{killed:?}");
    }
}
