//! From a text to [`Expression`], through minijinja's parser.
//!
//! minijinja's own tree borrows its text and is not a stable interface, so that it is turned at once
//! into ours; the version is pinned in Cargo.toml.

use minijinja::machinery::ast;
use minijinja::machinery::parse_expr;

use super::ast::{Binary, Comparison, Expr, Expression, Part};
use super::{Map, Value, slip};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::yaml::Node;

/// Operators, brackets and dots that an expression may have: each makes its tree a level deeper at most, and
/// everything that walks the tree recurses, on threads with small stacks.
const MAX_WEIGHT: usize = 120;

/// Expressions longer than this are refused: nobody can read them, and the parser recurses.
const MAX_LENGTH: usize = 2_000;

impl Expression {
    /// Reads the expression in a scalar; what is wrong with it is reported under its own caret.
    pub fn parse(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Self> {
        let Some(source) = node.text() else {
            found.push(
                Diagnostic::new("wrong_shape", node.span, "an expression must be a text")
                    .label(format!("this is {}", node.describe())),
            );
            return None;
        };
        let file = &sources.get(node.span.file).text;
        if source.len() > MAX_LENGTH {
            found.push(
                Diagnostic::new("bad_expression", node.span, "this expression is too long")
                    .label(format!("{} characters; at most {MAX_LENGTH}", source.len()))
                    .help("compute a part of it in a field of its own"),
            );
            return None;
        }
        if weight(source) > MAX_WEIGHT {
            found.push(
                Diagnostic::new(
                    "bad_expression",
                    node.span,
                    "this expression does too much at once",
                )
                .label(format!("more than {MAX_WEIGHT} operators"))
                .help("compute parts of it in fields of their own"),
            );
            return None;
        }
        // The commonest slip: braces belong to templates.
        if source.trim_start().starts_with("{{") {
            found.push(
                Diagnostic::new(
                    "bad_expression",
                    node.locate(file, 0, source.len()),
                    "a condition stands without braces",
                )
                .label("`{{ … }}` belongs to documents and subjects")
                .help(format!("write `{}`", source.trim_matches(['{', '}', ' ']))),
            );
            return None;
        }
        let unreadable = |start, end, label: String| {
            let usual = "write it as in `not inspeccion.viable` or `total > 100`";
            let span = node.locate(file, start, end);
            Diagnostic::new("bad_expression", span, "this expression can't be read")
                .label(label)
                .help(slip::advice(source).unwrap_or_else(|| usual.to_owned()))
        };
        if let Some((start, end, label)) = slip::stray(source) {
            found.push(unreadable(start, end, label));
            return None;
        }
        let parsed = match parse_expr(source) {
            Ok(parsed) => parsed,
            Err(error) => {
                let range = error.range().unwrap_or(0..source.len());
                let end = range.end.min(source.len());
                let label = error.detail().unwrap_or("here").to_owned();
                found.push(unreadable(range.start.min(end), end, label));
                return None;
            }
        };
        match part(&parsed) {
            Ok(root) => {
                Some(Self { source: source.to_owned(), span: node.span, root, node: node.clone() })
            }
            Err(unsupported) => {
                found.push(
                    Diagnostic::new(
                        "bad_expression",
                        node.locate(file, unsupported.start, unsupported.end),
                        format!("{} can't stand in an expression", unsupported.what),
                    )
                    .label("not known here"),
                );
                None
            }
        }
    }
}

/// Counts what can make the tree deeper, outside quoted texts.
fn weight(source: &str) -> usize {
    let mut quote = None;
    let mut marks = 0;
    let mut outside = String::new();
    for letter in source.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            None => {
                marks += usize::from("+-*/~%([{|.<>=!".contains(letter));
                outside.push(letter);
            }
        }
    }
    let words = outside.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    marks + words.filter(|word| matches!(*word, "and" | "or" | "not" | "if" | "is" | "in")).count()
}

struct Unsupported {
    what: &'static str,
    start: usize,
    end: usize,
}

fn part(expr: &ast::Expr<'_>) -> Result<Part, Unsupported> {
    let span = expr.span();
    let (start, end) = (span.start_offset as usize, span.end_offset as usize);
    let refuse = |what| Unsupported { what, start, end };
    let expr = match expr {
        ast::Expr::Var(var) => Expr::Name(var.id.to_owned()),
        ast::Expr::Const(constant) => {
            Expr::Literal(literal(&constant.value).ok_or_else(|| refuse("this constant"))?)
        }
        ast::Expr::GetAttr(get) => Expr::Attribute(boxed(&get.expr)?, get.name.to_owned()),
        ast::Expr::GetItem(get) => match &get.subscript_expr {
            ast::Expr::Const(key) if key.value.as_str().is_some() => Expr::Attribute(
                boxed(&get.expr)?,
                key.value.as_str().unwrap_or_default().to_owned(),
            ),
            _ => return Err(refuse("a position in a list")),
        },
        ast::Expr::UnaryOp(op) => match op.op {
            ast::UnaryOpKind::Not => Expr::Not(boxed(&op.expr)?),
            ast::UnaryOpKind::Neg => Expr::Negate(boxed(&op.expr)?),
        },
        ast::Expr::BinOp(op) => two_sided(op, refuse)?,
        ast::Expr::Compare(compare) => {
            let first = boxed(&compare.expr)?;
            let rest = compare
                .ops
                .iter()
                .map(|op| Ok((comparison(op.op), part(&op.expr)?)))
                .collect::<Result<_, _>>()?;
            Expr::Compare(first, rest)
        }
        ast::Expr::IfExpr(choice) => Expr::If(
            boxed(&choice.test_expr)?,
            boxed(&choice.true_expr)?,
            choice.false_expr.as_ref().map(boxed).transpose()?,
        ),
        ast::Expr::Filter(filter) => match &filter.expr {
            Some(on) => {
                Expr::Filter(filter.name.to_owned(), boxed(on)?, arguments(&filter.args, refuse)?)
            }
            None => return Err(refuse("a filter without a value")),
        },
        ast::Expr::Test(test) if test.args.is_empty() => {
            Expr::Test(test.name.to_owned(), boxed(&test.expr)?)
        }
        ast::Expr::Test(_) => return Err(refuse("a test with arguments")),
        ast::Expr::Call(call) => match &call.expr {
            ast::Expr::Var(name) => Expr::Call(name.id.to_owned(), arguments(&call.args, refuse)?),
            _ => return Err(refuse("a call of a value")),
        },
        ast::Expr::List(list) => Expr::List(list.items.iter().map(part).collect::<Result<_, _>>()?),
        ast::Expr::Slice(_) => return Err(refuse("a slice")),
        ast::Expr::Tuple(_) => return Err(refuse("a tuple")),
        ast::Expr::Map(_) => return Err(refuse("a table of keys")),
    };
    // minijinja's span of `a.b.c` begins at its last dot; a person sees the whole name.
    let start = match &expr {
        Expr::Attribute(of, _) | Expr::Filter(_, of, _) | Expr::Test(_, of) => of.start.min(start),
        Expr::Binary(_, left, _) | Expr::Compare(left, _) => left.start.min(start),
        _ => start,
    };
    Ok(Part { expr, start, end })
}

fn boxed(expr: &ast::Expr<'_>) -> Result<Box<Part>, Unsupported> {
    part(expr).map(Box::new)
}

fn arguments(
    args: &[ast::CallArg<'_>],
    refuse: impl Fn(&'static str) -> Unsupported,
) -> Result<Vec<Part>, Unsupported> {
    args.iter()
        .map(|arg| match arg {
            ast::CallArg::Pos(expr) => part(expr),
            _ => Err(refuse("a named argument")),
        })
        .collect()
}

fn two_sided(
    op: &ast::BinOp<'_>,
    refuse: impl Fn(&'static str) -> Unsupported,
) -> Result<Expr, Unsupported> {
    use ast::BinOpKind as Kind;
    let compare = |kind| Ok(Expr::Compare(boxed(&op.left)?, vec![(kind, part(&op.right)?)]));
    let binary = match op.op {
        Kind::Eq => return compare(Comparison::Equal),
        Kind::Ne => return compare(Comparison::NotEqual),
        Kind::Lt => return compare(Comparison::Less),
        Kind::Lte => return compare(Comparison::LessOrEqual),
        Kind::Gt => return compare(Comparison::Greater),
        Kind::Gte => return compare(Comparison::GreaterOrEqual),
        Kind::In => return compare(Comparison::In),
        Kind::ScAnd => Binary::And,
        Kind::ScOr => Binary::Or,
        Kind::Add => Binary::Add,
        Kind::Sub => Binary::Subtract,
        Kind::Mul => Binary::Multiply,
        Kind::Div => Binary::Divide,
        Kind::FloorDiv => Binary::FloorDivide,
        Kind::Rem => Binary::Remainder,
        Kind::Concat => Binary::Join,
        Kind::Pow => return Err(refuse("a power")),
    };
    Ok(Expr::Binary(binary, boxed(&op.left)?, boxed(&op.right)?))
}

fn comparison(op: ast::CompareOpKind) -> Comparison {
    match op {
        ast::CompareOpKind::Eq => Comparison::Equal,
        ast::CompareOpKind::Ne => Comparison::NotEqual,
        ast::CompareOpKind::Lt => Comparison::Less,
        ast::CompareOpKind::Lte => Comparison::LessOrEqual,
        ast::CompareOpKind::Gt => Comparison::Greater,
        ast::CompareOpKind::Gte => Comparison::GreaterOrEqual,
        ast::CompareOpKind::In => Comparison::In,
        ast::CompareOpKind::NotIn => Comparison::NotIn,
    }
}

/// A constant through JSON: the one form that both kinds of value share. Numbers go through their
/// shortest text, so that `12.50` is exact.
fn literal(value: &minijinja::Value) -> Option<Value> {
    let value: Value = serde_json::to_value(value).and_then(serde_json::from_value).ok()?;
    match value {
        Value::Map(ref map) if *map != Map::new() => None,
        value => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;
    use crate::yaml::{Kind, ScalarStyle};

    fn read(source: &str) -> Result<Expression, Box<Diagnostic>> {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", source);
        let kind = Kind::Scalar { text: source.to_owned(), style: ScalarStyle::Plain };
        let node = Node { kind, span: Span::new(file, 0, source.len()) };
        let mut found = Diagnostics::default();
        let read = Expression::parse(&node, &sources, &mut found);
        read.ok_or_else(|| Box::new(found.iter().next().expect("a reason").clone()))
    }

    #[test]
    fn nothing_behind_an_unknown_sign_is_lost() {
        let before = [
            "kind == 'leak'",
            "kind == \"leak\"",
            "n == 1",
            "n > 1.5",
            "kind",
            "claim.kind",
            "not a",
            "(n)",
            "[1, 2]",
            "n in [1]",
            "kind | upper",
            "s | round(2)",
            "kind is defined",
            "f('a')",
            "a and 'b'",
            "true",
            "none",
            "a if b else 'c'",
            "a ~ 'b'",
            "-n",
            "n - 1",
        ];
        let strange = ['’', '“', '«', '´', '×', 'ñ', '€', '\u{a0}'];
        for start in before {
            assert!(read(start).is_ok(), "{start}");
            for sign in (' '..='~').chain(strange) {
                for gap in ["", " "] {
                    // A comment sign or a bracket would be no reason to forget `zzz` either.
                    let source = format!("{start}{gap}{sign}{sign} zzz");
                    let single = format!("{start}{gap}{sign} zzz");
                    for source in [source, single] {
                        if let Ok(read) = read(&source) {
                            let tree = format!("{:?}", read.root);
                            assert!(tree.contains("zzz\""), "{source} is cut off: {tree}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_slip_is_told_with_what_to_write() {
        let help = |source: &str| read(source).expect_err("a slip").helps.concat();
        assert!(help("kind == 'leak' && indoors").contains("`and`"));
        assert!(help("kind == 'leak' || indoors").contains("`or`"));
        assert!(help("!indoors").contains("`not`"));
        assert!(help("kind = 'leak'").contains("`==`"));
        assert!(help("kind == ’leak’").contains("straight quotes"));
        assert!(help("carnet y croquis").contains("`and`"));
        assert!(help("NOT carnet").contains("`not`"));
        assert!(help("kind <> 'leak'").contains("`!=`"));
        // What stands in a text is no slip.
        assert!(help("kind == 'a = b' c").contains("as in"));
        assert_eq!(
            read("kind == 'leak' ; x").expect_err("a slip").primary.text,
            "`;` says nothing here"
        );
    }
}
