//! Who is let in and who belongs to a tenant: accounts, sessions, members, invitations, API keys, other providers. How passwords and
//! tokens work is in `auth/`.

pub mod account;
pub mod invitations;
pub mod keys;
pub mod members;
pub mod oidc;
pub mod password_resets;
pub mod programs;
pub mod sessions;

use crate::problem::Problem;
use utoipa::ToSchema;

const NAME_LENGTH_MAX: usize = 100;
const EMAIL_LENGTH_MAX: usize = 254;

/// What someone may do, from least to most.
#[derive(ToSchema)]
#[schema(as = Role, rename_all = "snake_case")]
#[allow(dead_code)] // Only describes `aos_core::Role` to readers of the API.
pub enum RoleName {
    Viewer,
    Agent,
    Member,
    Admin,
    Owner,
}

fn check_name(name: &str) -> Result<(), Problem> {
    if name.is_empty() || name.chars().count() > NAME_LENGTH_MAX || name.chars().any(char::is_control) {
        let detail = format!("the name must have 1 to {NAME_LENGTH_MAX} visible characters");
        return Err(Problem::unprocessable("invalid_name", detail, "give another name"));
    }
    Ok(())
}

/// Returns the address as it is kept, if it can be one: something, an @, something, and no spaces.
fn checked_email(email: &str) -> Result<String, Problem> {
    let email = email.trim();
    let plausible = email.len() <= EMAIL_LENGTH_MAX
        && email
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    plausible.then(|| email.to_owned()).ok_or_else(|| {
        Problem::unprocessable(
            "invalid_email",
            "this is not an e-mail address",
            "give an address like name@example.com",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_has_two_sides() {
        for bad in ["", "@", "a@", "@b", "a b@c", "a@b@c", "a\n@b"] {
            assert!(checked_email(bad).is_err(), "{bad}");
        }
        assert_eq!(checked_email(" Ann@Acme.test ").unwrap(), "Ann@Acme.test");
    }
}
