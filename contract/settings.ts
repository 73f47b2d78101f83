import * as z from "zod";

/**
 * Reads a program's settings by their schema. Throws with the name of every missing or wrong
 * setting, never with a value: settings hold secrets.
 */
export function readSettings<Settings>(
  schema: z.ZodType<Settings>,
  environment: unknown,
): Settings {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`wrong settings: ${faults.join("; ")}`);
}

/** Text in which `faultOf` finds no fault; a fault becomes the operator's error message. */
export function textWithout(faultOf: (text: string) => string | undefined) {
  return z.string().superRefine((text, context) => {
    const fault = faultOf(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });
}
