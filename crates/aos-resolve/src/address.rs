//! The words that addresses abbreviate, written out.

/// Returns the full word of an address's abbreviation, in English, German and French.
pub(crate) fn written_out(word: &str) -> &str {
    match word {
        "st" | "str" => "street",
        "ave" | "av" | "aven" => "avenue",
        "blvd" | "blv" | "boul" | "bvd" => "boulevard",
        "rd" => "road",
        "dr" => "drive",
        "ln" => "lane",
        "pl" => "place",
        "ct" | "crt" => "court",
        "cct" => "circuit",
        "cres" | "cr" => "crescent",
        "hwy" | "hway" => "highway",
        "pkwy" | "pky" => "parkway",
        "sq" => "square",
        "ter" | "tce" | "terr" => "terrace",
        "apt" | "apmt" | "flt" => "apartment",
        "ste" => "suite",
        "fl" | "flr" => "floor",
        "bldg" => "building",
        "rm" => "room",
        "n" => "north",
        "s" => "south",
        "e" => "east",
        "w" => "west",
        "ne" => "northeast",
        "nw" => "northwest",
        "se" => "southeast",
        "sw" => "southwest",
        "mt" => "mount",
        "ft" => "fort",
        "pt" => "point",
        "first" => "1st",
        "second" => "2nd",
        "third" => "3rd",
        "fourth" => "4th",
        "fifth" => "5th",
        "sixth" => "6th",
        "seventh" => "7th",
        "eighth" => "8th",
        "ninth" => "9th",
        "tenth" => "10th",
        word => word,
    }
}

/// What a name ends in that is the form of a company there and may be a word of its own elsewhere.
const LEGAL_ENDINGS: [&str; 13] = [
    "aktiengesellschaft",
    "eg",
    "gesellschaft mbh",
    "gesellschaft mit beschraenkter haftung",
    "private limited",
    "public limited company",
    "sl",
    "sociedad anonima",
    "sociedad limitada",
    "societa per azioni",
    "societe anonyme",
    "sp z oo",
    "ug",
];

/// Returns a folded name without the form of the company, which says nothing about which one it is, unless there is nothing else.
pub(crate) fn without_legal_form(name: &str) -> String {
    let name = LEGAL_ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)?.strip_suffix(' ')).unwrap_or(name);
    let words: Vec<&str> = name.split(' ').filter(|word| !is_legal_form(word)).collect();
    if words.is_empty() { name.to_owned() } else { words.join(" ") }
}

fn is_legal_form(word: &str) -> bool {
    matches!(
        word,
        "inc"
            | "incorporated"
            | "corp"
            | "corporation"
            | "co"
            | "company"
            | "llc"
            | "ltd"
            | "limited"
            | "plc"
            | "llp"
            | "lp"
            | "gmbh"
            | "ag"
            | "kg"
            | "ohg"
            | "mbh"
            | "se"
            | "sa"
            | "sas"
            | "sarl"
            | "bv"
            | "nv"
            | "srl"
            | "spa"
            | "ab"
            | "oy"
            | "as"
            | "aps"
            | "pty"
            | "kk"
            | "kgaa"
            | "pvt"
            | "pte"
            | "spol"
            | "sro"
            | "doo"
            | "ltda"
            | "lda"
            | "zrt"
            | "kft"
            | "the"
    )
}
