//! What a delivery can break: each rule with its stable name, how much it matters, and what it says in both languages.
//!
//! A text says what happened and what to do, and holds nothing of the list but headings and public names.

use super::finding::Severity;
use crate::text::Lang;

/// One line per fact, so that no rule can be added without its name, its severity and both its texts.
macro_rules! rules {
    ($(
        $rule:ident $(($($value:ident: $kind:ty),+))? $({ $($field:ident: $field_kind:ty),+ })? = $severity:ident $name:literal
            $sv:literal
            $en:literal
    )+) => {
        /// What a file, a column or a row breaks.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(
                #[doc = $en]
                $rule $(($($kind),+))? $({ $(#[doc = concat!("The ", stringify!($field), ".")] $field: $field_kind),+ })?,
            )+
        }

        impl Rule {
            /// A short stable name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$rule { .. } => $name,)+ }
            }

            /// How much it usually matters. What nobody can mend, such as a protected identity, is a warning.
            pub fn severity(&self) -> Severity {
                match self { $(Self::$rule { .. } => Severity::$severity,)+ }
            }

            fn swedish(&self) -> String {
                match self { $(Self::$rule $(($($value),+))? $({ $($field),+ })? => format!($sv),)+ }
            }

            fn english(&self) -> String {
                match self { $(Self::$rule $(($($value),+))? $({ $($field),+ })? => format!($en),)+ }
            }

            /// One of each.
            #[cfg(test)]
            fn all() -> Vec<Self> {
                vec![$(
                    Self::$rule $(($(<$kind>::default()),+))? $({ $($field: <$field_kind>::default()),+ })?,
                )+]
            }
        }
    };
}

rules! {
    Unreadable = Rejected "file.unreadable"
        "filen kan inte läsas: den finns inte, får inte läsas eller innehåller binära tecken; spara den på nytt"
        "the file cannot be read: it is not there, may not be read, or holds binary characters; save it anew"
    WorkbookDamaged = Rejected "file.workbook"
        "arbetsboken kan inte läsas: den är skadad, låst med lösenord eller av ett annat slag; spara den som .xlsx utan lösenord"
        "the workbook cannot be read: it is damaged, locked with a password or of another kind; save it as .xlsx without a password"
    NoSheet = Rejected "file.no-sheet"
        "inget blad har rubrikerna till en känd lista; jämför dem med schemas/*.toml, eller koppla dem med `utfall map`"
        "no sheet has the headings of a known list; compare them with schemas/*.toml, or map them with `utfall map`"
    Utf16 = Warning "file.utf16"
        "filen är inte i UTF-8 och lästes som UTF-16; spara den helst som CSV UTF-8"
        "the file is not UTF-8 and was read as UTF-16; preferably save it as CSV UTF-8"
    Cp1252 = Warning "file.cp1252"
        "filen är inte i UTF-8 och lästes som Windows-1252; spara den helst som CSV UTF-8"
        "the file is not UTF-8 and was read as Windows-1252; preferably save it as CSV UTF-8"
    MixedEncoding = Rejected "file.encoding"
        "rader i olika teckenkodning; spara om filen som CSV UTF-8"
        "rows in different encodings; save the file again as CSV UTF-8"
    EmptyFile = Rejected "file.empty"
        "filen är tom; även en månad utan deltagare ska ha rubrikraden"
        "the file is empty; even a month without participants has its headings"
    NoRows = Warning "file.no-rows"
        "filen har rubriker men inga rader; om det stämmer behöver inget göras"
        "the file has headings but no rows; if that is right, nothing needs doing"
    TooManyRows = Rejected "file.rows"
        "filen har fler rader än en leverans får ha; dela upp den i flera"
        "the file has more rows than one delivery may hold; split it"
    Separator = Rejected "file.separator"
        "det går inte att se vad som skiljer kolumnerna åt; använd semikolon"
        "it is unclear what separates the columns; use semicolons"
    Quote = Rejected "file.quote"
        "citattecknet som börjar här slutar aldrig, så att resten av filen blir ett enda fält; ta bort eller avsluta det"
        "the quotation mark that opens here is never closed, which makes the rest of the file one field; remove or close it"
    LineBreak = Rejected "file.line-break"
        "radbrytning inuti en cell; ta bort den"
        "line break inside a cell; remove it"
    LineTooLong = Rejected "file.line-length"
        "raden är för lång för att höra till en lista; kontrollera att filen är rätt och spara den på nytt som CSV UTF-8"
        "the line is too long to be of a list; check that it is the right file and save it anew as CSV UTF-8"
    TitleRows(rows: u64) = Warning "file.title-rows"
        "rader ovanför rubrikerna som hoppades över: {rows}; inget behöver göras"
        "rows above the headings that were skipped: {rows}; nothing needs doing"
    MonthUnclear = Rejected "file.month"
        "månaden som angavs och månaden i filen är inte samma; rätta den som är fel"
        "the month given and the month in the file disagree; correct the one that is wrong"
    MonthAhead = Rejected "month.ahead"
        "månaden har inte börjat än; ange den månad som listan redovisar"
        "the month has not begun yet; give the month that the list reports"
    MonthIncomplete(rows: usize) = Warning "month.incomplete"
        "{rows} rader undantogs; det som landat om dem för månaden räknas som borttaget tills de är rättade och skickade på nytt"
        "{rows} rows were set aside; what had landed of them for the month counts as withdrawn until they are mended and sent again"
    LaterMonths(months: String) = Warning "month.later"
        "senare månader hade landat före den här rättelsen: {months}; skicka dem på nytt"
        "later months had landed before this correction: {months}; send them again"
    NoTable = Rejected "file.no-table"
        "rubrikerna passar ingen känd lista; jämför dem med schemas/*.toml, eller koppla dem med `utfall map`"
        "the headings fit no known list; compare them with schemas/*.toml, or map them with `utfall map`"
    UnknownColumn = Rejected "column.unknown"
        "okänd kolumn; ta bort den, eller be den personuppgiftsansvarige koppla eller utelämna den (`utfall map`)"
        "unknown column; remove it, or have the controller map or drop it (`utfall map`)"
    PersonalColumn = Rejected "column.personal"
        "namn, kontaktuppgifter eller fritext; ta bort kolumnen, eller be den personuppgiftsansvarige utelämna den (`utfall map`)"
        "names, contact details or free text; remove the column, or have the controller drop it with a mapping (`utfall map`)"
    DroppedColumn = Warning "column.dropped"
        "kolumnen utelämnades, som kopplingen säger; inget behöver göras"
        "the column was dropped, as the mapping says; nothing needs doing"
    RepeatedColumn = Rejected "column.repeated"
        "samma uppgift står i två kolumner; behåll en"
        "two columns hold the same thing; keep one"
    MissingColumn(column: String) = Rejected "column.missing"
        "kolumnen saknas: {column}; lägg till den"
        "missing column: {column}; add it"
    NoHeading(column: String) = Rejected "column.no-heading"
        "kolumn {column} har värden men ingen rubrik; skriv rubriken, eller töm kolumnen"
        "column {column} has values but no heading; write its heading, or clear the column"
    FieldCount = SetAside "row.fields"
        "raden har inte lika många fält som rubrikraden; kontrollera skiljetecken och citattecken på raden"
        "the row does not have as many fields as the headings; check its separators and quotation marks"
    TotalsRow = Warning "row.totals"
        "summaraden togs inte med; inget behöver göras"
        "the totals row was left out; nothing needs doing"
    Required = SetAside "value.required"
        "uppgiften måste finnas; fyll i den"
        "a value is required; fill it in"
    Incomplete = Warning "value.incomplete"
        "uppgiften saknas; raden räknas bara i totalsummor, inte i uppdelningar efter kolumnen; fyll i den om den är känd"
        "no value; the row counts in grand totals only, not in breakdowns by this column; fill it in if it is known"
    IdentityForm = SetAside "identity.form"
        "inte ett person- eller samordningsnummer (ÅÅÅÅMMDD-NNNN); rätta det"
        "not a personal identity or coordination number (YYYYMMDD-NNNN); correct it"
    IdentityLength = SetAside "identity.length"
        "numret har fel antal siffror; skriv alla tolv (ÅÅÅÅMMDD-NNNN)"
        "the number has a wrong number of digits; write all twelve (YYYYMMDD-NNNN)"
    IdentityRewritten = Rejected "identity.rewritten"
        "kalkylprogrammet har gjort numren till tal (inledande nolla borta, 1,99E+11); gör kolumnen till text och fyll i den igen"
        "the spreadsheet has made numbers of them (a leading zero lost, 1.99E+11); store the column as text and fill it in anew"
    IdentityDate = SetAside "identity.date"
        "födelsetiden i numret finns inte; rätta numret"
        "the number's date of birth does not exist; correct the number"
    IdentityCheckDigit = SetAside "identity.check-digit"
        "kontrollsiffran stämmer inte; rätta numret"
        "the check digit is wrong; correct the number"
    IdentityProtected = Warning "identity.protected"
        "skyddad identitet; landar anonymt, räknas bara i totalsummor som tar med sådana, kopplas aldrig; inget behöver göras"
        "protected identity; lands anonymously, counts only in grand totals that opt in, is never joined; nothing needs doing"
    IdentityProtectedWithin = Warning "identity.protected-row"
        "skyddad identitet; en rad om ett deltagande kan inte kopplas till någon; den landar inte; inget behöver göras"
        "protected identity; a row about a participation cannot be tied to anybody; it does not land; nothing needs doing"
    BornAfterStart = SetAside "identity.birth-after-start"
        "född efter startdatumet, enligt numret; rätta numret eller datumet"
        "born after the start date, by the number; correct the number or the date"
    IdentityInterim = Warning "identity.interim"
        "interims- eller reservnummer; raden landar inte här, enligt installationens policy; skicka den när personnumret finns"
        "interim or reserve number; the row does not land, by the installation's policy; send it once there is an identity number"
    IdentityProvisional = Warning "identity.provisional"
        "interims- eller reservnummer; raden landar men kan inte kopplas mellan projekt; skriv personnumret när det finns"
        "interim or reserve number; the row lands but cannot be linked across projects; write the identity number when known"
    CenturyInferred = Warning "identity.century"
        "sekel saknas; det senaste som inte ligger i framtiden antogs; skriv helst tolv siffror"
        "no century; the latest that is not in the future was taken; preferably write twelve digits"
    BirthUnknown = Warning "identity.birth"
        "samordningsnummer utan känd månad eller dag; det gäller, men åldern är okänd; skriv åldern i listan om den är känd"
        "coordination number with unknown month or day; valid, but the age is unknown; write the age in the list if it is known"
    SexContradicts = Warning "identity.sex"
        "listan och numret säger olika kön; listans uppgift behölls; kontrollera raden"
        "the list and the number disagree on the sex; what the list says was kept; check the row"
    AgeContradicts = Warning "identity.age"
        "listan och numret säger olika ålder; listans uppgift behölls; kontrollera raden"
        "the list and the number disagree on the age; what the list says was kept; check the row"
    ExcelError = SetAside "value.error"
        "ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen"
        "a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell"
    Code(list: String) = SetAside "value.code"
        "värdet finns inte i kodlistan {list} (schemas/codes); skriv som där, eller be den personuppgiftsansvarige om ett alias"
        "the value is not in the code list {list} (schemas/codes); write it as there, or ask the controller for an alias"
    NearCode { list: String, label: String } = Warning "value.near"
        "en stavning i kolumnen liknar ”{label}”; menas det, skriv så, eller be den personuppgiftsansvarige om ett alias ({list})"
        "a spelling in this column is close to “{label}”; if it is meant, write it so or ask the controller for an alias ({list})"
    FormerCode = Warning "value.former-code"
        "en tidigare kod; den lästes som den som gäller nu; skriv helst den"
        "a former code; it was read as its present one; preferably write that"
    Date = SetAside "value.date"
        "inte ett datum (ÅÅÅÅ-MM-DD); rätta det"
        "not a date (YYYY-MM-DD); correct it"
    DateAmbiguous = SetAside "value.date-order"
        "dag och månad går inte att skilja åt (d/m-åå eller m/d-åå); skriv ÅÅÅÅ-MM-DD"
        "day and month cannot be told apart (d/m-yy or m/d-yy); write YYYY-MM-DD"
    Integer = SetAside "value.integer"
        "inte ett heltal; rätta det"
        "not a whole number; correct it"
    Decimals(most: u32) = SetAside "value.decimals"
        "för många decimaler, högst {most}; skriv värdet med så många"
        "too many decimals, at most {most}; write the value with so many"
    NumberAmbiguous = SetAside "value.number"
        "punkten kan läsas på två sätt: 1.234 kan vara 1234 eller 1,234; skriv tusental utan punkt och decimaler med komma"
        "the point can be read in two ways: 1.234 may be 1234 or 1,234; write thousands without it and decimals with a comma"
    Range(low: i64, high: i64) = SetAside "value.range"
        "utanför {low}–{high}; rätta värdet"
        "outside {low} to {high}; correct the value"
    Unusual(low: i64, high: i64) = Warning "value.unusual"
        "utanför det vanliga, {low}–{high}; värdet behölls; kontrollera det"
        "outside the usual {low} to {high}; the value was kept; check it"
    UnusualAge(low: i64, high: i64) = Warning "identity.unusual-age"
        "åldern vid start enligt numret är utanför det vanliga, {low}–{high}; den behölls; kontrollera numret och startdatumet"
        "the age at the start, by the number, is outside the usual {low} to {high}; it was kept; check number and start date"
    Boolean = SetAside "value.boolean"
        "ska vara ja eller nej; rätta värdet"
        "must be yes or no; write ja or nej"
    Wording = Rejected "value.wording"
        "en fråga lyder inte som överenskommet och är då en annan fråga; använd rätt lydelse, eller be om en ny frågekod"
        "a question is not worded as agreed and so is another question; use the agreed wording, or ask for a new question code"
    EndBeforeStart = SetAside "period.order"
        "slutdatum före startdatum; rätta datumen"
        "the end is before the start; correct the dates"
    OutsideProject = SetAside "period.project"
        "utanför projektets period; rätta datumet eller projektet"
        "outside the project's period; correct the date or the project"
    ExitWithoutDate = Warning "period.no-end"
        "resultat utan slutdatum; räknas i andelen, men inte i siffror inom fyra veckor efter avslut; fyll i slutdatum"
        "an outcome without an end date; counts in the rate, not in figures within four weeks of the exit; fill in the date"
    FollowUpPending(months: u32) = Warning "period.follow-up"
        "{months} månader har inte gått sedan avslut; raden är inte med i uppföljningens nämnare än; inget behöver göras"
        "{months} months have not passed since the exit; the row is not yet in the follow-up's denominator; nothing needs doing"
    Repeated = Warning "row.repeated"
        "samma rad finns tidigare i filen; den lästes en gång; ta helst bort den ena"
        "the same row stands earlier in the file; it was read once; preferably remove one"
    LaterWins = Warning "row.later-wins"
        "två rader om samma person, dag och sak; den senare raden gäller; kontrollera dem"
        "two rows of one person on the same day for the same thing; the later row counts; check them"
    Merged = Warning "row.merged"
        "överlappar en annan period för samma person i projektet; de blev ett enda deltagande; kontrollera datumen"
        "overlaps another period of the same person in the project; they became one participation; check the dates"
    BeforeStart = SetAside "row.before-start"
        "före deltagandets start; rätta datumet, här eller i deltagarlistan"
        "before the participation began; correct the date, here or in the participant list"
    NoParticipation = SetAside "row.no-participation"
        "inget deltagande i projektet som täcker datumet; skicka deltagarlistan och kör igen"
        "no participation in the project covers the date; send the participant list and run again"
    Void = Warning "row.void"
        "raden är en felregistrering; den är utesluten och räknad för sig; inget behöver göras"
        "the row is a wrong entry (felregistrering); it is excluded and counted apart; nothing needs doing"
    ConsentWithdrawn = Warning "row.consent"
        "samtycket är återkallat; raden landar inte, och vad som landat om personen i projektet raderas; inget behöver göras"
        "consent is withdrawn; the row does not land, what the person had in this project is erased; nothing needs doing"
    ConsentAnonymous = SetAside "row.consent-anonymous"
        "samtycket är återkallat, men en anonym post kan inte pekas ut; har den landat, skicka den som Felregistrering"
        "consent is withdrawn, but an anonymous record cannot be told from others; if it had landed, send it as Felregistrering"
    Forgotten = Warning "row.forgotten"
        "raden gäller en person som har raderats; den landar inte; inget behöver göras"
        "the row is of a person who has been erased; it does not land; nothing needs doing"
    KnownRow = Warning "row.known"
        "raden fanns redan, oförändrad"
        "the row was there already, unchanged"
    Corrected = Warning "row.corrected"
        "raden hade landat med andra uppgifter; den är rättad och behåller sin plats; inget behöver göras"
        "the row had landed with other values; it is corrected and keeps its place; nothing needs doing"
    ReportedLater = Warning "row.reported-later"
        "en senare månad säger något annat om raden, och den gäller; är den fel, rätta den och skicka den på nytt"
        "a later month says otherwise about this row, and that month stands; if it is wrong, correct it and send it again"
}

impl Rule {
    /// What happened and what to do, in one language.
    pub fn text(&self, lang: Lang) -> String {
        let text = match lang {
            Lang::Sv => self.swedish(),
            Lang::En => self.english(),
        };
        match self {
            // The one column that a whole file may share.
            Self::MissingColumn(column) if column == "Projekt" => {
                text + lang.pick(", eller ange projektet med --project", ", or name the project with --project")
            }
            _ => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let rules = Rule::all();
        let names: HashSet<&str> = rules.iter().map(Rule::name).collect();
        assert_eq!(names.len(), rules.len());
        for name in names {
            let (subject, rest) = name.split_once('.').unwrap();
            assert!(!subject.is_empty() && !rest.is_empty(), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b"0123456789.-".contains(&b)), "{name}");
        }
    }

    #[test]
    fn every_rule_speaks_both_languages_and_quotes_no_number() {
        let mut said = HashSet::new();
        for rule in Rule::all() {
            let [sv, en] = Lang::ALL.map(|lang| rule.text(lang));
            for text in [&sv, &en] {
                assert!(text.len() > 10 && !text.ends_with(['.', ' ']), "{text}");
                let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
                assert!(longest.unwrap() < 10, "{text}");
                assert!(said.insert(text.clone()), "said twice: {text}");
            }
            assert_ne!(sv, en);
        }
    }

    #[test]
    fn what_a_rule_is_about_is_in_both_texts() {
        let near = Rule::NearCode { list: "municipality".into(), label: "Hallstahammar".into() };
        for (rule, parts) in [
            (near, vec!["municipality", "Hallstahammar"]),
            (Rule::Range(16, 64), vec!["16", "64"]),
            (Rule::TitleRows(3), vec!["3"]),
            (Rule::LaterMonths("2021-04, 2021-05".into()), vec!["2021-04, 2021-05"]),
            (Rule::MissingColumn("Projekt".into()), vec!["Projekt", "--project"]),
        ] {
            for lang in Lang::ALL {
                let text = rule.text(lang);
                assert!(parts.iter().all(|part| text.contains(part)), "{text}");
            }
        }
        assert!(!Rule::MissingColumn("Kön".into()).text(Lang::En).contains("--project"));
    }
}
