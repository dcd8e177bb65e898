//! The legacy SQL database: resources in one table, their figures in long format in the other.

use crate::clock::{Moment, TODAY};
use crate::estate::{Estate, Kind, Resource};
use crate::random::Rng;
use crate::table::{Table, decimal};

pub fn tables(estate: &Estate) -> Vec<Table> {
    vec![cloud_resources(estate), usage_metrics(estate)]
}

fn cloud_resources(estate: &Estate) -> Table {
    let columns = "ResourceID Type CloudService AwsRegion AccountID CreatedAt";
    let mut table = Table::new("legacy_sql/CloudResources.csv", columns);
    for resource in estate.in_legacy() {
        let service = match resource.kind {
            Kind::Ec2 => "Elastic Compute Cloud",
            Kind::Rds => "Relational Database Service",
            Kind::S3 => "Simple Storage Service",
            Kind::Alb => "Elastic Load Balancing",
        };
        let created = resource.started.sql();
        table.push_row(&[
            &resource.id,
            &resource.kind.short(),
            &service,
            &resource.region,
            &resource.account,
            &created,
        ]);
    }
    table.sorted_by("CreatedAt")
}

/// Writes each figure twice, a day apart: the newer one is the one that counts.
fn usage_metrics(estate: &Estate) -> Table {
    let mut rng = Rng::named("legacy_sql.UsageMetrics");
    let columns = "MetricID ResourceID MetricName MetricValue Unit Timestamp";
    let mut table = Table::new("legacy_sql/UsageMetrics.csv", columns);
    let mut number = 1;
    for days_ago in [2, 1] {
        for resource in estate.in_legacy() {
            let taken: Moment = TODAY.plus(-days_ago).at(rng.next());
            for (name, value, unit) in metrics(resource) {
                let value = if days_ago == 1 { value } else { value * rng.normal_in(0.97, 0.03, 0.8, 1.0) };
                let value = decimal(value, if unit == "Count" { 0 } else { 2 });
                table.push_row(&[&format!("M{number:06}"), &resource.id, &name, &value, &unit, &taken.sql()]);
                number += 1;
            }
        }
    }
    table
}

fn metrics(resource: &Resource) -> Vec<(&'static str, f64, &'static str)> {
    let load = &resource.load;
    match resource.kind {
        Kind::Ec2 => vec![
            ("cpuUtilization", load.cpu_percent, "Percent"),
            ("memoryUtilization", load.memory_percent, "Percent"),
            ("networkIn", load.network_in_mb, "Megabytes"),
            ("networkOut", load.network_out_mb, "Megabytes"),
        ],
        Kind::Rds => vec![
            ("cpuUtilization", load.cpu_percent, "Percent"),
            ("dbConnections", load.connections as f64, "Count"),
            ("readLatency", load.read_ms, "Milliseconds"),
            ("writeLatency", load.write_ms, "Milliseconds"),
        ],
        Kind::S3 => vec![("getRequests", load.gets as f64, "Count"), ("putRequests", load.puts as f64, "Count")],
        Kind::Alb => {
            vec![("networkIn", load.network_in_mb, "Megabytes"), ("networkOut", load.network_out_mb, "Megabytes")]
        }
    }
}
