//! The page: where pictures come from, and what is shown of the answers.
//!
//! In: `model.json`, the network beside it, what a person draws, picks or films. Out: what is on the page. Never: computes.

import { NetworkError, load, fetchBytes, middleOf, prepare } from "./network.js";

const $ = (id) => document.getElementById(id);
const here = new URL(".", document.baseURI);

/** The network, and what `model.json` says of it. */
let network;
let model;
let mode;

// ---- what is shown ----

function problem(text, retry) {
  $("problem-text").textContent = text;
  $("retry").hidden = !retry;
  $("retry").onclick = retry ?? null;
  $("problem").hidden = false;
}

function noProblem() {
  $("problem").hidden = true;
  $("problem-text").textContent = "";
}

const size = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(bytes < 1e5 ? 1 : 0)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

function showFacts() {
  for (const part of ["module", "weights", "arena"]) {
    $(part).textContent = size(network.bytes[part]);
    $(part).title = `${network.bytes[part].toLocaleString("en")} bytes`;
  }
  $("multiply-adds").textContent = `${(network.multiplyAdds / 1e6).toFixed(1)} M`;
  $("level").textContent = network.level;
  $("seen-size").textContent = `${network.width} × ${network.height} ${network.channels === 1 ? "grey" : "colour"}`;
}

/** Few classes stay in their order, so that bars grow and shrink in place; of many the first five are shown. */
const FEW = 10;
const label = (i) => model.labels?.[i] ?? `class ${i}`;

function makeBars() {
  const count = Math.min(network.classes, network.classes <= FEW ? FEW : 5);
  const long = model.labels === undefined || model.labels.some((name) => name.length > 3);
  const rows = Array.from({ length: count }, (_, i) => {
    const row = document.createElement("li");
    row.innerHTML = '<span class="name"></span><span class="track" aria-hidden="true"><span></span></span><data value="">–</data>';
    row.querySelector(".name").textContent = network.classes <= FEW ? label(i) : "–";
    row.classList.toggle("long", long);
    return row;
  });
  $("bars").replaceChildren(...rows);
}

const percent = (p) => `${(p * 100).toFixed(1)} %`;

function showAnswer(scores, milliseconds) {
  const probabilities = network.probabilities(scores);
  const ranked = probabilities.map((p, i) => [p, i]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  const [sure, best] = ranked[0];
  const shown = network.classes <= FEW ? probabilities.map((p, i) => [p, i]) : ranked;
  [...$("bars").children].forEach((row, at) => {
    const [p, i] = shown[at];
    row.classList.toggle("first", i === best);
    row.style.setProperty("--share", p.toFixed(4));
    const [name, , value] = row.children;
    if (name.textContent !== label(i)) name.textContent = label(i);
    name.title = label(i);
    value.value = String(p);
    value.textContent = percent(p);
  });
  $("best").textContent = label(best);
  $("best").classList.toggle("short", label(best).length <= 3);
  $("sure").textContent = percent(sure);
  $("latency").textContent = `${milliseconds.toFixed(milliseconds < 1 ? 3 : milliseconds < 10 ? 2 : 1)} ms`;
  say(`${label(best)}, ${Math.round(sure * 100)} percent`);
}

function showNothing() {
  for (const row of $("bars").children) {
    row.classList.remove("first");
    row.style.setProperty("--share", 0);
    if (network.classes > FEW) row.firstChild.textContent = "–";
    row.lastChild.textContent = "–";
    row.lastChild.value = "";
  }
  $("best").textContent = "–";
  $("best").classList.add("short");
  $("sure").textContent = "\u00a0";
  $("latency").textContent = "–";
  $("seen").getContext("2d").clearRect(0, 0, $("seen").width, $("seen").height);
  say("");
}

/** Read out once the answer has stayed for a moment, and only when it is another one. */
let saying;
function say(text) {
  clearTimeout(saying);
  saying = setTimeout(() => {
    if ($("said").textContent !== text) $("said").textContent = text;
  }, 500);
}

function showSeen({ height, width, channels, bytes }) {
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = bytes[i * channels + (channels === 1 ? 0 : c)];
    image.data[4 * i + 3] = 255;
  }
  const canvas = $("seen");
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Runs the network on a prepared picture; for `budget` milliseconds, to time it. */
function look(picture, budget) {
  try {
    network.set(picture, $("preset").value);
  } catch (error) {
    showNothing();
    return failed(error);
  }
  const { scores, milliseconds } = network.time(budget);
  showSeen(picture);
  showAnswer(scores, milliseconds);
}

// ---- drawing ----

/** Lines of points, each from 0 to 1 across the paper and down. */
let strokes = [];
let drawing;
let framed;

/** How wide a pen is, as a part of the paper. */
const PEN = 0.075;

function drawPaper() {
  const canvas = $("paper");
  const side = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
  if (side === 0) return;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const paper = canvas.getContext("2d");
  paper.clearRect(0, 0, side, side);
  paper.strokeStyle = getComputedStyle(canvas).color;
  trace(paper, strokes, (p) => p * side, (p) => p * side, PEN * side);
  $("clear").disabled = strokes.length === 0;
  document.querySelector('[data-for="draw"] .hint').hidden = strokes.length > 0;
}

function trace(context, lines, x, y, width) {
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  for (const line of lines) {
    context.beginPath();
    context.moveTo(x(line[0][0]), y(line[0][1]));
    // A dot is a line that goes nowhere.
    for (const [px, py] of line.length > 1 ? line.slice(1) : line) context.lineTo(x(px), y(py));
    context.stroke();
  }
}

/** The drawing as pictures were for training: as high as the picture, in its middle, a pen's width thick, light on black. */
function frameDrawing() {
  const { cells, levels, step } = { cells: network.width, levels: 255, step: 1, ...model.draw };
  const fine = 16;
  const side = cells * fine;
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const xs = strokes.flat().map((p) => p[0]);
  const ys = strokes.flat().map((p) => p[1]);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [wide, high] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const pen = side / 7;
  const scale = Math.min((side - pen) / Math.max(high, 0.05), (side * 0.84 - pen) / Math.max(wide, 0.05));
  const middle = (from, length) => (p) => side / 2 + (p - from - length / 2) * scale;
  context.strokeStyle = "#fff";
  trace(context, strokes, middle(left, wide), middle(top, high), pen);
  const { data } = context.getImageData(0, 0, side, side);
  const level = (row, column) => {
    let sum = 0;
    for (let y = row * fine; y < (row + 1) * fine; y++) {
      for (let x = column * fine; x < (column + 1) * fine; x++) sum += data[4 * (y * side + x) + 3];
    }
    return Math.round((sum / 255 / fine / fine) * levels) * step;
  };
  const small = Array.from({ length: cells * cells }, (_, i) => level(Math.floor(i / cells), i % cells));
  const { height, width, channels } = network;
  const bytes = new Uint8ClampedArray(height * width * channels);
  for (let i = 0; i < bytes.length; i++) {
    const [y, x] = [Math.floor(i / channels / width), Math.floor(i / channels) % width];
    bytes[i] = small[Math.floor((y * cells) / height) * cells + Math.floor((x * cells) / width)];
  }
  return { height, width, channels, bytes };
}

/** Once per frame of the screen, however often a pen moves. */
function drawn() {
  framed ??= requestAnimationFrame(() => {
    framed = undefined;
    drawPaper();
    if (strokes.length > 0) look(frameDrawing(), 2);
    else showNothing();
  });
}

function setUpDrawing() {
  const paper = $("paper");
  const point = (event) => {
    const box = paper.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  paper.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || drawing !== undefined) return;
    paper.setPointerCapture(event.pointerId);
    drawing = event.pointerId;
    chosen(undefined);
    strokes.push([point(event)]);
    drawn();
  });
  paper.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drawing) return;
    const events = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1).push(...(events.length > 0 ? events : [event]).map(point));
    drawn();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    paper.addEventListener(end, (event) => {
      if (event.pointerId === drawing) drawing = undefined;
    });
  }
  $("clear").addEventListener("click", clear);
  new ResizeObserver(drawPaper).observe(paper);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawPaper);
}

function clear() {
  strokes = [];
  chosen(undefined);
  drawn();
}

// ---- pictures ----

/** What was picked last: pixels, so that it can be looked at again in another way. */
let picked;

async function pick(file) {
  noProblem();
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch {
    const name = file.name ? `“${file.name}”` : "This";
    const what = file.size === 0 ? "is empty" : "is no picture that this browser can read";
    problem(`${name} ${what}. Try a PNG, JPEG, WebP or BMP file.`);
    return false;
  }
  picked = { pixels: pixelsOf(bitmap, bitmap.width, bitmap.height), name: file.name ?? "picture" };
  bitmap.close();
  choose("picture");
  return true;
}

function pixelsOf(source, width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0);
  return context.getImageData(0, 0, width, height);
}

function lookAtPicked() {
  $("picture").hidden = $("other").hidden = !picked;
  document.querySelector(".drop").classList.toggle("over", Boolean(picked));
  if (!picked) return showNothing();
  drawPicked();
  look(inked(prepare(network, picked.pixels, $("crop").value)), 50);
}

/** The whole picture, with what is cut off darkened. */
function drawPicked() {
  const { pixels } = picked;
  const canvas = $("picture");
  const side = 640;
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const scale = side / Math.max(pixels.width, pixels.height);
  const [w, h] = [pixels.width * scale, pixels.height * scale];
  const [x, y] = [(side - w) / 2, (side - h) / 2];
  const whole = new OffscreenCanvas(pixels.width, pixels.height);
  whole.getContext("2d").putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = scale < 4;
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, x, y, w, h);
  if ($("crop").value === "center") {
    const kept = middleOf(pixels, network.height, network.width);
    context.fillStyle = "rgb(0 0 0 / 55%)";
    context.beginPath();
    context.rect(x, y, w, h);
    context.rect(x + kept.left * scale, y + kept.top * scale, kept.width * scale, kept.height * scale);
    context.fill("evenodd");
  }
  canvas.setAttribute("aria-label", `The picture ${picked.name}`);
}

/** Ink on bright paper, for networks that know light ink on black: the paper becomes black, the ink white. */
function inked(picture) {
  if (model.ink !== "light") return picture;
  const { bytes } = picture;
  const bright = bytes.reduce((count, p) => count + (p > 127), 0);
  if (bright * 2 <= bytes.length) return picture;
  const sorted = Uint8Array.from(bytes).sort();
  const [ink, paper] = [sorted[0], sorted[sorted.length >> 1]];
  const range = Math.max(paper - ink, 32);
  return { ...picture, bytes: bytes.map((p) => ((paper - p) / range - 0.2) * 400) };
}

function setUpPictures() {
  $("file").addEventListener("change", async () => {
    const [file] = $("file").files;
    if (file) {
      chosen(undefined);
      await pick(file);
    }
    $("file").value = "";
  });
  $("other").addEventListener("click", () => $("file").click());
  let inside = 0;
  addEventListener("dragenter", (event) => {
    event.preventDefault();
    document.body.classList.toggle("drag", (inside += 1) > 0);
  });
  addEventListener("dragleave", () => document.body.classList.toggle("drag", (inside -= 1) > 0));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    document.body.classList.remove("drag");
    const [file] = event.dataTransfer.files;
    if (!network) return;
    chosen(undefined);
    if (file) pick(file);
    else problem("What was dropped is no file. Save the picture first, then drop the file.");
  });
  addEventListener("paste", (event) => {
    const [file] = event.clipboardData.files;
    if (!file || !network) return;
    chosen(undefined);
    pick(file);
  });
  for (const choice of ["crop", "preset"]) $(choice).addEventListener("change", () => mode === "picture" && lookAtPicked());
}

/** Marks the sample that is looked at. */
function chosen(button) {
  for (const each of $("samples").querySelectorAll("button")) each.setAttribute("aria-pressed", String(each === button));
}

function setUpSamples() {
  const samples = model.samples ?? [];
  $("samples").hidden = samples.length === 0;
  const buttons = samples.map(({ file, name }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    const image = new Image();
    image.alt = name;
    image.onload = () => image.classList.toggle("small", image.naturalWidth <= 64);
    button.append(image);
    // Fetched once, so that it is there without a connection too.
    const bytes = fetchBytes(new URL(file, here));
    bytes.then((bytes) => (image.src = URL.createObjectURL(new Blob([bytes]))), () => {});
    button.addEventListener("click", async () => {
      try {
        if (await pick(new File([await bytes], name))) chosen(button);
      } catch (error) {
        failed(error);
      }
    });
    return button;
  });
  const row = document.createElement("div");
  row.append(...buttons);
  $("samples").append(row);
}

// ---- the camera ----

let stream;

const CAMERA_PROBLEMS = {
  NotAllowedError: "The camera may not be used: allow it in the browser’s settings for this page, and start it again.",
  NotFoundError: "No camera was found.",
  NotReadableError: "The camera is in use by another program.",
};

async function startCamera() {
  noProblem();
  chosen(undefined);
  if (!navigator.mediaDevices?.getUserMedia) {
    problem("The camera can only be used by pages that come over HTTPS, or from this machine.");
    return;
  }
  try {
    const video = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } };
    stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    problem(CAMERA_PROBLEMS[error.name] ?? `The camera does not start: ${error.message}.`);
    return;
  }
  if (mode !== "camera") return stopCamera();
  const video = $("video");
  const [track] = stream.getVideoTracks();
  video.dataset.facing = track.getSettings().facingMode ?? "";
  track.addEventListener("ended", stopCamera);
  video.srcObject = stream;
  await video.play();
  showCamera(true);
  film(stream);
}

/** Ten pictures a second: answers that can be read, and a phone that stays cool. */
function film(from) {
  if (stream !== from) return;
  const video = $("video");
  if (video.videoWidth > 0 && !document.hidden) {
    look(inked(prepare(network, pixelsOf(video, video.videoWidth, video.videoHeight), $("crop").value)));
  }
  setTimeout(() => film(from), 100);
}

function stopCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
  $("video").srcObject = null;
  showCamera(false);
}

function showCamera(on) {
  $("camera").textContent = on ? "Stop camera" : "Start camera";
  $("camera").setAttribute("aria-pressed", String(on));
  document.querySelector('[data-for="camera"] .hint').hidden = on;
  $("video").hidden = !on;
}

// ---- all of it ----

/** Shows one of the ways to give a picture, and looks at what is there. */
function choose(next) {
  if (mode === "camera" && next !== "camera") stopCamera();
  mode = next;
  document.querySelector(`[name="mode"][value="${mode}"]`).checked = true;
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== mode;
  if (mode === "draw") drawn();
  if (mode === "picture") lookAtPicked();
  if (mode === "camera" && !stream) showNothing();
}

function failed(error) {
  // Only what was foreseen has words for people.
  problem(error instanceof NetworkError ? error.message : `Something went wrong: ${error.message}`, !network && start);
  if (!network) document.body.dataset.state = "failed";
  if (!(error instanceof NetworkError)) console.error(error);
}

async function readModel() {
  const text = new TextDecoder().decode(await fetchBytes(new URL("model.json", here)));
  let read;
  try {
    read = JSON.parse(text);
  } catch {
    throw new NetworkError("model.json is no JSON: the server may have sent something else in its place.");
  }
  if (typeof read.labels === "string") {
    const lines = new TextDecoder().decode(await fetchBytes(new URL(read.labels, here)));
    read.labels = lines.trimEnd().split("\n").map((line) => line.trim());
  }
  return read;
}

async function start() {
  noProblem();
  document.body.dataset.state = "loading";
  try {
    const read = await readModel();
    const progress = (now, all) => {
      const share = all > 0 ? now / all : 0;
      $("progress").style.setProperty("--share", share);
      $("progress").setAttribute("aria-valuenow", String(Math.round(share * 100)));
    };
    const made = await load(here, { embedded: read.embedded, progress });
    if (read.labels && read.labels.length !== made.classes) {
      throw new NetworkError(`There are ${read.labels.length} labels, the network has ${made.classes} classes.`);
    }
    [model, network] = [read, made];
  } catch (error) {
    return failed(error);
  }
  document.title = `${model.title ?? network.name} · mnetc`;
  $("title").textContent = model.title ?? network.name;
  $("lead").textContent = model.lead ?? "Choose a picture, or use the camera, and see what the network sees.";
  $("crop").value = model.crop ?? "center";
  $("preset").value = model.preset ?? "unit";
  $("preset-choice").hidden = network.preparesPixels;
  $("preparing").hidden = Boolean(model.draw);
  $("more").hidden = Boolean(model.draw) && !model.samples?.length;
  document.querySelector('[value="draw"]').parentElement.hidden = !model.draw;
  showFacts();
  makeBars();
  showNothing();
  setUpSamples();
  document.body.dataset.state = "ready";
  $("columns").inert = false;
  choose(model.draw ? "draw" : "picture");
  warm(10, performance.now() + 600);
}

/** A browser first compiles a module quickly, and again for speed once it has run: the first answer should not pay for that. */
function warm(runs, until) {
  if (runs === 0 || performance.now() > until) return;
  network.infer();
  setTimeout(() => warm(runs - 1, until));
}

setUpDrawing();
setUpPictures();
$("camera").addEventListener("click", () => (stream ? stopCamera() : startCamera()));
$("modes").addEventListener("change", (event) => {
  noProblem();
  choose(event.target.value);
});
showCamera(false);
start();
