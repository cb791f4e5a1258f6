import { describe, expect, it } from "vitest";
import { checkHistory, type Rule } from "../../../../scripts/proofs/chaos/check-history.ts";
import {
  NEVER_STARTED,
  type AuditEntry,
  type EndedRollout,
  type History,
  type Operation,
  type PointerVersion,
  type Sample,
} from "../../../../scripts/proofs/chaos/history.ts";

const T = 1_000_000;
const SCOPE = "tenant-0";

const pointer = (revision: number, more: Partial<PointerVersion> = {}): PointerVersion => ({
  scope: SCOPE,
  revision,
  active: "v1",
  candidate: null,
  previous: null,
  mode: null,
  share: 0,
  epoch: 0,
  rolloutId: null,
  leaseUntil: null,
  at: T + revision * 1_000,
  ...more,
});
const shows = { candidate: "v2", mode: "canary", share: 1_000, epoch: 1, rolloutId: "r1" } as const;
const entry = (action: string, revision: number | null, more: Partial<AuditEntry> = {}): AuditEntry => ({
  scope: SCOPE,
  action,
  revision,
  rolloutId: "r1",
  by: null,
  reason: null,
  at: T + (revision ?? 0) * 1_000,
  ...more,
});
const rollout = (more: Partial<EndedRollout> = {}): EndedRollout => ({
  id: "r1",
  scope: SCOPE,
  requestId: "op-start",
  outcome: "aborted",
  reason: "aborted by op-abort: op-abort",
  endedAt: T + 4_000,
  workflow: "COMPLETED",
  ...more,
});
const operation = (kind: Operation["kind"], more: Partial<Operation> = {}): Operation => ({
  tag: `op-${kind}`,
  kind,
  door: "database",
  scope: SCOPE,
  startedAt: T,
  endedAt: T + 100,
  outcome: "acknowledged",
  rolloutId: "r1",
  ...more,
});
const sample = (more: Partial<Sample> = {}): Sample => ({
  at: T + 3_500,
  door: "database",
  scope: SCOPE,
  unit: "user-1",
  digest: "d1",
  version: "v2",
  revision: 3,
  arm: "candidate",
  rolloutId: "r1",
  epoch: 1,
  isStale: false,
  isFallback: false,
  ...more,
});

const at = (from: number, to: number) => ({ startedAt: T + from, endedAt: T + to });
const set = (revision: number, more: Partial<Operation> = {}): Operation =>
  operation("set", { rolloutId: undefined, revision, expected: revision - 1, ...more });

/** A rollout that was started, shown, paused, resumed and aborted, as it has to be. */
const SOUND: History = {
  operations: [operation("start"), operation("pause"), operation("resume"), operation("abort")],
  samples: [
    sample(),
    sample({ unit: "user-2", digest: "d2", arm: "control", version: "v1" }),
    sample({ unit: "user-3", digest: "d3", arm: "unenrolled", version: "v1" }),
  ],
  pointers: [
    pointer(1),
    pointer(2, { rolloutId: "r1" }),
    pointer(3, { ...shows, leaseUntil: T + 6_000 }),
    pointer(3, { ...shows, leaseUntil: T + 7_000, at: T + 3_900 }),
    pointer(4),
  ],
  audit: [
    entry("set", 1, { rolloutId: null }),
    entry("rollout_started", 2),
    entry("stage_opened", 3),
    entry("paused", null, { by: "op-pause", at: T + 3_200 }),
    entry("resumed", null, { by: "op-resume", at: T + 3_300 }),
    entry("rollout_ended", 4),
  ],
  rollouts: [rollout()],
  counts: [
    {
      rolloutId: "r1",
      metric: "rating",
      arm: "candidate",
      exposures: 10,
      open: 3,
      answered: 6,
      foldedUnits: 7,
      foldedValues: 6,
    },
  ],
  readings: [
    { scope: SCOPE, startedAt: T + 1_100, endedAt: T + 1_200, revision: 1 },
    { scope: SCOPE, startedAt: T + 3_100, endedAt: T + 4_100, revision: 3 },
  ],
  exposures: [
    { rolloutId: "r1", digest: "d1", mode: "canary", arm: "candidate" },
    { rolloutId: "r1", digest: "d2", mode: "canary", arm: "control" },
  ],
  usage: [{ version: "2", outcomes: 6, counted: 6 }],
  takenOutcomes: ["o1"],
  lostOutcomes: [],
  freezes: [],
  brokenChains: [],
  deadLetters: [],
};

const violated = (change: Partial<History>): Rule[] => [
  ...new Set(checkHistory({ ...SOUND, ...change }).map(({ rule }) => rule)),
];

describe("a history", () => {
  it("that is sound violates nothing", () => {
    expect(checkHistory(SOUND)).toEqual([]);
  });

  it("may have a workflow that the start of the next rollout ended, when its row was closed already", () => {
    const left = rollout({ workflow: "TERMINATED" });
    const next = rollout({ id: "r2", endedAt: T + 9_000 });
    const started = entry("rollout_started", 5, { rolloutId: "r2", at: left.endedAt! + 100 });
    const both = { rollouts: [left, next], audit: [...SOUND.audit, started] };
    expect(violated(both)).not.toContain("nothing fails for what passes");
  });

  it("may have a rollout that somebody moved the pointer of before its abort was carried out", () => {
    const superseded = rollout({ outcome: "superseded", reason: "moved by hand: op-set" });
    const broken = checkHistory({ ...SOUND, rollouts: [superseded] }).map(({ rule }) => rule);
    expect(broken).toEqual(["an acknowledged abort is an abort"]);
    const audit = SOUND.audit.map((one) =>
      one.revision === 4 ? { ...one, ...entry("pointer_set", 4), at: one.at } : one,
    );
    const found = checkHistory({ ...SOUND, rollouts: [superseded], audit });
    expect(found.filter(({ rule }) => rule === broken[0])).toEqual([]);
  });

  it("may have a rollout whose caller died before its workflow, if it was ended all the same", () => {
    const left = { workflow: NEVER_STARTED };
    expect(violated({ rollouts: [rollout(left)] })).toEqual([]);
    const swept = rollout({
      ...left,
      outcome: "failed",
      reason: "its workflow was never started in Temporal",
    });
    expect(violated({ rollouts: [swept] })).toContain("nothing fails for what passes");
    const untold = SOUND.operations.map((one) => ({
      ...one,
      outcome: "unknown" as const,
      rolloutId: undefined,
    }));
    expect(violated({ rollouts: [swept], operations: untold })).toEqual([]);
    const open = rollout({ ...left, outcome: null, reason: null, endedAt: null });
    expect(violated({ rollouts: [open] })).toContain("everything ends, and shows nothing after it");
  });

  it("may serve what a commit replaces that stood still before anybody saw it", () => {
    const late = { samples: [sample({ at: T + 12_000, arm: "unenrolled", version: "v1" })] };
    const taken = SOUND.pointers.at(-1)!.at;
    const stopped = { freezes: [{ from: taken - 10, to: T + 6_500 }] };
    expect(violated({ ...late, ...stopped })).not.toContain("what is served is not older than the bound");
    expect(violated({ ...late, freezes: [{ from: taken + 10, to: T + 6_500 }] })).toContain(
      "what is served is not older than the bound",
    );
  });

  const planted: [Rule, string, Partial<History>][] = [
    [
      "a pointer's revisions rise one by one",
      "a revision is left out",
      {
        pointers: [...SOUND.pointers, pointer(6)],
        audit: [...SOUND.audit, entry("set", 6)],
      },
    ],
    [
      "a pointer's revisions rise one by one",
      "a pointer is written over under its revision",
      { pointers: [...SOUND.pointers, pointer(4, { active: "v2" })] },
    ],
    [
      "each move of a pointer is in the audit log once",
      "a move has no entry",
      { audit: SOUND.audit.filter(({ revision }) => revision !== 3) },
    ],
    [
      "each move of a pointer is in the audit log once",
      "a move has two entries",
      { audit: [...SOUND.audit, entry("stage_opened", 3)] },
    ],
    [
      "what is acknowledged is done once, what is unknown at most once, what is refused not at all",
      "a pause is written down again after its acknowledgement was lost",
      { audit: [...SOUND.audit, entry("paused", null, { by: "op-pause", at: T + 3_400 })] },
    ],
    [
      "what is acknowledged is done once, what is unknown at most once, what is refused not at all",
      "a start that was refused has a rollout",
      { operations: [operation("start", { outcome: "refused", rolloutId: undefined })] },
    ],
    [
      "what is acknowledged is done once, what is unknown at most once, what is refused not at all",
      "a start whose answer was lost has two",
      {
        operations: [operation("start", { outcome: "unknown", rolloutId: undefined })],
        rollouts: [rollout(), rollout({ id: "r2" })],
      },
    ],
    [
      "what is acknowledged is done once, what is unknown at most once, what is refused not at all",
      "a rollback that was acknowledged is not there",
      { operations: [...SOUND.operations, operation("roll_back", { rolloutId: undefined })] },
    ],
    [
      "an acknowledged start has a rollout",
      "a receipt names a rollout that has no row",
      { operations: [operation("start", { rolloutId: "r9" })] },
    ],
    [
      "a replacement is not refused for what it replaces",
      "a refusal has become the outcome of the request's id",
      {
        operations: [
          operation("replace", {
            tag: "op-again",
            outcome: "refused",
            rolloutId: undefined,
            message: "a rollout of support@2 is running (r1)",
          }),
        ],
      },
    ],
    [
      "an acknowledged abort is an abort",
      "the error of a step that was tried again has won over it",
      {
        rollouts: [rollout({ outcome: "failed", reason: "Postgres cannot do this now" })],
        deadLetters: ["rollout:canary"],
      },
    ],
    [
      "an acknowledged abort is an abort",
      "a promotion that was on its way has won over it",
      { rollouts: [rollout({ outcome: "promoted", reason: "proof" })] },
    ],
    [
      "no request ends in an error that nobody has foreseen",
      "a step's error comes back as it is",
      { operations: [operation("pause", { outcome: "unknown", unforeseen: "Workflow Update failed" })] },
    ],
    [
      "nothing is paused or resumed after the end",
      "a pause that was tried again comes 28 s later",
      { audit: [...SOUND.audit, entry("paused", null, { at: T + 32_000 })] },
    ],
    [
      "a rollout is paused and resumed in turn",
      "a pause whose acknowledgement was lost was made again",
      { audit: [...SOUND.audit, entry("paused", null), entry("resumed", null), entry("resumed", null)] },
    ],
    [
      "nothing fails for what passes",
      "a moment of read-only has ended a rollout",
      {
        rollouts: [
          rollout({ outcome: "failed", reason: "cannot execute UPDATE in a read-only transaction" }),
        ],
      },
    ],
    [
      "nothing fails for what passes",
      "a workflow has failed",
      { rollouts: [rollout({ workflow: "FAILED" })] },
    ],
    [
      "nothing fails for what passes",
      "a workflow was ended with no other rollout in its place",
      { rollouts: [rollout({ workflow: "TERMINATED" })] },
    ],
    [
      "nothing fails for what passes",
      "Temporal has lost a workflow that was started",
      { rollouts: [rollout({ workflow: "LOST" })] },
    ],
    [
      "everything ends, and shows nothing after it",
      "a rollout has no outcome",
      { rollouts: [rollout({ outcome: null, reason: null, endedAt: null })], operations: [] },
    ],
    [
      "everything ends, and shows nothing after it",
      "a pointer names a rollout that has ended",
      { pointers: SOUND.pointers.slice(0, -1), audit: SOUND.audit.slice(0, -1) },
    ],
    [
      "no resolver outlives a lease",
      "a candidate is served after its lease",
      { samples: [sample({ at: T + 7_400 })] },
    ],
    [
      "no resolver outlives a lease",
      "a unit is in an epoch that never was",
      { samples: [sample({ epoch: 5 })] },
    ],
    [
      "what is served is not older than the bound",
      "the candidate's revision is served long after it was taken back",
      { samples: [sample({ at: T + 12_000, arm: "unenrolled", version: "v1" })] },
    ],
    [
      "a unit stays in its arm",
      "a unit is in both",
      { samples: [sample(), sample({ arm: "control", version: "v1" })] },
    ],
    [
      "no outcome is counted twice",
      "a unit is folded twice",
      { counts: [{ ...SOUND.counts[0]!, foldedUnits: 8 }] },
    ],
    [
      "no outcome is counted twice",
      "there are more values than outcomes",
      { counts: [{ ...SOUND.counts[0]!, foldedValues: 7 }] },
    ],
    [
      "no outcome is counted twice",
      "usage has counted a batch again that came twice",
      { usage: [{ version: "2", outcomes: 6, counted: 7 }] },
    ],
    [
      "a unit is counted in the arm that it was served",
      "it is counted in the other one",
      { exposures: [{ rolloutId: "r1", digest: "d1", mode: "canary", arm: "control" }] },
    ],
    [
      "a unit is counted in the arm that it was served",
      "it was never served",
      { exposures: [...SOUND.exposures, { ...SOUND.exposures[0]!, digest: "d9" }] },
    ],
    ["an outcome that was taken is kept", "it is not there", { lostOutcomes: ["o1"] }],
    [
      "what is served is what its pointer shows",
      "a control is served the candidate",
      { samples: [sample({ arm: "control" }), ...SOUND.samples] },
    ],
    [
      "what is served is what its pointer shows",
      "a revision never was",
      { samples: [sample({ revision: 9 }), ...SOUND.samples] },
    ],
    [
      "there is always something to serve",
      "a service falls back",
      { samples: [sample({ isFallback: true, version: null }), ...SOUND.samples] },
    ],
    [
      "a request asked again is answered as before",
      "the second answer is another",
      { operations: [operation("pause", { otherwise: "refused" })] },
    ],
    ...(
      [
        ["two writes made one revision", [set(5), set(5, { tag: "op-other" })]],
        ["a write was over before another began that comes first", [set(6), set(5, at(5_000, 5_100))]],
        ["a write has made another revision than the next", [set(5, { expected: 3 })]],
        ["one was refused at the revision that it expected", [set(4, { outcome: "refused", expected: 4 })]],
        ["a write names a revision that never was", [set(9)]],
      ] as [string, Operation[]][]
    ).map(([title, operations]): (typeof planted)[number] => [
      "a pointer is a compare-and-set register",
      title,
      { operations, pointers: [...SOUND.pointers, pointer(5), pointer(6)] },
    ]),
    [
      "a pointer is a compare-and-set register",
      "a reading is older than a write that was over before it began",
      {
        operations: [set(4, at(2_000, 2_100))],
        readings: [{ scope: SCOPE, startedAt: T + 3_100, endedAt: T + 3_200, revision: 3 }],
      },
    ],
    ["the audit chains are whole", "an entry was changed", { brokenChains: ["seq 3 was changed"] }],
  ];
  it.each(planted)("violates «%s» when %s", (rule, _, change) => {
    expect(violated(change)).toContain(rule);
  });

  it("may be stale where the library says so itself", () => {
    const stale = sample({ at: T + 12_000, arm: "unenrolled", version: "v1", isStale: true });
    expect(violated({ samples: [stale, ...SOUND.samples] })).toEqual([]);
  });

  it("may lack what nobody has confirmed", () => {
    expect(violated({ operations: [operation("roll_back", { outcome: "unknown" })] })).toEqual([]);
  });
});
