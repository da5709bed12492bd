//! What a person is asked, with what it is about, and what their answers lead to: on the pages, where nothing is left out.

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::desk::view::PostStatus;
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::delivery::Answer;
use socrazi::domain::ids::ApprovalId;
use socrazi::domain::tool::ToolError;
use socrazi_sim::{Fault, FaultKind};

use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(
    what_is_there_can_be_named_so_that_a_thread_goes_on_and_can_be_taken_down,
    nothing_is_edited_while_nobody_knows_what_is_out,
    a_question_says_what_it_is_about,
    what_missed_its_time_is_asked_about_on_its_page,
    what_is_paused_by_itself_goes_on_from_its_page,
    a_removal_that_failed_half_way_can_be_finished_with_the_same_question,
    nobody_agrees_to_what_is_not_there_any_more,
    posts_are_found_however_far_down_they_stand,
    every_post_stands_on_a_page_of_the_calendar_and_is_counted,
);

/// The thread's first part is out, its answer lost, and its account cannot be read.
async fn unsettled(world: &World, texts: &[&str]) -> (Value, Value) {
    let segments: Vec<_> = texts.iter().map(|text| json!({ "text": text })).collect();
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    let unreadable = FaultKind::Status { status: 503, body: "later".into(), headers: Default::default() };
    world.sim.set_faults(vec![
        Fault::once("POST", "/2/tweets", FaultKind::ResetAfter),
        Fault::once("GET", "/2/users", unreadable).times(10_000),
    ]);
    world.call("publish_post", json!({ "post": post })).await;
    let delivery = world.until(&post, "needs_human", 30_000).await;
    world.sim.set_faults(Vec::new());
    (post, delivery)
}

/// The approval that a tool's answer asks for.
pub(crate) fn approval(answer: &Value) -> ApprovalId {
    let url = answer["approval_url"].as_str().or(answer["approval_urls"][0].as_str()).unwrap();
    url.rsplit('/').next().unwrap().parse().unwrap()
}

/// Answers it as the person; the key of what refuses.
pub(crate) async fn answer(world: &World, id: &ApprovalId, verdict: Verdict) -> Result<(), String> {
    let hash = world.app.read_approval(&world.person, id).await.unwrap().approval.hash;
    match world.app.decide(&world.person, id, &hash, verdict).await {
        Ok(_) => Ok(()),
        Err(ToolError::Refused(sentence)) => Err(sentence.key),
        Err(error) => panic!("{error:?}"),
    }
}

async fn what_is_there_can_be_named_so_that_a_thread_goes_on_and_can_be_taken_down(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (post, delivery) = unsettled(&world, &["one of two", "two of two"]).await;
    let (path, page) = (format!("/deliveries/{}/settle", delivery["id"].as_str().unwrap()), post.as_str().unwrap());
    assert!(world.page(&format!("/posts/{page}")).await.contains("name=\"link\""));
    let first = world.sim.ledger()[0].clone();
    let (status, text) =
        world.send(&path, &[("answer", "there"), ("link", "https://x.com/somebody_else/status/5")]).await;
    assert!(status.is_client_error() && text.contains("no address of a post of"), "{status} {text}");
    assert_eq!(world.delivery(&post).await["state"], "needs_human");
    let link = format!("https://twitter.com/{}/status/{}?s=20", first.username, first.id);
    world.press(&path, &[("answer", "there"), ("link", &link)]).await;
    let done = world.until(&post, "published", 1_000).await;
    let receipts = done["receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 2, "{done}");
    assert!(receipts[0]["permalink"].as_str().unwrap().ends_with(&format!("/status/{}", first.id)), "{done}");
    assert_eq!(world.sim.ledger()[1].in_reply_to.as_deref(), Some(first.id.as_str()));
    // The same address is no answer for something else.
    let (other, delivery) = unsettled(&world, &["another one"]).await;
    let path = format!("/deliveries/{}/settle", delivery["id"].as_str().unwrap());
    let (status, text) = world.send(&path, &[("answer", "there"), ("link", &link)]).await;
    assert!(status.is_client_error() && text.contains("belongs to something else"), "{status} {text}");
    // Without an address it is as before: it is out, nobody knows where, and so it cannot be removed from here.
    world.press(&path, &[("answer", "there")]).await;
    assert_eq!(world.delivery(&other).await["state"], "published");
    let asked = world.call("take_down_post", json!({ "post": other })).await;
    let id = approval(&asked);
    assert_eq!(answer(&world, &id, Verdict::Approve).await, Err("take-down-no-address".into()));
    // Nothing is removed, so nobody reads that it was agreed to.
    let view = world.app.read_approval(&world.person, &id).await.unwrap();
    assert_eq!(view.approval.decision, socrazi::domain::approval::Decision::Pending);
    let asked = world.call("take_down_post", json!({ "post": post })).await;
    answer(&world, &approval(&asked), Verdict::Approve).await.unwrap();
    assert!(world.sim.ledger()[..2].iter().all(|entry| entry.deleted), "{:?}", world.sim.ledger());
    world.end().await;
}

async fn nothing_is_edited_while_nobody_knows_what_is_out(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (post, delivery) = unsettled(&world, &["as it was approved"]).await;
    let edit = json!({ "post": post, "revision": 1, "text": "something else" });
    assert_eq!(world.refused("update_draft", edit.clone()).await, "post-edit-unsettled");
    let mut tried = edit.clone();
    tried["dry_run"] = json!(true);
    assert_eq!(world.refused("update_draft", tried).await, "post-edit-unsettled");
    let page = world.page(&format!("/posts/{}", post.as_str().unwrap())).await;
    assert!(page.contains("as it was approved") && page.contains("/settle"), "{page}");
    let id = delivery["id"].as_str().unwrap().parse().unwrap();
    world.app.settle(&world.person, &id, (Answer::DropIt, None)).await.unwrap();
    world.call("update_draft", edit).await;
    world.end().await;
}

async fn a_question_says_what_it_is_about(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("Tulips in\nspring & autumn").await;
    let account = world.app.list_accounts(&world.person).await.unwrap()[0].account.clone();
    for pause in [json!({ "post": post }), json!({ "account": account.id.as_str() }), json!({})] {
        world.call("pause_publishing", pause).await;
    }
    let asked = async |arguments: Value| {
        let id = approval(&world.call("pause_publishing", arguments).await);
        world.page(&format!("/approvals/{id}")).await
    };
    let page = asked(json!({ "post": post, "resume": true })).await;
    assert!(page.contains("this post go on: “Tulips in spring &#38; autumn”"), "{page}");
    let page = asked(json!({ "account": account.id.as_str(), "resume": true })).await;
    assert!(page.contains(&format!("publishing on @{} (X) go on", account.handle)), "{page}");
    let page = asked(json!({ "resume": true })).await;
    assert!(page.contains("Let all publishing go on"), "{page}");
    let out = world.draft("Roses, only for today").await;
    for scope in [
        json!({ "resume": true }),
        json!({ "resume": true, "account": account.id.as_str() }),
        json!({ "resume": true, "post": post }),
    ] {
        answer(&world, &approval(&world.call("pause_publishing", scope).await), Verdict::Approve).await.unwrap();
    }
    world.call("publish_post", json!({ "post": out })).await;
    world.until(&out, "published", 2_000).await;
    let id = approval(&world.call("take_down_post", json!({ "post": out })).await);
    let page = world.page(&format!("/approvals/{id}")).await;
    assert!(page.contains(&format!("from @{} (X): “Roses, only for today”", account.handle)), "{page}");
    world.end().await;
}

async fn what_missed_its_time_is_asked_about_on_its_page(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let mut missed = Vec::new();
    for text in ["now after all", "another time", "never mind"] {
        let post = world.scheduled(text).await;
        world.call("update_draft", json!({ "post": post, "revision": 1, "text": format!("{text}, edited") })).await;
        missed.push(post);
    }
    world.pass(3 * 3_600_000);
    let mut paths = Vec::new();
    for post in &missed {
        let delivery = world.until(post, "missed", 1_000).await;
        let page = world.page(&format!("/posts/{}", post.as_str().unwrap())).await;
        let path = format!("/deliveries/{}/again", delivery["id"].as_str().unwrap());
        assert!(page.contains(&format!("action=\"{path}\"")), "{page}");
        paths.push(path);
    }
    // Now: exactly what would go out is shown, and goes out.
    let there = world.press(&paths[0], &[("what", "now"), ("at", "")]).await;
    assert!(world.page(&there).await.contains("now after all, edited"));
    assert_eq!(world.sent(), 0);
    answer(&world, &there.rsplit('/').next().unwrap().parse().unwrap(), Verdict::Approve).await.unwrap();
    world.until(&missed[0], "published", 2_000).await;
    // At another time, as the page's field writes it: in the person's zone.
    let (status, text) = world.send(&paths[1], &[("what", "time"), ("at", "2020-01-01T09:00")]).await;
    assert!(status.is_client_error() && text.contains("past"), "{status} {text}");
    let at = jiff::Timestamp::from_millisecond(world.clock.now_ms() + 7_200_000).unwrap();
    let at = at.strftime("%Y-%m-%dT%H:%M").to_string();
    let there = world.press(&paths[1], &[("what", "time"), ("at", &at)]).await;
    answer(&world, &there.rsplit('/').next().unwrap().parse().unwrap(), Verdict::Approve).await.unwrap();
    assert_eq!(world.delivery(&missed[1]).await["state"], "scheduled");
    // Dropped: that one alone, and only once.
    world.press(&paths[2], &[("what", "drop"), ("at", "")]).await;
    assert_eq!(world.delivery(&missed[2]).await["state"], "cancelled");
    let (status, _) = world.send(&paths[2], &[("what", "drop"), ("at", "")]).await;
    assert!(status.is_client_error(), "{status}");
    assert_eq!(world.sim.ledger().len(), 1);
    world.end().await;
}

async fn what_is_paused_by_itself_goes_on_from_its_page(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("paused twice").await;
    let account = world.app.list_accounts(&world.person).await.unwrap()[0].account.id.clone();
    let (page, again) = (format!("/posts/{}", post.as_str().unwrap()), format!("/accounts/{account}/resume"));
    assert!(!world.page(&page).await.contains("/resume") && !world.page("/accounts").await.contains("/resume"));
    world.call("pause_publishing", json!({ "post": post })).await;
    world.call("pause_publishing", json!({ "account": account.as_str() })).await;
    assert!(world.page(&page).await.contains("Publishing of this post is paused."));
    assert_eq!(world.press(&format!("{page}/resume"), &[]).await, page);
    assert!(!world.page(&page).await.contains("/resume"));
    assert_eq!(world.delivery(&post).await["state"], "paused", "the account is still paused");
    assert!(world.page("/accounts").await.contains(&again));
    assert_eq!(world.press(&again, &[]).await, "/accounts");
    assert_eq!(world.delivery(&post).await["state"], "scheduled");
    world.end().await;
}

async fn a_removal_that_failed_half_way_can_be_finished_with_the_same_question(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let segments = json!([{ "text": "first" }, { "text": "second" }, { "text": "third" }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    let id = approval(&world.call("take_down_post", json!({ "post": post })).await);
    // The last part goes, the one before it does not.
    let busy = FaultKind::Status { status: 503, body: "later".into(), headers: Default::default() };
    world.sim.set_faults(vec![Fault::once("DELETE", "/2/tweets", busy).after(1)]);
    assert_eq!(answer(&world, &id, Verdict::Approve).await, Err("take-down-failed".into()));
    let gone = |world: &World| world.sim.ledger().iter().filter(|entry| entry.deleted).count();
    assert_eq!(gone(&world), 1);
    assert_eq!(world.delivery(&post).await["state"], "published");
    // The question stands as it stood, and what is gone already is no obstacle.
    assert!(world.page(&format!("/approvals/{id}")).await.contains("name=\"verdict\" value=\"approve\""));
    answer(&world, &id, Verdict::Approve).await.unwrap();
    assert_eq!(gone(&world), 3);
    assert_eq!(world.delivery(&post).await["state"], "taken_down");
    assert_eq!(answer(&world, &id, Verdict::Approve).await, Err("approval-decided".into()));
    world.end().await;
}

async fn nobody_agrees_to_what_is_not_there_any_more(engine: Engine) {
    let mut world = World::on(engine, Vec::new()).await;
    world.assistant = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let post = world.draft("for an account that goes away").await;
    let id = approval(&world.call("schedule_post", json!({ "post": post, "at": world.in_an_hour() })).await);
    let account = world.app.list_accounts(&world.person).await.unwrap()[0].account.clone();
    assert!(world.page(&format!("/approvals/{id}")).await.contains("value=\"approve\""));
    world.app.disconnect(&world.person, &account.id).await.unwrap();
    let page = world.page(&format!("/approvals/{id}")).await;
    assert!(page.contains("was disconnected before anybody answered"), "{page}");
    assert!(!page.contains("value=\"approve\"") && !page.contains("value=\"decline\""), "{page}");
    for verdict in [Verdict::Approve, Verdict::Decline] {
        assert_eq!(answer(&world, &id, verdict).await, Err("approval-void-account".into()));
    }
    assert!(world.call("get_post", json!({ "post": post })).await["post"]["deliveries"].as_array().unwrap().is_empty());
    world.end().await;
}

/// Every post that a tool lists, page by page.
async fn listed(world: &World, mut arguments: Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let accounts = world.app.list_accounts(&world.person).await.unwrap();
    let each = Caller {
        accounts: Some(accounts.into_iter().map(|view| view.account.id).collect()),
        ..world.assistant.clone()
    };
    for _ in 0..50 {
        let mut page = world.call("list_posts", arguments.clone()).await;
        // Whoever was let in for each account by itself is answered from whole posts, and reads the same.
        let mut same = world.app.call_tool(&each, "list_posts", arguments.clone()).await.unwrap().structured;
        for post in [&mut page, &mut same].into_iter().flat_map(|page| page["posts"].as_array_mut().unwrap()) {
            // How far away it is changes with the seconds.
            post.as_object_mut().unwrap().remove("shown_at");
        }
        assert_eq!(same, page);
        let posts = page["posts"].as_array().unwrap();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        found.extend(posts.iter().map(|post| (word(&post["id"]), word(&post["status"]))));
        if page["next_cursor"].is_null() {
            return found;
        }
        assert!(!posts.is_empty(), "an empty page with more behind it: {page}");
        arguments["cursor"] = page["next_cursor"].clone();
    }
    panic!("no end: {arguments}");
}

/// Puts as many newer drafts on top, all alike.
async fn bury(world: &World, under: i64, like: &Value) {
    let id = like.as_str().unwrap().parse().unwrap();
    for chance in 0..under {
        let found = world.app.store().find_post(&id, &world.person.workspace).await.unwrap().unwrap();
        let now = world.clock.now_ms() + 1_000 + chance;
        let mut post = socrazi::domain::post::Post { created_at: now, edited_at: now, ..found };
        let chance = u128::try_from(chance).unwrap();
        post.id = socrazi::domain::ids::PostId::generate(1, chance);
        post.variants[0].id = socrazi::domain::ids::VariantId::generate(1, chance);
        world.app.store().insert_post(&post, &world.person.user).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_come_does_not_sink_below_a_hundred_newer_drafts() {
    let world = World::new().await;
    let scheduled = world.scheduled("Written long ago, to come").await;
    let like = world.draft("One of many").await;
    bury(&world, 105, &like).await;
    let listed = world.app.list_posts(&world.person).await.unwrap();
    assert!(listed.iter().any(|post| post.id.as_str() == scheduled), "{}", listed.len());
    for page in ["/", "/calendar"] {
        assert!(world.page(page).await.contains("Written long ago"), "{page}");
    }
    world.end().await;
}

async fn posts_are_found_however_far_down_they_stand(engine: Engine) {
    let mut world = World::on(engine, Vec::new()).await;
    let out = world.draft("is out").await;
    world.call("publish_post", json!({ "post": out })).await;
    world.until(&out, "published", 2_000).await;
    let due = world.clock.now_ms() + 3_600_000;
    let scheduled = world.scheduled("to come").await;
    let withdrawn = world.draft("withdrawn").await;
    world.call("withdraw_post", json!({ "post": withdrawn })).await;
    let attention = world.scheduled("edited since").await;
    world.call("update_draft", json!({ "post": attention, "revision": 1, "text": "edited" })).await;
    world.assistant = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let waiting = world.draft("asked for").await;
    world.call("schedule_post", json!({ "post": waiting, "at": world.in_an_hour() })).await;
    // Seven more, all edited in one millisecond: newer than everything else.
    let some = world.app.read_post(&world.person, &waiting.as_str().unwrap().parse().unwrap()).await.unwrap();
    let now = world.clock.now_ms() + 1_000;
    for chance in 0..7_u128 {
        let found = world.app.store().find_post(&some.id, &world.person.workspace).await.unwrap().unwrap();
        let mut post = socrazi::domain::post::Post { created_at: now, edited_at: now, ..found };
        post.id = socrazi::domain::ids::PostId::generate(1, chance);
        post.variants[0].id = socrazi::domain::ids::VariantId::generate(1, chance);
        world.app.store().insert_post(&post, &world.person.user).await.unwrap();
    }
    let all = listed(&world, json!({ "limit": 2 })).await;
    assert_eq!(all.len(), 12, "{all:?}");
    let mut ids: Vec<_> = all.iter().map(|(id, _)| id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 12, "one stands on two pages: {all:?}");
    let at = |id: &Value| id.as_str().unwrap().to_owned();
    for (status, wanted) in [
        ("published", Some(&out)),
        ("scheduled", Some(&scheduled)),
        ("withdrawn", Some(&withdrawn)),
        ("needs_attention", Some(&attention)),
        ("waiting_for_you", Some(&waiting)),
        ("draft", None),
    ] {
        // What is asked for is found, and it is what every view says of it.
        let found = listed(&world, json!({ "status": status, "limit": 2 })).await;
        let expected: Vec<_> = all.iter().filter(|(_, of)| of == status).cloned().collect();
        assert_eq!(found, expected, "{status}");
        match wanted {
            Some(id) => assert_eq!(found, [(at(id), status.to_owned())]),
            None => assert_eq!(found.len(), 7),
        }
    }
    let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    let span = json!({ "from": time(due - 60_000), "until": time(due + 60_000), "status": "scheduled" });
    assert_eq!(listed(&world, span).await, [(at(&scheduled), "scheduled".to_owned())]);
    let before = listed(&world, json!({ "until": time(due - 60_000) })).await;
    assert_eq!(before, [(at(&out), "published".to_owned())]);
    let account = json!({ "account": some.variants[0].account.id.as_str(), "status": "published" });
    assert_eq!(listed(&world, account).await.len(), 1);
    for wrong in [
        json!({ "from": "tomorrow" }),
        json!({ "from": time(due), "until": time(due) }),
        json!({ "cursor": "before-17" }),
        json!({ "cursor": "x" }),
    ] {
        assert_eq!(world.refused("list_posts", wrong).await, "common-argument-wrong");
    }
    world.end().await;
}

async fn every_post_stands_on_a_page_of_the_calendar_and_is_counted(engine: Engine) {
    const NEWER: u128 = 205;
    let world = World::on(engine, Vec::new()).await;
    let out = world.draft("is out long since").await;
    world.call("publish_post", json!({ "post": out })).await;
    world.until(&out, "published", 2_000).await;
    let scheduled = world.scheduled("to come").await;
    let some = world.draft("a draft").await;
    let found = world.app.store().find_post(&some.as_str().unwrap().parse().unwrap(), &world.person.workspace).await;
    let found = found.unwrap().unwrap();
    for chance in 1..=NEWER {
        let now = found.edited_at + i64::try_from(chance / 3).unwrap();
        let mut post = socrazi::domain::post::Post { created_at: now, edited_at: now, ..found.clone() };
        post.id = socrazi::domain::ids::PostId::generate(now, chance);
        post.variants[0].id = socrazi::domain::ids::VariantId::generate(now, chance);
        world.app.store().insert_post(&post, &world.person.user).await.unwrap();
    }
    let (mut pages, mut path) = (Vec::new(), "/calendar".to_owned());
    while pages.len() < 10 {
        let page = world.page(&path).await;
        let older = page.split_once("href=\"/calendar?older=").map(|(_, rest)| rest.split_once('"').unwrap().0);
        path = format!("/calendar?older={}", older.unwrap_or_default());
        let is_last = older.is_none();
        pages.push(page);
        if is_last {
            break;
        }
    }
    assert_eq!(pages.len(), 3);
    let has = |page: &str, id: &Value| page.contains(&format!("href=\"/posts/{}\"", id.as_str().unwrap()));
    assert!(has(&pages[0], &scheduled) && !has(&pages[0], &out), "what is to come is on the first");
    assert!(has(&pages[2], &out), "{}", pages[2]);
    let mut drafts: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.split("<li><a href=\"/posts/").skip(1))
        .map(|rest| rest.split_once('"').unwrap().0)
        .filter(|id| *id != out && *id != scheduled)
        .collect();
    drafts.sort_unstable();
    drafts.dedup();
    assert_eq!(drafts.len(), 206, "each draft stands on a page");
    assert_eq!(world.open_page("/calendar?older=soon").await.status(), http::StatusCode::NOT_FOUND);
    let counted = world.app.count_posts(&world.person).await.unwrap();
    let of = |status| counted.get(&status).copied().unwrap_or_default();
    assert_eq!((of(PostStatus::Draft), of(PostStatus::Published), of(PostStatus::Scheduled)), (206, 1, 1));
    let lately = world.app.list_out_since(&world.person, world.clock.now_ms() - 3_600_000).await.unwrap();
    assert_eq!(lately.len(), 1);
    assert!(world.app.list_out_since(&world.person, world.clock.now_ms() + 1).await.unwrap().is_empty());
    world.end().await;
}
