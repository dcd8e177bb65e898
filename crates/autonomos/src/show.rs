//! How answers look on a terminal: plain tables, progress bars where someone watches, plain lines where not.

use aos_mesh::{Progress, Stage};
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// Prints a line. A reader that has gone, as `| head` does, is no reason to stop what was asked for.
pub fn line(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints a line beside the answer, under the same rule.
pub fn aside(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// `println!` for a reader that may go away.
macro_rules! say {
    ($($text:tt)*) => { $crate::show::line(format_args!($($text)*)) };
}
pub(crate) use say;

/// Builds a table that fits the terminal.
pub fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    if !std::io::stdout().is_terminal() {
        table.set_width(160);
    }
    table
}

/// Shortens text to what a cell can show.
pub fn short(text: &str, chars_max: usize) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if flat.chars().count() <= chars_max {
        return flat;
    }
    let mut cut: String = flat.chars().take(chars_max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Shows a JSON value as a cell.
pub fn cell(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => short(text, 40),
        other => short(&other.to_string(), 40),
    }
}

/// Progress of a connect: one bar per source on a terminal, one line per step otherwise, nothing when asked for JSON.
pub struct Watcher {
    bars: MultiProgress,
    known: Mutex<HashMap<String, ProgressBar>>,
    mode: Mode,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Bars,
    Lines,
    Silent,
}

impl Watcher {
    pub fn new(silent: bool) -> Self {
        let mode = match (silent, std::io::stderr().is_terminal()) {
            (true, _) => Mode::Silent,
            (false, true) => Mode::Bars,
            (false, false) => Mode::Lines,
        };
        let target = if mode == Mode::Bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bars: MultiProgress::with_draw_target(target), known: Mutex::default(), mode }
    }

    pub fn tell(&self, progress: &Progress) {
        match self.mode {
            Mode::Silent => {}
            Mode::Lines if progress.narrate => aside(format_args!("{}: {}", progress.source, progress.message)),
            Mode::Lines => {}
            Mode::Bars => self.bar(progress),
        }
    }

    fn bar(&self, progress: &Progress) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = known.entry(progress.source.clone()).or_insert_with(|| {
            let style = ProgressStyle::with_template("{prefix:16!} {bar:24} {percent:>3}%  {msg}")
                .expect("a constant template");
            self.bars.add(ProgressBar::new(100).with_style(style).with_prefix(progress.source.clone()))
        });
        bar.set_position(progress.percent() as u64);
        let message =
            if progress.narrate { progress.message.clone() } else { format!("{} records read", progress.records_read) };
        bar.set_message(message);
        match progress.stage {
            Stage::Done => bar.finish(),
            Stage::Failed => bar.abandon(),
            _ => {}
        }
    }
}
