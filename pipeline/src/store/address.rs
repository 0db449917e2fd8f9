//! Where a data directory lies that is no folder of this machine: a bucket of an object store. Takes the text of an address; gives its
//! parts, or says what is wrong with it. Start reading at [`Address::of`].

use std::path::Path;

use utfall_ground::error::Error;
use utfall_ground::redact;
use utfall_ground::text::Message;

/// Which protocol a bucket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Amazon S3, and the many servers that speak as it does.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

/// The prefix of a bucket under which a data directory lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The protocol.
    pub protocol: Protocol,
    /// The bucket; with Azure the container.
    pub bucket: String,
    /// What the names in it begin with, without a slash at either end; nothing if the bucket is the data directory.
    pub prefix: String,
}

const SCHEMES: [(&str, Protocol); 3] = [("s3://", Protocol::S3), ("gs://", Protocol::Google), ("az://", Protocol::Azure)];

impl Address {
    /// The address that a place is given by; nothing if it is the path of a folder.
    ///
    /// # Errors
    /// When it begins as an address and is none.
    pub fn of(place: &Path) -> Result<Option<Self>, Error> {
        let Some(text) = place.to_str() else { return Ok(None) };
        let Some((rest, protocol)) = SCHEMES.iter().find_map(|(scheme, protocol)| Some((text.strip_prefix(scheme)?, *protocol)))
        else {
            return Ok(None);
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let is_part = |part: &str| plain(part) && part.chars().any(|c| c != '.');
        if is_part(bucket) && (prefix.is_empty() || prefix.split('/').all(is_part)) {
            return Ok(Some(Self { protocol, bucket: bucket.to_owned(), prefix: prefix.to_owned() }));
        }
        let text = redact::words(text);
        Err(Error::usage(
            "address-unusable",
            Message::new(
                format!(
                    "{text} är ingen plats i en objektlagring; skriv s3://HINK/PREFIX (eller gs://, az://), av bokstäver a-z, siffror, - _ . och /, utan nycklar i: de tas ur miljön"
                ),
                format!(
                    "{text} is no place in an object store; write s3://BUCKET/PREFIX (or gs://, az://), of letters a-z, digits, - _ . and /, with no credentials in it: they are taken from the environment"
                ),
            ),
        ))
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = SCHEMES.iter().find(|(_, protocol)| *protocol == self.protocol).map_or("", |(scheme, _)| *scheme);
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        write!(f, "{scheme}{}{slash}{}", self.bucket, self.prefix)
    }
}

/// That this program was built without object stores.
pub fn not_built(address: &Address) -> Error {
    Error::usage(
        "no-object-stores",
        Message::new(
            format!(
                "{address}: det här programmet är byggt utan objektlagring; bygg det med --features object-store, eller ange en katalog med --data"
            ),
            format!(
                "{address}: this program was built without object stores; build it with --features object-store, or name a folder with --data"
            ),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form_and_holds_no_secret() {
        let of = |text: &str| Address::of(Path::new(text));
        for folder in ["data", "/srv/data", "s3", "s3:/a", "file:///a", "./s3://a"] {
            assert_eq!(of(folder).unwrap(), None, "{folder}");
        }
        for (text, shown) in
            [("s3://b", "s3://b"), ("s3://b/", "s3://b"), ("gs://b.c/d-1/e/", "gs://b.c/d-1/e"), ("az://b/d_2", "az://b/d_2")]
        {
            assert_eq!(of(text).unwrap().unwrap().to_string(), shown);
        }
        for wrong in
            ["s3://", "s3:///a", "s3://key:secret@b/a", "s3://b//a", "s3://b/../a", "s3://b/å", "s3://b/a?x=1", "s3://b/a%20"]
        {
            assert_eq!(of(wrong).unwrap_err().code(), "address-unusable", "{wrong}");
        }
    }
}
