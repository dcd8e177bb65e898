//! How much two columns' names say that they are the same column: letters, words, abbreviations, words that change the meaning.

use super::likeness::{Likeness, NAMES};
use crate::lexicon::{Lexicon, Role};
use crate::words::{canonical, segments, split_words, squeeze, stem};
use aos_core::shape::ColumnShape;

/// A name taken apart once.
pub(crate) struct Name {
    letters: String,
    leaf: String,
    words: Vec<String>,
    raw: Vec<String>,
    /// As written, abbreviations spelled out: no synonym has been taken for another.
    plain: Vec<String>,
    /// Without the words that only repeat the stream's name.
    own: Vec<String>,
}

impl Name {
    pub fn of(column: &ColumnShape, stream: &[String]) -> Self {
        let parts = segments(&column.path);
        let leaf = column.path.rsplit(['.', '/']).next().unwrap_or_default();
        let raw: Vec<String> = parts.iter().flat_map(|part| split_words(part)).collect();
        let lexicon = Lexicon::get();
        let cut: Vec<String> = raw.iter().flat_map(|word| lexicon.cut(word)).collect();
        let words = canonical(&parts);
        Self {
            letters: squeeze(&column.path.replace("[]", "")),
            leaf: squeeze(leaf),
            own: words.iter().filter(|word| !stream.contains(word)).cloned().collect(),
            plain: meaningful(&lexicon.spelled_out(&cut)),
            words,
            raw,
        }
    }
}

/// The words that carry meaning, without their endings and in one order.
fn meaningful(words: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = words
        .iter()
        .map(|word| stem(word))
        .filter(|word| Lexicon::get().role(word) != Role::Noise && !is_verb(word) && !is_version(word, words))
        .collect();
    kept.sort_unstable();
    kept
}

/// The `v` and the `2` of `v2`: which edition of the same thing it is.
fn is_version(word: &str, among: &[String]) -> bool {
    among.iter().any(|other| other == "v")
        && (word == "v" || word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Little verbs that say a column is a yes or no, and nothing about what.
fn is_verb(word: &str) -> bool {
    matches!(word, "is" | "has" | "was" | "flag" | "are")
}

/// Fills in the features of the names.
pub(crate) fn by_name(then: &Name, now: &Name, matched: f64) -> Likeness {
    let mut features = [0.0; NAMES.len()];
    let flag = |yes: bool| f64::from(u8::from(yes));
    let lexicon = Lexicon::get();
    let content = |words: &[String]| -> Vec<String> {
        words.iter().filter(|word| matches!(lexicon.role(word), Role::Content | Role::Qualifier)).cloned().collect()
    };
    let qualifiers = |words: &[String]| -> Vec<String> {
        words
            .iter()
            .filter(|word| lexicon.role(word) == Role::Qualifier && !is_verb(word) && !is_version(word, words))
            .cloned()
            .collect()
    };
    let (of_then, of_now) = (content(&then.words), content(&now.words));
    let common = then.words.iter().filter(|word| now.words.contains(word)).count() as f64;
    let all = (then.words.len() + now.words.len()) as f64 - common;
    let jaccard = if all > 0.0 { common / all } else { 0.0 };
    let spelling = strsim::jaro_winkler(&then.letters, &now.letters);
    features[0] = 1.0;
    features[1] = crate::model::logit(matched).clamp(-6.0, 6.0) / 6.0;
    features[2] = flag(then.letters == now.letters);
    features[3] = flag(then.leaf == now.leaf && then.letters != now.letters);
    let same = then.words == now.words && !then.words.is_empty();
    features[4] = flag(then.plain == now.plain && (same || meaningful(&then.words) == meaningful(&now.words)));
    features[37] = flag(same && then.plain != now.plain);
    features[38] = flag(!same && !then.own.is_empty() && then.own == now.own);
    features[5] = jaccard;
    features[6] = ((spelling - 0.6) / 0.4).max(0.0);
    features[7] = flag(abbreviates(&then.raw, &now.raw) || abbreviates(&now.raw, &then.raw));
    let within = |few: &[String], many: &[String]| !few.is_empty() && few.iter().all(|word| many.contains(word));
    features[8] = flag(within(&then.words, &now.words) || within(&now.words, &then.words));
    features[9] = flag(!of_then.is_empty() && of_then == of_now && then.words != now.words);
    let (qualified_then, qualified_now) = (qualifiers(&then.words), qualifiers(&now.words));
    let foreign = |one: &[String], other: &[String]| one.iter().any(|word| !other.contains(word));
    features[10] = flag(foreign(&qualified_then, &qualified_now)) + flag(foreign(&qualified_now, &qualified_then));
    let by_name = (0.4 * matched + 0.35 * jaccard + 0.25 * features[6] + 0.3 * features[7] + features[2])
        .max(0.5 * features[3])
        - 0.1 * features[10];
    Likeness { features, related: None, overlap: 0.0, by_name }
}

/// Whether each word of the short name begins with, or leaves letters out of, the word of the long one at the same place.
fn abbreviates(short: &[String], long: &[String]) -> bool {
    let skeleton = |few: &str, many: &str| {
        let mut letters = many.chars();
        few.len() >= 2
            && few.chars().next() == many.chars().next()
            && few.chars().all(|c| letters.any(|other| other == c))
    };
    let word = |few: &String, many: &String| few == many || (few.len() < many.len() && skeleton(few, many));
    let initials =
        short.len() == 1 && long.len() >= 2 && short[0].chars().eq(long.iter().filter_map(|word| word.chars().next()));
    let by_word = !short.is_empty()
        && short.len() == long.len()
        && short != long
        && short.iter().zip(long).all(|(few, many)| word(few, many));
    by_word || initials
}
