// Which rules of graphql-js each document of a list breaks. Prints a list of lists of names.
//
//   node validation.mjs DOCUMENTS        a file of JSON: a list of texts

import { readFileSync } from "node:fs";
import { buildSchema, parse, specifiedRules, validate } from "graphql";

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const documents = JSON.parse(readFileSync(process.argv[2], "utf8"));
/** An error does not tell the rule that made it, so the rules are asked one by one. */
const broken = (document) =>
  specifiedRules.filter((rule) => validate(schema, document, [rule]).length > 0).map((rule) => rule.name).sort();
console.log(JSON.stringify(documents.map((text) => broken(parse(text)))));
