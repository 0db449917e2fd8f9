use super::*;
use crate::fixture::by_project;

fn choice(variable: &str, values: &[&str]) -> Choice {
    Choice { variable: variable.to_owned(), values: values.iter().map(|value| (*value).to_owned()).collect(), codelist: None }
}

#[test]
fn a_part_is_in_the_order_of_publication_and_a_total_stands_for_what_is_not_named() {
    let set = by_project();
    let cube = Cube::of(&set, "x");
    let choices = [choice("PROJECT", &["progress", "a*", "asap"]), choice("contentscode", &["*"]), choice("time", &["TOP(1)"])];
    let part = part(&cube, &choices).unwrap();
    assert_eq!(Some(part), Selection::of(&cube, vec![vec![0, 2], vec![2], vec![0]], vec![0, 1, 2]));
}

#[test]
fn what_cannot_be_selected_is_told() {
    let set = by_project();
    let cube = Cube::of(&set, "x");
    let all = || [choice("project", &["*"]), choice("ContentsCode", &["*"]), choice("Tid", &["*"])];
    assert!(part(&cube, &all()).is_ok());
    let title = |choices: &[Choice]| part(&cube, choices).unwrap_err().title;
    for at in 0..3 {
        let mut choices = all();
        choices[at].values.clear();
        assert_eq!(title(&choices), "Missing selection for mandantory variable", "{at}");
    }
    assert_eq!(title(&[choice("region", &["*"])]), "Non-existent variable");
    assert_eq!(title(&[choice("project", &["x"])]), "Non-existent value");
    assert_eq!(title(&[choice("project", &["TOP(x)"])]), "Illegal selection expression");
    assert_eq!(title(&[choice("project", &vec!["*"; MOST + 1])]), "Illegal selection expression");
}

#[test]
fn a_table_that_is_too_large_is_shown_in_part() {
    let set = by_project();
    let cube = Cube::of(&set, "x");
    assert_eq!(default(&cube, 27), Some(Selection::all(&cube)));
    let of = |most| default(&cube, most).map(|part| part.len());
    assert_eq!((of(26), of(8), of(3), of(2), of(1)), (Some(9), Some(3), Some(3), Some(2), Some(1)));
    // Estimates before what is said of them, totals before parts.
    assert_eq!(default(&cube, 3), Selection::of(&cube, vec![vec![0, 1, 2], vec![2], vec![0]], vec![0]));
}
