//! The command `aos-samples`: writes the demo sources, checks the committed ones, or writes a benchmark file.
//! All generation lives in the library.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Writes the demo sources from a fixed seed.
#[derive(Parser)]
#[command(name = "aos-samples")]
struct Arguments {
    /// Compare the folder with what would be written; exit 1 when a file differs
    #[arg(long, conflicts_with = "opportunities")]
    check: bool,

    /// Write one benchmark CSV of this many opportunities instead of the samples
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    opportunities: Option<u64>,

    /// The samples folder, or the file to write with --opportunities
    path: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cannot use {}: {error}", arguments.path.display());
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> io::Result<ExitCode> {
    if let Some(count) = arguments.opportunities {
        aos_samples::write_opportunities(count, io::BufWriter::new(std::fs::File::create(&arguments.path)?))?;
        println!("wrote {count} opportunities to {}", arguments.path.display());
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.check {
        return check(&arguments.path);
    }
    let written = aos_samples::write_all(&arguments.path)?;
    println!("wrote {written} tables to {}", arguments.path.display());
    Ok(ExitCode::SUCCESS)
}

fn check(folder: &std::path::Path) -> io::Result<ExitCode> {
    let stale = aos_samples::stale_files(folder)?;
    for path in &stale {
        eprintln!("{} differs from what the generator writes", path.display());
    }
    if stale.is_empty() {
        println!("{} is what the generator writes", folder.display());
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("run `cargo run -p aos-samples -- {}` and commit the result", folder.display());
    Ok(ExitCode::FAILURE)
}
