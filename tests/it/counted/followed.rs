//! A post that beat its account's median is followed up: three drafts by one press where there is a core, and what to do where there is none.

use http::StatusCode;
use serde_json::{Value, json};
use socrazi_sim::gemini::Said;

use super::{UNUSUAL, plant_winner};
use crate::conversing::{MODEL, Table, call, text};
use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(three_follow_ups_are_drafted_by_one_press);

/// The value of a hidden field.
fn hidden(html: &str, name: &str) -> String {
    let before = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    let (_, rest) = html.split_once(&before).unwrap_or_else(|| panic!("no {name} in {html}"));
    rest.split_once('"').unwrap().0.to_owned()
}

async fn three_follow_ups_are_drafted_by_one_press(engine: Engine) {
    let Table { world, model, ana: _ } = Table::on(engine, Vec::new()).await;
    let best = plant_winner(&world).await;
    let html = world.page("/analytics").await;
    let (_, winners) = html.split_once("id=\"winners\"").unwrap();
    for words in [UNUSUAL, "306 views", "3 times the median (102) of 5 posts", "Draft three follow-ups"] {
        assert!(winners.contains(words), "{words}: {winners}");
    }
    let (key, post) = (hidden(winners, "key"), hidden(winners, "post"));
    assert_eq!(json!(post), best);
    let wanted = ["Does it still lean?", "For engineers: why it leans", "We measured the tower again"];
    let account = world.call("list_accounts", json!({})).await["accounts"][0]["id"].clone();
    let drafts = wanted.map(|text| ("create_draft", json!({ "text": text, "accounts": [account] })));
    let plays = vec![
        call("get_post", json!({ "post": post })),
        Said::calls(&drafts).into(),
        text("Three drafts, because of 306 views."),
    ];
    model.play(plays.into_iter().map(|play| socrazi_sim::gemini::Step { model: Some(MODEL.into()), play }));
    let fields = [("key", key.as_str()), ("post", post.as_str())];
    let there = world.press("/analytics/follow-ups", &fields).await;
    let there = there.strip_suffix("#now").unwrap();
    let html = world.page(there).await;
    for words in wanted {
        assert!(html.contains(&format!("<blockquote>{words}</blockquote>")), "{words}: {html}");
    }
    assert!(html.contains("Three drafts, because of 306 views."), "figures that were given may be quoted: {html}");
    let asked: Vec<_> = model.asked().into_iter().filter(|request| request.model == MODEL).collect();
    assert_eq!(asked.len(), 3);
    let (first, last) = (asked[0].body.to_string(), asked[2].body.to_string());
    assert!(first.contains("306 views") && first.contains(&post) && first.contains("Follow-ups to a post"), "{first}");
    assert!(last.contains("why the tower leans"), "the words of the winner were read: {last}");
    // Drafts they are, for that account alone, and a second press of the same button writes nothing more.
    assert_eq!(world.press("/analytics/follow-ups", &fields).await, format!("{there}#now"));
    let listed = world.call("list_posts", json!({ "status": "draft" })).await;
    let texts = |listed: &Value| listed["posts"].as_array().unwrap().len();
    assert_eq!(texts(&listed), 3, "{listed}");
    assert_eq!(model.asked().iter().filter(|request| request.model == MODEL).count(), 3);
    assert_eq!(model.violations(), Vec::<String>::new());
    world.end().await;
}

#[tokio::test]
async fn without_a_core_it_is_said_what_to_do_and_nothing_is_written() {
    let world = World::new().await;
    let best = plant_winner(&world).await;
    let html = world.page("/analytics").await;
    assert!(html.contains("306 views") && !html.contains("Draft three follow-ups"), "{html}");
    assert!(html.contains("ask your assistant for follow-ups") && html.contains("gemini.api_key"), "{html}");
    // Whoever sends the form all the same has the words to take along.
    let post = best.as_str().unwrap();
    let (status, html) = world.send("/analytics/follow-ups", &[("key", "abc"), ("post", post)]).await;
    assert_ne!(status, StatusCode::SEE_OTHER);
    assert!(html.contains("gemini.api_key") && html.contains(&format!("follow-ups to my post {post}")), "{html}");
    for post in ["post_01ARZ3NDEKTSV4RRFFQ69G5FAV", "x"] {
        let (status, _) = world.send("/analytics/follow-ups", &[("key", "abc"), ("post", post)]).await;
        assert!(status.is_client_error(), "{status}");
    }
    let posts = world.call("list_posts", json!({ "status": "draft" })).await;
    assert_eq!(posts["posts"], json!([]));
    world.end().await;
}
