//! The delivery machine and the few files that it names, under the names that they have in the server. `gather` lays them beside this.

pub mod clock;
/// The machine and its words.
pub mod domain {
    pub mod commit;
    pub mod delivery;
    pub mod ids;
    pub mod post;
    pub mod recurrence;
    pub mod refusal;
    pub mod schedule;
    pub mod when;
}
