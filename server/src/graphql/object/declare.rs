//! The declaration of an object.

use async_graphql::registry::{Deprecation, MetaField, MetaInputValue, MetaType, MetaTypeId, Registry};
use async_graphql::{CacheControl, Context, InputType, Result};

use super::Object;

/// Declares the fields of a type, each once: what the schema says of it and how it is worked out.
///
/// ```text
/// object! {
///     /// The description of the type.
///     Goal |goal in goals, ctx| {
///         /// The description of the field. A scalar or enum at hand:
///         leaf id: Id = Id(goal.id);
///         /// An object at hand, or a list of them:
///         object instrument: Instrument = Instrument(goal.instrument);
///         /// The row of a foreign key:
///         link patient: Person = goal.patient_id;
///         /// Worked out for one object; `?` and `await` work in it:
///         each progress(
///             /// The description of the argument.
///             as_of as "asOf": Option<Date>,
///         ): GoalProgress = GoalProgress::new(ctx, goal, as_of).await?;
///         /// Worked out for all objects of a level together:
///         all entries(first: Option<i32>): Connection<ProgressEntry> = entries_of(ctx, goals, first).await?;
///     }
/// }
/// ```
///
/// The names in the head are those of one object, of all objects of a level, and of the context.
/// Field names become camel case in the schema; an argument whose name has two words or is a word of
/// Rust says after `as` how it is called there, and after `=` its default.
macro_rules! object {
    (
        $(#[doc = $doc:expr])+
        $object:ident $(<$node:ident>)? $(as ($name:expr))? |$one:ident in $all:ident, $ctx:ident| {
            $(
                $(#[doc = $field_doc:expr])+
                $kind:ident $field:ident
                $((
                    $( $(#[doc = $arg_doc:expr])+ $arg:ident $(as $arg_name:literal)? : $arg_type:ty $(= $default:expr)? ),*
                    $(,)?
                ))?
                : $type:ty = $value:expr;
            )+
        }
    ) => {
        impl $(<$node: $crate::graphql::object::Object + Clone>)? $crate::graphql::object::Object for $object $(<$node>)? {
            fn name() -> std::borrow::Cow<'static, str> {
                $crate::graphql::object::object!(@name $object $($name)?).into()
            }

            fn fields(
                registry: &mut async_graphql::registry::Registry,
            ) -> async_graphql::indexmap::IndexMap<String, async_graphql::registry::MetaField> {
                let mut fields = async_graphql::indexmap::IndexMap::new();
                $(
                    let field = $crate::graphql::object::FieldMeta {
                        name: stringify!($field),
                        description: concat!($($field_doc, "\n"),+),
                        ty: <$type as $crate::graphql::object::Output>::register(registry),
                        arguments: vec![$($(
                            $crate::graphql::object::argument_meta::<$arg_type>(
                                registry,
                                $crate::graphql::object::object!(@name $arg $($arg_name)?),
                                concat!($($arg_doc, "\n"),+),
                                $crate::graphql::object::object!(@default $($default)?),
                            )
                        ),*)?],
                    };
                    let field = $crate::graphql::object::field_meta(field);
                    fields.insert(field.name.clone(), field);
                )+
                fields
            }

            fn field(name: &str) -> Option<$crate::graphql::object::Field<Self>> {
                $(
                    if $crate::graphql::object::is_named(stringify!($field), name) {
                        return Some($crate::graphql::object::object!(
                            @$kind ($one, $all, $ctx, $type, $value)
                            $($( $arg, $crate::graphql::object::object!(@name $arg $($arg_name)?), $arg_type,
                                $crate::graphql::object::object!(@default $($default)?) ; )*)?
                        ));
                    }
                )+
                None
            }
        }

        impl $(<$node: $crate::graphql::object::Object + Clone>)? async_graphql::OutputType for $object $(<$node>)? {
            fn type_name() -> std::borrow::Cow<'static, str> {
                <Self as $crate::graphql::object::Object>::name()
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                $crate::graphql::object::object_type::<Self>(registry, concat!($($doc, "\n"),+))
            }

            async fn resolve(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                _field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                Ok($crate::graphql::object::resolve(ctx, self.clone()).await)
            }
        }
    };

    (@name $own:ident) => { stringify!($own) };
    (@name $own:ident $name:expr) => { $name };
    (@default) => { None };
    (@default $default:expr) => { Some(|| $default) };

    (@leaf ($one:ident, $all:ident, $ctx:ident, $type:ty, $value:expr)) => {
        $crate::graphql::object::Field::Leaf(|$one: &Self, json| {
            // A constant of a type uses no object.
            let _ = $one;
            let value: $type = $value;
            $crate::graphql::object::Leaf::write(&value, json);
        })
    };
    (@object ($one:ident, $all:ident, $ctx:ident, $type:ty, $value:expr)) => {
        $crate::graphql::object::Field::All(|level| Box::pin(async move {
            let values = level.objects().map(|$one: &Self| Ok($value)).collect();
            level.write::<$type>(Ok(values)).await
        }))
    };
    (@link ($one:ident, $all:ident, $ctx:ident, $type:ty, $value:expr)) => {
        $crate::graphql::object::Field::All(|level| Box::pin(async move {
            let keys = level.objects().map(|$one: &Self| $value).collect();
            let values = <$type as $crate::graphql::object::Link>::follow(&level.context(), keys).await;
            level.write::<$type>(values).await
        }))
    };
    (@each ($one:ident, $all:ident, $ctx:ident, $type:ty, $value:expr)
        $($arg:ident, $arg_name:expr, $arg_type:ty, $default:expr;)*
    ) => {
        $crate::graphql::object::Field::All(|level| Box::pin(async move {
            let $ctx = &level.context();
            let values: async_graphql::Result<$crate::graphql::object::Values<$type>> = async {
                $( let $arg = $crate::graphql::object::argument::<$arg_type>($ctx, $arg_name, $default)?; )*
                let values = level.objects().map(|$one: &Self| {
                    $( let $arg = Clone::clone(&$arg); )*
                    async move {
                        let value: $type = $value;
                        Ok(value)
                    }
                });
                Ok(futures_util::future::join_all(values).await)
            }
            .await;
            level.write::<$type>(values).await
        }))
    };
    (@all ($one:ident, $all:ident, $ctx:ident, $type:ty, $value:expr)
        $($arg:ident, $arg_name:expr, $arg_type:ty, $default:expr;)*
    ) => {
        $crate::graphql::object::Field::All(|level| Box::pin(async move {
            let $ctx = &level.context();
            let $all = &level.objects().collect::<Vec<&Self>>()[..];
            let values: async_graphql::Result<$crate::graphql::object::Values<$type>> = async {
                $( let $arg = $crate::graphql::object::argument::<$arg_type>($ctx, $arg_name, $default)?; )*
                Ok($value)
            }
            .await;
            level.write::<$type>(values).await
        }))
    };
}
pub(crate) use object;

/// What the schema says of a field.
pub struct FieldMeta {
    /// In snake case.
    pub name: &'static str,
    pub description: &'static str,
    pub ty: String,
    pub arguments: Vec<MetaInputValue>,
}

pub fn field_meta(field: FieldMeta) -> MetaField {
    MetaField {
        name: camel_case(field.name),
        description: Some(description(field.description)),
        args: field.arguments.into_iter().map(|argument| (argument.name.clone(), argument)).collect(),
        ty: field.ty,
        deprecation: Deprecation::NoDeprecated,
        cache_control: CacheControl::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

pub fn argument_meta<T: InputType>(
    registry: &mut Registry,
    name: &str,
    about: &str,
    default: Option<fn() -> T>,
) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(description(about)),
        ty: T::create_type_info(registry),
        deprecation: Deprecation::NoDeprecated,
        default_value: default.map(|default| default().to_value().to_string()),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

/// Registers an object type under its name.
pub fn object_type<T: Object>(registry: &mut Registry, about: &str) -> String {
    registry.create_output_type::<T, _>(MetaTypeId::Object, |registry| MetaType::Object {
        name: T::name().into_owned(),
        description: Some(description(about)),
        fields: T::fields(registry),
        cache_control: CacheControl::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: Some(std::any::type_name::<T>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    })
}

/// The value of an argument, variables put in.
pub fn argument<T: InputType>(ctx: &Context<'_>, name: &str, default: Option<fn() -> T>) -> Result<T> {
    let value = ctx.param_value(name, default);
    value.map(|(_, value)| value).map_err(|error| async_graphql::Error::new(error.message))
}

/// Lines of documentation as one text.
fn description(lines: &str) -> String {
    lines.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn camel_case(snake: &str) -> String {
    let mut parts = snake.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let (head, tail) = part.split_at(part.len().min(1));
        name + &head.to_uppercase() + tail
    })
}

/// Whether a name in snake case is this one in camel case. Without making a text: each selected field is
/// looked for once a level.
pub fn is_named(snake: &str, camel: &str) -> bool {
    let mut camel = camel.bytes();
    let mut upper = false;
    for byte in snake.bytes() {
        if byte == b'_' {
            upper = true;
            continue;
        }
        let expected = if upper { byte.to_ascii_uppercase() } else { byte };
        if camel.next() != Some(expected) {
            return false;
        }
        upper = false;
    }
    camel.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::{camel_case, is_named};

    #[test]
    fn names_are_compared_as_they_are_made() {
        for name in ["id", "entry_date", "rolling_mean7", "a_b_c"] {
            assert!(is_named(name, &camel_case(name)), "{name}");
        }
        assert_eq!(camel_case("change_since_first"), "changeSinceFirst");
        for (snake, camel) in [("entry_date", "entrydate"), ("entry", "entryDate"), ("entry_date", "entry")] {
            assert!(!is_named(snake, camel), "{snake} {camel}");
        }
    }
}
