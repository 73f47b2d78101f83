import { Bare, bareApp } from "./app.ts";

let app: ReturnType<typeof bareApp> | undefined;

export default {
  fetch(request: Request, env: { BARE: string }): Response | Promise<Response> {
    app ??= bareApp(Bare.parse(JSON.parse(env.BARE)));
    return app.fetch(request);
  },
};
