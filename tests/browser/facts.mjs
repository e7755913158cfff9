// Signs in to one chart and asserts what it shows.
//
// Standard input is one JSON object:
//   { "base", "username", "password",
//     "facts": { "analyte": { "name", "points", "first", "latest", "unit" },
//                "count": { "immunizations": n, "allergies": n, "medications": n },
//                "text": { "<page>": ["text that must be on it", ...] } } }
// The last line of the output is `N passed, N failed`, and the exit code is 0 only where nothing failed.

import { readFileSync } from "node:fs";

import { launch, MODES } from "./browser.mjs";
import { checkPage, watch } from "./checks.mjs";
import { signIn, visit } from "./pages.mjs";
import { Tally } from "./tally.mjs";

// Where the items of a section stand on its page.
const ITEMS = { immunizations: "main ul.doses > li", allergies: "main ul.cards > li", medications: "main ul.cards > li" };

const asked = JSON.parse(readFileSync(0, "utf8"));
const facts = asked.facts ?? {};
const tally = new Tally();
const browser = await launch();

// Finds the newest result of a test by its name, and reads the table under its chart: newest first.
async function readTrend(page, chart, { name }) {
  await visit(page, asked.base, `${chart}/results?view=tests&q=${encodeURIComponent(name)}`);
  const row = await page.locator("main .rows a.row").first().getAttribute("href");
  await visit(page, asked.base, row);
  return page.locator("main figure.trend tbody tr td:nth-of-type(1)").allTextContents();
}

async function walk() {
  const [mode] = MODES;
  const context = await browser.newContext(mode.options);
  const page = await context.newPage();
  const watched = watch(page, asked.base);
  const chart = new URL(await signIn(page, asked)).pathname;
  await checkPage(page, mode, "home", asked, tally);
  for (const [section, wanted] of Object.entries(facts.count ?? {})) {
    await visit(page, asked.base, `${chart}/${section}`);
    tally.is(`${section}: items`, await page.locator(ITEMS[section]).count(), wanted);
    await checkPage(page, mode, section, asked, tally);
  }
  for (const [section, texts] of Object.entries(facts.text ?? {})) {
    await visit(page, asked.base, `${chart}/${section}`);
    const shown = (await page.locator("main").innerText()).toLowerCase();
    for (const text of texts) tally.ok(`${section}: ${text}`, shown.includes(text.toLowerCase()));
  }
  if (facts.analyte) {
    const values = (await readTrend(page, chart, facts.analyte)).map((value) => value.trim());
    const { points, first, latest, unit } = facts.analyte;
    tally.is("trend: points", values.length, points);
    tally.is("trend: latest", values[0], `${latest} ${unit}`);
    if (first) tally.is("trend: first", values.at(-1), `${first} ${unit}`);
    await checkPage(page, mode, "trend", asked, tally);
  }
  watched.settle("facts", tally, false);
  await context.close();
}

await tally.guard("facts", walk);
await browser.close();
console.log(tally.summary());
process.exit(tally.failed === 0 ? 0 : 1);
