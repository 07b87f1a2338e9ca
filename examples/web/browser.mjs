//! A headless Chromium, for tests and comparisons.
//!
//! In: nothing, or `CHROMIUM`, the path of one. Out: a browser that asks the network for nothing. Never: keeps a profile.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts it, with a camera that shows a test picture. */
export async function browser() {
  const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync);
  if (!executablePath) throw new Error("there is no Chromium: apt install chromium, or name one in CHROMIUM");
  const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...quiet, ...camera] });
}
