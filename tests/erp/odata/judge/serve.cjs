// Serves the folders named in the configuration file with SAP's mock server, on a free port that it prints.
const http = require("http");
const { readFileSync } = require("fs");
const FEMockserver = require("@sap-ux/fe-mockserver-core").default;

async function main() {
  const server = new FEMockserver(JSON.parse(readFileSync(process.argv[2], "utf8")));
  await server.isReady;
  const router = server.getRouter();
  const listening = http.createServer((request, response) => {
    router(request, response, () => {
      response.statusCode = 404;
      response.end("{}");
    });
  });
  listening.listen(0, "127.0.0.1", () => console.log(`port ${listening.address().port}`));
}

main();
