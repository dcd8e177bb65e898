//! The process that reads a PDF: this program once more, bounded in memory, processor time, total time and output, without our environment
//! and without files to write.
//!
//! Limits are set by the shell's `ulimit` before the program takes the shell's place, so that there is no moment without them.

use super::DocumentError;
use super::pdf::PdfText;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// No core dumps, no files. A limit that the machine does not know, or already sets lower, stays as it is.
const SHELL: &str = r#"ulimit -c 0; ulimit -f 0
ulimit -v "$1" 2>/dev/null; ulimit -t "$2" 2>/dev/null
shift 2
exec "$@""#;
/// Text of a document at most.
const OUTPUT_BYTES_MAX: u64 = 64 << 20;
const COMPLAINT_BYTES_MAX: u64 = 4 << 10;
/// Signals by which a process ends that used up its processor time, or was refused memory.
const XCPU: i32 = 24;
const KILLED: i32 = 9;

/// How PDFs are read.
#[derive(Debug, Clone)]
pub struct PdfProgram {
    /// The program with the arguments that make it call [`super::read_from_standard_input`].
    pub command: Vec<PathBuf>,
    pub memory_mb: u64,
    /// Processor time.
    pub cpu_s: u64,
    /// Time altogether.
    pub total: Duration,
}

impl PdfProgram {
    /// Has this program read PDFs, with the limits that are meant for a document.
    ///
    /// # Errors
    /// When the program does not know where it is itself.
    pub fn this_program(argument: &str) -> std::io::Result<Self> {
        let command = vec![std::env::current_exe()?, argument.into()];
        Ok(Self { command, memory_mb: 1024, cpu_s: 20, total: Duration::from_secs(30) })
    }

    pub(super) async fn read(&self, bytes: Vec<u8>) -> Result<PdfText, DocumentError> {
        let mut child = self.start().map_err(DocumentError::Reader)?;
        let (Some(mut input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(DocumentError::Reader(std::io::ErrorKind::BrokenPipe.into()));
        };
        let give = async move {
            // A reader that has seen enough closes its end.
            let _ = input.write_all(&bytes).await;
            let _ = input.shutdown().await;
        };
        let (mut said, mut complaint) = (Vec::new(), Vec::new());
        let (mut output, mut errors) = (output.take(OUTPUT_BYTES_MAX + 1), errors.take(COMPLAINT_BYTES_MAX));
        let take = async {
            let (((), read), _) = tokio::join!(
                async { tokio::join!(give, output.read_to_end(&mut said)) },
                errors.read_to_end(&mut complaint)
            );
            read
        };
        let taken = tokio::time::timeout(self.total, take).await;
        match taken {
            Err(_) => return Err(costly("time", format!("{} s", self.total.as_secs()))),
            Ok(read) => read.map_err(DocumentError::Reader)?,
        };
        if said.len() as u64 > OUTPUT_BYTES_MAX {
            return Err(costly("text", format!("{} MB", OUTPUT_BYTES_MAX >> 20)));
        }
        let status = tokio::time::timeout(self.total, child.wait()).await;
        let status = status
            .map_err(|_| costly("time", format!("{} s", self.total.as_secs())))?
            .map_err(DocumentError::Reader)?;
        self.outcome(&Output { status, stdout: said, stderr: complaint })
    }

    fn start(&self) -> std::io::Result<Child> {
        Command::new("/bin/sh")
            .args(["-c", SHELL, "autonomos-pdf"])
            .args([self.memory_mb * 1024, self.cpu_s].map(|limit| limit.to_string()))
            .args(&self.command)
            .env_clear()
            .env("LANG", "C.UTF-8")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }

    fn outcome(&self, ended: &Output) -> Result<PdfText, DocumentError> {
        use std::os::unix::process::ExitStatusExt;
        if ended.status.success() {
            return serde_json::from_slice(&ended.stdout).map_err(|error| DocumentError::Unreadable(error.to_string()));
        }
        let complaint = String::from_utf8_lossy(&ended.stderr);
        match ended.status.signal() {
            Some(XCPU | KILLED) => Err(costly("processor time", format!("{} s", self.cpu_s))),
            _ if complaint.contains("memory allocation") || complaint.contains("capacity overflow") => {
                Err(costly("memory", format!("{} MB", self.memory_mb)))
            }
            _ if matches!(ended.status.code(), Some(126 | 127)) => {
                Err(DocumentError::Reader(std::io::ErrorKind::NotFound.into()))
            }
            // What a library says when it gives up helps nobody who is not its author.
            _ => Err(DocumentError::Unreadable("it is not as PDFs are written".to_owned())),
        }
    }
}

fn costly(what: &'static str, limit: String) -> DocumentError {
    DocumentError::TooCostly { what, limit }
}
