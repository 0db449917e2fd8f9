//! What was said of a list, by options, titles and names, and what is told where it is not said, or said twice.

use super::workbooks::made::Kind::{Ods, Xlsx};
use super::workbooks::made::sheet;
use super::{Place, filled};

fn list<'n>(name: &'n str, text: &str) -> (&'n str, Vec<u8>) {
    (name, filled(format!("Personnr;Projekt;Startdatum;Slutdatum\n{text}").as_bytes()))
}

#[test]
fn a_sheet_per_team_is_one_report_and_an_empty_template_withdraws_nobody() {
    for kind in [Xlsx, Ods] {
        let place = Place::new();
        let team = |name, from: usize| {
            let people = [from, from + 1].map(|who| format!("{{{who}}}"));
            sheet(name, &people.each_ref().map(|who| [who.as_str(), "PROGRESS", "2021-03-01", "Laholm"]))
        };
        let book = kind.book(&[team("Team Laholm", 0), team("Team Falkenberg", 2), sheet("Mall", &[])], "");
        let mut heard = place.land_bytes(&[], &[(&kind.file("progress-2021-11"), book)]);
        heard.out.iter_mut().for_each(|out| *out = out.replace(&kind.file("progress-2021-11"), "lista"));
        heard.says(
            0,
            "
            lista, blad Team Laholm (participation): 2 rader landade
              månad 2021-11: nya 2, ändrade 0, oförändrade 0, borttagna 0
              läst som: månad 2021-11, projekt progress
            lista, blad Team Falkenberg (participation): 2 rader landade
              månad 2021-11: nya 2, ändrade 0, oförändrade 0, borttagna 0
              läst som: månad 2021-11, projekt progress
            lista, blad Mall (participation): 0 rader landade
              månad 2021-11: nya 0, ändrade 0, oförändrade 0, borttagna 0
              läst som: månad 2021-11, projekt progress
              varning: filen har rubriker men inga rader; om det stämmer behöver inget göras [file.no-rows]
            ",
            "
            lista, sheet Team Laholm (participation): 2 rows landed
              month 2021-11: new 2, changed 0, unchanged 0, withdrawn 0
              read as: month 2021-11, project progress
            lista, sheet Team Falkenberg (participation): 2 rows landed
              month 2021-11: new 2, changed 0, unchanged 0, withdrawn 0
              read as: month 2021-11, project progress
            lista, sheet Mall (participation): 0 rows landed
              month 2021-11: new 0, changed 0, unchanged 0, withdrawn 0
              read as: month 2021-11, project progress
              warning: the file has headings but no rows; if that is right, nothing needs doing [file.no-rows]
            ",
        );
        place.has_landed("participation", "current", &["start"], &["2021-03-01"; 4]);
    }
}

#[test]
fn an_option_against_a_column_or_a_name_is_refused() {
    let place = Place::new();
    let asap = "{0};ASAP;2017-03-01;\n{1};ASAP;2017-03-01;\n";
    let said = ["--project", "progress", "--month", "2021-03"];
    place.land_bytes(&said, &[list("asap-2021-03.csv", asap), list("lista.csv", asap), list("andra.csv", "{2};PROGRESS;2021-03-01;\n")]).says(
        3,
        "
        asap-2021-03.csv: avvisad, inget landade
          avvisad: två ställen säger olika projekt (--project, en titel, filens namn, kopplingen); rätta det som är fel [file.project]
        lista.csv (participation): avvisad, inget landade
          avvisad, rad 2, kolumn Projekt: raden gäller ett annat projekt än det som angavs med --project; utelämna --project, eller rätta listan [row.project-option]
          avvisad, rad 3, kolumn Projekt: raden gäller ett annat projekt än det som angavs med --project; utelämna --project, eller rätta listan [row.project-option]
        andra.csv (participation): avvisad, inget landade
          avvisad: en annan fil eller ett annat blad i samma redovisning avvisades, och då väntar även detta; rätta det andra och kör båda igen [file.report]
        ",
        "
        asap-2021-03.csv: rejected, nothing landed
          rejected: two places say different projects (--project, a title, the file's name, the mapping); correct the one that is wrong [file.project]
        lista.csv (participation): rejected, nothing landed
          rejected, row 2, column Projekt: the row is of another project than the one given with --project; leave out --project, or correct the list [row.project-option]
          rejected, row 3, column Projekt: the row is of another project than the one given with --project; leave out --project, or correct the list [row.project-option]
        andra.csv (participation): rejected, nothing landed
          rejected: another file or sheet of the same report was rejected, so this one waits too; mend the other and run both again [file.report]
        ",
    );
}

#[test]
fn a_title_against_a_name_is_refused_and_nobody_said_is_told() {
    let place = Place::new();
    let titled = filled("Deltagare mars 2021\nPersonnr;Projekt;Startdatum\n{0};PROGRESS;2021-03-01\n".as_bytes());
    place.land_bytes(&[], &[("progress-2021-04.csv", titled)]).says(
        3,
        "
        progress-2021-04.csv: avvisad, inget landade
          avvisad: två ställen säger olika månad (--month, en titel, filens namn); rätta den som är fel [file.month]
        ",
        "
        progress-2021-04.csv: rejected, nothing landed
          rejected: two places say different months (--month, a title, the file's name); correct the one that is wrong [file.month]
        ",
    );
    place.land_bytes(&[], &[list("mars-2021-03.csv", "{0};PROGRESS;2021-03-01;\n")]).says(
        0,
        "
        mars-2021-03.csv (participation): 1 rad landade
          läst som: semikolon, månad 2021-03
          varning: ingen har sagt vilka projekt listan redovisar, så inget tidigare tas bort; säg det med --project, i filens namn (progress-2021-03.csv) eller i kopplingen (projects = [\"progress\"]) [month.no-project]
        ",
        "
        mars-2021-03.csv (participation): 1 row landed
          read as: semicolon, month 2021-03
          warning: nobody said which projects the list reports, so nothing earlier is withdrawn; say it with --project, in the file's name (progress-2021-03.csv) or in the mapping (projects = [\"progress\"]) [month.no-project]
        ",
    );
    place.land_bytes(&[], &[list("progress.csv", "{1};ASAP;2017-03-01;\n{2};PROGRESS;2021-03-01;\n")]).says(
        3,
        "
        progress.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon, projekt progress
          undantagen, rad 2, kolumn Projekt: raden gäller ett annat projekt än det som listan redovisar; rätta den, eller skicka den i det projektets lista [row.other-project]
        ",
        "
        progress.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon, project progress
          set aside, row 2, column Projekt: the row is of another project than the one that the list reports; correct it, or send it in that project's list [row.other-project]
        ",
    );
}

#[test]
fn a_mended_list_that_equals_a_replaced_one_names_what_replaced_it() {
    let place = Place::new();
    let right = "{0};PROGRESS;2021-03-01;\n{1};PROGRESS;2021-03-01;\n";
    place.land_bytes(&[], &[list("1-progress-2021-03.csv", right)]);
    place.land_bytes(&[], &[list("2-progress-2021-03.csv", "{0};PROGRESS;2021-03-01;\n{1};PROGRESS;1/3-21;\n")]).says(
        3,
        "
        2-progress-2021-03.csv (participation): 0 rader landade
          månad 2021-03: nya 0, ändrade 0, oförändrade 1, borttagna 1, undantagna 1
          läst som: semikolon, månad 2021-03, projekt progress
          undantagen, rad 3, kolumn Startdatum: dag och månad går inte att skilja åt (d/m-åå eller m/d-åå); skriv ÅÅÅÅ-MM-DD [value.date-order]
          varning: rader som väntar på rättelse: 1; det som landat om dem för månaden räknas som borttaget tills de är rättade och skickade på nytt [month.incomplete]
          varning: ersätter det som redovisats för månaden: 1-progress-2021-03.csv; var det här en del av redovisningen, kör filerna tillsammans, eller kalla den del (--part, progress-2021-03-del-2.csv, part = true i kopplingen) [month.replaces]
          varning, rad 2: raden fanns redan, oförändrad [row.known]
        ",
        "
        2-progress-2021-03.csv (participation): 0 rows landed
          month 2021-03: new 0, changed 0, unchanged 1, withdrawn 1, set aside 1
          read as: semicolon, month 2021-03, project progress
          set aside, row 3, column Startdatum: day and month cannot be told apart (d/m-yy or m/d-yy); write YYYY-MM-DD [value.date-order]
          warning: rows waiting for correction: 1; what had landed of them for the month counts as withdrawn until they are mended and sent again [month.incomplete]
          warning: replaces what was reported for the month: 1-progress-2021-03.csv; if this is a part of the report, run the files together, or call it a part (--part, progress-2021-03-part-2.csv, part = true in the mapping) [month.replaces]
          warning, row 2: the row was there already, unchanged [row.known]
        ",
    );
    place.land_bytes(&[], &[list("3-progress-2021-03.csv", right)]).says(
        3,
        "
        3-progress-2021-03.csv (participation): har landat tidigare, inget ändrat
          läst som: semikolon, månad 2021-03, projekt progress
          avvisad: listan har landat förut och har sedan ersatts av 2-progress-2021-03.csv; ska den gälla igen, kör utfall land --again med den [month.replaced-since]
        ",
        "
        3-progress-2021-03.csv (participation): landed before, nothing changed
          read as: semicolon, month 2021-03, project progress
          rejected: the list landed before and has been replaced since by 2-progress-2021-03.csv; if it is to count again, run utfall land --again with it [month.replaced-since]
        ",
    );
    assert_eq!(place.land_bytes(&["--again"], &[list("3-progress-2021-03.csv", right)]).code, 0);
    place.has_landed("participation", "current", &["start"], &["2021-03-01"; 2]);
}
