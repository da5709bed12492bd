//! The door `places`: who our people are in chat services, how they prove it, what is ours there, and what they still have to be told.

use super::App;
use super::Verdict;
use super::authenticate::{caller, new_user};
use crate::domain::caller::{Caller, Via};
use crate::domain::chat::ShowsGoogle;
use crate::domain::ids::{ConversationId, NoticeId, PostId, UserId};
use crate::domain::lang::Lang;
use crate::domain::place::{ChatPlace, Member};
use crate::domain::shown;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::notices::Notice;
use crate::store::places::LinkRequest;
use crate::store::room_consents::RoomConsent;
use crate::vault::token_hash;

pub use crate::store::places::{Linked, Sent, ShownCard, Untold};

/// How long page and code of a link are good (RELIABILITY §3).
const LINK_MS: i64 = 10 * 60_000;
/// Pages that one member has open at once; more are asked for by nobody in earnest.
const LINKS_MAX: i64 = 5;
/// A stranger is greeted once within this.
const GREET_MS: i64 = 24 * 3_600_000;
/// What is agreed to in a room: that everybody there reads along.
const READERS: &str = "readers";
/// That figures of Google's are shown there.
const GOOGLE: &str = "google";
/// Or they are not.
const GOOGLE_NO: &str = "google-no";
/// Answers of one person that are looked at: nobody talks in more channels.
const ROOMS_MAX: i64 = 500;
/// Letters of a code: 50 bits.
const CODE_CHARS: usize = 10;
/// Letters that nobody mistakes for others.
const CODE_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// News is told for a day; then it is history, and on the pages.
const NEWS_MS: i64 = 24 * 3_600_000;

/// Where somebody said whether figures of Google's may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleRoom {
    /// The service.
    pub place: ChatPlace,
    /// `<team>/<channel>`.
    pub room: String,
    /// What they said.
    pub is_shown: bool,
}

impl App {
    /// The person a member of a chat service is, when they are one of ours.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_member(&self, member: &Member) -> Result<Option<Caller>, ToolError> {
        let user = self.store.find_user_by_identity(member.place.word(), &member.subject()).await?;
        Ok(user.map(|user| {
            let grant = user.chat_grant;
            caller(&user, grant, member.place.via())
        }))
    }

    /// Makes a new person of a member who may join: they come in as who they are there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn join_member(&self, member: &Member, shown: &str, lang: Lang) -> Result<Caller, ToolError> {
        self.join(member, shown, lang).await?;
        self.find_member(member).await?.ok_or_else(|| say!("link-needed").into())
    }

    /// Makes a new person of a member who may join.
    pub(super) async fn join(&self, member: &Member, shown: &str, lang: Lang) -> Result<UserId, ToolError> {
        let now = self.clock.now_ms();
        let mut user = new_user(self.entropy.as_ref(), now);
        user.lang = lang;
        if let Err(error) = self.store.insert_user(&user, member.place.word(), &member.subject(), now).await {
            // Somebody pressed twice: they are who they were made first.
            let found = self.store.find_user_by_identity(member.place.word(), &member.subject()).await?;
            return found.map(|user| user.id).ok_or_else(|| error.into());
        }
        self.linked(&user.id, member, shown, now).await?;
        Ok(user.id)
    }

    /// Links a member who proved who they are to a person, and tells that person everywhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link(&self, user: &UserId, member: &Member, shown: &str) -> Result<(), ToolError> {
        self.linked(user, member, shown, self.clock.now_ms()).await
    }

    async fn linked(&self, user: &UserId, member: &Member, shown: &str, now: i64) -> Result<(), ToolError> {
        let shown = shown::name(shown);
        // Before the row: the new place itself needs no news of this.
        let what = say!("link-added", name = &shown, place = member.place.shown());
        let notice = Notice { post: None, what, created_at: now };
        self.store.insert_notice(&NoticeId::generate(now, self.entropy.bits()), user, &notice).await?;
        self.store.insert_linked((member.place.word(), &member.subject(), &shown), user, now + 1).await?;
        let Some(found) = self.store.find_user(user).await? else { return Ok(()) };
        let by = caller(&found, found.chat_grant, member.place.via());
        self.desk.audit(&by, "link.add", &member.subject()).await
    }

    /// Begins to link a member: the page that a signed-in person opens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_to_link(&self, member: &Member, shown: &str) -> Result<String, ToolError> {
        let (now, secret) = (self.clock.now_ms(), self.entropy.secret());
        let open = self.store.count_link_requests(member.place.word(), &member.subject(), now).await?;
        if open >= LINKS_MAX {
            return Err(say!("link-enough").into());
        }
        let shown = shown::name(shown);
        let asked = LinkRequest { place: member.place.word().into(), subject: member.subject(), shown };
        self.store.insert_link_request(&token_hash(&secret), &asked, now, now + LINK_MS).await?;
        Ok(self.page(&format!("link/{secret}")))
    }

    /// What a link page shows: who wants to be linked, and where.
    ///
    /// # Errors
    /// Refused when it is too old or was used.
    pub async fn read_link(&self, secret: &str) -> Result<LinkRequest, ToolError> {
        let found = self.store.find_link_request(&token_hash(secret), self.clock.now_ms()).await?;
        found.ok_or_else(|| say!("link-dead").into())
    }

    /// A signed-in person says that it is them: the code to type back in that chat.
    ///
    /// # Errors
    /// Refused when it is too old or was used.
    pub async fn confirm_link(&self, caller: &Caller, secret: &str) -> Result<String, ToolError> {
        let Via::Web(_) = caller.via else { return Err(say!("signin-needed").into()) };
        let code = self.code();
        let hash = token_hash(&code);
        if !self.store.confirm_link_request(&token_hash(secret), &caller.user, &hash, self.clock.now_ms()).await? {
            return Err(say!("link-dead").into());
        }
        let (front, back) = code.split_at(CODE_CHARS / 2);
        Ok(format!("{front}-{back}"))
    }

    /// Spends a code that the member typed back in the chat they asked from.
    ///
    /// # Errors
    /// Refused when it is not their code, too old, or after five wrong ones.
    pub async fn redeem_link(&self, member: &Member, typed: &str) -> Result<Caller, ToolError> {
        let code: String = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        let subject = member.subject();
        let found = self
            .store
            .redeem_link_request(member.place.word(), &subject, &token_hash(&code), self.clock.now_ms())
            .await?;
        let (user, shown) = found.ok_or_else(|| say!("link-code-wrong"))?;
        self.link(&user, member, &shown).await?;
        self.find_member(member).await?.ok_or_else(|| say!("link-code-wrong").into())
    }

    /// Where a person is linked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn links(&self, caller: &Caller) -> Result<Vec<Linked>, ToolError> {
        Ok(self.store.list_linked(&caller.user).await?)
    }

    /// Ends a link: from the next message on that member is a stranger.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn unlink(&self, caller: &Caller, place: &str, subject: &str) -> Result<(), ToolError> {
        if !self.store.delete_linked(place, subject, &caller.user).await? {
            return Err(say!("common-not-found-thing", thing = subject).into());
        }
        // What we said to them there goes, too.
        let team = subject.split_once(':').map_or(subject, |(team, _)| team);
        self.store.update_sent_left(place, team, &caller.user).await?;
        self.desk.audit(caller, "link.end", subject).await
    }

    /// Notes where a member's direct thread with us is, for notices.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_thread(&self, member: &Member, thread: &str) -> Result<(), ToolError> {
        Ok(self.store.update_linked_thread(member.place.word(), &member.subject(), thread).await?)
    }

    /// The channel in which a member hears what became of their posts, when they chose one; else it is their direct thread.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn news_channel(&self, member: &Member) -> Result<Option<String>, ToolError> {
        Ok(self.store.find_linked_news(member.place.word(), &member.subject()).await?)
    }

    /// Chooses that channel; none is the direct thread again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn choose_news_channel(
        &self,
        caller: &Caller,
        member: &Member,
        channel: Option<&str>,
    ) -> Result<(), ToolError> {
        let channel = channel.unwrap_or_default();
        self.store.update_linked_news(member.place.word(), &member.subject(), channel).await?;
        self.desk.audit(caller, "place.news", channel).await
    }

    /// Notes a message of ours elsewhere. `about` names what it shows, `inbox_key` what it answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_sent(
        &self,
        place: ChatPlace,
        sent: &Sent,
        user: &UserId,
        (about, inbox_key): (&str, Option<&str>),
    ) -> Result<(), ToolError> {
        Ok(self.store.insert_sent(place.word(), sent, user, (about, inbox_key), (self.clock.now_ms(), None)).await?)
    }

    /// Notes a message that is still being written, in answer to something delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_open(
        &self,
        place: ChatPlace,
        sent: &Sent,
        user: &UserId,
        (about, inbox_key): (&str, &str),
    ) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        Ok(self.store.insert_sent(place.word(), sent, user, (about, Some(inbox_key)), (now, Some(now))).await?)
    }

    /// What a process that died was still writing in answer to something delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn left_open(&self, inbox_key: &str) -> Result<Vec<Sent>, ToolError> {
        Ok(self.store.find_open_sent(inbox_key).await?)
    }

    /// A message is whole, one way or another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_whole(&self, place: ChatPlace, sent: &Sent) -> Result<(), ToolError> {
        Ok(self.store.update_sent_closed(place.word(), sent).await?)
    }

    /// The conversation that a thread of a place holds, once it holds one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversation_in(
        &self,
        caller: &Caller,
        place: ChatPlace,
        thread: &str,
    ) -> Result<Option<ConversationId>, ToolError> {
        Ok(self.store.find_thread(place.word(), thread, &caller.user).await?)
    }

    /// Notes a message that shows a post, so that it is drawn anew when something happens to the post.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_card(
        &self,
        caller: &Caller,
        place: ChatPlace,
        card: &Sent,
        post: &PostId,
    ) -> Result<(), ToolError> {
        Ok(self.store.insert_card(place.word(), card, post, &caller.user, self.clock.now_ms()).await?)
    }

    /// Messages that show a post.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cards(&self, place: ChatPlace, post: &str) -> Result<Vec<ShownCard>, ToolError> {
        Ok(self.store.list_cards(place.word(), post).await?)
    }

    /// A message shows something else now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_card_gone(&self, place: ChatPlace, card: &Sent) -> Result<(), ToolError> {
        Ok(self.store.delete_card(place.word(), card).await?)
    }

    /// A person as they are in a chat service, by our id of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn person_in(&self, place: ChatPlace, user: &UserId) -> Result<Option<Caller>, ToolError> {
        let user = self.store.find_user(user).await?;
        Ok(user.map(|user| caller(&user, user.chat_grant, place.via())))
    }

    /// Whether a stranger should be greeted now: once a day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn may_greet(&self, member: &Member) -> Result<bool, ToolError> {
        let now = self.clock.now_ms();
        Ok(self.store.insert_greeting(member.place.word(), &member.subject(), now, now - GREET_MS).await?)
    }

    /// What was sent in answer to something delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sent_in_answer(&self, inbox_key: &str) -> Result<Vec<Sent>, ToolError> {
        Ok(self.store.find_sent(inbox_key).await?)
    }

    /// Messages of ours that show conversations which were forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn left_behind(&self, place: ChatPlace) -> Result<Vec<(Sent, Option<UserId>)>, ToolError> {
        Ok(self.store.list_left(place.word()).await?)
    }

    /// Tells a person that messages of ours could not be removed there, and where they are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_kept(
        &self,
        place: ChatPlace,
        user: &UserId,
        kept: &[(Sent, Option<String>)],
    ) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        let addresses: Vec<_> = kept.iter().filter_map(|(_, address)| address.as_deref()).collect();
        let (where_to, count) = (addresses.join(" "), i64::try_from(kept.len()).unwrap_or(i64::MAX));
        let what = if where_to.is_empty() {
            say!("place-kept", place = place.shown(), count = count)
        } else {
            say!("place-kept-at", place = place.shown(), count = count, addresses = where_to)
        };
        let notice = Notice { post: None, what, created_at: now };
        self.store.insert_notice(&NoticeId::generate(now, self.entropy.bits()), user, &notice).await?;
        for (sent, _) in kept {
            self.note_gone(place, sent).await?;
        }
        Ok(())
    }

    /// A message of ours about somebody who is gone from here cannot be removed there: whoever runs the server can look it up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_kept_of_the_gone(&self, place: ChatPlace, sent: &Sent) -> Result<(), ToolError> {
        Ok(self.store.update_sent_kept(place.word(), sent).await?)
    }

    /// Messages of ours about people who are gone from here that a service kept, by place; the newest hundred.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept_of_the_gone(&self) -> Result<Vec<(String, Sent)>, ToolError> {
        Ok(self.store.list_sent_kept().await?)
    }

    /// Whether a person agreed that everybody in a room may read what they are answered there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn may_be_read_in(&self, caller: &Caller, place: ChatPlace, room: &str) -> Result<bool, ToolError> {
        Ok(self.store.has_room_consent(&caller.user, (place.word(), room), READERS).await?)
    }

    /// They agree.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agree_to_readers(&self, caller: &Caller, place: ChatPlace, room: &str) -> Result<(), ToolError> {
        self.store.insert_room_consent(&caller.user, (place.word(), room), READERS, self.clock.now_ms()).await?;
        self.desk.audit(caller, "place.readers", room).await
    }

    /// Whether figures of Google's may be shown to a person in a place: they leave for there, so it is asked once, and remembered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shows_google(&self, caller: &Caller, place: ChatPlace, room: &str) -> Result<ShowsGoogle, ToolError> {
        let kinds = self.store.list_room_consents(&caller.user, ROOMS_MAX).await?;
        let answers = kinds.iter().filter(|one| one.place == place.word() && one.room == room);
        Ok(answers.fold(ShowsGoogle::Ask, |known, one| match one.kind.as_str() {
            GOOGLE => ShowsGoogle::Yes,
            GOOGLE_NO => ShowsGoogle::No,
            _ => known,
        }))
    }

    /// They answer, once for this place: figures of Google's may be shown there, or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answer_google(
        &self,
        caller: &Caller,
        (place, room): (ChatPlace, &str),
        answer: Verdict,
    ) -> Result<(), ToolError> {
        let (kind, what) = match answer {
            Verdict::Approve => (GOOGLE, "place.google"),
            Verdict::Decline => (GOOGLE_NO, "place.google_refuse"),
        };
        self.store.delete_room_consents(&caller.user, (place.word(), room), &[GOOGLE, GOOGLE_NO]).await?;
        self.store.insert_room_consent(&caller.user, (place.word(), room), kind, self.clock.now_ms()).await?;
        self.desk.audit(caller, what, room).await
    }

    /// What they answered, by place.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn google_rooms(&self, caller: &Caller) -> Result<Vec<GoogleRoom>, ToolError> {
        let all = self.store.list_room_consents(&caller.user, ROOMS_MAX).await?;
        let of = |one: RoomConsent| {
            let place = ChatPlace::find(&one.place)?;
            let is_shown = one.kind == GOOGLE;
            (is_shown || one.kind == GOOGLE_NO).then_some(GoogleRoom { place, room: one.room, is_shown })
        };
        Ok(all.into_iter().filter_map(of).collect())
    }

    /// An answer is forgotten: the next figure there is asked about again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_google_room(&self, caller: &Caller, place: ChatPlace, room: &str) -> Result<(), ToolError> {
        self.store.delete_room_consents(&caller.user, (place.word(), room), &[GOOGLE, GOOGLE_NO]).await?;
        self.desk.audit(caller, "place.google_forget", room).await
    }

    /// A message of ours is gone there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_gone(&self, place: ChatPlace, sent: &Sent) -> Result<(), ToolError> {
        Ok(self.store.delete_sent(place.word(), sent).await?)
    }

    /// News that linked people were not told in a place yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn untold(&self, place: ChatPlace) -> Result<Vec<Untold>, ToolError> {
        Ok(self.store.list_untold(place.word(), self.clock.now_ms() - NEWS_MS).await?)
    }

    /// Somebody is told now, by whoever hears true: of several processes it is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_told(&self, untold: &Untold, place: ChatPlace) -> Result<bool, ToolError> {
        Ok(self.store.insert_told(&untold.notice, &told_at(place, untold), self.clock.now_ms()).await?)
    }

    /// They could not be told: the next look tries again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_untold(&self, untold: &Untold, place: ChatPlace) -> Result<(), ToolError> {
        Ok(self.store.delete_told(&untold.notice, &told_at(place, untold)).await?)
    }

    fn code(&self) -> String {
        let mut bits = self.entropy.bits();
        let mut code = String::new();
        for _ in 0..CODE_CHARS {
            code.push(char::from(CODE_ALPHABET[usize::try_from(bits % 32).unwrap_or(0)]));
            bits /= 32;
        }
        code
    }
}

/// Somebody may be in several teams of a place, and hears it in each.
fn told_at(place: ChatPlace, untold: &Untold) -> String {
    format!("{} {}", place.word(), untold.subject)
}
