//! Posts as each network would show them, in both languages and on both grounds; and what hostile texts and pictures cannot do.

use socrazi::pictures::{
    Arranged, Kind, MEDIA_SHOWN, Medium, Order, PARTS_SHOWN, Part, Pixels, Post, Theme, draw_post,
};

use super::{Pixmap, judged, words};

/// What a picture of a post has at the most.
const BYTES_MAX: usize = 300_000;

/// Something like a photograph: a sky, a hill, a loaf, and a little noise.
fn photo((width, height): (u32, u32), tone: u32) -> Pixels {
    let mut rgba = Vec::new();
    let mut seed = 7_u32.wrapping_add(tone);
    for y in 0..height {
        for x in 0..width {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 28) & 7;
            let (u, v) = (x * 255 / width, y * 255 / height);
            let is_hill = v > 150 + (u / 16 % 8) * 6;
            let is_loaf = (i64::from(u) - 120).pow(2) * 2 + (i64::from(v) - 170).pow(2) * 3 < 16_000;
            let [red, green, blue] = match (is_loaf, is_hill) {
                (true, _) => [190 + noise, 130 + v / 8, 70],
                (false, true) => [60 + u / 4, 120 + tone, 70 + noise],
                (false, false) => [120 + v / 2, 170 + v / 4, 235 - tone],
            };
            let channel = |value: u32| u8::try_from(value.min(255)).unwrap();
            rgba.extend([channel(red), channel(green), channel(blue), 255]);
        }
    }
    Pixels { width, height, rgba }
}

fn picture(size: (i64, i64), crop: Option<(i64, i64)>) -> Medium {
    let scale = 300.0 / f64::from(i32::try_from(size.0.max(size.1)).unwrap());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small picture")]
    let side = |side: i64| (f64::from(i32::try_from(side).unwrap()) * scale) as u32;
    let pixels = Some(photo((side(size.0).max(1), side(size.1).max(1)), u32::try_from(size.0 % 60).unwrap()));
    Medium { kind: Kind::Picture, size, crop, pixels, label: String::new() }
}

fn film(label: &str) -> Medium {
    Medium { kind: Kind::Film, size: (1920, 1080), crop: None, pixels: None, label: label.into() }
}

/// A part of a text, with what can be pressed in it.
fn part(text: &str, length: (usize, usize)) -> Part {
    Part { text: text.into(), links: socrazi::domain::pressed::pressed(text), length, ..Part::default() }
}

fn post<'a>((name, handle, network): (&'a str, &'a str, &'a str), parts: &'a [Part]) -> Post<'a> {
    let is_ja = !name.is_ascii();
    Post {
        name,
        handle,
        face: None,
        network,
        parts,
        more: if is_ja { "…もっと見る" } else { "…more" },
        others: if is_ja { "このほか2件は省略しています。" } else { "2 more parts are not drawn here." },
        marks: if is_ja {
            "灰色の印は、この画像では描けない絵文字や文字です。実際の投稿では元の文字のまま公開されます。"
        } else {
            "A gray mark stands for an emoji or a letter that this picture cannot draw. It goes out as it was written."
        },
    }
}

fn x() -> Vec<(&'static str, Vec<u8>)> {
    let ana = ("Ana Bakes", "ana_bakes", "X");
    let mut one = part(
        "New in the shop: a sourdough that takes three days 🥐 Thanks to @miller_jo for the rye. More: https://example.com/bread?utm_source=x #bread #Bäckerei",
        (143, 280),
    );
    one.media = vec![picture((1600, 900), None)];
    let mut two = part("And this is how it looks inside, on the first, second and third day.", (70, 280));
    two.media = vec![picture((800, 800), None), picture((900, 1200), None), picture((1200, 900), None)];
    let three = part(&"Much too long, said the editor, and he was right. ".repeat(7), (350, 280));
    let thread = [one, two, three];
    let mut asked = part("Which one next?", (15, 280));
    asked.poll = Some((words(&["Rye", "Spelt & honey <b>", "Both"]), "A poll that runs for one day:".into()));
    let mut cut = part("A tall one.", (11, 280));
    cut.media = vec![picture((600, 1400), Some((3, 4)))];
    let many: Vec<Part> = (1..=7).map(|no| part(&format!("Part {no} of a long story."), (24, 280))).collect();
    let draw = |parts: &[Part], theme| draw_post(&post(ana, parts), theme).unwrap();
    vec![
        ("post-x-thread", draw(&thread, Theme::Light)),
        ("post-x-poll-dark", draw(&[asked], Theme::Dark)),
        ("post-x-tall", draw(&[cut], Theme::Light)),
        ("post-x-many", draw(&many, Theme::Dark)),
    ]
}

fn others() -> Vec<(&'static str, Vec<u8>)> {
    let ana = ("パン工房あな", "pan_ana", "Threads");
    let mut row = part(
        "【新作】三日かけて焼いた「カンパーニュ」ができました。外はパリッ、中はもっちり。ライ麦は＠ミラーさんの畑から、塩は能登から。ぜひ、お店でどうぞ！\n\n朝7時から、なくなり次第終了です。 #パン好きさんとつながりたい",
        (104, 500),
    );
    row.arranged = Arranged::Row;
    row.media = vec![picture((900, 1200), None), picture((1600, 900), None), film("0:42"), picture((800, 800), None)];
    let mut linked = part("作り方はこちら。https://example.jp/recipes/campagne?lang=ja", (52, 500));
    linked.card = Some(("example.jp".into(), "https://example.jp/recipes/campagne?lang=ja".into()));
    let caption = "三日かけて焼いたカンパーニュができました🥖外はパリッ、中はもっちり。ライ麦は知り合いの畑から、塩は能登から届きます。";
    let caption = format!("{caption}{caption}\n\n朝7時から。 #パン #カンパーニュ @miller_jo");
    let mut carousel = part(&caption, (caption.chars().count(), 2_200));
    carousel.fold = Some(125);
    carousel.order = Order::MediaFirst;
    carousel.arranged = Arranged::Row;
    carousel.media = vec![
        picture((1080, 1350), None),
        picture((1600, 900), Some((1080, 1350))),
        film("1:05"),
        picture((1, 1), None),
    ];
    let text = "We hired our first apprentice.\n\nShe starts at four in the morning, which is when bread is made, and she is better at shaping baguettes than I was after a year. Here is what we learned about teaching a craft that nobody writes down.\n\nFirst: say why. Second: say it again. Third: let her burn a batch. Fourth: eat it together.";
    let mut folded = part(text, (text.len(), 3_000));
    folded.fold = Some(210);
    folded.card = Some(("example.com".into(), "https://example.com/apprentice".into()));
    let mut slides = part("Our numbers of the year, as slides.", (35, 3_000));
    slides.media = vec![Medium {
        kind: Kind::Document,
        size: (0, 0),
        crop: None,
        pixels: None,
        label: "The year in bread".into(),
    }];
    let draw = |who, parts: &[Part], theme| draw_post(&post(who, parts), theme).unwrap();
    let faced = |who, parts: &[Part], theme| {
        let face = photo((96, 96), 40);
        draw_post(&Post { face: Some(&face), ..post(who, parts) }, theme).unwrap()
    };
    let insta = ("パン工房あな", "pan.ana", "Instagram");
    let linkedin = ("Ana Souza", "ana-souza", "LinkedIn");
    vec![
        ("post-threads-ja", draw(ana, &[row, linked], Theme::Light)),
        ("post-instagram-ja-dark", draw(insta, &[carousel.clone(), part("#焼きたて #朝活", (9, 300))], Theme::Dark)),
        ("post-instagram-en", draw(("Ana Bakes", "ana.bakes", "Instagram"), &[carousel], Theme::Light)),
        ("post-linkedin-en", draw(linkedin, std::slice::from_ref(&folded), Theme::Light)),
        ("post-linkedin-ja-dark", draw(("株式会社パン工房", "pan-kobo", "LinkedIn"), &[slides], Theme::Dark)),
        ("post-tiktok-en", faced(("Ana Bakes", "ana.bakes", "TikTok"), &[tiktok_photos()], Theme::Light)),
        ("post-tiktok-ja-dark", draw(("パン工房あな", "pan.ana", "TikTok"), &[tiktok_film()], Theme::Dark)),
        ("post-youtube-en-dark", draw(("Ana Bakes", "anabakes", "YouTube"), &[youtube_film(false)], Theme::Dark)),
        ("post-youtube-ja", faced(("パン工房あな", "pan-ana", "YouTube"), &[youtube_film(true)], Theme::Light)),
    ]
}

/// Photos to swipe, the text below.
fn tiktok_photos() -> Part {
    let mut photos = part("Three days in five pictures: mix, fold, wait, shape, bake. #bread #sourdough", (76, 4_000));
    photos.order = Order::MediaFirst;
    photos.arranged = Arranged::Row;
    photos.media = (0..5).map(|no| picture((1080 + no, 1920), None)).collect();
    photos
}

fn tiktok_film() -> Part {
    let mut upright = part("三日かけて焼きました。 #パン #カンパーニュ #朝活", (27, 2_200));
    upright.order = Order::MediaFirst;
    upright.media = vec![Medium { size: (1080, 1920), ..film("0:38") }];
    upright
}

/// A film with the thumbnail that is to stand for it, or alone; the title, and behind the fold the description.
fn youtube_film(is_alone: bool) -> Part {
    let (title, description) = if is_alone {
        (
            "カンパーニュを三日かけて焼く｜パン工房あな",
            "材料と温度は概要欄の下に。\n\n0:00 はじめに\n1:20 こねる\n4:05 焼く\nhttps://example.jp/recipes",
        )
    } else {
        (
            "A sourdough that takes three days",
            "What you need, and why it takes so long.\n\n0:00 Hello\n1:20 Mixing\n4:05 Baking\nhttps://example.com/bread",
        )
    };
    let mut said = part(&format!("{title}\n\n{description}"), (description.len(), 5_000));
    said.fold = Some(title.chars().count());
    said.order = Order::MediaFirst;
    said.media = vec![film("12:34")];
    if !is_alone {
        said.media.push(picture((1280, 720), None));
    }
    said
}

#[test]
fn posts_look_as_they_did_when_somebody_looked_at_them() {
    judged(x().into_iter().chain(others()), BYTES_MAX);
}

fn drawn(parts: &[Part]) -> Vec<u8> {
    draw_post(&post(("Ana", "ana", "X"), parts), Theme::Light).unwrap()
}

#[test]
fn hostile_texts_are_only_texts() {
    let texts = [
        "\u{338}".repeat(10_000),
        format!("a{}b", "\u{20dd}\u{489}".repeat(10_000)),
        "\u{202e}gnp.exe\u{2066}\u{2067}".repeat(500),
        "</text><image href=\"file:///etc/passwd\"/><script>1</script>&#0;&bogus;<![CDATA[ ]]>".repeat(30),
        "\u{0}\u{1}\u{fffe}\u{ffff}\u{b}".repeat(500),
        "👨‍👩‍👧‍👦".repeat(3_000),
        "a".repeat(100_000),
        "\n".repeat(100_000),
        "「".repeat(10_000),
        "ﷺ𒐫".repeat(2_000),
        String::new(),
    ];
    for text in &texts {
        let name: String = text.chars().take(2_000).collect();
        let mut part = part(text, (text.len(), 0));
        part.fold = Some(3);
        part.card = Some((name.clone(), name.clone()));
        part.poll = Some((vec![name.clone(); 40], name.clone()));
        part.media = vec![film(&name); 30];
        let parts = [part.clone(), Part { arranged: Arranged::Row, fold: None, ..part }];
        let of = Post { name: &name, handle: &name, network: &name, ..post(("", "", ""), &parts) };
        for theme in [Theme::Light, Theme::Dark] {
            let png = draw_post(&of, theme).unwrap();
            let size = Pixmap::decode_png(&png).unwrap();
            assert!(size.width() == 720 && size.height() < 6_000, "{:.20}: {}", text, size.height());
            assert!(png.len() <= BYTES_MAX, "{:.20}: {} bytes", text, png.len());
        }
    }
    // What was not meant to be read is not drawn either: a mark of direction changes nothing.
    let plain = drawn(&[part("abc def", (7, 280))]);
    assert_eq!(plain, drawn(&[part("\u{202e}abc\u{200f} \u{feff}def", (7, 280))]));
    assert_ne!(plain, drawn(&[part("abc dee", (7, 280))]));
}

#[test]
fn hostile_pictures_have_a_place_like_any_other() {
    let noise = || {
        let mut seed = 1_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::try_from(seed >> 24).unwrap()
        };
        let rgba = (0..1_200 * 1_200).flat_map(|_| [next(), next(), next(), 255]).collect();
        Pixels { width: 1_200, height: 1_200, rgba }
    };
    let of = |size, crop, pixels| Medium { kind: Kind::Picture, size, crop, pixels, label: String::new() };
    let odd = [
        of((1_200, 1_200), None, Some(noise())),
        of((i64::MAX, 1), Some((1, i64::MAX)), Some(photo((1, 1), 0))),
        of((1, 5_000), Some((4, 5)), Some(photo((1, 300), 0))),
        of((0, 0), Some((0, -1)), None),
        of((-5, 3), None, Some(Pixels { width: 1_000, height: 1_000, rgba: vec![255; 7] })),
        of((4, 3), None, Some(Pixels { width: 0, height: 0, rgba: Vec::new() })),
        of((4, 3), None, Some(Pixels { width: u32::MAX, height: u32::MAX, rgba: vec![0; 400] })),
    ];
    for arranged in [Arranged::Grid, Arranged::Row] {
        for count in 1..=odd.len() {
            let part = Part { media: odd[..count].to_vec(), arranged, ..part("x", (1, 280)) };
            let png = drawn(&vec![part; PARTS_SHOWN + 1]);
            assert!(png.len() <= BYTES_MAX, "{count}: {} bytes", png.len());
            assert!(Pixmap::decode_png(&png).unwrap().height() < 6_000);
        }
    }
    for medium in odd {
        let png = drawn(&[Part { media: vec![medium], ..part("x", (1, 280)) }]);
        assert!(Pixmap::decode_png(&png).unwrap().height() < 1_000);
    }
    // More than are drawn are counted.
    for arranged in [Arranged::Grid, Arranged::Row] {
        let many = |count: usize| drawn(&[Part { media: vec![film("0:01"); count], arranged, ..part("x", (1, 280)) }]);
        assert_ne!(many(MEDIA_SHOWN + 2), many(MEDIA_SHOWN + 3));
    }
}
