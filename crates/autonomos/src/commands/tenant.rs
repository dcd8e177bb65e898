//! `autonomos tenant`: the way out of the installation, as an archive, and the end.

use crate::cli::{Cli, TenantAction, TenantArgs, TenantCertificateArgs, TenantDeleteArgs, TenantExportArgs};
use crate::compose::House;
use crate::settings::Settings;
use crate::show::{say, table};
use anyhow::{Context, bail};
use aos_core::audit::Verifier;
use aos_dcl::tenancy;
use std::path::Path;
use std::process::ExitCode;

pub async fn run(cli: &Cli, args: &TenantArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    if let TenantAction::Verify { archive } = &args.action {
        verify(archive, args.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let TenantAction::Certificate(wanted) = &args.action {
        certificate(wanted)?;
        return Ok(ExitCode::SUCCESS);
    }
    let house = House::open(&cli.data_dir()?, settings).await?;
    match &args.action {
        TenantAction::Verify { .. } | TenantAction::Certificate(_) => {}
        TenantAction::List => list(&house, args.json).await?,
        TenantAction::Export(wanted) => export(&house, wanted, args.json).await?,
        TenantAction::Delete(wanted) => delete(&house, wanted, args.json).await?,
        TenantAction::Resume => {
            let finished = house.dcl.tidy_deleted_tenants().await?;
            let left = house.store.system().unfinished_tenant_deletions().await?.len();
            say!("{finished} deletions finished, {left} left");
            if left > 0 {
                bail!("{left} deletions are not finished; the log says why, or another process works on them");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(house: &House, json: bool) -> anyhow::Result<()> {
    let tenants = house.store.system().list_tenants().await?;
    if json {
        say!("{}", serde_json::to_string_pretty(&tenants)?);
        return Ok(());
    }
    let mut out = table(["id", "name", "since"]);
    for tenant in tenants {
        out.add_row([tenant.id.to_string(), tenant.name, tenant.created_at.format("%Y-%m-%d %H:%M").to_string()]);
    }
    say!("{out}");
    Ok(())
}

async fn export(house: &House, wanted: &TenantExportArgs, json: bool) -> anyhow::Result<()> {
    let scope = house.scope_of(&wanted.tenant).await?;
    let report = house.dcl.tenant(&scope).export(&wanted.out).await?;
    if json {
        say!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(());
    }
    let verified = report.verified;
    say!(
        "{} tables with {} rows and {} raw segments, read back and whole",
        verified.tables,
        verified.rows,
        verified.segments
    );
    for left in &report.manifest.left_out {
        say!("left out: {} ({})", left.what, left.why);
    }
    say!("written to {}", wanted.out.display());
    Ok(())
}

fn verify(archive: &Path, json: bool) -> anyhow::Result<()> {
    let verified = tenancy::verify(archive).with_context(|| format!("{} cannot be used", archive.display()))?;
    if json {
        say!("{}", serde_json::to_string_pretty(&verified)?);
    } else {
        say!("whole: {} tables with {} rows, {} raw segments", verified.tables, verified.rows, verified.segments);
    }
    Ok(())
}

fn certificate(wanted: &TenantCertificateArgs) -> anyhow::Result<()> {
    let certificate =
        std::fs::read_to_string(&wanted.file).with_context(|| format!("{} cannot be read", wanted.file.display()))?;
    if !tenancy::is_genuine(&certificate, &wanted.key.parse::<Verifier>()?) {
        bail!("this certificate was changed, is not signed, or is of another installation");
    }
    say!("genuine: signed by this installation, and unchanged");
    Ok(())
}

async fn delete(house: &House, wanted: &TenantDeleteArgs, json: bool) -> anyhow::Result<()> {
    if wanted.confirm != wanted.tenant {
        bail!("--confirm is `{}` and not `{}`; nothing was deleted", wanted.confirm, wanted.tenant);
    }
    let tenant = house.scope_of(&wanted.tenant).await?.tenant_id();
    let begun = house.dcl.begin_tenant_deletion(tenant, "local").await?;
    // The key that signs the certificate is made where there is none yet.
    house.audit_signer().await?;
    let Some(done) = house.dcl.delete_tenant(&begun).await? else {
        bail!("another process deletes this tenant at this moment; `autonomos tenant resume` says when it has");
    };
    let certificate = serde_json::to_string_pretty(&done.certificate)?;
    if let Some(path) = &wanted.certificate {
        std::fs::write(path, &certificate).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if json || wanted.certificate.is_none() {
        say!("{certificate}");
    } else {
        say!("deleted; the certificate is in {}", wanted.certificate.as_deref().unwrap_or(Path::new("")).display());
    }
    Ok(())
}
