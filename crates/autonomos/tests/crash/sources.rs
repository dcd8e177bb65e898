//! The files of a tenant: exports that are written anew while they are read, as a nightly job does it.

use rand::Rng;
use rand::rngs::StdRng;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const ACCOUNTS: usize = 60;
const OPPORTUNITIES: usize = 240;
const STAGES: [&str; 5] = ["Prospecting", "Qualification", "Negotiation", "Closed Won", "Closed Lost"];
const INDUSTRIES: [&str; 4] = ["Software", "Energy", "Retail", "Logistics"];

/// Two sources: a CRM with two tables, and a sales tool that knows deals of its own.
pub struct Sources {
    pub folder: PathBuf,
    tenant: usize,
    accounts: Vec<(usize, u32)>,
    opportunities: Vec<(u32, usize)>,
    deals: Vec<(u32, usize)>,
    bad: usize,
}

impl Sources {
    pub const NAMES: [&str; 2] = ["crm", "sales"];

    pub fn new(folder: PathBuf, tenant: usize, random: &mut StdRng) -> Self {
        let mut sources =
            Self { folder, tenant, accounts: Vec::new(), opportunities: Vec::new(), deals: Vec::new(), bad: 0 };
        sources.accounts = (0..ACCOUNTS)
            .map(|_| (random.random_range(0..INDUSTRIES.len()), random.random_range(1000..9_000_000)))
            .collect();
        sources.opportunities = (0..OPPORTUNITIES).map(|_| opportunity(random)).collect();
        sources.deals = (0..OPPORTUNITIES / 2).map(|_| opportunity(random)).collect();
        sources.write();
        sources
    }

    /// Changes some rows, adds some, and adds some that cannot be read.
    pub fn change(&mut self, random: &mut StdRng) {
        for _ in 0..random.random_range(5..30) {
            let at = random.random_range(0..self.opportunities.len());
            self.opportunities[at] = opportunity(random);
            let at = random.random_range(0..self.deals.len());
            self.deals[at] = opportunity(random);
            let at = random.random_range(0..self.accounts.len());
            self.accounts[at].1 = random.random_range(1000..9_000_000);
        }
        for _ in 0..random.random_range(0..20) {
            self.opportunities.push(opportunity(random));
            self.deals.push(opportunity(random));
        }
        self.bad += random.random_range(0..3);
        self.write();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self) {
        let tenant = self.tenant;
        let mut text = String::from("Id,Name,Industry,AnnualRevenue,NumberOfEmployees,CreatedDate\n");
        for (number, (industry, revenue)) in self.accounts.iter().enumerate() {
            let industry = INDUSTRIES[*industry];
            writeln!(
                text,
                "001T{tenant}{number:06}AAA,Account {tenant}-{number},{industry},{revenue}.50,{},2024-01-02T10:00:00Z",
                number + 5
            )
            .expect("text");
        }
        put(&self.path("crm").join("Account.csv"), &text);
        let mut text = String::from("Id,AccountId,Name,Amount,CloseDate,StageName,Probability\n");
        for (number, (amount, stage)) in self.opportunities.iter().enumerate() {
            let (account, day) = (number % self.accounts.len(), number % 28 + 1);
            writeln!(
                text,
                "006T{tenant}{number:06}AAA,001T{tenant}{account:06}AAA,Deal {number},{amount}.25,2025-03-{day:02},{},{}",
                STAGES[*stage],
                stage * 20
            )
            .expect("text");
        }
        for number in 0..self.bad {
            writeln!(text, "006B{tenant}{number:06}AAA,broken,row,1.00,2025-03-01,Prospecting,10,one,two,many")
                .expect("text");
        }
        put(&self.path("crm").join("Opportunity.csv"), &text);
        let mut text = String::from("opportunity_id,name,stage,amount,close_date\n");
        for (number, (amount, stage)) in self.deals.iter().enumerate() {
            let day = number % 28 + 1;
            writeln!(text, "O-{tenant}{number:06},Sale {number},{},{amount}.75,2025-01-{day:02}", STAGES[*stage])
                .expect("text");
        }
        put(&self.path("sales").join("opportunities.csv"), &text);
    }
}

fn opportunity(random: &mut StdRng) -> (u32, usize) {
    (random.random_range(100..900_000), random.random_range(0..STAGES.len()))
}

/// Writes a file under another name first: whoever reads at the same time sees the old one or the new one, whole.
fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let partial = path.with_extension("partial");
    std::fs::write(&partial, text).expect("a file");
    std::fs::rename(&partial, path).expect("a file");
}
