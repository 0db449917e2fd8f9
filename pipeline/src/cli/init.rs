//! `utfall init`.

use clap::Args;
use utfall_privacy::rational::parse_decimal;
use utfall_privacy::{Budget, Ledger, Rational};

use super::places::Places;
use super::terminal::Terminal;
use crate::catalogue::number;
use crate::keyzone::{KEY_FILE, Key, SigningKey};
use crate::store::Store;
use crate::store::ledger::{FileLog, FileWitness};
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// Arguments of `utfall init`.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Lifetime limit: epsilon of everything ever published from this data (for instance 10, 1/2, 0.5)
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    epsilon: String,
    /// Lifetime limit: delta (for instance 1e-5; 0 for pure differential privacy)
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    delta: String,
    /// The part of delta set aside for tables whose keys are private (see queries/README.md); 0 for none
    #[arg(long, value_name = "NUMBER", default_value = "0")]
    keys_delta: String,
    /// Pseudonymisation domain: one person has unlinkable pseudonyms in two domains
    #[arg(long, default_value = "utfall", value_name = "NAME")]
    domain: String,
    /// The people are made up: every published page says so
    #[arg(long)]
    demonstration: bool,
}

impl Init {
    /// Makes key, ledger and data directory, in this order; `store.toml` comes last, so a killed init is begun again.
    pub(super) fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        crate::store::clock::check_alone()?;
        let limit = limit(&self.epsilon, &self.delta, &self.keys_delta, None)?;
        let most = Rational::new(1.into(), 1_000.into());
        if *limit.epsilon() == Rational::from_integer(0.into()) || *limit.delta() > most {
            return Err(Error::usage(
                "limit",
                Message::new(
                    "epsilon ska vara över 0 och delta högst 1e-3: med epsilon 0 kan inget publiceras, med stort delta skyddas ingen",
                    "epsilon must be above 0 and delta at most 1e-3: with epsilon 0 nothing can be published, with a large delta nobody is protected",
                ),
            ));
        }
        if self.domain.is_empty() || self.domain.chars().any(char::is_control) {
            return Err(Error::usage(
                "domain",
                Message::new("en domän är ett namn utan styrtecken", "a domain is a name without control characters"),
            ));
        }
        if Store::exists(&places.data)? {
            let is =
                Message::new(" är redan en datakatalog; ingenting ändrades", " is a data directory already; nothing was changed");
            return Err(Error::usage("already-there", is.after(places.shown_data())));
        }
        let keys = places.keys()?;
        crate::keyzone::require_separate(&keys, &places.data)?;
        for folder in [&places.data.join("ledger"), &keys] {
            crate::store::private_folder(folder)?;
        }
        // Before a key is made: where files cannot be put once, nothing is begun.
        [&places.data, &keys].into_iter().try_for_each(|folder| crate::store::probe(folder))?;
        let key = self.key(places, &keys)?;
        SigningKey::create(&keys)?;
        begin_ledger(places, &keys, limit, &key)?;
        Store::create(&places.data, &keys, &key, &self.domain, self.demonstration)?;
        places.warn_of_wide(&keys, terminal);
        println!("{}: {}", terminal.say("datakatalog", "data directory"), places.shown_data());
        println!("{}: {} (id {})", terminal.say("nyckel", "key"), keys.join(KEY_FILE).display(), key.id());
        println!("{}: epsilon {}, delta {}", terminal.say("livstidsbudget", "lifetime budget"), self.epsilon, self.delta);
        println!(
            "{}",
            terminal.say(
                "SÄKERHETSKOPIERA NYCKELKATALOGEN nu, till ett annat ställe än data. Utan den kan ingen återkommande person kännas igen och huvudboken inte öppnas.",
                "BACK UP THE KEY FOLDER now, to another place than the data. Without it nobody who comes back can be recognised, and the ledger cannot be opened."
            )
        );
        Ok(())
    }

    /// A new key; or, after an init that was killed, the one that it made.
    fn key(&self, places: &Places, keys: &std::path::Path) -> Result<Key, Error> {
        let ours = places.data.join("ledger/00000000.entry").exists();
        if keys.join(FileWitness::FILE).exists() && !ours {
            return Err(Error::storage(
                "keys-of-another",
                Message::new(
                    format!("{} hör till en annan datakatalog; välj en annan katalog med --keys", keys.display()),
                    format!("{} belongs to another data directory; choose another folder with --keys", keys.display()),
                ),
            ));
        }
        if keys.join(KEY_FILE).exists() || std::env::var_os(crate::keyzone::KEY_VARIABLE).is_some() {
            crate::store::private_folder(keys)?;
            return Key::read(keys, &places.data);
        }
        // A folder that was made for it is made its owner's alone; of one that holds other things, that is told.
        if std::fs::read_dir(keys).is_ok_and(|mut there| there.next().is_none()) {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            std::fs::set_permissions(keys, mode).map_err(|e| Error::writing(keys, e))?;
        }
        Key::create(keys, &places.data)
    }
}

/// Begins the ledger, or accepts the one that a killed init began.
fn begin_ledger(places: &Places, keys: &std::path::Path, limit: Budget, key: &Key) -> Result<(), Error> {
    let (log, witness) = (FileLog::new(&places.data), FileWitness::new(keys));
    let first = places.data.join("ledger/00000000.entry");
    if !first.exists() {
        Ledger::create(log, witness, limit, &key.id(), utfall_ground::clock::now())?;
        return Ok(());
    }
    if !keys.join(FileWitness::FILE).exists() && !FileLog::has_begun(&places.data) {
        // Killed between the ledger's first entry and its witness: nothing was ever spent from it.
        durable::remove(&first)?;
        Ledger::create(log, witness, limit, &key.id(), utfall_ground::clock::now())?;
        return Ok(());
    }
    let ledger = Ledger::open(log, witness)?;
    if *ledger.limit() == limit && ledger.key_id() == key.id() {
        return Ok(());
    }
    Err(Error::storage(
        "begun-otherwise",
        Message::new(
            "en tidigare init började med en annan gräns eller nyckel; ta bort båda katalogerna och börja om",
            "an earlier init began with another limit or key; remove both folders and begin anew",
        ),
    ))
}

/// The part of delta that is set aside for Gaussian noise where epsilons are added up: an eighth. One Gaussian release then takes
/// its share of the limit and not more, and what divergences convert to is less by half a per cent.
const BASIC: u64 = 8;

/// A lifetime limit as it is written on the command line; `before` is the one that it raises.
pub(super) fn limit(epsilon: &str, delta: &str, keys_delta: &str, before: Option<&Budget>) -> Result<Budget, Error> {
    let limit = Budget::parse(epsilon, delta).and_then(|limit| {
        let limit = limit.with_keys_delta(parse_decimal(keys_delta)?)?;
        let eighth = limit.noise_delta() / Rational::from_integer(BASIC.into());
        // No part of a limit is ever lowered.
        let part = before.map_or_else(
            || eighth.clone(),
            |before| (limit.noise_delta() - before.noise_delta()).min(eighth.clone()).max(before.basic_delta().clone()),
        );
        limit.with_basic_delta(part)
    });
    limit.map_err(|e| Error::usage("limit", number::wrong(&e)))
}
