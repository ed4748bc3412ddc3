//! The plain values that keys take, as YAML writes them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A type whose schema stands where it is used, not under a name of its own.
macro_rules! inline {
    ($($(#[$doc:meta])* $name:ident = $schema:tt;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

inline! {
    /// A text; a number or a yes or no is taken as it is written.
    Text = { "type": ["string", "number", "boolean"] };
    /// A condition or a computed value.
    Expr = { "type": ["string", "number", "boolean"] };
    /// A date: `2026-08-06`.
    Day = { "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$" };
    /// `true` or `false`.
    Flag = { "enum": [true, false, "yes", "no"] };
    /// A whole number.
    Count = { "type": "integer", "minimum": 0 };
    /// An exact decimal.
    Number = { "type": "number" };
    /// What a field of its type takes.
    Any = { "type": ["string", "number", "boolean", "null"] };
    /// Values in tables and lists, as deep as wanted.
    Tree = {};
    /// One text or a list of them.
    Texts = { "anyOf": [
        { "type": ["string", "number", "boolean"] },
        { "type": "array", "items": { "type": ["string", "number", "boolean"] } }
    ] };
}

/// Any of two shapes.
#[derive(Debug)]
pub struct Either<A, B>(std::marker::PhantomData<(A, B)>);

impl<A: JsonSchema, B: JsonSchema> JsonSchema for Either<A, B> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("{}Or{}", A::schema_name(), B::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let ways = [generator.subschema_for::<A>(), generator.subschema_for::<B>()];
        json_schema!({ "anyOf": ways })
    }
}

/// Names with what each stands for, in the order of the file.
#[derive(Debug)]
pub struct Named<T>(std::marker::PhantomData<T>);

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let each = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": each })
    }
}

/// An object without keys of its own beside what may stand there: the short form of a list of names.
#[derive(Debug)]
pub struct Nothing;

impl JsonSchema for Nothing {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Nothing".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "null" })
    }
}
