//! Faults: the ways in which the next answers go wrong. What they are and how they travel as JSON;
//! carrying them out is `control`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One planned fault: it strikes requests with this method whose path starts with this prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// HTTP method, or `*` for all.
    pub method: String,
    /// How the path begins.
    pub path_prefix: String,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many requests it strikes (default 1).
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching requests pass untouched first (default 0): for the second part of a chain.
    #[serde(default)]
    pub skip: u32,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault that strikes the next matching request.
    #[must_use]
    pub fn once(method: &str, path_prefix: &str, kind: FaultKind) -> Self {
        Self { method: method.to_owned(), path_prefix: path_prefix.to_owned(), kind, times: 1, skip: 0 }
    }

    /// The same fault, striking `times` requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// The same fault, after letting `skip` matching requests pass.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        (self.method == "*" || self.method.eq_ignore_ascii_case(method)) && path.starts_with(&self.path_prefix)
    }
}

/// What goes wrong. `*Before` means that nothing was done; `*After` that the work is done and durable,
/// and only the answer is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// Answer this at once; nothing is done.
    Status {
        /// HTTP status.
        status: u16,
        /// Body, JSON unless the headers say otherwise.
        #[serde(default)]
        body: String,
        /// Extra headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// Never answer, do nothing.
    HangBefore,
    /// Do the work, never answer.
    HangAfter,
    /// Drop the connection, do nothing.
    ResetBefore,
    /// Do the work, drop the connection.
    ResetAfter,
    /// Do the work, answer its success status with a body nobody can read.
    BrokenBodyAfter,
    /// Do the work, then answer this instead.
    StatusAfter {
        /// HTTP status, usually 503.
        status: u16,
        /// Body.
        #[serde(default)]
        body: String,
    },
    /// 429 with the service's own headers; nothing is done.
    RateLimited {
        /// Seconds until the window opens again.
        retry_after_s: u64,
        /// Which of the seen bodies.
        #[serde(default)]
        body: RateBody,
    },
    /// Wait, then work as usual.
    SlowMs(u64),
    /// Do the work, then wait before the answer: the world sees it while its author still waits.
    SlowAfterMs(u64),
}

/// The bodies a 429 has been seen with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateBody {
    /// Plain text.
    Plain,
    /// A problem document.
    #[default]
    Problem,
    /// The `errors` list of the older API.
    Legacy,
}

/// The planned faults, in order; the first that matches strikes.
#[derive(Debug, Default)]
pub struct FaultPlan(Vec<Fault>);

impl FaultPlan {
    /// Replaces the plan.
    pub fn set(&mut self, faults: Vec<Fault>) {
        self.0 = faults;
    }

    /// What is still planned.
    #[must_use]
    pub fn pending(&self) -> &[Fault] {
        &self.0
    }

    /// The fault that strikes this request, if any; uses it up.
    pub fn strike(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        let at = self.0.iter_mut().position(|fault| {
            if fault.times == 0 || !fault.matches(method, path) {
                return false;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                return false;
            }
            true
        })?;
        let fault = self.0.get_mut(at)?;
        fault.times -= 1;
        let kind = fault.kind.clone();
        if fault.times == 0 {
            self.0.remove(at);
        }
        Some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_skips_then_strikes_then_is_spent() {
        let mut plan = FaultPlan::default();
        plan.set(vec![Fault::once("POST", "/2/tweets", FaultKind::ResetAfter).after(1)]);
        assert_eq!(plan.strike("GET", "/2/tweets"), None);
        assert_eq!(plan.strike("POST", "/2/tweets"), None);
        assert_eq!(plan.strike("POST", "/2/tweets"), Some(FaultKind::ResetAfter));
        assert_eq!(plan.strike("POST", "/2/tweets"), None);
        assert!(plan.pending().is_empty());
    }

    #[test]
    fn faults_travel_as_plain_json() {
        let faults: Vec<Fault> = serde_json::from_str(
            r#"[{"method":"POST","path_prefix":"/2/tweets","kind":"hang_after","times":2},
                {"method":"*","path_prefix":"/","kind":{"status":{"status":503}}},
                {"method":"POST","path_prefix":"/","kind":{"rate_limited":{"retry_after_s":60,"body":"legacy"}}},
                {"method":"GET","path_prefix":"/","kind":{"slow_ms":5}}]"#,
        )
        .unwrap_or_default();
        assert_eq!(faults.len(), 4);
        assert_eq!(faults[0].times, 2);
    }
}
