//! What happened, with the time since the beginning: printed when a seed fails, and counted when it does not.

use std::cell::RefCell;
use std::fmt::Display;
use std::time::{Duration, Instant};

pub struct Journal {
    begun: Instant,
    lines: RefCell<Vec<String>>,
    problems: RefCell<Vec<String>>,
    /// How long orphans stayed with a worker that was gone.
    pickups: RefCell<Vec<Duration>>,
}

impl Journal {
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            lines: RefCell::default(),
            problems: RefCell::default(),
            pickups: RefCell::default(),
        }
    }

    pub fn note(&self, line: impl Display) {
        self.lines.borrow_mut().push(format!("{:>7.3} s  {line}", self.begun.elapsed().as_secs_f64()));
    }

    /// Writes down something that must not be.
    pub fn problem(&self, problem: impl Display) {
        self.note(format_args!("PROBLEM {problem}"));
        self.problems.borrow_mut().push(problem.to_string());
    }

    pub fn pickup(&self, after: Duration) {
        self.pickups.borrow_mut().push(after);
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }

    pub fn problems(&self) -> Vec<String> {
        self.problems.borrow().clone()
    }

    pub fn pickups(&self) -> Vec<Duration> {
        self.pickups.borrow().clone()
    }
}
