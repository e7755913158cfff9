// The browser, and the ways in which each page is looked at.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.env.MYCHARTUM_NODE_MODULES;
const require = createRequire(folder ? join(folder, "index.js") : import.meta.url);

// A module from the configured folder, else from where Node looks.
export const load = (name) => require(name);

// The path of a file of such a module.
export const fileOf = (name) => require.resolve(name);

const { chromium } = load("playwright-core");

const EXECUTABLES = ["/usr/bin/chromium", "/usr/bin/chromium-headless-shell"];

export async function launch() {
  const executablePath = process.env.MYCHARTUM_CHROMIUM ?? EXECUTABLES.find((path) => existsSync(path));
  if (!executablePath) {
    console.error("There is no Chromium. Install chromium-headless-shell, or name one in MYCHARTUM_CHROMIUM.");
    process.exit(2);
  }
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  return chromium.launch({ executablePath, args });
}

const desk = { width: 1280, height: 900 };

export const MODES = [
  { name: "light", options: { viewport: desk, colorScheme: "light" } },
  { name: "dark", options: { viewport: desk, colorScheme: "dark" } },
  { name: "narrow", options: { viewport: { width: 320, height: 640 }, colorScheme: "light" } },
  { name: "forced", options: { viewport: desk, forcedColors: "active" } },
];
