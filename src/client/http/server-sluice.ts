import { followEvaluation } from "../follow-evaluation.ts";
import type { Sluice } from "../sluice.ts";
import * as breaking from "./breakers.ts";
import * as callers from "./callers.ts";
import * as controls from "./controls.ts";
import * as deciding from "./deciding.ts";
import * as delivering from "./delivering.ts";
import * as evaluations from "./evaluations.ts";
import * as keys from "./keys.ts";
import * as sessions from "./sessions.ts";
import * as trust from "./trust-rules.ts";
import * as moves from "./moves.ts";
import * as monitoring from "./monitors.ts";
import * as planning from "./planning.ts";
import * as prompts from "./prompts.ts";
import * as propagating from "./propagating.ts";
import * as records from "./records.ts";
import * as rollouts from "./rollouts.ts";
import * as checkpoints from "./audit-checkpoints.ts";
import * as verification from "./verification.ts";
import { ServerConnection, type ServerPlace } from "./server-connection.ts";

/** Everything by the routes of a server. */
export function serverSluice(place: ServerPlace): Sluice {
  const server = new ServerConnection(place);
  // Reading prompt files takes the templates, and counting their tokens.
  const pushing = () => import("./pushing.ts");
  const sluice: Sluice = {
    door: "server",
    where: server.name,
    list: async (request) => (await prompts.findPrompts(server, request)).prompts,
    findPrompts: (request) => prompts.findPrompts(server, request),
    versions: async (...asked) => (await prompts.findVersions(server, ...asked)).versions,
    findVersions: (...asked) => prompts.findVersions(server, ...asked),
    show: (version) => prompts.show(server, version),
    rollouts: (request) => rollouts.rollouts(server, request),
    status: (rollout) => rollouts.status(server, rollout),
    follow: (...asked) => rollouts.follow(server, ...asked),
    pointers: (prompt) => records.pointers(server, prompt),
    audit: (request) => records.audit(server, request),
    usage: (request) => records.usage(server, request),
    callers: (request) => callers.callers(server, request),
    impact: (request) => callers.impact(server, request),
    breakers: () => breaking.breakers(server),
    resetBreakers: (endpoint) => breaking.resetBreakers(server, endpoint),
    propagation: (id) => propagating.propagation(server, id),
    fleet: (scope) => records.fleet(server, scope),
    deadLetters: (request) => records.deadLetters(server, request),
    deadLetter: (id) => records.deadLetter(server, id),
    feedback: (request) => records.feedback(server, request),
    diff: (...asked) => prompts.diff(server, ...asked),
    bundle: (request) => prompts.bundle(server, request),
    plan: async (request) => planning.plan(server, request),
    simulate: (request) => planning.simulate(server, request),
    evaluate: (request) => evaluations.evaluate(server, request),
    propagate: (request) => propagating.propagate(server, request),
    stopEvaluation: (...asked) => evaluations.stopEvaluation(server, ...asked),
    evaluations: (request) => evaluations.evaluations(server, request),
    evaluation: (id) => evaluations.evaluation(server, id),
    followEvaluation: (id, options) => followEvaluation(() => evaluations.evaluation(server, id), options),
    evaluationResults: (id) => evaluations.evaluationResults(server, id),
    evaluationReport: (id) => evaluations.evaluationReport(server, id),
    pointersAt: (...asked) => records.pointersAt(server, ...asked),
    uses: (prompt) => prompts.uses(server, prompt),
    rolloutRecord: (rollout) => verification.rolloutRecord(server, rollout),
    curve: (...asked) => verification.curve(server, ...asked),
    recompute: (rollout) => verification.recompute(server, rollout),
    verifyAudit: (request) => verification.verifyAudit(server, request),
    auditChains: (request) => checkpoints.auditChains(server, request),
    checkpointAudit: () => checkpoints.checkpoint(server),
    verifyCheckpoint: (checkpoint) => checkpoints.verify(server, checkpoint),
    keys: (request) => keys.keys(server, request),
    keyIntake: () => keys.keyIntake(server),
    createKey: (request) => keys.createKey(server, request),
    rotateKey: (...asked) => keys.rotateKey(server, ...asked),
    revokeKey: (id) => keys.revokeKey(server, id),
    sessions: () => sessions.sessions(server),
    endSessions: (of) => sessions.endSessions(server, of),
    trustRules: () => trust.trustRules(server),
    addTrustRule: (rule) => trust.addTrustRule(server, rule),
    removeTrustRule: (name) => trust.removeTrustRule(server, name),
    archive: (...asked) => prompts.archive(server, true, ...asked),
    unarchive: (...asked) => prompts.archive(server, false, ...asked),
    redriveDeadLetter: (id) => moves.redriveDeadLetter(server, id),
    labels: () => records.labels(server),
    push: async (request) => (await pushing()).push(server, request),
    pushFiles: async (...asked) => (await pushing()).pushFiles(server, ...asked),
    importPrompts: async (request) =>
      (await import("../importing/import-prompts.ts")).importPrompts(sluice, request),
    exportPrompts: async (request) =>
      (await import("../exporting/export-prompts.ts")).exportPrompts(sluice, request),
    start: (request) => controls.start(server, request),
    pause: (...asked) => controls.control(server, "pause", ...asked),
    resume: (...asked) => controls.control(server, "resume", ...asked),
    promote: (...asked) => controls.control(server, "promote", ...asked),
    abort: (...asked) => controls.abort(server, ...asked),
    approve: (...asked) => controls.decide(server, "approve", ...asked),
    reject: (...asked) => controls.decide(server, "reject", ...asked),
    rollBack: (request) => moves.rollBack(server, request),
    awaitFleet: (request) => moves.awaitFleet(server, request),
    nameAnchor: (request) => deciding.nameAnchor(server, request),
    moveRules: (request) => deciding.moveRules(server, request),
    setPointer: (request) => moves.setPointer(server, request),
    moveLabel: (request) => moves.moveLabel(server, request),
    discardDeadLetter: (...asked) => moves.discardDeadLetter(server, ...asked),
    setLabel: (...asked) => moves.setLabel(server, ...asked),
    manifests: () => delivering.manifests(server),
    deliveries: (request) => delivering.deliveries(server, request),
    monitors: (request) => monitoring.monitors(server, request),
    monitor: (id) => monitoring.monitor(server, id),
    replayMonitor: (...asked) => monitoring.replayMonitor(server, ...asked),
    alerts: (request) => monitoring.alerts(server, request),
    setMonitors: (request) => monitoring.setMonitors(server, request),
    muteMonitor: (...asked) => monitoring.muteMonitor(server, ...asked),
    acknowledgeAlert: (id) => monitoring.acknowledgeAlert(server, id),
    drift: () => delivering.drift(server),
    forgetManifest: (request) => delivering.forgetManifest(server, request),
    publishManifest: (request) => delivering.publishManifest(server, request),
    deliver: (request) => delivering.deliver(server, request),
    close: async () => server.close(),
  };
  return sluice;
}
