//! `utfall serve`.

use std::net::SocketAddr;

use clap::Args;

use super::places::Places;
use super::terminal::Terminal;
use super::usage;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_serve::{Limits, Serve};

/// Arguments of `utfall serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Where to listen: this machine alone, unless another address is named
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    address: SocketAddr,
    /// The address by which readers know the server, if it is another: https://example.org/statistics/ [default: that of site.toml]
    #[arg(long, value_name = "URL")]
    base: Option<String>,
    /// A proxy is in front, whose X-Forwarded-For says who calls
    #[arg(long)]
    proxied: bool,
    /// The most cells of one answer
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().cells, value_parser = usage::at_least_one::<usize>)]
    cells: usize,
    /// The most calls of one address within ten seconds
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().calls, value_parser = usage::at_least_one::<u32>)]
    calls: u32,
}

impl ServeArguments {
    /// Serves the folder of pages until it is told to stop. Knows neither data nor key.
    pub(super) fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        places.require_shown_apart()?;
        let settings = places.settings()?;
        if let Some(base) = self.base.as_ref().filter(|base| !utfall_publish::settings::is_address(base)) {
            return Err(Error::usage(
                "base",
                Message::new(
                    format!("--base {base}: ingen adress; skriv den hel: https://exempel.se/statistik/"),
                    format!("--base {base}: no address; write it in full: https://example.org/statistics/"),
                ),
            ));
        }
        let limits = Limits { cells: self.cells, calls: self.calls, ..Limits::default() };
        let (out, address, base, proxied) = (places.out.clone(), self.address, self.base, self.proxied);
        let told = format!("{}: {}, http://{address}/, http://{address}/api/v2", terminal.say("visar", "serving"), out.display());
        Serve { out, address, base, proxied, settings, limits }.run(|| println!("{told}"))
    }
}
