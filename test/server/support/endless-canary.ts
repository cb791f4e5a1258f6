/** The part of a policy, as JSON, whose canary goes on until somebody says something. */
export const ENDLESS_CANARY = {
  metrics: { rating: { window: "100ms" } },
  canary: {
    stages: [{ share: "5%", for: "1h" }, { share: "50%" }],
    interval: "100ms",
    min_units: 40,
    max_units: 600,
    max_duration: "14d",
    lease: "30s",
    goal: { metric: "rating", direction: "higher", claim: "superior" },
  },
} as const;
