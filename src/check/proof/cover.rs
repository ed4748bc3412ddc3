//! Whether work piles up: a marking on whose way the same marking with less in it lies, three times over.
//!
//! More tokens at the same places, and nothing gone: the way from the one to the other can be taken
//! again, with still more. (Where a gate counts what is there that need not be so; three rounds that all
//! add are taken for the proof, as no step that people write counts further.)

use std::collections::BTreeMap;

use crate::engine::{Place, State};

/// How many tokens stand at each place, and how many blocks are open there.
type Bag = BTreeMap<String, u32>;

/// How much there is.
pub fn weight(state: &State) -> usize {
    state.tokens().count() + state.blocks.len()
}

/// The step at which it piles up, when the markings on the way to `last` (the nearest first) are less
/// and less of it.
pub fn grows<'a>(last: &State, before: impl Iterator<Item = &'a State>) -> Option<String> {
    const ROUNDS: usize = 3;
    let newest = bag(last);
    let mut least = newest.clone();
    let mut rounds = 0;
    for earlier in before {
        let earlier = bag(earlier);
        if is_less(&earlier, &least) {
            least = earlier;
            rounds += 1;
        }
        if rounds == ROUNDS {
            let more = newest.into_iter().find(|(name, count)| least.get(name) != Some(count));
            return more.and_then(|(name, _)| name.split('@').next().map(ToOwned::to_owned));
        }
    }
    None
}

fn is_less(one: &Bag, other: &Bag) -> bool {
    one != other
        && one.iter().all(|(name, count)| other.get(name).is_some_and(|more| more >= count))
}

fn bag(state: &State) -> Bag {
    let mut bag = Bag::new();
    // Items that people add, and what begins beside a step, are bounded by what the walk tries.
    let mut add = |step: &str, mark: &str, within: &Option<Place>| {
        if let Some(scope) = scope(state, within) {
            *bag.entry(format!("{step}@{mark}{scope}")).or_default() += 1;
        }
    };
    for token in state.tokens() {
        let is_task = matches!(token.holder, crate::engine::Holder::Task(_));
        add(token.step, if is_task { "" } else { "parked" }, token.within);
    }
    for open in state.blocks.values() {
        add(&open.step, if open.wanted.is_some() { "block" } else { "open" }, &open.within);
    }
    bag
}

/// The branches around a place in words; none inside of a block to which items are added, and in what
/// was begun beside a step.
fn scope(state: &State, within: &Option<Place>) -> Option<String> {
    let mut text = String::new();
    let mut within = within.as_ref();
    while let Some(place) = within {
        let Some(open) = state.blocks.get(&place.block) else { break };
        if open.is_open || open.is_beside && place.branch != Place::THE_STEP {
            return None;
        }
        text.push_str(&format!("/{}/{}", open.step, place.branch));
        within = open.within.as_ref();
    }
    Some(text)
}
