//! The guide shows the code as it is.

use std::path::Path;

const GUIDE: &str = "docs/guides/add-a-connector.md";

#[test]
fn every_excerpt_of_the_guide_stands_in_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guide = std::fs::read_to_string(root.join(GUIDE)).unwrap();
    let excerpts: Vec<&str> = guide.split("From `").skip(1).collect();
    assert!(excerpts.len() >= 7);
    for excerpt in excerpts {
        let (path, rest) = excerpt.split_once("`:").unwrap();
        let code = rest.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let source = std::fs::read_to_string(root.join(path)).unwrap();
        let mut lines = source.lines().map(str::trim);
        for line in code.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "…") {
            assert!(lines.any(|known| known == line), "{GUIDE} shows of {path} what is not there any more: {line}");
        }
    }
}
