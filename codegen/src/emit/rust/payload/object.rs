//! Structs.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::borrowed;
use super::docs;
use super::reading::Form;
use super::rules::{Check, Handling, Place, raw};
use super::types::Scope;
use super::value::Written;
use crate::contract::payload::{Additional, Borrowed, Definition, DefinitionId, Field, Map, Properties, Struct, Type};
use crate::emit::rust::{names, print};

/// From this many fields on, a struct with optional ones can be made from its required ones.
const MANY_FIELDS: usize = 5;

/// A field with what is written for it.
pub(super) struct Member<'f> {
    pub(super) field: &'f Field,
    pub(super) ident: Ident,
    /// The type, without the `Option` of a member that may be missing.
    ty: TokenStream,
    /// Whether a struct of the type would have no size without a box.
    pub(super) boxed: bool,
    /// Whether it stands for a member that may be missing or `null`, in one `Option`.
    pub(super) optional: bool,
    /// Whether its value is always the same, so that the struct has no field.
    pub(super) constant: bool,
}

impl Member<'_> {
    fn field_type(&self) -> TokenStream {
        self.whole_type(&self.ty)
    }

    /// The type of the field, of that of the value.
    pub(super) fn whole_type(&self, ty: &TokenStream) -> TokenStream {
        let ty = if self.boxed { quote!(Box<#ty>) } else { quote!(#ty) };
        if self.optional { quote!(Option<#ty>) } else { ty }
    }

    /// The type of the value, without a member's `Option`.
    pub(super) fn inner(&self) -> &Type {
        match &self.field.ty {
            Type::Nullable(inner) => inner,
            ty => ty,
        }
    }

    /// A name for a local that no other local of the function has.
    fn local(&self) -> Ident {
        if ["cursor", "members", "member"].contains(&self.ident.to_string().as_str()) {
            format_ident!("{}_", self.ident)
        } else {
            self.ident.clone()
        }
    }

    /// The type of the local, where it needs no `Option` in an `Option`.
    fn local_type(&self) -> Option<TokenStream> {
        let ty = self.field_type();
        match (self.optional, self.field.required || self.field.default.is_some()) {
            (false, _) => Some(quote!(Option<#ty>)),
            (true, false) => Some(ty),
            (true, true) => None,
        }
    }

    pub(super) fn docs(&self) -> TokenStream {
        let field = self.field;
        let comment = docs::member(field);
        let deprecated = docs::deprecated(field.docs.deprecated);
        quote!(#comment #deprecated)
    }
}

/// Everything about one struct.
pub(super) fn render(scope: &Scope<'_>, id: DefinitionId, definition: &Definition, object: &Struct) -> TokenStream {
    let members = members(scope, id, object);
    let absent: Vec<Option<Written>> = members.iter().map(|member| scope.absent(member)).collect();
    let kept = match &object.additional {
        Additional::Kept(ty) => Some(scope.rust_type(&Type::Map(Box::new(Map {
            value: ty.clone(),
            rules: Properties::default(),
        })))),
        _ => None,
    };
    let declaration = declaration(definition, &members, &absent, kept.as_ref());
    let required = required(scope, id, definition, &members, &absent, kept.is_some());
    let handlings = members
        .iter()
        .map(|member| scope.handling(&member.field.ty, &format!("{} {}", definition.name, member.field.name)))
        .collect();
    let additional = match &object.additional {
        Additional::Kept(ty) => Some(scope.handling(ty, &format!("{} additional", definition.name))),
        _ => None,
    };
    let rules = (!object.rules.is_any()).then(|| scope.properties_static(&definition.name, &object.rules));
    let name = names::type_ident(&definition.name);
    let codec = Codec {
        name: name.clone(),
        borrowed: scope.borrowed,
        object,
        members: &members,
        absent: &absent,
        handlings,
        additional,
        rules,
    };
    let read = codec.read(Form::Owned);
    let check = codec.check();
    let write = codec.write();
    let known = members.iter().map(|member| member.field.name.as_str());
    let known = (!members.is_empty()).then(|| {
        quote! {
            impl #name {
                const MEMBERS: &'static [&'static str] = &[#(#known),*];
            }
        }
    });
    let statics = scope.take_statics();
    let borrowed = borrowed::of_struct(scope, id, definition, &codec);
    quote! {
        #declaration
        #required
        #known
        #statics
        impl json::Codec for #name {
            #read
            #check
            #write
        }
        #borrowed
    }
}

/// The members of a struct.
pub(super) fn members<'f>(scope: &Scope<'_>, id: DefinitionId, object: &'f Struct) -> Vec<Member<'f>> {
    object.fields.iter().map(|field| member(scope, id, field)).collect()
}

fn member<'f>(scope: &Scope<'_>, id: DefinitionId, field: &'f Field) -> Member<'f> {
    let constant = matches!(field.ty, Type::Constant(_));
    let (inner, optional) = match &field.ty {
        // A member that may be missing and may be `null` says the same by both.
        Type::Nullable(inner) => (&**inner, true),
        ty => (ty, !field.required && field.default.is_none()),
    };
    Member {
        field,
        ident: names::field_ident(&field.name),
        ty: scope.rust_type(inner),
        boxed: scope.holds(inner, id),
        optional,
        constant,
    }
}

fn declaration(
    definition: &Definition,
    members: &[Member<'_>],
    absent: &[Option<Written>],
    kept: Option<&TokenStream>,
) -> TokenStream {
    let name = names::type_ident(&definition.name);
    let docs = docs::comment(
        &definition.docs,
        &definition.name,
        &format!("The object `{}`.", definition.name),
    );
    let deprecated = docs::deprecated(definition.docs.deprecated);
    let stored: Vec<&Member<'_>> = members.iter().filter(|member| !member.constant).collect();
    let values: Option<Vec<&Written>> = stored_values(members, absent).map(|(_, absent)| absent).collect();
    let derived = values
        .as_ref()
        .is_some_and(|values| values.iter().all(|value| value.is_default));
    let default = derived.then(|| quote!(, Default));
    let implemented = values.filter(|_| !derived).map(|values| {
        let fields = stored.iter().zip(values).map(|(member, value)| {
            let (ident, value) = (&member.ident, &value.tokens);
            quote!(#ident: #value)
        });
        let kept = kept.map(|_| quote!(additional_properties: BTreeMap::new(),));
        quote! {
            impl Default for #name {
                fn default() -> Self {
                    Self { #(#fields,)* #kept }
                }
            }
        }
    });
    let flags = stored
        .iter()
        .filter(|member| matches!(member.field.ty, Type::Boolean) && !member.optional)
        .count();
    let allow =
        (flags > 3).then(|| quote!(#[allow(clippy::struct_excessive_bools, reason = "the schema has as many")]));
    let fields = stored.iter().map(|member| {
        let (docs, ident, ty) = (member.docs(), &member.ident, member.field_type());
        quote!(#docs pub #ident: #ty)
    });
    let kept = kept.map(|ty| {
        quote! {
            /// Members that the schema does not name.
            pub additional_properties: #ty,
        }
    });
    quote! {
        #docs
        #allow
        #[derive(Clone, Debug, PartialEq #default)]
        #deprecated
        pub struct #name {
            #(#fields,)*
            #kept
        }

        #implemented
    }
}

/// The members that have fields, with what they are where a document leaves them out.
fn stored_values<'m, 'f>(
    members: &'m [Member<'f>],
    absent: &'m [Option<Written>],
) -> impl Iterator<Item = (&'m Member<'f>, Option<&'m Written>)> {
    let all = members.iter().zip(absent).filter(|(member, _)| !member.constant);
    all.map(|(member, absent)| (member, absent.as_ref()))
}

/// The required fields as a struct of their own, from which the whole one is made.
fn required(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    members: &[Member<'_>],
    absent: &[Option<Written>],
    kept: bool,
) -> TokenStream {
    let stored: Vec<_> = stored_values(members, absent).collect();
    let (optional, required): (Vec<_>, Vec<_>) = stored.iter().copied().partition(|(_, absent)| absent.is_some());
    if stored.len() < MANY_FIELDS || required.is_empty() || optional.is_empty() {
        return TokenStream::new();
    }
    let whole = names::type_ident(&definition.name);
    let name = format_ident!("{whole}Required");
    let defaults = optional.iter().any(|(member, _)| member.field.default.is_some());
    let others = if defaults {
        "have their defaults or are `None`"
    } else {
        "are `None`"
    };
    let mut about = vec![format!(
        "The fields that every [`{whole}`] has; the others {others} in what is made of them."
    )];
    // One that is `None` can be shown without knowing what else is there.
    let shown = optional
        .iter()
        .find(|(member, _)| member.optional && !member.field.docs.deprecated);
    if let Some((shown, _)) = shown {
        let module = scope.user_path(id);
        about.extend([
            String::new(),
            "```".to_owned(),
            format!("use {module}::{{{whole}, {name}}};"),
            String::new(),
            format!("fn made(required: {name}) -> {whole} {{"),
            format!("    {whole} {{ {}: None, ..required.into() }}", shown.ident),
            "}".to_owned(),
            "```".to_owned(),
        ]);
    }
    let about = print::doc(&about);
    let fields = required.iter().map(|(member, _)| {
        let (docs, ident, ty) = (member.docs(), &member.ident, member.field_type());
        quote!(#docs pub #ident: #ty)
    });
    let values = stored.iter().map(|(member, absent)| {
        let ident = &member.ident;
        let value = absent.map_or_else(|| quote!(required.#ident), |absent| absent.tokens.clone());
        quote!(#ident: #value)
    });
    let kept = kept.then(|| quote!(additional_properties: BTreeMap::new(),));
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq)]
        pub struct #name {
            #(#fields,)*
        }
        impl From<#name> for #whole {
            fn from(required: #name) -> Self {
                Self {
                    #(#values,)*
                    #kept
                }
            }
        }
    }
}

/// A field of a struct that a local becomes.
fn named(ident: &Ident, local: &Ident) -> TokenStream {
    if ident == local {
        quote!(#ident)
    } else {
        quote!(#ident: #local)
    }
}

/// What reads, checks and writes a struct.
pub(super) struct Codec<'c> {
    name: Ident,
    borrowed: &'c Borrowed,
    pub(super) object: &'c Struct,
    pub(super) members: &'c [Member<'c>],
    /// What each member is where a document leaves it out.
    absent: &'c [Option<Written>],
    /// How each member is read and checked.
    handlings: Vec<Handling>,
    /// How members are that the schema does not name, where they are kept.
    additional: Option<Handling>,
    /// The static with the rules of the object as a whole, where it has some.
    rules: Option<Ident>,
}

impl Codec<'_> {
    pub(super) fn read(&self, form: Form) -> TokenStream {
        let locals = self.members.iter().filter(|member| !member.constant).map(|member| {
            let local = member.local();
            // Where the type is said at once, the compiler need not find it out from what follows.
            let ty = member.local_type().filter(|_| form == Form::Owned);
            let ty = ty.map(|ty| quote!(: #ty));
            quote!(let mut #local #ty = None;)
        });
        let kept_local = self.additional.is_some().then(|| {
            let kept = form.choose(quote!(BTreeMap), quote!(json::Names));
            quote!(let mut additional_properties = #kept::new();)
        });
        let begin = if self.members.is_empty() {
            quote!(cursor.object::<1>(&[])?)
        } else {
            let words = Literal::usize_unsuffixed(self.members.len().div_ceil(64));
            let name = &self.name;
            let owner = form.choose(quote!(Self), quote!(#name));
            quote!(cursor.object::<#words>(#owner::MEMBERS)?)
        };
        let members = self.read_members(form);
        let indices = || (0..self.members.len()).map(Literal::usize_unsuffixed);
        let present = self
            .members
            .iter()
            .zip(indices())
            .filter(|(member, _)| member.constant)
            .map(|(_, index)| quote!(members.present(#index)?;));
        let counted = self.rules.as_ref().filter(|_| self.object.rules.is_counted());
        let count = counted.map(|rules| quote!(members.check_count(&#rules, additional_properties.len())?;));
        let mut found = Vec::new();
        let fields: Vec<TokenStream> = self
            .members
            .iter()
            .zip(self.absent)
            .zip(indices())
            .filter(|((member, _), _)| !member.constant)
            .map(|((member, absent), index)| {
                let (ident, local) = (&member.ident, member.local());
                if member.field.required {
                    found.push(quote!(let Some(#local) = #local else { return Err(members.missing(#index)); };));
                    named(ident, &local)
                } else if let Some(default) = &member.field.default
                    && form == Form::Borrowed
                    && self.borrowed.type_borrows(&member.field.ty)
                {
                    let default = raw(&default.to_string());
                    quote!(#ident: json::or_default(#local, #default)?)
                } else if let (Some(_), Some(absent)) = (&member.field.default, absent) {
                    let value = absent.instead_of(&local);
                    quote!(#ident: #value)
                } else {
                    named(ident, &local)
                }
            })
            .collect();
        let kept_field = self.additional.is_some().then(|| {
            form.choose(
                quote!(additional_properties,),
                quote!(additional_properties: members.rest(cursor, &additional_properties),),
            )
        });
        let signature = form.signature();
        quote! {
            #signature {
                #(#locals)*
                #kept_local
                let mut members = #begin;
                #members
                #(#present)*
                #count
                #(#found)*
                Ok(Self { #(#fields,)* #kept_field })
            }
        }
    }

    /// The loop over the members of a document.
    fn read_members(&self, form: Form) -> TokenStream {
        let name = self.rules.as_ref().filter(|_| self.object.rules.is_named());
        let named = name.map_or_else(|| quote!(members), |rules| quote!(members.check_name(cursor, &#rules)?));
        let other = match (&self.object.additional, &self.additional) {
            (Additional::Refused, _) => quote!(return Err(#named.unknown(cursor))),
            (_, Some(handling)) => {
                let function = handling.read.function(form);
                let keep = form.choose(quote!(additional), quote!(borrow_additional));
                quote!({ #named.#keep(cursor, &mut additional_properties, #function)?; })
            }
            (_, None) if name.is_some() => quote!({ #named.skip(cursor)?; }),
            (_, None) => quote!(cursor.skip()?),
        };
        if self.members.is_empty() {
            let refused = matches!(self.object.additional, Additional::Refused);
            let keyword = if refused { quote!(if) } else { quote!(while) };
            return quote!(#keyword members.next(cursor)?.is_some() { #other; });
        }
        let arms = self
            .members
            .iter()
            .zip(&self.handlings)
            .enumerate()
            .map(|(index, (member, handling))| {
                let index = Literal::usize_unsuffixed(index);
                let (read, local) = (handling.read.expression(form), member.local());
                if member.constant {
                    quote!(#index => #read?)
                } else if member.optional
                    && matches!(member.field.ty, Type::Nullable(_))
                    && !member.field.required
                    && member.field.default.is_none()
                {
                    // A member that is missing and one that is `null` are both `None`.
                    quote!(#index => #local = #read?)
                } else {
                    quote!(#index => #local = Some(#read?))
                }
            });
        quote! {
            while let Some(member) = members.next(cursor)? {
                match member {
                    #(#arms,)*
                    _ => #other,
                }
            }
        }
    }

    /// Nothing where every value that the fields can hold is valid.
    fn check(&self) -> Option<TokenStream> {
        let fields = self
            .members
            .iter()
            .zip(&self.handlings)
            .filter_map(|(member, handling)| {
                let (ident, name) = (&member.ident, &member.field.name);
                let check = match &handling.check {
                    Some(Check::Nullable(inner)) if member.optional => inner,
                    Some(check) => check,
                    None => return None,
                };
                Some(if member.optional {
                    let check = check.expression(&Place::value());
                    quote! {
                        if let Some(value) = &self.#ident {
                            json::member(#name, #check)?;
                        }
                    }
                } else {
                    let check = check.expression(&Place::field(ident));
                    quote!(json::member(#name, #check)?;)
                })
            });
        let fields: Vec<TokenStream> = fields.collect();
        let kept = self.additional.as_ref().map(|handling| {
            let names = if self.members.is_empty() {
                quote!(&[])
            } else {
                quote!(Self::MEMBERS)
            };
            let each = handling.check.as_ref().map(|check| {
                let check = check.expression(&Place::value());
                quote! {
                    for (name, value) in &self.additional_properties {
                        json::additional(name, #check)?;
                    }
                }
            });
            let rules = self.rules.as_ref().filter(|_| self.object.rules.is_named());
            let rules = rules.map(|rules| quote!(#rules.check_names(&self.additional_properties)?;));
            quote! {
                json::not_named(&self.additional_properties, #names)?;
                #rules
                #each
            }
        });
        let count = self.check_count();
        if fields.is_empty() && kept.is_none() && count.is_none() {
            return None;
        }
        Some(quote! {
            fn check(&self) -> json::Checked {
                #(#fields)*
                #kept
                #count
                Ok(())
            }
        })
    }

    fn check_count(&self) -> Option<TokenStream> {
        let rules = self.rules.as_ref().filter(|_| self.object.rules.is_counted())?;
        let always = self
            .members
            .iter()
            .filter(|member| !member.optional || member.field.required)
            .count();
        let always = (always > 0)
            .then(|| Literal::usize_unsuffixed(always))
            .map(|always| quote!(#always));
        let sometimes = self
            .members
            .iter()
            .filter(|member| member.optional && !member.field.required)
            .map(|member| {
                let ident = &member.ident;
                quote!(usize::from(self.#ident.is_some()))
            });
        let kept = self
            .additional
            .is_some()
            .then(|| quote!(self.additional_properties.len()));
        let terms: Vec<TokenStream> = always.into_iter().chain(sometimes).chain(kept).collect();
        Some(quote!(#rules.check_count(#(#terms)+*)?;))
    }

    fn write(&self) -> TokenStream {
        let members = self.members.iter().map(|member| {
            let name = serde_json::Value::from(member.field.name.as_str()).to_string();
            if let Type::Constant(text) = &member.field.ty {
                let text = serde_json::Value::from(text.as_str());
                let member = raw(&format!(",{name}:{text}"));
                return quote!(object.constant(#member););
            }
            let (ident, key) = (&member.ident, raw(&format!(",{name}:")));
            if member.optional && !member.field.required && member.field.default.is_none() {
                quote!(object.optional(#key, self.#ident.as_ref());)
            } else {
                quote!(object.member(#key, &self.#ident);)
            }
        });
        let kept = self
            .additional
            .is_some()
            .then(|| quote!(object.entries(&self.additional_properties);));
        let nothing = self.members.is_empty() && kept.is_none();
        let binding = if nothing { quote!(object) } else { quote!(mut object) };
        quote! {
            fn write(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                let #binding = json::ObjectWriter::new(out);
                #(#members)*
                #kept
                object.finish();
            }
        }
    }
}
