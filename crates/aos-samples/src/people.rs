//! The persons of the invented world: a name, a job, an address, in one place so that every system knows the same ones.

use crate::names;
use crate::random::Rng;
use crate::spelling::ascii;

/// A person at a company.
pub struct Person {
    pub company: usize,
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub email: String,
    pub phone: String,
    pub mobile: Option<String>,
    pub title: &'static str,
    pub department: &'static str,
}

impl Person {
    /// Invents a person whose address is none of those `taken` at the company.
    pub fn invent(rng: &mut Rng, company: usize, domain: &str, phone_prefix: &str, taken: &[String]) -> Self {
        let (first_name, last_name, email) = loop {
            let first = *rng.pick(names::FIRST_NAMES);
            let last = *rng.pick(names::LAST_NAMES);
            let email = format!("{}.{}@{domain}", address_part(first), address_part(last));
            if !taken.contains(&email) {
                break (first, last, email);
            }
        };
        let (title, department) = *rng.pick(names::JOBS);
        Self {
            company,
            first_name,
            last_name,
            email,
            phone: format!("{phone_prefix}{:02}", rng.between(0, 99)),
            mobile: rng.chance(0.6).then(|| format!("+1 {} 555 01{:02}", rng.between(212, 989), rng.between(0, 99))),
            title,
            department,
        }
    }

    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// Returns the first name, or its short form where one is common.
    pub fn short_first_name(&self) -> &'static str {
        let short = names::SHORT_NAMES.iter().find(|(long, _)| *long == self.first_name);
        short.map_or(self.first_name, |(_, short)| short)
    }

    /// Writes the e-mail address with capitals, as some systems keep it: Ada.Weatherby@…
    pub fn capitalised_email(&self) -> String {
        let mut start = true;
        let capital = |letter: char| {
            let upper = if start { letter.to_ascii_uppercase() } else { letter };
            start = letter == '.';
            upper
        };
        let (local, domain) = self.email.split_once('@').expect("an invented address has one @");
        format!("{}@{domain}", local.chars().map(capital).collect::<String>())
    }
}

fn address_part(name: &str) -> String {
    ascii(name).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
}
