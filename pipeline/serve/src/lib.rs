//! `utfall serve`: the folder of pages over HTTP, and the tables in it through the interface that PxWeb's clients speak.
//!
//! It knows what is published and nothing else: it reads the folder of pages, `site.toml` as the caller read it, and `codelists.json`
//! beside the pages. It writes nothing, opens no connection of its own, and keeps no record of who asked for what. TLS is a proxy's in
//! front of it.
//!
//! ```text
//! /                         files of the folder, as they lie there
//! /api/v2                   PxWebApi 2.2; /api/v2/openapi.json describes it
//! ```

mod api;
mod body;
mod library;
mod limits;
mod listen;
mod pages;
mod rate;
mod regroup;
mod router;
mod selection;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Semaphore};
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_publish::Settings;

use library::{Library, Seen};
pub use limits::Limits;
use rate::Rate;

/// How long what the folder shows is believed before somebody looks again.
const EVERY: Duration = Duration::from_secs(1);

/// What is served, and how.
#[derive(Debug, Clone)]
pub struct Serve {
    /// The folder of pages.
    pub out: PathBuf,
    /// Where to listen.
    pub address: SocketAddr,
    /// The address by which readers know the server, if it is another: that of a proxy, `https://example.org/statistics/`. Without it, links are
    /// to the name that a reader used.
    pub base: Option<String>,
    /// Whether a proxy is in front, whose `X-Forwarded-For` says who calls. Elsewhere anybody could say so.
    pub proxied: bool,
    /// What the site says of itself.
    pub settings: Settings,
    /// What readers may ask for.
    pub limits: Limits,
}

impl Serve {
    /// Serves until the process is told to stop (SIGINT, SIGTERM); what is being answered then is answered to its end. Says so when the
    /// folder was read.
    ///
    /// # Errors
    /// When the folder cannot be read, or nobody may listen at the address.
    pub fn run(&self, begun: impl FnOnce()) -> Result<(), Error> {
        let server = self.server()?;
        begun();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|why| self.fault("serve-threads", "börja svara", "begin to answer", &why))?;
        runtime.block_on(listen::run(server)).map_err(|why| {
            self.fault(
                "serve-address",
                "lyssna; är adressen ledig, och är den den här datorns?",
                "listen; is the address free, and is it this machine's?",
                &why,
            )
        })
    }

    /// What answers, when the folder was read for the first time.
    fn server(&self) -> Result<Arc<Server>, Error> {
        let seen = Seen::now(&self.out).map_err(|why| Error::given(&self.out, why))?;
        let library = Library::read(&self.out, seen, &Library::default());
        Ok(Arc::new(Server {
            out: self.out.clone(),
            address: self.address,
            base: self.base.clone().or_else(|| self.settings.base.clone()),
            proxied: self.proxied,
            settings: self.settings.clone(),
            pages: pages::Cache::new(self.limits.cache),
            rate: Rate::new(self.limits.calls, self.limits.window),
            seats: Semaphore::new(self.limits.requests),
            limits: self.limits.clone(),
            library: RwLock::new(Arc::new(library)),
            looked: Mutex::new(Instant::now()),
            every: EVERY,
        }))
    }

    fn fault(&self, code: &'static str, sv: &str, en: &str, why: &std::io::Error) -> Error {
        let at = self.address;
        Error::storage(code, Message::new(format!("{at}: kan inte {sv} ({why})"), format!("{at}: cannot {en} ({why})")))
    }
}

/// What every answer is made of.
#[derive(Debug)]
struct Server {
    out: PathBuf,
    address: SocketAddr,
    base: Option<String>,
    proxied: bool,
    settings: Settings,
    limits: Limits,
    pages: pages::Cache,
    rate: Rate,
    seats: Semaphore,
    library: RwLock<Arc<Library>>,
    looked: Mutex<Instant>,
    every: Duration,
}

impl Server {
    /// The tables as the folder shows them. One request a second looks at its links; while it reads what is new, the others are answered by what
    /// was there.
    async fn library(&self) -> Arc<Library> {
        if let Ok(mut looked) = self.looked.try_lock()
            && looked.elapsed() >= self.every
        {
            self.look().await;
            *looked = Instant::now();
        }
        self.now()
    }

    fn now(&self) -> Arc<Library> {
        Arc::clone(&self.library.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn look(&self) {
        let (out, before) = (self.out.clone(), self.now());
        let read = move || {
            // A folder that cannot be read now shows what it showed.
            let seen = Seen::now(&out).ok().filter(|seen| !before.is_of(seen))?;
            Some(Library::read(&out, seen, &before))
        };
        if let Ok(Some(library)) = tokio::task::spawn_blocking(read).await {
            *self.library.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(library);
        }
    }
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
struct Peer(IpAddr);

#[cfg(test)]
mod fixture;
