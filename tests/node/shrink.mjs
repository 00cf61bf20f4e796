// The smallest part of a document that still shows something.

import { Kind, parse, print, visit } from "graphql";

const REMOVED = new Set([
  Kind.FIELD,
  Kind.FRAGMENT_SPREAD,
  Kind.INLINE_FRAGMENT,
  Kind.DIRECTIVE,
  Kind.VARIABLE_DEFINITION,
  Kind.FRAGMENT_DEFINITION,
]);

/** Takes out part after part for as long as `shows` holds. */
export async function shrunk(text, shows) {
  let smallest = print(parse(text));
  for (let part = 0; part < parts(smallest).length; ) {
    const candidates = [without(smallest, part, null), without(smallest, part, "inside")];
    const smaller = await first(candidates, async (text) => readable(text) && text.length < smallest.length && shows(text));
    if (smaller === undefined) part += 1;
    else smallest = smaller;
  }
  return smallest;
}

async function first(list, holds) {
  for (const it of list) if (await holds(it)) return it;
  return undefined;
}

function parts(text) {
  const found = [];
  visit(parse(text), { enter: (node) => (REMOVED.has(node.kind) ? void found.push(node) : undefined) });
  return found;
}

/** Without one of its parts, or with what stands inside of it in its place. */
function without(text, part, keep) {
  let index = -1;
  const inside = (node) => {
    const kept = node.selectionSet?.selections;
    return keep === null || kept === undefined ? null : { kind: Kind.INLINE_FRAGMENT, directives: [], selectionSet: node.selectionSet };
  };
  const change = (node) => {
    if (!REMOVED.has(node.kind)) return undefined;
    index += 1;
    return index === part ? inside(node) : undefined;
  };
  return print(visit(parse(text), { enter: change }));
}

function readable(text) {
  try {
    return Boolean(parse(text));
  } catch {
    return false;
  }
}
