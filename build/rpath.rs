//! Build script of every crate whose programs link DuckDB: tells them where the library will be at run time, beside the binary
//! or where the build fetched it.

pub fn main() {
    println!("cargo:rerun-if-changed=../../build/rpath.rs");
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN");
    #[allow(clippy::disallowed_methods)] // A build script has no other way to be told.
    if let Some(dir) = std::env::var_os("DUCKDB_LIB_DIR") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", dir.display());
    }
}
