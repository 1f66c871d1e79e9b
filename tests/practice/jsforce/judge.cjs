// One scenario of a client nobody here wrote, against the practice org; prints what it saw as one line of JSON.
// Usage: node judge.cjs SCENARIO URL TOKEN JSON-ARGUMENTS
"use strict";

const channels = require("node:diagnostics_channel");
const { Readable } = require("node:stream");
const jsforce = require("jsforce");

const [scenario, instanceUrl, accessToken, given] = process.argv.slice(2);
const wanted = JSON.parse(given);
const connection = new jsforce.Connection({ instanceUrl, accessToken, version: "62.0" });
const polling = { pollInterval: 20, pollTimeout: 20000 };

// Which requests went out with a chunked body: said by Node itself, not by the server under test.
const chunked = [];
channels.subscribe("http.client.response.finish", ({ request }) => {
  if (request.chunkedEncoding) chunked.push(`${request.method} ${request.path.split("/").pop()}`);
});

function collect(stream) {
  return new Promise((resolve, reject) => {
    const rows = [];
    stream.on("record", (row) => rows.push(row));
    stream.on("error", reject);
    stream.on("end", () => resolve(rows));
  });
}

const scenarios = {
  // Every page behind every locator, one record event each.
  async query() {
    const query = connection.query(wanted.soql);
    const rows = [];
    query.on("record", (row) => rows.push(row));
    await new Promise((resolve, reject) => {
      query.on("end", resolve).on("error", reject).run({ autoFetch: true, maxFetch: wanted.most });
    });
    return { rows, totalSize: query.totalSize };
  },
  async update() {
    return connection.sobject("Account").update(wanted.records, { allowRecursive: true });
  },
  async upsert() {
    return connection.sobject("Account").upsert(wanted.records, wanted.key);
  },
  async describe() {
    const account = await connection.sobject("Account").describe();
    const everything = await connection.describeGlobal();
    return { fields: account.fields, objects: everything.sobjects.map((each) => each.name) };
  },
  async bulkQuery() {
    connection.bulk2.pollInterval = polling.pollInterval;
    connection.bulk2.pollTimeout = polling.pollTimeout;
    return collect(await connection.bulk2.query(wanted.soql));
  },
  // The file goes up as a stream of pieces, which the client sends with Transfer-Encoding: chunked.
  async bulkIngest() {
    const job = connection.bulk2.createJob({ operation: wanted.operation, object: "Account", lineEnding: "LF" });
    await job.open();
    await job.uploadData(Readable.from(wanted.pieces));
    await job.close();
    await job.poll(polling.pollInterval, polling.pollTimeout);
    const results = await job.getAllResults();
    return { info: await job.check(), results, chunked };
  },
  async errors() {
    const refusals = [];
    for (const soql of wanted.soql) {
      await connection.query(soql).catch((error) => refusals.push({ name: error.errorCode, message: error.message }));
    }
    return refusals;
  },
};

scenarios[scenario]().then(
  (seen) => process.stdout.write(`${JSON.stringify(seen)}\n`),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  },
);
