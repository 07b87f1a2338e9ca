//! Names a spec gives: they become identifiers of the generated code, so they must be ones that compile without a
//! warning.
//!
//! In: a name. Out: what is wrong with it, and a name that would do. Never: knows which names are taken.

/// What is wrong with a name.
pub(super) struct Fault {
    /// Continues the sentence that starts with the name.
    pub(super) facts: String,
    /// What to do.
    pub(super) help: String,
}

const LONGEST: usize = 64;

/// Keywords of the 2024 edition, strict and reserved.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Types that a generated module declares, imports or has from the prelude.
const TAKEN: &[&str] = &[
    "Activation",
    "Aligned",
    "AlignedBytes",
    "AnyLevel",
    "Arena",
    "Avx2",
    "Avx2Tile",
    "Avx512",
    "Avx512Tile",
    "BlobLayout",
    "Box",
    "Clone",
    "Copy",
    "Cx",
    "Default",
    "Drop",
    "Element",
    "Eq",
    "Err",
    "Extend",
    "Filter",
    "FilterSlot",
    "Fn",
    "From",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "Input",
    "Into",
    "Iterator",
    "Level",
    "LevelId",
    "Map",
    "MapMut",
    "Neon",
    "New",
    "None",
    "Observer",
    "Ok",
    "Option",
    "Ord",
    "Output",
    "Part",
    "Pixel",
    "Relu",
    "Relu6",
    "Result",
    "Scalar",
    "Self",
    "Send",
    "Sigmoid",
    "Simd",
    "Sized",
    "Slot",
    "Some",
    "SqueezeExcite",
    "Strips",
    "String",
    "Swish",
    "Sync",
    "Tile",
    "Unpin",
    "Vec",
    "Wasm",
    "Weights",
    "WeightsError",
    "Window",
];

/// What keeps `name` from being a field, a module or a part of one.
pub(super) fn fault(name: &str) -> Option<Fault> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let snake = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(plain)
        && !name.contains("__")
        && !name.ends_with('_');
    if name.len() > LONGEST {
        let facts = format!(
            "has {} characters; a name has at most {LONGEST}",
            name.len()
        );
        return Some(Fault {
            facts,
            help: "write a shorter name".to_owned(),
        });
    }
    if !snake {
        return Some(Fault {
            facts: "cannot become a Rust identifier".to_owned(),
            help: format!(
                "write small letters, digits and single underscores, a letter first: `{}`",
                mended(name)
            ),
        });
    }
    KEYWORDS.contains(&name).then(|| Fault {
        facts: "is a keyword of Rust".to_owned(),
        help: format!("write another name, such as `{name}_net`"),
    })
}

/// What keeps `name` from being the name of the generated struct.
pub(super) fn struct_fault(name: &str) -> Option<Fault> {
    let camel = camel(name);
    TAKEN.contains(&camel.as_str()).then(|| Fault {
        facts: format!("makes a struct `{camel}`, a name that generated code needs"),
        help: format!("write another name, such as `{name}_net`"),
    })
}

/// `text` as a name without fault, `otherwise` where nothing of it serves.
pub(crate) fn usable(text: &str, otherwise: &str) -> String {
    let mut name = mended(text);
    name.truncate(LONGEST);
    let name = name.trim_end_matches('_');
    let name = if KEYWORDS.contains(&name) {
        format!("{name}_net")
    } else {
        name.to_owned()
    };
    if fault(&name).is_none() && name != "net" {
        name
    } else {
        otherwise.to_owned()
    }
}

/// `text` as a name for a network, without fault.
pub(crate) fn usable_struct(text: &str, otherwise: &str) -> String {
    let name = usable(text, otherwise);
    match struct_fault(&name) {
        None => name,
        Some(_) => format!("{name}_net"),
    }
}

/// `v3_large` as `V3Large`.
fn camel(name: &str) -> String {
    name.split('_')
        .flat_map(|part| {
            let (first, rest) = part.split_at(part.len().min(1));
            [first.to_ascii_uppercase(), rest.to_owned()]
        })
        .collect()
}

fn mended(name: &str) -> String {
    let mut mended = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            mended.push(c.to_ascii_lowercase());
        } else if !mended.is_empty() && !mended.ends_with('_') {
            mended.push('_');
        }
    }
    let mended = mended.trim_end_matches('_');
    let taken = KEYWORDS.contains(&mended) || TAKEN.contains(&camel(mended).as_str());
    if mended.starts_with(|c: char| c.is_ascii_lowercase()) && !taken {
        mended.to_owned()
    } else {
        format!("net_{mended}").trim_end_matches('_').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_pass() {
        for name in ["v1", "v3_large", "c5", "v2_035_96", "logits"] {
            assert!(
                fault(name).is_none() && struct_fault(name).is_none(),
                "{name}"
            );
        }
    }

    #[test]
    fn any_text_becomes_a_name() {
        for (text, name) in [
            ("MobileNetV2-1.0 (1)", "mobilenetv2_1_0_1"),
            ("v2", "v2"),
            ("type", "net_type"),
            ("812", "net_812"),
            ("größe", "gr_e"),
            ("--", "output"),
        ] {
            assert_eq!(usable(text, "output"), name);
        }
        let long = usable(&"ab_".repeat(40), "x");
        assert!(fault(&long).is_none(), "{long}");
        assert_eq!(usable_struct("Output", "x"), "net_output");
    }

    #[test]
    fn bad_names_come_with_a_good_one() {
        for name in ["V3-Large", "3d", "", "_x", "x_", "a__b", "größe", "a b"] {
            let fault = fault(name).expect("not an identifier");
            let mended = fault
                .help
                .split('`')
                .nth(1)
                .expect("the help quotes a name");
            assert!(super::fault(mended).is_none(), "{name} -> {mended}");
        }
        assert!(fault("type").is_some() && fault("gen").is_some());
        assert!(fault(&"x".repeat(65)).is_some());
        assert!(struct_fault("output").is_some() && struct_fault("map_mut").is_some());
    }
}
