//! Where the master key comes from: the environment, a file or a command; with the embedded database, or where the operator says that this is
//! for development, a file of its own in the data directory.

use crate::commands::serve::secret_file;
use crate::settings::{Settings, variable};
use anyhow::{Context, bail};
use aos_core::vault::{Key, MasterKey, MasterKeys};
use aos_store::{BoxError, Keyring};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub const VARIABLE: &str = "AUTONOMOS_MASTER_KEY";
const FILE: &str = "master.key";
/// How long a command may take to say the key, and how much it may say.
const COMMAND_MAX: Duration = Duration::from_secs(30);
const COMMAND_BYTES_MAX: u64 = 64 * 1024;

enum Source {
    Variable(String),
    File(PathBuf),
    Command(Vec<String>),
}

/// Reads the master keys, making one where that is allowed and there is none yet.
///
/// # Errors
/// Where rows are kept on a database server and nobody named a master key: whoever holds a copy of the database and of the data directory
/// would hold every secret.
pub fn keyring(settings: &Settings, data: &Path) -> anyhow::Result<Keyring> {
    let source = match named(settings) {
        Some(source) => source,
        None if settings.database_is_embedded() || settings.secrets.development => {
            let path = data.join(FILE);
            secret_file(&path, || format!("{}\n", *MasterKey::new(Key::random()).to_text()).into_bytes())?;
            Source::File(path)
        }
        None => bail!(
            "there is no master key, which seals secrets in the database; set {VARIABLE}, secrets.master_key_file or \
             secrets.master_key_command, for example to what `autonomos secrets new-key` prints; or set secrets.development = true where \
             nothing is worth protecting"
        ),
    };
    if let Source::File(path) = &source {
        warn_if_open(path);
    }
    Ok(Keyring::open(move || read(&source))?)
}

fn named(settings: &Settings) -> Option<Source> {
    let secrets = &settings.secrets;
    let command: Vec<String> = secrets.master_key_command.iter().map(str::to_owned).collect();
    let in_variable = variable(VARIABLE).map(Source::Variable);
    let in_file =
        || (!secrets.master_key_file.as_os_str().is_empty()).then(|| Source::File(secrets.master_key_file.clone()));
    in_variable.or_else(in_file).or_else(|| (!command.is_empty()).then_some(Source::Command(command)))
}

fn read(source: &Source) -> Result<MasterKeys, BoxError> {
    match source {
        // In a variable, keys may also stand side by side.
        Source::Variable(text) => Ok(MasterKeys::parse(&text.replace(',', "\n"))?),
        Source::File(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(MasterKeys::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?)
        }
        Source::Command(words) => Ok(MasterKeys::parse(&ask(words)?)?),
    }
}

/// Runs a command and returns what it says. It is given no input, and what it complains about goes to our standard error.
fn ask(words: &[String]) -> Result<String, BoxError> {
    let [program, arguments @ ..] = words else { return Err("the command is empty".into()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{program} cannot be run: {error}"))?;
    let stdout = child.stdout.take();
    let reading = std::thread::spawn(move || {
        let mut said = String::new();
        stdout.map(|stdout| stdout.take(COMMAND_BYTES_MAX).read_to_string(&mut said)).transpose().map(|_| said)
    });
    let begun = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if begun.elapsed() > COMMAND_MAX => {
                child.kill()?;
                child.wait()?;
                return Err(format!("{program} did not end within {} seconds", COMMAND_MAX.as_secs()).into());
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    if !status.success() {
        return Err(format!("{program} ended with {status}").into());
    }
    Ok(reading.join().map_err(|_| "what it said cannot be read")??)
}

/// Tells when others than the owner may read the file.
fn warn_if_open(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let open = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    if open {
        tracing::warn!(path = %path.display(), "{} can be read by others than its owner; run chmod 600 on it", path.display());
    }
}

/// Makes a new master key.
pub fn new_key() -> String {
    MasterKey::new(Key::random()).to_text().to_string()
}

/// Says in words where the master key comes from.
pub fn describe(settings: &Settings) -> anyhow::Result<String> {
    Ok(match named(settings) {
        Some(Source::Variable(_)) => format!("the variable {VARIABLE}"),
        Some(Source::File(path)) => format!("the file {}", path.display()),
        Some(Source::Command(words)) => format!("the command {}", words.first().context("an empty command")?),
        None => format!("the file {FILE} in the data directory"),
    })
}
