// Opens the playground in headless Chromium with everything but the loopback blocked, runs its example
// operations as they are and then a typed query, and prints what it saw as one JSON document. While the
// example that subscribes is running, the last one is run in a second window, where it triggers news.
//
//   node playground.mjs URL [TOKEN]   or WAYMARK_URL and WAYMARK_TOKEN; URL is that of the page
//
// TOKEN replaces the one in the header editor. CHROMIUM and QUERY override the browser's path and the
// typed query.

import { chromium } from "playwright-core";

const url = process.argv[2] ?? process.env.WAYMARK_URL;
const token = process.argv[3] ?? process.env.WAYMARK_TOKEN;
const query = process.env.QUERY ?? "query Typed { viewer { fullName role } }";
if (!url) throw new Error("usage: node playground.mjs URL [TOKEN]");

const QUERY_EDITOR = ".graphiql-query-editor .CodeMirror";
// The variables' editor is in the same section, hidden.
const HEADER_EDITOR = 'section[aria-label="Headers"] .graphiql-editor:not(.hidden) .CodeMirror';
const RESULT = ".graphiql-response .CodeMirror";
const TABS = ".graphiql-tab-button";

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    // Below the request filter: not even a name is looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE [::1]",
  ],
});

try {
  console.log(JSON.stringify(await visit(await (await browser.newContext()).newPage()), null, 2));
} finally {
  await browser.close();
}

async function visit(page) {
  const seen = { foreignRequests: [], cspViolations: [], consoleErrors: [] };
  const described = page.waitForResponse((response) => isIntrospection(response.request()));
  described.catch(() => {}); // without a token the page does not ask
  const answer = await open(page, seen);
  if (token) {
    await replace(page, HEADER_EDITOR, JSON.stringify({ Authorization: `Bearer ${token}` }));
  }
  const headerEditor = await text(page, HEADER_EDITOR);
  const introspection = /Bearer \S/.test(headerEditor) ? (await described).status() : null;

  const examples = [];
  const news = [];
  const tabs = page.locator(TABS);
  for (let index = 0; index < (await tabs.count()); index += 1) {
    const tab = tabs.nth(index);
    await tab.click();
    if (/^subscription /m.test(await text(page, QUERY_EDITOR))) {
      news.push(...(await hear(page, seen)));
    } else {
      examples.push({ name: await tab.innerText(), result: await run(page) });
    }
  }

  // A dialog, because those insert a style of their own, which the policy must know.
  await page.click('button[aria-label="Open settings dialog"]');
  await page.waitForSelector('[role="dialog"]');
  await page.keyboard.press("Escape");
  await page.waitForSelector('[role="dialog"]', { state: "detached" });

  await replace(page, QUERY_EDITOR, query);
  const result = await run(page);
  return {
    title: await page.title(),
    policy: answer.headers()["content-security-policy"] ?? null,
    headerEditor,
    introspection,
    example: examples[0]?.result ?? null,
    examples,
    news,
    query: await text(page, QUERY_EDITOR),
    result,
    // What stays in the browser: no token may be here.
    stored: await page.evaluate(() => ({ ...localStorage, ...sessionStorage })),
    ...seen,
  };
}

async function open(page, seen) {
  await watch(page, seen);
  const answer = await page.goto(url);
  await page.waitForSelector(QUERY_EDITOR);
  await page.waitForSelector(HEADER_EDITOR);
  return answer;
}

/** What the subscription in the editor shows, time after time, as a second window triggers it. */
async function hear(page, seen) {
  await page.click(".graphiql-execute-button");
  const other = await page.context().newPage();
  await open(other, seen);
  await other.locator(TABS).last().click();
  const news = [""];
  while (news.length < 4) {
    await run(other);
    // The first may come before the subscription is under way; then the next is heard.
    const heard = page.waitForFunction(
      ([selector, last]) => {
        const now = document.querySelector(selector)?.CodeMirror.getValue();
        return now !== last && now;
      },
      [RESULT, news.at(-1)],
      { timeout: news.length > 1 ? 30_000 : 1_000 },
    );
    const told = await heard.then((value) => value.jsonValue()).catch(() => null);
    if (told) news.push(told);
  }
  await other.close();
  await page.click(".graphiql-execute-button"); // stops it
  return news.slice(1).map((told) => JSON.parse(told));
}

/** Notes everything that a strict, offline page must not do; foreign requests are refused as well. */
async function watch(page, seen) {
  const foreign = (address) => {
    const { protocol, hostname } = new URL(address);
    const local = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
    return !local && !["data:", "blob:", "about:"].includes(protocol);
  };
  await page.route("**/*", (route) => {
    const address = route.request().url();
    if (!foreign(address)) return route.continue();
    seen.foreignRequests.push(address);
    return route.abort();
  });
  page.on("websocket", (socket) => foreign(socket.url()) && seen.foreignRequests.push(socket.url()));
  page.on("console", (message) => message.type() === "error" && seen.consoleErrors.push(message.text()));
  page.on("pageerror", (problem) => seen.consoleErrors.push(String(problem)));
  await page.exposeFunction("noteViolation", (violation) => seen.cspViolations.push(violation));
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile }) =>
      window.noteViolation({ effectiveDirective, blockedURI, sourceFile }),
    ),
  );
}

/** Runs what stands in the editor; the result pane's JSON once it shows the answer of that request. */
async function run(page) {
  const [response] = await Promise.all([
    page.waitForResponse((response) => isOperation(response.request())),
    page.click(".graphiql-execute-button"),
  ]);
  const expected = JSON.stringify(await response.json(), null, 2);
  await page.waitForFunction(
    ([selector, expected]) => document.querySelector(selector)?.CodeMirror.getValue() === expected,
    [RESULT, expected],
  );
  return JSON.parse(await text(page, RESULT));
}

function isIntrospection(request) {
  return request.postData()?.includes("query IntrospectionQuery") ?? false;
}

function isOperation(request) {
  return request.method() === "POST" && !isIntrospection(request);
}

/** Types over an editor's content, as a person would. */
async function replace(page, selector, content) {
  await page.click(`${selector} .CodeMirror-scroll`);
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(content);
  await page.keyboard.press("Escape"); // the list of completions
}

/** The whole content of a CodeMirror editor, which draws only what fits. */
function text(page, selector) {
  return page.$eval(selector, (editor) => editor.CodeMirror.getValue());
}
