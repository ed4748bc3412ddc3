//! Text to tree, with limits that no written procedure comes near.
//!
//! The limits are checked before and while the tree is built, so that an alias bomb, a text nested
//! ten thousand deep or a file of fifty megabytes costs next to nothing.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle as Style, ScanError};

use super::{Kind, Node, ScalarStyle, slip};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span};

/// The largest file that is read: the longest real manual is under a hundredth of it.
pub const MAX_BYTES: usize = 4 << 20;
/// The deepest nesting of lists and tables.
const MAX_DEPTH: usize = 64;
/// How many values a file may have after its aliases are filled in.
const MAX_NODES: usize = 200_000;

/// The YAML documents of one file. After a mistake that can't be read past, the documents before it.
pub fn parse(file: FileId, text: &str, found: &mut Diagnostics) -> Vec<Node> {
    if text.len() > MAX_BYTES {
        found.push(
            Diagnostic::new("file_too_large", Span::new(file, 0, 0), "this file is too large")
                .label(format!("{} MB; at most {} MB are read", text.len() >> 20, MAX_BYTES >> 20))
                .help("a procedure is a few hundred lines; was another file put here by mistake?"),
        );
        return Vec::new();
    }
    let mut options = Options::default();
    options.emit_comments = false;
    options.emit_unresolved_aliases = true;
    options.flow_nesting_limit = MAX_DEPTH + 1;
    options.block_nesting_limit = MAX_DEPTH + 1;
    let mut builder = Builder { file, text, nodes: 0, anchors: HashMap::new(), found };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut documents = Vec::new();
    loop {
        match parser.next_event() {
            None => return documents,
            Some(Err(error)) => {
                builder.syntax(&error);
                return documents;
            }
            Some(Ok((Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _))) => {}
            Some(Ok((Event::StreamEnd, _))) => return documents,
            Some(Ok((event, span))) => {
                builder.anchors.clear();
                match builder.node(&mut parser, event, span, 0) {
                    Ok(node) => documents.push(node),
                    Err(Stop) => return documents,
                }
            }
        }
    }
}

/// Reading can't go on; the reason has been reported.
struct Stop;

type Events<'input> = Parser<'input, granit_parser::StrInput<'input>>;

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    nodes: usize,
    anchors: HashMap<usize, (Node, usize)>,
    found: &'a mut Diagnostics,
}

impl<'a> Builder<'a> {
    fn node(
        &mut self,
        parser: &mut Events<'a>,
        event: Event<'a>,
        at: granit_parser::Span,
        depth: usize,
    ) -> Result<Node, Stop> {
        let span = self.span(at);
        self.count(1, span)?;
        if depth > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        let before = self.nodes;
        let (kind, anchor, span) = match event {
            Event::Scalar(value, style, anchor, _) => (Self::scalar(&value, style), anchor, span),
            Event::SequenceStart(_, anchor, _) => {
                let (items, end) = self.items(parser, depth)?;
                (Kind::Sequence(items), anchor, self.trimmed(span, end))
            }
            Event::MappingStart(_, anchor, _) => {
                let (entries, end) = self.entries(parser, depth)?;
                (Kind::Mapping(entries), anchor, self.trimmed(span, end))
            }
            Event::Alias(id) => return self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                self.found.push(
                    Diagnostic::new("yaml_syntax", span, format!("there is no anchor `&{name}`"))
                        .label("nothing above is marked with this name")
                        .help("put the text in quotes if the star is part of it"),
                );
                (Self::scalar("", Style::Plain), 0, span)
            }
            _ => (Self::scalar("", Style::Plain), 0, span),
        };
        let node = Node { kind, span };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before + 1));
        }
        Ok(node)
    }

    fn items(&mut self, parser: &mut Events<'a>, depth: usize) -> Result<(Vec<Node>, usize), Stop> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next(parser)?;
            if event == Event::SequenceEnd {
                return Ok((items, span.end.byte_offset().unwrap_or(0)));
            }
            items.push(self.node(parser, event, span, depth + 1)?);
        }
    }

    fn entries(
        &mut self,
        parser: &mut Events<'a>,
        depth: usize,
    ) -> Result<(Vec<(Node, Node)>, usize), Stop> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        loop {
            let (event, span) = self.next(parser)?;
            if event == Event::MappingEnd {
                return Ok((entries, span.end.byte_offset().unwrap_or(0)));
            }
            let key = self.node(parser, event, span, depth + 1)?;
            let (event, span) = self.next(parser)?;
            let mut value = self.node(parser, event, span, depth + 1)?;
            if self.is_absent(&key, &value) {
                value.kind = Kind::Scalar { text: String::new(), style: ScalarStyle::Absent };
            }
            let Some(name) = key.text() else {
                self.found.push(slip::no_key(&key, self.text));
                continue;
            };
            if let Some(first) = seen.get(name) {
                self.found.push(
                    Diagnostic::new(
                        "duplicate_key",
                        key.span,
                        format!("`{name}` is written twice"),
                    )
                    .label("again here")
                    .also(*first, "first here")
                    .help("keep one of the two, or give one another name"),
                );
                continue;
            }
            seen.insert(name.to_owned(), key.span);
            entries.push((key, value));
        }
    }

    /// Whether a key stands alone, without a colon.
    fn is_absent(&self, key: &Node, value: &Node) -> bool {
        let behind = self.text.get(key.span.end as usize..).unwrap_or_default();
        value.is_null() && !behind.trim_start().starts_with(':')
    }

    fn next(&mut self, parser: &mut Events<'a>) -> Result<(Event<'a>, granit_parser::Span), Stop> {
        match parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Err(Stop),
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Node, Stop> {
        let Some((node, size)) = self.anchors.get(&id) else {
            self.found.push(
                Diagnostic::new("yaml_syntax", span, "this alias contains itself")
                    .label("the marked value is not finished here"),
            );
            return Err(Stop);
        };
        let (node, size) = (Node { kind: node.kind.clone(), span }, *size);
        self.count(size, span)?;
        Ok(node)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Stop> {
        self.nodes += nodes;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        self.found.push(
            Diagnostic::new("yaml_too_many_values", span, "this file has too many values")
                .label(format!("more than {MAX_NODES} here, aliases filled in"))
                .help("write the values out, or split the file"),
        );
        Err(Stop)
    }

    fn too_deep(&mut self, span: Span) -> Stop {
        self.found.push(
            Diagnostic::new("yaml_too_deep", span, "this file is nested too deeply")
                .label(format!("more than {MAX_DEPTH} levels here"))
                .help("no procedure needs so many levels; is a bracket or an indentation wrong?"),
        );
        Stop
    }

    fn syntax(&mut self, error: &ScanError) -> Stop {
        let at = error.marker().byte_offset().unwrap_or(0);
        let message = error.info();
        let span = Span::new(self.file, at, at);
        if message.contains("nesting") || message.contains("recursion") {
            return self.too_deep(span);
        }
        let start = self.text[..at.min(self.text.len())].rfind('\n').map_or(0, |end| end + 1);
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        // A text without quotes that begins with `{{` breaks its line twice.
        let is_told = self.found.iter().any(|told| {
            let place = told.primary.span;
            place.file == self.file && (start..=at).contains(&(place.start as usize))
        });
        if is_told {
            return Stop;
        }
        let usual =
            "look at the indentation, the colons and the quotes of this line and the one above";
        let help = message.contains("mapping values").then(|| slip::second_colon(line)).flatten();
        self.found.push(
            Diagnostic::new("yaml_syntax", span, "this is not YAML")
                .label(message)
                .help(help.unwrap_or_else(|| usual.to_owned())),
        );
        Stop
    }

    fn scalar(value: &str, style: Style) -> Kind {
        let style = match style {
            Style::Plain => ScalarStyle::Plain,
            Style::SingleQuoted | Style::DoubleQuoted => ScalarStyle::Quoted,
            _ => ScalarStyle::Block,
        };
        Kind::Scalar { text: value.to_owned(), style }
    }

    fn span(&self, at: granit_parser::Span) -> Span {
        let range = at.byte_range().unwrap_or(0..0);
        Span::new(self.file, range.start, range.end)
    }

    /// A block's end event stands at the next key; its last word is where a person sees the end.
    fn trimmed(&self, start: Span, end: usize) -> Span {
        let text = self.text.get(start.start as usize..end).unwrap_or_default();
        Span::new(self.file, start.start as usize, start.start as usize + text.trim_end().len())
    }
}
