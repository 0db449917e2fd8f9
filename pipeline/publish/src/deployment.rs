//! The privacy card of a release: what a public registry of deployments of differential privacy asks for.
//!
//! Its fields are those of the Differential Privacy Deployments Registry (`opendp/deployments-registry-data`, its schema of 2026), all
//! three tiers, so that the file can be handed in as it is; that registry answers to the proposal of Dwork, Kohli and Mulligan (Differential
//! Privacy in Practice: Expose your Epsilons!, 2019). The registry is in English, and so is the card. It says what is published; what
//! only the ledger knows, such as the limit over the lifetime of the data, it says to be there.

mod record;
mod words;

use std::path::PathBuf;

use super::{Edition, Format, OutputFile, PublishError};
use record::Record;

/// The file of the card.
const FILE: &str = "deployment.yaml";

/// The format `deployment`.
#[derive(Debug)]
pub(super) struct Deployment;

impl Format for Deployment {
    fn name(&self) -> &'static str {
        "deployment"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let options = serde_saphyr::ser_options! {
            // The registry refuses folded text, which loses the line ends of lists.
            folded_wrap_chars: usize::MAX,
        };
        let yaml = serde_saphyr::to_string_with_options(&Record::of(edition), options);
        let yaml = yaml.map_err(|error| PublishError::Compose(FILE.to_owned(), error.into()))?;
        Ok(vec![OutputFile { path: PathBuf::from(FILE), bytes: yaml.into_bytes() }])
    }

    fn whole(&self, _release: &str) -> Vec<String> {
        vec![FILE.to_owned()]
    }
}

#[cfg(test)]
mod tests;
