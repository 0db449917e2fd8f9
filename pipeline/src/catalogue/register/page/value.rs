//! What labels mean, and values as the register writes them.

use crate::catalogue::schema::{Catalogue, Column as ColumnSchema, Kind, normalise};
use utfall_ground::calendar::iso;
use utfall_ground::text::Message;

/// The programme periods of the social fund that a register can hold.
pub const PERIODS: [&str; 3] = ["2007-2013", "2014-2020", "2021-2027"];

/// What a label says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// A column of the register.
    Column(&'a str),
    /// First and last day together.
    Period,
    /// A contact person, or the address of one's mailbox.
    Person,
    /// Another particular of the contact.
    Private,
    /// Known, but not taken into the register.
    Untaken,
    /// Not known.
    Unknown,
}

use Meaning::{Column, Period, Person, Private, Untaken};

impl Meaning<'_> {
    /// Whether its value is never kept and never echoed.
    pub(super) fn is_private(&self) -> bool {
        matches!(self, Person | Private)
    }
}

const LABELS: &[(&str, Meaning<'static>)] = &[
    ("Diarienummer", Column("number")),
    ("Projektnummer", Column("number")),
    ("Namn", Column("name")),
    ("Projektnamn", Column("name")),
    ("Projektägare", Column("owner")),
    ("Region", Column("region")),
    ("Programperiod", Column("programme_period")),
    ("Planerat antal deltagare", Column("planned_participants")),
    ("Startdatum", Column("start")),
    ("Slutdatum", Column("end")),
    ("Projektperiod", Period),
    ("Total projektbudget", Column("total_budget")),
    ("Beviljat ESF-stöd", Column("esf_support")),
    ("Programområde", Column("programme_area")),
    ("Specifikt mål", Column("objective")),
    ("Unionens medfinansieringsgrad", Column("cofinancing_percent")),
    ("Interventionstyp", Column("intervention_type")),
    ("Projektfas", Untaken),
    ("Kontaktperson", Person),
    ("Kontaktpersoner", Person),
    ("Projektledare", Person),
    ("Handläggare", Person),
    ("Ansvarig", Person),
    ("E-post", Person),
    ("E-postadress", Person),
    ("Epost", Person),
    ("E-mail", Person),
    ("Mejl", Person),
    ("Kontakt", Private),
    ("Telefon", Private),
    ("Telefonnummer", Private),
    ("Mobil", Private),
    ("Mobiltelefon", Private),
    ("Mobilnummer", Private),
    ("Personnummer", Private),
    ("Organisationsnummer", Private),
    ("Adress", Private),
    ("Postadress", Private),
    ("Besöksadress", Private),
    ("Postnummer", Private),
    ("Postnr", Private),
    ("Postort", Private),
    ("Ort", Private),
    ("Stödmottagare", Private),
    ("Stödmottagare postnr", Private),
    ("Stödmottagarens postnr", Private),
    ("Stödmottagare address", Private),
    ("Stödmottagare adress", Private),
    ("Stödmottagarens address", Private),
    ("Stödmottagarens adress", Private),
];

/// The known label of a line, what it means, and what stands behind it on the line.
pub(super) fn label(line: &str) -> Option<(&'static str, Meaning<'static>, &str)> {
    let whole = |text: &str| {
        let text = normalise(text);
        LABELS.iter().find(|(l, _)| l.len() == text.len() && normalise(l) == text)
    };
    if let Some((left, rest)) = line.split_once(':')
        && let Some((label, meaning)) = whole(left)
    {
        return Some((label, *meaning, rest.trim()));
    }
    if let Some((label, meaning)) = whole(line) {
        return Some((label, *meaning, ""));
    }
    let glued = LABELS.iter().filter_map(|(l, m)| Some((*l, *m, behind(l, line)?)));
    glued.max_by_key(|(label, _, _)| label.len())
}

/// What is glued to a label. A small letter would make it another word (`Regionen`), a single space a phrase
/// (`Region i tillväxt`); only addresses of mailboxes begin small.
fn behind<'a>(label: &str, line: &'a str) -> Option<&'a str> {
    let rest = line.strip_prefix(label)?;
    let apart = rest.starts_with('\t') || rest.starts_with("  ");
    let glued = rest.chars().next().is_some_and(|c| !c.is_whitespace() && (!c.is_lowercase() || label == "E-post"));
    (apart || glued).then(|| rest.trim())
}

/// What a heading of a CSV means: a column's own name or title, or a label of the pages.
pub(super) fn heading<'a>(text: &str, catalogue: &'a Catalogue) -> Option<Meaning<'a>> {
    let text = normalise(text);
    let titled = |c: &ColumnSchema| c.title.as_ref().is_some_and(|t| [&t.sv, &t.en].iter().any(|t| normalise(t) == text));
    let mut columns = catalogue.table("project").into_iter().flat_map(|table| &table.columns);
    let column = columns.find(|(name, c)| **name == text || titled(c)).map(|(name, _)| Column(name.as_str()));
    let special = match text.as_str() {
        "aliases" => Some(Column("aliases")),
        "id" => Some(Untaken), // the register numbers its projects itself
        _ => None,
    };
    column.or(special).or_else(|| LABELS.iter().find(|(l, _)| normalise(l) == text).map(|(_, meaning)| *meaning))
}

/// Whether a column takes values of so many forms that a contact particular could pass for one.
pub(super) fn open(meaning: Meaning<'_>) -> bool {
    let columns = ["number", "name", "owner", "planned_participants", "total_budget", "esf_support"];
    matches!(meaning, Column(column) if columns.contains(&column))
}

/// Whether a value looks at all like what its label announces; if not, values have slipped to other labels.
pub(super) fn plausible(label: &str, meaning: Meaning<'_>, value: &str) -> bool {
    let digit = value.chars().any(|c| c.is_ascii_digit());
    match meaning {
        Person if ["E-", "Ep", "Me"].iter().any(|e| label.starts_with(e)) => {
            ["@", "(at)", "[at]"].iter().any(|at| value.contains(at))
        }
        Person => value.chars().any(char::is_alphabetic),
        Private if label.starts_with("Tel") || label.starts_with("Mob") || label.ends_with("postnr") => digit,
        Column("name" | "owner") => !value.contains('@'),
        Column("region") => !digit,
        Column(_) | Period => digit,
        Private | Untaken | Meaning::Unknown => true,
    }
}

/// Whether a label that nobody knows is written as labels are, `Planerat antal`, and not as names are, `Anna Ek`.
pub(super) fn quotable(label: &str) -> bool {
    let mut letters = label.trim().chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.all(|c| c.is_lowercase() || c == ' ' || c == '-')
        && label.chars().count() <= 40
}

/// Whether a value says that there is none.
pub(super) fn blank(value: &str) -> bool {
    ["", "-", "–", "—", "saknas", "uppgift saknas", "ej angivet", "ej angiven"].contains(&normalise(value).as_str())
}

/// Whether a value holds more than its own entry: another label's words, a mailbox, or in an owner a telephone's number.
pub(super) fn crowded(meaning: Meaning<'_>, value: &str) -> bool {
    let text = normalise(value);
    let words = ["@", "kontaktperson", "e-post", "epost:", "telefon", "tel.", "tel:", "mobil:", "postnr"];
    let numbered = meaning == Column("owner") && value.bytes().filter(u8::is_ascii_digit).count() >= 5;
    numbered || words.iter().any(|word| text.contains(word))
}

/// The people in the value of a [`Person`] label, as they may stand in other values too.
pub(super) fn people(value: &str) -> Vec<String> {
    let names = value.split([',', ';', '/', '&', '(']).flat_map(|part| part.split(" och ")).map(normalise);
    names.filter(|name| name.contains([' ', '@']) && name.chars().any(char::is_alphabetic)).collect()
}

/// First and last day from `2016-01-04 - 2018-12-31` or `2012-01-09 till 2014-06-30`.
pub(super) fn period(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    let (start, end) = (text.get(..10)?, text.get(text.len().checked_sub(10)?..)?);
    let between = text.get(10..text.len().checked_sub(10)?)?.trim();
    let joined = ["-", "–", "—", "till", "t.o.m.", "to"].contains(&between);
    (joined && iso(start).is_some() && iso(end).is_some()).then(|| (start.to_owned(), end.to_owned()))
}

/// Whether a project may be called so in SQL and in lists.
pub fn is_slug(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    plain && !text.is_empty() && text != "missing" && !text.starts_with('-') && !text.ends_with('-') && text.len() <= 60
}

/// A value as the register writes it; `None` if it does not fit its column.
pub(super) fn value(column: &str, raw: &str, catalogue: &Catalogue) -> Option<String> {
    let raw = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(schema) = catalogue.table("project").and_then(|t| t.columns.get(column)) else {
        return (column == "aliases").then_some(raw);
    };
    let fits = |n: &i64| schema.minimum.is_none_or(|m| *n >= m) && schema.maximum.is_none_or(|m| *n <= m);
    let number = |text: &str| whole(text).filter(fits).map(|n| n.to_string());
    let first = |text: &str| text.split(' ').next().unwrap_or_default().trim_end_matches('.').to_owned();
    match (column, schema.kind) {
        ("project", _) => is_slug(&raw).then_some(raw),
        ("number", _) => is_number(&raw).then_some(raw),
        ("name", _) => text(raw.split_once(" - ").filter(|(n, _)| is_number(n)).map_or(raw.as_str(), |(_, name)| name)),
        ("owner", _) => owner(&raw),
        ("objective", _) => Some(first(&raw))
            .filter(|o| o.split_once('.').is_some_and(|(a, b)| a.len() == 1 && b.len() <= 2 && digits(a) && digits(b))),
        ("programme_period", _) => Some(raw.replace('–', "-").replace(' ', "")).filter(|p| PERIODS.contains(&p.as_str())),
        ("programme_area", _) => number(&first(raw.strip_prefix("Programområde").unwrap_or(&raw).trim())),
        ("intervention_type", _) => number(&first(&raw)),
        ("cofinancing_percent", _) => number(raw.trim_end_matches('%').trim()),
        _ if schema.codes.is_some() => catalogue.codes_of(schema)?.find(&raw).map(|e| e.code.clone()),
        (_, Kind::Integer) => number(&raw),
        (_, Kind::Date) => iso(&raw).map(|date| date.to_string()),
        (_, Kind::Boolean) => match normalise(&raw).as_str() {
            "true" | "ja" | "yes" => Some("true".into()),
            "false" | "nej" | "no" => Some("false".into()),
            _ => None,
        },
        (_, Kind::String) => text(&raw),
        (_, Kind::Identity) => None,
    }
}

/// What a column takes, for people.
pub(super) fn expected(column: &str, catalogue: &Catalogue) -> Message {
    let kind = catalogue.table("project").and_then(|t| t.columns.get(column)).map(|c| c.kind);
    let (sv, en) = match (column, kind) {
        ("", _) => ("två datum som 2016-01-04 - 2018-12-31", "two dates like 2016-01-04 - 2018-12-31"),
        ("region", _) => ("en region i schemas/codes/region.csv", "a region of schemas/codes/region.csv"),
        ("number", _) => ("ett diarienummer som 2015/00624", "a number like 2015/00624"),
        ("objective", _) => ("ett mål som 2.1", "an objective like 2.1"),
        ("programme_period", _) => ("2007-2013, 2014-2020 eller 2021-2027", "2007-2013, 2014-2020 or 2021-2027"),
        ("project", _) => ("ett kortnamn av a-z, 0-9 och bindestreck", "a slug of a-z, 0-9 and hyphens"),
        (_, Some(Kind::Integer)) => ("ett heltal inom registrets gränser", "a whole number within the register's limits"),
        (_, Some(Kind::Date)) => ("ett datum som 2016-01-04", "a date like 2016-01-04"),
        (_, Some(Kind::Boolean)) => ("true eller false", "true or false"),
        _ => ("en text på högst 200 tecken", "a text of at most 200 characters"),
    };
    Message::new(sv, en)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A whole number, with or without groups of three and `kr`; anything else in it is not guessed away.
fn whole(text: &str) -> Option<i64> {
    let text = ["kronor", "kr", "SEK"].iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text).trim();
    let groups: Vec<&str> = text.split(' ').collect();
    let three =
        groups.iter().skip(1).all(|g| g.len() == 3) && (groups.len() == 1 || groups.first().is_some_and(|g| g.len() <= 3));
    (three && groups.iter().all(|g| digits(g))).then(|| groups.concat().parse().ok()).flatten()
}

/// `2015/00624` or `2011-3090121`: begins with a year, as telephone and identity numbers do not.
fn is_number(text: &str) -> bool {
    let parts = text.split_once(['/', '-']);
    parts.is_some_and(|(year, serial)| {
        year.len() == 4 && ("1990".."2100").contains(&year) && digits(year) && digits(serial) && (3..=10).contains(&serial.len())
    })
}

fn text(raw: &str) -> Option<String> {
    (raw.chars().count() <= 200 && raw.chars().any(char::is_alphanumeric)).then(|| raw.to_owned())
}

/// An owner; the bank names organisation and unit, also where they are the same.
fn owner(raw: &str) -> Option<String> {
    let same = raw.split_once(", ").filter(|(a, b)| normalise(a) == normalise(b));
    text(same.map_or(raw, |(once, _)| once))
}
