//! Who a row is about.

use super::{Place, filled};
use crate::world::{RELEASE, World, files, home, said};

#[test]
fn case_07_ten_digits() {
    let place = Place::new();
    place.land(&["07-ten-digits.csv"]).says(
        0,
        "
        07-ten-digits.csv (participation): 2 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Personnr: sekel saknas; det senaste som inte ligger i framtiden antogs; skriv helst tolv siffror [identity.century] (och 1 rad till)
          varning, rad 4: samma rad finns tidigare i filen; den lästes en gång; ta helst bort den ena [row.repeated]
        ",
        "
        07-ten-digits.csv (participation): 2 rows landed
          read as: semicolon
          warning, row 2, column Personnr: no century; the latest that is not in the future was taken; preferably write twelve digits [identity.century] (and 1 more row)
          warning, row 4: the same row stands earlier in the file; it was read once; preferably remove one [row.repeated]
        ",
    );
    place.has_landed("participation", "current", &["sex", "contribution"], &["female;1", "male;1"]);
}

#[test]
fn case_08_numbers_that_a_spreadsheet_rewrote() {
    let place = Place::new();
    place.land(&["08-exponent.csv", "08-leading-zero.csv"]).says(
        3,
        "
        08-exponent.csv (participation): avvisad, inget landade
          avvisad, rad 3, kolumn Personnr: kalkylprogrammet har gjort numren till tal (inledande nolla borta, 1,99E+11); gör kolumnen till text och fyll i den igen [identity.rewritten]
        08-leading-zero.csv (participation): avvisad, inget landade
          avvisad, rad 4, kolumn Personnr: kalkylprogrammet har gjort numren till tal (inledande nolla borta, 1,99E+11); gör kolumnen till text och fyll i den igen [identity.rewritten]
          avvisad, rad 5, kolumn Personnr: kalkylprogrammet har gjort numren till tal (inledande nolla borta, 1,99E+11); gör kolumnen till text och fyll i den igen [identity.rewritten]
        ",
        "
        08-exponent.csv (participation): rejected, nothing landed
          rejected, row 3, column Personnr: the spreadsheet has made numbers of them (a leading zero lost, 1.99E+11); store the column as text and fill it in anew [identity.rewritten]
        08-leading-zero.csv (participation): rejected, nothing landed
          rejected, row 4, column Personnr: the spreadsheet has made numbers of them (a leading zero lost, 1.99E+11); store the column as text and fill it in anew [identity.rewritten]
          rejected, row 5, column Personnr: the spreadsheet has made numbers of them (a leading zero lost, 1.99E+11); store the column as text and fill it in anew [identity.rewritten]
        ",
    );
    // In a workbook the cells are numbers; twelve digits are still whole, ten that began with zeros are not.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Deltagare").unwrap();
    for (i, heading) in (0..).zip(["Projekt", "Personnr", "Startdatum"]) {
        sheet.write(0, i, heading).unwrap();
    }
    for (row, who) in (1..).zip(["{0}", "{20 number}", "{zero number}"]) {
        let number: f64 = String::from_utf8(filled(who.as_bytes())).unwrap().replace('-', "").parse().unwrap();
        sheet.write(row, 0, "PROGRESS").unwrap().write(row, 1, number).unwrap().write(row, 2, "2021-03-01").unwrap();
    }
    place.land_bytes(&[], &[("08-leading-zero.xlsx", book.save_to_buffer().unwrap())]).says(
        3,
        "
        08-leading-zero.xlsx, blad Deltagare (participation): avvisad, inget landade
          avvisad, rad 3, kolumn Personnr: kalkylprogrammet har gjort numren till tal (inledande nolla borta, 1,99E+11); gör kolumnen till text och fyll i den igen [identity.rewritten]
          avvisad, rad 4, kolumn Personnr: kalkylprogrammet har gjort numren till tal (inledande nolla borta, 1,99E+11); gör kolumnen till text och fyll i den igen [identity.rewritten]
        ",
        "
        08-leading-zero.xlsx, sheet Deltagare (participation): rejected, nothing landed
          rejected, row 3, column Personnr: the spreadsheet has made numbers of them (a leading zero lost, 1.99E+11); store the column as text and fill it in anew [identity.rewritten]
          rejected, row 4, column Personnr: the spreadsheet has made numbers of them (a leading zero lost, 1.99E+11); store the column as text and fill it in anew [identity.rewritten]
        ",
    );
    place.has_landed("participation", "current", &["start"], &[]);
}

#[test]
fn case_09_check_digit() {
    let place = Place::new();
    place.land(&["09-check-digit.csv"]).says(
        3,
        "
        09-check-digit.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 2
          läst som: semikolon
          undantagen, rad 3, kolumn Personnr: kontrollsiffran stämmer inte; rätta numret [identity.check-digit]
          undantagen, rad 4, kolumn Personnr: kontrollsiffran stämmer inte; rätta numret [identity.check-digit]
        ",
        "
        09-check-digit.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 2
          read as: semicolon
          set aside, row 3, column Personnr: the check digit is wrong; correct the number [identity.check-digit]
          set aside, row 4, column Personnr: the check digit is wrong; correct the number [identity.check-digit]
        ",
    );
    place.has_landed("participation", "current", &["sex"], &["female"]);
}

#[test]
fn case_10_protected_identity() {
    let place = Place::new();
    place.land(&["10-protected.csv"]).says(
        0,
        "
        10-protected.csv (participation): 4 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Personnr: skyddad identitet; landar anonymt, räknas bara i totalsummor som tar med sådana, kopplas aldrig; inget behöver göras [identity.protected] (och 2 rader till)
        ",
        "
        10-protected.csv (participation): 4 rows landed
          read as: semicolon
          warning, row 2, column Personnr: protected identity; lands anonymously, counts only in grand totals that opt in, is never joined; nothing needs doing [identity.protected] (and 2 more rows)
        ",
    );
    // Two records of one and the same text are two people, and nothing is known of where they live.
    let columns = ["sex", "municipality", "participant"];
    place.has_landed("participation", "anonymous", &columns, &["female;;a", "female;;b", "male;;c"]);
    place.has_landed("participation", "current", &columns, &["female;1381;a"]);
}

#[test]
fn case_10_protected_identities_count_in_grand_totals_that_ask_for_them() {
    let query = |anonymous| {
        format!(
            "/*+++ title = {{ sv = \"Alla\", en = \"Everybody\" }}\nanonymous = {anonymous} +++*/\nSELECT count(*) AS n, \
             count(DISTINCT participant) AS people FROM participation p"
        )
    };
    let world = World::new("5000");
    let release = RELEASE.replace("epsilon = \"1\"", "epsilon = \"2000\"").replace("\"csv\"", "\"csv\", \"html\"");
    world.ok(&["land", &world.write("people.csv", filled(&super::fixture("10-protected.csv")))]);
    for (anonymous, rows) in [(true, 4), (false, 1)] {
        let home = home(&world, &release, &[("everybody", &query(anonymous))]);
        let released = said(world.command(&["release"]).env("UTFALL_HOME", home).output().unwrap());
        assert_eq!(released.code, 0, "{released:?}");
        let read = |name: &str| std::fs::read_to_string(world.path("out/trial").join(name)).unwrap();
        let data: Vec<String> = files(&world.path("out/trial"))
            .iter()
            .filter(|path| path.extension().is_some_and(|x| x == "csv"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        // With this much budget a count is all but exact; every record is a person of its own.
        assert!(
            data.len() == 2 && data.iter().all(|csv| csv.lines().any(|line| line.starts_with(&format!("{rows},")))),
            "{data:?}"
        );
        for (page, words) in [("index.html", "skyddas som en grupp av r"), ("en.html", "is protected as a group of r")] {
            assert_eq!(read(page).contains(words), anonymous, "{page}");
        }
    }
}

#[test]
fn case_11_interim_and_reserve_numbers() {
    let place = Place::new();
    place.land(&["11-provisional.csv"]).says(
        0,
        "
        11-provisional.csv (participation): 6 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Personnr: interims- eller reservnummer; raden landar men kopplas inte mellan projekt; skriv personnumret när det finns, och be då den personuppgiftsansvarige koppla de två (`utfall key alias`) [identity.provisional] (och 3 rader till)
        ",
        "
        11-provisional.csv (participation): 6 rows landed
          read as: semicolon
          warning, row 2, column Personnr: interim or reserve number; the row lands but is not linked across projects; write the identity number when there is one, and have the controller tie the two (`utfall key alias`) then [identity.provisional] (and 3 more rows)
        ",
    );
    // Only the person with a real number is one in both projects.
    let lines = ["asap;;1", "asap;;1", "asap;female;1", "progress;;1", "progress;;1", "progress;female;2"];
    place.has_landed("participation", "current", &["project", "sex", "contribution"], &lines);

    let place = Place::with("participation.toml", "provisional = \"project\"", "provisional = \"refuse\"");
    place.land(&["11-provisional.csv"]).says(
        0,
        "
        11-provisional.csv (participation): 2 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Personnr: interims- eller reservnummer; raden landar inte här, enligt installationens policy; skicka den när personnumret finns [identity.interim] (och 3 rader till)
        ",
        "
        11-provisional.csv (participation): 2 rows landed
          read as: semicolon
          warning, row 2, column Personnr: interim or reserve number; the row does not land, by the installation's policy; send it once there is an identity number [identity.interim] (and 3 more rows)
        ",
    );
    place.has_landed("participation", "current", &["project", "sex"], &["asap;female", "progress;female"]);
}

#[test]
fn case_12_sex_contradicts_the_number() {
    let place = Place::new();
    place.land(&["12-sex.csv"]).says(
        0,
        "
        12-sex.csv (participation): 4 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Kön: listan och numret säger olika kön; listans uppgift behölls; kontrollera raden [identity.sex]
        ",
        "
        12-sex.csv (participation): 4 rows landed
          read as: semicolon
          warning, row 2, column Kön: the list and the number disagree on the sex; what the list says was kept; check the row [identity.sex]
        ",
    );
    place.has_landed("participation", "current", &["sex"], &["female", "male", "male", "male"]);
}

#[test]
fn case_13_overlapping_periods() {
    let place = Place::new();
    place.land(&["13-overlapping.csv"]).says(
        0,
        "
        13-overlapping.csv (participation): 2 rader landade
          läst som: semikolon
          varning, rad 2: överlappar en annan period för samma person i projektet; de blev ett enda deltagande; kontrollera datumen [row.merged]
        ",
        "
        13-overlapping.csv (participation): 2 rows landed
          read as: semicolon
          warning, row 2: overlaps another period of the same person in the project; they became one participation; check the dates [row.merged]
        ",
    );
    let columns = ["start", "end", "sex", "municipality", "exit_state", "contribution"];
    let lines = ["2021-03-01;2021-06-30;male;1381;;1", "2021-03-01;2021-09-30;female;1381;work;1"];
    place.has_landed("participation", "current", &columns, &lines);
}

#[test]
fn case_14_disjoint_periods() {
    let place = Place::new();
    place.land(&["14-disjoint.csv"]).says(
        0,
        "
        14-disjoint.csv (participation): 3 rader landade
          läst som: semikolon
        ",
        "
        14-disjoint.csv (participation): 3 rows landed
          read as: semicolon
        ",
    );
    let columns = ["sex", "start", "end", "participant", "contribution", "entry"];
    let lines = ["female;2021-03-01;2021-06-30;a;1;1", "female;2021-09-01;2021-12-31;a;2;2", "male;2021-03-01;2021-06-30;b;1;1"];
    place.has_landed("participation", "current", &columns, &lines);
}

#[test]
fn case_21_felregistrering() {
    let place = Place::new();
    place.land(&["21-before.csv"]).says(
        0,
        "
        21-before.csv (participation): 2 rader landade
          läst som: semikolon
        ",
        "
        21-before.csv (participation): 2 rows landed
          read as: semicolon
        ",
    );
    place.land(&["21-felregistrering.csv"]).says(
        0,
        "
        21-felregistrering.csv (participation): 0 rader landade
          nya 0, ändrade 0, oförändrade 1, borttagna 1, uteslutna 2
          läst som: semikolon
          varning, rad 2: raden fanns redan, oförändrad [row.known]
          varning, rad 3: raden är en felregistrering; den är utesluten och räknad för sig; inget behöver göras [row.void] (och 1 rad till)
        ",
        "
        21-felregistrering.csv (participation): 0 rows landed
          new 0, changed 0, unchanged 1, withdrawn 1, excluded 2
          read as: semicolon
          warning, row 2: the row was there already, unchanged [row.known]
          warning, row 3: the row is a wrong entry (felregistrering); it is excluded and counted apart; nothing needs doing [row.void] (and 1 more row)
        ",
    );
    place.has_landed("participation", "current", &["sex", "exit_state"], &["female;work"]);
    place.has_landed("participation", "withdrawn", &["start", "sex", "contribution"], &["2021-03-01;;1"]);
}

#[test]
fn case_21_rows_within_a_wrong_entry_count_only_while_it_does() {
    const QUERY: &str =
        "/*+++ title = { sv = \"a\", en = \"b\" } +++*/\nSELECT r.area, count(*) AS n FROM rating r GROUP BY r.area";
    let world = World::new("5000");
    let bounds = "participations = 3, rows = { rating = 10 }";
    let release = RELEASE.replace("participations = 3", bounds).replace("epsilon = \"1\"", "epsilon = \"900\"");
    let home = home(&world, &release, &[("ratings", QUERY)]);
    let people = |result| {
        let list =
            format!("Projekt;Personnr;Startdatum;Resultat\nPROGRESS;{{0}};2021-03-01;{result}\nPROGRESS;{{1}};2021-03-01;\n");
        filled(list.as_bytes())
    };
    let rating = |who: usize, day: usize| format!("PROGRESS;{{{who}}};Hälsa;2021-03-0{day};Deltagare;3\n");
    let ratings: String = (1..9).map(|day| rating(0, day)).chain([rating(1, 1)]).collect();
    let ratings = filled(format!("Projekt;Personnr;Område;Datum;Skattad av;Skattning\n{ratings}").as_bytes());
    // With this much budget a count is all but exact.
    let published = |rows: u32| {
        let released = said(world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap());
        assert_eq!(released.code, 0, "{released:?}");
        let csv = std::fs::read_to_string(world.path("out/trial/ratings.csv")).unwrap();
        assert!(csv.lines().any(|line| line.starts_with(&format!("health,Hälsa,Health,{rows},"))), "{rows} in {csv}");
    };
    let [before, ratings] = [("people.csv", people("")), ("ratings.csv", ratings)].map(|(name, list)| world.write(name, list));
    world.ok(&["land", &before, &ratings]);
    published(9);
    world.ok(&["land", &world.write("wrong.csv", people("Felregistrering"))]);
    published(1);
    // Reported once more, it is the same participation, with its ratings.
    world.ok(&["land", &world.write("right.csv", people("Arbete"))]);
    published(9);
}

#[test]
fn case_23_consent_withdrawn() {
    let place = Place::new();
    place.land(&["23-consent.csv"]).says(
        0,
        "
        23-consent.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, uteslutna 2
          läst som: semikolon
          varning, rad 2: samtycket är återkallat; raden landar inte, och vad som landat om personen i projektet raderas; inget behöver göras [row.consent] (och 1 rad till)
        ",
        "
        23-consent.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, excluded 2
          read as: semicolon
          warning, row 2: consent is withdrawn; the row does not land, what the person had in this project is erased; nothing needs doing [row.consent] (and 1 more row)
        ",
    );
    place.has_landed("participation", "current", &["sex", "contribution"], &["female;1"]);
}

#[test]
fn case_23_what_is_neither_a_consent_nor_its_withdrawal_is_asked_about() {
    let place = Place::new();
    let answers = ["ja", "Ja", "x", "kanske", "nja", "ej svarat"];
    let rows: String = answers.iter().enumerate().map(|(i, answer)| format!("PROGRESS;{{{i}}};2021-03-01;{answer}\n")).collect();
    place.land_bytes(&[], &[("consent.csv", filled(format!("Projekt;Personnr;Startdatum;Samtycke\n{rows}").as_bytes()))]).says(
        3,
        "
        consent.csv (participation): 3 rader landade
          nya 3, ändrade 0, oförändrade 0, borttagna 0, undantagna 3
          läst som: semikolon
          undantagen, rad 5, kolumn Samtycke: ska vara ja eller nej; rätta värdet [value.boolean]
          undantagen, rad 6, kolumn Samtycke: ska vara ja eller nej; rätta värdet [value.boolean]
          undantagen, rad 7, kolumn Samtycke: ska vara ja eller nej; rätta värdet [value.boolean]
        ",
        "
        consent.csv (participation): 3 rows landed
          new 3, changed 0, unchanged 0, withdrawn 0, set aside 3
          read as: semicolon
          set aside, row 5, column Samtycke: must be yes or no; write ja or nej [value.boolean]
          set aside, row 6, column Samtycke: must be yes or no; write ja or nej [value.boolean]
          set aside, row 7, column Samtycke: must be yes or no; write ja or nej [value.boolean]
        ",
    );
}
