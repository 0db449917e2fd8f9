//! JSON, as much of it as certificates need: no floats, nothing repeated, nothing left over.

use std::fmt::Write;

/// The deepest nesting of arrays and objects that is read.
const DEPTH: usize = 200;

/// A JSON value. Numbers are integers; fields keep their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Integer(i128),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Writes the value without blanks.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            // Writing to a String cannot fail.
            Self::Integer(value) => drop(write!(out, "{value}")),
            Self::Text(text) => write_text(text, out),
            Self::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (place, (name, value)) in fields.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Reads one value that is all of the text.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut reader = Reader { rest: text };
        let value = reader.value(0)?;
        reader.blanks();
        if reader.rest.is_empty() { Ok(value) } else { Err("something follows the end of its JSON") }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => drop(write!(out, "\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes the next character if it is this one, after blanks.
    fn take(&mut self, expected: char) -> bool {
        self.blanks();
        self.rest.strip_prefix(expected).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(value)
    }

    fn value(&mut self, depth: usize) -> Result<Json, &'static str> {
        if depth > DEPTH {
            return Err("its JSON is nested too deeply");
        }
        let inside = depth.saturating_add(1);
        if self.take('{') {
            return self.object(inside);
        }
        if self.take('[') {
            return self.array(inside);
        }
        if self.take('"') {
            return self.text().map(Json::Text);
        }
        self.word("null", Json::Null)
            .or_else(|| self.word("true", Json::Bool(true)))
            .or_else(|| self.word("false", Json::Bool(false)))
            .map_or_else(|| self.integer(), Ok)
    }

    fn array(&mut self, depth: usize) -> Result<Json, &'static str> {
        let mut items = Vec::new();
        if self.take(']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.take(']') {
                return Ok(Json::Array(items));
            }
            if !self.take(',') {
                return Err("an array of its JSON has no end");
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, &'static str> {
        let mut fields: Vec<(String, Json)> = Vec::new();
        if self.take('}') {
            return Ok(Json::Object(fields));
        }
        loop {
            if !self.take('"') {
                return Err("a field of its JSON has no name");
            }
            let name = self.text()?;
            if fields.iter().any(|(other, _)| *other == name) {
                return Err("a field of its JSON is there twice");
            }
            if !self.take(':') {
                return Err("a field of its JSON has no value");
            }
            fields.push((name, self.value(depth)?));
            if self.take('}') {
                return Ok(Json::Object(fields));
            }
            if !self.take(',') {
                return Err("an object of its JSON has no end");
            }
        }
    }

    /// What follows the opening quote.
    fn text(&mut self) -> Result<String, &'static str> {
        let mut text = String::new();
        loop {
            match self.next().ok_or("a text of its JSON has no end")? {
                '"' => return Ok(text),
                '\\' => text.push(self.escape().ok_or("a text of its JSON has an unknown escape")?),
                control if control < ' ' => return Err("a text of its JSON has a bare control character"),
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        match self.next()? {
            same @ ('"' | '\\' | '/') => Some(same),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'u' => self.surrogates(),
            _ => None,
        }
    }

    /// One or two units of UTF-16, four hexadecimal digits each.
    fn surrogates(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first.into());
        }
        self.rest = self.rest.strip_prefix("\\u")?;
        let pair = [first, self.unit()?];
        char::decode_utf16(pair).next()?.ok()
    }

    fn unit(&mut self) -> Option<u16> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if plain { u16::from_str_radix(digits, 16).ok() } else { None }
    }

    /// An integer in its one form: no leading zeros, no `-0`, no fraction, no exponent.
    fn integer(&mut self) -> Result<Json, &'static str> {
        let end = self.rest.find(|character: char| !character.is_ascii_digit() && character != '-').unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end).unwrap_or(("", ""));
        let value: i128 = digits.parse().map_err(|_| "its JSON has something that is no value")?;
        if value.to_string() != digits {
            return Err("its JSON has a number in another form than 0, 12 or -3");
        }
        self.rest = rest;
        Ok(Json::Integer(value))
    }
}
