//! What an element asks for beyond being done: a clock, a message, another process, being repeated.
//! A construct that the language gets is a line here.

use super::super::xml::Element;
use super::chart::{Kind, Lost, Node};
use super::read::{Reader, definition};

/// Reads what `element` asks for into its node, or names it as lost.
pub fn read(reader: &mut Reader<'_>, element: &Element, node: &mut Node) {
    let mut lost: Vec<Lost> = Vec::new();
    for marker in ["multiInstanceLoopCharacteristics", "standardLoopCharacteristics"] {
        if element.first(marker).is_some() {
            let why = "is done several times; here it is done once";
            reader.lose_part(element, marker, why, &mut lost);
        }
    }
    let why = match element.name.as_str() {
        "eventBasedGateway" => Some("waits for what happens first; here a person says what did"),
        "complexGateway" => Some("waits as its own condition says; here for all that began"),
        "callActivity" => Some("begins another process; say here what is done instead"),
        "receiveTask" => Some("waits for a message; here a person says when it has come"),
        "adHocSubProcess" => Some("leaves the order open; here its steps follow each other"),
        "subProcess" if element.attribute("triggeredByEvent") == Some("true") => {
            Some("begins by an event; its steps stand at the end, with nothing leading to them")
        }
        "intermediateCatchEvent" | "intermediateThrowEvent" if node.kind == Kind::Manual => {
            Some("happens between two steps; here a person says that it did")
        }
        "startEvent" => definition(element).map(|_| "begins a case; here a person begins it"),
        "endEvent" => definition(element)
            .filter(|event| event.name != "terminateEventDefinition")
            .map(|_| "tells others when it ends; here the case only ends"),
        _ => None,
    };
    if let Some(why) = why {
        reader.lose(element, why, &mut lost);
    }
    node.lost.extend(lost);
    if node.kind == Kind::Pass && !node.name.is_empty() && element.name == "intermediateThrowEvent"
    {
        let says = node.name.clone();
        node.lost.push(Lost { says, why: "A milestone in the BPMN diagram.".to_owned() });
    }
}
