import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAuthorities } from "./authorities.ts";
import { makeAuthority } from "./authority-for-test.ts";
import { platformBinary } from "./platform-binary.ts";
import { findFreePorts } from "./ports.ts";
import { probeHttp } from "./probes/http.ts";
import { workerdConfig } from "./workerd-config.ts";

const dir = mkdtempSync(join(tmpdir(), "lectern-workerd-"));
afterAll(() => rmSync(dir, { recursive: true }));

const vars = {
  PLAIN: "20",
  AWKWARD: 'a "quoted" back\\slash,\n\ta line, \u0001 and 讲座',
  SWITCHES: { on: true, names: ["a"] },
  TOKEN: "the value of a variable must not hide the secret",
};

test("a worker sees its exact variables, its secrets and its text modules", async () => {
  const port = await findFreePorts(1);
  const config = workerdConfig({
    address: `127.0.0.1:${port}`,
    compatibilityDate: "2026-01-01",
    compatibilityFlags: ["nodejs_compat"],
    modules: ["main.js", "hash-claim.lua"],
    vars,
    secretNames: ["TOKEN"],
  });
  writeFileSync(
    join(dir, "main.js"),
    'import lua from "./hash-claim.lua"; ' +
      "export default { fetch: (_, env) => Response.json({ ...env, lua }) };",
  );
  writeFileSync(join(dir, "hash-claim.lua"), "return 1");
  writeFileSync(join(dir, "edge.capnp"), config);
  const workerd = Bun.spawn([platformBinary("workerd"), "serve", "edge.capnp"], {
    cwd: dir,
    env: { TOKEN: "s3cret" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    while ((await probeHttp(url)) && workerd.exitCode === null) await Bun.sleep(20);
    expect(await (await fetch(url)).json()).toEqual({ ...vars, TOKEN: "s3cret", lua: "return 1" });
  } finally {
    workerd.kill();
    await workerd.exited;
  }
});

test("a worker believes the authorities it is given, and no other of one's own", async () => {
  const { ca, certificate, key } = makeAuthority(dir);
  const tls = { cert: Bun.file(certificate), key: Bun.file(key) };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls,
    fetch: () => new Response("trusted"),
  });
  const script = `export default { fetch: () => fetch(${JSON.stringify(server.url.href)})
    .then((answer) => answer.text(), () => "not trusted").then((text) => new Response(text)) };`;
  writeFileSync(join(dir, "tls.js"), script);
  try {
    expect(await answerWith([])).toBe("not trusted");
    expect(await answerWith(readAuthorities(ca) ?? [])).toBe("trusted");
  } finally {
    await server.stop(true);
  }
});

async function answerWith(authorities: string[]): Promise<string> {
  const port = await findFreePorts(1);
  const config = workerdConfig({
    address: `127.0.0.1:${port}`,
    compatibilityDate: "2026-01-01",
    compatibilityFlags: [],
    modules: ["tls.js"],
    vars: {},
    secretNames: [],
    authorities,
  });
  writeFileSync(join(dir, "tls.capnp"), config);
  const command = [platformBinary("workerd"), "serve", "tls.capnp"];
  const workerd = Bun.spawn(command, { cwd: dir, env: {}, stdio: ["ignore", "ignore", "ignore"] });
  try {
    const url = `http://127.0.0.1:${port}`;
    while ((await probeHttp(url)) && workerd.exitCode === null) await Bun.sleep(20);
    return await (await fetch(url)).text();
  } finally {
    workerd.kill();
    await workerd.exited;
  }
}

test("the value of a secret is nowhere in the configuration", () => {
  const config = workerdConfig({
    address: "127.0.0.1:1",
    compatibilityDate: "2026-01-01",
    compatibilityFlags: [],
    modules: ["main.js"],
    vars,
    secretNames: ["TOKEN"],
  });
  expect(config).toContain('(name = "TOKEN", fromEnvironment = "TOKEN")');
  expect(config).not.toContain("must not hide");
});
