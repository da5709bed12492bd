//! How a post came about: who wrote and approved it, when, through which door, with which client and model, where that is known.

use super::form;
use super::message::{Message, Text};
use super::work::Worker;
use crate::app::Deed;
use crate::domain::caller::Caller;
use crate::domain::ids::PostId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// The newest post, or the one that was named: by its id, a delivery's, or the address it can be seen at.
pub(super) async fn draw(worker: &Worker, caller: &Caller, named: Option<&str>) -> Result<Message, ToolError> {
    let app = &worker.hall().app;
    let post = match named.map(bare).filter(|named| !named.is_empty()) {
        Some(named) => {
            let found = app.find_post_named(caller, named).await?;
            let id = found.ok_or_else(|| say!("place-why-not-found", thing = cut(named)))?;
            app.read_post(caller, &id).await?
        }
        None => form::newest(worker.hall(), caller, None, |_| true).await?,
    };
    let drawer = worker.drawer(caller);
    let title = drawer.text("place-why");
    let mut message = drawer.begin(title.clone());
    message.header(title);
    let line = |deed: &Deed| {
        let who = match &deed.who {
            Some(name) if name.is_empty() => drawer.text("deed-by-somebody"),
            Some(name) => drawer.say(&say!("deed-by", name = name)),
            None => drawer.text("deed-by-you"),
        };
        let (what, via) = (drawer.say(&what_of(&deed.what)), drawer.say(&door_of(&deed.via)));
        Text::plain(format!("{} · {what} · {who} · {via}", drawer.moment(&deed.when)))
    };
    let deeds = app.deeds(caller, &post.id).await?;
    message.line(Text::lines(deeds.iter().map(line)));
    message.small(Text::lines(origins(worker, caller, &post.id).await?));
    drawer.post(&post, &mut message).await?;
    Ok(message)
}

/// What wrote it, one line each.
async fn origins(worker: &Worker, caller: &Caller, post: &PostId) -> Result<Vec<Text>, ToolError> {
    let drawer = worker.drawer(caller);
    let mut lines = Vec::new();
    for origin in worker.hall().app.origins(post).await? {
        let via = drawer.say(&door_of(&origin.via));
        if !origin.client.is_empty() {
            lines.push(Text::plain(drawer.say(&say!("deed-client", client = &origin.client, via = &via))));
        }
        if !origin.model.is_empty() {
            lines.push(Text::plain(drawer.say(&say!("deed-model", model = &origin.model, via = &via))));
        }
    }
    Ok(lines)
}

/// An address as Slack writes it in messages, without its marks.
fn bare(named: &str) -> &str {
    let inside = named.trim().trim_start_matches('<').trim_end_matches('>');
    inside.split('|').next().unwrap_or(inside)
}

fn cut(named: &str) -> String {
    named.chars().take(80).collect()
}

fn what_of(word: &str) -> Sentence {
    match word {
        "post.create" => say!("deed-post-create"),
        "post.edit" => say!("deed-post-edit"),
        "post.withdraw" => say!("deed-post-withdraw"),
        "post.restore" => say!("deed-post-restore"),
        "plan.import" => say!("deed-plan-import"),
        "approval.ask" => say!("deed-approval-ask"),
        "approval.approve" => say!("deed-approval-approve"),
        "approval.decline" => say!("deed-approval-decline"),
        "approver.name" => say!("deed-approver-name"),
        "approver.drop" => say!("deed-approver-drop"),
        "delivery.settle" => say!("deed-delivery-settle"),
        "delivery.drop" => say!("deed-delivery-drop"),
        "approval.reopen" => say!("deed-approval-reopen"),
        "delivery.take_down" => say!("deed-delivery-take-down"),
        "publishing.pause" => say!("deed-publishing-pause"),
        _ => say!("deed-other"),
    }
}

fn door_of(word: &str) -> Sentence {
    match word {
        "web" => say!("door-web"),
        "mcp-http" | "mcp-app" => say!("door-mcp-http"),
        "mcp-stdio" => say!("door-mcp-stdio"),
        "terminal" => say!("door-terminal"),
        "slack" => say!("door-chat", name = "Slack"),
        "discord" => say!("door-chat", name = "Discord"),
        other => say!("door-other", name = other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_and_without_its_marks() {
        for named in ["https://x.com/a/status/1", "<https://x.com/a/status/1>", " <https://x.com/a/status/1|look> "] {
            assert_eq!(bare(named), "https://x.com/a/status/1", "{named}");
        }
    }
}
