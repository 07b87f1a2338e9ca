//! Does the page work? In headless Chromium, as a person uses it; and the module alone, in Node.
//!
//! In: the folders that build.sh made, of the digits, and of arch-specs/v1_025_96.yaml with `seed:1`, the preset imagenet and a
//! self-test; `MNETC`, the command, to compare with. Out: a line when all is well; else what is not, and exit code 1.
//! Never: needs a server other than its own.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { browser } from "./browser.mjs";
import { make } from "./page/network.js";
import { serve } from "./serve.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [digits, colour] = process.argv.slice(2).map((folder) => resolve(folder));
if (!colour) {
  console.error("usage: [MNETC=path/to/mnetc] node test.mjs FOLDER-OF-THE-DIGITS FOLDER-OF-V1");
  process.exit(2);
}
const mnetc = process.env.MNETC;
const samples = join(here, "..", "digits", "data", "samples");
const specs = join(here, "..", "..", "arch-specs");
const temporary = mkdtempSync(join(tmpdir(), "mnetc-web-"));

const checks = [];
const check = (name, run) => checks.push({ name, run });

/** A three, a seven and a one, in lines of points from 0 to 1. */
const THREE = [[[0.3, 0.2], [0.5, 0.12], [0.68, 0.25], [0.62, 0.4], [0.48, 0.47], [0.66, 0.55], [0.7, 0.7], [0.55, 0.86], [0.38, 0.86], [0.28, 0.76]]];
const SEVEN = [[[0.3, 0.18], [0.7, 0.18], [0.48, 0.85]]];
const ONE = [[[0.4, 0.3], [0.52, 0.17], [0.52, 0.85]]];

// ---- in Node ----

const read = (folder, file) => new Uint8Array(readFileSync(join(folder, file)));

check("the module is small, imports nothing, and computes with vectors", async () => {
  const bytes = read(digits, "network.wasm");
  assert.ok(bytes.length < 150_000, `${bytes.length} bytes`);
  assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), []);
  const network = await make(bytes, read(digits, "network.weights"));
  assert.equal(network.level, "simd128");
  assert.throws(() => network.selfTest(), /built without a self-test/);
});

check("every layer passes the self-test in Node", async () => {
  const network = await make(read(colour, "network.wasm"), read(colour, "network.weights"));
  assert.equal(network.selfTest(), null);
});

check("weights that are none are refused in words", async () => {
  const [module, weights] = [read(digits, "network.wasm"), read(digits, "network.weights")];
  const refused = (bytes) => make(module, bytes).then(() => "", (error) => error.message);
  assert.match(await refused(weights.subarray(0, 1000)), /1000 bytes long, the network needs \d+/);
  assert.match(await refused(weights.map((b, i) => (i === 70_000 ? b ^ 1 : b))), /are damaged/);
  assert.match(await refused(weights.map((b, i) => (i === 0 ? 0 : b))), /are no weights that mnetc packed/);
});

// ---- in Chromium ----

/** A page of `folder`, which must never ask another server for anything. */
async function open(folder, { broken, ...context } = {}) {
  const served = await serve(folder, broken);
  const opened = await chromium.newContext({ viewport: { width: 1100, height: 900 }, ...context });
  const page = await opened.newPage();
  const wrong = [];
  page.on("request", (request) => request.url().startsWith(served.address) || /^(blob|data):/.test(request.url()) || wrong.push(request.url()));
  page.on("pageerror", (error) => wrong.push(error.message));
  await page.goto(served.address);
  await page.waitForSelector("body:not([data-state=loading])");
  const close = async () => {
    await opened.close();
    served.close();
    assert.deepEqual(wrong, []);
  };
  return { page, opened, close };
}

async function draw(page, lines) {
  const box = await page.locator("#paper").boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  for (const line of lines) {
    await page.mouse.move(...at(line[0]));
    await page.mouse.down();
    for (const point of line.slice(1)) await page.mouse.move(...at(point), { steps: 3 });
    await page.mouse.up();
  }
}

const answer = (page, text) => page.waitForFunction((text) => document.querySelector("#best").textContent === text, text, { timeout: 5000 });
const problem = async (page) => (await page.getByRole("alert").textContent({ timeout: 5000 })).replace(/\s+/g, " ").trim();
const bars = (page) =>
  page.$$eval("#bars li", (rows) => rows.map((row) => ({ name: row.children[0].textContent, p: Number(row.children[2].value) })));

check("a drawn digit is read, said and cleared", async () => {
  const { page, close } = await open(digits);
  for (const [lines, digit] of [[THREE, "3"], [ONE, "1"], [SEVEN, "7"]]) {
    await draw(page, lines);
    await answer(page, digit);
    await page.waitForFunction((digit) => document.querySelector("[role=status]").textContent.startsWith(`${digit}, `), digit);
    await page.getByRole("button", { name: "Clear" }).click();
    await answer(page, "–");
  }
  await draw(page, THREE);
  await answer(page, "3");
  for (const [id, pattern] of [["latency", /^[\d.]+ ms$/], ["module", /^[\d.]+ KB$/], ["weights", /^838 KB$/], ["arena", /^[\d.]+ KB$/]]) {
    assert.match(await page.textContent(`#${id}`), pattern, id);
  }
  await close();
});

check("a finger draws too, where the phone is narrow", async () => {
  const { page, close } = await open(digits, { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
  const box = await page.locator("#paper").boundingBox();
  const session = await page.context().newCDPSession(page);
  const touch = (type, points) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height })) });
  await touch("touchStart", [THREE[0][0]]);
  for (const point of THREE[0].slice(1)) await touch("touchMove", [point]);
  await touch("touchEnd", []);
  await answer(page, "3");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, "it scrolls sideways");
  assert.ok((await page.locator("#best").boundingBox()).y < 640, "the answer is not in view");
  await close();
});

check("with the keyboard alone, a sample is read", async () => {
  const { page, close } = await open(digits);
  const five = page.getByRole("button", { name: "a five" });
  for (let presses = 0; presses < 20 && !(await five.evaluate((button) => button === document.activeElement)); presses++) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await answer(page, "5");
  assert.equal(await five.getAttribute("aria-pressed"), "true");
  await page.getByRole("radio", { name: "Picture" }).focus();
  await page.keyboard.press("ArrowLeft");
  assert.ok(await page.locator("#paper").isVisible());
  await close();
});

check("pictures of digits give what the command gives", async () => {
  const { page, close } = await open(digits);
  await page.getByRole("radio", { name: "Picture" }).check();
  for (const digit of ["3", "5", "8"]) {
    const file = join(samples, `${digit}.png`);
    await page.setInputFiles("#file", file);
    await answer(page, digit);
    await same(page, file, [join(samples, "..", "digits.yaml"), "--weights", join(samples, "..", "digits.safetensors")]);
  }
  await close();
});

check("a photograph gives what the command gives: cropped or squeezed, every preset", async () => {
  const file = join(temporary, "hills.bmp");
  writeFileSync(file, hills(301, 200));
  const { page, close } = await open(colour);
  await page.setInputFiles("#file", file);
  await page.waitForFunction(() => document.querySelector("#best").textContent !== "–");
  assert.equal(await page.inputValue("#preset"), "imagenet");
  await page.getByText("How pictures are prepared").click();
  for (const [preset, crop] of [["imagenet", "center"], ["tf", "none"], ["unit", "center"]]) {
    await page.selectOption("#preset", preset);
    await page.selectOption("#crop", crop);
    const model = [join(specs, "v1_025_96.yaml"), "--weights", "seed:1", "--preset", preset];
    await same(page, file, crop === "center" ? [...model, "--crop", "center"] : model);
  }
  await close();
});

/** Holds the bars against `mnetc run`. Levels differ by rounding, so nearly the same is the same. */
async function same(page, image, model) {
  if (!mnetc) return;
  const text = execFileSync(mnetc, ["run", ...model, "--image", image, "--json", "--top", "1000"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const classes = JSON.parse(text).classes;
  const expected = new Map(classes.map((c) => [c.class, c.probability]));
  const got = await bars(page);
  for (const { name, p } of got) {
    const other = expected.get(Number(name.replace("class ", "")));
    assert.ok(Math.abs(p - other) <= 1e-4 * other, `${model.join(" ")}: class ${name} is ${p} here, ${other} there`);
  }
  const best = got.reduce((a, b) => (b.p > a.p ? b : a));
  assert.equal(Number(best.name.replace("class ", "")), classes[0].class);
}

/** A picture in colour that is the same nowhere, as a BMP file. */
function hills(width, height) {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + stride * height);
  file.write("BM");
  file.writeUInt32LE(file.length, 2);
  for (const [at, value] of [[10, 54], [14, 40], [18, width], [22, height], [34, stride * height]]) file.writeUInt32LE(value, at);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const hill = y / height - 0.5 - 0.3 * Math.sin(x / 37) > 0 ? 180 : 40;
      const grain = (x * 7919 + y * 104729) % 61;
      file.set([hill, (hill + x) & 255, Math.min(255, y + grain)], 54 + y * stride + x * 3);
    }
  }
  return file;
}

check("files that are no pictures are named in the message, which goes away", async () => {
  const { page, close } = await open(digits);
  await page.getByRole("radio", { name: "Picture" }).check();
  await page.setInputFiles("#file", { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("buy milk") });
  assert.match(await problem(page), /“notes.txt” is no picture that this browser can read\. Try a PNG/);
  await page.setInputFiles("#file", { name: "cut.png", mimeType: "image/png", buffer: Buffer.alloc(0) });
  assert.match(await problem(page), /“cut.png” is empty/);
  await page.setInputFiles("#file", join(samples, "8.png"));
  await answer(page, "8");
  assert.ok(await page.locator("#problem").isHidden());
  await close();
});

check("a dropped picture is read", async () => {
  const { page, close } = await open(digits);
  const bytes = [...readFileSync(join(samples, "5.png"))];
  await page.evaluate((bytes) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(bytes)], "five.png", { type: "image/png" }));
    for (const type of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  }, bytes);
  await answer(page, "5");
  await close();
});

check("what cannot be fetched is named, and can be tried again", async () => {
  const broken = new Map([["network.wasm", 503]]);
  const { page, close } = await open(digits, { broken });
  assert.match(await problem(page), /network\.wasm cannot be fetched: the server answers 503/);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "retry", "nothing else can be used");
  broken.set("network.wasm", Buffer.from("<!doctype html>"));
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForFunction(() => /no WebAssembly module/.test(document.querySelector("#problem").textContent));
  broken.delete("network.wasm");
  broken.set("network.weights", Buffer.from(read(digits, "network.weights").map((b, i) => (i === 99_999 ? b ^ 16 : b))));
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForFunction(() => /The weights cannot be used: they are damaged/.test(document.querySelector("#problem").textContent));
  broken.set("model.json", Buffer.from("<!doctype html>"));
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForFunction(() => /model\.json is no JSON/.test(document.querySelector("#problem").textContent));
  broken.clear();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForSelector("body[data-state=ready]");
  await draw(page, THREE);
  await answer(page, "3");
  await close();
});

check("once loaded, it works without a connection", async () => {
  const { page, opened, close } = await open(digits);
  await opened.setOffline(true);
  await draw(page, THREE);
  await answer(page, "3");
  await page.getByRole("button", { name: "a five" }).click();
  await answer(page, "5");
  await close();
});

check("the camera's pictures are looked at until it is stopped", async () => {
  const { page, close } = await open(digits);
  await page.getByRole("radio", { name: "Camera" }).check();
  await page.getByRole("button", { name: "Start camera" }).click();
  await page.waitForFunction(() => document.querySelector("#best").textContent !== "–");
  await page.getByRole("button", { name: "Stop camera" }).click();
  assert.equal(await page.evaluate(() => document.querySelector("#video").srcObject), null);
  await close();
});

check("text has contrast, in light and in dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await open(digits, { colorScheme });
    const colours = await page.evaluate(() => {
      const context = new OffscreenCanvas(1, 1).getContext("2d");
      const of = (name) => {
        context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
      };
      const names = ["--page", "--card", "--sunken", "--raised", "--ink", "--soft", "--accent", "--on-accent", "--wrong", "--wrong-ink", "--edge"];
      return Object.fromEntries(names.map((name) => [name, of(name)]));
    });
    const light = (name) =>
      colours[name].slice(0, 3).reduce((sum, v, i) => {
        const c = v / 255;
        return sum + [0.2126, 0.7152, 0.0722][i] * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      }, 0.05);
    const contrast = (a, b) => Math.max(light(a), light(b)) / Math.min(light(a), light(b));
    const texts = ["--ink", "--soft"].flatMap((text) => ["--page", "--card", "--sunken", "--raised"].map((under) => [text, under, 4.5]));
    const pairs = [...texts, ["--accent", "--card", 4.5], ["--on-accent", "--accent", 4.5], ["--wrong-ink", "--wrong", 4.5], ["--edge", "--card", 3]];
    for (const [text, under, least] of pairs) {
      assert.ok(contrast(text, under) >= least, `${text} on ${under}, ${colorScheme}: ${contrast(text, under).toFixed(2)}`);
    }
    await close();
  }
});

// ---- all of them ----

const chromium = await browser();
let failures = 0;
for (const { name, run } of checks) {
  try {
    await run();
  } catch (error) {
    failures += 1;
    console.error(`FAILED ${name}\n${error.stack}\n`);
  }
}
await chromium.close();
rmSync(temporary, { recursive: true });
console.log(`${checks.length - failures} of ${checks.length} checks of the page passed${mnetc ? "" : " (no MNETC: nothing was held against the command)"}`);
process.exit(failures > 0 ? 1 : 0);
