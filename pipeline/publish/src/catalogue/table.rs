//! A published table as a dataset series, and its present version as a dataset of it.

use super::graph::{Graph, Term, Thing, segment};
use super::vocabulary::{ADMS, DCAT, DCTERMS, FOAF, authority};
use super::{Entry, Site, file, site};
use crate::dataset::DataSet;
use crate::dataset::pack::{Moment, ReleaseFacts};
use utfall_ground::calendar::{Length, Period};
use utfall_ground::text::{Lang, Text};

/// The address of a file of a release.
pub(crate) fn address(base: &str, release: &str, file: &str) -> String {
    format!("{base}{}/{}", segment(release), segment(file))
}

/// The address at which a table is read: its place on the page of its release, or the folder where there is no page.
pub(crate) fn page(base: &str, release: &ReleaseFacts, set: &DataSet, has_page: bool) -> String {
    let folder = address(base, &release.name, "");
    if has_page { format!("{folder}#{}", segment(&set.query)) } else { folder }
}

/// The name of the series of a table, whatever its present version is.
pub(super) fn series_name(site: Site<'_>, entry: Entry<'_>) -> String {
    site::named(site, &format!("{}/{}", segment(&entry.release.name), segment(&entry.set.name)))
}

/// The name of the present version.
pub(super) fn dataset_name(site: Site<'_>, entry: Entry<'_>) -> String {
    format!("{}/{}", series_name(site, entry), segment(&entry.release.id))
}

/// When a release was published first.
pub(super) fn issued(release: &ReleaseFacts) -> Option<Moment> {
    release.earlier.iter().map(|of| of.made).chain(release.made).min()
}

/// Texts of paragraphs one after the other, each paragraph on a line.
pub(crate) fn paragraphs<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let all = texts.flat_map(|text| text.split("\n\n"));
    let lines = all.map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The same in both languages.
pub(super) fn joined(texts: &[&Text]) -> Text {
    let all = |lang| paragraphs(texts.iter().map(|text| text.get(lang)));
    Text { sv: all(Lang::Sv), en: all(Lang::En) }
}

/// By what the people behind a data set are protected: epsilon, delta and the bound of its release, or of the one whose numbers it quotes.
pub(crate) fn guarantee<'g>(release: &'g ReleaseFacts, set: &'g DataSet) -> (&'g str, &'g str, u64) {
    let told = |name: &str| set.method.get(name);
    let text = |name, own: &'g str| told(name).and_then(|value| value.as_str()).unwrap_or(own);
    let participations = told("participations").and_then(|value| value.as_u64());
    (text("epsilon", &release.epsilon), text("delta", &release.delta), participations.unwrap_or(release.participations))
}

/// The series, its present version and the files of that.
pub(super) fn describe(graph: &mut Graph, site: Site<'_>, entry: Entry<'_>) {
    let period = days(entry.release);
    let name = period.map(|_| format!("{}/period", series_name(site, entry)));
    series(graph, site, entry, name.as_deref());
    dataset(graph, site, entry, name.as_deref());
    if let (Some(name), Some((first, last))) = (name, period) {
        graph.thing(&name, (DCTERMS, "PeriodOfTime")).value((DCAT, "startDate"), &first.first_day().to_string(), "date").value(
            (DCAT, "endDate"),
            &last.last_day().to_string(),
            "date",
        );
    }
    let provenance = format!("{}/provenance", dataset_name(site, entry));
    graph.thing(&provenance, (DCTERMS, "ProvenanceStatement")).text((DCTERMS, "description"), &origin(entry));
    for of in entry.files {
        file::describe(graph, site, entry, of);
    }
}

fn series(graph: &mut Graph, site: Site<'_>, entry: Entry<'_>, period: Option<&str>) {
    let dimension = Text {
        sv: "En datamängd per version av tabellen: varje version har andra tal, av vad som var känt när den gjordes.".to_owned(),
        en: "One dataset per version of the table: each version has other numbers, of what was known when it was made."
            .to_owned(),
    };
    let mut thing = graph.thing(&series_name(site, entry), (DCAT, "DatasetSeries"));
    thing.text((DCTERMS, "title"), &title(entry, None));
    thing.text((DCTERMS, "description"), &joined(&[&description(entry), &dimension]));
    common(&mut thing, site, entry, period);
    thing
        .link((DCTERMS, "accrualPeriodicity"), &authority("frequency", frequency(entry.release)))
        .link((DCAT, "last"), &dataset_name(site, entry));
    if let Some(first) = issued(entry.release) {
        thing.value((DCTERMS, "issued"), &first.day(), "date");
    }
}

fn dataset(graph: &mut Graph, site: Site<'_>, entry: Entry<'_>, period: Option<&str>) {
    let release = entry.release;
    let name = dataset_name(site, entry);
    let mut thing = graph.thing(&name, (DCAT, "Dataset"));
    thing.text((DCTERMS, "title"), &title(entry, Some(&release.vintage())));
    thing.text((DCTERMS, "description"), &description(entry));
    common(&mut thing, site, entry, period);
    thing
        .plain((DCTERMS, "identifier"), &format!("{}/{}", release.id, entry.set.name))
        .plain((DCAT, "version"), &release.vintage())
        .link((DCTERMS, "accessRights"), &authority("access-right", "PUBLIC"))
        // A version does not change; the series gets another.
        .link((DCTERMS, "accrualPeriodicity"), &authority("frequency", "NEVER"))
        .link((DCTERMS, "provenance"), &format!("{name}/provenance"))
        .link((FOAF, "page"), &address(site.base, &release.name, ""))
        .link((DCAT, "inSeries"), &series_name(site, entry));
    for language in site::LANGUAGES {
        thing.link((DCTERMS, "language"), &authority("language", language));
    }
    if let Some(made) = release.made {
        thing.value((DCTERMS, "issued"), &made.day(), "date");
    }
    if let Some(earlier) = earlier(release) {
        thing.text((ADMS, "versionNotes"), &earlier);
    }
    let mut standards: Vec<_> = entry.files.iter().filter_map(|file| file.kind.standard).collect();
    standards.sort_unstable();
    standards.dedup();
    for (standard, _) in standards {
        thing.link((DCTERMS, "conformsTo"), standard);
    }
    for file in entry.files {
        thing.link((DCAT, "distribution"), &file.distribution(site, entry));
    }
}

/// What is said alike of a series and of its datasets (DCAT-AP-SE, recommendation 21).
fn common(thing: &mut Thing<'_>, site: Site<'_>, entry: Entry<'_>, period: Option<&str>) {
    thing.link((DCTERMS, "publisher"), &site.publisher.url);
    if site.contact.is_some() {
        thing.link((DCAT, "contactPoint"), &site::named(site, "contact"));
    }
    for keyword in keywords(site, entry.set) {
        thing.text((DCAT, "keyword"), &keyword);
    }
    for subject in site::subjects(site) {
        thing.link((DCAT, "theme"), &subject);
    }
    thing.link((DCTERMS, "spatial"), &site::country());
    let temporal: Term = (DCTERMS, "temporal");
    if let Some(period) = period {
        thing.link(temporal, period);
    }
    if let Some(made) = entry.release.made {
        thing.value((DCTERMS, "modified"), &made.day(), "date");
    }
    thing.link((DCAT, "landingPage"), &page(site.base, entry.release, entry.set, entry.has_page));
}

/// The title of the table; behind it that people are made up, and of a version which it is.
fn title(entry: Entry<'_>, version: Option<&str>) -> Text {
    let said = |lang: Lang| {
        let made_up =
            if entry.release.demonstration { lang.pick(" (påhittade deltagare)", " (made-up participants)") } else { "" };
        let version = version.map(|version| format!(", {version}")).unwrap_or_default();
        format!("{}{version}{made_up}", entry.set.title.get(lang))
    };
    Text { sv: said(Lang::Sv), en: said(Lang::En) }
}

/// What the release answers and what must be known of the numbers.
fn description(entry: Entry<'_>) -> Text {
    let made_up = Text {
        sv: "Deltagarna är påhittade: talen säger inget om verkliga människor.".to_owned(),
        en: "The participants are made up: the numbers say nothing of real people.".to_owned(),
    };
    let release = entry.release;
    let about = release.about.as_ref().unwrap_or(&release.title);
    let texts = [release.demonstration.then_some(&made_up), Some(about), Some(&entry.set.statement)];
    joined(&texts.into_iter().flatten().collect::<Vec<_>>())
}

/// What is known to be in every table of ours, and what its rows are told apart by.
fn keywords(of: Site<'_>, set: &DataSet) -> Vec<Text> {
    let mut words: Vec<Text> = Vec::new();
    let keys = set.keys().map(|(_, key)| (key.title.sv.to_lowercase(), key.title.en.to_lowercase()));
    let all = site::keywords(of.settings).into_iter().map(|Text { sv, en }| (sv, en));
    for (sv, en) in all.chain(keys) {
        if !words.iter().any(|word| word.sv == sv || word.en == en) {
            words.push(Text { sv, en });
        }
    }
    words
}

/// How the numbers came about.
fn origin(entry: Entry<'_>) -> Text {
    let (epsilon, delta, participations) = guarantee(entry.release, entry.set);
    Text {
        sv: format!(
            "Räknat ur listor över deltagare som projekten har lämnat; brus är tillagt en gång, innan något visades \
             (differentiell integritet: epsilon {epsilon}, delta {delta}, högst {participations} deltaganden per person)."
        ),
        en: format!(
            "Counted from lists of participants that the projects delivered; noise was added once, before anything was shown \
             (differential privacy: epsilon {epsilon}, delta {delta}, at most {participations} participations per person)."
        ),
    }
}

/// The versions before this one, whose files are no longer there.
fn earlier(release: &ReleaseFacts) -> Option<Text> {
    let mut days: Vec<String> = release.earlier.iter().map(|of| of.made.day()).collect();
    days.dedup();
    let days = days.join(", ");
    (!days.is_empty()).then(|| Text {
        sv: format!("Tidigare versioner gjordes {days}. De hade andra tal, av vad som var känt då, och ersätts av denna."),
        en: format!(
            "Earlier versions were made on {days}. They had other numbers, of what was known then; this one replaces them."
        ),
    })
}

/// The first and the last period of a series.
fn days(release: &ReleaseFacts) -> Option<(Period, Period)> {
    let series = release.series.as_ref()?;
    Some((Period::parse(&series.first)?, Period::parse(&series.last)?))
}

/// How often a series gets a version, in the authority table of frequencies.
fn frequency(release: &ReleaseFacts) -> &'static str {
    match days(release).map(|(first, _)| first.length()) {
        Some(Length::Month) => "MONTHLY",
        Some(Length::Quarter) => "QUARTERLY",
        Some(Length::Year) => "ANNUAL",
        None => "IRREG",
    }
}
