//! Names that are written in another way than given name and family name: the family name first, or initials.

use super::{Named, is_part, joined};
use crate::pii::recognize::organization::is_pair;
use crate::pii::text::Text;
use crate::pii::words::{AMBIGUOUS, COMMON, GIVEN, is_family};

/// Vietnamese family names, with and without their marks; a dozen of them are borne by nine in ten.
const FAMILIES: &[&str] = &[
    "nguyen", "nguyễn", "tran", "trần", "le", "lê", "pham", "phạm", "hoang", "hoàng", "huynh", "huỳnh", "phan", "vu",
    "vũ", "vo", "võ", "dang", "đặng", "bui", "bùi", "do", "đỗ", "ho", "hồ", "ngo", "ngô", "duong", "dương", "ly", "lý",
    "dinh", "đinh", "truong", "trương", "doan", "đoàn",
];
/// Names between the family name and the given one.
const MIDDLES: &[&str] = &[
    "van", "văn", "thi", "thị", "duc", "đức", "huu", "hữu", "ngoc", "ngọc", "minh", "quang", "thanh", "xuan", "xuân",
    "hong", "hồng", "kim", "anh", "tuan", "tuấn", "dinh", "đình", "cong", "công", "quoc", "quốc", "thuy", "thủy",
    "phuong", "phương", "bao", "bảo", "viet", "việt", "gia", "hoang", "hoàng", "manh", "mạnh", "trong", "trọng",
    "khanh", "khánh", "thu", "bich", "bích",
];
/// Ends of names after the father.
const PATRONYMICS: &[&str] = &["ович", "евич", "ична", "овна", "евна", "ovich", "evich", "ovna", "evna"];
/// Letters of a given name at most, which is a syllable.
const SYLLABLE_LETTERS_MAX: usize = 7;

/// `Nguyen Van An`, `Trần Thị Mai`
pub(super) fn vietnamese(text: &Text<'_>, at: usize) -> Option<Named> {
    let is_one = |at: usize, list: &[&str]| {
        text.words.get(at).is_some_and(|word| is_part(text, at) && list.contains(&word.lower()))
    };
    let is_syllable = |at: usize| {
        text.words.get(at).is_some_and(|word| is_part(text, at) && word.text.chars().count() <= SYLLABLE_LETTERS_MAX)
    };
    let stands = |at: usize| joined(text, at) && &text.text[text.words[at - 1].end()..text.words[at].start] == " ";
    let is_name =
        is_one(at, FAMILIES) && is_one(at + 1, MIDDLES) && is_syllable(at + 2) && stands(at + 1) && stands(at + 2);
    is_name.then(|| {
        let is_longer = is_one(at + 2, MIDDLES) && is_syllable(at + 3) && stands(at + 3);
        (at, if is_longer { at + 3 } else { at + 2 }, 0.75, vec!["word_list"])
    })
}

/// `Miller, Jane`, in capitals or where the family name stands first `NAGY Gábor`, and `Иванова Мария Сергеевна`.
pub(super) fn family_first(text: &Text<'_>, at: usize) -> Option<Named> {
    let (word, next) = (&text.words[at], text.words.get(at + 1)?);
    let gap = &text.text[word.end()..next.start];
    let is_given = GIVEN.contains(next.plain()) && is_part(text, at + 1);
    if !is_part(text, at) || !is_given || !matches!(gap, ", " | " ") || COMMON.contains(word.lower()) {
        return None;
    }
    // A family name that no list knows, where both are all that stands in a line or cell.
    let is_whole = || {
        let before = text.text[..word.start].trim_end_matches(' ');
        let behind = text.text[next.end()..].trim_start_matches(' ');
        (before.is_empty() || before.ends_with(['\n', '"', '\t', ';', ':', '|']))
            && (behind.is_empty() || behind.starts_with(['\n', '\r', '"', '\t', ';', '|', '<', '(']))
    };
    // `Jenkins, Ruby on Rails`: of two words that are things as well a list is made.
    let is_ambiguous = AMBIGUOUS.contains(next.lower());
    let is_listed = if gap == ", " { !is_ambiguous || is_whole() } else { !COMMON.contains(next.lower()) };
    let is_known = is_family(word.lower()) && is_listed && !is_pair(word.lower(), next.lower());
    let is_plain = !GIVEN.contains(word.lower()) && !is_ambiguous && word.text.chars().count() > 1;
    let stands_alone = gap == ", " && is_plain && is_whole();
    if !is_known && !stands_alone {
        return None;
    }
    let is_patronymic = |word: &str| PATRONYMICS.iter().any(|ending| word.ends_with(ending));
    let has_patronymic =
        text.words.get(at + 2).is_some_and(|third| joined(text, at + 2) && is_patronymic(third.lower()));
    Some((at, at + 1 + usize::from(has_patronymic), if is_known { 0.65 } else { 0.6 }, vec!["word_list"]))
}

/// `J. K. Rowling`, `R. Castellano`: initials in front of a family name; one alone where a list knows the name.
pub(super) fn initials(text: &Text<'_>, at: usize) -> Option<Named> {
    let is_initial = |at: usize| {
        text.words.get(at).is_some_and(|word| {
            word.text.chars().count() == 1
                && word.text.starts_with(char::is_uppercase)
                && text.text[word.end()..].starts_with('.')
        })
    };
    let stands_free = !text.text[..text.words[at].start].ends_with(['.', '-', '/', '@', '_']);
    if !stands_free || !is_initial(at) {
        return None;
    }
    let mut last = at + 1;
    while is_initial(last) && joined(text, last) && last - at < 3 {
        last += 1;
    }
    let name = text.words.get(last).filter(|_| joined(text, last) && is_part(text, last))?;
    let is_plain = name.text.chars().count() > 2 && !COMMON.contains(name.lower()) && !name.is_all_capitals();
    let is_known = is_family(name.lower());
    // `U. S. Senate`, `E. Coli`
    let is_state = text.words[at].text == "U" && last - at == 2;
    let is_name = is_plain && !is_state && (is_known || last - at > 1);
    is_name.then(|| (at, last, if is_known { 0.65 } else { 0.55 }, vec![if is_known { "word_list" } else { "form" }]))
}
