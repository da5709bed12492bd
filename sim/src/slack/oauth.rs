//! `oauth.v2.access`, revoking and uninstalling (dossier §11): codes of one use, pairs that rotate.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::api::{Answered, Call};
use super::people::{APP, ENTERPRISE, bot_of, team_names};
use super::refusal::Refusal;
use super::state::State;
use super::tokens::{Code, ROTATION_S, Token, TokenKind};

/// How long a code lives.
const CODE_MS: i64 = 600_000;
/// Access tokens of one installation that work at once.
const LIVE_MAX: usize = 2;

/// The app's id and secret, from Basic credentials or from the fields.
pub(super) fn client(state: &State, call: &Call) -> Result<(), Refusal> {
    let basic = call.authorization.as_deref().and_then(|value| value.strip_prefix("Basic "));
    let decoded = basic.and_then(|coded| STANDARD.decode(coded).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let (id, secret) = match decoded.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((id, secret)) => (id.to_owned(), secret.to_owned()),
        None => (call.args.word("client_id").to_owned(), call.args.word("client_secret").to_owned()),
    };
    if id != state.client_id {
        return Err(Refusal::new("invalid_client_id"));
    }
    if secret != state.client_secret {
        return Err(Refusal::new("bad_client_secret"));
    }
    Ok(())
}

/// Uses a code up.
pub(super) fn redeem(state: &mut State, call: &Call, is_openid: bool) -> Result<Code, Refusal> {
    let given = call.args.word("code");
    let code = state.codes.get_mut(given).filter(|code| code.is_openid == is_openid);
    let code = code.ok_or_else(|| Refusal::new("invalid_code"))?;
    if code.is_used {
        return Err(Refusal::new("code_already_used"));
    }
    if call.now_ms - code.issued_ms > CODE_MS {
        return Err(Refusal::new("invalid_code"));
    }
    if code.redirect_uri != call.args.word("redirect_uri") {
        return Err(Refusal::new("bad_redirect_uri"));
    }
    if let Some(challenge) = &code.challenge {
        let made = URL_SAFE_NO_PAD.encode(Sha256::digest(call.args.word("code_verifier")));
        if made != *challenge {
            return Err(Refusal::new("invalid_code_verifier"));
        }
    }
    code.is_used = true;
    Ok(code.clone())
}

/// `oauth.v2.access`.
pub(super) fn access(state: &mut State, call: &Call) -> Answered {
    client(state, call)?;
    match call.args.text("grant_type").unwrap_or("authorization_code") {
        "authorization_code" => {
            let code = redeem(state, call, false)?;
            if code.scopes.is_empty() && code.user_scopes.is_empty() {
                return Err(Refusal::new("no_scopes"));
            }
            let team = if state.is_org_install { ENTERPRISE.to_owned() } else { code.team.clone() };
            let mut answer = grant(state, &team, &code.scopes, call.now_ms);
            let mut authed = json!({ "id": code.user });
            if !code.user_scopes.is_empty() {
                let token = Token::new(TokenKind::User, &code.team, &code.user, &code.user_scopes, call.now_ms);
                authed = json!({ "id": code.user, "scope": code.user_scopes.join(","), "access_token": token.token, "token_type": "user" });
                state.tokens.push(token);
            }
            answer["authed_user"] = authed;
            Ok(answer)
        }
        "refresh_token" => {
            let given = call.args.word("refresh_token").to_owned();
            let held = state.tokens.iter_mut().find(|token| token.token == given && token.kind == TokenKind::Refresh);
            let held = held.filter(|token| !token.is_revoked && !token.is_uninstalled);
            let held = held.ok_or_else(|| Refusal::new("invalid_refresh_token"))?;
            held.is_revoked = true;
            let (team, scopes) = (held.team.clone(), held.scopes.clone());
            Ok(grant(state, &team, &scopes, call.now_ms))
        }
        _ => Err(Refusal::new("invalid_grant_type")),
    }
}

/// A bot token, with its refresh token where tokens rotate.
fn grant(state: &mut State, team: &str, scopes: &[String], now_ms: i64) -> Value {
    let user = bot_of(team).0;
    let mut token = Token::new(TokenKind::Bot, team, &user, scopes, now_ms);
    let org = state.is_org_install;
    let place = json!({ "id": team, "name": team_names(team).0 });
    let mut answer = json!({ "app_id": APP, "token_type": "bot", "scope": scopes.join(","), "bot_user_id": user,
        "team": if org { Value::Null } else { place.clone() }, "enterprise": if org { place } else { Value::Null },
        "is_enterprise_install": org });
    for held in state.tokens.iter_mut().filter(|held| held.team == team && held.kind == TokenKind::Bot) {
        // Installing again brings a workspace back to life, but no token that was killed.
        held.is_revoked |= held.is_uninstalled;
    }
    if state.is_rotating {
        token = token.rotating();
        let refresh = Token::new(TokenKind::Refresh, team, &user, scopes, now_ms);
        answer["refresh_token"] = json!(refresh.token);
        answer["expires_in"] = json!(ROTATION_S);
        state.tokens.push(refresh);
    }
    answer["access_token"] = json!(token.token);
    state.tokens.push(token);
    let is_live = |held: &Token| {
        held.team == team && held.kind == TokenKind::Bot && held.expires_ms.is_some() && !held.is_revoked
    };
    let live = state.tokens.iter().filter(|held| is_live(held)).count();
    for held in state.tokens.iter_mut().filter(|held| is_live(held)).take(live.saturating_sub(LIVE_MAX)) {
        held.is_revoked = true;
    }
    answer
}

/// `auth.test`.
pub(super) fn test(state: &mut State, call: &Call) -> Answered {
    let team = &call.caller.team;
    let (user_id, bot_id) = (call.caller.user.clone(), call.caller.bot().1);
    let name = state.user(&user_id).map_or("socrazi", |user| user.name.as_str());
    let (team_name, domain) = team_names(team);
    let is_org = team.starts_with('E');
    let mut answer = json!({ "url": format!("https://{domain}.slack.com/"), "team": team_name, "user": name, "team_id": team,
        "user_id": user_id, "is_enterprise_install": is_org });
    if call.caller.kind != TokenKind::User {
        answer["bot_id"] = json!(bot_id);
    }
    if is_org {
        answer["enterprise_id"] = json!(team);
    }
    if let Some(expires) =
        state.tokens.iter().find(|held| held.token == call.caller.token).and_then(|held| held.expires_ms)
    {
        answer["expires_in"] = json!((expires - call.now_ms) / 1_000);
    }
    Ok(answer)
}

/// `auth.revoke`.
pub(super) fn revoke(state: &mut State, call: &Call) -> Answered {
    if call.args.flag("test") {
        return Ok(json!({ "revoked": false }));
    }
    for held in state.tokens.iter_mut().filter(|held| held.token == call.caller.token) {
        held.is_revoked = true;
    }
    let tokens = json!({ "oauth": [], "bot": [call.caller.user] });
    state.outbox.push((call.caller.team.clone(), json!({ "type": "tokens_revoked", "tokens": tokens })));
    Ok(json!({ "revoked": true }))
}

/// `apps.uninstall`.
pub(super) fn uninstall(state: &mut State, call: &Call) -> Answered {
    client(state, call)?;
    remove(state, &call.caller.team);
    Ok(json!({}))
}

/// Ends all tokens of a workspace, and queues what Slack tells about it.
pub(super) fn remove(state: &mut State, team: &str) {
    for held in state.tokens.iter_mut().filter(|held| held.team == team && held.kind != TokenKind::App) {
        held.is_uninstalled = true;
    }
    let bot = bot_of(team).0;
    state.outbox.push((team.to_owned(), json!({ "type": "tokens_revoked", "tokens": { "oauth": [], "bot": [bot] } })));
    state.outbox.push((team.to_owned(), json!({ "type": "app_uninstalled" })));
}
