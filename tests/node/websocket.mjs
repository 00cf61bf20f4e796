// The client graphql-ws against two servers, of which the first stops half way. Prints what it saw as
// one JSON document.
//
//   node websocket.mjs URL OTHER_URL TOKEN CURSOR

import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { entriesAfter, once } from "./client.mjs";

const [first, other, token, after] = process.argv.slice(2);
const urls = [first, other].map((url) => `${url.replace("http", "ws")}/graphql`);
const closed = [];
let connections = 0;

const client = createClient({
  url: () => urls[Math.min(connections++, 1)],
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
  retryAttempts: 5,
  on: { closed: ({ code }) => closed.push(code) },
});

// The client sends this object again when it reconnects, so it goes on behind the last cursor.
const payload = entriesAfter(after);
const entries = [];
await new Promise((resolve, reject) => {
  client.subscribe(payload, {
    next: ({ data }) => {
      payload.variables.after = data.progressRecorded.cursor;
      entries.push(data.progressRecorded.entry.id);
      if (entries.length === 6) resolve();
    },
    error: reject,
    complete: () => reject(new Error("completed")),
  });
});

const viewer = await once(client, "{ viewer { fullName } }");
const refused = await once(client, "{ nonsense }").catch((errors) => errors[0].extensions.code);
console.log(JSON.stringify({ entries, closed, viewer, refused }));
await client.dispose();
