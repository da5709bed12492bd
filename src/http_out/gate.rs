//! The gate in front of a commit's first byte: past the deadline it does not open, and a gate that never opened proves
//! that nothing left.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::CommitCall;
use crate::clock::boot_ms;

/// A connection, with or without TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Knows whether the request began to leave, and lets nothing begin past the deadline.
#[derive(Debug)]
pub(super) struct Gate {
    deadline_boot_ms: i64,
    begun: AtomicBool,
    late: AtomicBool,
}

impl Gate {
    pub(super) fn new(deadline_boot_ms: i64) -> Self {
        Self { deadline_boot_ms, begun: AtomicBool::new(false), late: AtomicBool::new(false) }
    }

    /// Asked before every write; only the first one can be refused.
    fn open(&self) -> io::Result<()> {
        if self.begun.load(Ordering::SeqCst) {
            return Ok(());
        }
        if boot_ms() > self.deadline_boot_ms {
            self.late.store(true, Ordering::SeqCst);
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the deadline for sending has passed"));
        }
        self.begun.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// An HTTP/1 client writes nothing but the request, so a gate that never opened proves that no byte of it left.
    pub(super) fn judge(&self, what: String) -> CommitCall {
        if self.begun.load(Ordering::SeqCst) {
            CommitCall::Lost { what }
        } else if self.late.load(Ordering::SeqCst) {
            CommitCall::NotSent { why: "the deadline for sending has passed".to_owned() }
        } else {
            CommitCall::NotSent { why: what }
        }
    }
}

/// The stream above TLS, with the gate in front of its writes.
pub(super) struct GatedStream {
    pub(super) inner: Box<dyn Stream>,
    pub(super) gate: Arc<Gate>,
}

impl AsyncRead for GatedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for GatedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.gate.open()?;
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.gate.open()?;
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn the_clock_is_read_at_the_first_byte_and_only_then() {
        for (deadline, opens) in [(boot_ms() - 1, false), (boot_ms() + 60_000, true)] {
            let (inner, mut other) = tokio::io::duplex(64);
            let gate = Arc::new(Gate::new(deadline));
            let mut stream = GatedStream { inner: Box::new(inner), gate: Arc::clone(&gate) };
            assert_eq!(stream.write_all(b"first").await.is_ok(), opens);
            assert_eq!(stream.write_all(b"second").await.is_ok(), opens);
            drop(stream);
            let mut seen = Vec::new();
            other.read_to_end(&mut seen).await.unwrap();
            assert_eq!(seen, if opens { &b"firstsecond"[..] } else { b"" });
            assert_eq!(matches!(gate.judge("cut".into()), CommitCall::Lost { .. }), opens);
        }
    }
}
