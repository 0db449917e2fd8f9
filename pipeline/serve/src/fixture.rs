//! A folder of pages for the tests of this crate, and how it is asked.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use utfall_ground::text::Text;
use utfall_publish::dataset::pack::{Moment, Pack, ReleaseFacts};
use utfall_publish::dataset::{Column, DataSet, Number, NumberKind, Quality, Role, Unit, Values};
use utfall_publish::{Code, Settings};

use crate::{Limits, Serve, Server, router::router};

/// A folder of pages.
pub(crate) struct Site {
    pub(crate) out: tempfile::TempDir,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Status and title of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        (self.status.as_u16(), problem["title"].as_str().unwrap().to_owned())
    }
}

pub(crate) fn text(text: &str) -> Text {
    Text { sv: text.to_owned(), en: text.to_owned() }
}

pub(crate) fn codes(codes: &[(&str, &str)]) -> Vec<Code> {
    codes.iter().map(|(code, label)| Code { code: (*code).to_owned(), label: text(label) }).collect()
}

fn column(name: &str, role: Role, values: Values) -> Column {
    Column { name: name.to_owned(), title: text(name), role, unit: None, values }
}

/// Numbers with one decimal, in tenths.
pub(crate) fn numbers(tenths: &[Option<i64>]) -> Values {
    let cells = tenths.iter().map(|of| of.map(|of| Number::fixed(of, 1))).collect();
    Values::Numbers { kind: NumberKind::Decimal(1), cells }
}

fn data_set(name: &str, columns: Vec<Column>) -> DataSet {
    DataSet {
        name: name.to_owned(),
        query: name.to_owned(),
        title: Text { sv: format!("{name} på svenska"), en: format!("{name} in English") },
        statement: text("Numbers have noise."),
        computed: false,
        columns,
        method: json!({ "formula": { "kind": "count", "vector": 0 }, "statement": [
            { "@value": "Skydd. Numbers have noise.", "@language": "sv" },
            { "@value": "Protection. Numbers have noise.", "@language": "en" },
        ] }),
    }
}

/// Counts by project, and by sex with a total; the second project has no men.
pub(crate) fn by_project() -> DataSet {
    let list = codes(&[("asap", "ASAP"), ("nystart", "=Ny\"start;<b>"), ("progress", "Pröva, \"på\"")]);
    let sexes = codes(&[("f", "Kvinnor"), ("m", "Män"), ("total", "Alla")]);
    let rows: Vec<(usize, usize)> = (0..3).flat_map(|of| (0..3).map(move |sex| (of, sex))).filter(|row| *row != (1, 1)).collect();
    let tenths: Vec<Option<i64>> = vec![Some(101), Some(-138), Some(-37), Some(70), Some(70), Some(300), None, Some(300)];
    let shifted = |by: i64| numbers(&tenths.iter().map(|of| of.map(|of| of + by)).collect::<Vec<_>>());
    let status = tenths.iter().map(|of| of.is_some_and(|of| of < 0).then(|| "u".to_owned())).collect();
    let keyed = |name, codes, pick: fn(&(usize, usize)) -> usize| {
        column(name, Role::Key, Values::Codes { codes, cells: rows.iter().map(|row| Some(pick(row))).collect() })
    };
    let mut estimate = column("participants", Role::Estimate, numbers(&tenths));
    estimate.unit = Some(Unit::number());
    data_set(
        "by_project",
        vec![
            keyed("project", list, |row| row.0),
            keyed("sex", sexes, |row| row.1),
            estimate,
            column("lower", Role::About(2, Quality::Lower), shifted(-50)),
            column("upper", Role::About(2, Quality::Upper), shifted(50)),
            column("obs_status", Role::About(2, Quality::Status), Values::Texts(status)),
        ],
    )
}

/// Counts by quarter.
fn by_quarter() -> DataSet {
    let quarters = codes(&[("2021-Q1", "2021 kv 1"), ("2021-Q2", "2021 kv 2"), ("2021-Q3", "2021 kv 3")]);
    let period = Values::Codes { codes: quarters, cells: vec![Some(0), Some(1), Some(2)] };
    data_set(
        "by_quarter",
        vec![
            column("quarter", Role::Period, period),
            column("participants", Role::Estimate, numbers(&[Some(10), Some(20), Some(30)])),
        ],
    )
}

pub(crate) fn pack(name: &str) -> Pack {
    let release = ReleaseFacts {
        id: "ab".repeat(32),
        name: name.to_owned(),
        title: Text { sv: "Utfall".to_owned(), en: "Outcomes".to_owned() },
        about: None,
        words: None,
        demonstration: true,
        epsilon: "1".to_owned(),
        delta: "1e-6".to_owned(),
        participations: 3,
        interval: "0.95".to_owned(),
        series: None,
        made: Some(Moment(1_796_000_000)),
        earlier: Vec::new(),
        formats: Vec::new(),
    };
    let sets = vec![by_project(), by_quarter()];
    Pack {
        format: Pack::FORMAT,
        release,
        sets,
        headline: None,
        targets: Vec::new(),
        comparisons: Vec::new(),
        regions: Vec::new(),
    }
}

/// The certificate of a query that counts rows of participations.
fn certificate() -> Value {
    let scan = json!({ "rule": "scan-private", "inputs": [] });
    let filter = json!({ "rule": "filter", "d_out": { "per_contribution": 1 }, "inputs": [scan] });
    json!({ "by_project": { "crossing": { "measure": { "kind": "count" } }, "input": filter } })
}

impl Site {
    /// A folder with one release, `work`, and a first page.
    pub(crate) fn new() -> Self {
        let site = Self { out: tempfile::tempdir().unwrap() };
        fs::write(site.at("index.html"), "<p>front</p>").unwrap();
        site.publish("work", "0123456789abcdef", &pack("work"));
        site
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.out.path().join(path)
    }

    /// Publishes a pack in a folder of this hash, as the publisher does.
    pub(crate) fn publish(&self, name: &str, hash: &str, pack: &Pack) {
        let folder = format!("{name}-{hash}");
        let home = self.at(".releases").join(&folder);
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("datasets.json"), pack.to_json().unwrap()).unwrap();
        fs::write(home.join("certificate.json"), certificate().to_string()).unwrap();
        fs::write(home.join("index.html"), format!("<p>{folder}</p>{}", "å".repeat(1000))).unwrap();
        let link = self.at(".releases").join("link");
        symlink(format!(".releases/{folder}"), &link).unwrap();
        fs::rename(link, self.at(name)).unwrap();
    }

    /// Code lists of projects: two regions, and a set of two.
    pub(crate) fn lists(&self) {
        let group =
            |code: &str, members: &[&str]| json!({ "code": code, "label": { "sv": code, "en": code }, "valueMap": members });
        let list = |id: &str, kind: &str, values: Vec<Value>| json!({ "id": id, "dimension": "project", "type": kind, "label": { "sv": "Region", "en": "Region" }, "values": values });
        let lists = json!({ "format": 1, "codelists": [
            list("agg_region", "Aggregation", vec![group("north", &["asap", "nystart"]), group("south", &["progress"]), group("none", &["elsewhere"])]),
            list("vs_two", "Valueset", vec![group("progress", &["progress"]), group("asap", &["asap"])]),
        ] });
        fs::write(self.at("codelists.json"), lists.to_string()).unwrap();
    }

    pub(crate) fn server(&self, limits: Limits) -> Arc<Server> {
        let serve = Serve {
            out: self.out.path().to_owned(),
            address: ([127, 0, 0, 1], 8080).into(),
            base: None,
            proxied: true,
            settings: Settings::default(),
            limits,
        };
        let mut server = Arc::into_inner(serve.server().unwrap()).unwrap();
        server.every = Duration::ZERO;
        Arc::new(server)
    }

    /// What answers, without a limit on calls.
    pub(crate) fn router(&self) -> Router {
        router(self.server(Limits { calls: 0, ..Limits::default() }))
    }
}

/// Sends a request.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, bytes: body.collect().await.unwrap().to_bytes().to_vec() }
}

/// GET of an address.
pub(crate) async fn get(router: &Router, address: &str) -> Answer {
    send(router, Request::get(address).body(Body::empty()).unwrap()).await
}

/// POST of a body in JSON.
pub(crate) async fn post(router: &Router, address: &str, body: impl ToString) -> Answer {
    send(router, Request::post(address).body(Body::from(body.to_string())).unwrap()).await
}
