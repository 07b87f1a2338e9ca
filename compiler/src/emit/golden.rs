//! Writes the self-test: a method, and what it holds every step against.
//!
//! In: a plan and what its steps should make. Out: a method, and a constant. Never: computes what is expected.

use super::constants::number;
use crate::golden::{Golden, Goldens};
use crate::plan::{Plan, Step};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The method.
pub(super) fn method(goldens: &Goldens) -> TokenStream {
    let fill = match goldens.range {
        Some([low, high]) => {
            let [low, high] = [low, high].map(literal);
            quote! { golden::fill_floats(input, #low, #high); }
        }
        None => quote! { golden::fill_bytes(input); },
    };
    quote! {
        /// Runs the network on a made-up input, and holds the result of every step against `GOLDENS`: what the compiler's
        /// reference made of it, in `f64`, with the weights it was given. Overwrites `input` and `output`.
        ///
        /// # Errors
        /// The first step that made something else: its kernel, its weights, or the memory they lie in.
        pub fn self_test(
            &self,
            arena: &mut Arena,
            input: &mut Input,
            output: &mut Output,
        ) -> Result<(), WrongStep> {
            #fill
            let mut test = SelfTest::new(&GOLDENS);
            self.infer_observed(arena, input, output, &mut test);
            test.result()
        }
    }
}

/// What every step should make.
pub(super) fn constant(plan: &Plan, goldens: &Goldens) -> TokenStream {
    let observed = plan.observed();
    let count = number(observed.len());
    let steps = observed.into_iter();
    let steps = steps.map(|step| golden((&plan.steps[step], &goldens.steps[step])));
    quote! {
        /// Of the result of every step on the made-up input: the sum, and how far it may be off; the largest magnitude, and
        /// how far that may be.
        #[allow(dead_code)]
        const GOLDENS: [Golden; #count] = [#(#steps),*];
    }
}

fn golden((step, golden): (&Step, &Golden)) -> TokenStream {
    let name = &step.origin.name;
    let pair = |pair: [f32; 2]| {
        let [value, within] = pair.map(literal);
        quote! { [#value, #within] }
    };
    let (sum, largest) = (pair(golden.sum), pair(golden.largest));
    quote! { Golden::new(#name, #sum, #largest) }
}

/// The shortest number that reads as this one; small ones with an exponent.
fn literal(x: f32) -> TokenStream {
    let magnitude = x.abs();
    let text = if magnitude != 0.0 && !(1e-3..1e9).contains(&magnitude) {
        format!("{magnitude:e}")
    } else {
        format!("{magnitude:?}")
    };
    let literal: Literal = text.parse().expect("a number is a literal");
    match x.is_sign_negative() {
        true => quote! { -#literal },
        false => quote! { #literal },
    }
}
