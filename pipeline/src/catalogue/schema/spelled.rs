//! What spellings mean, as cells and titles are looked up in: made once for a code list, however many lists are read.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::fast::RandomState;

use super::{CodeList, normalise};

/// Codes by spelling.
pub type Spelled = HashMap<Box<str>, Spelling, RandomState>;

/// The code that a spelling means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spelling {
    /// The code's id.
    pub id: i16,
    /// Whether the code is a former one.
    pub is_former: bool,
}

/// The words of a spelling, and the code's id.
type InWords = (Vec<String>, i16);

/// What was made of a list's spellings.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// By the words that may follow a name.
    spelled: Mutex<BTreeMap<Vec<String>, Arc<Spelled>>>,
    /// By the first word.
    in_words: OnceLock<HashMap<String, Vec<InWords>>>,
}

impl CodeList {
    /// What each spelling means: those of the list, in lower case and as it has them, and names with one of these words behind them
    /// (`Stockholm stad`, `Stockholms stad`).
    pub fn spelled(&self, endings: &[String]) -> Arc<Spelled> {
        let mut made = self.made.spelled.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(made.entry(endings.to_vec()).or_insert_with(|| Arc::new(spelled(self, endings))))
    }

    /// The codes that are spelled by the words at the beginning of a text, each with how many words that takes.
    pub fn begins<'l>(&'l self, text: &'l [String]) -> impl Iterator<Item = (usize, i16)> + 'l {
        let made = self.made.in_words.get_or_init(|| {
            let mut all: HashMap<String, Vec<InWords>> = HashMap::new();
            for (spelling, entry, _) in self.spellings() {
                let words = words(spelling);
                if let Some(first) = words.first() {
                    all.entry(first.clone()).or_default().push((words, entry.id));
                }
            }
            all
        });
        let found = text.first().and_then(|first| made.get(first)).into_iter().flatten();
        found.filter(|(spelling, _)| text.starts_with(spelling)).map(|(spelling, id)| (spelling.len(), *id))
    }
}

/// The words of a text, in lower case.
pub fn words(text: &str) -> Vec<String> {
    normalise(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn spelled(list: &CodeList, endings: &[String]) -> Spelled {
    let mut codes = Spelled::default();
    for (spelling, entry, former) in list.spellings() {
        codes.insert(spelling.into(), Spelling { id: entry.id, is_former: former });
    }
    // The spellings as the list has them, so that the common ones are found without being put into lower case.
    for entry in &list.entries {
        for text in [&entry.code, &entry.label.sv, &entry.label.en] {
            codes.insert(text.as_str().into(), Spelling { id: entry.id, is_former: false });
        }
    }
    add_endings(&mut codes, endings);
    codes
}

/// Adds the names with the words that may follow them. A spelling of the list, or of two names, means what it meant.
fn add_endings(codes: &mut Spelled, endings: &[String]) {
    let mut made: HashMap<String, Option<Spelling>> = HashMap::new();
    for ending in endings.iter().map(|ending| normalise(ending)) {
        for (name, known) in codes.iter().filter(|(name, _)| name.chars().all(|c| !c.is_uppercase() && !c.is_numeric())) {
            for text in [format!("{name} {ending}"), format!("{name}s {ending}")] {
                made.entry(text).and_modify(|other| *other = other.filter(|other| other.id == known.id)).or_insert(Some(*known));
            }
        }
    }
    for (text, known) in made {
        if let Some(known) = known
            && !codes.contains_key(text.as_str())
        {
            codes.insert(text.into(), known);
        }
    }
}
