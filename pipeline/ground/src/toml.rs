//! TOML that people write: schemas, releases, mappings. Takes a text, gives what it declares, or what is wrong in it and where,
//! in both languages; of a line it shows no more than [`redact`] allows. Start reading at [`read`].

use serde::de::DeserializeOwned;

use crate::redact::{self, is_secret};
use crate::text::{Lang, Message};

/// Reads TOML.
///
/// # Errors
/// What is wrong in it, with the line; of what is long, a part.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Message> {
    ::toml::from_str(text).map_err(|e| {
        let why = said(&e).map(redact::words);
        match e.span().and_then(|span| text.get(..span.start)) {
            Some(before) => placed(text, before, &why),
            None => why,
        }
    })
}

/// What the library says of a text, in both languages.
pub fn said(error: &::toml::de::Error) -> Message {
    let words = error.message().replace(" as i128", "").replace(" as u128", "");
    Message::new(swedish(&words), plain(&words))
}

/// The library's words without the names that a program has for what people write.
fn plain(words: &str) -> String {
    let words = words.replace("struct Text", "{ sv = \"...\", en = \"...\" }");
    let mut parts = words.split("struct ");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        told += "a table";
        told += part.trim_start_matches(char::is_alphanumeric);
    }
    told
}

/// The words below the line that they are about.
fn placed(text: &str, before: &str, why: &Message) -> Message {
    let (number, begin) = (before.matches('\n').count() + 1, before.rfind('\n').map_or(0, |at| at + 1));
    let column = before.get(begin..).unwrap_or_default().chars().count() + 1;
    let found = text.get(begin..).unwrap_or_default().lines().next().unwrap_or_default();
    // A file of another kind may have come here under this name, and what looks like a key is one.
    let (shown, at) = if is_secret(found) { ("…".to_owned(), 0) } else { redact::line(found, column) };
    let width = number.to_string().len();
    let below = |place: String, why: &str| {
        format!("{place}\n{:width$} |\n{number} | {shown}\n{:width$} | {:at$}^\n{}\n", "", "", "", why)
    };
    Message::new(
        below(format!("TOML som inte kan läsas på rad {number}, kolumn {column}"), why.get(Lang::Sv)),
        below(format!("TOML parse error at line {number}, column {column}"), why.get(Lang::En)),
    )
}

/// The library's words in Swedish: those that people meet; of the rest, that the line cannot be read.
fn swedish(words: &str) -> String {
    if let Some(told) = structure(words) {
        return told;
    }
    let (what, expected) = words.split_once(", expected ").map_or((words, None), |(what, expected)| (what, Some(expected)));
    let Some((_, what)) = SYNTAX.iter().find(|(en, _)| *en == what) else {
        return "raden kan inte läsas som TOML; jämför med exemplen i README-filerna".to_owned();
    };
    expected.map_or_else(|| (*what).to_owned(), |expected| format!("{what}; väntade {}", awaited(expected)))
}

/// What is wrong with a field: unknown, missing, twice, of another kind.
fn structure(words: &str) -> Option<String> {
    let quoted = |text: &str| text.split('`').nth(1).map(str::to_owned);
    let (what, expected) = words.split_once(", ").unwrap_or((words, ""));
    if let Some(field) = what.strip_prefix("unknown field ") {
        return Some(format!("okänt fält {field}; {}", known(expected)));
    }
    if let Some(value) = what.strip_prefix("unknown variant ") {
        return Some(format!("okänt värde {value}; {}", known(expected)));
    }
    if what.starts_with("missing field ") {
        return Some(format!("fältet `{}` saknas", quoted(what)?));
    }
    if what.starts_with("duplicate field ") {
        return Some(format!("fältet `{}` står två gånger", quoted(what)?));
    }
    let (said, needed) = words.rsplit_once(", expected ")?;
    let value = ["invalid type: ", "invalid value: ", "invalid length "].iter().find_map(|kind| said.strip_prefix(kind))?;
    Some(format!("{} passar inte här; väntade {}", kind(value), awaited(needed)))
}

/// The names that are known, from `expected one of ...`, `expected ...` or `there are no fields`.
fn known(expected: &str) -> String {
    match expected.strip_prefix("expected ") {
        Some(names) => format!("kända är {}", names.strip_prefix("one of ").unwrap_or(names).replace(" or ", " och ")),
        None => "här finns inga".to_owned(),
    }
}

/// A value with its kind, as the library calls it: `integer `1``, `string "a"`, `map`.
fn kind(value: &str) -> String {
    let (word, rest) = value.split_once(' ').map_or((value, String::new()), |(word, rest)| (word, format!(" {rest}")));
    if let Some(rest) = value.strip_prefix("floating point") {
        return format!("decimaltalet{rest}");
    }
    let named = match word {
        "integer" => "heltalet",
        "string" => "texten",
        "boolean" => "sanningsvärdet",
        "map" | "table" => "en tabell",
        "sequence" | "array" => "en lista",
        "datetime" => "en tidpunkt",
        _ => return "värdet".to_owned(),
    };
    format!("{named}{rest}")
}

/// What should have stood there.
fn awaited(expected: &str) -> String {
    let parts = expected.split(", ").map(|part| {
        let named = AWAITED.iter().find(|(en, _)| *en == part.trim());
        named.map_or_else(
            || if part.contains('`') { part.to_owned() } else { "något annat".to_owned() },
            |(_, sv)| (*sv).to_owned(),
        )
    });
    let mut parts: Vec<String> = parts.collect();
    parts.dedup();
    parts.join(", ")
}

/// What the library awaits, and the same in Swedish.
const AWAITED: &[(&str, &str)] = &[
    ("a string", "en text"),
    ("string", "en text"),
    ("a boolean", "true eller false"),
    ("a sequence", "en lista [...]"),
    ("a map", "en tabell { ... }"),
    ("nothing", "ingenting mer"),
    ("newline", "en ny rad"),
    ("key", "ett namn"),
    ("value", "ett värde"),
    ("letters", "bokstäver"),
    ("numbers", "siffror"),
    ("digits", "siffror"),
    ("characters", "tecken"),
    ("basic string", "en text inom citattecken"),
    ("literal string", "en text inom enkla citattecken"),
    ("multi-line basic string", "en text på flera rader"),
    ("printable characters", "synliga tecken"),
    ("unicode hexadecimal value", "ett teckens nummer"),
    ("u8", "ett heltal"),
    ("u32", "ett heltal från 0"),
    ("u64", "ett heltal från 0"),
    ("usize", "ett heltal från 0"),
    ("i16", "ett heltal"),
    ("i32", "ett heltal"),
    ("i64", "ett heltal"),
    ("f64", "ett tal"),
    ("path string", "en sökväg"),
    ("an array of length 2", "två värden [lägst, högst]"),
    ("struct Text", "{ sv = \"...\", en = \"...\" }"),
];

/// What the library says of a line, and the same in Swedish.
const SYNTAX: &[(&str, &str)] = &[
    ("duplicate key", "namnet står två gånger"),
    ("key with no value", "ett namn utan värde"),
    ("missing value", "ett värde saknas"),
    ("missing value for key", "ett värde saknas"),
    ("missing assignment between key-value pairs", "`=` saknas mellan namn och värde"),
    ("extra `=`", "ett `=` för mycket"),
    ("extra assignment between key-value pairs", "ett `=` för mycket"),
    ("string values must be quoted", "en text skrivs inom citattecken"),
    ("missing opening quote", "citattecknet före texten saknas"),
    ("invalid basic string", "texten är inte avslutad med citattecken"),
    ("invalid literal string", "texten är inte avslutad med citattecken"),
    ("invalid multi-line basic string", "texten är inte avslutad med citattecken"),
    ("missing comma between array elements", "ett komma saknas i listan"),
    ("missing comma between key-value pairs", "ett komma saknas mellan namnen"),
    ("extra comma in array", "ett komma för mycket i listan"),
    ("extra comma in inline table", "ett komma för mycket"),
    ("unclosed array", "listan är inte avslutad med `]`"),
    ("unclosed inline table", "tabellen är inte avslutad med `}`"),
    ("unclosed table", "rubriken är inte avslutad med `]`"),
    ("unclosed array table", "rubriken är inte avslutad med `]]`"),
    ("unquoted keys cannot be empty", "ett namn saknas"),
    ("invalid unquoted key", "namnet har tecken som kräver citattecken"),
    ("invalid key-value pair", "raden är inte namn = värde"),
    ("invalid value", "värdet går inte att läsa"),
    ("unexpected content", "något mer står efter värdet"),
    ("unexpected key or value", "något mer står efter värdet"),
    ("unexpected leading zero", "talet börjar med en nolla"),
    ("redundant numeric sign", "talet har ett tecken för mycket"),
    ("`_` may only go between digits", "`_` står bara mellan siffror"),
];

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::text::Lang;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct File {
        title: String,
        #[serde(default)]
        number: u32,
        #[serde(default)]
        several: Vec<String>,
    }

    fn wrong(text: &str) -> Message {
        read::<File>(text).unwrap_err()
    }

    /// How much of a file of one letter a message shows.
    fn shown(message: &str) -> usize {
        message.chars().filter(|c| *c == 'å').count()
    }

    #[test]
    fn of_a_long_line_a_part_is_shown_and_the_place_in_it() {
        let long = "å".repeat(10_000);
        for text in [
            format!("title = \"{long}"),
            format!("{long} = 1"),
            format!("\"{long}\" = 1"),
            format!("title = [\"{long}\"]"),
            format!("title = \"x\"\n\"{long}\" = \"{long}\""),
            format!("title = \"x\" # {long}\ntitle = \"{long}\""),
            format!("# {long}\n{long}"),
        ] {
            for lang in Lang::ALL {
                let message = wrong(&text);
                let message = message.get(lang);
                assert!(shown(message) <= 250 && message.len() < 900, "{}: {message}", shown(message));
            }
        }
    }

    #[test]
    fn of_what_may_be_a_key_nothing_is_shown() {
        let key = "0123456789abcdef".repeat(4);
        for text in [
            key.clone(),
            format!("{key}\n{key}\n"),
            format!("title = {key}"),
            format!("{key} = 1"),
            format!("title = \"a\"\n{key}"),
        ] {
            let message = wrong(&text);
            for (lang, line) in [(Lang::En, "line "), (Lang::Sv, "rad ")] {
                let message = message.get(lang);
                assert!(!message.contains("01234567") && message.contains(line), "{message}");
            }
        }
    }

    #[test]
    fn in_english_it_is_as_the_library_shows_it() {
        let ours = wrong("title = \"a\"\nmore = 1\n");
        let theirs = ::toml::from_str::<File>("title = \"a\"\nmore = 1\n").unwrap_err().to_string();
        let lines = |text: &str| text.lines().map(|line| line.trim_end().replace('^', "")).collect::<Vec<_>>().join("\n");
        assert_eq!(lines(ours.get(Lang::En)).trim_end(), lines(&theirs).trim_end());
    }

    #[test]
    fn what_people_meet_is_said_in_swedish() {
        for (text, expected) in [
            ("title = \"a\"\nmore = 1\n", "okänt fält `more`; kända är `title`, `number`, `several`"),
            ("number = 1\n", "fältet `title` saknas"),
            ("title = \"a\"\ntitle = \"b\"\n", "namnet står två gånger"),
            ("title = 1\n", "heltalet `1` passar inte här; väntade en text"),
            ("title = \"a\"\nnumber = \"x\"\n", "texten \"x\" passar inte här; väntade ett heltal från 0"),
            ("title = \"a\"\nnumber = -1\n", "heltalet `-1` passar inte här; väntade ett heltal från 0"),
            ("title = \"a\"\nnumber = 1.5\n", "decimaltalet `1.5` passar inte här; väntade ett heltal från 0"),
            ("title = \"a\"\nseveral = \"x\"\n", "texten \"x\" passar inte här; väntade en lista [...]"),
            ("title\n", "ett namn utan värde; väntade `=`"),
            ("title =\n", "en text skrivs inom citattecken"),
            ("title = a\n", "en text skrivs inom citattecken"),
            ("title = \"a\n", "texten är inte avslutad med citattecken"),
            ("[title\n", "rubriken är inte avslutad med `]`"),
        ] {
            let message = wrong(text);
            let said = message.get(Lang::Sv).trim_end().lines().last().unwrap_or_default().to_owned();
            assert!(said.starts_with(expected), "{text:?}: {said:?} of {:?}", message.get(Lang::En));
        }
    }
}
