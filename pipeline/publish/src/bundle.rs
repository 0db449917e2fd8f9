//! What a data-protection officer keeps of a release, in one folder that can be checked without this program's data.
//!
//! Everything in it may be published but for who approved and the reasons of the ledger: what was published, why one person moves it no further than was paid for, what was asked, and what the
//! ledger says. `SHA256SUMS` names every file, and is signed if there is a key.

use std::path::{Path, PathBuf};

use super::{Files, Format as _, Imprint, OutputFile, PublishError, Source, collect, folder, signature, site, source};
use crate::dataset::pack::Pack;
use crate::{Edition, Publication};
use utfall_ground::text::Lang;

/// What a data-protection officer keeps of a release.
#[derive(Debug)]
pub struct Bundle(Files);

impl Bundle {
    /// That of a publication: its page to print, what it says of itself, its proofs, its data sets and its queries. `more` is what stands
    /// beside the data: the ledger, the archive, schemas.
    ///
    /// # Errors
    /// When a file cannot be composed, or two have one path.
    pub fn of(
        publication: &Publication,
        source: &Source,
        imprint: Imprint<'_>,
        more: Vec<OutputFile>,
    ) -> Result<Self, PublishError> {
        let mut files = Files::default();
        let published = collect(publication, source, imprint.settings)?;
        let mut pages: Vec<OutputFile> =
            Lang::ALL.into_iter().map(site::page_name).filter_map(|page| published.file(page)).collect();
        if pages.is_empty() {
            // The method is told on a page, also of a release that is published without.
            let pack = Pack::of(publication, source);
            pages = site::Html.files(Edition { publication, pack: &pack, settings: imprint.settings })?;
        }
        for OutputFile { path, bytes } in pages {
            files.add(Path::new("method").join(path), bytes)?;
        }
        for (path, bytes) in published.0 {
            files.add(Path::new("published").join(path), bytes)?;
        }
        files.add(Path::new("published").join(source::FILE), source.to_json())?;
        for table in &publication.description.tables {
            files.add(PathBuf::from(format!("queries/{}.sql", table.name)), table.sql.clone().into_bytes())?;
        }
        for OutputFile { path, bytes } in more {
            files.add(path, bytes)?;
        }
        if let Some(OutputFile { path, bytes }) = signature::public_key(imprint.signer) {
            files.add(path, bytes)?;
        }
        signature::seal(&mut files, imprint.signer, Path::new(""), &format!("bundle {}", publication.id))?;
        Ok(Self(files))
    }

    /// Writes it as a new folder, whole or not at all; gives how many files it has.
    ///
    /// # Errors
    /// When there is something already, or the file system refuses.
    pub fn write(&self, dir: &Path) -> Result<usize, PublishError> {
        if std::fs::symlink_metadata(dir).is_ok() {
            return Err(PublishError::Taken(dir.to_owned()));
        }
        folder::write_new(dir, &self.0)?;
        Ok(self.0.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_bundle_is_a_new_folder_that_names_all_its_files() {
        let (folder, publication) = (tempfile::tempdir().unwrap(), fixture::publication());
        let more = || vec![OutputFile { path: PathBuf::from("ledger.txt"), bytes: b"whole\n".to_vec() }];
        let bundle = Bundle::of(&publication, &Source::default(), fixture::imprint(), more()).unwrap();
        let dir = folder.path().join("bundle");
        let files = bundle.write(&dir).unwrap();
        let sums = std::fs::read_to_string(dir.join(signature::SUMS)).unwrap();
        assert_eq!(sums.lines().count() + 1, files);
        for file in [
            "ledger.txt",
            "queries/by_project.sql",
            "published/certificate.json",
            "method/index.html",
            "published/by_project.csv",
        ] {
            assert!(sums.contains(&format!("  {file}\n")) && dir.join(file).is_file(), "{file}");
        }
        assert!(matches!(bundle.write(&dir), Err(PublishError::Taken(_))));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        let twice = [more(), more()].concat();
        assert!(matches!(Bundle::of(&publication, &Source::default(), fixture::imprint(), twice), Err(PublishError::Path(_))));
    }
}
