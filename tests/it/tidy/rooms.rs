//! The dependency rule (STYLE §4, DECISIONS 12): which room may name which, who may name a sibling (nobody), and where foreign crates
//! are fenced in. The table below is the rule; ARCHITECTURE.md explains it.

use std::collections::BTreeSet;

use super::source::{self, File, is_word, line_of, words};
use super::{everywhere, judge, prove};

/// Room, and what of ours it may name besides itself. `a::b` means only that part of room `a`.
const MAY_NAME: [(&str, &[&str]); 26] = [
    ("domain", &[]),
    ("clock", &["domain"]),
    // Nothing in what is shipped, so anybody may name a place.
    ("failpoints", &[]),
    // The kit of a network holds its keys and reads them.
    ("config", &["domain", "platforms::kit"]),
    ("i18n", &["domain"]),
    ("http_out", &["domain", "failpoints", "clock"]),
    ("llm", &["domain", "clock", "http_out"]),
    ("mail", &["domain", "config", "i18n"]),
    ("audit", &["domain", "clock", "store"]),
    ("media", &["domain", "clock", "store", "vault", "http_out"]),
    ("store", &["domain", "failpoints", "clock"]),
    ("vault", &["domain", "clock"]),
    ("platforms", &["domain", "failpoints", "http_out"]),
    ("google", &["domain", "clock", "store", "vault", "http_out"]),
    ("analytics", &["domain", "clock", "store", "vault", "google"]),
    ("desk", &["domain", "clock", "store", "platforms", "vault"]),
    ("upkeep", &["domain", "failpoints", "clock", "store", "vault", "platforms", "google"]),
    ("publisher", &["domain", "failpoints", "clock", "store", "vault", "platforms", "upkeep"]),
    ("tools", &["domain", "clock", "store", "vault", "platforms", "media", "memory", "analytics", "desk", "i18n"]),
    ("agent", &["domain", "clock", "i18n", "llm", "memory"]),
    ("memory", &["domain", "clock", "store", "vault"]),
    (
        "app",
        &[
            "domain",
            "failpoints",
            "clock",
            "config",
            "i18n",
            "http_out",
            "llm",
            "memory",
            "mail",
            "audit",
            "media",
            "store",
            "vault",
            "platforms",
            "google",
            "analytics",
            "pictures",
            "desk",
            "upkeep",
            "publisher",
            "tools",
            "agent",
        ],
    ),
    ("pictures", &[]),
    ("places", &["domain", "config", "app", "desk::view", "i18n", "pictures"]),
    ("frontends", &["domain", "config", "app", "desk::view", "i18n", "pictures", "places"]),
    ("cli", &["domain", "clock", "config", "i18n", "app", "frontends", "publisher", "upkeep"]),
];

/// `main` only starts the house.
const MAIN_MAY_NAME: &[&str] = &["config", "app", "frontends", "publisher", "cli"];

/// Rooms whose members are peers and never name each other.
const PEERS: [&str; 3] = ["frontends", "platforms", "tools"];

/// Files beside the peers that are no peer: what several of them share and no room below could hold.
const SHARED: [(&str, &str); 13] = [
    ("platforms", "answers"),
    ("platforms", "films"),
    ("platforms", "findings"),
    ("platforms", "kept"),
    ("platforms", "kit"),
    ("platforms", "meta"),
    ("platforms", "pictures"),
    ("platforms", "utf16"),
    ("tools", "answer"),
    ("tools", "counted"),
    ("tools", "drawn"),
    ("tools", "figures"),
    ("tools", "outcomes"),
];

/// Foreign crate, and the only places that may name it (a path prefix, or the one thing that may be named there).
const FENCED: [(&str, &[Fence]); 22] = [
    ("sqlx", &[Fence::Under("src/store")]),
    ("axum", &[Fence::Under("src/frontends"), Fence::Only("src/app", "Router")]),
    ("rmcp", &[Fence::Under("src/frontends/mcp")]),
    ("slack_morphism", &[Fence::Under("src/frontends/slack")]),
    ("hyper_rustls", &[Fence::Under("src/frontends/slack")]),
    ("serenity", &[Fence::Under("src/frontends/discord")]),
    ("serenity_reqwest", &[Fence::Under("src/frontends/discord")]),
    ("ed25519_dalek", &[Fence::Under("src/vault")]),
    ("ring", &[Fence::Under("src/vault")]),
    ("aes_gcm", &[Fence::Under("src/vault")]),
    ("hkdf", &[Fence::Under("src/vault")]),
    ("img_parts", &[Fence::Under("src/media")]),
    ("image", &[Fence::Under("src/media")]),
    ("imagesize", &[Fence::Under("src/media")]),
    ("object_store", &[Fence::Under("src/media/bucket.rs")]),
    ("resvg", &[Fence::Under("src/pictures")]),
    ("skrifa", &[Fence::Under("src/pictures")]),
    ("twitter_text", &[Fence::Under("src/platforms/x")]),
    ("csv", &[Fence::Under("src/domain/sheet")]),
    ("rrule", &[Fence::Under("src/domain/recurrence.rs")]),
    ("chrono", &[Fence::Under("src/domain/recurrence.rs")]),
    ("socrazi_sim", &[Fence::Under("src/cli/demo")]),
];

enum Fence {
    /// Anything, below this prefix.
    Under(&'static str),
    /// This one item, below this prefix.
    Only(&'static str, &'static str),
}

/// A path that the code names, from the top of the crate.
struct Mention {
    line: usize,
    path: Vec<String>,
}

/// `src/frontends/mcp/wire.rs` → `frontends`, `mcp`, `wire`.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    inside.split('/').filter(|part| !matches!(*part, "mod" | "lib")).map(str::to_owned).collect()
}

fn may_name(room: &str) -> Option<&'static [&'static str]> {
    match room {
        "main" => Some(MAIN_MAY_NAME),
        room => MAY_NAME.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed),
    }
}

/// Everything of ours that shipped code names, whatever way the path is written.
fn mentions(file: &File) -> Vec<Mention> {
    let code = file.shipped();
    let module = module_of(&file.path);
    let mut found = Vec::new();
    for (at, word) in words(&code) {
        let is_first = !code[..at].trim_end().ends_with("::");
        let Some(rest) = code[at + word.len()..].strip_prefix("::").filter(|_| is_first) else { continue };
        let prefix = match word {
            "crate" | "socrazi" => Vec::new(),
            "self" => module.clone(),
            "super" => module[..module.len().saturating_sub(1)].to_vec(),
            _ => continue,
        };
        let mut paths = Vec::new();
        read_tree(rest, prefix, &mut paths);
        let line = line_of(&code, at);
        found.extend(paths.into_iter().map(|path| Mention { line, path }));
    }
    found
}

/// Reads one path or `use` tree, adds every path in it, and returns what stands behind it.
fn read_tree<'a>(code: &'a str, mut prefix: Vec<String>, found: &mut Vec<Vec<String>>) -> &'a str {
    let code = code.trim_start();
    if let Some(inside) = code.strip_prefix('{') {
        return read_group(inside, &prefix, found);
    }
    let end = code.find(|c: char| !is_word(c)).unwrap_or(code.len());
    match &code[..end] {
        "" | "self" => {}
        "super" => _ = prefix.pop(),
        word => prefix.push(word.to_owned()),
    }
    match code[end..].trim_start().strip_prefix("::").filter(|_| end > 0) {
        Some(rest) => read_tree(rest, prefix, found),
        None => {
            found.push(prefix);
            &code[end..]
        }
    }
}

fn read_group<'a>(inside: &'a str, prefix: &[String], found: &mut Vec<Vec<String>>) -> &'a str {
    let mut rest = inside;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with('}') {
            return rest.strip_prefix('}').unwrap_or(rest);
        }
        rest = read_tree(rest, prefix.to_vec(), found);
        // Past `as name`, `*` and the comma.
        let end = rest.find([',', '}']).unwrap_or(rest.len());
        rest = rest[end..].strip_prefix(',').unwrap_or(&rest[end..]);
    }
}

fn breaks_the_table(file: &File) -> Vec<String> {
    let module = module_of(&file.path);
    let Some(room) = module.first().filter(|_| file.is_server()) else { return Vec::new() };
    let Some(allowed) = may_name(room) else {
        return vec![format!("{}: the room `{room}` does not stand in the table", file.path)];
    };
    let is_ours = |path: &[String]| path.first().is_some_and(|first| first != room && may_name(first).is_some());
    let fits =
        |path: &[String]| allowed.iter().any(|entry| entry.split("::").eq(path.iter().take(entry.split("::").count())));
    mentions(file)
        .into_iter()
        .filter(|mention| is_ours(&mention.path) && !fits(&mention.path))
        .map(|mention| {
            let named = mention.path.join("::");
            format!("{}:{}: `{room}` names `{named}`; it may name {allowed:?}", file.path, mention.line)
        })
        .collect()
}

/// The peers of each room in [`PEERS`]: folders and files beside its `mod.rs`.
fn peers(files: &[File]) -> BTreeSet<(String, String)> {
    let modules = files.iter().filter(|file| file.is_server()).map(|file| module_of(&file.path));
    let is_peer =
        |module: &Vec<String>| module.len() > 1 && !SHARED.contains(&(module[0].as_str(), module[1].as_str()));
    modules.filter(is_peer).map(|module| (module[0].clone(), module[1].clone())).collect()
}

fn looks_sideways(file: &File, peers: &BTreeSet<(String, String)>) -> Vec<String> {
    let module = module_of(&file.path);
    let [room, own, ..] = module.as_slice() else { return Vec::new() };
    if !file.is_server() || !PEERS.contains(&room.as_str()) {
        return Vec::new();
    }
    let is_sibling = |path: &[String]| match path {
        [first, second, ..] => first == room && second != own && peers.contains(&(first.clone(), second.clone())),
        _ => false,
    };
    let found = mentions(file).into_iter().filter(|mention| is_sibling(&mention.path));
    found
        .map(|mention| format!("{}:{}: names its sibling `{}`", file.path, mention.line, mention.path.join("::")))
        .collect()
}

fn climbs_the_fence(file: &File) -> Vec<String> {
    if !file.is_server() {
        return Vec::new();
    }
    let code = file.shipped();
    let mut found = Vec::new();
    for (at, word) in words(&code) {
        let Some((_, fences)) = FENCED.iter().find(|(name, _)| *name == word) else { continue };
        let (before, after) = (code[..at].trim_end(), &code[at + word.len()..]);
        let is_crate = !before.ends_with("::")
            && (after.starts_with("::") || before.ends_with("use") || before.ends_with("crate"));
        let is_inside = |fence: &Fence| match fence {
            Fence::Under(place) => file.path.starts_with(place),
            Fence::Only(place, item) => file.path.starts_with(place) && names_only(after, item),
        };
        if is_crate && !fences.iter().any(is_inside) {
            found.push(format!("{}:{}: names the crate `{word}`", file.path, line_of(&code, at)));
        }
    }
    found
}

fn names_only(after: &str, item: &str) -> bool {
    after.strip_prefix("::").and_then(|rest| rest.strip_prefix(item)).is_some_and(|rest| !rest.starts_with(is_word))
}

/// Only `store::arm` has seen the attempt become durable, so only it may make the proof (RELIABILITY, one-shot permission).
fn forges_the_proof(file: &File) -> Vec<String> {
    if !file.is_server() || file.path.starts_with("src/store") || file.path == "src/domain/commit.rs" {
        return Vec::new();
    }
    let code = file.shipped();
    let found = words(&code).into_iter().filter(|(_, word)| *word == "witnessed");
    found.map(|(at, _)| format!("{}:{}: makes an `Armed`", file.path, line_of(&code, at))).collect()
}

#[test]
fn every_room_names_only_what_the_table_lets_it_name() {
    let bad = [
        ("src/domain/post.rs", "use crate::store::Db;"),
        ("src/domain/post.rs", "fn a() { crate::clock::boot_ms(); }"),
        ("src/vault/mod.rs", "use crate::{domain::ids::UserId, store::{self, Db}};"),
        ("src/frontends/web/post.rs", "use super::super::super::desk::step;"),
        ("src/frontends/web/post.rs", "use crate::desk::{view::PostView, edit};"),
        ("src/main.rs", "use socrazi::store;"),
        ("tools/get_post.rs", "use crate::app::App;"),
        ("src/utils/mod.rs", ""),
    ];
    let good = [
        ("src/domain/post.rs", "use super::ids::PostId; use crate::say; // crate::store"),
        ("src/domain/post.rs", "#[cfg(test)] mod tests { use crate::clock::boot_ms; }"),
        ("src/frontends/web/post.rs", "use crate::desk::view::PostView; use crate::app::{App, Verdict};"),
        ("src/app/mod.rs", "use self::settings::X; const A: &str = \"crate::cli\";"),
        ("src/platforms/x/mod.rs", "use super::{Platform, Tokens}; use crate::http_out::Client;"),
        ("src/lib.rs", "pub mod app;"),
        ("src/store/tests.rs", "use crate::app::App;"),
    ];
    prove(breaks_the_table, &bad, &good);
    judge(
        &everywhere(breaks_the_table),
        "Move the shared thing down, or take it as an argument. A wider door between rooms is a line in tests/it/tidy/rooms.rs and one \
         under Decisions in ARCHITECTURE.md.",
    );
}

#[test]
fn front_ends_platforms_and_tools_never_name_a_sibling() {
    let names = [
        ("frontends", "mcp"),
        ("frontends", "web"),
        ("platforms", "x"),
        ("tools", "get_post"),
        ("tools", "create_draft"),
    ];
    let known = names.map(|(room, peer)| (room.to_owned(), peer.to_owned())).into();
    let bad = [
        ("src/frontends/mcp/mod.rs", "use crate::frontends::web::Page;"),
        ("src/frontends/mcp/wire.rs", "use super::super::web;"),
        ("tools/get_post.rs", "use super::create_draft::CreateDraft;"),
        ("tools/get_post.rs", "use crate::tools::{Tool, create_draft};"),
    ];
    let good = [
        ("tools/mod.rs", "use self::create_draft::CreateDraft;"),
        ("tools/get_post.rs", "use super::{Tool, ToolContext}; use super::answer::PostAnswer;"),
        ("src/frontends/mcp/mod.rs", "use crate::frontends::mcp::wire; use self::wire::X;"),
    ];
    prove(|file| looks_sideways(file, &known), &bad, &good);
    let files = source::tree();
    let peers = peers(&files);
    let findings: Vec<String> = files.iter().flat_map(|file| looks_sideways(file, &peers)).collect();
    judge(&findings, "Peers share nothing directly: move what both need down into a room below (STYLE §4).");
}

#[test]
fn foreign_crates_stay_behind_their_fences() {
    let bad = [
        ("src/desk/mod.rs", "use sqlx::Row;"),
        ("src/desk/mod.rs", "#[derive(sqlx::FromRow)] struct A;"),
        ("src/app/mod.rs", "use axum::extract::State;"),
        ("src/frontends/web/mod.rs", "rmcp::serve();"),
        ("src/store/keys.rs", "use aes_gcm::Aes256Gcm;"),
        ("tools/create_draft.rs", "use twitter_text;"),
        ("src/cli/serve.rs", "use socrazi_sim::x;"),
    ];
    let good = [
        ("src/store/mod.rs", "use sqlx::Row;"),
        ("src/app/mod.rs", "fn pages() -> axum::Router { todo() }"),
        ("src/cli/demo.rs", "use socrazi_sim::x;"),
        ("src/desk/mod.rs", "let text = \"sqlx::Row\"; // axum::Router"),
        ("tests/it/world.rs", "use axum::Router;"),
    ];
    prove(climbs_the_fence, &bad, &good);
    judge(
        &everywhere(climbs_the_fence),
        "A foreign crate lives in one room so that it can be changed there. Give that room a plain function and call it. `serve` must never \
         reach a simulator: only src/cli/demo*.rs may.",
    );
}

#[test]
fn only_the_store_hands_out_the_permission_to_send() {
    let bad = [
        ("src/publisher/tick.rs", "let armed = Armed::witnessed(a, b, c);"),
        ("src/platforms/x/mod.rs", "crate::domain::commit::Armed::witnessed(a, b, c);"),
    ];
    let good = [
        ("src/store/arm.rs", "Armed::witnessed(a, b, c)"),
        ("src/domain/commit.rs", "pub(crate) fn witnessed() {}"),
        ("src/platforms/x/mod.rs", "#[cfg(test)] mod tests { fn a() { Armed::witnessed(a, b, c); } }"),
    ];
    prove(forges_the_proof, &bad, &good);
    judge(
        &everywhere(forges_the_proof),
        "Call store::arm and pass on the proof it returns: a post that goes out needs a durable attempt row.",
    );
}

#[test]
fn the_map_names_every_room_and_stays_short() {
    const LINES_MAX: usize = 200; // read in one sitting (STYLE §2)
    fn gaps(map: &File, rooms: &BTreeSet<String>) -> Vec<String> {
        let is_named = |room: &String| ["`", "/", " "].iter().any(|edge| map.text.contains(&format!("{edge}{room}")));
        let unnamed =
            rooms.iter().filter(|room| !is_named(room)).map(|room| format!("ARCHITECTURE.md does not name `{room}`"));
        let lines = map.text.lines().count();
        let too_long =
            (lines > LINES_MAX).then(|| format!("ARCHITECTURE.md has {lines} lines, at most {LINES_MAX} are read"));
        unnamed.chain(too_long).collect()
    }
    let example = BTreeSet::from(["store".to_owned()]);
    prove(
        |file| gaps(file, &example),
        &[("a.md", "no rooms"), ("a.md", &"`store`\n".repeat(201))],
        &[("a.md", "| `store` |")],
    );

    let house =
        source::tree().into_iter().filter(File::is_server).filter_map(|file| module_of(&file.path).first().cloned());
    let rooms: BTreeSet<String> = house.filter(|room| room != "main").collect();
    let findings = match source::find("ARCHITECTURE.md") {
        Some(map) => gaps(&map, &rooms),
        None => vec!["ARCHITECTURE.md is missing".to_owned()],
    };
    judge(&findings, "The map is for somebody new: one line per room with what it holds and what it must not hold.");
}
