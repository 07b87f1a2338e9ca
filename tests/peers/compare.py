#!/usr/bin/env python3
"""mnetc's generated code next to its peers, on the same models, side by side in one run.

usage: compare.py MNETC [--models NAME ...] [--threads 1 2] [--engines NAME ...] [--rounds 5]
                  [--require RATIO ...] [--max-error 1e-5] [--results FILE.json] [--write FILE.md] [--cache FOLDER]

MNETC is the built command. For each model and number of threads the engines take turns for ROUNDS rounds; a turn warms up
for ten inferences and a tenth of a second, times 50 and keeps the median; an engine's figure is the median of its turns.
A ratio is a peer's time over mnetc's: above 1, mnetc is faster. "best peer" is the fastest of ONNX Runtime, OpenVINO and
tract. Every output is held against ONNX Runtime's: the error is the largest difference over the largest output.

`openvino_avx2` is OpenVINO held to AVX2 by ONEDNN_MAX_CPU_ISA, of which the primitives it ran are the proof, and
`mnetc_avx2` mnetc on the same level; the two are compared with each other alone.

--require has a ratio for each model, the last one for all further ones; it ends with exit code 1 when the best peer's
ratio is less, when mnetc is slower than OpenVINO held to AVX2, or when mnetc's error is above --max-error.
--results keeps figures in a file, and adds to those that are there, so that a long comparison can be run in pieces.
--write puts the table into a Markdown file, between its lines `<!-- peers -->` and `<!-- /peers -->`.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile

import numpy as np

import models

HERE = pathlib.Path(__file__).resolve().parent
RUNS = 50
PEERS = ["onnxruntime", "openvino", "tract"]
ENGINES = [*PEERS, "openvino_avx2", "mnetc", "mnetc_avx2"]
TITLES = {
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO",
    "tract": "tract",
    "openvino_avx2": "OpenVINO, AVX2",
    "mnetc": "mnetc",
    "mnetc_avx2": "mnetc, AVX2",
}


class Peer:
    """A peer in a process of its own; `peer.py` has the protocol."""

    def __init__(self, command, x, outputs, environment=None):
        said = tempfile.TemporaryFile("w+")
        pipe = subprocess.PIPE
        environment = {**os.environ, **(environment or {})}
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=said, env=environment)
        self.said = said
        self.process.stdin.write(x.tobytes())
        self.output = np.frombuffer(self.receive(4 * outputs), np.float32)

    def receive(self, count):
        self.process.stdin.flush()
        answer = self.process.stdout.read(count)
        if len(answer) != count:
            self.said.seek(0)
            raise SystemExit(f"{' '.join(self.process.args)} ended:\n{self.said.read()}")
        return answer

    def turn(self):
        self.process.stdin.write(b"t")
        return statistics.median(np.frombuffer(self.receive(8 * RUNS), np.float64))

    def words(self):
        self.said.seek(0)
        return self.said.read()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Mnetc:
    """`mnetc bench`, called anew for each turn."""

    def __init__(self, binary, path, threads, level=None):
        self.command = [binary, "bench", str(path), "--threads", str(threads), "--iterations", str(RUNS), "--json"]
        self.command += ["--level", level] if level else []
        picture = str(path.with_suffix(".input.npy"))
        with tempfile.TemporaryDirectory() as folder:
            output = pathlib.Path(folder) / "output.npy"
            self.run("--input", picture, "--dump-output", str(output))
            self.output = np.load(output).ravel()
        self.picture = picture

    def run(self, *more):
        done = subprocess.run([*self.command, *more], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{shlex.join(done.args)} failed:\n{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def turn(self):
        return self.run("--input", self.picture)["median_ms"]

    def end(self):
        pass


def tract(cache):
    """The program that runs tract, built."""
    target = cache / "tract"
    manifest = HERE / "tract" / "Cargo.toml"
    command = ["cargo", "build", "--release", "--quiet", "--manifest-path", str(manifest), "--target-dir", str(target)]
    subprocess.run(command, check=True)
    return target / "release" / "tract-latency"


def start(engine, options, path, threads):
    x = np.load(path.with_suffix(".input.npy"))
    if engine == "mnetc":
        return Mnetc(options.mnetc, path, threads)
    if engine == "mnetc_avx2":
        return Mnetc(options.mnetc, path, threads, "avx2")
    if engine == "tract":
        return Peer([str(tract(options.cache)), str(path), str(threads)], x, 1000)
    name = engine.removesuffix("_avx2")
    command = [sys.executable, str(HERE / "peer.py"), name, str(path), str(threads)]
    if engine == name:
        return Peer(command, x, 1000)
    peer = Peer(command, x, 1000, {"ONEDNN_MAX_CPU_ISA": "AVX2"})
    primitives = next(line for line in peer.words().splitlines() if line.startswith("primitives:")).split()[1:]
    convolutions = [kind for kind in primitives if "conv" in kind]
    if not convolutions or any("avx512" in kind or "amx" in kind for kind in convolutions):
        raise SystemExit(f"OpenVINO was not held to AVX2: it runs {' '.join(primitives)}")
    return peer


def error(output, reference):
    return float(np.abs(output - reference).max() / np.abs(reference).max())


def measure(options, name, threads):
    path = models.build(name, options.cache)
    engines = {engine: start(engine, options, path, threads) for engine in options.engines}
    turns = {engine: [] for engine in engines}
    for _ in range(options.rounds):
        for engine, running in engines.items():
            turns[engine].append(running.turn())
    reference = engines["onnxruntime"].output
    figures = {
        engine: {"ms": statistics.median(turns[engine]), "error": error(running.output, reference)}
        for engine, running in engines.items()
    }
    for running in engines.values():
        running.end()
    return figures


def ratio(figures, ours, peers):
    """The fastest peer's time over ours; nothing where one of them is missing."""
    theirs = [figures[peer]["ms"] for peer in peers if peer in figures]
    return min(theirs) / figures[ours]["ms"] if theirs and ours in figures else None


def shortfalls(options, name, figures):
    required = options.require[min(options.models.index(name), len(options.require) - 1)] if options.require else 0
    best = ratio(figures, "mnetc", PEERS)
    if best is not None and best < required:
        yield f"{best:.2f} instead of {required} times as fast as the best peer"
    avx2 = ratio(figures, "mnetc_avx2", ["openvino_avx2"])
    if options.require and avx2 is not None and avx2 < 1:
        yield f"{avx2:.2f} times as fast as OpenVINO on AVX2"
    for ours in ("mnetc", "mnetc_avx2"):
        if ours in figures and not figures[ours]["error"] <= options.max_error:
            yield f"an error of {figures[ours]['error']:.1e} ({ours})"


def machine():
    names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    flags = next((line for line in open("/proc/cpuinfo") if line.startswith("flags")), "")
    level = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else platform.machine()
    return f"{len(names)} x {names[0]} ({level}{', virtual' if 'hypervisor' in flags else ''})" if names else platform.machine()


def versions():
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()[1]
    lock = (HERE / "tract" / "Cargo.toml").read_text().split("tract-onnx = \"=")[1].split('"')[0]
    peers = [f"ONNX Runtime {importlib.metadata.version('onnxruntime')}", f"OpenVINO {importlib.metadata.version('openvino')}"]
    return ", ".join([*peers, f"tract {lock}", f"rustc {rustc}"])


def table(results):
    """Markdown: a row for each model and number of threads."""
    columns = [engine for engine in ENGINES if any(engine in row["figures"] for row in results)]
    plain = [engine for engine in columns if not engine.endswith("_avx2")]
    held = [engine for engine in columns if engine.endswith("_avx2")]
    titles = [TITLES[e] for e in plain] + ["**ratio**"] + [TITLES[e] for e in held] + (["ratio"] if held else []) + ["error"]
    lines = ["| network | threads | " + " | ".join(titles) + " |", "| --- | ---: " + "| ---: " * len(titles) + "|"]
    for row in results:
        figures = row["figures"]
        cell = lambda engine: f"{figures[engine]['ms']:.2f}" if engine in figures else ""
        times = lambda value: f"{value:.2f}" if value is not None else ""
        cells = [models.title(row["model"]), str(row["threads"])] + [cell(e) for e in plain]
        cells += [f"**{times(ratio(figures, 'mnetc', PEERS))}**"] + [cell(e) for e in held]
        cells += [times(ratio(figures, "mnetc_avx2", ["openvino_avx2"]))] if held else []
        cells += [f"{figures['mnetc']['error']:.0e}" if "mnetc" in figures else ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def report(results, rounds):
    day = max(row["date"] for row in results)
    words = [
        f"Median milliseconds of one inference, batch 1, f32; {rounds} rounds in which the engines take turns. The ratio is "
        "the fastest peer's time over mnetc's; the second one OpenVINO's over mnetc's, both held to AVX2. The error is "
        "mnetc's largest difference from ONNX Runtime over the largest output.",
        f"{machine()}; {versions()}; {day}.",
    ]
    return "\n\n".join([*words, table(results)])


def write(path, text):
    """Replaces what stands between the marks."""
    before, rest = path.read_text().split("<!-- peers -->", 1)
    after = rest.split("<!-- /peers -->", 1)[1]
    path.write_text(f"{before}<!-- peers -->\n{text}\n<!-- /peers -->{after}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mnetc")
    parser.add_argument("--models", nargs="*", default=list(models.NETWORKS), choices=list(models.NETWORKS))
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--engines", nargs="+", default=ENGINES, choices=ENGINES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--require", type=float, nargs="+", default=[])
    parser.add_argument("--max-error", type=float, default=1e-5)
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path, default=HERE.parent.parent / "target" / "peers")
    options = parser.parse_args()
    if "onnxruntime" not in options.engines:
        parser.error("--engines needs onnxruntime, which the others are held against")
    return options


def main():
    options = arguments()
    options.cache.mkdir(parents=True, exist_ok=True)
    results, short = [], []
    if options.results and options.results.exists():
        results = json.loads(options.results.read_text())
    for name in options.models:
        for threads in options.threads:
            figures = measure(options, name, threads)
            results = [row for row in results if (row["model"], row["threads"]) != (name, threads)]
            today = datetime.date.today().isoformat()
            results.append({"model": name, "threads": threads, "date": today, "figures": figures})
            print(table(results[-1:]).splitlines()[-1], flush=True)
            short += [f"{name}, {threads} threads: {what}" for what in shortfalls(options, name, figures)]
            if options.results:
                options.results.write_text(json.dumps(results, indent=1) + "\n")
    order = list(models.NETWORKS)
    results.sort(key=lambda row: (row["threads"], order.index(row["model"])))
    if results:
        print("\n" + report(results, options.rounds))
        if options.write:
            write(options.write, report(results, options.rounds))
    if short:
        raise SystemExit("falls short:\n" + "\n".join(short))


if __name__ == "__main__":
    main()
