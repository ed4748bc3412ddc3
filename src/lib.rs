//! tramite runs the written procedures of public utilities.
//!
//! A process owner keeps each procedure as a YAML file that reads like the manual's own table; tramite
//! checks it, draws it, prints its orders and contracts, and runs its cases. This page is the
//! architecture: what lives where, and why.
//!
//! # Floors
//!
//! A module uses only lower floors; modules on one floor do not see each other. A test reads every
//! `use crate::` and fails on an upward one.
//!
//! ```text
//!    main.rs          parse arguments, run, turn the outcome into an exit code
//! 12 cli              one file per subcommand
//! 11 demo             invented people and cases, worked through the runtime like anybody's
//!    bench            a procedure to measure with, and what the database itself can do beside it
//! 10 web              HTTP in, HTML or JSON out; no SQL, no engine call
//!    drive            works a case with sample data, the way that leads on
//!  9 runtime          the only writer: load, decide, write in one transaction; timers; schedules; publishing;
//!                   doctor; archiving
//!  8 bpmn             a procedure as a BPMN 2.0 diagram, and diagrams of other tools as procedures
//!    store            every SQL statement of the crate, for SQLite and PostgreSQL, a file per table family
//!    check            findings about definitions: names, types, flow, data and documents on every path
//!    schema           the files as JSON Schema, for editors
//!    wording          rejections and problems in a person's language
//!  7 engine           pure: decide(command) → entries, apply(entry) → state
//!    library          the files of a workspace, sorted by organisation
//!    diagram          a procedure as swim lanes in SVG
//!  6 procedure        YAML → steps → graph → Executable; what a document prints from
//!    report           lists over many cases: as their files say, as Excel files and PDFs
//!  5 form, register, document      what a person fills in, shared data, what is printed (Typst → PDF)
//!    decision, parameter           what a table says; figures in force on a day
//!  4 organisation     roles, series, calendar, messages, the manual's text
//!  3 field            typed values with labels
//!  2 expression, calendar          conditions and computed values; working days and terms
//!  1 yaml             YAML as a tree with a place on every value
//!  0 diagnostic, language          findings as values; sentences, numbers and dates by language
//! ```
//!
//! # Words
//!
//! One word per concept, the same in Rust, SQL, YAML, addresses and screens. What is *written*: a
//! **procedure** of **steps**, each with a **role** and an **activity**, its **forms**, **documents**
//! (numbered by a **series**), **papers** that people bring, **registers** of shared **records**. A
//! published text of it is a **version**. What *runs*: a **case** (*trámite*), its **tasks** (offered,
//! claimed, completed, withdrawn) in the **queue** of a role, its **journal** of **entries**. A
//! **command** is asked of the engine; a **rejection** is its no. An owner's mistake in a file is a
//! **diagnostic**.
//!
//! # A clerk completes a task
//!
//! 1. `web::pages::task` reads what was typed and hands `Command::CompleteTask` to the runtime with the
//!    form's idempotency key. It does not look at the engine.
//! 2. The runtime's writer takes the command from its queue with all that wait there, loads the
//!    states of their cases, asks [`engine::needs`] which counters and records the decisions will
//!    look at, and loads those.
//! 3. [`engine::decide`] says what happens, as entries: variables set, numbers assigned, rows saved,
//!    documents issued with frozen data, the task completed, the next one offered. Or it rejects.
//! 4. Journal, state, tasks, documents, numbers and registers are written in one transaction, and
//!    each new line of the journal is chained to the one before by its hash. Only after the commit
//!    does the clerk see the next page.
//! 5. A document's PDF is made when somebody opens it, from its frozen data and the template of its
//!    version ([`procedure::sheet`], [`document::print`]): the same bytes for ever.
//!
//! # An owner publishes a version
//!
//! 1. [`library::Library::read`] makes trees of all files and decodes them, going on after every
//!    mistake; [`check::check`] looks at what depends on several files. One run tells everything.
//! 2. Without errors, `runtime::publish` stores the organisation's files under their hash, and a new
//!    version of each procedure that refers to them. Cases that run stay on the version they began on.
//! 3. An [`procedure::Executable`] is compiled from the *stored* text when a case needs it, and kept.
//!    The checker is not asked again: what was published stays runnable when the checker gets stricter.
//!
//! # What is deliberately absent
//!
//! - **Traits around the store.** There is one store over two databases; its statements are the
//!   interface, and the same tests run on both.
//! - **A leader among servers, messages between them.** They share the database and nothing else:
//!   rows are locked and compared, timers are leased, polling finds what is due. (`LISTEN` and `NOTIFY`
//!   could only be a hint to poll earlier; a second is early enough.)
//! - **Events, buses, plugins.** What happens after a step stands in the procedure's file.
//! - **A second language for conditions.** Conditions and documents share minijinja's syntax, see
//!   [`expression`] for why evaluating them is ours.
//! - **Client-side state.** Pages are made on the server and work without scripts.

pub mod bench;
pub mod bpmn;
pub mod calendar;
pub mod check;
pub mod cli;
pub mod decision;
pub mod demo;
pub mod diagnostic;
pub mod diagram;
pub mod document;
pub mod drive;
pub mod engine;
pub mod expression;
pub mod field;
pub mod form;
pub mod language;
pub mod library;
pub mod organisation;
pub mod parameter;
pub mod procedure;
pub mod register;
pub mod report;
pub mod runtime;
pub mod schema;
pub mod store;
pub mod web;
pub mod wording;
pub mod yaml;
