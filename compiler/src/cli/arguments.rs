//! Lets `--set` take several values.
//!
//! In: arguments. Out: the same with `--set A=1 B=2` as `--set A=1 --set B=2`. Never: knows another flag.
//!
//! The parser of arguments can let a flag take one value, or all up to the next flag. The first forbids
//! `--set A=1 B=2`, the second makes a model of what follows in `--set A=1 MODEL` impossible.

use std::ffi::{OsStr, OsString};

/// Repeats `--set` before every further value of it.
pub(super) fn spread_sets(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut spread = Vec::new();
    // Whether the argument before was the flag, or a value of it.
    let (mut flag, mut value) = (false, false);
    for argument in arguments {
        let further = value && is_setting(&argument);
        if further {
            spread.push("--set".into());
        }
        (flag, value) = (
            argument == "--set",
            flag || further || starts_set(&argument),
        );
        spread.push(argument);
    }
    spread
}

/// `--set=A=1`.
fn starts_set(argument: &OsStr) -> bool {
    argument
        .to_str()
        .is_some_and(|text| text.starts_with("--set="))
}

/// `KEY=VALUE` with a key as specs have them: words of letters, digits and `_`, with dots between.
fn is_setting(argument: &OsStr) -> bool {
    let key = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
    };
    let Some((before, _)) = argument.to_str().and_then(|text| text.split_once('=')) else {
        return false;
    };
    !before.is_empty() && key(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(arguments: &str) -> String {
        let arguments = arguments.split(' ').map(OsString::from);
        spread_sets(arguments)
            .join(OsStr::new(" "))
            .into_string()
            .expect("they are UTF-8")
    }

    #[test]
    fn values_behind_set_belong_to_it() {
        for (given, expected) in [
            (
                "check m.yaml --set a=1 b.c=2 -o x",
                "check m.yaml --set a=1 --set b.c=2 -o x",
            ),
            (
                "check --set a=1 b=2 m.yaml",
                "check --set a=1 --set b=2 m.yaml",
            ),
            (
                "check --set=a=1 b=2 m.yaml",
                "check --set=a=1 --set b=2 m.yaml",
            ),
            (
                "check --set a=1 --set b=2 c=3",
                "check --set a=1 --set b=2 --set c=3",
            ),
            ("check --set a m.yaml x=1", "check --set a m.yaml x=1"),
            (
                "check --set a=1 dir/a=b.yaml",
                "check --set a=1 dir/a=b.yaml",
            ),
            ("check x=1 m.yaml", "check x=1 m.yaml"),
        ] {
            assert_eq!(spread(given), expected);
        }
    }
}
