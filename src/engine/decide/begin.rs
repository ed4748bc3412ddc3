//! Where branches begin: when a block is entered, one round after another, or one branch after another.

use super::advance::{self, Token};
use super::complete::no_way;
use super::{Working, block, watch};
use crate::engine::{BlockStatus, Entry, Owner, Place, Rejection};
use crate::expression::{Map, Value};
use crate::procedure::{Begins, Block, Count, Each, Items, Join, Repeat, Step};

/// Branches of one `each`: more would neither be looked at nor fit into a command.
pub const MAX_ITEMS: u32 = 1_000;

/// A branch that begins, with what it alone knows.
struct Begun {
    name: String,
    item: Option<Map>,
}

/// Enters a block: every branch that begins waits to be entered, the first of the file first.
pub(super) fn enter(
    working: &mut Working<'_>,
    token: Token,
    written: &Block,
) -> Result<(), Rejection> {
    let step = &working.executable.procedure.steps[token.place];
    let begun = begun(working, step, written)?;
    let wanted = match &*written.join {
        Join::First { count: Count::Fixed(count), .. } => Some(*count),
        Join::First { count: Count::Given(count), .. } => {
            Some(working.count(step, count)?.try_into().unwrap_or(u32::MAX))
        }
        _ => None,
    };
    let block = working.state.block_count + 1;
    let is_open = matches!(&written.begins, Begins::Each(each) if each.open.is_some());
    let branches: Vec<String> = begun.iter().map(|begun| begun.name.clone()).collect();
    let items = begun.iter().filter_map(|begun| Some((begun.name.clone(), begun.item.clone()?)));
    if let Begins::Each(each) = &written.begins
        && let Some(into) = &each.into
    {
        let values = Map::from([(into.value.clone(), Value::List(Vec::new()))]);
        let within = working.state.owner(token.within.as_ref()).cloned();
        working.emit(Entry::VariablesSet { values, within });
    }
    working.emit(Entry::BlockEntered {
        block,
        step: step.id.value.clone(),
        items: items.collect(),
        branches: branches.clone(),
        within: token.within,
        wanted,
        is_open,
    });
    watch::set(working, Owner::Block(block), token.place, working.facts.now)?;
    if wanted == Some(0) || begun.is_empty() && !is_open {
        block::join(working, block)?;
    }
    for branch in branches.into_iter().rev() {
        begin(working, step, written, Place { block, branch })?;
    }
    Ok(())
}

/// A branch waits to be entered at its first step.
fn begin(
    working: &mut Working<'_>,
    step: &Step,
    written: &Block,
    place: Place,
) -> Result<(), Rejection> {
    let named = written.strands.iter().find(|strand| *strand.name == place.branch);
    let strand = match written.begins {
        Begins::Each(_) | Begins::Repeat(_) => written.strands.first(),
        _ => named,
    };
    // The checker refuses a branch without steps.
    let Some(first) = strand.and_then(|strand| strand.steps.clone().next()) else {
        return Err(no_way(step, format!("the branch {} has no steps", place.branch)));
    };
    working.pending.push(Token::new(first, Some(place)));
    Ok(())
}

/// The branches that begin, in the order of the file.
fn begun(working: &Working<'_>, step: &Step, written: &Block) -> Result<Vec<Begun>, Rejection> {
    let named = |at: usize| Begun { name: written.strands[at].name.value.clone(), item: None };
    let strands = written.strands.iter().enumerate();
    match &written.begins {
        Begins::All | Begins::First => Ok(strands.map(|(at, _)| named(at)).collect()),
        Begins::AnyOrder { before } => {
            let waits = |at: usize| before.iter().any(|(_, then)| *then == at);
            Ok(strands.map(|(at, _)| at).filter(|at| !waits(*at)).map(named).collect())
        }
        Begins::Chosen => {
            let mut begun = Vec::new();
            for (at, strand) in strands.clone() {
                if let Some(when) = &strand.when
                    && working.holds(step, when)?
                {
                    begun.push(named(at));
                }
            }
            if begun.is_empty() {
                let otherwise = strands.filter(|(_, strand)| strand.is_else);
                begun.extend(otherwise.map(|(at, _)| named(at)));
            }
            Ok(begun)
        }
        Begins::Each(each) => items(working, step, each),
        Begins::Repeat(repeat) => {
            let is_wanted = match &repeat.as_long_as {
                Some(condition) => working.holds(step, condition)?,
                None => true,
            };
            Ok(Vec::from_iter(is_wanted.then(|| Begun { name: "1".to_owned(), item: None })))
        }
    }
}

/// One branch for each item.
fn items(working: &Working<'_>, step: &Step, each: &Each) -> Result<Vec<Begun>, Rejection> {
    let values: Vec<Value> = match &each.of {
        Items::Added => Vec::new(),
        Items::Times(times) => {
            let times = working.count(step, times)?;
            (1..=times.min(MAX_ITEMS as usize + 1)).map(|no| Value::number(no as u64)).collect()
        }
        Items::Rows(rows) => working.rows(step, rows)?,
    };
    if values.len() > MAX_ITEMS as usize {
        return Err(advance::too_much(step, MAX_ITEMS));
    }
    let begun =
        |(no, value): (usize, Value)| Begun { name: no.to_string(), item: Some(item(each, value)) };
    Ok((1..).zip(values).map(begun).collect())
}

fn item(each: &Each, value: Value) -> Map {
    each.alias.iter().map(|alias| (alias.value.clone(), value.clone())).collect()
}

/// What begins when a branch has ended: another round, or those that it had to precede. Whether the
/// block goes on with it.
pub(super) fn follow_up(
    working: &mut Working<'_>,
    block: u32,
    step: &Step,
    written: &Block,
) -> Result<bool, Rejection> {
    let Some(open) = working.state.blocks.get(&block) else { return Ok(false) };
    match &written.begins {
        Begins::Repeat(repeat) => {
            let rounds = open.ended;
            if !goes_round(working, step, repeat, rounds)? {
                return Ok(false);
            }
            let branch = (rounds + 1).to_string();
            add(working, step, written, (Place { block, branch }, None))?;
            Ok(true)
        }
        Begins::AnyOrder { before } => {
            let name = |at: usize| written.strands[at].name.as_str();
            let has_ended = |at: usize| open.done.contains(name(at));
            let has_begun = |at: usize| has_ended(at) || open.running.contains(name(at));
            let may_begin = |at: &usize| {
                let mut earlier = before.iter().filter(|(_, then)| then == at);
                !has_begun(*at) && earlier.all(|(first, _)| has_ended(*first))
            };
            let next: Vec<String> = (0..written.strands.len())
                .filter(may_begin)
                .map(|at| name(at).to_owned())
                .collect();
            for branch in next.into_iter().rev() {
                add(working, step, written, (Place { block, branch }, None))?;
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

fn goes_round(
    working: &Working<'_>,
    step: &Step,
    repeat: &Repeat,
    rounds: u32,
) -> Result<bool, Rejection> {
    // How many rounds there were is not a part of the flow.
    if let Some(is_over) = working.guess_holds() {
        return Ok(!is_over);
    }
    if repeat.at_most.is_some_and(|most| rounds >= most) {
        return Ok(false);
    }
    if let Some(until) = &repeat.until
        && working.holds(step, until)?
    {
        return Ok(false);
    }
    repeat.as_long_as.as_ref().map_or(Ok(true), |condition| working.holds(step, condition))
}

/// Begins one more branch of a block that has been entered.
fn add(
    working: &mut Working<'_>,
    step: &Step,
    written: &Block,
    (place, item): (Place, Option<Map>),
) -> Result<(), Rejection> {
    working.emit(Entry::BranchBegun { block: place.block, branch: place.branch.clone(), item });
    begin(working, step, written, place)
}

/// A person adds an item to an open `each`.
pub(super) fn add_item(working: &mut Working<'_>, block: u32) -> Result<(), Rejection> {
    let (step, written, each) = open_each(working, block)?;
    let Some(open) = working.state.blocks.get(&block) else { return Err(Rejection::BlockNotOpen) };
    let count = open.ended as usize + open.running.len();
    if count >= MAX_ITEMS as usize {
        return Err(advance::too_much(step, MAX_ITEMS));
    }
    let branch = (count + 1).to_string();
    let item = item(each, Value::number(count as u64 + 1));
    add(working, step, written, (Place { block, branch }, Some(item)))
}

/// A person says that there are no more items.
pub(super) fn close_items(working: &mut Working<'_>, block: u32) -> Result<(), Rejection> {
    open_each(working, block)?;
    working.emit(Entry::ItemsClosed { block });
    let is_over = working.state.blocks.get(&block).is_some_and(|open| open.running.is_empty());
    if is_over { block::join(working, block) } else { Ok(()) }
}

fn open_each<'a>(
    working: &Working<'a>,
    block: u32,
) -> Result<(&'a Step, &'a Block, &'a Each), Rejection> {
    let open = working.state.blocks.get(&block);
    let open = open.filter(|open| open.is_open && open.status == BlockStatus::Running);
    let written = open.and_then(|open| working.written(open));
    let Some((_, step, written)) = written else { return Err(Rejection::BlockNotOpen) };
    let Begins::Each(each) = &written.begins else { return Err(Rejection::BlockNotOpen) };
    let role = each.open.as_ref().map(|role| role.value.clone()).unwrap_or_default();
    if !working.actor.has(&role) {
        return Err(Rejection::NotYourRole { role });
    }
    Ok((step, written, each))
}
