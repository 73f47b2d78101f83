/** The parts of fengari in use; the package has no types. */

declare module "fengari" {
  /** A Lua state; its contents are never touched directly. */
  export interface LuaState {
    readonly top: number;
  }
  /** A value outside the stack; a call pushes it. */
  export type LuaValue = (L: LuaState) => void;
  export const to_luastring: (text: string) => Uint8Array;
  export const to_jsstring: (bytes: Uint8Array) => string;
  export const lua: {
    LUA_OK: number;
    LUA_TNIL: number;
    LUA_TBOOLEAN: number;
    LUA_TNUMBER: number;
    LUA_TSTRING: number;
    LUA_TTABLE: number;
    lua_gettop(L: LuaState): number;
    lua_settop(L: LuaState, index: number): void;
    lua_type(L: LuaState, index: number): number;
    lua_tonumber(L: LuaState, index: number): number;
    lua_tostring(L: LuaState, index: number): Uint8Array;
    lua_toboolean(L: LuaState, index: number): boolean;
    lua_pushstring(L: LuaState, text: Uint8Array): Uint8Array;
    lua_pushglobaltable(L: LuaState): void;
    lua_toproxy(L: LuaState, index: number): LuaValue;
    lua_pushboolean(L: LuaState, value: boolean): void;
    lua_pushnumber(L: LuaState, value: number): void;
    lua_pushcfunction(L: LuaState, run: (L: LuaState) => number): void;
    lua_createtable(L: LuaState, items: number, fields: number): void;
    lua_rawseti(L: LuaState, index: number, at: number): void;
    lua_rawgeti(L: LuaState, index: number, at: number): number;
    lua_rawset(L: LuaState, index: number): void;
    lua_setfield(L: LuaState, index: number, name: Uint8Array): void;
    lua_setglobal(L: LuaState, name: Uint8Array): void;
    lua_pcall(L: LuaState, args: number, results: number, handler: number): number;
  };
  export const lauxlib: {
    luaL_newstate(): LuaState;
    luaL_loadstring(L: LuaState, source: Uint8Array): number;
  };
  export const lualib: { luaL_openlibs(L: LuaState): void };
}
