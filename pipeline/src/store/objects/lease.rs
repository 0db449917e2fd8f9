//! Who works in a bucket: one machine at a time, so that each begins from what the one before it did. An object says who; it is
//! taken, renewed and given back by puts under a condition. Clocks of machines are not compared: whoever waits sees that the object has not
//! changed for as long as a lease lasts.
//!
//! It is no lock on which anything stands. A machine that was frozen and wakes may send one more request; the ledger, commits, and all that
//! is replaced are put under conditions of their own, which that request breaks.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::bucket::{Bucket, Conditional, PROMPT, Version};
use crate::store::refusal;
use utfall_ground::error::Error;
use utfall_ground::id::random_id;
use utfall_ground::redact;

/// The object.
pub(super) const NAME: &str = "lease";
/// So long a lease lasts after it was taken or renewed.
const LASTS: Duration = Duration::from_secs(40);
/// The time between two renewals.
const RENEWED: Duration = Duration::from_secs(8);
/// Nothing is begun when so little of it is left: a put is given up or answered before it is over, also one that was tried again.
const MARGIN: Duration = PROMPT.saturating_mul(3);
/// So long anybody waits for another machine, and the time between two looks.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const LOOK: Duration = Duration::from_millis(400);

/// What is known of the lease that this process holds.
#[derive(Debug)]
struct Held {
    version: Version,
    until: Instant,
    is_lost: bool,
}

/// A lease of this process.
#[derive(Debug)]
pub(super) struct Lease {
    bucket: Arc<Bucket>,
    held: Arc<Mutex<Held>>,
    /// Closed when it is given back.
    end: Option<Sender<()>>,
    renewing: Option<JoinHandle<()>>,
}

/// Who holds a lease: `holder`, which only who has the same lock of the same copy can be; and what people are told.
fn text(holder: &str) -> Result<String, Error> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = redact::words(host.trim());
    Ok(format!("{holder}\n{host}, process {}\n{}\n", std::process::id(), random_id()?))
}

/// The words of a lease that nobody holds.
const FREE: &str = "free";

/// Who this is, as long as it has a file locked: this run of the kernel, and the file. Whoever finds a lease of the same holder, and
/// has the lock, knows that its process is no more.
pub(super) fn holder(lock: &Path) -> Result<String, Error> {
    use std::os::unix::fs::MetadataExt as _;
    let file = lock.metadata().map_err(|e| Error::reading(lock, e))?;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Ok(format!("{} {} {}", boot.trim(), file.dev(), file.ino()))
}

impl Lease {
    /// Takes the lease, as soon as nobody has it; `waiting` is told once who has it if that is somebody else.
    ///
    /// # Errors
    /// When another machine keeps it for too long, or the server refuses or cannot be reached.
    pub(super) fn take(bucket: &Arc<Bucket>, holder: &str, waiting: impl Fn(&str)) -> Result<Self, Error> {
        let begun = Instant::now();
        let mut seen: Option<(Version, Instant)> = None;
        let mut is_told = false;
        loop {
            let asked = Instant::now();
            let taken = match bucket.read(NAME)? {
                None => bucket.create(NAME, text(holder)?.as_bytes())?,
                Some((bytes, version)) => {
                    let words = String::from_utf8_lossy(&bytes).into_owned();
                    let mut lines = words.lines();
                    let (of, who) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
                    let since = seen.filter(|(before, _)| before.is(&version)).map_or(asked, |(_, since)| since);
                    if of == FREE || of == holder || since.elapsed() > LASTS {
                        seen = None;
                        bucket.update(NAME, text(holder)?.as_bytes(), &version)?
                    } else {
                        if begun.elapsed() > PATIENCE {
                            return Err(refusal::lease_busy(bucket.address(), &redact::words(who)));
                        }
                        if !std::mem::replace(&mut is_told, true) {
                            waiting(&redact::words(who));
                        }
                        seen = Some((version, since));
                        std::thread::sleep(LOOK);
                        continue;
                    }
                }
            };
            if let Conditional::Put(version) = taken {
                return Ok(Self::held(bucket, holder, version, asked));
            }
        }
    }

    fn held(bucket: &Arc<Bucket>, holder: &str, version: Version, asked: Instant) -> Self {
        let held = Arc::new(Mutex::new(Held { version, until: asked + LASTS, is_lost: false }));
        let (end, ended) = std::sync::mpsc::channel();
        let renewing = {
            let (bucket, held, holder) = (Arc::clone(bucket), Arc::clone(&held), holder.to_owned());
            std::thread::Builder::new().name("lease".to_owned()).spawn(move || renew(&bucket, &held, &holder, &ended)).ok()
        };
        Self { bucket: Arc::clone(bucket), held, end: Some(end), renewing }
    }

    /// Refuses to begin anything that may arrive when the lease is over.
    ///
    /// # Errors
    /// When it was lost, or could not be renewed in time.
    pub(super) fn check(&self) -> Result<(), Error> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_lost || Instant::now() + MARGIN > held.until {
            return Err(refusal::lease_lost(self.bucket.address()));
        }
        Ok(())
    }
}

impl Drop for Lease {
    /// Gives it back; where that fails it ends by itself.
    fn drop(&mut self) {
        drop(self.end.take());
        let _ = self.renewing.take().map(JoinHandle::join);
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !held.is_lost
            && let Ok(text) = text(FREE)
        {
            let _ = self.bucket.update(NAME, text.as_bytes(), &held.version);
        }
    }
}

/// Renews a lease until it is given back or lost.
fn renew(bucket: &Bucket, held: &Mutex<Held>, holder: &str, ended: &Receiver<()>) {
    while matches!(ended.recv_timeout(RENEWED), Err(RecvTimeoutError::Timeout)) {
        let (asked, Ok(text)) = (Instant::now(), text(holder)) else { continue };
        let version = held.lock().unwrap_or_else(PoisonError::into_inner).version.clone();
        // One that fails is tried again until the lease is over: who checks it sees the time.
        let renewed = bucket.update(NAME, text.as_bytes(), &version);
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        match renewed {
            Ok(Conditional::Put(version)) => (held.version, held.until) = (version, asked + LASTS),
            Ok(Conditional::Lost) => {
                held.is_lost = true;
                return;
            }
            Err(_) => {}
        }
    }
}
