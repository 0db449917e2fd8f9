//! The metadata of a file of data, in CSVW.

use serde_json::{Value, json};

use super::{Column, data_name};
use crate::CERTIFICATE;
use crate::estimate::interval::Level;
use crate::estimate::reliability::Grade;
use crate::explain::{self, marks};
use crate::{Publication, Quotation, Table, VectorNoise, View};
use utfall_ground::text::{Lang, Text};

/// The metadata of a table.
pub(super) fn table(publication: &Publication, table: &Table, columns: &[Column]) -> Value {
    let keys: Vec<_> = table.description.keys.iter().map(|key| &key.name).collect();
    let note = computed(publication, table);
    file(publication, (&table.name, &table.title), schema(columns, &keys), note)
}

/// The metadata of a view: rows in the order of its query, without a key.
pub(super) fn view(publication: &Publication, view: &View, columns: &[Column]) -> Value {
    let query = publication.queries().find(|query| query.view.is_some_and(|other| other.name == view.name));
    let tables = query.iter().flat_map(|query| query.tables);
    let description = query.as_ref().and_then(|query| query.description());
    let statement = |lang| format!("{} {}", explain::view(lang), as_computed(lang));
    let mut note = privacy(publication, description.and_then(|of| of.quotes.as_ref()), &statement);
    note["reliability"] = reliability(&marks::meaning_above);
    note["computedFrom"] = tables.map(|table| data_name(&table.name)).collect();
    note["query"] = description.map(|description| description.sql.as_str()).into();
    file(publication, (&view.name, &view.title), schema(columns, &[]), note)
}

fn file(publication: &Publication, (stem, title): (&str, &Text), schema: Value, note: Value) -> Value {
    let mut file = json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": data_name(stem),
        "dc:title": both(title),
        "dc:isPartOf": both(&publication.description.title),
        "dc:identifier": publication.id,
        "dialect": { "encoding": "utf-8", "delimiter": ",", "header": true },
        "tableSchema": schema,
        "notes": [note],
    });
    if let Some(about) = &publication.description.about {
        file["dc:description"] = both(about);
    }
    file
}

fn schema(columns: &[Column], keys: &[&String]) -> Value {
    let columns = columns.iter().map(|column| {
        json!({
            "name": column.name,
            "titles": { "und": column.name, "sv": column.title.sv, "en": column.title.en },
            "datatype": column.datatype,
            "required": column.required,
        })
    });
    let mut schema = json!({ "columns": columns.collect::<Vec<_>>() });
    if !keys.is_empty() {
        schema["primaryKey"] = json!(keys);
    }
    schema
}

/// How the numbers of a table were computed, what their noise is and what the interval covers.
fn computed(publication: &Publication, table: &Table) -> Value {
    let release = &publication.description;
    let level = Level::parse(&release.interval).ok();
    let covers = |lang| level.map(|level| explain::interval(lang, table, level).join(" ")).unwrap_or_default();
    let mut note = privacy(publication, table.description.quotes.as_ref(), &|lang| statement(lang, table).to_owned());
    note["rowsPerParticipation"] = json!(table.description.rows);
    if table.description.anonymous {
        note["anonymousRecords"] = json!("each counts as a person of its own; r of one person are protected as a group of r");
    }
    note["formula"] = json!(table.measure().map(|measure| &measure.formula));
    note["unitOfMeasure"] = json!(table.measure().and_then(|measure| measure.unit.as_ref()));
    note["reliability"] = reliability(&|lang, grade| marks::meaning(lang, table, grade));
    note["noise"] = table.noise.iter().map(noise).collect();
    note["rank"] = json!(table.rank);
    note["threshold"] = json!(table.threshold);
    note["interval"] = both(&Text { sv: "brusintervall".to_owned(), en: "noise interval".to_owned() });
    note["intervalLevel"] = json!(release.interval);
    note["intervalCovers"] = both(&Text { sv: covers(Lang::Sv), en: covers(Lang::En) });
    note
}

/// What each observation status means.
fn reliability(meaning: &dyn Fn(Lang, Grade) -> &'static str) -> Value {
    let text = |grade| Text { sv: meaning(Lang::Sv, grade).to_owned(), en: meaning(Lang::En, grade).to_owned() };
    let one = |grade: Grade| (grade.status().to_owned(), both(&text(grade)));
    Value::Object([Grade::Rough, Grade::Open].map(one).into_iter().collect())
}

/// That the numbers of a view are not moved to what is possible.
fn as_computed(lang: Lang) -> &'static str {
    lang.pick(
        "Talen är som de räknades och kan vara omöjliga (ett negativt antal); av andelar är intervallen begränsade till det möjliga.",
        "The numbers are as they were computed and may be impossible (a negative count); the intervals of shares are limited to what \
         is possible.",
    )
}

/// The noise of one vector.
fn noise(noise: &VectorNoise) -> Value {
    json!({
        "vector": noise.name,
        "mechanism": both(&noise.mechanism),
        "scale": both(&noise.scale),
        "standardDeviation": noise.standard_deviation.map(|deviation| (deviation * 100.0).round() / 100.0),
        "margin": noise.margin.filter(|_| !noise.reconciled),
        "marginBeforeReconciliation": noise.margin.filter(|_| noise.reconciled),
    })
}

/// How the people are protected: by the release, or by the one that it quotes.
fn privacy(publication: &Publication, quoted: Option<&Quotation>, more: &dyn Fn(Lang) -> String) -> Value {
    let release = &publication.description;
    let own = (&release.epsilon, &release.delta, release.participations);
    let (epsilon, delta, participations) = quoted.map_or(own, |of| (&of.epsilon, &of.delta, of.participations));
    let statement = |lang: Lang| format!("{} {}", protection(lang, quoted, participations), more(lang));
    let mut note = json!({
        "type": "differential privacy",
        "unit": "person",
        "epsilon": epsilon,
        "delta": delta,
        "participations": participations,
        "demonstration": release.demonstration,
        "statement": both(&Text { sv: statement(Lang::Sv), en: statement(Lang::En) }),
    });
    if let Some(series) = &release.series {
        note["series"] = json!({
            "id": series.id,
            "vintage": series.vintage,
            "first": series.first,
            "last": series.last,
            "lagInDays": series.lag,
            "periodOf": if series.ended { "last day" } else { "first day" },
        });
    }
    match quoted {
        Some(of) => note["quotes"] = json!({ "release": of.release, "table": of.table, "id": of.id }),
        None if publication.certificates().is_some() => note["certificate"] = json!(CERTIFICATE),
        None => {}
    }
    note
}

/// What epsilon, delta and the bound are of.
fn protection(lang: Lang, quoted: Option<&Quotation>, participations: u64) -> String {
    let of = match (quoted, lang) {
        (None, Lang::Sv) => "hela publiceringen".to_owned(),
        (None, Lang::En) => "the whole release".to_owned(),
        (Some(of), Lang::Sv) => format!("hela den publicering vars tal detta är, {}", of.title.sv),
        (Some(of), Lang::En) => format!("the whole release whose numbers these are, {}", of.title.en),
    };
    match lang {
        Lang::Sv => format!(
            "Epsilon och delta gäller {of}. Skyddet gäller personer: allt om en person, i alla projekt. Högst {participations} \
             deltaganden per person är med."
        ),
        Lang::En => format!(
            "Epsilon and delta hold for {of}. The protection is of persons: all there is about a person, in all projects. At most \
             {participations} participations per person are included."
        ),
    }
}

/// What is to be known of the numbers of a table.
fn statement(lang: Lang, table: &Table) -> &'static str {
    match (table.margin, table.threshold) {
        (None, None) if table.is_reconciled() && table.additive => lang.pick(
            "Talen är väntevärdesriktiga och kan vara negativa. De är avstämda mot de andra tabellerna av samma uppgifter: delar \
             summerar till helheten, till sista decimalen. Brusintervallet omfattar bara osäkerheten från bruset.",
            "The numbers are unbiased and may be negative. They are reconciled with the other tables of the same rows: parts sum to \
             the whole, to the last decimal. The noise interval covers the uncertainty from the noise only.",
        ),
        (Some(_), None) => lang.pick(
            "Talen är väntevärdesriktiga och kan vara negativa. Brusintervallet omfattar bara osäkerheten från bruset.",
            "The numbers are unbiased and may be negative. The noise interval covers the uncertainty from the noise only.",
        ),
        (Some(_), Some(_)) => lang.pick(
            "Bara tal över en tröskel visas. Brusintervallet omfattar bara osäkerheten från bruset.",
            "Only numbers above a threshold are shown. The noise interval covers the uncertainty from the noise only.",
        ),
        (None, _) => lang.pick(
            "Talen är beräknade ur brusiga heltal eller valda med hjälp av slump. Ett tomt fält betyder att inget kan beräknas. \
             Brusintervallet omfattar bara osäkerheten från bruset.",
            "The numbers were computed from noisy integers or chosen at random. An empty field means that nothing can be \
             computed. The noise interval covers the uncertainty from the noise only.",
        ),
    }
}

fn both(text: &Text) -> Value {
    json!([{ "@value": text.sv, "@language": "sv" }, { "@value": text.en, "@language": "en" }])
}
