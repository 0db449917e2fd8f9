//! Texts, lists and lines of PX.

use std::collections::HashSet;

/// How the letters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Unicode.
    Utf8,
    /// Western European, for programs that know no other. Dashes, quotation marks and the like become the plain ones, and letters that it does
    /// not have become `?`.
    Latin9,
}

/// Lines are no longer than this, in characters; a program may stop reading at 256.
const LONGEST: usize = 250;

impl Encoding {
    /// Its name in PX.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Latin9 => "iso-8859-15",
        }
    }

    /// A text in it.
    pub(super) fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            // What has no letter was replaced when it was quoted.
            Self::Latin9 => encoding_rs::ISO_8859_15.encode(text).0.into_owned(),
        }
    }

    /// A text as it can stand between quotation marks: without such marks, on one line, and never empty. Some readers look for `DATA=` without
    /// regard to quotation marks.
    pub(super) fn text(self, text: &str) -> String {
        let plain = text.chars().map(|c| match c {
            '"' => '\'',
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => ' ',
            c => c,
        });
        let text: String = match self {
            Self::Utf8 => plain.collect(),
            Self::Latin9 => plain.map(latin).collect(),
        };
        let text = text.trim().replace("DATA=", "DATA =");
        if text.is_empty() { "-".to_owned() } else { text }
    }

    /// Codes, told apart by what is put behind where letters were replaced.
    pub(super) fn codes<'t>(self, codes: impl Iterator<Item = &'t str>) -> Vec<String> {
        let mut taken = HashSet::new();
        let code = |code| {
            let mut code = self.text(code);
            while !taken.insert(code.clone()) {
                code.push('_');
            }
            code
        };
        codes.map(code).collect()
    }

    /// The labels of codes, told apart by them where letters were replaced.
    pub(super) fn labels<'t>(self, codes: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<String> {
        let all: Vec<(String, String)> = codes.map(|(code, label)| (self.text(code), self.text(label))).collect();
        let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
        twice.extend(all.iter().map(|(_, label)| label).filter(|label| !seen.insert(*label)));
        let label =
            |(code, label): &(String, String)| if twice.contains(label) { format!("{label} ({code})") } else { label.clone() };
        all.iter().map(label).collect()
    }
}

/// What stands for a letter that is not in ISO 8859-15.
fn latin(c: char) -> String {
    let plain = match c {
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        '‘' | '’' | '‚' | '“' | '”' | '„' | '′' | '″' => "'",
        '…' => "...",
        '•' => "·",
        '≤' => "<=",
        '≥' => ">=",
        '\u{2002}'..='\u{200a}' | '\u{202f}' => " ",
        _ => "",
    };
    if !plain.is_empty() {
        return plain.to_owned();
    }
    let has = !encoding_rs::ISO_8859_15.encode(c.encode_utf8(&mut [0; 4])).2;
    if has { c.to_string() } else { "?".to_owned() }
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Writer {
    encoding: Encoding,
    text: String,
}

impl Writer {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self { encoding, text: String::new() }
    }

    /// A keyword of a value without quotation marks: a number, YES or NO.
    pub(super) fn plain(&mut self, keyword: &str, value: &str) {
        self.text.push_str(&format!("{keyword}={value};\r\n"));
    }

    /// A keyword of texts.
    pub(super) fn texts<T: AsRef<str>>(&mut self, keyword: &str, texts: impl IntoIterator<Item = T>) {
        let quoted: Vec<String> = texts.into_iter().map(|text| self.encoding.text(text.as_ref())).collect();
        self.list(keyword, "", &quoted);
    }

    /// A keyword of a list that begins with something without quotation marks: the kind of periods.
    pub(super) fn list(&mut self, keyword: &str, first: &str, texts: &[String]) {
        let mut line = format!("{keyword}={first}");
        let mut separator = if first.is_empty() { "" } else { "," };
        for text in texts {
            line.push_str(separator);
            separator = ",";
            let mut parts = pieces(text).into_iter().peekable();
            while let Some(part) = parts.next() {
                if line.chars().count() + part.chars().count() + 3 > LONGEST {
                    self.line(&line);
                    line.clear();
                }
                line.push_str(&format!("\"{part}\""));
                // A text goes on where a quotation mark follows another without a comma.
                if parts.peek().is_some() {
                    self.line(&line);
                    line.clear();
                }
            }
        }
        line.push(';');
        self.line(&line);
    }

    /// The keyword of the numbers, row by row, each already written.
    pub(super) fn data<'t>(mut self, rows: impl Iterator<Item = Vec<&'t str>>) -> String {
        self.text.push_str("DATA=\r\n");
        for row in rows {
            let mut width = 0;
            for number in row {
                if width > 0 && width + number.len() + 1 > LONGEST {
                    self.text.push_str("\r\n");
                    width = 0;
                }
                width += number.len() + 1;
                self.text.push_str(number);
                self.text.push(' ');
            }
            self.text.push_str("\r\n");
        }
        self.text.push_str(";\r\n");
        self.text
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\r\n");
    }
}

/// A text in pieces that fit on a line beside a keyword, cut behind spaces.
fn pieces(text: &str) -> Vec<String> {
    let (mut pieces, mut piece, mut length) = (Vec::new(), String::new(), 0);
    for word in text.split_inclusive(' ') {
        let letters: Vec<char> = word.chars().collect();
        for letters in letters.chunks(PIECE) {
            if length + letters.len() > PIECE {
                pieces.push(std::mem::take(&mut piece));
                length = 0;
            }
            piece.extend(letters);
            length += letters.len();
        }
    }
    pieces.push(piece);
    pieces
}

/// The longest piece.
const PIECE: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_within_their_quotation_marks() {
        let text = "=HYPERLINK(\"x\");\r\nDATA=1 <script>";
        assert_eq!(Encoding::Utf8.text(text), "=HYPERLINK('x');  DATA =1 <script>");
        assert_eq!(Encoding::Utf8.text(" \n"), "-");
        assert_eq!(Encoding::Utf8.text("16–19 år €"), "16–19 år €");
        assert_eq!(Encoding::Latin9.text("16–19 år €, ”x”, Łódź"), "16-19 år €, 'x', ?ód?");
        assert_eq!(Encoding::Latin9.bytes("år €"), [0xe5, b'r', b' ', 0xa4]);
        let labels = [("a", "Ł"), ("b", "Ź"), ("c", "C")].into_iter();
        assert_eq!(Encoding::Latin9.labels(labels.clone()), ["? (a)", "? (b)", "C"]);
        assert_eq!(Encoding::Utf8.labels(labels), ["Ł", "Ź", "C"]);
        assert_eq!(Encoding::Latin9.codes(["Ł", "Ź", "å"].into_iter()), ["?", "?_", "å"]);
    }

    #[test]
    fn long_lists_and_texts_go_on_on_the_next_line() {
        let mut writer = Writer::new(Encoding::Utf8);
        let long = "åäö ".repeat(200);
        writer.texts("NOTE", [&long]);
        writer.texts("VALUES(\"x\")", (0..100).map(|at| format!("label {at}")));
        let numbers = ["123456"; 100];
        let text = writer.data([numbers.to_vec()].into_iter());
        assert!(text.split("\r\n").all(|line| line.chars().count() <= LONGEST && !line.contains('\n')));
        let note = text.split("NOTE=").nth(1).unwrap().split(';').next().unwrap();
        let joined: String = note.split("\r\n").map(|line| &line[1..line.len() - 1]).collect();
        assert_eq!(joined, long.trim());
        assert_eq!(text.matches(",\"label").count() + text.matches(",\r\n\"label").count(), 99);
        assert_eq!(text.matches("123456 ").count(), 100);
        assert_eq!(pieces(&"x".repeat(450)).iter().map(String::len).collect::<Vec<_>>(), [200, 200, 50]);
    }
}
