//! The crash test: the real binary, two servers and two workers on one PostgreSQL, one Redis and one lake; a workload, a storm of
//! faults, quiet; then everything that must hold is looked at. A seed decides what happens and when, so a test per seed.
//!
//! `SEEDS=25` says how many seeds there are, `SEED=7` runs one of them again, `STORM_S=4` how long each storm lasts.

mod checks;
mod fault;
mod follower;
mod house;
mod http;
mod journal;
mod orphans;
mod plan;
mod process;
mod quiet;
mod receiver;
mod seed;
mod sources;
mod tenants;
mod workload;

use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;

/// As many as an ordinary run of all tests can bear.
const SEEDS: u64 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let first_to_last = match setting("SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..setting("SEEDS").unwrap_or(SEEDS) + 1,
    };
    let trials = first_to_last.map(|seed| {
        Trial::test(format!("seed_{seed:04}_loses_nothing_and_does_nothing_twice"), move || {
            seed::run(seed).map_err(libtest_mimic::Failed::from)
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// Reads a number that the one who runs the tests has set.
#[allow(clippy::disallowed_methods)] // Tests are told by the environment what to do.
pub fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}
