//! What programs may be let in for, and where a person's browser may be sent back to: pure rules of our authorization server (MCP.md §2).
//! Who asks, what is stored and how it is worded is elsewhere.

use url::{Host, Url};

use super::caller::Grant;
use super::tool::{Effect, ToolSpec};

/// One thing that a person lets a program do; a switch of its own on the consent page. Each of `posts:draft`, `posts:schedule` and
/// `posts:publish` holds the ones before it and `posts:read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// See accounts and posts.
    PostsRead,
    /// See what Google accounts hold: names of properties and sites, and their figures.
    GoogleRead,
    /// See and forget what was said with Socrazi itself.
    HistoryRead,
    /// Draft, and ask the person for everything that goes further.
    PostsDraft,
    /// Schedule without asking.
    PostsSchedule,
    /// Publish without asking.
    PostsPublish,
}

impl Scope {
    /// Every scope, in the order in which people read them.
    pub const ALL: [Self; 6] = [
        Self::PostsRead,
        Self::GoogleRead,
        Self::HistoryRead,
        Self::PostsDraft,
        Self::PostsSchedule,
        Self::PostsPublish,
    ];

    /// The word on the wire and in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PostsRead => "posts:read",
            Self::GoogleRead => "google:read",
            Self::HistoryRead => "history:read",
            Self::PostsDraft => "posts:draft",
            Self::PostsSchedule => "posts:schedule",
            Self::PostsPublish => "posts:publish",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::PostsRead => 1,
            Self::HistoryRead => 2,
            Self::PostsDraft => 4,
            Self::PostsSchedule => 8,
            Self::PostsPublish => 16,
            Self::GoogleRead => 32,
        }
    }

    /// With those that it holds.
    const fn bits(self) -> u8 {
        match self {
            Self::PostsRead | Self::HistoryRead | Self::GoogleRead => self.bit(),
            Self::PostsDraft => 1 | 4,
            Self::PostsSchedule => 1 | 4 | 8,
            Self::PostsPublish => 1 | 4 | 8 | 16,
        }
    }
}

/// Several scopes, closed over what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// None.
    pub const NONE: Self = Self(0);
    /// What a person's own token may do.
    pub const ALL: Self = Self(63);
    /// What a client needs to be of use at all: it is told so before it asks.
    pub const LEAST: Self = Self(1 | 4);

    /// With one more, and what that one holds.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | scope.bits())
    }

    /// Without one, though not without what it holds.
    #[must_use]
    pub const fn without(self, scope: Scope) -> Self {
        Self(self.0 & !scope.bit())
    }

    /// Both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether all of the others are among them.
    #[must_use]
    pub const fn holds(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Those words that are scopes of ours; others (`offline_access`, `openid`) ask for nothing here.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let known = |word: &str| Scope::ALL.into_iter().find(|scope| scope.word() == word);
        text.split(' ').filter_map(known).fold(Self::NONE, Self::with)
    }

    /// As they stand in a token's answer and in rows.
    #[must_use]
    pub fn text(self) -> String {
        let words: Vec<_> = Scope::ALL.into_iter().filter(|scope| self.has(*scope)).map(Scope::word).collect();
        words.join(" ")
    }

    /// How far they reach without a person's gesture.
    #[must_use]
    pub const fn grant(self) -> Grant {
        if self.has(Scope::PostsPublish) {
            Grant::Publishes
        } else if self.has(Scope::PostsSchedule) {
            Grant::Schedules
        } else {
            Grant::Drafts
        }
    }
}

/// Tools about what was said with Socrazi itself: a switch of its own, because it is no post.
pub const HISTORY_TOOLS: [&str; 2] = ["list_conversations", "forget_history"];

/// What a tool needs, all at once. Scheduling, publishing, connecting and forgetting need no more than drafting: without a standing
/// permission they ask the person each time, and with one the grant decides (DESIGN §4).
#[must_use]
pub fn needed(spec: &ToolSpec) -> Scopes {
    let base = match spec.effect {
        Effect::Reads => Scopes::NONE,
        Effect::Drafts | Effect::Schedules | Effect::Publishes | Effect::Connects | Effect::Forgets => {
            Scopes::NONE.with(Scope::PostsDraft)
        }
    };
    let read = if HISTORY_TOOLS.contains(&spec.name) {
        Scope::HistoryRead
    } else if spec.is_provider_data {
        Scope::GoogleRead
    } else {
        Scope::PostsRead
    };
    base.with(read)
}

/// What one call needs: with these arguments a tool may need more than without them.
#[must_use]
pub fn needed_by(spec: &ToolSpec, asks_outcomes: bool) -> Scopes {
    // Of what came of posts, the visits and key events are Google's.
    if asks_outcomes && spec.name == OUTCOMES_TOOL { needed(spec).with(Scope::GoogleRead) } else { needed(spec) }
}

/// The tool that joins posts with what Google knows of them, when it is asked to.
const OUTCOMES_TOOL: &str = "report_posts";

/// Longest redirect address.
const REDIRECT_BYTES_MAX: usize = 1_024;
/// The names of this machine to itself (RFC 8252 §7.3, §8.3).
const LOOPBACKS: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// Addresses with an app's own scheme (RFC 8252 §7.1) that are taken as they are: of programs that many people have and that register no other.
const APPS: [&str; 1] = ["cursor://anysphere.cursor-mcp/oauth/callback"];
/// What means something to a browser or an operating system of itself: no app's own scheme.
const NO_APPS: [&str; 18] = [
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "filesystem",
    "ftp",
    "http",
    "https",
    "intent",
    "javascript",
    "mailto",
    "ms-msdt",
    "vbscript",
    "view-source",
    "ws",
    "wss",
    "search-ms",
];

/// An address that a browser may be sent back to: https, plain http on this machine (RELIABILITY §3), or one of an app that is known. Only in
/// its one usual form, so that two texts are the same address exactly when they are the same text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect(Url);

impl Redirect {
    /// Reads one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|_| text.len() <= REDIRECT_BYTES_MAX)?;
        let is_usual = url.as_str() == text || (url.path() == "/" && url.as_str() == format!("{text}/"));
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let (host, redirect) = (url.host()?.to_owned(), Self(url));
        let may = match (redirect.0.scheme(), host) {
            // A name: an address in numbers is nobody that a person could recognise.
            ("https", Host::Domain(name)) => name.contains('.') || name == "localhost",
            ("http", _) => redirect.is_loopback(),
            _ => false,
        };
        (is_usual && is_plain && may && !text.contains('*')).then_some(redirect)
    }

    /// Reads one; beside the usual ones, those of apps that are known of themselves or are among these.
    #[must_use]
    pub fn read_among(text: &str, known: &[Self]) -> Option<Self> {
        let is_known = APPS.contains(&text) || known.iter().any(|one| one.0.as_str() == text);
        Self::read(text).or_else(|| if is_known { Self::read_app(text) } else { None })
    }

    /// Reads one with an app's own scheme, which nobody but the operator may name.
    #[must_use]
    pub fn read_app(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| text.len() <= REDIRECT_BYTES_MAX && url.as_str() == text)?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let may = !NO_APPS.contains(&url.scheme()) && !url.cannot_be_a_base() && !text.contains(['*', '\\']);
        (is_plain && may).then_some(Self(url))
    }

    /// Whether the operating system hands the answer to whichever app took the scheme.
    #[must_use]
    pub fn is_app(&self) -> bool {
        !["http", "https"].contains(&self.0.scheme())
    }

    /// Where the answer goes as people are shown it: the host, or of an app the whole address.
    #[must_use]
    pub fn shown(&self) -> &str {
        if self.is_app() { self.0.as_str() } else { self.host() }
    }

    /// Whether the answer goes to a program on the person's own machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.host_str().is_some_and(|host| LOOPBACKS.contains(&host))
    }

    /// The host as people are shown it.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// As it was given.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// Whether it is the registered one: the same in every character, but for the port of plain http on this machine, which a program
    /// gets anew each time it starts (RFC 8252 §7.3).
    #[must_use]
    pub fn is(&self, registered: &Self) -> bool {
        let portless = |redirect: &Self| {
            let mut url = redirect.0.clone();
            let is_done = url.scheme() == "http" && redirect.is_loopback() && url.set_port(None).is_ok();
            is_done.then_some(url)
        };
        self == registered || portless(self).is_some_and(|url| portless(registered) == Some(url))
    }

    /// With these pairs after whatever query it has.
    #[must_use]
    pub fn with(&self, pairs: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        url
    }
}

/// Whether a text is an S256 challenge: 32 bytes in base64 without padding (RFC 7636 §4.2).
#[must_use]
pub fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether a text may be a verifier (RFC 7636 §4.1).
#[must_use]
pub fn is_verifier(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broader_scope_holds_the_narrower_ones_and_strange_words_ask_for_nothing() {
        let publish = Scopes::read("offline_access posts:publish  openid");
        assert_eq!(publish.text(), "posts:read posts:draft posts:schedule posts:publish");
        assert_eq!(publish.grant(), Grant::Publishes);
        assert_eq!(publish.without(Scope::PostsPublish).grant(), Grant::Schedules);
        assert!(!publish.holds(Scopes::read("history:read")));
        assert!(Scopes::ALL.holds(publish) && publish.holds(Scopes::LEAST) && publish.holds(Scopes::NONE));
        assert_eq!(Scopes::read("POSTS:READ posts posts:read:all"), Scopes::NONE);
        for scope in Scope::ALL {
            assert!(Scopes::read(scope.word()).has(scope) && Scopes::ALL.has(scope));
        }
    }

    #[test]
    fn only_plain_addresses_of_names_or_this_machine_are_gone_back_to() {
        for good in [
            "https://claude.ai/api/mcp/auth_callback",
            "https://app.example:8443/cb?a=b",
            "https://app.example",
            "http://127.0.0.1:33418/callback",
            "http://localhost/cb",
            "http://[::1]:9/",
        ] {
            assert!(Redirect::read(good).is_some(), "{good}");
        }
        for bad in [
            "http://app.example/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "app://*/cb",
            "com.example.app:/cb",
            "https://app.example/cb#x",
            "https://user@app.example/cb",
            "https://*.example/cb",
            "https://app.example/a/../cb",
            "https://app.example/./cb",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "https://app.example\\@evil.example/cb",
            "https://app.example/\tcb",
            " https://app.example/cb",
            "https://1.2.3.4/cb",
            "https://2130706433/cb",
            "http://2130706433/cb",
            "http://0x7f.1/cb",
            "http://127.1/cb",
            "http://127.0.0.2/cb",
            "http://localhost.evil.example/cb",
            "http://[::ffff:127.0.0.1]/cb",
            "https://intranet/cb",
            "//app.example/cb",
            "",
        ] {
            assert!(Redirect::read(bad).is_none(), "{bad}");
        }
        assert!(Redirect::read(&format!("https://app.example/{}", "a".repeat(1_024))).is_none());
    }

    #[test]
    fn an_app_is_gone_back_to_at_its_one_known_address() {
        let cursor = "cursor://anysphere.cursor-mcp/oauth/callback";
        let own: Vec<_> =
            ["myapp://host/cb", "com.example.app:/cb"].into_iter().filter_map(Redirect::read_app).collect();
        assert_eq!(own.len(), 2);
        for good in [cursor, "myapp://host/cb", "com.example.app:/cb"] {
            let read = Redirect::read_among(good, &own);
            assert!(read.is_some_and(|read| read.is_app() && !read.is_loopback() && read.shown() == good), "{good}");
        }
        let with = Redirect::read_among(cursor, &[]).map(|read| read.with(&[("code", "a b")]).to_string());
        assert_eq!(with.as_deref(), Some("cursor://anysphere.cursor-mcp/oauth/callback?code=a+b"));
        for bad in [
            "cursor://anysphere.cursor-mcp/oauth/callback/",
            "cursor://anysphere.cursor-mcp/oauth/callback?x=1",
            "cursor://anysphere.cursor-mcp/oauth/callback#x",
            "cursor://anysphere.cursor-mcp:1/oauth/callback",
            "cursor://evil@anysphere.cursor-mcp/oauth/callback",
            "cursor://evil/oauth/callback",
            "cursor:anysphere.cursor-mcp/oauth/callback",
            "CURSOR://anysphere.cursor-mcp/oauth/callback",
            "cursors://anysphere.cursor-mcp/oauth/callback",
            "myapp://host/cb2",
            "vscode://vscode.mcp/cb",
        ] {
            assert_eq!(Redirect::read_among(bad, &own), None, "{bad}");
        }
        for never in [
            "javascript:alert(1)",
            "javascript://%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "http://app.example/cb",
            "https://app.example/cb",
            "vbscript:x",
            "app://*/cb",
            "app:opaque",
            "app://user@host/cb",
            "app://host/cb#x",
            "app://host/a/../cb",
            "",
        ] {
            assert_eq!(Redirect::read_app(never), None, "{never}");
        }
    }

    #[test]
    fn a_redirect_is_the_registered_one_in_every_character_but_the_port_of_this_machine() {
        let is = |given: &str, registered: &str| {
            Redirect::read(given)
                .zip(Redirect::read(registered))
                .is_some_and(|(given, registered)| given.is(&registered))
        };
        assert!(is("https://a.example/cb", "https://a.example/cb"));
        assert!(
            is("http://127.0.0.1:5/cb", "http://127.0.0.1/cb") && is("http://localhost:5/cb", "http://localhost:6/cb")
        );
        for given in [
            "https://a.example/cb/",
            "https://a.example/cbx",
            "https://a.example/c",
            "https://a.example/CB",
            "https://a.example/cb?x=1",
            "https://a.example:8443/cb",
            "https://a.example.evil.example/cb",
            "https://b.a.example/cb",
            "http://localhost/cb",
        ] {
            assert!(!is(given, "https://a.example/cb"), "{given}");
        }
        assert!(
            !is("http://localhost:5/cb", "http://127.0.0.1:5/cb")
                && !is("http://127.0.0.1:5/cb2", "http://127.0.0.1:5/cb")
        );
        assert!(!is("https://localhost:5/cb", "https://localhost:6/cb"));
    }
}
