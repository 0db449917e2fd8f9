//! A copy of the key zone, apart from the data: without it nobody who comes back can be recognised.

use std::path::Path;

use super::require_separate;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// Copies every file of the key zone into a new folder, for its owner only, reads it back and compares it. Gives how many.
///
/// # Errors
/// When the folder is there already, lies below the data directory, or a copy is not as its original.
pub fn backup(zone: &Path, data: &Path, dir: &Path) -> Result<usize, Error> {
    require_separate(dir, data)?;
    if dir.exists() {
        return Err(Error::usage(
            "usage",
            Message::new(
                format!("{} finns redan; ange en ny katalog", dir.display()),
                format!("{} exists already; name a new folder", dir.display()),
            ),
        ));
    }
    durable::create_folder(dir)?;
    let mut copied = 0;
    for entry in std::fs::read_dir(zone).map_err(|e| Error::reading(zone, e))? {
        let path = entry.map_err(|e| Error::reading(zone, e))?.path();
        let Some(name) = path.file_name().filter(|name| path.is_file() && !name.to_string_lossy().starts_with('.')) else {
            continue;
        };
        if name.to_string_lossy().ends_with(".lock") {
            continue;
        }
        let bytes = zeroize::Zeroizing::new(std::fs::read(&path).map_err(|e| Error::reading(&path, e))?);
        let copy = dir.join(name);
        durable::put_if_absent(&copy, &bytes)?;
        let back = zeroize::Zeroizing::new(std::fs::read(&copy).map_err(|e| Error::reading(&copy, e))?);
        if *back != *bytes {
            return Err(Error::storage(
                "backup-differs",
                Message::new(
                    format!("{} blev inte som originalet; säkerhetskopiera igen", copy.display()),
                    format!("{} is not as the original; back up again", copy.display()),
                ),
            ));
        }
        copied += 1;
    }
    Ok(copied)
}
