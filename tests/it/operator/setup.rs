//! `socrazi setup`: addresses, permissions, steps and audits of every network, in both languages, and what it refuses.

use socrazi::app::setup::services;
use socrazi::domain::google::Service;

use super::{configured, names, run};

/// All keys that say where a network stands, audited and verified.
const PASSED: &str = "public_url = \"https://post.example\"\n[tiktok]\nclient_key = \"k\"\nclient_secret = \"hush\"\naudited = \"on\"\nurl_verified = \"on\"\n\
    [google]\nclient_id = \"i\"\nclient_secret = \"hush\"\nyoutube_audit = \"passed\"\n";

#[test]
fn setup_tells_of_every_network_its_address_permissions_steps_and_audit_in_both_languages() {
    let folder = configured("public_url = \"https://post.example\"\n");
    let rows = [
        ("x", "/connect/x/callback", "media.write – pictures and videos", "developer.x.com", "pay-per-use"),
        (
            "threads",
            "/connect/threads/callback",
            "threads_delete – taking posts down",
            "/meta/deauthorize",
            "App Review",
        ),
        (
            "instagram",
            "/connect/instagram/callback",
            "_manage_comments – the first comment",
            "/meta/data-deletion",
            "Personal",
        ),
        ("linkedin", "/connect/linkedin/callback", "w_member_social – publishing", "linkedin.client_id", "60 days"),
        ("tiktok", "/connect/tiktok/callback", "video.upload – drafts in the inbox", "Login Kit", "author's eyes only"),
        ("youtube", "/connect/google/callback", "auth/youtube – publishing", "YouTube Data API v3", "stays private"),
        ("google", "/connect/google/callback", "analytics.readonly – reports of", "Search Console API", "7 days"),
    ];
    assert_eq!(rows.map(|row| row.0).to_vec(), services().map(Service::slug).collect::<Vec<_>>());
    for (name, redirect, scope, step, plan) in rows {
        let english = run(folder.path(), &["setup", name]);
        assert_eq!(english.status, 0, "{}", english.err);
        for word in [format!("https://post.example{redirect}").as_str(), scope, step, plan, "1. ", "Cost"] {
            assert!(english.out.contains(word), "{word:?} is not in {}", english.out);
        }
        let japanese = run(folder.path(), &["setup", name, "--lang", "ja"]).out;
        for word in ["リダイレクト先のアドレス", "手順", "審査やプランによる制限", redirect] {
            assert!(japanese.contains(word), "{word:?} is not in {japanese}");
        }
        assert!(!japanese.contains("Register") && !japanese.contains("Steps"), "{japanese}");
    }
    assert_eq!(names(folder.path()), ["socrazi.toml"], "telling makes nothing");
}

#[test]
fn what_is_not_audited_is_red_until_the_audit_is_set() {
    let red = "[refused before scheduling]";
    let (before, after) = (configured(""), configured(PASSED));
    for name in ["tiktok", "youtube"] {
        let told = run(before.path(), &["setup", name]).out;
        assert!(told.contains(red) && told.contains("keys are not set yet"), "{told}");
        let told = run(after.path(), &["setup", name]);
        assert!(!told.out.contains(red) && told.out.contains("keys are set"), "{}", told.out);
        assert!(!told.out.contains("hush") && !told.err.contains("hush"), "{}{}", told.out, told.err);
    }
    let lined = run(before.path(), &["doctor"]).out;
    assert!(lined.contains("(tiktok.audited is off)") && lined.contains("(google.youtube_audit is none)"), "{lined}");
}

#[test]
fn setup_of_nothing_or_of_an_unknown_network_names_what_is_allowed() {
    let folder = configured("");
    let all = "x, threads, instagram, linkedin, tiktok, youtube, google";
    run(folder.path(), &["setup"]).says(2, &["name of a network", all]);
    run(folder.path(), &["setup", "mastodon"]).says(2, &["setup mastodon: there is no such network", all]);
    run(folder.path(), &["setup", "x", "--lang", "fr"]).says(2, &["en or ja"]);
}
