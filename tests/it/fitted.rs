//! What a network would not take as it is goes out as what it takes, made of what was approved; and whoever wrote it is told before. The simulators are the
//! judges: each refuses what its network would.

use std::io::Cursor;
use std::sync::Arc;

use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use socrazi::domain::ids::MediaId;
use socrazi::domain::picture::{Darkroom, Making};
use socrazi::domain::post::{Inside, MediaFacts};
use socrazi::domain::shelf::MediaFile;
use socrazi::media::Lab;

use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(a_picture_that_is_too_large_for_x_goes_out_smaller_and_what_stands_still_is_said_of_a_gif);

/// Every point of another colour: what takes the most bytes.
pub(crate) fn noise(width: u32, height: u32) -> RgbImage {
    let mut seed = 1_u32;
    RgbImage::from_fn(width, height, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, red, green, blue] = seed.to_le_bytes();
        Rgb([red, green, blue])
    })
}

pub(crate) fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is made of a picture, whoever makes it.
pub(crate) async fn made(bytes: &[u8], making: &str) -> Vec<u8> {
    let size = imagesize::blob_size(bytes).unwrap();
    let side = |side: usize| i64::try_from(side).unwrap();
    let facts = MediaFacts {
        id: MediaId::generate(1, 1),
        mime: String::new(),
        bytes: side(bytes.len()),
        sha256: String::new(),
        width: side(size.width),
        height: side(size.height),
        duration_ms: 0,
        alt: None,
        inside: Inside::default(),
    };
    let making: Making = making.parse().unwrap();
    let file = MediaFile::new(facts, Arc::new(bytes::Bytes::copy_from_slice(bytes)));
    Lab::default().develop(&file, making).await.unwrap().unwrap().to_vec()
}

/// What X has of media.
async fn on_x(world: &World) -> Vec<Value> {
    let url = world.sim.url().join("__sim/media").unwrap();
    reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap().json().await.unwrap()
}

async fn a_picture_that_is_too_large_for_x_goes_out_smaller_and_what_stands_still_is_said_of_a_gif(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let large = encoded(&noise(1_400, 1_400), ImageFormat::Png);
    assert!(large.len() > 5_000_000, "{}", large.len());
    let medium = world.keep(&large, Some("Noise")).await;
    let drafted = world.call("create_draft", json!({ "segments": [{ "text": "Large", "media": [medium] }] })).await;
    let told = drafted.to_string();
    assert!(told.contains("X takes 5: it goes out as a smaller JPEG") && told.contains("1400x1400"), "{told}");
    let post = drafted["post"]["id"].clone();
    let page = world.page(&format!("/posts/{}", post.as_str().unwrap())).await;
    assert!(page.contains("smaller JPEG"), "whoever approves is told: {page}");
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 1_000).await;
    let [seen] = on_x(&world).await.try_into().unwrap();
    let wanted = made(&large, "1400x1400-5000000.jpg").await;
    assert!(wanted.len() <= 5_000_000 && wanted.starts_with(b"\xff\xd8\xff"));
    assert_eq!(seen["sha256"], sha256(&wanted), "the same bytes whoever makes them");
    assert_eq!(seen["alt_text"], "Noise");
    // Too many pictures of a GIF are no matter of bytes: it would stand still.
    let long = world.keep(&socrazi_sim::samples::gif(351), None).await;
    let drafted = world.call("create_draft", json!({ "segments": [{ "text": "Long", "media": [long] }] })).await;
    assert!(drafted.to_string().contains("shows 351 pictures"), "{drafted}");
    world.refused("publish_post", json!({ "post": drafted["post"]["id"] })).await;
    world.end().await;
}
