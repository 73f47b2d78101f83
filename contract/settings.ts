import * as z from "zod";

/**
 * Reads the settings of a program by their schema. Throws with every name that is missing or wrong, and never with a value: settings hold
 * secrets.
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

/** Text that a function of ours finds no fault with; the fault is what the operator is told. */
export function textWithout(faultOf: (text: string) => string | undefined) {
  return z.string().superRefine((text, context) => {
    const fault = faultOf(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });
}
