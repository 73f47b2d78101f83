import * as z from "zod";
import { HostId } from "../host.ts";
import { LectureId, Rid } from "../ids.ts";

/** The lecture of an address. */
export const LECTURE_PATH = z.object({ id: LectureId.meta({ example: "1" }) });

/** The reservation of an address. */
export const RESERVATION_PATH = z.object({ id: Rid });

/** The change of a lecture of an address. */
export const AMENDMENT_PATH = z.object({ id: Rid });

/** The host of an address. */
export const HOST_PATH = z.object({ id: HostId.meta({ example: "physics" }) });

/** How long the client waits for a decision. */
export const PREFER = z.optional(
  z.string().meta({
    description: "`wait=N`: answer once it is decided, after N seconds at the latest (RFC 7240).",
    example: "wait=10",
  }),
);
