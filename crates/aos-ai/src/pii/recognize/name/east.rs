//! Names in Chinese, Japanese and Korean script: behind a word that says whose name it is, or in front of what somebody is addressed with.
//! These scripts write no spaces, so that a word of the text may be a clause.

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::Text;

/// Family names of nine in ten Chinese, in both forms of the script.
const CHINESE: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤張劉陳楊黃趙吳孫馬鄭謝許馮鄧葉蘇呂盧鐘譚陸範賈韋鄒龍顧龔萬錢嚴湯";
/// The same of Koreans.
const KOREAN: &str = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민";
/// What stands in front of a name, at the end of a word.
const LABELS: &[&str] = &[
    "姓名",
    "名字",
    "联系人",
    "聯絡人",
    "收件人",
    "寄件人",
    "客户",
    "患者",
    "员工",
    "氏名",
    "名前",
    "担当者",
    "担当",
    "宛名",
    "이름",
    "성명",
    "고객명",
    "담당자",
    "수신인",
];
/// What somebody is addressed with, behind the name.
const ADDRESSED: &[&str] = &["先生", "女士", "小姐", "様", "さん", "氏", "殿", "님", "씨"];
/// Who is addressed so without a name.
const NO_NAMES: &[&str] = &[
    "得意",
    "取引先",
    "関係者",
    "担当者",
    "会員",
    "保護者",
    "利用者",
    "患者",
    "店長",
    "社長",
    "部長",
    "課長",
    "御中",
    "貴社",
];
/// Characters of a name at most, by script.
const CHINESE_MAX: usize = 3;
const JAPANESE_MAX: usize = 5;
const KOREAN_MAX: usize = 3;
const SCORE: f32 = 0.7;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    for (at, word) in text.words.iter().enumerate().filter(|(_, word)| word.is_unspaced()) {
        let is_labelled = at > 0 && {
            let before = &text.words[at - 1];
            let gap = text.text[before.end()..word.start].trim_matches(' ');
            matches!(gap, ":" | "：") && LABELS.iter().any(|label| before.text.ends_with(label))
        };
        let named = addressed(word.text).or_else(|| labelled(word.text, is_labelled));
        found.extend(named.map(|(start, end)| Found {
            class: Class::PersonName,
            kind: "person_name",
            bytes: word.start + start..word.start + end,
            score: SCORE,
            because: vec!["context"],
        }));
    }
}

/// `田中太郎様`, `我是王小明先生`, `김민수님`
fn addressed(word: &str) -> Option<(usize, usize)> {
    let name = ADDRESSED.iter().find_map(|title| word.strip_suffix(title))?;
    let end = name.len();
    let is_japanese = !word.ends_with(['生', '士', '姐', '님', '씨']);
    if is_japanese {
        // Grammar in front of the name is written in another script.
        let start = name.char_indices().rev().take_while(|(_, c)| is_han(*c)).last()?.0;
        let is_person =
            (2..=JAPANESE_MAX).contains(&name[start..].chars().count()) && !NO_NAMES.contains(&&name[start..]);
        return is_person.then_some((start, end));
    }
    (2..=CHINESE_MAX).rev().find_map(|length| ending(name, length)).map(|start| (start, end))
}

/// Returns where the last characters of a text begin when they are a name: family name first, of one script.
fn ending(text: &str, length: usize) -> Option<usize> {
    let start = text.char_indices().rev().nth(length - 1)?.0;
    is_name(&text[start..]).then_some(start)
}

/// `姓名：王小明`, and `联系人王小明` in one word
fn labelled(word: &str, is_labelled: bool) -> Option<(usize, usize)> {
    if is_labelled && (is_name(word) || (word.chars().count() <= JAPANESE_MAX && word.chars().all(is_han))) {
        return Some((0, word.len()));
    }
    let start = LABELS.iter().filter_map(|label| word.find(label).map(|at| at + label.len())).max()?;
    let name = word[start..].trim_start_matches(['是', '为', '為', '叫']);
    is_name(name).then_some((word.len() - name.len(), word.len()))
}

/// Whether a family name and one or two characters, of one script, are the whole.
fn is_name(text: &str) -> bool {
    let count = text.chars().count();
    let begins = |names: &str| text.chars().next().is_some_and(|first| names.contains(first));
    ((2..=CHINESE_MAX).contains(&count) && begins(CHINESE) && text.chars().all(is_han))
        || ((2..=KOREAN_MAX).contains(&count)
            && begins(KOREAN)
            && text.chars().all(|c| ('\u{ac00}'..='\u{d7af}').contains(&c)))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}
