use aos_connectors::*;
fn main() {
    let paths: Vec<_> = std::env::args().skip(1).map(std::path::PathBuf::from).collect();
    let found = discover_sources(&paths, &FileOptions::default()).unwrap();
    for s in &found.skipped { println!("SKIP {} {}", s.path.display(), s.reason); }
    for spec in found.sources {
        let src = spec.open(FileOptions::default()).unwrap();
        for st in src.discover().unwrap() {
            let mut n = 0; let mut m = vec![]; let mut e = None;
            if let Ok(p) = src.read(&st.name, &ReadOptions::default()) { for pg in p { match pg { Ok(pg) => { n += pg.batch.records.len(); m.extend(pg.malformed) } Err(x) => e = Some(x) } } }
            println!("{} / {}: {} rec {} bad, {:?} {} err {:?} | {}", src.system(), st.name, n, m.len(), st.assumed, st.problem.map(|p| p.to_string()).unwrap_or_default(), e,
              st.shape.columns.iter().take(8).map(|c| format!("{}:{}", c.path, c.kind)).collect::<Vec<_>>().join(" "));
            for x in m.iter().take(2) { println!("    BAD {x:?}"); }
        }
    }
}
