//! Schemas, code lists and the register may grow while the ledger stays; what has landed is never read otherwise than it was landed.

use std::path::PathBuf;

use crate::world::{RELEASE, Said, World, contents, files, home, said};

const FRONT: &str = "/*+++\ntitle = { sv = \"Prov\", en = \"Trial\" }\n+++*/\n";
const SQL: &str = "SELECT sex, count(*) AS n FROM participation WHERE sex IS NOT NULL GROUP BY sex";

struct Grown {
    world: World,
    home: PathBuf,
}

impl Grown {
    fn landed() -> Self {
        let world = World::landed("400");
        let home = home(&world, &RELEASE.replace("\"1\"", "\"40\""), &[("trial", &format!("{FRONT}{SQL}"))]);
        let grown = Self { world, home };
        assert!(grown.ok(&["release"]).contains("budget spent"));
        grown
    }

    fn run(&self, arguments: &[&str]) -> Said {
        said(self.world.command(arguments).env("UTFALL_HOME", &self.home).output().unwrap())
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let told = self.run(arguments);
        assert_eq!(told.code, 0, "{arguments:?}: {told:?}");
        told.out
    }

    fn edit(&self, file: &str, edit: impl Fn(&str) -> String) {
        let path = self.home.join(file);
        let before = std::fs::read_to_string(&path).unwrap();
        let after = edit(&before);
        assert_ne!(before, after, "{file}");
        std::fs::write(path, after).unwrap();
    }

    fn query(&self, sql: &str) {
        std::fs::write(self.home.join("queries/trial/trial.sql"), format!("{FRONT}{sql}")).unwrap();
    }

    /// The published numbers by their first key.
    fn numbers(&self) -> Vec<(String, i64)> {
        let text = std::fs::read_to_string(self.world.path("out/trial/trial.csv")).unwrap();
        let row = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[0].to_owned(), cells[3].parse().unwrap())
        };
        text.lines().skip(1).map(row).collect()
    }

    fn number(&self, code: &str) -> i64 {
        self.numbers().into_iter().find(|(key, _)| key == code).unwrap_or_else(|| panic!("{code}")).1
    }

    /// Every landed Parquet file holds this name, or none does.
    fn landed_files_with(&self, name: &str) -> usize {
        let of = |path: &PathBuf| {
            let bytes = std::fs::read(path).unwrap();
            bytes.windows(name.len()).any(|window| window == name.as_bytes())
        };
        let landed = files(&self.world.path("data/landed/participation"));
        landed.iter().filter(|path| path.extension().is_some_and(|e| e == "parquet")).filter(|path| of(path)).count()
    }
}

/// Changes a file.
type Edit<'e> = &'e dyn Fn(&str) -> String;

const NEW_COLUMN: &str =
    "[columns]\ncouncil = { type = \"string\", codes = \"sex\", title = { sv = \"Råd\", en = \"Council\" } }";

#[test]
fn a_column_a_code_and_a_project_may_come_to_what_has_landed() {
    let grown = Grown::landed();
    grown.edit("schemas/participation.toml", |text| text.replace("[columns]", NEW_COLUMN));
    grown.edit("schemas/codes/sex.csv", |text| format!("{text}7,other,Annat,Other,\n"));
    // Before anything lands by it: nobody has a value.
    grown.query("SELECT council, count(*) AS n FROM participation GROUP BY council");
    let told = grown.ok(&["release"]);
    assert!(told.contains("budget spent"), "{told}");
    let everybody = grown.number("missing");
    assert!(everybody > 200 && grown.number("other").abs() < 30, "{:?}", grown.numbers());
    // And after.
    let list = grown
        .world
        .write("asap-2017-01.csv", "Personnummer;Startdatum;Slutdatum;Kön;council\n191212121212;2017-01-10;;Annat;Annat\n");
    grown.ok(&["land", &list]);
    let told = grown.ok(&["release"]);
    assert!(told.contains("budget spent"), "{told}");
    assert!(grown.number("missing") > everybody - 30, "{:?}", grown.numbers());
    // Upkeep rewrites files that never had the column.
    grown.ok(&["key", "rotate"]);
    grown.ok(&["release"]);
    grown.ok(&["migrate"]);
    assert!(grown.ok(&["migrate"]).contains("nothing needs doing"));
    grown.ok(&["verify"]);
}

#[test]
fn a_project_may_come_to_the_register() {
    let grown = Grown::landed();
    grown.edit("schemas/register/project.csv", |text| {
        format!("{text}77,brandnew,,Brand new,Somebody,SE12,2014-2020,40,2016-01-04,2018-12-31,,,,,,,true,,\n")
    });
    let told = grown.ok(&["release"]);
    assert!(told.contains("from the archive, free"), "{told}");
    let list = grown.world.write("brandnew-2017-01.csv", "Personnummer;Startdatum;Slutdatum\n191212121212;2017-01-10;\n");
    grown.ok(&["land", "--project", "brandnew", &list]);
    assert!(grown.ok(&["release"]).contains("budget spent"));
}

#[test]
fn what_would_be_read_otherwise_is_refused_with_the_way_out() {
    let grown = Grown::landed();
    let participation = "schemas/participation.toml";
    let sex = "schemas/codes/sex.csv";
    let swap = |text: &str| {
        let swapped: Vec<String> = text
            .lines()
            .map(|line| match line.split_once(',') {
                Some(("1", rest)) => format!("2,{rest}"),
                Some(("2", rest)) => format!("1,{rest}"),
                _ => line.to_owned(),
            })
            .collect();
        swapped.join("\n") + "\n"
    };
    let without = |text: &str| text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
    let renamed = |text: &str| text.replace("male,", "man,").replace("feman,", "female,");
    let required =
        |text: &str| text.replace("[columns]", "[columns]\ncouncil = { type = \"string\", codes = \"sex\", required = true }");
    let key = |text: &str| text.replacen("primary_key = [\"participant\", ", "primary_key = [\"sex\", \"participant\", ", 1);
    let edits: [(&str, Edit<'_>, &str); 5] = [
        (sex, &swap, "id 1 of `sex` has landed as `female`"),
        (sex, &without, "is gone, and who has landed with it would be lost; put it back"),
        (sex, &renamed, "is `man` now; give `man` a new id, or write `male` into its `former`"),
        (participation, &required, "column `council` is new and required"),
        (participation, &key, "`primary_key`, `parent` and `identity` say which landed rows are the same"),
    ];
    let before = contents(&grown.world.path("data"));
    let list = grown.world.write("asap-2017-01.csv", "Personnummer;Startdatum;Slutdatum\n191212121212;2017-01-10;\n");
    for (file, edit, why) in edits {
        let text = std::fs::read_to_string(grown.home.join(file)).unwrap();
        grown.edit(file, edit);
        for command in [["release", "trial"], ["land", &list], ["migrate", "--lang=en"]] {
            let told = grown.run(&command);
            // A list that lacks a required column is rejected before anything is compared.
            let is_refused = told.code == 2 && told.err.contains(why);
            assert!(is_refused || (told.code == 3 && told.out.contains("missing column")), "{command:?} {why}: {told:?}");
            assert!(!told.err.contains("new data directory"), "{told:?}");
        }
        std::fs::write(grown.home.join(file), text).unwrap();
    }
    let after = contents(&grown.world.path("data"));
    let landed = |all: &[(PathBuf, Vec<u8>)]| {
        all.iter()
            .filter(|(path, _)| path.components().any(|c| ["landed", "ledger"].iter().any(|n| c.as_os_str() == *n)))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(landed(&after), landed(&before));
    // The name alone is another one, and says so.
    grown.edit(sex, |text| {
        text.replace("aliases", "aliases,former")
            .replace("female,", "kvinna,")
            .lines()
            .map(|line| {
                let commas = if line.starts_with("id") {
                    ""
                } else if line.contains("kvinna") {
                    ",female"
                } else {
                    ","
                };
                format!("{line}{commas}\n")
            })
            .collect()
    });
    assert!(grown.ok(&["release"]).contains("trial"));
}

#[test]
fn a_column_that_goes_is_erased_when_that_is_said() {
    let grown = Grown::landed();
    let column = "municipality";
    assert!(grown.landed_files_with(column) > 0);
    let ledger = contents(&grown.world.path("data/ledger"));
    grown.edit("schemas/participation.toml", |text| {
        let of = |line: &&str| !line.starts_with(column);
        let text = text.replace("municipality = [\"Kommun\", \"Hemkommun\"], ", "");
        text.lines().filter(of).map(|line| format!("{line}\n")).collect()
    });
    for command in ["release", "migrate"] {
        let told = grown.run(&[command]);
        assert!(told.code == 2 && told.err.contains("utfall migrate --forget participation.municipality"), "{told:?}");
    }
    for wrong in ["participation.sex", "nothing.municipality", "municipality"] {
        let told = grown.run(&["migrate", "--forget", "participation.municipality", "--forget", wrong]);
        assert!(told.code == 2 && told.err.contains(&format!("--forget {wrong}: has not landed")), "{told:?}");
        assert!(told.err.contains("not in their schema, as TABLE.COLUMN: participation.municipality"), "{told:?}");
        assert!(grown.landed_files_with(column) > 0);
    }
    let told = grown.ok(&["migrate", "--forget", "participation.municipality"]);
    assert!(told.contains("participation: the landed values of `municipality` are erased"), "{told}");
    assert_eq!(grown.landed_files_with(column), 0, "what was erased is gone from every file");
    let told = grown.run(&["migrate", "--forget", "participation.municipality"]);
    assert!(told.code == 2 && told.err.contains("is erased already"), "{told:?}");
    assert!(grown.ok(&["migrate"]).contains("nothing needs doing"));
    assert!(grown.ok(&["release"]).contains("from the archive, free"));
    let list = grown.world.write("asap-2017-01.csv", "Personnummer;Startdatum;Slutdatum\n191212121212;2017-01-10;\n");
    grown.ok(&["land", &list]);
    assert_eq!(grown.landed_files_with(column), 0, "what was erased is gone from every file");
    assert_eq!(contents(&grown.world.path("data/ledger")), ledger);
    assert!(grown.ok(&["release"]).contains("budget spent"));
}

/// What is done to all tables must not pass one over, nor begin where one of them cannot be read.
#[test]
fn nothing_is_changed_where_a_landed_table_has_no_schema_or_another() {
    let grown = Grown::landed();
    let before = [contents(&grown.world.path("data/landed")), contents(&grown.world.path("keys"))];
    let activity = grown.home.join("schemas/activity.toml");
    let text = std::fs::read_to_string(&activity).unwrap();
    let list = grown.world.write("asap-2017-01.csv", "Personnummer;Startdatum;Slutdatum\n191212121212;2017-01-10;\n");
    let refused = |why: &str, commands: &[&[&str]]| {
        for command in commands {
            let told = grown.run(command);
            assert!(told.code == 2 && told.err.contains(why), "{command:?}: {told:?}");
            let mut forget = grown.world.command(&["forget"]);
            forget.env("UTFALL_HOME", &grown.home).stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            let mut child = forget.spawn().unwrap();
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"191212121212\n").unwrap();
            let told = said(child.wait_with_output().unwrap());
            assert!(told.code == 2 && told.err.contains(why), "{told:?}");
        }
        let after = [contents(&grown.world.path("data/landed")), contents(&grown.world.path("keys"))];
        assert!(before == after, "{why}: nothing was begun");
    };
    std::fs::remove_file(&activity).unwrap();
    refused(
        "rows have landed in activity, but schemas/activity.toml is missing",
        &[&["key", "rotate"], &["migrate"], &["land", &list]],
    );
    std::fs::write(&activity, text.replace("[columns]", "[columns]\nextra = { type = \"boolean\", required = true }")).unwrap();
    refused("column `extra` is new and required", &[&["key", "rotate"], &["migrate"]]);
    std::fs::write(&activity, text).unwrap();
    grown.ok(&["key", "rotate"]);
}
