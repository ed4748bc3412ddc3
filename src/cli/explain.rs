//! `tramite explain`: the page of a code.

use clap::Args;
use serde_json::json;

use super::Outcome;
use crate::diagnostic::{codes, did_you_mean};

#[derive(Debug, Args)]
pub struct Explain {
    /// A code such as `unknown_role`; all codes are listed without one
    code: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Some(name) = self.code else {
            for code in codes::ALL {
                if self.json {
                    out!("{}", json!({ "code": code.name, "severity": code.severity }));
                } else {
                    out!("{}", code.name);
                }
            }
            return Ok(Outcome::Fine);
        };
        let Some(code) = codes::find(&name) else {
            let close = did_you_mean(&name, codes::ALL.iter().map(|code| code.name));
            match close {
                Some(close) => anyhow::bail!("there is no code `{name}`; did you mean `{close}`?"),
                None => anyhow::bail!("there is no code `{name}`; `tramite explain` lists them"),
            }
        };
        if self.json {
            out!("{}", json!({ "code": code.name, "severity": code.severity, "page": code.page }));
        } else {
            out!("{}", code.page.trim_end());
        }
        Ok(Outcome::Fine)
    }
}
