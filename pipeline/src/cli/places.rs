//! Where things are: data directory, key zone, home of schemas and queries, folder of pages; as given on the command line, in the
//! environment or in the configuration.

use std::path::{Path, PathBuf};
use std::sync::Once;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::config::Config;
use super::forget;
use super::terminal::Terminal;
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec;
use crate::keyzone::{Key, SigningKey};
use crate::present::signed::Signing;
use crate::present::unchanged::Folders;
use crate::release::prepared::Declared;
use crate::store::Store;
use crate::store::address::Address;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::redact;
use utfall_ground::text::Message;
use utfall_publish::{Imprint, Settings, Signer, settings};

/// Where things are.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Places {
    /// Data directory: landed tables, ledger, archive (private; back it up); a folder, or in builds with object stores
    /// s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_DATA", default_value = "data", value_name = "DIR")]
    pub(super) data: PathBuf,
    /// Folder for the working copy of a data directory in an object store (private) [default: ~/.cache/utfall]
    #[cfg(feature = "object-store")]
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_CACHE", value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Key zone: pseudonymisation key and the ledger's witness; must lie apart from the data [default: ~/.config/utfall]
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_KEYS", value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Folder that holds schemas/ and queries/
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_HOME", default_value = ".", value_name = "DIR")]
    home: PathBuf,
    /// Folder to publish into
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_OUT", default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
    // Read by `Config::find` before the command line is; here so that it is known.
    /// File that says where all this is, below what options and variables say [default: utfall.toml in the working folder or one
    /// above it]
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_CONFIG", value_name = "FILE")]
    config: Option<String>,
    /// What that file said.
    #[arg(skip)]
    pub(super) configured: Config,
    /// The bucket, where `data` is the copy of one.
    #[arg(skip)]
    pub(super) bucket: Option<Address>,
}

mod bucket;

/// A store in which nothing is left half done, and its key.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) store: Store,
    pub(super) key: Key,
    pub(super) ledger: FileLedger,
}

/// What all publications have in common.
#[derive(Debug)]
pub(super) struct OwnImprint {
    settings: Settings,
    signer: Option<Signing>,
}

impl OwnImprint {
    /// The same, for whoever publishes.
    pub(super) fn as_ref(&self) -> Imprint<'_> {
        Imprint {
            settings: &self.settings,
            signer: self.signer.as_ref().map(|key| key as &dyn Signer),
            account: None,
            codelists: None,
        }
    }
}

/// Which releases; all if none is named.
#[derive(Debug, clap::Args)]
pub(super) struct Names {
    /// Releases (folders below queries/); all if none is named
    #[arg(value_name = "RELEASE")]
    pub(super) names: Vec<String>,
}

/// In which form a command says what it did.
#[derive(Debug, clap::Args)]
pub(super) struct Form {
    // Read by `Terminal::of` before the command line is; here so that it is known.
    /// Say it as one JSON object on standard output, and nothing else there; pipeline/README.md names its fields
    #[arg(long)]
    #[allow(dead_code)]
    json: bool,
}

impl Names {
    /// The names that were given, or those of all releases.
    pub(super) fn all(&self, places: &Places) -> Result<Vec<String>, Error> {
        if self.names.is_empty() { spec::names(&places.queries()) } else { Ok(self.names.clone()) }
    }
}

impl Places {
    /// The same where a configuration says what neither the command line nor the environment does.
    pub(super) fn configured(mut self, matches: &ArgMatches, config: Config) -> Self {
        let places =
            [("data", &mut self.data, &config.data), ("home", &mut self.home, &config.home), ("out", &mut self.out, &config.out)];
        for (name, place, configured) in places {
            let is_said = matches.value_source(name).is_some_and(|source| source != ValueSource::DefaultValue);
            if let Some(configured) = configured.as_ref().filter(|_| !is_said) {
                place.clone_from(configured);
            }
        }
        self.keys = self.keys.or_else(|| config.keys.clone());
        #[cfg(feature = "object-store")]
        {
            self.cache = self.cache.or_else(|| config.cache.clone());
        }
        self.configured = config;
        self
    }

    /// The key zone: as given, or below the user's configuration folder.
    pub(super) fn keys(&self) -> Result<PathBuf, Error> {
        if let Some(keys) = &self.keys {
            return Ok(keys.clone());
        }
        let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
        config.map(|c| c.join("utfall")).ok_or_else(|| {
            Error::usage(
                "no-home-folder",
                Message::new(
                    "ingen hemkatalog; säg var nyckeln ligger med --keys KATALOG",
                    "no home folder; say where the key lies with --keys DIR",
                ),
            )
        })
    }

    /// The store; the folder to publish into must lie apart from it and from the keys.
    pub(super) fn store(&self, terminal: Terminal) -> Result<Store, Error> {
        let keys = self.keys()?;
        self.require_apart(&self.out, "--out")?;
        let store = Store::open(&self.data, &keys)?;
        self.warn_of_wide(&keys, terminal);
        Ok(store)
    }

    /// Tells once that others may enter data or keys.
    pub(super) fn warn_of_wide(&self, keys: &Path, terminal: Terminal) {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            [self.data.as_path(), keys]
                .into_iter()
                .filter_map(utfall_ground::permissions::wide)
                .for_each(|wide| terminal.warn("permissions", wide));
        });
    }

    /// Tells once of a clock that may be ahead.
    pub(super) fn remark(wrong: Option<impl Into<Message>>, terminal: Terminal) {
        static TOLD: Once = Once::new();
        if let Some(wrong) = wrong {
            TOLD.call_once(|| terminal.warn("clock", wrong));
        }
    }

    /// The store and its key, with what an interrupted erasure, rotation or merge left finished.
    pub(super) async fn ready(&self, catalogue: &Catalogue, terminal: Terminal) -> Result<Ready, Error> {
        crate::keyzone::harden();
        let store = self.store(terminal)?;
        // A copy whose ledger is behind must not land either: the other, which is ahead, could no longer be used.
        let ledger = self.ledger()?;
        Self::remark(crate::store::clock::check(&store, &ledger)?, terminal);
        store.is_read_as_landed(catalogue)?;
        self.finished((store, ledger), catalogue, terminal).await
    }

    /// The same where schemas may have changed since rows landed.
    pub(super) async fn ready_to_migrate(&self, catalogue: &Catalogue, terminal: Terminal) -> Result<Ready, Error> {
        crate::keyzone::harden();
        let store = self.store(terminal)?;
        store.is_declared(catalogue)?;
        self.finished((store, self.ledger()?), catalogue, terminal).await
    }

    async fn finished(
        &self,
        (store, ledger): (Store, FileLedger),
        catalogue: &Catalogue,
        terminal: Terminal,
    ) -> Result<Ready, Error> {
        let resumed = crate::upkeep::resume(&store, catalogue).await?;
        resumed.finished.iter().for_each(|finished| forget::tell_finished(&store, finished, terminal));
        Ok(Ready { store: store.again()?, key: resumed.key, ledger })
    }

    /// The ledger of the store.
    pub(super) fn ledger(&self) -> Result<FileLedger, Error> {
        crate::store::ledger::open(&self.data, &self.keys()?)
    }

    /// Refuses a place that is to hold what is published and lies with the data or the keys.
    ///
    /// # Errors
    /// When it does.
    pub(super) fn require_apart(&self, out: &Path, option: &str) -> Result<(), Error> {
        for private in [&self.data, &self.keys()?] {
            crate::keyzone::require_separate(out, private).map_err(|_| {
                let out = out.display();
                Error::usage(
                    "out-not-apart",
                    Message::new(
                        format!(
                            "det som publiceras måste ligga skilt från data och nycklar: {out}; välj en annan katalog med {option}"
                        ),
                        format!(
                            "what is published must lie apart from data and keys: {out}; choose another folder with {option}"
                        ),
                    ),
                )
            })?;
        }
        Ok(())
    }

    /// Refuses to show the folder of pages where data or keys lie in it, as far as it is known where they are.
    pub(super) fn require_shown_apart(&self) -> Result<(), Error> {
        if self.keys().is_ok() {
            return self.require_apart(&self.out, "--out");
        }
        crate::keyzone::require_separate(&self.out, &self.data)
    }

    /// The folder of schemas, code lists and registers.
    pub(super) fn schemas(&self) -> PathBuf {
        self.home.join("schemas")
    }

    /// What is declared there.
    pub(super) fn catalogue(&self) -> Result<Catalogue, Error> {
        let folder = self.schemas();
        if !folder.is_dir() {
            let shown = folder.display();
            return Err(Error::usage(
                "no-schemas",
                Message::new(
                    format!(
                        "inga scheman i {shown}; kör i katalogen som innehåller schemas/ och queries/, eller ange den med --home"
                    ),
                    format!("no schemas at {shown}; run in the folder that holds schemas/ and queries/, or name it with --home"),
                ),
            ));
        }
        Catalogue::read(&folder)
    }

    /// The folder of releases.
    pub(super) fn queries(&self) -> PathBuf {
        self.home.join("queries")
    }

    /// What the site says of itself.
    pub(super) fn settings(&self) -> Result<Settings, Error> {
        let queries = self.queries();
        Settings::read(&queries).map_err(|wrong| {
            Error::usage("site-file", wrong.after(format!("{}: ", redact::shown(&queries.join(settings::FILE)))))
        })
    }

    /// What all publications have in common.
    pub(super) fn imprint(&self) -> Result<OwnImprint, Error> {
        crate::keyzone::harden();
        Ok(OwnImprint {
            settings: self.settings()?,
            signer: SigningKey::read(&self.keys()?)?.map(|key| Signing::new(key, &self.data)),
        })
    }

    /// Where releases are made and shown.
    pub(super) fn folders(&self) -> Folders {
        Folders { data: self.data.clone(), schemas: self.schemas(), queries: self.queries(), out: self.out.clone() }
    }

    /// What is declared, and an engine that knows it.
    pub(super) fn declared(&self) -> Result<Declared, Error> {
        let catalogue = self.catalogue()?;
        let engine = crate::engine::connect(&catalogue)?;
        #[cfg(feature = "cluster")]
        let engine = match &self.configured.machines.workers {
            Some(settings) => engine.on(crate::engine::cluster::Cluster::new(settings)?),
            None => engine,
        };
        Ok(Declared { catalogue, engine })
    }
}
