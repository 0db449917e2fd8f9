//! `utfall.toml`: where things are, said once for everybody who works in a folder and for jobs that nobody watches. It is looked for
//! in the working folder and in those above it, as git looks for its own; `--config` names another. What it says stands below options
//! and variables of the environment, and paths in it are relative to it. Start reading at [`Config::find`].

mod machines;

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use self::machines::{Machines, Written as WrittenMachines};
use super::terminal::value_of;
use utfall_ground::error::Error;
use utfall_ground::text::{Lang, Message};
use utfall_ground::{toml, untrusted};

/// What the file is called.
pub(super) const FILE: &str = "utfall.toml";
/// The variable that names another; empty, none is looked for.
const VARIABLE: &str = "UTFALL_CONFIG";

/// What a file said.
#[derive(Debug, Clone, Default)]
pub(super) struct Config {
    /// The file, if there is one.
    pub(super) path: Option<PathBuf>,
    /// The data directory.
    pub(super) data: Option<PathBuf>,
    /// The key zone.
    pub(super) keys: Option<PathBuf>,
    /// The folder of schemas and queries.
    pub(super) home: Option<PathBuf>,
    /// The folder to publish into.
    pub(super) out: Option<PathBuf>,
    /// The folder for copies of object stores.
    #[cfg_attr(not(feature = "object-store"), allow(dead_code, reason = "there are none"))]
    pub(super) cache: Option<PathBuf>,
    /// The language of messages.
    pub(super) language: Option<Lang>,
    /// What the names of lists in an inbox look like.
    pub(super) pattern: Vec<String>,
    /// The machines of a cluster.
    #[cfg_attr(not(feature = "cluster"), allow(dead_code, reason = "there are none"))]
    pub(super) machines: Machines,
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    data: Option<String>,
    keys: Option<String>,
    home: Option<String>,
    out: Option<String>,
    cache: Option<String>,
    language: Option<Language>,
    #[serde(default)]
    engine: Vec<String>,
    cluster: Option<WrittenMachines>,
    #[serde(default)]
    inbox: Inbox,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Language {
    Sv,
    En,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inbox {
    #[serde(default)]
    pattern: Vec<String>,
}

impl Config {
    /// The file that a command line or the environment names, else the first from the working folder upwards; nothing if there is none.
    ///
    /// # Errors
    /// When it cannot be read, has an unknown field, or is one that somebody else can have put there.
    pub(super) fn find(arguments: &[impl AsRef<OsStr>]) -> Result<Self, Error> {
        let named = value_of(arguments, "--config").map(PathBuf::from);
        if let Some(path) = named.or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from)) {
            if path.as_os_str().is_empty() {
                return Ok(Self::default());
            }
            let folder = utfall_ground::durable::folder(&path).to_owned();
            return Self::read(path, &folder);
        }
        let Ok(here) = std::env::current_dir() else { return Ok(Self::default()) };
        let there = here.ancestors().map(|folder| (folder, folder.join(FILE))).find(|(_, path)| path.symlink_metadata().is_ok());
        let Some((folder, path)) = there else { return Ok(Self::default()) };
        // By a link too: whoever made it chose where it leads.
        for of in [path.symlink_metadata(), path.metadata()] {
            let of = of.map_err(|e| Error::given(&path, e))?;
            let mode = folder.metadata().map_or(0, |folder| folder.mode());
            let link = of.is_symlink();
            if let Some(why) = doubt(rustix::process::geteuid().as_raw(), (of.uid(), if link { 0 } else { of.mode() }), mode) {
                return Err(refused(&path, &why));
            }
        }
        // What lies below the working folder is told as it is written.
        let base = if folder == here { PathBuf::new() } else { folder.to_owned() };
        Self::read(path, &base)
    }

    fn read(path: PathBuf, base: &Path) -> Result<Self, Error> {
        let text = untrusted::text(&path, untrusted::DESCRIPTION).map_err(|e| Error::given(&path, e))?;
        let wrong = |why: Message| Error::usage("config-file", why.after(format!("{}: ", path.display())));
        let Written { data, keys, home, out, cache, language, engine, cluster, inbox } = toml::read(&text).map_err(wrong)?;
        let place = |name: &str, said: Option<String>| said.map(|said| placed(name, &said, base)).transpose().map_err(wrong);
        // An address is none of a folder, wherever the file lies.
        let (address, folder) =
            data.map_or((None, None), |data| if data.contains("://") { (Some(data), None) } else { (None, Some(data)) });
        let pattern = inbox.pattern;
        super::inbox::patterns(&pattern).map_err(wrong)?;
        let machines = Machines::of(&engine, cluster, |name, said| placed(name, said, base)).map_err(wrong)?;
        Ok(Self {
            data: Some(match address {
                Some(address) => PathBuf::from(address),
                None => place("data", folder)?.unwrap_or_else(|| base.join("data")),
            }),
            keys: place("keys", keys)?,
            home: Some(
                place("home", home)?.unwrap_or_else(|| if base.as_os_str().is_empty() { ".".into() } else { base.to_owned() }),
            ),
            out: Some(place("out", out)?.unwrap_or_else(|| base.join("out"))),
            cache: place("cache", cache)?,
            language: language.map(|language| match language {
                Language::Sv => Lang::Sv,
                Language::En => Lang::En,
            }),
            pattern,
            machines,
            path: Some(path),
        })
    }
}

/// A path as the file has it, from the file's folder.
fn placed(name: &str, said: &str, base: &Path) -> Result<PathBuf, Message> {
    // Whose home that is depends on who runs the program: of a job it is another's than of whoever wrote it.
    if said.is_empty() || said == "~" || said.starts_with("~/") {
        return Err(Message::new(
            format!("`{name}` är ingen sökväg här: `{said}`; skriv den hel, som /srv/utfall, eller från den här filens katalog"),
            format!("`{name}` is no path here: `{said}`; write it in full, as /srv/utfall, or from the folder of this file"),
        ));
    }
    Ok(base.join(said))
}

/// Why a file that nobody named is not followed: it says where the key is, so it must be one's own or root's, and nobody else may have
/// written it. A folder in which all may write is safe where each can rename only what is his own.
fn doubt(me: u32, (owner, mode): (u32, u32), folder: u32) -> Option<Message> {
    if owner != me && owner != 0 {
        return Some(Message::new("den tillhör någon annan", "it belongs to somebody else"));
    }
    if mode & 0o002 != 0 {
        return Some(Message::new("alla får skriva i den", "everybody may write to it"));
    }
    (folder & 0o1002 == 0o002).then(|| Message::new("alla får skriva i dess katalog", "everybody may write in its folder"))
}

fn refused(path: &Path, why: &Message) -> Error {
    let shown = path.display();
    Error::usage(
        "config-not-yours",
        Message::new(
            format!(
                "{shown} följs inte, för {}, och den säger var nycklar och data ligger. Ange den med --config om den är rätt, eller kör med {VARIABLE}= för att ingen ska sökas",
                why.get(Lang::Sv)
            ),
            format!(
                "{shown} is not followed, since {}, and it says where keys and data are. Name it with --config if it is right, or run with {VARIABLE}= so that none is looked for",
                why.get(Lang::En)
            ),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_somebody_else_can_have_put_there_is_not_followed() {
        const ME: u32 = 1000;
        for (owner, mode, folder, followed) in [
            (ME, 0o100644, 0o40755, true),
            (0, 0o100644, 0o40755, true),
            (ME, 0o100664, 0o40775, true),
            (ME, 0o100600, 0o41777, true),
            (1001, 0o100644, 0o40755, false),
            (1001, 0o100644, 0o41777, false),
            (ME, 0o100666, 0o40755, false),
            (ME, 0o100644, 0o40777, false),
        ] {
            assert_eq!(doubt(ME, (owner, mode), folder).is_none(), followed, "{owner} {mode:o} {folder:o}");
        }
        assert!(doubt(0, (ME, 0o100644), 0o40755).is_some(), "root follows nobody");
    }

    #[test]
    fn paths_are_from_the_file_and_never_from_somebodys_home() {
        let base = Path::new("/srv/utfall");
        assert_eq!(placed("data", "data", base), Ok("/srv/utfall/data".into()));
        assert_eq!(placed("keys", "/etc/utfall", base), Ok("/etc/utfall".into()));
        assert_eq!(placed("keys", "../keys", Path::new("")), Ok("../keys".into()));
        for wrong in ["", "~", "~/.config/utfall"] {
            assert!(placed("keys", wrong, base).is_err(), "{wrong}");
        }
    }
}
