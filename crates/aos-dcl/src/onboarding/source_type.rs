//! Kinds of sources that can be proposed, and which connector reads them. Most are known by name only: proposing them shows what is there
//! to be connected, and that nothing here reads it yet.

/// Every kind that can be proposed.
pub(super) const SOURCE_TYPES: &[&str] = &[
    "airbyte",
    "aws_org",
    "azure_sub",
    "bigquery",
    "box",
    "confluence",
    "datadog",
    "dropbox",
    "dynamics",
    "dynamics365",
    "entra",
    "file",
    "filesource",
    "gcp_org",
    "github",
    "gitlab",
    "gworkspace_drive",
    "hubspot",
    "jdbc",
    "jira",
    "m365_sharepoint",
    "mongo",
    "mongodb",
    "netsuite",
    "okta",
    "openapi",
    "pagerduty",
    "pipedrive",
    "postgres",
    "postgresql",
    "redshift",
    "s3",
    "s3_compat",
    "salesforce",
    "servicenow",
    "slack",
    "snowflake",
    "supabase",
    "workday",
    "zendesk",
    "zoom",
];

/// Returns the connector that reads a kind of source; none when nothing here does.
pub(super) fn connector(source_type: &str) -> Option<&'static str> {
    let name = match source_type {
        "dynamics" => "dynamics365",
        "filesource" => "file",
        "mongo" => "mongodb",
        "postgres" => "postgresql",
        other => other,
    };
    aos_connectors::declaration(name).map(|declared| declared.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connector_can_be_proposed_by_its_name() {
        for declared in aos_connectors::DECLARATIONS {
            assert!(SOURCE_TYPES.contains(&declared.name), "{}", declared.name);
            assert_eq!(connector(declared.name), Some(declared.name));
        }
        assert_eq!((connector("filesource"), connector("slack")), (Some("file"), None));
    }
}
