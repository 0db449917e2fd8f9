//! What the program says when it is told to stop. Every step is one that may be the last, so it stops at once; what was begun
//! is finished or undone by the next run.

use std::io::IsTerminal as _;
use std::os::fd::AsFd as _;
use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::terminal::{Level, Terminal};

/// A closed terminal, Ctrl-C, and what `kill` and a service manager send.
const SIGNALS: [i32; 3] = [1, 2, 15];

/// SIGXFSZ: a file would be larger than it may.
const TOO_LARGE: i32 = 25;

/// Listens on a thread of its own: the others may be busy for minutes. Where that cannot be had, a signal ends the program
/// without words.
pub(in crate::cli) fn listen(terminal: Terminal) {
    let listening = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let number = runtime.block_on(async {
            // What has grown beyond what it may is a file that cannot be written, and is told as one.
            let _told = signal(SignalKind::from_raw(TOO_LARGE))?;
            let mut heard: Vec<(i32, Signal)> = Vec::new();
            for number in SIGNALS.into_iter().filter(|number| !is_ignored(*number)) {
                heard.push((number, signal(SignalKind::from_raw(number))?));
            }
            let first = std::future::poll_fn(|context| {
                let first = heard.iter_mut().find_map(|(number, signal)| signal.poll_recv(context).is_ready().then_some(*number));
                first.map_or(Poll::Pending, Poll::Ready)
            });
            std::io::Result::Ok(first.await)
        })?;
        stop(number, terminal)
    };
    let _ = std::thread::Builder::new()
        .name("signals".into())
        .stack_size(1 << 20)
        .spawn(move || -> std::io::Result<()> { listening() });
}

/// Whether a signal was ignored when the program began, as `nohup` does: then it stays so.
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    ignored >> (number - 1) & 1 == 1
}

fn stop(number: i32, terminal: Terminal) -> ! {
    let words = terminal.say("avbrutet; kör igen, inget är förlorat", "stopped; run again, nothing is lost");
    let errors = std::io::stderr();
    // Below what is left of a progress bar; and past the lock, which a thread may hold that waits for its reader.
    let told = terminal.logged(Level::Error, "stopped", words, str::to_owned);
    let line = format!("{}{told}\n", if errors.is_terminal() { "\n" } else { "" });
    let _ = rustix::io::write(errors.as_fd(), line.as_bytes());
    std::process::exit(128 + number)
}
