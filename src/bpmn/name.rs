//! Names in both directions: what stands in a box for an activity, an id for a name, and back.

/// How many letters a box holds.
const LONGEST: usize = 60;

/// What stands in the box of a step: its number and the beginning of its activity.
pub fn label(number: &str, activity: &str) -> String {
    format!("{number}. {}", short(activity)).trim_end().to_owned()
}

/// The first line of a text, cut between words where it is long.
pub fn short(text: &str) -> String {
    let first = text.trim().split('\n').next().unwrap_or_default();
    let first = on_one_line(first);
    if first.chars().count() <= LONGEST {
        return first;
    }
    let mut cut = String::new();
    let mut count = 0;
    for word in first.split(' ') {
        let length = word.chars().count() + usize::from(!cut.is_empty());
        if count + length >= LONGEST {
            break;
        }
        if !cut.is_empty() {
            cut.push(' ');
        }
        cut.push_str(word);
        count += length;
    }
    if cut.is_empty() {
        cut = first.chars().take(LONGEST - 1).collect();
    }
    let mark = |letter: char| matches!(letter, ',' | ';' | ':' | '.' | '(');
    format!("{}…", cut.trim_end_matches(mark))
}

/// A text with every stretch of white space made one blank.
pub fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The activity that a box stands for: what is written about it when the box only shows its
/// beginning, else both.
pub fn activity(number: Option<&str>, name: &str, documentation: Option<&str>) -> String {
    let name = on_one_line(name);
    if let (Some(number), Some(text)) = (number, documentation)
        && label(number, text) == name
    {
        return text.to_owned();
    }
    let written = documentation.map(tidy).filter(|text| !text.is_empty());
    let shown = |text: &str| match number {
        Some(number) => label(number, text),
        None => short(text),
    };
    if let Some(written) = &written
        && (shown(written) == name || short(written) == name)
    {
        return written.clone();
    }
    let own = number.and_then(|number| name.strip_prefix(number)?.strip_prefix('.'));
    let name = own.map_or(name.as_str(), str::trim);
    match written {
        Some(written) if name.is_empty() => written,
        Some(written) => format!("{name}\n{written}"),
        None => name.to_owned(),
    }
}

/// A longer text with its lines trimmed and no more than one empty line between them.
pub fn tidy(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines() {
        let line = on_one_line(line);
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

/// An id of the language for a name: lower case letters of any script, digits and `-`.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        let fits = letter.is_ascii_digit() || (letter.is_alphabetic() && !letter.is_uppercase());
        let parts = letter.is_numeric() || letter.is_whitespace() || letter.is_ascii();
        if fits {
            slug.push(letter);
        } else if parts && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 56 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// An id of XML: others letters than these are written by their number.
pub fn xml_id(kind: &str, name: &str) -> String {
    let mut id = format!("{kind}_");
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.') {
            id.push(letter);
        } else {
            id.push_str(&format!("_{:x}_", letter as u32));
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_stands_for_its_activity() {
        let long = "Imprimir la Orden de Requisitos en un ejemplar y remitir al técnico la misma, \
                    adjuntando la documentación.";
        for text in [long, "Firmar.", "Preguntar:\n\nSí o no", ""] {
            let name = label("3", text);
            assert!(name.chars().count() <= LONGEST + 4, "{name}");
            assert_eq!(activity(Some("3"), &name, Some(text)), text);
        }
        assert_eq!(activity(Some("3"), "3. Firmar.", None), "Firmar.");
        assert_eq!(activity(None, " Sign\nhere ", Some("Both copies.")), "Sign here\nBoth copies.");
        assert_eq!(activity(Some("3"), "Otra cosa", None), "Otra cosa");
        assert_eq!(short(&"x".repeat(99)).chars().count(), LONGEST);
    }

    #[test]
    fn ids_are_made_of_names_in_any_script() {
        assert_eq!(slug("Atención al Cliente (APE)"), "atención-al-cliente-ape");
        assert_eq!(slug("خدمات مشترکین"), "خدمات-مشترکین");
        assert_eq!(slug("  ?! "), "");
        assert_eq!(xml_id("role", "caja-1é"), "role_caja-1_e9_");
    }
}
