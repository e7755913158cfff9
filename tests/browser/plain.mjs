// The whole journey with scripts off.

import { findPages, signIn, signOut, SIGNED_IN, visit } from "./pages.mjs";

export async function walkWithoutScripts(browser, asked, tally) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const chart = await signIn(page, asked);
  const paths = await findPages(page, chart);
  for (const name of SIGNED_IN) {
    if (!tally.ok(`without scripts ${name}: there is such a page`, name in paths)) continue;
    tally.is(`without scripts ${name}: status`, await visit(page, asked.base, paths[name]), 200);
    const title = await page.locator("main h1").first().textContent();
    tally.ok(`without scripts ${name}: has a heading`, title?.trim());
    tally.ok(`without scripts ${name}: says when the session ends`, await page.locator("footer time, footer p").count() > 1);
  }
  await filter(page, asked, paths, tally);
  await visit(page, asked.base, paths.home);
  await signOut(page);
  tally.is("without scripts: signed out", new URL(page.url()).pathname, "/signed-out");
  await page.goto(chart);
  tally.is("without scripts: the chart is closed", new URL(page.url()).pathname, "/sign-in");
  await context.close();
}

async function filter(page, asked, paths, tally) {
  await visit(page, asked.base, paths.results);
  const all = await page.locator("main p.count").textContent();
  await page.check("#only");
  await Promise.all([page.waitForNavigation(), page.click("form.filter button")]);
  const url = new URL(page.url());
  tally.is("without scripts: the filter is in the address", url.searchParams.get("only"), "out");
  const some = await page.locator("main p.count, main p.empty").first().textContent();
  tally.ok("without scripts: the filter leaves something out", some !== all);
}
