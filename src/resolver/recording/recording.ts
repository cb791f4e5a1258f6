import { counted } from "../../domain/text/counted.ts";
import { unitDigest } from "../../digest.ts";
import { readAttributes, type Attributes } from "../../domain/attributes.ts";
import { ExposedUnits } from "./exposed-units.ts";
import { outcomeRow, type Outcome, type OutcomeSubject } from "./outcome.ts";
import { Recorder } from "./recorder.ts";
import type { ResolvedPrompt } from "../serving/resolved-prompt.ts";
import type { Tally } from "../observing/resolver-metrics.ts";
import { enrolment, type Enrolment } from "../serving/serving.ts";
import type { ResolverSettings } from "../settings.ts";
import { readToken } from "../serving/token.ts";
import type { Warnings } from "../observing/warnings.ts";
import { messageOf } from "../../domain/errors.ts";

/** Exposures and outcomes on their way to the store. */
export class Recording {
  readonly #recorder: Recorder;
  readonly #exposed: ExposedUnits;
  readonly #tally: Tally;
  readonly #warnings: Warnings;

  constructor({ source, recording }: ResolverSettings, tally: Tally, warnings: Warnings) {
    this.#tally = tally;
    this.#warnings = warnings;
    this.#exposed = new ExposedUnits(recording.exposedUnits);
    this.#recorder = new Recorder({
      ...recording,
      send: (batch) => source.record(batch),
      onReceipt: (receipt) => {
        tally.addReceipt(receipt);
        const { refusedValues, forbidden = 0 } = receipt;
        if (forbidden > 0)
          warnings.report(
            "record_forbidden",
            `${counted(forbidden, "record")} were not taken: ${source.name} lets this service record nothing of that tenant or prompt`,
          );
        if (refusedValues > 0)
          warnings.report(
            "refused_metric",
            `${counted(refusedValues, "metric value")} were not taken: they are past 1e12`,
          );
      },
      onRetry: (error) => {
        tally.failedSends++;
        const why = messageOf(error);
        warnings.report("record_failed", `recording to ${source.name} failed and is tried again: ${why}`);
      },
      onDropped: (kind, count, why) => {
        tally.dropped[kind] += count;
        warnings.report(`dropped_${kind}`, `${count} ${kind}s were dropped: ${why}`, { count }, count);
      },
    });
  }

  get waiting(): number {
    return this.#recorder.waiting;
  }

  /** An enrolled unit was rendered its prompt. Either the unit is known or its digest. */
  expose(
    to: Enrolment,
    of: { readonly tenant: string; readonly model: string; readonly attributes?: Attributes | undefined },
    unit: string | null,
    digest: string | undefined,
  ): void {
    const { tenant } = of;
    const name = unit ?? digest;
    if (name === undefined || !this.#exposed.add(to, tenant, name)) return;
    const { rolloutId, arm, epoch } = to;
    const segments = this.#segmentsOf(of);
    this.#recorder.expose(
      {
        rollout: rolloutId,
        unit: digest ?? unitDigest(tenant, name),
        arm,
        epoch,
        ...(segments && { segments }),
      },
      () => this.#exposed.remove(to, tenant, name),
    );
  }

  #segmentsOf({
    tenant,
    model,
    attributes,
  }: {
    readonly tenant: string;
    readonly model: string;
    readonly attributes?: Attributes | undefined;
  }): Readonly<Record<string, string>> | undefined {
    if (tenant === "" && model === "" && attributes === undefined) return undefined;
    const read = attributes === undefined ? undefined : safeAttributes(attributes);
    if (read?.problem !== undefined)
      this.#warnings.report("refused_attribute", `an attribute was not recorded: ${read.problem}`);
    return { ...read?.attributes, ...(tenant !== "" && { tenant }), ...(model !== "" && { model }) };
  }

  /** `error` is what guardrails and fuses look at; `render_error` says of which kind it was. */
  renderFailed(prompt: Pick<ResolvedPrompt, "subject">): void {
    this.record(prompt, { metrics: { error: 1, render_error: 1 } });
  }

  record(of: Pick<ResolvedPrompt, "subject"> | string, outcome: Outcome): void {
    const subject = typeof of === "string" ? this.#subjectOf(of) : of?.subject;
    if (!subject) {
      const why =
        typeof of === "string" ? "the token names no version" : "it is of no version, but the fallback";
      return this.refuse(why);
    }
    const row = outcomeRow(subject, outcome, ({ code, message }) =>
      this.#warnings.report(code, message, { versionId: subject.versionId }),
    );
    if (row === undefined) this.#tally.refusedOutcomes++;
    else this.#recorder.outcome(row, subject);
  }

  /** Counts an outcome that cannot be recorded, and warns of it. */
  refuse(why: string): void {
    this.#tally.refusedOutcomes++;
    this.#warnings.report("refused_outcome", `an outcome was not recorded: ${why}`);
  }

  #subjectOf(token: string): OutcomeSubject | undefined {
    const content = readToken(token);
    if (!content || content.versionId === null) return undefined;
    const { versionId, rolloutId, unit, label, model, tenant, arm, epoch } = content;
    // The process that rendered it may still be about to say so; an outcome must not come first.
    if (content.rendered && arm !== "unenrolled")
      this.expose(enrolment(rolloutId!, epoch!, arm), { tenant, model: model ?? "" }, null, unit!);
    return { versionId, rolloutId, unit, label, model, tenant };
  }

  flush(): Promise<void> {
    return this.#recorder.flush();
  }

  close(): Promise<void> {
    return this.#recorder.close();
  }
}

/** A service may have given an object that throws when it is read; its prompt is rendered all the same. */
function safeAttributes(given: Attributes): ReturnType<typeof readAttributes> {
  try {
    return readAttributes(given);
  } catch (error) {
    return { attributes: {}, problem: `they could not be read: ${messageOf(error)}` };
  }
}
