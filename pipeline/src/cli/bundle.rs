//! `utfall bundle`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::ledger::line;
use super::places::Places;
use super::publish::not_archived;
use super::terminal::Terminal;
use crate::present::publication::{self, described};
use crate::present::shown;
use crate::release::approval::Approval;
use crate::release::{self, Archived, History};
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_ground::untrusted;
use utfall_privacy::Release;
use utfall_publish::{Bundle, OutputFile};

/// Arguments of `utfall bundle`.
#[derive(Debug, Args)]
pub(super) struct BundleArguments {
    /// The archived release
    #[arg(value_name = "RELEASE")]
    name: String,
    /// The folder to make
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

impl BundleArguments {
    /// Puts together what is archived of a release; spends nothing and reads no row.
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        places.store(terminal)?;
        places.require_apart(&self.dir, "DIR")?;
        // What is published is for everybody, and a bundle names those who approved.
        let inside = crate::keyzone::require_separate(&self.dir, &places.out).is_err();
        if inside || std::fs::symlink_metadata(&self.dir).is_ok() {
            let dir = self.dir.display();
            return Err(Error::usage(
                "bundle-dir",
                Message::new(
                    format!("{dir}: ange en katalog som inte finns och inte ligger bland det som publiceras"),
                    format!("{dir}: name a folder that is not there yet and not among what is published"),
                ),
            ));
        }
        let (ledger, imprint) = (places.ledger()?, places.imprint()?);
        let all = release::archived(&places.data, &ledger)?;
        let archived = find(&all, &self.name)?;
        let history = History::read(&places.data, &ledger)?;
        let (presented, quoted) = publication::archived(archived, &places.data, &ledger, &all).await?;
        let source = history.source(&self.name, archived.releases(), &quoted);
        let mut more = vec![about()];
        more.extend(of_the_ledger(places, &ledger, &history, terminal)?);
        more.extend(of_the_archive(places, archived.releases().iter().chain(&quoted))?);
        more.push(approvals(places, &self.name)?);
        more.extend(declared(places)?);
        let bundle = Bundle::of(&presented.publication, &source, imprint.as_ref(), more).map_err(shown::failed)?;
        let files = bundle.write(&self.dir).map_err(shown::failed)?;
        println!("{}: {files} {}", self.dir.display(), terminal.say("filer", "files"));
        Ok(())
    }
}

fn find<'a>(all: &'a [Archived], name: &str) -> Result<&'a Archived, Error> {
    for archived in all {
        if let Some(newest) = archived.releases().last()
            && described(newest)?.name == name
        {
            return Ok(archived);
        }
    }
    Err(not_archived(Some(name)))
}

fn file(path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> OutputFile {
    OutputFile { path: path.into(), bytes: bytes.into() }
}

/// What each file is, for whoever opens the folder.
fn about() -> OutputFile {
    file("README.txt", include_str!("bundle/readme.txt"))
}

/// Every entry as it stands, so that the chain can be followed, and what they say in words.
fn of_the_ledger(places: &Places, ledger: &FileLedger, history: &History, terminal: Terminal) -> Result<Vec<OutputFile>, Error> {
    let lines: String = ledger.entries().iter().map(|entry| line(entry, history, terminal) + "\n").collect();
    let mut files = vec![file("ledger.txt", lines)];
    for entry in ledger.entries() {
        let name = format!("{:08}.entry", entry.index());
        let path = places.data.join("ledger").join(&name);
        files.push(file(Path::new("ledger").join(name), std::fs::read(&path).map_err(|e| Error::reading(&path, e))?));
    }
    Ok(files)
}

/// The archives that the publication is made of and stands on, whose SHA-256 the ledger has.
fn of_the_archive<'r>(places: &Places, releases: impl Iterator<Item = &'r Release>) -> Result<Vec<OutputFile>, Error> {
    let one = |release: &Release| {
        let name = format!("archive/{}.release", release.id());
        let path = places.data.join(&name);
        std::fs::read(&path).map(|bytes| file(name, bytes)).map_err(|e| Error::reading(&path, e))
    };
    releases.map(one).collect()
}

fn approvals(places: &Places, name: &str) -> Result<OutputFile, Error> {
    let approvals = Approval::all(&places.data, name)?;
    let json = serde_json::to_vec_pretty(&approvals).map_err(Error::not_encodable)?;
    Ok(file("approvals.json", json))
}

/// Schemas, code lists and registers as they are now, if they are here.
fn declared(places: &Places) -> Result<Vec<OutputFile>, Error> {
    let home = places.schemas();
    let (mut files, mut folders) = (Vec::new(), vec![home.clone()]);
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        for entry in std::fs::read_dir(&folder).map_err(|e| Error::reading(&folder, e))? {
            let path = entry.map_err(|e| Error::reading(&folder, e))?.path();
            let real = untrusted::below(&home, &path).map_err(|e| Error::reading(&path, e))?;
            if real.is_dir() {
                folders.push(path);
            } else if let Ok(inner) = path.strip_prefix(&home) {
                let bytes = untrusted::bytes(&real, untrusted::TABLE).map_err(|e| Error::reading(&path, e))?;
                files.push(file(Path::new("schemas").join(inner), bytes));
            }
        }
    }
    Ok(files)
}
