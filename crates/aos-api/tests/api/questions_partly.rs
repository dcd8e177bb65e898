//! Questions about what only some records say: the number is of those and says so, or there is none.

use aos_store::ComparedPairs;
use aos_testkit::TestApp;
use serde_json::{Value, json};

/// A table of a source: the source, the file and its rows.
type Table<'t> = (&'t str, &'t str, &'t str);

const CRM_DEALS: &str = "opportunity_id,name,stage,amount,currency,close_date,type,created_at\n\
    O1,Alder renewal,Won,100,EUR,2025-03-01,renewal,2025-01-10T00:00:00Z\n\
    O2,Birch pilot,Open,250,EUR,2025-04-01,new_business,2025-02-20T00:00:00Z\n\
    O3,Cedar pilot,Open,300,EUR,2025-05-01,new_business,2025-02-11T00:00:00Z\n\
    O4,Dogwood pilot,Lost,400,EUR,2025-06-01,,2025-02-12T00:00:00Z\n";
/// It states neither type nor age.
const BOOKS_DEALS: &str = "opportunity_id,name,stage,amount,currency,close_date\n\
    P1,Elm renewal,Won,150,EUR,2025-03-09\nP2,Fir renewal,Won,180,EUR,2025-03-11\n";

async fn with(tables: &[Table<'_>]) -> TestApp {
    let app = TestApp::new().await;
    for (source, file, rows) in tables {
        app.acme.create_connection(source, &app.files.source(source, &[(file, rows.as_bytes())])).await;
    }
    app.acme.connect().await;
    app
}

async fn with_deals() -> TestApp {
    with(&[("crm", "opportunity.csv", CRM_DEALS), ("books", "opportunity.csv", BOOKS_DEALS)]).await
}

async fn asked(app: &TestApp, question: &str) -> Value {
    app.acme.post("/nlp/v1/query", &json!({ "query": question })).await.assert_status(200).json()
}

async fn answered(app: &TestApp, question: &str) -> Value {
    let answer = asked(app, question).await;
    assert_eq!(answer["outcome"], "answered", "{question}: {answer}");
    answer
}

async fn refused(app: &TestApp, question: &str, code: &str) -> String {
    let refused = asked(app, question).await;
    assert_eq!(
        (&refused["outcome"], &refused["refusal"]["code"]),
        (&json!("refused"), &json!(code)),
        "{question}: {refused}"
    );
    refused["refusal"]["reason"].as_str().unwrap().to_owned()
}

fn has_note(answer: &Value, words: &str) -> bool {
    answer["notes"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().contains(words))
}

#[tokio::test]
async fn a_word_for_two_figures_is_asked_back_where_some_records_state_only_the_other() {
    let cloud = "cost_id,report_date,service_category,cost,monthly_cost,currency\n\
        L1,2025-01-01T00:00:00Z,Compute,10,12,USD\nL2,2025-02-01T00:00:00Z,Storage,20,24,USD\n";
    let books = "cost_id,report_date,service_category,monthly_cost,currency\n\
        B1,2025-01-01T00:00:00Z,Compute,500,USD\nB2,2025-02-01T00:00:00Z,Storage,700,USD\n";
    let app = with(&[("lake", "cost_report.csv", cloud), ("books", "cost_report.csv", books)]).await;
    let reason = refused(&app, "What is the total cost in USD in 2025?", "ambiguous").await;
    assert!(reason.contains("monthly cost") && reason.contains("2 of the cost report records"), "{reason}");
    refused(&app, "What is the average cost in USD?", "ambiguous").await;
    let lake = answered(&app, "What is the total cost of lake cost reports in USD?").await;
    assert_eq!(lake["rows"], json!([[30]]), "{lake}");
    let monthly = answered(&app, "What is the total monthly cost in USD in 2025?").await;
    assert_eq!(monthly["rows"], json!([[1236]]), "{monthly}");
}

#[tokio::test]
async fn a_rank_and_a_share_are_of_the_records_that_state_it_and_the_sentence_says_so() {
    let app = with_deals().await;
    let newest = answered(&app, "What is the newest opportunity?").await;
    assert_eq!(newest["rows"][0][0], "O2", "{newest}");
    assert!(newest["answer"].as_str().unwrap().contains("of the 4 of 6 that state it"), "{newest}");
    let share = answered(&app, "What percentage of opportunities are new business?").await;
    let cells = share["rows"][0].as_array().unwrap();
    assert_eq!((&cells[1], &cells[2]), (&json!(2), &json!(3)), "of those that say: {share}");
    assert!(share["answer"].as_str().unwrap().contains("where type is known"), "{share}");
    assert!(has_note(&share, "3 of 6 opportunity records state type"), "{share}");
    // Where every source says it, a record without it has none and belongs to the whole.
    let won = answered(&app, "What percentage of opportunities are won?").await;
    assert_eq!((&won["rows"][0][1], &won["rows"][0][2]), (&json!(3), &json!(6)), "{won}");
    let without = answered(&app, "How many opportunities have no type?").await;
    assert_eq!(without["rows"], json!([[3]]), "{without}");
    assert!(has_note(&without, "books (2)"), "{without}");
}

#[tokio::test]
async fn what_none_of_the_chosen_records_says_is_refused() {
    let app = with_deals().await;
    for question in [
        "How many books opportunities are new business?",
        "How many books opportunities were created in 2025?",
        "Number of books opportunities by type",
        "What is the total amount of opportunities with a close date in 2031?",
        "What percentage of opportunities with a close date in 2031 are won?",
    ] {
        refused(&app, question, "no_data").await;
    }
    let won = answered(&app, "How many won opportunities have a close date in 2031?").await;
    assert_eq!(won["rows"], json!([[0]]), "none is a number: {won}");
    assert!(has_note(&won, "newest opportunity record is of 2025-06-01"), "{won}");
}

#[tokio::test]
async fn two_fields_of_which_the_same_records_say_nothing_do_not_hide_each_other() {
    let app = with_deals().await;
    // Books states neither type nor age, and so is left out by both conditions.
    let answer = answered(&app, "How many opportunities with type new_business were created in 2025?").await;
    assert_eq!(answer["rows"], json!([[2]]), "{answer}");
    for (field, stated) in [("type", "3 of the 6"), ("created_at", "3 of the 5")] {
        let of_field = |note: &&Value| note.as_str().unwrap().contains(&format!("state {field}"));
        let note = answer["notes"].as_array().unwrap().iter().find(of_field);
        let note = note.unwrap_or_else(|| panic!("{field}: {answer}")).as_str().unwrap();
        assert!(note.starts_with(stated) && note.contains("books (2)"), "{note}");
    }
    // Only books has such amounts, and it says neither: that none passes is not known.
    let question =
        "How many opportunities with an amount between 140 and 190 and with type renewal were created in 2025?";
    refused(&app, question, "no_data").await;
    // ... and where each record says a part of it at most.
    let plans = "opportunity_id,name,amount,currency\nQ1,Gorse plan,900,EUR\n";
    let chances = "opportunity_id,name,probability\nR1,Hazel plan,50\n";
    let bare = "opportunity_id,name,stage\nS1,Ivy plan,Open\n";
    let app = with(&[
        ("plans", "opportunity.csv", plans),
        ("chances", "opportunity.csv", chances),
        ("bare", "opportunity.csv", bare),
    ])
    .await;
    let question = "How many opportunities have a probability over 90 and an amount over 1000?";
    let reason = refused(&app, question, "no_data").await;
    assert!(reason.contains("amount and probability together"), "{reason}");
}

#[tokio::test]
async fn records_that_are_only_named_are_asked_back_after_what_no_record_says() {
    let app = with_deals().await;
    let reason = refused(&app, "books deals with type renewal", "no_data").await;
    assert!(reason.contains("type"), "{reason}");
    let bare = asked(&app, "won deals").await;
    assert_eq!(bare["refusal"]["code"], "ambiguous", "{bare}");
    assert_eq!(bare["refusal"]["missing"][0]["near"], json!(["how many won deals", "list won deals"]), "{bare}");
    assert_eq!(answered(&app, "how many won deals").await["rows"], json!([[3]]));
}

#[tokio::test]
async fn those_that_share_the_last_place_are_shown_and_that_is_said() {
    let deals =
        "opportunity_id,name,amount,currency\nO1,Alder,9,EUR\nO2,Birch,5,EUR\nO3,Cedar,5,EUR\nO4,Dogwood,1,EUR\n";
    let app = with(&[("crm", "opportunity.csv", deals)]).await;
    let tied = answered(&app, "Top 2 opportunities by amount in EUR").await;
    assert_eq!(tied["rows"].as_array().unwrap().len(), 3, "{tied}");
    assert!(has_note(&tied, "3 are shown and not 2, since 2 have the same amount"), "{tied}");
    let exact = answered(&app, "Top 1 opportunities by amount in EUR").await;
    assert!(!has_note(&exact, "share the last place"), "{exact}");
    assert!(exact["answer"].as_str().unwrap().contains("the highest by amount: O1 (Alder"), "{exact}");
    let reason = refused(&app, "What is the second largest opportunity in EUR?", "not_possible").await;
    assert!(reason.contains("the first 2"), "{reason}");
}

#[tokio::test]
async fn conditions_that_nothing_can_pass_are_refused() {
    let app = with_deals().await;
    let reason = refused(&app, "How many opportunities have an amount between 300 and 200?", "not_possible").await;
    assert!(reason.contains("nothing lies between"), "{reason}");
    let question = "How many opportunities have a close date since 2025-05-01 with a close date before 2025-05-01?";
    refused(&app, question, "not_possible").await;
}

#[tokio::test]
async fn an_answer_names_the_sources_that_it_comes_from_and_no_others() {
    let app = with_deals().await;
    let books = answered(&app, "How many books opportunities are there?").await;
    assert_eq!((&books["rows"], &books["sources"]), (&json!([[2]]), &json!(["books"])), "{books}");
    let versions = books["mapping_versions"].as_array().unwrap();
    assert!(versions.iter().all(|version| version["source"] == "books"), "{books}");
    assert_eq!(answered(&app, "How many opportunities are there?").await["sources"], json!(["books", "crm"]));
    let path = format!("/api/v1/receipts/{}/rerun", books["id"].as_str().unwrap());
    assert_eq!(app.acme.post(&path, &json!({})).await.json()["same"], true);
}

#[tokio::test]
async fn a_resource_that_two_sources_list_counts_in_both_and_that_is_said() {
    let cloud = "resource_id,resource_type,region\ni-1,EC2,eu-west-1\ni-2,EC2,us-east-1\nb-3,S3,us-east-1\n";
    let inventory = "resource_id,resource_type,region\ni-1,EC2,eu-west-1\nb-4,S3,us-east-1\n";
    let app = with(&[("lake", "aws_resource.csv", cloud), ("inventory", "aws_resource.csv", inventory)]).await;
    let all = answered(&app, "How many cloud resources are there?").await;
    assert_eq!(all["rows"], json!([[5]]), "{all}");
    assert!(has_note(&all, "the 5 aws resource records have 4 different values of resource id"), "{all}");
    for question in ["How many S3 resources are there?", "How many lake cloud resources are there?"] {
        let alone = answered(&app, question).await;
        assert!(!has_note(&alone, "different values of resource id"), "{alone}");
    }
}

#[tokio::test]
async fn what_would_follow_references_that_lead_nowhere_says_that() {
    let accounts = "account_id,name,industry\nA1,Alder,Energy\n";
    let tickets = "ticket_id,requester_id,status,created_at\nT1,X1,open,2025-01-01T00:00:00Z\n";
    let app = with(&[("crm", "account.csv", accounts), ("desk", "ticket.csv", tickets)]).await;
    for question in ["Tickets by account industry", "How many tickets of accounts in the Energy industry are there?"] {
        let reason = refused(&app, question, "no_data").await;
        assert!(reason.contains("account that is there"), "{reason}");
    }
    let reason = refused(&app, "How many tickets churned by account industry?", "not_understood").await;
    assert!(reason.contains("churned"), "{reason}");
}

#[tokio::test]
async fn a_comparison_that_joined_nothing_and_left_pairs_open_makes_records_count() {
    let accounts = "account_id,name,website\nA1,Alder,alder.example\nA2,Birch,birch.example\n";
    let app = with(&[("crm", "account.csv", accounts)]).await;
    let scope = app.scope(&app.acme).await;
    let store = app.store.tenant(&scope);
    let head = store.head().await.unwrap();
    for (links, uncertain, of, note) in [
        (0, 7, "records", Some("joined none and left 7 pairs")),
        (1, 7, "golden", Some("7 pairs of account records may be one")),
        (0, 0, "golden", None),
    ] {
        store.note_resolution("account", head, 2, ComparedPairs { links, uncertain }).await.unwrap();
        let answer = answered(&app, "How many accounts are there?").await;
        assert_eq!((&answer["rows"], &answer["plan"]["of"]), (&json!([[2]]), &json!(of)), "{answer}");
        assert_eq!(has_note(&answer, note.unwrap_or("pairs")), note.is_some(), "{answer}");
    }
}
