//! How the numbers of a data set were made and how people are protected: one JSON object, the same in the metadata of every format.

use serde_json::{Value, json};

use crate::CERTIFICATE;
use crate::description::words::Words;
use crate::estimate::interval::Level;
use crate::estimate::reliability::Grade;
use crate::explain::{self, marks};
use crate::{Publication, Quotation, Table, VectorNoise, View};
use utfall_ground::text::{Lang, Text};

/// How the numbers of a table were computed, what their noise is and what the interval covers.
pub(super) fn table(publication: &Publication, table: &Table) -> Value {
    let release = &publication.description;
    let level = Level::parse(&release.interval).ok();
    let covers = |lang| level.map(|level| explain::interval(lang, table, level).join(" ")).unwrap_or_default();
    let mut note = privacy(publication, table.description.quotes.as_ref(), &|lang| explain::statement(lang, table).to_owned());
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

/// The same of a view. `computedFrom` names the data sets of the noisy numbers.
pub(super) fn view(publication: &Publication, view: &View) -> Value {
    let query = publication.queries().find(|query| query.view.is_some_and(|other| other.name == view.name));
    let tables = query.iter().flat_map(|query| query.tables);
    let description = query.as_ref().and_then(|query| query.description());
    let statement = |lang| format!("{} {}", explain::view(lang), explain::as_computed(lang));
    let mut note = privacy(publication, description.and_then(|of| of.quotes.as_ref()), &statement);
    note["reliability"] = reliability(&marks::meaning_above);
    note["computedFrom"] = tables.map(|table| table.name.as_str()).collect();
    note["query"] = description.map(|description| description.sql.as_str()).into();
    note
}

/// What each observation status means.
fn reliability(meaning: &dyn Fn(Lang, Grade) -> &'static str) -> Value {
    let text = |grade| Text { sv: meaning(Lang::Sv, grade).to_owned(), en: meaning(Lang::En, grade).to_owned() };
    let one = |grade: Grade| (grade.status().to_owned(), both(&text(grade)));
    Value::Object([Grade::Rough, Grade::Open].map(one).into_iter().collect())
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
    let statement = |lang: Lang| format!("{} {}", protection(lang, release.words.as_ref(), quoted, participations), more(lang));
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
pub(crate) fn protection(lang: Lang, words: Option<&Words>, quoted: Option<&Quotation>, participations: u64) -> String {
    let words = words.cloned().unwrap_or_default();
    let (noun, unit) = (words.participation(), words.unit().one);
    let (noun, unit) = (noun.of(lang, participations), unit.get(lang));
    let of = match (quoted, lang) {
        (None, Lang::Sv) => "hela publiceringen".to_owned(),
        (None, Lang::En) => "the whole release".to_owned(),
        (Some(of), Lang::Sv) => format!("hela den publicering vars tal detta är, {}", of.title.sv),
        (Some(of), Lang::En) => format!("the whole release whose numbers these are, {}", of.title.en),
    };
    match lang {
        Lang::Sv => format!(
            "Epsilon och delta gäller {of}. Skyddet gäller personer: allt om en person, från alla håll. Högst {participations} {noun} \
             per {unit} räknas."
        ),
        Lang::En => format!(
            "Epsilon and delta hold for {of}. The protection is of persons: all there is about a person, from all sources. At most \
             {participations} {noun} per {unit} count."
        ),
    }
}

/// A text in both languages, as JSON-LD has it.
pub(crate) fn both(text: &Text) -> Value {
    json!([{ "@value": text.sv, "@language": "sv" }, { "@value": text.en, "@language": "en" }])
}
