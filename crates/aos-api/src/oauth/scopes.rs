//! What a program can be allowed: the permissions that the tools ask for, and to see personal data. Nothing else is ever given to one.

use aos_core::policy::Permission;

/// In the order in which people are asked.
pub(crate) const OFFERED: [Permission; 6] = [
    Permission::ReadGraph,
    Permission::ReadRecords,
    Permission::ReadDrift,
    Permission::ReadAgents,
    Permission::ProposeActs,
    Permission::ReadPersonal,
];
/// What a program asks for that does not say: to read, and no personal data.
pub(crate) const UNASKED: [Permission; 4] =
    [Permission::ReadGraph, Permission::ReadRecords, Permission::ReadDrift, Permission::ReadAgents];

/// Returns the names, as metadata and tokens write them.
pub(crate) fn names(scopes: &[Permission]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// Returns what is offered of what is asked for; what is not known here is left out (RFC 6749, section 3.3). None when nothing remains.
pub(super) fn asked(text: Option<&str>) -> Option<Vec<Permission>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Some(UNASKED.to_vec()) };
    let asked: Vec<&str> = text.split_ascii_whitespace().collect();
    let known: Vec<_> = OFFERED.into_iter().filter(|offered| asked.contains(&offered.as_str())).collect();
    (!known.is_empty()).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_say_what_it_wants_gets_no_personal_data_and_proposes_nothing() {
        assert_eq!(asked(None), Some(UNASKED.to_vec()));
        assert_eq!(asked(Some(" ")), Some(UNASKED.to_vec()));
        assert_eq!(asked(Some("records:read offline_access")), Some(vec![Permission::ReadRecords]));
        assert_eq!(asked(Some("tenant:delete connections:write")), None, "no tool needs it");
    }
}
