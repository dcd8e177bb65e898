//! Addresses of Japan and China: the largest part first in their own script, the numbers of block and house first in Latin letters.

use super::follows;
use crate::pii::text::{Text, listed};
use std::ops::Range;

/// Prefectures and large cities, and the country.
const PLACES: &[&str] = &[
    "tokyo",
    "osaka",
    "kyoto",
    "yokohama",
    "nagoya",
    "sapporo",
    "kobe",
    "fukuoka",
    "hiroshima",
    "sendai",
    "saitama",
    "chiba",
    "kawasaki",
    "kanagawa",
    "aichi",
    "hyogo",
    "hokkaido",
    "okinawa",
    "nara",
    "shizuoka",
    "niigata",
    "kumamoto",
    "kagoshima",
    "japan",
];
/// Ends of the names of their parts: ward, city, town, village, prefecture.
const PARTS: &[&str] = &["ku", "shi", "cho", "machi", "mura", "ken", "fu", "gun", "chome", "dori"];
/// What follows a number of a block, a house or a room.
const NUMBERED: &[&str] = &["丁目", "番地", "番", "号", "號", "弄", "栋", "楼", "室"];
/// Words behind the numbers at most.
const WORDS_MAX: usize = 8;

/// `1-2-3 Shibuya, Tokyo`, `2-11-3 Meguro, Meguro-ku, Tokyo 153-0063`
pub(super) fn latin(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let is_block = |at: usize| text.words.get(at).is_some_and(|word| word.is_number() && word.text.len() <= 2);
    let opens = at == 0 || !text.text[..text.words[at].start].ends_with(['-', '.', '/', ':', '_']);
    let is_numbered = (at..at + 3).all(is_block) && (at + 1..at + 3).all(|next| follows(text, next, b"-"));
    if !(opens && is_numbered) {
        return None;
    }
    let (mut last, mut is_placed) = (at + 2, false);
    for next in at + 3..text.words.len().min(at + 3 + WORDS_MAX) {
        let word = &text.words[next];
        let is_part = listed(word.lower(), PARTS) && follows(text, next, b"-");
        if !(is_part || word.is_capitalized() && follows(text, next, b" ,")) {
            break;
        }
        is_placed |= is_part || PLACES.contains(&word.lower());
        last = next;
    }
    // The first word is the neighbourhood: `1-2-3 Tokyo` alone is a score.
    (is_placed && last > at + 3).then(|| (text.words[at].start..text.words[last].end(), 0.7))
}

/// `東京都渋谷区1-2-3`, `北京市海淀区中关村大街27号`: places in one word, and behind it the numbers of block, house and room.
pub(super) fn own_script(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let word = &text.words[at];
    if !word.is_unspaced() {
        return None;
    }
    let large = word.text.find(['都', '道', '府', '県', '省', '市'])?;
    let rest = &word.text[large..];
    let small = large + rest.char_indices().skip(2).find(|(_, c)| "区區市町村郡路街道".contains(*c))?.0;
    // What grammar needs is written in hiragana, which names of places have not.
    let is_hiragana = |c: char| ('\u{3040}'..='\u{309f}').contains(&c);
    if word.text[small..].contains(is_hiragana) {
        return None;
    }
    let start = word.text[..large].rfind(is_hiragana).map_or(0, |at| at + 'は'.len_utf8());
    let (mut end, mut is_numbered) = (word.end(), false);
    for next in text.words[at + 1..].iter().take(WORDS_MAX) {
        let gap = &text.text[end..next.start];
        let mark = NUMBERED.iter().find(|mark| gap.is_empty() && is_numbered && next.text.starts_with(**mark));
        if matches!(gap, "" | "-" | "−" | "ー") && next.is_number() {
            (end, is_numbered) = (next.end(), true);
        } else if let Some(mark) = mark {
            end = next.start + mark.len();
            if mark.len() < next.text.len() {
                break;
            }
        } else {
            break;
        }
    }
    is_numbered.then_some((word.start + start..end, 0.7))
}
