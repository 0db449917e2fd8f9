//! The catalogue of the whole site, by which portals find it: DCAT-AP-SE 3.0.1, in three forms of the same triples.
//!
//! Each published table is a dataset series with an address that lasts; its present version is a dataset of the series with one
//! distribution per file that is there. Versions before it are told of in words: DCAT-AP links a dataset to distributions that are
//! available, and neither the files of an earlier version nor which tables it had are. No node is blank, so that who asks twice is told
//! of the same things by the same names.

mod file;
mod graph;
mod serialise;
mod site;
mod table;
mod vocabulary;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::dataset::DataSet;
use crate::dataset::pack::{Pack, ReleaseFacts};
use crate::settings::{Contact, Licence, Publisher};
use crate::{DATA_SETS, OutputFile, PublishError, Settings, folder, front};
use file::DataFile;
pub(crate) use file::media_type;
use graph::Graph;
pub(crate) use serialise::FILES;
pub(crate) use table::{address, guarantee, page, paragraphs};
use utfall_ground::text::{Message, Text};

/// The file that the national portal harvests, which reads no other form. What has no page is named by its address and a fragment.
pub(crate) const HARVESTED: &str = "catalog.rdf";

/// What a catalogue cannot do without.
#[derive(Debug, Clone, Copy)]
struct Site<'s> {
    /// The address below which everything is.
    base: &'s str,
    publisher: &'s Publisher,
    licence: &'s Licence,
    contact: Option<&'s Contact>,
    settings: &'s Settings,
}

/// A release that the folder shows, with the files that lie there.
#[derive(Debug)]
struct Shown {
    pack: Pack,
    /// By the place of the data set in the pack.
    files: Vec<Vec<DataFile>>,
    has_page: bool,
}

/// A table of a release.
#[derive(Debug, Clone, Copy)]
struct Entry<'e> {
    release: &'e ReleaseFacts,
    set: &'e DataSet,
    files: &'e [DataFile],
    has_page: bool,
}

/// Why a site with these settings has no catalogue; none if it has one.
pub fn missing(settings: &Settings) -> Option<Message> {
    let fields = [
        (settings.base.is_none(), "base", Text { sv: "sidornas adress".to_owned(), en: "the address of the pages".to_owned() }),
        (settings.publisher.is_none(), "publisher", Text { sv: "vem som publicerar".to_owned(), en: "who publishes".to_owned() }),
        (
            settings.licence.is_none(),
            "licence",
            Text { sv: "vad läsare får göra".to_owned(), en: "what readers may do".to_owned() },
        ),
    ];
    let lacking: Vec<_> = fields.into_iter().filter(|(is_missing, ..)| *is_missing).collect();
    if lacking.is_empty() {
        return None;
    }
    let listed = |said: fn(&Text) -> &str| {
        lacking.iter().map(|(_, name, text)| format!("`{name}` ({})", said(text))).collect::<Vec<_>>().join(", ")
    };
    Some(Message::new(
        format!("ingen katalog för dataportaler skrivs; lägg till i site.toml: {}", listed(|text| &text.sv)),
        format!("no catalogue for data portals is written; add to site.toml: {}", listed(|text| &text.en)),
    ))
}

/// The catalogue as files of the site; none where the settings lack what it needs ([`missing`]), or where nothing is shown.
pub(super) fn files(out: &Path, settings: &Settings) -> Result<Vec<OutputFile>, PublishError> {
    let (Some(base), Some(publisher), Some(licence)) = (&settings.base, &settings.publisher, &settings.licence) else {
        return Ok(Vec::new());
    };
    let site = Site { base, publisher, licence, contact: settings.contact.as_ref(), settings };
    let mut shown = Vec::new();
    for name in folder::releases(out)? {
        shown.extend(Shown::read(&out.join(&name))?);
    }
    if shown.iter().all(|of| of.pack.sets.is_empty()) {
        return Ok(Vec::new());
    }
    serialise::files(&graph(site, &shown))
}

/// All that the catalogue says.
fn graph(site: Site<'_>, shown: &[Shown]) -> Graph {
    let mut graph = Graph::default();
    let entries: Vec<Entry<'_>> = shown.iter().flat_map(Shown::entries).collect();
    site::describe(&mut graph, site, &entries);
    for entry in &entries {
        table::describe(&mut graph, site, *entry);
    }
    let standards: BTreeSet<_> = entries.iter().flat_map(|of| of.files).filter_map(|file| file.kind.standard).collect();
    standards.into_iter().for_each(|standard| file::standard(&mut graph, standard));
    graph
}

impl Shown {
    /// A release by its folder; none if this program cannot read it, being one of a later version, or an earlier one without data sets.
    fn read(folder: &Path) -> Result<Option<Self>, PublishError> {
        let Some(pack) = fs::read(folder.join(DATA_SETS)).ok().and_then(|json| Pack::from_json(&json).ok()) else {
            return Ok(None);
        };
        let names: Vec<&str> = pack.sets.iter().map(|set| set.name.as_str()).collect();
        let files = file::by_table(folder, &names)?;
        Ok(Some(Self { files, has_page: folder.join(front::PAGE).is_file(), pack }))
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let sets = self.pack.sets.iter().zip(&self.files);
        sets.map(|(set, files)| Entry { release: &self.pack.release, set, files, has_page: self.has_page })
    }
}

#[cfg(test)]
mod tests;
