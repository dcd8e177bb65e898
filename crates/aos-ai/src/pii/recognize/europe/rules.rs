//! What a number of `europe.rs` has to fulfil beyond its form. Each is asked only about numbers of its own forms, without separators.

use crate::pii::recognize::check::{
    day_month_year, is_day, is_uniform, last, luhn, mod_11_10, pair, value, weighted, year_month_day,
};
use crate::pii::text::digits;

pub(super) fn gb_nino(number: &[u8]) -> bool {
    let (first, second) = (number[0], number[1]);
    let never: [&[u8]; 7] = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    first.is_ascii_uppercase()
        && !b"DFIQUV".contains(&first)
        && !b"DFIQUVO".contains(&second)
        && !never.contains(&&number[..2])
        && matches!(number[8], b'A'..=b'D')
}

/// Of the first ten digits exactly one comes twice or three times, by the rules of the Bundeszentralamt für Steuern.
pub(super) fn de_tax_id(number: &[u8]) -> bool {
    let times = |digit: u8| number[..10].iter().filter(|found| **found == digit).count();
    let repeated: Vec<usize> = (b'0'..=b'9').map(times).filter(|times| *times > 1).collect();
    number[0] != b'0' && repeated.len() == 1 && repeated[0] <= 3 && mod_11_10(number)
}

/// The letter counts as the two digits of its place in the alphabet, and products as the sum of their digits.
pub(super) fn de_social_insurance(number: &[u8]) -> bool {
    let letter = u32::from(number[8] - b'A') + 1;
    let counted = digits(&number[..8]).chain([letter / 10, letter % 10]).chain(digits(&number[9..11]));
    let products = counted.zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]).map(|(digit, weight)| digit * weight);
    let sum: u32 = products.map(|product| product / 10 + product % 10).sum();
    day_month_year(&number[2..8]) && sum % 10 == last(number)
}

/// ICAO Doc 9303, part 3: weights 7, 3, 1, letters count from 10. Without its check digit nine characters only have to be of the
/// alphabet that German documents use.
pub(super) fn de_id_card(number: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"0123456789CFGHJKLMNPRTVWXYZ";
    let valued = |byte: u8| if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte - b'A') + 10 };
    let sum: u32 =
        number[..9].iter().zip([7, 3, 1].into_iter().cycle()).map(|(byte, weight)| valued(*byte) * weight).sum();
    number[..9].iter().all(|byte| ALPHABET.contains(byte))
        && number[0].is_ascii_uppercase()
        && number[1..9].iter().any(u8::is_ascii_digit)
        && (number.len() == 9 || sum % 10 == last(number))
}

/// The check of EAN-13, behind the number of the country.
pub(super) fn ch_ahv(number: &[u8]) -> bool {
    let sum = weighted(number, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
    number.starts_with(b"756") && (10 - sum % 10) % 10 == last(number)
}

/// The key is 97 minus the remainder by 97; the departments of Corsica, 2A and 2B, count as 19 and 18.
pub(super) fn fr_nir(number: &[u8]) -> bool {
    let mut plain = [0; 15];
    let Some(copied) = number.get(..15) else { return false };
    plain.copy_from_slice(copied);
    match number[6] {
        b'A' if number[5] == b'2' => plain[5..7].copy_from_slice(b"19"),
        b'B' if number[5] == b'2' => plain[5..7].copy_from_slice(b"18"),
        byte if byte.is_ascii_digit() => {}
        _ => return false,
    }
    let month = pair(&plain, 3);
    matches!(number[0], b'1'..=b'4' | b'7' | b'8')
        && matches!(month, 1..=12 | 20..=42 | 50..=99)
        && 97 - value(&plain[..13]) % 97 == value(&plain[13..])
}

const DNI: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

pub(super) fn es_dni(number: &[u8]) -> bool {
    number[8] == DNI[value(&number[..8]) as usize % 23] && !is_uniform(&number[..8])
}

pub(super) fn es_nie(number: &[u8]) -> bool {
    let Some(first) = b"XYZ".iter().position(|letter| *letter == number[0]) else { return false };
    number[8] == DNI[(first * 10_000_000 + value(&number[1..8]) as usize) % 23]
}

/// Ministerial decree of 23 December 1976: values of characters at odd places, and digits that letters stand for where two persons would
/// have the same.
pub(super) fn it_codice_fiscale(number: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let valued = |byte: u8| usize::from(if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A') });
    let sum: u32 = number[..15]
        .iter()
        .enumerate()
        .map(|(at, byte)| match at % 2 {
            0 => ODD.get(valued(*byte)).copied().unwrap_or_default(),
            _ => u32::try_from(valued(*byte)).unwrap_or_default(),
        })
        .sum();
    let is_digit = |byte: &u8| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(byte);
    let places = [6, 7, 9, 10, 12, 13, 14];
    places.iter().all(|at| is_digit(&number[*at]))
        && b"ABCDEHLMPRST".contains(&number[8])
        && u32::from(number[15] - b'A') == sum % 26
}

pub(super) fn nl_bsn(number: &[u8]) -> bool {
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum % 11 == last(number) && !is_uniform(number)
}

/// 97 minus the remainder by 97, with a 2 in front of those born from 2000 on.
pub(super) fn be_national(number: &[u8]) -> bool {
    let (rest, check) = (value(&number[..9]), value(&number[9..]));
    let born = pair(number, 2) <= 12 && pair(number, 4) <= 31;
    born && (97 - rest % 97 == check || 97 - (2_000_000_000 + rest) % 97 == check) && !is_uniform(number)
}

/// The month says the century: 20 more for those born from 2000 on, 80 more for those before 1900.
pub(super) fn pl_pesel(number: &[u8]) -> bool {
    let sum = weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    is_day(pair(number, 4), pair(number, 2) % 20) && (10 - sum % 10) % 10 == last(number) && !is_uniform(number)
}

pub(super) fn pl_id_card(number: &[u8]) -> bool {
    let letters = number[..3].iter().map(|byte| u32::from(byte - b'A') + 10);
    let sum: u32 = letters.zip([7, 3, 1]).map(|(letter, weight)| letter * weight).sum();
    (sum + weighted(&number[4..], &[7, 3, 1, 7, 3])) % 10 == u32::from(number[3] - b'0')
}

/// Every second of the twelve characters is doubled, as Luhn does; letters count from 10.
pub(super) fn pt_citizen_card(number: &[u8]) -> bool {
    let valued = |byte: u8| if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte - b'A') + 10 };
    let doubled = |value: u32| if value * 2 > 9 { value * 2 - 9 } else { value * 2 };
    let sum: u32 = number
        .iter()
        .enumerate()
        .map(|(at, byte)| if at % 2 == 0 { doubled(valued(*byte)) } else { valued(*byte) })
        .sum();
    sum.is_multiple_of(10) && number[9].is_ascii_uppercase()
}

/// The day of a coordination number is 60 higher.
pub(super) fn se_personnummer(number: &[u8]) -> bool {
    let short = &number[number.len() - 10..];
    let centuries = number.len() == 10 || matches!(value(&number[..2]), 18..=20);
    centuries && is_day(pair(short, 4) % 60, pair(short, 2)) && luhn(short)
}

/// The day of a number for those who do not live there is 40 higher.
pub(super) fn no_fnr(number: &[u8]) -> bool {
    let check = |weights: &[u32]| (11 - weighted(number, weights) % 11) % 11;
    is_day(pair(number, 0) % 40, pair(number, 2))
        && check(&[3, 7, 6, 1, 8, 9, 4, 5, 2]) == u32::from(number[9] - b'0')
        && check(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) == last(number)
}

pub(super) fn fi_hetu(number: &[u8]) -> bool {
    // The sign of the century is a letter in the newer form and then part of what was read.
    let (serial, century) = match number.len() {
        11 => (&number[7..10], b"ABCDEFYXWVU".contains(&number[6])),
        _ => (&number[6..9], true),
    };
    let whole = value(&number[..6]) * 1000 + value(serial);
    century
        && day_month_year(number)
        && serial != b"000"
        && number.last() == Some(&b"0123456789ABCDEFHJKLMNPRSTUVWXY"[(whole % 31) as usize])
}

pub(super) fn is_kennitala(number: &[u8]) -> bool {
    let check = (11 - weighted(number, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    is_day(pair(number, 0) % 40, pair(number, 2))
        && check == u32::from(number[8] - b'0')
        && matches!(number[9], b'8' | b'9' | b'0')
}

pub(super) fn ie_ppsn(number: &[u8]) -> bool {
    let second = number.get(8).map_or(0, |byte| if *byte == b'W' { 0 } else { u32::from(byte - b'A') + 1 });
    let sum = weighted(&number[..7], &[8, 7, 6, 5, 4, 3, 2]) + second * 9;
    number[7] == b"WABCDEFGHIJKLMNOPQRSTUV"[sum as usize % 23]
        && number.get(8).is_none_or(|byte| b"ABHWTX".contains(byte))
}

/// Numbers of those born before 1954 have nine digits and no check digit. The month of a woman is 50 higher, and 20 more where a day ran out.
pub(super) fn cz_rodne_cislo(number: &[u8]) -> bool {
    let checks = if number.len() == 10 { value(number).is_multiple_of(11) } else { pair(number, 0) < 54 };
    checks && is_day(pair(number, 4), pair(number, 2) % 50 % 20) && !is_uniform(number)
}

pub(super) fn hu_tax_id(number: &[u8]) -> bool {
    number[0] == b'8' && weighted(number, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == last(number)
}

/// Weights from 1, and from 3 where the remainder is 10.
pub(super) fn baltic(number: &[u8]) -> bool {
    let first = weighted(number, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let check = if first == 10 { weighted(number, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10 } else { first };
    matches!(number[0], b'1'..=b'6') && year_month_day(&number[1..]) && check == last(number)
}

/// Numbers that begin with 32 are given since 2017 and hold no day of birth and no check digit.
pub(super) fn lv_personal_code(number: &[u8]) -> bool {
    let sum = weighted(number, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
    number.starts_with(b"32") || (day_month_year(number) && (1 + sum) % 11 % 10 == last(number))
}
