// Documents made at random from the schema, the same for the same seed.

import { getNamedType, isAbstractType, isCompositeType, isInterfaceType, isObjectType } from "graphql";

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What a generated document may hold. Ids are by the name of their type. */
export class Generator {
  constructor(schema, ids, seed, { fields = () => true } = {}) {
    this.schema = schema;
    this.ids = ids;
    this.random = random(seed);
    this.fields = fields;
  }

  chance(part) {
    return this.random() < part;
  }

  one(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  /** A query with the variables to send: `{ query, variables }`. */
  document() {
    this.fragments = new Map();
    this.variables = new Map();
    this.sent = {};
    this.left = 8 + Math.floor(this.random() * 40);
    this.tooLarge = this.chance(0.3) ? 0.7 : 0;
    const body = this.set(this.schema.getQueryType(), 0);
    const declared = [...this.variables].map(([name, { type, value }]) => `$${name}: ${type}${value}`);
    const head = declared.length > 0 ? `query(${declared.join(", ")}) ` : this.chance(0.2) ? "query Q " : "";
    const fragments = [...this.fragments].map(([name, { type, body }]) => `fragment ${name} on ${type} ${body}`);
    return { query: [head + body, ...fragments].join("\n"), variables: this.sent };
  }

  set(type, depth) {
    const items = [];
    const wanted = 1 + Math.floor(this.random() * (depth < 3 ? 4 : 3));
    for (let item = 0; item < wanted; item += 1) {
      items.push(items.length > 0 && this.chance(0.1) ? this.one(items) : this.selection(type, depth));
    }
    return `{ ${items.join(" ")} }`;
  }

  selection(type, depth) {
    this.left -= 1;
    const roll = this.random();
    if (roll < 0.16 && this.left > 0) return this.inline(type, depth);
    if (roll < 0.3 && this.left > 0) return this.spread(type, depth);
    return this.field(type, depth);
  }

  /** A type that a fragment within a set of another type may name. */
  condition(type) {
    if (isAbstractType(type)) return this.one([type, ...this.schema.getPossibleTypes(type)]);
    return this.chance(0.15) && isObjectType(type) && type.getInterfaces().length > 0 ? type.getInterfaces()[0] : type;
  }

  inline(type, depth) {
    const inner = this.condition(type);
    const named = inner === type && this.chance(0.4) ? "" : `on ${inner.name} `;
    return `... ${named}${this.directives()}${this.set(inner, depth)}`;
  }

  spread(type, depth) {
    const inner = this.condition(type);
    const known = [...this.fragments].filter(([, fragment]) => fragment.type === inner.name && fragment.body);
    if (known.length > 0 && this.chance(0.5)) return `...${this.one(known)[0]} ${this.directives()}`.trim();
    const name = `F${this.fragments.size}`;
    this.fragments.set(name, { type: inner.name, body: "" });
    this.fragments.get(name).body = this.set(inner, depth + 1);
    return `...${name} ${this.directives()}`.trim();
  }

  field(type, depth) {
    if (this.chance(0.08)) return `${this.alias("__typename")}__typename ${this.directives()}`.trim();
    const fields = Object.values(type.getFields()).filter((field) => this.fields(type, field));
    const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
    const links = fields.filter((field) => isCompositeType(getNamedType(field.type)));
    const deeper = links.length > 0 && (leaves.length === 0 || (this.left > 0 && depth < 7 && this.chance(0.55)));
    const field = this.one(deeper ? links : leaves);
    const inner = getNamedType(field.type);
    const head = `${this.alias(field.name)}${field.name}${this.arguments(field)} ${this.directives()}`.trim();
    if (!isCompositeType(inner)) return head;
    return `${head} ${this.left > 0 && depth < 8 ? this.set(inner, depth + 1) : this.small(inner)}`;
  }

  /** An end to a document that would go on. */
  small(type) {
    if (isInterfaceType(type) || type.getFields().id) return "{ id }";
    return "{ __typename }";
  }

  alias(name) {
    if (this.chance(0.8)) return "";
    return `${this.one(["a", "b", `${name.replace(/^_+/, "")}Too`, "id2"])}: `;
  }

  arguments(field) {
    const given = field.args.flatMap((argument) => {
      const value = this.argument(field, argument);
      return value === undefined ? [] : [`${argument.name}: ${value}`];
    });
    return given.length > 0 ? `(${given.join(", ")})` : "";
  }

  argument(field, { name }) {
    switch (name) {
      case "id":
        return this.maybeVariable("ID!", JSON.stringify(this.id(field)));
      case "ids":
        return this.list(() => JSON.stringify(this.one(Object.values(this.ids).flat())));
      case "code":
        return JSON.stringify(this.one(["PHQ-9", "gad7", "none"]));
      case "first":
        if (this.chance(0.4)) return undefined;
        return this.maybeVariable("Int", String(this.chance(this.tooLarge) ? 101 : this.one([0, 1, 2, 3, 100])));
      case "achieved":
        return this.chance(0.7) ? undefined : this.maybeVariable("Boolean", this.one(["true", "false"]));
      default:
        return undefined;
    }
  }

  id(field) {
    const type = getNamedType(field.type).name;
    return this.one(this.ids[type] ?? Object.values(this.ids).flat());
  }

  list(item) {
    const length = Math.floor(this.random() * 5);
    return `[${Array.from({ length }, item).join(", ")}]`;
  }

  /** A literal, or a variable that stands for it, or for another by way of its default. */
  maybeVariable(type, literal) {
    if (this.chance(0.6)) return literal;
    const optional = !type.endsWith("!");
    const name = this.declare(type, optional && this.chance(0.3) ? ` = ${literal}` : "");
    if (!optional || this.chance(0.6)) this.sent[name] = optional && this.chance(0.15) ? null : JSON.parse(literal);
    return `$${name}`;
  }

  declare(type, value) {
    const name = `v${this.variables.size}`;
    this.variables.set(name, { type, value });
    return name;
  }

  directives() {
    if (this.chance(0.84)) return "";
    const both = this.chance(0.1) ? ["skip", "include"] : [this.one(["skip", "include"])];
    return `${both.map((name) => `@${name}(if: ${this.boolean()})`).join(" ")} `;
  }

  boolean() {
    if (this.chance(0.5)) return this.one(["true", "false"]);
    const conditions = [...this.variables].filter(([, { type }]) => type.startsWith("Boolean!"));
    if (conditions.length > 0 && this.chance(0.5)) return `$${this.one(conditions)[0]}`;
    const value = this.chance(0.3) ? ` = ${this.chance(0.5)}` : "";
    const name = this.declare("Boolean!", value);
    if (value === "" || this.chance(0.5)) this.sent[name] = this.chance(0.5);
    return `$${name}`;
  }
}
