//! What `--set` puts into fields.

use crate::expression::Value;
use crate::field::Kind;
use crate::procedure::Executable;

pub fn assignment(text: &str) -> Result<(String, String), String> {
    let (path, value) =
        text.split_once('=').ok_or_else(|| format!("`{text}` must be VARIABLE=VALUE"))?;
    Ok((path.trim().to_owned(), value.trim().to_owned()))
}

/// The values by the kinds of their fields. A mistake is told before the case begins: a value that goes
/// nowhere would leave a field empty, and be looked for there.
pub fn read(
    written: &[(String, String)],
    executable: &Executable,
) -> anyhow::Result<Vec<(String, Value)>> {
    let mut values = Vec::new();
    for (path, text) in written {
        let Some(field) = executable.field(path) else {
            anyhow::bail!("no form has a field `{path}`");
        };
        if let Some(table) = table_above(executable, path) {
            anyhow::bail!(
                "`{path}` is a column: a table is set as a whole, as in --set '{table}=[{{…}}, {{…}}]'"
            );
        }
        let value = match &field.kind {
            Kind::Table { .. } => rows(path, text)?,
            Kind::Group { .. } => anyhow::bail!("`{path}` is a group: set its fields, `{path}.…`"),
            Kind::Choice { options } => option(path, text, options)?,
            _ => Value::text(text),
        };
        values.push((path.clone(), value));
    }
    Ok(values)
}

/// The table whose column the path names.
fn table_above<'p>(executable: &Executable, path: &'p str) -> Option<&'p str> {
    let mut above = path.rsplit_once('.').map(|(above, _)| above);
    while let Some(path) = above {
        if executable.field(path).is_some_and(|field| matches!(field.kind, Kind::Table { .. })) {
            return Some(path);
        }
        above = path.rsplit_once('.').map(|(above, _)| above);
    }
    None
}

fn rows(path: &str, text: &str) -> anyhow::Result<Value> {
    let value: Value = serde_yaml::from_str(text).map_err(|error| {
        anyhow::anyhow!("`{path}` is a table, and takes its rows as [{{…}}, {{…}}]: {error}")
    })?;
    let is_rows = value.as_list().is_some_and(|rows| rows.iter().all(|row| row.as_map().is_some()));
    anyhow::ensure!(is_rows, "`{path}` is a table, and takes its rows as [{{…}}, {{…}}]");
    Ok(value)
}

/// An option by its id, or by its label.
fn option(path: &str, text: &str, options: &[(String, String)]) -> anyhow::Result<Value> {
    match options.iter().find(|(id, label)| id == text || label == text) {
        Some((id, _)) => Ok(Value::text(id)),
        None => {
            let known: Vec<&str> = options.iter().map(|(id, _)| id.as_str()).collect();
            anyhow::bail!("`{path}` has no `{text}`; it has {}", known.join(", "))
        }
    }
}
