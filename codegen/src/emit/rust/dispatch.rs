//! How a subject finds its template among those of a set.

use indexmap::IndexMap;
use proc_macro2::TokenStream;
use quote::quote;

use super::print::number;

/// Up to so many templates become a `match`: it is twice as fast as a table, and compiles slowly where there are many.
const MATCHED: usize = 64;

/// The body of a function from `subject` to the index of the first filter that hears it.
pub(super) fn find(filters: &[String]) -> TokenStream {
    let whole = Node::of(filters);
    if filters.len() > MATCHED || whole.branches() {
        return quote! {
            static ROUTES: natsmith_runtime::subject::Routes =
                natsmith_runtime::subject::Routes::new(&[#(#filters),*]);
            ROUTES.find(subject)
        };
    }
    let uses = filters
        .iter()
        .any(|filter| filter != ">")
        .then(|| quote! { use natsmith_runtime::subject::next_token; });
    let found = whole.found();
    quote! {
        #uses
        let rest = Some(subject);
        #found
    }
}

/// What can stand at one place of a subject, behind certain others.
#[derive(Default)]
struct Node<'f> {
    /// Fixed parts.
    fixed: IndexMap<&'f str, Node<'f>>,
    /// Any token.
    any: Option<Box<Node<'f>>>,
    /// The filter that ends here.
    end: Option<usize>,
    /// The filter that takes all that follows.
    tail: Option<usize>,
}

impl<'f> Node<'f> {
    fn of(filters: &'f [String]) -> Self {
        let mut whole = Self::default();
        for (index, filter) in filters.iter().enumerate() {
            let mut node = &mut whole;
            let (closed, open) = match filter.strip_suffix('>') {
                Some(closed) => (closed.strip_suffix('.'), true),
                None => (Some(filter.as_str()), false),
            };
            for part in closed.into_iter().flat_map(|closed| closed.split('.')) {
                node = match part {
                    "*" => node.any.get_or_insert_default(),
                    fixed => node.fixed.entry(fixed).or_default(),
                };
            }
            let place = if open { &mut node.tail } else { &mut node.end };
            place.get_or_insert(index);
        }
        whole
    }

    /// Whether a subject could go two ways, of which the first may turn out to be the wrong one.
    fn branches(&self) -> bool {
        let ways = [!self.fixed.is_empty(), self.any.is_some(), self.tail.is_some()];
        let below = self.fixed.values().chain(self.any.as_deref());
        ways.into_iter().filter(|way| *way).count() > 1 || below.into_iter().any(Node::branches)
    }

    /// The index of the filter that hears `rest`, as an expression; what is certain to be none returns.
    fn found(&self) -> TokenStream {
        let further = if let Some(any) = &self.any {
            let found = any.found();
            Some(quote! {
                let (_, rest) = next_token(rest)?;
                #found
            })
        } else if let Some(index) = self.tail {
            let index = number(index as u64);
            Some(quote! { rest.map(|_| #index) })
        } else if let (1, Some((text, below))) = (self.fixed.len(), self.fixed.first()) {
            let found = below.found();
            Some(quote! {
                let (token, rest) = next_token(rest)?;
                if token != #text {
                    return None;
                }
                #found
            })
        } else if self.fixed.is_empty() {
            None
        } else {
            let texts = self.fixed.keys();
            let found = self.fixed.values().map(Self::found);
            Some(quote! {
                let (token, rest) = next_token(rest)?;
                match token {
                    #( #texts => { #found } )*
                    _ => None,
                }
            })
        };
        match (self.end.map(|index| number(index as u64)), further) {
            (Some(index), Some(further)) => quote! {
                if rest.is_none() {
                    return Some(#index);
                }
                #further
            },
            (Some(index), None) => quote! { rest.is_none().then_some(#index) },
            (None, further) => further.unwrap_or_else(|| quote! { None }),
        }
    }
}
