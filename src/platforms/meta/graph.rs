//! Calls to one of Meta's Graph APIs in an account's name: those that may be repeated, lists to their end, and the one that shows something,
//! which is sent once (RELIABILITY §1).

use std::sync::Arc;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use super::said::{Waiting, call_fault, lost};
use super::unsure;
use super::wire::Page;
use crate::domain::commit::{Armed, CallFault, CommitOutcome, RefusedClass};
use crate::domain::refusal::Sentence;
use crate::http_out::{Answer, CommitCall, CommitRequest, Outbound, TOTAL_TIMEOUT, bearer};

/// More pages of an account's own posts of one day there cannot be.
const PAGES_MAX: usize = 25;

/// What one network means by its answers.
#[derive(Debug, Clone, Copy)]
pub(in crate::platforms) struct Tongue {
    /// What a status other than 2xx documents, `None` where nothing is documented.
    pub(in crate::platforms) refusal: fn(&Answer) -> Option<RefusedClass>,
    /// The sentence for what is not there (any more).
    pub(in crate::platforms) gone: fn() -> Sentence,
}

/// One of Meta's Graph APIs.
#[derive(Debug)]
pub(in crate::platforms) struct Graph {
    api: Url,
    version: &'static str,
    /// What its answers mean.
    pub(in crate::platforms) tongue: Tongue,
    /// The guarded way out.
    pub(in crate::platforms) out: Arc<Outbound>,
}

impl Graph {
    /// The API at an address. `version` is the segment that every path but those of tokens begins with.
    pub(in crate::platforms) fn new(api: Url, version: &'static str, tongue: Tongue, out: Arc<Outbound>) -> Self {
        Self { api, version, tongue, out }
    }

    /// An address of the token calls, which have no version. `path` begins with a slash and holds only our words and checked ids.
    pub(in crate::platforms) fn bare(&self, path: &str) -> Url {
        at(&self.api, path)
    }

    /// An address of the API.
    pub(in crate::platforms) fn endpoint(&self, path: &str) -> Url {
        self.bare(&format!("{}{path}", self.version))
    }

    /// An address of the API that asks for these fields.
    pub(in crate::platforms) fn fields(&self, path: &str, fields: &str) -> Url {
        let mut url = self.endpoint(path);
        url.query_pairs_mut().append_pair("fields", fields);
        url
    }

    /// A read; its answer is a 200.
    pub(in crate::platforms) async fn get(
        &self,
        access: &SecretString,
        url: Url,
        waiting: Waiting,
    ) -> Result<Answer, CallFault> {
        self.call(access, (Method::GET, url), None, waiting).await
    }

    /// A call that may be repeated; its answer is a 200.
    pub(in crate::platforms) async fn call(
        &self,
        access: &SecretString,
        to: (Method, Url),
        form: Option<&[(&str, String)]>,
        waiting: Waiting,
    ) -> Result<Answer, CallFault> {
        let answer = self.ask(access, to, form).await?;
        if answer.status == 200 { Ok(answer) } else { Err(call_fault(&answer, waiting, &self.tongue)) }
    }

    /// What an answer other than 200 means to a queue.
    pub(in crate::platforms) fn fault(&self, answer: &Answer) -> CallFault {
        call_fault(answer, Waiting::Queue, &self.tongue)
    }

    /// And to somebody who waits for it.
    pub(in crate::platforms) fn fault_for_a_person(&self, answer: &Answer) -> CallFault {
        call_fault(answer, Waiting::Person, &self.tongue)
    }

    /// A call that may be repeated, with any status.
    pub(in crate::platforms) async fn ask(
        &self,
        access: &SecretString,
        (method, url): (Method, Url),
        form: Option<&[(&str, String)]>,
    ) -> Result<Answer, CallFault> {
        let bearer =
            bearer(access).ok_or_else(|| CallFault::Unauthorized { why: "the token is not a header".into() })?;
        let mut call = self.out.request(method, url).header(AUTHORIZATION, bearer);
        if let Some(form) = form {
            call = call.form(form);
        }
        let answer = self.out.send(call).await.map_err(lost)?;
        Ok(without_token(answer, access))
    }

    /// A list, newest first, to the end or to where it is enough. The address has everything but the place where a page begins.
    pub(in crate::platforms) async fn list<T: DeserializeOwned>(
        &self,
        access: &SecretString,
        address: Url,
        is_enough: impl Fn(&[T]) -> bool,
    ) -> Result<Vec<T>, CallFault> {
        let mut found = Vec::new();
        let mut after = String::new();
        for _ in 0..PAGES_MAX {
            let mut url = address.clone();
            if !after.is_empty() {
                url.query_pairs_mut().append_pair("after", &after);
            }
            let page: Page<T> = read(&self.get(access, url, Waiting::Queue).await?)?;
            found.extend(page.data);
            if is_enough(&found) {
                return Ok(found);
            }
            // The next page is asked for by its cursor: `next` is an address, and may carry the token.
            if page.paging.next.is_empty() || page.paging.cursors.after.is_empty() {
                return Ok(found);
            }
            after = page.paging.cursors.after;
        }
        Err(unsure("the list did not end"))
    }

    /// The call that shows something, once. The answer, or how it ended without one.
    pub(in crate::platforms) async fn commit(
        &self,
        armed: &Armed,
        access: &SecretString,
        (url, form): (Url, &[(&str, &str)]),
    ) -> Result<Answer, CommitOutcome> {
        let Some(bearer) = bearer(access) else {
            return Err(CommitOutcome::NotSent { why: "the request could not be built".to_owned() });
        };
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let call = self.out.commit_call(CommitRequest {
            url,
            method: Method::POST,
            headers,
            body: body.into(),
            deadline_boot_ms: armed.sent_deadline_boot_ms(),
            timeout: TOTAL_TIMEOUT,
        });
        match call.await {
            CommitCall::NotSent { why } => Err(CommitOutcome::NotSent { why }),
            CommitCall::Lost { what } => Err(CommitOutcome::Unknown { evidence: what }),
            CommitCall::Answer(answer) => Ok(without_token(answer, access)),
        }
    }
}

/// An address below another one.
pub(in crate::platforms) fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let above = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{above}{path}"));
    url.set_query(None);
    url
}

/// What Meta says of a refused call may repeat the token, and lists name it in the address of their next page: both may be shown or logged.
fn without_token(mut answer: Answer, access: &SecretString) -> Answer {
    answer.body = String::from_utf8_lossy(&answer.body).replace(access.expose_secret(), "[token]").into();
    answer
}

/// An answer that is not what was asked for.
pub(in crate::platforms) fn unreadable(answer: &Answer) -> CallFault {
    let why = format!("HTTP {}: {} bytes could not be read", answer.status, answer.body.len());
    CallFault::Later { after_ms: None, why }
}

/// The answer as what was asked for.
pub(in crate::platforms) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallFault> {
    serde_json::from_slice(&answer.body).map_err(|_| unreadable(answer))
}
