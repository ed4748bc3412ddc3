//! Asking a person at the terminal for what a step needs. Sample data stands as the default in
//! brackets: Enter takes it.

use std::io::{BufRead, Write};

use crate::drive::{Driver, Turn};
use crate::expression::{Map, Value};
use crate::field::{Field, Kind};
use crate::procedure::Step;
use crate::runtime::Handled;
use crate::wording::role_title;

/// Asks for every field and for the choice. `wished`: the choice was given on the command line.
pub async fn turn(
    driver: &Driver<'_>,
    handled: &Handled,
    place: usize,
    turn: &mut Turn,
    wished: bool,
) -> anyhow::Result<()> {
    let executable = driver.executable;
    let step = &executable.procedure.steps[place];
    let role = step.role.as_ref().map(|role| role_title(&executable.organisation, role));
    let branch = executable.branch(&step.id).map(|branch| format!(" · {branch}"));
    let role = role.unwrap_or_default() + &branch.unwrap_or_default();
    eprintln!("\n{} · {} · {role}\n{}", handled.state.number, *step.id, step.activity);
    fields(executable.fields(place), &mut turn.submission)?;
    if !wished && !step.choices().is_empty() {
        turn.choice = Some(choice(step, turn.choice.as_deref())?);
    }
    Ok(())
}

fn fields(list: &[Field], raw: &mut Map) -> anyhow::Result<()> {
    for field in list.iter().filter(|field| field.is_asked()) {
        let name = field.name.value.clone();
        match &field.kind {
            Kind::Group { fields: inner } => {
                eprintln!("— {}", field.label);
                let entry = raw.entry(name).or_insert_with(|| Value::Map(Map::new()));
                if let Value::Map(group) = entry {
                    fields(inner, group)?;
                }
            }
            Kind::Table { columns, max_rows, .. } => {
                eprintln!("— {}", field.label);
                let sample = match raw.get(&name) {
                    Some(Value::List(rows)) => rows.clone(),
                    _ => Vec::new(),
                };
                raw.insert(name, Value::List(rows(columns, sample, *max_rows)?));
            }
            _ => {
                let given = line(&prompt(field), raw.get(&name))?;
                raw.insert(name, given);
            }
        }
    }
    Ok(())
}

fn rows(columns: &[Field], sample: Vec<Value>, most: usize) -> anyhow::Result<Vec<Value>> {
    let count = line("rows", Some(&Value::number(sample.len() as u64)))?;
    let count = count.to_string().parse::<usize>().unwrap_or(sample.len()).min(most);
    let mut list = Vec::new();
    for at in 0..count {
        let mut row = match sample.get(at) {
            Some(Value::Map(row)) => row.clone(),
            _ => Map::new(),
        };
        eprintln!("  {}.", at + 1);
        fields(columns, &mut row)?;
        list.push(Value::Map(row));
    }
    Ok(list)
}

fn prompt(field: &Field) -> String {
    match &field.kind {
        Kind::Choice { options } => {
            let ids: Vec<&str> = options.iter().map(|(id, _)| id.as_str()).collect();
            format!("{} ({})", field.label, ids.join(", "))
        }
        Kind::YesNo => format!("{} (yes, no)", field.label),
        Kind::Record { register, .. } => format!("{} ({})", field.label, register.value),
        _ => field.label.clone(),
    }
}

/// A line from the person; an empty one is the default, a lone dash is nothing.
fn line(prompt: &str, default: Option<&Value>) -> anyhow::Result<Value> {
    let shown = default.map(ToString::to_string).unwrap_or_default();
    eprint!("  {prompt} [{shown}]: ");
    std::io::stderr().flush()?;
    let mut typed = String::new();
    if std::io::stdin().lock().read_line(&mut typed)? == 0 {
        anyhow::bail!("the input ended before the case did; `--auto` plays without questions");
    }
    Ok(match typed.trim() {
        "" => default.cloned().unwrap_or_default(),
        "-" => Value::Null,
        text => Value::text(text),
    })
}

fn choice(step: &Step, default: Option<&str>) -> anyhow::Result<String> {
    let choices = step.choices();
    for (at, choice) in choices.iter().enumerate() {
        let says = choice.says.as_deref().unwrap_or_default();
        eprintln!("  {}) {} {says}", at + 1, *choice.label);
    }
    loop {
        let typed = line("?", Some(&Value::text(default.unwrap_or_default())))?.to_string();
        let by_number =
            typed.parse::<usize>().ok().and_then(|number| choices.get(number.wrapping_sub(1)));
        let found = by_number.or_else(|| choices.iter().find(|choice| *choice.label == typed));
        match found {
            Some(choice) => return Ok(choice.label.value.clone()),
            None => eprintln!("  1–{}", choices.len()),
        }
    }
}
