//! Claims in Japanese: a noun of doing or the stem of a verb, and behind it a form that says that it is over.

use super::{Act, By, Claim};

/// Nouns that する makes verbs of.
const NOUNS: [(&str, Act); 27] = [
    ("公開", Act::Published),
    ("投稿", Act::Published),
    ("送信", Act::Published),
    ("配信", Act::Published),
    ("発信", Act::Published),
    ("掲載", Act::Published),
    ("共有", Act::Published),
    ("シェア", Act::Published),
    ("ツイート", Act::Published),
    ("ポスト", Act::Published),
    ("アップ", Act::Published),
    ("予約", Act::Scheduled),
    ("スケジュール", Act::Scheduled),
    ("承認", Act::Approved),
    ("再開", Act::Resumed),
    ("停止", Act::Paused),
    ("キャンセル", Act::Withdrawn),
    ("撤回", Act::Withdrawn),
    ("取り消", Act::Withdrawn),
    ("削除", Act::Forgotten),
    ("消去", Act::Forgotten),
    ("消", Act::Forgotten),
    ("切断", Act::Forgotten),
    ("解除", Act::Forgotten),
    ("接続", Act::Connected),
    ("連携", Act::Connected),
    ("下書き", Act::Drafted),
];
/// Nouns that only say something with a draft before them.
const DRAFT_NOUNS: [&str; 9] = ["作成", "用意", "保存", "準備", "更新", "修正", "編集", "登録", "完成"];
/// Stems of other verbs.
const STEMS: [(&str, Act); 2] = [("取り下げ", Act::Withdrawn), ("取下げ", Act::Withdrawn)];
/// Whole verbs about a draft.
const DRAFT_VERBS: [&str; 8] = [
    "作りました",
    "作っておきました",
    "作ってあります",
    "書きました",
    "書いておきました",
    "書き直しました",
    "直しました",
    "書いてあります",
];
/// Behind a noun: we did it.
const NOUN_DONE: [&str; 18] = [
    "しました",
    "いたしました",
    "致しました",
    "しておきました",
    "しておりました",
    "してあります",
    "してございます",
    "し終えました",
    "しちゃいました",
    "できました",
    "完了です",
    "完了しました",
    "完了いたしました",
    "を行いました",
    "を済ませました",
    "を終えました",
    "が終わりました",
    "が済みました",
];
/// Behind a noun: it is so.
const NOUN_STATE: [&str; 6] =
    ["されました", "されています", "されております", "されてあります", "中です", "となりました"];
/// Behind the stem of a verb.
const STEM_DONE: [&str; 5] = ["ました", "ておきました", "てあります", "終えました", "ときました"];
/// Between a noun and its verb.
const PARTICLES: [&str; 6] = ["", "を", "が", "は", "も", "に"];
/// What takes a form back: 「投稿しましたら」, 「予約しましたか」, 「公開しましたね」.
const OPEN: [&str; 20] = [
    "ら",
    "場合",
    "とき",
    "時",
    "際",
    "後",
    "あと",
    "とは",
    "わけ",
    "という",
    "といった",
    "と言",
    "でしょうか",
    "ね",
    "よね",
    "っけ",
    "？",
    "?",
    "か？",
    "のか",
];
/// Somebody else who did it.
const OTHERS: [&str; 12] = [
    "あなたが",
    "あなたは",
    "お客様が",
    "お客様は",
    "さんが",
    "さんは",
    "ご自身",
    "ユーザー",
    "企業が",
    "会社が",
    "社が",
    "方が",
];
/// It was not in this turn.
const EARLIER: [&str; 14] = [
    "先週",
    "先月",
    "先日",
    "昨日",
    "昨年",
    "去年",
    "以前",
    "前回",
    "おととい",
    "一昨日",
    "日前",
    "週間前",
    "か月前",
    "ヶ月前",
];
/// What may be handed over without being published.
const HANDED: [&str; 9] =
    ["リンクを", "URLを", "案を", "候補を", "プレビューを", "下書きを", "画像を", "ファイルを", "コードを"];

pub(super) fn claims(sentence: &str) -> Vec<Claim> {
    let mut found = Vec::new();
    let is_earlier = EARLIER.iter().any(|word| sentence.contains(word));
    for (at, act, rest) in words(sentence) {
        let before = &sentence[..at];
        let Some((by, rest)) = form(act, rest) else { continue };
        if is_open(rest) || OTHERS.iter().any(|other| before.contains(other)) {
            continue;
        }
        let is_handed = matches!(act.noun, "共有" | "送信") && HANDED.iter().any(|handed| before.ends_with(handed));
        if is_handed {
            continue;
        }
        // 「予約投稿しました」 says that it is scheduled; 「未公開です」 nothing.
        let act = if before.ends_with("予約") { Act::Scheduled } else { act.act };
        if before.ends_with(['未', '非']) {
            continue;
        }
        found.push(Claim { act, by: if is_earlier { By::Anybody } else { by } });
    }
    found
}

/// A word of doing.
#[derive(Clone, Copy)]
struct Word {
    noun: &'static str,
    act: Act,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Noun,
    Stem,
    Whole,
}

/// Every word of doing with what stands behind it.
fn words(sentence: &str) -> Vec<(usize, Word, &str)> {
    let mut found = Vec::new();
    let mut look = |noun: &'static str, act: Act, kind: Kind, from: usize| {
        for (at, _) in sentence.match_indices(noun).filter(|(at, _)| *at >= from) {
            found.push((at, Word { noun, act, kind }, &sentence[at + noun.len()..]));
        }
    };
    for (noun, act) in NOUNS {
        look(noun, act, Kind::Noun, 0);
    }
    for (stem, act) in STEMS {
        look(stem, act, Kind::Stem, 0);
    }
    if let Some(draft) = sentence.find("下書き") {
        for noun in DRAFT_NOUNS {
            look(noun, Act::Drafted, Kind::Noun, draft);
        }
        for verb in DRAFT_VERBS {
            look(verb, Act::Drafted, Kind::Whole, draft);
        }
    }
    found
}

/// Who did it, by the form behind the word, and what stands behind the form.
fn form(word: Word, rest: &str) -> Option<(By, &str)> {
    match word.kind {
        Kind::Whole => Some((By::Us, rest)),
        Kind::Stem => {
            let done = STEM_DONE.iter().find_map(|form| rest.strip_prefix(form)).map(|rest| (By::Us, rest));
            done.or_else(|| rest.strip_prefix("られました").map(|rest| (By::Anybody, rest)))
        }
        Kind::Noun => PARTICLES.iter().filter_map(|particle| rest.strip_prefix(particle)).find_map(noun_form),
    }
}

fn noun_form(rest: &str) -> Option<(By, &str)> {
    let done = NOUN_DONE.iter().find_map(|form| rest.strip_prefix(form)).map(|rest| (By::Us, rest));
    let state = || NOUN_STATE.iter().find_map(|form| rest.strip_prefix(form)).map(|rest| (By::Anybody, rest));
    done.or_else(state).or_else(|| over(rest)).or_else(|| plain(rest))
}

/// 「投稿済みです」, but not 「投稿済みの記事」.
fn over(rest: &str) -> Option<(By, &str)> {
    let rest = rest.strip_prefix("済み").or_else(|| rest.strip_prefix("済"))?;
    let is_said = is_end(rest)
        || ["です", "でございます", "となって", "になって", "、"].iter().any(|next| rest.starts_with(next));
    is_said.then(|| (By::Anybody, rest.strip_prefix("です").unwrap_or(rest)))
}

/// 「公開した。」, but not 「公開した投稿」.
fn plain(rest: &str) -> Option<(By, &str)> {
    let (by, rest) = match rest.strip_prefix("した") {
        Some(rest) => (By::Us, rest),
        None => (By::Anybody, rest.strip_prefix("された")?),
    };
    let goes_on = ["よ", "ので", "から", "けど", "ところ", "んです"].iter().any(|next| rest.starts_with(next));
    (is_end(rest) || goes_on).then_some((by, rest))
}

fn is_end(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '。' | '！' | '!' | '.' | '）' | ')' | '…'))
}

fn is_open(rest: &str) -> bool {
    let asks = rest.starts_with('か') && !rest.starts_with("から");
    asks || OPEN.iter().any(|open| rest.starts_with(open))
}
