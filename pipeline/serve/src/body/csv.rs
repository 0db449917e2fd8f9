//! CSV as PxWeb writes it: a column for each dimension before the rows, then one for each combination of those above, whose names stand
//! together with spaces between. Texts are in quotation marks, numbers have a decimal point, a number that is missing is `".."`.

use utfall_ground::text::Lang;
use utfall_publish::dataset::selection::Excerpt;

use super::placement::{Placed, combinations, named, number, title};
use super::{Separator, Style};

/// What stands where there is no number.
const NONE: &str = "\"..\"";

/// An excerpt as a file.
pub(super) fn file(excerpt: Excerpt<'_>, placed: &Placed, style: Style, lang: Lang) -> String {
    let (cube, selection) = (excerpt.cube, excerpt.selection);
    let separator = match style.separator {
        Separator::Comma => ",",
        Separator::Tab => "\t",
        Separator::Space => " ",
        Separator::Semicolon => ";",
    };
    let mut file = String::new();
    if style.has_title {
        file.push_str(&format!("{}\r\n\r\n", quoted(cube.set.title.get(lang))));
    }
    let (rows, columns) = (combinations(selection, &placed.stub), combinations(selection, &placed.heading));
    let above = |column: &Vec<_>| {
        let names: Vec<String> = column.iter().map(|(axis, place)| named(cube, *axis, *place, style, lang)).collect();
        // Nothing stands above the one column of a table that has all before its rows.
        quoted(&if names.is_empty() { cube.set.title.get(lang).to_owned() } else { names.join(" ") })
    };
    let titles = placed.stub.iter().map(|axis| quoted(&title(cube, *axis, style, lang)));
    let head: Vec<String> = titles.chain(columns.iter().map(above)).collect();
    file.push_str(&head.join(separator));
    file.push_str("\r\n");
    for row in &rows {
        let mut fields: Vec<String> = row.iter().map(|(axis, place)| quoted(&named(cube, *axis, *place, style, lang))).collect();
        let cells = columns.iter().map(|column| number(excerpt, row.iter().chain(column).copied()).unwrap_or(NONE).to_owned());
        fields.extend(cells);
        file.push_str(&fields.join(separator));
        file.push_str("\r\n");
    }
    file
}

/// A text in quotation marks; one that a spreadsheet would take for a formula gets an apostrophe in front.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\"").replace(['\r', '\n'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula_or_ends_its_field() {
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(quoted("-15"), "\"'-15\"");
        assert_eq!(quoted("å\r\n;<b>"), "\"å  ;<b>\"");
    }
}
