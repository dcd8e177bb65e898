//! Text out of files: what is kept of them, and what is refused.

use aos_ai::documents::{Block, BlockKind, Body, Document, DocumentError, Format, Given, read};
use aos_ai::pii::{Class, Policy};

async fn read_as(name: &str, content_type: Option<&str>, bytes: &[u8]) -> Result<(Format, Document), DocumentError> {
    read(bytes.to_vec(), Given { name, content_type }, None).await
}

/// Reads prose: `# ` stands before headings, as often as they are deep.
async fn prose(name: &str, bytes: &[u8]) -> Vec<String> {
    let (_, document) = read_as(name, None, bytes).await.unwrap();
    let Body::Prose(blocks) = document.body else { panic!("a table") };
    let shown = |block: Block| match block.kind {
        BlockKind::Heading(depth) => format!("{} {}", "#".repeat(depth.into()), block.text),
        BlockKind::Paragraph => block.text,
    };
    blocks.into_iter().map(shown).collect()
}

#[tokio::test]
async fn a_page_is_read_without_scripts_styles_and_comments() {
    let page =
        b"<!doctype html><html><head><title>Travel &amp; more</title><style>p { color: red }</style></head><body>
        <nav>Home</nav><h1>Travel</h1><p>Trains are
        booked <b>by</b> the office.<br>Always.</p><script>var p = '<p>not text</p>';</script><!-- not text -->
        <h2>Costs</h2><table><tr><th>Class</th><th>Limit</th></tr><tr><td>First</td><td>200</td></tr></table>
        <ul><li>One</li><li>Two</li></ul><pre>a
  b</pre></body></html>";
    let (format, document) = read_as("page", Some("text/html; charset=utf-8"), page).await.unwrap();
    assert_eq!((format, document.title.as_deref()), (Format::Html, Some("Travel & more")));
    let shown = prose("page.html", page).await;
    assert_eq!(
        shown,
        [
            "Home",
            "# Travel",
            "Trains are booked by the office.\nAlways.",
            "## Costs",
            "Class | Limit\nFirst | 200",
            "- One\n- Two",
            "a\n  b"
        ]
    );
}

#[tokio::test]
async fn a_broken_page_and_one_nested_without_end_are_read_all_the_same() {
    assert_eq!(prose("x.html", b"<p>one<div>two</p><h2>three").await, ["one", "two", "## three"]);
    let deep = format!("{}deep", "<div>".repeat(200_000));
    assert_eq!(prose("x.html", deep.as_bytes()).await, ["deep"]);
}

#[tokio::test]
async fn markdown_is_read_by_its_structure() {
    let text = "---\ntitle: hidden\n---\n# Handbook\n\nIntro *text*.\n\n## Travel\n\n- trains\n- planes\n\n```\n# no heading\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n<!-- hidden -->\n\nSetext\n------\n\nEnd.\n";
    let shown = prose("x.md", text.as_bytes()).await;
    assert_eq!(
        shown,
        [
            "# Handbook",
            "Intro text.",
            "## Travel",
            "- trains\n- planes",
            "# no heading",
            "a | b\n1 | 2",
            "## Setext",
            "End."
        ]
    );
}

#[tokio::test]
async fn a_table_is_read_whatever_divides_its_cells() {
    for (name, text) in [
        ("x.csv", "name,city\nAda,\"Paris, France\"\n"),
        ("x.csv", "name;city\nAda;Paris, France\n"),
        ("x.tsv", "name\tcity\nAda\tParis, France\n"),
    ] {
        let (format, document) = read_as(name, None, text.as_bytes()).await.unwrap();
        assert_eq!(format, Format::Csv);
        let Body::Table { columns, rows } = document.body else { panic!("no table") };
        assert_eq!(
            (columns.join("|"), rows[0].join("|")),
            ("name|city".to_owned(), "Ada|Paris, France".to_owned()),
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_encoding_is_taken_from_its_mark_its_sender_or_the_page_itself() {
    let mark = [b"\xff\xfe".as_slice(), &"Zoë".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat();
    for (name, content_type, bytes) in [
        ("x.txt", None, "Zoë".as_bytes()),
        ("x.txt", None, mark.as_slice()),
        ("x.txt", None, b"Zo\xeb"),
        ("x.txt", Some("text/plain; charset=iso-8859-1"), b"Zo\xeb"),
        ("x.html", None, b"<meta charset=\"iso-8859-15\"><p>Zo\xeb</p>"),
    ] {
        let (_, document) = read_as(name, content_type, bytes).await.unwrap();
        let Body::Prose(blocks) = document.body else { panic!("a table") };
        assert_eq!(blocks[0].text, "Zoë", "{bytes:?}");
    }
}

#[tokio::test]
async fn what_is_no_text_is_refused_by_name() {
    let zip = [b"PK\x03\x04".as_slice(), &[0; 100]].concat();
    for (bytes, what) in [
        (zip.as_slice(), "ZIP"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x89PNG\r\n", "picture"),
        (b"MZ\x90\x00\x03\x00", "bytes"),
        (b"\xd0\xcf\x11\xe0", "office"),
    ] {
        let refused = read_as("x.txt", Some("text/plain"), bytes).await.unwrap_err();
        assert!(matches!(&refused, DocumentError::Unsupported(said) if said.contains(what)), "{refused}");
    }
    assert!(matches!(read_as("x.txt", None, b"").await, Err(DocumentError::Empty)));
    assert!(matches!(read_as("x.html", None, b"<script>1</script>").await, Err(DocumentError::Empty)));
    assert!(matches!(read_as("x.csv", None, b"a,b\n").await, Err(DocumentError::Empty)), "a header alone says nothing");
    assert!(matches!(read_as("x.pdf", None, b"no pdf").await, Err(DocumentError::Unreadable(_))));
    assert!(
        matches!(read_as("x", None, b"%PDF-1.7").await, Err(DocumentError::NoPdfReader)),
        "there is no program to read it"
    );
}

#[tokio::test]
async fn personal_data_goes_from_every_part_of_a_document() {
    let text = "# Ask ada@example.com\n\nWrite to bob@example.com.\n";
    let (_, mut document) = read_as("x.md", None, text.as_bytes()).await.unwrap();
    let taken = document.redact(&Policy::standard()).unwrap();
    assert_eq!(
        taken,
        [(Class::Email, 3)].into(),
        "the title, which is the heading once more, the heading and the paragraph"
    );
    let (_, mut table) = read_as("x.csv", None, b"who,mail\nx,ada@example.com\n").await.unwrap();
    assert_eq!(table.redact(&Policy::standard()).unwrap(), [(Class::Email, 1)].into());
    assert!(!format!("{document:?}{table:?}").contains("@example.com"));
}
