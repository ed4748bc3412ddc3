//! Pages from templates: minijinja, strict and escaping, compiled into the program.
//!
//! A template sees its page's own fields, and on every page: `t('key', name=value)` for sentences,
//! `asset('name')` for addresses, `language`, and `me` (the signed-in person, or nothing). Everything
//! else is put into words before it gets here.

use axum::response::Html;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};
use rust_embed::Embed;
use serde::Serialize;

use super::assets;
use super::fail::Fail;
use super::session::Here;
use crate::language::{Arg, CHOICES, Language};
use crate::wording::role_title;

#[derive(Embed)]
#[folder = "src/web/templates/"]
struct Templates;

/// The signed-in person, as the frame of every page shows them.
#[derive(Serialize)]
struct Me {
    name: String,
    initials: String,
    tint: usize,
    roles: Vec<String>,
    organisation: String,
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(syntax());
    environment.set_loader(|name| {
        let Some(file) = Templates::get(name) else { return Ok(None) };
        String::from_utf8(file.data.into_owned())
            .map(Some)
            .map_err(|_| Error::new(ErrorKind::CannotUnpack, format!("{name} is not UTF-8")))
    });
    environment.add_function("asset", |name: &str| Value::from_safe_string(assets::address(name)));
    environment
}

/// The defaults, except that lines with nothing but tags leave no empty lines.
fn syntax() -> SyntaxConfig {
    let lean = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    lean.unwrap_or_default()
}

/// Templates are parsed once; a debug build reads them afresh for every page.
fn with_environment<T>(then: impl FnOnce(&Environment<'static>) -> T) -> T {
    static READY: std::sync::LazyLock<Environment<'static>> = std::sync::LazyLock::new(environment);
    if cfg!(debug_assertions) { then(&environment()) } else { then(&READY) }
}

/// A page for the signed-in person.
pub(super) fn page(
    here: &Here,
    template: &str,
    page: impl Serialize,
) -> Result<Html<String>, Fail> {
    let roles = here.person.roles.iter().map(|role| role_title(&here.organisation, role));
    let me = Me {
        initials: initials(&here.person.name),
        tint: tint(&here.person.id),
        name: here.person.name.clone(),
        roles: roles.collect(),
        organisation: here.organisation.short_name.clone(),
    };
    let frame = context! {
        me => Value::from(Serde(me)),
        path => here.path.as_str(),
        house_language => here.organisation.language.as_str(),
        house_dir => Language::parse(&here.organisation.language).direction().as_str(),
        is_demo => here.app.demo,
        has_board => here.is_in_charge,
        has_reports => here.has_reports,
        has_ledgers => here.has_ledgers,
    };
    render(&here.speaker.language, template, page, frame)
}

/// A page for anybody.
pub(super) fn plain(
    language: &Language,
    template: &str,
    page: impl Serialize,
) -> Result<Html<String>, Fail> {
    let frame = context! {
        me => (),
        path => "/",
        house_language => language.code(),
        house_dir => language.direction().as_str(),
        is_demo => false,
        has_board => false,
        has_reports => false,
        has_ledgers => false,
    };
    render(language, template, page, frame)
}

fn render(
    language: &Language,
    template: &str,
    page: impl Serialize,
    frame: Value,
) -> Result<Html<String>, Fail> {
    let speech = language.clone();
    let t = Value::from_function(move |key: &str, args: Kwargs| sentence(&speech, key, &args));
    let languages: Vec<Value> = CHOICES
        .iter()
        .map(|(code, name)| {
            context! { code => *code, name => *name, is_current => *code == language.base() }
        })
        .collect();
    let around = context! {
        t => t,
        language => context! { code => language.code(), dir => language.direction().as_str() },
        languages => languages,
    };
    let all = context! { ..around, ..frame, ..Value::from(Serde(page)) };
    with_environment(|environment| environment.get_template(template)?.render(all))
        .map(Html)
        .map_err(|error| Fail::broken(&error))
}

/// `t('key', name=value)`: a whole number counts, anything else stands as it is.
fn sentence(language: &Language, key: &str, args: &Kwargs) -> Result<String, Error> {
    let mut given = Vec::new();
    for name in args.args() {
        let value: Value = args.get(name)?;
        let arg = match value.as_i64() {
            Some(count) if value.kind() == ValueKind::Number => Arg::Count(count),
            _ => Arg::from(value.to_string()),
        };
        given.push((name, arg));
    }
    Ok(language.text(key, &given))
}

/// The first letters of the first two names.
pub(super) fn initials(name: &str) -> String {
    name.split_whitespace().take(2).filter_map(|part| part.chars().next()).collect()
}

/// One of six tints, always the same for the same id.
pub(super) fn tint(id: &str) -> usize {
    id.bytes().fold(0, |sum, byte| (sum * 31 + usize::from(byte)) % 6_007) % 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_read() {
        let environment = environment();
        for name in Templates::iter() {
            if let Err(error) = environment.get_template(&name) {
                panic!("{name}: {error}");
            }
        }
    }

    #[test]
    fn a_person_has_initials_and_a_tint() {
        assert_eq!(initials("Ana Choque Mamani"), "AC");
        assert_eq!(initials("پونه"), "پ");
        assert!(tint("ana") < 6);
    }
}
