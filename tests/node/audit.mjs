// Runs every server audit of graphql-http (GraphQL over HTTP) and prints the outcome as one JSON document.
//
//   node audit.mjs URL [TOKEN]        or WAYMARK_URL and WAYMARK_TOKEN; URL is that of the endpoint

import { auditServer } from "graphql-http";

const url = process.argv[2] ?? process.env.WAYMARK_URL;
const token = process.argv[3] ?? process.env.WAYMARK_TOKEN;
if (!url) throw new Error("usage: node audit.mjs URL [TOKEN]");

const authorized = (input, init = {}) => {
  const headers = new Headers(init.headers);
  if (token) headers.set("authorization", `Bearer ${token}`);
  return fetch(input, { ...init, headers });
};

const results = await auditServer({ url, fetchFn: authorized });
const count = (status) => results.filter((result) => result.status === status).length;
const failures = results
  .filter(({ status }) => status !== "ok")
  .map(({ id, name, status, reason }) => ({ id, name, status, reason }));

const report = {
  ok: count("ok"),
  notice: count("notice"),
  warn: count("warn"),
  error: count("error"),
  total: results.length,
  failures,
};
console.log(JSON.stringify(report, null, 2));
