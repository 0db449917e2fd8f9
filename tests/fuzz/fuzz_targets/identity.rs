//! Any text as a cell of an identity column.

#![no_main]

use libfuzzer_sys::fuzz_target;
use utfall_fuzz::land::finding::masked;
use utfall_fuzz::land::identity::{Reading, parse};
use utfall_fuzz::prepared::{today, withheld};

fuzz_target!(|cell: &str| {
    let reading = parse(cell, today());
    if let Ok(reading) = &reading {
        assert_eq!(format!("{reading:?}"), "Reading(withheld)");
        // Who writes a number where it does not belong, in the name of a file or a sheet, finds it masked there.
        if !matches!(reading, Reading::Protected { .. }) && cell.chars().filter(char::is_ascii_digit).count() >= 10 {
            withheld(&masked(cell));
        }
    }
    match reading {
        Ok(Reading::Number(identity)) => {
            let text = std::str::from_utf8(identity.digits.as_slice()).unwrap();
            assert!(text.bytes().all(|b| b.is_ascii_digit()));
            let Ok(Reading::Number(again)) = parse(text, today()) else { panic!("not accepted again") };
            assert_eq!(again.digits, identity.digits);
            assert_eq!((again.birth, again.male, again.coordination), (identity.birth, identity.male, identity.coordination));
            assert!(!again.inferred, "twelve digits have their century");
            let signed = format!("{}-{}", &text[..8], &text[8..]);
            assert!(matches!(parse(&signed, today()), Ok(Reading::Number(same)) if same.digits == identity.digits));
            // The digits are those of the cell, with a century before them if it had none.
            let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
            assert!(text.ends_with(&digits) && digits.len() == if identity.inferred { 10 } else { 12 });
        }
        Ok(Reading::Provisional(number)) => {
            let text = std::str::from_utf8(number.as_bytes()).unwrap();
            let Ok(Reading::Provisional(again)) = parse(text, today()) else { panic!("not accepted again") };
            assert_eq!(again.as_bytes(), number.as_bytes());
            assert_eq!(again.birth, number.birth);
        }
        Ok(Reading::Protected { day, .. }) => assert!(day.iter().all(u8::is_ascii_digit)),
        Ok(Reading::Token(_)) => panic!("a Swedish number is no token"),
        Err(rule) => withheld(&rule.text(utfall_fuzz::text::Lang::En)),
    }
});
