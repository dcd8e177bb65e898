//! A connector and everything that it started: who belongs to it, how much memory they take together, and their end.
//!
//! To the tree belongs who is in the first process's group, who carries the mark in its environment, and whoever a member started: also what
//! left the group, cleared its environment and lost its parent, if one look met it while that parent lived. Only where the system shows processes as
//! files (`/proc`, proc(5)); elsewhere the group is all that is known.

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::collections::HashMap;

/// Marks everything that a run starts.
pub(super) const MARK: &str = "AUTONOMOS_AIRBYTE_RUN";
/// How often those are looked for that were started while others were being ended.
const ROUNDS_MAX: usize = 8;

/// The processes of one run.
#[derive(Debug)]
pub(super) struct Tree {
    root: Option<Pid>,
    mark: String,
    /// Members by their number, with the moment of their start, since numbers are used again.
    members: HashMap<i32, u64>,
    /// Those who were looked at and are none.
    strangers: HashMap<i32, u64>,
}

/// A process as the system shows it.
struct Shown {
    pid: i32,
    parent: i32,
    group: i32,
    /// In clock ticks since the machine was started.
    started: u64,
}

impl Tree {
    pub fn new(root: Option<Pid>, mark: String) -> Self {
        Self { root, mark, members: HashMap::new(), strangers: HashMap::new() }
    }

    /// Looks who belongs to the tree now, and returns how many bytes of memory its members hold together.
    ///
    /// Pages that members share count once where the system says so (`smaps_rollup`), which is asked only when they would be too many otherwise.
    pub fn look(&mut self, bytes_max: u64) -> u64 {
        let met = self.meet();
        let held: Vec<(i32, u64)> = met.iter().filter_map(|shown| Some((shown.pid, resident(shown.pid)?))).collect();
        let bytes = held.iter().map(|(_, bytes)| bytes).sum();
        if bytes <= bytes_max {
            return bytes;
        }
        held.into_iter().map(|(pid, bytes)| proportional(pid).unwrap_or(bytes)).sum()
    }

    /// Ends every member, and those that they start meanwhile.
    pub fn end(&mut self) {
        if let Some(root) = self.root {
            // The group lives as long as any of its members does, also when its first one has ended.
            let _ = kill_process_group(root, Signal::KILL);
        }
        for _ in 0..ROUNDS_MAX {
            let met = self.meet();
            let living: Vec<Pid> = met.iter().filter_map(|shown| Pid::from_raw(shown.pid)).collect();
            if living.is_empty() {
                break;
            }
            for pid in living {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }

    /// Lists the members that are alive.
    fn meet(&mut self) -> Vec<Shown> {
        let mut all = processes();
        let root = self.root.map(Pid::as_raw_nonzero).map(std::num::NonZeroI32::get);
        let is = |known: &HashMap<i32, u64>, shown: &Shown| known.get(&shown.pid) == Some(&shown.started);
        let mut members: HashMap<i32, u64> = HashMap::new();
        loop {
            let before = members.len();
            for shown in &all {
                let belongs = !members.contains_key(&shown.pid)
                    && (is(&self.members, shown)
                        || Some(shown.group) == root
                        || members.contains_key(&shown.parent)
                        || (!is(&self.strangers, shown) && self.is_marked(shown.pid)));
                if belongs {
                    members.insert(shown.pid, shown.started);
                }
            }
            if members.len() == before {
                break;
            }
        }
        self.strangers = all.iter().map(|shown| (shown.pid, shown.started)).collect();
        self.strangers.retain(|pid, _| !members.contains_key(pid));
        all.retain(|shown| members.contains_key(&shown.pid));
        self.members = members;
        all
    }

    fn is_marked(&self, pid: i32) -> bool {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|pair| {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            pair.split_once('=') == Some((MARK, self.mark.as_str()))
        })
    }
}

/// Lists the processes of this machine that are alive, as far as it shows them.
fn processes() -> Vec<Shown> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    // A name need not be UTF-8.
    let stat = |pid: i32| std::fs::read(format!("/proc/{pid}/stat")).ok();
    pids.filter_map(|pid| Shown::of(pid, &String::from_utf8_lossy(&stat(pid)?))).collect()
}

impl Shown {
    /// Reads a line of `/proc/PID/stat`; none for a process that has ended and only waits to be noticed.
    fn of(pid: i32, stat: &str) -> Option<Self> {
        // The name in parentheses may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        if matches!(*fields.first()?, "Z" | "X") {
            return None;
        }
        Some(Self {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }
}

/// Returns how many bytes of memory a process has in use, shared ones included.
fn resident(pid: i32) -> Option<u64> {
    bytes_in(&format!("/proc/{pid}/status"), "VmRSS:")
}

/// Returns a process's share of the memory it has in use: what it holds alone, and its part of what it shares.
fn proportional(pid: i32) -> Option<u64> {
    bytes_in(&format!("/proc/{pid}/smaps_rollup"), "Pss:")
}

fn bytes_in(file: &str, name: &str) -> Option<u64> {
    let text = String::from_utf8_lossy(&std::fs::read(file).ok()?).into_owned();
    let kibibytes = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix("kB"));
    kibibytes?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name_is_and_a_dead_one_is_none() {
        let line = |name: &str, state: &str| {
            format!(
                "71 ({name}) {state} 70 69 69 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 5555 9000 123 18446744073709551615"
            )
        };
        let shown = Shown::of(71, &line("a) R 1 (b", "S")).unwrap();
        assert_eq!((shown.parent, shown.group, shown.started), (70, 69, 5555));
        assert!(Shown::of(71, &line("sh", "Z")).is_none());
        assert!(Shown::of(71, "71 (cut").is_none());
    }
}
