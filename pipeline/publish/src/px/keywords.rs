//! The keywords of a file, in order.

use super::text::{Encoding, Writer};
use crate::dataset::cube::{CONTENTS, Content, Dimension};
use crate::dataset::notes::notes;
use crate::dataset::pack::Moment;
use crate::dataset::selection::{Axis, Excerpt};
use utfall_ground::calendar::Length;
use utfall_ground::text::Lang;

/// What stands where there is no number.
const NO_NUMBER: &str = "\"..\"";

/// The most decimals that PX shows, and that it has.
const SHOWN: u32 = 6;
const STORED: u32 = 15;

/// A file, as text whose every letter the encoding has.
pub(super) fn file(excerpt: Excerpt<'_>, encoding: Encoding) -> String {
    let mut writer = Writer::new(encoding);
    let Excerpt { cube, release, .. } = excerpt;
    writer.texts("CHARSET", ["ANSI"]);
    writer.texts("AXIS-VERSION", ["2013"]);
    writer.texts("CODEPAGE", [encoding.name()]);
    writer.texts("LANGUAGE", [Lang::Sv.tag()]);
    writer.texts("LANGUAGES", Lang::ALL.map(Lang::tag));
    if let Some(made) = release.made {
        writer.texts("CREATION-DATE", [minute(made)]);
    }
    let decimals = || shown(excerpt).map(|of| of.decimals);
    writer.plain("DECIMALS", &decimals().max().unwrap_or_default().min(STORED).to_string());
    writer.plain("SHOWDECIMALS", &decimals().min().unwrap_or_default().min(SHOWN).to_string());
    writer.texts("MATRIX", [&cube.set.name]);
    // Ends of intervals and standard errors do not add up.
    writer.plain("AGGREGALLOWED", "NO");
    writer.plain("CONFIDENTIAL", "0");
    writer.plain("COPYRIGHT", "NO");
    writer.texts("SUBJECT-CODE", [&release.name]);
    Block::of(excerpt, encoding, Lang::Sv, "").write(&mut writer);
    Block::of(excerpt, encoding, Lang::En, "[en]").write(&mut writer);
    writer.data(rows(excerpt, &numbers(excerpt)))
}

/// The contents that are shown.
fn shown<'e>(excerpt: Excerpt<'e>) -> impl Iterator<Item = &'e Content<'e>> {
    let places = excerpt.selection.places(Axis::Contents).iter();
    places.filter_map(move |place| excerpt.cube.contents.get(*place))
}

/// The numbers as they are written.
fn numbers(Excerpt { cube, selection, .. }: Excerpt<'_>) -> Vec<String> {
    let number = |(place, content)| cube.number(place, content).map_or_else(|| NO_NUMBER.to_owned(), |number| number.plain());
    selection.cells(cube).map(number).collect()
}

/// The same in rows: contents and time beside each other.
fn rows<'t>(Excerpt { cube, selection, .. }: Excerpt<'_>, numbers: &'t [String]) -> impl Iterator<Item = Vec<&'t str>> {
    let heading = selection.axes(cube).into_iter().filter(|axis| is_heading(cube.dimensions.as_slice(), *axis));
    let width: usize = heading.map(|axis| selection.places(axis).len()).product();
    numbers.chunks(width.max(1)).map(|row| row.iter().map(String::as_str).collect())
}

fn is_heading(dimensions: &[Dimension], axis: Axis) -> bool {
    match axis {
        Axis::Contents => true,
        Axis::Dimension(at) => dimensions.get(at).is_some_and(|of| of.is_time),
    }
}

/// A moment: `20261130 10:00`.
fn minute(made: Moment) -> String {
    let instant = made.instant();
    let (day, time) = instant.split_once('T').unwrap_or((&instant, ""));
    format!("{} {}", day.replace('-', ""), time.get(..5).unwrap_or_default())
}

/// What is said in one language.
struct Block<'e> {
    excerpt: Excerpt<'e>,
    lang: Lang,
    /// What stands behind keywords in this language.
    suffix: &'static str,
    variables: Vec<Variable<'e>>,
    /// The name of the contents.
    contents: String,
    /// What each is called.
    content_labels: Vec<String>,
}

/// A dimension in a language.
struct Variable<'e> {
    name: String,
    code: String,
    codes: Vec<String>,
    labels: Vec<String>,
    /// The dimension, if it is not of contents.
    key: Option<(&'e Dimension, &'e [usize])>,
}

impl<'e> Block<'e> {
    fn of(excerpt: Excerpt<'e>, encoding: Encoding, lang: Lang, suffix: &'static str) -> Self {
        let Excerpt { cube, selection, .. } = excerpt;
        let contents = cube.contents_label().get(lang).to_owned();
        let content_labels = encoding.labels(shown(excerpt).map(|of| (of.id.as_str(), of.label.get(lang))));
        let axes = selection.axes(cube);
        let names = axes.iter().filter_map(|axis| match axis {
            Axis::Dimension(at) => cube.dimensions.get(*at).map(|of| (of.id.as_str(), of.label.get(lang))),
            Axis::Contents => Some((CONTENTS, contents.as_str())),
        });
        let names = encoding.labels(names);
        let variable = |(axis, name): (&Axis, &String)| {
            let places = selection.places(*axis);
            let Axis::Dimension(at) = axis else {
                let codes = encoding.codes(shown(excerpt).map(|of| of.id.as_str()));
                let (name, code, labels) = (name.clone(), CONTENTS.to_owned(), content_labels.clone());
                return Some(Variable { name, code, codes, labels, key: None });
            };
            let of = cube.dimensions.get(*at)?;
            let codes = || places.iter().filter_map(|place| of.codes.get(*place));
            let labels = encoding.labels(codes().map(|code| (code.code.as_str(), code.label.get(lang))));
            let codes = encoding.codes(codes().map(|code| code.code.as_str()));
            Some(Variable { name: name.clone(), code: of.id.clone(), codes, labels, key: Some((of, places)) })
        };
        let variables: Vec<Variable<'_>> = axes.iter().zip(&names).filter_map(variable).collect();
        let contents = variables.iter().find(|of| of.key.is_none()).map(|of| of.name.clone()).unwrap_or_default();
        Self { excerpt, lang, suffix, variables, contents, content_labels }
    }

    /// A keyword of the whole table.
    fn keyword(&self, keyword: &str) -> String {
        format!("{keyword}{}", self.suffix)
    }

    /// A keyword of a dimension, or of a code: by their names.
    fn keyword_of(&self, keyword: &str, names: &[&str]) -> String {
        format!("{keyword}{}(\"{}\")", self.suffix, names.join("\",\""))
    }

    fn write(&self, writer: &mut Writer) {
        let Excerpt { cube, release, settings, .. } = self.excerpt;
        let title = cube.set.title.get(self.lang);
        writer.texts(&self.keyword("SUBJECT-AREA"), [release.title.get(self.lang)]);
        writer.texts(&self.keyword("TITLE"), [title]);
        writer.texts(&self.keyword("CONTENTS"), [title]);
        let (heading, stub): (Vec<&Variable<'_>>, Vec<_>) = self.variables.iter().partition(|of| of.is_heading());
        for (keyword, variables) in [("STUB", stub), ("HEADING", heading)] {
            if !variables.is_empty() {
                writer.texts(&self.keyword(keyword), variables.iter().map(|of| &of.name));
            }
        }
        writer.texts(&self.keyword("CONTVARIABLE"), [&self.contents]);
        self.variables(writer);
        self.contents(writer);
        if let Some(publisher) = &settings.publisher {
            writer.texts(&self.keyword("SOURCE"), [publisher.name.get(self.lang)]);
        }
        let notes = notes(cube.set, release, self.lang);
        for (keyword, mandatory) in [("NOTEX", true), ("NOTE", false)] {
            let texts: Vec<&str> =
                notes.iter().filter(|note| note.mandatory == mandatory).map(|note| note.text.as_str()).collect();
            if !texts.is_empty() {
                // The sign for a new line.
                writer.texts(&self.keyword(keyword), [texts.join("#")]);
            }
        }
        for of in &self.variables {
            writer.texts(&self.keyword_of("VARIABLE-TYPE", &[&of.name]), [of.kind()]);
        }
    }

    fn variables(&self, writer: &mut Writer) {
        for of in &self.variables {
            writer.texts(&self.keyword_of("VARIABLECODE", &[&of.name]), [&of.code]);
        }
        for of in &self.variables {
            writer.list(&self.keyword_of("VALUES", &[&of.name]), "", &of.labels);
        }
        for of in &self.variables {
            if let Some((length, periods)) = of.periods() {
                writer.list(&self.keyword_of("TIMEVAL", &[&of.name]), length, &periods);
            }
        }
        for of in &self.variables {
            writer.list(&self.keyword_of("CODES", &[&of.name]), "", &of.codes);
        }
        for of in &self.variables {
            if let Some(total) = of.total() {
                writer.texts(&self.keyword_of("ELIMINATION", &[&of.name]), [total]);
            }
        }
    }

    /// What is said of each content.
    fn contents(&self, writer: &mut Writer) {
        let Excerpt { release, settings, .. } = self.excerpt;
        let least = shown(self.excerpt).map(|of| of.decimals).min().unwrap_or_default();
        let labelled = || shown(self.excerpt).zip(&self.content_labels);
        for (of, label) in labelled().filter(|(of, _)| of.decimals > least) {
            writer.plain(&self.keyword_of("PRECISION", &[&self.contents, label]), &of.decimals.min(SHOWN).to_string());
        }
        let contact = settings.contact.as_ref().map(|of| {
            let all = [Some(of.name.get(self.lang)), of.phone.as_deref(), Some(of.email.as_str())];
            all.into_iter().flatten().collect::<Vec<_>>().join("#")
        });
        for (of, label) in labelled() {
            let mut about = |keyword: &str, text: &str| writer.texts(&self.keyword_of(keyword, &[label]), [text]);
            if let Some(made) = release.made {
                about("LAST-UPDATED", &minute(made));
            }
            about("UNITS", of.unit_label(self.lang));
            if let Some(series) = &release.series {
                about("REFPERIOD", &series.span());
            }
            if let Some(contact) = &contact {
                about("CONTACT", contact);
            }
        }
    }
}

impl Variable<'_> {
    fn is_heading(&self) -> bool {
        self.key.is_none_or(|(of, _)| of.is_time)
    }

    /// The kind of variable, as PxWeb tells them apart.
    fn kind(&self) -> &'static str {
        match self.key {
            None => "Contents",
            Some((of, _)) if of.is_time => "Time",
            Some((of, _)) if of.is_geographic() => "Geographical",
            Some(_) => "Standard",
        }
    }

    /// The label of the code that stands for all, if it is shown.
    fn total(&self) -> Option<&String> {
        let (of, places) = self.key?;
        let at = places.iter().position(|place| Some(*place) == of.total)?;
        self.labels.get(at)
    }

    /// The length of its periods, and they themselves as PX writes them: `2021`, `20211`, `202101`.
    fn periods(&self) -> Option<(&'static str, Vec<String>)> {
        let length = match self.key?.0.periods()? {
            Length::Year => "TLIST(A1)",
            Length::Quarter => "TLIST(Q1)",
            Length::Month => "TLIST(M1)",
        };
        Some((length, self.codes.iter().map(|code| code.replace(['-', 'Q'], "")).collect()))
    }
}
