//! `autonomos ontology`: shows a tenant's ontology, or adds fields and entities to it.

use crate::cli::{Cli, OntologyArgs};
use crate::compose::House;
use crate::settings::Settings;
use crate::show::{say, table};
use anyhow::Context;
use aos_core::ontology::{Extension, Ontology};
use std::process::ExitCode;

pub async fn run(cli: &Cli, args: &OntologyArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let tenant = house.dcl.tenant(&house.local_scope(&args.tenant).await?);
    if let Some(path) = &args.extend {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read; check the path", path.display()))?;
        let extension = Extension::parse(&text).with_context(|| format!("{} is not an extension", path.display()))?;
        tenant.extend_ontology(&extension).await?;
    }
    let ontology = tenant.ontology().await?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&*ontology)?);
    } else {
        print(&ontology);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(ontology: &Ontology) {
    say!("ontology version {}", ontology.version);
    for (name, entity) in &ontology.entities {
        say!("\n{name} (key {}): {}", entity.key, entity.description);
        let mut out = table(["field", "type", "unit", "references", "description"]);
        for (field, definition) in &entity.fields {
            let unit = definition.unit.clone().unwrap_or_default();
            let references = definition.references.clone().unwrap_or_default();
            out.add_row([field.clone(), definition.kind.to_string(), unit, references, definition.description.clone()]);
        }
        say!("{out}");
    }
}
