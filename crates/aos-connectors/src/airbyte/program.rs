//! Airbyte sources that this installation may run: programs that the operator names, with what each may take from the machine. A tenant
//! chooses among them and can neither name a program nor change its environment.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The programs by the names that connections choose them by.
#[derive(Debug, Clone, Default)]
pub struct Programs(Arc<BTreeMap<String, Program>>);

/// One Airbyte source connector as a program on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The program and what stands before the protocol's own words, e.g. `["/opt/airbyte/bin/source-faker"]`.
    pub command: Vec<String>,
    /// All the environment it gets beside `PATH`, `HOME`, `TMPDIR` and `LANG`.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Memory, in MiB: the address space of each of its processes, and what it and everything it started have in use together. 0: no limit.
    #[serde(default = "memory_mb")]
    pub memory_mb: u64,
    /// Processor time of each of its processes, in seconds. 0: no limit.
    #[serde(default)]
    pub cpu_s: u64,
    /// Files that each of its processes has open at the same time.
    #[serde(default = "open_files")]
    pub open_files: u64,
    /// The longest file it may write, in MiB.
    #[serde(default = "file_mb")]
    pub file_mb: u64,
    /// How long one run may take, in seconds.
    #[serde(default = "total_s")]
    pub total_s: u64,
    /// How long it may say nothing at all, in seconds.
    #[serde(default = "silence_s")]
    pub silence_s: u64,
    /// The user and the group, as numbers, that it runs as; only root can give it others than its own.
    #[serde(default)]
    pub user: Option<u32>,
    #[serde(default)]
    pub group: Option<u32>,
}

fn memory_mb() -> u64 {
    2048
}

fn open_files() -> u64 {
    1024
}

fn file_mb() -> u64 {
    1024
}

fn total_s() -> u64 {
    6 * 60 * 60
}

fn silence_s() -> u64 {
    600
}

impl Program {
    /// Returns a program with the default limits.
    pub fn new(command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            command: command.into_iter().map(Into::into).collect(),
            environment: BTreeMap::new(),
            memory_mb: memory_mb(),
            cpu_s: 0,
            open_files: open_files(),
            file_mb: file_mb(),
            total_s: total_s(),
            silence_s: silence_s(),
            user: None,
            group: None,
        }
    }

    pub(super) fn total(&self) -> Duration {
        Duration::from_secs(self.total_s.max(1))
    }

    pub(super) fn silence(&self) -> Duration {
        Duration::from_secs(self.silence_s.max(1))
    }
}

impl Programs {
    pub fn new(programs: impl IntoIterator<Item = (String, Program)>) -> Self {
        Self(Arc::new(programs.into_iter().collect()))
    }

    pub fn get(&self, name: &str) -> Option<&Program> {
        self.0.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
