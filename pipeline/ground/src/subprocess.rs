//! A process of its own for work that may ask for more than there is: this very program, by an argument, without what the
//! environment may hold of a key. If it ends before its time, nothing else does.

use std::io::Error;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The command that starts such a process; what it is told and what it answers go through pipes.
///
/// # Errors
/// When this program cannot be found.
pub fn command(argument: &str) -> Result<Command, Error> {
    let mut command = Command::new(program()?);
    command.arg(argument).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    Ok(command)
}

/// Ends this process with the one that started it: whoever asked and is no more wants no answer.
pub fn die_with_parent() {
    use rustix::process::{Signal, set_parent_process_death_signal};
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
}

/// Itself, also where its file has been replaced since it was started.
fn program() -> Result<PathBuf, Error> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}
