//! How people speak of what the ontology names, where that is more, or less, than its aliases say.

/// Aliases of the ontology that mean less than their entity: they tell the matcher where a column belongs, and would count too much here.
pub(super) const NARROWER: [(&str, &[&str]); 4] = [
    ("account", &["business partner"]),
    ("aws_resource", &["instance", "asset", "virtual machine", "bucket"]),
    ("cost_report", &["cost", "spend", "charge", "cloud cost"]),
    ("opportunity", &["potential", "pipeline item"]),
];
/// Nouns that may follow a value that says the kind of a resource: `EC2 instances`, `S3 buckets`.
pub(super) const KIND_NOUNS: [&str; 4] = ["instance", "bucket", "database", "loadbalancer"];

/// Words that stand for several values, because systems write one thing in different words: entity, field, word, and the values as they are
/// folded. A word with `!` means every other value.
pub(super) const CONCEPTS: [(&str, &str, &str, &[&str]); 6] = [
    ("opportunity", "stage", "won", &["won", "closedwon"]),
    ("opportunity", "stage", "closedwon", &["won", "closedwon"]),
    ("opportunity", "stage", "lost", &["lost", "closedlost"]),
    ("opportunity", "stage", "closedlost", &["lost", "closedlost"]),
    ("opportunity", "stage", "open", &["!", "won", "closedwon", "lost", "closedlost"]),
    ("opportunity", "stage", "unclosed", &["!", "won", "closedwon", "lost", "closedlost"]),
];

/// Further words for fields: entity, field, words.
pub(super) const SPOKEN: [(&str, &str, &[&str]); 8] = [
    ("opportunity", "owner_id", &["rep", "seller", "account executive"]),
    ("account", "owner_id", &["rep"]),
    ("contact", "owner_id", &["rep"]),
    ("contact", "phone", &["phone number"]),
    ("contact", "mobile_phone", &["mobile number"]),
    ("account", "phone", &["phone number"]),
    ("cost_report", "service_category", &["category"]),
    ("aws_resource", "resource_type", &["kind"]),
];
