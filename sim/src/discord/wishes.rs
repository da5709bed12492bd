//! What scripts may ask of the simulated world, as JSON: `{"act": "say", "user": …}`. Carrying it out is the desk's.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// A file, its bytes in Base64.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) base64: String,
}

/// What the product answers to.
#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Asking {
    Command {
        user: String,
        channel: String,
        path: String,
        #[serde(default)]
        options: Value,
    },
    Autocomplete {
        user: String,
        channel: String,
        path: String,
        option: String,
        text: String,
        #[serde(default)]
        options: Value,
    },
    MessageCommand {
        user: String,
        channel: String,
        message: String,
        name: String,
    },
    UserCommand {
        user: String,
        channel: String,
        target: String,
        name: String,
    },
    Press {
        user: String,
        channel: String,
        message: String,
        custom_id: String,
    },
    PressLabelled {
        user: String,
        channel: String,
        message: String,
        label: String,
    },
    Choose {
        user: String,
        channel: String,
        message: String,
        custom_id: String,
        values: Vec<String>,
    },
    Submit {
        user: String,
        modal: String,
        values: Vec<(String, Value)>,
    },
}

/// What makes something that has an id.
#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Making {
    Say {
        user: String,
        channel: String,
        text: String,
        #[serde(default)]
        reply_to: Option<String>,
        #[serde(default)]
        silent_reply: bool,
        #[serde(default)]
        files: Vec<Upload>,
    },
    Thread {
        user: String,
        channel: String,
        #[serde(default)]
        message: Option<String>,
        name: String,
    },
    Upload {
        channel: String,
        file: Upload,
    },
    AddUser {
        username: String,
        locale: String,
    },
    AddGuild {
        owner: String,
        name: String,
        locale: String,
    },
    AddRole {
        guild: String,
        name: String,
        #[serde(default)]
        permissions: u64,
    },
    AddChannel {
        guild: String,
        name: String,
    },
    AddGroup {
        people: Vec<String>,
    },
    Dm {
        user: String,
    },
}

/// What changes something, or happens to somebody.
#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Turning {
    Reword {
        channel: String,
        message: String,
        text: String,
    },
    Erase {
        channel: String,
        message: String,
    },
    Dismiss {
        modal: String,
    },
    Redeliver {
        interaction: String,
    },
    Retell {
        channel: String,
        message: String,
    },
    Join {
        guild: String,
        user: String,
        #[serde(default)]
        roles: Vec<String>,
    },
    Part {
        guild: String,
        user: String,
    },
    Install {
        guild: String,
    },
    Uninstall {
        guild: String,
    },
    UserInstall {
        user: String,
        is_installed: bool,
    },
    TakesDms {
        user: String,
        takes: bool,
    },
    Locale {
        user: String,
        locale: String,
    },
    Permissions {
        guild: String,
        permissions: u64,
    },
    Deny {
        channel: String,
        permissions: u64,
    },
    Slowmode {
        channel: String,
        seconds: u64,
    },
    Archive {
        thread: String,
        locked: bool,
    },
    Intents {
        privileged: u64,
    },
    AckMs {
        ms: u64,
    },
    EnforceRates {
        enforces: bool,
    },
    Copies {
        copies: u32,
    },
    ResumeOverlap {
        events: usize,
    },
    HeartbeatMs {
        ms: u64,
    },
    AcksHeartbeats {
        acks: bool,
    },
    StartsLeft {
        starts: u32,
    },
    Shards {
        shards: u64,
    },
    ResetToken {
        token: String,
    },
    Reconnect,
    Invalidate {
        can_resume: bool,
    },
    AskHeartbeat,
    Close {
        code: u16,
    },
    Cut,
    ForgetSessions,
    Endpoint {
        url: Option<Url>,
    },
    SaveEndpoint {
        url: Url,
    },
    ProbeEndpoint,
    Forgive,
}
