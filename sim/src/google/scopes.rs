//! The scopes that the simulated Google knows, and their two spellings (dossier google §2). Which call needs which is
//! said where the call is routed.

/// What all scopes but the bare ones begin with.
const PREFIX: &str = "https://www.googleapis.com/auth/";

const KNOWN: [&str; 12] = [
    "userinfo.email",
    "userinfo.profile",
    "youtube",
    "youtube.readonly",
    "youtube.upload",
    "youtube.force-ssl",
    "yt-analytics.readonly",
    "yt-analytics-monetary.readonly",
    "analytics.readonly",
    "analytics",
    "webmasters",
    "webmasters.readonly",
];

/// Whether Google has such a scope.
pub(super) fn is_known(scope: &str) -> bool {
    matches!(scope, "openid" | "email" | "profile")
        || scope.strip_prefix(PREFIX).is_some_and(|short| KNOWN.contains(&short))
}

/// `email` and `profile` are answered as addresses (§1.3).
pub(super) fn in_full(scope: &str) -> String {
    match scope {
        "email" => format!("{PREFIX}userinfo.email"),
        "profile" => format!("{PREFIX}userinfo.profile"),
        other => other.to_owned(),
    }
}

/// Whether it belongs to the sign-in, which has no box to untick.
pub(super) fn is_sign_in(scope: &str) -> bool {
    scope == "openid" || scope.strip_prefix(PREFIX).is_some_and(|short| short.starts_with("userinfo."))
}

/// Whether it acts as a channel.
pub(super) fn is_youtube(scope: &str) -> bool {
    scope.strip_prefix(PREFIX).is_some_and(|short| short.starts_with("youtube") || short.starts_with("yt-"))
}

/// Whether one of the held scopes is among the wanted ones, given without prefix.
pub(super) fn suffice(held: &[String], wanted: &[&str]) -> bool {
    held.iter().any(|scope| wanted.contains(&scope.strip_prefix(PREFIX).unwrap_or(scope)))
}
