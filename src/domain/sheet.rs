//! A plan as a table of comma-separated values: bytes become rows, and every row that cannot be used is told by its number with what is wrong.
//! Cells are text and stay text: `=1+1` is what somebody wrote, not a sum. What a row means (accounts, times, media) is decided elsewhere.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::batch::BATCH_POSTS_MAX;
use super::ids::MediaId;
use super::network::Network;
use super::refusal::Sentence;
use crate::say;

mod columns;
mod decode;
#[cfg(test)]
mod tests;

use columns::Column;
pub use columns::TEMPLATES;

/// Most bytes of a table: three hundred long posts with their links are a quarter of it.
pub const SHEET_BYTES_MAX: usize = 1 << 20;
/// Most columns; a table of posts has a dozen.
const COLUMNS_MAX: usize = 64;
/// What may stand between cells, by how common it is.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// What a table says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The rows that can be read, in order.
    pub rows: Vec<SheetRow>,
    /// The rows that cannot, in order.
    pub faults: Vec<RowFault>,
    /// Columns that mean nothing here, as they are called.
    pub ignored: Vec<String>,
}

/// One post as its row says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// The row's number as spreadsheets show it: the head is row 1.
    pub no: usize,
    /// What every account shows that its network has no text of its own for; may be empty then.
    pub text: String,
    /// What accounts of single networks show.
    pub texts: BTreeMap<Network, String>,
    /// Account ids, handles or networks.
    pub accounts: Vec<String>,
    /// When: a wall time (`2026-12-01T09:00`), an instant, or words.
    pub at: String,
    /// The zone it is meant in, as it was written.
    pub zone: Option<String>,
    /// Addresses or ids of media.
    pub media: Vec<String>,
    /// What the first of them shows, for people who cannot see it.
    pub alt: Option<String>,
}

/// A row that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Its number as spreadsheets show it.
    pub no: usize,
    /// What is wrong with it and what is allowed.
    pub why: Sentence,
}

/// What media the rows name, brought in: by the row's number, or why not.
pub type RowMedia = BTreeMap<usize, Result<Vec<MediaId>, Sentence>>;

/// Reads a table: UTF-8 with or without its mark, UTF-16 with its mark, or Shift_JIS; commas, semicolons or tabs; quoted line ends.
///
/// # Errors
/// A sentence when it is no table, too large, in an unknown encoding, or has no usable head. Faults of single rows are in the answer.
pub fn read(bytes: &[u8]) -> Result<Sheet, Sentence> {
    if bytes.len() > SHEET_BYTES_MAX {
        return Err(say!("sheet-too-large", max = SHEET_BYTES_MAX >> 20));
    }
    read_text(&decode::decode(bytes)?)
}

/// Whether a text looks like a table of posts: its head is one.
#[must_use]
pub fn is_sheet(text: &str) -> bool {
    text.contains('\n') && head(text).is_ok()
}

fn read_text(text: &str) -> Result<Sheet, Sentence> {
    let (delimiter, columns) = head(text)?;
    let (mut sheet, mut count) = (Sheet { ignored: ignored(&columns), ..Sheet::default() }, 0);
    let mut reader = reader(text, delimiter);
    let (mut record, mut no) = (csv::StringRecord::new(), 0);
    loop {
        let from = reader.position().byte();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            // Text is text in every encoding that was decoded, and cells may be missing or too many: nothing else can fail.
            Ok(false) | Err(_) => break,
        }
        no += blank_lines(text, from) + 1;
        if no == 1 + blank_lines_before_head(text) || is_blank(&record) {
            continue;
        }
        count += 1;
        if count > BATCH_POSTS_MAX {
            return Err(say!("sheet-too-many-rows", max = BATCH_POSTS_MAX));
        }
        match row(no, &columns, &record) {
            Ok(row) => sheet.rows.push(row),
            Err(why) => sheet.faults.push(RowFault { no, why }),
        }
    }
    if count == 0 {
        return Err(say!("sheet-no-rows"));
    }
    Ok(sheet)
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

/// The reader passes over empty lines without a word; spreadsheets count them.
fn blank_lines(text: &str, from: u64) -> usize {
    let at = usize::try_from(from).unwrap_or(usize::MAX).min(text.len());
    let bytes = text.as_bytes();
    let mut rest = &bytes[at..];
    // The second half of the line end before.
    if at > 0 && bytes[at - 1] == b'\r' {
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    let blank = &rest[..rest.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len())];
    let (mut lines, mut bytes) = (0, blank.iter().peekable());
    while let Some(byte) = bytes.next() {
        lines += 1;
        if *byte == b'\r' {
            bytes.next_if(|next| **next == b'\n');
        }
    }
    lines
}

fn blank_lines_before_head(text: &str) -> usize {
    blank_lines(text, 0)
}

fn is_blank(record: &csv::StringRecord) -> bool {
    record.iter().all(|cell| cell.trim().is_empty())
}

/// The delimiter and what each column is: whichever reading of the head knows most columns.
fn head(text: &str) -> Result<(u8, Vec<Column>), Sentence> {
    let mut best: Option<(usize, u8, Vec<Column>)> = None;
    for delimiter in DELIMITERS {
        let mut record = csv::StringRecord::new();
        if !reader(text, delimiter).read_record(&mut record).unwrap_or(false) {
            continue;
        }
        let columns: Vec<_> = record.iter().take(COLUMNS_MAX + 1).map(Column::of).collect();
        let known = columns.iter().filter(|column| !matches!(column, Column::Other(_))).count();
        if best.as_ref().is_none_or(|(most, ..)| known > *most) {
            best = Some((known, delimiter, columns));
        }
    }
    let (_, delimiter, columns) = best.ok_or_else(|| say!("sheet-no-rows"))?;
    if columns.len() > COLUMNS_MAX {
        return Err(say!("sheet-too-many-columns", max = COLUMNS_MAX));
    }
    for (at, column) in columns.iter().enumerate() {
        if !matches!(column, Column::Other(_)) && columns[..at].contains(column) {
            return Err(say!("sheet-column-twice", column = column.shown()));
        }
    }
    let has = |wanted: fn(&Column) -> bool| columns.iter().any(wanted);
    if !has(|column| matches!(column, Column::Text | Column::TextOn(_))) {
        return Err(say!("sheet-no-text-column"));
    }
    if !has(|column| matches!(column, Column::At | Column::Date)) {
        return Err(say!("sheet-no-time-column"));
    }
    Ok((delimiter, columns))
}

fn ignored(columns: &[Column]) -> Vec<String> {
    let other = |column: &Column| match column {
        Column::Other(name) if !name.trim().is_empty() => Some(name.trim().chars().take(40).collect()),
        _ => None,
    };
    columns.iter().filter_map(other).collect()
}

/// Between accounts, or between addresses of media, in one cell.
const BETWEEN: [char; 8] = [',', ';', '、', '，', '；', '\n', '\r', '|'];

fn row(no: usize, columns: &[Column], record: &csv::StringRecord) -> Result<SheetRow, Sentence> {
    if record.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty()) {
        return Err(say!("sheet-row-cells", cells = record.len(), columns = columns.len()));
    }
    let mut row = SheetRow { no, ..SheetRow::default() };
    let (mut at, mut day, mut clock) = ("", "", "");
    for (column, cell) in columns.iter().zip(record) {
        let short = cell.trim();
        match column {
            Column::Text => row.text = kept(cell),
            Column::TextOn(network) if !short.is_empty() => {
                row.texts.insert(*network, kept(cell));
            }
            Column::Accounts => row
                .accounts
                .extend(short.split(BETWEEN).flat_map(str::split_whitespace).map(|account| account.trim().to_owned())),
            Column::At => at = short,
            Column::Date => day = short,
            Column::Time => clock = short,
            Column::Zone => row.zone = Some(short.to_owned()).filter(|zone| !zone.is_empty()),
            Column::Media => row
                .media
                .extend(short.split(BETWEEN).flat_map(str::split_whitespace).map(|medium| medium.trim().to_owned())),
            Column::Alt => row.alt = Some(short.to_owned()).filter(|alt| !alt.is_empty()),
            Column::TextOn(_) | Column::Other(_) => {}
        }
    }
    row.accounts.retain(|account| !account.is_empty());
    row.media.retain(|medium| !medium.is_empty());
    if row.text.trim().is_empty() && row.texts.is_empty() && row.media.is_empty() {
        return Err(say!("sheet-row-no-text"));
    }
    row.at = match (at.is_empty(), day.is_empty(), clock.is_empty()) {
        (true, true, _) => return Err(say!("sheet-row-no-time")),
        (false, true, true) => wall_time(at).into_owned(),
        (true, false, true) => wall_time(day).into_owned(),
        (true, false, false) => wall_time(&format!("{day} {clock}")).into_owned(),
        // A day and time together beside a day or a time: nobody knows which holds.
        (false, _, _) => return Err(say!("sheet-row-two-times")),
    };
    Ok(row)
}

/// Text as it is, without the blank space around it that no network shows.
fn kept(cell: &str) -> String {
    cell.trim().replace("\r\n", "\n").replace('\r', "\n")
}

/// Days and times as spreadsheets write them (`2026/12/1 9:00`, `2026年12月1日 9時30分`), as a wall time; anything else is left to whoever
/// reads words.
#[must_use]
pub fn wall_time(text: &str) -> Cow<'_, str> {
    let narrow: String = text
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
            '：' => ':',
            '／' => '/',
            '　' => ' ',
            c => c,
        })
        .collect();
    let numbers: Option<Vec<u32>> = {
        let spelled = narrow.replace(['年', '月'], "/").replace('日', " ").replace('時', ":").replace(['分', '秒'], "");
        let (day, clock) = spelled.trim().split_once([' ', 'T']).unwrap_or((spelled.trim(), ""));
        let (day, clock) = (day.trim(), clock.trim().trim_end_matches(':'));
        let is_day = day.split(['/', '-']).count() == 3 && day.chars().all(|c| c.is_ascii_digit() || "/-".contains(c));
        let is_clock = !clock.is_empty() && clock.chars().all(|c| c.is_ascii_digit() || c == ':');
        let parts = day.split(['/', '-']).chain(clock.split(':'));
        (is_day && is_clock && day.starts_with("20"))
            .then(|| parts.map(str::parse).collect::<Result<_, _>>().ok())
            .flatten()
    };
    match numbers.as_deref() {
        Some([y, m, d, h]) if narrow.contains('時') => Cow::Owned(format!("{y:04}-{m:02}-{d:02}T{h:02}:00")),
        Some([y, m, d, h, min] | [y, m, d, h, min, _]) => Cow::Owned(format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}")),
        Some(_) | None => Cow::Borrowed(text),
    }
}
