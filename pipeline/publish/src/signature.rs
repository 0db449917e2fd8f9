//! That files are those which were published: a list of their SHA-256, and a signature over it.
//!
//! `SHA256SUMS` is in the form of coreutils, so that `sha256sum --check SHA256SUMS` holds every file of a folder against it;
//! `SHA256SUMS.minisig` is a minisign signature over that list, and `minisign.pub` beside the front page the public key:
//! `minisign -Vm SHA256SUMS -p ../minisign.pub`.

use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use utfall_ground::untrusted;

use super::{Files, OutputFile, PublishError};

/// The list of the other files of a folder.
pub const SUMS: &str = "SHA256SUMS";

/// The signature over it.
pub const SIGNATURE: &str = "SHA256SUMS.minisig";

/// The public key, beside the front page.
pub const PUBLIC_KEY: &str = "minisign.pub";

/// The most that is read of a list or a signature that was published before, in bytes.
const MOST: u64 = 4 << 20;

/// Who vouches for what is published.
pub trait Signer: fmt::Debug {
    /// The public key, as a file of minisign.
    fn public_key(&self) -> String;

    /// A signature over some bytes with a comment that is signed too, as a file of minisign; another one each time.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    fn sign(&self, bytes: &[u8], comment: &str) -> Result<String, PublishError>;

    /// Whether a file is a signature of this key over some bytes.
    fn verifies(&self, bytes: &[u8], signature: &str) -> bool;
}

/// The list of these files with their digests, sorted by path.
pub(super) fn sums(files: &Files) -> Vec<u8> {
    let line = |(path, bytes): (&PathBuf, &Vec<u8>)| format!("{}  {}\n", hex::encode(Sha256::digest(bytes)), path.display());
    files.0.iter().map(line).collect::<String>().into_bytes()
}

/// Adds the list of the files that are there, and a signature over it. What is published already under the same list keeps its
/// signature, if it is one of this key, so that publishing again changes nothing.
pub(super) fn seal(files: &mut Files, signer: Option<&dyn Signer>, published: &Path, comment: &str) -> Result<(), PublishError> {
    let sums = sums(files);
    if let Some(signer) = signer {
        let before = || {
            let same = untrusted::bytes(&published.join(SUMS), MOST).is_ok_and(|before| before == sums);
            let signature = untrusted::text(&published.join(SIGNATURE), MOST).ok().filter(|_| same)?;
            signer.verifies(&sums, &signature).then_some(signature)
        };
        let signature = before().map_or_else(|| signer.sign(&sums, comment), Ok)?;
        files.add(PathBuf::from(SIGNATURE), signature.into_bytes())?;
    }
    files.add(PathBuf::from(SUMS), sums)
}

/// Whether what is published in a folder is signed by this key; where there is no key, whether it is not signed.
pub(super) fn is_by(signer: Option<&dyn Signer>, published: &Path) -> bool {
    let signature = untrusted::text(&published.join(SIGNATURE), MOST).ok();
    match (signer, signature) {
        (None, signature) => signature.is_none(),
        (Some(signer), Some(signature)) => {
            untrusted::bytes(&published.join(SUMS), MOST).is_ok_and(|sums| signer.verifies(&sums, &signature))
        }
        (Some(_), None) => false,
    }
}

/// The public key as a file of the site.
pub(super) fn public_key(signer: Option<&dyn Signer>) -> Option<OutputFile> {
    signer.map(|signer| OutputFile { path: PathBuf::from(PUBLIC_KEY), bytes: signer.public_key().into_bytes() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs with a number that is another one each time.
    #[derive(Debug, Default)]
    struct Counting(std::cell::Cell<u32>);

    impl Signer for Counting {
        fn public_key(&self) -> String {
            "public".to_owned()
        }

        fn sign(&self, bytes: &[u8], comment: &str) -> Result<String, PublishError> {
            self.0.set(self.0.get() + 1);
            Ok(format!("{}|{comment}|{}", bytes.len(), self.0.get()))
        }

        fn verifies(&self, bytes: &[u8], signature: &str) -> bool {
            signature.starts_with(&format!("{}|", bytes.len()))
        }
    }

    fn files(text: &str) -> Files {
        let mut files = Files::default();
        files.add(PathBuf::from("b.csv"), text.as_bytes().to_vec()).unwrap();
        files.add(PathBuf::from("a.csv"), b"a\n".to_vec()).unwrap();
        files
    }

    #[test]
    fn the_list_is_that_of_coreutils_and_names_every_other_file() {
        let mut sealed = files("b\n");
        seal(&mut sealed, None, Path::new("/nowhere"), "").unwrap();
        let list = String::from_utf8(sealed.0[Path::new(SUMS)].clone()).unwrap();
        // printf 'a\n' | sha256sum
        assert!(list.starts_with("87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7  a.csv\n"), "{list}");
        assert_eq!((list.lines().count(), sealed.0.len()), (2, 3));
    }

    #[test]
    fn a_signature_that_is_there_stays_as_long_as_it_is_one() {
        let (folder, signer) = (tempfile::tempdir().unwrap(), Counting::default());
        let published = |text: &str| {
            let mut sealed = files(text);
            seal(&mut sealed, Some(&signer), folder.path(), "x").unwrap();
            let (sums, signature) = (sealed.0[Path::new(SUMS)].clone(), sealed.0[Path::new(SIGNATURE)].clone());
            std::fs::write(folder.path().join(SUMS), sums).unwrap();
            std::fs::write(folder.path().join(SIGNATURE), &signature).unwrap();
            String::from_utf8(signature).unwrap()
        };
        let first = published("b\n");
        assert!(first.ends_with("|x|1"));
        assert_eq!(published("b\n"), first);
        assert!(published("c\n").ends_with("|2"), "other files have another signature");
        std::fs::write(folder.path().join(SIGNATURE), "of another key").unwrap();
        assert!(published("c\n").ends_with("|3"));
    }
}
