//! Random ids, and the operating system's randomness they are made of.

use crate::error::Error;
use crate::text::Message;

/// Fills a buffer from the operating system's generator.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    use rand::TryRng as _;
    rand::rngs::SysRng.try_fill_bytes(bytes).map_err(|_| {
        let message = Message::new("operativsystemet ger ingen slump", "the operating system gives no randomness");
        Error::storage("randomness", message)
    })
}

/// Sixteen random bytes as text: ids of stores and snapshots.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn random_id() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}
