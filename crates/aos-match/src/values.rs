//! What the values of a column are made of: classes such as e-mail, phone, currency, sales stage, with the share that belongs to each.

use crate::lexicon::{Lexicon, plain};
use aos_core::shape::{ColumnShape, Pattern, ValueKind};

/// More values than this change nothing.
const VALUES_LOOKED_AT: usize = 16;

/// Classes recognised by pattern: a column of one of them cannot be a field that expects another.
const PATTERNS: [(&str, Pattern); 10] = [
    ("email", Pattern::Email),
    ("phone", Pattern::Phone),
    ("url", Pattern::Url),
    ("domain", Pattern::Domain),
    ("currency", Pattern::CurrencyCode),
    ("region", Pattern::AwsRegion),
    ("instance_type", Pattern::AwsInstanceType),
    ("arn", Pattern::AwsArn),
    ("resource_id", Pattern::AwsResourceId),
    ("ip", Pattern::IpAddress),
];

#[derive(Debug, Clone, Default)]
pub(crate) struct ValueProfile {
    /// Class -> share of the values, where it is more than nothing.
    shares: Vec<(&'static str, f64)>,
    /// Whether any value was seen.
    pub seen: bool,
    /// Share of values that look like identifiers.
    pub identifiers: f64,
    /// Telephone numbers as people write them, with a plus, spaces or brackets: no code looks so.
    pub dialled: bool,
}

impl ValueProfile {
    pub fn of(column: &ColumnShape) -> Self {
        let mut profile = Self { seen: !column.samples.is_empty() || column.present > 0, ..Self::default() };
        if !profile.seen {
            return profile;
        }
        for (class, pattern) in PATTERNS {
            profile.add(class, column.follows(pattern));
        }
        profile.add("region", column.follows(Pattern::AwsAvailabilityZone) * 0.8);
        let ids = [
            Pattern::Uuid,
            Pattern::SalesforceId,
            Pattern::Code,
            Pattern::AwsResourceId,
            Pattern::AwsArn,
            Pattern::PaddedDigits,
        ];
        profile.identifiers = ids.into_iter().map(|pattern| column.follows(pattern)).fold(0.0, f64::max);
        let written = column.samples.iter().filter(|text| text.starts_with('+') || text.contains([' ', '('])).count();
        profile.dialled = profile.share("phone") >= 0.8 && written * 2 > column.samples.len();
        if column.kind == ValueKind::Integer {
            profile.identifiers = 1.0;
        }
        if column.kind == ValueKind::String && !column.samples.is_empty() {
            profile.read_texts(&column.samples);
        }
        if column.kind == ValueKind::Boolean {
            profile.add("record_status", 0.5);
        }
        profile
    }

    fn read_texts(&mut self, samples: &[String]) {
        let lexicon = Lexicon::get();
        let texts: Vec<String> =
            samples.iter().filter(|text| !text.is_empty()).take(VALUES_LOOKED_AT).map(|text| plain(text)).collect();
        if texts.is_empty() {
            return;
        }
        // A link to the record itself, in the vendor's own API or in its pages, is nobody's website.
        let host = host_of_most(&texts);
        let is_own = |text: &&String| {
            let on_host = host.is_some_and(|host| text.starts_with(host)) && ends_in_number(text);
            text.starts_with("http") && (text.contains("/api/") || text.contains("/rest/") || on_host)
        };
        let own_links = texts.iter().filter(is_own).count();
        if own_links * 2 > texts.len() {
            self.shares.retain(|(class, _)| *class != "url");
            self.shares.push(("self_link", own_links as f64 / texts.len() as f64));
        }
        let share =
            |holds: &dyn Fn(&str) -> bool| texts.iter().filter(|text| holds(text)).count() as f64 / texts.len() as f64;
        let short = share(&|text| text.len() <= 48);
        let mut counts = [0usize; 32];
        for text in &texts {
            let classes = classes_of(text, lexicon);
            (0..32).filter(|bit| classes & (1 << bit) != 0).for_each(|bit| counts[bit] += 1);
        }
        for (&class, count) in lexicon.value_classes().iter().zip(counts) {
            self.add(class, count as f64 / texts.len() as f64 * short);
        }
        let spaces = |text: &str| text.split_whitespace().count();
        self.add("sentence", share(&|text| spaces(text) >= 3));
        self.add("long_text", share(&|text| text.len() >= 40 && spaces(text) >= 5));
        if self.share("company_suffix") > 0.0 {
            self.add("company", share(&|text| text.contains(' ')) * self.share("company_suffix"));
        }
        let lettered = |text: &str| text.chars().all(|c| c.is_alphabetic() || " .'-".contains(c));
        let capital = samples.iter().take(VALUES_LOOKED_AT).filter(|text| text.starts_with(char::is_uppercase)).count();
        let capital = capital as f64 / texts.len() as f64;
        self.add(
            "person",
            share(&|text| (1..=3).contains(&spaces(text)) && text.len() >= 2 && lettered(text)) * capital.min(1.0),
        );
    }

    fn add(&mut self, class: &'static str, share: f64) {
        if share > 0.0 {
            match self.shares.iter_mut().find(|(known, _)| *known == class) {
                Some((_, known)) => *known = known.max(share),
                None => self.shares.push((class, share)),
            }
        }
    }

    pub fn share(&self, class: &str) -> f64 {
        self.shares.iter().find(|(known, _)| *known == class).map_or(0.0, |(_, share)| *share)
    }

    /// The class whose form is unmistakable and that nearly every value belongs to.
    pub fn unmistakable(&self) -> Option<&'static str> {
        PATTERNS.iter().map(|(class, _)| *class).chain(["self_link"]).find(|class| self.share(class) >= 0.8)
    }
}

/// Returns scheme and host of the links, where different ones all lead to one.
fn host_of_most(texts: &[String]) -> Option<&str> {
    let first = texts.first()?;
    let end = first.match_indices('/').nth(2).map(|(at, _)| at)?;
    let host = &first[..=end];
    let several = texts.iter().any(|text| text != first);
    (several && texts.iter().all(|text| text.starts_with(host))).then_some(host)
}

/// Tells whether a link ends in a number as long as those that vendors give to records.
fn ends_in_number(link: &str) -> bool {
    let last = link.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    last.len() >= 6 && last.bytes().all(|letter| letter.is_ascii_digit())
}

/// Tells whether a class is recognised by its form, so that its absence is telling.
pub(crate) fn has_form(class: &str) -> bool {
    PATTERNS.iter().any(|(known, _)| *known == class)
}

/// The classes of which the text is a value or holds a word or two.
fn classes_of(text: &str, lexicon: &Lexicon) -> u32 {
    let (mut classes, _) = lexicon.value_word(text);
    let mut pair = String::new();
    let mut previous: Option<&str> = None;
    for word in
        text.split(|c: char| c.is_whitespace() || "/,;()-_:".contains(c)).filter(|word| !word.is_empty()).take(24)
    {
        classes |= lexicon.value_word(word).1;
        if let Some(previous) = previous {
            pair.clear();
            pair.push_str(previous);
            pair.push(' ');
            pair.push_str(word);
            classes |= lexicon.value_word(&pair).1;
        }
        previous = Some(word);
    }
    classes
}
