import { type ClaimAnswer, claim, claimCommand, readClaimReply } from "../admission/claim.ts";
import { findClaim } from "../admission/find-claim.ts";
import type { ClaimIntent } from "./claim-intent.ts";
import type { EdgeContext } from "./context.ts";
import type { EdgeDeps } from "./deps.ts";
import type { AlongReply, NotPassed } from "./limits.ts";
import { noteClaim } from "./observe.ts";

/**
 * The outcome of one attempt at a seat:
 * - `limited`: the token buckets did not let the request pass, and it wrote no claim;
 * - `not_taken`: no new claims are taken, and the user holds none;
 * - `unknown`: the claim may or may not stand;
 * - `answered`: Redis answered the claim.
 */
export type Attempt = { outcome: "limited"; limit: NotPassed } | { outcome: "not_taken" } | Claimed;

/** The outcome of a claim that was sent. */
type Claimed =
  | { outcome: "unknown"; error: unknown }
  | { outcome: "answered"; answer: ClaimAnswer };

/**
 * Takes the tokens and claims, in one Redis round trip. While no new claims are taken, the claim is
 * left out; a seat's holder is still answered.
 */
export async function attemptClaim(
  c: EdgeContext,
  deps: Pick<
    EdgeDeps,
    "limits" | "crowd" | "addressOf" | "intake" | "redis" | "metrics" | "tracing"
  >,
  intent: ClaimIntent,
): Promise<Attempt> {
  const { limits, crowd, addressOf, intake } = deps;
  const { limit, reply } = await crowd.claiming(intent.lectureId, () =>
    limits.takeAlong(intent.userId, addressOf(c), () =>
      intake.admits() ? claimCommand(intent) : undefined,
    ),
  );
  const claimed = reply && readReply(reply);
  if (claimed) {
    noteClaim(c, deps, intent, claimed.outcome === "answered" ? claimed.answer.outcome : "unknown");
    // A claim that may stand goes on, whatever the buckets say: nothing is undone here.
    if (mayStand(claimed)) return claimed;
    // A request without a new claim hands nothing over, and cannot show whether the broker takes
    // commands again.
    intake.spared();
  }
  if (limit.outcome !== "passed") return { outcome: "limited", limit };
  return claimed ?? claimAsHolder(c, deps, intent);
}

function readReply(reply: NonNullable<AlongReply>): Claimed {
  if ("lost" in reply) return { outcome: "unknown", error: reply.lost };
  try {
    return { outcome: "answered", answer: readClaimReply(reply) };
  } catch (error) {
    return { outcome: "unknown", error };
  }
}

/** Whether this request may have written a new claim. */
function mayStand(claimed: Claimed): boolean {
  return claimed.outcome === "unknown" || claimed.answer.outcome === "claimed";
}

/** Claims for a user who holds a claim of the lecture already. Nobody else claims here. */
async function claimAsHolder(
  c: EdgeContext,
  deps: Pick<EdgeDeps, "redis" | "metrics" | "tracing">,
  intent: ClaimIntent,
): Promise<Attempt> {
  try {
    if (!(await findClaim(deps.redis, intent))) return { outcome: "not_taken" };
    const answer = await claim(deps.redis, intent);
    noteClaim(c, deps, intent, answer.outcome);
    return { outcome: "answered", answer };
  } catch (error) {
    return { outcome: "unknown", error };
  }
}
