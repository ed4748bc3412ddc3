//! The organisation and its procedures as the newest versions say.

use std::sync::Arc;

use super::App;
use super::fail::Fail;
use crate::organisation::Organisation;
use crate::procedure::Executable;
use crate::store::CaseRow;

impl App {
    /// The newest version of every procedure of an organisation, by its chapter.
    pub(super) async fn procedures(&self, id: &str) -> Result<Vec<(u32, Arc<Executable>)>, Fail> {
        let mut newest = Vec::new();
        for row in self.runtime.store().latest_versions(id).await? {
            let found = self.runtime.executable(id, &row.procedure, row.version).await?;
            newest.extend(found.map(|executable| (row.version, executable)));
        }
        newest.sort_by(|(_, left), (_, right)| {
            let key = |executable: &Executable| {
                (executable.procedure.section.clone(), executable.procedure.title.clone())
            };
            key(left).cmp(&key(right))
        });
        Ok(newest)
    }

    /// An organisation as its most recently published version describes it, or a version of two seconds
    /// ago: it gives the language and the place of every answer, but nobody's rights.
    pub(super) async fn organisation(&self, id: &str) -> Result<Option<Arc<Organisation>>, Fail> {
        self.recall.houses.or_read(id, self.newest_organisation(id)).await
    }

    async fn newest_organisation(&self, id: &str) -> Result<Option<Arc<Organisation>>, Fail> {
        let versions = self.runtime.store().latest_versions(id).await?;
        let Some(newest) = versions.into_iter().max_by_key(|row| row.published_at) else {
            return Ok(None);
        };
        let found = self.runtime.executable(id, &newest.procedure, newest.version).await?;
        Ok(found.map(|executable| Arc::clone(&executable.organisation)))
    }

    /// What a case runs on.
    pub(super) async fn executable_of(&self, case: &CaseRow) -> Result<Arc<Executable>, Fail> {
        self.runtime
            .executable(&case.organisation, &case.procedure, case.version)
            .await?
            .ok_or(Fail::NotFound)
    }
}

/// `8.1 Registro en el sistema …`.
pub(super) fn procedure_title(executable: &Executable) -> String {
    let procedure = &executable.procedure;
    match &procedure.section {
        Some(section) => format!("{section} {}", procedure.title),
        None => procedure.title.clone(),
    }
}
