import { SDK_VERSION } from "../resolver/sdk-version.ts";
import { getAbout } from "./routes/about.ts";
import { getExamination } from "./routes/examination.ts";
import { apiDescription } from "./routes/api-description.ts";
import type { AnyRoute } from "./route.ts";
import { healthz } from "./routes/alive.ts";
import { readyz } from "./routes/health.ts";
import {
  exchangeCircuits,
  readPointers,
  readSpentBudgets,
  readVersion,
  reportCallers,
  reportServing,
  stream,
} from "./routes/resolver.ts";
import { getPrompt, renderVersion, resolvePrompt } from "./routes/prompts.ts";
import { recordOutcomes } from "./routes/outcomes.ts";
import { listAllPointers, listPastPointers, rollBackScope } from "./routes/pointers.ts";
import { listLabels, moveLabelByRules, setLabel } from "./routes/labels.ts";
import { getProtectedLabel, listProtectedLabels, protectLabel } from "./routes/protected-labels.ts";
import { anchorVersion, moveDecisionRules } from "./routes/deciding.ts";
import { getVersion, listPrompts, listUsesOf, listVersionsOf, pushVersion } from "./routes/versions.ts";
import {
  createLangfusePrompt,
  deleteLangfusePrompt,
  labelLangfusePrompt,
} from "./routes/langfuse-authoring.ts";
import { getLangfusePrompt, listLangfusePrompts } from "./routes/langfuse.ts";
import { langfuseIsWell, listLangfuseProjects } from "./routes/langfuse-checks.ts";
import { ingestLangfuse, scoreLangfuse } from "./routes/langfuse-intake.ts";
import { takeLangfuseTraces, takeTraces } from "./routes/traces.ts";
import {
  abortRollout,
  approveRollout,
  pauseRollout,
  promoteRollout,
  rejectRollout,
  resumeRollout,
  startRollout,
} from "./routes/controls.ts";
import { discardLetter, getLetter, listLetters, redriveLetter } from "./routes/dead-letters.ts";
import {
  acknowledgeOneAlert,
  getMonitor,
  listAllAlerts,
  listAllMonitors,
  muteOneMonitor,
  putMonitors,
  replayOneMonitor,
} from "./routes/monitors.ts";
import { getMe } from "./routes/me.ts";
import { getFleet, getUsage, listAudit } from "./routes/records.ts";
import { getRollout, getRolloutRecord, listAllRollouts, watchRollout } from "./routes/rollouts.ts";
import { followChanges } from "./routes/changes.ts";
import { archivePrompt } from "./routes/archiving.ts";
import { diffStoredVersions } from "./routes/diff.ts";
import {
  discardDraft,
  getDraft,
  getRevisionOfDraft,
  listAllDrafts,
  listRevisionsOfDraft,
  openDraft,
  saveDraft,
} from "./routes/drafts.ts";
import { getCallers, getImpact } from "./routes/callers.ts";
import { listBreakers, resetAllBreakers } from "./routes/breakers.ts";
import { checkFile } from "./routes/checking.ts";
import { getPropagation, propagate } from "./routes/propagating.ts";
import { getPlayground, runPlayground, runTests } from "./routes/playground.ts";
import { getCurve } from "./routes/curve.ts";
import { getOverview } from "./routes/overview.ts";
import { getBundle } from "./routes/bundle.ts";
import { createOneKey, listAllKeys, listKeyIntake, revokeOneKey, rotateOneKey } from "./routes/keys.ts";
import { beginSignIn, finishSignIn } from "./routes/sign-in.ts";
import { closeSession, openSession } from "./routes/session.ts";
import { exchangeWorkloadToken } from "./routes/workload.ts";
import { endSessions, listAllSessions } from "./routes/sessions.ts";
import { addOneTrustRule, listAllTrustRules, removeOneTrustRule } from "./routes/trust-rules.ts";
import {
  evaluateVersion,
  getEvaluation,
  getEvaluationReport,
  listAllEvaluations,
  stopRunning,
  listCases,
  listResults,
} from "./routes/evaluations.ts";
import { getRules } from "./routes/rules.ts";
import { planVersion, simulateRollouts } from "./routes/planning.ts";
import { beginVerification, getLastVerification, recompute, verifyAuditLog } from "./routes/verification.ts";
import { getCheckpoint, listAuditChains, verifyCheckpoint } from "./routes/audit-chains.ts";
import { downloadAudit } from "./routes/audit-lines.ts";
import {
  deliver,
  listAllDeliveries,
  listAllDrift,
  listAllManifests,
  forget,
  putManifest,
} from "./routes/delivering.ts";
import { invokePrompt, streamInvocation } from "./routes/invoke.ts";
import { listFeedbackOfPrompt } from "./routes/feedback.ts";

const OTHERS: readonly AnyRoute[] = [
  healthz,
  readyz,
  readPointers,
  readVersion,
  reportServing,
  exchangeCircuits,
  readSpentBudgets,
  reportCallers,
  stream,
  getBundle,
  recordOutcomes,
  getPrompt,
  resolvePrompt,
  renderVersion,
  invokePrompt,
  streamInvocation,
  getOverview,
  listPrompts,
  pushVersion,
  checkFile,
  getPlayground,
  runPlayground,
  runTests,
  listAllDrafts,
  openDraft,
  getDraft,
  saveDraft,
  discardDraft,
  listRevisionsOfDraft,
  getRevisionOfDraft,
  archivePrompt,
  listVersionsOf,
  listUsesOf,
  getVersion,
  diffStoredVersions,
  listLabels,
  setLabel,
  moveLabelByRules,
  listProtectedLabels,
  getProtectedLabel,
  protectLabel,
  listAllPointers,
  listPastPointers,
  rollBackScope,
  anchorVersion,
  moveDecisionRules,
  listAllRollouts,
  getRollout,
  getRolloutRecord,
  getCurve,
  recompute,
  watchRollout,
  followChanges,
  startRollout,
  pauseRollout,
  resumeRollout,
  promoteRollout,
  abortRollout,
  approveRollout,
  rejectRollout,
  evaluateVersion,
  listAllEvaluations,
  stopRunning,
  getEvaluation,
  listCases,
  listResults,
  getEvaluationReport,
  getRules,
  planVersion,
  simulateRollouts,
  listAllManifests,
  putManifest,
  forget,
  listAllDeliveries,
  deliver,
  listAllDrift,
  listAllMonitors,
  putMonitors,
  getMonitor,
  replayOneMonitor,
  muteOneMonitor,
  listAllAlerts,
  acknowledgeOneAlert,
  listAudit,
  downloadAudit,
  listAuditChains,
  getCheckpoint,
  verifyCheckpoint,
  verifyAuditLog,
  getLastVerification,
  beginVerification,
  getUsage,
  listFeedbackOfPrompt,
  getFleet,
  getCallers,
  getImpact,
  propagate,
  getPropagation,
  listBreakers,
  resetAllBreakers,
  listLetters,
  getLetter,
  discardLetter,
  redriveLetter,
  listAllKeys,
  listKeyIntake,
  createOneKey,
  rotateOneKey,
  revokeOneKey,
  listAllSessions,
  endSessions,
  listAllTrustRules,
  addOneTrustRule,
  removeOneTrustRule,
  exchangeWorkloadToken,
  openSession,
  closeSession,
  beginSignIn,
  finishSignIn,
  getMe,
  getAbout,
  getExamination,
  getLangfusePrompt,
  listLangfusePrompts,
  listLangfuseProjects,
  createLangfusePrompt,
  deleteLangfusePrompt,
  labelLangfusePrompt,
  langfuseIsWell,
  ingestLangfuse,
  scoreLangfuse,
  takeLangfuseTraces,
  takeTraces,
];

/** Everything that this server answers. Router, checks, API description and tests are made from it. */
export const ROUTES: readonly AnyRoute[] = [apiDescription(OTHERS, SDK_VERSION), ...OTHERS];
