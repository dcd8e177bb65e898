//! What a seed decides: which faults come when, and at which points processes die. A pure function of the seed.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use std::time::Duration;

/// Points of the program at which a process can be made to die (see aos-core's `fault`), and within how many passes: where all come
/// by, where only servers do, and where only those who run tasks do.
const EVERYWHERE: [(&str, u32); 4] =
    [("store.commit.before", 25), ("store.commit.before", 6), ("store.commit.after", 25), ("store.commit.after", 6)];
const SERVERS: [(&str, u32); 2] = [("api.enqueued", 6), ("api.canceled", 1)];
const WORKERS: [(&str, u32); 14] = [
    ("worker.claimed", 4),
    ("worker.ended", 8),
    ("worker.finished", 4),
    ("worker.orphans", 1),
    ("worker.scheduled", 1),
    ("worker.signed_on", 1),
    ("lake.segment.before", 2),
    ("lake.segment.after", 2),
    ("effect.before", 2),
    ("effect.after", 2),
    ("callback.delivered", 1),
    ("callback.recorded", 1),
    ("connect.read", 1),
    ("connect.refreshed", 1),
];
/// Lives of one process that can end at a point; later lives are not meant to end that way.
const LIVES: usize = 3;
/// Between two faults.
const PAUSE_MS: std::ops::Range<u64> = 200..1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    Server(usize),
    Worker(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `kill -9`.
    Kill(Victim),
    /// SIGSTOP, and after so long SIGCONT.
    Freeze(Victim, Duration),
    FreezeRedis(Duration),
    FlushRedis,
    /// `kill -9`, and after so long a new one that has forgotten everything.
    RestartRedis(Duration),
    /// An immediate shutdown, as by a power cut, and after so long the recovery.
    RestartPostgres(Duration),
}

pub struct Plan {
    /// Each with the time since the beginning of the storm.
    pub faults: Vec<(Duration, Fault)>,
    /// Points at which the successive lives of each process end: servers first, then workers.
    pub points: [Vec<Option<String>>; 4],
    /// How long each process stays dead.
    pub restart_after: Duration,
}

impl Plan {
    pub fn of(seed: u64, storm: Duration) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mut faults = Vec::new();
        let mut at = Duration::from_millis(random.random_range(PAUSE_MS));
        while at < storm {
            faults.push((at, fault(&mut random)));
            at += Duration::from_millis(random.random_range(PAUSE_MS));
        }
        let points = std::array::from_fn(|process| {
            // The first server runs no tasks, the second does; see `House`.
            let near: &[&[(&str, u32)]] = match process {
                0 => &[&EVERYWHERE, &SERVERS],
                1 => &[&EVERYWHERE, &SERVERS, &WORKERS],
                _ => &[&EVERYWHERE, &WORKERS],
            };
            (0..LIVES).map(|_| point(&mut random, &near.concat())).collect()
        });
        Self { faults, points, restart_after: Duration::from_millis(random.random_range(50..700)) }
    }
}

fn fault(random: &mut StdRng) -> Fault {
    let victim = victim(random);
    let mut for_ms = |range: std::ops::Range<u64>| Duration::from_millis(random.random_range(range));
    // Longer than a lease, or just about as long, so that both sides of the edge are met.
    let freeze = for_ms(700..2600);
    let down = for_ms(50..900);
    match random.random_range(0..20) {
        0..8 => Fault::Kill(victim),
        8..13 => Fault::Freeze(victim, freeze),
        13..15 => Fault::FreezeRedis(freeze),
        15 => Fault::FlushRedis,
        16 | 17 => Fault::RestartRedis(down),
        _ => Fault::RestartPostgres(down),
    }
}

/// Workers are hit more often than servers: they hold what can be lost.
fn victim(random: &mut StdRng) -> Victim {
    let of_two = random.random_range(0..2);
    if random.random_bool(0.7) { Victim::Worker(of_two) } else { Victim::Server(of_two) }
}

/// A point and the pass at which a life ends there, as AOS_FAULT takes it; some lives end otherwise.
fn point(random: &mut StdRng, points: &[(&str, u32)]) -> Option<String> {
    if random.random_bool(0.25) {
        return None;
    }
    let (name, passes) = points.choose(random)?;
    Some(format!("{name}:{}", random.random_range(1..=*passes)))
}
