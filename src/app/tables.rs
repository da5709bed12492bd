//! Reports that are no rows of Google's, as tables: what went out and what networks counted of it, what posts brought, which pages are in the index. They
//! are what the tools answer, whole; here they become pages and files.

use serde_json::{Map, Value, json};

use super::App;
use super::figures::quoted;
use crate::domain::caller::Caller;
use crate::domain::tool::ToolError;
use crate::tools::ToolContext;

/// Rows of a file.
const ROWS_MAX: usize = 50_000;

/// Which table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// What went out in so many days.
    Posts(i64),
    /// What posts brought in a period.
    Outcomes(String),
    /// Whether pages of a site are in the index.
    Indexing {
        /// The site; the chosen one without.
        site: Option<String>,
        /// The pages.
        urls: Vec<String>,
    },
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Of what, and of which days, as far as that is known.
    pub about: Vec<String>,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows: texts, numbers, nothings, lists and counts by name.
    pub rows: Vec<Vec<Value>>,
    /// What lessens it, in words that answers use.
    pub badges: Vec<String>,
    /// What must be known to read it.
    pub said: Vec<String>,
    /// Not all of it is there.
    pub has_more: bool,
}

impl App {
    /// A table, in the person's language.
    ///
    /// # Errors
    /// As the tool that answers it.
    pub async fn table(&self, caller: &Caller, asked: &Asked) -> Result<Table, ToolError> {
        let (name, arguments) = match asked {
            Asked::Posts(days) => ("report_posts", json!({ "days": days })),
            Asked::Outcomes(period) => ("report_posts", json!({ "outcomes": true, "period": period })),
            Asked::Indexing { site, urls } => {
                ("report_search", json!({ "view": "indexing", "site": site, "urls": urls }))
            }
        };
        // A page is read by its person and goes to no model, whatever the model's quota is.
        let is_withheld = !caller.sees_google;
        let cx = ToolContext { rows_max: Some(ROWS_MAX), is_withheld, ..self.tool_context(caller, caller.lang) };
        let answer = self.toolbox.call(&cx, name, arguments).await?.structured;
        Ok(match asked {
            Asked::Posts(_) => posts(&answer),
            Asked::Outcomes(_) => outcomes(&answer["outcomes"]),
            Asked::Indexing { .. } => indexing(&answer),
        })
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn rows(value: &Value) -> Vec<Vec<Value>> {
    list(value).iter().map(|row| list(row).to_vec()).collect()
}

/// What went out with what was counted of it, then what did not, and why.
fn posts(answer: &Value) -> Table {
    /// Of a row of figures: which post, which account.
    const KEYS: usize = 2;
    let figures = &answer["figures"];
    let counted = rows(&figures["rows"]);
    let names: Vec<String> = texts(&figures["columns"]).into_iter().skip(KEYS).collect();
    let row = |one: &Value, state: Value| {
        let mut cells = vec![one["at"].clone(), one["account"].clone(), one["post"].clone(), state];
        cells.extend([one["text"].clone(), one["permalink"].clone()]);
        let known = counted.iter().find(|row| row.first() == Some(&one["post"]) && row.get(1) == Some(&one["account"]));
        cells.extend((0..names.len()).map(|no| known.and_then(|row| row.get(no + KEYS)).cloned().unwrap_or_default()));
        cells
    };
    let out = list(&answer["published"]).iter().map(|one| row(one, "published".into()));
    let not_out = list(&answer["not_published"]).iter().map(|one| row(one, one["wording"].clone()));
    let said = list(&figures["winners"]).iter().filter_map(|winner| winner["said"].as_str().map(str::to_owned));
    Table {
        about: vec![answer["zone"].as_str().unwrap_or_default().to_owned()],
        columns: ["at", "account", "post", "state", "text", "permalink"]
            .map(str::to_owned)
            .into_iter()
            .chain(names.clone())
            .collect(),
        rows: out.chain(not_out).collect(),
        badges: Vec::new(),
        said: texts(&figures["caveats"]).into_iter().chain(said).collect(),
        has_more: answer["has_more"] == true,
    }
}

fn outcomes(answer: &Value) -> Table {
    Table {
        about: [&answer["property"], &answer["period"]]
            .into_iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        columns: texts(&answer["columns"]),
        rows: rows(&answer["rows"]),
        badges: texts(&answer["badges"]),
        said: texts(&answer["caveats"]),
        has_more: false,
    }
}

fn indexing(answer: &Value) -> Table {
    Table {
        about: vec![answer["source"].as_str().unwrap_or_default().to_owned()],
        columns: texts(&answer["columns"]),
        rows: rows(&answer["rows"]),
        badges: texts(&answer["badges"]),
        said: texts(&answer["caveats"]),
        has_more: answer.get("next_cursor").is_some(),
    }
}

/// A cell in words.
#[must_use]
pub fn shown(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(is_so) => is_so.to_string(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(" "),
        Value::Object(all) => {
            all.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect::<Vec<_>>().join("; ")
        }
    }
}

impl Table {
    /// For programs that calculate (RFC 4180). What a stranger named like a formula stays text there.
    #[must_use]
    pub fn csv(&self) -> String {
        // Programs that open such files take them for Latin without it.
        let mut text = String::from("\u{feff}");
        let cell = |cell: &Value| match cell {
            Value::Number(number) => number.to_string(),
            cell => quoted(&shown(cell)),
        };
        let head: Vec<String> = self.columns.iter().map(|name| quoted(name)).collect();
        for line in std::iter::once(head).chain(self.rows.iter().map(|row| row.iter().map(cell).collect())) {
            text.push_str(&line.join(","));
            text.push_str("\r\n");
        }
        text
    }

    /// For other programs, with all that must be said.
    #[must_use]
    pub fn json(&self) -> Value {
        let row = |row: &Vec<Value>| {
            let named = self.columns.iter().cloned().zip(row.iter().cloned());
            Value::Object(named.collect::<Map<_, _>>())
        };
        json!({
            "about": self.about,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "has_more": self.has_more,
            "badges": self.badges,
            "caveats": self.said,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_as_a_file_says_the_same_and_runs_nothing() {
        let table = Table {
            columns: ["post", "visits", "key_events", "pages", "text"].map(str::to_owned).to_vec(),
            rows: vec![vec![
                "post_1".into(),
                Value::Null,
                json!({ "=cmd": 2, "sign_up": 3 }),
                json!(["/a", "/b"]),
                "=1+1, \"hi\"".into(),
            ]],
            ..Table::default()
        };
        let csv = table.csv();
        let (head, row) = csv.trim_start_matches('\u{feff}').split_once("\r\n").unwrap();
        assert_eq!(head, "post,visits,key_events,pages,text");
        assert_eq!(row, "post_1,,\"'=cmd: 2; sign_up: 3\",/a /b,\"'=1+1, \"\"hi\"\"\"\r\n");
        assert_eq!(table.json()["rows"][0]["key_events"]["sign_up"], 3);
    }

    #[test]
    fn posts_stand_beside_what_was_counted_of_them() {
        let answer = json!({ "zone": "UTC", "has_more": true,
            "published": [{ "post": "p1", "account": "@a · X", "at": "t1", "text": "one", "permalink": "https://x/1" },
                { "post": "p1", "account": "@b · Threads", "at": "t2", "text": "one" }],
            "not_published": [{ "post": "p2", "account": "@a · X", "at": "t3", "wording": "Missed." }],
            "figures": { "columns": ["post", "account", "hours", "views"], "rows": [["p1", "@a · X", 24, 306]], "caveats": ["How."], "winners": [{ "said": "Won." }] } });
        let table = posts(&answer);
        assert_eq!(table.columns, ["at", "account", "post", "state", "text", "permalink", "hours", "views"]);
        let cells: Vec<String> =
            table.rows.iter().map(|row| row.iter().map(shown).collect::<Vec<_>>().join("|")).collect();
        assert_eq!(
            cells,
            [
                "t1|@a · X|p1|published|one|https://x/1|24|306",
                "t2|@b · Threads|p1|published|one|||",
                "t3|@a · X|p2|Missed.||||"
            ]
        );
        assert_eq!((table.said.join(" ").as_str(), table.has_more), ("How. Won.", true));
    }
}
