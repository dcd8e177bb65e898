//! What a number of `world.rs` has to fulfil beyond its form. Each is asked only about numbers of its own forms, without separators.

use crate::pii::recognize::check::{day_month_year, is_day, is_uniform, last, pair, value, weighted, year_month_day};
use crate::pii::text::digits;

pub(super) fn any(_: &[u8]) -> bool {
    true
}

pub(super) fn not_uniform(number: &[u8]) -> bool {
    !is_uniform(number)
}

/// The Social Security Administration's rules of areas, groups and serials that are never given, and two numbers of advertisements.
pub(super) fn us_ssn(number: &[u8]) -> bool {
    let (area, group, serial) = (value(&number[..3]), value(&number[3..5]), value(&number[5..]));
    !matches!(area, 0 | 666 | 900..)
        && group != 0
        && serial != 0
        && !matches!(number, b"078051120" | b"219099999" | b"123456789")
        && !is_uniform(number)
}

/// The Internal Revenue Service's ranges of the fourth and fifth digit.
pub(super) fn us_itin(number: &[u8]) -> bool {
    number[0] == b'9' && matches!(value(&number[3..5]), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// The format of the Centers for Medicare & Medicaid Services: no number holds S, L, O, I, B or Z.
pub(super) fn us_mbi(number: &[u8]) -> bool {
    number[0] != b'0' && !number.iter().any(|byte| b"SLOIBZ".contains(byte))
}

pub(super) fn mx_curp(number: &[u8]) -> bool {
    // The letter behind N counts as the one before O does in Spanish: Ñ has a place of its own.
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMN\0OPQRSTUVWXYZ";
    let valued = |byte: u8| ALPHABET.iter().position(|known| *known == byte).unwrap_or_default();
    let sum: usize = number[..17].iter().enumerate().map(|(at, byte)| valued(*byte) * (18 - at)).sum();
    let check = (10 - sum % 10) % 10;
    year_month_day(&number[4..10])
        && matches!(number[10], b'H' | b'M' | b'X')
        && check == usize::from(number[17] - b'0')
}

pub(super) fn br_cpf(number: &[u8]) -> bool {
    let check = |weights: &[u32]| match weighted(number, weights) % 11 {
        rest @ 2.. => 11 - rest,
        _ => 0,
    };
    !is_uniform(number)
        && check(&[10, 9, 8, 7, 6, 5, 4, 3, 2]) == u32::from(number[9] - b'0')
        && check(&[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) == last(number)
}

pub(super) fn br_cnpj(number: &[u8]) -> bool {
    let check = |weights: &[u32]| match weighted(number, weights) % 11 {
        rest @ 2.. => 11 - rest,
        _ => 0,
    };
    !is_uniform(number)
        && check(&[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) == u32::from(number[12] - b'0')
        && check(&[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) == last(number)
}

/// The Australian Taxation Office's check: one less in the first place, and a weighted sum that 89 divides.
pub(super) fn au_abn(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 11] = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
    number[0] != b'0' && (weighted(number, &WEIGHTS) - WEIGHTS[0]).is_multiple_of(89)
}

pub(super) fn ru_snils(number: &[u8]) -> bool {
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    u64::from(sum % 101 % 100) == value(&number[9..])
}

/// Of a person: two check digits.
pub(super) fn ru_inn(number: &[u8]) -> bool {
    let check = |weights: &[u32]| weighted(number, weights) % 11 % 10;
    check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == u32::from(number[10] - b'0')
        && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == last(number)
        && !is_uniform(number)
}

pub(super) fn cl_rut(number: &[u8]) -> bool {
    let Some((check, rest)) = number.split_last() else { return false };
    let sum: u32 =
        digits(rest).rev().zip([2, 3, 4, 5, 6, 7].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    *check == b"0K987654321"[sum as usize % 11] && !is_uniform(rest)
}

pub(super) fn ar_cuil(number: &[u8]) -> bool {
    let check = match 11 - weighted(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
        11 => 0,
        10 => 9,
        check => check,
    };
    matches!(value(&number[..2]), 20 | 23 | 24 | 25 | 26 | 27) && check == last(number)
}

/// GB 11643: ISO/IEC 7064 mod 11-2 over 17 digits, and a day of birth.
pub(super) fn cn_resident_id(number: &[u8]) -> bool {
    let sum = weighted(&number[..17], &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    matches!(value(&number[6..10]), 1880..=2099)
        && is_day(pair(number, 12), pair(number, 10))
        && number[17] == b"10X98765432"[sum as usize % 11]
}

/// Numbers since October 2020 have no check digit any more, so that date, century and sex are what can be looked at.
pub(super) fn kr_rrn(number: &[u8]) -> bool {
    year_month_day(number) && matches!(number[6], b'1'..=b'8') && !is_uniform(&number[6..])
}

pub(super) fn jp_my_number(number: &[u8]) -> bool {
    let rest = weighted(number, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    last(number) == if rest <= 1 { 0 } else { 11 - rest } && !is_uniform(number)
}

pub(super) fn sg_nric(number: &[u8]) -> bool {
    let sum = weighted(&number[1..8], &[2, 7, 6, 5, 4, 3, 2]) as usize;
    let (offset, letters) = match number[0] {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"KLJNPQRTUWX"),
        _ => return false,
    };
    number[8] == letters[(sum + offset) % 11]
}

pub(super) fn tw_id(number: &[u8]) -> bool {
    let Some(letter) = b"ABCDEFGHJKLMNPQRSTUVXYWZIO".iter().position(|letter| *letter == number[0]) else {
        return false;
    };
    let letter = u32::try_from(letter).unwrap_or_default() + 10;
    let sum = letter / 10 + letter % 10 * 9 + weighted(&number[1..], &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    matches!(number[1], b'1' | b'2' | b'8' | b'9') && sum.is_multiple_of(10)
}

pub(super) fn hk_id(number: &[u8]) -> bool {
    let letter = u32::from(number[0] - b'A') + 10;
    let sum = 36 * 9 + letter * 8 + weighted(&number[1..7], &[7, 6, 5, 4, 3, 2]);
    number[7] == b"0A987654321"[sum as usize % 11]
}

pub(super) fn tr_tckn(number: &[u8]) -> bool {
    let odd: u32 = digits(number).step_by(2).take(5).sum();
    let even: u32 = digits(number).skip(1).step_by(2).take(4).sum();
    let first_ten: u32 = digits(number).take(10).sum();
    number[0] != b'0' && (odd * 7 + 100 - even) % 10 == u32::from(number[9] - b'0') && first_ten % 10 == last(number)
}

/// The day of birth of a woman is 40 higher.
pub(super) fn id_nik(number: &[u8]) -> bool {
    let born = &number[6..12];
    day_month_year(born) || is_day(pair(born, 0).saturating_sub(40), pair(born, 2))
}
