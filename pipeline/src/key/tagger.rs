//! Keyed tags: HMAC-SHA-256, cut to 16 bytes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Tags messages under one part of the key and one label. The keyed state is computed once, so that a tag of a short
/// message costs two rounds of SHA-256. Cannot be printed; zeroed when dropped.
#[derive(Clone)]
pub struct Tagger(Option<Hmac<Sha256>>);

impl std::fmt::Debug for Tagger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tagger(withheld)")
    }
}

impl Tagger {
    /// The label is closed by a zero byte, so that no label is the beginning of another.
    pub(super) fn new(part: &[u8; 32], label: &str) -> Self {
        // HMAC takes keys of every length, so there is always a state.
        let mut state = Hmac::<Sha256>::new_from_slice(part).ok();
        if let Some(state) = &mut state {
            state.update(label.as_bytes());
            state.update(&[0]);
        }
        Self(state)
    }

    /// The tag of a message.
    pub fn tag(&self, message: &[u8]) -> [u8; 16] {
        let mut tag = [0_u8; 16];
        if let Some(state) = &self.0 {
            let mut mac = state.clone();
            mac.update(message);
            if let Some(first) = mac.finalize().into_bytes().first_chunk::<16>() {
                tag = *first;
            }
        }
        tag
    }
}
