//! The HTTP server loop: connection cap, header and body timeouts, no Nagle, graceful end. What is answered is not here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// RELIABILITY §3: a client has this long for its headers, then the place is somebody else's.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// And this long between two pieces of its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Connections at once. Each costs a task and a few buffers; tens of megabytes at the very most.
const CONNECTIONS_MAX: usize = 1024;
/// How long connections may take to end once told to.
const GOODBYE: Duration = Duration::from_secs(5);

/// Serves until told to stop, then lets what is under way end.
pub async fn serve_http(listener: TcpListener, router: Router, stop: CancellationToken) {
    let router = router.layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT)).layer(CatchPanicLayer::new());
    let (places, tasks) = (Arc::new(Semaphore::new(CONNECTIONS_MAX)), TaskTracker::new());
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (router, stop) = (router.clone(), stop.clone());
                tasks.spawn(async move {
                    serve_one((stream, peer), router, stop).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: wait for some to come back instead of spinning.
                tracing::warn!(error = %error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    tasks.close();
    let _some_were_cut = tokio::time::timeout(GOODBYE, tasks.wait()).await;
}

async fn serve_one((stream, peer): (TcpStream, SocketAddr), router: Router, stop: CancellationToken) {
    let router = router.map_request(move |mut request: http::Request<_>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    // With Nagle's algorithm an event stream on a kept connection costs 44 ms an answer (MCP.md §4).
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "TCP_NODELAY could not be set");
    }
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(error = %error, "a connection ended badly");
    }
}
