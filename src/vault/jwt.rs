//! Access tokens of an outside authorization server, as signed JWTs (RFC 7519, RFC 9068). Only the two algorithms that every such server has,
//! and only with a key that the issuer publishes for it; which issuer is asked, and whom a subject stands for, is settled elsewhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

/// Longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// By so much two clocks may differ.
const SKEW_S: i64 = 60;

/// A public key as the issuer publishes it (RFC 7517). What is not needed here is not read.
#[derive(Debug, Clone, Deserialize)]
pub struct Jwk {
    /// `RSA` or `EC`.
    pub kty: String,
    /// Its name.
    #[serde(default)]
    pub kid: Option<String>,
    /// What it is for; a key for encryption checks no signature.
    #[serde(default, rename = "use")]
    pub purpose: Option<String>,
    /// The one algorithm it is for, if it is bound to one.
    #[serde(default)]
    pub alg: Option<String>,
    /// The curve of an `EC` key.
    #[serde(default)]
    pub crv: Option<String>,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

/// What a token says, once its signature was found good.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claims {
    /// Who signed it.
    pub iss: String,
    /// Whom it stands for.
    pub sub: String,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    /// What it may do, in the issuer's words, separated by spaces.
    #[serde(default)]
    pub scope: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    /// Extensions that must be understood: none are (RFC 7515 §4.1.11).
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// Why a token is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotGood {
    /// Not three parts of base64 with JSON in the first two, or too long.
    Unreadable,
    /// No published key fits: the issuer may have a newer one.
    NoKey,
    /// A key fits, and did not sign it; or another algorithm.
    Signature,
    /// Signed, and not for us, not yet, or no more.
    NotForUs,
}

fn decoded(part: &str) -> Result<Vec<u8>, NotGood> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| NotGood::Unreadable)
}

impl Jwk {
    fn fits(&self, header: &Header) -> bool {
        let kind = match header.alg.as_str() {
            "RS256" => self.kty == "RSA",
            "ES256" => self.kty == "EC" && self.crv.as_deref() == Some("P-256"),
            _ => false,
        };
        let is_named = header.kid.is_none() || self.kid == header.kid;
        let is_for_it = self.alg.as_ref().is_none_or(|alg| *alg == header.alg);
        kind && is_named && is_for_it && self.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
    }

    fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let part = |text: &str| decoded(text).unwrap_or_default();
        match self.kty.as_str() {
            "RSA" => {
                let key = RsaPublicKeyComponents { n: part(&self.n), e: part(&self.e) };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            _ => {
                // An uncompressed point (SEC 1 §2.3.3).
                let point = [vec![4], part(&self.x), part(&self.y)].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
        }
    }
}

/// Checks a token of this issuer, for this audience, at this time (Unix seconds).
///
/// # Errors
/// Why it is none.
pub fn verify(token: &str, keys: &[Jwk], (issuer, audience): (&str, &str), now_s: i64) -> Result<Claims, NotGood> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(NotGood::Unreadable);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(NotGood::Unreadable)?;
    let (header, claims) = message.split_once('.').ok_or(NotGood::Unreadable)?;
    let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| NotGood::Unreadable)?;
    let signature = decoded(signature)?;
    if header.crit.is_some() || !["RS256", "ES256"].contains(&header.alg.as_str()) {
        return Err(NotGood::Signature);
    }
    let mut fitting = keys.iter().filter(|key| key.fits(&header)).peekable();
    if fitting.peek().is_none() {
        return Err(NotGood::NoKey);
    }
    if !fitting.any(|key| key.signed(message.as_bytes(), &signature)) {
        return Err(NotGood::Signature);
    }
    let claims: Claims = serde_json::from_slice(&decoded(claims)?).map_err(|_| NotGood::Unreadable)?;
    let is_for_us = match &claims.aud {
        Audience::One(one) => one == audience,
        Audience::Several(several) => several.iter().any(|one| one == audience),
    };
    let is_now = claims.exp > now_s - SKEW_S && claims.nbf.is_none_or(|nbf| nbf <= now_s + SKEW_S);
    if claims.iss == issuer && is_for_us && is_now && !claims.sub.is_empty() {
        Ok(claims)
    } else {
        Err(NotGood::NotForUs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 appendix A.2: the key, and the token that it signed.
    fn rfc7515() -> (Jwk, &'static str) {
        let key = serde_json::json!({ "kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ" });
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        (serde_json::from_value(key).unwrap(), token)
    }

    #[test]
    fn the_published_example_is_signed_and_says_nothing_about_us() {
        let (key, token) = rfc7515();
        let (message, signature) = token.rsplit_once('.').unwrap();
        assert!(key.signed(message.as_bytes(), &decoded(signature).unwrap()));
        assert!(!key.signed(&message.as_bytes()[1..], &decoded(signature).unwrap()));
        // Well signed, and without a subject or an audience.
        assert_eq!(verify(token, std::slice::from_ref(&key), ("joe", "us"), 1_300_000_000), Err(NotGood::Unreadable));
        assert_eq!(verify(token, &[], ("joe", "us"), 1_300_000_000), Err(NotGood::NoKey));
        for other in [
            Jwk { kid: Some("other".into()), alg: Some("ES256".into()), ..key.clone() },
            Jwk { purpose: Some("enc".into()), ..key.clone() },
        ] {
            assert_eq!(verify(token, &[other], ("joe", "us"), 1_300_000_000), Err(NotGood::NoKey));
        }
    }

    #[test]
    fn what_is_signed_with_nothing_or_a_secret_is_no_token() {
        let (key, token) = rfc7515();
        let with = |header: &str| {
            let rest = token.split_once('.').unwrap().1;
            format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
        };
        for header in
            [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"RS256","crit":["b64"]}"#, r#"{"alg":"rs256"}"#]
        {
            assert_eq!(
                verify(&with(header), std::slice::from_ref(&key), ("joe", "us"), 1),
                Err(NotGood::Signature),
                "{header}"
            );
        }
        for broken in ["", "a.b", "a.b.c", "..", &with("[]"), &"a".repeat(20_000)] {
            assert_eq!(
                verify(broken, std::slice::from_ref(&key), ("joe", "us"), 1),
                Err(NotGood::Unreadable),
                "{broken}"
            );
        }
    }
}
