//! Posts, little text, duplicates, comments, quotas and crashes (dossier §3.1, §3.2, §3.6, §4, §5).

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::linkedin::{LinkedInOptions, LinkedInSim, Tuning};
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, BEN, Desk, PAGE, SELF_SERVE, desk, desk_with, encoded, options, partner, text_post, with};

fn poll(options: &[&str]) -> Value {
    let options: Vec<Value> = options.iter().map(|text| json!({"text": text})).collect();
    json!({"content": {"poll": {"question": "Q?", "options": options, "settings": {"duration": "THREE_DAYS"}}}})
}

fn article(members: Value) -> Value {
    json!({"content": {"article": with(json!({"source": "https://e.example/a", "title": "T"}), members)}})
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_just_outside_and_taken_just_inside() -> anyhow::Result<()> {
    let desk = desk().await?;
    let (fits, long) = ("a".repeat(3_000), "a".repeat(3_001));
    let (pairs, odd) = ("😀".repeat(1_500), "😀".repeat(1_500) + "x");
    let escaped = "\\(".repeat(3_000);
    let (question, option) = ("q".repeat(141), "o".repeat(31));
    for (code, members) in [
        ("", json!({"commentary": fits})),
        ("FIELD_LENGTH_TOO_LONG", json!({"commentary": long})),
        ("", json!({"commentary": pairs})),
        ("FIELD_LENGTH_TOO_LONG", json!({"commentary": odd})),
        ("", json!({"commentary": escaped})),
        ("MISSING_FIELD", json!({"commentary": " "})),
        ("MISSING_FIELD", json!({"commentary": null})),
        ("MISSING_FIELD", json!({"author": null})),
        ("INVALID_URN_TYPE", json!({"author": "urn:li:share:1"})),
        ("INVALID_URN_ID", json!({"author": "Ana"})),
        ("MISSING_FIELD", json!({"visibility": null})),
        ("INVALID_VALUE_FOR_FIELD", json!({"visibility": "FRIENDS"})),
        ("", json!({"visibility": "CONNECTIONS", "commentary": "c"})),
        ("", json!({"visibility": "LOGGED_IN", "commentary": "l"})),
        ("MISSING_FIELD", json!({"lifecycleState": null})),
        ("INVALID_VALUE_FOR_FIELD", json!({"lifecycleState": "DRAFT"})),
        ("MISSING_FIELD", json!({"distribution": null})),
        ("INVALID_VALUE_FOR_FIELD", json!({"distribution": {"feedDistribution": "ALL"}})),
        ("ILLEGAL_ARGUMENT", json!({"scheduledAt": 1})),
        ("INVALID_VALUE_FOR_FIELD", json!({"isReshareDisabledByAuthor": "yes"})),
        ("", poll(&["a", "b"])),
        ("", poll(&["1", "2", "3", &"o".repeat(30)])),
        ("INVALID_VALUE_FOR_FIELD", poll(&["a"])),
        ("INVALID_VALUE_FOR_FIELD", poll(&["1", "2", "3", "4", "5"])),
        ("FIELD_LENGTH_TOO_LONG", poll(&["a", &option])),
        ("MISSING_FIELD", poll(&["a", ""])),
        ("FIELD_LENGTH_TOO_LONG", json!({"content": {"poll": {"question": question, "options": [], "settings": {}}}})),
        ("", article(json!({"description": "D"}))),
        ("MISSING_FIELD", article(json!({"title": null}))),
        ("MISSING_FIELD", article(json!({"source": null}))),
        ("INVALID_VALUE_FOR_FIELD", article(json!({"source": "mailto:a@e.example"}))),
        ("ILLEGAL_ARGUMENT", article(json!({"image": "x"}))),
        ("INVALID_VALUE_FOR_FIELD", json!({"content": {}})),
        ("INVALID_VALUE_FOR_FIELD", json!({"content": {"poll": {}, "article": {}}})),
        ("INVALID_VALUE_FOR_FIELD", json!({"content": {"carousel": {}}})),
        ("ILLEGAL_ARGUMENT", json!({"content": {"story": {}}})),
        ("INVALID_URN_ID", json!({"content": {"media": {"id": "urn:li:image:C4E1"}}})),
        ("INVALID_URN_TYPE", json!({"content": {"media": {"id": "urn:li:digitalmediaAsset:1"}}})),
        ("INVALID_URN_ID", json!({"reshareContext": {"parent": "urn:li:share:1"}})),
    ] {
        let seen = desk.post("/rest/posts", &with(text_post("t"), members.clone())).await?;
        assert_eq!(
            (seen.status, seen.at("/code").as_str()),
            (if code.is_empty() { 201 } else { 400 }, code),
            "{members:.100} {}",
            seen.text
        );
    }
    assert_eq!(desk.sim.ledger().len(), 8);
    let form = desk.asking(Method::POST, "/rest/posts")?.form(&[("author", ANA)]);
    assert_eq!(desk.send(form).await?.status, 415);
    let broken = desk.asking(Method::POST, "/rest/posts")?.header("Content-Type", "application/json").body("{");
    assert_eq!(desk.send(broken).await?.at("/code"), "ILLEGAL_ARGUMENT");
    Ok(())
}

#[tokio::test]
async fn little_text_is_shown_unescaped_or_silently_cut() -> anyhow::Result<()> {
    let desk = desk().await?;
    let mention = format!(r"Thanks @[Socrazi Demo]({PAGE}) and @[socrazi demo]({PAGE}) {{hashtag|\#|rust}} #日本");
    for raw in [r"a \(b\) #rust c\_d", "call (now)", &mention] {
        desk.publish(&text_post(raw)).await?;
    }
    let ledger = desk.sim.ledger();
    let seen: Vec<&str> = ledger.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(seen, ["a (b) #rust c_d", "call ", "Thanks Socrazi Demo and socrazi demo #rust #日本"]);
    assert_eq!(ledger[1].details["is_cut"], true);
    assert_eq!(ledger[2].details["mentions"], json!([{"name": "Socrazi Demo", "urn": PAGE}]));
    assert_eq!(ledger[2].details["hashtags"], json!(["rust", "日本"]));
    Ok(())
}

#[tokio::test]
async fn the_new_id_stands_in_a_header_that_may_be_missing() -> anyhow::Result<()> {
    let desk = desk().await?;
    assert!(desk.publish(&text_post("a")).await?.starts_with("urn:li:share:7"));
    assert!(desk.publish(&with(text_post("b"), poll(&["a", "b"]))).await?.starts_with("urn:li:ugcPost:7"));
    desk.sim.tune(Tuning { drops_id: true, ..Tuning::default() });
    let seen = desk.post("/rest/posts", &text_post("c")).await?;
    assert_eq!(
        (seen.status, seen.header("x-restli-id"), seen.header("x-linkedin-id")),
        (201, String::new(), String::new())
    );
    assert_eq!(desk.sim.ledger().len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_repeat_is_refused_and_names_the_first_also_after_a_lost_answer_and_a_deletion() -> anyhow::Result<()> {
    let desk = desk().await?;
    let first = desk.publish(&text_post("same")).await?;
    let again = desk.post("/rest/posts", &text_post("same")).await?;
    assert_eq!((again.status, again.at("/errorDetails/inputErrors/0/code")), (422, "DUPLICATE_POST".into()));
    assert_eq!(again.at("/message"), format!("Content is a duplicate of {first}"));
    desk.publish(&text_post("Same")).await?;
    for (kind, text) in [
        (FaultKind::ResetAfter, "reset"),
        (FaultKind::StatusAfter { status: 504, body: "<html>".into() }, "gateway"),
        (FaultKind::BrokenBodyAfter, "broken"),
    ] {
        desk.sim.set_faults(vec![Fault::once("POST", "/rest/posts", kind)]);
        let lost = desk.post("/rest/posts", &text_post(text)).await;
        assert!(lost.is_err() || lost.is_ok_and(|seen| seen.header("x-restli-id").is_empty()));
        let found = desk.post("/rest/posts", &text_post(text)).await?;
        let id = desk.sim.ledger().last().map(|entry| entry.id.clone()).unwrap_or_default();
        assert_eq!((found.status, found.at("/message")), (422, format!("Content is a duplicate of {id}")));
    }
    desk.sim.set_faults(vec![Fault::once("POST", "/rest/posts", FaultKind::ResetBefore)]);
    assert!(desk.post("/rest/posts", &text_post("never")).await.is_err());
    desk.publish(&text_post("never")).await?;
    let path = format!("/rest/posts/{}", encoded(&first));
    assert_eq!(desk.send(desk.asking(Method::DELETE, &path)?).await?.status, 204);
    assert_eq!(
        desk.post("/rest/posts", &text_post("same")).await?.at("/message"),
        format!("Content is a duplicate of {first}")
    );
    desk.clock.advance_ms(48 * 3_600_000);
    assert_ne!(desk.publish(&text_post("same")).await?, first);
    desk.sim.tune(Tuning { duplicate_ms: 0, ..Tuning::default() });
    desk.publish(&text_post("same")).await?;
    Ok(())
}

#[tokio::test]
async fn one_writes_as_oneself_or_as_a_page_that_one_runs() -> anyhow::Result<()> {
    let desk = desk().await?;
    let as_author = |author: &str, text: &str| with(text_post(text), json!({"author": author}));
    for author in [BEN, PAGE] {
        let seen = desk.post("/rest/posts", &as_author(author, "x")).await?;
        assert_eq!(
            (seen.status, seen.at("/code"), seen.at("/serviceErrorCode")),
            (403, "ACCESS_DENIED".into(), "100".into())
        );
    }
    let reader = desk_with(options(), &["openid"]).await?;
    let seen = reader.post("/rest/posts", &text_post("x")).await?;
    assert_eq!(
        (seen.status, seen.at("/message")),
        (403, "Not enough permissions to access: posts.CREATE.20260901".into())
    );
    let admin = desk_with(partner(), &["w_organization_social"]).await?;
    assert_eq!(admin.post("/rest/posts", &text_post("x")).await?.status, 403, "a page's scope is not a member's");
    let page = admin.publish(&as_author(PAGE, "news")).await?;
    let narrow = with(as_author(PAGE, "y"), json!({"visibility": "CONNECTIONS"}));
    assert_eq!(admin.post("/rest/posts", &narrow).await?.at("/code"), "INVALID_VALUE_FOR_FIELD");
    admin.publish(&with(as_author(PAGE, "later"), json!({"lifecycleState": "DRAFT"}))).await?;
    assert_eq!(admin.sim.ledger().len(), 1, "nobody sees a draft");
    assert_eq!((&admin.sim.ledger()[0].id, admin.sim.ledger()[0].account_name.as_str()), (&page, "Socrazi Demo"));
    let ben = admin.sim.grant("9kXw_Zs-1", &["w_organization_social"])?.value;
    let other = Desk { token: ben, ..admin };
    assert_eq!(other.post("/rest/posts", &as_author(PAGE, "z")).await?.status, 403, "no administrator");
    Ok(())
}

#[tokio::test]
async fn edits_and_deletions_want_the_encoded_id_and_the_owner() -> anyhow::Result<()> {
    let desk = desk().await?;
    let urn = desk.publish(&text_post("frist")).await?;
    let path = format!("/rest/posts/{}", encoded(&urn));
    let patch = |text: &str| json!({"patch": {"$set": {"commentary": text}}});
    let edit = async |path: &str, method: &str, body: Value| {
        let request = desk.asking(Method::POST, path)?.header("X-RestLi-Method", method).json(&body);
        anyhow::Ok(desk.send(request).await?.status)
    };
    assert_eq!(edit(&format!("/rest/posts/{urn}"), "PARTIAL_UPDATE", patch("x")).await?, 400, "not encoded");
    assert_eq!(edit(&path, "UPDATE", patch("x")).await?, 400);
    assert_eq!(edit(&path, "PARTIAL_UPDATE", json!({"patch": {"$set": {"visibility": "PUBLIC"}}})).await?, 400);
    assert_eq!(edit(&path, "PARTIAL_UPDATE", patch(&"a".repeat(3_001))).await?, 400);
    assert_eq!(edit("/rest/posts/urn%3Ali%3Ashare%3A1", "PARTIAL_UPDATE", patch("x")).await?, 404);
    assert_eq!(edit("/rest/posts/urn%3Ali%3Aimage%3A1", "PARTIAL_UPDATE", patch("x")).await?, 400);
    assert_eq!(edit(&path, "PARTIAL_UPDATE", patch(r"first \#1")).await?, 204);
    let entry = &desk.sim.ledger()[0];
    assert_eq!((entry.text.as_str(), &entry.texts_before), ("first #1", &vec!["frist".to_owned()]));
    let remove = async |token: &str, path: &str| {
        let request = desk.asking(Method::DELETE, path)?.header("X-RestLi-Method", "DELETE");
        let mut request = request.build()?;
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse()?);
        anyhow::Ok(desk.http.execute(request).await?.status().as_u16())
    };
    let ben = desk.sim.grant("9kXw_Zs-1", &SELF_SERVE)?.value;
    assert_eq!(remove(&ben, &path).await?, 403);
    for _ in 0..2 {
        assert_eq!(remove(&desk.token, &path).await?, 204, "gone is gone");
    }
    assert_eq!(remove(&desk.token, "/rest/posts/urn:li:share:1").await?, 400);
    assert!(desk.sim.ledger()[0].deleted);
    Ok(())
}

#[tokio::test]
async fn reshares_and_comments_hang_below_what_is_there() -> anyhow::Result<()> {
    let desk = desk().await?;
    let top = desk.publish(&text_post("top")).await?;
    let shared = desk.publish(&with(text_post("look"), json!({"reshareContext": {"parent": top}}))).await?;
    let both = with(text_post("look2"), json!({"reshareContext": {"parent": top}, "content": {"article": {}}}));
    assert_eq!(desk.post("/rest/posts", &both).await?.status, 400);
    let closed = desk.publish(&with(text_post("closed"), json!({"isReshareDisabledByAuthor": true}))).await?;
    let refused =
        desk.post("/rest/posts", &with(text_post("r"), json!({"reshareContext": {"parent": closed}}))).await?;
    assert_eq!(refused.at("/code"), "INVALID_VALUE_FOR_FIELD");
    let path = format!("/rest/socialActions/{}/comments", encoded(&top));
    let comment = |text: &str| json!({"actor": ANA, "object": top, "message": {"text": text}});
    let made = desk.post(&path, &comment(r"plain \(text\)")).await?;
    let urn = made.at("/commentUrn");
    assert_eq!((made.status, made.header("x-restli-id")), (201, made.at("/id")));
    assert!(urn.starts_with("urn:li:comment:(urn:li:activity:7"), "{urn}");
    let below = format!("/rest/socialActions/{}/comments", encoded(&urn));
    assert_eq!(
        desk.post(&below, &comment("x")).await?.at("/code"),
        "INVALID_VALUE_FOR_FIELD",
        "the parent is not named"
    );
    assert_eq!(desk.post(&below, &with(comment("reply"), json!({"parentComment": urn}))).await?.status, 201);
    for (status, body) in [
        (201, comment(&"c".repeat(1_250))),
        (400, comment(&"c".repeat(1_251))),
        (400, comment(" ")),
        (400, with(comment("x"), json!({"object": shared}))),
        (403, with(comment("x"), json!({"actor": BEN}))),
    ] {
        assert_eq!(desk.post(&path, &body).await?.status, status, "{body:.120}");
    }
    assert_eq!(desk.post("/rest/socialActions/urn%3Ali%3Ashare%3A1/comments", &comment("x")).await?.status, 404);
    let ledger = desk.sim.ledger();
    let kinds: Vec<_> = ledger.iter().map(|entry| (entry.kind.as_str(), entry.parent.as_deref())).collect();
    assert_eq!(kinds[1], ("reshare", Some(top.as_str())));
    assert_eq!(kinds[3..5], [("comment", Some(top.as_str())), ("comment", Some(urn.as_str()))]);
    assert_eq!(ledger[3].text, r"plain \(text\)", "comments are no little text");
    Ok(())
}

#[tokio::test]
async fn quotas_bite_without_a_word_on_when_they_end() -> anyhow::Result<()> {
    let desk = desk().await?;
    let into_day = desk.clock.now_ms().rem_euclid(86_400_000);
    desk.clock.advance_ms(86_400_000 - into_day + 1_000);
    desk.sim.tune(Tuning { member_writes_max: 2, ..Tuning::default() });
    for text in ["1", "2"] {
        desk.publish(&text_post(text)).await?;
    }
    let full = desk.post("/rest/posts", &text_post("3")).await?;
    assert_eq!((full.status, full.at("/code")), (429, "TOO_MANY_REQUESTS".into()));
    assert!(full.headers.keys().all(|name| !name.as_str().contains("rate") && name != "retry-after"));
    desk.clock.advance_ms(86_400_000 - 2_000);
    assert_eq!(desk.post("/rest/posts", &text_post("3")).await?.status, 429, "a second before midnight");
    desk.clock.advance_ms(2_000);
    desk.publish(&text_post("3")).await?;
    desk.sim.tune(Tuning { app_calls_max: 3, ..Tuning::default() });
    desk.publish(&text_post("4")).await?;
    desk.publish(&text_post("5")).await?;
    assert_eq!(desk.post("/rest/posts", &text_post("6")).await?.status, 429);
    desk.sim.tune(Tuning::default());
    desk.sim.set_faults(vec![Fault::once(
        "POST",
        "/rest",
        FaultKind::RateLimited { retry_after_s: 60, body: Default::default() },
    )]);
    assert_eq!(desk.post("/rest/posts", &text_post("6")).await?.at("/code"), "TOO_MANY_REQUESTS");
    assert_eq!(desk.sim.ledger().len(), 5);
    Ok(())
}

#[tokio::test]
async fn a_restart_keeps_tokens_uploads_posts_and_what_a_repeat_is() -> anyhow::Result<()> {
    let file = std::env::temp_dir().join(format!("linkedin-{}", std::process::id()));
    let options = LinkedInOptions { ledger_file: Some(file.clone()), ..options() };
    let desk = desk_with(options.clone(), &SELF_SERVE).await?;
    let urn = desk.publish(&text_post("kept")).await?;
    desk.post(
        &format!("/rest/socialActions/{}/comments", encoded(&urn)),
        &json!({"actor": ANA, "object": urn, "message": {"text": "c"}}),
    )
    .await?;
    let image = desk.upload("images", ANA, socrazi_sim::samples::png(10, 10)).await?;
    let (clock, http, token) = (desk.clock.clone(), desk.http.clone(), desk.token.clone());
    drop(desk);
    let desk = Desk { sim: LinkedInSim::start(options, clock.clone()).await?, clock, http, token };
    desk.clock.advance_ms(2_000);
    let again = desk.post("/rest/posts", &text_post("kept")).await?;
    assert_eq!((again.status, again.at("/message")), (422, format!("Content is a duplicate of {urn}")));
    let pictured = desk.publish(&with(text_post("pictured"), json!({"content": {"media": {"id": image}}}))).await?;
    assert_eq!(desk.sim.ledger().iter().map(|entry| &entry.kind).collect::<Vec<_>>(), ["text", "comment", "image"]);
    assert!(pictured > urn, "ids go on where they were");
    desk.control("reset", &json!({})).await?;
    assert!(desk.sim.ledger().is_empty());
    desk.publish(&text_post("kept")).await?;
    std::fs::remove_file(file)?;
    Ok(())
}
