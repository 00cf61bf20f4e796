// Valid documents, made slightly wrong. Some stay valid all the same.

import { Kind, parse, print, visit } from "graphql";

const name = (value) => ({ kind: Kind.NAME, value });
const directive = (value, on) => ({ kind: Kind.DIRECTIVE, name: name(value), arguments: on });
const isTrue = { kind: Kind.ARGUMENT, name: name("if"), value: { kind: Kind.BOOLEAN, value: true } };
const field = (value) => ({ kind: Kind.FIELD, name: name(value), arguments: [], directives: [] });
const type = (value) => ({ kind: Kind.NAMED_TYPE, name: name(value) });

/** What can be done to a node of a kind. */
const CHANGES = [
  [Kind.FIELD, (it) => ({ ...it, name: name("nonsense") })],
  [Kind.FIELD, (it) => ({ ...it, alias: name("id") })],
  [Kind.FIELD, (it) => ({ ...it, alias: name("a") })],
  [Kind.FIELD, (it) => ({ ...it, directives: [...it.directives, directive("unknown", [])] })],
  [Kind.FIELD, (it) => ({ ...it, directives: [directive("skip", [isTrue]), directive("skip", [isTrue])] })],
  [Kind.FIELD, (it) => ({ ...it, directives: [...it.directives, directive("include", [])] })],
  [Kind.FIELD, (it) => ({ ...it, selectionSet: undefined })],
  [Kind.FIELD, (it) => ({ ...it, arguments: [] })],
  [Kind.FIELD, (it) => ({ ...it, arguments: [...it.arguments, ...it.arguments] })],
  [Kind.FIELD, (it) => ({ ...it, selectionSet: { kind: Kind.SELECTION_SET, selections: [field("id")] } })],
  [Kind.ARGUMENT, (it) => ({ ...it, name: name("nonsense") })],
  [Kind.ARGUMENT, (it) => ({ ...it, value: { kind: Kind.NULL } })],
  [Kind.INT, () => ({ kind: Kind.STRING, value: "1" })],
  [Kind.INT, () => ({ kind: Kind.INT, value: "4" })],
  [Kind.INT, () => ({ kind: Kind.INT, value: "3000000000" })],
  [Kind.INT, () => ({ kind: Kind.FLOAT, value: "1.5" })],
  [Kind.STRING, () => ({ kind: Kind.BOOLEAN, value: true })],
  [Kind.STRING, () => ({ kind: Kind.ENUM, value: "SOMETHING" })],
  [Kind.BOOLEAN, () => ({ kind: Kind.STRING, value: "true" })],
  [Kind.BOOLEAN, () => ({ kind: Kind.NULL })],
  [Kind.VARIABLE, (it) => ({ ...it, name: name("nowhere") })],
  [Kind.VARIABLE_DEFINITION, () => null],
  [Kind.VARIABLE_DEFINITION, (it) => ({ ...it, type: type("String") })],
  [Kind.VARIABLE_DEFINITION, (it) => ({ ...it, type: type("Boolean") })],
  [Kind.VARIABLE_DEFINITION, (it) => ({ ...it, type: { kind: Kind.LIST_TYPE, type: it.type } })],
  [Kind.OPERATION_DEFINITION, (it) => ({ ...it, variableDefinitions: [...it.variableDefinitions, unused] })],
  [Kind.INLINE_FRAGMENT, (it) => ({ ...it, typeCondition: type("Goal") })],
  [Kind.INLINE_FRAGMENT, (it) => ({ ...it, typeCondition: type("Node") })],
  [Kind.INLINE_FRAGMENT, (it) => ({ ...it, typeCondition: type("String") })],
  [Kind.INLINE_FRAGMENT, (it) => ({ ...it, typeCondition: type("Nothing") })],
  [Kind.FRAGMENT_DEFINITION, (it) => ({ ...it, typeCondition: type("Person") })],
  [Kind.FRAGMENT_DEFINITION, (it) => ({ ...it, name: name("Other") })],
  [Kind.FRAGMENT_DEFINITION, (it) => ({ ...it, name: name("F0") })],
  [Kind.FRAGMENT_SPREAD, (it) => ({ ...it, name: name("F0") })],
  [Kind.FRAGMENT_SPREAD, (it) => ({ ...it, name: name("Nowhere") })],
  [Kind.FRAGMENT_SPREAD, () => field("__typename")],
];
const unused = { kind: Kind.VARIABLE_DEFINITION, variable: { kind: Kind.VARIABLE, name: name("unused") }, type: type("Int") };

/** A document with one change at random; `one` picks from a list. */
export function broken(text, one) {
  const document = parse(text, { noLocation: true });
  const [kind, change] = one(CHANGES.filter(([kind]) => text && nodes(document, kind).length > 0));
  const chosen = one(nodes(document, kind));
  return print(visit(document, { enter: (node) => (node === chosen ? change(node) : undefined) }));
}

function nodes(document, kind) {
  const found = [];
  visit(document, { enter: (node) => (node.kind === kind ? void found.push(node) : undefined) });
  return found;
}
