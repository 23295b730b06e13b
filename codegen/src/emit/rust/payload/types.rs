//! Types of the payload model as types of Rust.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::contract::payload::{Borrowed, DefinitionId, DefinitionKind, Integer, ModuleId, PayloadSet, Type};
use crate::contract::{Contract, DateTimeType};
use crate::emit::rust::names;

/// What the borrowed form of a type is called.
pub(super) fn borrowed_name(owned: &Ident) -> Ident {
    format_ident!("{owned}Ref")
}

/// What a module is being written with.
pub(super) struct Scope<'s> {
    pub(super) set: &'s PayloadSet,
    /// The definitions that have a borrowed form.
    pub(super) borrowed: &'s Borrowed,
    /// The type of moments.
    date_time: DateTimeType,
    /// The crate, as its users name it.
    krate: String,
    module: ModuleId,
    /// The one definition that the file is for, where it is in a folder of the module's.
    only: Option<DefinitionId>,
    pub(super) used: Used,
    /// The names of the statics of this module.
    pub(super) statics: RefCell<HashSet<String>>,
    /// Statics that have been asked for and not yet been written.
    pub(super) pending: RefCell<Vec<TokenStream>>,
}

/// Which imports a module needs.
#[derive(Default)]
pub(super) struct Used {
    pub(super) uuid: Cell<bool>,
    date_time: Cell<Option<DateTimeType>>,
    pub(super) free_form: Cell<bool>,
    pub(super) map: Cell<bool>,
    pub(super) borrowed: Cell<bool>,
    pub(super) pattern: Cell<bool>,
    pub(super) format: Cell<bool>,
}

impl Used {
    /// The imports.
    pub(super) fn imports(&self) -> TokenStream {
        let mut modules = Vec::new();
        if self.borrowed.get() {
            modules.push(quote!(borrowed));
        }
        if self.format.get() {
            modules.push(quote!(format));
        }
        modules.push(quote!(json));
        if self.pattern.get() {
            modules.push(quote!(pattern));
        }
        let modules = match modules.as_slice() {
            [only] => quote!(#only),
            many => quote!({ #(#many),* }),
        };
        let map = self.map.get().then(|| {
            quote!(
                use std::collections::BTreeMap;
            )
        });
        let free_form = self.free_form.get().then(|| {
            quote!(
                use natsmith_runtime::FreeForm;
            )
        });
        let date_time = self.date_time.get().and_then(|ty| match ty {
            DateTimeType::Chrono => Some(quote!(
                use natsmith_runtime::chrono::{DateTime, FixedOffset};
            )),
            DateTimeType::Jiff => Some(quote!(
                use natsmith_runtime::jiff::Zoned;
            )),
            DateTimeType::Time => Some(quote!(
                use natsmith_runtime::time::OffsetDateTime;
            )),
            DateTimeType::Text => None,
        });
        let uuid = self.uuid.get().then(|| {
            quote!(
                use natsmith_runtime::uuid::Uuid;
            )
        });
        quote!(#map #free_form #date_time #uuid use natsmith_runtime::#modules;)
    }
}

impl<'s> Scope<'s> {
    pub(super) fn new(contract: &'s Contract, borrowed: &'s Borrowed, module: ModuleId) -> Self {
        Self {
            set: &contract.payloads,
            date_time: contract.rust.date_time,
            krate: contract.rust.crate_name.replace('-', "_"),
            borrowed,
            module,
            only: None,
            used: Used::default(),
            statics: RefCell::default(),
            pending: RefCell::default(),
        }
    }

    /// The same for a file of one definition, in a folder of the module's.
    pub(super) fn of_one(mut self, id: DefinitionId) -> Self {
        self.only = Some(id);
        self
    }

    /// What paths of files begin with that lead out of the module.
    pub(super) fn deeper(&self) -> &'static str {
        if self.only.is_some() { "../" } else { "" }
    }

    /// The module of a definition, as users of the crate name it.
    pub(super) fn user_path(&self, id: DefinitionId) -> String {
        let module = &self.set.module(self.set.definition(id).module).name;
        format!("{}::payloads::{}", self.krate, names::module_ident(module))
    }

    /// The name of a definition, as this module says it.
    pub(super) fn path(&self, id: DefinitionId) -> TokenStream {
        self.path_of(id, &names::type_ident(&self.set.definition(id).name))
    }

    /// A name beside a definition, as this module says it.
    fn path_of(&self, id: DefinitionId, name: &Ident) -> TokenStream {
        let definition = self.set.definition(id);
        let out = self.only.map(|_| quote!(super::));
        if definition.module == self.module {
            let out = out.filter(|_| self.only != Some(id));
            quote!(#out #name)
        } else {
            let module = names::module_ident(&self.set.module(definition.module).name);
            quote!(#out super::#module::#name)
        }
    }

    /// The type of a value that borrows what it can from the document, which lives for `'a`.
    pub(super) fn borrowed_type(&self, ty: &Type) -> TokenStream {
        let view = |of: TokenStream| {
            self.used.borrowed.set(true);
            quote!(borrowed::#of)
        };
        match ty {
            Type::Any | Type::AnyObject => view(quote!(FreeForm<'a>)),
            Type::Text(_) => quote!(std::borrow::Cow<'a, str>),
            Type::Array(array) => {
                let item = self.borrowed_type(&array.item);
                view(quote!(List<'a, #item>))
            }
            Type::Map(map) => {
                let value = self.borrowed_type(&map.value);
                view(quote!(Map<'a, #value>))
            }
            Type::Nullable(inner) => {
                let inner = self.borrowed_type(inner);
                quote!(Option<#inner>)
            }
            Type::Named(id) => {
                let definition = self.set.definition(*id);
                let path = self.path(*id);
                match &definition.kind {
                    DefinitionKind::Text(_) => view(quote!(Text<'a, #path>)),
                    _ if self.borrowed.borrows(*id) => {
                        let name = self.path_of(*id, &borrowed_name(&names::type_ident(&definition.name)));
                        quote!(#name<'a>)
                    }
                    _ => path,
                }
            }
            other => self.rust_type(other),
        }
    }

    /// The type of a value.
    pub(super) fn rust_type(&self, ty: &Type) -> TokenStream {
        match ty {
            Type::Any | Type::AnyObject => {
                self.used.free_form.set(true);
                quote!(FreeForm)
            }
            Type::Null | Type::Constant(_) => quote!(()),
            Type::Boolean => quote!(bool),
            Type::Integer(integer) => {
                let name = format_ident!("{}", integer_type(integer));
                quote!(#name)
            }
            Type::Number(_) => quote!(f64),
            Type::Text(_) => quote!(String),
            Type::Uuid => {
                self.used.uuid.set(true);
                quote!(Uuid)
            }
            Type::DateTime => {
                self.used.date_time.set(Some(self.date_time));
                match self.date_time {
                    DateTimeType::Chrono => quote!(DateTime<FixedOffset>),
                    DateTimeType::Jiff => quote!(Zoned),
                    DateTimeType::Time => quote!(OffsetDateTime),
                    DateTimeType::Text => quote!(String),
                }
            }
            Type::Array(array) => {
                let item = self.rust_type(&array.item);
                quote!(Vec<#item>)
            }
            Type::Map(map) => {
                self.used.map.set(true);
                let value = self.rust_type(&map.value);
                quote!(BTreeMap<String, #value>)
            }
            Type::Nullable(inner) => {
                let inner = self.rust_type(inner);
                quote!(Option<#inner>)
            }
            Type::Named(id) => self.path(*id),
        }
    }

    /// Whether a value of a type holds one of a definition without a list or map between them, so that a struct of the
    /// definition would have no size.
    pub(super) fn holds(&self, ty: &Type, id: DefinitionId) -> bool {
        self.reaches(ty, id, &mut HashSet::new())
    }

    fn reaches(&self, ty: &Type, id: DefinitionId, passed: &mut HashSet<DefinitionId>) -> bool {
        match ty {
            Type::Named(named) if *named == id => true,
            Type::Named(named) => passed.insert(*named) && self.definition_reaches(*named, id, passed),
            Type::Nullable(inner) => self.reaches(inner, id, passed),
            _ => false,
        }
    }

    fn definition_reaches(&self, named: DefinitionId, id: DefinitionId, passed: &mut HashSet<DefinitionId>) -> bool {
        match &self.set.definition(named).kind {
            DefinitionKind::Struct(object) => object.fields.iter().any(|field| self.reaches(&field.ty, id, passed)),
            DefinitionKind::Tuple(tuple) => tuple
                .positions
                .iter()
                .any(|position| self.reaches(&position.ty, id, passed)),
            DefinitionKind::Tagged(tagged) => tagged.variants.iter().any(|variant| {
                let definition = variant.definition;
                definition == id || passed.insert(definition) && self.definition_reaches(definition, id, passed)
            }),
            DefinitionKind::Untagged(variants) => variants.iter().any(|variant| self.reaches(&variant.ty, id, passed)),
            DefinitionKind::Wrapper(inner) => self.reaches(inner, id, passed),
            DefinitionKind::Enum(_)
            | DefinitionKind::Values(_)
            | DefinitionKind::Text(_)
            | DefinitionKind::Judged(_) => false,
        }
    }
}

/// The smallest type that holds every integer that the rules allow.
pub(super) fn integer_type(integer: &Integer) -> &'static str {
    let lowest = integer.lowest().unwrap_or(i128::from(i64::MIN));
    let highest = integer.highest();
    let fits = |lowest_of_type: i128, highest_of_type: i128| {
        lowest >= lowest_of_type && highest.is_some_and(|highest| highest <= highest_of_type)
    };
    match lowest {
        0.. if fits(0, u8::MAX.into()) => "u8",
        0.. if fits(0, u16::MAX.into()) => "u16",
        0.. if fits(0, u32::MAX.into()) => "u32",
        0.. => "u64",
        _ if fits(i8::MIN.into(), i8::MAX.into()) => "i8",
        _ if fits(i16::MIN.into(), i16::MAX.into()) => "i16",
        _ if fits(i32::MIN.into(), i32::MAX.into()) => "i32",
        _ => "i64",
    }
}
