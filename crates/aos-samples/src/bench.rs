//! The benchmark file: as many opportunities as asked, in one realistic CRM export of twenty columns.
//! Rows are drawn one at a time, so memory does not grow with the count.

use std::io::{self, Write};

use crate::clock::TODAY;
use crate::names::{COMPANY_TRADES, COMPANY_WORDS, STAFF};
use crate::random::Rng;
use crate::sales::{Process, Sale};
use crate::table::cell;

/// The columns of the benchmark file.
pub const BENCH_HEADER: [&str; 20] = [
    "opportunity_id",
    "account_id",
    "contact_id",
    "name",
    "stage",
    "amount",
    "currency",
    "close_date",
    "probability",
    "type",
    "lead_source",
    "forecast_category",
    "description",
    "next_step",
    "owner_id",
    "region",
    "is_closed",
    "competitor",
    "created_at",
    "updated_at",
];

const PROCESS: Process = Process {
    open: &[("Prospecting", 10), ("Qualification", 25), ("Proposal", 60), ("Negotiation", 80)],
    won: "Closed Won",
    lost: "Closed Lost",
};

const TEXTS: &[&str] = &[
    "",
    "",
    "Evaluates two vendors, decision after the budget round",
    "Inbound from the website",
    "Asked for a reference, and a \"sandbox\" for four weeks",
    "Verlängerung mit Zusatzmodul",
    "Renewal with price increase of 3 %",
];

/// Writes `count` opportunities with distinct ids, the same ones every time.
pub fn write_opportunities(count: u64, output: impl Write) -> io::Result<()> {
    let mut rng = Rng::named("bench.opportunities");
    let accounts = (count / 8).max(1) as i64;
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(BENCH_HEADER)?;
    for number in 1..=count {
        writer.write_record(opportunity(&mut rng, number, accounts))?;
    }
    writer.flush()
}

fn opportunity(rng: &mut Rng, number: u64, accounts: i64) -> [String; 20] {
    let sale = Sale::invent(rng, &PROCESS);
    let account = rng.between(1, accounts);
    let company = format!("{} {}", rng.pick(COMPANY_WORDS), rng.pick(COMPANY_TRADES).0);
    let created = sale.created.at(rng.next());
    let updated = sale.changed.min(TODAY).at(rng.next()).max(created);
    [
        format!("006Bx{number:010}"),
        format!("001Bx{account:010}"),
        cell(rng.chance(0.8).then(|| format!("003Bx{:010}", account * 3 + rng.between(0, 2)))),
        sale.title(&company),
        sale.stage.to_owned(),
        sale.amount.to_string(),
        rng.one_of(&["USD", "USD", "EUR", "GBP"]).to_owned(),
        sale.close.iso(),
        sale.probability.to_string(),
        sale.kind.label().to_owned(),
        rng.one_of(&["Web", "Referral", "Trade Show", "Outbound", ""]).to_owned(),
        if sale.is_open() { "Pipeline" } else { "Closed" }.to_owned(),
        rng.one_of(TEXTS).to_owned(),
        rng.one_of(&["Send proposal", "Schedule demo", "Call back", ""]).to_owned(),
        format!("005Bx{:010}", rng.between(1, STAFF.len() as i64 * 12)),
        rng.one_of(&["EMEA", "AMER", "APAC"]).to_owned(),
        (!sale.is_open()).to_string(),
        rng.one_of(&["", "", "Gridloom", "Datenwerk One"]).to_owned(),
        created.iso(),
        updated.iso(),
    ]
}
