//! MCP Apps (`io.modelcontextprotocol/ui`, 2026-01-26): small pages that an assistant shows beside a tool's answer: the calendar, a post, a report.
//! Each is one document without network: style and script inside, both named by hash in its own policy, and only texts that are put in as
//! texts. Plain answers are whole without them, and nothing in them approves: the button opens the page where a person does.

use std::sync::OnceLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rmcp::model::{
    CacheScope, ClientCapabilities, ExtensionCapabilities, MetaObject, ReadResourceResult, ResourceContents,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::resources::Reader;
use crate::app::figures;
use crate::domain::days::day_of;
use crate::domain::lang::Lang;
use crate::domain::network::Network;
use crate::domain::post_status::PostStatus;
use crate::domain::tool::{Effect, ToolOutcome, ToolSpec};

/// The extension's name.
const EXTENSION: &str = "io.modelcontextprotocol/ui";
/// What an app's document is.
const MIME_TYPE: &str = "text/html;profile=mcp-app";
/// Where an answer for people is found by an app.
const VIEW: &str = "socrazi/view";
/// Where an app finds pictures of a post: of its accounts, in order.
const PICTURES: &str = "socrazi/pictures";
const STYLE: &str = include_str!("../../../assets/apps/app.css");
const BRIDGE: &str = include_str!("../../../assets/apps/bridge.js");

/// One app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AppPage {
    /// Posts by week and day.
    Calendar,
    /// One post, with the way to its approval.
    Post,
    /// What went out.
    Report,
    /// Figures of Google.
    Figures,
}

impl AppPage {
    const ALL: [Self; 4] = [Self::Calendar, Self::Post, Self::Report, Self::Figures];

    const fn uri(self) -> &'static str {
        match self {
            Self::Calendar => "ui://socrazi/calendar",
            Self::Post => "ui://socrazi/post",
            Self::Report => "ui://socrazi/report",
            Self::Figures => "ui://socrazi/figures",
        }
    }

    const fn script(self) -> &'static str {
        match self {
            Self::Calendar => include_str!("../../../assets/apps/calendar.js"),
            Self::Post => include_str!("../../../assets/apps/post.js"),
            Self::Report => include_str!("../../../assets/apps/report.js"),
            Self::Figures => include_str!("../../../assets/apps/figures.js"),
        }
    }

    /// The one at an address.
    pub(super) fn find(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.uri() == uri)
    }

    /// What shows a tool's answer.
    fn of_tool(name: &str) -> Option<Self> {
        match name {
            "list_posts" => Some(Self::Calendar),
            "get_post" | "create_draft" | "update_draft" | "schedule_post" | "publish_post" => Some(Self::Post),
            "report_posts" => Some(Self::Report),
            "report_traffic" | "report_search" | "report_videos" => Some(Self::Figures),
            _ => None,
        }
    }
}

/// What the server says of itself.
pub(super) fn extensions() -> ExtensionCapabilities {
    let settings = json!({ "mimeTypes": [MIME_TYPE] }).as_object().cloned().unwrap_or_default();
    ExtensionCapabilities::from([(EXTENSION.to_owned(), settings)])
}

/// Whether a client shows apps.
pub(super) fn are_shown(capabilities: Option<&ClientCapabilities>) -> bool {
    let extensions = capabilities.and_then(|capabilities| capabilities.extensions.as_ref());
    extensions.is_some_and(|extensions| extensions.contains_key(EXTENSION))
}

/// What a tool says of its app. A script in a frame may only read: whatever writes is for the model, which people watch.
pub(super) fn meta(spec: &ToolSpec) -> MetaObject {
    let mut ui = serde_json::Map::new();
    if let Some(page) = AppPage::of_tool(spec.name) {
        ui.insert("resourceUri".into(), page.uri().into());
    }
    if spec.effect != Effect::Reads {
        ui.insert("visibility".into(), json!(["model"]));
    }
    let mut meta = MetaObject::default();
    if !ui.is_empty() {
        meta.0.insert("ui".into(), ui.into());
    }
    meta
}

impl Reader {
    /// An app's document, in the person's language.
    pub(super) fn app_page(&self, page: AppPage) -> ReadResourceResult {
        let csp = json!({ "connectDomains": [], "resourceDomains": [], "frameDomains": [], "baseUriDomains": [] });
        let mut meta = MetaObject::default();
        meta.0.insert("ui".into(), json!({ "csp": csp, "prefersBorder": true }));
        let contents =
            ResourceContents::text(self.document(page), page.uri()).with_mime_type(MIME_TYPE).with_meta(meta);
        ReadResourceResult::new(vec![contents]).with_ttl_ms(0).with_cache_scope(CacheScope::Private)
    }

    fn document(&self, page: AppPage) -> String {
        // A document is read as markup before it is read as a script: no word may end it.
        let said = self.said().to_string().replace('<', "\\u003c");
        let script = format!("const SAID = {said};\n{}{BRIDGE}", page.script());
        let policy = format!(
            "default-src 'none'; script-src '{}'; style-src '{}'; {}base-uri 'none'; form-action 'none'",
            hash(&script),
            style_hash(),
            // Only what comes with an answer: nothing is fetched for it.
            if page == AppPage::Post { "img-src data:; " } else { "" }
        );
        let lang = self.caller().lang.tag();
        format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Socrazi</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <script>{script}</script>\n</body>\n</html>\n"
        )
    }

    /// Every word that stands in an app.
    fn said(&self) -> Value {
        let (words, lang) = (self.app.words(), self.caller().lang);
        let text = |key: &str| words.text(lang, key);
        let statuses: serde_json::Map<String, Value> = PostStatus::ALL
            .into_iter()
            .map(|status| (status.word().to_owned(), words.say(lang, &status.wording()).into()))
            .collect();
        let networks: serde_json::Map<String, Value> =
            Network::ALL.into_iter().map(|network| (network.slug().to_owned(), network.shown().into())).collect();
        json!({
            "lang": lang.tag(),
            "version": env!("CARGO_PKG_VERSION"),
            "home": format!("{}/", self.app.public_url().as_str().trim_end_matches('/')),
            "today": day_of(self.app.now_ms(), &self.caller().zone).to_string(),
            "statuses": statuses,
            "networks": networks,
            "calendar": text("mcp-app-calendar"),
            "week": text("mcp-app-week"),
            "untimed": text("mcp-app-untimed"),
            "untitled": text("mcp-resource-post"),
            "none": text("mcp-app-none"),
            "more": text("mcp-app-more"),
            "open": text("mcp-app-open"),
            "look": text("post-open"),
            "approve": text("approval-look"),
            "waits": text("mcp-app-waits"),
            "strange": text("mcp-app-strange"),
            "tried": text("mcp-app-tried"),
            "times": text("mcp-app-times"),
            "media": text("mcp-app-media"),
            "report": text("mcp-resource-any-report"),
            "nothing": text("mcp-app-nothing"),
            "missing": text("mcp-app-missing"),
            "out": text("mcp-resource-any-report"),
            "compared": text("mcp-app-compared"),
            "noFigures": text("mcp-app-no-figures"),
            "file": text("mcp-app-file"),
            "cancelled": text("mcp-app-cancelled"),
        })
    }

    /// The answer as its person reads it, for the app: models keep theirs. Nothing where there is no app or no more to say.
    pub(super) async fn view(&self, name: &str, arguments: &Value, outcome: &ToolOutcome) -> Option<MetaObject> {
        let (caller, lang) = (self.caller(), self.caller().lang);
        let view = match AppPage::of_tool(name)? {
            // What was only tried is nowhere else: the answer shows it.
            AppPage::Post if outcome.structured["dry_run"] == true => return None,
            AppPage::Post => {
                let post = outcome.structured["post"]["id"].as_str()?;
                self.app.read_tool_in(caller, lang, ("get_post", json!({ "post": post }))).await
            }
            AppPage::Calendar | AppPage::Report if lang == Lang::En => return None,
            // Names of columns are people's words in either language.
            AppPage::Figures if lang == Lang::En => Ok(outcome.clone()),
            AppPage::Calendar | AppPage::Report | AppPage::Figures => {
                self.app.read_tool_in(caller, lang, (name, arguments.clone())).await
            }
        };
        // The tool has answered: an app without this shows what the model reads.
        let mut view =
            view.inspect_err(|error| tracing::debug!(error = %error, "an app goes without its own words")).ok()?;
        let mut meta = MetaObject::default();
        if AppPage::of_tool(name) == Some(AppPage::Post) && view.structured["post"]["next_cursor"].is_null() {
            let id = view.structured["post"]["id"].as_str().unwrap_or_default();
            meta.0.insert(PICTURES.into(), self.pictures_beside(id).await);
        }
        if AppPage::of_tool(name) == Some(AppPage::Figures) {
            view.structured["names"] = self.column_names(&view.structured);
        }
        meta.0.insert(VIEW.into(), view.structured);
        Some(meta)
    }

    /// What people call the columns of a report, by their own names.
    fn column_names(&self, answer: &Value) -> Value {
        let (words, lang) = (self.app.words(), self.caller().lang);
        let columns = answer["columns"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let totals = answer["totals"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        let said = |column: &str| {
            let (api, share) = column.strip_suffix("_percent").map_or((column, ""), |api| (api, " (%)"));
            (column.to_owned(), Value::from(format!("{}{share}", figures::name(words, lang, api))))
        };
        Value::Object(columns.chain(totals).map(said).collect())
    }

    /// A post as its accounts would show it, in order; `null` where there is no picture.
    async fn pictures_beside(&self, id: &str) -> Value {
        let Ok(id) = id.parse() else { return Value::Null };
        let Ok(post) = self.app.read_post(self.caller(), &id).await else { return Value::Null };
        let one = |(png, alt): (String, String)| json!({ "png": png, "alt": alt });
        json!(self.drawn(&post).await.into_iter().map(|drawn| drawn.map(one)).collect::<Vec<_>>())
    }
}

fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text.as_bytes())))
}

fn style_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash(STYLE))
}
