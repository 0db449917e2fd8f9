//! Any text as a cell of an identity column.

#![no_main]

use libfuzzer_sys::fuzz_target;
use utfall_fuzz::keyzone::identity::{Identifier, parse};
use utfall_fuzz::land::finding::ValidationRule;
use utfall_fuzz::prepared::{today, redacted};
use utfall_ground::redact::masked;
use utfall_ground::text::Lang;

fuzz_target!(|cell: &str| {
    let reading = parse(cell, today());
    if let Ok(reading) = &reading {
        assert_eq!(format!("{reading:?}"), "Identifier(redacted)");
        // Who writes a number where it does not belong, in the name of a file or a sheet, finds it masked there.
        if !matches!(reading, Identifier::Protected { .. }) && cell.chars().filter(char::is_ascii_digit).count() >= 10 {
            redacted(&masked(cell));
        }
    }
    match reading {
        Ok(Identifier::Number(identity)) => {
            let text = std::str::from_utf8(identity.digits.as_slice()).unwrap();
            assert!(text.bytes().all(|b| b.is_ascii_digit()));
            let Ok(Identifier::Number(again)) = parse(text, today()) else { panic!("not accepted again") };
            assert_eq!(again.digits, identity.digits);
            assert_eq!((again.birth, again.male, again.coordination), (identity.birth, identity.male, identity.coordination));
            assert!(!again.inferred, "twelve digits have their century");
            let signed = format!("{}-{}", &text[..8], &text[8..]);
            assert!(matches!(parse(&signed, today()), Ok(Identifier::Number(same)) if same.digits == identity.digits));
            // The digits are those of the cell, with a century before them if it had none.
            let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
            assert!(text.ends_with(&digits) && digits.len() == if identity.inferred { 10 } else { 12 });
        }
        Ok(Identifier::Provisional(number)) => {
            let text = std::str::from_utf8(number.as_bytes()).unwrap();
            let Ok(Identifier::Provisional(again)) = parse(text, today()) else { panic!("not accepted again") };
            assert_eq!(again.as_bytes(), number.as_bytes());
            assert_eq!(again.birth, number.birth);
        }
        Ok(Identifier::Protected { day, .. }) => assert!(day.iter().all(u8::is_ascii_digit)),
        Ok(Identifier::Token(_)) => panic!("a Swedish number is no token"),
        Err(fault) => Lang::ALL.iter().for_each(|lang| redacted(&ValidationRule::from(fault).text(*lang))),
    }
});
