//! The Swedish words themselves, by command and argument, as they are derived in the files of the commands.

/// What is said of a command.
pub(super) struct CommandWords {
    /// The command, with those above it: `ledger raise`.
    pub(super) path: &'static str,
    /// One line.
    pub(super) about: &'static str,
    /// What `--help` says below it; may be empty.
    pub(super) more: &'static str,
}

const fn words(path: &'static str, about: &'static str, more: &'static str) -> CommandWords {
    CommandWords { path, about, more }
}

pub(super) const AFTER_HELP: &str = "\
Vägen igenom, en gång:
  utfall new KATALOG                      scheman, en första release, utfall.toml: ett ställe att arbeta i
  utfall init --epsilon 10 --delta 1e-5   gör nyckel, datakatalog och livstidsbudget
  utfall land listor/*.csv                ta in deltagarlistor
  utfall check                            får de här frågorna publiceras?
  utfall plan                             vad kostar de, hur exakta blir de? (förbrukar inget)
  utfall release                          förbruka budget, arkivera, publicera i out/
Med cron:
  utfall run --inbox listor               alltihop; tyst, en rad per resultat. Varje körning där
                                          nya rader landar gör en ny release och förbrukar dess
                                          budget igen; en körning där inga landar är gratis

Listor blir pseudonymiserad Parquet i --data; nyckeln ligger i --keys, skild från den.
SÄKERHETSKOPIERA NYCKELN: utan den kan ingen som kommer tillbaka kännas igen, och huvudboken
kan inte öppnas.

Slutkoder:
  0  klart
  2  vägrat, fel på kommandoraden eller en fil som är fel
  3  en leverans har något att rätta; listan säger vad
  4  budgeten räcker inte
  5  lagring, nyckel, huvudbok eller motor felade; kör igen när det är avhjälpt
  129, 130, 143  stoppat av en signal; kör igen, inget är förlorat";

/// Headings of groups of arguments.
pub(super) const HEADINGS: &[(&str, &str)] =
    &[("Arguments", "Argument"), ("Options", "Flaggor"), ("Everywhere", "För alla kommandon")];

/// Names of values.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("DIR", "KATALOG"),
    ("ADDRESS:PORT", "ADRESS:PORT"),
    ("URL", "ADRESS"),
    ("TABLE.COLUMN", "TABELL.KOLUMN"),
    ("FILE", "FIL"),
    ("NUMBER", "TAL"),
    ("NAME", "NAMN"),
    ("PROJECT", "PROJEKT"),
    ("YYYY-MM", "ÅÅÅÅ-MM"),
    ("RELEASE", "RELEASE"),
    ("TEXT", "TEXT"),
    ("PERIOD", "PERIOD"),
    ("YEARS", "ÅR"),
    ("SLUG", "KORTNAMN"),
    ("NAME=VALUE", "NAMN=VÄRDE"),
    ("LANG", "SPRÅK"),
    ("REASON", "SKÄL"),
    ("SEED", "FRÖ"),
    ("SHELL", "SKAL"),
    ("FORM", "FORM"),
    ("PATTERN", "MÖNSTER"),
    ("COMMAND", "KOMMANDO"),
];

/// What values mean that are not their own explanation.
pub(super) const VALUES: &[(&str, &str)] = &[
    ("sv", "svenska"),
    ("en", "engelska"),
    ("human", "rader för människor"),
    ("json", "ett objekt per rad"),
    ("erasure", "personen har begärt det"),
    ("consent", "personen har återkallat sitt samtycke"),
    ("retention", "tiden då projektets rader får sparas är slut"),
];

/// All commands.
pub(super) const COMMANDS: &[CommandWords] = &[
    words("", "Arbetsmarknadsprojekts utfall som statistik, publicerad med differentiell integritet.", ""),
    words(
        "new",
        "Börja ett eget ställe: scheman, ett register med ett exempelprojekt, en första release, utfall.toml, och filer för systemd och \
         cron",
        "Inget annat behövs för att arbeta där. Exempelprojektet byts ut innan något landar; README.md i katalogen säger vad som kommer \
         sedan.",
    ),
    words("manual", "Skriv manualsidorna, på båda språken, i en katalog: man1/ och sv/man1/", ""),
    words("init", "Gör nyckeln, datakatalogen och huvudboken med dess livstidsbudget (en gång)", ""),
    #[cfg(feature = "demo")]
    words("demo", "Skriv påhittade deltagarlistor för fem verkliga projekt, med Skatteverkets testpersonnummer", ""),
    words(
        "land",
        "Ta in deltagarlistor: avkoda, pröva, pseudonymisera, numrera, spara",
        "Filerna skiljs åt genom sina rubriker; deltaganden landar före det som hör till dem. En lista för en månad och ett \
         projekt som någon har angett ersätter det som redovisats förut; listor för samma projekt och månad i ett anrop är en \
         redovisning. Samma fil två gånger ändrar inget, utom för rader som har lagts åt sidan. En fil som inte går att lita \
         på avvisas, och inget av den landar; en felaktig rad läggs åt sidan och resten av filen landar. Båda räknas upp med \
         fil, rad, kolumn och regel, aldrig med ett värde.",
    ),
    words(
        "map",
        "Föreslå en mappning av en listas rubriker, att spara och ge till land med --map",
        "Kända rubriker mappas, namn och fri text utelämnas, och okända rubriker lämnas till dig: mappa var och en till en \
         kolumn i tabellen, eller utelämna den.",
    ),
    words(
        "forget",
        "Radera personer; läser deras personnummer från standard in, aldrig från kommandoraden",
        "Varje rad om dem i varje tabell, och varje fil som innehöll någon, är borta när detta är klart. En nycklad märkning \
         och de högsta givna numren är kvar, så att det som skickas igen inte landar och inget nummer ges två gånger. \
         Publicerade tabeller och huvudboken är orörda. Skriver ut ett kvitto som inte namnger någon.",
    ),
    words("key", "Visa, rotera eller säkerhetskopiera pseudonymnyckeln; säg att någons nummer har ändrats", ""),
    words("key show-id", "Visa nyckelns offentliga id, som står bredvid data; slutför det som avbröts", ""),
    words(
        "key rotate",
        "Lägg en ny del till nyckeln och skriv om varje landad tabell under den",
        "Den som bara har den gamla nyckeln kan inte knyta någon till det som landat; ingen börjar om. De tidigare delarna är \
         kvar i nyckelkatalogen, eftersom listor landar genom dem alla. Säkerhetskopiera nyckelkatalogen igen efteråt.",
    ),
    words(
        "key signing",
        "Visa den offentliga halvan av nyckeln som publiceringar signeras med; gör nyckeln om den saknas",
        "Läsare håller en katalog med sidor mot den: minisign -Vm SHA256SUMS -p minisign.pub, sedan sha256sum --check SHA256SUMS. \
         Säkerhetskopiera nyckelkatalogen igen när den har gjorts.",
    ),
    words("key backup", "Kopiera nyckelkatalogen (nycklar, alias, vittnen) till en ny katalog, skild från data", ""),
    words(
        "key alias",
        "Säg att personers nummer har ändrats: läser par `GAMMALT NYTT` från standard in, ett per rad",
        "Från och med nu räknas det gamla numret som det nya, och det som landat under båda blir en persons. Det gamla får vara \
         ett interims- eller reservnummer: då står det för det nya i varje projekt. Ett nummer som har ersatts kan inte ersättas \
         igen; i en kedja ersätts varje nummer av nästa.",
    ),
    words("register", "Lägg projekt till det offentliga registret, ur projektbankens sidor eller en CSV", ""),
    words(
        "register add",
        "Lägg till ett projekt ur en av projektbankens sidor sparad som text, eller projekt ur en CSV",
        "Skriver ut vad som lästes och på vilka rader, och vad som inte kunde läsas. Ingen kontaktperson sparas eller visas. Det \
         filen inte säger förblir tomt. Ett projekt som redan finns fylls bara i. CSV-filen har registrets egna kolumnnamn (eller \
         sidornas etiketter) på första raden och ett projekt på var och en av de andra.",
    ),
    words(
        "migrate",
        "Anpassa det som har landat till ändrade scheman: nya kolumner och koder skrivs ned, borttagna kolumner raderas",
        "En ny frivillig kolumn, en ny kod och ett nytt projekt behöver ingen anpassning: de skrivs ned vid nästa landning. Det \
         som skulle läsas annorlunda än det landade (en kod med ett annat id, ett annat spann) vägras, med en väg ut för vart och \
         ett. Huvudbok, nummer och arkiv står kvar: en ny datakatalog skulle glömma vad som har förbrukats om samma personer.",
    ),
    words("status", "Säg vad som landat, vilken nyckel, vilken budget som är kvar och vad som är nästa steg", ""),
    words(
        "check",
        "Godkänn eller vägra releasers frågor, med skäl och utväg; läser inga data",
        "En fråga i en egen fil kan anges i stället för en release: `utfall check min.sql`. Ligger ingen release.toml bredvid prövas den \
         med 3 deltaganden per person och 10 rader av en undertabell i varje.",
    ),
    words("plan", "Visa vad releaser skulle kosta och hur exakta de skulle bli; förbrukar inget, läser inga data", ""),
    words(
        "release",
        "Reservera budget, dra brus, arkivera och publicera; samma release igen är gratis",
        "En serie (en release med [period] i sin release.toml) reserverar sin budget en gång; varje period publiceras sedan en \
         gång, när den är fullständig, utan ny kostnad.",
    ),
    words("publish", "Publicera arkiverade releaser igen, byte för byte; gratis", ""),
    words(
        "verify",
        "Kontrollera bevisen i arkiverade releaser, eller i en publicerad certificate.json, med kärnans egen kontroll",
        "",
    ),
    words(
        "serve",
        "Visa katalogen med sidor, och dess tabeller genom PxWebApi 2.2 på /api/v2; känner varken data eller nyckel",
        "Läsares program (pxwebpy, R:s pxweb, PxWebs egen sida) läser tabellerna som de läser en statistikmyndighets. Skriver ingenting och \
         sparar inte vem som frågade. Ställ en proxy med TLS framför för att visa för andra än den här datorn.",
    ),
    #[cfg(feature = "cluster")]
    words(
        "worker",
        "Räkna i landade filer åt andra maskiner som kör utfall; känner ingen nyckel",
        "Frågor körs här där en annan maskins utfall.toml nämner den här i `engine`. Läser samma datakatalog, från ett delat filsystem på samma \
         plats, skriver ingenting och behåller ingenting. Andra maskiner får svar bara om de visar ett certifikat av den utfärdare som \
         [cluster] i utfall.toml nämner.",
    ),
    words(
        "bundle",
        "Sätt samman det som ett dataskyddsombud behåller av en arkiverad release: filer, bevis, frågor, huvudbok, metod; gratis",
        "Allt i den får publiceras, utom huvudbokens skäl och vilka som godkände. SHA256SUMS nämner varje fil och är signerad om det finns en \
         nyckel (`utfall key signing`).",
    ),
    words("ledger", "Kontrollera huvudbokens kedja och visa vad varje release köpte, vad som är förbrukat och kvar", ""),
    words("ledger raise", "Höj livstidsgränsen; skälet står i huvudboken för alltid", ""),
    words(
        "ledger clock",
        "Säg att klockan går rätt: det som bär senare dagar skrevs av en som gick före, och en lång tystnad var en tystnad",
        "",
    ),
    words(
        "run",
        "Landa, pröva, släpp och publicera i ett svep, för cron: tyst, en rad per resultat",
        "En körning som inte finner något nytt ändrar inget, förbrukar inget och säger inget. En körning där något nytt landar \
         gör en ny release och förbrukar dess budget (en serie publicerar de perioder som är fullständiga och förbrukar inget \
         mer): lägg nya listor i inkorgen när en ny publicering är önskad, inte förr. Ändrade frågor väntar. Räcker budgeten inte till \
         allt som är nytt dras inget. En avvisad fil stoppar körningen innan \
         någon budget förbrukas, och det gör också det som inte kan följas: en katalog, eller en länk som inte leder någonstans.",
    ),
    words("completions", "Skriv ett skript som fyller i kommandon i ett skal", ""),
    words("help", "Visa hjälp om programmet eller om ett kommando", ""),
    words("help help", "Visa hjälp om programmet eller om ett kommando", ""),
    words("key help", "Visa hjälp om kommandot", ""),
    words("register help", "Visa hjälp om kommandot", ""),
    words("ledger help", "Visa hjälp om kommandot", ""),
];

/// All arguments: by command and argument, or by argument where it is the same everywhere.
pub(super) const ARGUMENTS: &[(&str, &str)] = &[
    ("help", "Visa hjälp (mer med --help)"),
    ("version", "Visa programmets version"),
    ("subcommand", "Kommandot"),
    ("lang", "Meddelandenas språk [förval: efter systemets språk]"),
    (
        "data",
        "Datakatalog: landade tabeller, huvudbok, arkiv (privat; säkerhetskopiera den); en katalog, eller där programmet är byggt med objektlagring s3://HINK/PREFIX, gs://HINK/PREFIX, az://BEHÅLLARE/PREFIX",
    ),
    #[cfg(feature = "object-store")]
    ("cache", "Katalog för arbetskopian av en datakatalog i en objektlagring (privat) [annars: ~/.cache/utfall]"),
    ("keys", "Nyckelkatalog: pseudonymnyckeln och huvudbokens vittne; måste ligga skild från data [förval: ~/.config/utfall]"),
    ("home", "Katalog som innehåller schemas/ och queries/"),
    ("out", "Katalog att publicera i"),
    (
        "config",
        "Fil som säger var allt det här är, under det som flaggor och miljövariabler säger [förval: utfall.toml i arbetskatalogen eller \
         en över den]",
    ),
    (
        "log",
        "Form för det som går till standard fel: rader för människor, eller ett JSON-objekt per rad med time, level, code och message",
    ),
    ("json", "Säg det som ett JSON-objekt på standard ut, och inget annat där; pipeline/README.md nämner dess fält"),
    ("names", "Releaser (kataloger i queries/); alla om ingen anges"),
    ("new/dir", "Katalogen att göra; den ska vara ny eller tom"),
    ("manual/dir", "Katalogen att skriva i"),
    ("init/epsilon", "Livstidsgräns: epsilon för allt som någonsin publiceras ur dessa data (till exempel 10, 1/2, 0.5)"),
    ("init/delta", "Livstidsgräns: delta (till exempel 1e-5; 0 för ren differentiell integritet)"),
    ("init/keys_delta", "Den del av delta som avsätts för tabeller vars nycklar är privata (se queries/README.md); 0 för ingen"),
    ("init/domain", "Pseudonymiseringsdomän: en person har pseudonymer som inte går att koppla ihop i två domäner"),
    ("init/demonstration", "Personerna är påhittade: varje publicerad sida säger det"),
    #[cfg(feature = "demo")]
    ("demo/dir", "Katalog att skriva listorna i"),
    #[cfg(feature = "demo")]
    ("demo/seed", "Ett annat frö ger andra personer med samma totaler"),
    ("land/files", "Listor att ta in (CSV, XLSX, ODS)"),
    (
        "land/project",
        "Projektet som listorna redovisar. En fils namn (progress-2021-03.csv), en titel eller en mappning kan också säga det",
    ),
    ("land/month", "Månaden som listorna redovisar; tar platsen för det som det angivna projektet redovisat för den förut"),
    ("land/part", "Listorna är delar av en månads redovisning: de lägger till och rättar, och ersätter inget"),
    ("land/map", "En sparad mappning av rubriker, gjord med utfall map"),
    ("land/fix_list", "Skriv en rättelselista per felaktig fil, som XLSX för projektets kontor och som JSON"),
    ("land/again", "Landa listor som har landat förut: för att gå tillbaka till det som en annan lista har ersatt sedan dess"),
    ("map/file", "En lista vars rubriker ska mappas"),
    ("map/output", "Var förslaget ska skrivas [förval: på skärmen]"),
    ("forget/reason", "Varför"),
    ("forget/project", "Bara det som landat i det här projektet"),
    ("forget/expired", "Alla i de projekt vars `keep_until` i registret har passerats; läser inga nummer"),
    ("key backup/dir", "Katalogen att göra"),
    ("migrate/forget", "Radera de landade värdena i en kolumn som inte längre står i sitt schema; kan anges flera gånger"),
    ("register add/file", "Sidan som ren text, eller en CSV"),
    ("register add/project", "Projektets kortnamn i SQL och listor [förval: gjort av namnet]"),
    ("register add/programme_period", "Programperioden, som sidorna inte visar; den gissas aldrig ur datum"),
    ("register add/no_participants", "Projektet har inga egna deltagare"),
    ("register add/replace", "Där register och fil säger emot varandra har filen rätt"),
    ("register add/dry_run", "Visa bara vad som skulle göras"),
    (
        "check/tables",
        "Räkna upp de tabeller och kolumner som frågor kan använda; av dem som nämns varje kolumn med rubrik på båda språken, typ, \
         gränser, koder och enhet",
    ),
    (
        "check/explain",
        "Visa varje frågas plan som ett träd: vad varje nod gör med antalet rader som en person kan ha, och var en vägrad fråga \
         stannar",
    ),
    (
        "plan/what_if",
        "Visa planen med något ändrat: epsilon=2, delta=1e-5, participations=1; rows.TABELL=20 (gränsen för en undertabell), \
         weight.TABELL=2, drop=TABELL, merge=TABELL.NYCKEL:3 (som om en nyckel hade så få koder); kan anges flera gånger",
    ),
    (
        "plan/assume",
        "Hur många deltagare att räkna med i ett projekt som inte anger något antal, och i allt där en tabell inte vet av projekt",
    ),
    (
        "plan/find",
        "Säg vilket epsilon, och vilken sammanslagning av en nyckel, som gör ett tal exakt på så mycket när (±): procentenheter \
         av en andel, personer av ett antal, annars talets egen enhet",
    ),
    ("plan/table", "Tabellen som --find gäller; alla om ingen anges"),
    (
        "release/vintage",
        "För en serie: publicera denna version. Nästa visar vad som rapporterats och rättats sedan dess, och kostar lika mycket \
         som den första; `utfall plan` säger hur mycket",
    ),
    ("release/period", "För en serie: publicera bara denna period (2021-Q3, 2021-07 eller 2021); kan anges flera gånger"),
    (
        "release/approve",
        "Vem som godkänner att budget förbrukas, där release.toml begär det (approvals = 1 i [publish]); en gång per person",
    ),
    ("serve/address", "Var den lyssnar: bara den här datorn, om ingen annan adress anges"),
    (
        "serve/base",
        "Adressen som läsare känner servern under, om den är en annan: https://example.org/statistik/ [förval: den i site.toml]",
    ),
    ("serve/proxied", "En proxy står framför, vars X-Forwarded-For säger vem som frågar"),
    ("serve/cells", "Högsta antalet celler i ett svar"),
    ("serve/calls", "Högsta antalet frågor från en adress inom tio sekunder"),
    #[cfg(feature = "cluster")]
    ("worker/address", "Var den lyssnar: bara den här maskinen, om inte [cluster] i utfall.toml nämner certifikat"),
    ("bundle/name", "Den arkiverade releasen"),
    ("bundle/dir", "Katalogen som ska göras"),
    (
        "publish/to",
        "Kopiera hela webbplatsen hit också, till exempel till en webbservers katalog: en läsare ser den som den var eller som den är. Den \
         blir en länk till en katalog bredvid sig, så andra måste få läsa den",
    ),
    ("verify/names", "Releaser att kontrollera mot huvudboken; alla som är arkiverade om ingen anges"),
    (
        "verify/certificate",
        "En publicerad certificate.json, kontrollerad för sig: ingen datakatalog behövs. Offentliga tabellers nycklar jämförs \
         med registret, om det finns här",
    ),
    ("ledger raise/epsilon", "Det nya epsilon, inte under det gamla"),
    ("ledger raise/delta", "Det nya delta, inte under det gamla"),
    ("ledger raise/keys_delta", "Den nya del av delta som avsätts för tabeller vars nycklar är privata"),
    ("ledger raise/reason", "Vem som beslutade det och varför"),
    ("run/inbox", "Katalog vars filer tas in"),
    (
        "run/pattern",
        "Vilka filer i inkorgen som är listor, efter deras namn: '*.csv'. Alla andra filer lämnas därhän, och var och en nämns; en \
         mapp, ett rör eller en död länk stoppar körningen, vad den än heter. Kan anges flera gånger [förval: alla, eller `pattern` under [inbox] i utfall.toml]",
    ),
    (
        "run/summary",
        "Spara det som --json säger i en fil, också för en körning som inte gick bra; den berättar om landningen, så den är för den \
         personuppgiftsansvarige",
    ),
    ("run/queries_changed", "Förbruka budget också för ändrade frågor; annars väntar de på `utfall release`"),
    ("run/what_fits", "Räcker budgeten inte till allt nytt, gör de releaser som den räcker till; annars görs ingen"),
    ("completions/shell", "Vilket skal"),
];
