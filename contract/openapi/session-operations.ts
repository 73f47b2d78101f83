import * as z from "zod";
import { DemoSignIn, SignedIn } from "../origin-api.ts";
import { Me } from "../session.ts";
import { OF_A_BODY, OF_A_SESSION, refusals } from "./refusals.ts";
import type { Tag } from "./tag.ts";

/** Signing in and out. */
export const session: Tag = {
  name: "session",
  description: "Who is asking",
  paths: {
    "/api/auth/demo": {
      post: {
        operationId: "demoSignIn",
        summary: "A session for any student number, where the deployment allows it",
        security: [],
        requestBody: { required: true, content: { "application/json": { schema: DemoSignIn } } },
        responses: {
          "200": {
            description: "The session, as token and as cookie",
            headers: z.object({ "Set-Cookie": z.string() }),
            content: { "application/json": { schema: SignedIn } },
          },
          ...refusals([
            ...OF_A_BODY,
            "cross_origin",
            "route_not_found",
            "rate_limited",
            "overloaded",
          ]),
        },
      },
    },
    "/api/auth/sign-out": {
      post: {
        operationId: "signOut",
        summary: "The browser forgets its session",
        security: [],
        responses: {
          "204": {
            description: "The cookie is gone.",
            headers: z.object({ "Set-Cookie": z.string() }),
          },
          ...refusals(["cross_origin"]),
        },
      },
    },
    "/api/me": {
      get: {
        operationId: "getMe",
        summary: "Who the session says one is",
        responses: {
          "200": { description: "User and role", content: { "application/json": { schema: Me } } },
          ...refusals([...OF_A_SESSION, "rate_limited"]),
        },
      },
    },
  },
};
