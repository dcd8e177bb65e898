//! Finds PostgreSQL's programs, and the user they may run as.

use std::path::{Path, PathBuf};
use std::process::Command;

const OLDEST: u32 = 15;

#[derive(Clone)]
pub(super) struct Programs {
    pub(super) bin: PathBuf,
    /// The user to run them as: PostgreSQL refuses root.
    pub(super) user: Option<String>,
}

/// Finds the newest PostgreSQL that was installed the way Debian does, or the one that `AOS_TEST_POSTGRES` names.
#[allow(clippy::disallowed_methods)] // Tests are told by the environment what there is.
pub(super) fn find() -> Option<Programs> {
    let bin = match std::env::var_os("AOS_TEST_POSTGRES").filter(|dir| !dir.is_empty()) {
        Some(dir) => {
            let dir = PathBuf::from(dir);
            assert!(dir.join("initdb").exists(), "AOS_TEST_POSTGRES={} has no initdb", dir.display());
            dir
        }
        None => installed()?,
    };
    assert!(Path::new("/usr/bin/flock").exists(), "PostgreSQL is here, but flock(1) of util-linux is not; install it");
    Some(Programs { bin, user: instead_of_root().map(|(user, _)| user) })
}

/// Returns the user and the group that servers run as where the tests run as root, whom they refuse.
pub(crate) fn instead_of_root() -> Option<(String, String)> {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    root.then(|| {
        let user = ordinary_user();
        let group = user_group(&user);
        (user, group)
    })
}

fn installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let versions = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((version, entry.path().join("bin")))
    });
    versions.filter(|(version, bin)| *version >= OLDEST && bin.join("initdb").exists()).max().map(|(_, bin)| bin)
}

fn ordinary_user() -> String {
    let known = |user: &&str| Command::new("id").arg(user).output().is_ok_and(|id| id.status.success());
    let user = ["postgres", "nobody"].into_iter().find(known);
    user.expect("PostgreSQL does not run as root, and there is no user postgres or nobody").to_owned()
}

impl Programs {
    /// Begins a command line of one of the programs.
    pub(super) fn command(&self, program: &str) -> Command {
        self.command_after(&[], program)
    }

    /// The same behind a program that begins it.
    pub(super) fn command_after(&self, before: &[&str], program: &str) -> Command {
        let mut words = Vec::new();
        if let Some(user) = &self.user {
            words.extend(["setpriv", "--reuid", user, "--regid"].map(str::to_owned));
            words.extend([user_group(user), "--clear-groups".to_owned(), "--".to_owned()]);
        }
        words.extend(before.iter().map(|word| (*word).to_owned()));
        words.push(self.bin.join(program).display().to_string());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command.env_remove("LC_ALL").env("LANG", "C").env_remove("PGDATA").current_dir("/");
        command
    }

    /// Tells installations apart in the names of directories.
    pub(super) fn name(&self) -> String {
        let readable = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        self.bin.display().to_string().chars().map(readable).collect::<String>().trim_matches('-').to_owned()
    }
}

fn user_group(user: &str) -> String {
    let output = Command::new("id").args(["-g", user]).output().expect("id");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
