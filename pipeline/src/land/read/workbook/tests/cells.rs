//! What the text of a cell is.

use super::*;

#[test]
fn cells_become_text_that_keeps_rows_and_digits() {
    let mut made = rust_xlsxwriter::Workbook::new();
    let sheet = made.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(2, 1, "Personnr").unwrap().write(2, 2, "Start").unwrap();
    sheet.write(3, 1, 199_006_011_234_f64).unwrap().write_with_format(3, 2, 44_228, &date).unwrap();
    sheet.write(4, 1, 1.5).unwrap().write(4, 2, 44_228).unwrap();
    sheet.write(5, 1, "a\nb\u{1f}c").unwrap().write(5, 2, true).unwrap();
    let read = book(&made.save_to_buffer().unwrap()).unwrap();
    assert_eq!(shown(&read.sheets[0]), "\n\n|Personnr|Start\n|199006011234|2021-02-01\n|1.5|44228\n|a b c|ja\n");
}

#[test]
fn cells_are_where_they_say_in_whatever_order_they_come() {
    let cell = |place: &str, value| format!("<c r=\"{place}\"><v>{value}</v></c>");
    let cells = [cell("C2", 3), cell("B5", 5), cell("A2", 1), cell("C2", 4), "<c r=\"D9\"/>".into()].concat();
    assert_eq!(one(&format!("<row>{cells}</row>"), "").text(), "\n1||4\n\n\n|5|\n");
    assert!(book(&one("<row><c r=\"A1\"/></row>", "").bytes()).unwrap().sheets.is_empty());
}

#[test]
fn cells_far_apart_cost_what_they_are_and_too_many_are_refused() {
    let cell = |row: u32, column: &str| format!("<row><c r=\"{column}{row}\"><v>1</v></c></row>");
    let far = one(&(cell(1, "A") + &cell(1 << 20, "XFD")), "").text();
    assert_eq!((far.len(), far.lines().count()), (2 * (1 << 14) + (1 << 20), 1 << 20));
    let many: String = (1..=1 << 14).map(|row| cell(row, "XFD")).collect();
    assert_eq!(book(&one(&many, "").bytes()).unwrap_err().rule, ValidationRule::TooManyRows);
    for beyond in ["XFE1", "A1048577", "A99999999999"] {
        let damaged = book(&one(&format!("<row><c r=\"{beyond}\"><v>1</v></c></row>"), "").bytes());
        assert_eq!(damaged.unwrap_err().rule, ValidationRule::WorkbookDamaged, "{beyond}");
    }
}

/// The text of one cell of an XLSX, with its attributes.
fn cell(attributes: &str, inner: &str, made: Xlsx<'_>) -> String {
    let inner = format!("<sheetData><row r=\"1\"><c r=\"A1\" {attributes}>{inner}</c></row></sheetData>");
    let read = book(&Xlsx { sheets: vec![("Mars", "visible", inner)], ..made }.bytes()).unwrap();
    read.sheets.first().map(shown).unwrap_or_default().trim_end_matches('\n').to_owned()
}

#[test]
fn numbers_have_the_digits_that_a_spreadsheet_shows() {
    for (stored, shown) in [
        ("12.000000000000002", "12"),
        ("11.999999999999998", "12"),
        ("7.000000000000001", "7"),
        ("0.30000000000000004", "0.3"),
        ("100.0", "100"),
        ("1.2E1", "12"),
        ("1.99006E11", "199006000000"),
        ("199006011234", "199006011234"),
        ("199006011234.00002", "199006011234"),
        ("123456789012345", "123456789012345"),
        ("1234567890123456", "1234567890123460"),
        ("0.1", "0.1"),
        ("33.3333333333333357", "33.3333333333333"),
        ("-12.000000000000002", "-12"),
        ("-0", "0"),
        ("0.00001", "0.00001"),
    ] {
        assert_eq!(cell("", &format!("<v>{stored}</v>"), one("", "")), shown, "{stored}");
    }
}

#[test]
fn moments_at_midnight_are_dates_and_others_keep_their_time() {
    for (stored, shown) in [
        ("2021-03-01", "2021-03-01"),
        ("2021-03-01T00:00:00", "2021-03-01"),
        ("2021-03-01T00:00:00Z", "2021-03-01"),
        ("2021-03-01T00:00:00.000Z", "2021-03-01"),
        ("2021-03-01T00:00", "2021-03-01"),
        ("2021-03-01 00:00:00+01:00", "2021-03-01"),
        ("2021-03-01T13:30:00Z", "2021-03-01 13:30:00"),
        ("2021-03-01T00:00:01", "2021-03-01 00:00:01"),
    ] {
        assert_eq!(cell("t=\"d\"", &format!("<v>{stored}</v>"), one("", "")), shown, "{stored}");
    }
    let styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>";
    for (stored, shown) in
        [("44228", "2021-02-01"), ("44227.9999999999", "2021-02-01"), ("44228.5", "2021-02-01 12:00:00"), ("-3", "-3")]
    {
        assert_eq!(cell("s=\"1\"", &format!("<v>{stored}</v>"), Xlsx { styles, ..one("", "") }), shown, "{stored}");
    }
}

#[test]
fn days_are_counted_from_the_day_that_the_workbook_says() {
    let styles = "<numFmts><numFmt numFmtId=\"165\" formatCode=\"d mmmm yyyy\"/><numFmt numFmtId=\"166\" \
                  formatCode=\"[$-41D]yyyy/mm/dd;@\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
                  <xf numFmtId=\"165\"/><xf numFmtId=\"166\"/></cellXfs>";
    for (says, other) in
        [("<workbookPr date1904=\"1\"/>", true), ("<workbookPr date1904=\"true\"/>", true), ("<workbookPr/>", false)]
    {
        let made = || Xlsx { says, styles, ..one("", "") };
        let day = if other { 42_766 } else { 44_228 };
        for style in 1..4 {
            assert_eq!(cell(&format!("s=\"{style}\""), &format!("<v>{day}</v>"), made()), "2021-02-01", "{says}, {style}");
        }
        // A number without a format stays one; whoever knows its column knows what to make of it.
        let mut plain = made();
        plain.sheets[0].2 = format!("<sheetData><row><c><v>{day}</v></c></row></sheetData>");
        let read = book(&plain.bytes()).unwrap();
        assert_eq!((shown(&read.sheets[0]), read.sheets[0].told.other_days), (format!("{day}\n"), other));
    }
}

#[test]
fn text_is_what_is_shown_of_it_however_it_is_put_together() {
    let inline = |inner: &str| cell("t=\"inlineStr\"", &format!("<is>{inner}</is>"), one("", ""));
    assert_eq!(
        inline("<r><t>Halm</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\">stad </t></r><r><t>1</t></r>"),
        "Halmstad 1"
    );
    assert_eq!(inline("<t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh><phoneticPr fontId=\"1\"/>"), "東京");
    assert_eq!(inline("<t xml:space=\"preserve\">a &amp; b&#10;c</t>"), "a & b c");
    let strings = "<si><r><t>Falken</t></r><r><t>berg</t></r><rPh sb=\"0\" eb=\"1\"><t>x</t></rPh></si>";
    assert_eq!(cell("t=\"s\"", "<v>0</v>", Xlsx { strings, ..one("", "") }), "Falkenberg");
    assert_eq!(["0", "1"].map(|v| cell("t=\"b\"", &format!("<v>{v}</v>"), one("", ""))), ["nej", "ja"]);
}

#[test]
fn errors_are_errors_also_those_that_the_reader_does_not_know() {
    for error in ["#N/A", "#DIV/0!", "#SPILL!", "#CALC!", "#BLOCKED!"] {
        let text = cell("t=\"e\"", &format!("<v>{error}</v>"), one("", ""));
        assert_eq!(fault(&text), Some(ValidationRule::ExcelError), "{error}");
    }
    // The cells after it are where they were; a file whose cells do not say where they are is not guessed at.
    let row = |a: &str, b: &str| format!("<row r=\"1\"><c {a} t=\"e\"><v>#SPILL!</v></c><c {b}><v>7</v></c></row>");
    assert_eq!(one(&row("r=\"A1\"", "r=\"B1\""), "").text(), "#|7\n");
    assert_eq!(book(&one(&row("", ""), "").bytes()).unwrap_err().rule, ValidationRule::WorkbookDamaged);
}
