use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::*;
use crate::Limits;
use crate::fixture::{Site, get, post, send};
use crate::router::router;

const DATA: &str = "/api/v2/tables/work.by_project/data";
const ALL: &str = "valueCodes[project]=*&valueCodes[sex]=*&valueCodes[ContentsCode]=*&valueCodes[Tid]=*";

/// The address of a selection with its brackets as clients send them.
fn address(path: &str, query: &str) -> String {
    let encoded = [('[', "%5B"), (']', "%5D"), ('"', "%22"), ('<', "%3C"), ('>', "%3E")];
    let query = encoded.iter().fold(query.to_owned(), |query, (plain, code)| query.replace(*plain, code));
    format!("{path}?{query}")
}

async fn data(query: &str) -> Value {
    let site = Site::new();
    site.lists();
    get(&site.router(), &address(DATA, query)).await.json()
}

#[tokio::test]
async fn the_configuration_has_what_clients_demand() {
    let config = get(&Site::new().router(), "/api/v2/config").await.json();
    for name in ["maxDataCells", "maxCallsPerTimeWindow", "timeWindow"] {
        assert!(config[name].is_u64(), "{name}");
    }
    assert_eq!((&config["apiVersion"], &config["defaultLanguage"]), (&json!("2.2.0"), &json!("sv")));
    assert_eq!(config["dataFormats"], json!(["json-stat2", "csv", "px"]));
}

#[tokio::test]
async fn tables_are_found_by_words_days_and_pages() {
    let router = Site::new().router();
    let page = get(&router, "/api/v2/tables?pageSize=1&lang=en").await.json();
    let table = &page["tables"][0];
    for name in ["id", "label", "updated", "firstPeriod", "lastPeriod", "variableNames", "links", "paths", "category", "timeUnit"]
    {
        assert!(!table[name].is_null(), "{name}");
    }
    assert_eq!((&table["id"], &table["label"]), (&json!("work.by_project"), &json!("by_project in English")));
    assert_eq!((&page["page"]["totalElements"], &page["page"]["totalPages"]), (&json!(2), &json!(2)));
    let next = page["page"]["links"][1]["href"].as_str().unwrap();
    assert_eq!(next, "http://127.0.0.1:8080/api/v2/tables?pageNumber=2&pageSize=1&lang=en");
    let second = get(&router, "/api/v2/tables?pageNumber=2&pagesize=1&lang=en").await.json();
    let quarter = &second["tables"][0];
    assert_eq!(
        (&quarter["firstPeriod"], &quarter["lastPeriod"], &quarter["timeUnit"]),
        (&json!("2021-Q1"), &json!("2021-Q3"), &json!("Quarterly"))
    );
    let found =
        async |query: &str| get(&router, &format!("/api/v2/tables?{query}")).await.json()["page"]["totalElements"].clone();
    assert_eq!(
        (found("query=QUARTER").await, found("query=svenska%20project").await, found("query=nothing").await),
        (json!(1), json!(1), json!(0))
    );
    // Made in 2026: within a century, if the clock of this machine is right.
    assert_eq!(found("pastDays=36500&includeDiscontinued=True&pageSize=10000").await, json!(2));
    assert_eq!(get(&router, "/api/v2/tables?query=x&pageNumber=2").await.problem(), (404, "Non-existent page".to_owned()));
    let table = get(&router, "/api/v2/tables/WORK.by_project").await.json();
    assert_eq!((&table["language"], &table["id"]), (&json!("sv"), &json!("work.by_project")));
}

#[tokio::test]
async fn metadata_have_all_codes_and_no_numbers() {
    let site = Site::new();
    site.lists();
    let router = site.router();
    let metadata =
        get(&router, "/api/v2/tables/work.by_project/metadata?outputFormat=json-px&defaultSelection=False").await.json();
    assert_eq!((&metadata["value"], &metadata["size"]), (&json!([]), &json!([3, 3, 3, 1])));
    assert_eq!(metadata["id"], json!(["project", "sex", "ContentsCode", "Tid"]));
    for id in metadata["id"].as_array().unwrap() {
        let extension = &metadata["dimension"][id.as_str().unwrap()]["extension"];
        assert!(extension.is_object() && extension["codelists"] == extension["codeLists"], "{id}");
    }
    let lists = &metadata["dimension"]["project"]["extension"]["codelists"];
    assert_eq!(
        (&lists[0]["id"], &lists[0]["type"], &lists[1]["id"]),
        (&json!("agg_region"), &json!("Aggregation"), &json!("vs_two"))
    );
    assert_eq!(metadata["dimension"]["sex"]["extension"]["eliminationValueCode"], "total");
    let by_list = get(&router, &address("/api/v2/tables/work.by_project/metadata", "codelist[project]=agg_region")).await.json();
    assert_eq!(by_list["dimension"]["project"]["category"]["index"], json!({ "north": 0, "south": 1 }));
}

#[tokio::test]
async fn numbers_have_the_digits_that_are_published() {
    let site = Site::new();
    let answer = get(
        &site.router(),
        &address(DATA, "valuecodes[project]=asap&valuecodes[SEX]=*&valuecodes[contentscode]=participants&valuecodes[time]=*"),
    )
    .await;
    assert!(answer.text().contains("\"value\":[10.1,-13.8,-3.7]"), "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json; charset=UTF-8");
    assert_eq!(answer.header("content-disposition"), "inline; filename=\"work.by_project.json\"");
    assert_eq!(answer.json()["status"], json!({ "1": "u", "2": "u" }));
    // A row that is not there and a number that is not there.
    let holes =
        data("valuecodes[project]=nystart,progress&valuecodes[sex]=m&valuecodes[contentscode]=participants&valuecodes[tid]=*")
            .await;
    assert_eq!((&holes["value"], &holes["status"]), (&json!([null, null]), &json!({ "0": "..", "1": ".." })));
}

#[tokio::test]
async fn a_body_asks_as_an_address_does() {
    let site = Site::new();
    let router = site.router();
    let body = json!({ "selection": [
        { "variableCode": "project", "valueCodes": ["TOP(2)"] },
        { "variableCode": "sex", "valueCodes": ["f", "m"] },
        { "variableCode": "ContentsCode", "valueCodes": ["participants", "participants_lower"] },
        { "variableCode": "Tid", "valueCodes": ["2026-11-30"] },
    ] });
    let posted = post(&router, &format!("{DATA}?lang=en&outputFormat=json-stat2"), &body).await.json();
    let query = "valuecodes[project]=TOP(2)&valuecodes[sex]=f,m&valuecodes[ContentsCode]=participants,participants_lower&valuecodes[Tid]=2026-11-30&lang=en";
    assert_eq!(posted, get(&router, &address(DATA, query)).await.json());
    assert_eq!(posted["value"], json!([10.1, 5.1, -13.8, -18.8, 7.0, 2.0, null, null]));
    let everything = post(&router, DATA, "{}").await.json();
    assert_eq!(everything["value"].as_array().unwrap().len(), 27);
}

#[tokio::test]
async fn the_default_selection_is_what_is_shown_without_one() {
    let site = Site::new();
    let router = router(site.server(Limits { cells: 5, calls: 0, ..Limits::default() }));
    let chosen = get(&router, "/api/v2/tables/work.by_project/defaultselection").await.json();
    let selection = json!([
        { "variableCode": "project", "valueCodes": ["asap", "nystart", "progress"] },
        { "variableCode": "sex", "valueCodes": ["total"] },
        { "variableCode": "ContentsCode", "valueCodes": ["participants"] },
        { "variableCode": "Tid", "valueCodes": ["2026-11-30"] },
    ]);
    assert_eq!(chosen["selection"], selection);
    assert_eq!(chosen["placement"], json!({ "heading": ["ContentsCode", "Tid"], "stub": ["project", "sex"] }));
    let posted = post(&router, DATA, json!({ "selection": selection })).await.json();
    assert_eq!(posted, get(&router, DATA).await.json());
    assert_eq!(posted["value"], json!([-3.7, 7.0, 30.0]));
}

#[tokio::test]
async fn code_lists_add_up_and_say_what_is_not_known() {
    let by_region =
        data("codelist[project]=AGG_region&valuecodes[project]=*&valuecodes[sex]=f&valuecodes[ContentsCode]=*&valuecodes[Tid]=*")
            .await;
    // The north is of two projects, so there is a sum and no interval; the south is one.
    assert_eq!(by_region["value"], json!([17.1, null, null, 30.0, 25.0, 35.0]));
    assert!(by_region["note"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().contains("varken intervall")));
    let two =
        data("codelist[project]=vs_two&valuecodes[project]=*&valuecodes[ContentsCode]=participants&valuecodes[Tid]=*").await;
    assert_eq!(
        (&two["value"], &two["dimension"]["project"]["category"]["index"]),
        (&json!([-3.7, 30.0]), &json!({ "asap": 0, "progress": 1 }))
    );
    let site = Site::new();
    site.lists();
    let list = get(&site.router(), "/api/v2/codelists/agg_region?lang=en").await.json();
    assert_eq!((&list["type"], &list["values"][1]["valueMap"]), (&json!("Aggregation"), &json!(["progress"])));
    // Without a certificate nobody knows whether numbers add up: then only some codes can be chosen.
    std::fs::remove_file(site.at("work/certificate.json")).unwrap();
    let router = site.router();
    let metadata = get(&router, "/api/v2/tables/work.by_project/metadata").await.json();
    assert_eq!(metadata["dimension"]["project"]["extension"]["codelists"].as_array().unwrap().len(), 1);
    let refused = get(&router, &address(DATA, "codelist[project]=agg_region&valuecodes[project]=*")).await;
    assert_eq!(refused.problem(), (404, "Non-existent codelist".to_owned()));
}

#[tokio::test]
async fn csv_is_as_pxweb_writes_it() {
    let router = Site::new().router();
    let query =
        "valuecodes[project]=*&valuecodes[sex]=f,m&valuecodes[ContentsCode]=participants&valuecodes[Tid]=*&outputFormat=csv";
    let answer = get(&router, &address(DATA, query)).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let expected = "\"project\",\"sex\",\"participants 2026-11-30\"\r\n\"ASAP\",\"Kvinnor\",10.1\r\n\"ASAP\",\"Män\",-13.8\r\n\
                    \"'=Ny\"\"start;<b>\",\"Kvinnor\",7.0\r\n\"'=Ny\"\"start;<b>\",\"Män\",\"..\"\r\n\
                    \"Pröva, \"\"på\"\"\",\"Kvinnor\",30.0\r\n\"Pröva, \"\"på\"\"\",\"Män\",\"..\"\r\n";
    assert_eq!(answer.text(), expected);
    let other = format!("{query}&outputFormatParams=UseCodes,IncludeTitle,SeparatorSemicolon&heading=sex,Tid&stub=project");
    let expected = "\"by_project på svenska\"\r\n\r\n\"project\";\"ContentsCode\";\"f 2026-11-30\";\"m 2026-11-30\"\r\n\
                    \"asap\";\"participants\";10.1;-13.8\r\n\"nystart\";\"participants\";7.0;\"..\"\r\n\"progress\";\"participants\";30.0;\"..\"\r\n";
    assert_eq!(get(&router, &address(DATA, &other)).await.text(), expected);
    let px = get(&router, &address(DATA, &query.replace("csv", "px"))).await;
    assert_eq!(
        (px.header("content-type"), px.header("content-disposition")),
        ("application/octet-stream; charset=utf-8", "inline; filename=\"work.by_project.px\"")
    );
    assert!(px.text().contains("-13.8") && px.text().trim_end().ends_with(';'));
}

#[tokio::test]
async fn every_error_has_the_title_that_clients_look_for() {
    let site = Site::new();
    site.lists();
    let router = router(site.server(Limits { cells: 20, calls: 0, ..Limits::default() }));
    for (path, query, status, title) in [
        (DATA, "valuecodes[region]=*", 400, "Non-existent variable"),
        (DATA, "valuecodes[region]=", 400, "Non-existent variable"),
        (DATA, "codelist[region]=agg_region", 400, "Non-existent variable"),
        (DATA, "heading=region", 400, "Non-existent variable"),
        (DATA, "valuecodes[project]=x", 400, "Non-existent value"),
        (DATA, "valuecodes[project]=*", 400, "Missing selection for mandantory variable"),
        (DATA, "valuecodes[project]=TOP(x)", 400, "Illegal selection expression"),
        (DATA, ALL, 400, "Too many cells selected"),
        (DATA, "outputFormat=xls", 400, "Unsupported output format"),
        (DATA, "outputFormatParams=UseMagic", 400, "Illegal value of a parameter"),
        (DATA, "heading=sex&stub=sex", 400, "Illegal value of a parameter"),
        (DATA, "lang=fi", 400, "Unsupported language"),
        (DATA, "codelist[project]=nothing", 404, "Non-existent codelist"),
        (DATA, "codelist[Tid]=agg_region", 404, "Non-existent codelist"),
        ("/api/v2/tables", "lang=fi", 400, "Unsupported language"),
        ("/api/v2/tables", "pageNumber=2", 404, "Non-existent page"),
        ("/api/v2/tables", "pageSize=0", 400, "Illegal value of a parameter"),
        ("/api/v2/tables", "pastDays=-1", 400, "Illegal value of a parameter"),
        ("/api/v2/tables/nothing", "", 404, "Non-existent table"),
        ("/api/v2/tables/nothing/data", "", 404, "Non-existent table"),
        ("/api/v2/tables/nothing/metadata", "", 404, "Non-existent table"),
        ("/api/v2/tables/nothing/defaultselection", "", 404, "Non-existent table"),
        ("/api/v2/tables/work.by_project/metadata", "savedQuery=1", 400, "Illegal value of a parameter"),
        ("/api/v2/tables/work.by_project/metadata", "defaultSelection=maybe", 400, "Illegal value of a parameter"),
        ("/api/v2/codelists/nothing", "", 404, "Non-existent codelist"),
        ("/api/v2/savedqueries/1", "", 404, "Non-existent endpoint"),
        ("/api/v2/tables/%FF", "", 400, "Illegal value of a parameter"),
    ] {
        let answer = get(&router, &address(path, query)).await;
        assert_eq!(answer.problem(), (status, title.to_owned()), "{path}?{query}");
    }
    let delete = send(&router, Request::delete("/api/v2/tables").body(Body::empty()).unwrap()).await;
    assert_eq!(delete.problem(), (405, "Method not allowed".to_owned()));
    assert_eq!(post(&router, DATA, "{").await.problem(), (400, "Illegal body of the request".to_owned()));
    let large = post(&router, DATA, " ".repeat((1 << 20) + 1)).await;
    assert_eq!(large.problem(), (413, "Too large body of the request".to_owned()));
}

#[tokio::test]
async fn what_is_quoted_of_a_request_is_text() {
    let router = Site::new().router();
    let answer = get(&router, &address(DATA, "valuecodes[project]=<script>\"")).await;
    assert_eq!((answer.header("content-type"), &answer.json()["detail"]), ("application/problem+json", &json!("<script>\"")));
    let host = Request::get("/api/v2/tables").header("host", "evil/\"><script>").body(Body::empty()).unwrap();
    assert!(!send(&router, host).await.text().contains("evil"));
    let named = Request::get("/api/v2/tables").header("host", "stat.example.se:8080").body(Body::empty()).unwrap();
    assert!(send(&router, named).await.text().contains("http://stat.example.se:8080/api/v2/tables/work.by_project?lang=sv"));
}

#[tokio::test]
async fn browsers_may_ask_and_readers_are_told_that_they_have_it() {
    let router = Site::new().router();
    for path in ["/api/v2/tables", DATA, "/api/v2/anything"] {
        let answer = send(&router, Request::options(path).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-methods")), (204, "GET, POST"), "{path}");
        assert_eq!(
            (answer.header("access-control-allow-origin"), answer.header("access-control-allow-headers")),
            ("*", "content-type")
        );
    }
    let first = get(&router, DATA).await;
    let again = Request::get(DATA).header("if-none-match", first.header("etag")).body(Body::empty()).unwrap();
    let again = send(&router, again).await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    let head = send(&router, Request::head(DATA).body(Body::empty()).unwrap()).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
}

/// Every address of the description is there, every one that is there is described, and so are all titles.
#[tokio::test]
async fn the_interface_is_as_it_describes_itself() {
    let site = Site::new();
    site.lists();
    let router = site.router();
    let description = get(&router, "/api/v2/openapi.json").await.json();
    assert_eq!(description["info"]["version"], VERSION);
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths.len(), 8);
    for path in paths {
        let real = path.replace("/tables/{id}", "/tables/work.by_project").replace("{id}", "agg_region");
        let answer = get(&router, &format!("/api/v2{real}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}");
        let kind = answer.header("content-type").split(';').next().unwrap().to_owned();
        assert!(!description["paths"][path]["get"]["responses"]["200"]["content"][kind].is_null(), "{path}");
    }
}
