//! Two processes on one database: Slack's next delivery reaches either.

use super::*;

/// A second front end on the same database, which hears everything from now on.
struct Beside {
    app: std::sync::Arc<socrazi::app::App>,
    stop: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Beside {
    async fn of(office: &Office) -> Self {
        let (app, stop) = (office.world.beside().await, CancellationToken::new());
        let doors = Doors::open(&app, &stop).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: url::Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let served = tokio::spawn(socrazi::frontends::serve_http(listener, doors.router.clone(), stop.clone()));
        let tasks = vec![tokio::spawn(async move { doors.run().await }), served];
        office.slack.deliver_to(url);
        Self { app, stop, tasks }
    }

    async fn end(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
        self.app.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_readers_counts_whichever_process_hears_it() {
    let office = Office::new().await;
    office.script(vec![text("Here I am.")]);
    office.slack.say(ANA, GENERAL, "<@U0BOT> are you there?", None).await;
    let asked = office.private(1).await;
    let beside = Beside::of(&office).await;
    office.slack.press_ephemeral(ANA, index_of(&office, &asked), &action(&asked, "audience")).await.unwrap();
    until("the yes is kept", || {
        office.slack.ephemerals().iter().any(|told| words(told).contains("write it again")).then_some(())
    })
    .await;
    let room = format!("{TEAM}/{GENERAL}");
    assert!(beside.app.may_be_read_in(&office.ana, ChatPlace::Slack, &room).await.unwrap());
    // Nobody is asked twice.
    let before = office.slack.ephemerals().len();
    office.slack.say(ANA, GENERAL, "<@U0BOT> are you there?", None).await;
    office.reply(GENERAL, |message| words(message).contains("Here I am.")).await;
    assert_eq!(office.slack.ephemerals().len(), before);
    beside.end().await;
    office.slack.forgive();
    office.end().await;
}
