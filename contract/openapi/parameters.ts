import * as z from "zod";
import { LectureId, Rid } from "../ids.ts";

/** The lecture of an address. */
export const LECTURE_PATH = z.object({ id: LectureId.meta({ example: "1" }) });

/** The reservation of an address. */
export const RESERVATION_PATH = z.object({ id: Rid });
