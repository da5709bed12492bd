//! What drawing a post costs: one with a photograph, a thread of five, and the longest folded text. Prints milliseconds (median of many) and bytes.
//! Ends with status 1 when one takes longer than a person notices, or is larger than chat services like.
//!
//!     cargo bench --features bench --bench pictures
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, and measures time"
)]

use std::process::ExitCode;
use std::time::Instant;

use socrazi::pictures::{Kind, Medium, Part, Pixels, Post, Theme, draw_post};

const TURNS: usize = 30;
/// Milliseconds.
const SLOW: u128 = 400;
const BYTES_MAX: usize = 300_000;

/// Smooth, with grain: as hard to pack as a photograph.
fn photograph(side: u32) -> Medium {
    let mut seed = 1_u32;
    let mut rgba = Vec::new();
    for no in 0..side * side {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (x, y) = (no % side * 200 / side, no / side * 200 / side);
        let grain = (seed >> 24) % 12;
        rgba.extend([x + grain, y + grain, 120 + grain].map(|value| u8::try_from(value).unwrap()));
        rgba.push(255);
    }
    let pixels = Some(Pixels { width: side, height: side, rgba });
    Medium { kind: Kind::Picture, size: (1_200, 1_200), crop: Some((4, 5)), pixels, label: String::new() }
}

fn part(text: &str, media: Vec<Medium>) -> Part {
    Part { text: text.to_owned(), length: (text.len(), 280), media, ..Part::default() }
}

fn main() -> ExitCode {
    let long = "三日かけて焼いた「カンパーニュ」ができました。Bread takes time, and time is what we have. ".repeat(40);
    let cases = [
        ("one with a photograph", vec![part("A door.", vec![photograph(440)])]),
        ("a thread of five", (0..5).map(|_| part(&long[..300], vec![photograph(196)])).collect()),
        ("a long text", vec![Part { fold: Some(210), ..part(&long, Vec::new()) }]),
    ];
    let mut is_fine = true;
    for (name, parts) in &cases {
        let post =
            Post {
                name: "Ana", handle: "ana", face: None, network: "X", parts, more: "…more", others: "", marks: ""
            };
        let mut took = Vec::new();
        let mut bytes = 0;
        for _ in 0..TURNS {
            let began = Instant::now();
            bytes = draw_post(&post, Theme::Light).unwrap().len();
            took.push(began.elapsed().as_millis());
        }
        took.sort_unstable();
        let (median, most) = (took[TURNS / 2], took[TURNS - 1]);
        println!("{name}: {median} ms (at most {most}), {bytes} bytes");
        is_fine &= median <= SLOW && bytes <= BYTES_MAX;
    }
    if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
