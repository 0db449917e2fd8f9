//! The folder to publish into: tried before anything is paid for, and asked what it shows that the ledger should know of.

use std::path::Path;

use super::Places;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::language::say;
use utfall_ground::redact::shown as named;
use utfall_publish::{self, PublishError, Source, Standing};

/// What goes wrong with publishing: a path that can be no folder is wrong usage, all else is the file system's.
pub(super) fn failed(error: PublishError) -> Error {
    match error {
        PublishError::NoFolder(_) => Error::usage("usage", error.to_string()),
        _ => Error::storage("usage", error.to_string()),
    }
}

/// Refuses to go on where these releases could not be published.
pub(super) fn ready(places: &Places, names: &[String]) -> Result<(), Error> {
    utfall_publish::ready(&places.out, names).map_err(failed)
}

/// What the folder shows.
#[derive(Debug)]
pub(super) struct Shown(Vec<(String, Source)>);

impl Shown {
    /// Looks. Do this before the ledger is opened: another run may publish in between what it has just recorded.
    ///
    /// # Errors
    /// When the path can be no folder, or what is shown does not say where it comes from.
    pub(super) fn look(places: &Places) -> Result<Self, Error> {
        utfall_publish::place(&places.out).map_err(failed)?;
        utfall_publish::shown(&places.out).map(Self).map_err(failed)
    }

    /// Refuses if the ledger has forgotten what it has paid for, or if a release of another ledger would be replaced.
    pub(super) fn accept(&self, places: &Places, ledger: &FileLedger, names: &[String]) -> Result<(), Error> {
        for (name, source) in &self.0 {
            match source.standing(ledger.head().ledger, |id| ledger.archived(id)) {
                Standing::Forgotten => return Err(forgotten(&places.out, name)),
                Standing::Another if names.contains(name) => return Err(another(&places.out, name)),
                Standing::Known | Standing::Another => {}
            }
        }
        Ok(())
    }
}

fn forgotten(out: &Path, name: &str) -> Error {
    let page = named(&out.join(name));
    Error::storage(
        "usage",
        say(
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
        "usage",
        say(
            format!(
                "{page} visar en release ur en annan huvudbok och skulle ersättas. Hör katalogen till en annan installation, välj en annan med --out. Har data börjats om med flit, ta bort {page}; vad som publicerats om samma personer före det skyddar huvudboken inte"
            ),
            format!(
                "{page} shows a release of another ledger and would be replaced. If the folder belongs to another installation, choose another with --out. If the data were begun anew on purpose, remove {page}; the ledger does not account for what was published of the same people before"
            ),
        ),
    )
}
