// What a browser would not show: refusals by header, cookies, and answers that must be the same to the byte.

import { request } from "node:http";

// One request on the socket, with any headers; browsers and fetch would not send some of these.
function ask(base, path, { method = "GET", headers = {}, body = "" } = {}) {
  const url = new URL(path, base);
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers: { Host: url.host, ...headers } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

// Signs in on the socket; the answer is the session's cookie and the path of the chart.
async function enter(base, { username, password }) {
  const form = await ask(base, "/sign-in");
  const visit = form.headers["set-cookie"][0].split(";")[0];
  const token = /name="token" value="([0-9a-f]+)"/.exec(form.body)[1];
  const body = new URLSearchParams({ token, username, password }).toString();
  const entered = await ask(base, "/sign-in", { method: "POST", headers: { ...FORM, Cookie: visit }, body });
  const set = (entered.headers["set-cookie"] ?? []).find((line) => line.startsWith("__Host-sid=")) ?? "";
  const cookie = set.split(";")[0];
  const start = await ask(base, "/", { headers: { Cookie: cookie } });
  return { set, cookie, chart: start.headers.location };
}

export async function checkDoors(asked, tally) {
  const { base } = asked;
  await tally.guard("doors", async () => {
    const form = await ask(base, "/sign-in");
    const policy = form.headers["content-security-policy"] ?? "";
    for (const part of ["default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) {
      tally.ok(`doors: the policy has ${part}`, policy.includes(part));
    }
    tally.is("doors: no-store", form.headers["cache-control"], "no-store");
    tally.is("doors: nosniff", form.headers["x-content-type-options"], "nosniff");
    tally.is("doors: no-referrer", form.headers["referrer-policy"], "no-referrer");
    tally.is("doors: another host", (await ask(base, "/sign-in", { headers: { Host: "evil.example" } })).status, 421);
    const foreign = { ...FORM, Origin: "http://evil.example", "Sec-Fetch-Site": "cross-site" };
    tally.is("doors: another site", (await ask(base, "/sign-in", { method: "POST", headers: foreign, body: "a=b" })).status, 403);
    const forged = { method: "POST", headers: { ...FORM, Cookie: "__Host-visit=abc" }, body: "token=0&username=a&password=b" };
    tally.is("doors: a forged form", (await ask(base, "/sign-in", forged)).status, 403);
    const large = { method: "POST", headers: FORM, body: `username=${"a".repeat(70_000)}` };
    tally.is("doors: a large form", (await ask(base, "/sign-in", large)).status, 413);
    await checkSession(asked, tally);
  });
}

async function checkSession(asked, tally) {
  const { base } = asked;
  const { set, cookie, chart } = await enter(base, asked);
  for (const part of ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"]) {
    tally.ok(`doors: the session's cookie is ${part}`, set.includes(part));
  }
  const see = (path) => ask(base, path, { headers: { Cookie: cookie } });
  tally.is("doors: the chart opens", (await see(chart)).status, 200);
  const nowhere = await see(`/chart/${"0".repeat(32)}`);
  const noItem = await see(`${chart}/results/${"0".repeat(32)}`);
  const noWord = await see(`${chart}/results/nonsense`);
  const noPage = await see("/nowhere");
  tally.is("doors: an unknown chart", nowhere.status, 404);
  for (const [what, answer] of Object.entries({ noItem, noWord, noPage })) {
    tally.ok(`doors: ${what} looks like an unknown chart`, answer.status === 404 && answer.body === nowhere.body);
  }
  if (asked.other) {
    const other = await enter(base, asked.other);
    const theirs = await see(other.chart);
    tally.ok("doors: another's chart looks like an unknown one", theirs.status === 404 && theirs.body === nowhere.body);
  }
  const out = await ask(base, "/sign-out", { method: "POST", headers: { ...FORM, Cookie: cookie }, body: "token=0" });
  tally.is("doors: signing out needs its token", out.status, 403);
}
