//! The contract that every network keeps: rows × networks, as the table of `docs/RELIABILITY.md` (`table`); what is shown of all of them by one driver
//! (`racing`), or at once (`secrets`, `hostile`).

mod hostile;
pub(crate) mod racing;
mod secrets;
mod table;
