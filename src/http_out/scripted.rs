//! Listeners for tests: each takes one request, remembers its bytes, and answers as scripted.
#![cfg(test)]

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// What to do once the request is there.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Write this and close.
    Text(&'static str),
    /// Write this, made at run time, and close.
    Made(String),
    /// Write this before anything is asked, and close.
    Greeting(&'static str),
    /// Close without a word.
    Close,
    /// Say nothing and keep the connection open.
    Hang,
    /// A good head and this many bytes of body.
    Flood { bytes: usize },
    /// A good head, and a byte of the body now and then, for as long as anybody listens.
    Drip,
}

/// A listener that serves one connection.
pub(crate) struct Scripted {
    addr: SocketAddr,
    task: JoinHandle<Vec<u8>>,
}

impl Scripted {
    /// A plain address on this machine.
    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.addr)).unwrap()
    }

    /// The same under a name, which goes through a resolver.
    pub(crate) fn named_url(&self, path: &str) -> Url {
        Url::parse(&format!("http://localhost:{}{path}", self.addr.port())).unwrap()
    }

    /// Every byte of the request that arrived, once the connection is over.
    pub(crate) async fn seen(self) -> String {
        String::from_utf8_lossy(&self.task.await.unwrap()).into_owned()
    }

    /// For a listener that nobody connects to any more.
    pub(crate) fn stop(self) {
        self.task.abort();
    }
}

/// Listens for one connection.
pub(crate) async fn listen(reply: Reply) -> Scripted {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        if let Reply::Greeting(text) = reply {
            socket.write_all(text.as_bytes()).await.unwrap_or(());
            socket.shutdown().await.unwrap_or(());
        }
        let seen = read_request(&mut socket).await;
        match reply {
            Reply::Text(text) => socket.write_all(text.as_bytes()).await.unwrap_or(()),
            Reply::Made(text) => socket.write_all(text.as_bytes()).await.unwrap_or(()),
            Reply::Close | Reply::Greeting(_) => {}
            Reply::Hang => {
                // Ends when the client gives up and closes.
                socket.read_to_end(&mut Vec::new()).await.unwrap_or(0);
            }
            Reply::Flood { bytes } => {
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n");
                socket.write_all(head.as_bytes()).await.unwrap_or(());
                socket.write_all(&vec![b'x'; bytes]).await.unwrap_or(());
            }
            Reply::Drip => {
                let mut wrote = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await;
                while wrote.is_ok() {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    wrote = socket.write_all(b"{").await;
                }
            }
        }
        seen
    });
    Scripted { addr, task }
}

/// An address on this machine where nobody listens.
pub(crate) async fn closed_port() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap()
}

async fn read_request(socket: &mut TcpStream) -> Vec<u8> {
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let n = socket.read(&mut chunk).await.unwrap_or(0);
        seen.extend_from_slice(&chunk[..n]);
        if n == 0 || is_whole(&seen) {
            return seen;
        }
    }
}

fn is_whole(seen: &[u8]) -> bool {
    let text = String::from_utf8_lossy(seen).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    seen.len() >= head.len() + 4 + length.unwrap_or(0)
}
