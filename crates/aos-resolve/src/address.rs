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

/// Returns whether a word is only the form of a company, which says nothing about which one it is.
pub(crate) fn is_legal_form(word: &str) -> bool {
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
            | "the"
    )
}
