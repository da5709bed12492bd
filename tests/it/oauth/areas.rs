//! What a person lets a program see at all, beside its scopes; and what asking for more does to what was allowed before.

use socrazi::domain::network::Network;

use super::*;
use crate::databases::on_both;

on_both!(
    a_person_narrows_what_a_program_sees_and_changes_it_later,
    asking_for_more_takes_nothing_away_and_says_what_is_new,
    what_any_program_here_could_pretend_to_be_is_not_ticked_by_itself
);

/// A person presses yes with exactly these fields.
async fn agree(world: &World, pairs: &[(String, String)], fields: &[(&str, &str)]) -> (StatusCode, String) {
    let page = consent_page(world, pairs).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let carried = carried(&page.text);
    let fields = [&[("request", carried.as_str()), ("answer", "allow")], fields].concat();
    world.send("/oauth/authorize", &fields).await
}

async fn held_for(world: &World, id: &str, to: &str) -> Held {
    let code = param(&to.parse().unwrap(), "code").unwrap();
    held(&exchange(world, id, &code).await)
}

/// The fields that a browser would send of this page, when nothing is touched but the button.
fn untouched(page: &str) -> Vec<(String, String)> {
    let value = |tag: &str, name: &str| {
        let rest = tag.split_once(&format!("{name}=\"")).map(|(_, rest)| rest);
        rest.and_then(|rest| rest.split_once('"')).map(|(value, _)| value.to_owned()).unwrap_or_default()
    };
    let tags = page.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap());
    let sent = tags.filter(|tag| tag.contains(" checked") && !tag.contains("type=\"hidden\""));
    sent.map(|tag| (value(tag, "name"), value(tag, "value"))).collect()
}

async fn a_person_narrows_what_a_program_sees_and_changes_it_later(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let everything = let_in(&world, &id, &["read", "draft", "history"]).await;
    let all = shown(&world, &everything.access).await;
    assert_eq!(all.len(), world.app.toolbox().len());
    // Nothing ticked is nothing to let it in for; a field that is neither an account nor an area is no answer.
    let (status, page) = agree(&world, &request(&id), &[("read", "on"), ("areas", "only")]).await;
    assert!(status == StatusCode::BAD_REQUEST && page.contains("No area was ticked"), "{status} {page}");
    let (status, _) = agree(&world, &request(&id), &[("read", "on"), ("areas", "only"), ("area-drafts", "on")]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(may(&world, &everything.access).await, 200, "what was not agreed to changed something");
    // Posts alone, and of them only what reads, though it may draft.
    let fields = [("read", "on"), ("draft", "on"), ("areas", "only"), ("area-posts", "on"), ("reading", "on")];
    let (_, to) = agree(&world, &request(&id), &fields).await;
    let narrow = held_for(&world, &id, &to).await;
    assert_eq!(narrow.scope, "posts:read posts:draft");
    assert_eq!(shown(&world, &narrow.access).await, ["get_post", "list_posts"]);
    assert_eq!(may(&world, &narrow.access).await, 200);
    for (name, arguments) in [("list_accounts", json!({})), ("create_draft", json!({ "text": "no" }))] {
        let answer = tool(&world, &narrow.access, name, arguments).await.json();
        assert_eq!(answer["error"]["code"], -32_602, "{name}: {answer}");
    }
    assert_eq!(world.call("list_posts", json!({})).await["posts"], json!([]));
    let page = world.page("/settings").await;
    assert!(
        page.contains("sees only: Drafts, posts, pictures and videos") && page.contains("only tools that read"),
        "{page}"
    );
    // It is kept when tokens are refreshed, and changed on the settings page, with effect on the very next call.
    let narrow = held(&refresh(&world, &id, &narrow.refresh).await);
    assert_eq!(shown(&world, &narrow.access).await.len(), 2);
    let grant = world.app.connected_apps(&world.person).await.unwrap().remove(0).grant;
    let path = format!("/settings/apps/{grant}/areas");
    let wider = [("areas", "only"), ("area-posts", "on"), ("area-accounts", "on")];
    assert_eq!(world.send_with("wrong", &path, &wider).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.send(&path, &[("areas", "only")]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.send(&path, &[("areas", "only"), ("area-x", "on")]).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(shown(&world, &narrow.access).await.len(), 2);
    assert_eq!(world.press(&path, &wider).await, "/settings#apps");
    let seen = shown(&world, &narrow.access).await;
    assert!(seen.contains(&"create_draft".into()) && seen.contains(&"list_accounts".into()), "{seen:?}");
    assert!(!seen.contains(&"publish_post".into()) && !seen.contains(&"report_posts".into()), "{seen:?}");
    assert_eq!(world.press(&path, &[("areas", "all")]).await, "/settings#apps");
    assert_eq!(shown(&world, &narrow.access).await, all);
    let nobody = "/settings/apps/grant_01ARZ3NDEKTSV4RRFFQ69G5FAV/areas";
    assert_eq!(world.send(nobody, &[("areas", "all")]).await.0, StatusCode::NOT_FOUND);
    world.end().await;
}

async fn asking_for_more_takes_nothing_away_and_says_what_is_new(engine: Engine) {
    let world = world(engine).await;
    world.connect_to(Network::X, "socrazi_second").await;
    let ids: Vec<String> =
        world.app.list_accounts(&world.person).await.unwrap().iter().map(|view| view.account.id.to_string()).collect();
    let id = program(&world).await;
    assert!(!consent_page(&world, &request(&id)).await.text.contains("You let this program in before"));
    let fields = [
        ("read", "on"),
        ("publish", "on"),
        ("which", "only"),
        (ids[0].as_str(), "on"),
        ("areas", "only"),
        ("area-posts", "on"),
        ("area-publishing", "on"),
    ];
    let (_, to) = agree(&world, &request(&id), &fields).await;
    let first = held_for(&world, &id, &to).await;
    assert_eq!(first.scope, "posts:read posts:draft posts:schedule posts:publish");
    // It comes back for one thing more, as a client does that asks for what the 403 named last, or for less than it has.
    let more = with(request(&id), "scope", "posts:read history:read");
    let page = consent_page(&world, &more).await.text;
    assert!(page.contains("You let this program in before"), "{page}");
    assert_eq!(page.matches("<strong>new</strong>").count(), 1, "{page}");
    let marked = page.lines().find(|line| line.contains("<strong>new</strong>")).unwrap();
    assert!(marked.contains("name=\"history\""), "{marked}");
    let untouched = untouched(&page);
    let fields: Vec<_> = untouched.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (_, to) = agree(&world, &more, &fields).await;
    let second = held_for(&world, &id, &to).await;
    assert_eq!(second.scope, "posts:read history:read posts:draft posts:schedule posts:publish");
    let apps = world.app.connected_apps(&world.person).await.unwrap();
    assert_eq!(apps.len(), 1);
    let accounts: Vec<_> = apps[0].accounts.iter().flatten().map(ToString::to_string).collect();
    assert_eq!(accounts, [ids[0].clone()]);
    let seen = shown(&world, &second.access).await;
    assert!(seen.contains(&"publish_post".into()) && !seen.contains(&"list_accounts".into()), "{seen:?}");
    // What is new and goes far is marked, but on only when somebody turns it on; a no changes nothing.
    let google = with(request(&id), "scope", "google:read");
    let page = consent_page(&world, &google).await.text;
    assert!(
        page.contains("name=\"google\" value=\"on\">") && page.contains("name=\"publish\" value=\"on\" checked>"),
        "{page}"
    );
    answer(&world, &google, "deny", &[]).await;
    assert_eq!(may(&world, &second.access).await, 200);
    // What is unticked is taken.
    let third = let_in(&world, &id, &["read"]).await;
    assert_eq!((third.scope.as_str(), may(&world, &second.access).await), ("posts:read", 401));
    // Another program, and another person's consent, count for nothing here.
    let other = program(&world).await;
    assert!(!consent_page(&world, &request(&other)).await.text.contains("You let this program in before"));
    // One that was taken back is asked like a new one.
    let grant = world.app.connected_apps(&world.person).await.unwrap().remove(0).grant;
    world.app.remove_app(&world.person, &grant).await.unwrap();
    assert!(!consent_page(&world, &request(&id)).await.text.contains("You let this program in before"));
    world.end().await;
}

/// A program of the operator's own that keeps no secret and is answered on this computer: its id is known, so whoever runs here may use it.
async fn what_any_program_here_could_pretend_to_be_is_not_ticked_by_itself(engine: Engine) {
    let world = world(engine).await;
    let preset = socrazi::app::oauth::Preset {
        name: "Ours".into(),
        redirects: vec![BACK.into(), "http://127.0.0.1/callback".into()],
        has_secret: false,
    };
    let (id, _) = world.app.make_oauth_preset(&preset).await.unwrap();
    let_in(&world, &id, &["publish", "google"]).await;
    let here = consent_page(&world, &with(request(&id), "redirect_uri", "http://127.0.0.1:9/callback")).await.text;
    let there = consent_page(&world, &request(&id)).await.text;
    for (page, is_on) in [(here, false), (there, true)] {
        assert!(page.contains("name=\"draft\" value=\"on\" checked>"), "{page}");
        for name in ["publish", "schedule", "google"] {
            let ticked = format!("name=\"{name}\" value=\"on\" checked>");
            assert_eq!(page.contains(&ticked), is_on, "{name}: {page}");
        }
    }
    world.end().await;
}
