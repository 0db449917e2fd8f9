//! What a site says of itself, whatever is published on it: `site.toml`, beside the releases in `queries/`.
//!
//! All of it is optional: without it pages name no publisher, and there is no catalogue, for that needs addresses of its own.

use std::collections::BTreeMap;
use std::path::Path;

use oxrdf::NamedNode;
use serde::{Deserialize, Serialize};

use utfall_ground::text::{Message, Text};
use utfall_ground::{calendar, toml, untrusted};

/// The file, below the folder of the releases.
pub const FILE: &str = "site.toml";

/// The most that is read of it, in bytes.
const MOST: u64 = 1 << 20;

/// What a site says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the site is called.
    #[serde(default)]
    pub title: Option<Text>,
    /// What it holds and for whom, in paragraphs.
    #[serde(default)]
    pub about: Option<Text>,
    /// The address below which the folder of pages is served: absolute, with a slash at its end.
    #[serde(default)]
    pub base: Option<String>,
    /// Who publishes.
    #[serde(default)]
    pub publisher: Option<Publisher>,
    /// Whom to ask.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// What readers may do with the files.
    #[serde(default)]
    pub licence: Option<Licence>,
    /// What all of it is about, for catalogues: codes of the European Union's data themes, such as `SOCI`.
    #[serde(default)]
    pub subjects: Vec<Subject>,
    /// What the numbers are about, for those who search a catalogue.
    #[serde(default)]
    pub keywords: Vec<Text>,
    /// The interface for programs, if one is served.
    #[serde(default)]
    pub api: Option<Api>,
    /// The releases by theme, in the order of the front page; those of no theme follow.
    #[serde(default)]
    pub themes: Vec<Theme>,
    /// By release, the day on which it will be published next: `2027-03-31`. A series says itself when.
    #[serde(default)]
    pub next: BTreeMap<String, String>,
    /// By release, the number by which it is told in lists: `TABLE`, or `TABLE/CODE/CODE` for a row that is not the first. Without
    /// one it is chosen by rules that look at no number but how far it can be relied on.
    #[serde(default)]
    pub headlines: BTreeMap<String, String>,
}

/// Who publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// Its name.
    pub name: Text,
    /// Its address on the web, which also stands for it in catalogues.
    pub url: String,
    /// What kind of body it is, which catalogues want to know.
    #[serde(default)]
    pub kind: Option<Kind>,
}

/// A kind of publisher, of those that the catalogues of the European Union tell apart (ADMS, publisher type).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A national authority.
    NationalAuthority,
    /// A regional authority, such as a coordination association.
    RegionalAuthority,
    /// A municipality.
    LocalAuthority,
    /// An association that makes no profit.
    NonProfitOrganisation,
    /// A company.
    Company,
    /// A university.
    Academia,
}

/// A data theme of the European Union: a code of its authority table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Subject {
    /// Agriculture, fisheries, forestry and food.
    Agri,
    /// Economy and finance.
    Econ,
    /// Education, culture and sport.
    Educ,
    /// Energy.
    Ener,
    /// Environment.
    Envi,
    /// Government and public sector.
    Gove,
    /// Health.
    Heal,
    /// International issues.
    Intr,
    /// Justice, legal system and public safety.
    Just,
    /// Regions and cities.
    Regi,
    /// Population and society.
    Soci,
    /// Science and technology.
    Tech,
    /// Transport.
    Tran,
}

/// An interface for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Its address.
    pub url: String,
    /// Where it is described for programs, as OpenAPI.
    #[serde(default)]
    pub description: Option<String>,
}

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// A name: an office rather than a person.
    pub name: Text,
    /// An address for letters: `statistik@exempel.se`.
    pub email: String,
    /// A telephone number, with the code of the country: `+46 10 123 45 67`.
    #[serde(default)]
    pub phone: Option<String>,
}

/// What readers may do with the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Its name.
    pub name: String,
    /// Where it can be read, which also stands for it in catalogues.
    pub url: String,
}

/// Releases that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// What they are about.
    pub title: Text,
    /// Their names.
    pub releases: Vec<String>,
}

impl Settings {
    /// What stands in the folder of the releases; nothing if there is no such file.
    ///
    /// # Errors
    /// When it cannot be read, has an unknown field, or an address or a day that is none.
    pub fn read(queries: &Path) -> Result<Self, Message> {
        let path = queries.join(FILE);
        let text = match untrusted::text(&path, MOST) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(Message::new(format!("kan inte läsas ({e})"), format!("cannot be read ({e})"))),
        };
        let settings: Self = toml::read(&text)?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), Message> {
        if let Some(wrong) = self.addresses().find(|url| !is_address(url)) {
            return Err(Message::new(
                format!("{wrong:?} är ingen adress; skriv den hel: https://exempel.se/statistik/"),
                format!("{wrong:?} is no address; write it in full: https://example.org/statistics/"),
            ));
        }
        if let Some(base) = self.base.as_ref().filter(|base| !base.ends_with('/')) {
            return Err(Message::new(
                format!("`base` slutar med ett snedstreck: \"{base}/\""),
                format!("`base` ends with a slash: \"{base}/\""),
            ));
        }
        if let Some(wrong) = self.contact.iter().map(|of| &of.email).find(|email| !is_email(email)) {
            return Err(Message::new(
                format!("{wrong:?} är ingen e-postadress; skriv den som statistik@exempel.se"),
                format!("{wrong:?} is no e-mail address; write it as statistics@example.org"),
            ));
        }
        if let Some(wrong) = self.contact.iter().filter_map(|of| of.phone.as_ref()).find(|phone| dialled(phone).is_none()) {
            return Err(Message::new(
                format!("{wrong:?} är inget telefonnummer; skriv det med landskod: +46 10 123 45 67"),
                format!("{wrong:?} is no telephone number; write it with the code of the country: +46 10 123 45 67"),
            ));
        }
        if let Some((release, day)) = self.next.iter().find(|(_, day)| calendar::iso(day).is_none()) {
            return Err(Message::new(
                format!("{release}: {day:?} är ingen dag; skriv den som 2027-03-31"),
                format!("{release}: {day:?} is no day; write it as 2027-03-31"),
            ));
        }
        Ok(())
    }

    /// Every address of the web in it.
    fn addresses(&self) -> impl Iterator<Item = &str> {
        let publisher = self.publisher.iter().map(|of| of.url.as_str());
        let licence = self.licence.iter().map(|of| of.url.as_str());
        let api = self.api.iter().flat_map(|of| [Some(of.url.as_str()), of.description.as_deref()]).flatten();
        self.base.as_deref().into_iter().chain(publisher).chain(licence).chain(api)
    }
}

/// A telephone number as it is dialled (RFC 3966): `+46101234567`; none of a text that is none.
pub(crate) fn dialled(phone: &str) -> Option<String> {
    let digits = phone.strip_prefix('+')?;
    let plain: String = digits.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let is_number = (5..=15).contains(&plain.len()) && plain.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| format!("+{plain}"))
}

/// Whether a text is an address for letters that can stand in a file as it is.
fn is_email(email: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c));
    email.split_once('@').is_some_and(|(name, host)| plain(name) && plain(host) && host.contains('.'))
}

/// Whether a text is an absolute address of the web that can stand in a file as it is.
pub fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}');
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(plain)) && NamedNode::new(url).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use utfall_ground::text::Lang;

    fn read(text: &str) -> Result<Settings, Message> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        Settings::read(folder.path())
    }

    #[test]
    fn a_number_is_dialled_without_what_separates_its_digits() {
        assert_eq!(dialled("+46 (0)10-123 45 67").as_deref(), Some("+460101234567"));
        assert_eq!(["010-1", "+46 x", "+", "tel:+46"].map(dialled), [const { None }; 4]);
    }

    #[test]
    fn nothing_is_needed_and_what_is_there_must_be_right() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Settings::read(folder.path()).unwrap(), Settings::default());
        assert_eq!(read("").unwrap(), Settings::default());
        let all = "base = \"https://a.se/x/\"\n[next]\noutcomes = \"2027-03-31\"\n[licence]\nname = \"CC0\"\nurl = \"https://c.org/\"\n";
        assert_eq!(read(all).unwrap().next["outcomes"], "2027-03-31");
        for (wrong, said) in [
            ("base = \"a.se/x/\"", "is no address"),
            ("base = \"https://a.se/<x>/\"", "is no address"),
            ("base = \"https://a.se/%zz/\"", "is no address"),
            ("base = \"https://a.se\"", "ends with a slash"),
            ("[api]\nurl = \"/api\"", "is no address"),
            ("[contact]\nname = { sv = \"a\", en = \"b\" }\nemail = \"a.se\"", "is no e-mail address"),
            ("[contact]\nname = { sv = \"a\", en = \"b\" }\nemail = \"a@b.se\"\nphone = \"010\"", "is no telephone number"),
            ("subjects = [\"SOCIETY\"]", "unknown variant"),
            ("[next]\nx = \"2027-02-30\"", "is no day"),
            ("bas = \"\"", "unknown field"),
        ] {
            let error = read(wrong).unwrap_err();
            assert!(error.get(Lang::En).contains(said), "{wrong}: {error:?}");
        }
    }
}
