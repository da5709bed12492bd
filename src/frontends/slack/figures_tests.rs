//! The steps down from Slack's own chart: a picture that is uploaded, a table, words; and never back up.

use socrazi_sim::slack::{BOT_TOKEN, Fault, FaultKind, GENERAL, SIGNING_SECRET, SlackOptions, SlackSim, TEAM};
use tokio_util::sync::CancellationToken;

use super::Slack;
use crate::domain::lang::Lang;
use crate::pictures::Shape;
use crate::places::inbound::Spot;
use crate::places::message::{Chart, Message};
use crate::places::stage::Stage;
use crate::places::{Service, To, Told};

/// The smallest picture there is; the simulator only counts its bytes.
const PNG: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];

fn figures(png: Option<Vec<u8>>) -> Message {
    let mut message = Message::new("Figures");
    message.chart(Chart {
        title: "Views".into(),
        shape: Some(Shape::Line),
        categories: vec!["Mon".into(), "Tue".into()],
        series: vec![("X".into(), vec![120_000, 145_500])],
        png,
        ..Chart::default()
    });
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_go_down_the_steps_that_slack_refuses() {
    let sim = SlackSim::start(SlackOptions::default()).await.unwrap();
    let settings = vec![
        ("slack.api_url", sim.api_url().to_string()),
        ("slack.signing_secret", SIGNING_SECRET.to_owned()),
        ("slack.bot_token", BOT_TOKEN.to_owned()),
    ];
    let stage = Stage::with(Lang::En, settings).await;
    let slack = Slack::open(stage.app(), CancellationToken::new()).unwrap().unwrap();
    let spot = Spot { channel: GENERAL.into(), ..Spot::default() };
    let refusal = || FaultKind::Status {
        status: 200,
        body: r#"{"ok":false,"error":"invalid_blocks"}"#.into(),
        headers: std::collections::BTreeMap::new(),
    };
    let png = || Some(PNG.to_vec());
    for (refusals, picture, kind) in [
        (0, png(), "data_visualization"),
        (1, png(), "image"),
        (1, None, "table"),
        (2, png(), "table"),
        (3, png(), "section"),
        (3, None, "section"),
    ] {
        if refusals > 0 {
            sim.set_faults(vec![Fault::once("POST", "/api/chat.postMessage", refusal()).times(refusals)]);
        }
        let is_there = slack.told(TEAM, &To::Spot(&spot), &figures(picture)).await;
        assert!(matches!(is_there, Told::Here(Some(_))), "{refusals} {kind}");
        let shown = sim.replies(GENERAL).last().cloned().unwrap();
        assert_eq!(shown["blocks"][0]["type"], kind, "{refusals}: {shown:#}");
        // Whatever is seen, the figures are read out.
        assert!(shown["text"].as_str().unwrap().contains("Tue 145.5"), "{shown:#}");
    }
    let files = sim.files();
    assert!(files.iter().any(|file| file.bytes.as_ref() == PNG), "{}", files.len());
    // Where uploading is not allowed the table comes instead.
    let no = FaultKind::Status {
        status: 200,
        body: r#"{"ok":false,"error":"missing_scope"}"#.into(),
        headers: std::collections::BTreeMap::new(),
    };
    sim.set_faults(vec![
        Fault::once("POST", "/api/chat.postMessage", refusal()),
        Fault::once("GET", "/api/files.getUploadURLExternal", no),
    ]);
    slack.told(TEAM, &To::Spot(&spot), &figures(png())).await;
    assert_eq!(sim.replies(GENERAL).last().unwrap()["blocks"][0]["type"], "table");
    assert_eq!(sim.violations(), Vec::<String>::new());
}
