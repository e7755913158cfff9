// Where the pages are, found by their links as a person would, and how to get in and out.

// The pages of someone who is signed in, in the order of the walk.
export const SIGNED_IN = [
  "home", "all", "results", "tests", "filtered", "result", "trend", "report", "medications", "visits", "visit",
  "appointments", "vitals", "vital", "conditions", "allergies", "immunizations", "documents", "document", "procedures",
  "findings", "finding", "details", "access-log", "people", "preferences", "source",
];

export async function visit(page, base, path) {
  const answer = await page.goto(new URL(path, base).href);
  return answer?.status() ?? 0;
}

async function enter(page, username, password) {
  await page.fill("#username", username);
  await page.fill("#password", password);
  await Promise.all([page.waitForNavigation(), page.click("button[type=submit]")]);
}

export async function failSignIn(page, username) {
  await enter(page, username, "not the password at all");
}

// Signs in from the sign-in page; the answer is where that leads.
export async function enterAs(page, base, { username, password }) {
  await visit(page, base, "/sign-in");
  await enter(page, username, password);
  return page.url();
}

// Signs in from the sign-in page; the answer is the address of the chart.
export async function signIn(page, { base, username, password }) {
  await enterAs(page, base, { username, password });
  const path = new URL(page.url()).pathname;
  if (!/^\/chart\/[0-9a-f]{32}$/.test(path)) throw new Error("signing in did not lead to a chart");
  return page.url();
}

export async function signOut(page) {
  await Promise.all([page.waitForNavigation(), page.click("header form.leave button")]);
}

// The address of the first link that fits, on a page.
async function first(page, base, path, selector) {
  await visit(page, base, path);
  const link = page.locator(selector).first();
  return (await link.count()) > 0 ? link.getAttribute("href") : null;
}

// The path of every page of a chart that there is.
export async function findPages(page, chart) {
  const base = new URL(chart).origin;
  const root = new URL(chart).pathname;
  const paths = { home: root };
  await visit(page, base, root);
  for (const link of await page.locator("nav.places a").all()) {
    const path = await link.getAttribute("href");
    if (path !== root) paths[path.slice(root.length + 1)] = path;
  }
  paths.tests = `${paths.results}?view=tests`;
  paths.filtered = `${paths.results}?q=a&only=out`;
  const found = {
    result: [paths.results, "main .rows a.row"],
    report: [paths.results, "main .group-head h2 a"],
    trend: [paths.tests, "main .rows li:has(svg.spark) a.row"],
    visit: [paths.visits, "main .rows a.row"],
    vital: [paths.vitals, "main .latest a"],
    document: [paths.documents, "main .rows a.row"],
    finding: [paths.findings, "main .rows a.row"],
    source: [paths.medications, "main .source a"],
  };
  for (const [name, [path, selector]] of Object.entries(found)) {
    const address = path && (await first(page, base, path, selector));
    if (address) paths[name] = address;
  }
  return paths;
}
