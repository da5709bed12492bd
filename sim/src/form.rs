//! Query strings and forms as pairs in order, and what the pages that ask for consent are made of. What a name means is each network's own
//! business.

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

    /// All values of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The values of a name with commas, repeated or not.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let values = self.all(name).into_iter().flat_map(|value| value.split(','));
        values.map(str::trim).filter(|part| !part.is_empty()).collect()
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

/// Fields of a page's form that nobody sees.
pub(crate) fn hidden<N: AsRef<str>, V: AsRef<str>>(pairs: impl Iterator<Item = (N, V)>) -> String {
    let field = |(name, value): (N, V)| {
        let (name, value) = (escaped(name.as_ref()), escaped(value.as_ref()));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
    };
    pairs.map(field).collect()
}

/// Whether a callback address is registered, or any on this machine is taken and it is one.
pub(crate) fn callback(given: &str, registered: &[String], any_loopback: bool) -> Option<url::Url> {
    let url = url::Url::parse(given).ok()?;
    let loopback = url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    (registered.iter().any(|known| known == given) || any_loopback && loopback).then_some(url)
}
