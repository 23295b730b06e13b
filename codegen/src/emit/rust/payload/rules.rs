//! How a type is read and checked, with the statics that say what the schema asks of it.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::literal;
use super::reading::{Form, Reading};
use super::types::{Scope, integer_type};
use crate::casing;
use crate::contract::payload::{
    Contains, DefinitionKind, Format, Integer, Items, Names, Number, Properties, Text, Type,
};
use crate::emit::rust::names;

/// A value that is checked, as it is named in code.
pub(super) struct Place {
    value: TokenStream,
    reference: TokenStream,
    /// For an `Option`: what it holds, as a reference.
    held: TokenStream,
}

impl Place {
    /// A field of `self`.
    pub(super) fn field(field: &Ident) -> Self {
        Self {
            value: quote!(self.#field),
            reference: quote!(&self.#field),
            held: quote!(self.#field.as_ref()),
        }
    }

    /// A reference that is called `value`.
    pub(super) fn value() -> Self {
        Self {
            value: quote!(*value),
            reference: quote!(value),
            held: quote!(value.as_ref()),
        }
    }

    /// A field of a tuple struct.
    pub(super) fn position(index: &Literal) -> Self {
        Self {
            value: quote!(self.#index),
            reference: quote!(&self.#index),
            held: quote!(self.#index.as_ref()),
        }
    }
}

/// How a type is read and checked.
pub(super) struct Handling {
    /// What reads it.
    pub(super) read: Reading,
    /// What checks it, if anything can be wrong with it.
    pub(super) check: Option<Check>,
}

/// What checks a value.
pub(super) enum Check {
    /// Its own `Codec`.
    Codec,
    /// A static that takes the value.
    Value(Ident),
    /// A static that takes a reference.
    Reference(Ident),
    /// That a `FreeForm` is an object.
    Object,
    /// The rules of a list or map, and those of its items.
    Inner {
        rules: TokenStream,
        method: Ident,
        item: Option<Box<Check>>,
    },
    /// Another check, where the value is not `null`.
    Nullable(Box<Check>),
}

impl Check {
    /// The expression that checks a value.
    pub(super) fn expression(&self, place: &Place) -> TokenStream {
        let Place { value, reference, held } = place;
        match self {
            Self::Codec => quote!(json::Codec::check(#reference)),
            Self::Value(rules) => quote!(#rules.check(#value)),
            Self::Reference(rules) => quote!(#rules.check(#reference)),
            Self::Object => quote!(FreeForm::check_object(#reference)),
            Self::Inner { rules, method, item } => {
                let item = match item {
                    None => quote!(|_| Ok(())),
                    Some(item) => item.function(),
                };
                quote!(#rules.#method(#reference, #item))
            }
            Self::Nullable(inner) => {
                let inner = inner.function();
                quote!(json::nullable(#held, #inner))
            }
        }
    }

    /// The check as a function.
    fn function(&self) -> TokenStream {
        match self {
            Self::Codec => quote!(json::Codec::check),
            Self::Object => quote!(FreeForm::check_object),
            other => {
                let check = other.expression(&Place::value());
                quote!(|value| #check)
            }
        }
    }
}

impl Handling {
    fn plain(check: Option<Check>) -> Self {
        Self::of(Reading::Plain, check)
    }

    fn of(read: Reading, check: Option<Check>) -> Self {
        Self { read, check }
    }
}

impl Scope<'_> {
    /// How a type is read and checked; `name` is what its statics are called after.
    pub(super) fn handling(&self, ty: &Type, name: &str) -> Handling {
        match ty {
            Type::AnyObject => Handling::of(Reading::Object, Some(Check::Object)),
            Type::Constant(text) => Handling::of(Reading::Constant(text.clone()), None),
            Type::Integer(integer) if !is_plain(integer) => {
                let rules = self.rules(name, &quote!(Integer), &integer_rules(integer));
                Handling::of(Reading::Integer(rules.clone()), Some(Check::Value(rules)))
            }
            Type::Number(number) if *number != Number::default() => {
                let rules = self.rules(name, &quote!(Number), &number_rules(number));
                Handling::of(Reading::Number(rules.clone()), Some(Check::Value(rules)))
            }
            Type::Text(text) if !text.is_any() => {
                let rules = self.text_rules(name, text);
                Handling::of(Reading::Text(rules.clone()), Some(Check::Reference(rules)))
            }
            Type::Array(array) => {
                let item = self.handling(&array.item, &format!("{name} item"));
                let rules = self.items_rules(name, &array.rules);
                self.inner(item, name, &quote!(Items), &rules, Reading::Array, "check")
            }
            Type::Map(map) => {
                let value = self.handling(&map.value, &format!("{name} value"));
                let rules = self.properties_rules(name, &map.rules);
                self.inner(value, name, &quote!(Properties), &rules, Reading::Map, "check_map")
            }
            Type::Nullable(inner) => {
                let inner = self.handling(inner, name);
                let check = inner.check.map(|check| match check {
                    Check::Codec => Check::Codec,
                    other => Check::Nullable(Box::new(other)),
                });
                if inner.read.is_plain() {
                    Handling::plain(check)
                } else {
                    Handling::of(Reading::Nullable(Box::new(inner.read)), check)
                }
            }
            Type::Number(_) | Type::DateTime => Handling::plain(Some(Check::Codec)),
            Type::Named(id) => {
                let sound = matches!(
                    self.set.definition(*id).kind,
                    DefinitionKind::Enum(_)
                        | DefinitionKind::Values(_)
                        | DefinitionKind::Text(_)
                        | DefinitionKind::Judged(_)
                );
                Handling::plain((!sound).then_some(Check::Codec))
            }
            Type::Any | Type::Null | Type::Boolean | Type::Integer(_) | Type::Text(_) | Type::Uuid => {
                Handling::plain(None)
            }
        }
    }

    /// A list or map.
    fn inner(
        &self,
        item: Handling,
        name: &str,
        kind: &TokenStream,
        rules: &TokenStream,
        read: fn(TokenStream, Box<Reading>) -> Reading,
        check: &str,
    ) -> Handling {
        if rules.is_empty() && item.read.is_plain() {
            return Handling::plain(item.check.map(|_| Check::Codec));
        }
        let rules = if rules.is_empty() {
            quote!(json::#kind::any())
        } else {
            let rules = self.rules(name, kind, rules);
            quote!(#rules)
        };
        let check = Check::Inner {
            rules: rules.clone(),
            method: format_ident!("{check}"),
            item: item.check.map(Box::new),
        };
        Handling::of(read(rules, Box::new(item.read)), Some(check))
    }

    /// A static with the rules of a list that is read position by position.
    pub(super) fn tuple_rules(&self, name: &str, items: &Items) -> Ident {
        let rules = self.items_rules(name, items);
        self.rules(name, &quote!(Items), &rules)
    }

    fn items_rules(&self, name: &str, items: &Items) -> TokenStream {
        let count = count_rules(items.min, items.max);
        let unique = items.unique.then(|| quote!(.unique()));
        let closed = items.closed.then(|| quote!(.closed()));
        let contains = items.contains.as_ref().map(|contains| {
            let rules = self.contains_rules(name, contains);
            quote!(.containing(&#rules))
        });
        quote!(#count #unique #closed #contains)
    }

    fn contains_rules(&self, name: &str, contains: &Contains) -> Ident {
        let read = self
            .handling(&contains.ty, &format!("{name} contained"))
            .read
            .expression(Form::Owned);
        let read = match contains.ty {
            Type::Null => quote!(json::Codec::read),
            ref ty => {
                let ty = self.rust_type(ty);
                quote!(|cursor| #read.map(|_: #ty| ()))
            }
        };
        let min = literal::size(contains.min);
        let max = contains.max.map(literal::size).map(|max| quote!(.max(#max)));
        let min = (contains.min != 1).then(|| quote!(.min(#min)));
        let rules = quote!(json::Contains::new(#read)#min #max);
        self.add_static(&format!("{name} contains"), &quote!(json::Contains), &rules)
    }

    /// A static with rules.
    fn rules(&self, name: &str, kind: &TokenStream, rules: &TokenStream) -> Ident {
        self.add_static(name, &quote!(json::#kind), &quote!(json::#kind::any()#rules))
    }

    /// A static with the rules of text.
    pub(super) fn text_rules(&self, name: &str, text: &Text) -> Ident {
        let start = match &text.pattern {
            None => quote!(json::Text::any()),
            Some(pattern) => {
                self.used.pattern.set(true);
                let source = raw(&pattern.source);
                if pattern.source == pattern.rust {
                    quote!(json::Text::matching(pattern::Pattern::new(#source)))
                } else {
                    let rust = raw(&pattern.rust);
                    quote!(json::Text::matching(pattern::Pattern::translated(#source, #rust)))
                }
            }
        };
        let min = (text.min_length > 0).then(|| literal::size(text.min_length));
        let min = min.map(|min| quote!(.min_length(#min)));
        let max = text.max_length.map(literal::size).map(|max| quote!(.max_length(#max)));
        let format = text.format.map(|format| {
            self.used.format.set(true);
            let format = format_ident!("{}", format_variant(format));
            quote!(.format(format::Format::#format))
        });
        self.add_static(name, &quote!(json::Text), &quote!(#start #min #max #format))
    }

    fn add_static(&self, name: &str, kind: &TokenStream, value: &TokenStream) -> Ident {
        let wanted = casing::screaming(name);
        let mut name = wanted.clone();
        let mut count = 1;
        // They are private to the module, so that a number does no harm where two would have one name.
        while !self.statics.borrow_mut().insert(name.clone()) {
            count += 1;
            name = format!("{wanted}_{count}");
        }
        let name = names::ident(&name);
        self.pending.borrow_mut().push(quote!(static #name: #kind = #value;));
        name
    }

    /// A static that judges values by a schema.
    pub(super) fn judge(&self, name: &str, schema: &TokenStream) -> Ident {
        self.add_static(name, &quote!(json::Judge), &quote!(json::Judge::new(#schema)))
    }

    /// A static that lists values.
    pub(super) fn listed(&self, name: &str, texts: &TokenStream) -> Ident {
        self.add_static(name, &quote!(json::Listed), &quote!(json::Listed::new(#texts)))
    }

    /// A static with the rules of an object.
    pub(super) fn properties_static(&self, name: &str, properties: &Properties) -> Ident {
        let rules = self.properties_rules(name, properties);
        self.rules(&format!("{name} properties"), &quote!(Properties), &rules)
    }

    fn properties_rules(&self, name: &str, properties: &Properties) -> TokenStream {
        let count = count_rules(properties.min, properties.max);
        let names = match &properties.names {
            Names::Any => None,
            Names::Like(text) => {
                let rules = self.text_rules(&format!("{name} names"), text);
                Some(quote!(.named_like(&#rules)))
            }
            Names::OneOf(names) => Some(quote!(.named(&[#(#names),*]))),
        };
        let never = &properties.never;
        let never = (!never.is_empty()).then(|| quote!(.without(&[#(#never),*])));
        quote!(#count #names #never)
    }

    /// The statics that have been asked for since the last time.
    pub(super) fn take_statics(&self) -> TokenStream {
        let statics = self.pending.take();
        quote!(#(#statics)*)
    }
}

/// Whether Rust's own type has exactly the rules, so that its `Codec` reads it.
fn is_plain(integer: &Integer) -> bool {
    let bounds = match integer_type(integer) {
        "u8" => [Some(0), Some(u8::MAX.into())],
        "u16" => [Some(0), Some(u16::MAX.into())],
        "u32" => [Some(0), Some(u32::MAX.into())],
        "u64" => [Some(0), None],
        "i8" => [Some(i8::MIN.into()), Some(i8::MAX.into())],
        "i16" => [Some(i16::MIN.into()), Some(i16::MAX.into())],
        "i32" => [Some(i32::MIN.into()), Some(i32::MAX.into())],
        _ => [None, None],
    };
    [integer.minimum, integer.maximum] == bounds
        && integer.exclusive_minimum.is_none()
        && integer.exclusive_maximum.is_none()
        && integer.multiple_of.is_none()
        && integer.allowed.is_empty()
}

fn integer_rules(integer: &Integer) -> TokenStream {
    let bounds = [
        ("minimum", integer.minimum),
        ("exclusive_minimum", integer.exclusive_minimum),
        ("maximum", integer.maximum),
        ("exclusive_maximum", integer.exclusive_maximum),
        ("multiple_of", integer.multiple_of),
    ];
    let bounds = bounds.into_iter().filter_map(|(name, bound)| {
        let (name, bound) = (format_ident!("{name}"), literal::integer(bound?));
        Some(quote!(.#name(#bound)))
    });
    let allowed = (!integer.allowed.is_empty()).then(|| {
        let allowed = integer.allowed.iter().copied().map(literal::integer);
        quote!(.one_of(&[#(#allowed),*]))
    });
    quote!(#(#bounds)* #allowed)
}

fn number_rules(number: &Number) -> TokenStream {
    let bounds = [
        ("minimum", number.minimum),
        ("exclusive_minimum", number.exclusive_minimum),
        ("maximum", number.maximum),
        ("exclusive_maximum", number.exclusive_maximum),
        ("multiple_of", number.multiple_of),
    ];
    let bounds = bounds.into_iter().filter_map(|(name, bound)| {
        let (name, bound) = (format_ident!("{name}"), literal::float(bound?));
        Some(quote!(.#name(#bound)))
    });
    quote!(#(#bounds)*)
}

fn count_rules(min: u64, max: Option<u64>) -> TokenStream {
    let min = (min > 0).then(|| literal::size(min)).map(|min| quote!(.min(#min)));
    let max = max.map(literal::size).map(|max| quote!(.max(#max)));
    quote!(#min #max)
}

/// A text as a raw literal, as far as one can be made.
pub(super) fn raw(text: &str) -> TokenStream {
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    if text.contains(['\\', '"']) && !text.contains('\r') {
        let literal = format!("r{hashes}\"{text}\"{hashes}");
        if let Ok(literal) = syn::parse_str::<syn::LitStr>(&literal) {
            return quote!(#literal);
        }
    }
    quote!(#text)
}

fn format_variant(format: Format) -> String {
    format!("{format:?}")
}
