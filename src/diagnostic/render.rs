//! A finding as a picture for a terminal, and as JSON for tools.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, renderer::DecorStyle};
use serde_json::json;

use super::{Diagnostic, Label, Severity, Sources, Span};

/// Lines before and after a place that the renderer may show.
const CONTEXT: usize = 2;

/// Colours only where a person looks at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Coloured,
}

/// One finding with carets under its places.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.headline.as_str()).id(diagnostic.code);
    let mut group: Group<'_> = Group::with_title(title);
    let mut files = vec![diagnostic.primary.span.file];
    files.extend(diagnostic.secondary.iter().map(|label| label.span.file));
    files.sort_unstable_by_key(|file| (*file != diagnostic.primary.span.file, *file));
    files.dedup();
    for file in files {
        let source = sources.get(file);
        let places: Vec<(bool, &Label)> = std::iter::once((true, &diagnostic.primary))
            .chain(diagnostic.secondary.iter().map(|label| (false, label)))
            .filter(|(_, label)| label.span.file == file)
            .collect();
        let whole: Vec<_> =
            places.iter().map(|(_, label)| range(&source.text, label.span)).collect();
        let start = whole.iter().map(|range| range.start).min().unwrap_or(0);
        let end = whole.iter().map(|range| range.end).max().unwrap_or(0);
        // Only the lines around: the renderer would else read a large file anew for every finding.
        let (line, part) = source.around(start, end, CONTEXT);
        let mut snippet =
            Snippet::source(&source.text[part.clone()]).path(source.path.as_str()).line_start(line);
        for ((is_primary, label), range) in places.iter().zip(whole) {
            let kind = if *is_primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let place = kind.span(range.start - part.start..range.end - part.start);
            let text = label.text.as_str();
            snippet = snippet.annotation(if text.is_empty() { place } else { place.label(text) });
        }
        group = group.element(snippet);
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    for help in &diagnostic.helps {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.decor_style(DecorStyle::Ascii).render(&[group])
}

/// One finding as data: what `--json` prints, one object a finding.
pub fn to_json(diagnostic: &Diagnostic, sources: &Sources) -> serde_json::Value {
    let place = |span: Span| {
        let file = sources.get(span.file);
        let (line, column) = file.line_column(span.start as usize);
        let (end_line, end_column) = file.line_column(span.end as usize);
        json!({
            "file": file.path, "line": line, "column": column,
            "end_line": end_line, "end_column": end_column,
        })
    };
    let mut value = json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.headline,
        "label": diagnostic.primary.text,
        "notes": diagnostic.notes,
        "help": diagnostic.helps,
        "related": diagnostic.secondary.iter().map(|label| {
            json!({ "place": place(label.span), "label": label.text })
        }).collect::<Vec<_>>(),
    });
    if let (Some(into), serde_json::Value::Object(from)) =
        (value.as_object_mut(), place(diagnostic.primary.span))
    {
        into.extend(from);
    }
    value
}

/// A range that the renderer can always draw: inside the text, on character borders, on one line
/// unless it is short, and never empty.
fn range(text: &str, span: Span) -> std::ops::Range<usize> {
    let fit = |offset: u32| {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = fit(span.start);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let mut end = fit(span.end).min(line_end).max(start);
    if end == start {
        end = text[start..line_end].chars().next().map_or(start, |first| start + first.len_utf8());
    }
    start..end
}
