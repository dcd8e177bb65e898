//! Words that no question here can use, with what stands in the way: what records do not tell, and what plans do not compute.

use crate::questions::refusal::{Refusal, RefusalCode};

/// Words, why nothing is answered that needs them, and what can be asked instead.
const BEYOND: [(&[&str], &str, &[&str]); 10] = [
    (
        &["why", "cause", "causes", "caused", "reason", "reasons", "explain"],
        "records say what is, and not why",
        &["by status", "by source"],
    ),
    (
        &["will", "forecast", "forecasts", "predict", "prediction", "predicted", "likely", "projected"],
        "no record tells what has not come yet, and nothing is predicted here",
        &["with a close date next quarter"],
    ),
    (
        &["median", "percentile", "quartile", "deviation", "stddev", "variance", "correlation", "mode"],
        "of statistics there are counts, totals, averages, the least and the greatest",
        &["average", "lowest", "highest"],
    ),
    (
        &[
            "growth",
            "grow",
            "grown",
            "grew",
            "increase",
            "increased",
            "decrease",
            "decreased",
            "dropped",
            "yoy",
            "mom",
            "qoq",
        ],
        "a change between two times is not computed here",
        &["by month", "by quarter", "by year"],
    ),
    (
        &["compare", "compared", "comparison", "versus", "vs", "difference", "differ", "ratio"],
        "two figures are not compared with each other here; ask for each, or by what tells them apart",
        &["by stage", "by year", "by source"],
    ),
    (
        &["should", "recommend", "advise", "advice", "suggest", "focus", "prioritize", "prioritise", "improve"],
        "what to do is not said by records; look at what the pilots find, under Agents",
        &[],
    ),
    (
        &["delete", "remove", "update", "insert", "drop", "truncate", "send", "write", "edit", "assign"],
        "questions only read; nothing is changed or sent by them",
        &["list", "how many"],
    ),
    (
        &["rate", "rates"],
        "a rate is a part of a whole, and which part of which is not said",
        &["what percentage of opportunities are won"],
    ),
    (
        &["closed"],
        "a deal is closed when it is won and when it is lost, and which is meant is not said",
        &["won deals", "lost deals"],
    ),
    (
        &["fiscal", "fy", "fy24", "fy25", "fy26", "fy2024", "fy2025", "fy2026"],
        "when a fiscal year begins is not known here; name the days or the quarters of the calendar",
        &["in Q3 2025", "in H1 2025"],
    ),
];

/// Says why a word that no reading can use has no use here, where that is known.
pub(super) fn about(word: &str) -> Option<Refusal> {
    let word = word.to_lowercase();
    let (_, why, near) = BEYOND.iter().find(|(words, _, _)| words.contains(&word.as_str()))?;
    let refusal = Refusal::new(RefusalCode::NotUnderstood, format!("`{word}` is not understood: {why}"));
    Some(refusal.missing(word, near.iter().copied()))
}
