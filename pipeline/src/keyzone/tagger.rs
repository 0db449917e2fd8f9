//! Keyed tags: HMAC-SHA-256, cut to 16 bytes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sha2::block_api::compress256;
use zeroize::Zeroizing;

/// Tags messages under one part of the key and one label. The keyed states are computed once, so that a tag of a short
/// message costs two rounds of SHA-256 and nothing else. Cannot be printed; zeroed when dropped.
#[derive(Clone)]
pub struct Tagger {
    /// HMAC with the label taken in, for messages of any length.
    whole: Option<Hmac<Sha256>>,
    /// SHA-256 after the inner and after the outer pad of the key.
    inner: Zeroizing<[u32; 8]>,
    outer: Zeroizing<[u32; 8]>,
    /// A block that begins with the label, and how long that is.
    label: [u8; BLOCK],
    length: usize,
}

const BLOCK: usize = 64;
/// The block of the outer hash behind a digest of 32 bytes: its end, and the bits of the key's block and of the digest.
const AFTER_DIGEST: [u8; BLOCK] = {
    let mut block = [0; BLOCK];
    block[32] = 0x80;
    [block[62], block[63]] = 768_u16.to_be_bytes();
    block
};
/// The state in which SHA-256 begins (FIPS 180-4, 5.3.3).
const BEGIN: [u32; 8] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

impl std::fmt::Debug for Tagger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tagger(redacted)")
    }
}

impl Tagger {
    /// The label is closed by a zero byte, so that no label is the beginning of another.
    pub(super) fn new(part: &[u8; 32], label: &str) -> Self {
        // HMAC takes keys of every length, so there is always a state.
        let mut whole = Hmac::<Sha256>::new_from_slice(part).ok();
        if let Some(whole) = &mut whole {
            whole.update(label.as_bytes());
            whole.update(&[0]);
        }
        let padded = |pad: u8| {
            let mut block = Zeroizing::new([pad; BLOCK]);
            block.iter_mut().zip(part).for_each(|(byte, key)| *byte ^= key);
            let mut state = Zeroizing::new(BEGIN);
            compress256(&mut state, std::slice::from_ref(&*block));
            state
        };
        let mut block = [0; BLOCK];
        block.iter_mut().zip(label.as_bytes()).for_each(|(to, byte)| *to = *byte);
        Self { whole, inner: padded(0x36), outer: padded(0x5c), label: block, length: label.len() + 1 }
    }

    /// The tag of a message.
    pub fn tag(&self, message: &[u8]) -> [u8; 16] {
        self.short(message).unwrap_or_else(|| self.long(message))
    }

    /// What [`Self::long`] gives, of a message that fits into one block behind the label. What lies on the stack here is not
    /// zeroed: the message came from a buffer that is not, and both states have been hashed over.
    fn short(&self, message: &[u8]) -> Option<[u8; 16]> {
        let end = self.length + message.len();
        let mut block = self.label;
        // One byte ends the message, eight tell its bits, those of the key's block with it.
        let bits = block.get_mut(end..)?.last_chunk_mut::<9>()?.last_chunk_mut()?;
        *bits = u64::try_from((BLOCK + end) * 8).ok()?.to_be_bytes();
        *block.get_mut(end)? = 0x80;
        block.get_mut(self.length..end)?.copy_from_slice(message);
        let mut state = *self.inner;
        compress256(&mut state, std::slice::from_ref(&block));
        let mut block = AFTER_DIGEST;
        block.as_chunks_mut().0.iter_mut().zip(state).for_each(|(to, word)| *to = word.to_be_bytes());
        let mut state = *self.outer;
        compress256(&mut state, std::slice::from_ref(&block));
        let mut tag = [0; 16];
        tag.as_chunks_mut().0.iter_mut().zip(state).for_each(|(to, word)| *to = word.to_be_bytes());
        Some(tag)
    }

    fn long(&self, message: &[u8]) -> [u8; 16] {
        let mut tag = [0_u8; 16];
        if let Some(whole) = &self.whole {
            let mut mac = whole.clone();
            mac.update(message);
            if let Some(first) = mac.finalize().into_bytes().first_chunk::<16>() {
                tag = *first;
            }
        }
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_messages_have_the_tags_of_hmac() {
        for label in ["", "utfall pseudonym 1 default", &"x".repeat(54), &"x".repeat(55), &"x".repeat(80)] {
            let tagger = Tagger::new(&[7; 32], label);
            for length in 0..80 {
                let message: Vec<u8> = (0..length).collect();
                let short = tagger.short(&message);
                assert_eq!(short.is_some(), label.len() + 1 + message.len() + 9 <= BLOCK, "{label} {length}");
                assert_eq!(tagger.tag(&message), tagger.long(&message), "{label} {length}");
            }
        }
    }
}
