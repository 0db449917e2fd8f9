//! `utfall completions`.

use clap::Args;

use super::terminal::Terminal;
use super::usage;

/// Arguments of `utfall completions`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// Which shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(self, terminal: Terminal) {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut usage::completed(terminal), "utfall", &mut script);
        print!("{}", String::from_utf8_lossy(&script));
    }
}
