//! Text as it is compared: lower case, without accents, with one space between words.

use compact_str::CompactString;

/// Folds case and accents, makes words of what punctuation parts, and joins what an apostrophe parts or dots between initials do.
pub(crate) fn fold(text: &str) -> CompactString {
    let mut folded = CompactString::default();
    // Letters of the word at the end of `folded`; a gap begins the next word.
    let (mut letters, mut gap) = (0, false);
    for character in text.chars() {
        // "J.P. Morgan" is "jp morgan".
        if matches!(character, '\'' | '’' | '`') || (character == '.' && letters == 1) {
            letters = 0;
        } else if character == '&' || character == '+' {
            push_word(&mut folded, "and");
            gap = true;
        } else if character.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push(' ');
                letters = 0;
            }
            gap = false;
            letters += 1;
            match plain(character) {
                Some(plain) => folded.push_str(plain),
                None => folded.extend(character.to_lowercase()),
            }
        } else {
            gap = true;
        }
    }
    folded
}

/// Folds a column's name, of which camel case parts words too.
pub(crate) fn fold_name(name: &str) -> CompactString {
    let mut parted = String::with_capacity(name.len() + 4);
    let mut before = '\0';
    for character in name.chars() {
        if character.is_uppercase() && before.is_lowercase() {
            parted.push(' ');
        }
        parted.push(character);
        before = character;
    }
    fold(&parted)
}

fn push_word(folded: &mut CompactString, word: &str) {
    if !folded.is_empty() {
        folded.push(' ');
    }
    folded.push_str(word);
}

/// Returns the letters that a letter with an accent is written with where it cannot be typed.
fn plain(character: char) -> Option<&'static str> {
    let plain = match character {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' | 'À' | 'Á' | 'Â' | 'Ã' | 'Å' | 'Ā' | 'Ă' | 'Ą' => {
            "a"
        }
        'ä' | 'æ' | 'Ä' | 'Æ' => "ae",
        'ç' | 'ć' | 'č' | 'Ç' | 'Ć' | 'Č' => "c",
        'ď' | 'đ' | 'ð' | 'Ď' | 'Đ' | 'Ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' | 'ė' | 'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ę' | 'Ě' | 'Ė' => {
            "e"
        }
        'ğ' | 'Ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' | 'į' | 'Ì' | 'Í' | 'Î' | 'Ï' | 'Ī' | 'İ' | 'Į' => "i",
        'ł' | 'ľ' | 'ĺ' | 'Ł' | 'Ľ' | 'Ĺ' => "l",
        'ñ' | 'ń' | 'ň' | 'Ñ' | 'Ń' | 'Ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ő' | 'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ō' | 'Ő' => "o",
        'ö' | 'ø' | 'œ' | 'Ö' | 'Ø' | 'Œ' => "oe",
        'ř' | 'ŕ' | 'Ř' | 'Ŕ' => "r",
        'ś' | 'š' | 'ş' | 'ș' | 'Ś' | 'Š' | 'Ş' | 'Ș' => "s",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' | 'Ť' | 'Ţ' | 'Ț' => "t",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' | 'ų' | 'Ù' | 'Ú' | 'Û' | 'Ū' | 'Ů' | 'Ű' | 'Ų' => "u",
        'ü' | 'Ü' => "ue",
        'ý' | 'ÿ' | 'Ý' | 'Ÿ' => "y",
        'ź' | 'ż' | 'ž' | 'Ź' | 'Ż' | 'Ž' => "z",
        _ => return None,
    };
    Some(plain)
}
