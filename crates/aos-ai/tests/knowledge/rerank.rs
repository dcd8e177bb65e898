//! The order of a model that reads question and passage together: of the first matches, and never in the way of an answer.

use crate::house::{House, Judge, Meaning, question};
use aos_ai::knowledge::{Question, Weights};

fn judged(judge: &Judge) -> Meaning {
    Meaning { judge: Some(judge.clone()), ..Meaning::new("first") }
}

#[tokio::test]
async fn the_first_matches_come_in_the_order_of_the_model_also_from_behind_what_is_asked_for() {
    let judge = Judge::new("gold");
    let house = House::new(judged(&judge)).await;
    let knowledge = house.tenant("acme").await;
    for at in 0..8 {
        house.add(&knowledge, &format!("{at}.md"), "A train leaves for the sea every hour, on the hour.").await;
    }
    let best = house.add(&knowledge, "best.md", "Much is said here of gold, gold and gold, and once of a train.").await;
    let by_words = Weights { text: 1.0, vectors: 0.0 };
    let asked = Question { top_k: 2, weights: by_words, ..question("train") };
    let plain = house.with(Meaning::new("first")).tenant("acme").await.search(&asked).await.unwrap();
    assert!(plain.matches.iter().all(|found| found.document.id != best), "the searches put it further behind");
    let found = knowledge.search(&asked).await.unwrap();
    assert_eq!((found.matches[0].document.id, found.matches.len()), (best, 2));
    assert_eq!((found.reranked_by.as_deref(), found.matches[0].rerank_score), (Some("judge"), Some(0.03)));
    assert_eq!(plain.reranked_by, None);
    assert_eq!(plain.matches[0].document.id, found.matches[1].document.id, "what is equally good stays in its order");
}

#[tokio::test]
async fn no_more_than_thirty_are_judged() {
    let judge = Judge::new("gold");
    let house = House::new(judged(&judge)).await;
    let knowledge = house.tenant("acme").await;
    for at in 0..40 {
        house.add(&knowledge, &format!("{at}.md"), "A train leaves every hour.").await;
    }
    let found = knowledge.search(&Question { top_k: 40, ..question("train") }).await.unwrap();
    assert_eq!((found.matches.len(), *judge.asked.lock().unwrap()), (40, 30));
    assert!(found.matches[30..].iter().all(|found| found.rerank_score.is_none()));
}

#[tokio::test]
async fn a_model_that_fails_leaves_the_order_and_says_so() {
    let house = House::new(judged(&Judge { fails: true, ..Judge::new("gold") })).await;
    let knowledge = house.tenant("acme").await;
    house.add(&knowledge, "a.md", "A train leaves every hour.").await;
    let found = knowledge.search(&question("train")).await.unwrap();
    assert_eq!((found.matches.len(), found.reranked_by), (1, None));
    assert!(found.note.unwrap().contains("out of order"));
}
