//! Who the workers are and who may speak to whom: mutual TLS everywhere, or plain text that does not leave the machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};
use url::{Host, Url};
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// What `utfall.toml` says of the cluster.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The workers' addresses.
    pub workers: Vec<Url>,
    /// How this machine and the others know each other; without it all of them are this machine.
    pub tls: Option<Tls>,
    /// How long a worker may take to say that it is there.
    pub wait: Duration,
    /// How long one query may take.
    pub limit: Duration,
}

/// How machines know each other: each shows a certificate that the same authority has signed, and believes no other.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The authority's certificate.
    pub ca: PathBuf,
    /// This machine's certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl Settings {
    /// How to speak to the workers.
    ///
    /// # Errors
    /// When one would be spoken to in plain text on a network, or a certificate cannot be read.
    pub(super) fn client(&self) -> Result<Option<ClientTlsConfig>, Error> {
        for url in &self.workers {
            match url.scheme() {
                "https" if self.tls.is_some() => {}
                "https" => return Err(no_certificate(url)),
                "http" if is_here(url) => {}
                _ => return Err(plain(url)),
            }
        }
        self.tls.as_ref().map(Tls::client).transpose()
    }
}

impl Tls {
    /// What a client shows and believes.
    pub(super) fn client(&self) -> Result<ClientTlsConfig, Error> {
        Ok(ClientTlsConfig::new().ca_certificate(self.authority()?).identity(self.identity()?))
    }

    /// What a worker shows and believes: nobody without a certificate of the same authority is answered.
    pub(super) fn server(&self) -> Result<ServerTlsConfig, Error> {
        Ok(ServerTlsConfig::new().client_ca_root(self.authority()?).identity(self.identity()?))
    }

    fn authority(&self) -> Result<Certificate, Error> {
        read(&self.ca).map(Certificate::from_pem)
    }

    fn identity(&self) -> Result<Identity, Error> {
        // Two are in the program; whoever installed one before installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Identity::from_pem(read(&self.certificate)?, read(&self.key)?))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|e| Error::given(path, e))
}

/// Whether an address is this machine's own.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Refuses to listen in plain text to other machines.
pub(super) fn listens(address: SocketAddr, tls: Option<&Tls>) -> Result<(), Error> {
    if tls.is_some() || address.ip().is_loopback() {
        return Ok(());
    }
    Err(Error::usage(
        "cluster-plain",
        Message::new(
            format!(
                "{address}: utan certifikat lyssnar en arbetare bara på sin egen maskin; ange ca, certificate och key i [cluster] i utfall.toml"
            ),
            format!(
                "{address}: without a certificate a worker listens to its own machine alone; name ca, certificate and key in [cluster] of utfall.toml"
            ),
        ),
    ))
}

fn plain(url: &Url) -> Error {
    Error::usage(
        "cluster-plain",
        Message::new(
            format!(
                "{url}: utan TLS nås bara arbetare på samma maskin; skriv https:// och ange ca, certificate och key i [cluster]"
            ),
            format!(
                "{url}: without TLS only workers on the same machine are reached; write https:// and name ca, certificate and key in [cluster]"
            ),
        ),
    )
}

fn no_certificate(url: &Url) -> Error {
    Error::usage(
        "cluster-certificate",
        Message::new(
            format!("{url}: båda sidor visar certifikat; ange ca, certificate och key i [cluster] i utfall.toml"),
            format!("{url}: both sides show certificates; name ca, certificate and key in [cluster] of utfall.toml"),
        ),
    )
}
