//! The simulated services, asked over HTTP: one test for each promise of a faithful fake.

#[path = "it/desk.rs"]
mod desk;
#[path = "it/discord.rs"]
mod discord;
#[path = "it/faults.rs"]
mod faults;
#[path = "it/files.rs"]
mod files;
#[path = "it/gemini.rs"]
mod gemini;
#[path = "it/google.rs"]
mod google;
#[path = "it/google_ga4.rs"]
mod google_ga4;
#[path = "it/google_ga4_switches.rs"]
mod google_ga4_switches;
#[path = "it/google_gsc.rs"]
mod google_gsc;
#[path = "it/google_upload.rs"]
mod google_upload;
#[path = "it/google_youtube.rs"]
mod google_youtube;
#[path = "it/instagram.rs"]
mod instagram;
#[path = "it/linkedin.rs"]
mod linkedin;
#[path = "it/media.rs"]
mod media;
#[path = "it/posts.rs"]
mod posts;
#[path = "it/reading.rs"]
mod reading;
#[path = "it/sign_in.rs"]
mod sign_in;
#[path = "it/slack.rs"]
mod slack;
#[path = "it/threads.rs"]
mod threads;
#[path = "it/tiktok.rs"]
mod tiktok;
