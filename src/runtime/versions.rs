//! Published versions ready to run: made from the stored files when they are first wanted, then
//! kept.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Error, Ready};
use crate::diagnostic::Diagnostics;
use crate::library::Library;
use crate::procedure::Executable;
use crate::store::Bundle;

/// Organisation, procedure, version.
type Name = (String, String, u32);

/// What was made of one bundle.
type Made = Arc<Whole>;

/// The executables of one bundle by procedure, and its reports by title.
#[derive(Debug, Default)]
struct Whole {
    executables: BTreeMap<String, Arc<Executable>>,
    reports: Vec<Arc<Ready>>,
}

/// All that were wanted so far. There are as many bundles as publications with open cases, so
/// nothing is ever thrown out.
#[derive(Debug, Default)]
pub(super) struct Versions {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_name: HashMap<Name, Arc<Executable>>,
    /// A bundle is read once for all the procedures in it.
    by_bundle: HashMap<String, Made>,
}

impl Versions {
    pub(super) fn known(
        &self,
        organisation: &str,
        procedure: &str,
        version: u32,
    ) -> Option<Arc<Executable>> {
        let name = (organisation.to_owned(), procedure.to_owned(), version);
        self.lock().by_name.get(&name).cloned()
    }

    /// The reports of an organisation's bundle; none before one of its procedures was made.
    pub(super) fn reports(&self, organisation: &str, bundle: &str) -> Option<Vec<Arc<Ready>>> {
        let known = self.lock();
        let made = known.by_bundle.get(bundle)?;
        let own = made.reports.iter().filter(|ready| *ready.organisation.id == organisation);
        Some(own.cloned().collect())
    }

    /// Makes an executable from the files of its version.
    pub(super) fn make(
        &self,
        organisation: &str,
        procedure: &str,
        version: u32,
        bundle: Bundle,
    ) -> Result<Arc<Executable>, Error> {
        let made = self.lock().by_bundle.get(&bundle.hash).cloned();
        // Reading may take long; nobody waits for the lock meanwhile. Reading twice does no harm.
        let made = made.unwrap_or_else(|| Arc::new(read(organisation, &bundle)));
        let executable =
            made.executables.get(procedure).cloned().ok_or_else(|| Error::Unreadable {
                organisation: organisation.to_owned(),
                procedure: procedure.to_owned(),
                version,
            })?;
        let mut known = self.lock();
        known.by_bundle.insert(bundle.hash, made);
        let name = (organisation.to_owned(), procedure.to_owned(), version);
        known.by_name.insert(name, Arc::clone(&executable));
        Ok(executable)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing is half done under the lock: a panic elsewhere leaves the maps whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Findings are not asked for: a published version keeps running when the checker gets stricter.
fn read(organisation: &str, bundle: &Bundle) -> Whole {
    let library = Library::read(&bundle.files, &mut Diagnostics::default());
    let Some(group) = library.group(organisation) else { return Whole::default() };
    let executables: BTreeMap<String, Arc<Executable>> = group
        .procedures
        .iter()
        .filter_map(|procedure| {
            let executable = group.executable(procedure)?;
            Some((procedure.id.value.clone(), Arc::new(executable)))
        })
        .collect();
    let mut reports = Vec::new();
    if let Some(organisation) = &group.organisation {
        let all: Vec<&Executable> = executables.values().map(AsRef::as_ref).collect();
        let ready = |report| Arc::new(Ready::of(report, organisation, &group.registers, &all));
        reports.extend(group.reports.iter().map(ready));
        reports.sort_by(|left, right| left.report.title.cmp(&right.report.title));
    }
    Whole { executables, reports }
}
