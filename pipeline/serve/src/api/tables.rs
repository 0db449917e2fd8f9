//! Which tables there are.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use utfall_ground::calendar::Length;
use utfall_ground::clock;
use utfall_ground::text::Lang;
use utfall_publish::Settings;

use super::json;
use super::link::Home;
use super::problem::Problem;
use super::request::{Id, Parameters};
use crate::Server;
use crate::library::table::Table;
use crate::library::{Library, Release};

/// How many tables a page has, where nobody said.
const SIZE: usize = 20;

/// A page of the tables that fit what is looked for.
pub(super) async fn tables(State(server): State<Arc<Server>>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let parameters = Parameters::of(uri.query());
    let lang = parameters.lang()?;
    // No table here is discontinued: the parameter is held to its form, and changes nothing.
    parameters.is_true("includediscontinued")?;
    let library = server.library().await;
    let since = parameters.number("pastdays")?.map(|days| clock::now().saturating_sub(86_400u64.saturating_mul(days as u64)));
    let found = find(&library, parameters.get("query").unwrap_or_default(), since, lang);
    let size = parameters.number("pagesize")?.unwrap_or(SIZE);
    let (number, last) = (parameters.number("pagenumber")?.unwrap_or(1), found.len().div_ceil(size).max(1));
    if number > last {
        return Err(Problem::no_page(number, last));
    }
    let home = Home::of(&server, &headers);
    let shown = found.iter().skip((number - 1).saturating_mul(size)).take(size);
    let tables: Vec<Value> = shown.map(|(release, of)| table_of(&server.settings, release, of, &home, lang)).collect();
    let page = |relation: &str, number: usize| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for name in ["query", "pastdays"] {
            parameters.get(name).map(|value| query.append_pair(if name == "query" { name } else { "pastDays" }, value));
        }
        let query = query.append_pair("pageNumber", &number.to_string()).append_pair("pageSize", &size.to_string()).finish();
        home.link(relation, &format!("/tables?{query}"), lang)
    };
    let before = number.checked_sub(1).filter(|number| *number > 0).map(|number| page("previous", number));
    let next = (number < last).then(|| page("next", number + 1));
    let links = [Some(page("first", 1)), before, next, Some(page("last", last))];
    json(&json!({
        "language": lang.tag(),
        "tables": tables,
        "page": {
            "pageNumber": number,
            "pageSize": size,
            "totalElements": found.len(),
            "totalPages": last,
            "links": links.into_iter().flatten().collect::<Vec<_>>(),
        },
        "links": [page("self", number)],
    }))
}

/// One table.
pub(super) async fn table(
    State(server): State<Arc<Server>>,
    Id(id): Id,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = Parameters::of(uri.query()).lang()?;
    let library = server.library().await;
    let (release, of) = library.table(&id).ok_or_else(|| Problem::no_table(&id))?;
    let mut table = table_of(&server.settings, release, of, &Home::of(&server, &headers), lang);
    table["language"] = lang.tag().into();
    json(&table)
}

/// The tables in whose words all words of a query occur, made since a moment.
fn find<'l>(library: &'l Library, query: &str, since: Option<u64>, lang: Lang) -> Vec<(&'l Release, &'l Table)> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let fits = |(release, of): &(&Release, &Table)| {
        let mut text = vec![of.id.as_str(), of.label.get(lang), release.pack.release.title.get(lang)];
        text.extend(release.pack.release.about.iter().map(|about| about.get(lang)));
        text.extend(of.dimensions.iter().flat_map(|of| [of.id.as_str(), of.label.get(lang)]));
        text.extend(of.contents.iter().map(|(id, _)| id.as_str()));
        let text = text.join("\n").to_lowercase();
        words.iter().all(|word| text.contains(word.as_str())) && since.is_none_or(|since| release.updated.0 >= since)
    };
    library.tables().filter(fits).collect()
}

/// What is said of a table in a list.
fn table_of(settings: &Settings, release: &Release, of: &Table, home: &Home, lang: Lang) -> Value {
    let facts = &release.pack.release;
    let statement = release.set(of).map(|set| set.statement.get(lang)).unwrap_or_default();
    let period = |at: fn(&[utfall_publish::Code]) -> Option<&utfall_publish::Code>| {
        of.time().and_then(|time| at(&time.codes)).map(|code| code.code.as_str()).unwrap_or_default()
    };
    let mut names: Vec<&str> = of.dimensions.iter().filter(|of| !of.is_time).map(|of| of.label.get(lang)).collect();
    names.push(of.contents_label.get(lang));
    names.extend(of.time().map(|of| of.label.get(lang)));
    let path = format!("/tables/{}", of.id);
    let mut table = json!({
        "id": of.id,
        "label": of.label.get(lang),
        "description": statement,
        "sortCode": of.id,
        "updated": release.updated.instant(),
        "firstPeriod": period(|codes| codes.first()),
        "lastPeriod": period(|codes| codes.last()),
        "category": "public",
        "variableNames": names,
        "discontinued": false,
        "subjectCode": facts.name,
        "timeUnit": unit(of.periods),
        "paths": [path_of(settings, release, lang)],
        "links": [
            home.link("self", &path, lang),
            home.link("metadata", &format!("{path}/metadata"), lang),
            home.link("data", &format!("{path}/data?outputFormat=json-stat2"), lang),
        ],
    });
    if let Some(publisher) = &settings.publisher {
        table["source"] = publisher.name.get(lang).into();
    }
    table
}

/// From the theme of a release, if it has one, to the release.
fn path_of(settings: &Settings, release: &Release, lang: Lang) -> Vec<Value> {
    let facts = &release.pack.release;
    let theme = settings.themes.iter().position(|theme| theme.releases.contains(&facts.name));
    let theme = theme.and_then(|at| Some((at, settings.themes.get(at)?)));
    let theme = theme.map(
        |(at, of)| json!({ "id": format!("theme-{}", at + 1), "label": of.title.get(lang), "sortCode": format!("{at:03}") }),
    );
    let own = json!({ "id": facts.name, "label": facts.title.get(lang), "sortCode": facts.name });
    theme.into_iter().chain([own]).collect()
}

/// The name of a length of time.
fn unit(periods: Option<Length>) -> &'static str {
    match periods {
        Some(Length::Month) => "Monthly",
        Some(Length::Quarter) => "Quarterly",
        Some(Length::Year) => "Annual",
        None => "Other",
    }
}
