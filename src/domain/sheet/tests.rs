//! Tables as spreadsheets write them, and as nobody should.

use proptest::prelude::*;

use super::*;

fn rows(text: &str) -> Vec<SheetRow> {
    let sheet = read(text.as_bytes()).unwrap();
    assert_eq!(sheet.faults, [], "{text}");
    sheet.rows
}

fn key(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().key
}

#[test]
fn heads_are_known_in_both_languages_and_in_any_order() {
    for head in
        ["date,time,accounts,text,media", "Date ; Time;ACCOUNTS;Text;Media", "日付\t時刻\tアカウント\t本文\t画像"]
    {
        let delimiter = if head.contains(';') {
            ";"
        } else if head.contains('\t') {
            "\t"
        } else {
            ","
        };
        let cells = ["2026/12/1", "9:05", "@ana、@ben", "Hello", "https://a.example/b.png"].join(delimiter);
        let found = rows(&format!("{head}\r\n{cells}\r\n"));
        let SheetRow { no, text, accounts, at, media, .. } = &found[0];
        assert_eq!((*no, text.as_str(), at.as_str()), (2, "Hello", "2026-12-01T09:05"), "{head}");
        assert_eq!((accounts.len(), media.len()), (2, 1), "{head}");
    }
    let found = rows("X,テキスト,日時,タイムゾーン,代替テキスト\nfor X,for all,来週火曜の朝9時,Asia/Tokyo,A tower\n");
    assert_eq!(found[0].texts[&Network::X], "for X");
    assert_eq!((found[0].text.as_str(), found[0].at.as_str()), ("for all", "来週火曜の朝9時"));
    assert_eq!((found[0].zone.as_deref(), found[0].alt.as_deref()), (Some("Asia/Tokyo"), Some("A tower")));
}

#[test]
fn what_spreadsheets_write_is_read_whatever_the_encoding() {
    let text = "日時,本文\r\n2026/12/1 9:00,\"ことしも、\r\n「ありがとう」\"\r\n";
    let mark = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
    let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let all = [
        text.as_bytes().to_vec(),
        mark(b"\xef\xbb\xbf", text.as_bytes().to_vec()),
        mark(b"\xff\xfe", wide(u16::to_le_bytes)),
        mark(b"\xfe\xff", wide(u16::to_be_bytes)),
        encoding_rs::SHIFT_JIS.encode(text).0.into_owned(),
    ];
    for bytes in all {
        let found = read(&bytes).unwrap();
        assert_eq!(found.rows[0].text, "ことしも、\n「ありがとう」", "{bytes:?}");
        assert_eq!(found.rows[0].at, "2026-12-01T09:00");
    }
    // A French text of an older encoding is not guessed at.
    let french: Vec<u8> = "date;text\r\n2026-12-01;pr\u{e9}par\u{e9}\r\n".chars().map(|c| c as u8).collect();
    assert_eq!(key(&french), "sheet-encoding");
    assert_eq!(key(b"PK\x03\x04 a workbook"), "sheet-encoding");
    assert_eq!(key(b"\x89PNG\r\n\x1a\n\0\0"), "sheet-encoding");
}

#[test]
fn bad_rows_are_told_by_the_number_that_a_spreadsheet_shows() {
    let text = "date,time,text\n2026-12-01,9:00,good\n\n2026-12-02,9:00,\n,,\n2026-12-03,,\"two\nlines\"\n,,no time\n\
        2026-12-05,9:00,Hello, world\n";
    let found = read(text.as_bytes()).unwrap();
    let numbers: Vec<_> = found.rows.iter().map(|row| row.no).collect();
    let faults: Vec<_> = found.faults.iter().map(|fault| (fault.no, fault.why.key.as_str())).collect();
    assert_eq!(numbers, [2, 6]);
    assert_eq!(faults, [(4, "sheet-row-no-text"), (7, "sheet-row-no-time"), (8, "sheet-row-cells")]);
    for ends in ["\r\n", "\r"] {
        assert_eq!(read(text.replace('\n', ends).as_bytes()).unwrap().faults, found.faults);
    }
    let both = read(b"at,date,text\nnow,2026-12-01,hi\n").unwrap();
    assert_eq!(both.faults[0].why.key, "sheet-row-two-times");
}

#[test]
fn tables_that_cannot_be_used_say_why() {
    assert_eq!(key(b""), "sheet-no-rows");
    assert_eq!(key(b"date,text\n"), "sheet-no-rows");
    assert_eq!(key(b"date,note\n2026-12-01,x\n"), "sheet-no-text-column");
    assert_eq!(key(b"note,text\nx,y\n"), "sheet-no-time-column");
    assert_eq!(key(b"date,text,body\n1,2,3\n"), "sheet-column-twice");
    assert_eq!(key(&vec![b'a'; SHEET_BYTES_MAX + 1]), "sheet-too-large");
    let many = format!("date,text\n{}", "2026-12-01,a\n".repeat(BATCH_POSTS_MAX + 1));
    assert_eq!(key(many.as_bytes()), "sheet-too-many-rows");
    assert_eq!(key(format!("date,text{}\n", ",a".repeat(COLUMNS_MAX)).as_bytes()), "sheet-too-many-columns");
    let found = read(b"date,text,mood\n2026-12-01 9:00,a,glad\n").unwrap();
    assert_eq!(found.ignored, ["mood"]);
}

#[test]
fn formulas_are_text_and_the_templates_are_tables() {
    for cell in ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "'=x"] {
        let found = rows(&format!("at,text\ntomorrow at 9,{cell}\n"));
        assert_eq!(found[0].text, cell);
    }
    for (lang, name, text) in TEMPLATES {
        let found = rows(text);
        assert_eq!((found.len(), found[0].text.lines().count()), (2, 2), "{lang} {name}");
        assert!(found[0].at.starts_with("2026-12-01T09:00"), "{lang}: {}", found[0].at);
        assert!(is_sheet(text.trim_start_matches('\u{feff}')));
    }
    assert!(!is_sheet("Write a post about dates, times and texts") && !is_sheet("date,text"));
}

#[test]
fn days_and_times_of_spreadsheets_become_wall_times() {
    for (given, wanted) in [
        ("2026/12/1 9:00", "2026-12-01T09:00"),
        ("2026-12-01 09:00:00", "2026-12-01T09:00"),
        ("2026-12-01T09:00", "2026-12-01T09:00"),
        ("２０２６／１２／１　９：００", "2026-12-01T09:00"),
        ("2026年12月1日 9時", "2026-12-01T09:00"),
        ("2026年12月1日 9時30分", "2026-12-01T09:30"),
        ("2026-12-01T09:00:00+09:00", "2026-12-01T09:00:00+09:00"),
        ("12/1 9:00", "12/1 9:00"),
        ("next Tue 9am", "next Tue 9am"),
        ("2026/12/1", "2026/12/1"),
    ] {
        assert_eq!(wall_time(given), wanted, "{given}");
    }
}

/// A cell as it is written into a table.
fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

proptest! {
    #[test]
    fn any_text_comes_back_as_it_was_written(
        texts in proptest::collection::vec("[^\0]{1,60}", 1..20),
        delimiter in prop::sample::select(vec![",", ";", "\t"]),
        end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let texts: Vec<String> = texts.into_iter().filter(|text| !text.trim().is_empty()).collect();
        prop_assume!(!texts.is_empty());
        let lines = texts.iter().map(|text| format!("2026-12-01 9:00{delimiter}{}{end}", quoted(text)));
        let table = format!("at{delimiter}text{end}{}", lines.collect::<String>());
        let sheet = read(table.as_bytes()).unwrap();
        prop_assert_eq!(sheet.faults, []);
        let found: Vec<String> = sheet.rows.into_iter().map(|row| row.text).collect();
        prop_assert_eq!(found, texts.iter().map(|text| kept(text)).collect::<Vec<_>>());
    }

    /// Cut anywhere, in any bytes: an answer or a refusal, never a panic, and never more rows than there are lines.
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..400, head in any::<bool>()) {
        let table = if head { [b"date,time,text,accounts\n".as_slice(), &bytes].concat() } else { bytes };
        let part = &table[..cut.min(table.len())];
        for bytes in [part, &table] {
            if let Ok(sheet) = read(bytes) {
                prop_assert!(sheet.rows.len() + sheet.faults.len() <= bytes.len());
                prop_assert!(sheet.rows.iter().all(|row| row.no >= 2 && !row.at.is_empty()));
            }
        }
    }

    /// A real table cut anywhere says of every whole row what it said before.
    #[test]
    fn a_table_that_was_cut_loses_only_its_end(cut in 0_usize..300) {
        let table = "date,time,text\n2026-12-01,9:00,\"one, and\nmore\"\n2026-12-02,10:00,二つ目の投稿\n2026-12-03,11:00,three\n";
        let whole = rows(table);
        let at = (0..=cut.min(table.len())).rev().find(|at| table.is_char_boundary(*at)).unwrap_or(0);
        if let Ok(sheet) = read(&table.as_bytes()[..at]) {
            let sure = sheet.rows.len().saturating_sub(1);
            prop_assert_eq!(&sheet.rows[..sure], &whole[..sure]);
        }
    }
}
