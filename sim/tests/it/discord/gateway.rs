//! The gateway: identifying, hearing, losing and resuming, and every code it closes with.

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::discord::{
    ACME, ANA, APP, DM_ANA, DiscordOptions, DiscordSim, GENERAL, HIDDEN, MESSAGE_CONTENT, OTHER, OTHER_GENERAL,
};

use super::{Came, INTENTS, Socket, call, get, post, registered, started};

#[tokio::test]
async fn ready_says_all_that_clients_need() {
    let sim = started().await;
    let limit = get(&sim, "/gateway/bot").await.body["session_start_limit"].clone();
    assert_eq!((&limit["remaining"], &limit["max_concurrency"]), (&json!(1_000), &json!(1)));
    let (mut socket, ready) = Socket::ready(&sim, INTENTS).await;
    let data = &ready["d"];
    for name in ["v", "user", "guilds", "session_id", "resume_gateway_url", "shard", "application"] {
        assert!(!data[name].is_null(), "{name}");
    }
    for name in ["id", "username", "discriminator", "bot", "mfa_enabled", "verified", "flags", "locale"] {
        assert!(!data["user"][name].is_null(), "{name}");
    }
    assert_eq!(data["guilds"], json!([{ "id": ACME, "unavailable": true }]));
    let guild = socket.event("GUILD_CREATE").await["d"].clone();
    let channels: Vec<&str> =
        guild["channels"].as_array().unwrap().iter().map(|held| held["id"].as_str().unwrap()).collect();
    assert_eq!(channels, [GENERAL], "what the app does not see is not told");
    socket.send(json!({ "op": 1, "d": 2 })).await;
    assert_eq!(socket.frame().await["op"], 11);
    sim.gateway_ask_heartbeat();
    assert_eq!(socket.frame().await["op"], 1);
    assert_eq!(get(&sim, "/gateway/bot").await.body["session_start_limit"]["remaining"], 999);
    assert_eq!(sim.gateway()["frames"][0]["d"]["token"], "…", "tokens are not remembered");
}

#[tokio::test]
async fn the_text_is_told_to_whom_it_concerns() {
    let sim = DiscordSim::start(DiscordOptions { message_content: true, ..DiscordOptions::default() }).await.unwrap();
    let (mut plain, _) = Socket::ready(&sim, INTENTS).await;
    let (mut reads, _) = Socket::ready(&sim, INTENTS | MESSAGE_CONTENT).await;
    let own = post(&sim, json!({ "content": "ours" })).await.id();
    sim.say(ANA, GENERAL, "between us").unwrap();
    sim.say(ANA, GENERAL, &format!("<@{APP}> hi")).unwrap();
    let reply = socrazi_sim::discord::Extras { reply_to: Some(own.clone()), ..Default::default() };
    sim.say_with(ANA, GENERAL, "a reply", reply).unwrap();
    let silent = socrazi_sim::discord::Extras { reply_to: Some(own), silent_reply: true, ..Default::default() };
    sim.say_with(ANA, GENERAL, "a silent reply", silent).unwrap();
    sim.say(ANA, DM_ANA, "direct").unwrap();
    let mention = format!("<@{APP}> hi");
    for (socket, between) in [(&mut plain, ""), (&mut reads, "between us")] {
        let silent = if between.is_empty() { "" } else { "a silent reply" };
        for text in ["ours", between, &mention, "a reply", silent, "direct"] {
            assert_eq!(socket.event("MESSAGE_CREATE").await["d"]["content"], text);
        }
    }
    let (mut deaf, _) = Socket::ready(&sim, 1).await;
    sim.say(ANA, GENERAL, &mention).unwrap();
    sim.say(ANA, DM_ANA, "direct").unwrap();
    assert!(sim.say(ANA, HIDDEN, "hidden").is_ok() && sim.say(ANA, OTHER_GENERAL, "elsewhere").is_ok());
    sim.gateway_tell("MARK", json!({}));
    deaf.event("GUILD_CREATE").await;
    assert_eq!(deaf.frame().await["t"], "MARK", "without intents nothing is told");
    let told = plain.event("MESSAGE_CREATE").await;
    assert_eq!((&told["d"]["guild_id"], told["d"]["member"].is_object()), (&json!(ACME), true));
    assert_eq!(plain.event("MESSAGE_CREATE").await["d"]["channel_id"], DM_ANA);
    assert_eq!(plain.frame().await["t"], "MARK", "what is hidden is told to nobody");
}

#[tokio::test]
async fn wrong_clients_are_closed_with_the_code_for_it() {
    let sim = started().await;
    let properties = json!({ "os": "linux" });
    let identify = |more: Value| {
        let mut data =
            json!({ "token": socrazi_sim::discord::BOT_TOKEN, "intents": INTENTS, "properties": properties });
        for (name, value) in more.as_object().into_iter().flatten() {
            data[name] = value.clone();
        }
        json!({ "op": 2, "d": data })
    };
    for (frame, code) in [
        (json!({ "op": 99, "d": null }), 4001),
        (json!({ "d": null }), 4002),
        (json!({ "op": 1, "d": "x".repeat(4_096) }), 4002),
        (json!({ "op": 1, "d": "x" }), 4002),
        (json!({ "op": 3, "d": { "activities": [], "status": "online" } }), 4003),
        (identify(json!({ "token": "x.y.z" })), 4004),
        (identify(json!({ "properties": null })), 4002),
        (identify(json!({ "shard": [1, 1] })), 4010),
        (identify(json!({ "intents": 1_u64 << 40 })), 4013),
        (identify(json!({ "intents": null })), 4013),
        (identify(json!({ "intents": INTENTS | MESSAGE_CONTENT })), 4014),
        (identify(json!({ "intents": INTENTS | 2 })), 4014),
        (json!({ "op": 6, "d": { "token": "x.y.z", "session_id": "s", "seq": 1 } }), 4004),
    ] {
        let mut socket = Socket::open(&sim).await;
        socket.frame().await;
        socket.send(frame.clone()).await;
        assert_eq!(socket.closed().await, code, "{frame}");
    }
    let (mut twice, _) = Socket::ready(&sim, INTENTS).await;
    twice.identify(json!({})).await;
    assert_eq!(twice.closed().await, 4005);
    for (query, code) in [("v=6&encoding=json", 4012), ("encoding=json", 4012), ("v=10&encoding=etf", 4002)] {
        assert_eq!(Socket::open_at(&sim, query).await.closed().await, code, "{query}");
    }
    sim.set_shards(2);
    let mut alone = Socket::open(&sim).await;
    alone.identify(json!({ "shard": [0, 1] })).await;
    assert_eq!(alone.closed().await, 4011);
    assert!(sim.gateway()["closes"].as_array().unwrap().len() >= 17);
}

#[tokio::test]
async fn a_hundred_and_twenty_frames_a_minute_are_enough() {
    let sim = started().await;
    let (mut socket, _) = Socket::ready(&sim, INTENTS).await;
    for _ in 0..119 {
        socket.send(json!({ "op": 1, "d": null })).await;
    }
    socket.send(json!({ "op": 1, "d": null })).await;
    assert_eq!(socket.closed().await, 4008);
    assert_eq!(sim.gateway()["sessions"].as_array().unwrap().len(), 1, "it may resume");
    let (mut calm, _) = Socket::ready(&sim, INTENTS).await;
    for round in 0..3 {
        for _ in 0..100 {
            calm.send(json!({ "op": 1, "d": null })).await;
        }
        for _ in 0..100 {
            while calm.frame().await["op"] != 11 {}
        }
        sim.advance(61_000);
        assert_eq!(sim.gateway_is_open(), 1, "round {round}");
    }
}

#[tokio::test]
async fn what_happened_meanwhile_is_told_after_a_resume() {
    let sim = started().await;
    let (mut socket, ready) = Socket::ready(&sim, INTENTS).await;
    let session = ready["d"]["session_id"].clone();
    sim.say(ANA, DM_ANA, "before").unwrap();
    let seq = socket.event("MESSAGE_CREATE").await["s"].as_u64().unwrap();
    sim.gateway_cut();
    assert!(matches!(socket.next().await, Came::Lost));
    sim.say(ANA, DM_ANA, "meanwhile").unwrap();
    let mut again = Socket::open(&sim).await;
    again.frame().await;
    again.resume(&session, seq).await;
    assert_eq!(again.frame().await["d"]["content"], "meanwhile");
    let resumed = again.frame().await;
    assert_eq!((&resumed["t"], resumed["s"].as_u64()), (&json!("RESUMED"), Some(seq + 2)));
    sim.say(ANA, DM_ANA, "after").unwrap();
    assert_eq!(again.frame().await["d"]["content"], "after");
    sim.set_resume_overlap(3);
    sim.gateway_close(4000);
    assert_eq!(again.closed().await, 4000);
    let mut thrice = Socket::open(&sim).await;
    thrice.frame().await;
    thrice.resume(&session, seq + 3).await;
    let mut told = Vec::new();
    loop {
        let frame = thrice.frame().await;
        if frame["t"] == "RESUMED" {
            break;
        }
        told.push(frame["d"]["content"].clone());
    }
    assert_eq!(told, ["meanwhile", "after"], "told twice");
    assert_eq!((sim.gateway()["identifies"].as_u64(), sim.gateway()["resumes"].as_u64()), (Some(1), Some(2)));
}

#[tokio::test]
async fn sessions_that_are_gone_are_not_resumed() {
    let sim = started().await;
    let (mut socket, ready) = Socket::ready(&sim, INTENTS).await;
    let session = ready["d"]["session_id"].clone();
    sim.gateway_reconnect();
    socket.event("GUILD_CREATE").await;
    assert_eq!(socket.frame().await["op"], 7);
    drop(socket);
    let mut ahead = Socket::open(&sim).await;
    ahead.resume(&session, 999).await;
    assert_eq!(ahead.closed().await, 4007);
    let mut gone = Socket::open(&sim).await;
    gone.frame().await;
    gone.resume(&session, 1).await;
    assert_eq!(gone.frame().await, json!({ "op": 9, "d": false, "s": null, "t": null }));
    gone.identify(json!({})).await;
    let ready = gone.event("READY").await;
    sim.gateway_invalidate(true);
    gone.event("GUILD_CREATE").await;
    assert_eq!(gone.frame().await["d"], true);
    gone.resume(&ready["d"]["session_id"], 1).await;
    gone.event("RESUMED").await;
    sim.gateway_invalidate(false);
    assert_eq!(gone.frame().await["d"], false);
    assert_eq!(sim.gateway()["sessions"], json!([]));
    let (mut polite, ready) = Socket::ready(&sim, INTENTS).await;
    polite.inner.close(None).await.unwrap();
    polite.closed().await;
    let (mut normal, _) = Socket::ready(&sim, INTENTS).await;
    let frame = tokio_tungstenite::tungstenite::protocol::CloseFrame { code: 1000.into(), reason: "bye".into() };
    normal.inner.close(Some(frame)).await.unwrap();
    normal.closed().await;
    let left: Vec<Value> = sim.gateway()["sessions"].as_array().unwrap().clone();
    assert_eq!(left.len(), 1, "1000 ends a session, another close does not");
    assert_eq!(left[0]["id"], ready["d"]["session_id"]);
    sim.advance(6 * 60_000);
    let mut late = Socket::open(&sim).await;
    late.frame().await;
    late.resume(&ready["d"]["session_id"], 1).await;
    assert_eq!(late.frame().await["d"], false, "too late");
}

#[tokio::test]
async fn servers_are_told_to_their_shard_and_conversations_to_the_first() {
    let sim = started().await;
    let shard_of = |guild: &str| (guild.parse::<u64>().unwrap() >> 22) % 2;
    let mut guild = ACME.to_owned();
    while shard_of(&guild) != 1 {
        sim.advance(1);
        guild = sim.add_guild(ANA, "Far", "en-US");
    }
    let channel = sim.add_channel(&guild, "far");
    sim.install(&guild);
    let mut sockets = Vec::new();
    for number in 0..2 {
        let mut socket = Socket::open(&sim).await;
        socket.frame().await;
        socket.identify(json!({ "shard": [number, 2] })).await;
        socket.event("READY").await;
        sockets.push(socket);
    }
    sim.say(ANA, &channel, &format!("<@{APP}> far")).unwrap();
    sim.say(ANA, DM_ANA, "direct").unwrap();
    assert_eq!(sockets[0].event("MESSAGE_CREATE").await["d"]["content"], "direct");
    assert_eq!(sockets[1].event("MESSAGE_CREATE").await["d"]["channel_id"], json!(channel));
}

#[tokio::test]
async fn a_client_without_a_heartbeat_is_dropped() {
    let options = DiscordOptions { heartbeat_ms: Some(50), ..DiscordOptions::default() };
    let sim = DiscordSim::start(options).await.unwrap();
    let mut socket = Socket::open(&sim).await;
    assert_eq!(socket.frame().await["d"]["heartbeat_interval"], 50);
    assert_eq!(socket.closed().await, 4009);
    sim.set_acks_heartbeats(false);
    let (mut zombie, _) = Socket::ready(&sim, INTENTS).await;
    zombie.event("GUILD_CREATE").await;
    zombie.send(json!({ "op": 1, "d": null })).await;
    sim.gateway_tell("MARK", json!({}));
    assert_eq!(zombie.frame().await["t"], "MARK", "no acknowledgement came");
}

#[tokio::test]
async fn starts_are_counted_and_the_token_dies_with_the_last() {
    let sim = started().await;
    sim.set_starts_left(1);
    let (_socket, _) = Socket::ready(&sim, INTENTS).await;
    let mut second = Socket::open(&sim).await;
    second.identify(json!({})).await;
    assert_eq!(second.closed().await, 4004);
    assert_eq!(get(&sim, "/users/@me").await.status, 401);
}

#[tokio::test]
async fn everything_may_come_several_times() {
    let sim = std::sync::Arc::new(started().await);
    registered(&sim).await;
    let (mut socket, _) = Socket::ready(&sim, INTENTS).await;
    sim.set_copies(3);
    let said = sim.say(ANA, DM_ANA, "once").unwrap();
    for _ in 0..3 {
        assert_eq!(socket.event("MESSAGE_CREATE").await["d"]["id"], json!(said));
    }
    let typing = std::sync::Arc::clone(&sim);
    let task = tokio::spawn(async move { typing.command(ANA, DM_ANA, "socrazi stats", json!({})).await });
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(socket.event("INTERACTION_CREATE").await["d"].clone());
    }
    assert!(ids[0] == ids[1] && ids[1] == ids[2]);
    let at = format!("/interactions/{}/{}/callback", ids[0]["id"].as_str().unwrap(), ids[0]["token"].as_str().unwrap());
    call(&sim, Method::POST, &at, json!({ "type": 5 })).await;
    assert!(task.await.unwrap().unwrap().is_ok());
    assert_eq!(socket.event("MESSAGE_CREATE").await["d"]["author"]["id"], APP, "what the app does comes once");
    sim.set_copies(1);
    assert!(sim.retell(DM_ANA, &said) && sim.redeliver(ids[0]["id"].as_str().unwrap()));
    assert_eq!(socket.event("MESSAGE_CREATE").await["d"]["id"], json!(said));
    socket.event("INTERACTION_CREATE").await;
    sim.uninstall(ACME);
    assert_eq!(socket.event("GUILD_DELETE").await["d"], json!({ "id": ACME }));
    assert_eq!(post(&sim, json!({ "content": "x" })).await.code(), 50001);
    sim.install(OTHER);
    assert_eq!(socket.event("GUILD_CREATE").await["d"]["id"], OTHER);
}
