//! A query in a file of its own, to be tried: with the release.toml that lies beside it, or as if it were in a release of its own.

use std::path::Path;

use utfall_estimate::workload::Objective;
use utfall_privacy::Budget;

use super::bounds::Bounds;
use super::number;
use super::quoted;
use super::schema::Catalogue;
use super::spec::{self, QuerySpec, ReleaseSpec};
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_ground::{durable, untrusted};

/// What is reckoned with where nothing is declared: participations of a person, and rows of a child table in each.
const TRIED: (u64, u64) = (3, 10);

/// What is reckoned with in a lone query; none where a release.toml beside it says so.
pub fn reckoned(file: &Path) -> Option<Message> {
    let (participations, rows) = TRIED;
    (!is_of_release(file)).then(|| {
        Message::new(
            format!("ingen release.toml bredvid: prövas med {participations} deltaganden per person och {rows} rader av en undertabell i varje"),
            format!("no release.toml beside it: checked with {participations} participations of a person and {rows} rows of a child table in each"),
        )
    })
}

/// Whether a release.toml lies beside a file.
fn is_of_release(file: &Path) -> bool {
    durable::folder(file).join("release.toml").symlink_metadata().is_ok()
}

/// The release of a lone query, with what is reckoned with where none lies beside it.
///
/// # Errors
/// As [`spec::read`]; that the file cannot be read.
pub fn read(queries: &Path, file: &Path, catalogue: &Catalogue) -> Result<ReleaseSpec, Error> {
    if is_of_release(file)
        && let Ok(folder) = durable::folder(file).canonicalize()
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
    of_one_query(queries, file, Bounds { participations, rows, period: None })
}

/// A release of one query that lies in none: with these bounds, with a budget of 1, and under the file's name where it has no title.
///
/// # Errors
/// When the file cannot be read, or quotes what is not there.
fn of_one_query(queries: &Path, file: &Path, bounds: Bounds) -> Result<ReleaseSpec, Error> {
    let sql = untrusted::text_of(durable::folder(file), file, spec::LONGEST as u64)?.trim_start_matches('\u{feff}').to_owned();
    let (shown, stem) = (file.display().to_string(), file.file_stem().map(|s| s.to_string_lossy().into_owned()));
    let name = stem.filter(|stem| spec::is_name(stem)).unwrap_or_else(|| "query".to_owned());
    let wrong = |why: Message| Error::usage("query-file", why.after(format!("{shown}: ")));
    let mut query = match spec::parse(&name, &shown, &sql) {
        Err(_) if !sql.contains("/*+++") => {
            let titled = format!("/*+++ title = {{ sv = \"{name}\", en = \"{name}\" }} +++*/\n{sql}");
            QuerySpec { sql, ..spec::parse(&name, &shown, &titled).map_err(wrong)? }
        }
        found => found.map_err(wrong)?,
    };
    query.differs = None;
    let (title, mut one) = (query.title.clone(), [query]);
    let quoted = quoted::written_out("", &mut one, &|other| spec::read(queries, other))?;
    let budget_text = ("1".to_owned(), "1e-6".to_owned());
    let budget = Budget::parse(&budget_text.0, &budget_text.1).map_err(|e| wrong(number::wrong(&e)))?;
    Ok(ReleaseSpec {
        name: "trial".to_owned(),
        title,
        about: None,
        budget_text,
        budget,
        bounds,
        beyond: None,
        objective: Objective::default(),
        formats: vec!["html".to_owned()],
        interval: "0.95".to_owned(),
        approvals: 0,
        periods: None,
        queries: one.into(),
        quoted,
    })
}
