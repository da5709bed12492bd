//! The one test binary: each file tests one room through its public doors, `tidy` the house itself.

mod process;
mod tidy;
mod x;
