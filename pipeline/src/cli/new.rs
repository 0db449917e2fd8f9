//! `utfall new`: a place of one's own, from what the program carries.

mod files;
mod quote;

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::terminal::Terminal;
use utfall_ground::durable;
use utfall_ground::error::{Error, system};
use utfall_ground::id::random_id;
use utfall_ground::permissions;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;

/// Arguments of `utfall new`.
#[derive(Debug, Args)]
pub(super) struct New {
    /// Folder to make; it must be new or empty
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Where a place is to be.
struct Place {
    /// The folder above it.
    above: PathBuf,
    /// Its name there.
    name: String,
}

impl New {
    /// Writes all files aside and puts the folder in its place at the end: a run that was killed leaves nothing that looks whole.
    pub(super) fn run(self, terminal: Terminal) -> Result<(), Error> {
        let place = Place::of(&self.dir)?;
        let program = std::env::current_exe().map_err(|e| Error::reading(Path::new("utfall"), e))?;
        let aside = place.above.join(format!(".{}.new-{}", place.name, random_id()?));
        let written = write(&aside, &place, &program).and_then(|()| {
            fs::rename(&aside, place.folder()).map_err(|e| Error::writing(&self.dir, e))?;
            durable::sync_folder(&place.above)
        });
        if written.is_err() {
            // Best effort: it has a name of its own, and stands in nobody's way.
            let _ = fs::remove_dir_all(&aside);
        }
        written?;
        let dir = self.dir.display();
        println!("{}: {dir}", terminal.say("gjord", "made"));
        println!(
            "{}",
            terminal.say(
                format!("nästa steg: byt ut exempelprojektet i {dir}/schemas/register/project.csv, sedan"),
                format!("next: replace the example project in {dir}/schemas/register/project.csv, then"),
            )
        );
        println!("  cd {dir} && utfall init --epsilon 10 --delta 1e-5");
        println!("  utfall land lists/*.csv && utfall check && utfall plan && utfall release");
        Ok(())
    }
}

impl Place {
    /// A folder that is not there yet, or is empty and nobody's working folder.
    fn of(dir: &Path) -> Result<Self, Error> {
        let taken = |sv: &str, en: &str| {
            let shown = dir.display();
            let told = Message::new(
                format!("{shown} {sv}; ange en ny eller tom katalog, inget skrevs"),
                format!("{shown} {en}; name a new or empty folder, nothing was written"),
            );
            Error::usage("new-folder", told)
        };
        let folder = match fs::symlink_metadata(dir) {
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) => return Err(Error::given(dir, e)),
            Ok(_) => Some(dir.canonicalize().map_err(|e| Error::given(dir, e))?),
        };
        if let Some(folder) = &folder {
            if !folder.is_dir() {
                return Err(taken("är ingen katalog", "is not a folder"));
            }
            let mut there = fs::read_dir(folder).map_err(|e| Error::given(dir, e))?;
            if there.next().is_some() {
                return Err(taken("är inte tom", "is not empty"));
            }
            if std::env::current_dir().is_ok_and(|here| here.starts_with(folder)) {
                return Err(taken(
                    "är arbetskatalogen, som inte kan bytas ut",
                    "is the working folder, which cannot be replaced",
                ));
            }
        }
        let folder = folder.unwrap_or_else(|| dir.to_owned());
        let name = folder.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| taken("har inget namn som går att skriva ned", "has no name that can be written down"))?;
        let above = durable::folder(&folder).canonicalize().map_err(|e| {
            let (why, shown) = (system(&e), durable::folder(&folder).display());
            Error::usage("new-folder", Message::new(format!("{shown}: {}", why.get(Sv)), format!("{shown}: {}", why.get(En))))
        })?;
        let is_plain = above.to_str().is_some_and(|above| !above.chars().chain(name.chars()).any(char::is_control));
        is_plain
            .then(|| Self { above, name: name.to_owned() })
            .ok_or_else(|| taken("har tecken som inte går att skriva ned", "has characters that cannot be written down"))
    }

    fn folder(&self) -> PathBuf {
        self.above.join(&self.name)
    }

    /// The key zone, beside the folder: whoever copies that has no copy of the key.
    fn keys(&self) -> String {
        format!("{}-keys", self.name)
    }

    /// A text with what stands between braces filled in, as its file has it.
    fn filled(&self, text: &str, program: &Path) -> String {
        let (dir, keys) = (self.folder().display().to_string(), self.above.join(self.keys()).display().to_string());
        let program = program.display().to_string();
        let me = permissions::name(rustix::process::geteuid().as_raw());
        let words = [
            ("{{name}}", self.name.clone()),
            ("{{keys}}", format!("../{}", self.keys())),
            ("{{keys_toml}}", toml::Value::String(format!("../{}", self.keys())).to_string()),
            ("{{user}}", me),
            ("{{dir_unit}}", quote::specifiers(&dir)),
            ("{{dir_path}}", quote::path(&dir)),
            ("{{keys_path}}", quote::path(&keys)),
            ("{{exe_exec}}", quote::word(&program)),
            ("{{dir_cron}}", quote::cron(&dir)),
            ("{{exe_cron}}", quote::cron(&program)),
        ];
        // A name may hold what looks like another word to fill in: each place is filled once.
        let mut filled = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("{{") {
            let (before, from) = rest.split_at(at);
            filled.push_str(before);
            match words.iter().find(|(word, _)| from.starts_with(word)) {
                Some((word, value)) => {
                    filled.push_str(value);
                    rest = from.get(word.len()..).unwrap_or_default();
                }
                None => {
                    filled.push_str("{{");
                    rest = from.get(2..).unwrap_or_default();
                }
            }
        }
        filled + rest
    }
}

/// Writes everything into a new folder, durably. Pages are served from below it, so others may enter it as far as the umask lets them; data
/// and keys close themselves.
fn write(folder: &Path, place: &Place, program: &Path) -> Result<(), Error> {
    let at = |path: &Path, result: std::io::Result<()>| result.map_err(|e| Error::writing(path, e));
    at(folder, fs::create_dir(folder).and_then(|()| permissions::open_folder(folder)))?;
    let lists = folder.join("lists");
    let mut folders = vec![lists.clone(), folder.to_owned()];
    durable::create_folder(&lists)?;
    let start = files::START.iter().map(|(path, text)| (path, place.filled(text, program)));
    let all = files::REPOSITORY.iter().map(|(path, text)| (path, (*text).to_owned())).chain(start);
    for (path, text) in all {
        let path = folder.join(path);
        let above = durable::folder(&path).to_owned();
        at(&above, permissions::public_folder(&above))?;
        let written = File::create_new(&path).and_then(|mut file| {
            permissions::public_file(&file)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        at(&path, written)?;
        folders.push(above);
    }
    folders.iter().try_for_each(|folder| durable::sync_folder(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_filled_in_again() {
        let place = Place { above: "/srv".into(), name: "{{user}} a'b%".into() };
        let filled = place.filled("{{name}}|{{keys_toml}}|{{dir_cron}}|{{dir_path}}|{{ other }}", Path::new("/bin/utfall"));
        assert_eq!(
            filled,
            "{{user}} a'b%|\"../{{user}} a'b%-keys\"|'/srv/{{user}} a'\\''b\\%'|\"/srv/{{user}} a'b%%\"|{{ other }}"
        );
    }

    #[test]
    fn a_folder_that_holds_something_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("full")).unwrap();
        fs::write(at("full/a"), "").unwrap();
        fs::write(at("file"), "").unwrap();
        for name in ["full", "file", "missing/new", "full/.."] {
            assert!(Place::of(&at(name)).is_err(), "{name}");
        }
        fs::create_dir(at("empty")).unwrap();
        assert!(Place::of(&at("empty")).is_ok() && Place::of(&at("new")).is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "to look writes nothing");
    }
}
