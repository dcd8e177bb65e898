//! Measures how fast a CSV is read into record batches, beside merely counting its line breaks. Not run by tests:
//! `cargo run --release -p aos-connectors --example read_speed [-- ROWS]`

use aos_connectors::{FileOptions, FileSource, ReadOptions};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |rows| rows.parse())?;
    let folder = tempfile::tempdir()?;
    for (name, quoted) in [("plain.csv", false), ("quoted.csv", true)] {
        let path = folder.path().join(name);
        write(&path, rows, quoted)?;
        let bytes = std::fs::metadata(&path)?.len();
        let raw = count_line_breaks(&path)?;
        let source = FileSource::of_files("speed", &[path], FileOptions::default())?;
        let started = Instant::now();
        let mut read = 0;
        for page in source.read(name.trim_end_matches(".csv"), &ReadOptions::default())? {
            read += page?.batch.records.len();
        }
        let took = started.elapsed().as_secs_f64();
        assert_eq!(read as u64, rows);
        println!(
            "{name}: {rows} rows x 20 columns, {} MB in {took:.2} s: {:.0} rows/s, {:.0} MB/s; counting line breaks {raw:.2} s (x{:.1}); peak RSS {}",
            bytes >> 20,
            rows as f64 / took,
            bytes as f64 / took / 1e6,
            took / raw,
            peak_rss()
        );
    }
    Ok(())
}

fn write(path: &Path, rows: u64, quoted: bool) -> std::io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    let header: Vec<String> = (0..20).map(|column| format!("column_{column}")).collect();
    writeln!(file, "{}", header.join(","))?;
    let quote = if quoted { "\"" } else { "" };
    for row in 0..rows {
        let noise = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        write!(
            file,
            "0061x{row:010},{quote}Opportunity number {row} for a company{quote},001{:09},",
            noise % 1_000_000_000
        )?;
        write!(file, "{}.{:02},USD,2026-{:02}-{:02},", noise % 900_000, noise % 100, 1 + noise % 12, 1 + noise % 28)?;
        write!(file, "{quote}Negotiation/Review{quote},{},2025-11-03T10:20:30Z,{quote}Web{quote},", noise % 100)?;
        writeln!(
            file,
            "true,,{quote}owner{}@example.com{quote},EMEA,{},{},x,y,z,end",
            noise % 500,
            noise % 7,
            noise % 13
        )?;
    }
    file.flush()
}

fn count_line_breaks(path: &Path) -> std::io::Result<f64> {
    let started = Instant::now();
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 256 * 1024];
    let mut lines = 0;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        lines += memchr::memchr_iter(b'\n', &buffer[..count]).count();
    }
    assert!(lines > 0);
    Ok(started.elapsed().as_secs_f64())
}

fn peak_rss() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("unknown").trim().to_owned()
}
