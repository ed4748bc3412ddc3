//! Published versions of procedures, and the files that they run on.
//!
//! A version is never changed and never removed: a case runs to its end on the one that it began
//! with.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::chain::hexadecimal;
use super::columns::{get, instant, json, to_json};
use super::sql::{Kind, On, Row, Rows, query};
use super::transaction::Mark;
use super::{Error, Store, Writing};
use crate::library::Files;

/// One published version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionRow {
    pub organisation: String,
    pub procedure: String,
    /// Counts the procedure's versions from 1.
    pub version: u32,
    pub title: String,
    pub section: Option<String>,
    pub published_at: Timestamp,
    /// The sha256 of its files.
    pub bundle: String,
}

/// All files of an organisation as they were published.
#[derive(Debug, Clone)]
pub(crate) struct Bundle {
    pub(crate) hash: String,
    pub(crate) files: Files,
}

const NEWEST: &str = "\
SELECT v.organisation, v.procedure,
       (SELECT max(version) FROM versions
         WHERE versions.organisation = v.organisation AND versions.procedure = v.procedure)
       AS version
  FROM {rows}";

const WANTED: &[(&str, Kind)] = &[("organisation", Kind::Text), ("procedure", Kind::Text)];

const NEWEST_OF_EACH: &str = "\
SELECT v.* FROM versions AS v
  JOIN (SELECT procedure, max(version) AS version FROM versions
         WHERE organisation = $1 GROUP BY procedure) AS newest
    ON newest.procedure = v.procedure AND newest.version = v.version
 WHERE v.organisation = $1 ORDER BY v.procedure LIMIT 1000";

const BUNDLE: &str = "\
SELECT b.hash, b.files FROM versions AS v JOIN bundles AS b ON b.hash = v.bundle
 WHERE v.organisation = $1 AND v.procedure = $2 AND v.version = $3";

const SAVE_BUNDLE: &str = "\
INSERT INTO bundles (hash, files) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";

const SAVE: &str = "\
INSERT INTO versions (organisation, procedure, version, bundle, title, section, published_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

impl Store {
    /// The newest version of each procedure.
    pub async fn latest_versions(&self, organisation: &str) -> Result<Vec<VersionRow>, Error> {
        latest(&mut self.reader().await?.on(), organisation).await
    }

    /// The files of a version.
    pub(crate) async fn bundle(
        &self,
        organisation: &str,
        procedure: &str,
        version: u32,
    ) -> Result<Option<Bundle>, Error> {
        bundle(&mut self.reader().await?.on(), organisation, procedure, version).await
    }
}

impl Writing {
    pub(crate) async fn bundle(
        &mut self,
        organisation: &str,
        procedure: &str,
        version: u32,
    ) -> Result<Option<Bundle>, Error> {
        bundle(&mut self.on(), organisation, procedure, version).await
    }

    /// The newest version of each (organisation, procedure) that has any.
    pub(crate) async fn newest_versions(
        &mut self,
        wanted: &BTreeSet<(&str, &str)>,
    ) -> Result<BTreeMap<(String, String), u32>, Error> {
        let mut names = Rows::of(WANTED);
        for (organisation, procedure) in wanted {
            names.push([(*organisation).into(), (*procedure).into()]);
        }
        let rows = names.fetch_all(NEWEST, &mut self.on()).await?;
        let mut newest = BTreeMap::new();
        for row in &rows {
            if let Some(version) = get(row, "version")? {
                newest.insert((get(row, "organisation")?, get(row, "procedure")?), version);
            }
        }
        Ok(newest)
    }

    pub(crate) async fn latest_versions(
        &mut self,
        organisation: &str,
    ) -> Result<Vec<VersionRow>, Error> {
        latest(&mut self.on(), organisation).await
    }

    /// `files` as JSON, to which `hash` belongs.
    pub(crate) async fn save_bundle(&mut self, hash: &str, files: &str) -> Result<(), Error> {
        query(SAVE_BUNDLE).bind(hash).bind(files).execute(&mut self.on()).await?;
        Ok(())
    }

    pub(crate) async fn save_version(&mut self, version: &VersionRow) -> Result<(), Error> {
        query(SAVE)
            .bind(&version.organisation)
            .bind(&version.procedure)
            .bind(version.version)
            .bind(&version.bundle)
            .bind(&version.title)
            .bind(version.section.as_deref())
            .bind(version.published_at.as_microsecond())
            .execute(&mut self.on())
            .await?;
        self.mark(Mark::Version(version.clone()));
        self.mark_by_number().await
    }
}

/// Whether exactly this version is there.
pub(super) async fn has(on: &mut On<'_>, version: &VersionRow) -> Result<bool, Error> {
    let known = latest(on, &version.organisation).await?;
    Ok(known.contains(version))
}

impl Bundle {
    /// Files as they are stored.
    pub(crate) fn text(files: &Files) -> Result<String, Error> {
        to_json(files)
    }

    /// The sha256 of a bundle's text, in hexadecimal.
    pub(crate) fn hash_of(text: &str) -> String {
        hexadecimal(&Sha256::digest(text.as_bytes()))
    }
}

async fn latest(on: &mut On<'_>, organisation: &str) -> Result<Vec<VersionRow>, Error> {
    let rows = query(NEWEST_OF_EACH).bind(organisation).fetch_all(on).await?;
    rows.iter().map(from_row).collect()
}

async fn bundle(
    on: &mut On<'_>,
    organisation: &str,
    procedure: &str,
    version: u32,
) -> Result<Option<Bundle>, Error> {
    let query = query(BUNDLE).bind(organisation).bind(procedure).bind(version);
    let Some(row) = query.fetch_optional(on).await? else { return Ok(None) };
    Ok(Some(Bundle { hash: get(&row, "hash")?, files: json(&row, "files")? }))
}

fn from_row(row: &Row) -> Result<VersionRow, Error> {
    Ok(VersionRow {
        organisation: get(row, "organisation")?,
        procedure: get(row, "procedure")?,
        version: get(row, "version")?,
        title: get(row, "title")?,
        section: get(row, "section")?,
        published_at: instant(row, "published_at")?,
        bundle: get(row, "bundle")?,
    })
}
