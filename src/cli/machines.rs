//! The file that says what jobs are done with: the mail server, and services by name.
//!
//! What is secret need not stand in it: `${NAME}` is taken from the environment. Read once, on a start.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use crate::library::Library;
use crate::procedure::What;
use crate::runtime::Reach;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    mail: Option<Mail>,
    #[serde(default)]
    services: BTreeMap<String, Service>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mail {
    url: String,
    from: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// Reads the file; without one nothing can be reached.
pub(super) fn read(path: Option<&Path>) -> anyhow::Result<Reach> {
    let Some(path) = path else { return Ok(Reach::default()) };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("reading the machines' file {}", path.display()))?;
    reach(&text, &|name| std::env::var(name).ok())
        .with_context(|| format!("in the machines' file {}", path.display()))
}

fn reach(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Reach> {
    let written: Option<Written> = serde_yaml::from_str(text)?;
    let Written { mail, services } = written.unwrap_or_default();
    let mut reach = Reach::default();
    if let Some(mail) = mail {
        reach = reach.mail(&filled(&mail.url, environment)?, &filled(&mail.from, environment)?)?;
    }
    for (name, service) in services {
        let mut headers = BTreeMap::new();
        for (header, value) in &service.headers {
            headers.insert(header.clone(), filled(value, environment)?);
        }
        reach = reach.service(&name, &filled(&service.url, environment)?, &headers)?;
    }
    Ok(reach)
}

/// The text with what stands in the environment.
fn filled(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else {
            anyhow::bail!("a `${{` is never closed");
        };
        let value = environment(name);
        filled.push_str(before);
        filled.push_str(&value.with_context(|| format!("the environment has no {name}"))?);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// What procedures ask for and this server can't reach. Told on a start, and no reason not to start:
/// another server may do it.
pub(super) fn missing(library: &Library, reach: &Reach) -> Vec<String> {
    let mut missing = Vec::new();
    let procedures = library.groups.values().flat_map(|group| &group.procedures);
    for procedure in procedures {
        for step in &procedure.steps {
            let what = match step.errand.as_ref().map(|errand| &errand.what) {
                Some(What::Send(_)) if !reach.sends_mail() => "a mail server".to_owned(),
                Some(What::Call(call)) if !reach.services().any(|name| *call.service == name) => {
                    format!("the service `{}`", *call.service)
                }
                _ => continue,
            };
            missing.push(format!("step {} of {} needs {what}", *step.id, *procedure.id));
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_secret_comes_from_the_environment() {
        let text = "\
mail: { url: \"smtps://oficina:${MAIL_PASSWORD}@mail.example\", from: o@tupiza.example }
services:
  facturacion:
    url: https://billing.example/api
    headers: { Authorization: \"Bearer ${TOKEN}\" }
";
        let environment = |name: &str| (name != "TOKEN").then(|| "x".to_owned());
        let told = reach(text, &environment).map(|_| ()).expect_err("refused").to_string();
        assert_eq!(told, "the environment has no TOKEN");
        let read = reach(text, &|_| Some("x".to_owned())).expect("fine");
        assert!(read.sends_mail());
        assert_eq!(read.services().collect::<Vec<_>>(), ["facturacion"]);
        assert!(reach("", &environment).is_ok());
        assert!(reach("service: {}", &environment).is_err());
        assert!(filled("${A", &environment).is_err());
    }
}
