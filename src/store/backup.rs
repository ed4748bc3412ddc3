//! Copying the database while it is in use.

use std::path::Path;

use super::open::make_private;
use super::sql::{Dialect, query};
use super::{Error, Store};

const COPY: &str = "VACUUM INTO $1";

impl Store {
    /// Writes an SQLite database as it is at one moment into a new file. Neither readers nor
    /// writers wait for it. The file is on its way to the disk when this returns, and not yet safe
    /// there.
    pub async fn copy_into(&self, path: &Path) -> Result<(), Error> {
        if self.dialect() == Dialect::Postgres {
            let what = "PostgreSQL is backed up with its own tools: pg_dump, or a base backup";
            return Err(Error::Unsupported { what });
        }
        let Some(path) = path.to_str() else {
            return Err(Error::damaged(format!("{} is not UTF-8", path.display())));
        };
        // An empty file is as good to SQLite as none.
        make_private(Path::new(path));
        query(COPY).bind(path).execute(&mut self.writer().await?.on()).await?;
        Ok(())
    }
}
