//! Query strings and forms as pairs in order. What a name means is each network's own business.

/// Pairs of one query string or form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `a=b&c=d`, percent-encoding and `+` undone.
    pub(crate) fn parse(raw: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(raw).into_owned().collect())
    }

    /// The first value of a name; an empty one counts as absent.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Names and values as they came.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Text inside HTML, attribute values included.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Whether a callback address is registered, or any on this machine is taken and it is one.
pub(crate) fn callback(given: &str, registered: &[String], any_loopback: bool) -> Option<url::Url> {
    let url = url::Url::parse(given).ok()?;
    let loopback = url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    (registered.iter().any(|known| known == given) || any_loopback && loopback).then_some(url)
}
