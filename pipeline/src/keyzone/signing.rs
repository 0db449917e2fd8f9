//! The key with which publications are signed: minisign's, in the key zone. Who has it can publish in the name of this installation, and
//! learns nothing of anybody.

use std::io::Cursor;
use std::path::Path;

use minisign::{KeyPair, PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use zeroize::Zeroizing;

use super::zone;

/// The file of the key in the key zone.
const SIGNING_FILE: &str = "minisign.key";

/// A key with which publications are signed. Cannot be printed.
pub struct SigningKey {
    secret: SecretKey,
    public: PublicKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

impl SigningKey {
    /// Makes a key in a zone that has none, for its owner alone; gives the one that is there.
    ///
    /// # Errors
    /// When the zone cannot be written, or the key that is there cannot be read.
    pub fn create(zone: &Path) -> Result<Self, Error> {
        if let Some(known) = Self::read(zone)? {
            return Ok(known);
        }
        let KeyPair { sk: secret, .. } = KeyPair::generate_unencrypted_keypair().map_err(|_| no_randomness())?;
        let text = secret.to_box(Some("signs what utfall publishes")).map_err(|_| no_randomness())?;
        let text = Zeroizing::new(text.into_string());
        durable::create_folder(zone)?;
        // Of two at once the first one's stays.
        durable::put_if_absent(&zone.join(SIGNING_FILE), text.as_bytes())?;
        Self::read(zone)?.ok_or_else(no_randomness)
    }

    /// The key of a zone; none if it has none.
    ///
    /// # Errors
    /// When others may read it, or it is damaged.
    pub fn read(zone: &Path) -> Result<Option<Self>, Error> {
        let path = zone.join(SIGNING_FILE);
        if !path.exists() {
            return Ok(None);
        }
        zone::owner_only(&path)?;
        let text = super::text_of(&path).map_err(|e| Error::reading(&path, e))?;
        Self::parse(&text).map(Some).ok_or_else(|| {
            let shown = path.display();
            Error::storage(
                "signing-key-malformed",
                Message::new(
                    format!("{shown} är ingen hel nyckel; återställ den från en säkerhetskopia"),
                    format!("{shown} is no whole key; restore it from a backup"),
                ),
            )
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let secret = SecretKeyBox::from_string(text).ok()?.into_unencrypted_secret_key().ok()?;
        let public = PublicKey::from_secret_key(&secret).ok()?;
        Some(Self { secret, public })
    }

    /// The public key in a line, as `minisign -P` takes it.
    pub fn line(&self) -> String {
        self.public.to_base64()
    }

    /// The public key, as a file of minisign.
    pub fn public_key(&self) -> String {
        self.public.to_box().map(PublicKeyBox::into_string).unwrap_or_default()
    }

    /// A signature over some bytes with a comment that is signed too, as a file of minisign; another one each time.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn sign(&self, bytes: &[u8], comment: &str) -> Result<String, Error> {
        let signed = minisign::sign(Some(&self.public), &self.secret, Cursor::new(bytes), Some(comment), Some(UNTRUSTED));
        signed.map(SignatureBox::into_string).map_err(|_| no_randomness())
    }

    /// Whether a file is a signature of this key over some bytes.
    pub fn verifies(&self, bytes: &[u8], signature: &str) -> bool {
        let signature = SignatureBox::from_string(signature);
        signature
            .is_ok_and(|signature| minisign::verify(&self.public, &signature, Cursor::new(bytes), true, false, false).is_ok())
    }
}

/// The comment of a signature that is not signed itself.
const UNTRUSTED: &str = "signature of utfall";

fn no_randomness() -> Error {
    Error::storage(
        "no-signing-key",
        Message::new("en nyckel att signera med gick inte att göra", "no key to sign with could be made"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_made_once_and_for_its_owner() {
        let zone = tempfile::tempdir().unwrap();
        assert!(SigningKey::read(zone.path()).unwrap().is_none());
        let key = SigningKey::create(zone.path()).unwrap();
        assert_eq!(SigningKey::create(zone.path()).unwrap().line(), key.line());
        let file = zone.path().join(SIGNING_FILE);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(format!("{key:?}"), "SigningKey(redacted)");
        std::fs::write(&file, "untrusted comment: x\nRWQ=\n").unwrap();
        assert_eq!(SigningKey::read(zone.path()).unwrap_err().code(), "signing-key-malformed");
    }

    /// The program that readers have, in its Rust form, takes the signature and the public key.
    #[test]
    fn what_is_signed_is_verified_by_others() {
        let zone = tempfile::tempdir().unwrap();
        let key = SigningKey::create(zone.path()).unwrap();
        let signature = key.sign(b"what was published", "outcomes 2026-11-30").unwrap();
        let public = minisign_verify::PublicKey::decode(&key.public_key()).unwrap();
        let decoded = minisign_verify::Signature::decode(&signature).unwrap();
        public.verify(b"what was published", &decoded, false).unwrap();
        assert!(public.verify(b"what was publishee", &decoded, false).is_err());
        assert_eq!(decoded.trusted_comment(), "outcomes 2026-11-30");
        assert!(key.verifies(b"what was published", &signature) && !key.verifies(b"what", &signature));
        assert!(!key.verifies(b"what was published", "x"));
        let another = SigningKey::create(tempfile::tempdir().unwrap().path()).unwrap();
        assert!(!another.verifies(b"what was published", &signature));
    }
}
