//! `utfall worker`.

use std::io::Write as _;
use std::net::SocketAddr;

use clap::Args;
use tokio::net::TcpListener;

use super::places::Places;
use super::terminal::Terminal;
use crate::engine::cluster::worker::Serving;
use utfall_ground::error::Error;
use utfall_ground::text::{Lang, Message};

/// Arguments of `utfall worker`.
#[derive(Debug, Args)]
pub(super) struct WorkerArguments {
    /// Where to listen: this machine alone, unless [cluster] of utfall.toml names certificates
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7100")]
    address: SocketAddr,
}

impl WorkerArguments {
    /// Counts for other machines until it is told to stop. Knows no key.
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        crate::keyzone::harden();
        // A panic's words may quote data, and nothing is kept here: whoever asked is told that it failed.
        std::panic::set_hook(Box::new(|_| utfall_ground::error::aside("en fråga avbröts / a query was stopped")));
        let serving = Serving { files: places.files()?, tls: places.configured.machines.tls.clone() };
        let listener = TcpListener::bind(self.address).await.map_err(|e| taken(self.address, &e))?;
        let address = listener.local_addr().unwrap_or(self.address);
        println!("{} {address}", terminal.say("arbetar på", "working at"));
        let _ = std::io::stdout().flush();
        serving.run(listener).await
    }
}

fn taken(address: SocketAddr, error: &std::io::Error) -> Error {
    let why = utfall_ground::error::system(error);
    Error::storage(
        "worker-socket",
        Message::new(
            format!("kan inte lyssna på {address}: {}", why.get(Lang::Sv)),
            format!("cannot listen at {address}: {}", why.get(Lang::En)),
        ),
    )
}
