//! The size of the picture an export was answered for, for models that leave it open.
//!
//! Shared with the build script, which compiles what the tests run. In: a model's path. Out: sizes to import it with.
//! Never: asserts.

use mnetc::import::Sizes;
use safetensors::SafeTensors;
use std::path::Path;

/// Height and width of `input` in the model's `.safetensors`; nothing where it has none.
pub fn sizes_of(model: &Path) -> Sizes {
    let shape = std::fs::read(model.with_extension("safetensors"))
        .ok()
        .and_then(|bytes| {
            let answers = SafeTensors::deserialize(&bytes).ok()?;
            Some(answers.tensor("input").ok()?.shape().to_vec())
        });
    let input = match shape.as_deref() {
        Some(&[h, w, 1 | 3]) | Some(&[_, h, w]) => Some([h, w]),
        _ => None,
    };
    Sizes {
        input,
        ..Sizes::default()
    }
}
