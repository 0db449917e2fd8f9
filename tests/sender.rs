//! What a sender sends cannot hurt: not the memory of the process that holds the key, not the run that waits for nothing, not
//! the budget, and not the eyes of whoever reads what is told of it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::cases::filled;
use crate::robust::zipped;
use crate::world::{Said, World, files, repository, said};

const HEADINGS: &str = "Projekt;Personnr;Startdatum";

/// Runs the program and looks, all the while, at the most memory that it has had: its own, not that of who reads for it.
fn memory(world: &World, arguments: &[&str]) -> (Said, u64) {
    let mut child = world.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
        most = most.max(peak.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    (said(child.wait_with_output().unwrap()), most)
}

/// An XLSX of so many sheets, all of them the same part, packed.
fn xlsx(sheets: usize, rows: &str, after: &str, string: &str) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |what: &str, target: &str| format!("<Relationship Id=\"r1\" Type=\"{office}/{what}\" Target=\"{target}\"/>");
    let relations = |what: &str, target: &str| format!("<Relationships>{}</Relationships>", relation(what, target));
    let names: String = (1..=sheets).map(|i| format!("<sheet name=\"Blad {i}\" sheetId=\"{i}\" r:id=\"r1\"/>")).collect();
    let book = format!("<workbook xmlns:r=\"{office}\"><sheets>{names}</sheets></workbook>");
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>");
    zipped(
        &[
            ("_rels/.rels", &relations("officeDocument", "xl/workbook.xml")),
            ("xl/_rels/workbook.xml.rels", &relations("worksheet", "worksheets/sheet1.xml")),
            ("xl/workbook.xml", &book),
            ("xl/worksheets/sheet1.xml", &sheet),
            ("xl/sharedStrings.xml", &format!("<sst><si><t>{string}</t></si></sst>")),
        ],
        zip::CompressionMethod::Deflated,
    )
}

/// A packed ODS of one row that is there again and again.
fn ods(rows: u32, columns: u32, text: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"Mars\">\
         <table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell table:number-columns-repeated=\"{columns}\" \
         office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell></table:table-row></table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    );
    let parts = [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest></manifest:manifest>"),
        ("content.xml", &content),
    ];
    zipped(&parts, zip::CompressionMethod::Deflated)
}

fn text(cell: &str) -> String {
    format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>")
}

#[test]
fn a_few_bytes_of_workbook_take_no_memory_from_who_holds_the_key() {
    let world = World::new("10");
    let (long, shared) = ("lång ".repeat(5_000), "<c t=\"s\"><v>0</v></c>");
    // Ten sheets of a hundred megabytes each, all of them read from one part.
    let again = xlsx(10, &format!("<row>{}</row>", shared.repeat(3_300)), "", &long);
    // The same within the room of one workbook, so that it is taken in and looked at.
    let fits = xlsx(10, &format!("<row>{}</row>", shared.repeat(100)), "", &long);
    // A cell of thirty thousand letters that is merged with those of three thousand rows below it.
    let heading: String = ["Personnr", "Projekt", "Startdatum", "Kommun"].map(text).concat();
    let row = |at: usize| format!("<row>{}<c/><c/>{}</row>", text("19121212-1212"), if at == 0 { shared } else { "<c/>" });
    let rows: String = (0..3_000).map(row).collect();
    let merged = xlsx(1, &format!("<row>{heading}</row>{rows}"), "<mergeCells><mergeCell ref=\"D2:D3001\"/></mergeCells>", &long);
    for (name, bytes, rules) in [
        ("again.xlsx", again, ["file.rows", "file.rows"]),
        ("fits.xlsx", fits, ["file.no-sheet", "file.no-table"]),
        ("merged.xlsx", merged, ["file.rows", "file.rows"]),
        ("repeated.ods", ods(600, 100, &"värde ".repeat(100)), ["file.rows", "file.rows"]),
    ] {
        assert!(bytes.len() < 200_000, "{name}: {}", bytes.len());
        let path = world.write(name, bytes);
        let (said, most) = memory(&world, &["land", &path]);
        assert_eq!(said.code, 3, "{name}: {said:?}");
        assert!(rules.iter().any(|rule| said.out.contains(&format!("[{rule}]"))), "{name}: {said:?}");
        assert!((1..300 << 10).contains(&most), "{name} took {most} kB");
    }
}

#[test]
fn what_an_inbox_cannot_follow_is_told_and_no_release_is_paid_for_without_it() {
    let world = World::new("10");
    world.ok(&["demo", &world.text("in")]);
    let place = |name: &str| world.path(&format!("in/{name}"));
    // What is hidden and what others leave there is none of the lists.
    for folder in [".git", "lost+found", "__MACOSX", "~old"] {
        std::fs::create_dir(place(folder)).unwrap();
    }
    world.write("in/Thumbs.db", b"x");
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, place(name)).unwrap();
    let run = || world.run(&["run", "--inbox", &world.text("in"), "outcomes"]);
    let spent = || files(&world.path("data/ledger")).len();
    type Put<'p> = (&'p str, &'p dyn Fn(&str), &'p str);
    let puts: [Put<'_>; 4] = [
        ("mars", &|name| std::fs::create_dir(place(name)).unwrap(), "folders are not looked into: move the lists in it up"),
        ("april.csv", &|name| link("/nowhere/april.csv", name), "a link that leads nowhere; put the list itself there"),
        ("maj.csv", &|name| link("maj.csv", name), "a link that leads nowhere"),
        ("juni.csv", &|name| link("/dev/zero", name), "not a file but a pipe (FIFO) or a device"),
    ];
    for (name, put, words) in puts {
        put(name);
        let said = run();
        assert!(said.code == 3 && said.out.contains(&format!("{}: rejected", place(name).display())), "{name}: {said:?}");
        assert!(said.out.contains(words), "{name}: {said:?}");
        assert!(spent() == 1 && !world.path("out").exists(), "{name}: nothing is paid for");
        let removed = if place(name).is_symlink() { std::fs::remove_file(place(name)) } else { std::fs::remove_dir(place(name)) };
        removed.unwrap();
    }
    // The lists beside it landed at the first time.
    assert!(world.ok(&["land", &world.text("in/asap-participation.csv")]).contains("landed before"));
    let said = run();
    assert!(said.code == 0 && said.out.contains("budget spent"), "{said:?}");
}

/// Runs the program for a minute at most: who waits for a pipe is ended with code 124.
fn timed(world: &World, arguments: &[&str], input: Stdio) -> Said {
    let told = world.command(arguments);
    let mut command = Command::new("timeout");
    command.arg("60").arg(told.get_program()).args(told.get_args()).stdin(input);
    for (name, value) in told.get_envs() {
        value.map(|value| command.env(name, value));
    }
    said(command.output().unwrap())
}

#[test]
fn a_pipe_or_a_device_is_refused_wherever_a_file_is_named() {
    let world = World::new("10");
    let (pipe, zero) = (world.text("pipe"), world.text("zero"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", &zero).unwrap();
    let list = world.write("list.csv", filled(format!("{HEADINGS}\nPROGRESS;{{0}};2021-03-01\n").as_bytes()));
    for path in [&pipe, &zero] {
        for arguments in [
            vec!["land", path],
            vec!["land", "--map", path, &list],
            vec!["map", path],
            vec!["register", "add", path],
            vec!["verify", "--certificate", path],
        ] {
            let said = timed(&world, &arguments, Stdio::null());
            assert!(matches!(said.code, 2 | 3), "{arguments:?}: {said:?}");
            let words = said.out + &said.err;
            assert!(words.contains("a pipe") && words.contains(path.as_str()), "{arguments:?}: {words}");
        }
    }
    // A key that is one, for its owner only.
    let key = world.path("keys/pseudonym.key");
    std::fs::rename(&key, world.path("key")).unwrap();
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&key).status().unwrap().success());
    let said = timed(&world, &["land", &list], Stdio::null());
    assert!(said.code == 5 && said.err.contains("a pipe"), "{said:?}");
    std::fs::rename(world.path("key"), &key).unwrap();

    // Standard input may be anything, and is read to its end, but not for ever.
    assert!(world.ok(&["land", &list]).contains("1 row landed"));
    let endless = Stdio::from(std::fs::File::open("/dev/zero").unwrap());
    let said = timed(&world, &["forget"], endless);
    assert!(said.code == 2 && said.err.contains("nothing was changed"), "{said:?}");
    let mut numbers = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut numbers.stdin.take().unwrap(), &filled(b"{0}\n")).unwrap();
    let said = timed(&world, &["forget"], Stdio::from(numbers.stdout.take().unwrap()));
    numbers.wait().unwrap();
    assert!(said.code == 0 && said.out.contains("1 of 1 people"), "{said:?}");
}

#[test]
fn another_file_than_a_mapping_is_not_quoted() {
    let world = World::new("10");
    let key = std::fs::read_to_string(world.path("keys/pseudonym.key")).unwrap();
    let list = world.write("list.csv", format!("{HEADINGS}\n"));
    for (name, text) in [("key.toml", key.clone()), ("value.toml", format!("drop = [\"x\"]\n[columns]\nx = {key}"))] {
        let map = world.write(name, text);
        let said = world.run(&["land", "--map", &map, &list]);
        assert!(said.code == 2 && said.err.contains(", line ") && !said.err.contains(&key.trim()[..16]), "{said:?}");
    }
}

#[test]
fn a_list_of_a_hundred_thousand_columns_is_told_in_some_lines() {
    let world = World::new("10");
    let columns: String = (0..100_000).map(|at| format!(";k{at}")).collect();
    let list = world.write("wide.csv", format!("{HEADINGS}{columns}\nPROGRESS;x;2021-03-01\n"));
    let fix = world.text("fix");
    let said = world.run(&["land", "--fix-list", &fix, &list]);
    assert_eq!(said.code, 3);
    assert!(said.out.lines().count() < 220 && said.out.contains("and 99800 more findings [column.unknown]"), "{}", said.out);
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(world.path("fix/wide.fix-list.json")).unwrap()).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert_eq!((findings.len(), &findings[1_000]["count"]), (1_001, &serde_json::json!(99_000)));
    let length = |name: &str| std::fs::metadata(world.path(name)).unwrap().len();
    assert!(length("fix/wide.fix-list.json") < 1 << 20 && length("fix/wide.fix-list.xlsx") < 1 << 20);
}

#[test]
fn what_turns_or_hides_in_names_of_files_and_sheets_is_marked() {
    let world = World::new("10");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Ma\u{202e}sr\u{200b}").unwrap();
    for (column, heading) in (0..).zip(HEADINGS.split(';')) {
        sheet.write(0, column, heading).unwrap().write(1, column, "x").unwrap();
    }
    book.add_worksheet().set_name("Dol\u{2067}d").unwrap().set_hidden(true);
    let bytes = book.save_to_buffer().unwrap();
    let folder = world.path("in");
    std::fs::create_dir(&folder).unwrap();
    // Letters that turn, a bell, an escape, a line of its own, and bytes that are no text.
    let names: [&[u8]; 3] = ["lista\u{202e}xslx.csv".as_bytes(), b"a\x1b[2J\x07\nb.xlsx", b"c\xFF\xFE.xlsx"];
    for name in names {
        std::fs::write(folder.join(OsStr::from_bytes(name)), &bytes).unwrap();
    }
    std::os::unix::fs::symlink("/nowhere", folder.join("d\u{2066}ead.csv")).unwrap();
    let unseen =
        |text: &str| text.chars().any(|c| (c.is_control() && c != '\n') || "\u{202e}\u{200b}\u{2066}\u{2067}".contains(c));
    let land = Command::new(env!("CARGO_BIN_EXE_utfall"))
        .args(["land", "--fix-list", &world.text("fix")])
        .args(names.map(|name| folder.join(OsStr::from_bytes(name))))
        .envs(world.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("UTFALL_HOME", repository())
        .output();
    let land = said(land.unwrap());
    assert!(land.out.contains("Dol\u{fffd}d"), "{land:?}");
    let run = world.run(&["run", "--inbox", &world.text("in")]);
    for told in [land, run] {
        assert!(told.code == 3 && !unseen(&told.out) && !unseen(&told.err), "{told:?}");
        for name in
            ["lista\u{fffd}xslx.csv", "a\u{fffd}[2J\u{fffd}\u{fffd}b.xlsx", "c\u{fffd}\u{fffd}.xlsx", "Ma\u{fffd}sr\u{fffd}"]
        {
            assert!(told.out.contains(name), "{name}: {told:?}");
        }
    }
    let written = files(&world.path("fix"));
    assert_eq!(written.len(), 6, "{written:?}");
    assert!(written.iter().all(|path| !unseen(path.to_str().unwrap())), "{written:?}");
    let json = |path: &&std::path::PathBuf| path.extension().is_some_and(|kind| kind == "json");
    assert!(written.iter().filter(json).all(|path| !unseen(&std::fs::read_to_string(path).unwrap())));
}

#[test]
fn a_project_page_cannot_write_on_the_screen() {
    let world = World::new("10");
    let home = world.path("home");
    crate::world::copy(&repository().join("schemas"), &home.join("schemas"));
    let page = "Projektnamn: Ste\u{1b}[2Jgen\u{202e}x\nRegion: Norr\u{202e}land\nOkänt\u{7}: x\n";
    let page = world.write("page.txt", page);
    let said = world.run(&["register", "--home", Path::new(&home).to_str().unwrap(), "add", &page]);
    let unseen = |text: &str| text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}');
    assert!(said.code == 2 && !unseen(&said.out) && !unseen(&said.err), "{said:?}");
}
