//! `autonomos audit`: the audit trail taken out, and checked by whoever wants to, without the system it is from.

use crate::cli::{AuditAction, AuditArgs, AuditExportArgs, AuditVerifyArgs, Cli};
use crate::compose::House;
use crate::exit::TAMPERED;
use crate::settings::Settings;
use crate::show::say;
use anyhow::Context;
use aos_core::audit::{Broken, INSTALLATION, Verified, Verifier, verify};
use serde_json::json;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

/// Pieces of an export that wait to be written.
const PIECES_WAITING_MAX: usize = 4;

pub async fn run(cli: &Cli, args: &AuditArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    match &args.action {
        AuditAction::Verify(args) => check(args),
        AuditAction::Export(args) => {
            let house = House::open(&cli.data_dir()?, settings).await?;
            export(&house, args).await?;
            Ok(ExitCode::SUCCESS)
        }
        AuditAction::Key => {
            let house = House::open(&cli.data_dir()?, settings).await?;
            say!("{}", house.audit_signer().await?.verifier());
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn export(house: &House, args: &AuditExportArgs) -> anyhow::Result<()> {
    let signer = house.audit_signer().await?;
    let (pieces, mut waiting) = tokio::sync::mpsc::channel(PIECES_WAITING_MAX);
    let written = async {
        let mut out: Box<dyn Write> = match &args.out {
            Some(path) => {
                Box::new(File::create(path).with_context(|| format!("{} cannot be written", path.display()))?)
            }
            None => Box::new(std::io::stdout()),
        };
        while let Some(piece) = waiting.recv().await {
            let piece: String = piece;
            out.write_all(piece.as_bytes())?;
        }
        anyhow::Ok(out.flush()?)
    };
    let exporting = async {
        match args.installation {
            true => house.store.system().export_audit(&signer, pieces).await?,
            false => {
                let scope = house.known_scope(&args.tenant).await?;
                house.store.tenant(&scope).export_audit(&signer, pieces).await?;
            }
        }
        anyhow::Ok(())
    };
    tokio::try_join!(exporting, written)?;
    Ok(())
}

fn check(args: &AuditVerifyArgs) -> anyhow::Result<ExitCode> {
    let key = args.key.as_deref().map(public_key).transpose()?;
    let earlier = match &args.earlier {
        Some(path) => match verified(path, None, None)? {
            Ok(verified) => Some(verified.head),
            Err(broken) => return tell(args, Err(broken.into()), &format!("the earlier export {}: ", path.display())),
        },
        None => None,
    };
    let found = verified(&args.export, key.as_ref(), earlier.as_ref())?;
    tell(args, found.map_err(anyhow::Error::from), "")
}

fn tell(args: &AuditVerifyArgs, found: anyhow::Result<Verified>, which: &str) -> anyhow::Result<ExitCode> {
    match found {
        Ok(Verified { head, key, heads }) if args.json => {
            say!(
                "{:#}",
                json!({ "sound": true, "head": head, "key": key, "heads": heads, "key_given": args.key.is_some() })
            );
        }
        Ok(Verified { head, key, heads }) => {
            let whose = if head.chain == INSTALLATION {
                "the installation".to_owned()
            } else {
                format!("tenant {}", head.chain)
            };
            say!("sound: {} entries of {whose}, none changed, removed, added or moved; {heads} signed heads", head.seq);
            say!("signed {} with the key {key}", head.at.format("%Y-%m-%d %H:%M:%S UTC"));
            if args.key.is_none() {
                say!(
                    "whose key that is was not checked: give the installation's with --key, as `autonomos audit key` prints it"
                );
            }
        }
        Err(broken) => {
            if args.json {
                say!("{:#}", json!({ "sound": false, "problem": format!("{which}{broken}") }));
            } else {
                say!("NOT SOUND: {which}{broken}");
            }
            return Ok(ExitCode::from(TAMPERED));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn verified(
    path: &Path,
    key: Option<&Verifier>,
    earlier: Option<&aos_core::audit::Head>,
) -> anyhow::Result<Result<Verified, Broken>> {
    let reader: Box<dyn BufRead> = match path == Path::new("-") {
        true => Box::new(std::io::stdin().lock()),
        false => {
            Box::new(BufReader::new(File::open(path).with_context(|| format!("{} cannot be read", path.display()))?))
        }
    };
    Ok(verify(reader.lines().map(|line| line.map(Cow::Owned)), key, earlier))
}

/// Reads a key that is given as itself or by the file it stands in.
fn public_key(given: &str) -> anyhow::Result<Verifier> {
    given.parse::<Verifier>().or_else(|error| match std::fs::read_to_string(given) {
        Ok(text) => Ok(text.parse()?),
        Err(_) => Err(error.into()),
    })
}
