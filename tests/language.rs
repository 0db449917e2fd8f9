//! `--lang sv`, wherever it stands, says nothing in English: not in help, not of a wrong command line, not of a file that is wrong.
//! Every error has a code, which is the same in both languages.

use std::path::Path;

use crate::world::{RELEASE, World, home, said};

/// English words that no Swedish sentence holds.
const ENGLISH: [&str; 24] = [
    "the",
    "usage",
    "options",
    "error",
    "required",
    "and",
    "for",
    "with",
    "unknown",
    "expected",
    "missing",
    "invalid",
    "cannot",
    "parse",
    "line",
    "column",
    "not",
    "of",
    "to",
    "is",
    "file",
    "found",
    "such",
    "directory",
];

/// What is told in a home of schemas and one release after one file of it was changed, in both languages.
fn told(file: &str, change: impl Fn(&str) -> String, command: &[&str]) -> [String; 2] {
    let world = World::empty();
    let home = home(&world, RELEASE, &[("a", QUERY)]);
    let path = home.join(file);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(&path, change(&before)).unwrap();
    ["en", "sv"].map(|lang| run(&world, &home, &[command, &["--lang", lang]].concat()))
}

fn run(world: &World, home: &Path, arguments: &[&str]) -> String {
    let said = said(world.command(arguments).env("UTFALL_HOME", home).output().unwrap());
    assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
    said.err
}

const QUERY: &str =
    "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\nSELECT f.sex, count(*) AS n FROM participation f GROUP BY f.sex\n";

/// The code of an error, `error[code]: ...`, or of a refusal, `error: refused[code]: ...`.
fn code<'a>(told: &'a str, words: [&str; 2]) -> &'a str {
    let rest = words.iter().find_map(|word| told.strip_prefix(word)).unwrap_or_else(|| panic!("{words:?}: {told}"));
    rest.split_once("]: ").unwrap_or_else(|| panic!("{told}")).0
}

/// That both are the same error, and that the Swedish is Swedish. What stands between quotation marks of code, paths and the
/// line that is shown are somebody's own.
fn in_both([en, sv]: &[String; 2]) {
    assert_eq!(code(en, ["error[", "error: refused["]), code(sv, ["fel[", "fel: vägrad["]), "{en}{sv}");
    let own = |line: &&str| !line.contains(" | ") && !line.trim_start().starts_with(['|', '/']);
    let words = sv.lines().filter(own).flat_map(|line| line.split('`').step_by(2)).flat_map(str::split_whitespace);
    let words =
        words.filter(|word| !word.contains('/')).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    let english: Vec<String> = words.filter(|word| ENGLISH.contains(&word.as_str())).collect();
    assert!(english.is_empty(), "{english:?} in {sv}");
    for of_the_program in ["struct ", " { text", "Error(\"", " as i128", "Claim {", "Some("] {
        assert!(!en.contains(of_the_program) && !sv.contains(of_the_program), "{of_the_program} in {en}{sv}");
    }
    assert!(en.lines().zip(sv.lines()).any(|(en, sv)| en != sv));
}

#[test]
fn what_is_wrong_in_a_release_is_told_in_the_language_that_is_asked_for() {
    let release = "queries/trial/release.toml";
    for (from, to) in [
        ("[publish]", "[publich]"),
        ("{ epsilon", "1 # { epsilon"),
        ("= 3", "= 99999999999999999999"),
        ("formats", "format"),
        ("[\"csv\"]", "[]"),
        ("[\"csv\"]", "\"csv\""),
        ("[\"csv\"]", "[\"csv\""),
        ("\"1\"", "\"x\""),
        ("\"1\"", "1"),
        ("\"1\"", "\"-1\""),
        ("= 3", "= 0"),
        ("= 3", "= "),
        ("= 3", "= x"),
        ("interval = \"0.95\"", "interval = \"0.95\"\ninterval = \"0.9\""),
        ("interval = \"0.95\"", "interval = \"0.95\"\n[period]\ncolumn = \"end\"\nfirst = \"never\"\nlag = \"1 day\""),
        ("interval = \"0.95\"", "interval = \"0.95\"\n[period]\ncolumn = \"end\"\nfirst = \"2021\"\nlag = \"long\""),
    ] {
        in_both(&told(release, |text| text.replace(from, to), &["check"]));
    }
    in_both(&told("queries/trial/a.sql", |_| "SELECT 1".to_owned(), &["check"]));
    in_both(&told("queries/trial/a.sql", |text| text.replace("title", "titel"), &["check"]));
    in_both(&told("queries/trial/a.sql", |text| format!("{text} /*! x */"), &["check"]));
    in_both(&told("queries/trial/B.sql", |_| QUERY.to_owned(), &["check"]));
    in_both(&told("queries/trial/a.sql", str::to_owned, &["check", "another"]));
    in_both(&told("queries/trial/a.sql", str::to_owned, &["plan", "--what-if", "gamma=1"]));
    in_both(&told("queries/trial/a.sql", str::to_owned, &["plan", "--what-if", "epsilon=x"]));
    for front in [
        "targets = [\"fler-i-arbete-closer\"]",
        "[columns]\nnone = { sv = \"a\", en = \"b\" }",
        "[columns]\nsex = { sv = \"a\", en = \"b\", codes = \"none\" }",
        "[columns]\nn = { sv = \"a\", en = \"b\", codes = \"sex\" }",
    ] {
        in_both(&told("queries/trial/a.sql", |text| text.replace(" }\n+++", &format!(" }}\n{front}\n+++")), &["check"]));
    }
    for wrong in
        ["SELEC 1", "SELECT \"a", "SELECT count(*) AS n FROM generate_series(1, 3)", "SELECT count(*) AS n FROM unnest([1])"]
    {
        in_both(&told("queries/trial/a.sql", |text| text.split("SELECT").next().unwrap().to_owned() + wrong, &["check"]));
    }
    in_both(&told("queries/trial/a.sql", |text| text.replace("f.sex,", "f.none,"), &["check"]));
    in_both(&told("queries/trial/a.sql", |text| text.replace("f.sex,", "f.sex f,,"), &["check"]));
}

#[test]
fn what_is_wrong_in_a_schema_a_code_list_or_the_register_is_told_so_too() {
    let schema = "schemas/participation.toml";
    for (from, to) in [
        ("unit  ", "unitt"),
        ("codes = \"sex\"", "codes = \"sexx\""),
        ("counted", "counting"),
        ("role = \"unit\"", "role = \"start\""),
        ("primary_key = [\"participant\"", "primary_key = [\"participants\""),
    ] {
        let changed = |text: &str| {
            assert!(text.contains(from) || from == "unit  ", "{from}");
            text.replace(from, to)
        };
        let both = told(schema, changed, &["check"]);
        in_both(&both);
    }
    in_both(&told("schemas/codes/sex.csv", |text| text.replace("id,", "number,"), &["check"]));
    in_both(&told("schemas/codes/sex.csv", |text| format!("{text}1,other,Annat,Other\n"), &["check"]));
    in_both(&told("schemas/codes/sex.csv", |text| format!("{text}x\n"), &["check"]));
    in_both(&told("schemas/A.toml", |_| String::new(), &["check"]));
}

#[test]
fn a_wrong_command_line_is_told_in_the_language_wherever_that_is_named() {
    let world = World::empty();
    for line in [
        "statu",
        "land",
        "land --mont x",
        "init --epsilon 1",
        "release --vintage 0",
        "key",
        "init --epsilon 1 --delta 2",
        "init --epsilon x --delta 0",
        "register add a --programme-period x",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let run = |arguments: &[&str]| {
            let said = world.run(arguments);
            assert_eq!(said.code, 2, "{said:?}");
            said.err
        };
        let en = run(&words);
        for named in [["--lang", "sv"].as_slice(), &["--lang=sv"]] {
            let [first, last] = [[named, &words].concat(), [words.as_slice(), named].concat()].map(|line| run(&line));
            assert_eq!(first, last);
            in_both(&[en.clone(), first]);
        }
    }
    let help = world.ok(&["land", "--help", "--lang", "sv"]);
    assert!(help.contains("Användning: utfall land"), "{help}");
    for line in
        ["help --lang sv land", "--lang=sv help land", "help land --lang sv", "help --lang=sv land", "help land --help --lang sv"]
    {
        assert_eq!(world.ok(&line.split(' ').collect::<Vec<_>>()), help, "{line}");
    }
}

#[test]
fn what_is_wrong_with_the_ledger_is_told_so_too() {
    let world = World::new("1");
    let reason = ["--delta", "1e-5", "--reason", "r"];
    world.ok(&[&["ledger", "raise", "--epsilon", "2"], reason.as_slice()].concat());
    let (entry, witness) = (world.path("data/ledger/00000000.entry"), world.path("keys/ledger.witness"));
    let kept = [&entry, &witness].map(|path| std::fs::read(path).unwrap());
    let told = || {
        in_both(&["en", "sv"].map(|lang| {
            let said = world.run(&["ledger", "--lang", lang]);
            assert_eq!(said.code, 5, "{said:?}");
            said.err
        }));
    };
    let restored = || [&entry, &witness].into_iter().zip(&kept).for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    std::fs::remove_file(&entry).unwrap();
    told();
    std::fs::write(&entry, "another").unwrap();
    told();
    restored();
    let stray = world.path("data/ledger/first.entry");
    std::fs::write(&stray, "").unwrap();
    told();
    std::fs::remove_file(&stray).unwrap();
    std::fs::write(&witness, "another").unwrap();
    told();
    std::fs::remove_file(&witness).unwrap();
    told();
    std::fs::create_dir(&witness).unwrap();
    told();
    std::fs::remove_dir(&witness).unwrap();
    restored();
    world.ok(&["ledger"]);
}

#[test]
fn what_cannot_be_printed_is_told_so_too() {
    let world = World::new("1");
    in_both(&["en", "sv"].map(|lang| {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let said = said(world.command(&["status", "--lang", lang]).stdout(full).output().unwrap());
        assert_eq!(said.code, 5, "{said:?}");
        said.err
    }));
}
