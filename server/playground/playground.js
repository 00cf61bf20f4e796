"use strict";

// Starts GraphiQL on this server. Everything comes from our own origin; what the page should open with
// (a demo token, example operations) comes from `settings.json`.

const endpoint = new URL("graphql", document.baseURI);

const WELCOME = `# Welcome to Waymark.
#
# Every operation needs a bearer token. Put yours into the
# Headers pane below, after "Bearer "; documentation and
# completion appear as soon as it is accepted. To get one:
#
#   waymark token --user EMAIL_OR_ID

query Me {
  viewer {
    fullName
    role
  }
}
`;

const TRUSTED_ONLY = `# This server runs trusted documents only.
#
# It answers the documents of its manifest, and refuses
# what is typed here (DOCUMENT_NOT_TRUSTED), introspection
# as well. Run a server without --trusted-documents to try
# operations out.
`;

// -- talking to the server -------------------------------------------------------------------------

/** GraphiQL calls this for each operation, with what stands in the Headers pane. */
function fetcher(params, { headers = {} } = {}) {
  const operations = operationsOf(params.query);
  // Right after typing, GraphiQL may still hold the name of the operation that was there before.
  const operation = operations.find(({ name }) => name?.value === params.operationName) ?? operations[0];
  const sent = { ...params, operationName: operation?.name?.value };
  return operation?.operation === "subscription" ? subscription(sent, headers) : answer(sent, headers);
}

function operationsOf(query) {
  try {
    return GraphiQL.GraphQL.parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  } catch {
    return []; // let the server say what is wrong with it
  }
}

/** And this for the schema, at first before the Headers pane is there. */
async function introspection(params, { headers } = {}, token) {
  const sent = headers ?? authorization(token);
  return bearer(sent)
    ? answer(params, sent)
    : failed("No token yet: put one into the Headers pane, and the documentation appears.");
}

async function answer(params, headers) {
  let said = "The server does not answer";
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        Accept: "application/graphql-response+json, application/json;q=0.9",
        "Content-Type": "application/json",
        ...headers,
      },
      body: JSON.stringify(params),
      credentials: "omit",
    });
    said = `The server answered ${response.status} ${response.statusText} and no JSON`;
    return await response.json();
  } catch (problem) {
    return failed(`${said}: ${problem.message}`);
  }
}

/** A problem of our own in the form of the server's. */
function failed(message) {
  return { errors: [{ message }] };
}

/**
 * One WebSocket a subscription, opened when it starts and closed when it ends, so that it always
 * carries the headers of this moment. An observable and not a generator, because a generator that
 * waits for its next event cannot be stopped.
 */
function subscription(params, headers) {
  const url = new URL(endpoint);
  url.protocol = url.protocol.replace("http", "ws");
  return {
    subscribe(sink) {
      // No retries: here one wants to see that a connection ended, and why.
      const client = graphqlWs.createClient({ url: url.href, connectionParams: headers, retryAttempts: 0 });
      const unsubscribe = client.subscribe(params, {
        next: (result) => sink.next(result),
        complete: () => sink.complete(),
        error: (problem) => {
          sink.next(closed(problem));
          sink.complete();
        },
      });
      return { unsubscribe };
    },
  };
}

/** The server's own errors come as a list; the rest is about the connection. */
function closed(problem) {
  if (Array.isArray(problem)) return { errors: problem };
  if (problem instanceof CloseEvent) {
    return failed(`The WebSocket was closed: ${problem.code} ${problem.reason}`.trim());
  }
  return failed(problem instanceof Error ? problem.message : "The WebSocket could not be opened.");
}

function authorization(token) {
  return { Authorization: `Bearer ${token}` };
}

/** The token in a set of headers, or undefined. */
function bearer(headers) {
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === "authorization");
  return /^Bearer\s+(\S+)/i.exec(entry?.[1] ?? "")?.[1];
}

// -- what the browser remembers --------------------------------------------------------------------

/**
 * GraphiQL would keep tabs, and in its history headers too, in localStorage for good: tokens and
 * patients' data. Here only the look of the page stays. Tabs of the demo survive a reload, without
 * their headers, until its examples change; all else is forgotten with the page.
 */
function storage({ token, examples }) {
  const page = memory();
  const tabs = token ? sessionStorage : page;
  const fingerprint = JSON.stringify(examples);
  if (token && tabs.getItem("waymark:examples") !== fingerprint) {
    tabs.clear();
    tabs.setItem("waymark:examples", fingerprint);
    // GraphiQL forgets to show the variables of the first of its default tabs.
    tabs.setItem("graphiql:variables", examples[0]?.variables ?? "");
  }
  const place = (key) => {
    if (/^graphiql:(theme|\w+Flex)$/.test(key)) return localStorage;
    return /^graphiql:(tabState|query|variables|operationName)$/.test(key) ? tabs : page;
  };
  return {
    getItem: (key) => place(key).getItem(key),
    setItem: (key, value) => place(key).setItem(key, value),
    removeItem: (key) => place(key).removeItem(key),
    clear: () => [page, tabs].forEach((store) => store.clear()),
    get length() {
      return page.length;
    },
  };
}

function memory() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
    get length() {
      return items.size;
    },
  };
}

// -- the page --------------------------------------------------------------------------------------

async function start() {
  const settings = await (await fetch("playground/settings.json")).json();
  const tabs = settings.examples.map(({ name, query, variables }) => ({
    query: `# ${name}\n\n${query}`,
    variables,
  }));
  if (!settings.token) tabs.unshift({ query: WELCOME });
  if (settings.trustedOnly) tabs.splice(0, tabs.length, { query: TRUSTED_ONLY });

  let token = settings.token ?? "";
  let typing;
  const root = ReactDOM.createRoot(document.getElementById("playground"));
  const options = {
    defaultTabs: tabs,
    defaultQuery: "",
    defaultEditorToolsVisibility: "headers",
    shouldPersistHeaders: false,
    storage: storage(settings),
    onEditHeaders(text) {
      clearTimeout(typing);
      const edited = tokenIn(text);
      if (!edited || edited === token) return;
      typing = setTimeout(() => {
        token = edited;
        render();
      }, 500);
    },
  };
  // A fetcher that is a new function makes GraphiQL read the schema again; the headers are those of
  // tabs not opened before.
  function render() {
    const fetch = (params, context) =>
      params.operationName === "IntrospectionQuery"
        ? introspection(params, context, token)
        : fetcher(params, context);
    const defaultHeaders = JSON.stringify(authorization(token), null, 2);
    root.render(React.createElement(GraphiQL, { ...options, fetcher: fetch, defaultHeaders }));
  }
  render();
}

function tokenIn(text) {
  try {
    return bearer(JSON.parse(text));
  } catch {
    return undefined; // half typed
  }
}

start().catch((problem) => {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.textContent = `The playground could not start: ${problem.message}`;
  document.getElementById("playground").replaceChildren(notice);
});
