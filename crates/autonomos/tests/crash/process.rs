//! One process of the installation: kept running, whatever ends it.

use crate::house::House;
use crate::orphans;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::rc::Rc;
use std::time::Instant;
use tokio::process::{Child, Command};

/// What the log says when a worker has signed on.
const SIGNED_ON: &str = " takes tasks on ";

pub struct Process {
    pub name: String,
    log: PathBuf,
    cache: PathBuf,
    arguments: Vec<String>,
    /// Whether it runs tasks.
    pub works: bool,
    points: RefCell<std::vec::IntoIter<Option<String>>>,
    pid: Cell<Option<u32>>,
    begun: Cell<Instant>,
    frozen: Cell<bool>,
    /// Whether this life is to end at a point.
    doomed: Cell<bool>,
    /// Length of the log when this life began.
    log_from: Cell<u64>,
}

impl Process {
    pub fn new(name: String, folder: &Path, arguments: Vec<String>, works: bool, points: Vec<Option<String>>) -> Self {
        Self {
            log: folder.join(format!("{name}.log")),
            cache: folder.join(format!("{name}.cache")),
            name,
            arguments,
            works,
            points: RefCell::new(points.into_iter()),
            pid: Cell::new(None),
            begun: Cell::new(Instant::now()),
            frozen: Cell::new(false),
            doomed: Cell::new(false),
            log_from: Cell::new(0),
        }
    }

    /// Keeps it running until the house is closed.
    pub async fn keep(self: Rc<Self>, house: Rc<House>) {
        while !house.is_closing() {
            let point = if house.is_stormy() { self.points.borrow_mut().next().flatten() } else { None };
            let mut child = self.start(&house, point.as_deref());
            let status = child.wait().await.expect("a process of ours");
            let died = Instant::now();
            let worker = self.worker();
            self.pid.set(None);
            self.frozen.set(false);
            if house.is_closing() {
                return;
            }
            self.note_end(&house, status);
            if let Some(worker) = worker {
                tokio::task::spawn_local(orphans::watch(house.clone(), self.clone(), worker, died));
            }
            tokio::time::sleep(house.restart_after()).await;
        }
    }

    fn start(&self, house: &House, point: Option<&str>) -> Child {
        let log = File::options().create(true).append(true).open(&self.log).expect("a file");
        self.log_from.set(log.metadata().expect("a file").len());
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        command
            .args(&self.arguments)
            .env_clear()
            .envs(house.environment())
            .env("AUTONOMOS_ENGINE__CACHE_DIR", &self.cache);
        if let Some(point) = point {
            command.env("AOS_FAULT", point);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a file")).stderr(log).kill_on_drop(true);
        let child = command.spawn().expect("the binary");
        self.pid.set(child.id());
        self.begun.set(Instant::now());
        self.doomed.set(point.is_some());
        house.journal.note(format_args!(
            "{} begins{}",
            self.name,
            point.map(|at| format!(", to die at {at}")).unwrap_or_default()
        ));
        child
    }

    fn note_end(&self, house: &House, status: ExitStatus) {
        let said = self.said();
        let point =
            said.lines().find_map(|line| line.strip_prefix("fault point ")?.strip_suffix(": the process ends here"));
        house.journal.note(format_args!(
            "{} is gone: {}",
            self.name,
            point.map_or(status.to_string(), |point| format!("point {point}"))
        ));
        if let Some(point) = point {
            house.fired.borrow_mut().push(point.to_owned());
        }
        let panicked = said.contains("panicked at");
        // Without its database a process may give up at its start, and say so; it is started again.
        let gave_up = status.code().is_some() && house.was_without_database(self.begun.get());
        if panicked || (status.code().is_some() && !gave_up) {
            house.journal.problem(format_args!("{} ended by itself ({status}): {}", self.name, last_lines(&said)));
        }
    }

    /// What this life has written to its log.
    pub fn said(&self) -> String {
        let whole = std::fs::read(&self.log).unwrap_or_default();
        let from = usize::try_from(self.log_from.get()).unwrap_or_default().min(whole.len());
        String::from_utf8_lossy(&whole[from..]).into_owned()
    }

    /// The id under which this life has signed on as a worker.
    pub fn worker(&self) -> Option<String> {
        let said = self.said();
        let line = said.lines().find(|line| line.contains(SIGNED_ON))?;
        Some(line.split_once(SIGNED_ON)?.0.rsplit(' ').next()?.to_owned())
    }

    /// Whether it takes tasks at this moment.
    pub fn is_working(&self) -> bool {
        self.works && self.pid.get().is_some() && !self.frozen.get() && self.worker().is_some()
    }

    pub fn is_up(&self) -> bool {
        self.pid.get().is_some() && !self.frozen.get()
    }

    pub fn is_doomed(&self) -> bool {
        self.doomed.get()
    }

    pub async fn kill(&self) {
        self.signal("-KILL").await;
    }

    pub async fn freeze(&self) {
        self.frozen.set(true);
        self.signal("-STOP").await;
    }

    pub async fn thaw(&self) {
        self.signal("-CONT").await;
        self.frozen.set(false);
    }

    pub async fn terminate(&self) {
        self.signal("-TERM").await;
    }

    async fn signal(&self, signal: &str) {
        if let Some(pid) = self.pid.get() {
            // One that has just ended by itself is no problem.
            let _ = Command::new("kill").args([signal, &pid.to_string()]).stderr(Stdio::null()).status().await;
        }
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(6)..].join(" / ")
}
