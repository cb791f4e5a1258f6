import { SDK_VERSION } from "../../resolver/sdk-version.ts";
import { langfuseHealth, langfuseProjects } from "../contract/langfuse.ts";
import { PROJECT } from "../langfuse/project.ts";
import { answer, defineServing } from "../route.ts";

/** By which the clients check that their keys are good. */
export const listLangfuseProjects = defineServing({
  method: "GET",
  path: "/api/public/projects",
  summary: "The one project, for Langfuse's clients",
  allow: { permission: "serve", places: "filtered" },
  limit: "read",
  answers: { 200: langfuseProjects },
  async run() {
    const organization = { id: PROJECT, name: PROJECT };
    return answer(200, { data: [{ id: PROJECT, name: PROJECT, organization, metadata: {} }] });
  },
});

export const langfuseIsWell = defineServing({
  method: "GET",
  path: "/api/public/health",
  summary: "Whether the server is there, for Langfuse's clients",
  allow: "anybody",
  limit: "read",
  answers: { 200: langfuseHealth },
  run: async () => answer(200, { status: "OK" as const, version: SDK_VERSION }),
});
