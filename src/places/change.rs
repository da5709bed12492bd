//! What would change of a film that is on a network already: what stands there, and what would.

use super::draw::Drawer;
use super::message::{Message, Text};
use crate::desk::view::{ApprovalView, ChangeLine};
use crate::say;

impl Drawer<'_> {
    /// What stands there of a film and what would: all of it, or nobody is asked to agree.
    pub(super) fn changes(&self, view: &ApprovalView, message: &mut Message) {
        for ChangeLine { field, before, after } in &view.changes {
            message.line(Text::bold(self.say(&say!("video-edit-field", field = *field))));
            message.small(self.text("video-edit-before"));
            message.exactly(self.or_nothing(before));
            message.small(self.text("video-edit-after"));
            message.exactly(self.or_nothing(after));
        }
        if let Some(picture) = &view.thumbnail {
            message.line(Text::bold(self.say(&say!("video-edit-field", field = "thumbnail"))));
            let alt = picture.alt.clone().unwrap_or_else(|| self.text("post-no-alt"));
            message.small(format!("[{}] {alt} ({})", picture.measured(), picture.id));
        }
    }

    fn or_nothing(&self, text: &str) -> String {
        if text.is_empty() { self.text("video-edit-nothing-there") } else { text.to_owned() }
    }
}
