# Which cargo builds for a target, and how what is missing is installed: sourced by the scripts beside it.
# Takes the target of rustup where it is installed or can be; else Debian's second toolchain, which builds `core` and `std` itself.

workspace=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

install() {
    apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 ||
        { apt-get update >/dev/null && apt-get install -y --no-install-recommends "$@" >/dev/null; }
}

# needs COMMAND PACKAGE
needs() {
    command -v "$1" >/dev/null || install "$2"
}

# Whether Debian's second toolchain is there, with sources, as new as the workspace asks for.
is_new() {
    local asked
    asked=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$workspace/Cargo.toml")
    [ -x /usr/bin/cargo ] && [ -d /usr/lib/rustlib/src ] &&
        printf '%s\n' "$asked" "$(/usr/bin/rustc --version | cut -d' ' -f2)" | sort -VC
}

# Debian's second toolchain. A list of packages that is not up to date may only know an older one.
second_toolchain() {
    is_new || { apt-get update >/dev/null && install rustc-web rust-web-src cargo-web; }
    is_new || { echo "$(/usr/bin/rustc --version) is too old, and apt has no newer one"; exit 1; }
}

# has_target TARGET: whether rustup's is there, or can be had.
has_target() {
    rustup target list --installed 2>/dev/null | grep -qx "$1" || timeout 60 rustup target add "$1" >/dev/null 2>&1
}

# choose TARGET: sets `cargo`, what to call, and `std`, what to say after the verb; `from_source` is whether it is Debian's.
choose() {
    cargo=cargo std=() from_source=false
    if has_target "$1"; then
        echo "with rustup's $1"
        return
    fi
    second_toolchain
    from_source=true cargo=/usr/bin/cargo std=(-Zbuild-std=std,panic_abort)
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    echo "with $(/usr/bin/rustc --version), std built from source"
}
