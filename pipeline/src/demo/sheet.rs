//! Lists as files: semicolons, Swedish headers, and the encodings met in real deliveries.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How a file spells its characters.
#[derive(Clone, Copy)]
pub(super) enum Text {
    /// UTF-8.
    Utf8,
    /// UTF-8 after a byte order mark, as Excel saves it.
    Utf8Bom,
    /// The old Windows code page of western Europe.
    Windows1252,
}

/// How one project's office saves its lists.
#[derive(Clone, Copy)]
pub(super) struct Office {
    /// The characters.
    pub(super) text: Text,
    /// What ends a line.
    pub(super) line_end: &'static str,
}

/// One list: a header and its rows.
pub(super) struct Sheet {
    file: String,
    office: Office,
    rows: Vec<Vec<String>>,
}

/// The cells of one row.
pub(super) fn row<const N: usize>(cells: [&dyn Display; N]) -> Vec<String> {
    cells.iter().map(ToString::to_string).collect()
}

impl Sheet {
    /// An empty list of this project for this table.
    pub(super) fn new<const N: usize>(project: &str, table: &str, office: Office, header: [&str; N]) -> Self {
        let header = header.map(str::to_owned).to_vec();
        Self { file: format!("{project}-{table}.csv"), office, rows: vec![header] }
    }

    /// Adds a row, as wide as the header.
    pub(super) fn push(&mut self, row: Vec<String>) {
        assert_eq!(row.len(), self.rows[0].len(), "a row of {} is as wide as its header", self.file);
        self.rows.push(row);
    }

    /// Writes the list beside its final name first, so that a reader never meets half a file.
    pub(super) fn write(&self, dir: &Path) -> io::Result<PathBuf> {
        let path = dir.join(&self.file);
        let partial = dir.join(format!(".{}.{}.partial", self.file, std::process::id()));
        save(&partial, &self.bytes())
            .and_then(|()| fs::rename(&partial, &path))
            .inspect_err(|_| drop(fs::remove_file(&partial)))?;
        Ok(path)
    }

    /// The bytes of the file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        for row in &self.rows {
            assert!(row.iter().all(|cell| !cell.contains([';', '"', '\n'])), "no cell needs quotation marks");
            text.push_str(&row.join(";"));
            text.push_str(self.office.line_end);
        }
        match self.office.text {
            Text::Utf8 => text.into_bytes(),
            Text::Utf8Bom => format!("\u{feff}{text}").into_bytes(),
            Text::Windows1252 => text.chars().map(windows_1252).collect(),
        }
    }
}

/// The code page agrees with Unicode below 128 and from 160 to 255; the lists use nothing else.
fn windows_1252(letter: char) -> u8 {
    let code = u8::try_from(u32::from(letter)).ok();
    code.filter(|code| !(128..160).contains(code)).expect("a letter of the code page")
}

fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
