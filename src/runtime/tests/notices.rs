//! Reminders by mail: to whom they go, that they go once, and that no case depends on them. Over a real SMTP
//! server, on both databases.

use super::jobs::smtpd::Smtpd;
use super::*;
use crate::store::Person;

on_both!(who_may_do_a_task_is_reminded_of_it_by_mail, what_cannot_be_mailed_is_given_up,);

const OFFICE: &str = r"
organisation: prueba
name: Cooperativa de Prueba
language: es-BO
time_zone: America/La_Paz
roles: { ape: Asistente, jefe: Jefe }
---
procedure: visita
title: Visita
starts: { by: ape }
cancels: { by: jefe }
steps:
  1:
    role: ape
    activity: Hacer la visita.
    due: 2 days
    on:
      - { after: 1 day, every: 1 day, remind: mail }
      - { after: 36 hours, escalate: { to: jefe, mail: true } }
      - { after: 1 hour, remind: true }
";

async fn office(on: Kind) -> Runtime {
    let runtime = made(on).await;
    runtime.publish(&library(OFFICE), "prueba").await.expect("published");
    for (login, role, mail, is_active) in [
        ("ana", "ape", Some("ana@example.org"), true),
        ("eva", "ape", Some("eva@example.org"), true),
        ("leo", "ape", None, true),
        ("ida", "ape", Some("ida@example.org"), false),
        ("max", "jefe", Some("max@example.org"), true),
    ] {
        let person = Person {
            id: login.to_owned(),
            organisation: "prueba".to_owned(),
            login: login.to_owned(),
            name: login.to_uppercase(),
            password_hash: None,
            language: None,
            mail: mail.map(ToOwned::to_owned),
            roles: [role.to_owned()].into(),
            is_active,
        };
        runtime.store().save_person(&person).await.expect("saved");
    }
    runtime
}

impl Runtime {
    async fn hours_later(&self, hours: i64) {
        self.clock().advance(SignedDuration::from_hours(hours));
        self.fire_timers().await.expect("fired");
        self.do_jobs().await.expect("done");
    }

    async fn visited(&self) -> CaseId {
        let begun = self.start_case(&actor("ana", "ape"), "prueba", "visita", None).await;
        begun.expect("begun").case
    }
}

/// To whom each of the mails went.
fn receivers(mails: &[String]) -> Vec<&str> {
    let mut all: Vec<&str> =
        mails.iter().filter_map(|mail| mail.split_once("To: ")?.1.split('@').next()).collect();
    all.sort_unstable();
    all
}

async fn who_may_do_a_task_is_reminded_of_it_by_mail(on: Kind) {
    let Some(server) = Smtpd::start() else { return };
    let runtime = office(on).await;
    let reach = Reach::default().mail(&server.url(), "o@tupiza.example").expect("fine");
    let link = |case: &CaseId, task: u32| format!("https://t.example/{case}/{task}");
    runtime.connect(reach.found_at(Box::new(link)));
    let case = runtime.visited().await;
    runtime.hours_later(1).await;
    assert_eq!(runtime.row(&case).await.state.tasks[&1].reminders, 1);
    assert_eq!(server.mails().len(), 0, "this one is for the queue");

    runtime.hours_later(23).await;
    let mails = server.mails();
    assert_eq!(receivers(&mails), ["ana", "eva"], "{mails:?}");
    let number = runtime.row(&case).await.state.number.clone();
    let mail = mails.iter().find(|mail| mail.contains("To: eva@")).expect("Eva's");
    assert!(mail.contains(&format!("Subject: Recordatorio: {number}, paso 1")), "{mail}");
    assert!(mail.contains("1. Hacer la visita.") && mail.contains("EVA:"), "{mail}");
    assert!(mail.contains(&format!("https://t.example/{case}/1")), "{mail}");
    let id = format!("Message-ID: <{case}-");
    assert!(mail.contains(&id) && mail.contains("-eva@tupiza.example>"), "{mail}");
    runtime.do_jobs().await.expect("done");
    assert_eq!(server.mails().len(), 2, "each is sent once");

    // It goes up: only those hear of it to whom it came.
    runtime.hours_later(12).await;
    assert_eq!(receivers(&server.mails()[2..]), ["max"]);
    assert!(server.mails()[2].contains(&format!("Subject: Para usted: {number}, paso 1")));
    // Whoever has it before them is reminded alone.
    let claim = Command::ClaimTask { task: 1 };
    runtime.handle(&actor("ana", "ape"), &case, claim, None).await.expect("claimed");
    runtime.hours_later(12).await;
    assert_eq!(receivers(&server.mails()[3..]), ["ana"]);
    let done = Command::CompleteTask { task: 1, submission: Map::new(), choice: None };
    runtime.handle(&actor("ana", "ape"), &case, done, None).await.expect("completed");
    runtime.hours_later(48).await;
    assert_eq!(server.mails().len(), 4);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_cannot_be_mailed_is_given_up(on: Kind) {
    let Some(server) = Smtpd::start() else { return };
    let runtime = office(on).await;
    for (login, mail) in [("ana", "nobody@example.org"), ("eva", "later@example.org")] {
        let person = runtime.store().person(login).await.expect("read").expect("somebody");
        let mail = Some(mail.to_owned());
        runtime.store().save_person(&Person { mail, ..person }).await.expect("saved");
    }
    let case = runtime.visited().await;
    // This server has no mail server, and leaves it to others.
    runtime.hours_later(24).await;
    assert_eq!(runtime.notices().await, 1);
    let reach = Reach::default().mail(&server.url(), "o@tupiza.example").expect("fine");
    runtime.connect(reach);
    runtime.do_jobs().await.expect("done");
    assert_eq!(runtime.notices().await, 1, "the one is refused, the other one asked for later");
    let done = Command::CompleteTask { task: 1, submission: Map::new(), choice: None };
    runtime.handle(&actor("ana", "ape"), &case, done, None).await.expect("completed all the same");
    runtime.hours_later(1).await;
    assert_eq!(runtime.notices().await, 0, "nothing is left to be reminded of");

    runtime.visited().await;
    runtime.hours_later(24).await;
    for _ in 0..10 {
        runtime.hours_later(2).await;
    }
    let mails = server.mails();
    assert_eq!(receivers(&mails), ["max", "max"], "it went up, and he is reminded of it once");
    let left = runtime.notices().await;
    runtime.clock().advance(SignedDuration::from_hours(100));
    runtime.forget_notices().await.expect("forgotten");
    assert_eq!((left, runtime.notices().await), (0, 0));
    assert_eq!(runtime.ailments().await, [""; 0]);
}

impl Runtime {
    /// How many are still to be sent.
    async fn notices(&self) -> i64 {
        self.store().notices().await.expect("counted")
    }
}
