//! What mnetc compiles the networks of `arch-specs` to, as it is checked in: one module per spec.
//!
//! A test compares every file with what the compiler prints today; `MNETC_BLESS=1 cargo test -p mnetc --test fresh`
//! writes them anew.
//!
//! A buffer of the wrong length does not compile:
//!
//! ```
//! use mnetc_generated::v1_025_96::{Arena, Input, Output, V102596};
//! fn classify(network: &V102596<'_>, arena: &mut Arena, output: &mut Output) {
//!     let input: &Input = &[0.0; 96 * 96 * 3];
//!     network.infer(arena, input, output);
//! }
//! ```
//! ```compile_fail,E0308
//! use mnetc_generated::v1_025_96::{Arena, Output, V102596};
//! fn classify(network: &V102596<'_>, arena: &mut Arena, output: &mut Output) {
//!     network.infer(arena, &[0.0; 96 * 96], output); // one channel instead of three
//! }
//! ```
//! ```compile_fail,E0308
//! use mnetc_generated::{v1, v1_025_96};
//! fn classify(network: &v1_025_96::V102596<'_>, input: &v1_025_96::Input, output: &mut v1_025_96::Output) {
//!     network.infer(&mut v1::Arena::boxed(), input, output); // another network's arena
//! }
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![allow(
    clippy::allow_attributes_without_reason,
    reason = "the compiler keeps its output short"
)]

/// MobileNetV1 1.0 at 224x224.
#[rustfmt::skip]
pub mod v1;
/// MobileNetV1 0.25 at 96x96.
#[rustfmt::skip]
pub mod v1_025_96;
/// MobileNetV1 as Keras has it: `same` padding, relu6, softmax.
#[rustfmt::skip]
pub mod v1_keras;
/// MobileNetV2 1.0 at 224x224.
#[rustfmt::skip]
pub mod v2;
/// MobileNetV2 0.35 at 96x96.
#[rustfmt::skip]
pub mod v2_035_96;
/// MobileNetV2 1.4 at 224x224.
#[rustfmt::skip]
pub mod v2_140;
/// MobileNetV3-Large 1.0 at 224x224.
#[rustfmt::skip]
pub mod v3_large;
/// MobileNetV3-Large 0.75 at 224x224.
#[rustfmt::skip]
pub mod v3_large_075;
/// MobileNetV3-Large without a head: the last map of every stage.
#[rustfmt::skip]
pub mod v3_large_backbone;
/// MobileNetV3-Large dilated, with a reduced tail, for segmentation.
#[rustfmt::skip]
pub mod v3_large_dilated;
/// MobileNetV3-Large without squeeze-and-excite, hard swish and 5x5.
#[rustfmt::skip]
pub mod v3_large_minimalistic;
/// MobileNetV3-Large that excites before it activates.
#[rustfmt::skip]
pub mod v3_large_se_before;
/// MobileNetV3-Small 1.0 at 224x224.
#[rustfmt::skip]
pub mod v3_small;
/// MobileNetV3-Small without squeeze-and-excite, hard swish and 5x5.
#[rustfmt::skip]
pub mod v3_small_minimalistic;
