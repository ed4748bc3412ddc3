//! Settings: flags before environment before defaults, resolved once, here.

use std::path::Path;

use clap::Args;

/// Which database.
#[derive(Debug, Clone, Args)]
pub struct Database {
    /// A file, `sqlite:` and a file, or `postgres://user:password@host/database`
    #[arg(
        long = "database",
        env = "TRAMITE_DATABASE",
        default_value = "tramite.db",
        value_name = "URL"
    )]
    url: String,
}

impl Database {
    /// The address, to be made when it isn't there yet. A PostgreSQL database is never made.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of a database that must be there: reading commands make none by accident.
    pub fn existing(&self) -> anyhow::Result<&str> {
        if let Some(path) = self.file()
            && !Path::new(path).exists()
        {
            anyhow::bail!("there is no database {path}; name it with --database");
        }
        Ok(&self.url)
    }

    /// The file of an SQLite database.
    pub fn file(&self) -> Option<&str> {
        if self.url.starts_with("postgres://") || self.url.starts_with("postgresql://") {
            return None;
        }
        let path = self.url.strip_prefix("sqlite:").unwrap_or(&self.url);
        let path = path.strip_prefix("//").unwrap_or(path);
        path.split('?').next()
    }
}
