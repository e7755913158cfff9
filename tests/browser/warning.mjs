// The warning before a session ends, with the browser's clock turned forward.

import { checkAxe } from "./checks.mjs";
import { signIn } from "./pages.mjs";

const MINUTE = 60_000;

export async function checkWarning(browser, asked, tally) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.clock.install();
  await signIn(page, asked);
  await page.clock.runFor(12 * MINUTE);
  tally.ok("warning: nothing before its time", !(await page.locator("#warning").isVisible()));
  await page.clock.runFor(MINUTE + 5_000);
  tally.ok("warning: it opens two minutes before", await page.locator("#warning").isVisible());
  tally.is("warning: staying is the first choice", await page.evaluate(() => document.activeElement?.id), "warning-stay");
  await checkAxe(page, "warning", tally);
  const stayed = page.waitForResponse((answer) => new URL(answer.url()).pathname === "/stay");
  await page.keyboard.press("Enter");
  tally.is("warning: staying is answered", (await stayed).status(), 200);
  await page.locator("#warning").waitFor({ state: "hidden" });
  tally.ok("warning: it closes", true);
  const left = page.waitForURL((url) => url.pathname === "/signed-out");
  await page.clock.runFor(16 * MINUTE);
  await left;
  tally.is("warning: then the session ends", new URL(page.url()).searchParams.get("why"), "idle");
  await context.close();
}
