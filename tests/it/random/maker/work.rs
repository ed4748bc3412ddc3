//! Steps at which no person works: machines, cases of another procedure, waiting. And what may happen at a
//! step meanwhile.

use super::{Level, Maker, SECTIONS};

/// What a step is, as far as it matters for what may happen at it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person's.
    Task,
    Wait,
    Machine,
    Block,
}

/// A way out of a step that is not its usual one.
struct Exit {
    target: String,
    /// It leads on behind the step, which has done nothing then.
    skips: bool,
}

impl Maker {
    /// Where a way may lead from here.
    fn exit(&mut self, level: &Level, kind: Kind, is_last: bool) -> Option<Exit> {
        let careless = self.is_careless();
        let next = self.number + 1;
        let goes = |target: String, skips: bool| Some(Exit { target, skips });
        match self.dice.roll(5) {
            0 | 1 if !is_last => goes(format!("go: {next}"), true),
            0..=2 if careless || level.depth > 0 && !level.is_many => {
                goes("go: join".to_owned(), false)
            }
            // A machine's work alone would go round for ever.
            3 if careless || kind != Kind::Machine && self.may_go_back(level) => {
                goes(format!("go: {}", level.first), false)
            }
            _ if careless || !level.is_counted => goes("end: stopped".to_owned(), false),
            _ => None,
        }
    }

    /// Work for a machine.
    pub(super) fn errand(&mut self, level: &mut Level, is_last: bool) -> String {
        let own = self.number;
        let (mut text, made) = match self.dice.roll(5) {
            0 => {
                let mail =
                    "to: \"ana@example.org\", subject: Hello, body: \"For {{ person.name }}\"";
                (format!("send: {{ {mail} }}"), String::new())
            }
            1 => (
                format!(
                    "call: {{ service: bank, get: \"/x/{{{{ person.id }}}}\" }}, \
                     into: {{ k{own}: {{ paid: yes_no, sum: optional money }} }}"
                ),
                format!("k{own}.paid"),
            ),
            2 => (
                format!(
                    "procedure: other, with: {{ much: amount }}, \
                     into: {{ c{own}: {{ number: text, ok: yes_no }} }}"
                ),
                format!("c{own}.ok"),
            ),
            3 => (
                format!(
                    "procedure: other, with: {{ much: amount }}, wait: false, \
                     into: {{ c{own}: {{ number: text }} }}"
                ),
                format!("c{own}.number != 'C-1'"),
            ),
            _ => (
                format!(
                    "job: measure, workers: clerk, with: {{ much: amount }}, into: {{ j{own}: number }}"
                ),
                format!("j{own} > 3"),
            ),
        };
        let mut skips = false;
        let mut handlers = Vec::new();
        for code in ["E-1", "cancelled", "any"] {
            if self.dice.once_in(4)
                && let Some(exit) = self.exit(level, Kind::Machine, is_last)
            {
                skips |= exit.skips;
                handlers.push(format!("{code}: {{ {} }}", exit.target));
            }
        }
        if !handlers.is_empty() {
            text.push_str(&format!(", on_error: {{ {} }}", handlers.join(", ")));
        }
        skips |= self.meanwhile(level, Kind::Machine, is_last, &mut text);
        self.makes(level, made, skips);
        text
    }

    /// Waiting for a time, a message or a signal.
    pub(super) fn wait(&mut self, level: &mut Level, is_last: bool) -> String {
        let own = self.number;
        let (awaited, made) = match self.dice.roll(6) {
            0 => ("until: 2 hours".to_owned(), String::new()),
            1 => ("until: \"today + days(2)\"".to_owned(), String::new()),
            // It has begun already.
            2 => ("until: today".to_owned(), String::new()),
            3 => ("signal: closing".to_owned(), String::new()),
            _ => (
                format!("message: paid, key: \"{{{{ person.id }}}}\", into: p{own}"),
                format!("p{own}.amount > 40"),
            ),
        };
        let mut text = format!("wait: {{ {awaited} }}");
        if self.dice.once_in(6) {
            text.push_str(", suspends: terms");
        }
        let skips = self.meanwhile(level, Kind::Wait, is_last, &mut text);
        self.makes(level, made, skips);
        text
    }

    /// What a step has filled in may be asked from here on.
    pub(super) fn makes(&mut self, level: &mut Level, condition: String, skips: bool) {
        if !condition.is_empty() {
            self.made.push(condition.clone());
            if !skips {
                level.known.push(condition);
            }
        }
    }

    /// Now and then, what may happen while the step is open; whether the step may be left undone so.
    pub(super) fn meanwhile(
        &mut self,
        level: &Level,
        kind: Kind,
        is_last: bool,
        text: &mut String,
    ) -> bool {
        let (mut lines, mut skips) = (Vec::new(), false);
        if self.dice.once_in(4) {
            let own = self.number;
            let awaited = match self.dice.roll(4) {
                2 if !self.tells => "signal: closing".to_owned(),
                3 if !self.tells => {
                    format!("message: paid, key: \"{{{{ person.id }}}}\", into: q{own}")
                }
                _ => "after: 3 days".to_owned(),
            };
            if let Some(exit) = self.exit(level, kind, is_last) {
                self.is_led |= !awaited.starts_with("after");
                skips |= exit.skips;
                lines.push(format!("{{ {awaited}, {} }}", exit.target));
            }
        }
        if !self.has_beside && self.dice.once_in(15) {
            self.has_beside = true;
            lines.extend(self.beside(level));
        }
        if kind == Kind::Task && self.dice.once_in(6) {
            lines.push("{ after: 1 hour, every: 2 hours, remind: true }".to_owned());
        }
        if kind == Kind::Task && self.dice.once_in(6) {
            text.push_str(", due: 2 hours");
            lines.push("{ after: due, escalate: boss }".to_owned());
        }
        if !lines.is_empty() {
            let separator = if text.is_empty() { "" } else { ", " };
            text.push_str(&format!("{separator}on: [{}]", lines.join(", ")));
        }
        skips
    }

    /// What begins beside a step: once, or each time that its time or a signal comes.
    fn beside(&mut self, level: &Level) -> Vec<String> {
        let mut lines = Vec::new();
        for letter in ["x", "y"].into_iter().take(1 + self.dice.roll(2)) {
            let ways = ["after: 2 hours", "signal: closing", "after: 1 hour, every: 2 hours"];
            let awaited = ways[self.dice.roll(3)];
            let role = self.role();
            let work = match self.dice.roll(4) {
                0 => ", decide: { On: {}, Join: join }".to_owned(),
                1 if level.section < SECTIONS => format!(", mutex: m{}", level.section),
                2 if !level.is_counted => ", decide: { On: {}, Stop: { end: stopped } }".to_owned(),
                _ => String::new(),
            };
            let rest = if self.dice.once_in(3) { ", rest: cancel" } else { "" };
            // A block and the last step in it have the same number here.
            let depth = ["a", "b", "c", "d", "e"][level.depth.min(4)];
            let id = format!("{}{depth}{letter}", self.number);
            let step = format!("{id}: {{ role: {role}, activity: x{work} }}");
            lines.push(format!("{{ {awaited}, does: {{ {step} }}{rest} }}"));
        }
        lines
    }

    /// A person's step with something besides.
    pub(super) fn besides(&mut self, level: &mut Level, careless: bool) -> Option<String> {
        let own = self.number;
        Some(match self.dice.roll(8) {
            0 => {
                level.has_letter = true;
                "issues: letter".to_owned()
            }
            1 if careless || level.has_letter => "receives: letter".to_owned(),
            2 if careless || level.has_letter => "signs: letter".to_owned(),
            3 => {
                let condition = format!("t{own} == 'small'");
                self.made.push(condition.clone());
                level.known.push(condition);
                format!("looks_up: {{ t{own}: sizes }}")
            }
            4 if !self.is_led => {
                self.tells = true;
                "sends: { message: paid, key: \"{{ person.id }}\", with: { amount: amount } }"
                    .into()
            }
            5 if !self.is_led => {
                self.tells = true;
                "signals: closing".to_owned()
            }
            6 => "not_by: [1]".to_owned(),
            7 => "opens: 10 minutes after 1".to_owned(),
            _ => return None,
        })
    }
}
