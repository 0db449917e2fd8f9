//! Zip files of given parts, stored: so that a change of the fuzzer's is a change of what a workbook's reader sees, and not
//! of a checksum.

/// A zip of these files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let at = bytes.len();
        // Version 20, no flags, stored, at midnight of 1980-01-01.
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc32fast::hash(data).to_le_bytes());
        common.extend([number(data.len()), number(data.len()), number(name.len())].concat());
        bytes.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), data].concat());
        directory.extend([b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10], &number(at), name.as_bytes()].concat());
    }
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX).to_le_bytes();
    let (at, size) = (number(bytes.len()), number(directory.len()));
    bytes.extend(directory);
    bytes.extend([b"PK\x05\x06\0\0\0\0", count.as_slice(), &count, &size, &at, &[0, 0]].concat());
    bytes
}

/// A workbook in XLSX of one sheet, of its parts as XML: the sheet, the shared strings, the styles.
pub fn xlsx(sheet: &[u8], strings: &[u8], styles: &[u8]) -> Vec<u8> {
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let rels = |to: &str, what: &str| {
        format!(
            r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/{what}" Target="{to}"/></Relationships>"#
        )
    };
    let (package, parts) = (rels("xl/workbook.xml", "officeDocument"), rels("worksheets/sheet1.xml", "worksheet"));
    let workbook =
        format!(r#"<workbook xmlns:r="{OFFICE}"><sheets><sheet name="Mars" sheetId="1" r:id="rId1"/></sheets></workbook>"#);
    zip(&[
        ("_rels/.rels", package.as_bytes()),
        ("xl/_rels/workbook.xml.rels", parts.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
        ("xl/styles.xml", styles),
    ])
}

/// A workbook in ODS, of its content as XML.
pub fn ods(content: &[u8]) -> Vec<u8> {
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:manifest></manifest:manifest>"),
        ("content.xml", content),
    ])
}
