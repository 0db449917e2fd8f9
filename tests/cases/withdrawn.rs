//! Consents that are withdrawn before anything has landed, and beside a yes.

use super::{Place, filled};
use crate::upkeep::told;

const HEADINGS: &str = "Personnr;Projekt;Startdatum;Samtycke";

fn list(name: &'static str, headings: &str, rows: &[&str]) -> (&'static str, Vec<u8>) {
    (name, filled(format!("{headings}\n{}\n", rows.join("\n")).as_bytes()))
}

/// The day after today: no erasure of today covers what begins then.
fn tomorrow() -> String {
    (chrono::Utc::now().date_naive() + chrono::Days::new(1)).to_string()
}

/// A place where PROGRESS goes on.
fn going_on() -> Place {
    Place::with("register/project.csv", "2021-02-01,2023-02-28", "2021-02-01,2099-12-31")
}

#[test]
fn case_23_a_consent_that_was_withdrawn_before_anything_landed() {
    let place = Place::new();
    place.land_bytes(&[], &[list("a.csv", HEADINGS, &["{0};PROGRESS;2021-03-01;nej"])]).says(
        0,
        "
        a.csv (participation): 0 rader landade
          nya 0, ändrade 0, oförändrade 0, borttagna 0, uteslutna 1
          läst som: semikolon
          varning, rad 2: samtycket är återkallat; raden landar inte, och vad som landat om personen i projektet raderas; inget behöver göras [row.consent]
        ",
        "
        a.csv (participation): 0 rows landed
          new 0, changed 0, unchanged 0, withdrawn 0, excluded 1
          read as: semicolon
          warning, row 2: consent is withdrawn; the row does not land, what the person had in this project is erased; nothing needs doing [row.consent]
        ",
    );
    let rows = ["{0};PROGRESS;2021-03-01", "{0};ASAP;2016-03-01", "{1};PROGRESS;2021-03-01"];
    place.land_bytes(&[], &[list("b.csv", "Personnr;Projekt;Startdatum", &rows)]).says(
        0,
        "
        b.csv (participation): 2 rader landade
          nya 2, ändrade 0, oförändrade 1, borttagna 0
          läst som: semikolon
          varning, rad 2: raden fanns redan, oförändrad [row.known]
          endast för den personuppgiftsansvarige:
            varning, rad 2: raden gäller en person som har raderats; den landar inte; inget behöver göras [row.forgotten]
        ",
        "
        b.csv (participation): 2 rows landed
          new 2, changed 0, unchanged 1, withdrawn 0
          read as: semicolon
          warning, row 2: the row was there already, unchanged [row.known]
          for the controller only:
            warning, row 2: the row is of a person who has been erased; it does not land; nothing needs doing [row.forgotten]
        ",
    );
    place.has_landed("participation", "current", &["project", "sex"], &["asap;female", "progress;male"]);
}

#[test]
fn case_23_a_withdrawn_interim_number_and_one_that_is_still_to_begin_do_not_land_later() {
    let (place, day) = (going_on(), tomorrow());
    let later = format!("{{20}};PROGRESS;{day}");
    let a = ["{0 day}-K001;PROGRESS;2021-03-01;nej", &format!("{later};nej")];
    assert_eq!(place.land_bytes(&[], &[list("a.csv", HEADINGS, &a)]).code, 0);
    let b = ["{0 day}K001;PROGRESS;2021-03-01", &later, "{0 day}K001;ASAP;2016-03-01"];
    assert_eq!(place.land_bytes(&[], &[list("b.csv", "Personnr;Projekt;Startdatum", &b)]).code, 0);
    place.has_landed("participation", "current", &["project"], &["asap"]);
    // Who consents anew and begins after that day does.
    let after = (chrono::Utc::now().date_naive() + chrono::Days::new(2)).to_string();
    let c = [format!("{{20}};PROGRESS;{after};ja")];
    assert_eq!(place.land_bytes(&[], &[list("c.csv", HEADINGS, &[&c[0]])]).code, 0);
    place.has_landed("participation", "current", &["project", "start"], &["asap;2016-03-01", &format!("progress;{after}")]);
}

#[test]
fn case_23_no_beside_yes_is_no_in_any_order() {
    let day = tomorrow();
    for others in [["ja", ""], ["", "x"]] {
        let [no, first, second] = [
            "{20};PROGRESS;2021-03-01;nej".to_owned(),
            format!("{{20}};PROGRESS;{day};{}", others[0]),
            format!("{{20}};PROGRESS;2021-09-01;{}", others[1]),
        ];
        for rows in [[&no, &first, &second], [&first, &no, &second], [&second, &first, &no]] {
            let place = going_on();
            let all = [rows[0], rows[1], rows[2], "{20};Träning ger färdighet!;2008-09-01;ja", "{21};PROGRESS;2021-03-01;ja"];
            let heard = place.land_bytes(&[], &[list("a.csv", HEADINGS, &all)]);
            assert_eq!(heard.code, 0);
            let counts = "new 2, changed 0, unchanged 0, withdrawn 0, excluded 3";
            assert!(heard.out[1].contains(counts) && !heard.out[1].contains("row.forgotten"), "{}", heard.out[1]);
            let projects = ["progress;male", "traning-ger-fardighet;female"];
            place.has_landed("participation", "current", &["project", "sex"], &projects);
        }
    }
    let place = Place::new();
    let rows = ["{0};PROGRESS;2021-09-01;ja", "{0};PROGRESS;2021-03-01;nej"];
    place.land_bytes(&[], &[list("a.csv", HEADINGS, &rows)]).says(
        0,
        "
        a.csv (participation): 0 rader landade
          nya 0, ändrade 0, oförändrade 0, borttagna 0, uteslutna 2
          läst som: semikolon
          varning, rad 2: en annan rad säger att personens samtycke i projektet är återkallat, och det gäller; raden landar inte; kontrollera raderna [row.consent-elsewhere]
          varning, rad 3: samtycket är återkallat; raden landar inte, och vad som landat om personen i projektet raderas; inget behöver göras [row.consent]
        ",
        "
        a.csv (participation): 0 rows landed
          new 0, changed 0, unchanged 0, withdrawn 0, excluded 2
          read as: semicolon
          warning, row 2: another row says that the person's consent in the project is withdrawn, and that stands; it does not land; check the rows [row.consent-elsewhere]
          warning, row 3: consent is withdrawn; the row does not land, what the person had in this project is erased; nothing needs doing [row.consent]
        ",
    );
}

#[test]
fn case_23_a_no_under_another_of_the_persons_numbers_counts_and_its_sender_hears_nothing_of_that() {
    let (place, day) = (going_on(), tomorrow());
    for world in &place.worlds {
        let pair = String::from_utf8(filled(b"{20} {22}")).unwrap();
        assert_eq!(told(world, &["key", "alias"], &pair).code, 0);
    }
    let heard = place
        .land_bytes(&[], &[list("a.csv", HEADINGS, &[&format!("{{22}};PROGRESS;{day};ja"), "{20};PROGRESS;2021-03-01;nej"])]);
    let sender = heard.out[1].split("for the controller").next().unwrap();
    assert!(!sender.contains("row.consent-elsewhere") && heard.out[1].contains("row.forgotten"), "{}", heard.out[1]);
    place.has_landed("participation", "current", &["project"], &[]);
}
