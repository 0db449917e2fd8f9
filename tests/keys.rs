//! Public keys are compared by value: what is one key to a join is one row in the register, whatever it is spelt like, and a
//! proof says which table it was made for.

use std::path::PathBuf;

use crate::world::{RELEASE, Said, World, home, said};

const FRONT: &str = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\n";

/// A public table of sizes by age: an integer that can be a key of joins.
const SIZE: &str = r#"
title       = { sv = "Storlek", en = "Size" }
public      = true
data        = "register/size.csv"
primary_key = ["age"]
[columns]
age   = { type = "integer", minimum = -1, maximum = 120, required = true }
since = { type = "date" }
old   = { type = "boolean" }
size  = { type = "string", required = true }
"#;

const QUERY: &str = "SELECT s.size, count(*) AS n FROM participation f JOIN size s ON s.age = f.age GROUP BY s.size";

struct Place {
    world: World,
    home: PathBuf,
}

impl Place {
    fn new(world: World, sql: &str) -> Self {
        let home = home(&world, RELEASE, &[("trial", &format!("{FRONT}{sql}"))]);
        std::fs::write(home.join("schemas/size.toml"), SIZE).unwrap();
        let place = Self { world, home };
        place.sizes("16,2021-01-01,false,small\n17,,,small\n64,,true,large\n");
        place
    }

    fn sizes(&self, rows: &str) {
        std::fs::write(self.home.join("schemas/register/size.csv"), format!("age,since,old,size\n{rows}")).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Said {
        said(self.world.command(arguments).env("UTFALL_HOME", &self.home).output().unwrap())
    }

    fn both(&self) -> [Said; 2] {
        ["en", "sv"].map(|lang| self.run(&["check", "--lang", lang]))
    }
}

#[test]
fn a_key_that_is_spelt_in_two_ways_is_refused_with_its_line_and_what_to_write() {
    let place = Place::new(World::empty(), QUERY);
    assert_eq!(place.run(&["check"]).code, 0);
    for (rows, line, column, write) in [
        ("16,,,small\n016,,,large\n", 3, "age", Some("16")),
        ("+16,,,small\n", 2, "age", Some("16")),
        ("-0,,,small\n", 2, "age", Some("0")),
        ("-01,,,small\n", 2, "age", Some("-1")),
        ("16,,,small\n\" 16\",,,large\n", 3, "age", Some("16")),
        ("16 ,,,small\n", 2, "age", Some("16")),
        ("17,\" 2021-01-01\",,small\n", 2, "since", Some("2021-01-01")),
        ("17,, true,small\n", 2, "old", Some("true")),
        ("16,2021-1-1,,small\n", 2, "since", None),
        ("16,,TRUE,small\n", 2, "old", None),
        ("1e1,,,small\n", 2, "age", None),
        // A quoted cell of two lines before it: the line is that of the file.
        ("16,,,\"small\nor not\"\n017,,,large\n", 4, "age", Some("17")),
    ] {
        place.sizes(rows);
        let [en, sv] = place.both();
        assert_eq!((en.code, sv.code), (2, 2), "{rows}: {en:?}");
        assert!(en.err.contains(&format!("size.csv: line {line}, column `{column}`: ")), "{rows}: {en:?}");
        assert!(sv.err.contains(&format!("size.csv: rad {line}, kolumn `{column}`: ")), "{rows}: {sv:?}");
        if let Some(write) = write {
            assert!(en.err.contains(&format!("write `{write}` for")) && sv.err.contains(&format!("skrivs `{write}`")), "{en:?}");
        }
    }
    // The same twice, and two rows that are one by the table's key though they differ elsewhere.
    for rows in ["16,,,small\n17,,,small\n16,,,small\n", "16,,,small\n17,,,small\n16,2021-01-01,true,large\n"] {
        place.sizes(rows);
        let [en, sv] = place.both();
        assert!(en.code == 2 && en.err.contains("size.csv: line 4: the key 16 is on line 2 already"), "{en:?}");
        assert!(sv.err.contains("size.csv: rad 4: nyckeln 16 finns redan på rad 2"), "{sv:?}");
    }
    std::fs::write(place.home.join("schemas/register/size.csv"), "age,since,old,size,age\n16,,,small,17\n").unwrap();
    let [en, sv] = place.both();
    assert!(en.code == 2 && en.err.contains("the heading `age` occurs twice"), "{en:?}");
    assert!(sv.err.contains("rubriken `age` finns två gånger"), "{sv:?}");
}

#[test]
fn a_code_list_has_one_spelling_of_each_id_and_code() {
    let place = Place::new(World::empty(), QUERY);
    let path = place.home.join("schemas/codes/answer.csv");
    let whole = std::fs::read_to_string(&path).unwrap();
    for (line, en, sv) in [
        ("016,sixteen,Sexton,Sixteen,", "write `16` for `016`", "skriv `16` för `016`"),
        ("+1,again,Igen,Again,", "write `1` for `+1`", "skriv `1` för `+1`"),
        ("-0,zero,Noll,Zero,", "write `0` for `-0`", "skriv `0` för `-0`"),
        ("1,again,Igen,Again,", "ids are unique", "ett id förekommer en gång"),
        ("16,YES,Sexton,Sixteen,", "`yes` already means another entry", "`yes` betyder redan ett annat värde"),
        ("16,total,Sexton,Sixteen,", "the code cannot be `missing` or `total`", "koden kan inte heta `missing` eller `total`"),
        ("16,Total,Sexton,Sixteen,", "the code cannot be `missing` or `total`", "koden kan inte heta `missing` eller `total`"),
        ("16,missing,Sexton,Sixteen,", "the code cannot be `missing` or `total`", "koden kan inte heta `missing` eller `total`"),
    ] {
        std::fs::write(&path, format!("{}\n{line}\n", whole.trim_end())).unwrap();
        let said = place.both();
        let at = whole.trim_end().lines().count() + 1;
        assert!(said[0].code == 2 && said[0].err.contains(&format!("answer.csv, line {at}: ")), "{line}: {said:?}");
        assert!(said[0].err.contains(en) && said[1].err.contains(sv), "{line}: {said:?}");
    }
    std::fs::write(&path, whole).unwrap();
    // A project is a code too.
    let path = place.home.join("schemas/register/project.csv");
    let register = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, register.replace("asap", "total")).unwrap();
    let [en, _] = place.both();
    assert!(en.code == 2 && en.err.contains("project.csv") && en.err.contains("cannot be `missing` or `total`"), "{en:?}");
}

#[test]
fn a_public_value_that_is_called_like_the_total_is_refused_by_the_check() {
    let place = Place::new(World::empty(), &QUERY.replace("GROUP BY s.size", "GROUP BY ROLLUP (s.size)"));
    for value in ["total", "missing"] {
        place.sizes(&format!("16,,,{value}\n17,,,small\n"));
        let [en, sv] = place.both();
        assert!(en.code == 2 && en.err.contains("refused[reserved]") && en.err.contains(&format!("`{value}`")), "{en:?}");
        assert!(sv.err.contains("vägrad[reserved]") && sv.err.contains("kalla värdet något annat"), "{sv:?}");
    }
    let place = Place::new(
        World::empty(),
        "SELECT CASE WHEN age < 20 THEN 'total' ELSE 'old' END AS k, count(*) AS n FROM participation GROUP BY k",
    );
    assert!(place.run(&["check"]).err.contains("refused[reserved]"));
}

/// One certificate of a table that was joined, changed in one place: what it states of the public table is compared with the
/// register, and what is archived with what was archived.
#[test]
fn a_certificate_with_a_forged_public_key_is_refused() {
    let place = Place::new(World::landed("10"), QUERY);
    let released = place.run(&["release", "trial"]);
    assert_eq!(released.code, 0, "{released:?}");
    assert_eq!(place.run(&["verify"]).code, 0);
    let published = std::fs::read_to_string(place.world.path("out/trial/certificate.json")).unwrap();
    let verify = |certificate: &str| {
        let file = place.world.write("certificate.json", certificate);
        ["en", "sv"].map(|lang| place.run(&["verify", "--certificate", &file, "--lang", lang]))
    };
    let [en, _] = verify(&published);
    assert!(en.code == 0 && en.out.contains("the proof holds"), "{en:?}");
    let stated = r#""table":"size","key":[0],"rows":3,"digest":""#;
    assert!(published.contains(stated), "{published}");
    for (from, to) in [
        // Another column is said to be the key: all proofs hold, for a table whose rows differ in it.
        (r#""key":[0],"rows":3"#, r#""key":[3],"rows":3"#),
        (r#""rows":3,"digest":""#, r#""rows":4,"digest":""#),
        (r#""table":"size""#, r#""table":"project""#),
        (r#""table":"size""#, r#""table":"nothing""#),
    ] {
        let [en, sv] = verify(&published.replacen(from, to, 1));
        assert!(en.code == 5 && en.err.contains("does not hold"), "{from} to {to}: {en:?}");
        assert!(sv.code == 5 && sv.err.contains("håller inte"), "{from} to {to}: {sv:?}");
    }
    // Every step of this one follows: it proves the sensitivity of a join on a column that is no key of the table.
    let other = published
        .replace(r#""key":[0],"rows":3"#, r#""key":[3],"rows":3"#)
        .replace(r#""unique":[[0]]"#, r#""unique":[[3]]"#)
        .replace(r#""on":[[5,0]]"#, r#""on":[[5,3]]"#);
    let [en, sv] = verify(&other);
    assert!(en.code == 5 && en.err.contains("the key of the public table size (size) is another"), "{en:?}");
    assert!(sv.err.contains("nyckeln i den offentliga tabellen size (size) är en annan"), "{sv:?}");
    let at = published.find(stated).unwrap() + stated.len();
    let digit = if published.as_bytes()[at] == b'0' { "1" } else { "0" };
    let forged = format!("{}{digit}{}", &published[..at], &published[at + 1..]);
    let [en, sv] = verify(&forged);
    assert!(en.code == 5 && en.err.contains("the key of the public table size (age) is another"), "{en:?}");
    assert!(sv.err.contains("nyckeln i den offentliga tabellen size (age) är en annan"), "{sv:?}");
    // The register has changed since: the archive knows what it was, a published file alone does not.
    place.sizes("16,,,small\n17,,,small\n64,,,large\n65,,,large\n");
    assert_eq!(place.run(&["verify"]).code, 0);
    let [en, _] = verify(&published);
    assert!(en.code == 5 && en.err.contains("3 rows there, 4 here") && en.err.contains("If the register has changed"), "{en:?}");
    // Where there is no register, it is said that nothing was compared.
    let file = place.world.write("certificate.json", &published);
    let empty = place.world.path("nowhere");
    std::fs::create_dir_all(&empty).unwrap();
    let alone = said(place.world.command(&["verify", "--certificate", &file]).env("UTFALL_HOME", &empty).output().unwrap());
    assert!(alone.code == 0 && alone.out.contains("was not compared"), "{alone:?}");
}

#[test]
fn protected_records_are_refused_in_a_series_with_the_reason() {
    let world = World::empty();
    let release = RELEASE.replace("[publish]", "[period]\ncolumn = \"end\"\nfirst = \"2021-Q1\"\nlag = \"60 days\"\n[publish]");
    let sql = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\nanonymous = true\n+++*/\nSELECT count(*) AS n FROM participation";
    let home = home(&world, &release, &[("trial", sql)]);
    let run = |lang: &str| said(world.command(&["check", "--lang", lang]).env("UTFALL_HOME", &home).output().unwrap());
    let (en, sv) = (run("en"), run("sv"));
    assert!(
        en.code == 2 && en.err.contains("anonymous = true cannot be in a series") && en.err.contains("two periods"),
        "{en:?}"
    );
    assert!(sv.code == 2 && sv.err.contains("anonymous = true går inte i en serie"), "{sv:?}");
}
