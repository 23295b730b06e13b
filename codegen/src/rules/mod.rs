//! Every kind of finding, by what it is about. Each has a page under `codegen/docs/rules/`.

pub mod account;
pub mod check;
pub mod contract;
pub mod docs;
pub mod example;
pub mod file;
pub mod payload;
pub mod presence;
pub mod publication;
pub mod role;
pub mod service;
pub mod store;
pub mod stream;
pub mod subject;
pub mod syntax;

use crate::diagnostics::Rule;

/// Declares rules with their level and code; the code names the page too. Behind a code, `fixable` says that some of the
/// findings carry a fix, and `across` that it takes several contracts to find them.
macro_rules! rules {
    ($( #[doc = $doc:literal] $level:ident $name:ident = $code:literal $(, $mark:ident)*; )*) => {
        $(
            #[doc = $doc]
            pub static $name: crate::diagnostics::Rule = crate::diagnostics::Rule::$level(
                $code,
                include_str!(concat!("../../docs/rules/", $code, ".md")),
            )$(.$mark())*;
        )*

        /// Every rule of this module.
        pub(super) static ALL: &[&crate::diagnostics::Rule] = &[$(&$name),*];
    };
}

use rules;

/// Every rule there is.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let groups = [
        file::ALL,
        syntax::ALL,
        contract::ALL,
        subject::ALL,
        publication::ALL,
        service::ALL,
        store::ALL,
        presence::ALL,
        role::ALL,
        stream::ALL,
        account::ALL,
        payload::ALL,
        example::ALL,
        docs::ALL,
        check::ALL,
    ];
    groups.into_iter().flatten().copied()
}
