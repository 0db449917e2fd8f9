//! Files that have the name of a workbook, or of a CSV, and are something else that spreadsheet programs open without a word.

use crate::land::finding::ValidationRule;

/// So many of a file's first bytes are looked at.
pub const HEAD: usize = 1 << 11;

/// What a file is, by its first bytes, if it is none of a list's forms; the rule for which it is rejected.
pub fn of(head: &[u8]) -> Option<ValidationRule> {
    // In UTF-16 every other byte of this is zero.
    let text: Vec<u8> = head.iter().copied().filter(|b| *b != 0 && b.is_ascii()).map(|b| b.to_ascii_lowercase()).collect();
    let text = text.trim_ascii_start();
    let holds = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    if text.starts_with(b"mime-version:") && holds(b"text/html") {
        return Some(ValidationRule::Html);
    }
    if !text.starts_with(b"<") {
        return None;
    }
    if holds(b"urn:schemas-microsoft-com:office:spreadsheet") && !holds(b"<html") {
        return Some(ValidationRule::Xml2003);
    }
    if holds(b"progid=\"excel.sheet\"") {
        return Some(ValidationRule::Xml2003);
    }
    if holds(b"urn:oasis:names:tc:opendocument") || holds(b"<office:document") {
        return Some(ValidationRule::FlatOds);
    }
    const HTML: [&[u8]; 10] =
        [b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<meta", b"<style", b"<title", b"<div", b"<center"];
    HTML.into_iter().any(holds).then_some(ValidationRule::Html)
}
