//! Publications signed with the key of the key zone.

use crate::keyzone::SigningKey;
use utfall_publish::{PublishError, Signer};

impl Signer for SigningKey {
    fn public_key(&self) -> String {
        Self::public_key(self)
    }

    fn sign(&self, bytes: &[u8], comment: &str) -> Result<String, PublishError> {
        Self::sign(self, bytes, comment).map_err(|error| PublishError::Compose("minisign".to_owned(), error.into()))
    }

    fn verifies(&self, bytes: &[u8], signature: &str) -> bool {
        Self::verifies(self, bytes, signature)
    }
}
