import { Bare, bareApp } from "./app.ts";

const app = bareApp(Bare.parse(JSON.parse(process.env["BARE"] ?? "")));
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request) => app.fetch(request),
});
console.log(JSON.stringify({ event: "listening", url: server.url.href }));
