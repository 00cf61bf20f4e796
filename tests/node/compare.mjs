// Generated documents, judged and answered by a server and by graphql-js over the same rows. Prints how
// many there were, and of each kind of difference how often it came and the smallest document that shows it.
//
//   node compare.mjs URL TOKEN IDS COUNT        IDS: JSON, lists by the name of a type

import { readFileSync } from "node:fs";
import { buildSchema, parse, specifiedRules, validate } from "graphql";
import { broken } from "./break.mjs";
import { Generator } from "./generate.mjs";
import { compared, Reference } from "./reference.mjs";
import { shrunk } from "./shrink.mjs";

const [url, token, ids, count] = process.argv.slice(2);
const byType = JSON.parse(ids);
const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));

async function post(body) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).text();
}

const reference = new Reference(schema, async (body) => JSON.parse(await post(body)));
await reference.fill(Object.values(byType).flat());

const differences = new Map();
const seen = { documents: 0, valid: 0, failing: 0, invalid: 0 };

/** The kind of difference that a document shows, if any. */
async function difference({ query, variables }, seen = {}) {
  const document = parse(query);
  const text = await post({ query, variables });
  const answer = JSON.parse(text);
  const codes = (answer.errors ?? []).map(({ extensions }) => extensions.code);
  if (codes.some((code) => /^(TOO_|DOCUMENT_TOO_|LIST_TOO_|INTROSPECTION_TOO_|COST_)/.test(code))) return undefined;
  seen.documents += 1;
  const refused = codes.includes("GRAPHQL_VALIDATION_FAILED") && !("data" in answer);
  if (validate(schema, document).length > 0) {
    seen.invalid += 1;
    if (refused) return undefined;
    const rule = specifiedRules.find((rule) => validate(schema, document, [rule]).length > 0);
    return `taken in spite of ${rule.name}`;
  }
  seen.valid += 1;
  if (codes.includes("GRAPHQL_VALIDATION_FAILED")) return `refused: ${answer.errors[0].message.split('"')[0].replace(/`\w+`/g, "`..`").trim()}`;
  const expected = await reference.execute(document, variables);
  if (expected.errors) seen.failing += 1;
  return answers(text, answer, expected);
}

function answers(text, answer, expected) {
  if (!("data" in expected)) return "data" in answer ? "run in spite of its variables" : undefined;
  if (!("data" in answer)) return "not run";
  const data = JSON.stringify(expected.data);
  if (data !== JSON.stringify(answer.data)) {
    return data.length === JSON.stringify(answer.data).length && sorted(data) === sorted(JSON.stringify(answer.data))
      ? "other order of keys"
      : "other data";
  }
  const rest = text.replace(`"data":${data}`, "");
  if (rest.length !== text.length - data.length - 7) return "other spelling of data";
  return places(expected) === places(answer) ? undefined : "other places of errors";
}

function sorted(text) {
  return [...text].sort().join("");
}

/** Where null stands for an error: the same whichever of several failures below was told. */
function places({ data, errors = [] }) {
  const place = (path) => {
    let value = data;
    const steps = [];
    for (const step of path) {
      if (value === null) break;
      steps.push(step);
      value = value[step];
    }
    return JSON.stringify(steps);
  };
  return [...new Set(errors.map(({ path }) => place(path)))].sort().join(" ");
}

/** Notes a difference by its smallest document. */
async function judge(made) {
  const kind = await difference(made, seen);
  if (kind === undefined) return;
  const known = differences.get(kind) ?? { kind, times: 0 };
  known.times += 1;
  if (known.query === undefined || made.query.length < known.query.length) Object.assign(known, made);
  differences.set(kind, known);
}

/** Documents first, since answers come in any order. */
function generated() {
  const generator = new Generator(schema, byType, 20261125, { fields: (_, field) => compared(field) });
  return Array.from({ length: Number(count) }, () => {
    const made = generator.document();
    if (generator.chance(0.3)) made.query = broken(made.query, (list) => generator.one(list));
    return made;
  });
}

const waiting = generated();
const worker = async () => {
  while (waiting.length > 0) await judge(waiting.pop());
};
await Promise.all(Array.from({ length: 8 }, worker));
const found = [...differences.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
for (const it of found) it.query = await shrunk(it.query, async (query) => (await difference({ ...it, query })) === it.kind);
console.log(JSON.stringify({ seen, differences: found }));
process.exit();
