//! Makes procedures by chance, as the YAML that a person would write. The same seed makes the same one.

mod work;

use work::Kind;

/// A small generator of chance (splitmix64): the same everywhere, for ever.
#[derive(Debug, Clone)]
pub struct Dice {
    state: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.next() % sides.max(1) as u64).expect("small")
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }
}

/// How a procedure is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Every case can end, by the way it is made.
    Sound,
    /// Whatever comes.
    None,
}

/// What holds for the steps of one level.
#[derive(Debug, Clone, Default)]
struct Level {
    depth: usize,
    /// Its first step.
    first: u32,
    /// A way back would begin something again that need not be over.
    leaves: bool,
    /// Several tokens may be on it.
    is_many: bool,
    /// Critical sections in which it stands are below this one.
    section: usize,
    /// Its tokens are counted where they come out.
    is_counted: bool,
    /// It is gone round, so that what is left over would be left again.
    is_round: bool,
    /// How many blocks had left something over when it began.
    ignored: u32,
    /// Conditions that ask only for what is filled in here for certain.
    known: Vec<String>,
    has_letter: bool,
}

pub struct Maker {
    pub dice: Dice,
    care: Care,
    number: u32,
    budget: u32,
    out: String,
    branches: Vec<String>,
    /// How many blocks leave something over that nobody waits for.
    ignored: u32,
    /// Work that begins beside others multiplies the situations: one step a procedure has some.
    has_beside: bool,
    /// A message or a signal takes the case elsewhere: what it sends itself would take it there each time.
    is_led: bool,
    /// It sends some.
    tells: bool,
    /// Conditions that ask for what some step fills in.
    made: Vec<String>,
}

const SECTIONS: usize = 3;

impl Maker {
    /// The steps of a procedure, with their indentation.
    pub fn steps(seed: u64, care: Care) -> String {
        let mut dice = Dice::new(seed);
        let budget = 3 + u32::try_from(dice.roll(9)).expect("small");
        let (out, branches, made) = (String::new(), Vec::new(), Vec::new());
        let mut maker = Self {
            dice,
            care,
            number: 1,
            budget,
            out,
            branches,
            ignored: 0,
            has_beside: false,
            is_led: false,
            tells: false,
            made,
        };
        maker.out.push_str("  1: { role: clerk, activity: Ask, form: request }\n");
        let level = Level { first: 2, ..Level::default() };
        maker.level("  ", level);
        maker.out
    }

    fn is_careless(&mut self) -> bool {
        self.care == Care::None && self.dice.once_in(3)
    }

    fn condition(&mut self, known: &[String]) -> String {
        if self.is_careless() && !self.made.is_empty() {
            return self.made[self.dice.roll(self.made.len())].clone();
        }
        if !known.is_empty() && self.dice.once_in(2) {
            return known[self.dice.roll(known.len())].clone();
        }
        let number = 1 + self.dice.roll(self.number as usize);
        match self.dice.roll(4) {
            0 => "amount > 500".to_owned(),
            1 => "not (amount > 300)".to_owned(),
            2 => format!("visits('{number}') > 1"),
            _ => format!("amount < 200 or visits('{number}') == 1"),
        }
    }

    /// From 0 to 2.
    fn count(&mut self) -> String {
        match self.dice.roll(3) {
            0 => "amount // 400".to_owned(),
            1 => "2".to_owned(),
            _ => "1 if amount > 500 else 0".to_owned(),
        }
    }

    /// Steps that follow each other.
    fn level(&mut self, indent: &str, mut level: Level) {
        let count = 1 + self.dice.roll(3);
        level.first = self.number + 1;
        level.ignored = self.ignored;
        for at in 0..count {
            let room = level.depth < 3 && self.budget > 0;
            self.budget = self.budget.saturating_sub(1);
            self.number += 1;
            if room && self.dice.once_in(2) {
                self.block(indent, &mut level, at + 1 == count);
            } else {
                self.step(indent, &mut level, at + 1 == count);
            }
        }
    }

    fn line(&mut self, indent: &str, text: &str) {
        self.out.push_str(&format!("{indent}{}: {{ {text} }}\n", self.number));
    }

    fn role(&mut self) -> &'static str {
        ["clerk", "boss"][self.dice.roll(2)]
    }

    /// A way back begins nothing again that need not be over.
    fn may_go_back(&self, level: &Level) -> bool {
        !level.leaves
            && !level.is_many
            && level.ignored == self.ignored
            && self.number > level.first
    }

    fn step(&mut self, indent: &str, level: &mut Level, is_last: bool) {
        let role = self.role();
        let careless = self.is_careless();
        let before = (level.known.clone(), level.has_letter);
        let plain = format!("role: {role}, activity: x");
        let is_in_branch = level.depth > 0;
        let may_go_back = careless || self.may_go_back(level);
        let back = if careless && self.dice.once_in(2) {
            1 + self.dice.roll(self.number as usize) as u32
        } else {
            level.first
        };
        let text = match self.dice.roll(22) {
            0 | 1 if may_go_back => format!("{plain}, decide: {{ On: {{}}, Back: {back} }}"),
            2 if is_in_branch && (careless || !level.is_many) => {
                format!("{plain}, decide: {{ On: {{}}, Join: join }}")
            }
            3 if careless || !level.is_counted => {
                format!("{plain}, decide: {{ On: {{}}, Stop: {{ end: stopped }} }}")
            }
            4 => {
                let own = self.number;
                self.makes(level, format!("v{own} == 1"), false);
                format!("set: {{ v{own}: 1 }}")
            }
            5 if may_go_back => {
                let rounds = format!("visits('{}') < 2", self.number);
                // It is asked when this step has not done anything yet but come here.
                let when = match level.known.last() {
                    Some(known) => format!("{rounds} and ({known})"),
                    None => rounds,
                };
                format!(
                    "{plain}, choose: [{{ when: \"{when}\", go: {back} }}, {{ go: {} }}]",
                    self.number + 1
                )
            }
            6 if careless || level.section < SECTIONS => {
                let from = if careless { 0 } else { level.section };
                let section = from + self.dice.roll(SECTIONS - from);
                // The last one no block has: a block with one of all cases must not wait inside.
                match section + 1 == SECTIONS && self.number.is_multiple_of(4) {
                    true => format!("{plain}, mutex: {{ name: all, of: organisation }}"),
                    false => format!("{plain}, mutex: m{section}"),
                }
            }
            7 if careless || !is_last && !level.is_counted && !level.is_many => {
                level.is_many = true;
                format!("{plain}, spawn: 2")
            }
            8 if careless || level.is_many => {
                let wanted = 2 + self.dice.roll(2);
                match careless {
                    true => format!("{plain}, join: {{ tokens: {wanted} }}"),
                    false => format!("{plain}, join: active"),
                }
            }
            9 if careless => {
                let other = 1 + self.dice.roll(self.number as usize + 2);
                format!("{plain}, enabled_while: {other}")
            }
            10 if careless || is_in_branch && !self.branches.is_empty() => {
                let what = if self.branches.is_empty() || self.dice.once_in(3) {
                    // A next one there is only when somebody is careless.
                    let known = self.number as usize + usize::from(careless);
                    (1 + self.dice.roll(known)).to_string()
                } else {
                    let at = self.dice.roll(self.branches.len());
                    self.branches[at].clone()
                };
                format!("{plain}, cancels: [{what}]")
            }
            11 if careless => format!("{plain}, end: done"),
            12 | 13 => self.errand(level, is_last),
            14 => self.wait(level, is_last),
            15 | 16 => match self.besides(level, careless) {
                Some(more) => format!("{plain}, {more}"),
                None => plain,
            },
            17 if !is_last => {
                let when = self.condition(&level.known);
                format!("choose: [{{ when: \"{when}\", go: {0} }}, {{ go: {0} }}]", self.number + 1)
            }
            _ => plain,
        };
        // A line that leads on by its number has to have a next one.
        let text = match is_last && text.contains(&format!("go: {} ", self.number + 1)) {
            true => format!("role: {role}, activity: x"),
            false => text,
        };
        let mut text = text;
        if text.starts_with("role") && self.meanwhile(level, Kind::Task, is_last, &mut text) {
            (level.known, level.has_letter) = before;
        }
        self.line(indent, &text);
    }

    fn block(&mut self, indent: &str, level: &mut Level, is_last: bool) {
        let own = self.number;
        self.out.push_str(&format!("{indent}{own}:\n"));
        let deeper = format!("{indent}  ");
        let careless = self.is_careless();
        let mut inside = Level {
            depth: level.depth + 1,
            section: level.section,
            is_round: level.is_round,
            known: level.known.clone(),
            has_letter: level.has_letter,
            ..Level::default()
        };
        if self.dice.once_in(6) && (careless || level.section + 1 < SECTIONS) {
            let section = if careless { self.dice.roll(SECTIONS) } else { level.section };
            self.out.push_str(&format!("{deeper}mutex: m{section}\n"));
            inside.section = section + 1;
        }
        let was_many = level.is_many;
        match self.dice.roll(9) {
            0 => self.each(&deeper, level, inside),
            1 => self.repeat(&deeper, inside),
            2 => self.any_order(&deeper, inside),
            3 | 4 => self.choose_any(&deeper, level, inside),
            5 => self.wait_any(&deeper, &inside),
            _ => self.parallel(&deeper, level, inside),
        }
        let mut text = String::new();
        // What goes on by itself goes on besides.
        if careless || was_many == level.is_many {
            self.meanwhile(level, Kind::Block, is_last, &mut text);
        }
        if !text.is_empty() {
            self.out.push_str(&format!("{deeper}{text}\n"));
        }
    }

    /// Each branch begins with something that is waited for.
    fn wait_any(&mut self, indent: &str, inside: &Level) {
        let own = self.number;
        self.out.push_str(&format!("{indent}wait_any:\n"));
        for at in 0..2 + self.dice.roll(2) {
            let name = format!("b{own}-{at}");
            self.out.push_str(&format!("{indent}  {name}:\n"));
            self.branches.push(name);
            let deeper = format!("{indent}    ");
            self.number += 1;
            let mut level = Level { first: self.number, ..inside.clone() };
            let text = match self.dice.roll(3) {
                0 => "role: clerk, activity: x".to_owned(),
                _ => self.wait(&mut level, false),
            };
            self.line(&deeper, &text);
            self.level(&deeper, level);
        }
    }

    /// Branches with their steps; how many.
    fn strands(&mut self, indent: &str, heads: Option<bool>, inside: &Level) -> usize {
        let count = 2 + self.dice.roll(2);
        let own = self.number;
        for at in 0..count {
            let name = format!("b{own}-{at}");
            self.out.push_str(&format!("{indent}  {name}:\n"));
            match heads {
                Some(true) if at + 1 == count => {
                    self.out.push_str(&format!("{indent}    else: true\n"));
                }
                Some(_) => {
                    let condition = self.condition(&inside.known);
                    self.out.push_str(&format!("{indent}    when: \"{condition}\"\n"));
                }
                None => {}
            }
            self.branches.push(name);
            self.level(&format!("{indent}    "), inside.clone());
        }
        count
    }

    fn rest(&mut self, level: &mut Level) -> &'static str {
        let mut rest = ["cancel", "ignore", "block", "finish"][self.dice.roll(4)];
        if self.care == Care::Sound && level.is_round && matches!(rest, "ignore" | "block") {
            rest = "cancel";
        }
        self.ignored += u32::from(matches!(rest, "ignore" | "block"));
        level.leaves |= matches!(rest, "ignore" | "finish");
        rest
    }

    fn parallel(&mut self, indent: &str, level: &mut Level, mut inside: Level) {
        let kind = self.dice.roll(9);
        let is_counted = matches!(kind, 5 | 6);
        inside.is_counted = is_counted;
        self.out.push_str(&format!("{indent}parallel:\n"));
        let count = self.strands(indent, None, &inside);
        match kind {
            0 | 1 => {
                let (first, rest) = (1 + self.dice.roll(count), self.rest(level));
                self.out.push_str(&format!("{indent}join: {{ first: {first}, rest: {rest} }}\n"));
            }
            2 => {
                let condition = self.condition(&level.known);
                let rest = self.rest(level);
                let join = format!("{indent}join: {{ when: \"{condition}\", rest: {rest} }}\n");
                self.out.push_str(&join);
            }
            3 => {
                let rest = self.rest(level);
                let join =
                    format!("{indent}join: {{ first: \"1 + amount // 600\", rest: {rest} }}\n");
                self.out.push_str(&join);
            }
            4 => {
                level.leaves = true;
                self.out.push_str(&format!("{indent}wait: false\n"));
            }
            5 | 6 => {
                level.leaves = true;
                level.is_many = true;
                let join = if kind == 5 { "none" } else { "queue" };
                self.out.push_str(&format!("{indent}join: {join}\n"));
            }
            _ => {}
        }
    }

    fn choose_any(&mut self, indent: &str, level: &mut Level, inside: Level) {
        self.out.push_str(&format!("{indent}choose_any:\n"));
        let has_else = self.dice.once_in(2);
        self.strands(indent, Some(has_else), &inside);
        if self.dice.once_in(3) {
            let rest = self.rest(level);
            self.out.push_str(&format!("{indent}join: {{ first: 1, rest: {rest} }}\n"));
        }
    }

    fn any_order(&mut self, indent: &str, inside: Level) {
        let own = self.number;
        self.out.push_str(&format!("{indent}any_order:\n"));
        let count = self.strands(indent, None, &inside);
        if self.dice.once_in(2) {
            let (one, two) = match self.is_careless() {
                true => (self.dice.roll(count), self.dice.roll(count)),
                false => (0, 1 + self.dice.roll(count - 1)),
            };
            self.out.push_str(&format!("{indent}before: {{ b{own}-{one}: [b{own}-{two}] }}\n"));
        }
    }

    fn each(&mut self, indent: &str, level: &mut Level, inside: Level) {
        let of = match self.dice.roll(3) {
            0 => "open: clerk".to_owned(),
            _ => format!("times: \"{}\"", self.count()),
        };
        self.out.push_str(&format!("{indent}each: {{ {of} }}\n{indent}steps:\n"));
        self.level(&format!("{indent}  "), inside);
        if self.dice.once_in(3) {
            let rest = self.rest(level);
            self.out.push_str(&format!("{indent}join: {{ first: 1, rest: {rest} }}\n"));
        }
    }

    fn repeat(&mut self, indent: &str, mut inside: Level) {
        inside.is_round = true;
        let own = self.number;
        let how = match self.dice.roll(3) {
            0 => "at_most: 2".to_owned(),
            1 => format!("until: \"visits('{}') > 1\", at_most: 3", own + 1),
            _ => "while: amount > 500, at_most: 2".to_owned(),
        };
        self.out.push_str(&format!("{indent}repeat: {{ {how} }}\n{indent}steps:\n"));
        let deeper = format!("{indent}  ");
        // Somebody works in every round.
        self.number += 1;
        self.line(&deeper, "role: clerk, activity: x");
        self.level(&deeper, inside);
    }
}

/// Breaks a text at one place or two.
pub fn spoil(dice: &mut Dice, steps: &str) -> String {
    let mut text = steps.to_owned();
    for _ in 0..=dice.roll(2) {
        let swaps = [
            ("tokens: 2", "tokens: 3"),
            ("join: active", "join: { tokens: 2 }"),
            ("rest: cancel", "rest: ignore"),
            ("rest: ignore", "rest: finish"),
            ("rest: block", "rest: finish"),
            ("join: none", "join: queue"),
            ("parallel:", "any_order:"),
            ("first: 1", "first: 2"),
            ("spawn: 2", "spawn: 3"),
            ("m0", "m1"),
            ("m2", "m0"),
            ("Join: join", "Join: { end: left }"),
            ("On: {}", "On: join"),
            ("role: boss, activity: x", "role: boss, activity: x, mutex: m0"),
            ("role: clerk, activity: x", "role: clerk, activity: x, spawn: 2"),
            ("role: clerk, activity: x", "role: clerk, activity: x, join: active"),
            ("role: boss, activity: x", "role: boss, activity: x, enabled_while: 3"),
            ("role: boss, activity: x", "role: boss, activity: x, cancels: [3]"),
            ("wait_any:", "parallel:"),
            ("parallel:", "wait_any:"),
            ("end: stopped", "go: join"),
            ("remind: true", "end: late"),
            ("go: join", "go: 3"),
            ("wait: { signal: closing", "wait: { message: withdrawn, key: x"),
            ("until: today", "until: 1 hour"),
            (
                "role: clerk, activity: x",
                "role: clerk, activity: x, on: { after: 1 day, end: late }",
            ),
            ("role: boss, activity: x", "role: boss, activity: x, on: { signal: closing, go: 3 }"),
            ("role: boss, activity: x", "role: boss, activity: x, receives: letter"),
            ("activity: x", "activity: x, issues: letter"),
        ];
        let (from, to) = swaps[dice.roll(swaps.len())];
        let places: Vec<usize> = text.match_indices(from).map(|(at, _)| at).collect();
        if let Some(at) = places.get(dice.roll(places.len())) {
            text.replace_range(*at..at + from.len(), to);
        }
    }
    text
}
