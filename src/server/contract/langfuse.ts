import * as v from "valibot";
import { promptNameProblem } from "../../domain/names.ts";
import { langfuseMessage } from "../../templates/langfuse-message.ts";
import { ASKED_LABEL, readAskedLabel } from "../langfuse/asked-label.ts";
import { bareName } from "../langfuse/carrier.ts";
import { MOST_ITEMS } from "./paging.ts";
import { versionText } from "./prompts.ts";
import { label } from "./resolver.ts";

const type = v.picklist(["text", "chat"]);

/** As clients got it: with what a rollout has put behind it. */
const promptName = v.pipe(
  v.string(),
  v.transform(bareName),
  v.check((name) => promptNameProblem(name) === undefined, "must be a prompt's name, as in support/reply"),
);

const askedLabel = v.pipe(
  v.string(),
  v.regex(ASKED_LABEL, "must be a label, LABEL~~CELL with 1 to 4 of 0-9, a-f as the cell, or LABEL~UNIT"),
  v.transform(readAskedLabel),
);

export const langfuseParams = v.strictObject({ name: promptName });

/** Clients send more than we read. */
export const langfuseQuery = v.object({ label: v.optional(askedLabel), version: v.optional(versionText) });

export const langfuseVersionParams = v.strictObject({ name: promptName, version: versionText });

/** Clients send more than we read. */
export const langfuseCreateBody = v.object({
  name: promptName,
  type: v.optional(type),
  prompt: v.union([
    v.string(),
    v.array(
      v.union([
        v.object({ role: v.string(), content: v.string() }),
        v.object({ type: v.literal("placeholder"), name: v.string() }),
      ]),
    ),
  ]),
  config: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
  labels: v.optional(v.nullable(v.array(label))),
  tags: v.optional(v.nullable(v.array(v.string()))),
  commitMessage: v.optional(v.nullable(v.string())),
});

export const langfuseLabelsBody = v.object({ newLabels: v.array(label) });

export const langfuseNothing = v.undefined();

export const langfuseRow = v.object({
  id: v.string(),
  createdAt: v.string(),
  updatedAt: v.string(),
  projectId: v.string(),
  createdBy: v.string(),
  name: v.string(),
  version: v.number(),
  type,
  prompt: v.union([v.string(), v.array(langfuseMessage)]),
  config: v.object({}),
  tags: v.array(v.string()),
  labels: v.array(v.string()),
  isActive: v.boolean(),
  commitMessage: v.nullable(v.string()),
  resolutionGraph: v.null(),
});

const wholeNumber = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,6}$/, "must be a whole number from 1"),
  v.transform(Number),
);

export const langfuseListQuery = v.object({
  page: v.optional(wholeNumber),
  limit: v.optional(
    v.pipe(wholeNumber, v.maxValue(MOST_ITEMS, `must be a whole number from 1 to ${MOST_ITEMS}`)),
  ),
  name: v.optional(promptName),
  label: v.optional(label),
  tag: v.optional(v.string()),
});

export const langfuseList = v.object({
  data: v.array(
    v.object({
      name: v.string(),
      type,
      versions: v.array(v.number()),
      labels: v.array(v.string()),
      tags: v.array(v.string()),
      lastUpdatedAt: v.string(),
      lastConfig: v.object({}),
    }),
  ),
  meta: v.object({
    page: v.number(),
    limit: v.number(),
    totalItems: v.number(),
    totalPages: v.number(),
  }),
});

export const langfuseProjects = v.object({
  data: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      organization: v.object({ id: v.string(), name: v.string() }),
      metadata: v.object({}),
    }),
  ),
});

export const langfuseHealth = v.object({ status: v.literal("OK"), version: v.string() });

/** In place of a problem. */
export const langfuseError = v.object({ message: v.string(), error: v.string() });
