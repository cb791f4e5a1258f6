import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { describeApi } from "../../src/server/openapi.ts";
import { apiPage } from "../../src/server/api-page.ts";
import { ROUTES } from "../../src/server/route-table.ts";
import type { PlainRoute } from "../../src/server/route.ts";

const routes = ROUTES as unknown as readonly PlainRoute[];

describe("the API's description", () => {
  it("is valid OpenAPI 3.1 and names each route of the table once", async () => {
    const api = describeApi(routes, "0.1.0") as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    expect(await new Validator().validate(structuredClone(api))).toMatchObject({ valid: true });
    const operations = Object.values(api.paths).flatMap((methods) => Object.values(methods));
    expect(operations).toHaveLength(routes.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
  });

  it("says of each route that changes something what asking twice does", () => {
    const silent = routes.filter((route) => route.method !== "GET" && !("idempotency" in route));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it("is what the page on the API is made of", () => {
    const page = new URL("../../docs/reference/api.md", import.meta.url);
    expect(readFileSync(page, "utf8")).toBe(apiPage(routes));
  });
});
