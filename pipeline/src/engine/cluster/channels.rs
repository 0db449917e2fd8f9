//! The connections to workers: from this machine, and from one worker to another. Each is made once, answers or is given up, and has
//! TLS wherever it leaves the machine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use datafusion::error::DataFusionError;
use datafusion_distributed::grpc::{BoxCloneSyncChannel, create_worker_client};
use datafusion_distributed::{ChannelResolver, GetWorkerInfoRequest, WorkerChannel};
use futures::future::join_all;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use url::Url;

use super::failure::{Failure, fail};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How often the other side is asked whether it still lives, on an open connection.
pub(super) const ALIVE: Duration = Duration::from_secs(3);
/// How long it may take to answer that.
pub(super) const DEAD: Duration = Duration::from_secs(7);

/// The connections that one machine has opened.
#[derive(Clone)]
pub(super) struct Channels {
    tls: Option<ClientTlsConfig>,
    open: Arc<Mutex<HashMap<Url, Channel>>>,
}

impl Channels {
    pub(super) fn new(tls: Option<ClientTlsConfig>) -> Self {
        Self { tls, open: Arc::default() }
    }

    /// The connection to a worker; one that broke is made again when it is used.
    fn to(&self, url: &Url) -> Result<Channel, DataFusionError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = open.get(url) {
            return Ok(channel.clone());
        }
        let channel = self.endpoint(url).map_err(|e| fail(Failure::Worker(format!("{url}: {e}"))))?.connect_lazy();
        open.insert(url.clone(), channel.clone());
        Ok(channel)
    }

    fn endpoint(&self, url: &Url) -> Result<Endpoint, tonic::transport::Error> {
        let endpoint = Endpoint::from_shared(url.to_string())?
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(ALIVE)
            .keep_alive_timeout(DEAD)
            .keep_alive_while_idle(true);
        match &self.tls {
            Some(tls) if url.scheme() == "https" => endpoint.tls_config(tls.clone()),
            _ => Ok(endpoint),
        }
    }
}

#[async_trait]
impl ChannelResolver for Channels {
    async fn get_worker_client_for_url(&self, url: &Url) -> Result<Box<dyn WorkerChannel>, DataFusionError> {
        Ok(create_worker_client(BoxCloneSyncChannel::new(self.to(url)?)))
    }
}

/// Asks every worker who it is, all at once. Gives those that answered in time, and those that did not.
///
/// # Errors
/// When nobody answered, or one is of another build.
pub(super) async fn ask(
    channels: &Channels,
    (workers, wait): (&[Url], Duration),
    version: &str,
) -> Result<[Vec<Url>; 2], DataFusionError> {
    let (mut there, mut silent, mut why) = (Vec::new(), Vec::new(), String::new());
    for (url, answer) in workers.iter().zip(join_all(workers.iter().map(|url| who(channels, url, wait))).await) {
        match answer {
            Ok(other) if other == version => there.push(url.clone()),
            Ok(_) => return Err(fail(Failure::Build(url.clone()))),
            Err(told) => {
                silent.push(url.clone());
                why += &format!("{url}: {told}; ");
            }
        }
    }
    if there.is_empty() { Err(fail(Failure::Nobody(why))) } else { Ok([there, silent]) }
}

/// The version of a worker, if it says it in time.
async fn who(channels: &Channels, url: &Url, wait: Duration) -> Result<String, String> {
    let answer = async {
        let mut client = channels.get_worker_client_for_url(url).await?;
        client.get_worker_info(GetWorkerInfoRequest {}).await
    };
    match tokio::time::timeout(wait, answer).await {
        Ok(Ok(answer)) => Ok(answer.version),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("silent".to_owned()),
    }
}
