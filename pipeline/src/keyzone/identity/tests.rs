use super::*;

const PERSONAL: &str = include_str!("../../../../tests/fixture/identity/personnummer.txt");
const COORDINATION: &str = include_str!("../../../../tests/fixture/identity/samordningsnummer.txt");

/// The official test numbers: they belong to nobody.
fn numbers(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|l| !l.starts_with('#'))
}

fn reading(cell: &str) -> Result<Identifier, IdentityFault> {
    parse(cell, NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
}

fn identity(cell: &str) -> Option<Identity> {
    if let Ok(Identifier::Number(identity)) = reading(cell) { Some(identity) } else { None }
}

#[test]
fn every_official_test_number_is_read_in_every_spelling() {
    assert_eq!((numbers(PERSONAL).count(), numbers(COORDINATION).count()), (41_493, 2_264));
    for n in numbers(PERSONAL).chain(numbers(COORDINATION)) {
        let (ten, serial) = (&n[2..8], &n[8..]);
        let same = |cell: String, inferred: bool| {
            let male = n.as_bytes()[10] % 2 == 1;
            identity(&cell).is_some_and(|i| *i.digits == *n.as_bytes() && (i.male, i.inferred) == (male, inferred))
        };
        let day = Written::read(n.as_bytes().first_chunk().unwrap()).of_birth();
        for sign in ["", "-", "\u{2010}", "\u{2011}", "\u{2013}", "\u{2212}", "\u{ff0d}", "\u{ad}-", " ", " - ", "\u{a0}-"] {
            assert!(["", " \u{a0}"].iter().all(|s| same(format!("{s}{}{sign}{serial}{s}", &n[..8]), false)));
            assert_eq!(same(format!("{ten}{sign}{serial}"), true), day > Written { year: 1926, month: 11, day: 21 });
        }
        assert_eq!(same(format!("{ten}+{serial}"), true), day.year < 1927);
        assert_eq!(same(format!("{}+{serial}", &n[..8]), false), day.year < 1927);
    }
}

#[test]
fn a_birth_is_told_where_the_number_has_one() {
    assert!(numbers(PERSONAL).filter_map(identity).all(|i| i.birth.is_some() && !i.coordination));
    assert!(numbers(COORDINATION).filter_map(identity).all(|i| i.coordination));
    let untold = || numbers(COORDINATION).filter(|n| identity(n).is_some_and(|i| i.birth.is_none()));
    let unknown = untold().filter(|n| &n[4..6] == "00" || &n[6..8] == "60").count();
    assert_eq!((untold().count(), unknown), (194, 170), "24 have a day that their month does not have");
    let on = |day| parse("231291-2393", NaiveDate::from_ymd_opt(2023, 12, day).unwrap());
    let born = |day, century| matches!(on(day), Ok(Identifier::Number(i)) if i.digits.starts_with(century));
    assert!(born(31, b"20") && born(30, b"19"));
}

#[test]
fn a_danish_number_is_told_from_a_coordination_number_with_its_century() {
    let danish = |cell: &str| identity(cell).is_some_and(|i| i.may_be_danish());
    let (mut ten, mut twelve, mut other) = (0, 0, 0);
    for n in numbers(PERSONAL).chain(numbers(COORDINATION)) {
        let day = &n[2..4];
        // Written, month and year as Danes write them; each year is one.
        let is = ("01"..="31").contains(&day) && &n[6..8] > "60" && &n[4..6] > "00";
        ten += usize::from(is && danish(&n[2..]));
        twelve += usize::from(danish(n));
        other += usize::from(!is && &n[4..6] != "00" && &n[6..8] != "60" && danish(&n[2..]));
    }
    assert!(ten > 100, "{ten}");
    assert_eq!((twelve, other), (0, 0));
}

#[test]
fn the_same_digits_in_another_century_are_another_person() {
    let n = numbers(PERSONAL).find(|n| n.starts_with("190")).unwrap();
    let old = identity(n).unwrap();
    assert_eq!((old.year() / 10, &old.in_century(true)[..2], &old.in_century(true)[2..]), (190, &b"20"[..], &n.as_bytes()[2..]));
    assert_eq!(&old.in_century(false)[..2], b"18");
}

#[test]
fn a_number_of_somebody_is_known_also_where_its_check_digit_is_wrong() {
    for one in ["189001019802", "19900101-9803", "900101-9803", "19890610Tf29", "890610-K000", "1990\u{2011}0101 9803"] {
        assert!(is_one(one) == (one != "1990\u{2011}0101 9803"), "{one}");
    }
    for other in ["", "Deltagarlista", "2021-03-01", "202103", "0701234567", "070-123 45 67", "556677-8899", "1234"] {
        assert!(!is_one(other), "{other}");
    }
}

#[test]
fn an_opaque_name_is_taken_as_it_is() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let token = |cell: &str| parse_as(Scheme::Opaque, cell, today);
    for name in ["A-17", "0042", "e", "189001019803", "Øst 4", "1E"] {
        assert!(matches!(token(name), Ok(Identifier::Token(token)) if *token == name), "{name}");
    }
    assert!(matches!(token("1,99006E+11"), Err(IdentityFault::Rewritten)));
    assert!(matches!(parse_as(Scheme::Se, "A-17", today), Err(IdentityFault::Form)));
}

#[test]
fn one_wrong_digit_is_always_found() {
    for n in numbers(PERSONAL).step_by(97).chain(numbers(COORDINATION).step_by(11)) {
        for (place, add) in (2..12).flat_map(|place| (1..10).map(move |add| (place, add))) {
            let mut wrong = n.as_bytes().to_vec();
            wrong[place] = b'0' + (wrong[place] - b'0' + add) % 10;
            let read = reading(std::str::from_utf8(&wrong).unwrap());
            assert!(matches!(read, Err(IdentityFault::CheckDigit | IdentityFault::Date)));
        }
    }
}

#[test]
fn what_says_nothing_has_its_own_rule() {
    for (rule, cells) in [
        (IdentityFault::Form, "|-|Anna Andersson|2021-03-01 1234|1989-06102382|19890610--2382|8906102382-|19890610+2382"),
        (IdentityFault::Form, "19890610-TF39|19890610ABCD|890610A123|19890A10T123|89061T123|19890610/2382|12.0|1E-5|å"),
        (IdentityFault::Length, "1|89061023821|1989061023821|890610-238|19890610-23|890610-890610|89610-2382|890610 238"),
        (IdentityFault::Rewritten, "1.99006E+11|1,99006E+11|2E+11|1.99006e11|199006012| 19900601239,00|199006012398.0 "),
        (IdentityFault::Date, "198913102382|198902302382|187912312382|202611222382|198906922382|198900102382|198913702382"),
    ] {
        assert!(cells.split('|').all(|cell| reading(cell).is_err_and(|r| r == rule)), "{rule:?}: {cells}");
    }
}

#[test]
fn a_protected_identity_tells_a_sex_and_a_day_as_written() {
    let says = |cell: &str, told: (bool, &[u8; 8])| matches!(reading(cell), Ok(Identifier::Protected { male, day }) if (male, &day) == told);
    let spellings = "19890610Tf29|19890610-TF29|890610tf29|890610-tF29| 19890610 \u{2013} Tf29 ";
    assert!(spellings.split('|').all(|cell| says(cell, (false, b"19890610"))));
    assert!(says("891399-tF29", (false, b"19891399")) && says("19890000Tf29", (false, b"19890000")));
    assert!(says("260101Tf19", (true, b"20260101")) && says("260101+Tf19", (true, b"19260101")));
    assert!(says("18000101Tf19", (true, b"18000101")) && says("20271231Tf19", (true, b"20271231")));
}

#[test]
fn a_provisional_number_has_one_spelling() {
    let says = |cell: &str, text: &str, born: bool| {
        let birth = NaiveDate::from_ymd_opt(1989, 6, 10).filter(|_| born);
        matches!(reading(cell), Ok(Identifier::Provisional(p)) if p.as_bytes() == text.as_bytes() && p.birth == birth)
    };
    for letter in "TRSUWXJKLMN".chars() {
        let text = format!("19890610{letter}000");
        assert!(says(&text, &text, true) && says(&format!("890610 - {}000", letter.to_ascii_lowercase()), &text, true));
    }
    assert!(says("890600-K000", "19890600K000", false) && says("19890610-a1b2", "19890610A1B2", true));
    assert!(says("22890610IO12", "22890610IO12", false) && says("99999906-1023", "999999061023", false));
}

#[test]
fn no_cell_makes_it_panic_and_no_debug_shows_it() {
    let alphabet: Vec<char> = "0123456789-+ TfXAe.,E\u{a0}å".chars().collect();
    let (mut state, mut cell, mut read) = (0x9e37_79b9_7f4a_7c15_u64, String::new(), 0);
    for _ in 0..2_000_000 {
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        // Half of them only digits, so that many come as far as the date.
        let kinds = if next(2) == 0 { 10 } else { alphabet.len() };
        cell.clear();
        cell.extend((0..next(16)).map(|_| alphabet[next(kinds)]));
        read += usize::from(reading(&cell).is_ok_and(|r| format!("{r:?}") == "Identifier(redacted)"));
    }
    assert!(read > 100, "{read}");
}
