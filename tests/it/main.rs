//! The one test binary: each file tests one room through its public doors, `tidy` the house itself.

mod hostile;
mod process;
mod serving;
mod tidy;
mod x;
