// Walks through the portal in a real browser and checks every page.
//
// Standard input is one JSON object:
//   { "base": "http://localhost:8080", "username": "...", "password": "...",
//     "expect": { "<page>": ["text that must be on it", ...] },
//     "absent": { "<page>": ["text that must not be on it", ...], "*": ["on no page"] },
//     "other": { "username": "...", "password": "..." },
//     "acting": {...}, "invited": {...}, "staff": {...} }
// `expect`, `absent` and `other` may be left out; so may the last three, all together: someone who acts for the first
// person and two others, someone who acts for nobody yet, and a member of staff. Pages are named in pages.mjs. The last line of the output is
// `N passed, N failed`, and the exit code is 0 only where nothing failed.
//
// MYCHARTUM_NODE_MODULES names the folder that holds playwright-core and axe-core; MYCHARTUM_CHROMIUM the browser.

import { readFileSync } from "node:fs";

import { launch, MODES } from "./browser.mjs";
import { Tally } from "./tally.mjs";
import { checkDoors } from "./doors.mjs";
import { checkPage, watch } from "./checks.mjs";
import { failSignIn, findPages, signIn, signOut, SIGNED_IN, visit } from "./pages.mjs";
import { checkWarning } from "./warning.mjs";
import { liveAnAccount, walkAccounts } from "./accounts.mjs";
import { walkActing } from "./acting.mjs";
import { walkWithoutScripts } from "./plain.mjs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const tally = new Tally();
const browser = await launch();

async function walkIn(mode) {
  const context = await browser.newContext(mode.options);
  const page = await context.newPage();
  const watched = watch(page, asked.base);
  const look = async (name, status) => {
    await checkPage(page, mode, name, asked, tally);
    tally.is(`${mode.name} ${name}: status`, status, 200);
    watched.settle(`${mode.name} ${name}`, tally, status >= 400);
  };
  await visit(page, asked.base, "/sign-in").then((status) => look("sign-in", status));
  if (mode.name === "light") {
    await failSignIn(page, asked.username);
    await checkPage(page, mode, "sign-in-error", asked, tally);
    watched.settle("light sign-in-error", tally, true);
  }
  const chart = await signIn(page, asked);
  const paths = await findPages(page, chart);
  for (const name of SIGNED_IN) {
    if (!tally.ok(`${mode.name} ${name}: there is such a page`, name in paths)) continue;
    const status = await visit(page, asked.base, paths[name]);
    await look(name, status);
  }
  const lost = await visit(page, asked.base, `${new URL(chart).pathname}/results/${"0".repeat(32)}`);
  tally.is(`${mode.name} not-found: status`, lost, 404);
  await checkPage(page, mode, "not-found", asked, tally);
  watched.settle(`${mode.name} not-found`, tally, true);
  await visit(page, asked.base, new URL(chart).pathname);
  await signOut(page);
  await checkPage(page, mode, "signed-out", asked, tally);
  tally.ok(`${mode.name}: the chart is closed after signing out`, await isClosed(page, chart));
  await context.close();
}

async function isClosed(page, chart) {
  await page.goto(chart);
  return new URL(page.url()).pathname === "/sign-in";
}

try {
  await checkDoors(asked, tally);
  for (const mode of MODES) await tally.guard(mode.name, () => walkIn(mode));
  for (const mode of asked.acting ? MODES : []) {
    await tally.guard(`${mode.name} acting`, () => walkActing(browser, mode, asked, tally));
  }
  for (const mode of asked.acting ? MODES : []) {
    await tally.guard(`${mode.name} accounts`, () => walkAccounts(browser, mode, asked, tally));
  }
  if (asked.acting) await tally.guard("account", () => liveAnAccount(browser, asked, tally));
  await tally.guard("without scripts", () => walkWithoutScripts(browser, asked, tally));
  await tally.guard("warning", () => checkWarning(browser, asked, tally));
} finally {
  await browser.close();
}
console.log(tally.summary());
process.exit(tally.failed === 0 ? 0 : 1);
