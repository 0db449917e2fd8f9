//! A query in a file of its own, to be tried: with the release.toml that lies beside it, or as if it were in a release of its own.

use std::path::Path;

use super::bounds::Bounds;
use super::schema::Catalogue;
use super::spec::{self, ReleaseSpec};
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// What is reckoned with where nothing is declared: participations of a person, and rows of a child table in each.
pub const TRIED: (u64, u64) = (3, 10);

/// The release of a lone query, with what is reckoned with where none lies beside it.
///
/// # Errors
/// As [`spec::read`]; that the file cannot be read.
pub fn read(queries: &Path, file: &Path, catalogue: &Catalogue) -> Result<ReleaseSpec, Error> {
    let folder = file.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let Some(folder) = folder else { return Err(Error::given(file, std::io::ErrorKind::NotFound.into())) };
    if folder.join("release.toml").symlink_metadata().is_ok()
        && let Ok(folder) = folder.canonicalize()
        && let (Some(all), Some(name)) = (folder.parent(), folder.file_name())
    {
        let mut release = spec::read(all, &name.to_string_lossy())?;
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        release.queries.retain(|query| Some(&query.name) == stem.as_ref());
        if release.queries.is_empty() {
            let why = Message::new("ingen sådan fråga i dess katalog", "no such query in its folder");
            return Err(Error::usage("query-file", why.after(format!("{}: ", file.display()))));
        }
        release.queries.iter_mut().for_each(|query| query.file = file.display().to_string());
        return Ok(release);
    }
    let (participations, each) = TRIED;
    let rows = catalogue.tables().filter(|table| table.parent.is_some()).map(|table| (table.name.clone(), each)).collect();
    spec::of_one_query(queries, file, Bounds { participations, rows, period: None })
}
