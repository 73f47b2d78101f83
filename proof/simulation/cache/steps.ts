import { drainMicrotasks } from "bun:jsc";

/** A process of the walk. A dead one never goes on. */
export interface Actor {
  name: string;
  alive: boolean;
  /** what it has learnt since it was last idle */
  history: string[];
  /** the newest version it has seen */
  seen: number;
}

interface Pending {
  actor: Actor;
  what: string;
  /** effect and answer are one step: what lies between no other process can see */
  happen(): void;
  /** the request is lost, or its reply; a request that cannot be lost has none */
  losses: (() => void)[];
}

/** Everything that processes wait for. Nothing happens by itself. */
export function createSteps() {
  let pending: Pending[] = [];

  function take(step: Pending, act: () => void): void {
    pending = pending.filter((other) => other !== step);
    act();
    drainMicrotasks();
    if (!pending.some(({ actor }) => actor === step.actor)) step.actor.history.length = 0;
  }

  return {
    /** One request of a process. `isLosable`: it may fail, with its effect or without. */
    ask<T>(actor: Actor, what: string, effect: () => T, isLosable = false): Promise<T> {
      return new Promise((resolve, reject) => {
        if (!actor.alive) return;
        const lost = () => reject(new Error("lost"));
        const answer = () => {
          const value = effect();
          actor.history.push(`${what} ${JSON.stringify(value)}`);
          resolve(value);
        };
        const loseReply = () => {
          effect();
          actor.history.push(`${what} lost`);
          lost();
        };
        const loseRequest = () => {
          actor.history.push(`${what} lost`);
          lost();
        };
        const losses = isLosable ? [loseRequest, loseReply] : [];
        pending.push({ actor, what, happen: answer, losses });
      });
    },
    crash(actor: Actor): void {
      actor.alive = false;
      pending = pending.filter((step) => step.actor !== actor);
    },
    isBusy: (actor: Actor) => pending.some((step) => step.actor === actor),
    isIdle: () => pending.length === 0,
    /** What may happen next. */
    next: () =>
      pending.map((step) => ({
        actor: step.actor,
        what: `${step.actor.name} ${step.what}`,
        act: () => take(step, step.happen),
      })),
    /** What may get lost next. */
    losses: () =>
      pending.flatMap((step) =>
        step.losses.map((lose, at) => ({
          what: `${step.actor.name} ${step.what} loses its ${at === 0 ? "request" : "reply"}`,
          act: () => take(step, lose),
        })),
      ),
    key: () => pending.map(({ actor, what }) => `${actor.name} ${what}`),
  };
}
