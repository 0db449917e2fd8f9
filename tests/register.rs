//! Projects taken into the register from pages and CSVs: what is read, what is not, and that no contact person comes along.

use crate::world::{RELEASE, Said, World, home, said};

/// Contact particulars that no output, message or register may hold, in whole or in part.
const SECRET: [&str; 6] = ["Provsson", "Testa", "testa@", "0700", "98765", "Hemgatan"];

/// A page with labels and values on lines of their own.
const LINES: &str = "\
2018/00777 - Nya Vägar\n\
\n\
Diarienummer:\n2018/00777\n\
Namn:\nNya Vägar!\n\
Startdatum:\n\
Slutdatum:\n\
Projektnummer:\n2018/00777\n\
Projektägare:\nProvköpings Kommun, Arbetsmarknad\n\
Region:\nÖstra Mellansverige\n\
Planerat antal deltagare:\n120\n\
Projektperiod:\n2018-03-01 - 2020-12-31\n\
Total projektbudget:\n5 377 638\n\
Beviljat ESF-stöd:\n2\u{a0}533\u{a0}444\n\
Kontaktperson:\nTesta Provsson\n\
E-post:\ntesta@provkoping.example\n\
Stödmottagare postnr:\n98765\n\
Stödmottagarens address:\n\
Programområde:\n2\n\
Specifikt mål:\n2.1\n\
Unionens medfinansieringsgrad:\n50%\n\
Interventionstyp:\n102\n\
\n\
Här berättar Testa Provsson, Hemgatan 1, om projektet.\n\
Region:\nIngenstans\n";

/// A page with labels and values glued together.
const GLUED: &str = "\
Logotyp på utskrifter

Information med anledning av covid-19

Stegen Vidare

ProgramområdeProgramområde 2 Ökat arbetskraftsutbud
ProjektfasGenomförande
ProjektägareProvstads kommun
KontaktpersonTesta Provsson
E-posttesta@provstad.example
Telefonnummer0700-98 765
Beviljat ESF-stöd7\u{a0}054\u{a0}625 kr
Total projektbudget16\u{a0}964\u{a0}881 kr
Projektperiod2012-01-09 till 2014-06-30
RegionSydsverige
In English

Sammanfattning

Regionen får nya vägar, säger Testa Provsson.
";

/// A query that reads the register.
const QUERY: &str = "/*+++ title = { sv = \"a\", en = \"b\" } +++*/
SELECT p.region, count(*) AS n FROM project p JOIN participation f ON p.project = f.project GROUP BY p.region";

struct Place {
    world: World,
    home: std::path::PathBuf,
}

impl Place {
    fn new() -> Self {
        let world = World::empty();
        let home = home(&world, RELEASE, &[("trial", QUERY)]);
        Self { world, home }
    }

    fn register(&self) -> String {
        std::fs::read_to_string(self.home.join("schemas/register/project.csv")).unwrap()
    }

    /// Adds a file; whatever comes of it, no secret is told or kept, and the register stays one that is accepted.
    fn add(&self, name: &str, bytes: impl AsRef<[u8]>, options: &[&str]) -> Said {
        let file = self.world.write(name, bytes);
        let arguments = [&["register", "add", &file], options].concat();
        let said = self.run(&arguments);
        for text in [&said.out, &said.err, &self.register()] {
            assert!(!SECRET.iter().any(|s| text.contains(s)), "{text}");
        }
        assert!(self.run(&["check", "--tables"]).code == 0);
        said
    }

    fn run(&self, arguments: &[&str]) -> Said {
        said(self.world.command(arguments).env("UTFALL_HOME", &self.home).output().unwrap())
    }

    /// Adds a file that is refused; nothing changes.
    fn refused(&self, name: &str, bytes: impl AsRef<[u8]>, options: &[&str]) -> Said {
        let before = self.register();
        let said = self.add(name, bytes, options);
        assert!(said.code == 2 && !said.err.is_empty(), "{said:?}");
        assert_eq!(self.register(), before, "{said:?}");
        said
    }
}

/// Every one of these is said.
fn all(text: &str, said: &[&str]) {
    for words in said {
        assert!(text.contains(words), "{words}:\n{text}");
    }
}

#[test]
fn a_page_with_lines_becomes_a_row_and_every_other_row_keeps_its_bytes() {
    let place = Place::new();
    let before = place.register();
    let said = place.add("page.txt", LINES, &["--programme-period", "2014-2020"]);
    let row = "7,nya-vagar,2018/00777,Nya Vägar!,\"Provköpings Kommun, Arbetsmarknad\",SE12,2014-2020,120,2018-03-01,2020-12-31,\
               5377638,2533444,2,2.1,50,102,true,,2018/00777|2018-00777|Nya Vägar";
    assert_eq!(place.register(), format!("{before}{row}\n"));
    all(
        &said.out,
        &[
            "  number                2018/00777                         4",
            "  start                 2018-03-01                         18",
            "contact particulars, not taken: Kontaktperson (line 23), E-post (line 25), Stödmottagare postnr (line 27)",
            "nya-vagar: added to the register with id 7",
            "made from the name; choose another with --project",
            "enrols: true (has participants; say --no-participants",
            "the next release is a new one and costs its whole budget",
        ],
    );
    assert!(!said.out.contains("not read"), "the form ends before the prose: {said:?}");

    assert_eq!(place.run(&["check"]).code, 0, "every command reads the register");
    let again = place.add("again.txt", LINES, &[]);
    assert!(again.code == 0 && again.out.contains("nya-vagar: already in the register, nothing changed"), "{again:?}");
    assert_eq!(place.register(), format!("{before}{row}\n"));
}

#[test]
fn a_glued_page_takes_its_title_for_its_name_and_needs_its_programme_period_said() {
    let place = Place::new();
    let before = place.register();
    let said = place.refused("page.txt", GLUED, &[]);
    assert!(said.err.contains("say --programme-period 2007-2013, 2014-2020 or 2021-2027"), "{said:?}");
    let options = ["--programme-period", "2007-2013", "--no-participants", "--project", "stegen"];
    let dry = place.add("page.txt", GLUED, &[&options[..], &["--dry-run"]].concat());
    assert!(dry.code == 0 && dry.out.contains("nothing was written"), "{dry:?}");
    assert_eq!(place.register(), before);
    let said = place.add("page.txt", GLUED, &options);
    assert!(said.out.contains("line 8, Projektfas: is not taken into the register"), "{said:?}");
    let row = "7,stegen,,Stegen Vidare,Provstads kommun,SE22,2007-2013,,2012-01-09,2014-06-30,16964881,7054625,2,,,,false,,";
    assert_eq!(place.register(), format!("{before}{row}\n"));
}

#[test]
fn a_page_is_read_in_every_encoding_and_line_end() {
    let (cp1252, _, _) = encoding_rs::WINDOWS_1252.encode(LINES);
    let decomposed = LINES.replace('ö', "o\u{308}").replace('ä', "a\u{308}").replace('å', "a\u{30a}").replace('Ö', "O\u{308}");
    let spaced = LINES.replace('\n', "\n\n").replace("\n\n\n\n", "\n\n\n");
    let inline = LINES.replace(":\n", ": ").replace("Startdatum: Slutdatum: ", "Startdatum:\nSlutdatum:\n");
    let inline = inline.replace("address: Programområde", "address:\nProgramområde");
    for (name, page) in [
        ("cp1252", cp1252.to_vec()),
        ("bom", [b"\xEF\xBB\xBF", LINES.as_bytes()].concat()),
        ("crlf", LINES.replace('\n', "\r\n").into_bytes()),
        ("cr", LINES.replace('\n', "\r").into_bytes()),
        ("decomposed", decomposed.into_bytes()),
        ("spaced", spaced.into_bytes()),
        ("inline", inline.into_bytes()),
    ] {
        let place = Place::new();
        let said = place.add("page.txt", page, &["--programme-period", "2014-2020"]);
        assert!(said.code == 0 && said.out.contains("id 7"), "{name}: {said:?}");
        let row = place.register().lines().last().unwrap().to_owned();
        assert!(row.contains("SE12,2014-2020,120,2018-03-01,2020-12-31,5377638,2533444,2,2.1,50,102,true"), "{name}: {row}");
    }
}

#[test]
fn what_does_not_fit_stays_empty_and_is_named_by_its_line() {
    let place = Place::new();
    let page = GLUED
        .replace("16\u{a0}964\u{a0}881 kr", "Cirka 17 mkr")
        .replace("In English", "Insatsform: projekt\nKategoriBlandat\nIn English");
    let said = place.add("page.txt", page, &["--programme-period", "2007-2013"]);
    assert_eq!(said.code, 0, "{said:?}");
    all(
        &said.out,
        &[
            "line 14, Total projektbudget: `Cirka 17 mkr` is not a whole number within the register's limits",
            "line 17, Insatsform: an unknown label",
            "line 18: the line has no known label",
        ],
    );
    assert!(place.register().ends_with("2012-01-09,2014-06-30,,7054625,2,,,,true,,\n"));
}

#[test]
fn a_page_without_what_is_needed_is_refused_with_a_csv_to_fill_in() {
    let place = Place::new();
    let said =
        place.refused("page.txt", GLUED.replace("RegionSydsverige", "RegionNorrland"), &["--programme-period", "2007-2013"]);
    assert!(said.out.contains("line 16, Region: `Norrland` is not a region of schemas/codes/region.csv"), "{said:?}");
    assert!(said.err.contains("could not be read: region; nothing was changed"), "{said:?}");
    let csv: Vec<&str> = said.err.lines().skip(1).map(str::trim).take(2).collect();
    assert!(
        csv[0].starts_with("name,region,start,end,programme_period,") && csv[1].starts_with("Stegen Vidare,SExx,2012-01-09"),
        "{csv:?}"
    );
    let filled = csv.join("\n").replace("SExx", "SE22");
    assert!(place.add("filled.csv", filled, &[]).out.contains("stegen-vidare: added to the register with id 7"));

    let prose =
        "Nya Vägar\n\n1 Projektperiod Projektperiod:\n1:a april 2008 tom 30/9 2009, med Testa Provsson\nPersonal:\nTesta\n";
    let said = place.refused("prose.txt", prose, &[]);
    assert!(said.out.contains("no value under a known label") && said.err.contains("name, region, start, end"), "{said:?}");

    let said = place.refused("page.txt", GLUED.replace("RegionSydsverige", ""), &["--lang", "sv", "--project", "x"]);
    assert!(said.out.contains("kontaktuppgifter, inte tagna: Kontaktperson (rad 10)"), "{said:?}");
    assert!(said.err.contains("kunde inte läsas: region; ingenting ändrades"), "{said:?}");
}

#[test]
fn lines_that_disagree_are_both_left_out() {
    let (place, options) = (Place::new(), ["--programme-period", "2014-2020"]);
    let said = place.refused("page.txt", LINES.replacen("Startdatum:", "Startdatum:\n2018-04-01", 1), &options);
    assert!(said.out.contains("Projektperiod: says something else than line 8; delete one of them"), "{said:?}");
    assert!(said.err.contains("could not be read: start;"), "{said:?}");
    let said = place.refused("page.txt", LINES.replace("2018-03-01 - 2020-12-31", "2020-12-31 - 2018-03-01"), &options);
    assert!(said.out.contains("the end is before the start") && said.err.contains("start, end"), "{said:?}");
}

/// Layouts in which values do not stand under their own labels: nothing of a contact person is told or kept.
#[test]
fn no_broken_layout_lets_a_contact_person_through() {
    let labels: Vec<&str> = LINES.lines().skip(2).take(36).filter(|l| l.ends_with(':')).collect();
    let values: Vec<&str> = LINES.lines().skip(2).take(36).filter(|l| !l.ends_with(':')).collect();
    let mut pages = vec![
        // All labels before all values, or after them.
        format!("{}\n{}\n", labels.join("\n"), values.join("\n")),
        format!("{}\n{}\n", values.join("\n"), labels.join("\n")),
        format!("Testa Provsson\n\n{}\n", labels.join("\n")),
        LINES.replace("Namn:\nNya Vägar!\n", "Namn:\n"),
        LINES.replace("Testa Provsson\nE", "Testa Provsson och Nils Prov\nE").replace("Nya Vägar!", "Testa Provsson"),
        LINES.replace("5 377 638", "070 098 7650"),
        LINES.replace("Östra Mellansverige", "Testa Provsson"),
        LINES.replace('\n', " "),
        GLUED.replace("Kontaktperson", "Kontaktperson\n"),
        GLUED.replace("\nKontaktperson", " Kontaktperson"),
        GLUED.replace("KontaktpersonTesta", "Testa"),
        GLUED.replace('\n', ""),
        GLUED.replace("Provstads kommun", "0700-98 765"),
        GLUED.replace("Stegen Vidare", "Testa Provsson"),
        GLUED.replace("Stegen Vidare", "testa@provstad.example"),
    ];
    let person = "Kontaktperson:\nTesta Provsson\n";
    for broken in
        ["", "Projektnamn:\n@", "Projektägare:\n@", "Region:\n@Namn:\n", "Testa\nProvsson\n0700-98765\n", "Testa: 0700\n"]
    {
        pages.push(LINES.replace(person, &format!("Kontaktperson:\n{}", broken.replace('@', "Testa Provsson\n"))));
    }
    for broken in ["@\nKontaktperson:\n", "@: kontakt\n", "kontaktperson@\n", "Kontaktperson\n@\nTelefon\n0700-98765\n"] {
        pages.push(LINES.replace(person, &broken.replace('@', "Testa Provsson")));
    }
    for owner in ["Testa Provsson", "070098765", "Provköping, Kontaktperson Testa Provsson", "tel. 0700-98 765"] {
        pages.push(LINES.replace("Provköpings Kommun, Arbetsmarknad", owner));
    }
    for page in pages {
        let place = Place::new();
        let said = place.add("page.txt", &page, &["--programme-period", "2014-2020"]);
        assert!(said.code == 0 || said.code == 2, "{page}\n{said:?}");
    }
}

#[test]
fn a_csv_adds_a_project_per_row_or_none() {
    let place = Place::new();
    let before = place.register();
    let csv = "Diarienummer;Namn;Region;Projektperiod;Programperiod;Kontaktperson;Total projektbudget;enrols;Färg\n\
               2015/00111;Ett;SE11;2015-01-01 - 2016-01-01;2014-2020;Testa Provsson;1 000 000 kr;nej;röd\n\
               \n\
               2015/00112;\"Två; eller tre\";Skåne-Blekinge;2015-02-01 - 2016-02-01;2014-2020;;;;\n";
    let said = place.add("list.csv", csv, &[]);
    assert_eq!(said.code, 0, "{said:?}");
    let rows = "7,ett,2015/00111,Ett,,SE11,2014-2020,,2015-01-01,2016-01-01,1000000,,,,,,false,,2015/00111|2015-00111\n\
                8,tva-eller-tre,2015/00112,Två; eller tre,,SE22,2014-2020,,2015-02-01,2016-02-01,,,,,,,true,,2015/00112|2015-00112|Två eller tre\n";
    assert_eq!(place.register(), format!("{before}{rows}"));
    assert_eq!(said.out.matches("line 1, Färg: an unknown label").count(), 1, "{said:?}");

    for (wrong, why) in [
        ("name,region\nTre,SE11\n", "could not be read: start, end"),
        ("name,region,start,end\nA,SE11,2015-01-01,2016-01-01,x\n", "line 2: the row does not have as many fields"),
        ("name,region\n\"A,SE11\nB,SE12\n", "line 2: a quotation mark is not closed"),
        ("name,region\n\nA\"x,\"SE11\nB,SE12\n", "line 3: a quotation mark is not closed"),
        ("name,region\n", "no row below the headings"),
        (
            "name,region,start,end,programme_period\n=1+1,SE11,2015-01-01,2016-01-01,2014-2020\n",
            "name (line 2) begins like a formula of a spreadsheet",
        ),
        (
            "name,region,start,end,programme_period\nTre,SE11,2015-01-01,2016-01-01,2014-2020\nEtt,SE12,2015-01-01,2016-01-01,2014-2020\n",
            "line 3: the register says something else of the project `ett`",
        ),
    ] {
        let said = place.refused("wrong.csv", wrong, &[]);
        assert!(said.err.contains(why), "{why}: {said:?}");
    }
    let two = "name,region,start,end\nA,SE11,2015-01-01,2016-01-01\nB,SE11,2015-01-01,2016-01-01\n";
    assert!(place.refused("two.csv", two, &["--project", "a"]).err.contains("column `project`"));
}

#[test]
fn a_known_project_is_filled_in_and_contradicted_only_on_demand() {
    let place = Place::new();
    let said = place.add("fill.csv", "number,planned_participants,total_budget\n2011-3090121,80,2 000 000\n", &[]);
    all(&said.out, &["fler-i-arbete: changed in the register", "filled in: planned_participants, total_budget"]);
    assert!(place.register().contains("Fler i Arbete,Osby kommun,SE22,2007-2013,80,2012-01-02,2014-06-30,2000000,,"));

    let other = "number,name,region\n2011-3090121,Flera i Arbete,SE23\n";
    let said = place.refused("other.csv", other, &[]);
    all(
        &said.err,
        &[
            "name: the register `Fler i Arbete`, line 2 `Flera i Arbete`",
            "region: the register `SE22`, line 2 `SE23`",
            "--replace",
        ],
    );
    let said = place.add("other.csv", other, &["--replace"]);
    assert!(said.code == 0 && said.out.contains("replaced: name, region"), "{said:?}");
    // Lists with the old name are still understood.
    assert!(place.register().contains("3,fler-i-arbete,2011-3090121,Flera i Arbete,Osby kommun,SE23,"));
    assert!(place.register().contains(",2011-3090121|Projekt Fler i Arbete|FiA|Fler i Arbete\n4,"));

    // A name alone does not say that it is the same project.
    let said = place.refused("namesake.txt", GLUED.replace("Stegen Vidare", "Nystart"), &["--replace"]);
    assert!(said.err.contains("say --project nystart --replace; else a name of its own"), "{said:?}");
}

#[test]
fn a_spelling_never_means_two_projects() {
    let place = Place::new();
    let options = ["--programme-period", "2014-2020"];
    for name in ["FiA", "as soon as possible", "Implementering: FiA"] {
        let said = place.refused("page.txt", GLUED.replace("Stegen Vidare", name), &options);
        assert!(said.err.contains("already means the project"), "{said:?}");
    }
    let said =
        place.refused("page.txt", LINES.replace("2018/00777", "2015/00624"), &[&options[..], &["--project", "nya"]].concat());
    assert!(said.err.contains("the number 2015/00624 is that of the project `asap`"), "{said:?}");
    for slug in ["Nya Vägar", "missing", "x-", ""] {
        let said = place.refused("page.txt", LINES, &[&options[..], &["--project", slug]].concat());
        assert!(said.err.contains("is not a slug"), "{said:?}");
    }
}

#[test]
fn any_bytes_are_answered_with_a_message() {
    let place = Place::new();
    let mixed = [LINES.as_bytes(), b"\xE5\n"].concat();
    for (name, bytes, word) in [
        ("empty.txt", Vec::new(), "could not be read"),
        ("empty.csv", Vec::new(), "no row below the headings"),
        ("book.txt", b"PK\x03\x04 a workbook".to_vec(), "is not a page as text"),
        ("page.html", b"<!DOCTYPE html><p>Region:".to_vec(), "is not a page as text"),
        ("utf16.txt", b"\xFF\xFER\0e\0".to_vec(), "is not a page as text"),
        ("nul.txt", b"Region:\n\0\n".to_vec(), "is not a page as text"),
        ("mixed.txt", mixed, "is UTF-8 but other lines are not"),
        ("large.txt", vec![b'x'; 5 << 20], "is longer than 1048576 bytes; save the page as plain text"),
        ("bytes.txt", (1..=255).collect(), "could not be read"),
    ] {
        let said = place.refused(name, bytes, &[]);
        assert!(said.err.contains(word), "{name}: {said:?}");
    }
    assert_eq!(place.run(&["register", "add", &place.world.text("absent.txt")]).code, 2);
    // Cut anywhere, with any byte changed: an answer, and never a word of the contact person.
    let (page, mut state) = (LINES.as_bytes(), 7_usize);
    for _ in 0..60 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (at, cut) = ((state >> 33) % page.len(), (state >> 40) % page.len());
        let mut bytes = page.to_vec();
        bytes[at] = u8::try_from(state >> 24 & 0xff).unwrap().max(1);
        bytes.truncate(cut);
        let said = place.add("page.txt", bytes, &["--programme-period", "2014-2020", "--dry-run"]);
        assert!(said.code == 0 || said.code == 2, "{said:?}");
    }
}

#[test]
fn the_register_keeps_its_permissions_and_its_link() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let path = place.home.join("schemas/register/project.csv");
    let elsewhere = place.home.join("elsewhere.csv");
    std::fs::rename(&path, &elsewhere).unwrap();
    std::fs::set_permissions(&elsewhere, std::fs::Permissions::from_mode(0o664)).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert_eq!(place.add("page.txt", LINES, &["--programme-period", "2014-2020"]).code, 0);
    assert!(path.is_symlink() && std::fs::read_to_string(&elsewhere).unwrap().contains("nya-vagar"));
    assert_eq!(std::fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o664);
}

/// The public table that queries join says of every municipality what its code list says.
#[test]
fn every_municipality_lies_in_the_county_and_region_of_its_code_list() {
    let schemas = crate::world::repository().join("schemas");
    let read = |file: &str, key: &str, value: &str| -> std::collections::BTreeMap<String, String> {
        let mut reader = csv::Reader::from_path(schemas.join(file)).unwrap();
        let headings = reader.headers().unwrap().clone();
        let at = |name: &str| headings.iter().position(|h| h == name).unwrap();
        let (key, value) = (at(key), at(value));
        reader.records().map(Result::unwrap).map(|row| (row[key].to_owned(), row[value].to_owned())).collect()
    };
    let (listed, regions) = (read("codes/municipality.csv", "code", "county"), read("codes/county.csv", "code", "region"));
    let counties = read("register/municipality.csv", "municipality", "county");
    assert_eq!(counties.len(), 290);
    assert_eq!(counties, listed);
    for (municipality, region) in read("register/municipality.csv", "municipality", "region") {
        assert_eq!(region, regions[&counties[&municipality]], "{municipality}");
    }
}

#[test]
fn what_a_killed_addition_left_goes_with_the_next() {
    let place = Place::new();
    let left = place.home.join("schemas/register/.aside-0123");
    std::fs::write(&left, "half").unwrap();
    assert_eq!(place.add("page.txt", LINES, &["--programme-period", "2014-2020"]).code, 0);
    assert!(!left.exists());
}
