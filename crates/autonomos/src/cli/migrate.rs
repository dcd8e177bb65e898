//! Arguments of `autonomos migrate`.

use clap::Args;

#[derive(Debug, Args)]
#[command(
    after_help = "The owner's address is taken from AUTONOMOS_MIGRATE_DATABASE_URL, the application role's from DATABASE_URL, the system role's \
                        from AUTONOMOS_SYSTEM_DATABASE_URL (without it: the application role's name with `_system`). Roles that are missing are \
                        made with the passwords of their addresses. The embedded database migrates itself whenever it is opened."
)]
pub struct MigrateArgs {
    /// Say which migrations the database has; change nothing
    #[arg(long, conflicts_with = "allow_destructive")]
    pub status: bool,
    /// Apply migrations although they lose data; take a backup before
    #[arg(long)]
    pub allow_destructive: bool,
}
