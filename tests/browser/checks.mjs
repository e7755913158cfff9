// What is checked on every page.

import { readFileSync } from "node:fs";

import { fileOf } from "./browser.mjs";

const AXE = readFileSync(fileOf("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Line, paragraph, letter and word spacing of WCAG 2.2, criterion 1.4.12.
const SPACING = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-bottom: 2em !important }`;

// Listens for what a page must not do: complain, and ask anyone else for anything.
export function watch(page, base) {
  const home = new URL(base).host;
  let complaints = [];
  let strangers = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.host !== home) strangers.push(url.host);
  });
  return {
    // Chromium reports a page's own 4xx as a complaint; where one is expected, that one does not count.
    settle(where, tally, mayBeRefused) {
      const real = complaints.filter((text) => !(mayBeRefused && text.startsWith("Failed to load resource")));
      tally.ok(`${where}: the console is quiet`, real.length === 0, real.join(" | "));
      tally.ok(`${where}: nobody else is asked`, strangers.length === 0, strangers.join(", "));
      complaints = [];
      strangers = [];
    },
  };
}

export async function checkPage(page, mode, name, asked, tally) {
  const where = `${mode.name} ${name}`;
  if (mode.name === "light") await checkFirstStop(page, where, tally);
  await page.evaluate(() => document.querySelectorAll("details:not(.switcher)").forEach((part) => (part.open = true)));
  await checkTexts(page, name, where, asked, tally);
  await checkAxe(page, where, tally);
  await checkWidth(page, where, tally);
  if (mode.name === "narrow") {
    await page.evaluate((css) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets = [sheet];
    }, SPACING);
    await checkWidth(page, `${where} with wide spacing`, tally);
  }
}

// axe goes in over the debugging channel, so that the page's own policy stays in force.
export async function checkAxe(page, where, tally) {
  await page.evaluate(AXE);
  const found = await page.evaluate(
    async (values) => {
      const result = await window.axe.run(document, { runOnly: { type: "tag", values } });
      return result.violations.map((rule) => `${rule.id} (${rule.nodes[0]?.target.join(" ")})`);
    },
    RULES,
  );
  tally.ok(`${where}: axe finds nothing`, found.length === 0, found.join(", "));
}

async function checkFirstStop(page, where, tally) {
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => {
    const stop = document.activeElement;
    stop?.blur(); // while it has the focus it lies over the header
    return stop?.getAttribute("href");
  });
  tally.is(`${where}: the first stop is the skip link`, first, "#main");
}

export async function checkWidth(page, where, tally) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  tally.is(`${where}: nothing is wider than the screen`, over, 0);
}

async function checkTexts(page, name, where, asked, tally) {
  const text = (await page.locator("body").innerText()).replace(/\s+/g, " ");
  for (const wanted of asked.expect?.[name] ?? []) {
    tally.ok(`${where}: says what it must`, text.includes(wanted), JSON.stringify(wanted));
  }
  for (const unwanted of [...(asked.absent?.[name] ?? []), ...(asked.absent?.["*"] ?? [])]) {
    tally.ok(`${where}: does not say what it must not`, !text.includes(unwanted), JSON.stringify(unwanted));
  }
}
