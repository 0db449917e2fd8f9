//! The bytes of a list, in pieces that end with a line: read once to be known and once to land, by all cores, without
//! ever holding a large file in memory.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::{memchr, memchr_iter, memrchr};
use sha2::{Digest as _, Sha256};

use crate::land::finding::{Finding, ValidationRule};
use crate::land::read::workbook::guise;
use utfall_ground::untrusted;
use utfall_ground::visible::may_hide;

/// About how many bytes a piece has.
const PIECE: u64 = 2 << 20;
/// No line of a list is longer; a file without line ends is no list.
const LONGEST_LINE: u64 = 1 << 20;
/// Workbooks and UTF-16 are held in memory; larger ones must come as CSV in UTF-8.
const IN_MEMORY: u64 = 512 << 20;

/// A list's bytes.
#[derive(Debug)]
pub struct Source {
    data: Data,
    /// Each from the start of a line to the end of one.
    pieces: Vec<Range<u64>>,
}

enum Data {
    /// Opened anew whenever it is read, so that any number of lists can be landed at once.
    File(PathBuf, Identity),
    Memory(Vec<u8>),
}

/// What tells a file from another of its name, and from what it was: device, number, length and the moment of its last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity([u64; 3], [i64; 2]);

impl Identity {
    fn of(file: &File) -> std::io::Result<Self> {
        let about = file.metadata()?;
        Ok(Self([about.dev(), about.ino(), about.len()], [about.mtime(), about.mtime_nsec()]))
    }
}

impl std::fmt::Debug for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Data(redacted)")
    }
}

/// What one pass over the bytes tells before anything is read out of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The SHA-256 of each piece, one after the other: what the delivery's keyed hash is made of.
    pub digests: Vec<u8>,
    /// How many lines each piece has.
    pub lines: Vec<u64>,
    /// Whether a line is not UTF-8.
    pub foreign: bool,
    /// Whether a line with letters beyond ASCII is UTF-8.
    pub utf8: bool,
    /// Whether there is a zero byte.
    pub binary: bool,
    /// Whether there is a quotation mark.
    pub quoted: bool,
    /// Whether there may be what [`utfall_ground::visible`] changes.
    pub hidden: bool,
}

/// How a file's first bytes tell what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Lines of text.
    Text,
    /// Text in UTF-16.
    Utf16,
    /// XLSX, ODS or XLS.
    Workbook,
}

impl Source {
    /// Opens a file; gives what it is, and its bytes.
    ///
    /// # Errors
    /// The finding for which it is rejected.
    pub fn open(path: &Path) -> Result<(Form, Self), Finding> {
        let unreadable = |_| Finding::of(ValidationRule::Unreadable);
        let file = untrusted::open(path).map_err(|e| Finding::of(closed(path, &e)))?;
        let identity = Identity::of(&file).map_err(unreadable)?;
        let Identity([.., length], _) = identity;
        let mut head = vec![0_u8; usize::try_from(length).unwrap_or(usize::MAX).min(guise::HEAD)];
        file.read_exact_at(&mut head, 0).map_err(unreadable)?;
        if let Some(rule) = guise::of(&head) {
            return Err(Finding::of(rule));
        }
        let form = match *head {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Form::Utf16,
            [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => Form::Workbook,
            _ => Form::Text,
        };
        if form == Form::Text {
            let mut source = Self { data: Data::File(path.to_path_buf(), identity), pieces: Vec::new() };
            source.cut(if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 }, length)?;
            return Ok((form, source));
        }
        if length > IN_MEMORY {
            return Err(Finding::of(ValidationRule::TooManyRows));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        file.read_exact_at(&mut bytes, 0).map_err(unreadable)?;
        Ok((form, Self::whole(bytes)))
    }

    /// Text in memory.
    ///
    /// # Errors
    /// When a line is too long.
    pub fn text(bytes: Vec<u8>) -> Result<Self, Finding> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut source = Self { data: Data::Memory(bytes), pieces: Vec::new() };
        source.cut(0, length)?;
        Ok(source)
    }

    /// Bytes that are not lines, as one piece.
    fn whole(bytes: Vec<u8>) -> Self {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { data: Data::Memory(bytes), pieces: std::iter::once(0..length).collect() }
    }

    /// All bytes, of a source that is held in memory.
    pub fn bytes(&self) -> &[u8] {
        if let Data::Memory(bytes) = &self.data { bytes } else { &[] }
    }

    /// How many pieces there are.
    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Where the first piece begins.
    pub fn begins(&self) -> u64 {
        self.pieces.first().map_or(0, |first| first.start)
    }

    /// Cuts the same bytes at other places.
    pub fn recut(&mut self, pieces: Vec<Range<u64>>) {
        self.pieces = pieces;
    }

    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        self.pieces.last().map_or(0, |last| last.end)
    }

    /// Reads one piece into a buffer.
    ///
    /// # Errors
    /// When the file system refuses, or the file was changed meanwhile.
    pub fn read(&self, piece: usize, buffer: &mut Vec<u8>) -> Result<(), Finding> {
        let range = self.pieces.get(piece).cloned().unwrap_or_default();
        self.read_range(range, buffer)
    }

    fn read_range(&self, range: Range<u64>, buffer: &mut Vec<u8>) -> Result<(), Finding> {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        buffer.clear();
        match &self.data {
            Data::Memory(bytes) => buffer.extend_from_slice(bytes.get(place(range.start)..place(range.end)).unwrap_or_default()),
            Data::File(path, identity) => {
                buffer.resize(place(range.end - range.start), 0);
                let read = untrusted::open(path).and_then(|file| {
                    file.read_exact_at(buffer, range.start)?;
                    Identity::of(&file)
                });
                // After the bytes were read: what was written meanwhile is noticed.
                if !read.is_ok_and(|found| found == *identity) {
                    return Err(Finding::of(ValidationRule::Unreadable));
                }
            }
        }
        Ok(())
    }

    /// Cuts the bytes into pieces of whole lines.
    fn cut(&mut self, start: u64, length: u64) -> Result<(), Finding> {
        let (mut at, mut buffer) = (start, Vec::new());
        while at < length {
            let mut end = at.saturating_add(PIECE).min(length);
            let from = end;
            while end < length {
                let to = end.saturating_add(1 << 12).min(length);
                self.read_range(end - 1..to, &mut buffer)?;
                if let Some(newline) = memchr(b'\n', &buffer) {
                    end += u64::try_from(newline).unwrap_or_default();
                    break;
                }
                end = to;
                if end - from > LONGEST_LINE {
                    return Err(Finding::of(ValidationRule::LineTooLong));
                }
            }
            self.pieces.push(at..end);
            at = end;
        }
        Ok(())
    }

    /// Looks at every byte once, on all cores.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn survey(&self, threads: usize) -> Result<Survey, Finding> {
        let parts = self.each_piece(threads, Survey::default, |survey, piece, bytes| {
            let part = Survey::of(bytes);
            survey.digests.extend(part.digests.iter().chain(&u64::try_from(piece).unwrap_or_default().to_le_bytes()));
            survey.lines.extend(part.lines);
            (survey.foreign, survey.utf8) = (survey.foreign | part.foreign, survey.utf8 | part.utf8);
            survey.binary |= part.binary;
            (survey.quoted, survey.hidden) = (survey.quoted | part.quoted, survey.hidden | part.hidden);
            Ok(())
        })?;
        let mut pieces: Vec<(u64, &[u8], u64)> = Vec::new();
        for part in &parts {
            for (entry, lines) in part.digests.chunks_exact(40).zip(&part.lines) {
                let (digest, number) = entry.split_at(32);
                pieces.push((u64::from_le_bytes(number.try_into().unwrap_or_default()), digest, *lines));
            }
        }
        pieces.sort_unstable_by_key(|(number, ..)| *number);
        Ok(Survey {
            digests: pieces.iter().flat_map(|(_, digest, _)| digest.iter().copied()).collect(),
            lines: pieces.iter().map(|(.., lines)| *lines).collect(),
            foreign: parts.iter().any(|p| p.foreign),
            utf8: parts.iter().any(|p| p.utf8),
            binary: parts.iter().any(|p| p.binary),
            quoted: parts.iter().any(|p| p.quoted),
            hidden: parts.iter().any(|p| p.hidden),
        })
    }

    /// Lets each thread take one piece after the other, with a state of its own.
    ///
    /// # Errors
    /// The first of the errors.
    pub fn each_piece<S: Send>(
        &self,
        threads: usize,
        state: impl Fn() -> S + Sync,
        visit: impl Fn(&mut S, usize, &[u8]) -> Result<(), Finding> + Sync,
    ) -> Result<Vec<S>, Finding> {
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut state, mut buffer) = (state(), Vec::new());
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= self.pieces.len() {
                    return Ok(state);
                }
                self.read(piece, &mut buffer)?;
                visit(&mut state, piece, &buffer)?;
            }
        };
        let threads = threads.clamp(1, self.pieces.len().max(1));
        let results: Vec<Result<S, Finding>> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mine = work();
            let theirs =
                others.into_iter().map(|other| other.join().unwrap_or_else(|_| Err(Finding::of(ValidationRule::Unreadable))));
            std::iter::once(mine).chain(theirs).collect()
        });
        results.into_iter().collect()
    }
}

/// Why a file cannot be opened.
fn closed(path: &Path, error: &Error) -> ValidationRule {
    match error.kind() {
        ErrorKind::InvalidInput if path.is_dir() => ValidationRule::Folder,
        ErrorKind::InvalidInput => ValidationRule::NotAFile,
        // Also one that leads to itself.
        _ if path.is_symlink() && !path.exists() => ValidationRule::DeadLink,
        _ => ValidationRule::Unreadable,
    }
}

impl Survey {
    fn of(bytes: &[u8]) -> Self {
        let lines = memchr_iter(b'\n', bytes).count() + usize::from(bytes.last().is_some_and(|b| *b != b'\n'));
        let mut survey = Self {
            digests: Sha256::digest(bytes).to_vec(),
            lines: vec![u64::try_from(lines).unwrap_or_default()],
            binary: memchr(0, bytes).is_some(),
            quoted: memchr(b'"', bytes).is_some(),
            ..Self::default()
        };
        if bytes.is_ascii() {
            return survey;
        }
        survey.hidden = may_hide(bytes);
        // Looked through twice as fast as by the standard library: most bytes are ASCII, and a few of every line are not.
        if encoding_rs::Encoding::utf8_valid_up_to(bytes) == bytes.len() {
            survey.utf8 = true;
            return survey;
        }
        for line in bytes.split(|b| matches!(b, b'\n' | b'\r')).filter(|line| !line.is_ascii()) {
            let fine = std::str::from_utf8(line).is_ok();
            (survey.utf8, survey.foreign) = (survey.utf8 | fine, survey.foreign | !fine);
        }
        survey
    }
}

/// Text from UTF-16 with its byte order mark, as UTF-8 with plain line ends.
pub fn from_utf16(bytes: &[u8]) -> Option<Vec<u8>> {
    let (text, _, broken) = encoding_rs::UTF_16LE.decode(bytes);
    (!broken).then(|| plain_line_ends(text.into_owned().into_bytes()))
}

/// Old Macintosh line ends become plain ones; others stay.
pub fn plain_line_ends(mut bytes: Vec<u8>) -> Vec<u8> {
    if memrchr(b'\n', &bytes).is_none() {
        bytes.iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_another_than_when_it_was_opened_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let opened = || {
            std::fs::write(&path, "a;b\n1;2\n").unwrap();
            let (form, source) = Source::open(&path).unwrap();
            assert_eq!(form, Form::Text);
            let mut buffer = Vec::new();
            source.read(0, &mut buffer).unwrap();
            assert_eq!(buffer, b"a;b\n1;2\n");
            // The file system's clock has steps.
            std::thread::sleep(std::time::Duration::from_millis(20));
            source
        };
        let refused = |source: &Source| source.read(0, &mut Vec::new()).is_err() && source.survey(1).is_err();
        let source = opened();
        std::fs::write(&path, "a;b\n1;3\n").unwrap();
        assert!(refused(&source), "written over");
        let source = opened();
        std::fs::write(folder.path().join("other"), "a;b\n1;2\n").unwrap();
        std::fs::rename(folder.path().join("other"), &path).unwrap();
        assert!(refused(&source), "another in its place");
        let source = opened();
        std::fs::remove_file(&path).unwrap();
        assert!(refused(&source), "gone");
    }
}
