//! The binary `socrazi-sim`: one simulator as its own process.

fn main() -> anyhow::Result<()> {
    socrazi_sim::cli::run()
}
