//! The cloud estate of the invented world: resources with what they are, do and cost.
//! Snowflake, the legacy database and the replay files describe parts of the same estate.

use crate::clock::{Moment, TODAY};
use crate::random::Rng;
use crate::table::Money;

/// How many resources of each kind there are.
const COUNTS: &[(Kind, usize)] = &[(Kind::Ec2, 150), (Kind::Rds, 75), (Kind::S3, 90), (Kind::Alb, 45)];

/// The share of the estate that Snowflake knows, and the share the legacy database knows; they overlap.
const IN_WAREHOUSE: std::ops::Range<usize> = 0..240;
const IN_LEGACY: std::ops::Range<usize> = 140..360;

/// AWS account numbers; the first starts with a zero that must survive.
pub const ACCOUNTS: &[&str] = &["031877264410", "210458837391", "558104927716", "774920186653"];

const REGIONS: &[&str] = &["us-east-1", "us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2"];
const ENVIRONMENTS: &[&str] = &["production", "production", "staging", "development"];
const APPS: &[&str] =
    &["orders", "billing", "search", "catalog", "identity", "reports", "ingest", "mail", "ledger", "media"];

/// Instance type, virtual processors, memory in GB, price per month.
const MACHINES: &[(&str, i64, f64, f64)] = &[
    ("t3.micro", 2, 1.0, 7.59),
    ("t3.medium", 2, 4.0, 30.37),
    ("m5.large", 2, 8.0, 70.08),
    ("m5.xlarge", 4, 16.0, 140.16),
    ("c5.2xlarge", 8, 16.0, 248.2),
    ("r5.xlarge", 4, 32.0, 183.96),
    ("m6i.4xlarge", 16, 64.0, 560.64),
];

const DATABASES: &[(&str, i64, f64, f64)] = &[
    ("db.t3.medium", 2, 4.0, 52.56),
    ("db.m5.large", 2, 8.0, 130.67),
    ("db.r5.xlarge", 4, 32.0, 365.0),
    ("db.r5.2xlarge", 8, 64.0, 730.0),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ec2,
    Rds,
    S3,
    Alb,
}

impl Kind {
    pub fn short(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2",
            Self::Rds => "RDS",
            Self::S3 => "S3",
            Self::Alb => "ALB",
        }
    }

    pub fn service(self) -> &'static str {
        match self {
            Self::Ec2 => "AmazonEC2",
            Self::Rds => "AmazonRDS",
            Self::S3 => "AmazonS3",
            Self::Alb => "AWSELB",
        }
    }
}

/// A resource; which of the optional figures it has follows from its kind.
pub struct Resource {
    pub id: String,
    pub kind: Kind,
    pub app: &'static str,
    pub environment: &'static str,
    pub region: &'static str,
    pub account: &'static str,
    pub started: Moment,
    pub monthly_cost: Money,
    pub machine: Option<(&'static str, i64, f64)>,
    pub disk_gb: Option<i64>,
    pub engine: Option<(&'static str, &'static str)>,
    pub bucket: Option<Bucket>,
    pub load: Load,
}

pub struct Bucket {
    pub class: &'static str,
    pub size_gb: f64,
    pub objects: i64,
    pub versioning: bool,
}

/// What a resource did on the day of the export.
pub struct Load {
    pub cpu_percent: f64,
    pub memory_percent: f64,
    pub network_in_mb: f64,
    pub network_out_mb: f64,
    pub connections: i64,
    pub read_ms: f64,
    pub write_ms: f64,
    pub gets: i64,
    pub puts: i64,
}

/// The whole estate, in one fixed order.
pub struct Estate {
    resources: Vec<Resource>,
}

impl Estate {
    pub fn build() -> Self {
        let mut rng = Rng::named("estate");
        let mut kinds: Vec<Kind> = COUNTS.iter().flat_map(|(kind, count)| vec![*kind; *count]).collect();
        rng.shuffle(&mut kinds);
        let resources = kinds.into_iter().map(|kind| resource(&mut rng, kind)).collect();
        Self { resources }
    }

    pub fn in_warehouse(&self) -> &[Resource] {
        &self.resources[IN_WAREHOUSE]
    }

    pub fn in_legacy(&self) -> &[Resource] {
        &self.resources[IN_LEGACY]
    }
}

fn resource(rng: &mut Rng, kind: Kind) -> Resource {
    let app = *rng.pick(APPS);
    let environment = *rng.pick(ENVIRONMENTS);
    let machine = match kind {
        Kind::Ec2 => Some(*rng.pick(MACHINES)),
        Kind::Rds => Some(*rng.pick(DATABASES)),
        Kind::S3 | Kind::Alb => None,
    };
    let bucket = (kind == Kind::S3).then(|| bucket(rng));
    let disk_gb = machine.map(|_| *rng.pick(&[20, 50, 100, 200, 500, 1000]));
    let price = machine.map_or(0.0, |(_, _, _, price)| price)
        + disk_gb.map_or(0.0, |gb| gb as f64 * 0.09)
        + bucket.as_ref().map_or(0.0, |bucket| bucket.size_gb * 0.023)
        + if kind == Kind::Alb { rng.normal_in(24.0, 6.0, 16.43, 60.0) } else { 0.0 };
    Resource {
        id: id(rng, kind, app, environment),
        kind,
        app,
        environment,
        region: rng.one_of(REGIONS),
        account: rng.one_of(ACCOUNTS),
        started: TODAY.plus(-rng.between(5, 1300)).at(rng.next()),
        monthly_cost: Money::from_units(price * rng.normal_in(1.0, 0.08, 0.7, 1.4)),
        machine: machine.map(|(name, vcpus, memory, _)| (name, vcpus, memory)),
        disk_gb,
        engine: (kind == Kind::Rds)
            .then(|| *rng.pick(&[("postgres", "16.4"), ("mysql", "8.0.39"), ("mariadb", "10.11.9")])),
        bucket,
        load: load(rng),
    }
}

fn id(rng: &mut Rng, kind: Kind, app: &str, environment: &str) -> String {
    match kind {
        Kind::Ec2 => format!("i-0{}", rng.hex(16)),
        Kind::Rds => format!("db-{app}-{environment}-{}", rng.hex(4)),
        Kind::S3 => format!("northfold-{app}-{environment}-{}", rng.hex(6)),
        Kind::Alb => format!("app/{app}-{environment}/{}", rng.hex(16)),
    }
}

fn bucket(rng: &mut Rng) -> Bucket {
    let empty = rng.chance(0.06);
    let size_gb = if empty { 0.0 } else { rng.log_normal(320.0, 1.6) };
    let object_mb = rng.log_normal(1.8, 0.8);
    Bucket {
        class: rng.one_of(&["STANDARD", "STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER"]),
        size_gb: (size_gb * 100.0).round() / 100.0,
        objects: (size_gb * 1024.0 / object_mb) as i64,
        versioning: rng.chance(0.4),
    }
}

fn load(rng: &mut Rng) -> Load {
    let idle = rng.chance(0.12);
    let busy = if idle { 0.02 } else { 1.0 };
    Load {
        cpu_percent: busy * rng.normal_in(38.0, 20.0, 0.5, 98.0),
        memory_percent: rng.normal_in(55.0, 18.0, 4.0, 97.0),
        network_in_mb: busy * rng.log_normal(900.0, 1.1),
        network_out_mb: busy * rng.log_normal(1400.0, 1.2),
        connections: (busy * rng.log_normal(35.0, 0.8)) as i64,
        read_ms: rng.log_normal(1.9, 0.5),
        write_ms: rng.log_normal(3.4, 0.5),
        gets: (busy * rng.log_normal(21_000.0, 1.4)) as i64,
        puts: (busy * rng.log_normal(2600.0, 1.4)) as i64,
    }
}
