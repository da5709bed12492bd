//! Odd cards, forms and Homes for the tests that hold what a service draws against its limits: texts of any scalar there is, controls, joiners,
//! right-to-left, nested Markdown, drawn as they are drawn for people.
#![cfg(test)]

use super::Service;
use super::draw::Drawer;
use super::form;
use super::inbound::Press;
use super::message::{Chart, Form, Message, Table};
use super::stage::{Stage, member};
use crate::desk::view::{
    AccountView, ApprovalLine, ApprovalView, ChangeLine, DeliveryView, PostStatus, PostView, Receipt, VariantView,
};
use crate::domain::account::{Account, Health};
use crate::domain::approval::{Act, Approval, Decision};
use crate::domain::delivery::State;
use crate::domain::digest::Digest;
use crate::domain::ids::{AccountId, ApprovalId, DeliveryId, PostId, UserId, VariantId, WorkspaceId};
use crate::domain::lang::Lang;
use crate::domain::network::Network;
use crate::domain::post::{Content, Finding, Frame, Poll, Preview, Segment, SegmentPreview, Severity};
use crate::domain::schedule::Moment;
use crate::pictures::Shape;
use crate::say;

/// What is drawn with each look.
pub(crate) enum Thing {
    /// A message.
    Message(Message),
    /// A form.
    Form(Form),
}

/// A source of odd things; the same number gives the same things.
pub(crate) struct Odd(pub(crate) u64);

impl Odd {
    /// A number below this one.
    pub(crate) fn below(&mut self, max: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % max.max(1)
    }

    fn bits(&mut self) -> u128 {
        (u128::from(self.0) << 64) | u128::from(self.below(usize::MAX) as u64)
    }

    /// Any scalar there is, or a piece that means something to somebody.
    fn piece(&mut self, into: &mut String) {
        const SHARDS: [&str; 24] = [
            "**",
            "__",
            "`",
            "```\n",
            "| a | b |\n|---|---|\n",
            "> > - 1. **x** `y`\n",
            "<!channel>",
            "<@U0BEN>",
            "<#C1|x>",
            "&amp;",
            "&",
            "<",
            ">",
            "|",
            "\u{202e}",
            "\u{2066}",
            "\u{200d}",
            "👨‍👩‍👧‍👦",
            "🇯🇵",
            "e\u{301}\u{301}\u{301}",
            "\u{0}",
            "\u{7f}",
            "改行\n",
            " ",
        ];
        match self.below(4) {
            0 => into.push_str(SHARDS[self.below(SHARDS.len())]),
            1 => into.extend(char::from_u32(u32::try_from(self.below(0x11_0000)).unwrap_or(0))),
            2 => into.extend(char::from_u32(u32::try_from(self.below(0x20)).unwrap_or(0))),
            _ => into.push(char::from(b'a' + u8::try_from(self.below(26)).unwrap_or(0))),
        }
    }

    /// A text of any length.
    pub(crate) fn text(&mut self) -> String {
        let most = [0, 1, 3, 30, 30, 300, 300, 3_000][self.below(8)];
        let mut text = String::new();
        for _ in 0..self.below(most + 1) {
            self.piece(&mut text);
        }
        text
    }

    fn moment(&mut self) -> Moment {
        let at_ms = 1_795_000_000_000 + i64::try_from(self.below(1_000_000_000)).unwrap_or(0);
        Moment { at_ms, zone: ["UTC", "Asia/Tokyo", "nowhere"][self.below(3)].into() }
    }

    fn account(&mut self) -> Account {
        Account {
            id: AccountId::generate(1, self.bits()),
            workspace: WorkspaceId::generate(1, 1),
            user: UserId::generate(1, 1),
            network: Network::X,
            remote_id: "1".into(),
            handle: self.text(),
            name: self.text(),
            scopes: String::new(),
            health: Health::Fine,
            avatar_at: None,
        }
    }

    fn preview(&mut self) -> Preview {
        let segments = (0..=self.below(4))
            .map(|_| {
                let options = (0..self.below(5)).map(|_| self.text()).collect();
                let poll = (self.below(3) == 0).then_some(Poll { options, minutes: 60 });
                SegmentPreview {
                    text: self.text(),
                    length: 1,
                    length_max: 280,
                    media: Vec::new(),
                    poll,
                    fold: None,
                    card: None,
                }
            })
            .collect();
        Preview {
            segments,
            frame: Frame::default(),
            cost_usd_micros: i64::try_from(self.below(3)).unwrap_or(0) * 15_000,
        }
    }

    fn findings(&mut self) -> Vec<Finding> {
        let what = say!("post-not-found", id = self.text());
        (0..self.below(3)).map(|_| Finding { severity: Severity::Warning, part: None, what: what.clone() }).collect()
    }

    fn post(&mut self) -> PostView {
        let variants = (0..=self.below(3)).map(|_| VariantView {
            id: VariantId::generate(1, 1),
            account: self.account(),
            content: Content {
                segments: vec![Segment { text: self.text(), ..Segment::default() }],
                ..Content::default()
            },
            preview: self.preview(),
            findings: self.findings(),
        });
        let variants: Vec<_> = variants.collect();
        let deliveries = (0..self.below(4)).map(|_| DeliveryView {
            id: DeliveryId::generate(1, self.bits()),
            account: self.account(),
            state: State::ALL[self.below(State::ALL.len())],
            reason: (self.below(2) == 0).then(|| say!("post-not-found", id = self.text())),
            when: self.moment(),
            parts: (1, 3),
            receipts: (0..self.below(3))
                .map(|_| Receipt {
                    part: 0,
                    permalink: Some(format!("https://x.com/{}", self.text())),
                    how: say!("receipt-answered"),
                    at_ms: 1,
                })
                .collect(),
        });
        let deliveries: Vec<_> = deliveries.collect();
        PostView {
            id: PostId::generate(1, self.bits()),
            revision: 1,
            status: PostStatus::ALL[self.below(PostStatus::ALL.len())],
            created_at: 1,
            edited_at: 1,
            variants,
            deliveries,
            waiting: None,
            is_paused: false,
            is_third_party: false,
        }
    }

    fn approval(&mut self, of: &UserId) -> ApprovalView {
        let post = PostId::generate(1, self.bits());
        let lines = (0..=self.below(3)).map(|_| ApprovalLine {
            every: None,
            twice: Vec::new(),
            account: self.account(),
            preview: self.preview(),
            when: (self.below(2) == 0).then(|| self.moment()),
            options: Vec::new(),
            findings: self.findings(),
        });
        let lines: Vec<_> = lines.collect();
        let change = |odd: &mut Self| ChangeLine { field: "description", before: odd.text(), after: odd.text() };
        let changes = (0..self.below(8) / 6).map(|_| change(self)).collect();
        let gone = (0..self.below(8) / 7).map(|_| say!("post-not-found", id = self.text())).collect();
        ApprovalView {
            batch: Vec::new(),
            changes,
            thumbnail: None,
            outcome: None,
            gone,
            approval: Approval {
                id: ApprovalId::generate(1, self.bits()),
                workspace: WorkspaceId::generate(1, 1),
                user: of.clone(),
                act: Act::Publish { post: post.clone(), revision: 1, items: Vec::new(), again: false },
                hash: "f".repeat(64),
                decision: Decision::Pending,
                created_at: 1,
                expires_at: i64::MAX,
                decided_at: None,
                decided_via: None,
                reason: None,
            },
            what: say!("approval-act-schedule", accounts = self.text()),
            lines,
            post: Some(post),
        }
    }

    fn figures(&mut self, message: &mut Message) {
        let categories: Vec<_> = (0..self.below(24)).map(|_| self.text()).collect();
        let series = (0..self.below(8)).map(|_| {
            let figures =
                categories.iter().map(|_| i64::try_from(self.below(9_000_000)).unwrap_or(0) - 1_000_000).collect();
            (self.text(), figures)
        });
        let series = series.collect();
        let shape = [Shape::Bar, Shape::Line, Shape::Pie][self.below(3)];
        let png = (self.below(2) == 0).then(|| b"\x89PNG\r\n\x1a\n".to_vec());
        message.chart(Chart { title: self.text(), shape: Some(shape), categories, series, png, ..Chart::default() });
        let columns = self.below(24);
        let row = |odd: &mut Self| (0..columns).map(|_| odd.text()).collect::<Vec<_>>();
        let rows = (0..self.below(6)).map(|_| row(self)).collect();
        message.table(Table { head: row(self), rows });
    }

    fn account_view(&mut self) -> AccountView {
        AccountView {
            account: self.account(),
            health: say!("post-not-found", id = self.text()),
            lacks: vec![say!("post-not-found", id = self.text())],
            paused: true,
        }
    }
}

/// Draws so many odd things in a language and has each of them judged.
pub(crate) async fn draw(mut odd: Odd, lang: Lang, count: usize, mut judge: impl FnMut(usize, Thing)) {
    let stage = Stage::open(lang).await;
    let caller = stage.app().find_member(&member()).await.unwrap().unwrap();
    let hall = stage.hall();
    for no in 0..count {
        let (is_guest, is_counting) = (odd.below(5) == 0, odd.below(2) == 0);
        let can_share = odd.below(2) == 0;
        let drawer = Drawer { can_share, is_guest, is_counting, ..Drawer::new(stage.app(), &caller) };
        let mut message = drawer.begin(odd.text());
        match odd.below(12) {
            0 => drawer.draft(&odd.post(), &mut message),
            1 | 2 => drawer.post(&odd.post(), &mut message).await.unwrap(),
            3 => drawer.approval(&odd.approval(&caller.user), &mut message),
            4 => {
                for _ in 0..odd.below(30) {
                    drawer.row(&odd.post(), &mut message);
                }
            }
            5 => message = drawer.shared(&odd.post()),
            6 => {
                let all: Vec<_> = (0..odd.below(20)).map(|_| odd.account_view()).collect();
                drawer.accounts(&all, &mut message);
                drawer.language(&mut message);
            }
            7 => odd.figures(&mut message),
            8 => {
                message.markdown(&odd.text());
                drawer.post(&odd.post(), &mut message).await.unwrap();
            }
            // Several questions at once: an answer of the model's may have asked them.
            9 => {
                for _ in 0..odd.below(16) {
                    drawer.approval(&odd.approval(&caller.user), &mut message);
                }
            }
            10 => message = drawer.settings(Some("C1").filter(|_| can_share), Digest::Never),
            _ => {
                let form = match odd.below(3) {
                    0 => Some(form::new(hall, &caller, &odd.text())),
                    1 => form::edit(hall, &caller, &odd.post(), &Press::default()).ok(),
                    _ => Some(form::time(hall, &caller, &odd.post(), None)),
                };
                if let Some(form) = form {
                    judge(no, Thing::Form(form));
                }
            }
        }
        judge(no, Thing::Message(message));
    }
}
