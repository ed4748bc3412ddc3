//! The organisation and its procedures as the newest versions say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::App;
use super::fail::Fail;
use crate::engine::Actor;
use crate::organisation::Organisation;
use crate::procedure::Executable;
use crate::register::Register;
use crate::store::CaseRow;

/// An organisation, the roles that may cancel cases of one of its procedures at least (they look after
/// what is stuck), and the roles that may see one of its reports at least.
#[derive(Debug)]
pub(super) struct House {
    pub(super) organisation: Arc<Organisation>,
    pub(super) in_charge: BTreeSet<String>,
    pub(super) readers: BTreeSet<String>,
    pub(super) registers: Arc<Vec<Register>>,
    /// How each procedure is called, by its id.
    pub(super) titles: BTreeMap<String, String>,
}

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
    /// ago: it gives the language and the place of every answer.
    pub(super) async fn organisation(&self, id: &str) -> Result<Option<Arc<Organisation>>, Fail> {
        Ok(self.house(id).await?.map(|house| Arc::clone(&house.organisation)))
    }

    /// The same, with who looks after its cases.
    pub(super) async fn house(&self, id: &str) -> Result<Option<Arc<House>>, Fail> {
        self.recall.houses.or_read(id, self.newest_house(id)).await
    }

    async fn newest_house(&self, id: &str) -> Result<Option<Arc<House>>, Fail> {
        let mut newest: Option<(Timestamp, Arc<Organisation>)> = None;
        let (mut in_charge, mut registers) = (BTreeSet::new(), Arc::default());
        let mut titles = BTreeMap::new();
        for row in self.runtime.store().latest_versions(id).await? {
            let found = self.runtime.executable(id, &row.procedure, row.version).await?;
            let Some(executable) = found else { continue };
            titles.insert(row.procedure.clone(), procedure_title(&executable));
            in_charge.extend(executable.procedure.cancels.iter().map(|role| role.value.clone()));
            if newest.as_ref().is_none_or(|(at, _)| *at < row.published_at) {
                newest = Some((row.published_at, Arc::clone(&executable.organisation)));
                registers = Arc::clone(&executable.registers);
            }
        }
        let Some((_, organisation)) = newest else { return Ok(None) };
        let reports = self.runtime.reports(id).await?;
        let readers = reports.iter().flat_map(|ready| &ready.report.seen_by);
        let readers = readers.map(|role| role.value.clone()).collect();
        Ok(Some(Arc::new(House { organisation, in_charge, readers, registers, titles })))
    }

    /// What a case runs on.
    pub(super) async fn executable_of(&self, case: &CaseRow) -> Result<Arc<Executable>, Fail> {
        self.runtime
            .executable(&case.organisation, &case.procedure, case.version)
            .await?
            .ok_or(Fail::NotFound)
    }
}

impl House {
    /// The ledgers that somebody may see.
    pub(super) fn ledgers(&self, actor: &Actor) -> impl Iterator<Item = &Register> {
        self.registers.iter().filter(|register| match &register.ledger {
            Some(ledger) => {
                let mut roles = ledger.seen_by.iter();
                ledger.seen_by.is_empty() || roles.any(|role| actor.has(role))
            }
            None => false,
        })
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
