import { Bare, bareApp } from "./app.ts";

/** The used part of Deno; its own types would clash with Bun's. */
declare const Deno: {
  env: { get(name: string): string | undefined };
  serve(
    options: {
      hostname: string;
      port: number;
      onListen(address: { hostname: string; port: number }): void;
    },
    handler: (request: Request) => Response | Promise<Response>,
  ): unknown;
};

const app = bareApp(Bare.parse(JSON.parse(Deno.env.get("BARE") ?? "")));
const onListen = ({ hostname, port }: { hostname: string; port: number }) =>
  console.log(JSON.stringify({ event: "listening", url: `http://${hostname}:${port}/` }));
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, (request) => app.fetch(request));
