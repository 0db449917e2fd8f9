use super::*;

fn known(heading: &str) -> bool {
    ["Kön", "Åtgärd", "Personnr"].contains(&heading)
}

fn split(line: &str, separator: u8) -> Vec<String> {
    let mut fields = Fields::default();
    fields.split(line.as_bytes(), separator).unwrap();
    (0..fields.len()).map(|i| fields.get(i).to_owned()).collect()
}

#[test]
fn headings_are_found_below_titles_and_with_any_separator() {
    for separator in [";", "\t", ",", "|"] {
        let top = format!("Deltagarlista för mars 2021\n\nKön{separator} \"Åtgärd\" {separator}x\n1{separator}2{separator}3\n");
        let layout = layout(&top, None, known).unwrap_or_else(|f| panic!("{separator:?}: {f:?}"));
        assert_eq!((layout.heading_row, layout.titles.len(), layout.separator), (3, 1, separator.as_bytes()[0]));
        assert_eq!(layout.headings, ["Kön", "Åtgärd", "x"]);
    }
    let told = layout("sep=,\nKön,Personnr,Åtgärd;x\n", None, known).unwrap();
    assert_eq!((told.headings, told.titles.len()), (["Kön", "Personnr", "Åtgärd;x"].map(str::to_owned).to_vec(), 0));
}

#[test]
fn what_has_no_headings_is_rejected_with_its_reason() {
    let rule = |top: &str| layout(top, None, known).unwrap_err().rule;
    assert_eq!(rule(""), ValidationRule::EmptyFile);
    assert_eq!(rule("\n;;\n"), ValidationRule::EmptyFile);
    assert_eq!(rule("Kön;Åtgärd,x\n"), ValidationRule::Separator);
    assert_eq!(rule("Kön;Åtgärd;x,Kön,Åtgärd\n"), ValidationRule::Separator);
    assert_eq!(rule("just one column\n1\n"), ValidationRule::Separator);
    assert_eq!(rule("date;temperature\n2021-03-01;7\n"), ValidationRule::NoTable);
    assert_eq!(rule("\"Lista\nKön;Åtgärd;x\n1;2;3\n"), ValidationRule::Quote);
}

#[test]
fn a_row_ends_where_its_quotation_marks_let_it() {
    let text = b"a;\"b\r\nc\"\r\n\nd;e\n\"f\n\ng\";h";
    let (mut splitter, mut fields, mut rows) = (Splitter::new(text, b';'), Fields::default(), Vec::new());
    while splitter.next(&mut fields).is_some_and(|split| split.is_ok()) {
        rows.push((0..fields.len()).map(|i| fields.get(i).to_owned()).collect::<Vec<_>>().join("|"));
    }
    assert_eq!(rows, ["a|b\nc", "", "d|e", "f\n\ng|h"]);
    let layout = layout("\"Mars\n2021\"\n\"Kö\nn\";Åtgärd;Personnr\n", None, |h| h.starts_with("Kö") || known(h)).unwrap();
    assert_eq!((layout.heading_row, layout.titles), (2, vec![Title("Mars\n2021".to_owned())]));
    assert_eq!(layout.headings, ["Kön", "Åtgärd", "Personnr"]);
}

#[test]
fn people_above_the_headings_are_not_titles() {
    let rule = |top: &str| layout(top, None, known).map_err(|f| (f.rule, f.row));
    let headings = "Kön;Åtgärd;Personnr\n";
    for titles in ["x;y\n", "Lista;;\nx;;y\n", "x;x;x\n", "3;0701234567;\n"] {
        assert!(rule(&format!("{titles}{headings}")).is_ok(), "{titles}");
    }
    for people in ["x;y;z\n", "\n;;189001019802\n", "189001019802\nx\n"] {
        let found = rule(&format!("{people}{headings}")).unwrap_err();
        assert_eq!(found.0, ValidationRule::RowsAbove, "{people}");
    }
    assert_eq!(rule(&format!("Lista\nx;y;z\nu;v;w\n{headings}")).unwrap_err(), (ValidationRule::RowsAbove, Some(2)));
}

#[test]
fn fields_are_split_as_spreadsheets_write_them() {
    assert_eq!(split("1;\"2;3\";\"a \"\"b\"\"\"; 4 \u{a0};", b';'), ["1", "2;3", "a \"b\"", "4", ""]);
    assert_eq!(split("5\" pipe;2", b';'), ["5\" pipe", "2"]);
    assert_eq!(split(" \"x\" ;2", b';'), ["x", "2"]);
    assert_eq!(split("\"a\r\nb;c\"; \"x\ny\" ;2", b';'), ["a\nb;c", "x\ny", "2"]);
    for open in ["3;\"4", "3;\"4\n5;6", "\"4\n5\"6;7", "\"4\n5\" 6"] {
        assert_eq!(Fields::default().split(open.as_bytes(), b';'), Err(OpenQuote), "{open}");
    }
    assert_eq!(lines("a\r\nb\n\nc").collect::<Vec<_>>(), ["a", "b", "", "c"]);
}
