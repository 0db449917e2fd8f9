//! What a delivery can break: each rule with its stable name, how much it matters, and what it says in both languages.
//!
//! A text says what happened and what to do, and holds nothing of the list but headings and public names.

use super::Severity;
use utfall_ground::text::Lang;

/// One line per fact, so that no rule can be added without its name, its severity and both its texts.
macro_rules! rules {
    ($(
        $rule:ident $(($($value:ident: $kind:ty),+))? $({ $($field:ident: $field_kind:ty),+ })? = $severity:ident $name:literal
            $sv:literal
            $en:literal
    )+) => {
        /// What a file, a column or a row breaks.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ValidationRule {
            $(
                #[doc = $en]
                $rule $(($($kind),+))? $({ $(#[doc = concat!("The ", stringify!($field), ".")] $field: $field_kind),+ })?,
            )+
        }

        impl ValidationRule {
            /// A short stable name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$rule { .. } => $name,)+ }
            }

            /// How much it usually matters. What nobody can mend, such as a protected identity, is a warning.
            pub fn severity(&self) -> Severity {
                match self { $(Self::$rule { .. } => Severity::$severity,)+ }
            }

            #[allow(unused_variables, reason = "a text need not name all that its rule is about")]
            fn swedish(&self) -> String {
                match self { $(Self::$rule $(($($value),+))? $({ $($field),+ })? => format!($sv),)+ }
            }

            #[allow(unused_variables, reason = "a text need not name all that its rule is about")]
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
        "filen kan inte läsas: den finns inte, får inte läsas, innehåller binära tecken eller ändrades under läsningen; spara den på nytt"
        "the file cannot be read: it is not there, may not be read, holds binary characters, or was changed while it was read; save it anew"
    WorkbookDamaged = Rejected "file.workbook"
        "arbetsboken kan inte läsas: den är skadad, låst med lösenord eller av ett annat slag; spara den som .xlsx utan lösenord"
        "the workbook cannot be read: it is damaged, locked with a password or of another kind; save it as .xlsx without a password"
    WorkbookEndless = Rejected "file.workbook-endless"
        "arbetsboken tar mer minne eller tid att läsa än en lista: den är skadad, eller har många fler celler än vad som syns; kopiera listan till en ny arbetsbok, eller spara den som CSV UTF-8"
        "the workbook takes more memory or time to read than a list does: it is damaged, or has many more cells than are seen; copy the list into a new workbook, or save it as CSV UTF-8"
    NoSheet = Rejected "file.no-sheet"
        "inget blad har rubrikerna till en känd lista; jämför dem med en mall, eller be den personuppgiftsansvarige koppla dem (`utfall map`)"
        "no sheet has the headings of a known list; compare them with a template, or have the controller map them (`utfall map`)"
    NotAFile = Rejected "file.special"
        "inte en fil utan ett rör (FIFO) eller en enhet; lägg listan där som en vanlig fil"
        "not a file but a pipe (FIFO) or a device; put the list there as an ordinary file"
    Folder = Rejected "file.folder"
        "en mapp; mappar läses inte igenom: flytta upp listorna som ligger i den, och ta bort den"
        "a folder; folders are not looked into: move the lists in it up, and remove it"
    DeadLink = Rejected "file.link"
        "en länk som inte leder någonstans; lägg själva listan där, eller ta bort länken"
        "a link that leads nowhere; put the list itself there, or remove the link"
    Html = Rejected "file.html"
        "filen är en webbsida (HTML), vad den än heter; öppna den i kalkylprogrammet och spara den som .xlsx"
        "the file is a web page (HTML), whatever its name; open it in the spreadsheet program and save it as .xlsx"
    Xml2003 = Rejected "file.xml-2003"
        "filen är ett XML-kalkylark (2003), vad den än heter; öppna den i kalkylprogrammet och spara den som .xlsx"
        "the file is an XML spreadsheet (2003), whatever its name; open it in the spreadsheet program and save it as .xlsx"
    FlatOds = Rejected "file.flat-ods"
        "filen är ett platt ODF-kalkylark (.fods), vad den än heter; öppna den i kalkylprogrammet och spara den som .xlsx eller .ods"
        "the file is a flat ODF spreadsheet (.fods), whatever its name; open it in the spreadsheet program and save it as .xlsx or .ods"
    OnlyHidden(sheets: String) = Rejected "file.only-hidden"
        "inget blad som visas har rubrikerna till en känd lista, och dolda blad läses inte: {sheets}; visa det som är listan (högerklicka på en flik, Ta fram), eller rätta rubrikerna"
        "no sheet that is shown has the headings of a known list, and hidden sheets are not read: {sheets}; show the one that is the list (right-click a tab, Unhide), or correct the headings"
    HiddenSheets(sheets: String) = Warning "file.hidden-sheets"
        "dolda blad lästes inte: {sheets}; är något av dem en lista, visa det (högerklicka på en flik, Ta fram) och skicka filen på nytt; annars behöver inget göras"
        "hidden sheets were not read: {sheets}; if one of them is a list, show it (right-click a tab, Unhide) and send the file again; otherwise nothing needs doing"
    HiddenRows(rows: u64) = Warning "file.hidden-rows"
        "dolda eller bortfiltrerade rader som lästes: {rows}; hör de inte till listan, ta bort dem och skicka filen på nytt; annars behöver inget göras"
        "hidden or filtered rows that were read: {rows}; if they are not of the list, delete them and send the file again; otherwise nothing needs doing"
    HiddenColumns(columns: u64) = Warning "file.hidden-columns"
        "dolda kolumner som lästes: {columns}; visa dem och kontrollera att de stämmer"
        "hidden columns that were read: {columns}; show them and check that they are right"
    MergedRows(rows: u64) = Warning "file.merged"
        "rader som fick ett värde från en cell som är sammanfogad med en rad ovanför: {rows}; stämmer det behöver inget göras"
        "rows that were given a value by a cell that is merged with a row above: {rows}; if that is right, nothing needs doing"
    OldWorkbook = Warning "file.xls"
        "ett äldre slags arbetsbok (.xls), av vilken dolda rader och formler som aldrig räknats ut inte syns här; spara den helst som .xlsx"
        "an older kind of workbook (.xls), of which hidden rows and formulas never calculated are not seen here; preferably save it as .xlsx"
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
        "filen har fler rader, celler eller blad än en leverans får ha; dela upp den i flera, och ta bort det som inte hör till listan"
        "the file has more rows, cells or sheets than one delivery may hold; split it, and remove what is not of the list"
    Separator = Rejected "file.separator"
        "det går inte att se vad som skiljer kolumnerna åt; använd semikolon"
        "it is unclear what separates the columns; use semicolons"
    Quote = Rejected "file.quote"
        "citattecknet som börjar här slutar aldrig, så att resten av filen blir ett enda fält; ta bort eller avsluta det"
        "the quotation mark that opens here is never closed, which makes the rest of the file one field; remove or close it"
    LineTooLong = Rejected "file.line-length"
        "raden är för lång för att höra till en lista; kontrollera att filen är rätt och spara den på nytt som CSV UTF-8"
        "the line is too long to be of a list; check that it is the right file and save it anew as CSV UTF-8"
    TitleRows(rows: usize) = Warning "file.title-rows"
        "rader ovanför rubrikerna som hoppades över: {rows}; står ingen deltagare där behöver inget göras"
        "rows above the headings that were skipped: {rows}; if no participant is among them, nothing needs doing"
    RowsAbove = Rejected "file.rows-above"
        "en rad ovanför rubrikerna ser ut att höra till en deltagare; flytta rubrikraden överst (listan kan ha sorterats med den)"
        "a row above the headings seems to be a participant's; move the headings to the top (the list may have been sorted with them)"
    HeadingsAgain = Rejected "file.headings-again"
        "en andra rubrikrad med andra kolumner eller en annan ordning; lägg listorna i var sin fil"
        "a second row of headings with other columns or in another order; put the lists into a file each"
    MonthUnclear = Rejected "file.month"
        "två ställen säger olika månad (--month, en titel, filens namn); rätta den som är fel"
        "two places say different months (--month, a title, the file's name); correct the one that is wrong"
    ProjectUnclear = Rejected "file.project"
        "två ställen säger olika projekt (--project, en titel, filens namn, kopplingen); rätta det som är fel"
        "two places say different projects (--project, a title, the file's name, the mapping); correct the one that is wrong"
    ProjectOtherwise = Rejected "row.project-option"
        "raden gäller ett annat projekt än det som angavs med --project; utelämna --project, eller rätta listan"
        "the row is of another project than the one given with --project; leave out --project, or correct the list"
    OtherProject = SetAside "row.other-project"
        "raden gäller ett annat projekt än det som listan redovisar; rätta den, eller skicka den i det projektets lista"
        "the row is of another project than the one that the list reports; correct it, or send it in that project's list"
    ReportWaits = Rejected "file.report"
        "en annan fil eller ett annat blad i samma redovisning avvisades, och då väntar även detta; rätta det andra och kör båda igen"
        "another file or sheet of the same report was rejected, so this one waits too; mend the other and run both again"
    ProjectUnsaid = Warning "month.no-project"
        "ingen har sagt vilka projekt listan redovisar, så inget tidigare tas bort; säg det med --project, i filens namn (progress-2021-03.csv) eller i kopplingen (projects = [\"progress\"])"
        "nobody said which projects the list reports, so nothing earlier is withdrawn; say it with --project, in the file's name (progress-2021-03.csv) or in the mapping (projects = [\"progress\"])"
    Replaces(lists: String) = Warning "month.replaces"
        "ersätter det som redovisats för månaden: {lists}; var det här en del av redovisningen, kör filerna tillsammans, eller kalla den del (--part, progress-2021-03-del-2.csv, part = true i kopplingen)"
        "replaces what was reported for the month: {lists}; if this is a part of the report, run the files together, or call it a part (--part, progress-2021-03-part-2.csv, part = true in the mapping)"
    ReplacedSince(lists: String) = Rejected "month.replaced-since"
        "listan har landat förut och har sedan ersatts av {lists}; ska den gälla igen, kör utfall land --again med den"
        "the list landed before and has been replaced since by {lists}; if it is to count again, run utfall land --again with it"
    OneReport(lists: String) = Warning "month.one-report"
        "är en redovisning tillsammans med {lists} i samma körning; skulle den ersätta någon av dem, ta bort den filen och kör den här med --again"
        "is one report together with {lists} of the same run; if it was to replace one of them, remove that file and run this one with --again"
    MonthAhead = Rejected "month.ahead"
        "månaden har inte börjat än; ange den månad som listan redovisar"
        "the month has not begun yet; give the month that the list reports"
    MonthIncomplete(rows: usize) = Warning "month.incomplete"
        "rader som väntar på rättelse: {rows}; det som landat om dem för månaden räknas som borttaget tills de är rättade och skickade på nytt"
        "rows waiting for correction: {rows}; what had landed of them for the month counts as withdrawn until they are mended and sent again"
    LaterMonths(months: String) = Warning "month.later"
        "senare månader hade landat före den här rättelsen: {months}; skicka dem på nytt"
        "later months had landed before this correction: {months}; send them again"
    NoTable = Rejected "file.no-table"
        "rubrikerna passar ingen känd lista; jämför dem med en mall, eller be den personuppgiftsansvarige koppla dem (`utfall map`)"
        "the headings fit no known list; compare them with a template, or have the controller map them (`utfall map`)"
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
    ConstantColumn = Rejected "column.constant"
        "kopplingen säger ett fast värde för en kolumn som listan har; ta bort kolumnen, eller be den personuppgiftsansvarige ta bort det fasta värdet"
        "the mapping says one value for a column that the list has; remove the column, or have the controller remove that value"
    MissingColumn(column: String) = Rejected "column.missing"
        "kolumnen saknas: {column}; lägg till den"
        "missing column: {column}; add it"
    NoHeading(column: String) = Rejected "column.no-heading"
        "kolumn {column} har värden men ingen rubrik; skriv rubriken, eller töm kolumnen"
        "column {column} has values but no heading; write its heading, or clear the column"
    FieldCount = SetAside "row.fields"
        "raden har inte lika många fält som rubrikraden; kontrollera skiljetecken och citattecken på raden"
        "the row does not have as many fields as the headings; check its separators and quotation marks"
    ShortRows(rows: u64) = Warning "row.short"
        "rader som slutar före sista kolumnen: {rows}; det som saknas sist lästes som tomt; inget behöver göras om det stämmer"
        "rows that end before the last column: {rows}; what is missing at their ends was read as empty; if that is right, nothing needs doing"
    HeadingsRepeated = Warning "row.headings"
        "rubrikraden står en gång till; den togs inte med; inget behöver göras"
        "the row of headings is repeated; it was left out; nothing needs doing"
    Footer = Warning "row.footer"
        "bara text i en eller två celler, inget personnummer; raden togs inte med; hör den till en deltagare, fyll i resten av den"
        "only text in one or two cells, no identity number; the row was left out; if it is a participant's, fill in the rest of it"
    TotalsRow = Warning "row.totals"
        "summaraden togs inte med; inget behöver göras"
        "the totals row was left out; nothing needs doing"
    Required = SetAside "value.required"
        "uppgiften måste finnas; fyll i den"
        "a value is required; fill it in"
    Incomplete = Warning "value.incomplete"
        "uppgiften saknas; raden räknas bara i totalsummor, inte i uppdelningar efter kolumnen; fyll i den om den är känd"
        "no value; the row counts in grand totals only, not in breakdowns by this column; fill it in if it is known"
    ReadAsEmpty = Warning "value.missing-word"
        "cellen säger att inget är känt; den lästes som tom; fyll i uppgiften om den finns"
        "the cell says that nothing is known; it was read as empty; fill the value in if there is one"
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
    IdentityAge = SetAside "identity.age-impossible"
        "äldre än 120 år vid startdatumet, enligt numret; rätta numret (seklet) eller datumet"
        "older than 120 at the start date, by the number; correct the number (its century) or the date"
    IdentityCentury = SetAside "identity.century-unclear"
        "sekel saknas, och personen kan vara ett barn eller över hundra år; skriv tolv siffror"
        "no century, and the person may be a child or over a hundred; write twelve digits"
    IdentityTwice = Warning "identity.century-twice"
        "listan har samma tio siffror med ett annat sekel, och det räknas som två personer; rätta det sekel som är fel"
        "the list has the same ten digits with another century, and that counts as two people; correct the century that is wrong"
    IdentityDanish = SetAside "identity.danish"
        "kan vara ett danskt personnummer (CPR, DDMMÅÅ-NNNN); är det ett svenskt samordningsnummer, skriv alla tolv siffror"
        "may be a Danish number (CPR, DDMMYY-NNNN); if it is a Swedish coordination number, write all twelve digits"
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
        "interims- eller reservnummer; raden landar men kopplas inte mellan projekt; skriv personnumret när det finns, och be då den personuppgiftsansvarige koppla de två (`utfall key alias`)"
        "interim or reserve number; the row lands but is not linked across projects; write the identity number when there is one, and have the controller tie the two (`utfall key alias`) then"
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
    Uncalculated = SetAside "value.formula"
        "en formel utan sparat resultat; öppna listan i kalkylprogrammet, spara den och skicka den på nytt"
        "a formula without a stored result; open the list in the spreadsheet program, save it and send it again"
    MergedAcross = SetAside "value.merged"
        "cellen är sammanfogad med cellen i en annan kolumn; dela upp den och fyll i varje cell för sig, eller ta bort raden om den är en mellanrubrik"
        "the cell is merged with that of another column; split it and fill in each cell by itself, or remove the row if it is a heading"
    MergedNumber = SetAside "identity.merged"
        "ett nummer är sammanfogat över flera rader; dela upp cellen och skriv varje rads nummer i den"
        "one number is merged over several rows; split the cell and write in each row whose it is"
    DayNumber = SetAside "value.day-number"
        "ett dagnummer, i en arbetsbok som räknar dagarna från en annan dag än vanligt (1904); ge kolumnen datumformat, kontrollera den och spara"
        "the number of a day, in a workbook that counts days from another day than usual (1904); format the column as dates, check it and save"
    Code(list: String) = SetAside "value.code"
        "inget av kolumnens tillåtna värden (de står i rättelselistan); skriv ett av dem, eller be den personuppgiftsansvarige om ett alias"
        "not one of the column's allowed values (they stand in the fix-list); write one of them, or ask the controller for an alias"
    NearCode { list: String, sv: Box<str>, en: Box<str> } = Warning "value.near"
        "en stavning i kolumnen liknar ”{sv}”; menas det, skriv så, eller be den personuppgiftsansvarige om ett alias"
        "a spelling in this column is close to “{en}”; if it is meant, write it so or ask the controller for an alias"
    LostZero = Warning "value.lost-zero"
        "koden har förlorat sin inledande nolla och lästes med den; gör kolumnen till text"
        "the code has lost its leading zero and was read with it; store the column as text"
    FormerCode = Warning "value.former-code"
        "en tidigare kod; den lästes som den som gäller nu; skriv helst den"
        "a former code; it was read as its present one; preferably write that"
    Date = SetAside "value.date"
        "inte ett datum (ÅÅÅÅ-MM-DD); rätta det"
        "not a date (YYYY-MM-DD); correct it"
    DateAmbiguous = SetAside "value.date-order"
        "dag och månad går inte att skilja åt (d/m-åå eller m/d-åå); skriv ÅÅÅÅ-MM-DD"
        "day and month cannot be told apart (d/m-yy or m/d-yy); write YYYY-MM-DD"
    DateTime = SetAside "value.date-time"
        "ett datum med ett klockslag; skriv bara datumet (ÅÅÅÅ-MM-DD)"
        "a date with a time of day; write only the date (YYYY-MM-DD)"
    DateWithoutDay = SetAside "value.date-day"
        "en månad utan dag; skriv hela datumet (ÅÅÅÅ-MM-DD)"
        "a month without a day; write the whole date (YYYY-MM-DD)"
    DateZero = SetAside "value.date-zero"
        "en nolla som datum (dag 00, eller år 1899): cellen var tom där listan kommer ifrån; töm den, eller skriv datumet"
        "a zero as a date (day 00, or the year 1899): the cell was empty where the list comes from; clear it, or write the date"
    DateFar = SetAside "value.date-far"
        "ett datum så långt fram (år 9999) står för att inget är känt; skriv det verkliga datumet"
        "a date so far ahead (the year 9999) stands for none that is known; write the real date"
    OpenEnd = Warning "value.open-end"
        "ett slutdatum så långt fram (år 9999) står för ett slut som inte är känt; det lästes som tomt; lämna helst cellen tom"
        "an end so far ahead (the year 9999) stands for one that is not known; it was read as empty; preferably leave the cell empty"
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
    Contradicts = SetAside "row.contradicts"
        "ett annat blad eller en annan fil i samma redovisning säger något annat om samma person och dag; behåll det som stämmer"
        "another sheet or file of the same report says otherwise about the same person and day; keep the one that is right"
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
    ConsentRefused = Warning "row.consent-elsewhere"
        "en annan rad säger att personens samtycke i projektet är återkallat, och det gäller; raden landar inte; kontrollera raderna"
        "another row says that the person's consent in the project is withdrawn, and that stands; it does not land; check the rows"
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

impl ValidationRule {
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
            Self::FollowUpPending(1) => text.replace("1 månader", "1 månad").replace("1 months have", "1 month has"),
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
        let rules = ValidationRule::all();
        let names: HashSet<&str> = rules.iter().map(ValidationRule::name).collect();
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
        for rule in ValidationRule::all() {
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
        let near =
            ValidationRule::NearCode { list: "municipality".into(), sv: "Hallstahammar".into(), en: "Hallstahammar".into() };
        for (rule, parts) in [
            (near, vec!["Hallstahammar"]),
            (ValidationRule::Range(16, 64), vec!["16", "64"]),
            (ValidationRule::TitleRows(3), vec!["3"]),
            (ValidationRule::LaterMonths("2021-04, 2021-05".into()), vec!["2021-04, 2021-05"]),
            (ValidationRule::MissingColumn("Projekt".into()), vec!["Projekt", "--project"]),
        ] {
            for lang in Lang::ALL {
                let text = rule.text(lang);
                assert!(parts.iter().all(|part| text.contains(part)), "{text}");
            }
        }
        assert!(!ValidationRule::MissingColumn("Kön".into()).text(Lang::En).contains("--project"));
        for rule in ValidationRule::all().into_iter().chain([
            ValidationRule::FollowUpPending(1),
            ValidationRule::MonthIncomplete(1),
            ValidationRule::TitleRows(1),
        ]) {
            let said = Lang::ALL.map(|lang| format!(" {} ", rule.text(lang))).concat();
            for wrong in ["schemas/", " 1 rader", " 1 rows", " 1 månader", " 1 months"] {
                assert!(!said.contains(wrong), "{said}");
            }
        }
    }
}
