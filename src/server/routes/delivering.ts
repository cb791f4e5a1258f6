import { roleMay } from "../../domain/access/permissions.ts";
import { allowsLabel, allowsPrompt, allowsReading, allowsTenant } from "../../domain/access/grants.ts";
import { notFound } from "../../domain/errors.ts";
import type { Manifest } from "../../domain/shapes/delivering.ts";
import { listDrift, seesDrift } from "../../storage/read/drift.ts";
import { listDeliveries } from "../../storage/read/deliveries.ts";
import { isLabelProtected } from "../../storage/read/label-list.ts";
import { listManifests } from "../../storage/read/manifests.ts";
import { deliverVersion } from "../../use-cases/deliver-version.ts";
import { forgetManifest } from "../../use-cases/forget-manifest.ts";
import { loadPolicyDocument } from "../../use-cases/load-policy-document.ts";
import { publish, wakeDeliveries } from "../../use-cases/publish-manifest.ts";
import { assertMayThere } from "../auth/authorise.ts";
import {
  deliverBody,
  deliveriesQuery,
  deliveryList,
  forgetBody,
  forgotten,
  manifestBody,
  manifestList,
  publication,
  seenDrifts,
  startedDelivery,
} from "../contract/delivering.ts";
import { nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import type { Parts } from "../parts.ts";
import { answer, type Caller, defineRoute, type Guard, type Place } from "../route.ts";

export const listAllManifests = defineRoute({
  method: "GET",
  path: "/v1/manifests",
  summary: "What the prompts of repositories are at the commits that were applied last",
  about: "Of each the prompts and environments that the key was granted.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  answers: { 200: manifestList },
  async run({ caller: { grants }, parts: { db } }) {
    const items = (await listManifests(db)).map((manifest) => ({
      ...manifest,
      prompts: manifest.prompts.filter(({ prompt }) => allowsPrompt(grants, prompt)),
      environments: manifest.environments.filter(
        ({ label, scopes }) =>
          allowsLabel(grants, label) &&
          scopes.some(({ tenant }) => tenant === null || allowsTenant(grants, tenant)),
      ),
    }));
    const seen = items.filter(({ prompts, environments }) => prompts.length > 0 && environments.length > 0);
    return answer(200, { items: seen, next: null });
  },
});

export const putManifest = defineRoute({
  method: "PUT",
  path: "/v1/manifests",
  summary: "Publishes what a repository's prompts are at a commit",
  about:
    "What `sluice sync apply` does first. Compare-and-set: `expectedRevision` is that of the manifest it takes the place of. Moves of pointers are held to its environments, and with `owner: git` nothing else is saved or made live of its prompts. Who may not move a protected label changes no environments, owner or branch.",
  allow: { permission: "release", places: ({ body }) => placesOf(body)[0]! },
  limit: "write",
  bodyLimit: 8 << 20,
  body: manifestBody,
  answers: { 200: publication },
  idempotency: "natural",
  async run({ body, caller, parts }) {
    const { expectedRevision, takeOver, ...manifest } = body;
    const [present] = await listManifests(parts.db, { repository: manifest.repository });
    const rules = ({ branch, owner, environments }: Manifest) =>
      JSON.stringify([
        branch,
        owner,
        environments.map(({ name, label, from, liveForMs, scopes }) => [
          name,
          label,
          from,
          liveForMs,
          scopes.map(({ model, tenant }) => [model, tenant]),
        ]),
      ]);
    const changesRules = !present || takeOver || rules(present) !== rules(manifest);
    await assertMayEverywhere(parts, caller, placesOf(manifest), changesRules);
    const published = await publish(caller.acting(), {
      manifest,
      expectedRevision,
      takeOver,
      assertedActor: caller.key.owner,
    });
    // What waits sees it by itself when it looks next; without a Temporal nothing waits.
    if (published.changed)
      await parts.rollouts
        .use((temporal) => wakeDeliveries(parts.db, temporal, manifest.repository))
        .catch(() => undefined);
    return answer(200, published);
  },
});

export const forget = defineRoute({
  method: "POST",
  path: "/v1/manifests/forgotten",
  summary: "Has a repository decide no more, on some of its prompts or on all",
  about:
    "What `sluice sync forget` does, for a repository that is not applied from any more. Nothing that is served changes. A later commit that has the files of these prompts brings them back.",
  allow: {
    permission: "administer",
    places: async ({ body: { repository } }, { db }) =>
      placesOf((await listManifests(db, { repository }))[0] ?? NOTHING)[0] ?? { use: "change" },
  },
  limit: "write",
  body: forgetBody,
  answers: { 200: forgotten },
  idempotency: "natural",
  async run({ body, caller, parts }) {
    const [manifest] = await listManifests(parts.db, { repository: body.repository });
    await assertMayEverywhere(parts, caller, placesOf(manifest ?? NOTHING), false, "administer");
    return answer(
      200,
      (await forgetManifest(caller.acting(), { ...body, assertedActor: caller.key.owner })) as never,
    );
  },
});

const NOTHING = { environments: [], prompts: [] } as const;

/** Every scope of every prompt that a manifest speaks of. */
function placesOf({ environments, prompts }: Pick<Manifest, "environments" | "prompts">): Place[] {
  const scopes = environments.flatMap(({ label, scopes: of }) =>
    of.map(({ tenant }) => ({ label, tenant: tenant ?? "", use: "change" as const })),
  );
  if (prompts.length === 0) return scopes;
  return prompts.flatMap(({ prompt }) => scopes.map((scope) => ({ ...scope, prompt })));
}

async function assertMayEverywhere(
  parts: Parts,
  caller: Caller,
  places: readonly Place[],
  onProtected: boolean,
  permission: Guard["permission"] = "release",
): Promise<void> {
  const guard: Guard = { permission, ...(onProtected && ({ onProtected: "release_protected" } as const)) };
  for (const place of places) await assertMayThere(parts, caller, guard, place);
}

export const listAllDeliveries = defineRoute({
  method: "GET",
  path: "/v1/deliveries",
  summary: "Versions on their way through the environments, the newest first",
  about: "Of what the key was granted.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: deliveriesQuery,
  answers: { 200: deliveryList },
  async run({ query: { limit = USUAL_ITEMS, cursor, ...filter }, caller: { grants }, parts: { db } }) {
    const found = await listDeliveries(db, { ...filter, limit, after: cursor });
    const items = found
      .filter(({ prompt }) => allowsPrompt(grants, prompt))
      .map((one) => ({
        ...one,
        environments: one.environments.filter(({ label, tenant }) =>
          allowsReading(grants, { label, prompt: one.prompt, tenant: tenant ?? "" }),
        ),
      }))
      .filter(({ environments }) => environments.length > 0);
    return answer(200, { items, next: nextOf(found, limit, ({ deliveryId }) => deliveryId) } as never);
  },
});

export const deliver = defineRoute({
  method: "POST",
  path: "/v1/deliveries",
  summary: "Takes what the published manifest says of a prompt through the environments",
  about:
    "Starts the rollouts that are due, and goes on by itself: waiting times, the next environment. Once for a commit. On a protected label an editor asks: each rollout there waits for a releaser's approval.",
  allow: { permission: "release", places: ({ body: { prompt } }) => ({ prompt, use: "change" }) },
  limit: "write",
  bodyLimit: 20 << 20,
  body: deliverBody,
  answers: { 202: startedDelivery },
  idempotency: "natural",
  async run({ body: { prompt, commit, policies, also }, caller, parts }) {
    const [manifest] = await listManifests(parts.db, { prompt });
    if (!manifest)
      throw notFound(`no published manifest has ${prompt}; apply the commit that does`, { prompt });
    await assertMayEverywhere(
      parts,
      caller,
      placesOf({ ...manifest, prompts: [{ prompt, path: "", sha256: "" }] }),
      false,
    );
    const needsApproval: string[] = [];
    if (!roleMay(caller.key.role, "release_protected"))
      for (const label of new Set(manifest.environments.map((one) => one.label)))
        if (await isLabelProtected(parts.db, label)) needsApproval.push(label);
    const started = await parts.rollouts.use((temporal) =>
      deliverVersion(caller.acting(), temporal, {
        prompt,
        commit,
        policies: new Map(
          Object.entries(policies).map(([environment, document]) => [
            environment,
            loadPolicyDocument(document),
          ]),
        ),
        needsApproval,
        also,
        by: caller.key.owner,
      }),
    );
    return answer(202, started as never);
  },
});

export const listAllDrift = defineRoute({
  method: "GET",
  path: "/v1/drift",
  summary: "Where what is served is not what Git says, as workers have seen it last",
  about: "Of what the key was granted.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  answers: { 200: seenDrifts },
  async run({ caller: { grants }, parts: { db } }) {
    const { lookedAt, drift } = await listDrift(db);
    return answer(200, { lookedAt, items: drift.filter((one) => seesDrift(grants, one)), next: null });
  },
});
