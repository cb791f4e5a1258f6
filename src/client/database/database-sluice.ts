import { followEvaluation } from "../follow-evaluation.ts";
import type { Sluice } from "../sluice.ts";
import { type DatabasePlace, DatabaseParts } from "./database-parts.ts";

/** Everything by the use cases, over a database and where it takes one a Temporal. Each part is loaded when it is asked for. */
export function databaseSluice(place: DatabasePlace): Sluice {
  const parts = new DatabaseParts(place);
  const prompts = () => import("./prompts.ts");
  const rollouts = () => import("./rollouts.ts");
  const records = () => import("./records.ts");
  const calling = () => import("./callers.ts");
  const breaking = () => import("./breakers.ts");
  const propagating = () => import("./propagating.ts");
  const controls = () => import("./controls.ts");
  const moves = () => import("./moves.ts");
  const keys = () => import("./keys.ts");
  const sessions = () => import("./sessions.ts");
  const trust = () => import("./trust-rules.ts");
  const verification = () => import("./verification.ts");
  const delivering = () => import("./delivering.ts");
  const checkpoints = () => import("./audit-checkpoints.ts");
  const evaluations = () => import("./evaluations.ts");
  const monitoring = () => import("./monitors.ts");
  const planning = () => import("./planning.ts");
  const pushing = () => import("./pushing.ts");
  const sluice: Sluice = {
    door: "database",
    where: "Postgres",
    list: async (request) => (await (await prompts()).findPrompts(parts, request)).prompts,
    findPrompts: async (request) => (await prompts()).findPrompts(parts, request),
    versions: async (...asked) => (await (await prompts()).findVersions(parts, ...asked)).versions,
    findVersions: async (...asked) => (await prompts()).findVersions(parts, ...asked),
    show: async (version) => (await prompts()).show(parts, version),
    rollouts: async (request) => (await rollouts()).rollouts(parts, request),
    status: async (rollout) => (await rollouts()).status(parts, rollout),
    async *follow(...asked) {
      yield* (await rollouts()).follow(parts, ...asked);
    },
    pointers: async (prompt) => (await records()).pointers(parts, prompt),
    audit: async (request) => (await records()).audit(parts, request),
    usage: async (request) => (await records()).usage(parts, request),
    callers: async (request) => (await calling()).callers(parts, request),
    impact: async (request) => (await calling()).impact(parts, request),
    breakers: async () => (await breaking()).breakers(parts),
    resetBreakers: async (endpoint) => (await breaking()).resetBreakers(parts, endpoint),
    propagation: async (id) => (await propagating()).propagation(parts, id),
    fleet: async (scope) => (await records()).fleet(parts, scope),
    deadLetters: async (request) => (await records()).deadLetters(parts, request),
    deadLetter: async (id) => (await records()).deadLetter(parts, id),
    feedback: async (request) => (await records()).feedback(parts, request),
    diff: async (...asked) => (await prompts()).diff(parts, ...asked),
    bundle: async (request) => (await prompts()).bundle(parts, request),
    plan: async (request) => (await planning()).plan(parts, request),
    simulate: async (request) => (await planning()).simulate(parts, request),
    evaluate: async (request) => (await evaluations()).evaluate(parts, request),
    propagate: async (request) => (await propagating()).propagate(parts, request),
    stopEvaluation: async (...asked) => (await evaluations()).stopEvaluation(parts, ...asked),
    evaluations: async (request) => (await evaluations()).evaluations(parts, request),
    evaluation: async (id) => (await evaluations()).evaluation(parts, id),
    async *followEvaluation(id, options) {
      const { evaluation } = await evaluations();
      yield* followEvaluation(() => evaluation(parts, id), options);
    },
    evaluationResults: async (id) => (await evaluations()).evaluationResults(parts, id),
    evaluationReport: async (id) => (await evaluations()).evaluationReport(parts, id),
    pointersAt: async (...asked) => (await records()).pointersAt(parts, ...asked),
    uses: async (prompt) => (await prompts()).uses(parts, prompt),
    rolloutRecord: async (rollout) => (await verification()).rolloutRecord(parts, rollout),
    curve: async (...asked) => (await verification()).curve(parts, ...asked),
    recompute: async (rollout) => (await verification()).recompute(parts, rollout),
    verifyAudit: async (request) => (await verification()).verifyAudit(parts, request),
    async *auditChains(request) {
      yield* (await checkpoints()).auditChains(parts, request);
    },
    checkpointAudit: async () => (await checkpoints()).checkpoint(parts),
    verifyCheckpoint: async (checkpoint) => (await checkpoints()).verify(parts, checkpoint),
    keys: async (request) => (await keys()).keys(parts, request),
    keyIntake: async () => (await keys()).keyIntake(parts),
    createKey: async (request) => (await keys()).createKey(parts, request),
    rotateKey: async (...asked) => (await keys()).rotateKey(parts, ...asked),
    revokeKey: async (id) => (await keys()).revokeKey(parts, id),
    sessions: async () => (await sessions()).sessions(parts),
    endSessions: async (of) => (await sessions()).endSessions(parts, of),
    trustRules: async () => (await trust()).trustRules(parts),
    addTrustRule: async (rule) => (await trust()).addTrustRule(parts, rule),
    removeTrustRule: async (name) => (await trust()).removeTrustRule(parts, name),
    archive: async (...asked) => (await prompts()).archive(parts, true, ...asked),
    unarchive: async (...asked) => (await prompts()).archive(parts, false, ...asked),
    redriveDeadLetter: async (id) => (await moves()).redriveDeadLetter(parts, id),
    labels: async () => (await records()).labels(parts),
    push: async (request) => (await pushing()).push(parts, request),
    pushFiles: async (...asked) => (await pushing()).pushFiles(parts, ...asked),
    importPrompts: async (request) =>
      (await import("../importing/import-prompts.ts")).importPrompts(sluice, request),
    exportPrompts: async (request) =>
      (await import("../exporting/export-prompts.ts")).exportPrompts(sluice, request),
    start: async (request) => (await import("./starting.ts")).start(parts, request),
    pause: async (...asked) => (await controls()).control(parts, "pause", ...asked),
    resume: async (...asked) => (await controls()).control(parts, "resume", ...asked),
    promote: async (...asked) => (await controls()).control(parts, "promote", ...asked),
    abort: async (...asked) => (await controls()).abort(parts, ...asked),
    approve: async (...asked) => (await controls()).decide(parts, "approve", ...asked),
    reject: async (...asked) => (await controls()).decide(parts, "reject", ...asked),
    rollBack: async (request) => (await moves()).rollBack(parts, request),
    awaitFleet: async (request) => (await moves()).awaitFleet(parts, request),
    setPointer: async (request) => (await moves()).setPointer(parts, request),
    moveLabel: async (request) => (await moves()).moveLabel(parts, request),
    nameAnchor: async (request) => (await import("./deciding.ts")).nameAnchor(parts, request),
    moveRules: async (request) => (await import("./deciding.ts")).moveRules(parts, request),
    discardDeadLetter: async (...asked) => (await moves()).discardDeadLetter(parts, ...asked),
    setLabel: async (...asked) => (await moves()).setLabel(parts, ...asked),
    manifests: async () => (await delivering()).manifests(parts),
    deliveries: async (request) => (await delivering()).deliveries(parts, request),
    drift: async () => (await delivering()).drift(parts),
    forgetManifest: async (request) => (await delivering()).forgetManifest(parts, request),
    publishManifest: async (request) => (await delivering()).publishManifest(parts, request),
    deliver: async (request) => (await delivering()).deliver(parts, request),
    monitors: async (request) => (await monitoring()).monitors(parts, request),
    monitor: async (id) => (await monitoring()).monitor(parts, id),
    replayMonitor: async (...asked) => (await monitoring()).replayMonitor(parts, ...asked),
    alerts: async (request) => (await monitoring()).alerts(parts, request),
    setMonitors: async (request) => (await monitoring()).setMonitors(parts, request),
    muteMonitor: async (...asked) => (await monitoring()).muteMonitor(parts, ...asked),
    acknowledgeAlert: async (id) => (await monitoring()).acknowledgeAlert(parts, id),
    close: () => parts.close(),
  };
  return sluice;
}
