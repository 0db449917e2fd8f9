//! Publications signed with the key of the key zone.
//!
//! A signature holds randomness, so the same files would be signed otherwise each time. `signatures/` in the data directory keeps each under
//! the SHA-256 of what it signs: pages that were lost come back byte by byte. Nothing rests on it.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::keyzone::SigningKey;
use crate::store::private_folder;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_publish::{PublishError, Signer};

/// Signs with a key, and the same bytes with the same signature.
#[derive(Debug)]
pub struct Signing {
    key: SigningKey,
    kept: PathBuf,
}

impl Signing {
    /// Of a key, beside these data.
    pub fn new(key: SigningKey, data: &Path) -> Self {
        Self { key, kept: data.join("signatures") }
    }

    fn signed(&self, bytes: &[u8], comment: &str) -> Result<String, Error> {
        let path = self.kept.join(format!("{}.minisig", hex::encode(Sha256::digest(bytes))));
        let kept = std::fs::read_to_string(&path).ok().filter(|kept| self.key.verifies(bytes, kept));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let signature = self.key.sign(bytes, comment)?;
        private_folder(&self.kept)?;
        durable::replace(&path, signature.as_bytes())?;
        Ok(signature)
    }
}

impl Signer for Signing {
    fn public_key(&self) -> String {
        self.key.public_key()
    }

    fn sign(&self, bytes: &[u8], comment: &str) -> Result<String, PublishError> {
        self.signed(bytes, comment).map_err(|error| PublishError::Compose("minisign".to_owned(), error.into()))
    }

    fn verifies(&self, bytes: &[u8], signature: &str) -> bool {
        self.key.verifies(bytes, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_signed_in_the_same_way() {
        let (zone, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let signing = Signing::new(SigningKey::create(zone.path()).unwrap(), data.path());
        let first = signing.sign(b"a", "x").unwrap();
        assert_eq!(signing.sign(b"a", "x").unwrap(), first);
        assert_ne!(signing.sign(b"b", "x").unwrap(), first);
        // What is kept is believed only if it is a signature of these bytes.
        for file in std::fs::read_dir(data.path().join("signatures")).unwrap() {
            std::fs::write(file.unwrap().path(), &first).unwrap();
        }
        assert!(signing.verifies(b"b", &signing.sign(b"b", "x").unwrap()));
    }
}
