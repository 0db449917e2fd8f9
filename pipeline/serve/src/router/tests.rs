use axum::body::Body;
use axum::http::Request;

use super::*;
use crate::Limits;
use crate::fixture::{Answer, Site, get, send};

async fn asked(router: &Router, address: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(Request::get(address), |request, (name, value)| request.header(*name, *value));
    send(router, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn pages_are_as_they_lie_there() {
    let site = Site::new();
    let router = site.router();
    let front = get(&router, "/").await;
    assert_eq!((front.status.as_u16(), front.text()), (200, "<p>front</p>"));
    let page = get(&router, "/work/").await;
    assert!(page.text().starts_with("<p>work-0123456789abcdef</p>"));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(get(&router, "/work/datasets.json").await.header("content-type"), "application/json");
    let moved = get(&router, "/work").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (308, "./work/"));
    let head = send(&router, Request::head("/work/").body(Body::empty()).unwrap()).await;
    assert_eq!((head.status.as_u16(), head.bytes.len(), head.header("content-length")), (200, 0, page.header("content-length")));
    let put = send(&router, Request::put("/work/").body(Body::empty()).unwrap()).await;
    assert_eq!((put.status.as_u16(), put.header("allow")), (405, "GET, HEAD"));
}

#[tokio::test]
async fn nothing_hidden_and_nothing_elsewhere_is_served() {
    let site = Site::new();
    std::fs::write(site.at(".releases/lock"), "").unwrap();
    std::os::unix::fs::symlink("/etc", site.at("etc")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", site.at(".releases/work-0123456789abcdef/passwd")).unwrap();
    let router = site.router();
    for address in [
        "/.releases/lock",
        "/.releases/work-0123456789abcdef/index.html",
        "/%2ereleases/lock",
        "/../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/work/../../etc/passwd",
        "/work/%2e%2e%2f%2e%2e/lock",
        "/etc/passwd",
        "/work/passwd",
        "/work/none.html",
        "/none/",
        "/%00",
        "/%FF",
    ] {
        let answer = get(&router, address).await;
        assert_eq!(answer.status.as_u16(), 404, "{address}");
        assert!(answer.text().contains("No such page") && answer.text().contains("Sidan finns inte"));
    }
}

#[tokio::test]
async fn a_reader_who_has_a_page_is_told_so() {
    let site = Site::new();
    let router = site.router();
    for address in ["/", "/work/", "/work/datasets.json"] {
        let first = get(&router, address).await;
        let (tag, changed) = (first.header("etag"), first.header("last-modified"));
        assert!(tag.starts_with('"') && !changed.is_empty(), "{address}");
        let known = asked(&router, address, &[("if-none-match", &format!("\"x\", {tag}"))]).await;
        assert_eq!((known.status.as_u16(), known.bytes.len(), known.header("etag")), (304, 0, tag), "{address}");
        assert_eq!(asked(&router, address, &[("if-modified-since", changed)]).await.status.as_u16(), 304);
        // The tag goes before the date.
        assert_eq!(
            asked(&router, address, &[("if-none-match", "\"x\""), ("if-modified-since", changed)]).await.status.as_u16(),
            200
        );
    }
    std::fs::write(site.at("index.html"), "<p>other</p>").unwrap();
    let (before, after) = (get(&router, "/work/").await, get(&router, "/").await);
    assert_eq!(after.text(), "<p>other</p>");
    site.publish("work", "fedcba9876543210", &crate::fixture::pack("work"));
    let new = asked(&router, "/work/", &[("if-none-match", before.header("etag"))]).await;
    assert!(new.status.is_success() && new.text().starts_with("<p>work-fedcba9876543210"), "the new release is another page");
}

#[tokio::test]
async fn who_takes_it_is_sent_less() {
    let site = Site::new();
    std::fs::write(site.at(".releases/work-0123456789abcdef/large.csv"), "x;y\n".repeat(2 << 20)).unwrap();
    let router = site.router();
    let gzip = [("accept-encoding", "gzip")];
    let (plain, small) = (get(&router, "/work/").await, asked(&router, "/work/", &gzip).await);
    assert_eq!((plain.header("content-encoding"), small.header("content-encoding")), ("", "gzip"));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&small.bytes[..]), &mut text).unwrap();
    assert!(small.bytes.len() * 10 < plain.bytes.len() && text == plain.text());
    assert_ne!(plain.header("etag"), small.header("etag"), "another representation");
    assert_eq!(small.header("vary"), "accept-encoding");
    // Larger than what is kept in memory.
    let large = asked(&router, "/work/large.csv", &gzip).await;
    assert_eq!((large.bytes.len(), large.header("content-length")), (8 << 20, "8388608"));
    assert_eq!(asked(&router, "/work/large.csv", &[("if-none-match", large.header("etag"))]).await.status.as_u16(), 304);
    let data = asked(&router, "/api/v2/tables/work.by_project/metadata", &gzip).await;
    assert_eq!(data.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    let router = Site::new().router();
    for address in ["/", "/none", "/work", "/api/v2/config", "/api/v2/none", "/api/v2/tables/none"] {
        let answer = get(&router, address).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{address}");
        assert!(!policy.contains("script-src") && !policy.contains("unsafe-eval"), "scripts are those of the site alone");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("access-control-allow-origin", "*"),
        ] {
            assert_eq!(answer.header(name), value, "{address}");
        }
        assert!(answer.header("permissions-policy").contains("geolocation=()"));
    }
}

#[tokio::test]
async fn who_calls_too_often_waits_and_nobody_else() {
    let site = Site::new();
    let router = router(site.server(Limits { calls: 3, window: 60, ..Limits::default() }));
    let from = |address: &'static str| {
        let router = router.clone();
        async move { asked(&router, "/api/v2/config", &[("x-forwarded-for", address)]).await }
    };
    for _ in 0..4 {
        assert!(from("198.51.100.9, 192.0.2.1").await.status.is_success());
    }
    let late = from("203.0.113.5, 192.0.2.1").await;
    assert_eq!((late.problem(), late.header("retry-after")), ((429, "Too many requests".to_owned()), "20"));
    assert!(from("192.0.2.2").await.status.is_success());
    // Pages and questions of what may be asked are free.
    assert!(asked(&router, "/", &[("x-forwarded-for", "192.0.2.1")]).await.status.is_success());
}

#[tokio::test]
async fn who_finds_no_seat_is_told_to_come_back() {
    let site = Site::new();
    let server = site.server(Limits { requests: 1, ..Limits::default() });
    let router = router(Arc::clone(&server));
    assert!(get(&router, "/").await.status.is_success());
    let seat = server.seats.acquire().await.unwrap();
    let busy = get(&router, "/").await;
    assert_eq!((busy.status.as_u16(), busy.header("retry-after")), (503, "1"));
    drop(seat);
    assert!(get(&router, "/").await.status.is_success());
}
