//! What Meta's networks take of whoever runs the server, all of them alike.

use url::Url;

use crate::platforms::kit::{Limit, Site, is_reachable};
use crate::say;

/// Whether Meta could fetch media from this server: the rule by which posts are checked.
pub(in crate::platforms) fn media(site: &Site<'_>, api_url: Option<&Url>) -> Limit {
    let is_reached = match api_url {
        Some(api_url) => is_reachable(site.public_url, api_url),
        None => site.public_url.scheme() == "https",
    };
    let what = if is_reached { say!("setup-media-reached") } else { say!("setup-media-unreached") };
    Limit::red_if(!is_reached, what)
}
