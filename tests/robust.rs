//! Any bytes are answered with a clear error: files that are no lists, workbooks that ask for more than there is, and formulas,
//! which come out as text wherever anything is written.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use calamine::{Data, Reader as _, open_workbook_auto};

use crate::leaks::numbers;
use crate::world::{Said, World, contents, files, said};

/// The headings of every column of a participant list.
const HEADINGS: [&str; 13] = [
    "Projekt",
    "Personnr",
    "Startdatum",
    "Slutdatum",
    "Kön",
    "Ålder",
    "Kommun",
    "Kontor",
    "Utbildning",
    "Status vid start",
    "Utländsk bakgrund",
    "Anvisad av",
    "Resultat",
];
/// What spreadsheets take for formulas.
const FORMULAS: [&str; 6] = ["=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(1)", "=HYPERLINK(\"http://x\")", "\t=1+1"];

/// The program with no more than 16 GB of address space, as a machine may have them; it ends by itself and says no words of
/// the compiler's.
pub(crate) fn run(world: &World, arguments: &[&str]) -> Said {
    let told = world.command(arguments);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 16777216; exec \"$@\"", "sh"]).arg(told.get_program()).args(told.get_args());
    for (name, value) in told.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let begun = Instant::now();
    let said = said(command.output().unwrap());
    // Twenty seconds of a core that other tests may share.
    assert!(begun.elapsed() < Duration::from_secs(180), "{arguments:?} took {:?}", begun.elapsed());
    for words in ["panicked", "RUST_BACKTRACE", "memory allocation", "overflow", "unwrap"] {
        assert!(!said.out.contains(words) && !said.err.contains(words), "{arguments:?}: {said:?}");
    }
    assert!((0..=5).contains(&said.code), "{arguments:?} was killed: {said:?}");
    said
}

/// A file that is rejected for one of these rules: it is named, nothing lands and nothing has changed on disk.
fn refused(world: &World, name: &str, bytes: &[u8], rules: &[&str]) {
    let before = contents(&world.path("data"));
    let path = world.write(name, bytes);
    let said = run(world, &["land", &path]);
    assert_eq!(said.code, 3, "{name}: {said:?}");
    let named = |line: &str| line.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with([':', ',']));
    let rejected = |line: &str| named(line) && line.ends_with(": rejected, nothing landed");
    assert!(said.out.lines().any(rejected), "{name}: {said:?}");
    assert!(rules.iter().any(|rule| said.out.contains(&format!("[{rule}]"))), "{name}, {rules:?}: {said:?}");
    assert!(contents(&world.path("data")) == before, "{name} changed something");
    std::fs::remove_file(path).unwrap();
}

/// Bytes by chance, the same in every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next()).unwrap() % most
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[1]).collect()
    }
}

#[test]
fn files_of_almost_nothing_are_answered() {
    let world = World::new("10");
    for (name, bytes) in [
        ("nothing.csv", &b""[..]),
        ("nothing.xlsx", b""),
        ("bom.csv", b"\xEF\xBB\xBF"),
        ("bom16.csv", b"\xFF\xFE"),
        ("line.csv", b"\n"),
        ("lines.csv", b"\r\n\r\n\r\n"),
        ("mac.csv", b"\r"),
        ("separators.csv", b";;;;\n;;;;\n"),
        ("spaces.csv", "\u{a0} \t \n".as_bytes()),
    ] {
        refused(&world, name, bytes, &["file.empty"]);
    }
    refused(&world, "zero.csv", b"\0", &["file.unreadable"]);
    refused(&world, "half.csv", b"\xFF\xFEP", &["file.unreadable"]);
    refused(&world, "one.csv", b"x", &["file.separator"]);
    refused(&world, "row.csv", b"PROGRESS;x;2021-03-01", &["file.no-table"]);

    // Headings alone are an empty month; one row is a list.
    let headings = "Projekt;Personnr;Startdatum";
    let none = run(&world, &["land", &world.write("headings.csv", headings)]);
    assert!(none.code == 0 && none.out.contains("0 rows landed") && none.out.contains("[file.no-rows]"), "{none:?}");
    let one = run(&world, &["land", &world.write("list.csv", format!("{headings}\nPROGRESS;{};2021-03-01", numbers()[0]))]);
    assert!(one.code == 0 && one.out.contains("1 row landed"), "{one:?}");
}

#[test]
fn bytes_by_chance_are_answered_whatever_they_begin_with() {
    let (world, mut chance) = (World::new("10"), Chance(1));
    let any = ["file.unreadable", "file.empty", "file.encoding", "file.separator", "file.no-table", "file.workbook"];
    let begins: [&[u8]; 9] = [
        b"",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\xFF\xFE",
        b"\xFE\xFF",
        b"\xEF\xBB\xBF",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        b"sep=;\n",
        b"Projekt;Personnr;Startdatum\n",
    ];
    for begin in begins {
        for size in [1, 7, 512, 1_536, 70_000] {
            let bytes = [begin, &chance.bytes(size)].concat();
            // With no zero byte, nothing but its letters tells that it is no list.
            let text: Vec<u8> = bytes.iter().map(|b| if *b == 0 { 1 } else { *b }).collect();
            for (name, bytes) in [("chance.csv", &bytes), ("chance.xlsx", &text)] {
                if begin.starts_with(b"Proj") {
                    let said = run(&world, &["land", &world.write(name, bytes)]);
                    assert!(said.code == 3 && !said.out.contains("1 row landed"), "{said:?}");
                } else {
                    refused(&world, name, bytes, &any);
                }
            }
        }
    }
    refused(&world, "long.csv", &vec![b'x'; 4 << 20], &["file.line-length"]);
}

#[test]
fn a_workbook_that_is_cut_off_or_changed_anywhere_is_damaged_or_is_what_it_was() {
    let (world, mut chance) = (World::new("10"), Chance(2));
    let mut book = rust_xlsxwriter::Workbook::new();
    // A workbook says when it was made: with a date of its own it is the same bytes every time.
    let made = rust_xlsxwriter::ExcelDateTime::from_ymd(2021, 3, 1).unwrap();
    book.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&made));
    let sheet = book.add_worksheet();
    for (column, heading) in (0..).zip(["Projekt", "Personnr", "Startdatum"]) {
        sheet.write(0, column, heading).unwrap();
    }
    for (row, number) in (1..).zip(&numbers()[..40]) {
        sheet.write(row, 0, "PROGRESS").unwrap().write(row, 1, number.as_str()).unwrap().write(row, 2, "2021-03-01").unwrap();
    }
    let whole = book.save_to_buffer().unwrap();
    for i in 0..50 {
        let cut = whole.len() * i / 50;
        let rule = if cut == 0 { "file.empty" } else { "file.workbook" };
        let rules: &[&str] = if cut < 4 { &["file.empty", "file.separator", "file.no-table"] } else { &[rule] };
        refused(&world, "cut.xlsx", &whole[..cut], rules);
    }
    let refusals =
        ["file.workbook", "file.rows", "file.no-sheet", "file.no-table", "file.separator", "file.empty", "file.unreadable"];
    for _ in 0..100 {
        let mut changed = whole.clone();
        let at = chance.below(changed.len());
        changed[at] ^= 1 << chance.below(8);
        let said = run(&world, &["land", &world.write("changed.xlsx", changed)]);
        // What no reader looks at may change: the list is then the same one.
        assert!(said.code == 0 || said.code == 3, "{said:?}");
        assert!(said.code == 0 || refusals.iter().any(|rule| said.out.contains(&format!("[{rule}]"))), "{at}: {said:?}");
    }
}

/// A zip of these files, stored.
fn zip(parts: &[(&str, &str)]) -> Vec<u8> {
    zipped(parts, zip::CompressionMethod::Stored)
}

/// A zip of these files.
pub(crate) fn zipped(parts: &[(&str, &str)], how: zip::CompressionMethod) -> Vec<u8> {
    let stored = zip::write::SimpleFileOptions::default().compression_method(how);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of one sheet, in XLSX.
fn xlsx(cells: &str, strings: &str) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |what: &str, target: &str| {
        format!("<Relationships><Relationship Id=\"r1\" Type=\"{office}/{what}\" Target=\"{target}\"/></Relationships>")
    };
    let (package, book) = (relation("officeDocument", "xl/workbook.xml"), relation("worksheet", "worksheets/sheet1.xml"));
    let sheets =
        format!("<workbook xmlns:r=\"{office}\"><sheets><sheet name=\"Mars\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>");
    let sheet = format!("<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{cells}</sheetData></worksheet>");
    zip(&[
        ("_rels/.rels", &package),
        ("xl/_rels/workbook.xml.rels", &book),
        ("xl/workbook.xml", &sheets),
        ("xl/worksheets/sheet1.xml", &sheet),
        ("xl/sharedStrings.xml", strings),
    ])
}

/// A workbook in ODS.
fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest></manifest:manifest>"),
        ("content.xml", &content),
    ])
}

/// An old workbook whose folder of streams is said to follow itself.
pub(crate) fn endless() -> Vec<u8> {
    let mut bytes = vec![0; 512];
    bytes[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    bytes[24..34].copy_from_slice(&[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
    bytes[44] = 1;
    bytes[48] = 1;
    bytes[60..64].copy_from_slice(&[0xFE, 0xFF, 0xFF, 0xFF]);
    bytes[68..72].copy_from_slice(&[0xFE, 0xFF, 0xFF, 0xFF]);
    bytes[80..].fill(0xFF);
    let mut table = vec![0xFF; 512];
    table[..8].copy_from_slice(&[0xFD, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0]);
    [bytes, table, vec![0; 512]].concat()
}

#[test]
fn a_workbook_that_asks_for_more_than_there_is_is_refused() {
    let world = World::new("10");
    let cell = |place: &str| format!("<row><c r=\"{place}\"><v>1</v></c></row>");
    refused(&world, "far.xlsx", &xlsx(&(cell("A1") + &cell("XFD1048576")), "<sst/>"), &["file.no-table"]);
    let right: String = (1..=20_000).map(|row| cell(&format!("XFD{row}"))).collect();
    refused(&world, "right.xlsx", &xlsx(&right, "<sst/>"), &["file.rows"]);
    refused(&world, "count.xlsx", &xlsx(&cell("A1"), "<sst uniqueCount=\"99999999999\"></sst>"), &["file.workbook-endless"]);
    let (string, shared) = ("x".repeat(2 << 20), "<c t=\"s\"><v>0</v></c>".repeat(2_000));
    let strings = format!("<sst><si><t>{string}</t></si></sst>");
    refused(&world, "shared.xlsx", &xlsx(&format!("<row>{shared}</row>"), &strings), &["file.rows"]);
    let row = "<table:table-row table:number-rows-repeated=\"6000\"><table:table-cell table:number-columns-repeated=\"16384\" \
               office:value-type=\"string\"><text:p>x</text:p></table:table-cell></table:table-row>";
    let tables: String = (0..9).map(|i| format!("<table:table table:name=\"{i}\">{row}</table:table>")).collect();
    refused(&world, "repeated.ods", &ods(&tables), &["file.workbook-endless"]);
    refused(&world, "open.ods", &ods("<table:table table:name=\"Mars\">"), &["file.workbook", "file.workbook-endless"]);
    refused(&world, "endless.xls", &endless(), &["file.workbook", "file.workbook-endless"]);

    // A few packed bytes that say they are four gigabytes.
    let mut says = xlsx(&cell("A1"), "<sst/>");
    let entries: Vec<usize> = (0..says.len() - 4).filter(|i| says[*i..].starts_with(b"PK\x01\x02")).collect();
    for at in entries {
        says[at + 24..at + 28].copy_from_slice(&(1_u32 << 30).to_le_bytes());
    }
    refused(&world, "says.xlsx", &says, &["file.rows"]);
}

/// No cell of a fix-list is a formula, and every text of it is a string.
fn without_formulas(book: &Path) {
    let mut book = open_workbook_auto(book).unwrap();
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(formulas.cells().all(|(_, _, formula)| formula.is_empty()), "{name}");
        let range = book.worksheet_range(&name).unwrap();
        assert!(range.used_cells().all(|(_, _, cell)| matches!(cell, Data::String(_) | Data::Float(_))), "{name}");
    }
}

#[test]
fn formulas_come_out_as_text_wherever_anything_is_written() {
    let (world, n) = (World::landed("10"), numbers());
    let sound = ["PROGRESS", n[0].as_str(), "2021-03-01", "2021-09-01", "Kvinna", "30", "Laholm", "", "", "", "ja", "", ""];
    let mut lists = Vec::new();
    for (column, heading) in HEADINGS.iter().enumerate() {
        let rows = FORMULAS.iter().map(|formula| {
            let mut row = sound.map(str::to_owned);
            row[column] = format!("\"{}\"", formula.replace('"', "\"\""));
            row.join(";") + "\n"
        });
        let values: String = rows.collect();
        lists.push(world.write(&format!("in/=1+{column}.csv"), format!("{}\n{values}", HEADINGS.join(";"))));
        for (i, formula) in FORMULAS.iter().enumerate() {
            // A heading beside the others, and one that is known in spite of its sign and so is named.
            let unknown = format!("{};{formula}\n{};\n", HEADINGS.join(";"), sound.join(";"));
            lists.push(world.write(&format!("in/@unknown-{column}-{i}.csv"), unknown));
            let mut headings = HEADINGS.map(str::to_owned);
            headings[column] = format!("{}{heading}", formula.trim().chars().next().unwrap());
            let named = format!("{}\n{values}", headings.join(";"));
            lists.push(world.write(&format!("in/+named-{column}-{i}.csv"), named));
        }
    }
    // And as real formulas of a workbook, below its headings and among them.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("=1+1").unwrap();
    for (column, (heading, value)) in (0..).zip(HEADINGS.iter().zip(sound)) {
        sheet.write(0, column, *heading).unwrap().write(1, column, value).unwrap();
        for row in 2..15 {
            sheet.write(row, column, value).unwrap();
        }
        sheet.write_formula(2 + u32::from(column), column, rust_xlsxwriter::Formula::new("=1+1").set_result("=1+1")).unwrap();
    }
    lists.push(world.write("in/book.xlsx", book.save_to_buffer().unwrap()));

    let fix = world.text("fix");
    let arguments = [&["land", "--fix-list", &fix], lists.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat();
    let said = run(&world, &arguments);
    assert_eq!(said.code, 3, "{said:?}");
    for formula in FORMULAS {
        // As cells begin: sv and en texts and the rules hold none of it.
        assert!(!said.out.contains(formula) || formula == "-1", "{formula}: {}", said.out);
    }
    let written = files(&world.path("fix"));
    let books: Vec<&PathBuf> = written.iter().filter(|path| path.extension().is_some_and(|x| x == "xlsx")).collect();
    assert!(books.len() > 100, "{}", books.len());
    books.iter().for_each(|book| without_formulas(book));

    // JSON has texts and no formulas; names of files and headings stand there exactly, cells do not.
    for path in written.iter().filter(|path| path.extension().is_some_and(|x| x == "json")) {
        let list: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for finding in list["findings"].as_array().unwrap() {
            for text in [&finding["sv"], &finding["en"]] {
                assert!(
                    FORMULAS.iter().all(|formula| formula.len() < 4 || !text.as_str().unwrap().contains(formula)),
                    "{finding}"
                );
            }
        }
    }

    run(&world, &["release", "outcomes"]);
    let published = files(&world.path("out"));
    let tables: Vec<&PathBuf> = published.iter().filter(|path| path.extension().is_some_and(|x| x == "csv")).collect();
    assert!(!tables.is_empty());
    for path in tables {
        // That of a Swedish Excel has semicolons, and commas within its numbers.
        let swedish = path.to_str().unwrap().ends_with(".sv.csv");
        let delimiter = if swedish { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_path(path).unwrap();
        for record in reader.records() {
            for cell in &record.unwrap() {
                let sign = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
                let number = if swedish { cell.replace(',', ".") } else { cell.to_owned() };
                assert!(!sign || number.parse::<f64>().is_ok(), "{}: {cell}", path.display());
            }
        }
    }
}
