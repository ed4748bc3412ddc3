//! The organisation and its procedures as the newest versions say.

use std::sync::Arc;

use jiff::Timestamp;

use super::App;
use super::fail::Fail;
use crate::engine::Actor;
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

    /// An organisation as its most recently published version describes it.
    pub(super) async fn organisation(&self, id: &str) -> Result<Option<Arc<Organisation>>, Fail> {
        Ok(self.house(id, None).await?.map(|(organisation, _)| organisation))
    }

    /// The same, and whether somebody may cancel cases of one of its procedures at least: they look
    /// after what is stuck.
    pub(super) async fn house(
        &self,
        id: &str,
        actor: Option<&Actor>,
    ) -> Result<Option<(Arc<Organisation>, bool)>, Fail> {
        let versions = self.runtime.store().latest_versions(id).await?;
        let mut newest: Option<(Timestamp, Arc<Organisation>)> = None;
        let mut is_in_charge = false;
        for row in versions {
            let is_newer = newest.as_ref().is_none_or(|(at, _)| *at < row.published_at);
            if !is_newer && (is_in_charge || actor.is_none()) {
                continue;
            }
            let found = self.runtime.executable(id, &row.procedure, row.version).await?;
            let Some(executable) = found else { continue };
            is_in_charge |= actor.is_some_and(|actor| may_cancel(&executable, actor));
            if is_newer {
                newest = Some((row.published_at, Arc::clone(&executable.organisation)));
            }
        }
        Ok(newest.map(|(_, organisation)| (organisation, is_in_charge)))
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

/// Whether somebody may cancel the procedure's cases, and give back what colleagues hold.
pub(super) fn may_cancel(executable: &Executable, actor: &Actor) -> bool {
    executable.procedure.cancels.iter().any(|role| actor.has(role))
}
