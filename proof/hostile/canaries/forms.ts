/** A secret, by the name a finding is told with; its value never is. */
export interface Canary {
  name: string;
  value: string;
}

/** A text as it may stand in a log: itself, and what encodings make of it. */
export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, "utf8");
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...[0, 1, 2].flatMap((shift) => insideBase64(bytes, shift)),
    // bytes in a list, as a buffer is written in JSON
    bytes.join(","),
  ];
  return [...new Set(forms)];
}

/** What of the base64 of a longer text does not depend on what stands before and behind it. */
function insideBase64(bytes: Buffer, shift: number): string[] {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
  const inside = text.slice(shift === 0 ? 0 : 4, Math.floor((shift + bytes.length) / 3) * 4);
  return [inside, inside.replaceAll("+", "-").replaceAll("/", "_")];
}

/** The keys of a keyring, each in base64 as the settings hold it, and in hex; not their names, which every token tells. */
export function canariesOfKeyring(name: string, keyring: string): Canary[] {
  return keyring.split(",").flatMap((key, at) => {
    const base64 = key.slice(key.indexOf(":") + 1);
    const bytes = Buffer.from(base64, "base64");
    return [
      { name: `${name} ${at}`, value: base64 },
      { name: `${name} ${at} in hex`, value: bytes.toString("hex") },
      { name: `${name} ${at} in base64url`, value: bytes.toString("base64url") },
      { name: `${name} ${at} as bytes`, value: bytes.join(",") },
    ];
  });
}

/** Which of the canaries stand in a text, in whatever form: their names. */
export function canariesIn(text: string, canaries: Canary[]): string[] {
  return canaries
    .filter(({ value }) => formsOf(value).some((form) => form !== "" && text.includes(form)))
    .map(({ name }) => name);
}
