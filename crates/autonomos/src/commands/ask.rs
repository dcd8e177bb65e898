//! `autonomos ask`: a question in words over the tenant's unified views, answered with a receipt or refused.

use crate::cli::{AskArgs, Cli};
use crate::compose::House;
use crate::exit;
use crate::settings::Settings;
use crate::show::{cell, say};
use aos_agents::questions::{Answer, Asked, ModelPlanner, Of, Outcome, Questions, Refusal};
use aos_core::TenantScope;
use chrono::NaiveTime;
use std::io::BufRead;
use std::process::ExitCode;
use std::sync::Arc;

pub async fn run(cli: &Cli, args: &AskArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let scope = house.known_scope(&args.tenant).await?;
    house.dcl.tenant(&scope).refresh_engine().await?;
    let signer = house.audit_signer().await?;
    let questions = Questions::new(house.dcl.clone(), house.store.clone(), house.clock.clone(), signer)
        .with_planner(Arc::new(ModelPlanner::new(house.models.clone(), house.store.clone())));
    let asked = Asked {
        question: args.question.clone(),
        persona: None,
        at: args.as_of.map(|day| day.and_time(NaiveTime::MIN).and_utc()),
        of: args.records.then_some(Of::Records),
    };
    if args.question == "-" {
        return each_line(&questions, &scope, &asked).await;
    }
    match questions.ask(&scope, asked).await? {
        Outcome::Answered(answer) if args.json => say!("{}", serde_json::to_string_pretty(&answer)?),
        Outcome::Answered(answer) => show(&answer),
        Outcome::Refused { refusal, .. } => {
            if args.json {
                say!("{}", serde_json::to_string_pretty(&serde_json::json!({ "refusal": refusal }))?);
            } else {
                show_refusal(&refusal);
            }
            return Ok(ExitCode::from(exit::REFUSED));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn each_line(questions: &Questions, scope: &TenantScope, asked: &Asked) -> anyhow::Result<ExitCode> {
    for line in std::io::stdin().lock().lines() {
        let question = line?;
        if question.trim().is_empty() {
            continue;
        }
        match questions.ask(scope, Asked { question, ..asked.clone() }).await? {
            Outcome::Answered(answer) => say!("{}", serde_json::to_string(&answer)?),
            Outcome::Refused { refusal, .. } => {
                say!("{}", serde_json::json!({ "refusal": refusal }));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(answer: &Answer) {
    say!("{}", answer.answer);
    if answer.rows.len() > 1 || answer.columns.len() > 1 {
        let mut table = crate::show::table([]);
        table.set_header(answer.columns.iter());
        for row in &answer.rows {
            table.add_row(row.iter().map(cell));
        }
        say!("{table}");
    }
    for note in &answer.notes {
        say!("note: {note}");
    }
    say!("from {}", answer.sources.join(", "));
    if let Some(confidence) = answer.weakest_confidence {
        say!("weakest mapping {confidence:.2}; receipt {}", answer.id);
    }
    say!("{}", answer.sql);
}

fn show_refusal(refusal: &Refusal) {
    say!("not answered: {}", refusal.reason);
    for missing in &refusal.missing {
        if missing.near.is_empty() {
            say!("  {}", missing.what);
        } else {
            say!("  {}: {}", missing.what, missing.near.join(" · "));
        }
    }
}
