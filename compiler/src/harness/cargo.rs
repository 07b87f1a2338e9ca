//! Calls cargo and rustc.
//!
//! In: a folder that holds a package. Out: the path of its program. Never: lets the caller's flags, profiles or
//! configuration change what is built.

use super::Trouble;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Rust that builds.
pub(super) struct Toolchain {
    cargo: OsString,
    version: String,
    host: String,
}

impl Toolchain {
    /// `$CARGO` and `$RUSTC`, else those on PATH; as they are in `folder`, where a project may choose others.
    pub(super) fn find(folder: &Path) -> Result<Self, Trouble> {
        let named = |variable, default: &str| env::var_os(variable).unwrap_or(default.into());
        let rustc = named("RUSTC", "rustc");
        let program = rustc.to_string_lossy().into_owned();
        let said = Command::new(&rustc).arg("-vV").current_dir(folder).output();
        let said = said.map_err(|error| Trouble::Start {
            program: program.clone(),
            error,
        })?;
        let version = String::from_utf8_lossy(&said.stdout).into_owned();
        let Some(host) = version.lines().find_map(|line| line.strip_prefix("host: ")) else {
            let error =
                std::io::Error::other(String::from_utf8_lossy(&said.stderr).trim().to_owned());
            return Err(Trouble::Start { program, error });
        };
        Ok(Self {
            cargo: named("CARGO", "cargo"),
            host: host.to_owned(),
            version,
        })
    }

    /// All that rustc says of itself.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Builds the package in `folder`, which has one program, `network`.
    pub(super) fn build(&self, folder: &Path) -> Result<PathBuf, Trouble> {
        let mut cargo = Command::new(&self.cargo);
        scrub(&mut cargo);
        let target = folder.join("target");
        // Naming the target overrides one in a user's configuration and fixes where the program is found.
        cargo
            .args([
                "build",
                "--release",
                "--offline",
                "--target",
                &self.host,
                "--target-dir",
            ])
            .arg(&target)
            .current_dir(folder);
        let output = cargo.output().map_err(|error| Trouble::Start {
            program: self.cargo.to_string_lossy().into_owned(),
            error,
        })?;
        if !output.status.success() {
            let output = [output.stdout, output.stderr].concat();
            let output = String::from_utf8_lossy(&output).into_owned();
            return Err(Trouble::Build { output });
        }
        let program = format!("network{}", env::consts::EXE_SUFFIX);
        Ok(target.join(&self.host).join("release").join(program))
    }
}

/// Takes out of the environment whatever would make the build another than a user's first.
fn scrub(cargo: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(changes_builds) {
            cargo.env_remove(name);
        }
    }
    // Empty, this also overrides flags in a user's configuration.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", "");
}

fn changes_builds(variable: &str) -> bool {
    const NAMES: [&str; 4] = [
        "RUSTFLAGS",
        "CARGO_INCREMENTAL",
        "RUSTC_WORKSPACE_WRAPPER",
        "__CARGO_DEFAULT_LIB_METADATA",
    ];
    const PREFIXES: [&str; 3] = ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_"];
    // A linker has to be named on some machines.
    NAMES.contains(&variable)
        || PREFIXES.iter().any(|prefix| variable.starts_with(prefix))
            && !variable.ends_with("_LINKER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_scrubbed_and_tools_are_not() {
        for variable in [
            "RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_BUILD_RUSTFLAGS",
        ] {
            assert!(changes_builds(variable), "{variable}");
        }
        for variable in [
            "PATH",
            "CARGO_HOME",
            "RUSTUP_TOOLCHAIN",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
        ] {
            assert!(!changes_builds(variable), "{variable}");
        }
    }
}
