//! Builds the crate again when the web interface was built, and tells its programs where DuckDB is, as `build/rpath.rs` does for
//! the other crates.

use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // A path that is not there would make every build start anew; its parent changes when it appears.
    let dist = root.join("ui/dist");
    let watched = if dist.is_dir() { dist } else { root.join("ui") };
    println!("cargo:rerun-if-changed={}", watched.display());
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN");
    #[allow(clippy::disallowed_methods)] // A build script has no other way to be told.
    if let Some(dir) = std::env::var_os("DUCKDB_LIB_DIR") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", dir.display());
    }
}
