//! What puts the pieces of an answer together: whatever the events say, it does not panic, what it told is what it says in the end, and what
//! it would send back to the service is JSON with every call in it. Events are the lines of the input.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The very files of the server, with as much of the room above them as they name: a word that is missing here does not compile.
mod llm {
    use serde_json::Value;

    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Delta {
        Thought(String),
        Text(String),
        Usage(Usage),
    }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Call {
        pub id: Option<String>,
        pub name: String,
        pub arguments: Value,
    }
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub struct Usage {
        pub input: i64,
        pub output: i64,
        pub thought: i64,
        pub cached: i64,
    }
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Finish {
        Done,
        Length,
        Blocked(String),
        Broken,
    }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Said {
        pub raw: String,
        pub text: String,
        pub calls: Vec<Call>,
        pub finish: Finish,
        pub usage: Usage,
        pub model: String,
    }
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum ModelFault {
        Key(String),
        Gone(String),
        Limited { wait_s: Option<u64>, is_daily: bool },
        Busy(String),
        NotTaken(String),
        Blocked(String),
        Cut(String),
    }
}

#[path = "."]
mod gemini {
    #[expect(dead_code, reason = "whole answers are read elsewhere, and its tests are not built here")]
    #[path = "../../src/llm/gemini/fault.rs"]
    mod fault;
    #[path = "../../src/llm/gemini/gather.rs"]
    mod gather;

    use crate::llm::{Delta, ModelFault, Said};

    /// The answer that these events make, and what was told on the way.
    pub fn gathered<'a>(events: impl Iterator<Item = &'a str>) -> (Result<Said, ModelFault>, Vec<Delta>) {
        let (mut gathering, mut told) = (gather::Gathering::default(), Vec::new());
        for event in events {
            if let Err(fault) = gathering.take(event, &mut |delta| told.push(delta)) {
                return (Err(fault), told);
            }
        }
        let _either = gathering.is_begun();
        (gathering.end(), told)
    }
}

fuzz_target!(|input: &str| {
    let (said, told) = gemini::gathered(input.lines().filter(|line| !line.is_empty()));
    let Ok(said) = said else { return };
    let text: String = told
        .iter()
        .filter_map(|delta| match delta {
            llm::Delta::Text(text) => Some(text.as_str()),
            llm::Delta::Thought(_) | llm::Delta::Usage(_) => None,
        })
        .collect();
    assert_eq!(said.text, text);
    let raw: serde_json::Value = serde_json::from_str(&said.raw).expect("what goes back is JSON");
    let parts = raw["parts"].as_array().expect("with parts");
    let calls = parts.iter().filter(|part| part.get("functionCall").is_some_and(serde_json::Value::is_object)).count();
    assert_eq!(calls, said.calls.len());
});
