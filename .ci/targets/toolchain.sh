# Which cargo builds for a target: sourced by the scripts beside it.
# Takes the target of rustup where it is installed or can be; else Debian's second toolchain, which builds `std` itself.

install() {
    apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 ||
        { apt-get update >/dev/null && apt-get install -y --no-install-recommends "$@" >/dev/null; }
}

# needs COMMAND PACKAGE
needs() {
    command -v "$1" >/dev/null || install "$2"
}

# choose TARGET: sets `cargo`, what to call, and `std`, what to say after the verb; `from_source` is whether it is Debian's.
choose() {
    cargo=cargo std=() from_source=false
    if rustup target list --installed 2>/dev/null | grep -qx "$1" || timeout 60 rustup target add "$1" >/dev/null 2>&1; then
        echo "with rustup's $1"
        return
    fi
    { [ -x /usr/bin/cargo ] && [ -d /usr/lib/rustlib/src ]; } || install rustc-web rust-web-src cargo-web
    from_source=true cargo=/usr/bin/cargo std=(-Zbuild-std=std,panic_abort)
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    echo "with $(/usr/bin/rustc --version), std built from source"
}
