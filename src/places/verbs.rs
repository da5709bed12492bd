//! `/socrazi …` in words, English and Japanese: what was typed, nothing more. Whatever is no command is something said.

use crate::domain::lang::Lang;

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verb {
    /// What there is.
    Help,
    /// A draft of this text, for these accounts or all.
    Draft { text: String, accounts: Vec<String> },
    /// The newest draft, or this post, at this time; without a time they choose one.
    Schedule { post: Option<String>, when: String },
    /// The newest draft, or this post, now.
    Publish(Option<String>),
    /// What is to come.
    Calendar,
    /// Figures.
    Report,
    /// Connected accounts.
    Accounts,
    /// Conversations.
    History,
    /// Every conversation is to be deleted.
    Forget,
    /// Language, zone, links.
    Settings,
    /// This language, this time zone.
    Set { lang: Option<Lang>, zone: Option<String> },
    /// Everything stops.
    Pause,
    /// Everything goes on.
    Resume,
    /// How a post came about.
    Why(Option<String>),
    /// A code from the link page.
    Link(String),
    /// Free words.
    Say(String),
}

const WORDS: [(&str, &[&str]); 14] = [
    ("help", &["help", "?", "ヘルプ", "使い方"]),
    ("draft", &["draft", "下書き"]),
    ("schedule", &["schedule", "予約"]),
    ("publish", &["publish", "公開", "投稿"]),
    ("calendar", &["calendar", "list", "予定", "カレンダー"]),
    ("report", &["report", "stats", "レポート"]),
    ("accounts", &["accounts", "アカウント"]),
    ("history", &["history", "履歴"]),
    ("forget", &["forget", "忘れて", "削除", "消去"]),
    ("settings", &["settings", "設定"]),
    ("pause", &["pause", "stop", "停止", "一時停止"]),
    ("resume", &["resume", "再開"]),
    ("why", &["why", "なぜ", "経緯"]),
    ("link", &["link", "連携"]),
];

impl Verb {
    /// Reads what was typed behind the command.
    pub(crate) fn read(text: &str) -> Self {
        let text = text.trim();
        // Japanese is typed with wide blanks as often as not.
        let (first, rest) = text.split_once([' ', '\n', '\u{3000}']).unwrap_or((text, ""));
        let (lower, rest) = (first.to_lowercase(), rest.trim());
        let known = WORDS.iter().find(|(_, words)| words.contains(&lower.as_str())).map(|(verb, _)| *verb);
        let alone = |verb: Self| if rest.is_empty() { verb } else { Self::Say(text.to_owned()) };
        match known {
            None if text.is_empty() => Self::Help,
            None => Self::Say(text.to_owned()),
            Some("draft") => Self::Draft { text: rest.to_owned(), accounts: Vec::new() },
            Some("schedule") => {
                let (post, when) = post_first(rest);
                Self::Schedule { post, when: when.to_owned() }
            }
            Some("publish") => match post_first(rest) {
                (post, "") => Self::Publish(post),
                _ => Self::Say(text.to_owned()),
            },
            Some("why") => Self::Why((!rest.is_empty()).then(|| rest.to_owned())),
            Some("link") => Self::Link(rest.to_owned()),
            Some("calendar") => alone(Self::Calendar),
            Some("report") => Self::Report,
            Some("accounts") => alone(Self::Accounts),
            Some("history") => alone(Self::History),
            Some("forget") => alone(Self::Forget),
            Some("settings") => alone(Self::Settings),
            Some("pause") => alone(Self::Pause),
            Some("resume") => alone(Self::Resume),
            Some(_) => alone(Self::Help),
        }
    }
}

/// A post's id in front of the rest.
fn post_first(text: &str) -> (Option<String>, &str) {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    if first.starts_with("post_") { (Some(first.to_owned()), rest.trim()) } else { (None, text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_in_both_languages_and_everything_else_is_said() {
        let said = |text: &str| Verb::Say(text.to_owned());
        let draft = |text: &str| Verb::Draft { text: text.to_owned(), accounts: Vec::new() };
        let rows = [
            ("", Verb::Help),
            ("help", Verb::Help),
            ("ヘルプ", Verb::Help),
            ("help me with a post", said("help me with a post")),
            ("draft We are live", draft("We are live")),
            ("下書き\u{3000}公開しました", draft("公開しました")),
            ("DRAFT\nTwo\nlines", draft("Two\nlines")),
            ("schedule tomorrow 9am", Verb::Schedule { post: None, when: "tomorrow 9am".into() }),
            ("予約 post_01 明日の朝9時", Verb::Schedule { post: Some("post_01".into()), when: "明日の朝9時".into() }),
            ("publish", Verb::Publish(None)),
            ("publish post_01", Verb::Publish(Some("post_01".into()))),
            ("publish something nice", said("publish something nice")),
            ("pause", Verb::Pause),
            ("pause after lunch?", said("pause after lunch?")),
            ("why post_01", Verb::Why(Some("post_01".into()))),
            ("link ABCDE-FGHJK", Verb::Link("ABCDE-FGHJK".into())),
            ("what is next?", said("what is next?")),
        ];
        for (text, verb) in rows {
            assert_eq!(Verb::read(text), verb, "{text}");
        }
    }
}
