//! What the trusted core refuses, in words: it has no language of its own.

use utfall_privacy::{Error as Core, Exhausted};

use crate::account::{charge, up};
use crate::error::Error;
use crate::spending::spent_of;
use crate::text::{Lang, Message, quoted};

/// What a refusal of the core says to people, and what to do. Details that only programmers meet are the core's own words, quoted
/// in Swedish.
#[rustfmt::skip]
pub fn message(error: &Core) -> Message {
    match error {
        Core::Number { text, why } => Message::new(
            format!("`{text}` är inget tal som går här; skriv till exempel 1, 0.5, 1e-6 eller 2/3"),
            format!("`{text}` {why}; write for example 1, 0.5, 1e-6 or 2/3"),
        ),
        Core::Syntax { what: what @ "the archive", why } => Message::new(
            "arkivet har inte formatet `utfall archive 1`; återställ filen från en kopia",
            format!("{what} cannot be read: {why}"),
        ),
        Core::Syntax { what, why } => Message::new(
            format!("en text i kärnans form går inte att läsa ({})", quoted(&format!("{what}: {why}"))),
            format!("{what} cannot be read: {why}"),
        ),
        Core::Sensitivity { l1, l2_squared } => Message::new(
            format!("ingen tabell av heltal flyttas L1 = {l1} och L2^2 = {l2_squared}; 1 <= L1 <= L2^2 <= L1^2 måste gälla"),
            format!("no integer table moves by L1 = {l1} and L2^2 = {l2_squared}; they must satisfy 1 <= L1 <= L2^2 <= L1^2"),
        ),
        Core::Overflow(what) => Message::new(
            format!("en gräns ryms inte i 64 bitar ({}); sänk det som den är gjord av", quoted(what)),
            format!("{what} does not fit in 64 bits; lower the bounds it is made of"),
        ),
        Core::Parameter { name, why } => Message::new(
            format!("mekanismens parameter är utanför sitt område ({})", quoted(&format!("{name} must {why}"))),
            format!("the mechanism's {name} must {why}"),
        ),
        Core::Budget => Message::new(
            "en budget ska ha epsilon >= 0 och 0 <= delta < 1; skriv till exempel 1 och 1e-6; det som avsätts för nycklar är en del av delta",
            "a budget must have epsilon >= 0 and 0 <= delta < 1; write for example 1 and 1e-6; what is set aside for keys is a part of delta",
        ),
        Core::Request(why) => request(why),
        Core::Entropy => Message::new(
            "operativsystemet gav ingen slump; inget drogs, så kör igen",
            "the operating system gave no random numbers; nothing was drawn, so run again",
        ),
        Core::Tables { table, why } if table.is_empty() => Message::new(
            format!("tabellerna är inte de som betalades; inget drogs ({})", quoted(why)),
            format!("the tables are not those of the grant: {why}; nothing was drawn"),
        ),
        Core::Tables { table, why } => Message::new(
            format!("tabellen {table} är inte den som betalades; inget drogs ({})", quoted(why)),
            format!("table {table} is not the one of the grant: {why}; nothing was drawn"),
        ),
        Core::Certificate { table, place, why } => Message::new(
            format!("certifikatet för {table} håller inte, i {} ({})", place.replace("node ", "nod "), quoted(&claims(why))),
            format!("certificate of {table}, {place}: {}", claims(why)),
        ),
        Core::NoSeries(id) => Message::new(
            format!("serien {id} är inte reserverad; reservera den först"),
            format!("series {id} has no reservation; reserve it first"),
        ),
        Core::SeriesDiffers(id) => Message::new(
            format!("serien {id} reserverades med andra tabeller, gränser eller annat brus; fråga efter dem, eller reservera en annan version"),
            format!("series {id} was reserved with other tables, bounds or noise; ask for those, or reserve another vintage"),
        ),
        Core::PeriodFilled { period, release } => Message::new(
            format!("{period} är redan release {release}; en andra version är en annan årgång, med en egen kostnad"),
            format!("{period} is filled by release {release}; a second version of it is another vintage, with a charge of its own"),
        ),
        Core::BudgetExhausted(told) => exhausted(told),
        Core::Corrupt { index, why } => Message::new(
            format!("post {index} i huvudboken (ledger) är skadad: {}; återställ den från en kopia av den nyaste huvudboken", corrupt(why)),
            format!("entry {index} of the ledger is corrupt: {why}; restore that entry from a copy of the newest ledger"),
        ),
        Core::AlreadyOpen => Message::new(
            "här finns redan en huvudbok (ledger) eller dess vittne; öppna den i stället för att göra en ny",
            "a ledger or its witness exists here already; open it instead of creating another",
        ),
        Core::NoLedger => Message::new(
            "här finns ingen huvudbok (ledger); gör en, eller återställ den nyaste kopian om det fanns en",
            "there is no ledger here; create one, or restore the newest copy if there was one",
        ),
        Core::WitnessMissing => Message::new(
            "huvudbokens vittne saknas i nyckelkatalogen; återställ nyckelkatalogen från dess säkerhetskopia",
            "the ledger's witness is missing in the key zone; restore the key zone from its backup",
        ),
        Core::WitnessForeign => Message::new(
            "vittnet hör till en annan huvudbok (ledger); använd den här huvudboken med sin egen nyckelkatalog",
            "the witness belongs to another ledger; use this ledger with its own key zone",
        ),
        Core::LedgerBehind { length, witnessed } => Message::new(
            format!("huvudboken (ledger) har {length} poster men {witnessed} är bevittnade: den är en gammal kopia; återställ den nyaste"),
            format!("the ledger has {length} entries but {witnessed} were witnessed: it is an old copy; restore the newest"),
        ),
        Core::LedgerDiverged { witnessed } => Message::new(
            format!("huvudbokens (ledger) första {witnessed} poster är inte de som bevittnades; återställ den huvudbok som de kom från"),
            format!("the ledger's first {witnessed} entries are not those that were witnessed; restore the ledger they came from"),
        ),
        Core::ReservationDiffers(id) => Message::new(
            format!("release {id} är reserverad med andra mätningar; fråga igen med dem, eller under ett nytt id"),
            format!("release {id} is reserved with other measurements; ask again with those, or under a new id"),
        ),
        Core::NotReserved(id) => Message::new(
            format!("release {id} är inte reserverad; reservera dess budget först"),
            format!("release {id} has no reservation; reserve its budget first"),
        ),
        Core::ArchiveDiffers(id) => Message::new(
            format!("arkivet för release {id} är inte det som antecknades; återställ archive/{id}.release från en säkerhetskopia"),
            format!("the archive of release {id} is not the recorded one; restore archive/{id}.release from a backup"),
        ),
        Core::NotArchived(id) => Message::new(
            format!("arkivet för release {id} är inte antecknat; anteckna det innan det publiceras"),
            format!("the archive of release {id} is not recorded; record it before publishing"),
        ),
        Core::LimitLowered => Message::new("en gräns kan bara höjas", "a limit can only be raised"),
        Core::Contended => Message::new(
            "andra skrev i huvudboken (ledger) före varje försök; kör igen",
            "other writers won every attempt to write to the ledger; run again",
        ),
        Core::Log(error) => Message::new(
            format!("huvudbokens (ledger) lagring misslyckades; laga den och kör igen ({})", Message::carried(&error.0).get(Lang::Sv)),
            format!("the ledger's storage failed ({}); repair it and run again", Message::carried(&error.0)),
        ),
        other => Message::new("kärnan godtar det inte", other.to_string()),
    }
}

/// Claims as sentences have them: the core tells their fields.
fn claims(why: &str) -> String {
    let words = [
        ("Claim { rows: ", "at most "),
        (", contributions: ", " rows of one person, in "),
        (", per_contribution: ", " participations of "),
        (", unit: ", " each; the person in column "),
        (", contribution: ", ", the participation in column "),
        (", unique: ", ", keys "),
        (" }", ""),
        ("Some(", ""),
        (")", ""),
        ("None", "none"),
    ];
    if !why.starts_with("claims Claim {") {
        return why.to_owned();
    }
    words.iter().fold(why.to_owned(), |why, (field, words)| why.replace(field, words))
}

/// A request that no ledger accepts; what an author can mend is said in both languages.
fn request(why: &str) -> Message {
    let sv = match why {
        "the budget of the release is zero; declare epsilon above 0" => "releasens budget är noll; ange epsilon över 0",
        "the tables cost more than the release's budget" => "tabellerna kostar mer än releasens budget",
        "not every table has a share of the budget" => "alla tabeller har inte en del av budgeten",
        "two tables of a release have one name" => "två tabeller i en release har samma namn",
        "a release has at least one table" => "en release har minst en tabell",
        "a table has 1 to 100,000,000 cells" => "en tabell har 1 till 100 000 000 celler",
        "a table with private keys states 0 cells" => "en tabell med privata nycklar anger 0 celler",
        "a table's name is 1 to 100 of a-z, 0-9, _ and -" => "en tabells namn är 1 till 100 av a-z, 0-9, _ och -",
        "a table has at most 100,000,000 scores; lower its cells or candidates" => {
            "en tabell har högst 100 000 000 poäng; minska dess celler eller kandidater"
        }
        "a key's id is one line of text" => "en nyckels id är en rad text",
        "a period's name is one line of text" => "en periods namn är en rad text",
        "the reason for a raised limit is one line of text" => "skälet till en höjd gräns är en rad text",
        _ => return Message::new(format!("begäran avslås ({})", quoted(why)), format!("the request is refused: {why}")),
    };
    Message::new(format!("begäran avslås: {sv}"), format!("the request is refused: {why}"))
}

/// What is wrong with an entry of the ledger, in Swedish.
fn corrupt(why: &str) -> String {
    let sv = match why {
        "it is not in canonical form" => "den har inte den form som den skrevs i",
        "it states another index" => "den anger en annan plats",
        "it does not follow the entry before it" => "den följer inte på posten före",
        "the first entry does not open a ledger" => "den första posten öppnar ingen huvudbok",
        "it is not a first entry" => "den är ingen första post",
        "it counts another privacy unit, or names no key" => "den räknar en annan enhet, eller nämner ingen nyckel",
        _ => return quoted(why),
    };
    sv.to_owned()
}

fn exhausted(told: &Exhausted) -> Message {
    let (asked, limit, spent) = (charge(&told.asked), up(told.account.limit().epsilon()), up(&spent_of(&told.account)));
    Message::new(
        format!(
            "releasen kostar {asked}, men av livstidsgränsen epsilon {limit} är {spent} förbrukat; sänk budgeten i release.toml, eller höj gränsen med utfall ledger raise"
        ),
        format!(
            "the release costs {asked}, but of the lifetime limit epsilon {limit}, {spent} is spent; lower the budget in release.toml, or raise the limit with utfall ledger raise"
        ),
    )
}

/// Its stable name.
fn code(error: &Core) -> &'static str {
    match error {
        Core::Number { .. } => "number",
        Core::Syntax { .. } | Core::Sensitivity { .. } | Core::Overflow(_) | Core::Parameter { .. } => "core-form",
        Core::Budget | Core::LimitLowered => "limit",
        Core::Request(_) => "request",
        Core::Entropy => "randomness",
        Core::Tables { .. } => "grant",
        Core::Certificate { .. } => "certificate",
        Core::BudgetExhausted(_) => "budget",
        Core::Corrupt { .. } | Core::AlreadyOpen | Core::NoLedger | Core::Contended | Core::Log(_) => "ledger",
        Core::WitnessMissing | Core::WitnessForeign => "ledger-witness",
        Core::LedgerBehind { .. } | Core::LedgerDiverged { .. } => "ledger-behind",
        Core::NoSeries(_) | Core::SeriesDiffers(_) | Core::PeriodFilled { .. } => "series",
        _ => "release-record",
    }
}

impl From<Core> for Error {
    fn from(error: Core) -> Self {
        let (code, message) = (code(&error), message(&error));
        match error {
            Core::BudgetExhausted(_) => Self::budget(code, message),
            Core::LimitLowered | Core::Number { .. } | Core::Budget | Core::Request(_) => Self::usage(code, message),
            _ => Self::storage(code, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use utfall_privacy::rational::parse_decimal;
    use utfall_privacy::{Account, Budget, Loss};

    #[test]
    fn what_is_spent_is_told_with_what_was_asked() {
        let mut account = Account::new(Budget::parse("1", "1e-6").unwrap());
        let [half, asked] = ["1/2", "1e-3"].map(|text| vec![Loss::pure(parse_decimal(text).unwrap(), &account.order)]);
        [&half, &half].into_iter().for_each(|release| account.pay(release));
        let told = Exhausted { asked, account };
        let error = Error::from(Core::BudgetExhausted(Box::new(told)));
        assert_eq!((error.exit_code(), error.code()), (4, "budget"));
        let shown = error.shown(Lang::En);
        assert!(shown.contains("costs epsilon 0.001") && shown.contains("limit epsilon 1, 1 is spent"), "{shown}");
    }
}
