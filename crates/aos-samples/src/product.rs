//! How accounts fare with our product: health scores in Supabase, usage in MongoDB.
//! Both keep the Salesforce id of the account, and a few accounts that Salesforce no longer has.

use crate::clock::{Moment, TODAY};
use crate::random::Rng;
use crate::table::{Table, decimal};
use crate::world::{World, salesforce_id};

const IN_SALESFORCE: usize = 210;
const DEPARTED: usize = 10;

/// One account's months with us; the score follows from the use.
struct Months {
    account_id: String,
    last_login_days: i64,
    sessions: i64,
    minutes: f64,
    features: i64,
    active_users: i64,
    score: f64,
    scored_at: Moment,
}

pub fn tables(world: &World) -> Vec<Table> {
    let months = months(world);
    vec![account_health(&months), account_usage(&months)]
}

fn months(world: &World) -> Vec<Months> {
    let mut rng = Rng::named("product.months");
    let mut ids: Vec<String> =
        world.known(|company| company.salesforce.as_ref()).map(|(_, _, known)| known.id.clone()).collect();
    rng.shuffle(&mut ids);
    ids.truncate(IN_SALESFORCE);
    ids.extend((0..DEPARTED).map(|_| salesforce_id(&mut rng, "001")));
    let mut months: Vec<Months> = ids.into_iter().map(|id| invent(&mut rng, id)).collect();
    months.sort_by(|left, right| left.account_id.cmp(&right.account_id));
    months
}

fn invent(rng: &mut Rng, account_id: String) -> Months {
    let love = rng.normal_in(0.62, 0.22, 0.0, 1.0);
    let last_login_days = ((1.0 - love) * rng.log_normal(12.0, 0.8)) as i64;
    let dormant = love < 0.15;
    let active_users = if dormant { 0 } else { (love * rng.log_normal(22.0, 0.9)) as i64 };
    let sessions = if dormant { 0 } else { active_users * rng.between(3, 14) };
    Months {
        account_id,
        last_login_days: if dormant { last_login_days + 30 } else { last_login_days },
        sessions,
        minutes: if sessions == 0 { 0.0 } else { rng.log_normal(11.0, 0.4) },
        features: (love * 18.0) as i64,
        active_users,
        score: (love * 100.0 + rng.normal() * 4.0).clamp(0.0, 100.0),
        scored_at: TODAY.plus(-rng.between(0, 6)).at(rng.next()),
    }
}

fn account_health(months: &[Months]) -> Table {
    let columns = "id account_id health_score risk_level details last_updated";
    let mut table = Table::new("supabase/account_health.csv", columns);
    for (index, month) in months.iter().enumerate() {
        let (risk, details) = verdict(month);
        let id = format!("h{:04}", index + 1);
        let score = decimal(month.score, 1);
        table.push_row(&[&id, &month.account_id, &score, &risk, &details, &month.scored_at.postgres()]);
    }
    table
}

fn verdict(month: &Months) -> (&'static str, String) {
    match month.score {
        score if score >= 70.0 => ("low", String::new()),
        score if score >= 40.0 => {
            ("medium", format!("{} of 18 features used, last login {} days ago", month.features, month.last_login_days))
        }
        _ if month.active_users == 0 => ("high", "No active users; renewal in doubt.\nCall the sponsor.".to_owned()),
        _ => (
            "high",
            format!("Only {} active users left, \"{} sessions\" in 30 days", month.active_users, month.sessions),
        ),
    }
}

fn account_usage(months: &[Months]) -> Table {
    let columns = "account_id last_login_days sessions_30d avg_session_duration features_used active_users";
    let mut table = Table::new("mongodb/account_usage.csv", columns);
    for month in months {
        table.push_row(&[
            &month.account_id,
            &month.last_login_days,
            &month.sessions,
            &decimal(month.minutes, 1),
            &month.features,
            &month.active_users,
        ]);
    }
    table
}
