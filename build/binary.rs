//! Build script of the program itself: what every program that links DuckDB needs, and the commit it is built from.

#[path = "rpath.rs"]
mod rpath;

use std::path::{Path, PathBuf};

/// The root of the repository, as seen from the crate.
const ROOT: &str = "../..";

fn main() {
    println!("cargo:rerun-if-changed=../../build/binary.rs");
    rpath::main();
    println!("cargo:rustc-env=AUTONOMOS_COMMIT={}", commit().unwrap_or_else(|| "unknown".to_owned()));
}

/// Returns the commit that the build was told, or else the one that is checked out. Two builds of one commit are alike; a tree with
/// changes that are not committed is named by the commit below them.
#[allow(clippy::disallowed_methods)] // A build script has no other way to be told.
fn commit() -> Option<String> {
    println!("cargo:rerun-if-env-changed=AUTONOMOS_COMMIT");
    let told = std::env::var("AUTONOMOS_COMMIT").ok().filter(|told| !told.is_empty());
    // Whoever develops commits often, and should not link the program anew each time.
    let released = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    told.or_else(|| released.then(checked_out).flatten())
}

/// Reads what git keeps in files, so that git itself need not be there.
fn checked_out() -> Option<String> {
    let own = folder()?;
    // What several checkouts of one repository share lies elsewhere.
    let shared = read(&own.join("commondir")).map_or_else(|| own.clone(), |path| own.join(path));
    let head = read(&own.join("HEAD"))?;
    // Grows with every commit, also while the branch has no file of its own.
    read(&own.join("logs/HEAD"));
    let Some(name) = head.strip_prefix("ref: ") else { return is_commit(&head).then_some(head) };
    let packed = || {
        let refs = read(&shared.join("packed-refs"))?;
        let found = refs.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' ').map(str::to_owned));
        found.filter(|found| is_commit(found))
    };
    read(&shared.join(name)).filter(|found| is_commit(found)).or_else(packed)
}

fn folder() -> Option<PathBuf> {
    let git = Path::new(ROOT).join(".git");
    if git.is_dir() {
        return Some(git);
    }
    read(&git)?.strip_prefix("gitdir: ").map(|path| Path::new(ROOT).join(path))
}

/// Reads a file, and has the build done again when it changes.
fn read(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    println!("cargo:rerun-if-changed={}", path.display());
    Some(text.trim().to_owned())
}

fn is_commit(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
