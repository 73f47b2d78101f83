import { openBar } from "../kit/bar.ts";
import { BROKEN, HELD, runCommand } from "../kit/command.ts";
import { flag, readOnlyOptions, text, whole } from "../kit/options.ts";
import { allTargets } from "./fuzz/targets.ts";
import { type Tried, tryRoute } from "./fuzz/try-route.ts";
import { triedText } from "./table.ts";

/*
 * The long mode of proof/hostile/fuzz/routes.test.ts: 100,000 inputs for every route of edge and
 * origin. It needs no server.
 */
await runCommand({
  name: "hostile",
  usage: "usage: npm run hostile -- [--runs 100000] [--seed 1] [--route TEXT] [--json]",
  read: (args) =>
    readOnlyOptions(args, {
      // inputs for each route
      runs: whole(100_000, 1, 100_000_000),
      seed: whole(1, 0, 2 ** 31 - 1),
      // only routes whose name contains this text, such as `edge` or `POST /commands`
      route: text(""),
      json: flag,
    }),
  async run(options) {
    const targets = (await allTargets()).filter(({ service, route }) =>
      `${service} ${route}`.includes(options.route),
    );
    if (targets.length === 0) throw new Error(`no route holds "${options.route}"`);
    const bar = openBar("inputs", targets.length * options.runs);
    const all: Tried[] = [];
    for (const target of targets)
      all.push(await tryRoute(target, { ...options, onRun: () => bar.add() }));
    bar.end();
    console.log(options.json ? JSON.stringify(all, null, 2) : triedText(all, options.seed));
    return all.some(({ failure }) => failure) ? BROKEN : HELD;
  },
});
