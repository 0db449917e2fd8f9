//! What `utfall.toml` says of other machines: `engine`, the addresses of workers, and `[cluster]`, how machines know each other and how
//! long a query may take. A build without the feature `cluster` refuses both.

#[cfg(not(feature = "cluster"))]
use std::path::PathBuf;

use serde::Deserialize;

#[cfg(any(test, not(feature = "cluster")))]
use utfall_ground::text::Message;

/// `[cluster]` as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "cluster"), allow(dead_code, reason = "it is refused"))]
pub(super) struct Written {
    ca: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
    wait: Option<u64>,
    limit: Option<u64>,
}

/// The machines of a cluster.
#[cfg(not(feature = "cluster"))]
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Machines;

#[cfg(not(feature = "cluster"))]
impl Machines {
    pub(super) fn of(
        engine: &[String],
        cluster: Option<Written>,
        _: impl Fn(&str, &str) -> Result<PathBuf, Message>,
    ) -> Result<Self, Message> {
        if engine.is_empty() && cluster.is_none() {
            return Ok(Self);
        }
        Err(Message::new(
            "`engine` och `[cluster]`: det här programmet är byggt utan andra maskiner; bygg det med --features cluster",
            "`engine` and `[cluster]`: this program was built without other machines; build it with --features cluster",
        ))
    }
}

#[cfg(feature = "cluster")]
pub(in crate::cli) use with::Machines;

#[cfg(feature = "cluster")]
mod with {
    use std::path::PathBuf;
    use std::time::Duration;

    use url::Url;

    use super::Written;
    use crate::engine::cluster::{Settings, Tls};
    use utfall_ground::text::Message;

    /// How long a worker may take to say that it is there, and how long a query, in seconds, where nothing is said.
    const WAIT: u64 = 1;
    const LIMIT: u64 = 600;

    /// The machines of a cluster.
    #[derive(Debug, Clone, Default)]
    pub(in crate::cli) struct Machines {
        /// The workers, if queries run on any.
        pub(in crate::cli) workers: Option<Settings>,
        /// How machines know each other.
        pub(in crate::cli) tls: Option<Tls>,
    }

    impl Machines {
        pub(in super::super) fn of(
            engine: &[String],
            cluster: Option<Written>,
            placed: impl Fn(&str, &str) -> Result<PathBuf, Message>,
        ) -> Result<Self, Message> {
            let Written { ca, certificate, key, wait, limit } = cluster.unwrap_or_default();
            let tls = match (ca, certificate, key) {
                (None, None, None) => None,
                (Some(ca), Some(certificate), Some(key)) => Some(Tls {
                    ca: placed("ca", &ca)?,
                    certificate: placed("certificate", &certificate)?,
                    key: placed("key", &key)?,
                }),
                _ => {
                    return Err(Message::new(
                        "`[cluster]` behöver alla tre: ca, certificate och key",
                        "`[cluster]` needs all three: ca, certificate and key",
                    ));
                }
            };
            let (wait, limit) = (wait.unwrap_or(WAIT), limit.unwrap_or(LIMIT));
            if wait == 0 || limit == 0 {
                return Err(Message::new("`wait` och `limit` är minst 1 sekund", "`wait` and `limit` are at least 1 second"));
            }
            let [wait, limit] = [wait, limit].map(Duration::from_secs);
            let workers = engine.iter().map(|url| address(url)).collect::<Result<Vec<_>, _>>()?;
            let workers = (!workers.is_empty()).then(|| Settings { workers, tls: tls.clone(), wait, limit });
            Ok(Self { workers, tls })
        }
    }

    /// An address: scheme, host and port, and nothing else.
    fn address(said: &str) -> Result<Url, Message> {
        let url = Url::parse(said).ok().filter(|url| {
            let bare = url.username().is_empty() && url.password().is_none() && url.path() == "/";
            bare && ["https", "http"].contains(&url.scheme())
                && url.has_host()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        url.ok_or_else(|| {
            Message::new(
                format!("`engine`: {said} är ingen adress till en arbetare; skriv som https://192.0.2.7:7100"),
                format!("`engine`: {said} is no address of a worker; write as https://192.0.2.7:7100"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(engine: &[&str], cluster: Option<Written>) -> Result<Machines, Message> {
        let engine: Vec<String> = engine.iter().map(|url| (*url).to_owned()).collect();
        Machines::of(&engine, cluster, |_, said| Ok(said.into()))
    }

    #[test]
    #[cfg(not(feature = "cluster"))]
    fn a_build_without_other_machines_says_so() {
        assert!(of(&[], None).is_ok());
        for refused in [of(&["https://192.0.2.7:7100"], None), of(&[], Some(Written::default()))] {
            assert!(refused.unwrap_err().get(utfall_ground::text::Lang::En).contains("--features cluster"));
        }
    }

    #[test]
    #[cfg(feature = "cluster")]
    fn workers_are_addresses_and_certificates_come_together() {
        let all = |ca: Option<&str>, limit| Written {
            ca: ca.map(str::to_owned),
            certificate: Some("a.pem".to_owned()),
            key: Some("a.key".to_owned()),
            wait: None,
            limit,
        };
        let machines =
            of(&["https://192.0.2.7:7100", "https://stat1.example.org:7100"], Some(all(Some("ca.pem"), Some(9)))).unwrap();
        let workers = machines.workers.unwrap();
        assert_eq!((workers.workers.len(), workers.wait.as_secs(), workers.limit.as_secs()), (2, 1, 9));
        assert!(workers.tls.is_some());
        assert!(of(&[], None).unwrap().workers.is_none());
        assert!(of(&[], Some(all(None, None))).is_err());
        assert!(of(&[], Some(all(Some("ca.pem"), Some(0)))).is_err());
        for wrong in ["stat1:7100", "ftp://a", "https://a/b", "https://u:p@a", "https://a?b", ""] {
            assert!(of(&[wrong], None).is_err(), "{wrong}");
        }
    }
}
