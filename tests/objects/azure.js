// Azurite, which speaks as Azure Blob Storage does, on loopback, for tests: starts it with one container, `bucket`, prints its port, and
// ends with standard input. The key is the one that every Azurite has.
const { spawn } = require("child_process");
const { createHmac } = require("crypto");
const http = require("http");

const ACCOUNT = "devstoreaccount1";
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const program = process.argv[2];

const options = ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--blobHost", "127.0.0.1", "--blobPort", "0"];
const server = spawn(process.execPath, [program, ...options], { stdio: ["ignore", "pipe", "ignore"] });
process.stdin.on("end", () => { server.kill(); process.exit(0); }).resume();
process.on("exit", () => server.kill());

let said = "";
server.stdout.on("data", (words) => {
  said += words;
  const found = said.match(/successfully listens on http:\/\/127\.0\.0\.1:(\d+)/);
  if (found) { said = ""; container(Number(found[1])); }
});

function container(port) {
  const date = new Date().toUTCString(), version = "2021-08-06";
  const text = `PUT${"\n".repeat(12)}x-ms-date:${date}\nx-ms-version:${version}\n/${ACCOUNT}/${ACCOUNT}/bucket\nrestype:container`;
  const signature = createHmac("sha256", Buffer.from(KEY, "base64")).update(text, "utf8").digest("base64");
  const headers = { "x-ms-date": date, "x-ms-version": version, "Content-Length": 0, Authorization: `SharedKey ${ACCOUNT}:${signature}` };
  const path = `/${ACCOUNT}/bucket?restype=container`;
  http.request({ host: "127.0.0.1", port, method: "PUT", path, headers }, () => console.log(port)).end();
}
