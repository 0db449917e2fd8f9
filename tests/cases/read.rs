//! How a list is read: what a person sees in it, not what its bytes happen to be.

use super::{Place, filled};

/// Lands a list and compares all that is said of it.
#[track_caller]
fn lands(list: &str, code: i32, sv: &str, en: &str) -> Place {
    let place = Place::new();
    place.land_bytes(&[], &[("list.csv", filled(list.as_bytes()))]).says(code, sv, en);
    place
}

/// Lands a list of which nothing is to be said but how many rows landed.
#[track_caller]
fn lands_quietly(list: &str, rows: usize) -> Place {
    let (sv, en) = if rows == 1 { ("rad landade", "row landed") } else { ("rader landade", "rows landed") };
    lands(
        list,
        0,
        &format!("list.csv (participation): {rows} {sv}\n  läst som: semikolon"),
        &format!("list.csv (participation): {rows} {en}\n  read as: semicolon"),
    )
}

#[test]
fn what_shows_nothing_is_not_there() {
    let hidden = "Per\u{ad}sonnr;\u{200b}Projekt;Start\u{2060}datum;Slutdatum;Kommun;Månader utan arbete\u{feff}\n\
        \u{200b}{0};PROGRESS;2021-03-01\u{200e};2022-03-01;Halm\u{ad}stad;12\n\
        {1};\u{feff}PROGRESS;\u{202a}2021-03-01\u{202c};2022-03-01;\u{2066}Halmstad\u{2069};1\u{200b}2\n\
        {2}\u{a0};PROGRESS\u{202f};\u{2007}2021-03-01;2022-03-01;\u{a0}Halmstad;\u{a0}12\n\
        {3};PROGRESS;2021-03-01;2022-03-01;Upplands\u{a0}Väsby;12\n\
        {4};PROGRESS;2021-03-01;2022-03-01;Upplands  Väsby;12\n";
    let place = lands_quietly(hidden, 5);
    let landed = ["0114;12", "0114;12", "1380;12", "1380;12", "1380;12"];
    place.has_landed("participation", "current", &["municipality", "months_unemployed"], &landed);
}

#[test]
fn letters_have_one_spelling() {
    let list = "Personnr;Projekt;Startdatum;Slutdatum;Kommun;Resultat;Ma\u{30a}nader utan arbete;Ko\u{308}n\n\
        {0};PROGRESS;2021-03-01;2022-03-01;O\u{308}ckero\u{308};Eget fo\u{308}retag;12;Kvinna\n\
        {1};PROGRESS;2021-03-01;2022-03-01;A\u{30a}RE;Arbete;12;Man\n";
    let place = lands_quietly(list, 2);
    place.has_landed("participation", "current", &["municipality", "exit_state"], &["1407;own_business", "2321;work"]);
    // Another project's spelling is no longer another project.
    let child = "Personnr;Projekt;Datum;Omra\u{30a}de;Skattad av;Skattning\n{0};PROGRESS;2021-03-05;Ha\u{308}lsa;Deltagaren;3\n";
    place.land_bytes(&[], &[("ratings.csv", filled(child.as_bytes()))]).says(
        0,
        "ratings.csv (rating): 1 rad landade\n  läst som: semikolon",
        "ratings.csv (rating): 1 row landed\n  read as: semicolon",
    );
}

#[test]
fn a_code_list_and_a_register_in_another_form_of_unicode_mean_the_same() {
    let place = Place::with("codes/municipality.csv", "Öckerö", "O\u{308}ckero\u{308}");
    let register = place.home.join("schemas/register/project.csv");
    let text = std::fs::read_to_string(&register).unwrap();
    assert!(text.contains("Träning ger färdighet!"));
    std::fs::write(&register, text.replace("Träning ger färdighet!", "Tra\u{308}ning ger fa\u{308}rdighet!")).unwrap();
    let list = "Personnr;Projekt;Startdatum;Kommun\n{0};Träning ger färdighet!;2008-09-01;Öckerö\n";
    place.land_bytes(&[], &[("list.csv", filled(list.as_bytes()))]).says(
        0,
        "list.csv (participation): 1 rad landade\n  läst som: semikolon",
        "list.csv (participation): 1 row landed\n  read as: semicolon",
    );
    place.has_landed("participation", "current", &["municipality"], &["1407"]);
}

#[test]
fn every_dash_is_a_dash_in_a_number() {
    let dashes = "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{fe58}\u{fe63}\u{ff0d}";
    let list: String =
        dashes.chars().map(|c| format!("{};PROGRESS;2021-03-01\n", super::filling("0").replace('-', &c.to_string()))).collect();
    let place = Place::new();
    // Ten rows of one person: each is the number that it is without its dash.
    place.land_bytes(&[], &[("list.csv", format!("Personnr;Projekt;Startdatum\n{list}").into_bytes())]).says(
        0,
        "
        list.csv (participation): 1 rad landade
          läst som: semikolon
          varning, rad 3: samma rad finns tidigare i filen; den lästes en gång; ta helst bort den ena [row.repeated] (och 8 rader till)
        ",
        "
        list.csv (participation): 1 row landed
          read as: semicolon
          warning, row 3: the same row stands earlier in the file; it was read once; preferably remove one [row.repeated] (and 8 more rows)
        ",
    );
}

#[test]
fn a_quoted_line_break_is_part_of_its_cell_and_one_row_stays_one() {
    let place = Place::new();
    let mapping = "drop = [\"Anteckningar\"]\n";
    std::fs::write(place.worlds[0].path("map.toml"), mapping).unwrap();
    std::fs::write(place.worlds[1].path("map.toml"), mapping).unwrap();
    let list = "\"Deltagar-\nlista\"\nPersonnr;Projekt;Kommun;\"Start-\r\ndatum\";\"Anteck-\nningar\"\n\
        {0};PROGRESS;Laholm;2021-03-01;\"ringde;\n\nsvarade \"\"ja\"\"\nfå; se ovan\"\n\
        {1};PROGRESS;\"Halm\nstad\";2021-03-01;\"kort\"\n\
        {2};PROGRESS;Hallstahamar;2021-03-01;\n";
    place.land_bytes(&["--map", "map.toml"], &[("list.csv", filled(list.as_bytes()))]).says(3, "
        list.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 2
          läst som: semikolon, rubriker på rad 2; Start-datum = start
          undantagen, rad 4, kolumn Kommun: inget av kolumnens tillåtna värden (de står i rättelselistan); skriv ett av dem, eller be den personuppgiftsansvarige om ett alias [value.code]
          undantagen, rad 5, kolumn Kommun: inget av kolumnens tillåtna värden (de står i rättelselistan); skriv ett av dem, eller be den personuppgiftsansvarige om ett alias [value.code]
          varning: rader ovanför rubrikerna som hoppades över: 1; står ingen deltagare där behöver inget göras [file.title-rows]
          varning, kolumn Kommun: en stavning i kolumnen liknar ”Hallstahammar”; menas det, skriv så, eller be den personuppgiftsansvarige om ett alias [value.near]
          varning, kolumn Kommun: en stavning i kolumnen liknar ”Halmstad”; menas det, skriv så, eller be den personuppgiftsansvarige om ett alias [value.near]
          varning, rad 2, kolumn E: kolumnen utelämnades, som kopplingen säger; inget behöver göras [column.dropped]
        ",
        "
        list.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 2
          read as: semicolon, headings on row 2; Start-datum = start
          set aside, row 4, column Kommun: not one of the column's allowed values (they stand in the fix-list); write one of them, or ask the controller for an alias [value.code]
          set aside, row 5, column Kommun: not one of the column's allowed values (they stand in the fix-list); write one of them, or ask the controller for an alias [value.code]
          warning: rows above the headings that were skipped: 1; if no participant is among them, nothing needs doing [file.title-rows]
          warning, column Kommun: a spelling in this column is close to “Hallstahammar”; if it is meant, write it so or ask the controller for an alias [value.near]
          warning, column Kommun: a spelling in this column is close to “Halmstad”; if it is meant, write it so or ask the controller for an alias [value.near]
          warning, row 2, column E: the column was dropped, as the mapping says; nothing needs doing [column.dropped]
        ");
}

#[test]
fn a_quotation_mark_that_takes_in_other_rows_is_found_where_it_opens() {
    for (name, rest) in [
        // Never closed; closed by the next one's opening mark; closed where the next one's cell ends, so that the fields add up.
        ("list.csv", "{0};PROGRESS;2021-03-01;\"Laholm;12\n{1};PROGRESS;2021-03-01;Laholm;12\n"),
        ("list.csv", "{0};PROGRESS;2021-03-01;\"Laholm;12\n{1};PROGRESS;2021-03-01;\"Laholm\";12\n"),
        ("list.csv (participation)", "{0};PROGRESS;2021-03-01;\"Laholm;12\n{1};PROGRESS;2021-03-01;Laholm\";12\n"),
        ("list.csv (participation)", "{0};PROGRESS;2021-03-01;\"Laholm;12\n{1};PROGRESS\";2021-03-01;Laholm;12\n"),
    ] {
        let list = format!("Personnr;Projekt;Startdatum;Kommun;Månader utan arbete\n{rest}");
        lands(
            &list,
            3,
            &format!("
            {name}: avvisad, inget landade
              avvisad, rad 2: citattecknet som börjar här slutar aldrig, så att resten av filen blir ett enda fält; ta bort eller avsluta det [file.quote]
            "),
            &format!("
            {name}: rejected, nothing landed
              rejected, row 2: the quotation mark that opens here is never closed, which makes the rest of the file one field; remove or close it [file.quote]
            "),
        );
    }
}

#[test]
fn rows_that_end_early_are_read_and_told_once() {
    let full = "{0};PROGRESS;2021-03-01;;Halmstad;\r\n";
    let list = format!(
        "Personnr;Projekt;Startdatum;Slutdatum;Kommun;Resultat\r\n{full}{}{}{}",
        "{1};PROGRESS;2021-03-01;;Halmstad\r\n", "{2};PROGRESS;2021-03-01\r\n", "{3};PROGRESS\r\n"
    );
    let place = lands(&list, 3, "
        list.csv (participation): 3 rader landade
          nya 3, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 5: raden har inte lika många fält som rubrikraden; kontrollera skiljetecken och citattecken på raden [row.fields]
          varning: rader som slutar före sista kolumnen: 2; det som saknas sist lästes som tomt; inget behöver göras om det stämmer [row.short]
        ",
        "
        list.csv (participation): 3 rows landed
          new 3, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 5: the row does not have as many fields as the headings; check its separators and quotation marks [row.fields]
          warning: rows that end before the last column: 2; what is missing at their ends was read as empty; if that is right, nothing needs doing [row.short]
        ");
    place.has_landed("participation", "current", &["municipality"], &["", "1380", "1380"]);
    // Separators behind the last heading are nobody's columns.
    lands_quietly(
        "Personnr;Projekt;Startdatum;Kommun;;\n{0};PROGRESS;2021-03-01;Halmstad;;\n{1};PROGRESS;2021-03-01;Halmstad\n",
        2,
    );
}

#[test]
fn a_line_that_was_torn_is_no_row_that_ends_early() {
    let list = "Personnr;Projekt;Startdatum;Slutdatum;Kommun;Resultat\n\
        {0};PROGRESS;2021-03-01;2021-09-01;Halm\nstad;Arbete\n{1};PROGRESS;2021-03-01;2021-09-01;Laholm;Arbete\n";
    // Each line is read by itself: what a tear leaves of a row is set aside, whoever's row stands beside it.
    lands(list, 3, "
        list.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 2
          läst som: semikolon
          undantagen, rad 2, kolumn Kommun: inget av kolumnens tillåtna värden (de står i rättelselistan); skriv ett av dem, eller be den personuppgiftsansvarige om ett alias [value.code]
          undantagen, rad 3: raden har inte lika många fält som rubrikraden; kontrollera skiljetecken och citattecken på raden [row.fields]
          varning: rader som slutar före sista kolumnen: 1; det som saknas sist lästes som tomt; inget behöver göras om det stämmer [row.short]
        ",
        "
        list.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 2
          read as: semicolon
          set aside, row 2, column Kommun: not one of the column's allowed values (they stand in the fix-list); write one of them, or ask the controller for an alias [value.code]
          set aside, row 3: the row does not have as many fields as the headings; check its separators and quotation marks [row.fields]
          warning: rows that end before the last column: 1; what is missing at their ends was read as empty; if that is right, nothing needs doing [row.short]
        ");
}

#[test]
fn the_headings_once_more_are_one_finding_and_in_another_order_reject() {
    let again = "Personnr;Projekt;Startdatum;Slutdatum\n";
    let row = |i: usize| format!("{{{i}}};PROGRESS;2021-03-01;\n");
    let list = [again, &row(0), again, &row(1), "\n", "PERSONNR;Projekt;Startdatum;\n", &row(2)].concat();
    lands(
        &list,
        0,
        "
        list.csv (participation): 3 rader landade
          läst som: semikolon
          varning, rad 3: rubrikraden står en gång till; den togs inte med; inget behöver göras [row.headings] (och 1 rad till)
        ",
        "
        list.csv (participation): 3 rows landed
          read as: semicolon
          warning, row 3: the row of headings is repeated; it was left out; nothing needs doing [row.headings] (and 1 more row)
        ",
    );
    for other in
        ["Personnr;Projekt;Slutdatum;Startdatum\n", "Projekt;Personnr;Startdatum;Slutdatum\n", "Personnr;Kommun;Startdatum\n"]
    {
        lands(&[again, &row(0), "\n", other, &row(1)].concat(), 3, "
        list.csv (participation): avvisad, inget landade
          avvisad, rad 4: en andra rubrikrad med andra kolumner eller en annan ordning; lägg listorna i var sin fil [file.headings-again]
        ",
        "
        list.csv (participation): rejected, nothing landed
          rejected, row 4: a second row of headings with other columns or in another order; put the lists into a file each [file.headings-again]
        ");
    }
}

#[test]
fn a_text_below_the_table_is_one_finding_and_hides_nobody() {
    let list = "Personnr;Projekt;Startdatum;Slutdatum;Kommun\n{0};PROGRESS;2021-03-01;;Laholm\n\n\
        Utskrivet 2021-04-01 13:37:22 av systemet\nSida 1 av 1;;;;\nKontaktpunkt:;se intranätet;;;\n------;;;;\n";
    lands(list, 0, "
        list.csv (participation): 1 rad landade
          läst som: semikolon
          varning, rad 4: bara text i en eller två celler, inget personnummer; raden togs inte med; hör den till en deltagare, fyll i resten av den [row.footer] (och 3 rader till)
        ",
        "
        list.csv (participation): 1 row landed
          read as: semicolon
          warning, row 4: only text in one or two cells, no identity number; the row was left out; if it is a participant's, fill in the rest of it [row.footer] (and 3 more rows)
        ");
    // What may be somebody's row is mended, not left out: a number in words, a project, a date.
    let list = "Personnr;Projekt;Startdatum;Kommun\nAnna {1};;;\n;PROGRESS;;\n;;2021-03-01;\n";
    lands(list, 3, "
        list.csv (participation): 0 rader landade
          nya 0, ändrade 0, oförändrade 0, borttagna 0, undantagna 3
          läst som: semikolon
          undantagen, rad 2, kolumn Personnr: inte ett person- eller samordningsnummer (ÅÅÅÅMMDD-NNNN); rätta det [identity.form]
          undantagen, rad 2, kolumn Projekt: uppgiften måste finnas; fyll i den [value.required]
          undantagen, rad 2, kolumn Startdatum: uppgiften måste finnas; fyll i den [value.required]
          undantagen, rad 3, kolumn Personnr: uppgiften måste finnas; fyll i den [value.required]
          undantagen, rad 3, kolumn Startdatum: uppgiften måste finnas; fyll i den [value.required]
          undantagen, rad 4, kolumn Personnr: uppgiften måste finnas; fyll i den [value.required]
          undantagen, rad 4, kolumn Projekt: uppgiften måste finnas; fyll i den [value.required]
        ",
        "
        list.csv (participation): 0 rows landed
          new 0, changed 0, unchanged 0, withdrawn 0, set aside 3
          read as: semicolon
          set aside, row 2, column Personnr: not a personal identity or coordination number (YYYYMMDD-NNNN); correct it [identity.form]
          set aside, row 2, column Projekt: a value is required; fill it in [value.required]
          set aside, row 2, column Startdatum: a value is required; fill it in [value.required]
          set aside, row 3, column Personnr: a value is required; fill it in [value.required]
          set aside, row 3, column Startdatum: a value is required; fill it in [value.required]
          set aside, row 4, column Personnr: a value is required; fill it in [value.required]
          set aside, row 4, column Projekt: a value is required; fill it in [value.required]
        ");
    // Where nobody is above it, it may be what is left of the table.
    lands(
        "Personnr;Projekt;Startdatum\nInga nya den här gången;;\n",
        3,
        "
        list.csv (participation): 0 rader landade
          nya 0, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 2: bara text i en eller två celler, inget personnummer; raden togs inte med; hör den till en deltagare, fyll i resten av den [row.footer]
        ",
        "
        list.csv (participation): 0 rows landed
          new 0, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 2: only text in one or two cells, no identity number; the row was left out; if it is a participant's, fill in the rest of it [row.footer]
        ",
    );
}

#[test]
fn a_list_that_was_sorted_with_its_headings_is_rejected() {
    let headings = "Personnr;Projekt;Startdatum;Slutdatum\n";
    for above in [
        "{0};PROGRESS;2021-03-01;\n{1};PROGRESS;2021-03-01;\n",
        // As many values as headings, with a wrong number; a number below a title.
        "{0 wrong};PROGRESS;2021-03-01;2021-09-01\n{1 wrong};PROGRESS;2021-03-01;2021-09-01\n",
        "{0};;;\n{1}\n",
    ] {
        for title in ["", "Deltagarlista;;;\n\n"] {
            let row = if title.is_empty() { 1 } else { 3 };
            let list = [title, above, headings, "{2};PROGRESS;2021-03-01;\n"].concat();
            lands(
                &list,
                3,
                &format!(
                    "
            list.csv: avvisad, inget landade
              avvisad, rad {row}: en rad ovanför rubrikerna ser ut att höra till en deltagare; flytta rubrikraden överst (listan kan ha sorterats med den) [file.rows-above] 
            "
                ),
                &format!(
                    "
            list.csv: rejected, nothing landed
              rejected, row {row}: a row above the headings seems to be a participant's; move the headings to the top (the list may have been sorted with them) [file.rows-above]
            "
                ),
            );
        }
    }
}
