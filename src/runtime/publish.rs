//! Publishing: an organisation's files become versions that cases run on.
//!
//! All files of the organisation go together as one bundle, for any of them may change what a
//! procedure does. Whether they are good is the caller's question, to `check`.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::schedules::{self, Recurring};
use super::writer::Job;
use super::{Error, Runtime};
use crate::expression::Map;
use crate::library::{Files, Group, Library};
use crate::organisation::Organisation;
use crate::procedure::Procedure;
use crate::store::{self, Bundle, VersionRow, Writing};

/// What is to be published, read and hashed beforehand.
pub(super) struct Publication {
    organisation: String,
    hash: String,
    /// As JSON.
    files: String,
    procedures: Vec<Heading>,
    /// First rows of registers: (register, key, row).
    seeds: Vec<(String, String, Map)>,
    calendar: Option<Arc<Organisation>>,
    recurring: Vec<Recurring>,
    /// Messages that begin cases, and of which procedure.
    starters: Vec<(String, String)>,
}

struct Heading {
    id: String,
    title: String,
    section: Option<String>,
}

impl Runtime {
    /// Publishes an organisation's files. A procedure gets a new version if any file differs from
    /// those of its newest one; only the new versions are returned. First rows of registers are
    /// added where their keys are not there yet.
    ///
    /// The caller has seen to it that there are no errors in the files.
    pub async fn publish(
        &self,
        library: &Library,
        organisation: &str,
    ) -> Result<Vec<VersionRow>, Error> {
        let group = library
            .group(organisation)
            .ok_or_else(|| Error::UnknownOrganisation { organisation: organisation.to_owned() })?;
        let publication = Box::new(Publication::of(group, organisation)?);
        let (reply, answer) = oneshot::channel();
        self.send(super::FIRST, Job::Publish(publication, reply))?;
        answer.await.map_err(|_| Error::Stopped)?
    }
}

impl Publication {
    fn of(group: &Group, organisation: &str) -> Result<Self, Error> {
        let files: Files =
            group.files.iter().map(|(path, text)| (inner(path), text.clone())).collect();
        let files = Bundle::text(&files)?;
        let procedures = group.procedures.iter().map(|procedure| Heading {
            id: procedure.id.value.clone(),
            title: procedure.title.clone(),
            section: procedure.section.clone(),
        });
        let seeds = group.registers.iter().flat_map(|register| {
            let rows = register.rows.iter();
            rows.filter_map(|row| {
                Some((register.id.value.clone(), register.key_of(row)?, row.clone()))
            })
        });
        Ok(Self {
            organisation: organisation.to_owned(),
            hash: Bundle::hash_of(&files),
            files,
            procedures: procedures.collect(),
            seeds: seeds.collect(),
            calendar: group.organisation.clone(),
            recurring: Recurring::of(group),
            starters: starters(group),
        })
    }

    pub(super) async fn write(
        &self,
        writing: &mut Writing,
        now: Timestamp,
    ) -> Result<Vec<VersionRow>, store::Error> {
        let newest = writing.latest_versions(&self.organisation).await?;
        let mut published = Vec::new();
        for procedure in &self.procedures {
            let last = newest.iter().find(|version| version.procedure == procedure.id);
            if last.is_some_and(|version| version.bundle == self.hash) {
                continue;
            }
            published.push(VersionRow {
                organisation: self.organisation.clone(),
                procedure: procedure.id.clone(),
                version: last.map_or(0, |version| version.version) + 1,
                title: procedure.title.clone(),
                section: procedure.section.clone(),
                published_at: now,
                bundle: self.hash.clone(),
            });
        }
        if !published.is_empty() {
            writing.save_bundle(&self.hash, &self.files).await?;
        }
        for version in &published {
            writing.save_version(version).await?;
        }
        writing.seed_records(&self.organisation, &self.seeds).await?;
        if let Some(organisation) = &self.calendar {
            let is_new = !published.is_empty();
            schedules::publish(writing, organisation, &self.recurring, is_new, now).await?;
            writing.save_starters(&self.organisation, &self.starters).await?;
        }
        Ok(published)
    }
}

fn starters(group: &Group) -> Vec<(String, String)> {
    let starter = |procedure: &Procedure| {
        let heard = procedure.starts.message.as_ref()?;
        Some((heard.name.value.clone(), procedure.id.value.clone()))
    };
    group.procedures.iter().filter_map(starter).collect()
}

/// A path from `workflows/` or `forms/` on: the same files make the same version wherever they lie.
fn inner(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let folder = parts.iter().rposition(|part| matches!(*part, "workflows" | "forms"));
    let from = folder.unwrap_or(parts.len() - 1);
    parts[from..].join("/")
}

#[cfg(test)]
mod tests {
    use super::inner;

    #[test]
    fn paths_do_not_tell_where_the_workspace_lies() {
        assert_eq!(
            inner("/srv/a/workflows/tupiza/registro.yaml"),
            "workflows/tupiza/registro.yaml"
        );
        assert_eq!(inner("forms/tupiza/orden.typ.j2"), "forms/tupiza/orden.typ.j2");
        assert_eq!(inner("examples/clean.yaml"), "clean.yaml");
        assert_eq!(inner("clean.yaml"), "clean.yaml");
    }
}
