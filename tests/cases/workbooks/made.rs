//! Small workbooks of both kinds, part by part.

use std::io::{Cursor, Write as _};

use Kind::{Ods, Xlsx};

use super::filled;

const HEADINGS: [&str; 4] = ["Personnr", "Projekt", "Startdatum", "Kommun"];

/// The two kinds of workbooks: every case is tried in both.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::cases) enum Kind {
    Xlsx,
    Ods,
}

/// A sheet: its name, whether it is hidden, its rows with their attributes, and what follows them.
pub(in crate::cases) struct Sheet {
    pub(in crate::cases) name: &'static str,
    pub(in crate::cases) hidden: bool,
    pub(in crate::cases) before: String,
    pub(in crate::cases) rows: Vec<(&'static str, Vec<String>)>,
    pub(in crate::cases) after: String,
}

/// A row of each kind of cells: text, or the element itself.
pub(in crate::cases) fn sheet(name: &'static str, rows: &[[&str; 4]]) -> Sheet {
    let own = |row: &[&str; 4]| ("", row.map(str::to_owned).to_vec());
    let rows = std::iter::once(&HEADINGS).chain(rows).map(own).collect();
    Sheet { name, hidden: false, before: String::new(), rows, after: String::new() }
}

impl Kind {
    pub(in crate::cases) fn file(self, stem: &str) -> String {
        format!("{stem}.{}", if self == Xlsx { "xlsx" } else { "ods" })
    }

    fn cell(self, text: &str) -> String {
        match (self, text) {
            (_, cell) if cell.starts_with('<') => cell.to_owned(),
            (Xlsx, "") => "<c/>".to_owned(),
            (Ods, "") => "<table:table-cell/>".to_owned(),
            (Xlsx, text) => format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>"),
            (Ods, text) => format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"),
        }
    }

    /// A workbook of sheets; `says` is what it says beside them.
    pub(in crate::cases) fn book(self, sheets: &[Sheet], says: &str) -> Vec<u8> {
        let rows = |sheet: &Sheet| -> String {
            let row = |(attributes, cells): &(&str, Vec<String>)| {
                let cells: String = cells.iter().map(|cell| self.cell(cell)).collect();
                let name = if self == Xlsx { "row" } else { "table:table-row" };
                format!("<{name} {attributes}>{cells}</{name}>")
            };
            sheet.rows.iter().map(row).collect()
        };
        if self == Ods {
            let styles = "<style:style style:name=\"shown\"><style:table-properties table:display=\"true\"/></style:style>\
                          <style:style style:name=\"not\"><style:table-properties table:display=\"false\"/></style:style>";
            let table = |sheet: &Sheet| {
                let (style, name) = (if sheet.hidden { "not" } else { "shown" }, sheet.name);
                let (before, rows) = (&sheet.before, rows(sheet));
                format!("<table:table table:name=\"{name}\" table:style-name=\"{style}\">{before}{rows}</table:table>")
            };
            let tables: String = sheets.iter().map(table).collect();
            let content = format!(
                "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles><office:body>\
                 <office:spreadsheet>{says}{tables}</office:spreadsheet></office:body></office:document-content>"
            );
            return zipped(&[
                ("mimetype".to_owned(), "application/vnd.oasis.opendocument.spreadsheet".to_owned()),
                ("META-INF/manifest.xml".to_owned(), "<manifest:manifest></manifest:manifest>".to_owned()),
                ("content.xml".to_owned(), content),
            ]);
        }
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let relation = |id: usize, what: &str, target: &str| {
            format!("<Relationship Id=\"r{id}\" Type=\"{office}/{what}\" Target=\"{target}\"/>")
        };
        let relations = |all: &str| format!("<Relationships>{all}</Relationships>");
        let (mut names, mut targets, mut parts) = (String::new(), String::new(), Vec::new());
        for (i, sheet) in sheets.iter().enumerate() {
            let state = if sheet.hidden { "veryHidden" } else { "visible" };
            names += &format!("<sheet name=\"{}\" sheetId=\"{}\" state=\"{state}\" r:id=\"r{i}\"/>", sheet.name, i + 1);
            targets += &relation(i, "worksheet", &format!("worksheets/sheet{i}.xml"));
            let (before, after) = (&sheet.before, &sheet.after);
            let text = format!("<worksheet>{before}<sheetData>{}</sheetData>{after}</worksheet>", rows(sheet));
            parts.push((format!("xl/worksheets/sheet{i}.xml"), text));
        }
        let styles = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>".to_owned();
        parts.extend([
            ("_rels/.rels".to_owned(), relations(&relation(0, "officeDocument", "xl/workbook.xml"))),
            ("xl/_rels/workbook.xml.rels".to_owned(), relations(&targets)),
            ("xl/workbook.xml".to_owned(), format!("<workbook xmlns:r=\"{office}\">{says}<sheets>{names}</sheets></workbook>")),
            ("xl/styles.xml".to_owned(), styles),
        ]);
        zipped(&parts)
    }
}

/// A zip of parts, with official test numbers where they have placeholders.
fn zipped(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&filled(text.as_bytes())).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Merges cells of an XLSX by their names, of an ODS in the cell that they begin with.
pub(super) fn merge(kind: Kind, list: &mut Sheet, areas: &[(&str, usize, usize, [usize; 2])]) {
    for (name, row, column, [rows, columns]) in areas {
        if kind == Xlsx {
            list.after += &format!("<mergeCells><mergeCell ref=\"{name}\"/></mergeCells>");
        } else {
            let spans =
                format!("<table:table-cell table:number-rows-spanned=\"{rows}\" table:number-columns-spanned=\"{columns}\"");
            let cell = kind.cell(&list.rows[*row].1[*column]).replacen("<table:table-cell", &spans, 1);
            list.rows[*row].1[*column] = cell;
        }
    }
}
