//! Connections: how many, how long, and their end.
//!
//! A connection that says nothing is closed after a time, so is one that has lasted long; so nobody keeps others out by being slow.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

use crate::router::router;
use crate::{Limits, Peer, Server};

/// The longest head of a request, in bytes.
const HEAD: usize = 64 << 10;

/// Serves until the process is told to stop.
///
/// # Errors
/// When nobody may listen at the address.
pub(crate) async fn run(server: Arc<Server>) -> Result<(), std::io::Error> {
    let listener = TcpListener::bind(server.address).await?;
    let (mut interrupted, mut ended) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    eprintln!("http://{}/", listener.local_addr()?);
    let stop = async {
        tokio::select! { _ = interrupted.recv() => {}, _ = ended.recv() => {} }
    };
    let limits = server.limits.clone();
    serve(listener, router(server), &limits, stop).await;
    Ok(())
}

/// Serves until `stop`, then lets those finish that are being answered.
pub(crate) async fn serve(listener: TcpListener, router: Router, limits: &Limits, stop: impl Future<Output = ()>) {
    let seats = Arc::new(Semaphore::new(limits.connections));
    let (stopping, stopped) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let arrived = async {
            let seat = Arc::clone(&seats).acquire_owned().await;
            (seat, listener.accept().await)
        };
        let (seat, accepted) = tokio::select! {
            arrived = arrived => arrived,
            () = &mut stop => break,
        };
        match (seat, accepted) {
            (Ok(seat), Ok((stream, peer))) => {
                let one = connection(stream, peer, router.clone(), limits.clone(), stopped.clone());
                tokio::spawn(async move {
                    one.await;
                    drop(seat);
                });
            }
            // No file numbers are left, or who came has gone: neither is mended by asking at once.
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    drop(listener);
    stopping.send_replace(true);
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    // Whoever is slower than an answer may be is left.
    let _ = tokio::time::timeout(limits.time, seats.acquire_many(all)).await;
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, limits: Limits, mut stopped: watch::Receiver<bool>) {
    // Best effort: without it small answers are a little later.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| answer(router.clone(), peer.ip(), request));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.time).max_buf_size(HEAD);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(limits.connection) => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(limits.time, connection).await;
}

async fn answer(
    router: Router,
    peer: IpAddr,
    request: hyper::Request<hyper::body::Incoming>,
) -> Result<axum::response::Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    router.oneshot(request).await
}

#[cfg(test)]
mod tests;
