//! When it was: dates, periods and the months of reports.

use super::{Place, filling};

#[test]
fn case_15_periods_that_cannot_be() {
    let place = Place::new();
    place.land(&["15-periods.csv"]).says(
        3,
        "
        15-periods.csv (participation): 2 rader landade
          nya 2, ändrade 0, oförändrade 0, borttagna 0, undantagna 3
          läst som: semikolon
          undantagen, rad 2, kolumn Slutdatum: slutdatum före startdatum; rätta datumen [period.order]
          undantagen, rad 3, kolumn Startdatum: utanför projektets period; rätta datumet eller projektet [period.project]
          undantagen, rad 4, kolumn Slutdatum: utanför projektets period; rätta datumet eller projektet [period.project]
        ",
        "
        15-periods.csv (participation): 2 rows landed
          new 2, changed 0, unchanged 0, withdrawn 0, set aside 3
          read as: semicolon
          set aside, row 2, column Slutdatum: the end is before the start; correct the dates [period.order]
          set aside, row 3, column Startdatum: outside the project's period; correct the date or the project [period.project]
          set aside, row 4, column Slutdatum: outside the project's period; correct the date or the project [period.project]
        ",
    );
    place.has_landed("participation", "current", &["start", "end"], &["2021-02-01;2023-02-28", "2021-03-01;2021-03-01"]);
}

#[test]
fn case_16_dates() {
    let place = Place::new();
    place.land(&["16-dates.csv"]).says(
        3,
        "
        16-dates.csv (participation): 5 rader landade
          nya 5, ändrade 0, oförändrade 0, borttagna 0, undantagna 4
          läst som: semikolon
          undantagen, rad 7, kolumn Startdatum: dag och månad går inte att skilja åt (d/m-åå eller m/d-åå); skriv ÅÅÅÅ-MM-DD [value.date-order]
          undantagen, rad 8, kolumn Startdatum: dag och månad går inte att skilja åt (d/m-åå eller m/d-åå); skriv ÅÅÅÅ-MM-DD [value.date-order]
          undantagen, rad 9, kolumn Startdatum: inte ett datum (ÅÅÅÅ-MM-DD); rätta det [value.date]
          undantagen, rad 10, kolumn Startdatum: inte ett datum (ÅÅÅÅ-MM-DD); rätta det [value.date]
        ",
        "
        16-dates.csv (participation): 5 rows landed
          new 5, changed 0, unchanged 0, withdrawn 0, set aside 4
          read as: semicolon
          set aside, row 7, column Startdatum: day and month cannot be told apart (d/m-yy or m/d-yy); write YYYY-MM-DD [value.date-order]
          set aside, row 8, column Startdatum: day and month cannot be told apart (d/m-yy or m/d-yy); write YYYY-MM-DD [value.date-order]
          set aside, row 9, column Startdatum: not a date (YYYY-MM-DD); correct it [value.date]
          set aside, row 10, column Startdatum: not a date (YYYY-MM-DD); correct it [value.date]
        ",
    );
    place.has_landed("participation", "current", &["start"], &["2021-02-01"; 5]);
}

#[test]
fn case_16_dates_in_workbooks() {
    let place = Place::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Deltagare").unwrap();
    let date = rust_xlsxwriter::Format::new().set_num_format("d/m-yy");
    for (i, heading) in (0..).zip(["Projekt", "Personnr", "Startdatum"]) {
        sheet.write(0, i, heading).unwrap();
    }
    for (row, who) in (1..).zip(["0", "1", "2", "3"]) {
        sheet.write(row, 0, "PROGRESS").unwrap().write(row, 1, filling(who)).unwrap();
    }
    // However a date is shown, it is one; without a format it is the number of its day; as text it may be unclear.
    sheet.write_with_format(1, 2, 44_228, &date).unwrap();
    sheet.write(2, 2, 44_228).unwrap().write(3, 2, 210_201).unwrap().write(4, 2, "1/2-21").unwrap();
    let (xlsx, ods) = (book.save_to_buffer().unwrap(), super::fixture("16-dates.ods"));
    for (name, bytes) in [("16-dates.xlsx", xlsx), ("16-dates.ods", ods)] {
        let place = if name == "16-dates.ods" { &Place::new() } else { &place };
        place.land_bytes(&[], &[(name, bytes)]).says(
            3,
            &format!(
                "
        {name}, blad Deltagare (participation): 3 rader landade
          nya 3, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          undantagen, rad 5, kolumn Startdatum: dag och månad går inte att skilja åt (d/m-åå eller m/d-åå); skriv ÅÅÅÅ-MM-DD [value.date-order]
        "
            ),
            &format!(
                "
        {name}, sheet Deltagare (participation): 3 rows landed
          new 3, changed 0, unchanged 0, withdrawn 0, set aside 1
          set aside, row 5, column Startdatum: day and month cannot be told apart (d/m-yy or m/d-yy); write YYYY-MM-DD [value.date-order]
        "
            ),
        );
        place.has_landed("participation", "current", &["start"], &["2021-02-01"; 3]);
    }
}

#[test]
fn case_20_ratings_before_the_start_and_two_on_one_day() {
    let place = Place::new();
    place.land(&["00-people.csv", "20-ratings.csv"]).says(
        3,
        "
        00-people.csv (participation): 2 rader landade
          läst som: semikolon
        20-ratings.csv (rating): 2 rader landade
          nya 2, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 2, kolumn Datum: före deltagandets start; rätta datumet, här eller i deltagarlistan [row.before-start]
          varning, rad 4: två rader om samma person, dag och sak; den senare raden gäller; kontrollera dem [row.later-wins]
        ",
        "
        00-people.csv (participation): 2 rows landed
          read as: semicolon
        20-ratings.csv (rating): 2 rows landed
          new 2, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 2, column Datum: before the participation began; correct the date, here or in the participant list [row.before-start]
          warning, row 4: two rows of one person on the same day for the same thing; the later row counts; check them [row.later-wins]
        ",
    );
    place.has_landed("rating", "current", &["rater", "date", "score"], &["case_worker;2021-03-08;5", "participant;2021-03-08;4"]);
}

#[test]
fn case_22_correction_of_a_month() {
    let place = Place::new();
    place.land(&["22-progress-2021-03.csv", "22-progress-2021-04.csv", "22-progress-2021-05.csv"]).says(
        0,
        "
        22-progress-2021-03.csv (participation): 3 rader landade
          månad 2021-03: nya 3, ändrade 0, oförändrade 0, borttagna 0
          läst som: semikolon, månad 2021-03, projekt progress
        22-progress-2021-04.csv (participation): 1 rad landade
          månad 2021-04: nya 1, ändrade 0, oförändrade 1, borttagna 0
          läst som: semikolon, månad 2021-04, projekt progress
          varning, rad 2: raden fanns redan, oförändrad [row.known]
        22-progress-2021-05.csv (participation): 1 rad landade
          månad 2021-05: nya 1, ändrade 0, oförändrade 0, borttagna 0
          läst som: semikolon, månad 2021-05, projekt progress
        ",
        "
        22-progress-2021-03.csv (participation): 3 rows landed
          month 2021-03: new 3, changed 0, unchanged 0, withdrawn 0
          read as: semicolon, month 2021-03, project progress
        22-progress-2021-04.csv (participation): 1 row landed
          month 2021-04: new 1, changed 0, unchanged 1, withdrawn 0
          read as: semicolon, month 2021-04, project progress
          warning, row 2: the row was there already, unchanged [row.known]
        22-progress-2021-05.csv (participation): 1 row landed
          month 2021-05: new 1, changed 0, unchanged 0, withdrawn 0
          read as: semicolon, month 2021-05, project progress
        ",
    );
    place.land(&["22-corrected-progress-2021-03.csv"]).says(
        0,
        "
        22-corrected-progress-2021-03.csv (participation): 2 rader landade
          månad 2021-03: nya 1, ändrade 1, oförändrade 1, borttagna 1
          läst som: semikolon, månad 2021-03, projekt progress
          varning: ersätter det som redovisats för månaden: 22-progress-2021-03.csv; var det här en del av redovisningen, kör filerna tillsammans, eller kalla den del (--part, progress-2021-03-del-2.csv, part = true i kopplingen) [month.replaces]
          varning: senare månader hade landat före den här rättelsen: 2021-04, 2021-05; skicka dem på nytt [month.later]
          varning, rad 2: raden fanns redan, oförändrad [row.known]
          varning, rad 3: raden hade landat med andra uppgifter; den är rättad och behåller sin plats; inget behöver göras [row.corrected]
        ",
        "
        22-corrected-progress-2021-03.csv (participation): 2 rows landed
          month 2021-03: new 1, changed 1, unchanged 1, withdrawn 1
          read as: semicolon, month 2021-03, project progress
          warning: replaces what was reported for the month: 22-progress-2021-03.csv; if this is a part of the report, run the files together, or call it a part (--part, progress-2021-03-part-2.csv, part = true in the mapping) [month.replaces]
          warning: later months had landed before this correction: 2021-04, 2021-05; send them again [month.later]
          warning, row 2: the row was there already, unchanged [row.known]
          warning, row 3: the row had landed with other values; it is corrected and keeps its place; nothing needs doing [row.corrected]
        ",
    );
    let lines = ["2021-03-01;;", "2021-03-01;2021-03-31;studies", "2021-03-15;;", "2021-04-01;;", "2021-05-01;;"];
    place.has_landed("participation", "current", &["start", "end", "exit_state"], &lines);
}

#[test]
fn case_31_exit_to_work_without_a_date() {
    let place = Place::new();
    place.land(&["31-no-end.csv"]).says(
        0,
        "
        31-no-end.csv (participation): 3 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Slutdatum: resultat utan slutdatum; räknas i andelen, men inte i siffror inom fyra veckor efter avslut; fyll i slutdatum [period.no-end]
        ",
        "
        31-no-end.csv (participation): 3 rows landed
          read as: semicolon
          warning, row 2, column Slutdatum: an outcome without an end date; counts in the rate, not in figures within four weeks of the exit; fill in the date [period.no-end]
        ",
    );
    place.has_landed("participation", "current", &["exit_state", "end"], &[";", "work;", "work;2021-09-30"]);
}

#[test]
fn case_32_six_months_not_elapsed() {
    // No project of the register goes on today, so one is prolonged.
    let place = Place::with("register/project.csv", "2021-02-01,2023-02-28", "2021-02-01,2199-12-31");
    place.land(&["32-six-months.csv"]).says(
        0,
        "
        32-six-months.csv (participation): 2 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Slutdatum: 6 månader har inte gått sedan avslut; raden är inte med i uppföljningens nämnare än; inget behöver göras [period.follow-up]
        ",
        "
        32-six-months.csv (participation): 2 rows landed
          read as: semicolon
          warning, row 2, column Slutdatum: 6 months have not passed since the exit; the row is not yet in the follow-up's denominator; nothing needs doing [period.follow-up]
        ",
    );
    let ends = [200, 150].map(|days| filling(&format!("{days} days ago")));
    place.has_landed("participation", "current", &["end"], &ends.each_ref().map(String::as_str));
}
