//! The Snowflake warehouse: three tables with one row each per resource, to be read as one record per resource.
//! As in real inventories, a column that does not apply to a kind of resource is empty.

use std::fmt::Display;

use crate::clock::{Day, TODAY};
use crate::estate::{Estate, Kind, Resource};
use crate::names::STAFF;
use crate::random::Rng;
use crate::table::{Money, Table, decimal};

const INVENTORY: &str = "RESOURCE_ID RESOURCE_TYPE SERVICE AWS_REGION ACCOUNT_NUM ENVIRONMENT COST_CENTER INSTANCE_TYPE
    VCPUS MEMORY_GB STORAGE_TYPE STORAGE_SIZE_GB NETWORK_PERFORMANCE EBS_OPTIMIZED TENANCY PLACEMENT_GROUP AMI_ID
    LAUNCH_TIME INSTANCE_STATE AVAILABILITY_ZONE SUBNET_ID VPC_ID SECURITY_GROUPS PUBLIC_IP PRIVATE_IP IAM_ROLE
    MONITORING_ENABLED TAGS OWNER PROJECT COMPLIANCE_LEVEL BACKUP_ENABLED PATCH_GROUP AUTO_SCALING_GROUP DB_ENGINE
    ENGINE_VERSION INSTANCE_CLASS ALLOCATED_STORAGE_GB IOPS MULTI_AZ BACKUP_RETENTION_DAYS PREFERRED_BACKUP_WINDOW
    READ_REPLICAS ENCRYPTION_ENABLED PERFORMANCE_INSIGHTS AUTO_MINOR_VERSION_UPGRADE DB_SUBNET_GROUP PARAMETER_GROUP
    OPTION_GROUP PUBLICLY_ACCESSIBLE VPC_SECURITY_GROUPS DELETION_PROTECTION STORAGE_CLASS OBJECT_COUNT SIZE_GB
    VERSIONING_ENABLED LIFECYCLE_POLICY ENCRYPTION_TYPE REPLICATION_STATUS ACCESS_LOGGING INTELLIGENT_TIERING
    PUBLIC_ACCESS_BLOCKED SCHEME IP_ADDRESS_TYPE AVAILABILITY_ZONES HTTP2_ENABLED";

const COSTS: &str = "COST_ID RESOURCE_ID DATE BILLING_PERIOD AWS_ACCOUNT SERVICE_CATEGORY USAGE_TYPE OPERATION
    PRICING_TERM ON_DEMAND_COST RESERVED_COST SAVINGS_PLAN_COST SPOT_COST MONTHLY_COST DATA_TRANSFER_COST SUPPORT_COST
    TAX_AMOUNT USAGE_QUANTITY UNIT_PRICE CURRENCY AMORTIZED_COST BLENDED_COST UNBLENDED_COST REGION AVAILABILITY_ZONE
    PURCHASE_OPTION";

const METRICS: &str = "METRIC_ID RESOURCE_ID TIMESTAMP CPU_UTILIZATION MEMORY_UTILIZATION DISK_READ_OPS DISK_WRITE_OPS
    NETWORK_IN_MB NETWORK_OUT_MB NETWORK_PACKETS_IN NETWORK_PACKETS_OUT STATUS_CHECK_FAILED DB_CONNECTIONS
    READ_LATENCY_MS WRITE_LATENCY_MS READ_THROUGHPUT_MB WRITE_THROUGHPUT_MB DISK_QUEUE_DEPTH FREE_STORAGE_GB
    BUCKET_SIZE_BYTES NUMBER_OF_OBJECTS GET_REQUESTS PUT_REQUESTS DELETE_REQUESTS LIST_REQUESTS BYTES_DOWNLOADED
    BYTES_UPLOADED ACTIVE_CONNECTIONS NEW_CONNECTIONS REQUEST_COUNT TARGET_RESPONSE_TIME_MS HTTP_2XX_COUNT
    HTTP_4XX_COUNT HTTP_5XX_COUNT PROCESSED_BYTES";

/// The cells of a row under construction; the table is told once they are complete.
type Cells = Vec<(&'static str, String)>;

pub fn tables(estate: &Estate) -> Vec<Table> {
    vec![resources(estate), costs(estate), metrics(estate)]
}

fn push(table: &mut Table, cells: &Cells) {
    let named: Vec<(&str, &dyn Display)> =
        cells.iter().map(|(column, value)| (*column, value as &dyn Display)).collect();
    table.push(&named);
}

fn resources(estate: &Estate) -> Table {
    let mut rng = Rng::named("snowflake.AWS_RESOURCES");
    let mut table = Table::new("snowflake/AWS_RESOURCES.csv", INVENTORY);
    for resource in estate.in_warehouse() {
        let mut cells = common_cells(&mut rng, resource);
        match resource.kind {
            Kind::Ec2 => cells.extend(machine_cells(&mut rng, resource)),
            Kind::Rds => cells.extend(database_cells(&mut rng, resource)),
            Kind::S3 => cells.extend(bucket_cells(&mut rng, resource)),
            Kind::Alb => cells.extend(balancer_cells(&mut rng, resource)),
        }
        push(&mut table, &cells);
    }
    table.sorted_by("RESOURCE_ID")
}

fn common_cells(rng: &mut Rng, resource: &Resource) -> Cells {
    vec![
        ("RESOURCE_ID", resource.id.clone()),
        ("RESOURCE_TYPE", resource.kind.short().to_owned()),
        ("SERVICE", resource.kind.service().to_owned()),
        ("AWS_REGION", resource.region.to_owned()),
        ("ACCOUNT_NUM", resource.account.to_owned()),
        ("ENVIRONMENT", resource.environment.to_owned()),
        ("COST_CENTER", format!("CC-{}", rng.between(410, 429))),
        ("LAUNCH_TIME", resource.started.iso()),
        ("TAGS", format!("{{\"app\": \"{}\", \"env\": \"{}\"}}", resource.app, resource.environment)),
        ("OWNER", rng.one_of(STAFF).to_owned()),
        ("PROJECT", format!("{}-platform", resource.app)),
        ("COMPLIANCE_LEVEL", rng.one_of(&["SOC2", "PCI", "standard", ""]).to_owned()),
    ]
}

fn machine_cells(rng: &mut Rng, resource: &Resource) -> Cells {
    let (name, vcpus, memory) = resource.machine.expect("EC2 resources are machines");
    let public_ip = if rng.chance(0.3) { format!("203.0.113.{}", rng.between(1, 254)) } else { String::new() };
    vec![
        ("INSTANCE_TYPE", name.to_owned()),
        ("VCPUS", vcpus.to_string()),
        ("MEMORY_GB", memory.to_string()),
        ("STORAGE_TYPE", rng.one_of(&["gp3", "gp3", "gp2", "io2"]).to_owned()),
        ("STORAGE_SIZE_GB", resource.disk_gb.expect("EC2 resources have a disk").to_string()),
        ("NETWORK_PERFORMANCE", rng.one_of(&["Low to Moderate", "Up to 10 Gigabit", "Up to 12.5 Gigabit"]).to_owned()),
        ("EBS_OPTIMIZED", rng.chance(0.8).to_string()),
        ("TENANCY", "default".to_owned()),
        ("AMI_ID", format!("ami-0{}", rng.hex(16))),
        ("INSTANCE_STATE", rng.one_of(&["running", "running", "running", "stopped"]).to_owned()),
        ("AVAILABILITY_ZONE", zone(rng, resource)),
        ("SUBNET_ID", format!("subnet-0{}", rng.hex(16))),
        ("VPC_ID", format!("vpc-0{}", rng.hex(16))),
        ("SECURITY_GROUPS", format!("sg-0{},sg-0{}", rng.hex(16), rng.hex(16))),
        ("PUBLIC_IP", public_ip),
        ("PRIVATE_IP", format!("10.{}.{}.{}", rng.between(0, 31), rng.between(0, 255), rng.between(4, 254))),
        ("IAM_ROLE", format!("{}-node", resource.app)),
        ("MONITORING_ENABLED", rng.chance(0.7).to_string()),
        ("BACKUP_ENABLED", rng.chance(0.6).to_string()),
        ("PATCH_GROUP", format!("{}-{}", resource.environment, &rng.one_of(&["sat", "sun"]))),
        ("AUTO_SCALING_GROUP", if rng.chance(0.4) { format!("{}-asg", resource.app) } else { String::new() }),
    ]
}

fn database_cells(rng: &mut Rng, resource: &Resource) -> Cells {
    let (class, vcpus, memory) = resource.machine.expect("RDS resources have a class");
    let (engine, version) = resource.engine.expect("RDS resources have an engine");
    vec![
        ("VCPUS", vcpus.to_string()),
        ("MEMORY_GB", memory.to_string()),
        ("STORAGE_TYPE", "gp3".to_owned()),
        ("AVAILABILITY_ZONE", zone(rng, resource)),
        ("VPC_ID", format!("vpc-0{}", rng.hex(16))),
        ("MONITORING_ENABLED", rng.chance(0.9).to_string()),
        ("BACKUP_ENABLED", "true".to_owned()),
        ("DB_ENGINE", engine.to_owned()),
        ("ENGINE_VERSION", version.to_owned()),
        ("INSTANCE_CLASS", class.to_owned()),
        ("ALLOCATED_STORAGE_GB", resource.disk_gb.expect("RDS resources have storage").to_string()),
        ("IOPS", (*rng.pick(&[3000, 3000, 6000, 12_000])).to_string()),
        ("MULTI_AZ", rng.chance(0.5).to_string()),
        ("BACKUP_RETENTION_DAYS", (*rng.pick(&[0, 7, 14, 35])).to_string()),
        ("PREFERRED_BACKUP_WINDOW", rng.one_of(&["02:00-03:00", "03:30-04:30", "23:00-23:45"]).to_owned()),
        ("READ_REPLICAS", rng.between(0, 2).to_string()),
        ("ENCRYPTION_ENABLED", rng.chance(0.9).to_string()),
        ("PERFORMANCE_INSIGHTS", rng.chance(0.6).to_string()),
        ("AUTO_MINOR_VERSION_UPGRADE", rng.chance(0.7).to_string()),
        ("DB_SUBNET_GROUP", format!("{}-db", resource.environment)),
        ("PARAMETER_GROUP", format!("default.{engine}")),
        ("OPTION_GROUP", format!("default:{engine}")),
        ("PUBLICLY_ACCESSIBLE", rng.chance(0.05).to_string()),
        ("VPC_SECURITY_GROUPS", format!("sg-0{}", rng.hex(16))),
        ("DELETION_PROTECTION", rng.chance(0.6).to_string()),
    ]
}

fn bucket_cells(rng: &mut Rng, resource: &Resource) -> Cells {
    let bucket = resource.bucket.as_ref().expect("S3 resources are buckets");
    vec![
        ("STORAGE_CLASS", bucket.class.to_owned()),
        ("OBJECT_COUNT", bucket.objects.to_string()),
        ("SIZE_GB", decimal(bucket.size_gb, 2)),
        ("VERSIONING_ENABLED", bucket.versioning.to_string()),
        ("LIFECYCLE_POLICY", rng.one_of(&["", "expire-90d", "archive-30d"]).to_owned()),
        ("ENCRYPTION_TYPE", rng.one_of(&["AES256", "aws:kms"]).to_owned()),
        ("REPLICATION_STATUS", rng.one_of(&["disabled", "disabled", "enabled"]).to_owned()),
        ("ACCESS_LOGGING", rng.chance(0.5).to_string()),
        ("INTELLIGENT_TIERING", (bucket.class == "INTELLIGENT_TIERING").to_string()),
        ("PUBLIC_ACCESS_BLOCKED", rng.chance(0.95).to_string()),
    ]
}

fn balancer_cells(rng: &mut Rng, resource: &Resource) -> Cells {
    vec![
        ("VPC_ID", format!("vpc-0{}", rng.hex(16))),
        ("SECURITY_GROUPS", format!("sg-0{}", rng.hex(16))),
        ("ACCESS_LOGGING", rng.chance(0.6).to_string()),
        ("DELETION_PROTECTION", rng.chance(0.5).to_string()),
        ("SCHEME", rng.one_of(&["internet-facing", "internal"]).to_owned()),
        ("IP_ADDRESS_TYPE", rng.one_of(&["ipv4", "dualstack"]).to_owned()),
        ("AVAILABILITY_ZONES", format!("{0}a,{0}b", resource.region)),
        ("HTTP2_ENABLED", rng.chance(0.9).to_string()),
    ]
}

fn zone(rng: &mut Rng, resource: &Resource) -> String {
    format!("{}{}", resource.region, &rng.one_of(&["a", "b", "c"]))
}

/// The month the cost lines are for: the last whole one.
fn billed_month() -> Day {
    TODAY.first_of_month().plus(-1).first_of_month()
}

fn costs(estate: &Estate) -> Table {
    let mut rng = Rng::named("snowflake.AWS_COSTS");
    let mut table = Table::new("snowflake/AWS_COSTS.csv", COSTS);
    for (index, resource) in estate.in_warehouse().iter().enumerate() {
        push(&mut table, &cost_cells(&mut rng, index + 1, resource));
    }
    table
}

fn cost_cells(rng: &mut Rng, number: usize, resource: &Resource) -> Cells {
    let term = ["OnDemand", "Reserved", "SavingsPlan", "Spot"][rng.weighted(&[50, 20, 22, 8])];
    let only = |wanted: &str| if term == wanted { resource.monthly_cost } else { Money(0) }.to_string();
    let (usage_type, operation, quantity) = usage(rng, resource);
    let cost = resource.monthly_cost;
    let unit_price = if quantity > 0.0 { cost.0 as f64 / 100.0 / quantity } else { 0.0 };
    vec![
        ("COST_ID", format!("COST-{number:05}")),
        ("RESOURCE_ID", resource.id.clone()),
        ("DATE", billed_month().iso()),
        ("BILLING_PERIOD", billed_month().iso()[..7].to_owned()),
        ("AWS_ACCOUNT", resource.account.to_owned()),
        ("SERVICE_CATEGORY", category(resource.kind).to_owned()),
        ("USAGE_TYPE", usage_type),
        ("OPERATION", operation.to_owned()),
        ("PRICING_TERM", term.to_owned()),
        ("ON_DEMAND_COST", only("OnDemand")),
        ("RESERVED_COST", only("Reserved")),
        ("SAVINGS_PLAN_COST", only("SavingsPlan")),
        ("SPOT_COST", only("Spot")),
        ("MONTHLY_COST", cost.to_string()),
        ("DATA_TRANSFER_COST", cost.times(rng.between(0, 90), 1000).to_string()),
        ("SUPPORT_COST", cost.times(3, 100).to_string()),
        ("TAX_AMOUNT", cost.times(*rng.pick(&[0, 0, 8, 19]), 100).to_string()),
        ("USAGE_QUANTITY", decimal(quantity, 2)),
        ("UNIT_PRICE", decimal(unit_price, 6)),
        ("CURRENCY", "USD".to_owned()),
        ("AMORTIZED_COST", cost.times(rng.between(960, 1000), 1000).to_string()),
        ("BLENDED_COST", cost.times(rng.between(950, 1010), 1000).to_string()),
        ("UNBLENDED_COST", cost.to_string()),
        ("REGION", resource.region.to_owned()),
        ("AVAILABILITY_ZONE", if resource.machine.is_some() { zone(rng, resource) } else { String::new() }),
        ("PURCHASE_OPTION", rng.one_of(&["", "No Upfront", "Partial Upfront", "All Upfront"]).to_owned()),
    ]
}

fn category(kind: Kind) -> &'static str {
    match kind {
        Kind::Ec2 => "Compute",
        Kind::Rds => "Database",
        Kind::S3 => "Storage",
        Kind::Alb => "Networking",
    }
}

fn usage(rng: &mut Rng, resource: &Resource) -> (String, &'static str, f64) {
    let hours = rng.normal_in(735.0, 30.0, 60.0, 744.0);
    match (resource.kind, resource.machine, &resource.bucket) {
        (Kind::S3, _, Some(bucket)) => ("TimedStorage-ByteHrs".to_owned(), "StandardStorage", bucket.size_gb),
        (Kind::Rds, Some((class, _, _)), _) => (format!("InstanceUsage:{class}"), "CreateDBInstance", hours),
        (_, Some((name, _, _)), _) => (format!("BoxUsage:{name}"), "RunInstances", hours),
        _ => ("LoadBalancerUsage".to_owned(), "LoadBalancing:Application", hours),
    }
}

fn metrics(estate: &Estate) -> Table {
    let mut rng = Rng::named("snowflake.RESOURCE_METRICS");
    let mut table = Table::new("snowflake/RESOURCE_METRICS.csv", METRICS);
    for (index, resource) in estate.in_warehouse().iter().enumerate() {
        let mut cells = vec![
            ("METRIC_ID", format!("MET-{:05}", index + 1)),
            ("RESOURCE_ID", resource.id.clone()),
            ("TIMESTAMP", TODAY.plus(-1).at(rng.next()).iso()),
        ];
        cells.extend(load_cells(&mut rng, resource));
        push(&mut table, &cells);
    }
    table
}

fn load_cells(rng: &mut Rng, resource: &Resource) -> Cells {
    match resource.kind {
        Kind::Ec2 => machine_load(rng, resource),
        Kind::Rds => database_load(rng, resource),
        Kind::S3 => bucket_load(rng, resource),
        Kind::Alb => balancer_load(rng, resource),
    }
}

fn machine_load(rng: &mut Rng, resource: &Resource) -> Cells {
    let load = &resource.load;
    vec![
        ("CPU_UTILIZATION", decimal(load.cpu_percent, 2)),
        ("MEMORY_UTILIZATION", decimal(load.memory_percent, 2)),
        ("DISK_READ_OPS", rng.between(0, 90_000).to_string()),
        ("DISK_WRITE_OPS", rng.between(0, 60_000).to_string()),
        ("NETWORK_IN_MB", decimal(load.network_in_mb, 2)),
        ("NETWORK_OUT_MB", decimal(load.network_out_mb, 2)),
        ("NETWORK_PACKETS_IN", ((load.network_in_mb * 820.0) as i64).to_string()),
        ("NETWORK_PACKETS_OUT", ((load.network_out_mb * 790.0) as i64).to_string()),
        ("STATUS_CHECK_FAILED", i64::from(rng.chance(0.02)).to_string()),
    ]
}

fn database_load(rng: &mut Rng, resource: &Resource) -> Cells {
    let load = &resource.load;
    let disk_gb = resource.disk_gb.expect("RDS resources have storage") as f64;
    vec![
        ("CPU_UTILIZATION", decimal(load.cpu_percent, 2)),
        ("MEMORY_UTILIZATION", decimal(load.memory_percent, 2)),
        ("NETWORK_IN_MB", decimal(load.network_in_mb, 2)),
        ("NETWORK_OUT_MB", decimal(load.network_out_mb, 2)),
        ("DB_CONNECTIONS", load.connections.to_string()),
        ("READ_LATENCY_MS", decimal(load.read_ms, 3)),
        ("WRITE_LATENCY_MS", decimal(load.write_ms, 3)),
        ("READ_THROUGHPUT_MB", decimal(load.network_out_mb * 1.3, 2)),
        ("WRITE_THROUGHPUT_MB", decimal(load.network_in_mb * 1.1, 2)),
        ("DISK_QUEUE_DEPTH", decimal(rng.normal_in(0.8, 0.7, 0.0, 12.0), 2)),
        ("FREE_STORAGE_GB", decimal(disk_gb * rng.normal_in(0.5, 0.2, 0.03, 0.95), 1)),
    ]
}

fn bucket_load(rng: &mut Rng, resource: &Resource) -> Cells {
    let bucket = resource.bucket.as_ref().expect("S3 resources are buckets");
    let load = &resource.load;
    vec![
        ("BUCKET_SIZE_BYTES", ((bucket.size_gb * 1_073_741_824.0) as i64).to_string()),
        ("NUMBER_OF_OBJECTS", bucket.objects.to_string()),
        ("GET_REQUESTS", load.gets.to_string()),
        ("PUT_REQUESTS", load.puts.to_string()),
        ("DELETE_REQUESTS", rng.between(0, load.puts / 4 + 1).to_string()),
        ("LIST_REQUESTS", rng.between(0, load.gets / 20 + 1).to_string()),
        ("BYTES_DOWNLOADED", (load.gets * rng.between(20_000, 900_000)).to_string()),
        ("BYTES_UPLOADED", (load.puts * rng.between(20_000, 900_000)).to_string()),
    ]
}

fn balancer_load(rng: &mut Rng, resource: &Resource) -> Cells {
    let load = &resource.load;
    let failed = load.gets * rng.between(0, 12) / 1000;
    let refused = load.gets * rng.between(0, 40) / 1000;
    vec![
        ("ACTIVE_CONNECTIONS", load.connections.to_string()),
        ("NEW_CONNECTIONS", (load.connections * rng.between(2, 9)).to_string()),
        ("REQUEST_COUNT", load.gets.to_string()),
        ("TARGET_RESPONSE_TIME_MS", decimal(rng.log_normal(85.0, 0.7), 1)),
        ("HTTP_2XX_COUNT", (load.gets - failed - refused).to_string()),
        ("HTTP_4XX_COUNT", refused.to_string()),
        ("HTTP_5XX_COUNT", failed.to_string()),
        ("PROCESSED_BYTES", ((load.network_out_mb * 1_048_576.0) as i64).to_string()),
    ]
}
