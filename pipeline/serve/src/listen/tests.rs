use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::fixture::Site;

/// Serves a folder; what comes back stops it, and is done when it has ended.
async fn started(limits: Limits) -> (SocketAddr, impl AsyncFnOnce()) {
    let site = Site::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = site.server(limits.clone());
    let running = tokio::spawn(async move {
        serve(listener, router(server), &limits, async { drop(stopped.await) }).await;
        drop(site);
    });
    let end = async || {
        stop.send(()).unwrap();
        running.await.unwrap();
    };
    (address, end)
}

async fn said(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await.expect("the connection is closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_connection_is_answered_until_the_server_stops() {
    let (address, end) = started(Limits::default()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /work/ HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    end().await;
    assert!(said(&mut stream).await.contains("<p>work-0123456789abcdef"), "what was being answered is answered to its end");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn who_says_nothing_or_too_much_is_not_waited_for() {
    let limits = Limits { time: Duration::from_millis(200), ..Limits::default() };
    let (address, end) = started(limits).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    silent.write_all(b"GET / HTTP/1.1\r\nhost").await.unwrap();
    assert!(!said(&mut silent).await.contains("200 OK"));
    let mut long = TcpStream::connect(address).await.unwrap();
    let _ = long.write_all(format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(1 << 20)).as_bytes()).await;
    assert!(!said(&mut long).await.contains("200 OK"));
    end().await;
}

#[tokio::test]
async fn a_connection_lasts_no_longer_than_it_may_and_no_more_are_open_than_may() {
    let (address, end) = started(Limits { connection: Duration::from_millis(200), connections: 1, ..Limits::default() }).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(said(&mut second).await.contains("200 OK"), "it has its turn when the first one's time is over");
    assert!(said(&mut first).await.contains("200 OK"));
    end().await;
}
