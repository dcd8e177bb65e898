//! Whose question is it: by whole words and phrases, never by parts of words. What is said of the certainty is a share of the evidence that
//! was found, and nothing else.

use super::all;
use serde::Serialize;
use utoipa::ToSchema;

/// How much of a text is looked at.
const WORDS_MAX: usize = 2_000;

/// Whose question a text is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PersonaClassification)]
pub struct Classification {
    /// Null when nothing in the text speaks for anybody, or when it speaks for several alike.
    #[schema(required, example = "cro")]
    pub persona: Option<String>,
    /// The persona's share of the evidence: 0.75 when three of four words that speak for somebody speak for it. It is no probability of being
    /// right. Null where there is no persona.
    #[schema(required, minimum = 0, maximum = 1, example = 0.75)]
    pub confidence: Option<f64>,
    /// What spoke for whom, the strongest first.
    pub matched: Vec<Evidence>,
    /// What it came to, in words.
    pub reason: String,
}

/// What speaks for one persona.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonaEvidence)]
pub struct Evidence {
    pub persona: String,
    /// Words that speak for it; a phrase counts once for each of its words.
    pub weight: u32,
    #[schema(example = json!(["pipeline", "win rate"]))]
    pub words: Vec<String>,
}

/// Says whose question a text is.
pub fn classify(text: &str) -> Classification {
    let words = words(text);
    let mut matched: Vec<Evidence> = Vec::new();
    for persona in all() {
        let found: Vec<&String> = persona.words.iter().filter(|phrase| contains(&words, phrase)).collect();
        if !found.is_empty() {
            let weight = found.iter().map(|phrase| phrase.split(' ').count()).sum::<usize>();
            matched.push(Evidence {
                persona: persona.id.clone(),
                weight: u32::try_from(weight).unwrap_or(u32::MAX),
                words: found.into_iter().cloned().collect(),
            });
        }
    }
    matched.sort_by_key(|one| std::cmp::Reverse(one.weight));
    let total: u32 = matched.iter().map(|evidence| evidence.weight).sum();
    let (persona, confidence, reason) = match matched.as_slice() {
        [] => (None, None, "no word in it speaks for any persona".to_owned()),
        [first, second, ..] if first.weight == second.weight => {
            let tied: Vec<&str> = matched
                .iter()
                .take_while(|evidence| evidence.weight == first.weight)
                .map(|evidence| evidence.persona.as_str())
                .collect();
            (None, None, format!("it speaks for {} alike", tied.join(" and ")))
        }
        [first, ..] => {
            let share = f64::from(first.weight) / f64::from(total);
            let reason = format!("{} of {total} words that speak for somebody speak for it", first.weight);
            (Some(first.persona.clone()), Some((share * 1e4).round() / 1e4), reason)
        }
    };
    Classification { persona, confidence, matched, reason }
}

/// Cuts a text into words, in small letters. The sign in "p&l" is part of the word.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '&').filter(|word| !word.is_empty());
    words.take(WORDS_MAX).map(str::to_owned).collect()
}

fn contains(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    words.windows(phrase.len()).any(|window| window.iter().zip(&phrase).all(|(word, wanted)| word == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_whole_only_and_phrases_once_for_each_word() {
        assert_eq!(classify("Is our capital therapist a sapiens?").persona, None, "no api in capital");
        let cro = classify("What is the win rate of the deals in the forecast?");
        assert_eq!(cro.persona.as_deref(), Some("cro"), "{cro:?}");
        assert_eq!(cro.matched[0].weight, 4);
        assert_eq!(classify("P&L by month").persona.as_deref(), Some("cfo"));
    }

    #[test]
    fn a_text_that_speaks_for_nobody_or_for_several_alike_is_nobodys() {
        let nobody = classify("What a lovely day");
        assert_eq!((nobody.persona, nobody.confidence, nobody.matched.len()), (None, None, 0));
        let tie = classify("churn");
        assert_eq!(tie.persona, None);
        assert!(tie.reason.contains("cro") && tie.reason.contains("revops"), "{}", tie.reason);
        let share = classify("idle instances, and the invoice");
        assert_eq!((share.persona.as_deref(), share.confidence), (Some("finops"), Some(0.6667)));
    }
}
