import { columns } from "../../../terminal/text-layout.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { grantsText } from "../keys/given-grants.ts";

const HEADS = ["name", "issuer", "jobs with", "role", "only for"];

export async function run(context: CommandContext): Promise<void> {
  const { output } = context;
  const rules = await withSluice(context, (sluice) => sluice.trustRules());
  output.result(rules, () =>
    rules.length === 0
      ? ["no CI job is let in; add a rule: sluice trust add NAME --platform github --id ID --role editor"]
      : columns(
          HEADS.map((head) => ({ head })),
          rules.map(({ name, issuer, match, role, grants }) => [
            name,
            issuer,
            Object.entries(match)
              .map((claim) => claim.join("="))
              .join(" "),
            role,
            grantsText(grants),
          ]),
          output.width,
        ),
  );
}
