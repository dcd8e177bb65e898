//! A connector as a process of its own: bounded in memory, processor time, files, silence and total time, with nothing of our environment,
//! and ended together with everything it started.
//!
//! Limits are set by the shell's `ulimit` before the program takes the shell's place, so that there is no moment without them. They hold for
//! each process; what all of them hold in memory together is looked at every [`LOOK_EVERY`], so that it may be more for that long. What no
//! limit can do: the process can reach the network as any program can. Whoever runs programs that they do not trust gives them a user of
//! their own and runs this service in a container.

use super::hidden::Hidden;
use super::program::Program;
use super::tree::{MARK, Tree};
use crate::error::Error;
use rustix::process::Pid;
use std::collections::VecDeque;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

/// Core dumps are off, since they would hold secrets. A limit that the machine does not know, or already sets lower, stays as it is.
const SHELL: &str = r#"ulimit -c 0
limit() { [ "$2" = 0 ] || ulimit "$1" "$2" 2>/dev/null || echo "the limit $1 $2 cannot be set" >&2; }
limit -v "$1"; limit -t "$2"; limit -n "$3"; limit -f "$4"
shift 4
exec "$@""#;
/// How much of what it says on its error output is kept: the end of it.
const COMPLAINT_BYTES_MAX: usize = 16 << 10;
/// How long its output is still read after it has ended, when a process that it started keeps it open.
const AFTERWARDS: Duration = Duration::from_secs(2);
/// How often the memory of everything that it started is looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(250);

pub(super) struct Process {
    child: Child,
    tree: Arc<Mutex<Tree>>,
    watching: JoinHandle<()>,
    /// How many bytes it held together with everything it started when that was more than it may.
    over: Arc<OnceLock<u64>>,
    output: BufReader<ChildStdout>,
    complaint: Arc<Mutex<VecDeque<u8>>>,
    listening: JoinHandle<()>,
    ended: Option<ExitStatus>,
    /// When it is stopped, whatever it does.
    stop_at: Instant,
    silence: Duration,
    line_bytes_max: usize,
    /// Last: its files are removed when it has ended.
    _folder: TempDir,
}

/// A line of output.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Whole(Vec<u8>),
    /// It was longer than is held; this is its beginning.
    TooLong(Vec<u8>),
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Well,
    /// With a status that is not zero.
    Status(i32),
    Signal(i32),
}

impl Process {
    /// Starts the program with a verb of the protocol and, for each file, an option that names it.
    pub fn start(program: &Program, verb: &str, files: &[(&str, &str)], line_bytes_max: usize) -> Result<Self, Error> {
        let Some((name, arguments)) = program.command.split_first() else {
            return Err(operator("the operator declares no command for it"));
        };
        let mark = Uuid::new_v4().to_string();
        let folder = folder(program).map_err(|error| operator(&format!("its folder cannot be made: {error}")))?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SHELL, "autonomos-airbyte"])
            .args(
                [program.memory_mb * 1024, program.cpu_s, program.open_files, program.file_mb * 2048]
                    .map(|limit| limit.to_string()),
            )
            .arg(name)
            .args(arguments)
            .arg(verb);
        for (option, text) in files {
            let path = write(program, folder.path(), &option.trim_start_matches('-').replace('-', "_"), text)
                .map_err(|error| operator(&format!("its files cannot be written: {error}")))?;
            command.arg(option).arg(path);
        }
        command
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .envs(&program.environment)
            .env(MARK, &mark)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(group) = program.group {
            command.gid(group);
        }
        if let Some(user) = program.user {
            command.uid(user);
        }
        let mut child = command.spawn().map_err(|error| operator(&format!("it cannot be started: {error}")))?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(operator("its output cannot be read"));
        };
        let complaint = Arc::new(Mutex::new(VecDeque::new()));
        let listening = tokio::spawn(listen(errors, complaint.clone()));
        let (tree, over) = (Arc::new(Mutex::new(Tree::new(pid, mark))), Arc::default());
        let watching = tokio::spawn(watch(tree.clone(), program.memory_mb, Arc::clone(&over)));
        Ok(Self {
            child,
            tree,
            watching,
            over,
            output: BufReader::with_capacity(64 << 10, output),
            complaint,
            listening,
            ended: None,
            stop_at: Instant::now() + program.total(),
            silence: program.silence(),
            line_bytes_max,
            _folder: folder,
        })
    }

    /// Returns the next line of its output; `None` when there will be no more.
    ///
    /// # Errors
    /// [`Error::Transient`] when it says nothing for too long, or takes too long altogether.
    pub async fn line(&mut self) -> Result<Option<Line>, Error> {
        let mut line = Vec::new();
        let mut is_too_long = false;
        let quiet_until = Instant::now() + self.silence;
        loop {
            let until = quiet_until.min(self.stop_at);
            let piece = tokio::select! {
                biased;
                piece = self.output.fill_buf() => piece.map_err(|error| Error::Transient { said: format!("its output cannot be read: {error}") })?,
                status = self.child.wait(), if self.ended.is_none() => {
                    self.ended = Some(status.map_err(|error| Error::Transient { said: error.to_string() })?);
                    self.stop_at = self.stop_at.min(Instant::now() + AFTERWARDS);
                    continue;
                }
                () = sleep_until(until) => {
                    // Somebody it left behind keeps the output open and says nothing.
                    if self.ended.is_some() { return Ok(None) }
                    let said = if Instant::now() >= self.stop_at {
                        "it took longer than the operator allows and was stopped".to_owned()
                    } else {
                        format!("it said nothing for {} s and was stopped", self.silence.as_secs())
                    };
                    return Err(Error::Transient { said });
                }
            };
            if piece.is_empty() {
                // A last line without a newline may have been cut off; whoever parses it will see.
                return Ok((!line.is_empty()).then(|| Line::of(line, is_too_long)));
            }
            let end = memchr::memchr(b'\n', piece);
            let taken = end.unwrap_or(piece.len());
            let room = self.line_bytes_max.saturating_sub(line.len());
            is_too_long |= taken > room;
            line.extend_from_slice(&piece[..taken.min(room)]);
            self.output.consume(end.map_or(taken, |end| end + 1));
            if end.is_some() {
                return Ok(Some(Line::of(line, is_too_long)));
            }
        }
    }

    /// Waits for its end, which is near once its output has ended.
    pub async fn end(&mut self) -> Result<Ending, Error> {
        let status = match self.ended {
            Some(status) => status,
            None => match tokio::time::timeout(AFTERWARDS * 5, self.child.wait()).await {
                Ok(status) => status.map_err(|error| Error::Transient { said: error.to_string() })?,
                Err(_) => return Err(Error::Transient { said: "it closed its output and did not end".to_owned() }),
            },
        };
        self.ended = Some(status);
        // What it wrote last is still on its way.
        let _ = tokio::time::timeout(AFTERWARDS, &mut self.listening).await;
        Ok(match (status.code(), status.signal()) {
            (Some(0), _) => Ending::Well,
            // What a shell or a container says of a process that died by a signal.
            (Some(code @ 129..=192), _) => Ending::Signal(code - 128),
            (Some(code), _) => Ending::Status(code),
            (None, signal) => Ending::Signal(signal.unwrap_or_default()),
        })
    }

    /// Returns how many bytes of memory it held together with what it started, when it was ended for that.
    pub fn over_memory(&self) -> Option<u64> {
        self.over.get().copied()
    }

    /// Returns the end of what it said on its error output, without what is hidden.
    pub fn complaint(&self, hidden: &Hidden) -> String {
        let mut kept = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        let is_cut = kept.len() >= COMPLAINT_BYTES_MAX;
        let text = String::from_utf8_lossy(kept.make_contiguous());
        // A line that lost its beginning may have lost that of a secret, which would not be known by its rest.
        let whole = if is_cut { text.split_once('\n').map_or("", |(_, whole)| whole) } else { &text };
        hidden.within(whole.trim())
    }
}

impl Line {
    fn of(bytes: Vec<u8>, is_too_long: bool) -> Self {
        if is_too_long { Self::TooLong(bytes) } else { Self::Whole(bytes) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.listening.abort();
        self.watching.abort();
        self.tree.lock().unwrap_or_else(PoisonError::into_inner).end();
    }
}

/// Knows the members of a tree as they come, and ends them when they hold more memory together than they may.
async fn watch(tree: Arc<Mutex<Tree>>, memory_mb: u64, over: Arc<OnceLock<u64>>) {
    let bytes_max = if memory_mb == 0 { u64::MAX } else { memory_mb << 20 };
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let (looked, told) = (tree.clone(), Arc::clone(&over));
        let look = move || {
            let mut tree = looked.lock().unwrap_or_else(PoisonError::into_inner);
            let bytes = tree.look(bytes_max);
            if bytes > bytes_max {
                // Before anybody sees the end that follows.
                let _ = told.set(bytes);
                tree.end();
            }
        };
        if tokio::task::spawn_blocking(look).await.is_err() || over.get().is_some() {
            return;
        }
    }
}

fn operator(reason: &str) -> Error {
    Error::Config { field: "source".to_owned(), reason: reason.to_owned() }
}

/// Makes a folder that only the process's user can enter.
fn folder(program: &Program) -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("autonomos-airbyte-").tempdir()?;
    // Where a run can write: not beside its configuration, so that a listing of it tells nothing.
    std::fs::DirBuilder::new().mode(0o700).create(folder.path().join("config"))?;
    give(program, folder.path())?;
    give(program, &folder.path().join("config"))?;
    Ok(folder)
}

/// Writes a file that only the process's user can read.
fn write(program: &Program, folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    let path = folder.join("config").join(format!("{name}.json"));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    give(program, &path)?;
    Ok(path)
}

fn give(program: &Program, path: &Path) -> io::Result<()> {
    match (program.user, program.group) {
        (None, None) => Ok(()),
        (user, group) => std::os::unix::fs::chown(path, user, group),
    }
}

/// Keeps the end of what is said, and takes the rest away, so that nobody waits for somebody to read it.
async fn listen(mut errors: impl AsyncRead + Unpin, kept: Arc<Mutex<VecDeque<u8>>>) {
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = errors.read(&mut piece).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&piece[..length]);
        let over = kept.len().saturating_sub(COMPLAINT_BYTES_MAX);
        kept.drain(..over);
    }
}
