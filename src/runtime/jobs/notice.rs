//! Mails to people about their tasks: reminders, and what went up to another role.
//!
//! They are promised by the journal (`store::notices`) and sent here, at least once, each under the same
//! `Message-ID` should a server die in between. Who gets one is looked up at that moment: whoever has claimed the task,
//! else everybody who may claim it, if they have an address. Nothing of a case depends on them: what can't
//! be sent is given up after a while, and the queue shows the reminder all the same.

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::mail;
use super::outcome::{Failure, Retry, pause};
use super::reach::Reach;
use crate::engine::Task;
use crate::language::Language;
use crate::procedure::Executable;
use crate::runtime::Runtime;
use crate::store::{self, CaseRow, Notice, Person};

/// For how long a notice is this server's. Sending to all whom it concerns takes less.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// So often it is tried; what is told later than that is no reminder any more.
const TRIES: u32 = 8;

/// What no server could send for so long is forgotten.
const KEPT: SignedDuration = SignedDuration::from_hours(72);

/// Letters of an activity that stand in a mail.
const ACTIVITY: usize = 1_000;

impl Runtime {
    /// Begins to send what is due, so many at most; how many there were. None where this server has no
    /// mail server: another one may have.
    pub(super) async fn begin_notices(
        &self,
        doing: &mut JoinSet<bool>,
        room: u32,
    ) -> Result<usize, store::Error> {
        if room == 0 || !self.reach().sends_mail() {
            return Ok(0);
        }
        let now = self.clock().now();
        let notices = self.store().lease_notices(now, LEASE, room).await?;
        let count = notices.len();
        for notice in notices {
            let runtime = self.clone();
            doing.spawn(async move { runtime.do_notice(notice).await });
        }
        Ok(count)
    }

    /// Forgets notices that no server could send.
    pub(in crate::runtime) async fn forget_notices(&self) -> Result<(), store::Error> {
        let before = self.clock().now().checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        self.store().forget_notices(before).await
    }

    /// Whether it is done with.
    async fn do_notice(&self, mut notice: Notice) -> bool {
        let sent = self.send_notice(&mut notice).await;
        let notice = &notice;
        let done = match sent {
            Ok(()) => self.store().drop_notice(notice).await.map(|()| true),
            Err(failure) => {
                let (case, seq, reason) = (notice.case, notice.seq, &failure.reason);
                tracing::warn!(%case, seq, reason, "a reminder could not be mailed");
                let is_over = notice.tries + 1 >= TRIES || matches!(failure.retry, Retry::Never);
                if is_over {
                    self.store().drop_notice(notice).await.map(|()| true)
                } else {
                    let later = pause(notice.tries + 2);
                    let until = self.clock().now().checked_add(later).unwrap_or(Timestamp::MAX);
                    self.store().postpone_notice(notice, until).await.map(|()| false)
                }
            }
        };
        // It is found again when its lease has ended.
        done.unwrap_or_else(|error| {
            tracing::warn!(%error, "what became of a reminder could not be noted");
            false
        })
    }

    /// One mail to each person: an address that is refused must not take the others with it.
    async fn send_notice(&self, notice: &mut Notice) -> Result<(), Failure> {
        let reach = self.reach();
        let Some(mailer) = &reach.mail else { return Err(Failure::passing("no mail server")) };
        let case = self.store().case(&notice.case).await.map_err(unread)?;
        let Some(case) = case else { return Ok(()) };
        let Some(task) = case.state.tasks.get(&notice.task) else { return Ok(()) };
        let version = (&case.organisation, &case.procedure, case.version);
        let executable = self.executable(version.0, version.1, version.2).await?;
        let Some(executable) = executable else { return Ok(()) };
        let people = self.store().people(&case.organisation).await.map_err(unread)?;
        let concerned = people.iter().filter(|person| concerns(task, person, notice));
        let concerned: Vec<&Person> =
            concerned.filter(|person| !notice.sent.contains(&person.id)).collect();
        let (mut passing, mut lasting) = (None, None);
        for person in concerned {
            let Some(address) = &person.mail else { continue };
            let key = format!("{}-{}-{}", notice.case, notice.seq, person.id);
            let letter = Letter { notice, case: &case, task, executable: &executable };
            let (subject, body) = letter.to(person, &reach);
            let to = [address.clone()];
            let letter = (&to[..], subject.as_str(), body.as_str());
            match mail::post(mailer, &key, letter, Vec::new()).await {
                Ok(()) => {
                    notice.sent.insert(person.id.clone());
                }
                Err(failure) if matches!(failure.retry, Retry::Never) => lasting = Some(failure),
                Err(failure) => passing = Some(failure),
            }
        }
        match passing.or(lasting) {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}

fn unread(error: store::Error) -> Failure {
    Failure::passing(error.to_string())
}

/// Whoever has claimed the task, else everybody who may: after it went up, only those to whom it came.
fn concerns(task: &Task, person: &Person, notice: &Notice) -> bool {
    let may = match &task.claimed_by {
        Some(by) => *by == person.id,
        None if notice.is_escalation => person.roles.contains(&task.role),
        None => task.roles().any(|role| person.roles.contains(role)),
    };
    may && person.is_active
}

/// What a mail says.
struct Letter<'a> {
    notice: &'a Notice,
    case: &'a CaseRow,
    task: &'a Task,
    executable: &'a Executable,
}

impl Letter<'_> {
    /// Subject and body, in the organisation's language.
    fn to(&self, person: &Person, reach: &Reach) -> (String, String) {
        let organisation = &self.executable.organisation;
        let language = Language::parse(&organisation.language);
        let (number, step) = (self.case.number.as_str(), self.task.step.as_str());
        let args = [("number", number.into()), ("step", step.into())];
        let subject = match self.notice.is_escalation {
            true => language.text("notice-escalated", &args),
            false => language.text("notice-reminder", &args),
        };
        let hello = language.text("notice-hello", &[("name", person.name.as_str().into())]);
        let title = self.executable.procedure.title.as_str();
        let case =
            language.text("notice-case", &[("number", number.into()), ("title", title.into())]);
        let written = self.executable.step(step).map_or("", |step| step.activity.trim());
        let activity: String = written.chars().take(ACTIVITY).collect();
        let mut body = format!("{hello}\n\n{case}");
        if !self.case.subject.is_empty() {
            body.push_str(&format!("\n{}", self.case.subject));
        }
        body.push_str(&format!("\n\n{step}. {activity}\n"));
        if let Some(due) = self.task.due_at {
            let due = language.instant(due, &organisation.calendar.zone);
            body.push_str(&language.text("notice-due", &[("due", due.as_str().into())]));
            body.push('\n');
        }
        if let Some(link) = &reach.link {
            body.push_str(&format!("\n{}\n", link(&self.notice.case, self.notice.task)));
        }
        (subject, body)
    }
}
