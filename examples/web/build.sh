#!/usr/bin/env bash
# Builds the module of a network, and puts it into a folder with its weights and the page: all that a web server needs.
# Takes the target of rustup where it is installed; else Debian's second toolchain, which builds `core` itself.
set -euo pipefail

usage() {
    cat <<'HELP'
Usage: build.sh [MODEL] [OPTIONS]

Compiles MODEL (a spec in YAML, or an ONNX file) to WebAssembly, with a page to try it. Without MODEL: the digits.

  --weights W       the weights: a .safetensors or .onnx file, or seed:N; ONNX models have their own
  --labels FILE     names of the classes, one a line, class 0 first
  --preset P        how bytes become numbers, as in `mnetc run`: unit (default), tf or imagenet
  --crop C          center (default), or none: the whole picture, squeezed
  --title TEXT      what the page calls the network
  --page FILE       a model.json of your own, in place of the four options above
  --sample FILE     a picture to try; may be given several times
  --set KEY=VALUE   changes a value of the spec; may be given several times
  --input-size HxW  the input of an ONNX model that leaves it open
  --embed           puts the weights into the module: one file less
  --self-test       gives the module a self-test, which holds every layer against the reference
  --out FOLDER      where all of it goes (default: dist beside this script)
HELP
}

wrong() {
    echo "$1" >&2
    echo "see build.sh --help" >&2
    exit 2
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
model='' weights='' labels='' preset=unit crop=center title='' page='' sets='' size='' embed='' self_test='' out=$here/dist
samples=()
while [ $# -gt 0 ]; do
    case $1 in
    --embed) embed=1 ;;
    --self-test) self_test=1 ;;
    -h | --help) usage && exit ;;
    --*)
        [ $# -gt 1 ] || wrong "$1 needs a value"
        case $1 in
        --weights) weights=$2 ;;
        --labels) labels=$2 ;;
        --preset) preset=$2 ;;
        --crop) crop=$2 ;;
        --title) title=$2 ;;
        --page) page=$2 ;;
        --sample) samples+=("$2") ;;
        --set) sets="$sets $2" ;;
        --input-size) size=$2 ;;
        --out) out=$2 ;;
        *) wrong "there is no option $1" ;;
        esac
        shift
        ;;
    *)
        [ -z "$model" ] || wrong "one model at a time: $model, or $1?"
        model=$1
        ;;
    esac
    shift
done
case $preset in unit | tf | imagenet) ;; *) wrong "there is no preset $preset" ;; esac
case $crop in center | none) ;; *) wrong "there is no crop $crop" ;; esac
for file in "$model" "$labels" "$page" ${samples[@]+"${samples[@]}"}; do
    [ -z "$file" ] || [ -f "$file" ] || wrong "there is no file $file"
done
if [ -z "$model" ]; then
    model=$here/../digits/data/digits.yaml
    weights=${weights:-$here/../digits/data/digits.safetensors}
    page=${page:-$here/digits.json}
    for digit in 3 5 8; do samples+=("$here/../digits/data/samples/$digit.png"); done
fi

# The build script runs elsewhere: whole paths.
whole() { case $1 in '' | seed:* | /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac }
MNETC_MODEL=$(whole "$model") MNETC_WEIGHTS=$(whole "$weights")
export MNETC_MODEL MNETC_WEIGHTS MNETC_SET=${sets# } MNETC_INPUT_SIZE=$size MNETC_EMBED=$embed MNETC_SELF_TEST=$self_test

target=wasm32-unknown-unknown
cargo=(cargo)
build=(build --release --message-format=json-render-diagnostics)
if rustup target list --installed 2>/dev/null | grep -qx $target; then
    :
elif [ -x /usr/bin/cargo ] && [ -d /usr/lib/rustlib/src ]; then
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    cargo=(/usr/bin/cargo)
    build+=(-Zbuild-std=core)
else
    echo "the target $target is missing: rustup target add $target" >&2
    echo "(or, on Debian: apt install rustc-web rust-web-src cargo-web lld)" >&2
    exit 1
fi

# Where cargo put the module, and what the build script wrote, is in what it tells.
messages=$(cd "$here" && "${cargo[@]}" "${build[@]}")
field() { grep -o "\"$1\":\"[^\"]*\"" | tail -n 1 | cut -d '"' -f 4; }
module=$(grep -o '"[^"]*/network\.wasm"' <<<"$messages" | tail -n 1 | tr -d '"')
written=$(grep '"reason":"build-script-executed"' <<<"$messages" | grep 'web-example' | field out_dir)

mkdir -p "$out"
cp "$here"/page/* "$out/"
cp "$module" "$out/network.wasm"
rm -f "$out/network.weights" "$out/labels.txt"
[ -n "$embed" ] || cp "$written/network.weights" "$out/network.weights"

text() { printf '%s' "$1" | sed 's/[\\"]/\\&/g' | tr -d '\000-\037'; }
list='' comma=''
rm -rf "$out/samples"
for sample in ${samples[@]+"${samples[@]}"}; do
    mkdir -p "$out/samples"
    cp "$sample" "$out/samples/"
    file=$(basename "$sample")
    list="$list$comma{\"file\": \"samples/$(text "$file")\", \"name\": \"$(text "${file%.*}")\"}"
    comma=', '
done
if [ -n "$page" ]; then
    # The page fetches no weights of a network that has them inside.
    if [ -n "$embed" ]; then sed '1s/{/{"embedded": true,/' "$page"; else cat "$page"; fi >"$out/model.json"
else
    {
        printf '{\n'
        [ -z "$title" ] || printf '  "title": "%s",\n' "$(text "$title")"
        [ -z "$labels" ] || printf '  "labels": "labels.txt",\n'
        [ -z "$embed" ] || printf '  "embedded": true,\n'
        printf '  "preset": "%s",\n  "crop": "%s",\n  "samples": [%s]\n}\n' "$preset" "$crop" "$list"
    } >"$out/model.json"
    [ -z "$labels" ] || cp "$labels" "$out/labels.txt"
fi

bytes() { wc -c <"$1" | tr -d ' '; }
total=$(bytes "$out/network.wasm")
if [ -n "$embed" ]; then
    echo "$out: module with weights $total bytes"
else
    echo "$out: module $total bytes, weights $(bytes "$out/network.weights") bytes"
fi
