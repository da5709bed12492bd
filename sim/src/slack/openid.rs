//! Sign in with Slack: OpenID Connect (dossier §11). The id token is signed with the app's secret here, not with a published key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::api::{Answered, Call};
use super::oauth;
use super::people::team_names;
use super::refusal::Refusal;
use super::state::State;
use super::tokens::{Token, TokenKind};
use crate::sign::hmac;

/// `openid.connect.token`.
pub(super) fn token(state: &mut State, call: &Call) -> Answered {
    oauth::client(state, call)?;
    if call.args.text("grant_type").is_some_and(|grant| grant != "authorization_code") {
        return Err(Refusal::new("unsupported_grant_type"));
    }
    let code = oauth::redeem(state, call, true)?;
    let token = Token::new(TokenKind::User, &code.team, &code.user, &code.scopes, call.now_ms);
    let (now_s, mut claims) = (call.now_ms / 1_000, about(state, &code.user, &code.scopes)?);
    for (name, value) in [
        ("iss", json!("https://slack.com")),
        ("aud", json!(state.client_id)),
        ("iat", json!(now_s)),
        ("auth_time", json!(now_s)),
        ("exp", json!(now_s + 300)),
    ] {
        claims[name] = value;
    }
    if let Some(nonce) = &code.nonce {
        claims["nonce"] = json!(nonce);
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(&claims));
    let id_token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac(&state.client_secret, signed.as_bytes())));
    let answer = json!({ "access_token": token.token, "token_type": "Bearer", "id_token": id_token });
    state.tokens.push(token);
    Ok(answer)
}

/// What Slack says about a person who signed in.
fn about(state: &State, user: &str, scopes: &[String]) -> Result<Value, Refusal> {
    let user = state.user(user).ok_or_else(|| Refusal::new("user_not_found"))?;
    let has = |scope: &str| scopes.iter().any(|held| held == scope);
    let (team_name, domain) = team_names(&user.team);
    let mut claims =
        json!({ "sub": user.id, "https://slack.com/user_id": user.id, "https://slack.com/team_id": user.team });
    if has("email") {
        claims["email"] = json!(user.email());
        claims["email_verified"] = json!(true);
        claims["date_email_verified"] = json!(1_795_000_000);
    }
    if has("profile") {
        claims["name"] = json!(user.real_name);
        claims["given_name"] = json!(user.real_name);
        claims["family_name"] = json!("");
        claims["picture"] = json!("https://example.com/avatar.png");
        claims["locale"] = json!(user.locale);
        claims["https://slack.com/team_name"] = json!(team_name);
        claims["https://slack.com/team_domain"] = json!(domain);
    }
    Ok(claims)
}

/// `openid.connect.userInfo`.
pub(super) fn user_info(state: &mut State, call: &Call) -> Answered {
    if call.caller.kind != TokenKind::User {
        return Err(Refusal::new("not_allowed_token_type"));
    }
    about(state, &call.caller.user, &call.caller.scopes)
}
