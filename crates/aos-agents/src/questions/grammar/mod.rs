//! The grammar: common English questions as plans, without a model.
//!
//! It understands or it refuses. Every reading of a question is looked for, by every entity that it could be about; a reading counts only when it
//! uses every word. With one reading there is a plan, with none or with several there is a refusal that says which word or which choice.

mod beyond;
mod calendar;
mod dated;
mod draft;
mod figure;
mod filter;
mod group;
mod head;
mod noun;
mod polite;
mod presence;
mod ranking;
mod share;
mod slip;
mod tail;
pub mod time;
pub mod token;

use super::lexicon::Lexicon;
use super::plan::{Filter, Plan};
use super::refusal::{Refusal, RefusalCode};
use super::words;
use chrono::NaiveDate;
use std::cell::{Cell, RefCell};
use token::Token;

const WORDS_MAX: usize = 60;
/// Steps in which readings are looked for; a question that needs more is none that people ask.
const STEPS_MAX: usize = 30_000;

/// A question as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub plan: Plan,
    /// Slips of the pen that were seen through, as what has to be minded.
    pub slips: Vec<String>,
}

/// Reads a question as a plan. `today` is what `last month` goes back from.
///
/// # Errors
/// A refusal that names the first word that no reading can use, or the choices where there are several readings.
pub fn read(question: &str, lexicon: &Lexicon, today: NaiveDate) -> Result<Reading, Refusal> {
    let Some(tokens) = token::tokens(question) else {
        return Err(Refusal::new(RefusalCode::NotUnderstood, "the question holds a character that no word has"));
    };
    let mut tokens = polite::without(tokens);
    let slips = slip::corrected(&mut tokens, lexicon);
    if tokens.is_empty() || tokens.len() > WORDS_MAX {
        let reason = format!("a question has between 1 and {WORDS_MAX} words");
        return Err(Refusal::new(RefusalCode::NotUnderstood, reason));
    }
    ranking::place(&tokens)?;
    let search = Search::default();
    let mut plans: Vec<Plan> = Vec::new();
    for entity in lexicon.ontology.entities.keys() {
        let reader =
            Reader { lexicon, tokens: &tokens, today, entity, is_beyond: false, is_loose: false, search: &search };
        for plan in reader.plans() {
            if !plans.contains(&plan) {
                plans.push(plan);
            }
        }
    }
    match plans.as_slice() {
        [plan] => Ok(Reading { plan: plan.clone(), slips }),
        [] if search.refusals.borrow().is_empty() => {
            let why = dead_end(&tokens, lexicon, today).or_else(|| of_nothing(&tokens, lexicon, today));
            Err(why.unwrap_or_else(|| search.refusal(&tokens, lexicon)))
        }
        [] => Err(search.refusal(&tokens, lexicon)),
        several => Err(choice(several)),
    }
}

/// Returns why a question has no answer that can only be read along references which lead nowhere.
fn dead_end(tokens: &[Token], lexicon: &Lexicon, today: NaiveDate) -> Option<Refusal> {
    let search = Search::default();
    for entity in lexicon.ontology.entities.keys() {
        Reader { lexicon, tokens, today, entity, is_beyond: true, is_loose: false, search: &search }.plans();
    }
    search.refusals.into_inner().into_iter().find(|refusal| refusal.code == RefusalCode::NoData)
}

/// Returns what to say of a question that lacks nothing but the records it is about: `average annual revenue by industry`.
fn of_nothing(tokens: &[Token], lexicon: &Lexicon, today: NaiveDate) -> Option<Refusal> {
    let search = Search::default();
    let mut plans: Vec<Plan> = Vec::new();
    for entity in lexicon.ontology.entities.keys() {
        let reader = Reader { lexicon, tokens, today, entity, is_beyond: false, is_loose: true, search: &search };
        plans.extend(reader.plans());
    }
    let reason = "of which records this is asked is not said";
    let readings: Vec<String> = plans.iter().map(words::of_plan).collect();
    (!plans.is_empty())
        .then(|| Refusal::new(RefusalCode::Ambiguous, reason).missing("which records are meant", readings))
}

/// What the search for readings has come upon.
#[derive(Debug, Default)]
struct Search {
    /// How many words the reading that went furthest could use.
    reached: Cell<usize>,
    steps: Cell<usize>,
    /// Why readings that used every word were not taken.
    refusals: RefCell<Vec<Refusal>>,
}

impl Search {
    fn refusal(&self, tokens: &[Token], lexicon: &Lexicon) -> Refusal {
        // What the data does not say, no other words would bring about.
        let refusals = self.refusals.borrow();
        let said = refusals.iter().find(|refusal| refusal.code != RefusalCode::NotUnderstood);
        if let Some(refusal) = said.or(refusals.first()) {
            return refusal.clone();
        }
        // The first word that means nothing at all, or else the first that no reading could use.
        let means_something = |token: &Token| {
            let word = token.folded();
            !token.is_word() || lexicon.knows(word) || function_words().any(|known| known == word)
        };
        let at = tokens.iter().position(|token| !means_something(token)).unwrap_or(self.reached.get());
        let Some(token) = tokens.get(at) else {
            let reason = "what is to be counted, added up or listed is not said";
            return Refusal::new(RefusalCode::NotUnderstood, reason)
                .missing("a measure", ["how many", "total", "average"]);
        };
        if let Some(refusal) = beyond::about(&token.text) {
            return refusal;
        }
        let place = if at == 0 { String::new() } else { format!(" after `{}`", tokens[at - 1].text) };
        let reason = format!("`{}` is not understood{place}", token.text);
        Refusal::new(RefusalCode::NotUnderstood, reason)
            .missing(token.text.as_str(), lexicon.near(&token::key(&token.text)))
    }

    fn refuse(&self, refusal: Refusal) {
        let mut refusals = self.refusals.borrow_mut();
        if !refusals.contains(&refusal) {
            refusals.push(refusal);
        }
    }

    /// Counts a step, and says whether there may be more.
    fn step(&self, at: usize) -> bool {
        self.reached.set(self.reached.get().max(at));
        self.steps.set(self.steps.get() + 1);
        self.steps.get() < STEPS_MAX
    }
}

/// Reads one question as one about one entity.
#[derive(Clone, Copy)]
struct Reader<'a> {
    lexicon: &'a Lexicon,
    tokens: &'a [Token],
    today: NaiveDate,
    entity: &'a str,
    /// Whether references are followed that lead nowhere, to say so.
    is_beyond: bool,
    /// Whether a field alone stands for the records that have it, to say that they are not named.
    is_loose: bool,
    search: &'a Search,
}

/// Where a reading goes on, and what it has found.
type Found<T> = Vec<(usize, T)>;

impl<'a> Reader<'a> {
    fn plans(&self) -> Vec<Plan> {
        let mut plans = Vec::new();
        for (at, draft) in self.heads() {
            for draft in self.tails(at, draft) {
                match self.finish(draft) {
                    Ok(plan) => plans.push(plan),
                    Err(refusal) => self.search.refuse(refusal),
                }
            }
        }
        plans
    }

    fn word(&self, at: usize) -> &'a str {
        match self.tokens.get(at) {
            Some(token) if token.is_word() => token.folded(),
            _ => "",
        }
    }

    /// Returns where the words go on after one of these phrases, the longest that fits.
    fn phrase(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        let fits = |phrase: &str| {
            let mut end = at;
            for word in phrase.split(' ') {
                if self.tokens.get(end)?.folded() != word {
                    return None;
                }
                end += 1;
            }
            Some(end)
        };
        phrases.iter().filter_map(|phrase| fits(phrase)).max()
    }

    /// ... or stays where it is.
    fn skip(&self, at: usize, phrases: &[&str]) -> usize {
        self.phrase(at, phrases).unwrap_or(at)
    }

    fn windows(&self, at: usize, longest: usize) -> impl Iterator<Item = (usize, &'a [Token])> {
        let most = (at + longest).min(self.tokens.len());
        let tokens = self.tokens;
        (at + 1..=most).rev().map(move |end| (end, &tokens[at..end]))
    }
}

/// Whether a question speaks of records, and so of what systems have and not of the things behind it.
pub fn says_records(question: &str) -> bool {
    token::tokens(question).unwrap_or_default().iter().any(|token| noun::RECORDS.contains(&token.folded()))
}

/// Words of questions that name nothing.
fn function_words() -> impl Iterator<Item = &'static str> {
    head::words()
        .chain(tail::words())
        .chain(filter::words())
        .chain(noun::DETERMINERS)
        .flat_map(|phrase| phrase.split(' '))
}

fn choice(plans: &[Plan]) -> Refusal {
    let readings: Vec<String> = plans.iter().map(words::of_plan).collect();
    let reason = format!("it can be meant in {} ways: {}", plans.len(), readings.join(" | "));
    Refusal::new(RefusalCode::Ambiguous, reason).missing("which of them is meant", readings)
}

fn within(filters: &mut [Filter], reference: &str) {
    for filter in filters {
        filter.field = format!("{reference}.{}", filter.field);
    }
}
