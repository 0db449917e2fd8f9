//! Which sheets are read, and what is damage.

use super::*;

#[test]
fn what_is_no_workbook_is_damaged() {
    for bytes in [&b"PK\x03\x04 a workbook"[..], &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], b"PK\x03\x04"] {
        assert_eq!(book(bytes).unwrap_err().rule, ValidationRule::WorkbookDamaged);
    }
}

#[test]
fn a_digit_that_changed_on_the_way_is_damage() {
    let mut made = rust_xlsxwriter::Workbook::new();
    made.add_worksheet().write(0, 0, 19_900_601).unwrap();
    let mut from = ZipArchive::new(Cursor::new(made.save_to_buffer().unwrap())).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for i in 0..from.len() {
        let mut file = from.by_index(i).unwrap();
        to.start_file(file.name().unwrap().into_owned(), stored).unwrap();
        std::io::copy(&mut file, &mut to).unwrap();
    }
    let mut bytes = to.finish().unwrap().into_inner();
    assert!(book(&bytes).is_ok());
    let at = bytes.windows(8).position(|w| w == b"19900601").unwrap();
    bytes[at] = b'2';
    assert_eq!(book(&bytes).unwrap_err().rule, ValidationRule::WorkbookDamaged);
}

#[test]
fn a_zip_that_says_it_is_enormous_is_not_unpacked() {
    let mut bytes = rust_xlsxwriter::Workbook::new().save_to_buffer().unwrap();
    let directory = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&(1_u32 << 30).to_le_bytes());
    assert_eq!(book(&bytes).unwrap_err().rule, ValidationRule::TooManyRows);
}

#[test]
fn sheets_that_are_hidden_are_named_and_not_read() {
    let sheet =
        |name, state, value| (name, state, format!("<sheetData><row r=\"1\"><c r=\"A1\"><v>{value}</v></c></row></sheetData>"));
    let sheets = vec![sheet("Gammal", "hidden", 1), sheet("Mars", "visible", 2), sheet("Mall &amp; val", "veryHidden", 3)];
    let read = book(&Xlsx { sheets, ..one("", "") }.bytes()).unwrap();
    assert_eq!(read.hidden, ["Gammal", "Mall & val"]);
    assert_eq!(read.sheets.iter().map(shown).collect::<Vec<_>>(), ["2\n"]);

    let styles = "<style:style style:name=\"ta1\"><style:table-properties table:display=\"true\"/></style:style>\
                  <style:style style:name=\"ta2\"><style:table-properties table:display=\"false\"/></style:style>";
    let table = |name, style, inner| {
        format!(
            "<table:table table:name=\"{name}\" table:style-name=\"{style}\">{inner}<table:table-row>\
             <table:table-cell office:value-type=\"string\"><text:p>{name}</text:p></table:table-cell></table:table-row></table:table>"
        )
    };
    let linked = table("'file:///c/annan.ods'#Blad1", "ta2", "<table:table-source/>");
    let tables = table("Mars", "ta1", "") + &table("Mall &amp; val", "ta2", "") + &linked;
    let read = book(&ods_bytes(styles, &tables, "")).unwrap();
    assert_eq!(read.hidden, ["Mall & val"]);
    assert_eq!(read.sheets.iter().map(shown).collect::<Vec<_>>(), ["Mars\n"]);
}

#[test]
fn two_sheets_of_one_name_are_damage() {
    let sheet = || ("Mars", "visible", "<sheetData><row><c><v>1</v></c></row></sheetData>".to_owned());
    let sheets = vec![sheet(), sheet()];
    assert_eq!(book(&Xlsx { sheets, ..one("", "") }.bytes()).unwrap_err().rule, ValidationRule::WorkbookDamaged);
}

#[test]
fn rows_and_columns_that_are_hidden_are_read_and_told() {
    let row = |n: u32, hidden: &str| format!("<row r=\"{n}\" {hidden}><c r=\"A{n}\"><v>{n}</v></c></row>");
    let rows =
        row(1, "") + &row(2, "hidden=\"1\"") + &row(3, "hidden=\"true\"") + &row(4, "hidden=\"0\"") + &row(7, "hidden=\"1\"");
    let columns = "<cols><col min=\"1\" max=\"1\" hidden=\"1\"/><col min=\"3\" max=\"16384\" hidden=\"1\"/><col min=\"2\" max=\"2\"/></cols>";
    let mut made = one(&rows, "");
    made.sheets[0].2.insert_str(0, columns);
    let read = book(&made.bytes()).unwrap();
    let told = &read.sheets[0].told;
    assert_eq!(
        (told.hidden_rows.as_slice(), told.hidden_columns.as_slice()),
        (&[(1, 2), (6, 6)][..], &[(0, 0), (2, 16_383)][..])
    );
    assert_eq!(shown(&read.sheets[0]), "1\n2\n3\n4\n\n\n7\n");
}

#[test]
fn what_only_has_the_name_of_a_workbook_is_told_for_what_it_is() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let xml = "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">";
    let flat = "<?xml version=\"1.0\"?>\n<office:document xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\">";
    for (head, rule) in [
        (b"\xEF\xBB\xBF  <!DOCTYPE HTML><html><body>".to_vec(), Some(ValidationRule::Html)),
        (b"<table border=\"1\"><tr><td>Personnr</td></tr></table>".to_vec(), Some(ValidationRule::Html)),
        (b"<meta charset=utf-8><style>td{}</style><table>".to_vec(), Some(ValidationRule::Html)),
        (b"<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head>".to_vec(), Some(ValidationRule::Html)),
        (
            b"<?xml version=\"1.0\"?><!DOCTYPE html><html xmlns=\"http://www.w3.org/1999/xhtml\">".to_vec(),
            Some(ValidationRule::Html),
        ),
        (
            b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\nContent-Type: text/html".to_vec(),
            Some(ValidationRule::Html),
        ),
        (xml.as_bytes().to_vec(), Some(ValidationRule::Xml2003)),
        ([&[0xFF, 0xFE], utf16(xml).as_slice()].concat(), Some(ValidationRule::Xml2003)),
        (b"<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>".to_vec(), Some(ValidationRule::Xml2003)),
        (flat.as_bytes().to_vec(), Some(ValidationRule::FlatOds)),
        (b"Personnr;Projekt\n<table>;x\n".to_vec(), None),
        (b"PK\x03\x04".to_vec(), None),
        (b"<5 dagar;Projekt".to_vec(), None),
        (Vec::new(), None),
    ] {
        assert_eq!(guise::of(&head), rule, "{}", String::from_utf8_lossy(&head));
    }
}
