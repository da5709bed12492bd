//! Fetching from addresses that strangers chose: only globally routable hosts, checked inside the resolver of the same
//! connection, so that no answer of a name server can lead us into our own network (RELIABILITY §3, SSRF).

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use reqwest::Response;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::Instant;
use url::{Host, Url};

use super::{Outbound, Reach, describe};

/// Media hosts redirect once or twice to their storage; more is a maze.
const REDIRECTS_MAX: usize = 3;
/// For the whole fetch of something small with all redirects; for the head of something large.
const FETCH_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a file that takes its time may be silent.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// And how long all of it may take: a gigabyte over a slow line.
const WHOLE_FETCH_MAX: Duration = Duration::from_secs(3_600);
/// From when on it must have come at a pace, and which, in bytes a second: a byte now and then is not silence, and would hold the caller for the hour.
const PACED_AFTER: Duration = Duration::from_secs(60);
const PACE_MIN: u64 = 1024;
/// What is kept of a type that a server names.
const TYPE_CHARS_MAX: usize = 80;

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The type the server named, one of those that were allowed. The bytes still need looking at.
    pub mime: String,
    /// How its text is written, when the server says.
    pub charset: Option<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What is being fetched, a piece at a time.
#[derive(Debug)]
pub struct Fetching {
    response: Response,
    given: String,
    left: usize,
    max: usize,
    began: Instant,
}

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchFault {
    /// Only https, without a user name in the address.
    #[error("only https addresses without a user name are fetched")]
    NotHttps,
    /// The host is not a public one.
    #[error("the address is not a public one")]
    NotPublic,
    /// Too many redirects.
    #[error("more than {REDIRECTS_MAX} redirects")]
    TooManyRedirects,
    /// The file is too large.
    #[error("the file is larger than {max} bytes")]
    TooLarge {
        /// The most that was allowed.
        max: usize,
    },
    /// The type is not among the allowed ones.
    #[error("the type {given:?} is not allowed")]
    WrongType {
        /// What the server named, cut to 80 characters.
        given: String,
    },
    /// The server answered with another status than 200.
    #[error("the server answered {0}")]
    Status(u16),
    /// No whole answer.
    #[error("could not be fetched: {0}")]
    Unreachable(String),
}

impl FetchFault {
    /// What it is in one word, and the status where it is one: what people are told; the fault itself is for the log.
    #[must_use]
    pub fn word(&self) -> (&'static str, u16) {
        match self {
            Self::NotHttps | Self::NotPublic => ("address", 0),
            Self::TooManyRedirects => ("redirects", 0),
            Self::TooLarge { .. } => ("large", 0),
            Self::WrongType { .. } => ("kind", 0),
            Self::Status(status) => ("status", *status),
            Self::Unreachable(_) => ("unreachable", 0),
        }
    }
}

impl Outbound {
    /// Fetches a file of one of the `types` from a public https address.
    ///
    /// # Errors
    /// When the address or the file is not allowed, or the server does not deliver.
    pub async fn fetch_public(&self, url: &Url, max_bytes: usize, types: &[&str]) -> Result<Fetched, FetchFault> {
        self.fetch(url, max_bytes, types, REDIRECTS_MAX).await
    }

    /// Begins to fetch a file of whatever type: its bytes tell what it is. It may take long, but not be silent.
    ///
    /// # Errors
    /// When the address is not allowed, the file is announced as larger, or the server does not deliver.
    pub async fn open_public(&self, url: &Url, max_bytes: usize) -> Result<Fetching, FetchFault> {
        let began = Instant::now();
        let response = in_time(FETCH_TIMEOUT, self.follow(url.clone(), REDIRECTS_MAX)).await?;
        check_announced(&response, max_bytes)?;
        let given = content_type(&response).chars().take(TYPE_CHARS_MAX).collect();
        Ok(Fetching { response, given, left: max_bytes, max: max_bytes, began })
    }

    /// The same without following redirects: what stands at another address is not what was asked for.
    ///
    /// # Errors
    /// When the address or the file is not allowed, or the server does not deliver.
    pub async fn fetch_unmoved(&self, url: &Url, max_bytes: usize, types: &[&str]) -> Result<Fetched, FetchFault> {
        self.fetch(url, max_bytes, types, 0).await
    }

    async fn fetch(
        &self,
        url: &Url,
        max_bytes: usize,
        types: &[&str],
        redirects_max: usize,
    ) -> Result<Fetched, FetchFault> {
        let fetch = async {
            let response = self.follow(url.clone(), redirects_max).await?;
            let mime = content_type(&response);
            if !types.contains(&mime.as_str()) {
                return Err(FetchFault::WrongType { given: mime.chars().take(TYPE_CHARS_MAX).collect() });
            }
            let charset = charset(&response);
            Ok(Fetched { mime, charset, bytes: read_capped(response, max_bytes).await? })
        };
        in_time(FETCH_TIMEOUT, fetch).await
    }

    /// Whether an address may be asked at all, as far as it tells by itself: what a name points to is looked up only when it is asked.
    ///
    /// # Errors
    /// When it is no https address, or one inside.
    pub fn check_public(&self, url: &Url) -> Result<(), FetchFault> {
        check_url(url, self.reach)
    }

    /// Follows redirects by hand, with every check made again at each step.
    async fn follow(&self, mut url: Url, redirects_max: usize) -> Result<Response, FetchFault> {
        for _ in 0..=redirects_max {
            check_url(&url, self.reach)?;
            let response = self.public.get(url.clone()).send().await.map_err(fault)?;
            let status = response.status();
            if !status.is_redirection() {
                return if status.as_u16() == 200 { Ok(response) } else { Err(FetchFault::Status(status.as_u16())) };
            }
            let target = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            url = target.and_then(|to| url.join(to).ok()).ok_or(FetchFault::Status(status.as_u16()))?;
        }
        Err(FetchFault::TooManyRedirects)
    }
}

impl Fetching {
    /// The type that the server named, cut; nothing relies on it.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When it is cut, silent for too long, too slow, or larger than it may be.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, FetchFault> {
        let took = self.began.elapsed();
        if is_crawling((self.max - self.left) as u64, took) {
            return Err(FetchFault::Unreachable(format!("less than {PACE_MIN} bytes a second came")));
        }
        let left = WHOLE_FETCH_MAX.saturating_sub(took);
        let piece = async { self.response.chunk().await.map_err(fault) };
        let piece = in_time(IDLE_TIMEOUT.min(left), piece).await?;
        if let Some(piece) = &piece {
            self.left = self.left.checked_sub(piece.len()).ok_or(FetchFault::TooLarge { max: self.max })?;
        }
        Ok(piece)
    }
}

fn is_crawling(came: u64, took: Duration) -> bool {
    took > PACED_AFTER && came / PACE_MIN < took.as_secs()
}

async fn in_time<T>(time: Duration, work: impl Future<Output = Result<T, FetchFault>>) -> Result<T, FetchFault> {
    let late = |_| FetchFault::Unreachable(format!("nothing came for {} s", time.as_secs()));
    tokio::time::timeout(time, work).await.map_err(late)?
}

fn check_announced(response: &Response, max: usize) -> Result<(), FetchFault> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > max) { Err(FetchFault::TooLarge { max }) } else { Ok(()) }
}

fn check_url(url: &Url, reach: Reach) -> Result<(), FetchFault> {
    let plain_is_fine = reach == Reach::Loopback && url.scheme() == "http";
    if !(url.scheme() == "https" || plain_is_fine) || !url.username().is_empty() || url.password().is_some() {
        return Err(FetchFault::NotHttps);
    }
    let allowed = match url.host() {
        // Names are checked by the resolver, when it knows their addresses.
        Some(Host::Domain(_)) => true,
        Some(Host::Ipv4(ip)) => may_reach(ip.into(), reach),
        Some(Host::Ipv6(ip)) => may_reach(ip.into(), reach),
        None => false,
    };
    if allowed { Ok(()) } else { Err(FetchFault::NotPublic) }
}

fn may_reach(ip: IpAddr, reach: Reach) -> bool {
    match reach {
        Reach::Public => is_public_address(ip),
        Reach::Loopback => ip.is_loopback(),
    }
}

fn charset(response: &Response) -> Option<String> {
    let header = response.headers().get(http::header::CONTENT_TYPE)?.to_str().ok()?;
    let mut parameters = header.split(';').skip(1).filter_map(|part| part.trim().split_once('='));
    let found = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    found.map(|(_, value)| value.trim_matches(['"', ' ']).to_owned())
}

fn content_type(response: &Response) -> String {
    let full = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    full.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

async fn read_capped(mut response: Response, max: usize) -> Result<Vec<u8>, FetchFault> {
    check_announced(&response, max)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(fault)? {
        if bytes.len() + chunk.len() > max {
            return Err(FetchFault::TooLarge { max });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn fault(error: reqwest::Error) -> FetchFault {
    let mut cause: Option<&dyn Error> = Some(&error);
    while let Some(inner) = cause {
        if inner.is::<NoPublicAddress>() {
            return FetchFault::NotPublic;
        }
        cause = inner.source();
    }
    FetchFault::Unreachable(describe(&error.without_url()))
}

#[derive(Debug, thiserror::Error)]
#[error("the name leads to no public address")]
struct NoPublicAddress;

/// Resolves names to the addresses we may reach, and to nothing else.
#[derive(Debug)]
pub(super) struct PublicResolver(Reach);

impl PublicResolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self(reach)
    }
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|addr| may_reach(addr.ip(), reach)).collect();
            if allowed.is_empty() {
                return Err(NoPublicAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is globally routable, after the IANA special-purpose registries. Everything that could stand for
/// another address (v4-mapped, NAT64, 6to4, Teredo) is refused, whatever it stands for.
#[must_use]
pub fn is_public_address(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)            // this network, private, loopback
            | (100, 64..=127, _)        // carrier-grade NAT
            | (169, 254, _)             // link-local, cloud metadata
            | (172, 16..=31, _)         // private
            | (192, 0, 0 | 2)           // protocol assignments, documentation
            | (192, 88, 99)             // 6to4 relays
            | (192, 168, _)             // private
            | (198, 18 | 19, _)         // benchmarks
            | (198, 51, 100)            // documentation
            | (203, 0, 113)             // documentation
            | (224..=255, _, _) // multicast, reserved, broadcast
    )
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // 2000::/3 is all that is assigned for global unicast; mapped, NAT64, local and multicast addresses lie outside.
    let global = (0x2000..=0x3fff).contains(&a);
    let special = match (a, b) {
        (0x2001, 0..=0x01ff | 0x0db8) => true, // 2001::/23 (Teredo, ORCHID, benchmarks), documentation
        (0x2002, _) => true,                   // 6to4
        (0x3fff, 0..=0x0fff) => true,          // documentation
        _ => false,
    };
    global && !special
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Reply, listen};
    use super::*;

    const TYPES: &[&str] = &["image/png"];

    fn outbound(reach: Reach) -> Outbound {
        Outbound::new(reach).unwrap()
    }

    #[test]
    fn a_byte_now_and_then_is_no_pace() {
        let after = Duration::from_secs;
        assert!(!is_crawling(1, after(60)), "whoever begins slowly has a minute");
        assert!(is_crawling(61 * 1024 - 1, after(61)));
        assert!(!is_crawling(61 * 1024, after(61)));
    }

    #[test]
    fn only_globally_routable_addresses_are_public() {
        for text in ["1.1.1.1", "100.63.255.255", "100.128.0.0", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"] {
            assert!(is_public_address(text.parse().unwrap()), "{text}");
        }
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:1.1.1.1",
            "::1.1.1.1",
            "64:ff9b::101:101",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:101:101::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public_address(text.parse().unwrap()), "{text}");
        }
    }

    #[tokio::test]
    async fn private_and_plain_addresses_are_refused_before_any_connection() {
        let out = outbound(Reach::Public);
        for (text, fault) in [
            ("https://127.0.0.1/a.png", FetchFault::NotPublic),
            ("https://2130706433/a.png", FetchFault::NotPublic),
            ("https://0x7f.1/a.png", FetchFault::NotPublic),
            ("https://[::ffff:10.0.0.1]/a.png", FetchFault::NotPublic),
            ("https://localhost/a.png", FetchFault::NotPublic),
            ("http://example.com/a.png", FetchFault::NotHttps),
            ("file:///etc/passwd", FetchFault::NotHttps),
            ("https://user:pw@example.com/a.png", FetchFault::NotHttps),
        ] {
            let got = out.fetch_public(&Url::parse(text).unwrap(), 10, TYPES).await;
            assert_eq!(got, Err(fault), "{text}");
        }
    }

    #[tokio::test]
    async fn a_picture_is_fetched_up_to_the_cap() {
        let out = outbound(Reach::Loopback);
        let good =
            "HTTP/1.1 200 OK\r\ncontent-type: image/PNG; a=b\r\ncontent-length: 4\r\nconnection: close\r\n\r\nabcd";
        let fake = listen(Reply::Text(good)).await;
        let got = out.fetch_public(&fake.named_url("/a.png"), 4, TYPES).await.unwrap();
        assert_eq!(got, Fetched { mime: "image/png".into(), charset: None, bytes: b"abcd".to_vec() });
        let fake = listen(Reply::Text(good)).await;
        assert_eq!(out.fetch_public(&fake.url("/"), 3, TYPES).await, Err(FetchFault::TooLarge { max: 3 }));
        let endless = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\nabcdefgh";
        let fake = listen(Reply::Text(endless)).await;
        assert_eq!(out.fetch_public(&fake.url("/"), 3, TYPES).await, Err(FetchFault::TooLarge { max: 3 }));
        let html = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n";
        let fake = listen(Reply::Text(html)).await;
        let wrong = FetchFault::WrongType { given: "text/html".into() };
        assert_eq!(out.fetch_public(&fake.url("/"), 3, TYPES).await, Err(wrong));
    }

    async fn all(out: &Outbound, url: &Url, max: usize) -> Result<Vec<u8>, FetchFault> {
        let mut fetching = out.open_public(url, max).await?;
        let mut bytes = Vec::new();
        while let Some(piece) = fetching.piece().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    #[tokio::test]
    async fn a_large_file_comes_in_pieces_up_to_the_cap_and_by_the_same_rules() {
        let out = outbound(Reach::Loopback);
        let fake = listen(Reply::Flood { bytes: 3_000_000 }).await;
        assert_eq!(all(&out, &fake.named_url("/film"), 3_000_000).await.unwrap().len(), 3_000_000);
        let fake = listen(Reply::Flood { bytes: 3_000_001 }).await;
        let announced = out.open_public(&fake.url("/"), 3_000_000).await;
        assert_eq!(announced.unwrap_err(), FetchFault::TooLarge { max: 3_000_000 });
        let endless = "HTTP/1.1 200 OK\r\n\r\nabcdefgh";
        let fake = listen(Reply::Text(endless)).await;
        assert_eq!(all(&out, &fake.url("/"), 7).await, Err(FetchFault::TooLarge { max: 7 }));
        let inside = "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest\r\ncontent-length: 0\r\n\r\n";
        let fake = listen(Reply::Text(inside)).await;
        assert_eq!(all(&out, &fake.url("/"), 7).await, Err(FetchFault::NotPublic));
        let cut = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nabc";
        let fake = listen(Reply::Text(cut)).await;
        assert!(matches!(all(&out, &fake.url("/"), 9).await, Err(FetchFault::Unreachable(_))));
        let private = Url::parse("https://127.0.0.1/film.mp4").unwrap();
        assert_eq!(all(&outbound(Reach::Public), &private, 9).await, Err(FetchFault::NotPublic));
    }

    #[tokio::test]
    async fn silence_ends_a_fetch() {
        let out = outbound(Reach::Loopback);
        let fake = listen(Reply::Hang).await;
        let head = in_time(Duration::from_millis(30), out.follow(fake.url("/"), 0)).await;
        assert!(matches!(head, Err(FetchFault::Unreachable(why)) if why.contains("nothing came")));
    }

    #[tokio::test]
    async fn a_redirect_is_followed_only_where_the_first_address_could_have_led() {
        let out = outbound(Reach::Loopback);
        let to = |place: &str| {
            Reply::Made(format!(
                "HTTP/1.1 302 Found\r\nlocation: {place}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            ))
        };
        let fake = listen(to("http://169.254.169.254/latest")).await;
        assert_eq!(out.fetch_public(&fake.url("/"), 3, TYPES).await, Err(FetchFault::NotPublic));
        let good = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 1\r\n\r\na";
        let last = listen(Reply::Text(good)).await;
        let first = listen(to(last.url("/x").as_str())).await;
        assert_eq!(out.fetch_public(&first.url("/"), 3, TYPES).await.unwrap().bytes, b"a");
    }

    #[tokio::test]
    async fn a_maze_of_redirects_ends() {
        let out = outbound(Reach::Loopback);
        let mut next = "http://127.0.0.1:9/".to_owned();
        let mut fakes = Vec::new();
        for _ in 0..=REDIRECTS_MAX {
            let head =
                format!("HTTP/1.1 302 Found\r\nlocation: {next}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let fake = listen(Reply::Made(head)).await;
            next = fake.url("/").to_string();
            fakes.push(fake);
        }
        let got = out.fetch_public(&Url::parse(&next).unwrap(), 3, TYPES).await;
        assert_eq!(got, Err(FetchFault::TooManyRedirects));
        fakes.into_iter().for_each(super::super::scripted::Scripted::stop);
    }
}
