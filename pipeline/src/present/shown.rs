//! The folder to publish into: tried before anything is paid for, and asked what it shows that the ledger should know of.

use std::path::{Path, PathBuf};

use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::redact::shown as named;
use utfall_ground::text::Message;
use utfall_publish::{self, Payment, PublishError, ShownRelease};

/// What goes wrong with publishing: a path that can be no folder is wrong usage, all else is the file system's.
pub fn failed(error: PublishError) -> Error {
    match error {
        PublishError::NoFolder(_) => Error::usage("out-no-folder", error.message()),
        _ => Error::storage("not-published", error.message()),
    }
}

/// Refuses to go on where these releases could not be published.
///
/// # Errors
/// As [`failed`] says.
pub fn ready(out: &Path, names: &[String]) -> Result<(), Error> {
    utfall_publish::ready(out, names).map_err(failed)
}

/// Refuses formats that nobody can write.
///
/// # Errors
/// Names the format, and those that are known.
pub fn formats(names: &[String]) -> Result<(), Error> {
    for name in names {
        utfall_publish::format(name).map_err(|e| Error::usage("unknown-format", e.message()))?;
    }
    Ok(())
}

/// What the folder shows.
#[derive(Debug)]
pub struct Shown {
    out: PathBuf,
    releases: Vec<ShownRelease>,
}

impl Shown {
    /// Looks. Do this before the ledger is opened: another run may publish in between what it has just recorded.
    ///
    /// # Errors
    /// When the path can be no folder, or what is shown does not say where it comes from.
    pub fn look(out: &Path) -> Result<Self, Error> {
        utfall_publish::place(out).map_err(failed)?;
        utfall_publish::shown(out).map(|releases| Self { out: out.to_owned(), releases }).map_err(failed)
    }

    /// Refuses if the ledger has forgotten what it has paid for, or if a release of another ledger would be replaced.
    ///
    /// # Errors
    /// With the page, and what to do about it.
    pub fn accept(&self, ledger: &FileLedger, names: &[String]) -> Result<(), Error> {
        for ShownRelease { name, source } in &self.releases {
            match source.standing(ledger.head().ledger, |id| ledger.archived(id)) {
                Payment::Forgotten => return Err(forgotten(&self.out, name)),
                Payment::Another if names.contains(name) => return Err(another(&self.out, name)),
                Payment::Known | Payment::Another => {}
            }
        }
        Ok(())
    }
}

fn forgotten(out: &Path, name: &str) -> Error {
    let page = named(&out.join(name));
    Error::storage(
        "ledger-behind-pages",
        Message::new(
            format!(
                "{page} visar en release som huvudboken inte känner: data och nycklar är en äldre kopia, och budget har förbrukats sedan dess. Återställ båda från den nyaste säkerhetskopian. Finns ingen nyare är budgeten för det som visas ändå förbrukad: flytta {page} först när den som ansvarar för data har beslutat hur det ska räknas"
            ),
            format!(
                "{page} shows a release that the ledger does not know: data and keys are an older copy, and budget was spent since. Restore both from the newest backup. If there is no newer one, the budget of what is shown is spent all the same: move {page} away only when whoever is responsible for the data has decided how it is to be reckoned"
            ),
        ),
    )
}

fn another(out: &Path, name: &str) -> Error {
    let page = named(&out.join(name));
    Error::usage(
        "pages-of-another",
        Message::new(
            format!(
                "{page} visar en release ur en annan huvudbok och skulle ersättas. Hör katalogen till en annan installation, välj en annan med --out. Har data börjats om med flit, ta bort {page}; vad som publicerats om samma personer före det skyddar huvudboken inte"
            ),
            format!(
                "{page} shows a release of another ledger and would be replaced. If the folder belongs to another installation, choose another with --out. If the data were begun anew on purpose, remove {page}; the ledger does not account for what was published of the same people before"
            ),
        ),
    )
}
