//! Adding a project to the register: one row more, or empty cells filled in; every other row keeps its bytes.

mod rows;

use std::collections::BTreeMap;
use std::path::Path;

use self::rows::{Register, Row, bare, line, sound};
use super::page::{Field, Found, is_slug};
use crate::catalogue::schema::Catalogue;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::{Lang, Message};

/// What a file cannot say, or says and is overruled.
#[derive(Debug, Default)]
pub struct Options {
    /// The project's slug.
    pub slug: Option<String>,
    /// The programme period.
    pub programme_period: Option<String>,
    /// The project has no participants of its own.
    pub no_participants: bool,
    /// Contradictions are settled for the file.
    pub replace: bool,
}

/// A register with what a file says of one project.
#[derive(Debug)]
pub struct Merged {
    /// The register's new text.
    pub text: String,
    /// The project's slug.
    pub slug: String,
    /// Whether the slug was made from the name.
    pub made: bool,
    /// What became of the project's row.
    pub change: Change,
}

/// What became of a project's row.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// A new row with this id; whether the project enrols participants.
    Added(i16, bool),
    /// The row said all of it already.
    Known,
    /// Columns that were empty, and columns that said something else.
    Changed(Vec<String>, Vec<String>),
}

/// What no row can be without, and only the file can tell.
const NEEDED: [&str; 4] = ["name", "region", "start", "end"];

/// Merges what a file says of one project into the text of the register.
///
/// # Errors
/// Says what is missing or what contradicts, and the way out; the text is then as it was.
pub fn merge(text: &str, found: &Found, options: &Options) -> Result<Merged, Message> {
    let register = Register::parse(text)?;
    if found.fields.is_empty() {
        return Err(missing(&AllSaid::new()));
    }
    let said = said(found, options)?;
    harmless(&said)?;
    let named = said.get("project").map(|s| s.value.clone());
    let made = named.is_none();
    let slug = named.or_else(|| said.get("name").map(|name| slug(&name.value)));
    match register.target(&said, slug.as_deref())? {
        Some(row) => register.renew(row, &said, options.replace),
        None => register.extend(&said, slug, made),
    }
}

/// Refuses a text that would not be read as the register: its types, ranges, codes and keys.
///
/// # Errors
/// As reading the register itself.
pub fn check(text: &str, catalogue: &Catalogue, path: &Path) -> Result<(), Error> {
    let Some(table) = catalogue.table("project") else { return Ok(()) };
    super::parse(table, catalogue, path, text.as_bytes())?;
    Ok(())
}

/// Puts the register's new text in place in one step, with the file's permissions, also where the file is a link.
///
/// # Errors
/// When the file system refuses.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    let path = path.canonicalize().map_err(|e| Error::given(path, e))?;
    let permissions = std::fs::metadata(&path).map_err(|e| Error::given(&path, e))?.permissions();
    durable::sweep(durable::folder(&path))?; // what a killed one left
    durable::replace(&path, text.as_bytes())?;
    std::fs::set_permissions(&path, permissions).map_err(|e| Error::writing(&path, e))
}

/// Refuses a value that a spreadsheet would take for a formula: people open the register in one.
fn harmless(said: &AllSaid) -> Result<(), Message> {
    let formula = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let Some((column, said)) = said.iter().find(|(_, said)| said.value.split('|').any(formula)) else { return Ok(()) };
    let [sv, en] = [Sv, En].map(|lang| said.source.get(lang));
    Err(Message::new(
        format!("{column} ({sv}) börjar som en formel i ett kalkylprogram; skriv värdet utan =, +, - eller @ först"),
        format!("{column} ({en}) begins like a formula of a spreadsheet; write the value without a leading =, +, - or @"),
    ))
}

/// What is said of one column, and where.
#[derive(Debug)]
struct Said {
    value: String,
    source: Message,
}

type AllSaid = BTreeMap<String, Said>;

/// What the file and the options say, by column.
fn said(found: &Found, options: &Options) -> Result<AllSaid, Message> {
    let line =
        |f: &Field| Said { value: f.value.clone(), source: Message::new(format!("rad {}", f.line), format!("line {}", f.line)) };
    let mut said: AllSaid = found.fields.iter().map(|f| (f.column.clone(), line(f))).collect();
    let told = [
        ("project", "--project", options.slug.clone()),
        ("programme_period", "--programme-period", options.programme_period.clone()),
        ("enrols", "--no-participants", options.no_participants.then(|| "false".to_owned())),
    ];
    for (column, option, value) in told {
        let Some(value) = value else { continue };
        if let Some(other) = said.get(column).filter(|other| other.value != value) {
            let ([sv, en], other) = ([Sv, En].map(|lang| other.source.get(lang)), &other.value);
            return Err(Message::new(
                format!("{option} säger `{value}` men {sv} säger `{other}`; ta bort det ena"),
                format!("{option} says `{value}` but {en} says `{other}`; leave one of them out"),
            ));
        }
        said.insert(column.to_owned(), Said { value, source: Message::same(option) });
    }
    if let Some(wrong) = said.get("project").filter(|s| !is_slug(&s.value)) {
        return Err(Message::new(
            format!("`{}` är inget kortnamn; skriv små bokstäver a-z, siffror och bindestreck", wrong.value),
            format!("`{}` is not a slug; write lower-case letters a-z, digits and hyphens", wrong.value),
        ));
    }
    Ok(said)
}

/// A slug made from a name: lower case, å and ä as a, ö as o, everything else as hyphens.
pub fn slug(name: &str) -> String {
    let plain = |c: char| match c {
        'å' | 'ä' | 'à' | 'á' => 'a',
        'ö' | 'ø' => 'o',
        'é' | 'è' => 'e',
        'ü' => 'u',
        c if c.is_ascii_alphanumeric() => c,
        _ => '-',
    };
    let text: String = name.to_lowercase().chars().map(plain).collect();
    text.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// Refuses for what is missing, and shows the CSV that would say it; its placeholders fit no column.
fn missing(said: &AllSaid) -> Message {
    let lacks: Vec<&str> = NEEDED.into_iter().filter(|c| !said.contains_key(*c)).collect();
    let lacks = lacks.join(", ");
    Message::new(
        format!(
            "kunde inte läsas: {lacks}; ingenting ändrades. Skriv det i en CSV och lägg till den i stället:\n{}",
            example(said, Sv)
        ),
        format!(
            "could not be read: {lacks}; nothing was changed. Write it in a CSV and add that instead:\n{}",
            example(said, En)
        ),
    )
}

/// The CSV that would say what is missing.
fn example(said: &AllSaid, lang: Lang) -> String {
    let needed = NEEDED.into_iter().chain(["programme_period"]);
    let more = said.keys().map(String::as_str).filter(|c| *c != "programme_period" && !NEEDED.contains(c));
    let columns: Vec<String> = needed.chain(more).map(str::to_owned).collect();
    let cells = columns.iter().map(|column| match (said.get(column), column.as_str()) {
        (Some(s), _) => s.value.clone(),
        (None, "region") => "SExx".into(),
        (None, "start" | "end") => lang.pick("ÅÅÅÅ-MM-DD", "YYYY-MM-DD").into(),
        (None, "programme_period") => lang.pick("ÅÅÅÅ-ÅÅÅÅ", "YYYY-YYYY").into(),
        (None, _) => "...".into(),
    });
    format!("  {}\n  {}", line(&columns), line(&cells.collect::<Vec<_>>()))
}

/// Refuses a new project of which too little is said; else gives its slug.
fn complete(said: &AllSaid, slug: Option<String>) -> Result<String, Message> {
    if NEEDED.iter().any(|column| !said.contains_key(*column)) {
        return Err(missing(said));
    }
    if !said.contains_key("programme_period") {
        return Err(Message::new(
            "programperioden står inte i filen och gissas inte ur datumen; skriv --programme-period 2007-2013, 2014-2020 eller 2021-2027",
            "the programme period is not in the file and is not guessed from the dates; say --programme-period 2007-2013, 2014-2020 or 2021-2027",
        ));
    }
    let none = Message::new(
        "namnet ger inget kortnamn; skriv ett med --project, till exempel --project nystart-2",
        "the name makes no slug; say one with --project, for instance --project nystart-2",
    );
    slug.filter(|slug| is_slug(slug)).ok_or(none)
}

impl Register<'_> {
    /// The row of the project that is meant: that of its number, else that of its slug.
    fn target(&self, said: &AllSaid, slug: Option<&str>) -> Result<Option<&Row>, Message> {
        let by_slug = self.rows.iter().find(|r| slug.is_some_and(|s| self.cell(r, "project") == s));
        let number = said.get("number").map(|n| bare(&n.value)).filter(|n| !n.is_empty());
        let numbered = |r: &&Row| number.as_ref().is_some_and(|n| bare(self.cell(r, "number")) == *n);
        if let Some(row) = by_slug.filter(numbered) {
            return Ok(Some(row));
        }
        let Some(by_number) = self.rows.iter().find(numbered) else { return Ok(by_slug) };
        if said.contains_key("project") {
            let (number, owner) = (self.cell(by_number, "number"), self.cell(by_number, "project"));
            return Err(Message::new(
                format!(
                    "diarienumret {number} tillhör projektet `{owner}`; skriv --project {owner}, eller rätta numret i en CSV"
                ),
                format!(
                    "the number {number} is that of the project `{owner}`; say --project {owner}, or mend the number in a CSV"
                ),
            ));
        }
        Ok(Some(by_number))
    }

    /// Fills in what the row of a known project lacks.
    fn renew(&self, row: &Row, said: &AllSaid, replace: bool) -> Result<Merged, Message> {
        let slug = self.cell(row, "project").to_owned();
        let new = |column: &str| said.get(column).map(|s| s.value.as_str());
        let told: Vec<&str> = said.keys().map(String::as_str).filter(|c| *c != "project" && *c != "aliases").collect();
        let (empty, full): (Vec<&str>, Vec<&str>) = told.into_iter().partition(|c| self.cell(row, c).is_empty());
        let full_number = full.contains(&"number");
        let contradicted: Vec<&str> = full.into_iter().filter(|c| !self.agrees(row, c, new(c).unwrap_or_default())).collect();
        // A name alone may be another project's too: only a number, or --project, says which row is to be overruled.
        let sure = said.contains_key("project") || (full_number && !contradicted.contains(&"number"));
        let settled = contradicted.is_empty() || (sure && replace);
        if !settled {
            return Err(self.contradiction(row, said, &contradicted, sure));
        }
        let mut cells = row.cells.clone();
        let mut more: Vec<String> = new("aliases").into_iter().flat_map(|a| a.split('|')).map(str::to_owned).collect();
        for column in empty.iter().chain(&contradicted) {
            let value = new(column).unwrap_or_default();
            self.set(&mut cells, column, value);
            more.extend(spellings(column, value));
            // Lists that spell the project as before must go on being understood.
            more.extend((*column == "name").then(|| self.cell(row, column).to_owned()));
        }
        let aliases = self.add_aliases(&mut cells, more).then_some("aliases");
        let filled: Vec<String> = empty.into_iter().chain(aliases).map(str::to_owned).collect();
        if filled.is_empty() && contradicted.is_empty() {
            return Ok(Merged { text: self.text.to_owned(), slug, made: false, change: Change::Known });
        }
        let mut text = self.text.to_owned();
        text.replace_range(row.span.clone(), &line(&cells));
        sound(&text, &slug)?;
        let replaced = contradicted.into_iter().map(str::to_owned).collect();
        Ok(Merged { text, slug, made: false, change: Change::Changed(filled, replaced) })
    }

    /// Adds a row for a new project.
    fn extend(&self, said: &AllSaid, slug: Option<String>, made: bool) -> Result<Merged, Message> {
        let (slug, id) = (complete(said, slug)?, self.next_id()?);
        let enrols = said.get("enrols").is_none_or(|s| s.value == "true");
        let mut cells = vec![String::new(); self.columns.len()];
        let mut more: Vec<String> = Vec::new();
        for column in self.columns.iter().filter(|column| *column != "aliases") {
            let value = said.get(column).map(|s| s.value.as_str()).unwrap_or_default();
            self.set(&mut cells, column, value);
            more.extend(spellings(column, value));
        }
        more.extend(said.get("aliases").into_iter().flat_map(|s| s.value.split('|')).map(str::to_owned));
        for (column, value) in [("id", id.to_string()), ("project", slug.clone()), ("enrols", enrols.to_string())] {
            self.set(&mut cells, column, &value);
        }
        self.add_aliases(&mut cells, more);
        let end = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let between = if self.text.is_empty() || self.text.ends_with('\n') { "" } else { end };
        let text = format!("{}{between}{}{end}", self.text, line(&cells));
        sound(&text, &slug)?;
        Ok(Merged { text, slug, made, change: Change::Added(id, enrols) })
    }

    /// An id is never given twice: what landed under it would become another project's.
    fn next_id(&self) -> Result<i16, Message> {
        let highest = self.rows.iter().filter_map(|r| self.cell(r, "id").parse::<i16>().ok()).max().unwrap_or(0);
        let full = "alla id till 32767 är använda; inget projekt ryms till";
        highest.checked_add(1).ok_or_else(|| Message::new(full, "all ids up to 32767 are used; no more project fits"))
    }

    fn contradiction(&self, row: &Row, said: &AllSaid, columns: &[&str], sure: bool) -> Message {
        let slug = self.cell(row, "project");
        let way_out = if sure {
            Message::new("skriv --replace om filen har rätt", "say --replace if the file is right")
        } else {
            Message::new(
                format!("är det samma projekt, skriv --project {slug} --replace; annars ett eget namn i en CSV"),
                format!("if it is the same project, say --project {slug} --replace; else a name of its own in a CSV"),
            )
        };
        let told = |lang: Lang, (head, register): (String, &str)| {
            let listed = said.iter().filter(|(column, _)| columns.contains(&column.as_str()));
            let lines = listed.map(|(column, Said { value, source })| {
                format!("\n  {column}: {register} `{}`, {} `{value}`", self.cell(row, column), source.get(lang))
            });
            format!("{head}{}\n{}", lines.collect::<String>(), way_out.get(lang))
        };
        let sv = format!("registret säger annat om projektet `{slug}`; ingenting ändrades:");
        let en = format!("the register says something else of the project `{slug}`; nothing was changed:");
        Message::new(told(Sv, (sv, "registret")), told(En, (en, "the register")))
    }
}

/// Further spellings of a name or number that lists use: with plain hyphens, and without punctuation.
fn spellings(column: &str, value: &str) -> Vec<String> {
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    match column {
        "number" => vec![value.to_owned(), value.replace('/', "-")],
        "name" => vec![value.replace(['–', '—'], "-").replace('|', " "), words(value)],
        _ => Vec::new(),
    }
}
