//! Steps, their ways on, and branches.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::errand::{Call, OnError, Send};
use super::event::{Happening, Sends, Wait};
use super::organisation::Erratum;
use super::scalar::{Count, Either, Expr, Flag, Named, Nothing, Text, Texts, Tree};

/// Steps by their numbers, which begin with a digit.
#[derive(Debug)]
pub struct Steps;

impl JsonSchema for Steps {
    fn schema_name() -> Cow<'static, str> {
        "Steps".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let step = generator.subschema_for::<Step>();
        json_schema!({
            "description": "The steps by the manual's own numbers.",
            "type": "object",
            "patternProperties": { "^[0-9]": step },
            "additionalProperties": false,
            "minProperties": 1
        })
    }
}

/// One row of the manual's table.
#[derive(JsonSchema)]
#[schemars(title = "a step", deny_unknown_fields)]
pub struct Step {
    /// Who does it. A step without a role runs by itself.
    pub role: Option<Text>,
    /// What is done, in the manual's words.
    pub activity: Option<Text>,
    /// For an external role: who records it at this step.
    pub attended_by: Option<Text>,
    /// The manual's fourth column as printed there, where it differs from what the step issues and receives.
    pub documents: Option<Texts>,
    /// What is filled in: one form or a list.
    pub form: Option<Texts>,
    /// Papers that are brought at this step.
    pub hands_in: Option<Texts>,
    /// Documents made when the step is completed.
    pub issues: Option<Uses>,
    /// Papers or documents that must be in hand.
    pub receives: Option<Uses>,
    /// Documents signed at this step.
    pub signs: Option<Uses>,
    /// What is written into registers: `{ register: variable }`.
    pub saves: Option<Named<Text>>,
    /// Numbers that are given: `{ variable: series }`.
    pub assigns: Option<Named<Text>>,
    /// What decision tables say: `{ variable: table }`, or `{ variable: { in: table, with: … } }`.
    pub looks_up: Option<Named<Either<Text, LookUp>>>,
    /// What is moved between the accounts of a ledger: a movement or a list of them.
    pub moves: Option<Either<Movement, Vec<Movement>>>,
    /// What is reckoned: `{ variable: expression }`.
    pub set: Option<Named<Expr>>,
    /// A machine's work: a mail.
    pub send: Option<Send>,
    /// A machine's work: a request to another system.
    pub call: Option<Call>,
    /// A machine's work that a worker outside fetches: its topic.
    pub job: Option<Text>,
    /// A case of another procedure.
    pub procedure: Option<Text>,
    /// `job`: the role of the workers.
    pub workers: Option<Text>,
    /// `job` and `procedure`: what it is given: expressions, in tables and lists.
    pub with: Option<Named<Tree>>,
    /// `call`, `job` and `procedure`: the variable that the answer becomes, with the types of what is in it.
    pub into: Option<Named<Tree>>,
    /// Where the case goes on when the machine says no: by its code, or `any`.
    pub on_error: Option<Named<Either<Text, OnError>>>,
    /// The person chooses: one button each. `Label: 3` is short for `Label: { go: 3 }`.
    pub decide: Option<Named<Either<Text, Either<Choice, Nothing>>>>,
    /// The data chooses: the first line that holds; the last without `when`.
    pub choose: Option<Vec<Line>>,
    /// The step that follows, when it is not the next of the file; `join` ends a branch.
    pub go: Option<Text>,
    /// Ends the case with this outcome.
    pub end: Option<Text>,
    /// By when: `2 working days`, `4 hours`, `17:00`, `end of month`.
    pub due: Option<Text>,
    /// Not before: `10 minutes after 5`, or any term of `due`.
    pub opens: Option<Text>,
    /// Four eyes: nobody who completed one of these steps.
    pub not_by: Option<Texts>,
    /// Where the manual contradicts itself, or a list of such places.
    pub erratum: Option<Either<Erratum, Vec<Erratum>>>,
    /// Several branches that begin at once.
    pub parallel: Option<Named<Steps>>,
    /// Several branches of which those begin whose `when` holds.
    pub choose_any: Option<Named<Branch>>,
    /// Several branches of which the first in which something happens is worked, and no other.
    pub wait_any: Option<Named<Steps>>,
    /// Branches that are all worked, in whatever order, but no two at the same time.
    pub any_order: Option<Named<Steps>>,
    /// `any_order`: `{ first: then }`, the one has ended before the other begins.
    pub before: Option<Named<Texts>>,
    /// The `steps` once for each item, all at the same time.
    pub each: Option<Each>,
    /// The `steps` again and again.
    pub repeat: Option<Repeat>,
    /// The steps of `each` or `repeat`.
    pub steps: Option<Steps>,
    /// What the step waits for by itself. At a block `false`: the case goes on at once, and the branches are
    /// worked meanwhile; with `procedure`, as soon as that case has begun.
    pub wait: Option<Either<Wait, Flag>>,
    /// What may happen while the step is open: a line or a list of them.
    pub on: Option<Either<Happening, Vec<Happening>>>,
    /// A message that is sent when the step is done, or a list of them.
    pub sends: Option<Either<Sends, Vec<Sends>>>,
    /// Signals that are given when the step is done.
    pub signals: Option<Texts>,
    /// Terms that stand still while the step is open: `terms` for all others, or a list of steps.
    pub suspends: Option<Texts>,
    /// So many tokens leave the step and go on side by side.
    pub spawn: Option<Count>,
    /// A name: of all steps of the case with it, only one is worked at a time; `{ name: crane, of:
    /// organisation }`: of all cases.
    pub mutex: Option<Either<Text, Mutex>>,
    /// Can be done only while that step waits for somebody.
    pub enabled_while: Option<Text>,
    /// Steps and branches that are withdrawn when this one is done.
    pub cancels: Option<Texts>,
    /// What is waited for: of branches `all`, `chosen`, `none`, `queue` or `{ first: 1, rest: cancel }`; at a step
    /// without branches `active` or `{ tokens: 2 }`.
    pub join: Option<Either<JoinWord, Join>>,
}

/// Among whose steps only one is worked at a time.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum MutexOf {
    /// Those of one case.
    Case,
    /// Those of all cases of the organisation.
    Organisation,
}

/// What only one step can have at a time.
#[derive(JsonSchema)]
#[schemars(title = "a critical section", deny_unknown_fields)]
pub struct Mutex {
    /// By which other steps name it, too.
    #[schemars(required)]
    pub name: Option<Text>,
    /// Among whose steps only one is worked at a time: those of the `case` (unless said) or of the whole
    /// `organisation`.
    pub of: Option<MutexOf>,
}

/// A name, a list of names, or names with more about each.
pub type Uses = Either<Texts, Named<Either<Use, Nothing>>>;

/// A document or paper at a step.
#[derive(JsonSchema)]
#[schemars(title = "a document here", deny_unknown_fields)]
pub struct Use {
    /// Only when this condition holds.
    pub when: Option<Expr>,
    /// How many are printed, 1 to 20; only of what a step issues.
    pub copies: Option<Count>,
}

/// A movement between two accounts, or one for each row of a table.
#[derive(JsonSchema)]
#[schemars(title = "a movement", deny_unknown_fields)]
pub struct Movement {
    /// The register.
    pub ledger: Text,
    /// The field that names what is moved: a row of the register, or its key.
    pub item: Text,
    /// How much.
    pub amount: Expr,
    /// The account that it leaves.
    pub from: Text,
    /// The account that it comes to.
    pub to: Text,
    /// The table whose rows are moved.
    pub each: Option<Text>,
    /// Only when this holds.
    pub when: Option<Expr>,
}

/// A decision table that is asked.
#[derive(JsonSchema)]
#[schemars(title = "a look-up", deny_unknown_fields)]
pub struct LookUp {
    /// The table's id.
    #[schemars(rename = "in")]
    pub table: Text,
    /// Inputs and what stands for them; an input that is not named is the variable of its name.
    pub with: Option<Named<Expr>>,
}

/// One label of a `decide`, with what is done when it is chosen.
#[derive(JsonSchema)]
#[schemars(title = "a choice", deny_unknown_fields)]
pub struct Choice {
    /// The step that follows; `join` ends a branch.
    pub go: Option<Text>,
    /// What is moved when it is chosen.
    pub moves: Option<Either<Movement, Vec<Movement>>>,
    /// Ends the case with this outcome.
    pub end: Option<Text>,
    /// What the person does or tells then.
    pub says: Option<Text>,
    /// What is written into registers: `{ register: variable }`.
    pub saves: Option<Named<Text>>,
    /// What is reckoned: `{ variable: expression }`.
    pub set: Option<Named<Expr>>,
    /// Documents made then.
    pub issues: Option<Uses>,
}

/// One line of a `choose`.
#[derive(JsonSchema)]
#[schemars(title = "a line of `choose`", deny_unknown_fields)]
pub struct Line {
    /// The condition; the last line has none.
    pub when: Option<Expr>,
    /// How the diagram calls it.
    pub label: Option<Text>,
    /// What the person is told.
    pub says: Option<Text>,
    /// The step that follows; `join` ends a branch.
    pub go: Option<Text>,
    /// Ends the case with this outcome.
    pub end: Option<Text>,
}

/// A branch of `choose_any`: when it begins, and its steps.
#[derive(Debug)]
pub struct Branch;

impl JsonSchema for Branch {
    fn schema_name() -> Cow<'static, str> {
        "Branch".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (step, when) = (generator.subschema_for::<Step>(), generator.subschema_for::<Expr>());
        json_schema!({
            "description": "A branch: when it begins, and its steps by their numbers.",
            "type": "object",
            "properties": {
                "when": { "description": "The branch begins when this holds.", "allOf": [when] },
                "else": { "description": "Begins when no condition holds.", "const": true }
            },
            "patternProperties": { "^[0-9]": step },
            "additionalProperties": false
        })
    }
}

/// What is waited for.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum JoinWord {
    /// Every branch.
    All,
    /// Every branch that began.
    Chosen,
    /// Nothing: whatever comes to the end of a branch goes on by itself.
    None,
    /// Each time that something has come from every branch.
    Queue,
    /// At a step without branches: everything that can still come to it.
    Active,
}

/// What is waited for: so many branches, a condition, or so many tokens.
#[derive(JsonSchema)]
#[schemars(title = "`join`", deny_unknown_fields)]
pub struct Join {
    /// How many branches: a number, or an expression that is reckoned when the block is entered.
    pub first: Option<Expr>,
    /// Until this holds at the end of a branch.
    pub when: Option<Expr>,
    /// What becomes of the others.
    pub rest: Option<Rest>,
    /// At a step without branches: how many tokens come together.
    pub tokens: Option<Count>,
}

/// What an `each` runs over: `in`, `times`, or what the role `open` adds.
#[derive(JsonSchema)]
#[schemars(title = "`each`", deny_unknown_fields)]
pub struct Each {
    /// The rows of a table: an expression.
    #[schemars(rename = "in")]
    pub rows: Option<Expr>,
    /// So many times: an expression.
    pub times: Option<Expr>,
    /// What the item is called in its branch.
    #[schemars(rename = "as")]
    pub alias: Option<Text>,
    /// The role that may add items until it says that there are no more.
    pub open: Option<Text>,
    /// The table that keeps what the branches filled in.
    pub into: Option<Text>,
}

/// How long a `repeat` goes on.
#[derive(JsonSchema)]
#[schemars(title = "`repeat`", deny_unknown_fields)]
pub struct Repeat {
    /// Asked after each round.
    pub until: Option<Expr>,
    /// Asked before each round.
    #[schemars(rename = "while")]
    pub as_long_as: Option<Expr>,
    /// After so many rounds it goes on in any case.
    pub at_most: Option<Count>,
}

/// What becomes of the branches that nobody waits for.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Rest {
    /// Their open tasks are withdrawn.
    Cancel,
    /// They are worked to their end, which leads nowhere.
    Ignore,
    /// As `ignore`, and the block isn't entered again before they have ended.
    Block,
    /// They are worked to their end before the case, or the branch around, can end.
    Finish,
}
