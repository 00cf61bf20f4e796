// The client graphql-sse against two servers, of which the first stops half way. Prints what it saw as
// one JSON document.
//
//   node sse.mjs URL OTHER_URL TOKEN CURSOR

import { createClient } from "graphql-sse";
import { entriesAfter, once } from "./client.mjs";

const [first, other, token, after] = process.argv.slice(2);
let connections = 0;

const client = createClient({
  url: () => `${[first, other][Math.min(connections++, 1)]}/graphql`,
  headers: { Authorization: `Bearer ${token}` },
  retryAttempts: 5,
});

const payload = entriesAfter(after);
const entries = [];
/** One connection, until it ends. */
const listen = () =>
  new Promise((resolve, reject) => {
    client.subscribe(payload, {
      next: ({ data }) => {
        payload.variables.after = data.progressRecorded.cursor;
        entries.push(data.progressRecorded.entry.id);
        if (entries.length === 6) resolve();
      },
      error: reject,
      // The client takes the end of a response for the end of the operation.
      complete: resolve,
    });
  });
while (entries.length < 6) await listen();

const viewer = await once(client, "{ viewer { fullName } }");
const refused = (await once(client, "{ nonsense }")).errors[0].extensions.code;
console.log(JSON.stringify({ entries, viewer, refused }));
client.dispose();
process.exit();
