//! XML to a tree, in one pass, with limits that no diagram comes near.
//!
//! Everything is refused before it is kept: a file that is too large before it is read, nesting when
//! the first level too many opens. A document type is refused whatever stands in it, and with it
//! every entity of its own, the ones that grow as well as the ones that fetch other files.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{BPMN, Element, Space, TRAMITE};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span};

/// The largest file that is read; a diagram of a thousand steps with its drawing is about 2 MB.
pub const MAX_BYTES: usize = 16 << 20;
/// The deepest nesting of elements; sub-processes in sub-processes come to about twenty.
const MAX_DEPTH: usize = 64;
/// How many elements outside of the drawing a file may have.
const MAX_ELEMENTS: usize = 60_000;
/// How many attributes an element may have.
const MAX_ATTRIBUTES: usize = 64;

/// A diagram's bytes as a text: UTF-8, or UTF-16 with its mark. What is wrong with them, else.
pub fn decode(bytes: &[u8]) -> Result<String, &'static str> {
    let sixteen = |little: bool, bytes: &[u8]| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let read = if little { u16::from_le_bytes } else { u16::from_be_bytes };
        let units = pairs.iter().map(|pair| read(*pair));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok().filter(|_| rest.is_empty()).ok_or("its UTF-16 is damaged")
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => sixteen(true, rest),
        [0xfe, 0xff, rest @ ..] => sixteen(false, rest),
        [0x3c, 0, ..] | [0, 0x3c, ..] => Err("it seems to be UTF-16 without a mark"),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            let text = std::str::from_utf8(rest);
            text.map(ToOwned::to_owned).map_err(|_| "some of its letters are no UTF-8")
        }
    }
}

/// The root element; none when the text was refused, which is reported.
pub fn read(file: FileId, text: &str, found: &mut Diagnostics) -> Option<Element> {
    let mut builder = Builder {
        file,
        text,
        spaces: vec![("xml".to_owned(), Space::Other)],
        open: Vec::new(),
        elements: 0,
        skipped: 0,
        root: None,
    };
    match builder.all() {
        Ok(()) => builder.root,
        Err(refusal) => {
            found.push(*refusal);
            None
        }
    }
}

/// An element that has not been closed, and how many prefixes were known before it.
struct Open {
    element: Element,
    spaces: usize,
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    /// Prefixes with whose words they mark, the innermost last.
    spaces: Vec<(String, Space)>,
    open: Vec<Open>,
    elements: usize,
    /// How deep the reader is in a drawing, which is not kept.
    skipped: usize,
    root: Option<Element>,
}

type Refused<T> = Result<T, Box<Diagnostic>>;

impl Builder<'_> {
    fn all(&mut self) -> Refused<()> {
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().check_end_names = true;
        loop {
            let from = reader.buffer_position() as usize;
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = self.span(reader.error_position() as usize, 0);
                    return Err(not_xml(at, &error.to_string()));
                }
            };
            let at = self.span(from, reader.buffer_position() as usize);
            match event {
                Event::Start(tag) => self.start(&tag, at)?,
                Event::Empty(tag) => {
                    self.start(&tag, at)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(text) => self.letters(&text.xml10_content(), at)?,
                Event::CData(text) => self.letters(&text.xml10_content(), at)?,
                Event::GeneralRef(name) => {
                    let letter = match name.resolve_char_ref() {
                        Ok(Some(letter)) if is_xml(letter) => Some(letter),
                        Ok(None) => predefined(&name),
                        _ => None,
                    };
                    let letter = letter.ok_or_else(|| entity(at, &name))?;
                    self.letters(letter.encode_utf8(&mut [0; 4]), at)?;
                }
                Event::DocType(_) => {
                    return Err(refused(at, "a diagram needs no document type")
                        .label("`<!DOCTYPE` is refused, with whatever stands in it")
                        .help("delete the declaration; modelling tools don't write one")
                        .into());
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
        }
        if let Some(open) = self.open.last() {
            let name = open.element.name.clone();
            return Err(not_xml(open.element.span, &format!("`{name}` is never closed")));
        }
        if self.root.is_none() {
            return Err(not_xml(self.span(0, 0), "there is no element in it"));
        }
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>, at: Span) -> Refused<()> {
        if self.open.len() + self.skipped >= MAX_DEPTH {
            return Err(refused(at, "this file is nested too deeply")
                .label(format!("more than {MAX_DEPTH} levels here"))
                .help("no diagram needs so many; was it damaged or made by a program?")
                .into());
        }
        if self.root.is_some() {
            return Err(not_xml(at, "a second element follows the first"));
        }
        if self.skipped > 0 {
            self.skipped += 1;
            return Ok(());
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(refused(at, "this file has too many elements")
                .label(format!("more than {MAX_ELEMENTS}"))
                .help("import one process at a time")
                .into());
        }
        let spaces = self.spaces.len();
        let attributes = self.attributes(tag, at)?;
        let name = tag.name();
        let (space, name) = self.named(name.as_ref());
        if space == Space::Drawing {
            self.spaces.truncate(spaces);
            self.skipped = 1;
            return Ok(());
        }
        let name = name.to_owned();
        let element = Element {
            space,
            name,
            attributes,
            children: Vec::new(),
            text: String::new(),
            span: at,
        };
        self.open.push(Open { element, spaces });
        Ok(())
    }

    /// The attributes of a tag, with its declarations of namespaces taken in.
    fn attributes(&mut self, tag: &BytesStart<'_>, at: Span) -> Refused<Vec<(String, String)>> {
        let mut attributes = Vec::new();
        for (count, attribute) in tag.attributes().enumerate() {
            // quick-xml compares each with all before it.
            if count == MAX_ATTRIBUTES {
                return Err(refused(at, "this element has too many attributes")
                    .label(format!("more than {MAX_ATTRIBUTES}"))
                    .into());
            }
            let attribute = attribute.map_err(|error| not_xml(at, &error.to_string()))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| entity(at, &attribute.value))?;
            if !value.chars().all(is_xml) {
                return Err(not_xml(at, "it holds a letter that XML has no place for"));
            }
            let key = attribute.key.as_ref();
            let prefix = key.strip_prefix("xmlns");
            if let Some(prefix) = prefix.filter(|rest| rest.is_empty() || rest.starts_with(':')) {
                let prefix = prefix.trim_start_matches(':');
                self.spaces.push((prefix.to_owned(), space_of(&value)));
                continue;
            }
            let key = match key.split_once(':') {
                Some((_, local)) => format!(":{local}"),
                None => key.to_owned(),
            };
            attributes.push((key, value.into_owned()));
        }
        Ok(attributes)
    }

    fn named<'n>(&self, name: &'n str) -> (Space, &'n str) {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let known = self.spaces.iter().rev().find(|(known, _)| known == prefix);
        (known.map_or(Space::Other, |(_, space)| *space), local)
    }

    fn end(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let Some(Open { element, spaces }) = self.open.pop() else { return };
        self.spaces.truncate(spaces);
        match self.open.last_mut() {
            Some(parent) => parent.element.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn letters(&mut self, text: &str, at: Span) -> Refused<()> {
        if !text.chars().all(is_xml) {
            return Err(not_xml(at, "it holds a letter that XML has no place for"));
        }
        if self.skipped > 0 {
            return Ok(());
        }
        match self.open.last_mut() {
            Some(open) => open.element.text.push_str(text),
            None if text.trim_matches(|letter: char| letter.is_whitespace()).is_empty() => {}
            None => return Err(not_xml(at, "there is text outside of the elements")),
        }
        Ok(())
    }

    fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.file, from, to)
    }
}

/// A finding about what is not read at all.
pub fn refused(at: Span, headline: &str) -> Diagnostic {
    Diagnostic::new("bpmn_refused", at, headline)
}

fn not_xml(at: Span, why: &str) -> Box<Diagnostic> {
    let finding = refused(at, "this is not a diagram in XML").label(why);
    finding.help("export it again from the tool that it was drawn with").into()
}

fn entity(at: Span, name: &str) -> Box<Diagnostic> {
    let name: String = name.chars().take(40).collect();
    refused(at, "this entity is refused")
        .label(format!("`{name}` is none of XML's own five"))
        .help("write the letters themselves")
        .into()
}

fn predefined(name: &str) -> Option<char> {
    let known = [("lt", '<'), ("gt", '>'), ("amp", '&'), ("apos", '\''), ("quot", '"')];
    known.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter)
}

/// The letters that XML 1.0 has; the others can't be written back.
fn is_xml(letter: char) -> bool {
    let is_control = letter < ' ' && !matches!(letter, '\t' | '\n' | '\r');
    !is_control && !matches!(letter, '\u{fffe}' | '\u{ffff}')
}

fn space_of(uri: &str) -> Space {
    match uri {
        BPMN => Space::Bpmn,
        TRAMITE => Space::Tramite,
        "http://www.omg.org/spec/BPMN/20100524/DI"
        | "http://www.omg.org/spec/DD/20100524/DI"
        | "http://www.omg.org/spec/DD/20100524/DC" => Space::Drawing,
        _ => Space::Other,
    }
}
