//! Agents: what was said of them, what they used, proposed and found; each tenant's for itself.

use super::common::TestStore;
use aos_core::ApiKeyId;
use aos_core::task::NewTask;
use aos_store::{
    Error, FindingFeedback, FindingFilter, FindingState, FindingVerdict, Page, ProposalState, SeenFinding, TenantStore,
};
use chrono::Duration;
use serde_json::json;
use uuid::Uuid;

const PILOT: &str = "revops_pilot";

fn seen(id: Uuid, kind: &str, amount: &str) -> SeenFinding {
    SeenFinding {
        id,
        kind: kind.to_owned(),
        subject: format!("crm/{id}"),
        body: json!({ "title": "a deal" }),
        amount: Some(amount.to_owned()),
        currency: Some("EUR".to_owned()),
        confidence: Some(0.9),
    }
}

async fn open(store: &TenantStore<'_>) -> Vec<(Uuid, Option<String>)> {
    let filter = FindingFilter { state: Some(FindingState::Open), ..FindingFilter::default() };
    let found = store.list_findings(&filter, Page::default()).await.unwrap().items;
    found.into_iter().map(|finding| (finding.id, finding.amount)).collect()
}

#[tokio::test]
async fn a_finding_met_again_is_the_same_and_one_not_met_is_resolved_where_the_look_was_complete() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let store = test.store.tenant(&acme);
    let (deal, gap) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let first = [seen(deal, "stalled_deal", "10.50"), seen(gap, "pipeline_gap", "7")];
    let noted = store.note_findings(PILOT, &["stalled_deal", "pipeline_gap"], &first).await.unwrap();
    assert_eq!((noted.new.len(), noted.again, noted.resolved), (2, 0, 0));
    let other = test.store.tenant(&globex);
    assert!(open(&other).await.is_empty() && other.finding(deal).await.unwrap().is_none());
    assert!(matches!(other.judge_finding(deal, &verdict(None)).await, Err(Error::NotFound(_))));

    // The gap was not looked for to the end, so that nobody knows whether it is still there.
    let second = [seen(deal, "stalled_deal", "12")];
    let noted = store.note_findings(PILOT, &["stalled_deal"], &second).await.unwrap();
    assert_eq!((noted.new.len(), noted.again, noted.resolved), (0, 1, 0));
    assert_eq!(open(&store).await, [(deal, Some("12".to_owned())), (gap, Some("7".to_owned()))]);
    let noted = store.note_findings(PILOT, &["pipeline_gap"], &[]).await.unwrap();
    assert_eq!((noted.resolved, open(&store).await.len()), (1, 1));
    let resolved = store.finding(gap).await.unwrap().unwrap();
    assert_eq!((resolved.state, resolved.resolved_at.is_some()), (FindingState::Resolved, true));
    let noted = store.note_findings(PILOT, &["pipeline_gap"], &[seen(gap, "pipeline_gap", "8")]).await.unwrap();
    assert_eq!(noted.new, [gap], "open again is news");
    assert_eq!(store.count_open_findings(PILOT).await.unwrap(), 2);
}

#[tokio::test]
async fn findings_are_listed_by_what_is_at_stake_page_by_page() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let id = Uuid::from_u128;
    let unknown = |at: u128| SeenFinding { amount: None, currency: None, ..seen(id(at), "stalled_deal", "0") };
    let all = [
        seen(id(1), "stalled_deal", "9.5"),
        unknown(2),
        seen(id(3), "stalled_deal", "1000000000.25"),
        seen(id(4), "stalled_deal", "-3"),
        seen(id(5), "stalled_deal", "1000000000.26"),
        seen(id(6), "stalled_deal", "10"),
        unknown(7),
        seen(id(8), "stalled_deal", "10.00"),
    ];
    store.note_findings(PILOT, &["stalled_deal"], &all).await.unwrap();
    let wanted = [5, 3, 6, 8, 1, 4, 2, 7].map(id);
    for limit in 1..=9 {
        let (mut listed, mut page) = (Vec::new(), Page::first(limit));
        loop {
            let found = store.list_findings(&FindingFilter::default(), page).await.unwrap();
            listed.extend(found.items.into_iter().map(|finding| finding.id));
            let Some(cursor) = found.next_cursor else { break };
            page = Page::after(cursor, limit);
        }
        assert_eq!(listed, wanted, "{limit} at a time");
    }
    let one = Page::after("bm90aGluZw", 1);
    assert!(matches!(store.list_findings(&FindingFilter::default(), one).await, Err(Error::BadCursor)));
}

#[tokio::test]
async fn open_findings_are_summed_up_by_kind_and_currency_and_those_of_another_tenant_are_not_among_them() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let store = test.store.tenant(&acme);
    let id = Uuid::from_u128;
    let all = [
        seen(id(1), "stalled_deal", "10.50"),
        seen(id(2), "stalled_deal", "-0.25"),
        SeenFinding { currency: Some("USD".to_owned()), ..seen(id(3), "stalled_deal", "7") },
        SeenFinding { amount: None, currency: None, ..seen(id(4), "stalled_deal", "0") },
        seen(id(5), "pipeline_gap", "1000000000.25"),
        seen(id(6), "pipeline_gap", "3"),
        seen(id(7), "unqualified_deal", "4"),
    ];
    store.note_findings(PILOT, &["stalled_deal"], &all).await.unwrap();
    store.note_findings(PILOT, &["unqualified_deal"], &[]).await.unwrap();
    let now = test.clock.now();
    store.judge_finding(id(6), &verdict(Some(now + Duration::days(1)))).await.unwrap();

    let mut groups: Vec<_> = store.finding_groups(now).await.unwrap();
    groups.sort_by(|a, b| (&a.kind, &a.currency).cmp(&(&b.kind, &b.currency)));
    let told: Vec<_> = groups
        .iter()
        .map(|group| (group.kind.as_str(), group.currency.as_deref(), group.findings, group.priced, group.amount))
        .collect();
    assert_eq!(
        told,
        [
            ("pipeline_gap", Some("EUR"), 1, 1, Some(1_000_000_000.25)),
            ("stalled_deal", None, 1, 0, None),
            ("stalled_deal", Some("EUR"), 2, 2, Some(10.25)),
            ("stalled_deal", Some("USD"), 1, 1, Some(7.0)),
        ]
    );
    assert_eq!(test.store.tenant(&globex).finding_groups(now).await.unwrap(), []);
}

fn verdict(ignored_until: Option<chrono::DateTime<chrono::Utc>>) -> FindingVerdict {
    FindingVerdict { feedback: Some(FindingFeedback::NotUseful), note: Some("known".to_owned()), ignored_until }
}

#[tokio::test]
async fn what_is_said_of_a_finding_stays_when_it_is_met_again() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let deal = Uuid::from_u128(1);
    store.note_findings(PILOT, &["stalled_deal"], &[seen(deal, "stalled_deal", "1")]).await.unwrap();
    let until = test.clock.now() + Duration::days(1);
    store.judge_finding(deal, &verdict(Some(until))).await.unwrap();
    store.note_findings(PILOT, &["stalled_deal"], &[seen(deal, "stalled_deal", "2")]).await.unwrap();
    let kept = store.finding(deal).await.unwrap().unwrap();
    assert_eq!((kept.feedback, kept.times_seen), (Some(FindingFeedback::NotUseful), 2));
    for (at, shown) in [(test.clock.now(), 0), (until, 1)] {
        let filter = FindingFilter { not_ignored_at: Some(at), ..FindingFilter::default() };
        assert_eq!(store.list_findings(&filter, Page::default()).await.unwrap().items.len(), shown);
    }
    let run = store.add_agent_run(PILOT, test.clock.now(), &json!({ "new": 1 })).await.unwrap();
    assert_eq!(store.list_agent_runs(PILOT, Page::default()).await.unwrap().items[0].id, run);
}

#[tokio::test]
async fn a_budget_is_taken_whole_or_not_at_all_and_comes_back_the_next_day() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let store = test.store.tenant(&acme);
    assert_eq!(store.take_agent_budget("copilot", "rows", 60, 100).await.unwrap(), Some(40));
    assert_eq!(store.take_agent_budget("copilot", "rows", 41, 100).await.unwrap(), None);
    assert_eq!(store.take_agent_budget("copilot", "rows", 101, 100).await.unwrap(), None);
    assert_eq!(store.take_agent_budget("copilot", "rows", 40, 100).await.unwrap(), Some(0));
    assert_eq!(store.take_agent_budget("copilot", "writes", 1, 1).await.unwrap(), Some(0));
    store.give_back_agent_budget("copilot", "rows", 30).await.unwrap();
    let used = vec![("rows".to_owned(), 70), ("writes".to_owned(), 1)];
    assert_eq!(store.agent_usage("copilot").await.unwrap(), used);
    assert_eq!(test.store.tenant(&globex).agent_usage("copilot").await.unwrap(), []);
    test.clock.advance(Duration::days(1));
    assert_eq!(store.take_agent_budget("copilot", "rows", 100, 100).await.unwrap(), Some(0));
}

#[tokio::test]
async fn of_many_at_once_no_more_is_taken_than_there_is() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let taking = (0..20).map(|_| {
        let (store, acme) = (test.store.clone(), acme.clone());
        tokio::spawn(
            async move { store.tenant(&acme).take_agent_budget("copilot", "rows", 1, 7).await.unwrap().is_some() },
        )
    });
    let mut taken = 0;
    for one in taking.collect::<Vec<_>>() {
        taken += usize::from(one.await.unwrap());
    }
    assert_eq!(taken, 7);
}

#[tokio::test]
async fn an_approval_and_its_task_come_together_and_a_proposal_is_decided_once() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let (store, other) = (test.store.tenant(&acme), test.store.tenant(&globex));
    let noop = || NewTask::new("noop", json!({}));
    let proposal = store.propose_act("copilot", &noop(), "to see it").await.unwrap();
    assert_eq!(proposal.state, ProposalState::Open);
    assert!(matches!(other.approve_act(proposal.id, noop()).await, Err(Error::NotFound(_))));
    assert!(matches!(other.reject_act(proposal.id).await, Err(Error::NotFound(_))));
    let approved = store.approve_act(proposal.id, noop()).await.unwrap();
    let task = store.task(aos_core::task::TaskId(approved.task_id.unwrap())).await.unwrap();
    assert!(task.is_some());
    assert!(matches!(store.approve_act(proposal.id, noop()).await, Err(Error::Stale { .. })));
    assert!(matches!(store.reject_act(proposal.id).await, Err(Error::Stale { .. })));
    let stats = store.queue_stats().await.unwrap();
    assert_eq!(stats.waiting, 1, "a refused approval enqueues nothing");
    assert!(other.list_agent_proposals(None, None, Page::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn an_agent_is_found_by_its_key_and_a_key_is_one_agents() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let store = test.store.tenant(&acme);
    let key = ApiKeyId::new();
    store.put_agent("copilot", Some(key), &json!({ "name": "Copilot" })).await.unwrap();
    store.put_agent("copilot", Some(key), &json!({ "name": "Copilot 2" })).await.unwrap();
    assert_eq!(store.agent_of_key(key).await.unwrap().unwrap().body["name"], "Copilot 2");
    assert!(matches!(store.put_agent("other", Some(key), &json!({})).await, Err(Error::Conflict { .. })));
    let foreign = test.store.tenant(&globex);
    assert!(foreign.agent_of_key(key).await.unwrap().is_none() && foreign.list_agents().await.unwrap().is_empty());
    assert!(matches!(foreign.delete_agent("copilot").await, Err(Error::NotFound(_))));
    store.delete_agent("copilot").await.unwrap();
    assert!(store.agent("copilot").await.unwrap().is_none());
}
