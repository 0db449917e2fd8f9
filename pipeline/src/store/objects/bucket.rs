//! One prefix of a bucket, by names below it: puts under a condition, lists, reads. Every request is bounded in time and tried again
//! where that is safe; after an answer that was lost what is there is read back and compared.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path as Name;
use object_store::{
    ClientOptions, Error as Failure, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, RetryConfig,
    UpdateVersion, WriteMultipart,
};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;

use crate::store::address::{Address, Protocol};
use crate::store::refusal;
use utfall_ground::error::Error;
use utfall_ground::id::random_id;

/// So long a request may take.
const LIMIT: Duration = Duration::from_secs(60);
/// So long a put under a condition may take, and so long after it was begun it may be tried once more: whoever may put must not do it
/// when that is over.
pub(super) const PROMPT: Duration = Duration::from_secs(6);
/// So long the server may take to be reached.
const CONNECT: Duration = Duration::from_secs(5);
/// How often a request is tried, and the time before it is tried again, which doubles.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(200);
/// Files beyond so many bytes go in parts of so many.
const PART: usize = 8 << 20;
/// So many requests are under way at a time.
const SIDE_BY_SIDE: usize = 16;

/// Which state of an object one has seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Version {
    /// The server's tag of its bytes.
    tag: Option<String>,
    /// Google's number of the state, which lists do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<String>,
}

impl Version {
    /// Whether both are the same bytes, as far as the server says.
    pub(super) fn is(&self, other: &Self) -> bool {
        let plain = |version: &Self| version.tag.as_ref().map(|tag| tag.trim_start_matches("W/").trim_matches('"').to_owned());
        plain(self).is_some() && plain(self) == plain(other)
    }
}

/// An object of the list.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) version: Version,
    pub(super) modified: std::time::SystemTime,
}

/// What came of a put under a condition.
#[derive(Debug)]
pub(super) enum Conditional {
    /// It was put; this is its state now.
    Put(Version),
    /// The condition did not hold; nothing changed.
    Lost,
}

/// A prefix of a bucket.
pub(super) struct Bucket {
    address: Address,
    prefix: Name,
    store: Arc<dyn ObjectStore>,
    /// Requests run here, whoever waits for them.
    runtime: Option<Runtime>,
}

impl std::fmt::Debug for Bucket {
    /// The address alone: the client knows credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Bucket").field(&self.address.to_string()).finish()
    }
}

impl Drop for Bucket {
    /// Without waiting: it may be dropped where nobody may wait.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Bucket {
    /// The client of an address, with credentials from the environment. Nothing is sent yet.
    ///
    /// # Errors
    /// When the environment describes no such client, or one that would speak in plain text to another machine.
    pub(super) fn open(address: &Address) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("objects").enable_all().build();
        let runtime = runtime.map_err(|_| Error::panicked())?;
        let store = client(address, RetryConfig { max_retries: 0, ..RetryConfig::default() })?;
        let prefix = Name::parse(&address.prefix).map_err(|e| failed(address, &e.into()))?;
        Ok(Self { address: address.clone(), prefix, store, runtime: Some(runtime) })
    }

    /// Its address, for messages.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    fn path(&self, name: &str) -> Result<Name, Error> {
        let full = if self.prefix.as_ref().is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) };
        Name::parse(full).map_err(|e| failed(&self.address, &e.into()))
    }

    /// Runs requests, and waits for them.
    fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, Error> {
        let (answer, answered) = std::sync::mpsc::channel();
        let runtime = self.runtime.as_ref().ok_or_else(Error::panicked)?;
        runtime.spawn(async move { answer.send(work.await) });
        answered.recv().map_err(|_| Error::panicked())
    }

    /// The same, of what can fail.
    fn ask<T: Send + 'static>(&self, work: impl Future<Output = Result<T, Failure>> + Send + 'static) -> Result<T, Error> {
        self.wait(work)?.map_err(|e| failed(&self.address, &e))
    }

    /// Puts bytes where nothing is.
    ///
    /// # Errors
    /// When the server refuses or cannot be reached.
    pub(super) fn create(&self, name: &str, bytes: &[u8]) -> Result<Conditional, Error> {
        self.put(name, bytes, PutMode::Create)
    }

    /// Puts bytes in the place of a state that was seen.
    ///
    /// # Errors
    /// As [`Bucket::create`].
    pub(super) fn update(&self, name: &str, bytes: &[u8], seen: &Version) -> Result<Conditional, Error> {
        let mut seen = seen.clone();
        if self.address.protocol == Protocol::Google && seen.number.is_none() {
            match self.read(name)? {
                Some((_, now)) if now.is(&seen) => seen = now,
                _ => return Ok(Conditional::Lost),
            }
        }
        self.put(name, bytes, PutMode::Update(UpdateVersion { e_tag: seen.tag, version: seen.number }))
    }

    fn put(&self, name: &str, bytes: &[u8], mode: PutMode) -> Result<Conditional, Error> {
        let (store, path, bytes) = (Arc::clone(&self.store), self.path(name)?, bytes::Bytes::copy_from_slice(bytes));
        self.ask(async move { put(store.as_ref(), &path, bytes, mode).await })
    }

    /// What has a name, and which state of it that is.
    ///
    /// # Errors
    /// When the server refuses or cannot be reached.
    pub(super) fn read(&self, name: &str) -> Result<Option<(Vec<u8>, Version)>, Error> {
        let (store, path) = (Arc::clone(&self.store), self.path(name)?);
        self.ask(async move { again(|| read(store.as_ref(), &path)).await })
    }

    /// Every object, in the order of names.
    ///
    /// # Errors
    /// When the server refuses or cannot be reached.
    pub(super) fn list(&self) -> Result<Vec<Listed>, Error> {
        let (store, prefix) = (Arc::clone(&self.store), self.prefix.clone());
        let mut listed = self.ask(async move { again(|| list(store.as_ref(), &prefix)).await })?;
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listed)
    }

    /// Fetches objects as files, whole and in the state that was listed. Gives the names of those that are no longer so.
    ///
    /// # Errors
    /// When the server refuses or cannot be reached, or a file cannot be written.
    pub(super) fn fetch(&self, root: &Path, objects: Vec<Listed>) -> Result<Vec<String>, Error> {
        let mut work = Vec::new();
        for object in objects {
            let (store, path, target) = (Arc::clone(&self.store), self.path(&object.name)?, root.join(&object.name));
            work.push(async move {
                let fetched = fetch(store.as_ref(), &path, &object, &target).await;
                fetched.map(|is_same| (!is_same).then_some(object.name))
            });
        }
        let changed = self.ask(async move {
            let all = futures::stream::iter(work).buffer_unordered(SIDE_BY_SIDE);
            all.try_collect::<Vec<Option<String>>>().await
        })?;
        Ok(changed.into_iter().flatten().collect())
    }

    /// Puts files under names that nobody else gives, large ones in parts; gives their states.
    ///
    /// # Errors
    /// When one cannot be read, the server refuses or cannot be reached.
    pub(super) fn upload(&self, files: &[(String, std::path::PathBuf)]) -> Result<Vec<Version>, Error> {
        let mut work = Vec::new();
        for (name, file) in files {
            let (store, path, file) = (Arc::clone(&self.store), self.path(name)?, file.clone());
            work.push(async move { again(|| upload(&store, &path, &file)).await });
        }
        self.ask(async move { futures::stream::iter(work).buffered(SIDE_BY_SIDE).try_collect().await })
    }

    /// Removes what has a name; what has none is removed already.
    ///
    /// # Errors
    /// When the server refuses or cannot be reached.
    pub(super) fn remove(&self, name: &str) -> Result<(), Error> {
        let (store, path) = (Arc::clone(&self.store), self.path(name)?);
        let gone = |removed| match removed {
            Err(Failure::NotFound { .. }) => Ok(()),
            other => other,
        };
        self.ask(async move { again(|| async { gone(store.delete(&path).await) }).await })
    }

    /// Refuses a bucket that does not keep what this program stands on: of two puts where nothing is, one fails; so does one in the
    /// place of an old state; and a list tells what was just put, and no longer what was just removed.
    ///
    /// # Errors
    /// When it does not keep it, refuses or cannot be reached.
    pub(super) fn probe(&self) -> Result<(), Error> {
        let name = format!("{PROBE}{}", random_id()?);
        let lists = || Ok::<_, Error>(self.list()?.into_iter().find(|object| object.name == name));
        let Conditional::Put(first) = self.create(&name, b"1")? else { return Err(refusal::objects_unfit(&self.address)) };
        let is_kept = match self.update(&name, b"22", &first)? {
            Conditional::Put(second) => {
                let taken = matches!(self.create(&name, b"3")?, Conditional::Lost);
                let old = matches!(self.update(&name, b"3", &first)?, Conditional::Lost);
                let read = self.read(&name)?.is_some_and(|(bytes, version)| bytes == b"22" && version.is(&second));
                taken && old && read && lists()?.is_some_and(|object| object.size == 2 && object.version.is(&second))
            }
            Conditional::Lost => false,
        };
        self.remove(&name)?;
        if is_kept && lists()?.is_none() { Ok(()) } else { Err(refusal::objects_unfit(&self.address)) }
    }
}

/// How the names of what a probe puts begin.
pub(super) const PROBE: &str = "trial-";

/// Where the client looks for an emulator of Azure if nothing else is said.
const AZURITE: &str = "http://127.0.0.1:10000";

/// How a client that only reads tries again: each request by itself.
#[cfg(feature = "cluster")]
pub(super) fn reading() -> RetryConfig {
    RetryConfig { max_retries: usize::try_from(TRIES).unwrap_or_default(), retry_timeout: LIMIT, ..RetryConfig::default() }
}

/// The client that the environment describes.
pub(super) fn client(address: &Address, retry: RetryConfig) -> Result<Arc<dyn ObjectStore>, Error> {
    let options = || ClientOptions::new().with_timeout(LIMIT).with_connect_timeout(CONNECT);
    let wrong = |e: Failure| failed(address, &e);
    Ok(match address.protocol {
        Protocol::S3 => {
            let from = AmazonS3Builder::from_env().with_bucket_name(&address.bucket);
            let endpoints = [AmazonS3ConfigKey::Endpoint, AmazonS3ConfigKey::S3Endpoint];
            let local = is_local(address, endpoints.iter().filter_map(|key| from.get_config_value(key)))?;
            let options = options().with_allow_http(local);
            Arc::new(from.with_client_options(options).with_retry(retry).build().map_err(wrong)?)
        }
        Protocol::Google => {
            let from = GoogleCloudStorageBuilder::from_env().with_bucket_name(&address.bucket);
            Arc::new(from.with_client_options(options()).with_retry(retry).build().map_err(wrong)?)
        }
        Protocol::Azure => {
            let from = MicrosoftAzureBuilder::from_env().with_container_name(&address.bucket);
            let emulated = from.get_config_value(&AzureConfigKey::UseEmulator).is_some_and(|value| value == "true");
            let emulator = emulated.then(|| std::env::var("AZURITE_BLOB_STORAGE_URL").unwrap_or_else(|_| AZURITE.to_owned()));
            let local = is_local(address, from.get_config_value(&AzureConfigKey::Endpoint).into_iter().chain(emulator))?;
            let options = options().with_allow_http(local);
            Arc::new(from.with_client_options(options).with_retry(retry).build().map_err(wrong)?)
        }
    })
}

/// Whether the endpoints that somebody named are on this machine, where nobody else hears plain text.
///
/// # Errors
/// When one in plain text is not.
fn is_local(address: &Address, endpoints: impl IntoIterator<Item = String>) -> Result<bool, Error> {
    let mut local = false;
    for endpoint in endpoints.into_iter().filter(|endpoint| endpoint.to_ascii_lowercase().starts_with("http:")) {
        let here = url::Url::parse(&endpoint).ok().is_some_and(|url| match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        });
        if !here {
            return Err(refusal::objects_in_plain_text(address));
        }
        local = true;
    }
    Ok(local)
}

/// Whether a request may have been done although its answer is an error, or would be if it were made again.
fn is_passing(error: &Failure) -> bool {
    matches!(error, Failure::Generic { .. } | Failure::JoinError { .. })
}

/// Tries a request that may be made twice.
async fn again<T, F: Future<Output = Result<T, Failure>>>(mut request: impl FnMut() -> F) -> Result<T, Failure> {
    let mut tries = 1;
    loop {
        match request().await {
            Err(e) if is_passing(&e) && tries < TRIES => tokio::time::sleep(PAUSE * 2_u32.pow(tries)).await,
            answer => return answer,
        }
        tries += 1;
    }
}

/// Puts bytes under a condition. Where an answer was lost, or the condition is broken after that, what is there is read back: bytes
/// that hold something random are one's own or another's, and never both.
async fn put(store: &dyn ObjectStore, path: &Name, bytes: bytes::Bytes, mode: PutMode) -> Result<Conditional, Failure> {
    let (begun, mut tries, mut lost_answer) = (Instant::now(), 1, false);
    loop {
        let options = PutOptions::from(mode.clone());
        let error = match tokio::time::timeout(PROMPT, store.put_opts(path, bytes.clone().into(), options)).await {
            Ok(Ok(put)) => return Ok(Conditional::Put(Version { tag: put.e_tag, number: put.version })),
            Ok(Err(e)) => e,
            Err(late) => Failure::Generic { store: "put", source: Box::new(late) },
        };
        let may_try = || tries < TRIES && begun.elapsed() < PROMPT;
        match &error {
            Failure::AlreadyExists { .. } | Failure::Precondition { .. } => match again(|| read(store, path)).await? {
                Some((there, version)) if lost_answer && there == bytes => return Ok(Conditional::Put(version)),
                // Another's put was under way, and came to nothing; or what was to be replaced is gone.
                None if matches!(mode, PutMode::Create) && may_try() => {}
                // A server may say so while another put is under way, though the state that was seen stands.
                Some((_, version)) if may_try() && is_seen(&mode, &version) => {}
                _ => return Ok(Conditional::Lost),
            },
            error if is_passing(error) && may_try() => lost_answer = true,
            // Whether it was put is not known, then; whoever runs next finds out.
            _ => return Err(error),
        }
        tokio::time::sleep(PAUSE * 2_u32.pow(tries)).await;
        tries += 1;
    }
}

fn is_seen(mode: &PutMode, now: &Version) -> bool {
    matches!(mode, PutMode::Update(seen) if now.is(&Version { tag: seen.e_tag.clone(), number: None }))
}

async fn read(store: &dyn ObjectStore, path: &Name) -> Result<Option<(Vec<u8>, Version)>, Failure> {
    match store.get(path).await {
        Ok(found) => {
            let version = Version { tag: found.meta.e_tag.clone(), number: found.meta.version.clone() };
            Ok(Some((found.bytes().await?.to_vec(), version)))
        }
        Err(Failure::NotFound { .. }) => Ok(None),
        Err(e) => Err(e),
    }
}

async fn list(store: &dyn ObjectStore, prefix: &Name) -> Result<Vec<Listed>, Failure> {
    let below = (!prefix.as_ref().is_empty()).then_some(prefix);
    let name = |path: &Name| match below {
        Some(prefix) => path.as_ref().strip_prefix(prefix.as_ref()).map(|rest| rest.trim_start_matches('/').to_owned()),
        None => Some(path.as_ref().to_owned()),
    };
    let all: Vec<_> = store.list(below).try_collect().await?;
    let listed = all.into_iter().filter_map(|object| {
        Some(Listed {
            name: name(&object.location).filter(|name| !name.is_empty())?,
            size: object.size,
            version: Version { tag: object.e_tag, number: object.version },
            modified: object.last_modified.into(),
        })
    });
    Ok(listed.collect())
}

/// All of an object, or a piece; nothing if it is no longer what was listed.
async fn piece(
    store: &dyn ObjectStore,
    path: &Name,
    listed: &Listed,
    range: Option<GetRange>,
) -> Result<Option<bytes::Bytes>, Failure> {
    let options = GetOptions { if_match: listed.version.tag.clone(), range, ..GetOptions::default() };
    match store.get_opts(path, options).await {
        Ok(found) => found.bytes().await.map(Some),
        Err(Failure::NotFound { .. } | Failure::Precondition { .. }) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Fetches one object; whether it is still what was listed.
async fn fetch(store: &dyn ObjectStore, path: &Name, listed: &Listed, target: &Path) -> Result<bool, Failure> {
    let folder = utfall_ground::durable::folder(target);
    let id = random_id().map_err(local)?;
    let aside = folder.join(format!("{}{id}", utfall_ground::durable::ASIDE));
    utfall_ground::durable::create_folder_for_now(folder).map_err(local)?;
    let written = async {
        let mut file = tokio::fs::File::create_new(&aside).await.map_err(local)?;
        let (mut at, part) = (0, PART as u64);
        loop {
            // A request for all of a large file would take longer than any may.
            let range = (listed.size > part).then(|| GetRange::Bounded(at..(at + part).min(listed.size)));
            let Some(bytes) = again(|| piece(store, path, listed, range.clone())).await? else { return Ok(false) };
            file.write_all(&bytes).await.map_err(local)?;
            at += bytes.len() as u64;
            if bytes.is_empty() || at >= listed.size {
                break;
            }
        }
        file.flush().await.map_err(local)?;
        let file = file.into_std().await;
        file.set_modified(listed.modified).map_err(local)?;
        Ok::<_, Failure>(at == listed.size)
    };
    match written.await {
        Ok(true) => std::fs::rename(&aside, target).map_err(local).map(|()| true),
        other => {
            let _ = std::fs::remove_file(&aside);
            other
        }
    }
}

async fn upload(store: &Arc<dyn ObjectStore>, path: &Name, file: &Path) -> Result<Version, Failure> {
    let mut file = tokio::fs::File::open(file).await.map_err(local)?;
    let size = file.metadata().await.map_err(local)?.len();
    let put = if size <= PART as u64 {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).await.map_err(local)?;
        store.put(path, bytes.into()).await?
    } else {
        let mut writer = WriteMultipart::new_with_chunk_size(store.put_multipart(path).await?, PART);
        let written = async {
            let mut part = vec![0; PART];
            loop {
                let read = file.read(&mut part).await.map_err(local)?;
                if read == 0 {
                    return Ok(());
                }
                writer.wait_for_capacity(4).await?;
                writer.write(part.get(..read).unwrap_or_default());
            }
        };
        match written.await {
            Ok(()) => writer.finish().await?,
            Err(e) => {
                let _ = writer.abort().await;
                return Err(e);
            }
        }
    };
    Ok(Version { tag: put.e_tag, number: put.version })
}

/// A file of this machine that fails, in the words of the client.
fn local(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::NotSupported { source: Box::new(error) }
}

/// Whether the client's words name one of these answers.
fn says(error: &Failure, answers: &[&str]) -> bool {
    let words = error.to_string();
    answers.iter().any(|answer| words.contains(&format!("status code: {answer}")))
}

/// What is told of a failed request, which depends on no data; the client's own words are for the controller's log, but for those
/// of a refusal, which quote what was signed.
pub(super) fn failed(address: &Address, error: &Failure) -> Error {
    match error {
        Failure::Unauthenticated { .. } | Failure::PermissionDenied { .. } => refusal::objects_denied(address),
        Failure::NotFound { .. } => refusal::objects_missing(address),
        // Of a list the client says so in words alone.
        Failure::Generic { .. } if says(error, &["404 Not Found"]) => refusal::objects_missing(address),
        Failure::Generic { .. } if says(error, &["401 Unauthorized", "403 Forbidden"]) => refusal::objects_denied(address),
        Failure::NotSupported { source } if source.is::<std::io::Error>() => Error::engine_told(refusal::objects_local(), error),
        Failure::NotSupported { source } if source.is::<Error>() => Error::engine_told(refusal::objects_local(), error),
        error => Error::engine_told(refusal::objects_away(address), error),
    }
}
