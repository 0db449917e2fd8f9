//! What operators rely on: one file that says where things are, a place of one's own without the repository, what a job said as an object,
//! lines of a log that machines read, an inbox with other files in it, and pages in another folder.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::world::{RELEASE, Said, World, contents, files, home, repository, said};

const QUERY: &str =
    "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\nSELECT f.sex, count(*) AS n FROM participation f GROUP BY f.sex\n";

/// The program in a folder, told nothing by its environment.
fn plain(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_utfall"));
    command.args(arguments).current_dir(folder).env_clear().env("LC_ALL", "C.UTF-8").env("HOME", folder);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Said {
    said(plain(folder, arguments).output().unwrap())
}

fn ok(folder: &Path, arguments: &[&str]) -> String {
    let said = run(folder, arguments);
    assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    said.out
}

/// Test identity numbers of one sex or the other.
fn numbers(count: usize) -> Vec<String> {
    let text = std::fs::read_to_string(repository().join("tests/fixture/identity/personnummer.txt")).unwrap();
    let all = text.lines().filter(|line| !line.starts_with('#') && line.starts_with("198"));
    all.take(count).map(str::to_owned).collect()
}

/// A list of participants who ended in one of two ways; of as many people as are asked for.
fn list(project: &str, count: usize) -> String {
    let rows = numbers(count).into_iter().enumerate().map(|(at, number)| {
        let outcome = if at % 2 == 0 { "work" } else { "job_search" };
        format!("{project},{number},2022-02-01,2022-09-01,{outcome}\n")
    });
    format!("Projekt,Personnr,Startdatum,Slutdatum,Resultat\n{}", rows.collect::<String>())
}

/// The one object that a command wrote to standard output.
fn object(out: &str) -> Value {
    serde_json::from_str(out).unwrap_or_else(|e| panic!("{e}: {out}"))
}

/// A place that `utfall new` made, with key and data directory.
fn place() -> (World, PathBuf) {
    let world = World::empty();
    ok(&world.path(""), &["new", "here"]);
    let here = world.path("here");
    ok(&here, &["init", "--epsilon", "10", "--delta", "1e-5"]);
    (world, here)
}

#[test]
fn a_place_of_ones_own_works_without_the_repository() {
    let (world, here) = place();
    assert!(world.path("here-keys/pseudonym.key").is_file(), "the key lies beside the place, not in it");
    std::fs::write(here.join("lists/exempel.csv"), list("exempel", 40)).unwrap();
    ok(&here, &["land", "lists/exempel.csv"]);
    ok(&here, &["check"]);
    let out = ok(&here, &["release"]);
    assert!(out.contains("outcomes: budget spent: ") && here.join("out/outcomes/index.html").is_file(), "{out}");
    let rows = std::fs::read_to_string(here.join("out/outcomes/by_region_and_sex.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1 + 6, "two outcomes of women, men and whoever is neither: {rows}");
    ok(&here, &["verify"]);
    // From a folder below, the same place is meant.
    let status = ok(&here.join("queries"), &["status"]);
    assert!(status.contains(&format!("configuration: {}", here.join("utfall.toml").display())), "{status}");
    for language in ["sv", "en"] {
        let told = ok(&here, &["check", "--tables", "project", "--lang", language]);
        assert!(told.contains("EXEMPEL"), "what is to be replaced says so: {told}");
    }
}

#[test]
fn a_new_place_is_never_made_over_another_or_in_part() {
    let world = World::empty();
    let top = world.path("");
    world.write("full/a.txt", "theirs");
    world.write("file", "theirs");
    let before = contents(&top);
    for dir in ["full", "file", "missing/new", "."] {
        let said = run(&top, &["new", dir]);
        assert!(said.code == 2 && said.err.contains("error[new-folder]"), "{dir}: {said:?}");
    }
    assert_eq!(contents(&top), before);
    // Killed anywhere, there is no folder of that name, or a whole one.
    for wait in [0, 2, 5, 10, 20, 40] {
        let name = format!("killed-{wait}");
        let mut child = plain(&top, &["new", &name]).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
        let made = top.join(&name);
        assert!(!made.exists() || made.join("operate/crontab").is_file(), "{name}");
    }
    std::fs::create_dir(top.join("empty")).unwrap();
    ok(&top, &["new", "empty"]);
    let there = files(&top.join("empty"));
    assert!(there.len() > 60 && there.iter().all(|path| !std::fs::read_to_string(path).unwrap().contains("{{")), "{there:?}");
}

#[test]
fn a_service_and_a_crontab_name_the_place_whatever_it_is_called() {
    let world = World::empty();
    let name = "it's 5% \"odd\" $HOME å";
    ok(&world.path(""), &["new", name]);
    let here = world.path(name);
    let crontab = std::fs::read_to_string(here.join("operate/crontab")).unwrap();
    let line = crontab.lines().find(|line| line.starts_with("0 4")).unwrap();
    // As cron does: what follows the five fields, with its per cent signs restored, is for the shell.
    let command = line.splitn(6, ' ').last().unwrap().replace("\\%", "%");
    let (enter, _) = command.split_once(" && ").unwrap();
    let pwd = Command::new("sh").args(["-c", &format!("{enter} && pwd")]).output().unwrap();
    assert_eq!(String::from_utf8(pwd.stdout).unwrap().trim_end(), here.canonicalize().unwrap().display().to_string());
    let service = here.join("operate/utfall.service");
    // Where systemd is at hand, it reads the service as it was meant.
    if let Ok(verified) = Command::new("systemd-analyze").arg("verify").arg(&service).output() {
        let told = String::from_utf8_lossy(&verified.stderr).into_owned();
        let about = told.lines().filter(|line| line.contains("utfall.service")).collect::<Vec<_>>();
        assert!(about.iter().all(|line| line.contains("man ") || line.contains("Failed to")), "{about:?}");
    }
    let service = std::fs::read_to_string(service).unwrap();
    for wanted in ["NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateNetwork=yes", "5%% \\\"odd\\\" $HOME å\""] {
        assert!(service.contains(wanted), "{wanted}: {service}");
    }
}

#[test]
fn options_and_variables_stand_above_the_file_and_the_file_above_what_is_usual() {
    let world = World::empty();
    let top = world.path("");
    std::fs::create_dir(top.join("below")).unwrap();
    std::fs::write(top.join("utfall.toml"), "data = \"from-the-file\"\nlanguage = \"sv\"\n").unwrap();
    let told = ok(&top.join("below"), &["status"]);
    assert!(told.contains(&format!("ingen datakatalog: {}", top.join("from-the-file").display())), "{told}");
    let told = ok(&top, &["status", "--data", "of-the-option", "--lang", "en"]);
    assert!(told.contains("no data directory: of-the-option"), "{told}");
    let told = said(plain(&top, &["status"]).env("UTFALL_DATA", "of-the-variable").env("UTFALL_LANG", "en").output().unwrap());
    assert!(told.out.contains("no data directory: of-the-variable"), "{told:?}");
    // Named, it is meant wherever one stands; and none is looked for where that is said.
    let (elsewhere, file) = (World::empty(), world.text("utfall.toml"));
    let told = ok(&elsewhere.path(""), &["--config", &file, "status"]);
    assert!(told.contains(&top.join("from-the-file").display().to_string()), "{told}");
    let told = said(plain(&top, &["status"]).env("UTFALL_CONFIG", "").output().unwrap());
    assert!(told.out.contains("no data directory: data"), "{told:?}");
}

#[test]
fn a_file_that_is_wrong_or_anybodys_stops_before_anything_is_made() {
    let world = World::empty();
    let (top, file) = (world.path(""), world.path("utfall.toml"));
    let init = ["init", "--epsilon", "1", "--delta", "0"];
    for (text, told) in [
        ("data = \"data\"\nkey = \"keys\"\n", "line 2"),
        ("keys = \"~/keys\"\n", "`keys`"),
        ("language = \"fi\"\n", "line 1"),
        ("[inbox]\npattern = [\"[\"]\n", "`[`"),
    ] {
        std::fs::write(&file, text).unwrap();
        let said = run(&top, &init);
        assert!(said.code == 2 && said.err.contains("error[config-file]") && said.err.contains(told), "{text}: {said:?}");
    }
    // Help needs none of it.
    ok(&top, &["--help"]);
    std::fs::write(&file, "data = \"data\"\nkeys = \"data/keys\"\n").unwrap();
    assert!(run(&top, &init).err.contains("error[zones-together]"), "the key never lies with the data");
    std::fs::write(&file, "keys = \"taken-over\"\n").unwrap();
    for (path, mode) in [(&file, 0o666), (&top, 0o777)] {
        let usual = path.metadata().unwrap().permissions();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        let said = run(&top, &init);
        assert!(said.code == 2 && said.err.contains("error[config-not-yours]"), "{said:?}");
        std::fs::set_permissions(path, usual).unwrap();
    }
    assert_eq!(files(&top), [file]);
}

#[test]
fn each_command_says_one_object_and_nothing_else() {
    let (_world, here) = place();
    let list = here.join("lists/exempel.csv");
    // One row is wrong: it is set aside, by its rule and never by its value.
    std::fs::write(&list, format!("{}exempel,191212121213,2022-02-01,,\n", list_of_forty())).unwrap();
    let landed = run(&here, &["land", "--json", "lists/exempel.csv"]);
    let object = |said: &Said| object(&said.out);
    let told = object(&landed);
    assert_eq!((landed.code, &told["exit_code"], &told["command"]), (3, &Value::from(3), &Value::from("land")));
    assert_eq!((&told["files"][0]["outcome"], &told["files"][0]["rows"]), (&"landed".into(), &40.into()), "{told}");
    let wrong = &told["files"][0]["findings"]["lines"][0];
    assert_eq!((&wrong["rule"], &wrong["rows"][0]), (&"identity.check-digit".into(), &42.into()), "{told}");
    assert!(wrong["message"]["sv"].is_string() && wrong["message"]["en"].is_string());
    assert!(!landed.out.contains("191212121213") && told["error"]["code"] == "defective-files", "{told}");

    let told = object(&run(&here, &["check", "--json", "--explain"]));
    assert_eq!((&told["exit_code"], &told["accepted"][0]["rows_per_person"]), (&0.into(), &3.into()), "{told}");
    assert!(told["accepted"][0]["explanation"]["en"].as_str().unwrap().contains("at most"), "{told}");

    let told = object(&run(&here, &["plan", "--json"]));
    let (plan, budget) = (&told["releases"][0], &told["budget"]);
    assert_eq!(
        (&plan["due"], &plan["cost"]["delta"], &plan["left"]["fits"]),
        (&"new-rows".into(), &"0".into(), &true.into()),
        "{plan}"
    );
    assert_eq!((&budget["limit"]["epsilon"], &budget["left_epsilon"]), (&"10".into(), &"10".into()), "{budget}");
    assert!(plan["worth"]["tables"][0]["margin_high"].as_f64().unwrap() > 0.0, "{plan}");

    let told = object(&run(&here, &["release", "--json"]));
    let release = &told["releases"][0];
    assert_eq!((&release["name"], &release["outcome"]), (&"outcomes".into(), &"published".into()), "{told}");
    assert_eq!(release["charged"]["epsilon"], plan["cost"]["epsilon"], "{told}");
    assert!(here.join(release["page"].as_str().unwrap()).is_file(), "{told}");
    let again = object(&run(&here, &["release", "--json"]));
    assert_eq!(
        (&again["releases"][0]["outcome"], &again["releases"][0]["charged"]),
        (&"unchanged".into(), &Value::Null),
        "{again}"
    );
    assert_eq!(again["budget"], told["budget"]);

    let told = object(&run(&here, &["ledger", "--json"]));
    let events: Vec<&str> = told["entries"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["open", "reserve", "archived"]);
    assert_eq!(told["budget"], again["budget"]);

    let told = object(&run(&here, &["status", "--json"]));
    assert_eq!((&told["key"]["is_right"], &told["archived"]), (&true.into(), &1.into()), "{told}");
    assert_eq!(told["configuration"], here.join("utfall.toml").display().to_string());
    assert!(told["published"][0] == "outcomes" && told["next"]["sv"].is_string(), "{told}");
}

fn list_of_forty() -> String {
    list("exempel", 40)
}

#[test]
fn what_is_refused_is_said_in_the_object_too() {
    let world = World::empty();
    let home = home(&world, RELEASE, &[("a", QUERY), ("b", &QUERY.replace("f.sex, count", "f.participant, count"))]);
    let run = |arguments: &[&str]| said(world.command(arguments).env("UTFALL_HOME", &home).output().unwrap());
    let refused = run(&["check", "--json"]);
    let told = object(&refused.out);
    assert_eq!((refused.code, &told["exit_code"], told["accepted"].as_array().unwrap().len()), (2, &2.into(), 1), "{told}");
    let refusal = &told["error"]["refusals"][0];
    assert!(refusal["file"].as_str().unwrap().ends_with("b.sql") && refusal["line"].is_u64(), "{told}");
    assert!(refusal["help"]["sv"].is_string() && refusal["code"] == told["error"]["code"], "{told}");
    // A command line that is wrong, and what it asks for too.
    let told = object(&run(&["release", "--json", "--vintage", "0"]).out);
    assert_eq!((&told["exit_code"], &told["error"]["code"]), (&2.into(), &"invalid-value".into()), "{told}");
    assert!(told["error"]["message"]["sv"].as_str().unwrap().contains("passar inte"), "{told}");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let lost = said(world.command(&["status", "--json"]).stdout(full).output().unwrap());
    assert!(lost.code == 5 && lost.err.contains("error[not-printed]"), "{lost:?}");
}

#[test]
fn a_job_keeps_a_summary_that_never_tells_of_another_run() {
    let (_world, here) = place();
    std::fs::write(here.join("lists/exempel.csv"), list_of_forty()).unwrap();
    let job = ["run", "--inbox", "lists", "--summary", "operate/run.json"];
    let kept = || object(&std::fs::read_to_string(here.join("operate/run.json")).unwrap());
    assert!(ok(&here, &job).contains("outcomes: budget spent"));
    let told = kept();
    assert_eq!(
        (&told["exit_code"], &told["files"][0]["outcome"], &told["releases"][0]["outcome"]),
        (&0.into(), &"landed".into(), &"published".into())
    );
    assert_eq!(here.join("operate/run.json").metadata().unwrap().permissions().mode() & 0o077, 0, "it is for the controller");
    assert_eq!(ok(&here, &job), "", "nothing is new, and nothing is said");
    let told = kept();
    assert_eq!((&told["files"][0]["outcome"], &told["releases"][0]["outcome"]), (&"known".into(), &"unchanged".into()));
    // A run that is stopped at once says so, and not what the one before said.
    std::fs::write(here.join("lists/wrong.csv"), "Namn,Adress\nA,B\n").unwrap();
    assert_eq!(run(&here, &job).code, 3);
    assert_eq!((&kept()["exit_code"], &kept()["error"]["code"]), (&3.into(), &"defective-files".into()));
    std::fs::rename(here.join("schemas"), here.join("gone")).unwrap();
    assert_eq!((run(&here, &job).code, &kept()["exit_code"]), (2, &2.into()));
    std::fs::write(here.join("utfall.toml"), "keys = \"../here-keys\"\nnonsense = 1\n").unwrap();
    assert_eq!((run(&here, &job).code, &kept()["error"]["code"]), (2, &"config-file".into()));
    for place in ["lists/run.json", "out/run.json"] {
        let said = run(&here, &["run", "--inbox", "lists", "--summary", place]);
        assert!(said.code == 2 && said.err.contains("error[summary-place]") && !here.join(place).exists(), "{said:?}");
    }
}

#[test]
fn only_a_declared_pattern_leaves_files_aside_and_each_is_told() {
    let (_world, here) = place();
    std::fs::write(here.join("lists/exempel.csv"), list_of_forty()).unwrap();
    std::fs::write(here.join("lists/README.md"), "What lies here.\n").unwrap();
    // The place declares which files are lists.
    let told = run(&here, &["run", "--inbox", "lists", "--json"]);
    let object = object(&told.out);
    assert_eq!((told.code, &object["left_aside"][0]["may_be_list"]), (0, &false.into()), "{told:?}");
    assert!(told.err.contains("lists/README.md does not fit the pattern"), "{told:?}");
    // Without one, what is no list stops the run, as before.
    let said_of = |arguments: &[&str]| {
        said(plain(&here, arguments).env("UTFALL_CONFIG", "").env("UTFALL_KEYS", "../here-keys").output().unwrap())
    };
    let told = said_of(&["run", "--inbox", "lists"]);
    assert!(told.code == 3 && told.out.contains("README.md"), "{told:?}");
    // A pattern that passes over a list says whose people are not counted.
    let told = said_of(&["run", "--inbox", "lists", "--pattern", "*.xlsx"]);
    assert!(
        told.code == 0 && told.err.contains("warning: lists/exempel.csv") && told.err.contains("nobody in it is counted"),
        "{told:?}"
    );
    // What lists may be behind is never passed over.
    std::fs::create_dir(here.join("lists/march")).unwrap();
    let told = run(&here, &["run", "--inbox", "lists"]);
    assert!(told.code == 3 && told.out.contains("march"), "{told:?}");
    assert!(run(&here, &["run", "--inbox", "lists", "--pattern", "["]).err.contains("error[pattern]"));
}

#[test]
fn a_line_of_the_log_is_an_object() {
    let (_world, here) = place();
    std::fs::write(here.join("lists/notes.md"), "").unwrap();
    let told = run(&here, &["--log", "json", "run", "--inbox", "lists"]);
    let lines: Vec<Value> = told.err.lines().map(object).collect();
    let of = |field: &str| lines.iter().map(|line| line[field].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        (of("level"), of("code")),
        (vec!["info".to_owned(), "error".to_owned()], vec!["left-aside".to_owned(), "nothing-landed".to_owned()]),
        "{told:?}"
    );
    assert!(lines[0]["time"].as_str().unwrap().ends_with('Z') && lines[0]["message"].is_string());
    for (arguments, code) in [(&["nonsense"][..], "unknown-command"), (&["land", "none.csv"], "no-such-file")] {
        let said = said(plain(&here, arguments).env("UTFALL_LOG", "json").output().unwrap());
        let line = object(said.err.trim_end());
        assert_eq!((said.code, &line["level"], &line["code"]), (2, &"error".into(), &code.into()), "{said:?}");
    }
}

#[test]
fn pages_are_copied_whole_to_where_they_are_served() {
    let (world, here) = place();
    std::fs::write(here.join("lists/exempel.csv"), list_of_forty()).unwrap();
    ok(&here, &["run", "--inbox", "lists"]);
    std::fs::create_dir(world.path("www")).unwrap();
    let to = world.path("www/statistics");
    let told = ok(&here, &["publish", "--to", "../www/statistics"]);
    assert!(told.contains("files published"), "{told}");
    for path in ["index.html", "outcomes/index.html", "outcomes/by_region_and_sex.csv"] {
        assert_eq!(std::fs::read(to.join(path)).unwrap(), std::fs::read(here.join("out").join(path)).unwrap(), "{path}");
    }
    let mode = to.join("outcomes/index.html").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o044, 0o044, "a web server may read them");
    assert!(ok(&here, &["publish", "--to", "../www/statistics"]).contains("unchanged"));
    for (place, code) in [("data/www", "out-not-apart"), ("../here-keys/www", "out-not-apart"), ("out/www", "to-not-apart")] {
        let said = run(&here, &["publish", "--to", place]);
        assert!(said.code == 2 && said.err.contains(&format!("error[{code}]")), "{place}: {said:?}");
    }
    world.write("www/theirs/index.html", "theirs");
    let said = run(&here, &["publish", "--to", "../www/theirs"]);
    assert!(said.code == 5 && said.err.contains("error[not-published]"), "{said:?}");
}

#[test]
fn manual_pages_tell_of_every_command_in_both_languages() {
    let world = World::empty();
    ok(&world.path(""), &["manual", "man"]);
    for (folder, words) in [("man/man1", "Take participant lists in"), ("man/sv/man1", "Ta in deltagarlistor")] {
        let page = std::fs::read_to_string(world.path(folder).join("utfall-land.1")).unwrap();
        assert!(page.contains(words) && page.contains(".TH utfall"), "{page}");
        assert!(files(&world.path(folder)).len() > 20);
    }
}
