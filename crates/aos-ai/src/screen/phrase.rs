//! What is said to a model, as phrases: words of some groups, in their order, with a few others between them.

use super::{Signal, hidden};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A way of speaking to a model.
struct Phrase {
    reason: &'static str,
    weight: f32,
    /// Each group is words, with spaces between them, of which one has to come; `*` at the end of one stands for any ending.
    groups: &'static [&'static str],
    /// Words that may stand between one group and the next.
    between: usize,
}

const OVERRIDE: &str = "ignore disregard forget override bypass neglect discard skip vergiss vergessen ignoriere ignorieren missachte \
    ignorez oubliez oublie ignora olvida olvide ignorar dimentica negeer vergeet";
const EARLIER: &str = "previous prior above earlier preceding all any your system everything existing bisherigen vorherigen obigen alle \
    deine précédentes toutes vos tes anteriores todas tus precedenti tutte vorige eerdere original initial safety \
    these those";
const RULES: &str = "instruction* prompt* rule rules guideline* directive* direction* command* constraint* restriction* told \
    programming training policies anweisung* regeln vorgaben consignes règles instruccion* reglas istruzioni \
    instructies safeguard* filters guardrail*";
const SHOW: &str = "reveal* print show repeat output display leak dump expose tell give list disclose gib zeige verrate nenne \
    affichez révélez montre* revela muestra imprime mostra toon share return exfiltrate";
const SEND: &str = "send post upload forward transmit exfiltrate email sende schicke envoyez envía envia append submit";

const PHRASES: &[Phrase] = &[
    Phrase { reason: "overrides_instructions", weight: 0.8, groups: &[OVERRIDE, EARLIER, RULES], between: 4 },
    Phrase { reason: "overrides_instructions", weight: 0.75, groups: &[OVERRIDE, RULES, EARLIER], between: 3 },
    Phrase {
        reason: "overrides_instructions",
        weight: 0.7,
        groups: &["do don't never", "follow obey", "your previous the any", RULES],
        between: 2,
    },
    Phrase {
        reason: "overrides_instructions",
        weight: 0.6,
        groups: &["new updated real actual", "instruction* directive*", "follow* below are override*"],
        between: 2,
    },
    Phrase {
        reason: "asks_for_the_prompt",
        weight: 0.72,
        groups: &[
            SHOW,
            "your the den deinen votre tu system hidden initial il el",
            "prompt instructions systemprompt invite systemanweisungen",
        ],
        between: 2,
    },
    Phrase {
        reason: "asks_for_secrets",
        weight: 0.35,
        groups: &[SHOW, "api secret* password* credential* token* clave clé schlüssel passwort* environment access"],
        between: 4,
    },
    Phrase {
        reason: "asks_for_others_data",
        weight: 0.7,
        groups: &[
            "reveal* show list print dump leak export send read return exfiltrate query",
            "other another all every",
            "tenant* organization's customers' company's workspace*",
        ],
        between: 6,
    },
    Phrase {
        reason: "changes_the_role",
        weight: 0.72,
        groups: &[
            "you du vous tú act pretend behave roleplay",
            "are bist êtes eres as to like",
            "dan jailbroken unrestricted unfiltered root admin developer evil superuser ai assistant chatbot model",
        ],
        between: 3,
    },
    Phrase {
        reason: "changes_the_role",
        weight: 0.7,
        groups: &["developer debug god jailbreak admin dan sudo", "mode", "enabled activated on now engaged"],
        between: 1,
    },
    Phrase {
        reason: "without_restrictions",
        weight: 0.45,
        groups: &[
            "without no ohne sans sin",
            "restriction* limitation* filter* censorship einschränkungen restricciones",
        ],
        between: 2,
    },
    Phrase {
        reason: "hides_from_the_user",
        weight: 0.6,
        groups: &[
            "not don't never without nicht pas no",
            "tell telling mention mentioning inform* reveal alert* notify* sage dites digas",
            "user users human anyone it this nutzer l'utilisateur usuario operator",
        ],
        between: 2,
    },
    Phrase {
        reason: "sends_away",
        weight: 0.6,
        groups: &[
            SEND,
            "data list records conversation history contents customers all everything daten secrets keys context answer",
            "http https webhook url",
        ],
        between: 8,
    },
    Phrase {
        reason: "speaks_to_a_model",
        weight: 0.5,
        groups: &[
            "assistant ai llm chatgpt claude gemini copilot model",
            "must should please has needs call execute run you",
            "ignore call execute run reply respond answer output approve delete recommend rate say tool",
        ],
        between: 3,
    },
    Phrase {
        reason: "calls_a_tool",
        weight: 0.5,
        groups: &["call invoke execute use run", "the", "tool function plugin"],
        between: 1,
    },
];

/// What only the transcript of a conversation with a model has.
const MARKS: &[(&str, f32)] = &[
    ("<|im_start|>", 0.85),
    ("<|im_end|>", 0.7),
    ("<|system|>", 0.8),
    ("<|assistant|>", 0.75),
    ("<|user|>", 0.6),
    ("<|endoftext|>", 0.7),
    ("[inst]", 0.7),
    ("[/inst]", 0.6),
    ("<<sys>>", 0.8),
    ("<tool_call", 0.75),
    ("<function_call", 0.75),
    ("<tool_use", 0.75),
    ("\"tool_call", 0.65),
    ("\"function_call\"", 0.65),
    ("\"tool_use\"", 0.6),
    ("<start_of_turn>", 0.75),
    ("### instruction", 0.6),
    ("### system", 0.6),
    ("begin system prompt", 0.7),
    ("end of system prompt", 0.7),
    ("</system>", 0.6),
    ("<system>", 0.6),
    ("\nsystem:", 0.5),
    ("\nassistant:", 0.5),
];
/// The least length of a text in base64 that is looked into, in characters.
const ENCODED_MIN: usize = 40;

/// Groups of all phrases; each is a bit of what is known of a word.
const GROUPS: usize = {
    let (mut groups, mut at) = (0, 0);
    while at < PHRASES.len() {
        groups += PHRASES[at].groups.len();
        at += 1;
    }
    groups
};
const _: () = assert!(GROUPS <= u64::BITS as usize, "a group more than there are bits");

/// What the phrases are made of, turned around: the groups of a word.
struct Lexicon {
    words: HashMap<&'static str, u64>,
    /// What a word begins with that may end in any way, by its first letter.
    beginnings: HashMap<char, Vec<(&'static str, u64)>>,
    /// The bits of each phrase's groups.
    phrases: Vec<(&'static Phrase, Vec<u64>)>,
    /// The groups that begin phrases.
    first: u64,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon = Lexicon { words: HashMap::new(), beginnings: HashMap::new(), phrases: Vec::new(), first: 0 };
    let mut bits = (0..GROUPS).map(|at| 1_u64 << at);
    for phrase in PHRASES {
        let of_phrase: Vec<u64> = bits.by_ref().take(phrase.groups.len()).collect();
        for (group, bit) in phrase.groups.iter().zip(&of_phrase) {
            for word in group.split_whitespace() {
                lexicon.add(word, *bit);
            }
        }
        lexicon.first |= of_phrase.first().copied().unwrap_or_default();
        lexicon.phrases.push((phrase, of_phrase));
    }
    lexicon
});

impl Lexicon {
    fn add(&mut self, word: &'static str, bit: u64) {
        match (word.strip_suffix('*'), word.chars().next()) {
            (Some(beginning), Some(initial)) => {
                self.beginnings.entry(initial).or_default().push((beginning, bit));
            }
            _ => *self.words.entry(word).or_default() |= bit,
        }
    }

    fn groups_of(&self, word: &str) -> u64 {
        let whole = self.words.get(word).copied().unwrap_or_default();
        let beginnings = word.chars().next().and_then(|initial| self.beginnings.get(&initial)).into_iter().flatten();
        beginnings.filter(|(beginning, _)| word.starts_with(beginning)).fold(whole, |groups, (_, bit)| groups | bit)
    }
}

struct Word {
    start: usize,
    end: usize,
    /// The groups that it is in.
    groups: u64,
}

pub(super) fn find(text: &str) -> Vec<Signal> {
    let mut signals = said(text);
    signals.extend(encoded(text));
    signals
}

fn said(text: &str) -> Vec<Signal> {
    let lexicon = &*LEXICON;
    let words = words(text, lexicon);
    let mut signals = Vec::new();
    for at in (0..words.len()).filter(|at| words[*at].groups & lexicon.first != 0) {
        for (phrase, groups) in &lexicon.phrases {
            if let Some(last) = follows(&words, at, groups, phrase.between) {
                signals.push(Signal {
                    bytes: words[at].start..words[last].end,
                    reason: phrase.reason,
                    weight: phrase.weight,
                });
            }
        }
    }
    // Of ASCII only, so that places stay what they are.
    let lower = text.to_ascii_lowercase();
    for (mark, weight) in MARKS {
        let found = lower.match_indices(mark).take(super::SIGNALS_MAX);
        signals.extend(found.map(|(at, mark)| Signal {
            bytes: at..at + mark.len(),
            reason: "forges_a_transcript",
            weight: *weight,
        }));
    }
    signals
}

/// Returns the last word of a phrase of these groups that begins at this word.
fn follows(words: &[Word], at: usize, groups: &[u64], between: usize) -> Option<usize> {
    let is_in = |word: usize, group: u64| words[word].groups & group != 0;
    let (first, rest) = groups.split_first()?;
    is_in(at, *first).then_some(())?;
    let mut last = at;
    for group in rest {
        let end = words.len().min(last + 2 + between);
        last = (last + 1..end).find(|next| is_in(*next, *group))?;
    }
    Some(last)
}

/// Splits into words. Characters that nobody sees part no words and are no part of them.
fn words(text: &str, lexicon: &Lexicon) -> Vec<Word> {
    let mut words = Vec::new();
    let mut lower = String::new();
    let mut place: Option<(usize, usize)> = None;
    // A space after the end, so that the last word ends too.
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        if hidden::is_invisible(character) {
            continue;
        }
        if character.is_alphanumeric() || (matches!(character, '\'' | '’') && place.is_some()) {
            place.get_or_insert((at, at)).1 = at + character.len_utf8();
            lower.extend(if character == '’' { '\'' } else { character }.to_lowercase());
        } else if let Some((start, end)) = place.take() {
            words.push(Word { start, end, groups: lexicon.groups_of(&lower) });
            lower.clear();
        }
    }
    words
}

/// Looks into runs of base64 for the same, one level deep.
fn encoded(text: &str) -> Vec<Signal> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let mut signals = Vec::new();
    let mut start = 0;
    for end in 0..=text.len() {
        if text.as_bytes().get(end).is_some_and(|byte| is_part(*byte)) {
            continue;
        }
        let run = text.get(start..end).unwrap_or_default();
        if run.len() >= ENCODED_MIN {
            let decoded = STANDARD.decode(run).or_else(|_| STANDARD_NO_PAD.decode(run.trim_end_matches('='))).ok();
            let inner = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
            if inner.is_some_and(|inner| !said(&inner).is_empty()) {
                signals.push(Signal { bytes: start..end, reason: "encoded_instructions", weight: 0.85 });
            }
        }
        start = end + 1;
    }
    signals
}
