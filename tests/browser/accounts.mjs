// Accounts: the pages in every mode, and a whole life of one with scripts off: activated, an app set up, a second device, a new
// password by a link, frozen.

import { createHmac } from "node:crypto";

import { checkPage, watch } from "./checks.mjs";
import { enterAs, visit } from "./pages.mjs";

const OUTSIDE = {
  activate: "/activate", "activate-link": "/activate?t=x", forgot: "/forgot", "forgot-name": "/forgot-name",
  reset: "/reset?t=x", freeze: "/freeze?t=x", "cancel-recovery": "/cancel-recovery?t=x", stage: "/stage",
};
const INSIDE = ["", "/password", "/app", "/addresses", "/notices", "/devices", "/end", "/step-up?to=app"];

// The pages about accounts, outside and inside, and those of staff.
export async function walkAccounts(browser, mode, asked, tally) {
  const context = await browser.newContext(mode.options);
  const page = await context.newPage();
  const watched = watch(page, asked.base);
  const see = async (name, path) => {
    tally.is(`${mode.name} ${name}: status`, await visit(page, asked.base, path), 200);
    await checkPage(page, mode, name, asked, tally);
    watched.settle(`${mode.name} ${name}`, tally, false);
  };
  for (const [name, path] of Object.entries(OUTSIDE)) await see(name, path);
  await enterAs(page, asked.base, asked);
  for (const path of INSIDE) await see(`account${path.split("?")[0]}`, `/account${path}`);
  await context.clearCookies();
  await enterAs(page, asked.base, asked.staff);
  await see("clinic-accounts", "/clinic/accounts");
  await see("clinic-account", await page.locator("main .doors a").first().getAttribute("href"));
  await see("worries", "/clinic/worries");
  await context.close();
}

// The code that an authenticator app shows for these letters (RFC 6238) at a time in seconds.
function code(letters, seconds) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...letters].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const tag = createHmac("sha1", key).update(step).digest();
  const at = tag[19] & 15;
  return String((tag.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const PASSWORD = "seven-quiet-herons-under-ice";
const OTHER = "nine-loud-cranes-over-sand";

export async function liveAnAccount(browser, asked, tally) {
  const { base } = asked;
  const options = { javaScriptEnabled: false, viewport: { width: 390, height: 844 } };
  const [home, phone] = [await browser.newContext(options), await browser.newContext(options)];
  const [page, second] = [await home.newPage(), await phone.newPage()];
  const where = (of) => new URL(of.url()).pathname;
  const send = (of, selector) => Promise.all([of.waitForNavigation(), of.click(selector)]);
  // Follows the newest link to a page in the messages of the stage.
  const mail = async (of, start) => {
    await visit(of, base, "/stage");
    await send(of, "form[action='/stage/run'] button");
    await Promise.all([of.waitForNavigation(), of.locator(`.messages a[href^='${start}?t=']`).first().click()]);
  };
  await visit(page, base, "/stage");
  const last = page.locator("form[action='/stage/issue']").last();
  const born = (await last.locator("time").textContent()).trim();
  await Promise.all([page.waitForNavigation(), last.locator("button").click()]);
  await mail(page, "/activate");
  await page.fill("#born", born);
  await send(page, "main button[type=submit]");
  await page.fill("#username", "nilo-browser");
  await page.fill("#password", PASSWORD);
  await send(page, "main button[type=submit]");
  tally.ok("account: activated, and signed in", !where(page).startsWith("/activate"));

  await visit(page, base, "/account/app");
  const letters = (await page.locator("code.letters").textContent()).replaceAll(" ", "");
  const now = () => Date.now() / 1000;
  await page.fill("#code", code(letters, now()));
  await send(page, "main form button[type=submit]");
  tally.is("account: ten recovery codes", await page.locator(".secrets li").count(), 10);

  await enterAs(second, base, { username: "nilo-browser", password: PASSWORD });
  tally.is("account: a second device is asked for a code", where(second), "/sign-in/step");
  tally.is("account: no token is in the address", new URL(second.url()).search, "");
  await second.fill("#code", code(letters, now() + 30));
  await send(second, "form:has(#code) button[type=submit]");
  await visit(second, base, "/account");
  tally.is("account: the second device is in", where(second), "/account");

  await visit(page, base, "/forgot");
  await page.fill("#who", "nilo-browser");
  await send(page, "main button[type=submit]");
  await mail(page, "/reset");
  await page.fill("#password", OTHER);
  await send(page, "main button[type=submit]");
  tally.is("account: the new password is taken", where(page), "/sign-in");
  await visit(second, base, "/account");
  tally.is("account: a new password signs everybody out", where(second), "/sign-in");

  await mail(second, "/freeze");
  await send(second, "main button[type=submit]");
  tally.is("account: frozen", await second.locator("main h1").textContent(), "Your account is frozen");
  await enterAs(page, base, { username: "nilo-browser", password: OTHER });
  tally.ok("account: nobody gets in", (await page.locator("#trouble").textContent()).includes("frozen"));
  await Promise.all([home.close(), phone.close()]);
}
