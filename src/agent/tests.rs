//! A turn over a model and tools that do exactly what a test says, on a real memory: what no simulated service can show by itself.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Agent, Hands, LEASE_MS, Page, Turn, Turned, VoiceChange, Written};
use crate::clock::{Clock, Entropy, ShiftedClock, SystemEntropy};
use crate::domain::account::{Account, Health};
use crate::domain::caller::{Caller, Grant, Via};
use crate::domain::chat::{Progress, TurnState};
use crate::domain::ids::{AccountId, ConversationId, MediaId, UserId, WorkspaceId};
use crate::domain::lang::Lang;
use crate::domain::network::Network;
use crate::domain::sealed::{Place, Sealed};
use crate::domain::tool::{Effect, Keep, ToolError, ToolOutcome, ToolSpec};
use crate::i18n::Words;
use crate::llm::{Ask, Call, ChatModel, Delta, Finish, Item, ModelFault, Picture, Quota, Said, Usage};
use crate::memory::{Last, Memory, OpenTurn, Profile, Without};
use crate::store::Store;
use crate::store::accounts::StoredTokens;
use crate::store::keys::Keys;
use crate::store::users::User;
use crate::vault::{KekRing, Vault};

/// What the model does next.
enum Play {
    Say(Said),
    /// Tells what it has cost so far, and goes on thinking for ever.
    Hang(Usage),
    /// Tells what it has cost so far, and breaks off.
    Cut(Usage),
}

#[derive(Default)]
struct FakeModel {
    plays: Mutex<VecDeque<Play>>,
    asked: Mutex<Vec<Ask>>,
}

#[async_trait]
impl ChatModel for FakeModel {
    async fn say(&self, ask: &Ask, tell: &mut (dyn FnMut(Delta) + Send)) -> Result<Said, ModelFault> {
        self.asked.lock().unwrap().push(ask.clone());
        let play = self.plays.lock().unwrap().pop_front();
        match play.expect("the model was asked once more than the test says") {
            Play::Say(said) => Ok(said),
            Play::Cut(usage) => {
                tell(Delta::Usage(usage));
                Err(ModelFault::Cut("as the test wants".into()))
            }
            Play::Hang(usage) => {
                tell(Delta::Usage(usage));
                tell(Delta::Text("On and".into()));
                std::future::pending().await
            }
        }
    }

    async fn check(&self) -> Result<(), ModelFault> {
        Ok(())
    }
}

fn usage(input: i64) -> Usage {
    Usage { input, ..Usage::default() }
}

fn said(text: &str, calls: Vec<Call>) -> Play {
    let parts: Vec<Value> = calls
        .iter()
        .map(|call| json!({ "functionCall": { "name": call.name, "args": call.arguments } }))
        .chain((!text.is_empty()).then(|| json!({ "text": text })))
        .collect();
    let raw = json!({ "role": "model", "parts": parts }).to_string();
    Play::Say(Said { raw, text: text.into(), calls, finish: Finish::Done, usage: usage(100), model: "m".into() })
}

fn call(name: &str, arguments: Value) -> Call {
    Call { id: None, name: name.into(), arguments }
}

/// Tools that answer as they were told, and count.
struct FakeHands {
    specs: Vec<ToolSpec>,
    keep: Option<Keep>,
    /// Reading calls answer only when so many run at once.
    together: tokio::sync::Barrier,
    called: AtomicUsize,
}

impl FakeHands {
    fn new(together: usize) -> Self {
        let spec = |name, effect, is_provider_data| ToolSpec {
            name,
            title: "t",
            description: "d".into(),
            effect,
            idempotent: true,
            reaches_out: false,
            takes_away: false,
            is_provider_data,
            input_schema: json!({ "type": "object" }),
            output_schema: json!({ "type": "object" }),
        };
        let specs = vec![
            spec("read_slowly", Effect::Reads, false),
            spec("channel_report", Effect::Reads, true),
            spec("create_draft", Effect::Drafts, false),
        ];
        Self { specs, keep: None, together: tokio::sync::Barrier::new(together), called: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl Hands for FakeHands {
    fn specs(&self) -> &[ToolSpec] {
        &self.specs
    }

    async fn call(&self, _: &Caller, name: &str, arguments: Value) -> Result<ToolOutcome, ToolError> {
        self.called.fetch_add(1, Ordering::SeqCst);
        if name == "read_slowly" {
            self.together.wait().await;
        }
        let keep = self.keep.clone().filter(|_| name == "channel_report");
        Ok(ToolOutcome {
            is_strange: false,
            structured: json!({ "views": 1204, "of": arguments }),
            text: "ok".into(),
            waiting: Vec::new(),
            keep,
            chart: None,
        })
    }

    async fn page(&self, _: &str) -> Result<Page, ToolError> {
        Ok(Page { bytes: Vec::new(), charset: None })
    }

    async fn set_voice(&self, caller: &Caller, _: VoiceChange) -> Result<(Value, Caller), ToolError> {
        Ok((Value::Null, caller.clone()))
    }

    async fn picture(&self, _: &Caller, _: &MediaId) -> Result<Option<Picture>, ToolError> {
        Ok(None)
    }
}

struct Bench {
    agent: Arc<Agent>,
    model: Arc<FakeModel>,
    memory: Arc<Memory>,
    store: Arc<Store>,
    vault: Arc<Vault>,
    clock: ShiftedClock,
    caller: Caller,
    background: TaskTracker,
    conversation: ConversationId,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new(quota: Quota) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, entropy) = (ShiftedClock::default(), Arc::new(SystemEntropy));
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let store = Arc::new(Store::open_sqlite(&folder.path().join("a.db"), shared.clone()).await.unwrap());
        let keys = Arc::new(Keys::open_sqlite(&folder.path().join("k.db")).await.unwrap());
        let ring = KekRing::load(&folder.path().join("kek"), &folder.path().join("data"), true, &*entropy).unwrap();
        let vault = Arc::new(Vault::new(ring, keys, shared.clone(), entropy.clone()));
        let now = clock.now_ms();
        let user = User {
            id: UserId::generate(now, entropy.bits()),
            workspace: WorkspaceId::generate(now, entropy.bits()),
            lang: Lang::En,
            zone: "UTC".into(),
            hold_ms: 0,
            stdio_grant: Grant::Drafts,
            chat_grant: Grant::Drafts,
        };
        store.insert_user(&user, "local", "x", now).await.unwrap();
        let caller = Caller {
            user: user.id,
            workspace: user.workspace,
            grant: Grant::Drafts,
            via: Via::Terminal,
            lang: Lang::En,
            zone: "UTC".into(),
            is_tainted: false,
            accounts: None,
            sees_google: true,
        };
        let memory = Arc::new(Memory::new(store.clone(), vault.clone(), shared, entropy, "test".into()));
        let (model, background) = (Arc::new(FakeModel::default()), TaskTracker::new());
        let words = Arc::new(Words::load());
        let agent = Arc::new(Agent::new((model.clone(), quota), memory.clone(), words, background.clone()));
        let conversation = memory.open(&caller.user, "chat", "t").await.unwrap();
        Self { agent, model, memory, store, vault, clock, caller, background, conversation, _folder: folder }
    }

    fn script(&self, plays: Vec<Play>) {
        self.model.plays.lock().unwrap().extend(plays);
    }

    async fn begin(&self, text: &str) -> OpenTurn {
        self.memory.begin(&self.caller.user, (&self.conversation, None), (text, &[]), LEASE_MS).await.unwrap()
    }

    async fn say(&self, hands: &FakeHands, text: &str) -> Turned {
        let open = self.begin(text).await;
        self.answer(&open, hands, (i64::MAX, CancellationToken::new())).await
    }

    async fn answer(&self, open: &OpenTurn, hands: &FakeHands, (tokens_max, stop): (i64, CancellationToken)) -> Turned {
        let profile = Profile::default();
        let turn = Turn {
            caller: &self.caller,
            open,
            written: None,
            text: "text",
            others: "",
            media: &[],
            profile: &profile,
            now: "now",
            hands,
            tokens_max,
            past: None,
            is_private: true,
            shows_google: true,
            stop: stop.clone(),
        };
        // Whoever wants to stop does so at the first word.
        let mut tell = |progress: Progress| {
            if matches!(progress, Progress::Text(_)) {
                stop.cancel();
            }
        };
        tokio::time::timeout(Duration::from_secs(20), self.agent.answer(&turn, &mut tell)).await.unwrap().unwrap()
    }

    fn last_asked(&self) -> Ask {
        self.model.asked.lock().unwrap().last().unwrap().clone()
    }

    /// What the model was told of the last results.
    fn last_results(&self) -> Vec<Value> {
        match self.last_asked().items.last().unwrap() {
            Item::Results(results) => results.iter().map(|result| result.response.clone()).collect(),
            other => panic!("no results: {other:?}"),
        }
    }

    /// An account as it stands after connecting.
    async fn connect(&self) -> Account {
        let now = self.clock.now_ms();
        let account = Account {
            id: AccountId::generate(now, SystemEntropy.bits()),
            workspace: self.caller.workspace.clone(),
            user: self.caller.user.clone(),
            network: Network::X,
            remote_id: "1".into(),
            handle: "ana".into(),
            name: "Ana".into(),
            scopes: String::new(),
            health: Health::Fine,
            avatar_at: None,
        };
        let at = Place {
            user: &self.caller.user,
            provider: "x",
            provider_account: "1",
            table: "account_token",
            column: "access",
            row: account.id.as_str(),
        };
        let access: Sealed = self.vault.seal(&at, &SecretString::from("t")).await.unwrap();
        let user = self.caller.user.clone();
        let tokens = StoredTokens { user, access, refresh: None, expires_at: now, generation: 1, ends_at: None };
        assert!(self.store.insert_account(&account, Some(&tokens), now).await.unwrap());
        account
    }
}

#[tokio::test]
async fn reading_calls_run_at_the_same_time() {
    let bench = Bench::new(Quota::Paid).await;
    // Each waits for the other: one after the other neither would ever answer.
    let hands = FakeHands::new(2);
    let both = vec![call("read_slowly", json!({ "no": "a" })), call("read_slowly", json!({ "no": "b" }))];
    bench.script(vec![said("", both), said("Both are read.", Vec::new())]);
    assert_eq!(bench.say(&hands, "read both").await.text, "Both are read.");
    assert_eq!(hands.called.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_was_read_may_be_read_again_once_something_changed() {
    let bench = Bench::new(Quota::Paid).await;
    let hands = FakeHands::new(1);
    let read = || said("", vec![call("read_slowly", json!({}))]);
    let write = said("", vec![call("create_draft", json!({ "text": "x" }))]);
    bench.script(vec![read(), read(), write, read(), said("ok", Vec::new())]);
    bench.say(&hands, "go").await;
    // The second was answered from the first, the one after the change was made.
    assert_eq!(hands.called.load(Ordering::SeqCst), 3);
    assert_eq!(bench.last_results()[0]["output"]["views"], 1204);
}

#[tokio::test]
async fn data_of_providers_is_not_for_a_model_on_an_unpaid_plan() {
    for (quota, is_offered) in [(Quota::Unpaid, false), (Quota::Paid, true)] {
        let bench = Bench::new(quota).await;
        let hands = FakeHands::new(1);
        bench.script(vec![said("", vec![call("channel_report", json!({}))]), said("ok", Vec::new())]);
        bench.say(&hands, "how is my channel?").await;
        let asked = bench.last_asked();
        assert_eq!(asked.tools.iter().any(|tool| tool.name == "channel_report"), is_offered);
        assert_eq!(hands.called.load(Ordering::SeqCst), usize::from(is_offered));
        assert_eq!(bench.last_results()[0]["error"].is_string(), !is_offered);
    }
}

#[tokio::test]
async fn what_may_only_be_kept_for_a_while_goes_with_all_that_was_made_of_it() {
    const HOUR_MS: i64 = 3_600_000;
    for by_disconnecting in [false, true] {
        let bench = Bench::new(Quota::Paid).await;
        let account = bench.connect().await;
        let mut hands = FakeHands::new(1);
        let until_ms = bench.clock.now_ms() + HOUR_MS;
        hands.keep = Some(Keep { until_ms, accounts: vec![account.id.clone()] });
        bench.script(vec![said("", vec![call("channel_report", json!({}))]), said("You had 1,204 views.", Vec::new())]);
        assert_eq!(bench.say(&hands, "views?").await.text, "You had 1,204 views.");
        bench.script(vec![said("ok", Vec::new())]);
        bench.say(&hands, "thanks").await;
        let replayed = format!("{:?}", bench.last_asked().items);
        assert!(replayed.contains("1204") && replayed.contains("1,204 views"), "{replayed}");
        // A summary or title never hears of it.
        let open = bench.begin("next").await;
        bench.script(vec![said("A title", Vec::new())]);
        bench.agent.keep_up(&open, Lang::En).await.unwrap();
        let told = format!("{:?}", bench.last_asked().items);
        assert!(told.contains("views?") && !told.contains("1,204"), "{told}");

        if by_disconnecting {
            bench.store.update_account_disconnected(&account.id, &account.workspace, None).await.unwrap();
        } else {
            bench.clock.set_offset_ms(2 * HOUR_MS);
        }
        let check = async |what: &str| {
            bench.script(vec![said("ok", Vec::new())]);
            bench.say(&hands, "and now?").await;
            let replayed = format!("{:?}", bench.last_asked().items);
            assert!(!replayed.contains("1204") && !replayed.contains("1,204"), "{what}: {replayed}");
            assert!(replayed.contains("may not be kept") && !replayed.contains("interrupted"), "{what}: {replayed}");
            let spoken = bench.memory.spoken(&bench.caller.user, &bench.conversation, None).await.unwrap().spoken;
            let gone: Vec<_> = spoken.iter().filter(|spoken| spoken.turn == "expired").collect();
            assert_eq!((gone.len(), gone[0].text.as_str()), (1, ""), "{what}: {spoken:?}");
        };
        bench.memory.end(&open, TurnState::Done, (None, 0), crate::memory::Last::default()).await.unwrap();
        check("at once").await;
        bench.store.empty_expired_messages(bench.clock.now_ms()).await.unwrap();
        check("after the sweep").await;
    }
}

#[tokio::test]
async fn what_streams_is_counted_however_it_ends() {
    let bench = Bench::new(Quota::Paid).await;
    let hands = FakeHands::new(1);
    let used = async || bench.memory.used(&bench.caller.user).await.unwrap();
    bench.script(vec![Play::Cut(usage(70))]);
    assert_eq!(bench.say(&hands, "cut").await.state, TurnState::Failed);
    assert_eq!(used().await, 70);
    bench.script(vec![Play::Hang(usage(7))]);
    assert_eq!(bench.say(&hands, "stop").await.state, TurnState::Stopped);
    assert_eq!(used().await, 77);
    // The month's tokens are looked at before each further question.
    let read = said("", vec![call("create_draft", json!({}))]);
    bench.script(vec![read]);
    let open = bench.begin("go").await;
    let turned = bench.answer(&open, &hands, (177, CancellationToken::new())).await;
    assert!(turned.text.contains("177 of 177"), "{turned:?}");
    assert_eq!(used().await, 177);
}

#[tokio::test]
async fn a_turn_that_nobody_waits_for_ends_at_once() {
    let bench = Arc::new(Bench::new(Quota::Paid).await);
    bench.script(vec![Play::Hang(usage(9))]);
    let theirs = bench.clone();
    let dying = tokio::spawn(async move {
        let open = theirs.begin("my posts").await;
        let hands = FakeHands::new(1);
        let profile = Profile::default();
        let turn = Turn {
            caller: &theirs.caller,
            open: &open,
            written: None,
            text: "my posts",
            others: "",
            media: &[],
            profile: &profile,
            now: "now",
            hands: &hands,
            tokens_max: i64::MAX,
            past: None,
            is_private: true,
            shows_google: true,
            stop: CancellationToken::new(),
        };
        theirs.agent.answer(&turn, &mut |_| {}).await.map(drop)
    });
    while bench.model.asked.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    dying.abort();
    assert!(dying.await.is_err());
    bench.background.close();
    bench.background.wait().await;
    // No lease had to lapse, and what it cost counts.
    let spoken = bench.memory.spoken(&bench.caller.user, &bench.conversation, None).await.unwrap().spoken;
    let states: BTreeMap<_, _> = spoken.iter().map(|spoken| (spoken.text.as_str(), spoken.turn.as_str())).collect();
    assert_eq!(states.get("my posts"), Some(&"interrupted"), "{spoken:?}");
    assert_eq!(bench.memory.used(&bench.caller.user).await.unwrap(), 9);
    bench.script(vec![said("Here I am.", Vec::new())]);
    let turned = bench.say(&FakeHands::new(1), "still there?").await;
    assert_eq!((turned.text.as_str(), turned.cards.len()), ("Here I am.", 1), "{turned:?}");
}

#[tokio::test]
async fn what_is_forgotten_or_given_up_meanwhile_stays_so() {
    let bench = Bench::new(Quota::Paid).await;
    bench.script(vec![said("ok", Vec::new())]);
    bench.say(&FakeHands::new(1), "canary").await;
    let kept = bench.begin("kept").await;
    // A title and a summary that were asked for before something was forgotten come too late.
    let before = bench.memory.standing(&kept).await.unwrap();
    bench.store.delete_said(&bench.conversation, 0, 1).await.unwrap();
    bench.memory.name(&kept, before.generation, "canary title").await.unwrap();
    bench.memory.summarise(&kept, before.generation, ("canary summary", &kept.turn)).await.unwrap();
    let listed = bench.memory.list(&bench.caller.user, None).await.unwrap().views;
    assert_eq!((listed.len(), listed[0].title.as_deref()), (1, None));
    let after = bench.memory.standing(&kept).await.unwrap();
    assert!(after.generation > before.generation && !after.is_named);
    bench.memory.name(&kept, after.generation, "A title").await.unwrap();
    assert!(bench.memory.standing(&kept).await.unwrap().is_named);
    // A turn that others gave up says nothing more; what it cost counts.
    bench.clock.set_offset_ms(2 * LEASE_MS);
    // Whoever reads meanwhile is told so, before anybody came by to mark it.
    let spoken = bench.memory.spoken(&bench.caller.user, &bench.conversation, None).await.unwrap().spoken;
    assert_eq!(spoken.last().unwrap().turn, "interrupted", "{spoken:?}");
    bench.store.interrupt_dead_turns(bench.clock.now_ms()).await.unwrap();
    let last = crate::memory::Last { reply: Some("too late"), ..crate::memory::Last::default() };
    let used = bench.memory.used(&bench.caller.user).await.unwrap();
    bench.memory.end(&kept, TurnState::Done, (None, 5), last).await.unwrap();
    let spoken = bench.memory.spoken(&bench.caller.user, &bench.conversation, None).await.unwrap().spoken;
    assert!(spoken.iter().all(|spoken| spoken.text != "too late"), "{spoken:?}");
    assert_eq!(spoken.last().unwrap().turn, "interrupted");
    assert_eq!(bench.memory.used(&bench.caller.user).await.unwrap(), used + 5);
}

#[tokio::test]
async fn what_is_older_is_read_page_by_page_and_each_thing_once() {
    let bench = Bench::new(Quota::Paid).await;
    let (memory, user) = (&bench.memory, &bench.caller.user);
    for no in 0..150 {
        let open = bench.begin(&format!("question {no}")).await;
        let reply = format!("answer {no}");
        let last = crate::memory::Last { reply: Some(&reply), ..crate::memory::Last::default() };
        memory.end(&open, TurnState::Done, (None, 0), last).await.unwrap();
    }
    let newest = memory.spoken(user, &bench.conversation, None).await.unwrap();
    let older = memory.spoken(user, &bench.conversation, newest.next.as_deref()).await.unwrap();
    assert_eq!((newest.spoken.len(), older.spoken.len(), older.next), (200, 100, None));
    let all: Vec<_> = older.spoken.into_iter().chain(newest.spoken).map(|spoken| spoken.text).collect();
    let said: Vec<_> = (0..150).flat_map(|no| [format!("question {no}"), format!("answer {no}")]).collect();
    assert_eq!(all, said);

    for no in 0..60 {
        let conversation = memory.open(user, "web", &no.to_string()).await.unwrap();
        memory.begin(user, (&conversation, None), ("hello", &[]), LEASE_MS).await.unwrap();
    }
    let newest = memory.list(user, None).await.unwrap();
    let older = memory.list(user, newest.next.as_deref()).await.unwrap();
    assert_eq!((newest.views.len(), older.views.len(), older.next), (50, 11, None));
    let ids: std::collections::BTreeSet<_> = newest.views.iter().chain(&older.views).map(|view| &view.id).collect();
    assert_eq!(ids.len(), 61);
    // What was never a cursor is refused, not taken for the beginning.
    for wrong in ["", "1", "x-y", bench.conversation.as_str()] {
        assert!(memory.list(user, Some(wrong)).await.is_err(), "{wrong}");
        assert!(memory.spoken(user, &bench.conversation, Some(wrong)).await.is_err(), "{wrong}");
    }
}

/// A turn whose message is still being written, and what was heard of it so far.
async fn ahead(
    bench: &Bench,
    open: &OpenTurn,
    written: tokio::sync::oneshot::Receiver<Result<bool, ToolError>>,
    (heard, stop): (Arc<Mutex<Vec<String>>>, CancellationToken),
) -> Result<Turned, ToolError> {
    let past =
        bench.memory.past((&bench.caller.user, &bench.conversation), (Some(&open.turn), Without::Replies), 1).await?;
    let (hands, profile) = (FakeHands::new(1), Profile::default());
    let turn = Turn {
        caller: &bench.caller,
        open,
        written: Some(Written::of(tokio::spawn(async move { written.await.unwrap() }))),
        text: "text",
        others: "",
        media: &[],
        profile: &profile,
        now: "now",
        hands: &hands,
        tokens_max: i64::MAX,
        past: Some(&past),
        is_private: true,
        shows_google: true,
        stop,
    };
    let mut tell = |progress: Progress| heard.lock().unwrap().push(format!("{progress:?}"));
    bench.agent.answer(&turn, &mut tell).await
}

#[tokio::test]
async fn nothing_is_heard_before_the_message_is_durable() {
    let bench = Bench::new(Quota::Paid).await;
    bench.script(vec![Play::Hang(usage(7))]);
    let open = bench.begin("text").await;
    let (heard, stop) = (Arc::new(Mutex::new(Vec::new())), CancellationToken::new());
    let (done, written) = tokio::sync::oneshot::channel();
    let answering = ahead(&bench, &open, written, (heard.clone(), stop.clone()));
    tokio::pin!(answering);
    let patience = Duration::from_millis(200);
    assert!(tokio::time::timeout(patience, &mut answering).await.is_err());
    assert_eq!((bench.model.asked.lock().unwrap().len(), heard.lock().unwrap().len()), (1, 0), "asked, not heard");
    done.send(Ok(true)).unwrap();
    assert!(tokio::time::timeout(patience, &mut answering).await.is_err());
    assert!(heard.lock().unwrap().iter().any(|piece| piece.contains("On and")), "{:?}", heard.lock().unwrap());
    stop.cancel();
    assert_eq!(answering.await.unwrap().state, TurnState::Stopped);
}

#[tokio::test]
async fn a_turn_that_must_wait_asks_anew_when_it_is_its_turn() {
    let bench = Bench::new(Quota::Paid).await;
    bench.script(vec![Play::Hang(usage(7)), said("second", Vec::new())]);
    let first = bench.begin("first").await;
    let open = bench.begin("text").await;
    assert!(first.is_running && !open.is_running);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (done, written) = tokio::sync::oneshot::channel();
    done.send(Ok(false)).unwrap();
    let answering = ahead(&bench, &open, written, (heard.clone(), CancellationToken::new()));
    tokio::pin!(answering);
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut answering).await.is_err());
    assert_eq!(*heard.lock().unwrap(), [format!("{:?}", Progress::Queued)], "nothing of the answer that was dropped");
    bench.memory.end(&first, TurnState::Done, (None, 0), Last::default()).await.unwrap();
    let turned = answering.await.unwrap();
    assert_eq!((turned.text.as_str(), turned.state), ("second", TurnState::Done));
}

#[tokio::test]
async fn of_a_message_that_could_not_be_written_nothing_is_heard() {
    let bench = Bench::new(Quota::Paid).await;
    bench.script(vec![Play::Hang(usage(7))]);
    let open = bench.begin("text").await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (done, written) = tokio::sync::oneshot::channel();
    done.send(Err(ToolError::Failed("the disk is full".into()))).unwrap();
    let answer = ahead(&bench, &open, written, (heard.clone(), CancellationToken::new())).await;
    assert!(matches!(answer, Err(ToolError::Failed(why)) if why.contains("full")));
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn of_turns_that_come_at_once_one_asks_ahead() {
    let bench = Bench::new(Quota::Paid).await;
    let first = bench.agent.enter(&bench.conversation);
    let second = bench.agent.enter(&bench.conversation);
    assert!(first.is_alone && !second.is_alone);
    drop(first);
    assert!(!bench.agent.enter(&bench.conversation).is_alone, "one is still there");
    drop(second);
    assert!(bench.agent.enter(&bench.conversation).is_alone);
}
