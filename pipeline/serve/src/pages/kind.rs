//! What a file holds, by the end of its name: programs are told, for they may not guess (`X-Content-Type-Options: nosniff`).

/// The media type of a file.
pub(crate) fn of(name: &str) -> &'static str {
    let ends = |end: &str| name.len() > end.len() && name.to_ascii_lowercase().ends_with(end);
    KINDS.iter().find(|(end, _)| ends(end)).map_or("application/octet-stream", |(_, kind)| kind)
}

/// Whether files of a type get smaller when they are compressed.
pub(crate) fn is_text(kind: &str) -> bool {
    let structured = ["json", "xml", "javascript"].iter().any(|word| kind.contains(word));
    kind.starts_with("text/") || (structured && !kind.contains("openxml"))
}

/// The types, by the ends of names; the longer ends first.
const KINDS: &[(&str, &str)] = &[
    (".csv-metadata.json", "application/csvm+json"),
    (".html", "text/html; charset=utf-8"),
    (".csv", "text/csv; charset=utf-8"),
    (".jsonld", "application/ld+json"),
    (".json", "application/json"),
    (".px", "text/x-pcaxis"),
    (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (".ods", "application/vnd.oasis.opendocument.spreadsheet"),
    (".parquet", "application/vnd.apache.parquet"),
    (".rdf", "application/rdf+xml"),
    (".ttl", "text/turtle; charset=utf-8"),
    (".xml", "application/xml"),
    (".atom", "application/atom+xml"),
    (".svg", "image/svg+xml"),
    (".png", "image/png"),
    (".ico", "image/x-icon"),
    (".css", "text/css; charset=utf-8"),
    (".js", "text/javascript; charset=utf-8"),
    (".md", "text/markdown; charset=utf-8"),
    (".txt", "text/plain; charset=utf-8"),
    (".sql", "text/plain; charset=utf-8"),
    (".pdf", "application/pdf"),
    (".zip", "application/zip"),
    (".gz", "application/gzip"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_told_by_the_end_of_a_name() {
        assert_eq!(of("a.csv-metadata.json"), "application/csvm+json");
        assert_eq!(
            [of("index.HTML"), of("x"), of(".csv")],
            ["text/html; charset=utf-8", "application/octet-stream", "application/octet-stream"]
        );
        assert!([of("a.csv"), of("a.json"), of("a.svg"), of("a.rdf"), of("a.px")].into_iter().all(is_text));
        assert!(![of("a.xlsx"), of("a.png"), of("a.parquet"), of("a.zip")].into_iter().any(is_text));
    }
}
