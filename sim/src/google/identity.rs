//! Who somebody is: id_tokens signed with RS256, the keys that verify them, discovery and userinfo (dossier google
//! §1.8). The two keys are made for this simulation and protect nothing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::options::{GoogleOptions, GoogleUser};
use super::problem::Problem;
use super::state::Grant;
use super::{Google, oauth, scopes};
use crate::lock;

const ISSUER: &str = "https://accounts.google.com";
/// How long an id_token is good.
const LIFE_S: i64 = 3_600;
const KEYS: [(&str, &[u8]); 2] =
    [("sim-key-1", include_bytes!("keys/first.der")), ("sim-key-2", include_bytes!("keys/second.der"))];

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A signed id_token; nothing when the key cannot be read, which no test lets pass.
pub(super) fn id_token(
    options: &GoogleOptions,
    (user, grant): (&GoogleUser, &Grant),
    nonce: Option<&str>,
    now_ms: i64,
) -> Option<String> {
    let fault = options.tuning.id_token_fault.as_deref().unwrap_or_default();
    let (kid, der) = KEYS.get(usize::from(options.tuning.keys_rotated))?;
    let hash = Sha256::digest(grant.access.as_bytes());
    let iat = now_ms / 1_000;
    let mut claims = user_claims(user, &grant.scopes);
    claims["iss"] = if fault == "iss" { "https://accounts.example" } else { ISSUER }.into();
    claims["azp"] = options.client_id.as_str().into();
    claims["aud"] = if fault == "aud" { "somebody-else" } else { options.client_id.as_str() }.into();
    claims["iat"] = iat.into();
    claims["exp"] = if fault == "exp" { iat - 120 } else { iat + LIFE_S }.into();
    claims["at_hash"] = URL_SAFE_NO_PAD.encode(hash.get(..16)?).into();
    if let Some(nonce) = nonce {
        claims["nonce"] = if fault == "nonce" { "another" } else { nonce }.into();
    }
    if let Some(hd) = &user.hd {
        claims["hd"] = hd.as_str().into();
    }
    let alg = if fault == "alg" { "none" } else { "RS256" };
    let signed = format!("{}.{}", encode(&json!({"alg": alg, "kid": kid, "typ": "JWT"})), encode(&claims));
    if fault == "alg" {
        return Some(format!("{signed}."));
    }
    let key = KeyPair::from_pkcs8(der).ok()?;
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
    if fault == "signature" {
        signature.reverse();
    }
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn user_claims(user: &GoogleUser, held: &[String]) -> Value {
    let mut claims = json!({"sub": user.sub});
    if scopes::suffice(held, &["userinfo.email"]) {
        claims["email"] = user.email.as_str().into();
        claims["email_verified"] = true.into();
    }
    if scopes::suffice(held, &["userinfo.profile"]) {
        claims["name"] = user.name().into();
        claims["given_name"] = user.given_name.as_str().into();
        claims["family_name"] = user.family_name.as_str().into();
        claims["picture"] = "https://lh3.googleusercontent.com/a/sim".into();
    }
    claims
}

/// `GET /oauth2/v3/certs`.
pub(super) async fn certs(Shared(google): Shared<Arc<Google>>) -> Response {
    let first = usize::from(lock(&google.state).options.tuning.keys_rotated);
    let keys: Vec<Value> = KEYS.iter().skip(first).filter_map(|(kid, der)| published(kid, der)).collect();
    ([(CACHE_CONTROL, "public, max-age=19800, must-revalidate, no-transform")], Json(json!({"keys": keys})))
        .into_response()
}

fn published(kid: &str, der: &[u8]) -> Option<Value> {
    let key = KeyPair::from_pkcs8(der).ok()?;
    let parts: PublicKeyComponents<Vec<u8>> = key.public().into();
    let (n, e) = (URL_SAFE_NO_PAD.encode(parts.n), URL_SAFE_NO_PAD.encode(parts.e));
    Some(json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": n, "e": e}))
}

/// `GET /.well-known/openid-configuration`, with the addresses of this simulator.
pub(super) async fn discovery(headers: HeaderMap) -> Json<Value> {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let at = |path: &str| format!("http://{host}{path}");
    Json(json!({
        "issuer": ISSUER,
        "authorization_endpoint": at("/o/oauth2/v2/auth"),
        "token_endpoint": at("/token"),
        "revocation_endpoint": at("/revoke"),
        "userinfo_endpoint": at("/v1/userinfo"),
        "jwks_uri": at("/oauth2/v3/certs"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "code_challenge_methods_supported": ["S256"],
    }))
}

/// `GET /v1/userinfo`.
pub(super) async fn userinfo(Shared(google): Shared<Arc<Google>>, headers: HeaderMap) -> Response {
    let state = lock(&google.state);
    let claims = oauth::caller(&state, &headers, google.clock.now_ms()).and_then(|caller| {
        let is_signed_in = caller.scopes.iter().any(|scope| scopes::is_sign_in(scope));
        if is_signed_in { Ok(user_claims(&caller.user, &caller.scopes)) } else { Err(Problem::bad_token()) }
    });
    claims.map_or_else(IntoResponse::into_response, |claims| Json(claims).into_response())
}

/// `GET /oauth2/v2/userinfo`: the older spelling.
pub(super) async fn userinfo_v2(Shared(google): Shared<Arc<Google>>, headers: HeaderMap) -> Response {
    let state = lock(&google.state);
    let claims = oauth::caller(&state, &headers, google.clock.now_ms()).map(|caller| {
        let mut claims = user_claims(&caller.user, &caller.scopes);
        if let Some(fields) = claims.as_object_mut() {
            for (old, new) in [("sub", "id"), ("email_verified", "verified_email")] {
                if let Some(value) = fields.remove(old) {
                    fields.insert(new.to_owned(), value);
                }
            }
        }
        claims
    });
    claims.map_or_else(IntoResponse::into_response, |claims| Json(claims).into_response())
}
