//! What the demo needs: the sample sources, a tenant, a login. The samples travel inside the binary.

use crate::commands::serve::secret_file;
use crate::compose::House;
use anyhow::Context;
use aos_api::{DemoLogin, PasswordCost, Passwords};
use aos_connectors::file::{FileOptions, discover_sources};
use aos_core::Role;
use aos_core::TenantScope;
use aos_core::tenant::Principal;
use aos_dcl::connections::FileConfig;
use rust_embed::RustEmbed;
use std::path::{Path, PathBuf};

pub const EMAIL: &str = "demo@autonomos.local";
const TENANT: &str = "Demo";

#[derive(RustEmbed)]
#[folder = "../../samples"]
#[include = "*/*.csv"]
struct Samples;

/// Writes the sample sources into the data directory, as they are in this binary.
pub fn unpack(data: &Path) -> anyhow::Result<PathBuf> {
    let root = data.join("samples");
    for name in Samples::iter() {
        let file = Samples::get(&name).expect("listed above");
        let path = root.join(&*name);
        // A file that is there already keeps its time of change, so that it is not read again.
        if std::fs::read(&path).is_ok_and(|known| known == *file.data) {
            continue;
        }
        std::fs::create_dir_all(path.parent().expect("has a folder"))
            .context("the data directory cannot be written")?;
        std::fs::write(&path, &file.data).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(root)
}

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

/// Connects every sample source that is not connected yet.
pub async fn add_sources(house: &House, scope: &TenantScope, samples: &Path) -> anyhow::Result<()> {
    let tenant = house.dcl.tenant(scope);
    for source in discover_sources(&[samples.to_owned()], &FileOptions::default())?.sources {
        // Replay files are for the mesh's replay, not sources of their own.
        if source.name != "replay" && tenant.find_connection(&source.name).await?.is_none() {
            tenant.add_local_connection(&source.name, None, FileConfig { path: source.root, files: None }).await?;
        }
    }
    Ok(())
}

/// Makes a password that can be read aloud: four groups of letters and digits that do not look alike.
fn readable_password() -> String {
    const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let group = || -> String { (0..4).map(|_| char::from(ALPHABET[rand::random_range(0..ALPHABET.len())])).collect() };
    [group(), group(), group(), group()].join("-")
}
