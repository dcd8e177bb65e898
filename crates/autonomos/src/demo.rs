//! What the demo needs: a tenant and a login.

use crate::commands::serve::secret_file;
use crate::compose::House;
use anyhow::Context;
use aos_api::{DemoLogin, PasswordCost, Passwords};
use aos_core::Role;
use aos_core::TenantScope;
use aos_core::tenant::Principal;

pub const EMAIL: &str = "demo@autonomos.local";
const TENANT: &str = "Demo";

/// Makes the demo tenant with its owner, or finds them.
pub async fn sign_up(house: &House) -> anyhow::Result<(TenantScope, DemoLogin)> {
    let password = secret_file(&house.data.path().join("demo.password"), || readable_password().into_bytes())?;
    let login = DemoLogin {
        email: EMAIL.to_owned(),
        password: String::from_utf8(password).context("the demo password file is damaged; remove it")?,
    };
    let known = house.store.system().find_sign_in(EMAIL).await?;
    let (tenant, user) = match known {
        Some(known) => (known.tenant, known.user),
        None => {
            let hash = Passwords::new(PasswordCost::default()).hash(&login.password).await;
            let hash = hash.map_err(|problem| anyhow::anyhow!("the demo password cannot be hashed: {problem:?}"))?;
            let (tenant, user) = house.store.system().register(TENANT, "Demo", EMAIL, &hash).await?;
            (tenant.id, user.id)
        }
    };
    #[allow(clippy::disallowed_methods)]
    // A local command: whoever holds the data directory may act as its demo tenant.
    let scope = TenantScope::establish(tenant, Principal::User(user), Role::Owner);
    Ok((scope, login))
}

/// Makes a password that can be read aloud: four groups of letters and digits that do not look alike.
fn readable_password() -> String {
    const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let group = || -> String { (0..4).map(|_| char::from(ALPHABET[rand::random_range(0..ALPHABET.len())])).collect() };
    [group(), group(), group(), group()].join("-")
}
