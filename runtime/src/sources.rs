//! The crate's own text.

macro_rules! sources {
    ($($path:literal)*) => {
        /// This crate's source files: path below `src`, text. With the feature `sources` left out, they compile to
        /// the same kernels anywhere else.
        pub const SOURCES: &[(&str, &str)] = &[$(($path, include_str!($path))),*];
    };
}

sources! {
    "arena.rs" "bands.rs" "blob.rs" "context.rs" "golden.rs" "kernels.rs" "lib.rs" "map.rs" "naive.rs" "observe.rs"
    "opaque.rs" "ops.rs" "ops/activation.rs" "ops/add.rs" "ops/conv.rs" "ops/copy.rs" "ops/depthwise.rs" "ops/flatten.rs" "ops/gate_split.rs"
    "ops/half_panel.rs"
    "ops/input.rs" "ops/linear.rs" "ops/peak.rs" "ops/pointwise.rs" "ops/pointwise_split.rs" "ops/pool.rs" "ops/softmax.rs"
    "ops/squeeze_excite.rs" "ops/tile.rs" "pack.rs" "pages.rs" "patch.rs" "pool.rs" "shares.rs" "simd.rs" "simd/amx.rs" "simd/avx2.rs"
    "simd/avx512.rs" "simd/cortex_m.rs" "simd/detect.rs" "simd/neon.rs" "simd/quads.rs" "simd/scalar.rs" "simd/tiles.rs"
    "simd/wasm.rs" "sources.rs" "strips.rs" "team.rs" "weights.rs" "window.rs"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::string::String;
    use std::vec::Vec;

    fn walk(directory: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in directory.read_dir().expect("the sources are readable") {
            let entry = entry.expect("the sources are readable");
            let name = std::format!("{prefix}{}", entry.file_name().display());
            if entry.path().is_dir() {
                walk(&entry.path(), &std::format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }

    #[test]
    fn every_file_is_listed() {
        let mut found = Vec::new();
        walk(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            "",
            &mut found,
        );
        found.sort();
        let mut listed: Vec<_> = SOURCES.iter().map(|(path, _)| *path).collect();
        listed.sort();
        assert_eq!(listed, found);
    }
}
