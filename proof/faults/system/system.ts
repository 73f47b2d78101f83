import { rmSync } from "node:fs";
import { join } from "node:path";
import { debianStep } from "../../../stack/debian.ts";
import { stopStack } from "../../../stack/down.ts";
import { bundleEdge } from "../../../stack/edge-bundle.ts";
import { databasesOf, environmentOf } from "../../../stack/environment.ts";
import { portOf } from "../../../stack/layout.ts";
import { migrate } from "../../../stack/migrate.ts";
import type { Part } from "../../../stack/part.ts";
import { STOP_ORDER } from "../../../stack/parts.ts";
import { findFreePorts } from "../../../stack/ports.ts";
import { epmd } from "../../../stack/servers/epmd.ts";
import { rabbitmq } from "../../../stack/servers/rabbitmq.ts";
import { redis } from "../../../stack/servers/redis.ts";
import { zookeeper } from "../../../stack/servers/zookeeper.ts";
import { edge } from "../../../stack/services/edge.ts";
import { origin } from "../../../stack/services/origin.ts";
import { redisHttp } from "../../../stack/services/redis-http.ts";
import { worker } from "../../../stack/services/worker.ts";
import { runSteps, type Step } from "../../../stack/steps.ts";
import type { AuditConfig } from "../../audit/config.ts";
import { type FaultProxy, startFaultProxy } from "../proxy/proxy.ts";
import { mysqlThatFills, withClock } from "./launches.ts";
import { isService, links, type UnitName } from "./links.ts";
import { directoriesOf, PORT_COUNT, plansOf } from "./plans.ts";
import { superviseUnit, type Unit } from "./unit.ts";
import { sessionTap, type ZooKeeperSessionKey } from "./zookeeper-session.ts";

export interface SystemOptions {
  /** absolute; the parent of everything that the system keeps */
  dir: string;
  /** settings of the services, on top of a basic environment */
  settings?: Record<string, string>;
  interrupted: AbortSignal;
  hurry: AbortSignal;
  quietly?: boolean;
}

export type FaultSystem = Awaited<ReturnType<typeof startSystem>>;

const READY_WITHIN_MS = 180_000;

const parts: Record<UnitName, Part> = {
  redis,
  epmd,
  rabbitmq,
  mysql: mysqlThatFills,
  zookeeper,
  "redis-http": redisHttp,
  origin,
  "worker-1": worker,
  "worker-2": worker,
  edge,
};

const unitNames = Object.keys(parts) as UnitName[];

/**
 * Starts real servers and real services with a fault proxy on every link, on free ports and with
 * separate data. It first stops and deletes an earlier system in this directory. Throws if the
 * system does not come up, with everything stopped.
 */
export async function startSystem(options: SystemOptions) {
  const { dir, interrupted, hurry, quietly = false } = options;
  await dropSystem(dir, hurry);
  const { servers, planOf } = plansOf(dir, await findFreePorts(PORT_COUNT), options.settings ?? {});
  const ownEndings: string[] = [];
  const proxies = new Map<string, FaultProxy>();
  const sessions = new Map<string, ZooKeeperSessionKey>();

  const units = Object.fromEntries(
    unitNames.map((name) => {
      const plan = planOf(name);
      const launchAs = isService(name) && name !== "edge" ? { launchAs: withClock(plan) } : {};
      const onOwnEnding = (what: string) => ownEndings.push(what);
      return [name, superviseUnit({ name, plan, part: parts[name], ...launchAs, onOwnEnding })];
    }),
  ) as Record<UnitName, Unit>;

  async function startProxies(): Promise<void> {
    for (const { name, from, to } of links) {
      const tap = to === "zookeeper" && sessionTap((key) => sessions.set(name, key));
      const proxy = await startFaultProxy({
        port: portOf(planOf(from).basePort, to),
        targetPort: portOf(planOf(to).basePort, to),
        ...(tap && { onFirstAnswer: tap }),
      });
      proxies.set(name, proxy);
    }
  }

  async function stop(): Promise<void> {
    for (const proxy of proxies.values()) proxy.heal();
    for (const stage of STOP_ORDER) {
      const ofStage = unitNames.filter((name) =>
        stage.some((part) => part.name === parts[name].name),
      );
      await Promise.all(ofStage.map((name) => units[name].close(hurry)));
    }
    for (const proxy of proxies.values()) await proxy.close();
  }

  const environment = environmentOf(servers);
  try {
    await startProxies();
    await runSteps(steps(), { interrupted, quietly });
  } catch (error) {
    await stop();
    throw error;
  }

  function steps(): Step[] {
    const debian = debianStep(servers);
    const step = (name: string, needs: string[], work: (signal: AbortSignal) => unknown): Step => {
      const run = async (signal: AbortSignal) => {
        await work(signal);
        return "";
      };
      return { name, needs, run };
    };
    const starts = unitNames.map((name) => {
      const { needs, after = [] } = parts[name];
      const before = [...needs, ...after, ...(isService(name) ? [] : ["Debian packages"])];
      return step(name, before, async (signal) => {
        await units[name].start(signal);
        await units[name].untilReady(READY_WITHIN_MS, signal);
      });
    });
    return [
      ...(debian ? [debian] : []),
      step("migrations", ["mysql"], (signal) =>
        migrate(servers.dir, databasesOf(environment), signal),
      ),
      step("edge bundle", [], (signal) => bundleEdge(planOf("edge").dir, signal)),
      ...starts,
    ];
  }

  /** The servers past every proxy, for making lectures and for audits. */
  const direct: AuditConfig = {
    ...environment,
    UPSTASH_REDIS_REST_URL: environmentOf(planOf("redis-http")).UPSTASH_REDIS_REST_URL,
    PARTITIONS: servers.partitions,
  };

  return {
    dir,
    units,
    edgeUrl: environmentOf(planOf("edge")).EDGE_URL,
    direct,
    redisPort: portOf(servers.basePort, "redis"),
    zooKeeperPort: portOf(servers.basePort, "zookeeper"),
    mysqlPort: portOf(servers.basePort, "mysql"),
    mysqlPassword: servers.secrets.mysqlPassword,

    /** The proxy of a link, by the link's name. */
    link(name: string): FaultProxy {
      const proxy = proxies.get(name);
      if (!proxy) throw new Error(`no link ${name}`);
      return proxy;
    },

    /** The ZooKeeper session on a link, as last seen on the wire. */
    sessionOf: (link: string) => sessions.get(link),

    /** The processes that ended by themselves since the last call. */
    takeOwnEndings: () => ownEndings.splice(0),

    stop,
  };
}

/** Stops the running parts of a system and deletes its data and logs. */
async function dropSystem(dir: string, hurry: AbortSignal): Promise<void> {
  for (const each of directoriesOf(dir)) {
    await stopStack(each, { wipe: true, hurry, quietly: true });
    rmSync(join(each, "clock"), { force: true });
    rmSync(join(each, "logs"), { recursive: true, force: true });
  }
}
