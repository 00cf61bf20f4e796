// The same rows as the server's, answered by graphql-js: a store that the server's own flat answers fill.

import { execute, getNamedType, isCompositeType, isLeafType } from "graphql";

/** Values that one engine may write in another way, or that depend on more than rows. */
const UNLIKE = new Set([
  "Float", "JSON", "Trend", "ProgressPoint", "ReminderCounts", "ReminderDeliveryConnection", "UpcomingReminder",
  "WebhookCounts",
]);
/** Objects that belong to their owner, all of them leaves but for these; each is read with its owner. */
const OWNED = new Set([
  "GoalAim", "GoalProgress", "Interpretation", "Instrument", "SeverityBand", "SubscaleScore", "AnswerCoding",
  "ItemCoding", "Subscale", "SafetyItem", "Cutoff", "Streak", "Projection",
]);

/** The fields of generated documents. */
export function compared(field) {
  const named = getNamedType(field.type).name;
  return !UNLIKE.has(named);
}

/** A selection of everything that is flat: leaves, ids of links, and owned objects. */
function flat(type, schema) {
  const parts = Object.values(type.getFields()).flatMap((field) => {
    if (!compared(field)) return [];
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) return [field.name];
    if (OWNED.has(inner.name)) return [`${field.name} { ${flat(inner, schema)} }`];
    if (inner.name.endsWith("Connection")) return [`${field.name}(first: 100) { totalCount edges { cursor node { id } } }`];
    return [`${field.name} { id }`];
  });
  return parts.join(" ");
}

export class Reference {
  constructor(schema, ask) {
    this.schema = schema;
    this.ask = ask;
    this.rows = new Map();
  }

  /** Reads the root, and then every row that any row read so far names. */
  async fill(ids) {
    this.root = await this.data(
      `{ viewer { id } patients(first: 100) { totalCount edges { cursor node { id } } }
         goals(first: 100) { totalCount edges { cursor node { id } } }
         webhooks(first: 100) { totalCount edges { cursor node { id } } }
         instruments { ${flat(this.schema.getType("Instrument"), this.schema)} } }`,
    );
    for (const code of ["PHQ-9", "gad7", "none"]) {
      const { instrument } = await this.data(`{ instrument(code: "${code}") { code } }`);
      this.root[`instrument ${code}`] = this.root.instruments.find((it) => it.code === instrument?.code) ?? null;
    }
    let wanted = new Set([...ids, ...named([this.root])]);
    while (wanted.size > 0) {
      const read = await this.read([...wanted]);
      wanted = new Set(named(read).filter((id) => !this.rows.has(id)));
    }
  }

  async read(ids) {
    const found = [];
    for (let start = 0; start < ids.length; start += 100) {
      const some = ids.slice(start, start + 100);
      const { nodes } = await this.data("query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }", { ids: some });
      const types = new Set(nodes.filter(Boolean).map((node) => node.__typename));
      some.forEach((id, index) => nodes[index] ?? this.rows.set(id, null));
      for (const type of types) {
        const own = some.filter((_, index) => nodes[index]?.__typename === type);
        const fields = flat(this.schema.getType(type), this.schema);
        const document = `query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on ${type} { ${fields} } } }`;
        const rows = (await this.data(document, { ids: own })).nodes;
        rows.forEach((row) => this.rows.set(row.id, row));
        found.push(...rows);
      }
    }
    return found;
  }

  async data(query, variables) {
    const { data, errors } = await this.ask({ query, variables });
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** A row of an id that is known by way of another, which may have more fields. */
  row(id) {
    return this.rows.get(id) ?? null;
  }

  execute(document, variableValues) {
    return execute({
      schema: this.schema,
      document,
      variableValues,
      rootValue: this.root,
      fieldResolver: (source, args, _, info) => this.resolve(source, args, info),
      typeResolver: (value) => value.__typename,
    });
  }

  resolve(source, args, info) {
    const type = getNamedType(info.returnType);
    if (info.parentType === this.schema.getQueryType()) {
      if ("id" in args) return this.one(args.id, type.name);
      if ("ids" in args) return args.ids.map((id) => this.row(id));
      if ("code" in args) return this.root[`instrument ${args.code}`];
    }
    if (info.fieldName === "milestones" && typeof args.achieved === "boolean") {
      const rows = source.milestones.map(({ id }) => this.row(id));
      return rows.filter((row) => (row.achievedAt !== null) === args.achieved);
    }
    const value = source[info.fieldName];
    if (type.name.endsWith("Connection")) return page(value, args, (id) => this.row(id));
    if (!isCompositeType(type) || OWNED.has(type.name)) return value;
    const resolved = (it) => (it && "id" in it ? this.row(it.id) : it);
    return Array.isArray(value) ? value.map(resolved) : resolved(value);
  }

  one(id, type) {
    const row = this.row(id);
    return type === "Node" || row?.__typename === type ? row : null;
  }
}

/** The first rows of a list that is known as a whole. */
function page({ edges, totalCount }, { first }, row) {
  if (first !== undefined && first !== null && first > 100) throw new Error("`first` must be between 0 and 100.");
  const some = edges.slice(0, first ?? 20).map(({ cursor, node }) => ({ cursor, node: row(node.id) }));
  return {
    edges: some,
    nodes: some.map(({ node }) => node),
    totalCount,
    pageInfo: {
      hasNextPage: edges.length > some.length,
      hasPreviousPage: false,
      startCursor: some[0]?.cursor ?? null,
      endCursor: some.at(-1)?.cursor ?? null,
    },
  };
}

/** Every id in some answers. */
function named(values) {
  return values.flatMap((value) => {
    if (Array.isArray(value)) return named(value);
    if (value === null || typeof value !== "object") return [];
    return Object.entries(value).flatMap(([key, inner]) => (key === "id" ? [inner] : named([inner])));
  });
}
