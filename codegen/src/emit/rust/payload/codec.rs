//! The code that reads, checks and writes structs.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::member::Member;
use super::reading::Form;
use super::rules::{Check, Handling, Place, raw};
use super::value::Written;
use crate::contract::payload::{Additional, Borrowed, Struct, Type};

/// What reads, checks and writes a struct.
pub(super) struct Codec<'c> {
    pub(super) name: Ident,
    pub(super) borrowed: &'c Borrowed,
    pub(super) object: &'c Struct,
    pub(super) members: &'c [Member<'c>],
    /// What each member is where a document leaves it out.
    pub(super) absent: &'c [Option<Written>],
    /// How each member is read and checked.
    pub(super) handlings: Vec<Handling>,
    /// How members are that the schema does not name, where they are kept.
    pub(super) additional: Option<Handling>,
    /// The static with the rules of the object as a whole, where it has some.
    pub(super) rules: Option<Ident>,
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
    pub(super) fn check(&self) -> Option<TokenStream> {
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

    pub(super) fn write(&self) -> TokenStream {
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

/// A field of a struct that a local becomes.
fn named(ident: &Ident, local: &Ident) -> TokenStream {
    if ident == local {
        quote!(#ident)
    } else {
        quote!(#ident: #local)
    }
}
