// Who acts for others, who lets others act, and the clinic: their pages, and that nothing leads out of the chart that is open.

import { checkAxe, checkPage, checkWidth, watch } from "./checks.mjs";
import { enterAs, visit } from "./pages.mjs";

// Looks at pages as someone, in a browser of their own.
async function as(browser, mode, asked, who, tally, look) {
  const context = await browser.newContext(mode.options);
  const page = await context.newPage();
  const watched = watch(page, asked.base);
  const see = async (name, path, wanted = 200) => {
    if (path) tally.is(`${mode.name} ${name}: status`, await visit(page, asked.base, path), wanted);
    await checkPage(page, mode, name, asked, tally);
    watched.settle(`${mode.name} ${name}`, tally, wanted >= 400);
  };
  const start = new URL(await enterAs(page, asked.base, who)).pathname;
  await look(page, see, start);
  await context.close();
}

const addresses = (page, selector) =>
  page.locator(selector).evaluateAll((links) => links.map((link) => link.getAttribute("href")));

// The patient's own side: who acts for them, every step, an invitation, and how results are met. The answer is its link.
async function patient(browser, mode, asked, tally) {
  let link;
  await as(browser, mode, asked, asked, tally, async (page, see, chart) => {
    await see("people", `${chart}/people`);
    tally.is(`${mode.name} people: nobody acts for them in secret`, await page.locator("p.acting").count(), 0);
    const steps = [...new Set(await addresses(page, "main .actions a"))];
    tally.ok(`${mode.name} people: there are steps`, steps.length >= 5);
    for (const step of steps) await see(`step-${step.split("/").pop()}`, step);
    await visit(page, asked.base, steps.find((step) => step.endsWith("/written")));
    const send = (button) => Promise.all([page.waitForNavigation(), page.click(button)]);
    const open = page.locator("main ul.cards article");
    const before = await open.count();
    await page.check("#what-records");
    await page.check("#signed");
    await send("main section.card button[type=submit]");
    await see("written-signed");
    tally.is(`${mode.name} written: it is signed`, await open.count(), before + 1);
    await send("main ul.cards article button[type=submit]");
    await see("written-revoked");
    tally.is(`${mode.name} written: it is revoked`, await open.count(), before);
    await see("invite", `${chart}/people/invite`);
    for (const bundle of await addresses(page, "main .doors a")) await see(`invite-${bundle.split("/").pop()}`, bundle);
    tally.is(`${mode.name} invite: no sensitive topic is ticked`, await page.locator("input[name=topic]:checked").count(), 0);
    await page.selectOption("#relation", "friend");
    await Promise.all([page.waitForNavigation(), page.click("main button[type=submit]")]);
    await see("invite-made");
    link = new URL(await page.locator("#link").inputValue()).pathname;
    await see("preferences", `${chart}/preferences`);
    await Promise.all([page.waitForNavigation(), page.click("main button[type=submit]")]);
    await see("preferences-saved");
  });
  return link;
}

// Turns to a chart by its form; the session's cookie is another one afterwards.
async function turn(page, asked, chart) {
  await visit(page, asked.base, "/charts");
  const send = page.locator(`main .doors form:has(input[value="${chart}"]) button`);
  await Promise.all([page.waitForNavigation(), send.click()]);
}

// The charts of others: the banner, the title, the navigation, the way to another chart.
async function proxy(browser, mode, asked, tally) {
  await as(browser, mode, asked, asked.acting, tally, async (page, see, start) => {
    tally.is(`${mode.name} charts: they come first`, start, "/charts");
    await see("charts");
    const charts = await page.locator("main .doors input[name=patient]").evaluateAll((all) => all.map((one) => one.value));
    const doors = charts.map((chart) => `/chart/${chart}`);
    tally.is(`${mode.name} charts: no link leads into a chart`, (await addresses(page, "main a[href^='/chart/']")).length, 0);
    tally.is(`${mode.name} charts: the own one and three others`, doors.length, 4);
    for (const [place, door] of doors.entries()) {
      if (place === 1) await see("turn", `/turn/${charts[place]}`);
      await turn(page, asked, charts[place]);
      tally.is(`${mode.name} chart-${place}: the form leads there`, new URL(page.url()).pathname, door);
      await see(`chart-${place}`);
      const pages = await addresses(page, "nav.places a");
      const names = await page.locator("nav.places").textContent();
      for (const path of place === 0 ? [] : pages) {
        await visit(page, asked.base, path);
        const name = (await page.locator("header .whose strong").textContent()).trim();
        const banner = page.locator("header p.acting[role=status]");
        tally.ok(`${mode.name} ${path}: says for whom`, (await banner.innerText()).startsWith(`Acting for ${name}`));
        tally.ok(`${mode.name} ${path}: so does the title`, (await page.title()).startsWith(`Acting for ${name}: `));
        const ways = await addresses(page, "main a[href^='/chart/']");
        tally.ok(`${mode.name} ${path}: stays in the chart`, ways.every((way) => way.startsWith(door)));
      }
      tally.is(`${mode.name} chart-${place}: only the owner decides who acts`, names.includes("Who acts for me"), place === 0);
    }
    await page.emulateMedia({ media: "print" });
    await turn(page, asked, charts[1]);
    tally.ok(`${mode.name} on paper: says for whom`, await page.locator("p.acting").isVisible());
    await page.emulateMedia({ media: "screen" });
    await page.locator("details.switcher summary").click();
    const choices = await page.locator("details.switcher button.choice").allTextContents();
    tally.is(`${mode.name} switcher: says their names`, choices.length, 4);
    tally.ok(`${mode.name} switcher: no name is missing`, choices.every((name) => name.trim().includes(" ")));
    await checkAxe(page, `${mode.name} switcher`, tally);
    await checkWidth(page, `${mode.name} switcher`, tally);
    await see("acting", "/acting");
    for (const resign of (await addresses(page, "main .actions a")).slice(0, 1)) await see("resign", resign);
    await see("people-of-another", `${doors[1]}/people`, 404);
  });
}

// An invited person: what is offered, a wrong date, and an invitation that cannot be used.
async function invited(browser, mode, asked, link, tally) {
  await as(browser, mode, asked, asked.invited, tally, async (page, see) => {
    await see("invitation", link);
    await page.fill("#born", "1950-01-01");
    await Promise.all([page.waitForNavigation(), page.click("form[action$=accept] button")]);
    await see("invitation-wrong", undefined, 422);
    await see("invitation-over", "/invitation/nonsense", 404);
    await see("clinic-of-a-stranger", "/clinic", 404);
  });
}

async function clinic(browser, mode, asked, tally) {
  await as(browser, mode, asked, asked.staff, tally, async (page, see, start) => {
    tally.is(`${mode.name} clinic: it comes first`, start, "/clinic");
    await see("clinic");
    const steps = await addresses(page, "main .actions a");
    for (const step of new Set(steps)) await see(`clinic-${step.split("/").pop()}`, step);
    await see("records-desk", "/clinic/records");
    await see("releases", "/clinic/releases");
    await see("second-looks", "/clinic/second-looks");
  });
}

export async function walkActing(browser, mode, asked, tally) {
  const link = await patient(browser, mode, asked, tally);
  await proxy(browser, mode, asked, tally);
  await invited(browser, mode, asked, link, tally);
  await clinic(browser, mode, asked, tally);
}
