//! `autonomos connect`: the main job on the user's own files.

use crate::cli::{Cli, ConnectArgs};
use crate::compose::House;
use crate::exit;
use crate::settings::Settings;
use crate::show::{Watcher, cell, say, short, table};
use aos_connectors::file::{FileOptions, SourceSpec, discover_sources};
use aos_core::ledger::Outcome;
use aos_dcl::TenantDcl;
use aos_dcl::connect::{ColumnReport, ConnectReport, ConnectRequest, TableReport};
use aos_dcl::connections::FileConfig;
use aos_dcl::engine::ViewQuery;
use std::path::PathBuf;
use std::process::ExitCode;

pub async fn run(cli: &Cli, args: &ConnectArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let paths = args
        .paths
        .iter()
        .map(|path| path.canonicalize().map_err(|source| unreadable(path, source)))
        .collect::<Result<Vec<PathBuf>, _>>();
    // A pattern is no path; it is taken as written.
    let paths = match paths {
        Ok(paths) => paths,
        Err(_) if args.paths.iter().any(|path| path.to_string_lossy().contains(['*', '?', '['])) => args.paths.clone(),
        Err(error) => return Err(error.into()),
    };
    let found = discover_sources(&paths, &FileOptions::default())?;
    for skipped in &found.skipped {
        crate::show::aside(format_args!("skipped {}: {}", skipped.path.display(), skipped.reason));
    }
    // Nobody is at hand who could be asked in between.
    let mut settings = settings.clone();
    settings.models.mapping_decision_wait_s = 0;
    let house = House::open(&cli.data_dir()?, &settings).await?;
    let tenant = house.dcl.tenant(&house.local_scope(&args.tenant).await?);
    if settings.database_is_embedded() {
        // A command before this one may have been cut off while it mapped the past anew.
        tenant.finish_remaps().await?;
    }
    for source in &found.sources {
        remember(&tenant, source).await?;
    }
    let names = found.sources.iter().map(|source| source.name.clone()).collect();
    let watcher = Watcher::new(args.json);
    let request = ConnectRequest { sources: Some(names), agents: None };
    let report = tenant.connect(request, move |progress| watcher.tell(&progress)).await?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&tenant, &report, args.rows).await?;
    }
    let whole = report.ledger.totals.balanced
        && !matches!(report.ledger.outcome, Outcome::Failed | Outcome::Unreachable)
        && report.tables.iter().all(|table| table.problem.is_none());
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(exit::INCOMPLETE) })
}

fn unreadable(path: &std::path::Path, source: std::io::Error) -> aos_connectors::Error {
    match source.kind() {
        std::io::ErrorKind::NotFound => aos_connectors::Error::NotFound { path: path.to_owned() },
        _ => aos_connectors::Error::Unreadable { path: path.to_owned(), source: std::sync::Arc::new(source) },
    }
}

/// Makes the connection of a source, or finds the one that was made before. Another folder of the same name is another source.
async fn remember(tenant: &TenantDcl, source: &SourceSpec) -> anyhow::Result<()> {
    let config = FileConfig { path: source.root.clone(), files: Some(source.files.clone()) };
    match tenant.find_connection(&source.name).await? {
        None => {
            tenant.add_local_connection(&source.name, None, config).await?;
        }
        Some(known) => {
            let before: FileConfig = serde_json::from_value(known.config)?;
            if before.path != config.path {
                anyhow::bail!(
                    "a source named {} is connected already, from {}; rename the folder, or use another tenant with --tenant NAME",
                    source.name,
                    before.path.display()
                );
            }
            if before != config {
                tenant.update_local_connection(known.id, config).await?;
            }
        }
    }
    Ok(())
}

async fn print(tenant: &TenantDcl, report: &ConnectReport, rows: usize) -> anyhow::Result<()> {
    for table in &report.tables {
        print_table(table);
    }
    for (entity, counts) in &report.entities {
        say!("\n{entity}: {} records, unified from {} rows", counts.records, counts.rows);
        if rows == 0 {
            continue;
        }
        let (name, query) =
            (entity.clone(), ViewQuery { limit: u32::try_from(rows).unwrap_or(u32::MAX), ..ViewQuery::default() });
        print_rows(&*tenant.view(&name, &query).await?);
    }
    print_ledger(report);
    Ok(())
}

fn print_table(report: &TableReport) {
    let entity = report.entity.as_deref().unwrap_or("no entity");
    say!("\n{}.{} → {entity}", report.source, report.table);
    if let Some(problem) = &report.problem {
        say!("  cannot be read: {problem}");
    }
    let (mapped, unmapped): (Vec<&ColumnReport>, Vec<&ColumnReport>) =
        report.columns.iter().partition(|column| column.field.is_some());
    if !mapped.is_empty() {
        let mut out = table(["column", "type", "field", "confidence", "evidence"]);
        for column in mapped {
            let field = match (&column.entity, &column.field) {
                (Some(entity), Some(field)) if Some(entity) == report.entity.as_ref() => field.clone(),
                (Some(entity), Some(field)) => format!("{entity}.{field}"),
                _ => String::new(),
            };
            let confidence = column.confidence.map(|confidence| format!("{confidence:.2}")).unwrap_or_default();
            out.add_row([
                column.column.clone(),
                column.kind.clone(),
                field,
                confidence,
                short(&column.evidence.join("; "), 70),
            ]);
        }
        say!("{out}");
    }
    for column in unmapped {
        say!("  unmapped {} ({}): {}", column.column, column.kind, column.reason.as_deref().unwrap_or("no field fits"));
    }
}

fn print_rows(page: &aos_dcl::engine::ViewPage) {
    // Columns that are empty in all rows shown would only push the others off the screen.
    let shown: Vec<&str> = page
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .filter(|name| *name != "_connection_id" && *name != "_streams" && *name != "_extras")
        .filter(|name| page.items.iter().any(|item| item.get(*name).is_some_and(|value| !value.is_null())))
        .take(9)
        .collect();
    let mut out = crate::show::table([]);
    out.set_header(shown.iter().copied());
    for item in &page.items {
        out.add_row(shown.iter().map(|name| item.get(*name).map(cell).unwrap_or_default()));
    }
    say!("{out}");
}

fn print_ledger(report: &ConnectReport) {
    let totals = &report.ledger.totals;
    let verdict = if totals.balanced { "balanced" } else { "NOT BALANCED" };
    say!(
        "\nledger: read {} = landed {} + duplicate {} + filtered {} + rejected {} · {verdict} · {} · {} ms",
        totals.read,
        totals.landed,
        totals.duplicate,
        totals.filtered,
        totals.rejected,
        report.ledger.outcome.as_str().replace('_', " "),
        report.elapsed_ms
    );
    for (code, count) in &report.ledger.warnings {
        say!("  {count} values set aside: {}", code.replace('_', " "));
    }
}
