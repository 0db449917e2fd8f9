//! The folder of the key: apart from the data, for its owner only; and a process that leaves no image of its memory.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use utfall_ground::error::Error;
use utfall_ground::text::{Lang, Message};

/// The key must be there and only its owner may read it.
///
/// # Errors
/// With what to do.
pub(super) fn owner_only(path: &Path) -> Result<(), Error> {
    let metadata = std::fs::metadata(path).map_err(|e| {
        let why = utfall_ground::error::system(&e);
        Error::storage(
            "key-missing",
            Message::new(
                format!(
                    "ingen nyckel i {} ({}); återställ den från dess säkerhetskopia eller ange dess katalog med --keys",
                    path.display(),
                    why.get(Lang::Sv)
                ),
                format!(
                    "no key at {} ({}); restore it from its backup or point --keys at its folder",
                    path.display(),
                    why.get(Lang::En)
                ),
            ),
        )
    })?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(Error::storage(
            "key-readable",
            Message::new(
                format!("andra får läsa {0}; kör: chmod 600 {0}", path.display()),
                format!("others may read {0}; run: chmod 600 {0}", path.display()),
            ),
        ));
    }
    Ok(())
}

/// Forbids core dumps and debuggers of other processes, as far as the platform lets us: while a list lands, the key and
/// identity numbers are in this process's memory. What the platform refuses is no reason to stop.
pub fn harden() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// The key zone must not lie below the data directory, nor the other way round: a copy of one is then no copy of the other.
///
/// # Errors
/// When one lies below the other.
pub fn require_separate(zone: &Path, data: &Path) -> Result<(), Error> {
    let (zone, data) = (real(zone), real(data));
    if zone.starts_with(&data) || data.starts_with(&zone) {
        return Err(Error::storage(
            "zones-together",
            Message::new(
                format!(
                    "nycklar och data måste ligga skilda åt: {} och {}; välj en annan katalog med --keys",
                    zone.display(),
                    data.display()
                ),
                format!(
                    "keys and data must be apart: {} and {}; choose another folder with --keys",
                    zone.display(),
                    data.display()
                ),
            ),
        ));
    }
    Ok(())
}

/// Where a path really leads, whether it exists yet or not: links are followed as far as there are any.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    let mut real = PathBuf::new();
    for component in absolute.components() {
        if component == std::path::Component::ParentDir {
            real.pop();
        } else {
            real.push(component);
        }
        real = real.canonicalize().unwrap_or(real);
    }
    real
}
