//! The permission bits that matter here (dossier §11). Who has which is with the people and the channels.

/// Puts reactions under messages.
pub const ADD_REACTIONS: u64 = 1 << 6;
/// Everything.
pub const ADMINISTRATOR: u64 = 1 << 3;
/// Sees a channel.
pub const VIEW_CHANNEL: u64 = 1 << 10;
/// Writes in a channel that is no thread.
pub const SEND_MESSAGES: u64 = 1 << 11;
/// Deletes what others wrote.
pub const MANAGE_MESSAGES: u64 = 1 << 13;
/// Sends embeds.
pub const EMBED_LINKS: u64 = 1 << 14;
/// Sends files.
pub const ATTACH_FILES: u64 = 1 << 15;
/// Reads what was written before.
pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
/// Calls everybody.
pub const MENTION_EVERYONE: u64 = 1 << 17;
/// Uses commands of apps.
pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
/// Changes threads of others.
pub const MANAGE_THREADS: u64 = 1 << 34;
/// Begins threads.
pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
/// Begins threads that only some see.
pub const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
/// Writes in threads.
pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;

/// What the app's link asks for (dossier §11).
pub const ASKED_FOR: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS;

/// What an ordinary member has.
pub const MEMBER: u64 = ASKED_FOR | USE_APPLICATION_COMMANDS;

/// What the app has in a conversation of two.
pub const DIRECT: u64 = ASKED_FOR & !(CREATE_PUBLIC_THREADS | SEND_MESSAGES_IN_THREADS);

#[cfg(test)]
mod tests {
    #[test]
    fn the_link_asks_for_what_the_dossier_counts() {
        assert_eq!(super::ASKED_FOR, 309_237_763_136);
    }
}
