//! The two who act in the demo, both from outside over HTTP: a person with a browser and an assistant with MCP.

use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

/// The protocol revision that the assistant speaks: no handshake, everything in each request.
const REVISION: &str = "2026-07-28";

fn client() -> anyhow::Result<reqwest::Client> {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    Ok(builder.timeout(std::time::Duration::from_secs(20)).build()?)
}

/// A person with a browser.
pub(super) struct Person {
    http: reqwest::Client,
    web: Url,
    cookie: String,
}

impl Person {
    /// Opens a sign-in link and presses the button.
    pub(super) async fn sign_in(web: &Url, link: &SecretString) -> anyhow::Result<Self> {
        let http = client()?;
        let secret = link.expose_secret().split_once("link=").context("the link has no secret")?.1.to_owned();
        let answer = http.post(web.join("signin")?).form(&[("link", secret.as_str()), ("next", "/")]).send().await?;
        let line = answer.headers().get("set-cookie").context("no cookie was set")?.to_str()?;
        let cookie = line.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { http, web: web.clone(), cookie })
    }

    async fn get(&self, url: Url) -> anyhow::Result<reqwest::Response> {
        Ok(self.http.get(url).header("cookie", &self.cookie).send().await?)
    }

    /// Presses the button that begins connecting, and goes where the browser is sent until it is back.
    pub(super) async fn connect(&self, network: &str) -> anyhow::Result<()> {
        self.connect_with(network, &[]).await
    }

    /// The same with boxes ticked.
    pub(super) async fn connect_with(&self, place: &str, ticked: &[&str]) -> anyhow::Result<()> {
        let page = self.get(self.web.join("accounts")?).await?.text().await?;
        let csrf = hidden(&page, "csrf")?;
        let mut form = vec![("csrf", csrf.as_str())];
        form.extend(ticked.iter().map(|name| (*name, "on")));
        let away = self.http.post(self.web.join(&format!("connect/{place}"))?).header("cookie", &self.cookie);
        let away = away.form(&form).send().await?.text().await?;
        let there =
            between(&away, "<meta http-equiv=\"refresh\" content=\"0;url=", "\"").context("the page leads nowhere")?;
        let there = there.replace("&#38;", "&").replace("&amp;", "&");
        let consent = self.http.get(there).send().await?;
        let back = consent
            .headers()
            .get("location")
            .context("the network did not send the browser back")?
            .to_str()?
            .to_owned();
        let done = self.get(back.parse()?).await?;
        if done.status() != http::StatusCode::SEE_OTHER {
            bail!("connecting ended with {}: {}", done.status(), done.text().await?);
        }
        Ok(())
    }

    /// Opens an approval and presses "Approve exactly this".
    pub(super) async fn approve(&self, url: &str) -> anyhow::Result<()> {
        let page = self.get(url.parse()?).await?.text().await?;
        let form =
            [("csrf", hidden(&page, "csrf")?), ("hash", hidden(&page, "hash")?), ("verdict", "approve".to_owned())];
        let done = self.http.post(url).header("cookie", &self.cookie).form(&form).send().await?;
        if done.status() != http::StatusCode::SEE_OTHER {
            bail!("approving ended with {}: {}", done.status(), done.text().await?);
        }
        Ok(())
    }
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> anyhow::Result<String> {
    let found = between(page, &format!("<input type=\"hidden\" name=\"{name}\" value=\""), "\"");
    found.map(str::to_owned).with_context(|| format!("the page has no field {name}"))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// An assistant that calls tools over MCP.
pub(super) struct Assistant {
    http: reqwest::Client,
    url: Url,
    token: SecretString,
}

impl Assistant {
    pub(super) fn new(web: &Url, token: SecretString) -> anyhow::Result<Self> {
        Ok(Self { http: client()?, url: web.join("mcp")?, token })
    }

    /// Calls a tool: its structured answer, or the sentence of its refusal.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> anyhow::Result<Result<Value, String>> {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": REVISION,
            "io.modelcontextprotocol/clientInfo": { "name": "demo", "version": env!("CARGO_PKG_VERSION") },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let request = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": tool, "arguments": arguments, "_meta": meta },
        });
        let sent = self.http.post(self.url.clone()).bearer_auth(self.token.expose_secret()).json(&request);
        let sent =
            sent.header("accept", "application/json, text/event-stream").header("mcp-protocol-version", REVISION);
        let answer = sent.header("mcp-method", "tools/call").header("mcp-name", tool).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        let answer: Value = serde_json::from_str(&text).with_context(|| format!("{tool}: {status} {text}"))?;
        let Some(result) = answer.get("result") else { bail!("{tool}: {answer}") };
        if result.get("isError") == Some(&Value::Bool(true)) {
            let text = result.pointer("/content/0/text").and_then(Value::as_str).unwrap_or_default();
            return Ok(Err(text.to_owned()));
        }
        Ok(Ok(result.get("structuredContent").cloned().unwrap_or(Value::Null)))
    }
}
