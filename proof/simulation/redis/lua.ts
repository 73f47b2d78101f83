import {
  type LuaState,
  type LuaValue,
  lauxlib,
  lua,
  lualib,
  to_jsstring,
  to_luastring,
} from "fengari";

/**
 * A command's reply: a status such as OK, a string, a whole number, nothing, or a list of these.
 */
export type Reply = { ok: string } | string | number | null | Reply[];

/**
 * Runs a script as EVAL does, to its end and alone. Throws where Redis would answer with an error.
 */
export type RunScript = (source: string, keys: string[], args: string[]) => Reply;

/** Beyond this many distinct strings, each further string is converted every time. */
const INTERNED_MAX = 50_000;

/**
 * Runs Redis' scripts in fengari, a Lua 5.3 in JavaScript. `call` is the scripts' redis.call.
 * Scripts are compiled once and strings converted once, since a simulation runs the same few
 * scripts on the same few names millions of times.
 *
 * Redis' Lua 5.1 has no integers. fengari's integers have 32 bits, too few for milliseconds since
 * 1970. Times must therefore enter the scripts as floats; the redis.call of TIME does this.
 */
export function createScripts(call: (command: string, args: string[]) => Reply): RunScript {
  const L = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(L);
  const compiled = new Map<string, LuaValue>();
  const interned = new Map<string, LuaValue>();
  const texts = new WeakMap<Uint8Array, string>();
  lua.lua_pushglobaltable(L);
  const globals = taken();

  lua.lua_createtable(L, 0, 1);
  lua.lua_pushcfunction(L, redisCall);
  lua.lua_setfield(L, -2, to_luastring("call"));
  lua.lua_setglobal(L, to_luastring("redis"));

  function redisCall(state: LuaState): number {
    const args: string[] = [];
    for (let at = 2, top = lua.lua_gettop(state); at <= top; at += 1) args.push(textAt(state, at));
    pushReply(state, call(textAt(state, 1), args));
    return 1;
  }

  /** Removes the value at the top of the stack. Returns what pushes it again. */
  function taken(): LuaValue {
    const value = lua.lua_toproxy(L, -1);
    lua.lua_settop(L, lua.lua_gettop(L) - 1);
    return value;
  }

  /** Frequent strings, such as names, are kept. */
  function pushText(state: LuaState, text: string): void {
    const known = interned.get(text);
    if (known !== undefined) {
      known(state);
      return;
    }
    texts.set(lua.lua_pushstring(state, to_luastring(text)), text);
    if (interned.size < INTERNED_MAX) interned.set(text, lua.lua_toproxy(state, -1));
  }

  function textAt(state: LuaState, at: number): string {
    const bytes = lua.lua_tostring(state, at);
    let text = texts.get(bytes);
    if (text === undefined) {
      text = to_jsstring(bytes);
      texts.set(bytes, text);
    }
    return text;
  }

  function pushReply(state: LuaState, reply: Reply): void {
    if (typeof reply === "string") pushText(state, reply);
    else if (typeof reply === "number") lua.lua_pushnumber(state, reply);
    else if (reply === null) lua.lua_pushboolean(state, false);
    else if (Array.isArray(reply)) pushList(state, reply);
    else {
      lua.lua_createtable(state, 0, 1);
      pushText(state, "ok");
      pushText(state, reply.ok);
      lua.lua_rawset(state, -3);
    }
  }

  function pushList(state: LuaState, items: Reply[]): void {
    lua.lua_createtable(state, items.length, 0);
    for (let at = 0; at < items.length; at += 1) {
      pushReply(state, items[at] ?? null);
      lua.lua_rawseti(state, -2, at + 1);
    }
  }

  /**
   * Converts a script's result as Redis does: numbers lose their fraction, a list ends at its first
   * nil.
   */
  function replyAt(state: LuaState, at: number): Reply {
    switch (lua.lua_type(state, at)) {
      case lua.LUA_TSTRING:
        return textAt(state, at);
      case lua.LUA_TNUMBER:
        return Math.trunc(lua.lua_tonumber(state, at));
      case lua.LUA_TBOOLEAN:
        return lua.lua_toboolean(state, at) ? 1 : null;
      case lua.LUA_TTABLE:
        return listAt(state, at);
      default:
        return null;
    }
  }

  function listAt(state: LuaState, at: number): Reply[] {
    const items: Reply[] = [];
    for (let item = 1; ; item += 1) {
      lua.lua_rawgeti(state, at, item);
      const top = lua.lua_gettop(state);
      const ended = lua.lua_type(state, top) === lua.LUA_TNIL;
      if (!ended) items.push(replyAt(state, top));
      lua.lua_settop(state, top - 1);
      if (ended) return items;
    }
  }

  function compile(source: string): LuaValue {
    const known = compiled.get(source);
    if (known !== undefined) return known;
    if (lauxlib.luaL_loadstring(L, to_luastring(source)) !== lua.LUA_OK) throw failure("compiling");
    const script = taken();
    compiled.set(source, script);
    return script;
  }

  function failure(doing: string): Error {
    const message = textAt(L, lua.lua_gettop(L));
    lua.lua_settop(L, 0);
    return new Error(`ERR Error ${doing} script: ${message}`);
  }

  function setGlobal(name: string, items: string[]): void {
    pushText(L, name);
    pushList(L, items);
    lua.lua_rawset(L, 1);
  }

  return function runScript(source, keys, args) {
    const script = compile(source);
    globals(L);
    setGlobal("KEYS", keys);
    setGlobal("ARGV", args);
    script(L);
    if (lua.lua_pcall(L, 0, 1, 0) !== lua.LUA_OK) throw failure("running");
    const reply = replyAt(L, lua.lua_gettop(L));
    lua.lua_settop(L, 0);
    return reply;
  };
}
