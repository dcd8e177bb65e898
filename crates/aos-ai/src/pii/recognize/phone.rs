//! Telephone numbers: international ones by their country code (ITU-T E.164), national ones by how a country writes them, and bare runs
//! of digits only where a word speaks of a telephone.

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::{Text, digits, separator};

const HINTS: &[&str] = &[
    "phone*",
    "telephone*",
    "tel",
    "telefon*",
    "teléfono",
    "telefono",
    "téléphone",
    "telephon*",
    "telefone",
    "mobile*",
    "mobil*",
    "móvil",
    "movil",
    "cell*",
    "celular",
    "cellulare",
    "portable",
    "handy*",
    "fax",
    "call*",
    "ring",
    "dial",
    "sms",
    "text",
    "whatsapp",
    "signal",
    "hotline",
    "anruf*",
    "rufnummer",
    "durchwahl",
    "erreich*",
    "appelez",
    "appeler",
    "joindre",
    "llame",
    "llamar",
    "llámame",
    "chiama*",
    "ligue",
    "ligar",
    "bel",
    "bellen",
    "telefoon*",
    "gsm",
    "komórka",
    "tlf",
    "puhelin*",
    "contact*",
    "reach*",
    "landline",
    "voicemail",
    "extension",
    "ext",
];
const AGAINST: &[&str] = &[
    "order",
    "invoice",
    "tracking",
    "serial",
    "sku",
    "part",
    "ticket",
    "case",
    "version",
    "build",
    "isbn",
    "imei",
    "model",
    "account",
    "bestellung*",
    "rechnung*",
    "commande",
    "pedido",
    "ordine",
    "sendung*",
    "artikel*",
    "timestamp",
    "epoch",
    "barcode",
    "gtin",
    "ean",
    "coordinates",
    "latitude",
    "longitude",
    "lat",
    "lon",
    "price",
    "total",
    "page",
    "pages",
    "iban",
    "steuer*",
    "tax",
    "siret",
    "siren",
];
/// Country codes of one and of two digits; those of three begin with one of the pairs behind them.
const TWO: &[u32] = &[
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62,
    63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];
const THREE: &[u32] = &[21, 22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50, 59, 67, 68, 69, 80, 85, 87, 88, 96, 97, 99];
const GROUPS_MAX: usize = 9;
const DIGITS_MAX: usize = 15;

/// A run of digits with what separates them, as it stands.
struct Run {
    end: usize,
    digits: Vec<u8>,
    /// Digits in each group.
    groups: Vec<usize>,
    /// What stands between groups, without spaces at its sides.
    signs: Vec<u8>,
    has_parentheses: bool,
}

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let bytes = text.bytes;
    let mut at = 0;
    while at < bytes.len() {
        let begins = match bytes[at] {
            b'+' => bytes.get(at + 1).is_some_and(u8::is_ascii_digit) && (at == 0 || bytes[at - 1] != b'('),
            b'(' => bytes[at + 1..].iter().take(2).any(u8::is_ascii_digit),
            byte if byte.is_ascii_digit() => at == 0 || !bytes[at - 1].is_ascii_digit(),
            _ => false,
        };
        match begins.then(|| phone(text, at)).flatten() {
            Some(phone) => {
                at = phone.bytes.end;
                found.push(phone);
            }
            None => at += 1,
        }
    }
}

fn phone(text: &Text<'_>, start: usize) -> Option<Found> {
    let run = run(text.bytes, start)?;
    let bytes = start..run.end;
    let is_plus = text.bytes[start..].starts_with(b"+") || text.bytes[start..].starts_with(b"(+");
    let whole = start..extension(text.text, run.end);
    if !(7..=DIGITS_MAX).contains(&run.digits.len()) || !text.stands_alone(&whole) {
        return None;
    }
    // The end of a longer number in groups is none.
    let goes_on =
        text.text[..start].strip_suffix(' ').is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()));
    if goes_on && text.bytes[start].is_ascii_digit() {
        return None;
    }
    let alone = if is_plus { international(&run.digits)? } else { written(&run) };
    let mut because = vec!["form"];
    let mut score = alone;
    if text.hints(&bytes, HINTS) {
        because.push("context");
        score = score.max(0.35) + 0.3;
    } else if !is_plus && text.hints(&bytes, AGAINST) {
        score -= 0.35;
    }
    if !is_plus && (run.digits.iter().all(|digit| *digit == run.digits[0]) || is_date(&run)) {
        return None;
    }
    Some(Found { class: Class::Phone, kind: "phone", bytes: whole, score: score.min(0.97), because })
}

/// Reads digits in groups. Between two groups stands one space, or a hyphen, full stop, slash or parenthesis with or without spaces.
fn run(bytes: &[u8], start: usize) -> Option<Run> {
    let mut run = Run { end: start, digits: Vec::new(), groups: vec![0], signs: Vec::new(), has_parentheses: false };
    let mut at = start;
    let mut is_open = false;
    if bytes[at] == b'+' {
        at += 1;
    }
    loop {
        match *bytes.get(at).unwrap_or(&b'\n') {
            digit if digit.is_ascii_digit() => {
                run.digits.push(digit);
                *run.groups.last_mut()? += 1;
                at += 1;
                if !is_open {
                    run.end = at;
                }
                if run.digits.len() > DIGITS_MAX + 3 {
                    return None;
                }
                continue;
            }
            b'(' if !is_open && !run.has_parentheses => {
                is_open = true;
                run.has_parentheses = true;
                // `(+30) 2763 170669`
                at += if at == start && bytes.get(at + 1) == Some(&b'+') { 2 } else { 1 };
                if run.groups.last() != Some(&0) {
                    run.groups.push(0);
                }
                continue;
            }
            b')' if is_open => {
                is_open = false;
                at += 1;
                run.end = at;
            }
            _ if run.digits.is_empty() => return None,
            _ => {}
        }
        let (size, sign) = between(&bytes[at..]);
        let next = bytes.get(at + size).copied().unwrap_or(b'\n');
        let goes_on = next.is_ascii_digit() || (next == b'(' && !run.has_parentheses && run.digits.len() <= 4);
        if !goes_on
            || run.groups.len() == GROUPS_MAX
            || (size == 0 && !matches!(bytes.get(at.wrapping_sub(1)), Some(b')')) && next != b'(')
        {
            break;
        }
        at += size;
        if run.groups.last() != Some(&0) {
            run.groups.push(0);
            run.signs.push(sign);
        }
    }
    if is_open {
        return None;
    }
    run.groups.retain(|group| *group > 0);
    Some(run)
}

/// Returns how many bytes separate two groups, and by which sign.
fn between(bytes: &[u8]) -> (usize, u8) {
    let space = |at: usize| if bytes.get(at) == Some(&b' ') { 1 } else { 0 };
    let before = space(0);
    match bytes.get(before) {
        Some(sign @ (b'-' | b'/')) => (before + 1 + space(before + 1), *sign),
        _ if before == 1 => (1, b' '),
        _ => (separator(bytes), bytes.first().copied().unwrap_or(b' ')),
    }
}

/// Scores a number behind a plus sign; none when its country code or length is nobody's.
fn international(number: &[u8]) -> Option<f32> {
    let pair = digits(number).take(2).fold(0, |pair, digit| pair * 10 + digit);
    let (code, least) = match pair {
        10..=19 => (1, 10),
        70..=79 => (1, 10),
        pair if TWO.contains(&pair) => (2, 7),
        pair if THREE.contains(&pair) => (3, 5),
        _ => return None,
    };
    let national = number.len().saturating_sub(code);
    (national >= least && (code > 1 || national == 10)).then_some(0.9)
}

/// Scores a number by how it is grouped, where nothing around it speaks of a telephone.
fn written(run: &Run) -> f32 {
    let number = run.digits.as_slice();
    let trunk = number[0] == b'0';
    let groups = run.groups.as_slice();
    let is_one_sign = run.signs.windows(2).all(|pair| pair[0] == pair[1]);
    let north_american = |number: &[u8]| {
        number.len() == 10
            && (b'2'..=b'9').contains(&number[0])
            && (b'2'..=b'9').contains(&number[3])
            && number[1..3] != *b"11"
    };
    match groups {
        // A country code behind two zeros.
        [2 | 4 | 5, _, ..] if number.starts_with(b"00") && international(&number[2..]).is_some() => 0.8,
        [_] if number.starts_with(b"00") && international(&number[2..]).is_some() && number.len() >= 12 => 0.4,
        // (212) 555-0123, 212-555-0123, 212.555.0123, 1-800-555-0123
        [3, 3, 4] if run.has_parentheses && north_american(number) => 0.85,
        [3, 3, 4] if north_american(number) && is_one_sign && run.signs != [b' ', b' '] => 0.7,
        [3, 3, 4] if north_american(number) => 0.45,
        [1, 3, 3, 4] if number[0] == b'1' && north_american(&number[1..]) => 0.75,
        // (11) 98765-4321 and (011) 4321-5678
        [2 | 3, 4 | 5, 4] if run.has_parentheses => 0.75,
        // 01 23 45 67 89
        [2, 2, 2, 2, 2] if trunk && is_one_sign && number[1] != b'0' => 0.75,
        // 020 7946 0958, 07700 900123, 0161 496 0000, 030/1234567, 0171 2345678
        [3, 4, 4] | [4, 3, 4] | [5, 6] | [5, 3, 3] if trunk && number[1] != b'0' => 0.65,
        [3..=5, 5..=8] if trunk && number[1] != b'0' && number.len() <= 12 => 0.55,
        [2..=5, 3..=8] if trunk && number[1] != b'0' && run.has_parentheses => 0.7,
        [2, 8] if trunk && number[1] == b'6' => 0.6,
        [2..=5, _, _, ..] if trunk && number[1] != b'0' && number.len() >= 9 => 0.45,
        _ if run.has_parentheses => 0.45,
        [_] => {
            if number.len() >= 9 {
                0.25
            } else {
                0.05
            }
        }
        _ => {
            if number.len() >= 8 {
                0.3
            } else {
                0.2
            }
        }
    }
}

/// Whether the groups are a date, perhaps with a time behind it.
fn is_date(run: &Run) -> bool {
    let mut at = 0;
    let values: Vec<(usize, u32)> = run
        .groups
        .iter()
        .map(|length| {
            let group = &run.digits[at..at + length];
            at += length;
            (*length, digits(group).fold(0, |value: u32, digit| value.saturating_mul(10).saturating_add(digit)))
        })
        .collect();
    let is_year = |(length, value): (usize, u32)| length == 4 && (1900..=2100).contains(&value);
    let is_small = |(length, value): (usize, u32)| length <= 2 && (1..=31).contains(&value);
    match values.as_slice() {
        [a, b, c, ..] => (is_year(*a) && is_small(*b) && is_small(*c)) || (is_small(*a) && is_small(*b) && is_year(*c)),
        [a, b] => is_year(*a) && is_year(*b),
        [(8, value)] => (19_000_101..=21_001_231).contains(value),
        _ => false,
    }
}

/// Returns where an extension such as `ext. 12` or `x12` behind a number ends; the end of the number where there is none.
fn extension(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let trimmed = rest.trim_start_matches([' ', ',']);
    let mark = ["extension", "ext.", "ext", "x"]
        .into_iter()
        .find(|mark| trimmed.get(..mark.len()).is_some_and(|found| found.eq_ignore_ascii_case(mark)));
    let Some(mark) = mark.filter(|_| rest.len() - trimmed.len() <= 2) else { return end };
    let behind = trimmed[mark.len()..].trim_start_matches(' ');
    let length = behind.bytes().take_while(u8::is_ascii_digit).count();
    let goes_on = behind[length..].starts_with(|c: char| c.is_alphanumeric());
    if (1..=6).contains(&length) && !goes_on { end + (rest.len() - behind.len()) + length } else { end }
}
