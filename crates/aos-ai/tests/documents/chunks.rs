//! Chunks: as long as they may be, never over a heading, and each a piece of the text where it says it is.

use aos_ai::documents::{Block, BlockKind, Body, CHUNK_TOKENS_MIN, Chunked, Document, DocumentError, chunk, tokens};
use proptest::prelude::*;

fn paragraph(text: &str) -> Block {
    Block { kind: BlockKind::Paragraph, text: text.to_owned(), page: None }
}

fn heading(depth: u8, text: &str) -> Block {
    Block { kind: BlockKind::Heading(depth), text: text.to_owned(), page: None }
}

fn cut(blocks: Vec<Block>, most: u32) -> Chunked {
    chunk(&Document { title: None, body: Body::Prose(blocks) }, most).unwrap()
}

fn sentences(count: usize, words: usize) -> String {
    (0..count).map(|n| format!("Sentence {n} has {} words. ", "word ".repeat(words))).collect()
}

/// What holds of every cut: places are right, limits hold, nothing is left out.
fn check(cut: &Chunked, most: usize) {
    let characters: Vec<char> = cut.text.chars().collect();
    let mut covered = 0;
    for piece in &cut.chunks {
        let there: String = characters[piece.characters.clone()].iter().collect();
        assert_eq!(there, piece.text);
        assert!(piece.tokens <= most, "{} tokens of {most}", piece.tokens);
        assert!(!piece.text.trim().is_empty());
        covered = covered.max(piece.characters.end);
    }
    let left_out: String = characters[covered..].iter().collect();
    assert!(left_out.trim().is_empty(), "{left_out:?}");
}

#[test]
fn no_chunk_reaches_over_a_heading_and_each_knows_the_headings_above_it() {
    let blocks = vec![
        paragraph("Before."),
        heading(1, "Handbook"),
        heading(2, "Travel"),
        paragraph("Trains."),
        heading(3, "Costs"),
        paragraph("Limits."),
        heading(2, "Work"),
        paragraph("Hours."),
    ];
    let cut = cut(blocks, 400);
    let shown: Vec<String> =
        cut.chunks.iter().map(|piece| format!("{}: {}", piece.section.join("/"), piece.text)).collect();
    assert_eq!(
        shown,
        [": Before.", "Handbook/Travel: Trains.", "Handbook/Travel/Costs: Limits.", "Handbook/Work: Hours."]
    );
    check(&cut, 400);
}

#[test]
fn a_long_section_is_cut_between_sentences_that_neighbours_share() {
    let cut = cut(vec![heading(1, "A"), paragraph(&sentences(40, 5)), heading(1, "B"), paragraph("Short.")], 60);
    check(&cut, 60);
    assert!(cut.chunks.len() > 5);
    for pair in cut.chunks.windows(2) {
        assert!(pair[0].text.ends_with('.'), "{}", pair[0].text);
        if pair[0].section == pair[1].section && pair[1].section == ["A"] {
            assert!(pair[1].characters.start <= pair[0].characters.end + 1);
        }
    }
    assert_eq!(cut.chunks.last().unwrap().text, "Short.", "nothing is shared over a heading");
}

#[test]
fn a_word_without_end_is_cut_all_the_same() {
    let cut = cut(vec![paragraph(&"x".repeat(10_000))], 50);
    check(&cut, 50);
    assert!(cut.chunks.len() > 10);
}

#[test]
fn headings_alone_are_a_text() {
    let cut = cut(vec![heading(1, "One"), heading(2, "Two")], 400);
    assert_eq!(cut.chunks.len(), 1);
    assert_eq!(cut.chunks[0].text, "One\n\nTwo");
}

#[test]
fn every_chunk_of_a_table_begins_with_its_header() {
    let rows = (0..100).map(|n| vec![format!("name {n}"), format!("city {n}")]).collect();
    let columns = vec!["name".to_owned(), "city".to_owned()];
    let cut = chunk(&Document { title: None, body: Body::Table { columns, rows } }, 60).unwrap();
    assert!(cut.chunks.len() > 5);
    for piece in &cut.chunks {
        assert!(piece.text.starts_with("name | city\nname "), "{}", piece.text);
        assert!(piece.tokens <= 60, "{}", piece.tokens);
        let rows: String = cut.text.chars().skip(piece.characters.start).take(piece.characters.len()).collect();
        assert_eq!(piece.text, format!("name | city\n{rows}"));
    }
}

#[test]
fn a_text_that_makes_too_many_chunks_is_refused() {
    let blocks = (0..20_001).flat_map(|n| [heading(1, &n.to_string()), paragraph("x")]).collect();
    let refused = chunk(&Document { title: None, body: Body::Prose(blocks) }, 400);
    assert!(matches!(refused, Err(DocumentError::TooLong)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_text_is_chunks_are_pieces_of_it_and_hold_their_limit(
        texts in prop::collection::vec(("\\PC{0,400}", any::<Option<u8>>()), 1..12),
        most in CHUNK_TOKENS_MIN..200,
    ) {
        let blocks: Vec<Block> = texts
            .into_iter()
            .map(|(text, depth)| match depth {
                Some(depth) => heading(depth % 6 + 1, &text),
                None => paragraph(&text),
            })
            .collect();
        if let Ok(cut) = chunk(&Document { title: None, body: Body::Prose(blocks) }, most) {
            for piece in &cut.chunks {
                prop_assert_eq!(piece.tokens, tokens(&piece.text));
            }
            let is_prose_all = cut.chunks.iter().all(|piece| piece.tokens <= most as usize);
            prop_assert!(is_prose_all);
            let characters: Vec<char> = cut.text.chars().collect();
            for piece in &cut.chunks {
                let there: String = characters[piece.characters.clone()].iter().collect();
                prop_assert_eq!(&there, &piece.text);
            }
        }
    }
}
