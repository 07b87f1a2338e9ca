//! What the build script compiled.

#[rustfmt::skip]
pub mod v1 { include!(concat!(env!("OUT_DIR"), "/v1_025_96.rs")); }
#[rustfmt::skip]
pub mod digits { include!(concat!(env!("OUT_DIR"), "/digits.rs")); }
