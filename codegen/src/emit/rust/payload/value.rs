//! Values that a schema gives, as expressions.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::{Map, Value};

use super::literal;
use super::member::{Member, members};
use super::rules::raw;
use super::types::Scope;
use crate::contract::payload::{Additional, DefinitionId, DefinitionKind, Position, Rest, Struct, Tuple, Type, whole};
use crate::emit::rust::names;

/// An expression for a value.
pub(super) struct Written {
    pub(super) tokens: TokenStream,
    /// Whether it is what `Default` gives.
    pub(super) is_default: bool,
    /// Whether it costs nothing to have it.
    is_constant: bool,
}

impl Written {
    fn new(tokens: TokenStream) -> Self {
        Self {
            tokens,
            is_default: false,
            is_constant: false,
        }
    }

    fn constant(tokens: TokenStream, is_default: bool) -> Self {
        Self {
            tokens,
            is_default,
            is_constant: true,
        }
    }

    fn default(tokens: TokenStream) -> Self {
        Self {
            tokens,
            is_default: true,
            is_constant: false,
        }
    }

    /// The value in something that holds nothing else.
    fn within(&self, holder: impl FnOnce(&TokenStream) -> TokenStream) -> Self {
        Self {
            tokens: holder(&self.tokens),
            is_default: false,
            is_constant: self.is_constant,
        }
    }

    /// What an `Option` holds, or this.
    pub(super) fn instead_of(&self, local: &Ident) -> TokenStream {
        let value = &self.tokens;
        if self.is_constant {
            quote!(#local.unwrap_or(#value))
        } else if self.is_default {
            quote!(#local.unwrap_or_default())
        } else if let Ok(syn::Expr::Call(call)) = syn::parse2(value.clone())
            && call.args.is_empty()
        {
            let function = call.func;
            quote!(#local.unwrap_or_else(#function))
        } else {
            quote!(#local.unwrap_or_else(|| #value))
        }
    }
}

impl Scope<'_> {
    /// What a member is where a document leaves it out; nothing where it must not.
    pub(super) fn absent(&self, member: &Member<'_>) -> Option<Written> {
        match &member.field.default {
            Some(default) => Some(self.member(member, default)),
            None => member.optional.then(|| Written::constant(quote!(None), true)),
        }
    }

    /// A field's value.
    fn member(&self, member: &Member<'_>, value: &Value) -> Written {
        let ty = match &member.field.ty {
            Type::Nullable(_) if value.is_null() => return Written::constant(quote!(None), true),
            Type::Nullable(inner) => inner,
            ty => ty,
        };
        let mut written = self.value(ty, value);
        if member.boxed {
            let value = &written.tokens;
            written = if written.is_default {
                Written::default(quote!(Box::default()))
            } else {
                Written::new(quote!(Box::new(#value)))
            };
        }
        if member.optional {
            written.within(|value| quote!(Some(#value)))
        } else {
            written
        }
    }

    /// A value of a type. The contract has only values that can be written.
    fn value(&self, ty: &Type, value: &Value) -> Written {
        match (ty, value) {
            (Type::Nullable(_), Value::Null) => Written::constant(quote!(None), true),
            (Type::Nullable(inner), value) => self.value(inner, value).within(|value| quote!(Some(#value))),
            (Type::Boolean, Value::Bool(flag)) => Written::constant(quote!(#flag), !flag),
            (Type::Integer(_), Value::Number(number)) => {
                let number = whole(number).unwrap_or_default();
                Written::constant(literal::integer(number), number == 0)
            }
            (Type::Number(_), Value::Number(number)) => {
                let number = number.as_f64().unwrap_or_default();
                Written::constant(literal::float(number), number.to_bits() == 0)
            }
            (Type::Text(_), Value::String(text)) if text.is_empty() => Written::default(quote!(String::new())),
            (Type::Text(_), Value::String(text)) => Written::new(quote!(#text.to_owned())),
            (Type::Uuid, Value::String(text)) => {
                self.used.uuid.set(true);
                let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
                let groups: Vec<String> = digits.chunks(4).map(String::from_iter).collect();
                let number = format!("0x{}", groups.join("_").to_lowercase())
                    .parse::<TokenStream>()
                    .unwrap_or_default();
                Written::constant(quote!(Uuid::from_u128(#number)), false)
            }
            (Type::Array(_), Value::Array(items)) if items.is_empty() => Written::default(quote!(Vec::new())),
            (Type::Array(array), Value::Array(items)) => {
                let items = items.iter().map(|item| self.value(&array.item, item).tokens);
                Written::new(quote!(vec![#(#items),*]))
            }
            (Type::Map(map), Value::Object(members)) => self.map(&map.value, members.iter()),
            (Type::Named(id), value) => self.named(*id, value),
            (Type::Any | Type::AnyObject, value) => self.free_form(value),
            _ => Written::constant(quote!(()), true),
        }
    }

    fn free_form(&self, value: &Value) -> Written {
        self.used.free_form.set(true);
        if value.as_object().is_some_and(Map::is_empty) {
            return Written::new(quote!(FreeForm::empty_object()));
        }
        let text = raw(&value.to_string());
        Written::new(quote!(FreeForm::known(#text)))
    }

    fn map<'v>(&self, ty: &Type, members: impl Iterator<Item = (&'v String, &'v Value)>) -> Written {
        self.used.map.set(true);
        let entries: Vec<TokenStream> = members
            .map(|(name, value)| {
                let value = self.value(ty, value).tokens;
                quote!((#name.to_owned(), #value))
            })
            .collect();
        if entries.is_empty() {
            Written::default(quote!(BTreeMap::new()))
        } else {
            Written::new(quote!(BTreeMap::from([#(#entries),*])))
        }
    }

    fn named(&self, id: DefinitionId, value: &Value) -> Written {
        let path = self.path(id);
        match (&self.set.definition(id).kind, value) {
            (DefinitionKind::Enum(_), Value::String(text)) => {
                let variant = names::variant_ident(text);
                Written::constant(quote!(#path::#variant), false)
            }
            (DefinitionKind::Values(values), value) => {
                let variant = values.iter().find(|listed| listed.value == *value);
                let variant = variant.map(|listed| names::ident(&listed.variant));
                Written::constant(quote!(#path::#variant), false)
            }
            (DefinitionKind::Text(_), Value::String(text)) => Written::new(quote!(#path(#text.to_owned()))),
            (DefinitionKind::Judged(_), value) => {
                let value = self.free_form(value).tokens;
                Written::new(quote!(#path(#value)))
            }
            (DefinitionKind::Tuple(tuple), Value::Array(items)) => self.tuple(id, tuple, items),
            (DefinitionKind::Wrapper(inner), value) => {
                let written = self.value(inner, value);
                written.within(|value| quote!(#path(#value)))
            }
            (DefinitionKind::Untagged(variants), value) => {
                let variant = variants.iter().find(|variant| variant.json.is_of(value));
                let written = variant.map(|variant| {
                    let name = names::variant_ident(variant.json.as_str());
                    let written = self.value(&variant.ty, value);
                    written.within(|value| quote!(#path::#name(#value)))
                });
                written.unwrap_or_else(|| Written::new(TokenStream::new()))
            }
            (DefinitionKind::Tagged(tagged), value) => {
                let says = value.get(&tagged.tag).and_then(Value::as_str);
                let variant = tagged.variants.iter().find(|variant| Some(&*variant.value) == says);
                let written = variant.map(|variant| {
                    let name = names::variant_ident(&variant.value);
                    let written = self.named(variant.definition, value);
                    written.within(|value| quote!(#path::#name(#value)))
                });
                written.unwrap_or_else(|| Written::new(TokenStream::new()))
            }
            (DefinitionKind::Struct(object), Value::Object(members)) => self.object(id, object, members),
            _ => Written::new(TokenStream::new()),
        }
    }

    fn tuple(&self, id: DefinitionId, tuple: &Tuple, items: &[Value]) -> Written {
        let path = self.path(id);
        let mut is_constant = true;
        let mut positions: Vec<TokenStream> = Vec::new();
        for (index, Position { ty, .. }) in tuple.positions.iter().enumerate() {
            let Some(item) = items.get(index) else {
                positions.push(quote!(None));
                continue;
            };
            let boxed = self.holds(ty, id);
            let written = self.value(ty, item);
            is_constant &= written.is_constant && !boxed;
            let mut value = written.tokens;
            if boxed {
                value = quote!(Box::new(#value));
            }
            if index >= tuple.required {
                value = quote!(Some(#value));
            }
            positions.push(value);
        }
        if let Rest::Kept(ty) = &tuple.rest {
            is_constant = false;
            let others = items.iter().skip(tuple.positions.len());
            let others: Vec<TokenStream> = others.map(|item| self.value(ty, item).tokens).collect();
            positions.push(if others.is_empty() {
                quote!(Vec::new())
            } else {
                quote!(vec![#(#others),*])
            });
        }
        Written {
            tokens: quote!(#path(#(#positions),*)),
            is_default: false,
            is_constant,
        }
    }

    fn object(&self, id: DefinitionId, object: &Struct, values: &Map<String, Value>) -> Written {
        let path = self.path(id);
        let fields: Vec<Member<'_>> = members(self, id, object);
        let fields = fields.iter().filter(|member| !member.constant);
        let (mut all_absent, mut is_constant) = (true, true);
        let fields: Vec<TokenStream> = fields
            .map(|member| {
                let written = match values.get(&member.field.name) {
                    Some(value) => {
                        all_absent = false;
                        Some(self.member(member, value))
                    }
                    None => self.absent(member),
                };
                is_constant &= written.as_ref().is_none_or(|written| written.is_constant);
                let (ident, value) = (&member.ident, written.map(|written| written.tokens));
                quote!(#ident: #value)
            })
            .collect();
        let mut others = values.iter().filter(|(name, _)| !object.names(name)).peekable();
        let kept = match &object.additional {
            Additional::Kept(ty) => {
                all_absent &= others.peek().is_none();
                let others = self.map(ty, others).tokens;
                Some(quote!(additional_properties: #others,))
            }
            _ => None,
        };
        if all_absent {
            return Written::default(quote!(#path::default()));
        }
        Written {
            tokens: quote!(#path { #(#fields,)* #kept }),
            is_default: false,
            is_constant: is_constant && kept.is_none(),
        }
    }
}
