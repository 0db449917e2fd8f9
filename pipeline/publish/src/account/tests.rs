use utfall_privacy::{Budget, Exact, Ledger, Measurement, Mechanism, Rational, Request, Reservation};

use super::*;
use crate::publication::tests::{Memory, proved};

fn text(text: &str) -> Text {
    Text { sv: text.to_owned(), en: text.to_owned() }
}

/// What the release of a name declares.
fn declared(name: &str) -> Declared {
    let budget = Strength { epsilon: "0.5".to_owned(), delta: "0".to_owned() };
    Declared { name: name.to_owned(), title: text(name), budget }
}

/// The account of a ledger with a limit of 5 that was raised to 6: a release is archived, and one is begun.
pub(crate) fn account() -> Account {
    let (memory, proved) = (Memory::default(), proved());
    let mut ledger = Ledger::create(&memory, &memory, Budget::parse("5", "1e-6").unwrap(), "a key", 0).unwrap();
    let request = |name: &str| {
        let mechanism = Mechanism::DiscreteLaplace { scale: Rational::from_integer(2.into()) };
        let table = Measurement::new("count", 1, &proved, mechanism).unwrap();
        Request::new(ReleaseId::of(name.as_bytes()), vec![table]).unwrap()
    };
    let Reservation::Granted(grant) = ledger.reserve(&request("outcomes"), 86_400).unwrap() else { panic!() };
    let sealed = grant.draw(vec![Exact::new(vec![7], &proved)], b"{}").unwrap();
    ledger.record_archived(sealed.release(), sealed.bytes(), 2 * 86_400).unwrap();
    let Reservation::Granted(_) = ledger.reserve(&request("other"), 3 * 86_400).unwrap() else { panic!() };
    ledger.raise(&Budget::parse("6", "1e-6").unwrap(), "the board, because <somebody> asked", 4 * 86_400).unwrap();
    let names = ["outcomes", "other"];
    let of = |id| names.iter().find(|name| ReleaseId::of(name.as_bytes()) == id).map(|name| declared(name));
    Account::of(ledger.head(), ledger.entries(), ledger.account(), of)
}

#[test]
fn an_extract_says_what_was_spent_on_what() {
    let account = account();
    assert_eq!((account.limit.epsilon.as_str(), account.limit.delta.as_str()), ("6", "1e-6"));
    assert_eq!(account.limits.iter().map(|of| of.strength.epsilon.as_str()).collect::<Vec<_>>(), ["5", "6"]);
    assert_eq!((account.spent.epsilon.as_str(), account.left.as_str()), ("1", "5"), "what is begun is spent too");
    let [charge] = account.charges.as_slice() else { panic!("{:?}", account.charges) };
    assert_eq!((charge.charge.as_str(), charge.made.day().as_str()), ("epsilon 0.5", "1970-01-03"));
    assert_eq!(charge.declared.as_ref().unwrap().name, "outcomes");
    assert_eq!((account.unfinished, account.head.length, account.head.hash.len()), (1, 5, 64));
}

/// What a limit says of delta is said of each, whether it was raised or not.
#[test]
fn every_limit_that_there_was_has_its_own_epsilon_and_delta() {
    let memory = Memory::default();
    let mut ledger = Ledger::create(&memory, &memory, Budget::parse("5", "1e-6").unwrap(), "a key", 0).unwrap();
    let raised = [("6", "1e-6"), ("6", "2e-6"), ("7", "2e-6"), ("8", "3e-6")];
    raised.iter().for_each(|(epsilon, delta)| ledger.raise(&Budget::parse(epsilon, delta).unwrap(), "a reason", 0).unwrap());
    let account = Account::of(ledger.head(), ledger.entries(), ledger.account(), |_| None);
    let limits = account.limits.iter().map(|of| Budget::parse(&of.strength.epsilon, &of.strength.delta).unwrap());
    let declared = [("5", "1e-6")].into_iter().chain(raised).map(|(epsilon, delta)| Budget::parse(epsilon, delta).unwrap());
    assert!(limits.eq(declared), "{:?}", account.limits);
}

/// The reason of a raise names people; the number that was drawn and the bytes of the archive are elsewhere.
#[test]
fn an_extract_holds_nothing_but_what_is_public() {
    let json = String::from_utf8(account().to_json()).unwrap();
    assert!(!json.contains("board") && !json.contains("somebody") && !json.contains("a key"), "{json}");
    assert_eq!(Account::from_json(json.as_bytes()), Some(account_of(&json)));
    assert_eq!(Account::from_json(json.replace("\"format\": 1", "\"format\": 2").as_bytes()), None);
    assert_eq!(Account::from_json(b"{}"), None);
}

fn account_of(json: &str) -> Account {
    serde_json::from_str(json).unwrap()
}
