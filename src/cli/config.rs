//! Settings: flags before environment before defaults, resolved once, here.

use std::path::Path;

use clap::Args;

/// Which database.
#[derive(Debug, Clone, Args)]
pub struct Database {
    /// A file, or `sqlite:` and a file
    #[arg(
        long = "database",
        env = "TRAMITE_DATABASE",
        default_value = "tramite.db",
        value_name = "URL"
    )]
    url: String,
}

impl Database {
    /// The address, to be made when it isn't there yet.
    pub fn url(&self) -> anyhow::Result<&str> {
        if self.url.starts_with("postgres") {
            anyhow::bail!("this release keeps its data in SQLite; name a file with --database");
        }
        Ok(&self.url)
    }

    /// The address of a database that must be there: reading commands make none by accident.
    pub fn existing(&self) -> anyhow::Result<&str> {
        let url = self.url()?;
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or(path);
        if !Path::new(path).exists() {
            anyhow::bail!("there is no database {path}; name it with --database");
        }
        Ok(url)
    }
}
