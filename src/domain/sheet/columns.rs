//! What columns of a plan are called, in English and Japanese, and the tables to begin with.

use crate::domain::network::Network;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Text,
    /// The text for one network.
    TextOn(Network),
    Accounts,
    /// Day and time in one.
    At,
    Date,
    Time,
    Zone,
    Media,
    Alt,
    /// Nothing that is known here, with its name.
    Other(String),
}

/// Names without blanks, marks and capitals.
const NAMES: [(&str, Column); 65] = [
    ("text", Column::Text),
    ("post", Column::Text),
    ("posttext", Column::Text),
    ("content", Column::Text),
    ("message", Column::Text),
    ("body", Column::Text),
    ("caption", Column::Text),
    ("本文", Column::Text),
    ("テキスト", Column::Text),
    ("投稿", Column::Text),
    ("投稿文", Column::Text),
    ("投稿内容", Column::Text),
    ("投稿本文", Column::Text),
    ("内容", Column::Text),
    ("文章", Column::Text),
    ("account", Column::Accounts),
    ("accounts", Column::Accounts),
    ("handle", Column::Accounts),
    ("network", Column::Accounts),
    ("networks", Column::Accounts),
    ("platform", Column::Accounts),
    ("アカウント", Column::Accounts),
    ("アカウント名", Column::Accounts),
    ("ネットワーク", Column::Accounts),
    ("媒体", Column::Accounts),
    ("sns", Column::Accounts),
    ("投稿先", Column::Accounts),
    ("at", Column::At),
    ("when", Column::At),
    ("datetime", Column::At),
    ("dateandtime", Column::At),
    ("scheduledat", Column::At),
    ("publishat", Column::At),
    ("日時", Column::At),
    ("投稿日時", Column::At),
    ("公開日時", Column::At),
    ("予約日時", Column::At),
    ("予定日時", Column::At),
    ("date", Column::Date),
    ("day", Column::Date),
    ("日付", Column::Date),
    ("日", Column::Date),
    ("投稿日", Column::Date),
    ("公開日", Column::Date),
    ("予定日", Column::Date),
    ("time", Column::Time),
    ("時刻", Column::Time),
    ("時間", Column::Time),
    ("投稿時刻", Column::Time),
    ("公開時刻", Column::Time),
    ("zone", Column::Zone),
    ("timezone", Column::Zone),
    ("tz", Column::Zone),
    ("タイムゾーン", Column::Zone),
    ("media", Column::Media),
    ("medialink", Column::Media),
    ("mediaurl", Column::Media),
    ("image", Column::Media),
    ("imageurl", Column::Media),
    ("画像", Column::Media),
    ("動画", Column::Media),
    ("メディア", Column::Media),
    ("alt", Column::Alt),
    ("alttext", Column::Alt),
    ("代替テキスト", Column::Alt),
];

/// A table to begin with, by language: its file's name and its text, which opens in spreadsheets as it is (UTF-8 with its mark).
pub const TEMPLATES: [(&str, &str, &str); 2] = [
    (
        "en",
        "socrazi-plan.csv",
        "\u{feff}date,time,accounts,text,media,alt,zone\r\n\
         2026-12-01,09:00,,\"The first post, with a comma.\nAnd a second line.\",,,\r\n\
         2026-12-02,18:30,,Another post,,,Europe/Berlin\r\n",
    ),
    (
        "ja",
        "socrazi-plan-ja.csv",
        "\u{feff}日付,時刻,アカウント,本文,画像,代替テキスト,タイムゾーン\r\n\
         2026/12/1,9:00,,\"最初の投稿です。\n2行目も書けます。\",,,\r\n\
         2026/12/2,18:30,,次の投稿です。,,,Asia/Tokyo\r\n",
    ),
];

impl Column {
    /// What a column called so holds.
    pub(super) fn of(name: &str) -> Self {
        let plain = plain(name);
        if let Some(network) = Network::ALL.into_iter().find(|network| is_text_on(&plain, *network)) {
            return Self::TextOn(network);
        }
        let known = NAMES.iter().find(|(known, _)| *known == plain);
        known.map_or_else(|| Self::Other(name.to_owned()), |(_, column)| column.clone())
    }

    /// What to call it where it is spoken of.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::TextOn(network) => network.shown().to_owned(),
            Self::Other(name) => name.clone(),
            known => {
                let name = NAMES.iter().find(|(_, column)| column == known).map_or("", |(name, _)| name);
                name.to_owned()
            }
        }
    }
}

/// A network's own text: `x`, `text x`, `x text`, 「Xの本文」, 「本文（X）」.
fn is_text_on(plain: &str, network: Network) -> bool {
    let slug = network.slug();
    let rest = plain.strip_prefix(slug).or_else(|| plain.strip_suffix(slug));
    rest.is_some_and(|rest| matches!(rest, "" | "text" | "post" | "の本文" | "本文" | "用本文" | "の投稿" | "投稿文"))
}

fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric() || *c == 'ー');
    kept.map(wide_letter).flat_map(char::to_lowercase).collect()
}

/// Full-width Latin letters as plain ones.
fn wide_letter(c: char) -> char {
    match c {
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 'Ａ' as u32 + 'A' as u32).unwrap_or(c),
        c => c,
    }
}
