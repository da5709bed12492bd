//! What a setting is: its name, what a value must look like, what it is for. `config` has the list and reads values; a network's folder says its own.

use std::collections::BTreeMap;

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A text that is never printed; may be given as `<key>_file`.
    Secret,
    /// A secret that holds a key: base64 of 32 bytes, or the lines of a key file.
    SecretKey,
    /// A secret that is a `postgres://` address.
    SecretPostgres,
    /// An `http` or `https` address.
    Url,
    /// The same without path, query or user: every path is ours.
    Origin,
    /// An address and port.
    Address,
    /// A whole number.
    Number,
    /// A whole number of days, 1 to 36,500: a century is as good as for ever, and no instant overflows.
    Days,
    /// What is logged: levels, or `target=level`, with commas between.
    Filter,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl Kind {
    /// Never printed, and may be given as `<key>_file`.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretKey | Self::SecretPostgres)
    }
}

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// `section.name`; the environment's name is `SOCRAZI_SECTION__NAME`.
    pub name: &'static str,
    /// What a value must look like.
    pub kind: Kind,
    /// The default as shown in the README.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Whether this version uses it. Others are part of the contract and accepted; `doctor` says that they do nothing yet.
    pub is_used: bool,
}

impl Key {
    /// One that is used.
    #[must_use]
    pub const fn used(name: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Self {
        Self { name, kind, default, about, is_used: true }
    }

    /// One that is accepted, and that nothing uses yet.
    #[must_use]
    pub const fn later(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, default: "", about: "", is_used: false }
    }
}

/// Checked values by key.
pub type Values = BTreeMap<&'static str, String>;

/// The faults found so far, one sentence each: all of them are told at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<String>);

impl Faults {
    /// One more.
    pub fn push(&mut self, fault: String) {
        self.0.push(fault);
    }

    /// All of them, in the order in which they were found.
    #[must_use]
    pub fn found(self) -> Vec<String> {
        self.0
    }
}
