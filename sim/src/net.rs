//! A loopback server whose single connections can be cut, so that a fault can drop a TCP connection
//! with no byte of an answer, and a shutdown really ends every open connection.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::lock;

/// The switch of one connection.
#[derive(Debug, Default)]
pub struct Tether {
    cut: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Tether {
    /// From now on the peer gets a reset and nothing else.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        if let Some(waker) = lock(&self.waker).take() {
            waker.wake();
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.cut.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

/// Handed to handlers as connection information: which connection this request came over.
#[derive(Clone, Debug)]
pub struct Link(pub Arc<Tether>);

impl Connected<IncomingStream<'_, TetheredListener>> for Link {
    fn connect_info(stream: IncomingStream<'_, TetheredListener>) -> Self {
        Self(Arc::clone(&stream.io().tether))
    }
}

/// A TCP stream on a tether.
#[derive(Debug)]
pub struct TetheredStream {
    inner: TcpStream,
    tether: Arc<Tether>,
}

impl Drop for TetheredStream {
    fn drop(&mut self) {
        if self.tether.check().is_err() {
            // Zero linger turns the close into a reset, as a crashed peer or middlebox would send.
            let _ = self.inner.set_zero_linger();
        }
    }
}

impl AsyncRead for TetheredStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        *lock(&self.tether.waker) = Some(cx.waker().clone());
        self.tether.check()?;
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for TetheredStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.tether.check()?;
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tether.check()?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tether.check()?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// Accepts connections and remembers their tethers.
#[derive(Debug)]
pub struct TetheredListener {
    inner: TcpListener,
    tethers: Arc<Mutex<Vec<Weak<Tether>>>>,
}

impl Listener for TetheredListener {
    type Io = TetheredStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (inner, peer) = Listener::accept(&mut self.inner).await;
        // Small answers must not wait for Nagle: crash tests run thousands of requests.
        let _ = inner.set_nodelay(true);
        let tether = Arc::new(Tether::default());
        let mut tethers = lock(&self.tethers);
        tethers.retain(|known| known.strong_count() > 0);
        tethers.push(Arc::downgrade(&tether));
        (TetheredStream { inner, tether }, peer)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}

/// A running loopback server; dropping it ends the listener and cuts all connections.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    task: JoinHandle<()>,
    tethers: Arc<Mutex<Vec<Weak<Tether>>>>,
}

impl Server {
    /// Binds `addr` and serves `router` until shut down.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(addr: SocketAddr, router: Router) -> io::Result<Self> {
        let inner = TcpListener::bind(addr).await?;
        let addr = inner.local_addr()?;
        let tethers = Arc::new(Mutex::new(Vec::new()));
        let listener = TetheredListener { inner, tethers: Arc::clone(&tethers) };
        let service = router.into_make_service_with_connect_info::<Link>();
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, service).await {
                tracing::error!(%error, "the simulator stopped listening");
            }
        });
        Ok(Self { addr, task, tethers })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.task.abort();
        for tether in lock(&self.tethers).iter().filter_map(Weak::upgrade) {
            tether.cut();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown();
    }
}
