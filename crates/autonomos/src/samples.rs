//! The sample sources, which travel inside the binary.

use aos_connectors::file::Samples;
use rust_embed::RustEmbed;
use std::collections::BTreeSet;
use std::path::Path;

/// Files for the mesh's replay, which are no source of their own.
const REPLAY: &str = "replay";

#[derive(RustEmbed)]
#[folder = "../../samples"]
#[include = "*/*.csv"]
struct Files;

/// Returns the samples, to be kept below a data directory.
pub fn samples(data: &Path) -> Samples {
    let names: BTreeSet<String> = Files::iter()
        .filter_map(|name| Some(name.split_once('/')?.0.to_owned()))
        .filter(|name| name != REPLAY)
        .collect();
    Samples::new(data.join("samples"), names.into_iter().collect(), unpack)
}

/// Writes the files of one sample into a folder, as they are in this binary. A file that is there already keeps its time of change.
fn unpack(sample: &str, into: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(into)?;
    for name in Files::iter() {
        let Some((_, file_name)) = name.split_once('/').filter(|(folder, _)| *folder == sample) else { continue };
        let Some(file) = Files::get(&name) else { continue };
        let path = into.join(file_name);
        if std::fs::read(&path).is_ok_and(|known| known == *file.data) {
            continue;
        }
        // Whoever reads it meanwhile, in whatever process, sees a whole file.
        let partial = path.with_extension(format!("{}.partial", std::process::id()));
        std::fs::write(&partial, &file.data)?;
        std::fs::rename(&partial, &path)?;
    }
    Ok(())
}
