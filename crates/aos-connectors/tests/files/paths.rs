//! Which files belong to a source, what they are called, and what may not be read.

use super::*;
use aos_connectors::{AllowedRoots, SourceSpec, discover_sources};
use std::os::unix::fs::symlink;

const CSV: &[u8] = b"id,name\n1,a\n2,b\n";

fn names(source: &FileSource) -> Vec<String> {
    source.discover().unwrap().into_iter().map(|stream| stream.name).collect()
}

#[test]
fn a_folder_is_a_source_and_each_file_a_stream() {
    let folder = Folder::with(&[
        ("accounts.csv", CSV),
        ("deals_2025.csv", CSV),
        ("deals_2026.csv", CSV),
        (".hidden.csv", CSV),
        ("README.md", b"words"),
        ("logo.png", b"\x89PNG\0\0\0"),
        ("sub/inner.csv", CSV),
    ]);
    assert_eq!(names(&folder.source()), ["accounts", "deals_2025", "deals_2026"], "similar files are not merged");
    let report = folder.source().check().unwrap();
    let skipped: Vec<_> = report.skipped.iter().filter_map(|skipped| skipped.path.file_name()?.to_str()).collect();
    assert_eq!(report.streams, 3);
    assert!(["README.md", "logo.png", "sub"].iter().all(|name| skipped.contains(name)), "{skipped:?}");
}

#[test]
fn streams_that_would_share_a_name_keep_their_extension() {
    let folder = Folder::with(&[("a.csv", CSV), ("a.json", b"[{\"id\":1}]"), ("b.csv", CSV)]);
    assert_eq!(names(&folder.source()), ["a.csv", "a.json", "b"]);
    let folder = Folder::with(&[("x/a.csv", CSV), ("y/a.csv", CSV)]);
    let source = FileSource::open("crm", folder.path("*/a.csv"), FileOptions::default()).unwrap();
    assert_eq!(names(&source), ["x/a.csv", "y/a.csv"]);
}

#[test]
fn a_pattern_chooses_files() {
    let folder = Folder::with(&[("a1.csv", CSV), ("a2.csv", CSV), ("b.csv", CSV)]);
    let open = |pattern: &str| FileSource::open("crm", folder.path(pattern), FileOptions::default());
    assert_eq!(names(&open("a*.csv").unwrap()), ["a1", "a2"]);
    assert!(matches!(open("c*.csv"), Err(Error::NoFiles { .. })));
    assert!(matches!(open("**/a.csv"), Err(Error::Pattern { .. })));
}

#[test]
fn nothing_outside_the_allowed_roots_is_read() {
    let folder = Folder::with(&[("in/a.csv", CSV), ("out/secret.csv", CSV)]);
    symlink(folder.path("out/secret.csv"), folder.path("in/link.csv")).unwrap();
    symlink(folder.path("out"), folder.path("in/folder")).unwrap();
    let options = FileOptions { allowed_roots: AllowedRoots::only([folder.path("in")]), ..FileOptions::default() };
    let open = |path: &str| FileSource::open("crm", folder.path(path), options.clone());
    for path in [
        "in/../out/secret.csv",
        "in/../in/a.csv",
        "out",
        "out/*.csv",
        "in/../out/*.csv",
        "in/*/../../out/*.csv",
        "nowhere",
    ] {
        let refused = open(path).err();
        assert!(
            matches!(refused, Some(Error::OutsideAllowedRoot { .. } | Error::Pattern { .. })),
            "{path}: {refused:?}"
        );
    }
    assert!(matches!(open("in/link.csv"), Err(Error::OutsideAllowedRoot { .. })));
    assert!(matches!(open("in/folder/secret.csv"), Err(Error::OutsideAllowedRoot { .. })));
    let source = open("in").unwrap();
    assert_eq!(names(&source), ["a"]);
    assert_eq!(source.check().unwrap().skipped.len(), 2);
    assert_eq!(names(&open("in/*.csv").unwrap()), ["a"]);
}

#[test]
fn a_link_out_of_the_folder_is_not_followed_even_where_all_is_allowed() {
    let folder = Folder::with(&[("in/a.csv", CSV), ("out/secret.csv", CSV)]);
    symlink(folder.path("out/secret.csv"), folder.path("in/link.csv")).unwrap();
    symlink(folder.path("in/a.csv"), folder.path("in/same.csv")).unwrap();
    let source = FileSource::open("crm", folder.path("in"), FileOptions::default()).unwrap();
    assert!(source.check().unwrap().skipped[0].reason.contains("leads out of the folder"));
}

#[test]
fn a_file_exchanged_for_a_link_is_not_read() {
    let folder = Folder::with(&[("in/a.csv", CSV), ("out/secret.csv", CSV)]);
    let source = FileSource::open("crm", folder.path("in"), FileOptions::default()).unwrap();
    std::fs::remove_file(folder.path("in/a.csv")).unwrap();
    symlink(folder.path("out/secret.csv"), folder.path("in/a.csv")).unwrap();
    assert!(matches!(source.read("a", &ReadOptions::default()).err(), Some(Error::OutsideAllowedRoot { .. })));
}

#[test]
fn too_many_files_are_refused() {
    let folder = Folder::with(&[("a.csv", CSV), ("b.csv", CSV), ("c.csv", CSV)]);
    let options = FileOptions { files_max: 2, ..FileOptions::default() };
    let refused = FileSource::open("crm", folder.0.path(), options).err();
    assert!(matches!(refused, Some(Error::TooManyFiles { max: 2, .. })));
}

#[test]
fn sources_are_folders_their_own_files_and_single_files() {
    let folder = Folder::with(&[
        ("exports/salesforce/Account.csv", CSV),
        ("exports/salesforce/notes.txt", b"just words\nand more words\n"),
        ("exports/sap/KNA1.json", b"[{\"KUNNR\":1}]"),
        ("exports/docs/manual.pdf", b"%PDF-1.4"),
        ("exports/loose.csv", CSV),
        ("exports/.git/x.csv", CSV),
        ("deals.csv.gz", CSV),
    ]);
    let found =
        discover_sources(&[folder.path("exports"), folder.path("deals.csv.gz")], &FileOptions::default()).unwrap();
    let summary: Vec<_> = found.sources.iter().map(|source| (source.name.as_str(), source.files.len())).collect();
    assert_eq!(summary, [("exports", 1), ("salesforce", 1), ("sap", 1), ("deals", 1)]);
    let skipped: Vec<_> =
        found.skipped.iter().map(|skipped| skipped.path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(skipped, ["notes.txt", "manual.pdf"].iter().rev().copied().collect::<Vec<_>>());
    let SourceSpec { files, .. } = &found.sources[1];
    assert!(files[0].ends_with("salesforce/Account.csv"));
    assert_eq!(names(&found.sources[1].open(FileOptions::default()).unwrap()), ["Account"]);
    assert!(matches!(
        discover_sources(&[folder.path("exports/docs")], &FileOptions::default()),
        Err(Error::NoFiles { .. })
    ));
}
