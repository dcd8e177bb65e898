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

/// Returns the kind of source that somebody else's word means; none when it means no kind that is known.
pub(super) fn meant(word: &str) -> Option<&'static str> {
    let word = word.trim().to_lowercase().replace([' ', '-'], "_");
    let name = match word.as_str() {
        "aws" | "amazon_web_services" => "aws_org",
        "azure" => "azure_sub",
        "dynamics_365" => "dynamics365",
        "gcp" | "google_cloud" => "gcp_org",
        "google_drive" => "gworkspace_drive",
        "sharepoint" => "m365_sharepoint",
        other => other,
    };
    SOURCE_TYPES.iter().copied().find(|known| *known == name)
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

    #[test]
    fn the_words_of_others_lead_to_kinds_that_can_be_proposed() {
        let cases =
            [("Salesforce", Some("salesforce")), ("AWS", Some("aws_org")), ("Dynamics 365", Some("dynamics365"))];
        for (word, kind) in cases {
            assert_eq!(meant(word), kind, "{word}");
        }
        assert_eq!(meant("a mainframe"), None);
    }
}
