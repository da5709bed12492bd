//! Prefixed, sortable, opaque identifiers (DESIGN §3). What an id names is a type, so that one cannot be passed for another.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not an id of this kind: it must look like {prefix}_01J…")]
pub struct InvalidId {
    /// What was given, cut to 40 characters.
    pub given: String,
    /// The prefix that ids of this kind carry.
    pub prefix: &'static str,
}

/// Length of the sortable part: a ULID in Crockford's base 32.
const ULID_CHARS: usize = 26;

fn parse(prefix: &'static str, text: &str) -> Result<String, InvalidId> {
    let fits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .is_some_and(|rest| rest.len() == ULID_CHARS && is_upper(rest) && ulid::Ulid::from_string(rest).is_ok());
    if fits { Ok(text.to_owned()) } else { Err(InvalidId { given: text.chars().take(40).collect(), prefix }) }
}

/// Every text in values that looks like one of our ids; none when there are more than can be looked through.
#[must_use]
pub fn ids_in(values: &[&Value]) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    values.iter().all(|value| collect(value, 0, &mut found)).then_some(found)
}

fn collect(value: &Value, depth: usize, found: &mut BTreeSet<String>) -> bool {
    /// Answers are a handful deep.
    const DEPTH_MAX: usize = 16;
    /// A page of posts with their deliveries and media has some hundred.
    const IDS_MAX: usize = 2_000;
    /// A short word and a ULID.
    const ID_CHARS_MAX: usize = 40;
    if depth > DEPTH_MAX || found.len() > IDS_MAX {
        return false;
    }
    match value {
        Value::String(text) => {
            if text.len() <= ID_CHARS_MAX && text.contains('_') {
                found.insert(text.clone());
            }
            true
        }
        Value::Object(map) => map.values().all(|inner| collect(inner, depth + 1, found)),
        Value::Array(items) => items.iter().all(|inner| collect(inner, depth + 1, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// An id has one form: Crockford's base 32 may also be written small, ours never is.
fn is_upper(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_lowercase())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The prefix before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new id from an instant (Unix milliseconds) and 80 bits of chance.
            #[must_use]
            pub fn generate(now_ms: i64, chance: u128) -> Self {
                let at = u64::try_from(now_ms).unwrap_or(0);
                Self(format!("{}_{}", $prefix, ulid::Ulid::from_parts(at, chance)))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse($prefix, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(/** A person who signs in. */ UserId, "user");
id!(/** What holds accounts, posts and media. */ WorkspaceId, "space");
id!(/** A browser's signed-in state. */ SessionId, "sess");
id!(/** A single-use sign-in link. */ SignInLinkId, "link");
id!(/** A personal access token for MCP. */ AccessTokenId, "pat");
id!(/** What a person let one program do. */ OauthGrantId, "grant");
id!(/** A program that registered with us. */ OauthClientId, "client");
id!(/** A workspace's handle on a network. */ AccountId, "acct");
id!(/** One thing to say. */ PostId, "post");
id!(/** A post's form for one account. */ VariantId, "var");
id!(/** One occurrence of a variant at one instant. */ DeliveryId, "dlv");
id!(/** One try at one call. */ AttemptId, "att");
id!(/** A question put to a person, bound to exact content. */ ApprovalId, "appr");
id!(/** A picture, animation or video. */ MediaId, "med");
id!(/** What was said, in one thread of talk. */ ConversationId, "conv");
id!(/** One message of a person and what followed. */ TurnId, "turn");
id!(/** One thing said in a turn. */ MessageId, "msg");
id!(/** A link through which files are brought. */ UploadId, "upl");
id!(/** Something a person should know. */ NoticeId, "note");
id!(/** A link in the audit chain. */ AuditId, "aud");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_and_another_kind_is_refused() {
        let id = PostId::generate(1_700_000_000_000, 7);
        assert_eq!(id.as_str().parse::<PostId>(), Ok(id.clone()));
        assert!(id.as_str().parse::<DeliveryId>().is_err());
        assert!("post_".parse::<PostId>().is_err());
        assert!("post_01J; DROP TABLE post".parse::<PostId>().is_err());
    }

    #[test]
    fn ids_sort_by_time() {
        assert!(PostId::generate(1, u128::MAX) < PostId::generate(2, 0));
    }
}
