//! Next to onnxruntime-web: latency in Node and in Chromium, and the bytes that have to be fetched, of the same ONNX models.
//!
//! In: ONNX models. Out: a table in Markdown; exit code 1 where a bar is missed. Never: judges a machine that is busy.
//! It builds each model's module with build.sh, and fetches onnxruntime-web with npm.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { parseArgs } from "node:util";
import { make } from "./page/network.js";
import { measure } from "./measure.js";
import { browser } from "./browser.mjs";
import { serve } from "./serve.mjs";

const HELP = `Usage: node compare.mjs MODEL.onnx... [OPTIONS]

  --seconds S     how long each engine is timed per model and place (default 4)
  --require R     exit code 1 where onnxruntime-web is not R times as slow, or a module has more than 150 KB
  --keep          takes the modules that were built last
  --build-only    builds, and measures nothing
  --write FILE    puts the table into FILE, between <!-- web --> and <!-- /web -->`;

const ORT = "1.30.0";
const MOST_BYTES = 150_000;
const LARGEST_ERROR = 1e-5;
const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "target", "compare");

const { values: options, positionals: models } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "4" },
    require: { type: "string" },
    keep: { type: "boolean" },
    "build-only": { type: "boolean" },
    write: { type: "string" },
    help: { type: "boolean" },
  },
});
if (options.help || models.length === 0) {
  console.log(HELP);
  process.exit(options.help ? 0 : 2);
}

function install() {
  const installed = join(here, "node_modules", "onnxruntime-web", "package.json");
  if (!existsSync(installed) || JSON.parse(readFileSync(installed, "utf8")).version !== ORT) {
    execFileSync("npm", ["install", "--no-save", `onnxruntime-web@${ORT}`], { cwd: here, stdio: ["ignore", "ignore", "inherit"] });
  }
  const dist = join(dirname(installed), "dist");
  mkdirSync(folder, { recursive: true });
  for (const file of ORT_FILES) copyFileSync(join(dist, file), join(folder, file));
  copyFileSync(join(here, "page", "network.js"), join(folder, "network.js"));
  copyFileSync(join(here, "measure.js"), join(folder, "measure.js"));
}

/** The smallest set of onnxruntime-web's files that runs a model: WebAssembly alone. */
const ORT_FILES = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];

function build(model, name) {
  const out = join(folder, name);
  if (!options.keep) execFileSync(join(here, "build.sh"), [resolve(model), "--out", out], { stdio: ["ignore", "ignore", "inherit"] });
  copyFileSync(model, join(out, "model.onnx"));
}

async function inNode(name) {
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const read = (file) => new Uint8Array(readFileSync(join(folder, name, file)));
  const network = await make(read("network.wasm"), read("network.weights"));
  const shape = [network.channels, network.height, network.width];
  return measure({ network, ort, onnx: read("model.onnx"), shape, seconds: Number(options.seconds) });
}

async function inChromium(page, name) {
  return page.evaluate(
    async ([name, seconds]) => {
      const { load, fetchBytes } = await import("./network.js");
      const { measure } = await import("./measure.js");
      const ort = await import("./ort.wasm.min.mjs");
      ort.env.wasm.numThreads = 1;
      const base = new URL(`${name}/`, document.baseURI);
      const network = await load(base);
      const shape = [network.channels, network.height, network.width];
      return measure({ network, ort, onnx: await fetchBytes(new URL("model.onnx", base)), shape, seconds });
    },
    [name, Number(options.seconds)],
  );
}

/** Bytes of files as they are, and as a server that compresses sends them. */
function weigh(files) {
  const bytes = files.map((file) => readFileSync(join(folder, file)));
  const sum = (of) => of.reduce((a, b) => a + b.length, 0);
  return { plain: sum(bytes), zipped: sum(bytes.map((b) => gzipSync(b))) };
}

const number = (n) => n.toLocaleString("en");
const kilo = (n) => (n < 1e6 ? `${Math.round(n / 1e3)} KB` : `${(n / 1e6).toFixed(1)} MB`);

install();
const names = models.map((model) => basename(model, ".onnx"));
models.forEach((model, i) => build(model, names[i]));
if (options["build-only"]) process.exit(0);

const results = [];
for (const name of names) results.push([name, "Node", await inNode(name)]);
const served = await serve(folder);
const chromium = await browser();
const version = chromium.version();
const page = await chromium.newPage();
writeFileSync(join(folder, "index.html"), "<!doctype html><title>comparison</title>");
await page.goto(served.address);
for (const name of names) results.push([name, "Chromium", await inChromium(page, name)]);
await chromium.close();
served.close();

const lines = [
  `Milliseconds for one picture (median), f32, one thread, in turns on the same machine: Node ${process.versions.node}, Chromium ${version.split(".")[0]},`,
  `onnxruntime-web ${ORT} (WebAssembly with SIMD); ${new Date().toISOString().slice(0, 10)}.`,
  "",
  "| network | in | onnxruntime-web | mnetc | ratio | error |",
  "| --- | --- | ---: | ---: | ---: | ---: |",
  ...results.map(([name, place, { ours, theirs, error }]) => {
    const ratio = (theirs / ours).toFixed(2);
    return `| ${name} | ${place} | ${theirs.toFixed(1)} | ${ours.toFixed(1)} | ${ratio} | ${error.toExponential(1)} |`;
  }),
  "",
  "| to be fetched, in bytes (compressed by gzip) | onnxruntime-web | mnetc |",
  "| --- | ---: | ---: |",
];
const theirs = weigh(ORT_FILES);
let largest = 0;
for (const name of names) {
  const [code, module] = [weigh([`${name}/network.wasm`, "network.js"]), weigh([`${name}/network.wasm`]).plain];
  largest = Math.max(largest, module);
  const cell = ({ plain, zipped }) => `${number(plain)} (${kilo(zipped)})`;
  lines.push(`| ${name}: module and script | ${cell(theirs)} | ${cell(code)} |`);
  lines.push(`| ${name}: model | ${cell(weigh([`${name}/model.onnx`]))} | ${cell(weigh([`${name}/network.weights`]))} |`);
}
const table = lines.join("\n");
console.log(table);

if (options.write) {
  const text = readFileSync(options.write, "utf8");
  const [start, end] = ["<!-- web -->", "<!-- /web -->"].map((mark) => text.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`${options.write} has no <!-- web --> and <!-- /web -->`);
  writeFileSync(options.write, `${text.slice(0, start)}<!-- web -->\n${table}\n${text.slice(end)}`);
}
const wrong = results.filter(([, , { error }]) => !(error < LARGEST_ERROR)).map(([name, place]) => `${name} in ${place} is wrong`);
if (options.require) {
  const slow = results.filter(([, , r]) => r.theirs / r.ours < Number(options.require));
  wrong.push(...slow.map(([name, place]) => `${name} in ${place} is not ${options.require} times as fast`));
  if (largest > MOST_BYTES) wrong.push(`a module has ${largest} bytes, more than ${MOST_BYTES}`);
}
for (const line of wrong) console.error(line);
process.exit(wrong.length > 0 ? 1 : 0);
