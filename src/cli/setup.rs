//! `socrazi setup NETWORK`: what a network wants before anybody can connect an account there. Nothing is asked or changed.

use std::process::ExitCode;

use clap::Args;

use super::{Place, Usage};
use crate::app::setup::{Asked, Setup as Facts, services, setup};
use crate::domain::google::Service;
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::i18n::Words;

#[derive(Debug, Args)]
pub(super) struct Setup {
    /// x, threads, instagram, linkedin, tiktok, youtube, or google for reports
    #[arg(value_name = "NETWORK")]
    network: Option<String>,
    /// Language of what is printed: en or ja
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = language)]
    lang: Lang,
}

pub(super) fn language(text: &str) -> Result<Lang, String> {
    Lang::find(text).ok_or_else(|| "must be en or ja".to_owned())
}

impl Setup {
    pub(super) fn run(&self, place: &Place) -> anyhow::Result<ExitCode> {
        let service = self.service()?;
        let config = place.load()?;
        print!("{}", told(&setup(&config, service), &Words::load(), self.lang));
        Ok(ExitCode::SUCCESS)
    }

    fn service(&self) -> Result<Service, Usage> {
        let allowed = services().map(Service::slug).collect::<Vec<_>>().join(", ");
        let Some(name) = self.network.as_deref() else {
            return Err(Usage(format!("setup wants the name of a network: one of {allowed}")));
        };
        Service::find(name).ok_or_else(|| Usage(format!("setup {name}: there is no such network; one of {allowed}")))
    }
}

fn told(facts: &Facts, words: &Words, lang: Lang) -> String {
    let say = |sentence: &Sentence| words.tell(lang, sentence);
    let heading = |key: &str| format!("\n{}\n", words.text(lang, key));
    let keys = words.text(lang, if facts.has_keys { "setup-keys-set" } else { "setup-keys-unset" });
    let mut text = format!("{}\n{keys}\n", facts.shown());
    text += &heading("setup-heading-redirect");
    text += &format!("  {}\n", facts.redirect);
    text += &heading("setup-heading-scopes");
    for Asked { scope, purposes } in &facts.scopes {
        let purposes: Vec<_> = purposes.iter().map(say).collect();
        let purposes = if purposes.is_empty() { String::new() } else { format!(" – {}", purposes.join(" · ")) };
        text += &format!("  {scope}{purposes}\n");
    }
    text += &heading("setup-heading-steps");
    for (no, step) in facts.steps.iter().chain(&facts.register).chain([&facts.keys]).enumerate() {
        text += &format!("  {}. {}\n", no + 1, say(step));
    }
    text += &heading("setup-heading-limits");
    for limit in &facts.limits {
        let mark = words.text(lang, if limit.is_red { "setup-mark-red" } else { "setup-mark-note" });
        text += &format!("  [{mark}] {}\n", say(&limit.what));
    }
    text += &heading("setup-heading-cost");
    text + &format!("  {}\n", say(&facts.cost))
}
