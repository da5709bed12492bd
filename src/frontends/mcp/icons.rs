//! Small pictures of what tools, resources and prompts are about: drawn here, served under our own address, so that no client fetches anything
//! from elsewhere.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, StatusCode};
use rmcp::model;
use url::Url;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// Somebody's account.
    Account,
    /// A post.
    Post,
    /// A pencil.
    Write,
    /// A calendar.
    Calendar,
    /// A paper plane.
    Send,
    /// A hand that stops.
    Stop,
    /// A picture.
    Media,
    /// Columns.
    Report,
    /// What was said.
    Talk,
    /// How somebody sounds.
    Voice,
}

impl Icon {
    const ALL: [Self; 10] = [
        Self::Account,
        Self::Post,
        Self::Write,
        Self::Calendar,
        Self::Send,
        Self::Stop,
        Self::Media,
        Self::Report,
        Self::Talk,
        Self::Voice,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Post => "post",
            Self::Write => "write",
            Self::Calendar => "calendar",
            Self::Send => "send",
            Self::Stop => "stop",
            Self::Media => "media",
            Self::Report => "report",
            Self::Talk => "talk",
            Self::Voice => "voice",
        }
    }

    /// Lines on a square of 24.
    const fn lines(self) -> &'static str {
        match self {
            Self::Account => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 20c1-4 4-6 8-6s7 2 8 6",
            Self::Post => "M5 4h14v16H5ZM8 9h8M8 13h8M8 17h5",
            Self::Write => "M4 20l1-4L16 5l3 3L8 19ZM14 7l3 3",
            Self::Calendar => "M4 6h16v14H4ZM4 11h16M8 3v5M16 3v5",
            Self::Send => "M3 12l18-8-6 17-4-7ZM11 14l10-10",
            Self::Stop => "M8 3h8l5 5v8l-5 5H8l-5-5V8ZM8 12h8",
            Self::Media => "M4 5h16v14H4ZM4 16l5-5 4 4 3-3 4 4M9 9h.1",
            Self::Report => "M4 20h16M7 20v-7M12 20V5M17 20v-11",
            Self::Talk => "M4 5h16v11H10l-4 4v-4H4Z",
            Self::Voice => "M9 4h6v10H9ZM5 11c0 5 3 7 7 7s7-2 7-7M12 18v3",
        }
    }

    /// A colour that can be seen on light and on dark.
    fn svg(self) -> String {
        let lines = self.lines();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"#0a8f7a\" stroke-width=\"2\" \
             stroke-linejoin=\"round\" stroke-linecap=\"round\"><path d=\"{lines}\"/></svg>"
        )
    }

    /// As the protocol names it.
    pub(super) fn listed(self, public_url: &Url) -> Vec<model::Icon> {
        let src = format!("{}/icons/{}.svg", public_url.as_str().trim_end_matches('/'), self.word());
        vec![model::Icon::new(src)]
    }

    /// What a tool is about.
    pub(super) fn of_tool(name: &str) -> Self {
        match name {
            "list_accounts" | "connect_account" | "disconnect_account" => Self::Account,
            "create_draft" | "update_draft" => Self::Write,
            "schedule_post" | "list_posts" => Self::Calendar,
            "publish_post" => Self::Send,
            "withdraw_post" | "take_down_post" | "pause_publishing" => Self::Stop,
            "attach_media" => Self::Media,
            "report_posts" | "report_traffic" | "report_search" => Self::Report,
            "list_conversations" | "forget_history" => Self::Talk,
            _ => Self::Post,
        }
    }
}

/// The pictures, for everybody: nothing in them is anybody's.
pub(super) fn router() -> Router {
    Router::new().route("/icons/{file}", get(show))
}

async fn show(Path(file): Path<String>) -> Response {
    let Some(icon) = file.strip_suffix(".svg").and_then(|word| Icon::ALL.into_iter().find(|icon| icon.word() == word))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers: [(HeaderName, &str); 4] = [
        (CONTENT_TYPE, "image/svg+xml"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, icon.svg()).into_response()
}
