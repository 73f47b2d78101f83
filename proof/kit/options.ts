import { parseArgs } from "node:util";

/** An option of a command line: its spelling and the meaning of its text. */
export interface Option<Value> {
  type: "boolean" | "string";
  /** @param given the text, `true` for a flag, undefined if the option is absent */
  read(given: string | boolean | undefined, name: string): Value;
}

type Spec = Record<string, Option<unknown>>;
export type OptionsOf<S extends Spec> = {
  [Name in keyof S]: S[Name] extends Option<infer Value> ? Value : never;
};

/** `--name`: true if given. */
export const flag: Option<boolean> = { type: "boolean", read: (given) => given === true };

/** `--name N`: a whole number from `min` to `max`; `usual` if absent. */
export function whole<Usual extends number | undefined>(
  usual: Usual,
  min: number,
  max: number,
): Option<number | Usual> {
  return {
    type: "string",
    read(given, name) {
      if (given === undefined) return usual;
      const text = String(given);
      const number = Number(text);
      if (/^\d+$/.test(text) && number >= min && number <= max) return number;
      throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
    },
  };
}

/** `--name N`: a seed from 0 to `max`, below 2³²; a random seed if absent. */
export function seed(max: number): Option<number> {
  const given = whole(undefined, 0, max);
  return { type: "string", read: (text, name) => given.read(text, name) ?? anySeed(max) };
}

/** `--name TEXT`: any text; `usual` if absent. */
export function text<Usual extends string | undefined>(usual: Usual): Option<string | Usual> {
  return { type: "string", read: (given) => (given === undefined ? usual : String(given)) };
}

/**
 * Reads a command line. Throws an error that names the mistake in one line.
 *
 * @param spec the options by their written names
 * @returns the options, and the words that belong to no option
 */
export function readOptions<S extends Spec>(
  args: string[],
  spec: S,
): { options: OptionsOf<S>; words: string[] } {
  const { values, positionals } = parseArgs({
    args,
    options: Object.fromEntries(Object.entries(spec).map(([name, { type }]) => [name, { type }])),
    allowPositionals: true,
  });
  const options = Object.fromEntries(
    Object.entries(spec).map(([name, option]) => [name, option.read(values[name], name)]),
  );
  return { options: options as OptionsOf<S>, words: positionals };
}

/** Reads a command line that takes options alone. */
export function readOnlyOptions<S extends Spec>(args: string[], spec: S): OptionsOf<S> {
  const { options, words } = readOptions(args, spec);
  if (words.length > 0) throw new Error(`what is "${words.join(" ")}"?`);
  return options;
}

/** A random seed from 0 to `max`, below 2³². */
export function anySeed(max: number): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % (max + 1);
}
