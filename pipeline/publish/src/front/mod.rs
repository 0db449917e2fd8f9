//! The pages of the whole site, beside the folders of its releases: what is published, what became of what was promised, which places
//! can be told apart, what has been spent of the privacy of every person, and what is other here than elsewhere.
//!
//! All of it is made of what lies in the folder, of `site.toml` and of the extract of a ledger: static, in both languages, readable
//! without a network and without a script.

mod before;
mod compare;
mod frame;
mod home;
mod privacy;
mod regions;
mod search;
mod shown;
mod strip;
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use super::account::{self, Account};
use super::{Imprint, OutputFile, PublishError, Settings, catalogue, folder, signature};
use frame::Page;
use shown::ShownPages;
use utfall_ground::text::Lang;

/// The first page of a folder.
pub(super) const PAGE: &str = "index.html";

/// Code lists for readers of tables, which the server reads.
const CODE_LISTS: &str = "codelists.json";

/// What all pages are made of.
#[derive(Debug)]
struct Site<'s> {
    /// The releases that are shown, by their names.
    releases: Vec<ShownPages>,
    /// What the site says of itself.
    settings: &'s Settings,
    /// What the ledger says.
    account: Option<Account>,
}

/// The files of the whole site. Without an account, what was handed over last is shown again.
pub(super) fn files(out: &Path, imprint: Imprint<'_>) -> Result<Vec<OutputFile>, PublishError> {
    let Imprint { settings, signer, account, codelists } = imprint;
    let releases = folder::releases(out)?.into_iter().map(|name| ShownPages::read(out, name)).collect();
    let last = || fs::read(out.join(account::FILE)).ok().and_then(|json| Account::from_json(&json));
    let site = Site { releases, settings, account: account.cloned().or_else(last) };
    let mut files = vec![file(search::FILE, search::SCRIPT.as_bytes().to_vec())];
    files.extend(account.map(|of| file(account::FILE, of.to_json())));
    for lang in Lang::ALL {
        files.push(file(Page::Home.file(lang), home::page(lang, &site)));
        files.push(file(Page::Targets.file(lang), targets::page(lang, &site)));
        files.push(file(Page::Compare.file(lang), compare::page(lang, &site)));
        files.push(file(Page::Privacy.file(lang), privacy::page(lang, &site)));
        files.push(file(Page::Before.file(lang), before::page(lang, &site)));
    }
    files.extend(codelists.map(|bytes| file(CODE_LISTS, bytes.to_vec())));
    files.extend(signature::public_key(signer));
    files.extend(catalogue::files(out, settings)?);
    Ok(files)
}

/// The names of all files that [`files`] may give: nothing else may be in their way.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let pages = Page::ALL.into_iter().flat_map(|page| Lang::ALL.map(|lang| page.file(lang)));
    pages.chain([search::FILE, account::FILE, CODE_LISTS, signature::PUBLIC_KEY]).chain(catalogue::FILES)
}

fn file(name: &str, bytes: Vec<u8>) -> OutputFile {
    OutputFile { path: PathBuf::from(name), bytes }
}

#[cfg(test)]
mod tests;
