// A browser's own EventSource in headless Chromium: on a page of the server, until it has heard six events.
// Prints what it saw as one JSON document.
//
//   node events.mjs URL TOKEN CURSOR

import { chromium } from "playwright-core";

const [url, token, after] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server"],
});

try {
  const page = await browser.newPage();
  await page.goto(`${url}/healthz`);
  console.log(JSON.stringify(await page.evaluate(listen, { token, after })));
} finally {
  await browser.close();
}

/** Runs in the page. */
async function listen({ token, after }) {
  const open = (query) => new EventSource(`/graphql?${new URLSearchParams({ query, access_token: token })}`);

  const entries = [];
  let opened = 0;
  const news = open(`subscription { progressRecorded(after: "${after}") { entry { id } } }`);
  news.addEventListener("open", () => (opened += 1));
  await new Promise((resolve) => {
    news.addEventListener("next", ({ data }) => {
      entries.push(JSON.parse(data).data.progressRecorded.entry.id);
      if (entries.length === 6) resolve();
    });
  });
  news.close();

  const once = open("{ viewer { fullName } }");
  const viewer = await new Promise((resolve) => {
    let seen;
    once.addEventListener("next", ({ data }) => (seen = JSON.parse(data)));
    once.addEventListener("complete", () => resolve(seen));
  });
  once.close();
  return { entries, opened, viewer };
}
