//! Rejections and problems of fields in the words of a person's language, for screens and terminals.
//!
//! The engine gives codes and what the sentence needs; `language` has the sentences; here the two meet.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::engine::{OpenBalance, Rejection};
use crate::field::Problem;
use crate::language::{Arg, Language};
use crate::organisation::Organisation;
use crate::procedure::Executable;

/// Why the engine said no. `holder` is the name of the person who holds the task, if that is why;
/// `when` says an instant as it is said there.
pub fn rejection(
    language: &Language,
    executable: &Executable,
    rejection: &Rejection,
    holder: Option<&str>,
    when: &dyn Fn(Timestamp) -> String,
) -> String {
    let list = |choices: &[String]| choices.join(" · ");
    let args: Vec<(&str, Arg<'_>)> = match rejection {
        Rejection::NotYourRole { role } => {
            vec![("role", role_title(&executable.organisation, role).into())]
        }
        Rejection::ClaimedByAnother { by } => vec![("by", holder.unwrap_or(by).into())],
        Rejection::NotOpenYet { opens_at } => vec![("opens_at", when(*opens_at).into())],
        Rejection::FourEyes { step } | Rejection::AnotherFirst { step } => {
            vec![("step", step.into())]
        }
        Rejection::ChoiceRequired { choices } => vec![("choices", list(choices).into())],
        Rejection::UnknownChoice { choice, choices } => {
            vec![("choice", choice.into()), ("choices", list(choices).into())]
        }
        Rejection::TooDeep { most } => vec![("most", (*most).into())],
        Rejection::TooMuchOpen { step, most } => {
            vec![("step", step.into()), ("most", (*most).into())]
        }
        Rejection::InvalidSubmission { errors } => vec![("count", errors.len().into())],
        Rejection::RowNotLoaded { register, key } => {
            vec![("register", register.into()), ("key", key.into())]
        }
        Rejection::NotInHand { name } => vec![("name", paper_title(executable, name).into())],
        Rejection::NoWayOn { step, reason } => {
            vec![("step", step.into()), ("reason", reason.into())]
        }
        Rejection::NotEnough { name, account, there, wanted } => vec![
            ("name", name.into()),
            ("account", account.into()),
            ("there", amount_words(language, there).into()),
            ("wanted", amount_words(language, wanted).into()),
        ],
        Rejection::BadAmount { name, amount, decimals } => vec![
            ("name", name.into()),
            ("amount", amount_words(language, amount).into()),
            ("decimals", (*decimals).into()),
        ],
        Rejection::StillOpen { open } => {
            let line = |open: &OpenBalance| {
                format!("{} {} ({})", amount_words(language, &open.amount), open.item, open.account)
            };
            vec![("open", open.iter().map(line).collect::<Vec<_>>().join(" · ").into())]
        }
        Rejection::CaseExists
        | Rejection::CaseNotRunning
        | Rejection::TaskNotOpen
        | Rejection::JobNotOpen
        | Rejection::NotClaimed
        | Rejection::BlockNotOpen
        | Rejection::ReasonRequired => Vec::new(),
    };
    language.text(&format!("rejection-{}", rejection.code()), &args)
}

/// What is wrong with a field.
pub fn problem(language: &Language, problem: &Problem) -> String {
    let limit = |limit: &str| Arg::from(limit_words(language, limit));
    let (key, args): (&str, Vec<(&str, Arg<'_>)>) = match problem {
        Problem::Required => ("required", vec![]),
        Problem::NotANumber => ("not-a-number", vec![]),
        Problem::AmbiguousNumber => ("ambiguous-number", vec![]),
        Problem::TooManyDecimals { allowed } => {
            ("too-many-decimals", vec![("allowed", (*allowed).into())])
        }
        Problem::TooManyDigits => ("too-many-digits", vec![]),
        Problem::TooSmall { min } => ("too-small", vec![("min", limit(min))]),
        Problem::TooLarge { max } => ("too-large", vec![("max", limit(max))]),
        Problem::NotADate => ("not-a-date", vec![]),
        Problem::NotYesNo => ("not-yes-no", vec![]),
        Problem::NotAnOption => ("not-an-option", vec![]),
        Problem::TooLong { max } => ("too-long", vec![("max", (*max).into())]),
        Problem::SeveralLines => ("several-lines", vec![]),
        Problem::WrongPattern { sample } => ("wrong-pattern", vec![("sample", sample.into())]),
        Problem::UnknownRecord { key } => ("unknown-record", vec![("key", key.into())]),
        Problem::TooFewRows { min } => ("too-few-rows", vec![("min", (*min).into())]),
        Problem::TooManyRows { max } => ("too-many-rows", vec![("max", (*max).into())]),
        Problem::NotReckonable { reason } => ("not-reckonable", vec![("reason", reason.into())]),
        Problem::Rule { says } => ("rule", vec![("says", says.into())]),
        Problem::UnknownField => ("unknown-field", vec![]),
    };
    language.text(&format!("problem-{key}"), &args)
}

/// An amount as it is kept, in the language's figures.
fn amount_words(language: &Language, amount: &str) -> String {
    let number = amount.parse::<Decimal>();
    number.map_or_else(|_| amount.to_owned(), |number| language.plain_number(&number))
}

/// A limit comes as it is kept: a day, a number, or a text.
fn limit_words(language: &Language, limit: &str) -> String {
    if let Ok(date) = limit.parse() {
        return language.date(date);
    }
    limit.parse::<Decimal>().map_or_else(
        |_| limit.to_owned(),
        |number| language.number(&number, number.normalize().scale()),
    )
}

/// A role as people call it.
pub fn role_title(organisation: &Organisation, role: &str) -> String {
    organisation.role(role).map_or_else(|| role.to_owned(), |known| known.title.clone())
}

/// A document or paper as people call it.
pub fn paper_title(executable: &Executable, name: &str) -> String {
    let document = executable.documents.get(name).map(|document| document.title.clone());
    let paper = || executable.organisation.paper(name).map(|paper| paper.title.clone());
    document.or_else(paper).unwrap_or_else(|| name.to_owned())
}
