//! Resolves the rows of CSV files and says how right that is: `resolution GOLD.csv FILE.csv ...`; with `--wrong` in front it also says what is wrong, and why.
//!
//! GOLD has a line for each pair of the same thing: source, id, source, id; a source is a file's name without its ending.

use aos_resolve::{Field, Record, RecordKey, Resolver, fit, guess_class, guess_key};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (tells, arguments) = match arguments.split_first() {
        Some((first, rest)) if first == "--wrong" => (true, rest),
        _ => (false, &arguments[..]),
    };
    let [gold, files @ ..] = arguments else { return Err("give GOLD.csv and at least one FILE.csv".into()) };
    let begun = Instant::now();
    let (fields, records) = read(files)?;
    let model = fit(&fields, &records);
    let fitted = begun.elapsed();
    let clean = model.clone();
    let resolver = Resolver::new(model, records);
    let clusters = resolver.clusters();
    let took = begun.elapsed();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(gold)?;
    let mut wanted = BTreeSet::new();
    for line in reader.records() {
        let line = line?;
        let (a, b) = (RecordKey::new(&line[0], &line[1]), RecordKey::new(&line[2], &line[3]));
        wanted.insert(if a < b { (a, b) } else { (b, a) });
    }
    let across = wanted.iter().all(|(a, b)| a.source != b.source);
    let mut found = BTreeSet::new();
    for cluster in &clusters {
        for (at, a) in cluster.records.iter().enumerate() {
            for b in cluster.records[at + 1..].iter().filter(|b| !across || a.source != b.source) {
                found.insert((a.clone(), b.clone()));
            }
        }
    }
    let right = found.intersection(&wanted).count() as f64;
    let (precision, recall) = (right / found.len().max(1) as f64, right / wanted.len().max(1) as f64);
    let f1 = 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE);
    println!(
        "pairs {} found {} precision {precision:.4} recall {recall:.4} f1 {f1:.4} fit {fitted:?} all {took:?}",
        wanted.len(),
        found.len()
    );
    let pairs = resolver.pairs(0.0);
    let held: BTreeMap<_, _> = pairs.iter().map(|pair| ((pair.left.clone(), pair.right.clone()), pair)).collect();
    let unseen = wanted.iter().filter(|pair| !held.contains_key(pair)).count();
    println!("gold pairs never compared or below the floor: {unseen}; clean {:?}", clean.fields().count());
    if tells {
        for (a, b) in found.symmetric_difference(&wanted) {
            tell(&resolver, if wanted.contains(&(a.clone(), b.clone())) { "missed" } else { "wrong" }, a, b);
        }
    }
    // Calibration by tenths.
    let mut bins = [(0.0, 0.0, 0.0); 10];
    for pair in pairs.iter().filter(|pair| !across || pair.left.source != pair.right.source) {
        let bin = &mut bins[((pair.probability * 10.0) as usize).min(9)];
        let same = wanted.contains(&(pair.left.clone(), pair.right.clone()));
        *bin = (bin.0 + 1.0, bin.1 + pair.probability, bin.2 + f64::from(u8::from(same)));
    }
    for (count, sum, same) in bins.iter().filter(|bin| bin.0 > 0.0) {
        println!("  said {:.3} was {:.3} of {count}", sum / count, same / count);
    }
    Ok(())
}

fn tell(resolver: &Resolver, what: &str, a: &RecordKey, b: &RecordKey) {
    let Some(why) = resolver.explain(a, b) else { return };
    println!("{what} {a} {b} at {:.3}: prior {:.1} rivals {:.1}", why.probability, why.prior_bits, why.rivals_bits);
    for field in why.fields {
        println!("    {} {:.1} {:?}: {:?} | {:?}", field.field, field.bits, field.level, field.left, field.right);
    }
}

fn read(files: &[String]) -> Result<(Vec<Field>, Vec<Record>), Failure> {
    let mut columns: Vec<String> = Vec::new();
    let mut tables = Vec::new();
    for file in files {
        let source = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(file)?;
        let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let mut rows: Vec<Vec<Option<String>>> = Vec::new();
        for row in reader.records() {
            rows.push(row?.iter().map(|value| (!value.is_empty()).then(|| value.to_owned())).collect());
        }
        let key = guess_key(&names, &rows);
        for (at, name) in names.iter().enumerate() {
            if Some(at) != key && !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        tables.push((source, names, rows, key));
    }
    let mut fields = Vec::new();
    for name in &columns {
        let values = tables.iter().flat_map(|(_, names, rows, _)| {
            let at = names.iter().position(|own| own == name);
            rows.iter().filter_map(move |row| row.get(at?)?.as_deref())
        });
        if let Some(class) = guess_class(name, values) {
            fields.push(Field { name: name.clone(), class });
        }
    }
    let mut records = Vec::new();
    for (source, names, rows, key) in tables {
        let places: Vec<Option<usize>> =
            fields.iter().map(|field| names.iter().position(|own| *own == field.name)).collect();
        for (at, row) in rows.iter().enumerate() {
            let id = key.and_then(|key| row[key].clone()).unwrap_or_else(|| at.to_string());
            let values = places.iter().map(|place| row.get((*place)?)?.clone()).collect();
            records.push(Record { key: RecordKey::new(&source, id), values });
        }
    }
    println!("{:?}", fields.iter().map(|field| (&field.name, field.class)).collect::<Vec<_>>());
    Ok((fields, records))
}
