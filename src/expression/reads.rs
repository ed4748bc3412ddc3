//! Which variables an expression or a template reads, with their places: what the data-flow proof and
//! the freezing of a document's data are made from.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{self, CallArg, Stmt};

use super::ast::{Binary, Expr, Expression, Part};

/// One use of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// `["cotizacion", "filas", "[]", "parcial"]`; `[]` stands for each row of a table.
    pub path: Vec<String>,
    /// Bytes in the expression or template.
    pub start: usize,
    pub end: usize,
    /// Asked about with `is defined` or given a `default`: it may be missing.
    pub is_guarded: bool,
}

/// What a template needs from outside.
#[derive(Debug, Clone, Default)]
pub struct TemplateReads {
    pub reads: Vec<Read>,
    /// Layouts that it extends, includes or imports, with their places.
    pub templates: Vec<(String, usize, usize)>,
    /// Filters and functions by name.
    pub filters: Vec<(String, usize, usize)>,
    pub functions: Vec<(String, usize, usize)>,
    /// Documents named in `issued('…')` and `number_of('…')`.
    pub documents: Vec<(String, usize, usize)>,
}

/// The reads of an expression. Behind `x is defined and …` and the like, `x` is guarded: only where the
/// test is known to have held, not in the whole expression.
pub fn reads_of_expression(expression: &Expression) -> Vec<Read> {
    let mut reads = Vec::new();
    walk(&expression.root, &Vec::new(), &mut reads);
    reads
}

/// The paths that are known to be filled in where a condition holds.
pub fn known_where_it_holds(condition: &Expression) -> Vec<Vec<String>> {
    known(&condition.root).0
}

/// The paths that are known to be filled in where it does not hold.
pub fn known_where_it_fails(condition: &Expression) -> Vec<Vec<String>> {
    known(&condition.root).1
}

type Paths = Vec<Vec<String>>;

/// What is known to be filled in if a condition holds, and if it doesn't.
fn known(part: &Part) -> (Paths, Paths) {
    match &part.expr {
        Expr::Test(name, of) => match (name.as_str(), of.path()) {
            ("defined", Some(path)) => (vec![path], Vec::new()),
            ("undefined" | "none", Some(path)) => (Vec::new(), vec![path]),
            _ => Default::default(),
        },
        Expr::Not(of) => {
            let (yes, no) = known(of);
            (no, yes)
        }
        Expr::Binary(Binary::And, left, right) => both(known(left), known(right)),
        Expr::Binary(Binary::Or, left, right) => {
            let (no, yes) = both(turned(known(left)), turned(known(right)));
            (yes, no)
        }
        _ => Default::default(),
    }
}

fn turned((yes, no): (Paths, Paths)) -> (Paths, Paths) {
    (no, yes)
}

/// If both hold, both are known; if not both, only what either way tells.
fn both(left: (Paths, Paths), right: (Paths, Paths)) -> (Paths, Paths) {
    let neither = left.1.into_iter().filter(|path| right.1.contains(path)).collect();
    (left.0.into_iter().chain(right.0).collect(), neither)
}

fn children(part: &Part) -> Vec<&Part> {
    match &part.expr {
        Expr::Literal(_) | Expr::Name(_) => Vec::new(),
        Expr::Attribute(of, _) | Expr::Not(of) | Expr::Negate(of) | Expr::Test(_, of) => vec![of],
        Expr::Binary(_, left, right) => vec![left, right],
        Expr::Compare(first, rest) => {
            std::iter::once(first.as_ref()).chain(rest.iter().map(|(_, part)| part)).collect()
        }
        Expr::If(test, yes, no) => {
            [Some(test), Some(yes), no.as_ref()].into_iter().flatten().map(AsRef::as_ref).collect()
        }
        Expr::Filter(_, of, args) => std::iter::once(of.as_ref()).chain(args).collect(),
        Expr::Call(_, args) | Expr::List(args) => args.iter().collect(),
    }
}

fn walk(part: &Part, guards: &Paths, reads: &mut Vec<Read>) {
    let with = |more: Paths| -> Paths { guards.iter().cloned().chain(more).collect() };
    if let Some(path) = part.path() {
        let is_built_in = matches!(path[0].as_str(), "today" | "case");
        if !is_built_in {
            let is_guarded = guards.iter().any(|guard| path.starts_with(guard));
            reads.push(Read { path, start: part.start, end: part.end, is_guarded });
        }
        return;
    }
    match &part.expr {
        Expr::Binary(Binary::And, left, right) => {
            walk(left, guards, reads);
            walk(right, &with(known(left).0), reads);
        }
        Expr::Binary(Binary::Or, left, right) => {
            walk(left, guards, reads);
            walk(right, &with(known(left).1), reads);
        }
        Expr::If(test, yes, no) => {
            let (if_yes, if_no) = known(test);
            walk(test, guards, reads);
            walk(yes, &with(if_yes), reads);
            no.iter().for_each(|no| walk(no, &with(if_no.clone()), reads));
        }
        Expr::Test(name, of) if matches!(name.as_str(), "defined" | "undefined") => {
            walk(of, &with(of.path().into_iter().collect()), reads);
        }
        Expr::Filter(name, of, args) if name == "default" => {
            walk(of, &with(of.path().into_iter().collect()), reads);
            args.iter().for_each(|arg| walk(arg, guards, reads));
        }
        _ => children(part).into_iter().for_each(|child| walk(child, guards, reads)),
    }
}

/// The reads of a template. `source` must have been parsed by minijinja before without an error.
pub fn reads_of_template(source: &str) -> TemplateReads {
    let mut walker =
        Walker { locals: vec![builtins()], guards: Vec::new(), out: TemplateReads::default() };
    if let Ok(root) = minijinja::machinery::parse(source, "<template>", Default::default()) {
        walker.statement(&root);
    }
    walker.out
}

/// What a local name stands for: a path of the case (a loop over a table), or something else.
type Locals = BTreeMap<String, Option<Vec<String>>>;

fn builtins() -> Locals {
    ["self", "loop", "super", "caller", "varargs", "kwargs", "true", "false", "none"]
        .into_iter()
        .map(|name| (name.to_owned(), None))
        .collect()
}

struct Walker {
    locals: Vec<Locals>,
    guards: Vec<Vec<String>>,
    out: TemplateReads,
}

impl Walker {
    fn local(&self, name: &str) -> Option<&Option<Vec<String>>> {
        self.locals.iter().rev().find_map(|scope| scope.get(name))
    }

    fn bind(&mut self, target: &ast::Expr<'_>, path: Option<Vec<String>>) {
        match target {
            ast::Expr::Var(var) => {
                if let Some(scope) = self.locals.last_mut() {
                    scope.insert(var.id.to_owned(), path);
                }
            }
            ast::Expr::List(list) => list.items.iter().for_each(|item| self.bind(item, None)),
            ast::Expr::Tuple(list) => list.items.iter().for_each(|item| self.bind(item, None)),
            _ => {}
        }
    }

    fn body(&mut self, statements: &[Stmt<'_>]) {
        self.locals.push(Locals::new());
        statements.iter().for_each(|statement| self.statement(statement));
        self.locals.pop();
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(inner) => inner.children.iter().for_each(|child| self.statement(child)),
            Stmt::EmitExpr(inner) => self.expression(&inner.expr),
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
            Stmt::ForLoop(inner) => {
                self.expression(&inner.iter);
                let each = self.path(&inner.iter).map(|mut path| {
                    path.push("[]".to_owned());
                    path
                });
                self.locals.push(Locals::new());
                self.bind(&inner.target, each);
                inner.filter_expr.iter().for_each(|filter| self.expression(filter));
                inner.body.iter().for_each(|child| self.statement(child));
                self.locals.pop();
                self.body(&inner.else_body);
            }
            Stmt::IfCond(inner) => {
                let (if_yes, if_no) = self.known(&inner.expr);
                self.expression(&inner.expr);
                self.guarded(if_yes, |walker| walker.body(&inner.true_body));
                self.guarded(if_no, |walker| walker.body(&inner.false_body));
            }
            Stmt::WithBlock(inner) => {
                self.locals.push(Locals::new());
                for (target, value) in &inner.assignments {
                    self.expression(value);
                    let path = self.path(value);
                    self.bind(target, path);
                }
                inner.body.iter().for_each(|child| self.statement(child));
                self.locals.pop();
            }
            Stmt::Set(inner) => {
                self.expression(&inner.expr);
                let path = self.path(&inner.expr);
                self.bind(&inner.target, path);
            }
            Stmt::SetBlock(inner) => {
                self.body(&inner.body);
                self.bind(&inner.target, None);
            }
            Stmt::AutoEscape(inner) => self.body(&inner.body),
            Stmt::FilterBlock(inner) => self.body(&inner.body),
            Stmt::Block(inner) => self.body(&inner.body),
            Stmt::Import(inner) => {
                self.template(&inner.expr);
                self.bind(&inner.name, None);
            }
            Stmt::FromImport(inner) => {
                self.template(&inner.expr);
                for (name, alias) in &inner.names {
                    self.bind(alias.as_ref().unwrap_or(name), None);
                }
            }
            Stmt::Extends(inner) => self.template(&inner.name),
            Stmt::Include(inner) => self.template(&inner.name),
            Stmt::Macro(inner) => self.macro_body(inner),
            Stmt::CallBlock(inner) => {
                self.call(&inner.call, inner.call.span());
                self.macro_body(&inner.macro_decl);
            }
            Stmt::Do(inner) => self.call(&inner.call, inner.call.span()),
        }
    }

    fn macro_body(&mut self, inner: &ast::Macro<'_>) {
        if let Some(scope) = self.locals.last_mut() {
            scope.insert(inner.name.to_owned(), None);
        }
        inner.defaults.iter().for_each(|default| self.expression(default));
        self.locals.push(Locals::new());
        inner.args.iter().for_each(|arg| self.bind(arg, None));
        inner.body.iter().for_each(|child| self.statement(child));
        self.locals.pop();
    }

    fn template(&mut self, name: &ast::Expr<'_>) {
        if let ast::Expr::Const(constant) = name
            && let Some(text) = constant.value.as_str()
        {
            let span = name.span();
            self.out.templates.push((
                text.to_owned(),
                span.start_offset as usize,
                span.end_offset as usize,
            ));
        }
    }

    /// The case's path that an expression of names and attributes stands for.
    fn path(&self, expr: &ast::Expr<'_>) -> Option<Vec<String>> {
        match expr {
            ast::Expr::Var(var) => match self.local(var.id) {
                Some(path) => path.clone(),
                None => Some(vec![var.id.to_owned()]),
            },
            ast::Expr::GetAttr(get) => {
                let mut path = self.path(&get.expr)?;
                path.push(get.name.to_owned());
                Some(path)
            }
            _ => None,
        }
    }

    /// What is known to be filled in if a condition holds, and if it doesn't.
    fn known(&self, expr: &ast::Expr<'_>) -> (Paths, Paths) {
        use ast::{BinOpKind, UnaryOpKind};
        match expr {
            ast::Expr::Test(test) => match (test.name, self.path(&test.expr)) {
                ("defined", Some(path)) => (vec![path], Vec::new()),
                ("undefined" | "none", Some(path)) => (Vec::new(), vec![path]),
                _ => Default::default(),
            },
            ast::Expr::UnaryOp(op) if matches!(op.op, UnaryOpKind::Not) => {
                turned(self.known(&op.expr))
            }
            ast::Expr::BinOp(op) if matches!(op.op, BinOpKind::ScAnd) => {
                both(self.known(&op.left), self.known(&op.right))
            }
            ast::Expr::BinOp(op) if matches!(op.op, BinOpKind::ScOr) => {
                turned(both(turned(self.known(&op.left)), turned(self.known(&op.right))))
            }
            // `{% if medidor.numero %}`: what is empty is not printed there.
            _ => (self.path(expr).into_iter().collect(), Vec::new()),
        }
    }

    fn guarded(&mut self, guards: Paths, walk: impl FnOnce(&mut Self)) {
        let before = self.guards.len();
        self.guards.extend(guards);
        walk(self);
        self.guards.truncate(before);
    }

    fn expression(&mut self, expr: &ast::Expr<'_>) {
        let span = expr.span();
        let (start, end) = (beginning(expr), span.end_offset as usize);
        match expr {
            ast::Expr::Var(_) | ast::Expr::GetAttr(_) => {
                if let Some(path) = self.path(expr) {
                    let is_guarded = self.guards.iter().any(|guard| path.starts_with(guard));
                    self.out.reads.push(Read { path, start, end, is_guarded });
                    return;
                }
            }
            ast::Expr::Filter(filter) => {
                self.out.filters.push((filter.name.to_owned(), start, end));
                if filter.name == "default"
                    && let Some(path) = filter.expr.as_ref().and_then(|of| self.path(of))
                {
                    self.guards.push(path);
                    parts(expr).into_iter().for_each(|child| self.expression(child));
                    self.guards.pop();
                    return;
                }
            }
            ast::Expr::Test(test) if matches!(test.name, "defined" | "undefined") => {
                if let Some(path) = self.path(&test.expr) {
                    self.out.reads.push(Read { path, start, end, is_guarded: true });
                    return;
                }
            }
            ast::Expr::BinOp(op) => {
                let (if_yes, if_no) = self.known(&op.left);
                let guards = match op.op {
                    ast::BinOpKind::ScAnd => if_yes,
                    ast::BinOpKind::ScOr => if_no,
                    _ => Vec::new(),
                };
                self.expression(&op.left);
                self.guarded(guards, |walker| walker.expression(&op.right));
                return;
            }
            ast::Expr::IfExpr(choice) => {
                let (if_yes, if_no) = self.known(&choice.test_expr);
                self.expression(&choice.test_expr);
                self.guarded(if_yes, |walker| walker.expression(&choice.true_expr));
                if let Some(other) = &choice.false_expr {
                    self.guarded(if_no, |walker| walker.expression(other));
                }
                return;
            }
            ast::Expr::Call(call) => {
                self.call(call, span);
                return;
            }
            _ => {}
        }
        parts(expr).into_iter().for_each(|child| self.expression(child));
    }

    fn call(&mut self, call: &ast::Call<'_>, span: minijinja::machinery::Span) {
        let (start, end) = (span.start_offset as usize, span.end_offset as usize);
        match &call.expr {
            ast::Expr::Var(var) if self.local(var.id).is_none() => {
                self.out.functions.push((var.id.to_owned(), start, end));
                if matches!(var.id, "issued" | "number_of")
                    && let Some(CallArg::Pos(ast::Expr::Const(name))) = call.args.first()
                    && let Some(text) = name.value.as_str()
                {
                    let span = name.span();
                    let place = (span.start_offset as usize, span.end_offset as usize);
                    self.out.documents.push((text.to_owned(), place.0, place.1));
                }
            }
            ast::Expr::Var(_) => {}
            other => self.expression(other),
        }
        arguments(&call.args).for_each(|arg| self.expression(arg));
    }
}

/// minijinja's span of `a.b.c` begins at its last dot; the whole name is wanted.
fn beginning(expr: &ast::Expr<'_>) -> usize {
    match expr {
        ast::Expr::GetAttr(get) => beginning(&get.expr),
        other => other.span().start_offset as usize,
    }
}

fn arguments<'a, 's>(args: &'a [CallArg<'s>]) -> impl Iterator<Item = &'a ast::Expr<'s>> {
    args.iter().map(|arg| match arg {
        CallArg::Pos(expr)
        | CallArg::Kwarg(_, expr)
        | CallArg::PosSplat(expr)
        | CallArg::KwargSplat(expr) => expr,
    })
}

/// The direct parts of an expression.
fn parts<'a, 's>(expr: &'a ast::Expr<'s>) -> Vec<&'a ast::Expr<'s>> {
    match expr {
        ast::Expr::Var(_) | ast::Expr::Const(_) => Vec::new(),
        ast::Expr::Slice(slice) => {
            [Some(&slice.expr), slice.start.as_ref(), slice.stop.as_ref(), slice.step.as_ref()]
                .into_iter()
                .flatten()
                .collect()
        }
        ast::Expr::UnaryOp(op) => vec![&op.expr],
        ast::Expr::BinOp(op) => vec![&op.left, &op.right],
        ast::Expr::Compare(compare) => {
            std::iter::once(&compare.expr).chain(compare.ops.iter().map(|op| &op.expr)).collect()
        }
        ast::Expr::IfExpr(choice) => {
            [Some(&choice.test_expr), Some(&choice.true_expr), choice.false_expr.as_ref()]
                .into_iter()
                .flatten()
                .collect()
        }
        ast::Expr::Filter(filter) => filter.expr.iter().chain(arguments(&filter.args)).collect(),
        ast::Expr::Test(test) => std::iter::once(&test.expr).chain(arguments(&test.args)).collect(),
        ast::Expr::GetAttr(get) => vec![&get.expr],
        ast::Expr::GetItem(get) => vec![&get.expr, &get.subscript_expr],
        ast::Expr::Call(call) => std::iter::once(&call.expr).chain(arguments(&call.args)).collect(),
        ast::Expr::List(list) => list.items.iter().collect(),
        ast::Expr::Tuple(list) => list.items.iter().collect(),
        ast::Expr::Map(map) => map.keys.iter().chain(&map.values).collect(),
    }
}
