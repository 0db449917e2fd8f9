//! What can go wrong between machines, as words that quote no data; a worker's own words may, and go to the controller's log.

use std::fmt;
use std::time::Duration;

use datafusion::error::DataFusionError;
use url::Url;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// Why a query did not run on the workers.
#[derive(Debug)]
pub(super) enum Failure {
    /// No worker answers.
    Nobody(String),
    /// A worker is of another build.
    Build(Url),
    /// A worker failed, died or fell silent, in its words or the network's.
    Worker(String),
    /// The query took longer than it may.
    Limit(Duration),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody(detail) => write!(f, "no worker answers: {detail}"),
            Self::Build(url) => write!(f, "{url} is of another build"),
            Self::Worker(detail) => write!(f, "a worker failed: {detail}"),
            Self::Limit(limit) => write!(f, "the workers took longer than {} s", limit.as_secs()),
        }
    }
}

impl std::error::Error for Failure {}

pub(super) fn fail(failure: Failure) -> DataFusionError {
    DataFusionError::External(Box::new(failure))
}

/// An engine's error; of what happened between machines something is told.
pub(in crate::engine) fn failed(error: &DataFusionError) -> Error {
    let DataFusionError::External(found) = error.find_root() else { return Error::engine(error) };
    found.downcast_ref::<Failure>().map_or_else(|| Error::engine(error), |failure| Error::engine_told(failure.told(), failure))
}

const AGAIN_SV: &str = "Inget publicerades; det som är reserverat är kvar och kostar inget mer. Kör igen";
const AGAIN_EN: &str = "Nothing was published; what is reserved stays and costs nothing more. Run again";

impl Failure {
    fn told(&self) -> Message {
        match self {
            Self::Nobody(_) => Message::new(
                format!("ingen arbetare svarar (engine i utfall.toml); orsaken står i datakatalogens log/engine.log. {AGAIN_SV}"),
                format!(
                    "no worker answers (engine in utfall.toml); the cause is in log/engine.log of the data directory. {AGAIN_EN}"
                ),
            ),
            Self::Build(url) => Message::new(
                format!("arbetaren {url} kör ett annat bygge av utfall; lägg samma program på alla maskiner. {AGAIN_SV}"),
                format!("the worker {url} runs another build of utfall; put the same program on all machines. {AGAIN_EN}"),
            ),
            Self::Worker(_) => Message::new(
                format!("en arbetare misslyckades eller tystnade; orsaken står i datakatalogens log/engine.log. {AGAIN_SV}"),
                format!("a worker failed or fell silent; the cause is in log/engine.log of the data directory. {AGAIN_EN}"),
            ),
            Self::Limit(limit) => {
                let limit = limit.as_secs();
                Message::new(
                    format!("arbetarna tog längre än {limit} s på sig (limit i [cluster] i utfall.toml). {AGAIN_SV}"),
                    format!("the workers took longer than {limit} s (limit in [cluster] of utfall.toml). {AGAIN_EN}"),
                )
            }
        }
    }
}
