/** A Lua script, loaded as its text (bunfig.toml `[loader]`, wrangler.toml `[[rules]]`). */
declare module "*.lua" {
  const source: string;
  export default source;
}
