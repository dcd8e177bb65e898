//! What an e-mail address says beyond a name: whose domain it is, and whether its local part is only the person's name again.

use crate::normal::Normal;

/// Providers where anybody has an address; a domain of theirs says nothing of whom somebody works for.
const PROVIDERS: [&str; 36] = [
    "126.com",
    "163.com",
    "aol.com",
    "att.net",
    "bigpond.com",
    "bluewin.ch",
    "btinternet.com",
    "comcast.net",
    "duck.com",
    "fastmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "googlemail.com",
    "hey.com",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rediffmail.com",
    "sbcglobal.net",
    "t-online.de",
    "verizon.net",
    "wanadoo.fr",
    "web.de",
    "zoho.com",
];
/// Providers with a domain in each country.
const PROVIDERS_EVERYWHERE: [&str; 6] = ["gmx", "hotmail", "live", "outlook", "yahoo", "yandex"];
/// Local parts that name a desk and no person.
const DESKS: [&str; 16] = [
    "accounting",
    "accounts",
    "admin",
    "billing",
    "contact",
    "hello",
    "help",
    "helpdesk",
    "info",
    "invoices",
    "mail",
    "office",
    "purchasing",
    "sales",
    "service",
    "support",
];
/// Letters of a name that stand for it when it is cut short.
const CUT_MIN: usize = 3;

/// Returns whether anybody can have an address of the domain.
pub fn is_provider(domain: &str) -> bool {
    let first = domain.split('.').next().unwrap_or_default();
    PROVIDERS.contains(&domain) || PROVIDERS_EVERYWHERE.contains(&first)
}

/// Returns whether an address is a desk's and no person's.
pub(crate) fn is_desk(mail: &str) -> bool {
    mail.rsplit_once('@').is_some_and(|(local, _)| DESKS.contains(&plain(local).as_str()))
}

/// The letters and digits of a local part.
pub(crate) fn plain(local: &str) -> String {
    local.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Returns whether a local part says nothing that the names do not: it is made of them, of their initials and beginnings, or names a desk.
pub(crate) fn says_names_only<'n>(local: &str, names: impl Iterator<Item = &'n Normal>) -> bool {
    let local = plain(local);
    if DESKS.contains(&local.as_str()) {
        return true;
    }
    let names: Vec<String> =
        names.flat_map(|name| name.text.split(' ').map(str::to_owned).chain([plain(&name.text)])).collect();
    // Which places of the local part can be reached by names, and whether one of them was whole.
    let mut reached = vec![(false, false); local.len() + 1];
    reached[0] = (true, false);
    for at in 0..local.len() {
        if !reached[at].0 {
            continue;
        }
        let (whole, rest) = (reached[at].1, &local.as_bytes()[at..]);
        for name in &names {
            let shared = rest.iter().zip(name.as_bytes()).take_while(|(a, b)| a == b).count();
            for length in 1..=shared {
                if length == 1 || length >= CUT_MIN {
                    let next = &mut reached[at + length];
                    *next = (true, next.1 || whole || (length == name.len() && length >= CUT_MIN));
                }
            }
        }
    }
    reached[local.len()].1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Class;

    #[test]
    fn a_local_part_of_names_says_nothing_more_than_the_names() {
        let names = ["Ada", "Weatherby-Jones"].map(|name| Normal::of(Class::Person, name).unwrap());
        let only = |local: &str| says_names_only(local, names.iter());
        for local in ["ada.weatherby", "a.weatherby", "weatherbyjones", "ada", "weatherby_ada", "info", "adaw.jones"] {
            assert!(only(local), "{local}");
        }
        for local in ["ada77", "kitty", "bob.smith", "a", "x.weatherby"] {
            assert!(!only(local), "{local}");
        }
    }

    #[test]
    fn providers_are_told_from_firms() {
        assert!(is_provider("gmail.com") && is_provider("yahoo.co.uk") && is_provider("gmx.at"));
        assert!(!is_provider("acme.com") && !is_provider("gmail.acme.com"));
    }
}
