// What the clients of both transports are asked.

/** A subscription that goes on behind a cursor, which moves with it: it is sent again to reconnect. */
export const entriesAfter = (after) => ({
  query: "subscription($after: String) { progressRecorded(after: $after) { cursor entry { id } } }",
  variables: { after },
});

/** The last answer to an operation. */
export const once = (client, query) =>
  new Promise((resolve, reject) => {
    let seen;
    client.subscribe({ query }, { next: (it) => (seen = it), error: reject, complete: () => resolve(seen) });
  });
