//! `autonomos review`: what waits for a decision, from the command line, on the same store as the server.

use crate::cli::{Cli, ReviewAction, ReviewApproveArgs, ReviewArgs, ReviewListArgs, ReviewRejectArgs, ReviewShowArgs};
use crate::compose::House;
use crate::settings::Settings;
use crate::show::{say, short, table};
use anyhow::Context;
use aos_dcl::TenantDcl;
use aos_dcl::review::{Decided, RehearsalReport};
use aos_mesh::drift::{Chosen, DRIFT, DriftItem};
use aos_store::{Page, Review, ReviewFilter, ReviewOrder, ReviewState};
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;
use uuid::Uuid;

const TITLE_CHARS: usize = 70;
const CELLS_SHOWN: usize = 12;
const VALUE_CHARS: usize = 40;

pub async fn run(cli: &Cli, args: &ReviewArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let scope = house.known_scope(&args.tenant).await?;
    let tenant = house.dcl.tenant(&scope);
    let embedded = settings.database_is_embedded();
    if embedded {
        // A command before this one may have been cut off.
        tenant.finish_remaps().await?;
    }
    match &args.action {
        ReviewAction::List(list) => list_reviews(&tenant, list, args.json).await?,
        ReviewAction::Show(show) => show_review(&tenant, show, args.json).await?,
        ReviewAction::Approve(approve) => approve_reviews(embedded, &tenant, approve, args.json).await?,
        ReviewAction::Reject(reject) => reject_reviews(&tenant, reject, args.json).await?,
        ReviewAction::Undo { id } => {
            let undone = tenant.undo_review(review_id(id)?).await?;
            let said = remapped(embedded, &tenant, &undone).await?;
            print_decided(&undone, args.json, &said)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list_reviews(tenant: &TenantDcl, args: &ReviewListArgs, json: bool) -> anyhow::Result<()> {
    let state: ReviewState = serde_json::from_value(json!(args.state)).with_context(|| {
        format!("`{}` is no state; use open, approved, rejected, undone, expired or superseded", args.state)
    })?;
    let filter = ReviewFilter {
        state: Some(state),
        kind: args.kind.clone(),
        stream: args.stream.clone(),
        order: if state == ReviewState::Open { ReviewOrder::Urgency } else { ReviewOrder::Newest },
        ..ReviewFilter::default()
    };
    let page = tenant.reviews(&filter, Page::first(args.limit)).await?;
    if json {
        say!("{}", serde_json::to_string_pretty(&page.items)?);
        return Ok(());
    }
    let mut out = table(["id", "kind", "severity", "confidence", "title", "since"]);
    for review in &page.items {
        out.add_row([
            review.id.to_string(),
            review.kind.clone(),
            review.severity.clone(),
            review.confidence.map_or_else(String::new, |confidence| format!("{confidence:.2}")),
            short(&review.title, TITLE_CHARS),
            review.created_at.format("%Y-%m-%d %H:%M").to_string(),
        ]);
    }
    say!("{out}");
    let more = if page.next_cursor.is_some() { ", there are more (raise --limit)" } else { "" };
    let count = page.items.len();
    say!("{count} {}{more}", if count == 1 { "item" } else { "items" });
    Ok(())
}

async fn show_review(tenant: &TenantDcl, args: &ReviewShowArgs, json: bool) -> anyhow::Result<()> {
    let (review, comments) = tenant.review(review_id(&args.id)?).await?;
    let item: Option<DriftItem> =
        if review.kind == DRIFT { serde_json::from_value(review.payload.clone()).ok() } else { None };
    let chosen = Chosen { candidate: Some(args.candidate), accept: args.accept, ..Chosen::default() };
    let (mut rehearsal, mut not_tried) = (None, None);
    if item.is_some() && review.state == ReviewState::Open {
        match tenant.rehearse_review(review.id, &chosen, args.records).await {
            Ok(report) => rehearsal = Some(report),
            // What is proposed is shown all the same, with the reason why it fits no more.
            Err(aos_dcl::Error::Mesh(error @ aos_mesh::Error::Edit(_))) => not_tried = Some(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    if json {
        let shown = json!({ "review": review, "comments": comments, "rehearsal": rehearsal, "not_tried": not_tried });
        say!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(());
    }
    print_review(&review, item.as_ref());
    for comment in &comments {
        say!("{} {}: {}", comment.at.format("%Y-%m-%d %H:%M"), comment.author, comment.text);
    }
    if let Some(rehearsal) = &rehearsal {
        print_rehearsal(&rehearsed(item.as_ref(), args), rehearsal);
    }
    if let Some(why) = &not_tried {
        say!("it was not tried: {why}");
    }
    Ok(())
}

fn print_review(review: &Review, item: Option<&DriftItem>) {
    say!("{} {}: {}", review.kind, review.id, review.state.as_str());
    say!("{}", review.title);
    let Some(item) = item else {
        say!("{:#}", review.payload);
        return;
    };
    for change in item.changes.as_array().into_iter().flatten() {
        let word = |name: &str| change[name].as_str().unwrap_or_default();
        say!("  {} {} ({})", word("path"), word("kind").replace('_', " "), word("severity"));
        for evidence in change["evidence"].as_array().into_iter().flatten() {
            say!("    {}", evidence.as_str().unwrap_or_default());
        }
    }
    say!("meanwhile: {}", item.action.as_str().replace('_', " "));
    for (at, one) in item.candidates.iter().enumerate() {
        let to = one.candidate.to.as_deref().map(|to| format!(" to {to}")).unwrap_or_default();
        say!("[{at}] {}{to}, probability {:.2} ({})", one.candidate.repair, one.probability, one.tier);
        for evidence in &one.candidate.evidence {
            say!("    {evidence}");
        }
    }
}

/// Says what was tried.
fn rehearsed(item: Option<&DriftItem>, args: &ReviewShowArgs) -> String {
    let repairs =
        item.and_then(|item| item.candidates.get(args.candidate)).filter(|one| !one.candidate.edits.is_empty());
    match repairs.filter(|_| !args.accept) {
        Some(_) => format!("[{}] on", args.candidate),
        None => "taken as it is, beside what is held, on".to_owned(),
    }
}

fn print_rehearsal(tried: &str, report: &RehearsalReport) {
    let rehearsal = &report.rehearsal;
    say!(
        "{tried} {} raw records: {} of {} rows would change, {} rejected instead of {}",
        rehearsal.records,
        rehearsal.rows_changed,
        rehearsal.rows_after.max(rehearsal.rows_before),
        rehearsal.rejected_after,
        rehearsal.rejected_before
    );
    let mut out = table(["field", "same", "changed", "gained", "lost", "uncastable"]);
    let touched: Vec<_> = rehearsal
        .fields
        .iter()
        .filter(|field| {
            field.changed + field.gained + field.lost > 0 || field.uncastable_after != field.uncastable_before
        })
        .collect();
    for field in &touched {
        out.add_row([
            format!("{}.{}", field.entity, field.field),
            field.same.to_string(),
            field.changed.to_string(),
            field.gained.to_string(),
            field.lost.to_string(),
            format!("{} (was {})", field.uncastable_after, field.uncastable_before),
        ]);
    }
    if !touched.is_empty() {
        say!("{out}");
    }
    let unchanged = rehearsal.fields.len() - touched.len();
    if unchanged > 0 {
        say!("{unchanged} {} would stay as they are", if unchanged == 1 { "other field" } else { "other fields" });
    }
    let value = |value: &Option<serde_json::Value>| match value {
        None => "nothing".to_owned(),
        Some(serde_json::Value::String(text)) => short(text, VALUE_CHARS),
        Some(other) => short(&other.to_string(), VALUE_CHARS),
    };
    for cell in rehearsal.cells.iter().take(CELLS_SHOWN) {
        say!("  {} {}.{}: {} -> {}", cell.record_id, cell.entity, cell.field, value(&cell.before), value(&cell.after));
    }
    if !report.agents.is_empty() {
        say!("views: {}; agents that consume them: {}", report.views.join(", "), report.agents.join(", "));
    }
}

async fn approve_reviews(
    embedded: bool,
    tenant: &TenantDcl,
    args: &ReviewApproveArgs,
    json: bool,
) -> anyhow::Result<()> {
    let chosen = Chosen { candidate: args.candidate, accept: args.accept, ..Chosen::default() };
    let ids = args.ids.iter().map(|id| Ok((review_id(id)?, chosen.clone()))).collect::<anyhow::Result<Vec<_>>>()?;
    let decided = tenant.approve_reviews(ids).await?;
    let said = remapped(embedded, tenant, &decided).await?;
    print_decided(&decided, json, &said)
}

async fn reject_reviews(tenant: &TenantDcl, args: &ReviewRejectArgs, json: bool) -> anyhow::Result<()> {
    let ids = args.ids.iter().map(|id| Ok((review_id(id)?, None))).collect::<anyhow::Result<Vec<_>>>()?;
    let decided = tenant.reject_reviews(ids, args.reason.as_deref()).await?;
    print_decided(&decided, json, &[])
}

/// Maps the affected past anew where no server or worker does it: the embedded store belongs to this process alone.
async fn remapped(embedded: bool, tenant: &TenantDcl, decided: &[Decided]) -> anyhow::Result<Vec<String>> {
    if !embedded {
        return Ok(Vec::new());
    }
    let remaps: BTreeSet<Uuid> = decided.iter().filter_map(|one| one.remap_id).collect();
    let mut said = Vec::with_capacity(remaps.len());
    for remap in remaps {
        let done = tenant.remap(remap, |_| {}).await?;
        said.push(format!("{} raw records mapped anew, {} say something else now", done.records, done.landed));
    }
    Ok(said)
}

fn print_decided(decided: &[Decided], json: bool, said: &[String]) -> anyhow::Result<()> {
    if json {
        say!("{}", serde_json::to_string_pretty(decided)?);
        return Ok(());
    }
    for one in decided {
        match one.version {
            Some(version) => say!("{}: version {version} of the mapping holds", one.review_id),
            None => say!("{}: decided", one.review_id),
        }
    }
    said.iter().for_each(|line| say!("{line}"));
    Ok(())
}

fn review_id(text: &str) -> anyhow::Result<Uuid> {
    text.parse().with_context(|| format!("`{text}` is no id of an item; `autonomos review list` shows them"))
}
