//! For readers of other statistics: what they saw before, and what they see here instead.

use maud::{Markup, html};

use super::Site;
use super::frame::{Page, frame};
use utfall_ground::text::Lang;

/// A complaint of readers, with what is done about it.
struct Change {
    heading: &'static str,
    before: &'static str,
    now: &'static str,
    /// Where that ends.
    but: &'static str,
}

/// The page.
pub(super) fn page(lang: Lang, site: &Site<'_>) -> Vec<u8> {
    let main = html! {
        p {
            (lang.pick(
                "Statistik om få människor har länge skyddats genom att tal tas bort. Den som läser här märker fyra skillnader.",
                "Statistics about few people have long been protected by taking numbers away. Readers will notice four differences here.",
            ))
        }
        @for (at, change) in changes(lang).iter().enumerate() {
            section {
                h2 { (change.heading) }
                div.before-now {
                    div { h3 { (lang.pick("Förr", "Before")) } p { (change.before) } @if at == 0 { (holes(lang)) } }
                    div { h3 { (lang.pick("Nu", "Now")) } p { (change.now) } @if at == 0 { (noise(lang)) } }
                }
                p.small.soft { (change.but) }
            }
        }
    };
    frame(lang, site, Page::Before, lang.pick("Det du såg förr, det du ser nu", "What you saw before, what you see now"), &main)
}

fn changes(lang: Lang) -> [Change; 4] {
    [
        Change {
            heading: lang.pick("Hålen är borta", "The holes are gone"),
            before: lang.pick(
                "Små antal ersattes av ”<5” eller ”..”, och ibland ett tal till, så att ingen kunde räkna ut det första. Ju finare \
                 indelning, desto mindre blev kvar, och för små orter kunde hela tabeller och diagram försvinna.",
                "Small counts were replaced by “<5” or “..”, and sometimes another number too, so that nobody could work out the first. The \
                 finer the breakdown, the less was left, and of small places whole tables and charts could disappear.",
            ),
            now: lang.pick(
                "Varje antal visas, stort som litet. Det är inte exakt: ett slumpmässigt brus är tillagt, lika mycket till små tal som till \
                 stora. Bredvid står mellan vilka gränser det exakta talet ligger, med den säkerhet som sidan anger.",
                "Every count is shown, large or small. It is not exact: random noise was added, as much to small numbers as to large ones. \
                 Beside it stands between which limits the exact number lies, with the confidence that the page states.",
            ),
            but: lang.pick(
                "Ett litet tal säger därför ofta ingenting ensamt, och då är det märkt så. Några tabeller har bara rader över en tröskel; det \
                 står vid dem.",
                "A small number therefore often says nothing by itself, and is marked so. Some tables have only rows above a threshold; it says \
                 so beside them.",
            ),
        },
        Change {
            heading: lang.pick("Delarna går ihop", "The parts add up"),
            before: lang.pick(
                "Avrundning och dolda tal gjorde att kvinnor och män inte blev alla, och att samma sak hade olika tal i två tabeller.",
                "Rounding and hidden numbers meant that women and men did not make everybody, and that one fact had different numbers in two \
                 tables.",
            ),
            now: lang.pick(
                "Tabeller av samma uppgifter stäms av mot varandra efter att bruset är tillagt. Delar summerar till helheten, och samma sak är \
                 samma tal överallt, i varje format och varje gång.",
                "Tables of the same rows are reconciled with each other after the noise was added. Parts sum to the whole, and one fact is one \
                 number everywhere, in every format and every time.",
            ),
            but: lang.pick(
                "Tabeller som inte är avstämda säger det. På sidorna visas ett negativt tal som noll; filerna har det som det är.",
                "Tables that are not reconciled say so. On the pages a negative number is shown as zero; the files have it as it is.",
            ),
        },
        Change {
            heading: lang.pick("Filer i stället för PDF", "Files instead of PDF"),
            before: lang.pick(
                "Resultat låg i rapporter som PDF. Den som ville räkna vidare fick skriva av dem, och den som ville veta hur talen hade kommit \
                 till fick fråga.",
                "Results lay in reports as PDF. Whoever wanted to go on computing had to copy them by hand, and whoever wanted to know how the \
                 numbers had come about had to ask.",
            ),
            now: lang.pick(
                "Under varje tabell ligger den som öppna data, med intervall, förklaring och den fråga som gav talen. Alla filer har \
                 alla siffror, sidorna så många som intervallen bär, och adressen till en tabell står kvar.",
                "Below every table lies the same as open data, with intervals, an explanation and the query that gave the numbers. All files \
                 have all digits, the pages as many as the intervals support, and the address of a table stands.",
            ),
            but: lang.pick(
                "Sidorna går också att skriva ut, och fungerar utan nät.",
                "The pages can be printed too, and work without a network.",
            ),
        },
        Change {
            heading: lang.pick("Osäkerheten syns", "Uncertainty is shown"),
            before: lang.pick(
                "Ett tal var ett tal. Att två ställen skilde sig med tre procentenheter lästes som att det ena var bättre, även när de var få.",
                "A number was a number. That two places differed by three percentage points was read as one being better, even where they were \
                 few.",
            ),
            now: lang.pick(
                "Vid varje tal står ett intervall, och ett märke om talet är osäkert eller inte säger något. Vilka ställen som går att skilja åt, \
                 och om ett mål är nått, är ett svar med en gräns: ja, nej, eller att det inte går att säga.",
                "Every number comes with an interval, and with a mark if it is uncertain or says nothing. Which places can be told apart, and \
                 whether a target was reached, is an answer with a limit: yes, no, or that it cannot be told.",
            ),
            but: lang.pick(
                "Intervallen gäller bruset. De säger inget om fel i underlaget, och en skillnad är ingen effekt. Medianer har märken men inga \
                 intervall.",
                "The intervals are for the noise. They say nothing about errors in what was reported, and a difference is no effect. Medians have \
                 marks and no intervals.",
            ),
        },
    ]
}

/// A made-up row with a hole.
fn holes(lang: Lang) -> Markup {
    example(lang, [("13", ""), ("<5", ""), ("..", "")])
}

/// The same with noise.
fn noise(lang: Lang) -> Markup {
    example(lang, [("11", "2–20"), ("6", "0–15"), ("17", "8–26")])
}

fn example(lang: Lang, numbers: [(&str, &str); 3]) -> Markup {
    let heads = [lang.pick("Kvinnor", "Women"), lang.pick("Män", "Men"), lang.pick("Alla", "All")];
    html! {
        table.example {
            caption.small { (lang.pick("Ett påhittat exempel", "A made-up example")) }
            thead { tr { @for head in heads { th scope="col" { (head) } } } }
            tbody { tr { @for (number, between) in numbers { td { (number) @if !between.is_empty() { " " small.range { (between) } } } } } }
        }
    }
}
