//! Mail through SMTP. The `Message-ID` is the job's: a mail that is sent twice because a server died in
//! between is one mail to every program that looks at it.

use lettre::AsyncTransport;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};

use super::Errand;
use super::outcome::{Failure, Outcome};
use super::reach::{Mailer, Reach};
use crate::document::print;
use crate::engine::Request;
use crate::expression::Value;
use crate::runtime::Runtime;

/// Bytes of all attachments together: more is refused by most servers.
const MOST_BYTES: usize = 20 << 20;
/// Addresses of one mail: more is a mailing, and no step of a case.
const MOST_ADDRESSES: usize = 50;

pub(super) async fn send(runtime: &Runtime, reach: &Reach, errand: &Errand<'_>) -> Outcome {
    match try_send(runtime, reach, errand).await {
        Ok(()) => Outcome::Done(Value::Null),
        Err(failure) => Outcome::Failed(failure),
    }
}

async fn try_send(runtime: &Runtime, reach: &Reach, errand: &Errand<'_>) -> Result<(), Failure> {
    let Request::Send { to, subject, body, attach } = &errand.job.request else {
        return Err(Failure::lasting("this is no mail"));
    };
    let mailer = reach.mail.as_ref().ok_or_else(|| {
        Failure::lasting("this server's configuration names no mail server (--mail)")
    })?;
    if to.len() > MOST_ADDRESSES {
        let many = to.len();
        let reason = format!("{many} addresses are too many for a mail: {MOST_ADDRESSES} at most");
        return Err(Failure::lasting(reason));
    }
    let kind = ContentType::parse("application/pdf")
        .map_err(|_| Failure::lasting("PDF is no kind of content"))?;
    let (mut parts, mut room) = (Vec::new(), MOST_BYTES);
    for no in attach {
        let (name, pdf) = attachment(runtime, errand, *no).await?;
        room = room.checked_sub(pdf.len()).ok_or_else(too_large)?;
        parts.push(Attachment::new(name).body(pdf, kind.clone()));
    }
    post(mailer, &errand.key(), (to, subject, body), parts).await
}

/// Sends a mail once. `key` tells it from all others, however often it is sent.
pub(super) async fn post(
    mailer: &Mailer,
    key: &str,
    letter: (&[String], &str, &str),
    parts: Vec<SinglePart>,
) -> Result<(), Failure> {
    let message = message(mailer, key, letter, parts)?;
    match mailer.transport.send(message).await {
        Ok(_) => Ok(()),
        Err(error) => Err(refused(&error)),
    }
}

fn message(
    mailer: &Mailer,
    key: &str,
    (to, subject, body): (&[String], &str, &str),
    parts: Vec<SinglePart>,
) -> Result<Message, Failure> {
    let domain = mailer.from.email.domain();
    let id = format!("<{key}@{domain}>");
    let mut builder = Message::builder()
        .from(mailer.from.clone())
        .message_id(Some(id))
        .subject(one_line(subject));
    if to.is_empty() {
        return Err(Failure::lasting("there is no address to send to"));
    }
    for address in to {
        let mailbox: Mailbox = address
            .parse()
            .map_err(|_| Failure::lasting(format!("`{address}` is no mail address")))?;
        builder = builder.to(mailbox);
    }
    let text = SinglePart::plain(body.to_owned());
    let made = if parts.is_empty() {
        builder.singlepart(text)
    } else {
        let mixed =
            parts.into_iter().fold(MultiPart::mixed().singlepart(text), MultiPart::singlepart);
        builder.multipart(mixed)
    };
    made.map_err(|error| Failure::lasting(format!("the mail can't be made: {error}")))
}

/// A subject is one line: what a customer typed must not become a header.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn too_large() -> Failure {
    Failure::lasting("what is attached is too large for a mail: 20 MiB together at most")
}

/// A document's name as a file, and its PDF.
async fn attachment(
    runtime: &Runtime,
    errand: &Errand<'_>,
    no: u32,
) -> Result<(String, Vec<u8>), Failure> {
    let (case, _) = errand.leased;
    let sheet = runtime.sheet(case, no).await?;
    let mut sheet = sheet.ok_or_else(|| Failure::lasting("the document is not there"))?;
    // On paper there are copies.
    sheet.copies = 1;
    let issued = errand.case.state.documents.iter().find(|issued| issued.no == no);
    let number = issued.map_or_else(|| no.to_string(), |issued| issued.number.clone());
    let printed = tokio::task::spawn_blocking(move || print::pdf(&sheet)).await;
    let pdf = match printed {
        Ok(Ok(pdf)) => pdf,
        Ok(Err(error)) => {
            return Err(Failure::lasting(format!("{number} can't be printed: {error}")));
        }
        Err(_) => return Err(Failure::lasting(format!("printing {number} failed"))),
    };
    let name: String =
        number.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
    Ok((format!("{name}.pdf"), pdf))
}

/// 5xx is the server's last word; its code may be one that the procedure leads on from.
fn refused(error: &lettre::transport::smtp::Error) -> Failure {
    let code = error.status().map(|code| code.to_string());
    let why = std::error::Error::source(error).map(|source| format!(": {source}"));
    let reason = match &code {
        Some(code) => format!("the mail server answered {code}{}", why.unwrap_or_default()),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None => format!("the mail server can't be used{}", why.unwrap_or_default()),
    };
    let failure =
        if error.is_permanent() { Failure::lasting(reason) } else { Failure::passing(reason) };
    Failure { codes: code.into_iter().collect(), ..failure }
}
