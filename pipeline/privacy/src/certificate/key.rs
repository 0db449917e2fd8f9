//! What a certificate states of a public table, so that whoever has the table can see that its key is one.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

/// How many rows a public table has, and a digest of its key columns.
///
/// # Privacy
/// [`ScanPublic`](super::rule::ScanPublic) takes for granted that all rows of a table differ in its key: a row of somebody
/// that met two of them would count twice. [`PublicKey::of`] is given only for rows that do. So who computes it again from the
/// table, and finds what the certificate states, has seen that it holds for the table that was joined.
///
/// # Checked by
/// `certificate::tests::keys`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    rows: u64,
    digest: String,
}

impl PublicKey {
    /// What is stated of these rows, each the values of the key columns as text in the order of the key; the order of the rows
    /// does not matter. `None` if two are the same: two missing values are.
    pub fn of(rows: &[Vec<Option<String>>]) -> Option<Self> {
        let sorted: BTreeSet<&Vec<Option<String>>> = rows.iter().collect();
        if sorted.len() != rows.len() {
            return None;
        }
        let mut hasher = Sha256::new();
        let mut number = |n: usize| hasher.update(u64::try_from(n).unwrap_or(u64::MAX).to_le_bytes());
        let mut texts = Vec::new();
        number(sorted.len());
        for row in &sorted {
            number(row.len());
            for value in *row {
                number(value.as_ref().map_or(0, |text| text.len().saturating_add(1)));
                texts.push(value.as_deref().unwrap_or_default());
            }
        }
        // The lengths say where each text begins.
        texts.iter().for_each(|text| hasher.update(text));
        let digest = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Self { rows: u64::try_from(rows.len()).ok()?, digest })
    }

    /// As a certificate that was written down states it; `None` if it is no digest. Whoever has the table compares.
    pub fn stated(rows: u64, digest: String) -> Option<Self> {
        let hex = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        hex.then_some(Self { rows, digest })
    }

    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// SHA-256 of the key columns, as hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}
