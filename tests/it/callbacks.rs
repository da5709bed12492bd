//! What Meta's callbacks need in tests of its networks: somebody who knocks at our addresses from outside. The tests stand with each network.

use serde_json::{Value, json};
use url::Url;

use crate::world::World;

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A person does something at a simulated network; what the network says of the answer it got from us.
pub(crate) async fn there(network: &Url, what: &str, who: &str) -> Value {
    let url = network.join(&format!("__sim/{what}")).unwrap();
    http().post(url).json(&json!({ "user_id": who })).send().await.unwrap().json().await.unwrap()
}

/// Somebody sends a form with this one field to an address of ours.
pub(crate) async fn knock(here: &Url, path: &str, signed: &str) -> (u16, String) {
    let form = [("signed_request", signed)];
    let answer = http().post(here.join(path).unwrap()).form(&form).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Somebody who is not signed in looks at a page of ours.
pub(crate) async fn look(url: &str, lang: &str) -> (u16, String) {
    let answer = http().get(url).header("accept-language", lang).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// How often the person was told this.
pub(crate) async fn told(world: &World, key: &str) -> usize {
    let notices = world.app.notices(&world.person).await.unwrap();
    notices.iter().filter(|notice| notice.what.key == key).count()
}

/// Where a wish for deletion can be looked up, as the network was answered.
pub(crate) fn receipt(answer: &Value) -> (String, String) {
    assert_eq!((answer["status"].as_u64(), answer["has_receipt"].as_bool()), (Some(200), Some(true)), "{answer}");
    let receipt: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let text = |name: &str| receipt[name].as_str().unwrap().to_owned();
    let (url, code) = (text("url"), text("confirmation_code"));
    assert!(url.ends_with(&format!("/meta/data-deletion/{code}")) && code.len() == 32, "{receipt}");
    (url, code)
}
