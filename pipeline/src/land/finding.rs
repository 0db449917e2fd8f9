//! What is wrong with a delivery: file, row, column and rule, never the value.

use std::fmt;

use crate::language::{current, say};
use crate::text::Lang;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The whole file is rejected and lands nothing.
    Rejected,
    /// The row is set aside; the rest of its file lands.
    SetAside,
    /// Nothing is lost, but somebody should look.
    Warning,
}

/// What a file or a row breaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each rule's text below says what it means")]
pub enum Rule {
    Unreadable,
    Workbook,
    Utf16,
    EmptyFile,
    NoRows,
    Separator,
    Quote,
    LineBreak,
    MixedEncoding,
    NoTable,
    UnknownColumn,
    RepeatedColumn,
    MissingColumn(String),
    Cp1252,
    FieldCount,
    Required,
    IdentityForm,
    IdentityLength,
    IdentityDate,
    IdentityCheckDigit,
    IdentityProtected,
    IdentityInterim,
    CenturyInferred,
    Code(String),
    Date,
    Integer,
    Range(i64, i64),
    Boolean,
    EndBeforeStart,
    OutsideProject,
    Repeated,
    AlreadyLanded,
    KnownRow,
    NoParticipation,
}

/// One finding in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The row as a spreadsheet counts it, the headings being row 1.
    pub row: Option<u64>,
    /// The column's heading where it is a known one, else its position.
    pub column: Option<String>,
    /// What is broken.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
}

impl Rule {
    /// How much a row that breaks this matters. An identity that is protected or provisional is as it must be: nobody can
    /// mend it.
    pub fn severity(&self) -> Severity {
        if matches!(self, Self::IdentityProtected | Self::IdentityInterim | Self::KnownRow | Self::CenturyInferred) {
            Severity::Warning
        } else {
            Severity::SetAside
        }
    }

    /// A short stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unreadable => "file.unreadable",
            Self::Workbook => "file.workbook",
            Self::Utf16 => "file.utf16",
            Self::EmptyFile => "file.empty",
            Self::NoRows => "file.no-rows",
            Self::Separator => "file.separator",
            Self::Quote => "file.quote",
            Self::LineBreak => "file.line-break",
            Self::MixedEncoding => "file.encoding",
            Self::NoTable => "file.no-table",
            Self::UnknownColumn => "column.unknown",
            Self::RepeatedColumn => "column.repeated",
            Self::MissingColumn(_) => "column.missing",
            Self::Cp1252 => "file.cp1252",
            Self::FieldCount => "row.fields",
            Self::Required => "value.required",
            Self::IdentityForm => "identity.form",
            Self::IdentityLength => "identity.length",
            Self::IdentityDate => "identity.date",
            Self::IdentityCheckDigit => "identity.check-digit",
            Self::IdentityProtected => "identity.protected",
            Self::IdentityInterim => "identity.interim",
            Self::CenturyInferred => "identity.century",
            Self::Code(_) => "value.code",
            Self::Date => "value.date",
            Self::Integer => "value.integer",
            Self::Range(..) => "value.range",
            Self::Boolean => "value.boolean",
            Self::EndBeforeStart => "period.order",
            Self::OutsideProject => "period.project",
            Self::Repeated => "row.repeated",
            Self::AlreadyLanded => "row.landed",
            Self::KnownRow => "row.known",
            Self::NoParticipation => "row.no-participation",
        }
    }

    fn swedish(&self) -> String {
        match self {
            Self::Unreadable => "filen kan inte läsas: den finns inte, får inte läsas eller innehåller binära tecken".into(),
            Self::Workbook => "filen är en Excelbok; spara den som CSV (semikolonavgränsad) och skicka den".into(),
            Self::Utf16 => "filen är i UTF-16; spara den som CSV UTF-8".into(),
            Self::EmptyFile => "filen är tom; även en månad utan deltagare ska ha rubrikraden".into(),
            Self::NoRows => "filen har rubriker men inga rader".into(),
            Self::Separator => "det går inte att se vad som skiljer kolumnerna åt; använd semikolon".into(),
            Self::Quote => "citattecknet som börjar här slutar aldrig; resten av filen skulle bli ett enda fält".into(),
            Self::LineBreak => "radbrytning inuti en cell; ta bort den".into(),
            Self::MixedEncoding => "rader i olika teckenkodning; spara om filen som CSV UTF-8".into(),
            Self::NoTable => "rubrikerna passar ingen känd lista; jämför med schemas/*.toml".into(),
            Self::UnknownColumn => "okänd kolumn; ta bort den ur filen (inga namn, ingen fritext)".into(),
            Self::RepeatedColumn => "samma uppgift står i två kolumner; behåll en".into(),
            Self::MissingColumn(c) if c == "Projekt" => "kolumnen Projekt saknas (eller ange projektet med --project)".into(),
            Self::MissingColumn(c) => format!("kolumnen saknas: {c}"),
            Self::Cp1252 => "filen är inte i UTF-8 och lästes som Windows-1252".into(),
            Self::FieldCount => "raden har inte lika många fält som rubrikraden".into(),
            Self::Required => "uppgiften måste finnas".into(),
            Self::IdentityForm => "inte ett person- eller samordningsnummer (ÅÅÅÅMMDD-NNNN)".into(),
            Self::IdentityLength => {
                "fel antal siffror eller ett tal som Excel har skrivit om; spara kolumnen som text i Excel".into()
            }
            Self::IdentityDate => "födelsetiden i numret finns inte".into(),
            Self::IdentityCheckDigit => "kontrollsiffran stämmer inte".into(),
            Self::IdentityProtected => "skyddad identitet; raden kan inte kopplas till en person och landar inte".into(),
            Self::IdentityInterim => "interims- eller reservnummer; raden landar inte".into(),
            Self::CenturyInferred => "sekel saknas; det senaste som inte ligger i framtiden antogs".into(),
            Self::Code(list) => format!("värdet finns inte i kodlistan {list} (schemas/codes)"),
            Self::Date => "inte ett datum (ÅÅÅÅ-MM-DD)".into(),
            Self::Integer => "inte ett heltal".into(),
            Self::Range(low, high) => format!("utanför {low}–{high}"),
            Self::Boolean => "ska vara ja eller nej".into(),
            Self::EndBeforeStart => "slutdatum före startdatum".into(),
            Self::OutsideProject => "utanför projektets period".into(),
            Self::Repeated => "samma rad finns tidigare i filen".into(),
            Self::AlreadyLanded => "raden har landat med andra uppgifter; rättelser av landade rader tas inte emot än".into(),
            Self::KnownRow => "raden fanns redan, oförändrad".into(),
            Self::NoParticipation => "inget deltagande i projektet som täcker datumet; skicka deltagarlistan och kör igen".into(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Unreadable => "the file cannot be read: it is not there, may not be read, or holds binary characters".into(),
            Self::Workbook => "the file is an Excel workbook; save it as CSV (semicolon) and send that".into(),
            Self::Utf16 => "the file is in UTF-16; save it as CSV UTF-8".into(),
            Self::EmptyFile => "the file is empty; even a month without participants has its headings".into(),
            Self::NoRows => "the file has headings but no rows".into(),
            Self::Separator => "it is unclear what separates the columns; use semicolons".into(),
            Self::Quote => "the quotation mark that opens here is never closed; the rest of the file would be one field".into(),
            Self::LineBreak => "line break inside a cell; remove it".into(),
            Self::MixedEncoding => "rows in different encodings; save the file again as CSV UTF-8".into(),
            Self::NoTable => "the headings fit no known list; compare with schemas/*.toml".into(),
            Self::UnknownColumn => "unknown column; remove it from the file (no names, no free text)".into(),
            Self::RepeatedColumn => "two columns hold the same thing; keep one".into(),
            Self::MissingColumn(c) if c == "Projekt" => "missing column: Projekt (or name the project with --project)".into(),
            Self::MissingColumn(c) => format!("missing column: {c}"),
            Self::Cp1252 => "the file is not UTF-8 and was read as Windows-1252".into(),
            Self::FieldCount => "the row does not have as many fields as the headings".into(),
            Self::Required => "a value is required".into(),
            Self::IdentityForm => "not a personal identity or coordination number (YYYYMMDD-NNNN)".into(),
            Self::IdentityLength => {
                "wrong number of digits, or a number that Excel rewrote; store the column as text in Excel".into()
            }
            Self::IdentityDate => "the number's date of birth does not exist".into(),
            Self::IdentityCheckDigit => "the check digit is wrong".into(),
            Self::IdentityProtected => "protected identity; the row cannot be tied to a person and does not land".into(),
            Self::IdentityInterim => "interim or reserve number; the row does not land".into(),
            Self::CenturyInferred => "no century; the latest that is not in the future was taken".into(),
            Self::Code(list) => format!("the value is not in the code list {list} (schemas/codes)"),
            Self::Date => "not a date (YYYY-MM-DD)".into(),
            Self::Integer => "not a whole number".into(),
            Self::Range(low, high) => format!("outside {low} to {high}"),
            Self::Boolean => "must be yes or no (ja, nej)".into(),
            Self::EndBeforeStart => "the end is before the start".into(),
            Self::OutsideProject => "outside the project's period".into(),
            Self::Repeated => "the same row stands earlier in the file".into(),
            Self::AlreadyLanded => "the row has landed with other values; corrections of landed rows are not taken yet".into(),
            Self::KnownRow => "the row was there already, unchanged".into(),
            Self::NoParticipation => {
                "no participation in the project covers the date; send the participant list and run again".into()
            }
        }
    }
}

impl Finding {
    /// A finding about the whole file.
    pub fn file(rule: Rule, severity: Severity) -> Self {
        Self { row: None, column: None, rule, severity }
    }

    /// A finding about one cell or one row.
    pub fn row(row: u64, column: Option<&str>, rule: Rule, severity: Severity) -> Self {
        Self { row: Some(row), column: column.map(str::to_owned), rule, severity }
    }
}

/// One line: severity, row, column, rule and what to do.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Rejected => say("avvisad", "rejected"),
            Severity::SetAside => say("undantagen", "set aside"),
            Severity::Warning => say("varning", "warning"),
        };
        write!(f, "{severity}")?;
        if let Some(row) = self.row {
            write!(f, ", {} {row}", say("rad", "row"))?;
        }
        if let Some(column) = &self.column {
            write!(f, ", {} {column}", say("kolumn", "column"))?;
        }
        let text = match current() {
            Lang::Sv => self.rule.swedish(),
            Lang::En => self.rule.english(),
        };
        write!(f, ": {text} [{}]", self.rule.name())
    }
}

/// A file's name as it may be shown: an identity number in it, however it is spelled, or a control character is not.
pub fn shown(path: &std::path::Path) -> String {
    let text: Vec<char> = path.display().to_string().chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(c) = text.get(at) {
        // A run of digits, with single separators between them as people put them into numbers.
        let (mut end, mut digits) = (at, 0);
        while text.get(end).is_some_and(char::is_ascii_digit)
            || (end > at
                && text.get(end).is_some_and(|c| "-+_. ".contains(*c))
                && text.get(end + 1).is_some_and(char::is_ascii_digit))
        {
            digits += usize::from(text.get(end).is_some_and(char::is_ascii_digit));
            end += 1;
        }
        if digits >= 10 {
            out.push('…');
            at = end;
        } else {
            out.push(*c);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_file_name_is_shown_without_what_must_not_be_shown() {
        for (name, told) in [
            ("lists/asap-2021-03.csv", "lists/asap-2021-03.csv"),
            ("lista 00000000-0000.csv", "lista ….csv"),
            ("00000000_0000.csv", "….csv"),
            ("000000 0000 lista.csv", "… lista.csv"),
            ("0000.00.00.0000.csv", "….csv"),
            ("000000+0000", "…"),
            ("a\n\u{1b}[31mb.csv", "a??[31mb.csv"),
        ] {
            assert_eq!(shown(std::path::Path::new(name)), told);
        }
    }
}
