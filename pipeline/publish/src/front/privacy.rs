//! The privacy account of the site: what the limit is, what it has been spent on, what is left, and how to see that nothing was hidden.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Site;
use super::frame::{Page, frame};
use crate::account::{self, Account, Charge};
use crate::dataset::place::counted;
use crate::explain;
use crate::site::number::{declared, percent};
use utfall_ground::text::Lang;

/// The account in a few lines, for the front page.
pub(super) fn glance(lang: Lang, site: &Site<'_>) -> Markup {
    let Some(account) = &site.account else { return html! {} };
    let [epsilon, delta, spent, left] =
        [&account.limit.epsilon, &account.limit.delta, &account.spent.epsilon, &account.left].map(|text| declared(lang, text));
    html! {
        section aria-labelledby="privacy" {
            h2 #privacy { (lang.pick("Integritetskonto", "Privacy account")) }
            p {
                @match lang {
                    Lang::Sv => {
                        "Allt som finns om en person, i alla publiceringar tillsammans, skyddas av ε = " (epsilon) " och δ = " (delta)
                        ". Förbrukat: ε = " strong { (spent) } ", kvar: " (left) "."
                    }
                    Lang::En => {
                        "Everything there is about a person, in all releases together, is protected by ε = " (epsilon) " and δ = " (delta)
                        ". Spent: ε = " strong { (spent) } ", left: " (left) "."
                    }
                }
            }
            p.small { a href=(Page::Privacy.file(lang)) { (lang.pick("Hela kontot, förklarat", "The whole account, explained")) } }
        }
    }
}

/// The page.
pub(super) fn page(lang: Lang, site: &Site<'_>) -> Vec<u8> {
    let main = html! {
        p {
            (lang.pick(
                "Varje publicering säger lite om de människor som räknas. Hur mycket alla publiceringar får säga tillsammans är bestämt i \
                 förväg, och varje utgift skrivs upp i en huvudbok innan något tal finns. Här är ett utdrag ur den.",
                "Every release says a little about the people that are counted. How much all releases may say together was decided \
                 beforehand, and every expense is written down in a ledger before there is any number. This is an extract of it.",
            ))
        }
        @match &site.account {
            None => p { (lang.pick("Inget utdrag ur någon huvudbok har lämnats till den här platsen.", "No extract of a ledger was handed to this site.")) },
            Some(account) => {
                (balance(lang, account))
                (meaning(lang))
                (charges(lang, site, account))
                (chain(lang, account))
            }
        }
    };
    frame(lang, site, Page::Privacy, lang.pick("Integritetskonto", "Privacy account"), &main)
}

/// Limit, spent and left.
fn balance(lang: Lang, account: &Account) -> Markup {
    let shown = |text: &str| declared(lang, text);
    let part = account.spent.epsilon.parse::<f64>().ok().zip(account.limit.epsilon.parse::<f64>().ok());
    let part = part.filter(|(_, limit)| *limit > 0.0).map(|(spent, limit)| (spent / limit * 100.0).clamp(0.0, 100.0));
    html! {
        section aria-labelledby="balance" {
            h2 #balance { (lang.pick("Gräns och förbrukat", "Limit and spent")) }
            dl.account {
                div { dt { (lang.pick("Gräns", "Limit")) } dd { "ε = " (shown(&account.limit.epsilon)) ", δ = " (shown(&account.limit.delta)) } }
                div { dt { (lang.pick("Förbrukat", "Spent")) } dd { "ε = " (shown(&account.spent.epsilon)) @if let Some(part) = part { " (" (percent(lang, part.ceil(), 0)) ")" } } }
                div { dt { (lang.pick("Kvar", "Left")) } dd { "ε = " (shown(&account.left)) } }
            }
            @if let Some(part) = part {
                svg.spent viewBox="0 0 400 14" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                    rect.band x="0" y="1" width="400" height="12" {}
                    rect.fill x="0" y="1" width=(format!("{:.1}", part * 4.0)) height="12" {}
                }
            }
            p.small {
                (lang.pick(
                    "Garantin är gränsen. Det förbrukade säger, räknat uppåt, hur mycket av den som är använt.",
                    "The guarantee is the limit. What was spent says, rounded up, how much of it is used.",
                ))
            }
            @if account.unfinished > 0 {
                p.small { (unfinished(lang, account.unfinished)) }
            }
            @if account.limits.len() > 1 {
                p.small {
                    (raised(lang, account.limits.len()))
                    @for (at, limit) in account.limits.iter().skip(account.limits.len().saturating_sub(RAISED)).enumerate() {
                        @if at > 0 { ", " }
                        "ε = " (shown(&limit.strength.epsilon)) " " (lang.pick("från", "from")) " " (limit.set.day())
                    }
                    "."
                }
            }
        }
    }
}

/// So many limits are shown, the last; all are in the account's file.
const RAISED: usize = 12;

fn raised(lang: Lang, limits: usize) -> String {
    if limits <= RAISED {
        return lang.pick("Gränsen har höjts: ", "The limit was raised: ").to_owned();
    }
    let count = counted(lang, limits - 1);
    let told =
        [format!("Gränsen har höjts {count} gånger, till sist: "), format!("The limit was raised {count} times, at last: ")];
    let [sv, en] = told;
    lang.pick(sv, en)
}

fn unfinished(lang: Lang, count: u64) -> String {
    let count = counted(lang, usize::try_from(count).unwrap_or(usize::MAX));
    match lang {
        Lang::Sv => format!("Betalda men inte färdiga: {count}. De är med i det förbrukade, fast ingenting av dem har visats."),
        Lang::En => {
            format!("Paid for and not finished: {count}. They are part of what was spent, though nothing of them was shown.")
        }
    }
}

/// What epsilon and delta are.
fn meaning(lang: Lang) -> Markup {
    html! {
        section aria-labelledby="meaning" {
            h2 #meaning { (lang.pick("Vad talen betyder", "What the numbers mean")) }
            p {
                (lang.pick(
                    "ε (epsilon) säger hur mycket allt som publiceras kan ändra vad någon vet om en person. Alla tal som visas är nästan lika \
                     sannolika med som utan just den personens uppgifter: sannolikheten ändras med högst faktorn e upphöjt till ε. Ju mindre \
                     ε, desto starkare skydd, och desto mer brus i talen.",
                    "ε (epsilon) says how much everything that is published can change what anybody knows of a person. All numbers shown are \
                     almost as likely with as without that person's data: their probability changes by a factor of at most e to the power \
                     of ε. The smaller ε, the stronger the protection, and the more noise is in the numbers.",
                ))
            }
            p {
                (lang.pick(
                    "δ (delta) är hur mycket större än så en sannolikhet dessutom får vara. Det ska vara ett mycket litet tal.",
                    "δ (delta) is by how much a probability may be larger than that in addition. It is to be a very small number.",
                ))
            }
            p {
                (lang.pick(
                    "Publiceringar läggs ihop: den som läser alla vet mer än den som läser en. Därför finns en gräns för allt tillsammans. Ryms \
                     en publicering inte under den görs den inte. Samma publicering en gång till kostar ingenting, för den visar samma tal. \
                     Det förbrukade kan vara mindre än summan av kostnaderna, för flera tillsammans väger mindre än var för sig.",
                    "Releases add up: whoever reads all of them knows more than whoever reads one. So there is a limit for all of them together. \
                     A release that does not fit under it is not made. The same release once more costs nothing, for it shows the same \
                     numbers. What was spent may be less than the sum of the costs, for several together weigh less than each for itself.",
                ))
            }
        }
    }
}

/// What was paid for, a series once.
fn charges(lang: Lang, site: &Site<'_>, account: &Account) -> Markup {
    let mut periods: BTreeMap<&str, Vec<&Charge>> = BTreeMap::new();
    account.charges.iter().for_each(|of| periods.entry(of.series.as_deref().unwrap_or(&of.id)).or_default().push(of));
    let is_first = |of: &&Charge| periods.values().any(|all| all.first().is_some_and(|first| first.id == of.id));
    let caption = "charges";
    let has_rho = account.charges.iter().any(|of| of.charge.starts_with("rho"));
    html! {
        section {
            h2 #(caption) { (lang.pick("Vad det har gått till", "What it was spent on")) }
            @if account.charges.is_empty() {
                p { (lang.pick("Ingenting är publicerat än.", "Nothing is published yet.")) }
            } @else {
                div.scroll tabindex="0" role="group" aria-labelledby=(caption) {
                    table aria-labelledby=(caption) {
                        thead {
                            tr {
                                th.key scope="col" { (lang.pick("Publicering", "Release")) }
                                th.text scope="col" { (lang.pick("Gjord", "Made")) }
                                th.text scope="col" { (lang.pick("Begärt", "Asked for")) }
                                th.text scope="col" { (lang.pick("Kostade", "Cost")) }
                                th.text scope="col" { (lang.pick("Nummer", "Number")) }
                            }
                        }
                        tbody {
                            @for of in account.charges.iter().filter(is_first) {
                                @let all = periods.get(of.series.as_deref().unwrap_or(&of.id)).map_or(&[][..], |all| all.as_slice());
                                (charge(lang, site, of, all))
                            }
                        }
                    }
                }
                @if has_rho {
                    p.small.soft {
                        (lang.pick(
                            "ρ (zCDP) är ett annat mått på samma sak, för normalfördelat brus; det är omräknat till ε i det förbrukade.",
                            "ρ (zCDP) is another measure of the same, for normal noise; in what was spent it is converted to ε.",
                        ))
                    }
                }
            }
        }
    }
}

/// One release, or a series with the periods that it has paid for.
fn charge(lang: Lang, site: &Site<'_>, of: &Charge, all: &[&Charge]) -> Markup {
    let name = of.declared.as_ref().map(|of| of.name.as_str());
    let shown = site.releases.iter().find(|release| Some(release.name.as_str()) == name);
    let title = of.declared.as_ref().map_or(explain::NONE, |of| of.title.get(lang));
    let (first, last) = (all.first().and_then(|of| of.period.as_deref()), all.last().and_then(|of| of.period.as_deref()));
    html! {
        tr {
            th.key scope="row" {
                @if let Some(release) = shown { a href=(release.address(lang)) { (title) } } @else { (title) }
                @if let (Some(first), Some(last)) = (first, last) {
                    " " span.soft { (first) @if last != first { (lang.pick(" till ", " to ")) (last) } (lang.pick(", betalt en gång", ", paid once")) }
                }
            }
            td.text { (of.made.day()) }
            td.text {
                @if let Some(of) = &of.declared { "ε = " (declared(lang, &of.budget.epsilon)) ", δ = " (declared(lang, &of.budget.delta)) }
                @else { (explain::NONE) }
            }
            td.text { (cost(lang, &of.charge)) }
            td.text { code { (short(&of.id)) } }
        }
    }
}

/// A charge with its numbers as people read them: `epsilon 0.5, delta 1e-6`, or `rho 0.03 (zCDP)`.
fn cost(lang: Lang, charge: &str) -> String {
    let word = |word: &str| match word {
        "epsilon" => "ε =".to_owned(),
        "delta" => "δ =".to_owned(),
        "rho" => "ρ =".to_owned(),
        other => match other.strip_suffix(',') {
            Some(number) => format!("{},", declared(lang, number)),
            None => declared(lang, other),
        },
    };
    charge.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// How the chain ends, and what a stranger can do with that.
fn chain(lang: Lang, account: &Account) -> Markup {
    html! {
        section aria-labelledby="chain" {
            h2 #chain { (lang.pick("Så går det att kontrollera", "How it can be checked")) }
            p {
                (lang.pick(
                    "Huvudboken är en kedja: varje post bär den förra postens kontrollsumma, så att ingenting kan tas bort eller ändras utan att \
                     slutet blir ett annat. Spara dagens slut. När kedjan har vuxit ska posten på samma plats fortfarande ha samma \
                     kontrollsumma; be den som ansvarar för statistiken att visa den.",
                    "The ledger is a chain: every entry holds the checksum of the one before it, so that nothing can be removed or changed \
                     without changing the end. Keep the end of today. When the chain has grown, the entry at the same place must still have \
                     the same checksum; ask whoever is responsible for the statistics to show it.",
                ))
            }
            dl {
                dt { (lang.pick("Antal poster", "Number of entries")) }
                dd { (counted(lang, usize::try_from(account.head.length).unwrap_or(usize::MAX))) }
                dt { (lang.pick("Sista postens kontrollsumma (SHA-256)", "Checksum of the last entry (SHA-256)")) }
                dd { code.long { (account.head.hash) } }
                dt { (lang.pick("Huvudbokens nummer", "Number of the ledger")) }
                dd { code.long { (account.ledger) } }
            }
            p.small {
                (lang.pick("Hela utdraget, för program: ", "The whole extract, for programs: "))
                a href=(account::FILE) { (account::FILE) }
            }
        }
    }
}

fn short(id: &str) -> &str {
    id.get(..16).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_is_told_in_the_language_of_the_page() {
        assert_eq!(cost(Lang::Sv, "epsilon 0.5, delta 1e-6"), "ε = 0,5, δ = 0,000001");
        assert_eq!(cost(Lang::En, "rho 0.0243 (zCDP)"), "ρ = 0.0243 (zCDP)");
        assert_eq!(cost(Lang::Sv, ""), "");
    }
}
