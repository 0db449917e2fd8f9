//! Small workbooks, part by part, and what is read of them.

use std::io::{Cursor, Write as _};

use super::*;

mod cells;
mod formulas;
mod ods;
mod room;
mod seen;
mod sheets;

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// An XLSX of one or more sheets.
struct Xlsx<'x> {
    /// Name, state, and everything within each sheet's part.
    sheets: Vec<(&'x str, &'x str, String)>,
    /// What the workbook says beside its sheets.
    says: &'x str,
    /// The program that it says has saved it.
    program: Option<&'x str>,
    strings: &'x str,
    styles: &'x str,
}

impl Xlsx<'_> {
    fn bytes(&self) -> Vec<u8> {
        let relation = |id: usize, what: &str, target: &str| {
            format!("<Relationship Id=\"r{id}\" Type=\"{OFFICE}/{what}\" Target=\"{target}\"/>")
        };
        let relations = |all: String| format!("<Relationships>{all}</Relationships>");
        let (mut sheets, mut targets, mut parts) = (String::new(), String::new(), Vec::new());
        for (i, (name, state, inner)) in self.sheets.iter().enumerate() {
            sheets += &format!("<sheet name=\"{name}\" sheetId=\"{}\" state=\"{state}\" r:id=\"r{i}\"/>", i + 1);
            targets += &relation(i, "worksheet", &format!("worksheets/sheet{i}.xml"));
            parts.push((format!("xl/worksheets/sheet{i}.xml"), format!("<worksheet>{inner}</worksheet>")));
        }
        let book = format!("<workbook xmlns:r=\"{OFFICE}\">{}<sheets>{sheets}</sheets></workbook>", self.says);
        let program = |program| format!("<Properties><Application>{program}</Application></Properties>");
        parts.extend(self.program.map(|name| ("docProps/app.xml".to_owned(), program(name))));
        parts.extend([
            ("_rels/.rels".to_owned(), relations(relation(0, "officeDocument", "xl/workbook.xml"))),
            ("xl/_rels/workbook.xml.rels".to_owned(), relations(targets)),
            ("xl/workbook.xml".to_owned(), book),
            ("xl/sharedStrings.xml".to_owned(), format!("<sst>{}</sst>", self.strings)),
            ("xl/styles.xml".to_owned(), format!("<styleSheet>{}</styleSheet>", self.styles)),
        ]);
        zipped(&parts)
    }

    fn text(&self) -> String {
        shown(&book(&self.bytes()).unwrap().sheets[0])
    }
}

/// One sheet of rows, and what follows them.
fn one<'x>(rows: &str, after: &str) -> Xlsx<'x> {
    let inner = format!("<sheetData>{rows}</sheetData>{after}");
    Xlsx { sheets: vec![("Mars", "visible", inner)], says: "", program: None, strings: "", styles: "" }
}

/// An ODS whose tables and styles these are.
fn ods_bytes(before: &str, tables: &str, program: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:automatic-styles>{before}</office:automatic-styles><office:body>\
         <office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    let meta = format!(
        "<office:document-meta><office:meta><meta:generator>{program}</meta:generator></office:meta></office:document-meta>"
    );
    zipped(&[
        ("mimetype".to_owned(), "application/vnd.oasis.opendocument.spreadsheet".to_owned()),
        ("META-INF/manifest.xml".to_owned(), "<manifest:manifest></manifest:manifest>".to_owned()),
        ("content.xml".to_owned(), content),
        ("meta.xml".to_owned(), meta),
    ])
}

fn zipped(parts: &[(String, String)]) -> Vec<u8> {
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(text.as_bytes()).unwrap();
    }
    to.finish().unwrap().into_inner()
}

/// The lines of a sheet, with signs that can be seen.
fn shown(sheet: &Sheet) -> String {
    String::from_utf8(sheet.lines.clone()).unwrap().replace(char::from(SEPARATOR), "|")
}
