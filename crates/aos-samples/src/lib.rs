//! Writes the demo sources: seeded, invented records in the shapes of ten business systems.
//!
//! The same build always writes the same bytes: no clock, no environment, no platform mathematics.
//! Nothing here reads or maps a source; that is the work of the connectors and the matcher.

mod bench;
mod clock;
mod cloud;
mod crm;
mod estate;
mod names;
mod people;
mod product;
mod random;
mod replay;
mod sales;
mod sources;
mod spelling;
mod support;
mod table;
mod world;

pub use bench::{BENCH_HEADER, write_opportunities};
pub use table::Table;

use std::path::{Path, PathBuf};
use std::{fs, io};

use world::World;

/// Generates every sample table: the ten sources, then the replay files.
pub fn generate() -> Vec<Table> {
    let world = World::build();
    let mut tables = sources::tables(&world);
    tables.extend(replay::tables(&world));
    tables
}

/// Writes every table below `folder`, creating the sub-folders it needs.
pub fn write_all(folder: &Path) -> io::Result<usize> {
    let tables = generate();
    for table in &tables {
        let path = folder.join(table.path());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, table.to_csv())?;
    }
    Ok(tables.len())
}

/// Lists the files below `folder` whose bytes differ from what the generator writes, missing and surplus ones included.
pub fn stale_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let tables = generate();
    let mut stale = Vec::new();
    for table in &tables {
        let path = folder.join(table.path());
        match fs::read(&path) {
            Ok(bytes) if bytes == table.to_csv() => {}
            Ok(_) => stale.push(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => stale.push(path),
            Err(error) => return Err(error),
        }
    }
    stale.extend(surplus_files(folder, &tables)?);
    Ok(stale)
}

fn surplus_files(folder: &Path, tables: &[Table]) -> io::Result<Vec<PathBuf>> {
    let mut surplus = Vec::new();
    if !folder.exists() {
        return Ok(surplus);
    }
    for source in fs::read_dir(folder)? {
        let source = source?.path();
        if !source.is_dir() {
            continue;
        }
        for file in fs::read_dir(&source)? {
            let file = file?.path();
            let is_csv = file.extension().is_some_and(|extension| extension == "csv");
            if is_csv && !tables.iter().any(|table| folder.join(table.path()) == file) {
                surplus.push(file);
            }
        }
    }
    surplus.sort();
    Ok(surplus)
}
