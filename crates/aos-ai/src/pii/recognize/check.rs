//! Check digits that several numbers share. Numbers are ASCII digits unless a function says otherwise.

use crate::pii::text::digits;

/// The check of Luhn (ISO/IEC 7812-1, annex B): every second digit from the right is doubled, and the sum of all digits ends in 0.
pub(super) fn luhn(number: &[u8]) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 =
        digits(number).rev().enumerate().map(|(at, digit)| if at % 2 == 1 { doubled(digit) } else { digit }).sum();
    sum.is_multiple_of(10)
}

/// The sum of products with weights, digit by digit; what has no weight does not count.
pub(super) fn weighted(number: &[u8], weights: &[u32]) -> u32 {
    digits(number).zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// The number as such, of at most 18 digits.
pub(super) fn value(number: &[u8]) -> u64 {
    digits(number).fold(0, |value, digit| value * 10 + u64::from(digit))
}

/// The last digit, which checks the others in most numbers.
pub(super) fn last(number: &[u8]) -> u32 {
    number.last().map_or(0, |byte| u32::from(byte.wrapping_sub(b'0')))
}

/// The remainder by 97 of a text in which A counts as 10 and Z as 35 (ISO/IEC 7064, as IBANs use it).
pub(super) fn mod_97(characters: impl Iterator<Item = u8>) -> u32 {
    characters.fold(0, |rest, byte| {
        if byte.is_ascii_digit() {
            (rest * 10 + u32::from(byte - b'0')) % 97
        } else {
            (rest * 100 + u32::from(byte - b'A') + 10) % 97
        }
    })
}

/// ISO/IEC 7064 mod 11,10, as the German tax id and the Croatian OIB use it: whether the last digit checks the others.
pub(super) fn mod_11_10(number: &[u8]) -> bool {
    let Some((check, rest)) = number.split_last() else { return false };
    let product = digits(rest).fold(10, |product, digit| {
        let sum = match (digit + product) % 10 {
            0 => 10,
            sum => sum,
        };
        2 * sum % 11
    });
    (11 - product) % 10 == u32::from(check.wrapping_sub(b'0'))
}

/// The check of Verhoeff, as Aadhaar numbers use it: multiplication in the dihedral group of order 10.
pub(super) fn verhoeff(number: &[u8]) -> bool {
    const PERMUTATION: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |digit: u32, times: usize| (0..times % 8).fold(digit, |digit, _| PERMUTATION[digit as usize % 10]);
    let product = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    digits(number).rev().enumerate().fold(0, |check, (at, digit)| product(check, permuted(digit, at))) == 0
}

/// Whether day and month exist, a leap day in any year.
pub(super) fn is_day(day: u32, month: u32) -> bool {
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Two digits as a number.
pub(super) fn pair(number: &[u8], at: usize) -> u32 {
    number.get(at..at + 2).map_or(0, |pair| digits(pair).fold(0, |value, digit| value * 10 + digit))
}

/// Whether six digits are year, month and day.
pub(super) fn year_month_day(number: &[u8]) -> bool {
    is_day(pair(number, 4), pair(number, 2))
}

/// Whether six digits are day, month and year.
pub(super) fn day_month_year(number: &[u8]) -> bool {
    is_day(pair(number, 0), pair(number, 2))
}

/// Whether all digits are the same, which no issuer gives out and everybody types to fill a form.
pub(super) fn is_uniform(number: &[u8]) -> bool {
    number.windows(2).all(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_check_and_a_changed_digit_does_not() {
        assert!(
            luhn(b"79927398713") && !luhn(b"79927398714"),
            "the example of Luhn's check in ISO/IEC 7812-1's literature"
        );
        assert!(verhoeff(b"2363") && !verhoeff(b"2364"), "the example of Verhoeff's check: 236 has the digit 3");
        assert!(mod_11_10(b"86095742719") && !mod_11_10(b"86095742710"));
        assert_eq!(mod_97(b"WEST12345698765432GB82".iter().copied()), 1, "the example of the IBAN registry");
    }

    proptest::proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(number in "[0-9]{11}", at in 0_usize..11, other in 1_u8..10) {
            let mut wrong = number.clone().into_bytes();
            wrong[at] = b'0' + (wrong[at] - b'0' + other) % 10;
            for check in [luhn, verhoeff, mod_11_10] {
                proptest::prop_assert!(!(check(number.as_bytes()) && check(&wrong)));
            }
        }
    }
}
