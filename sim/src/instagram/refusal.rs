//! The refusals that Instagram knows by number (dossier §5), and ready ones for faults.

use crate::graph::GraphError;

fn refused(code: i64, subcode: i64, title: &'static str) -> GraphError {
    GraphError::new(code, title).subcode(subcode).told(title, title)
}

/// 9007/2207027: published too early.
pub(super) fn not_ready() -> GraphError {
    refused(9_007, 2_207_027, "Media ID is not available")
}

/// 24/2207006: nobody's container, or somebody else's.
pub(super) fn not_found() -> GraphError {
    refused(24, 2_207_006, "The requested resource does not exist")
}

/// 24/2207008: spent.
pub(super) fn spent() -> GraphError {
    refused(24, 2_207_008, "The media builder with the given creation id does not exist or has expired")
}

/// -2/2207020: waited too long.
pub(super) fn expired() -> GraphError {
    refused(-2, 2_207_020, "Media expired")
}

/// -1/2207032: its media could not be used.
pub(super) fn broken() -> GraphError {
    refused(-1, 2_207_032, "Create media fail")
}

/// 9/2207042: the daily cap.
pub(super) fn capped() -> GraphError {
    refused(
        9,
        2_207_042,
        "You reached maximum number of posts that is allowed to be published by Content Publishing API.",
    )
}

/// 9004/2207052: nothing usable at the address.
pub(super) fn unfetched() -> GraphError {
    refused(9_004, 2_207_052, "The media could not be fetched from this URI")
}

/// -2/2207003: it took too long to come.
pub(super) fn slow() -> GraphError {
    refused(-2, 2_207_003, "It takes too long to download the media.")
}

pub(super) fn image_size() -> GraphError {
    refused(36_000, 2_207_004, "The image size is too large.")
}

pub(super) fn image_format() -> GraphError {
    refused(36_001, 2_207_005, "The image format is not supported.")
}

pub(super) fn image_ratio() -> GraphError {
    refused(36_003, 2_207_009, "The submitted image with aspect ratio is not acceptable.")
}

pub(super) fn caption() -> GraphError {
    refused(36_004, 2_207_010, "The caption was too long.")
}

pub(super) fn tags() -> GraphError {
    refused(100, 2_207_040, "Cannot use more than 20 tags per created media.")
}

pub(super) fn media_type() -> GraphError {
    refused(100, 2_207_023, "The media type is unknown.")
}

pub(super) fn carousel() -> GraphError {
    refused(100, 2_207_028, "The carousel must have 2 to 10 children.")
}

pub(super) fn thumb_offset() -> GraphError {
    refused(1, 2_207_057, "Thumbnail offset must be greater than or equal to 0 and less than video duration.")
}

pub(super) fn trials() -> GraphError {
    refused(100, 2_207_081, "This account cannot publish trial reels.")
}

/// 4/2207051, which has been seen although the post is out (§5): for faults.
#[must_use]
pub fn restricted() -> GraphError {
    refused(4, 2_207_051, "We restrict certain activity to protect our community.")
}

/// 100/33, also a known intermittent answer to good reads (§5): for faults.
#[must_use]
pub fn missing(id: &str) -> GraphError {
    let message = format!(
        "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation"
    );
    GraphError::new(100, &message).subcode(33)
}

/// 190, with the subcode that says how the token died (§5).
#[must_use]
pub fn dead(subcode: Option<i64>) -> GraphError {
    let why = match subcode {
        Some(458) => "The user has not authorized application.",
        Some(459) => "The user is enrolled in a blocking, logged-in checkpoint",
        Some(460) => "The session has been invalidated because the user changed their password.",
        Some(463) => "Session has expired.",
        Some(464) => "Sessions for the user are not allowed because the user is not a confirmed user.",
        Some(492) => "The user does not have a role on the page.",
        Some(_) | None => "The session is invalid.",
    };
    let error = GraphError::new(190, &format!("Error validating access token: {why}"));
    subcode.map_or_else(|| error.clone(), |subcode| error.clone().subcode(subcode))
}
