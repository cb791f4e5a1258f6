import { messageOf, SluiceError } from "../../domain/errors.ts";
import type { NamedSecret } from "../../domain/addresses/managed-secret.ts";
import { optionalPackage } from "../optional-package.ts";
import { managerUnavailable, PATIENCE_MS, refusedSecret, textOrField } from "./secret-manager.ts";

const PACKAGE = "@aws-sdk/client-secrets-manager";
/** The service's own words for a secret that is not there, or not this login's. */
const REFUSED = new Set(["ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException"]);

/** Reads a secret of AWS Secrets Manager. Login and address as the AWS SDK finds them, the region too unless an ARN has it. */
export async function readAwsSecret(reference: string, { name, field }: NamedSecret): Promise<string> {
  const { SecretsManager } = await optionalPackage(PACKAGE, () => import("@aws-sdk/client-secrets-manager"));
  const region = /^arn:[^:]*:secretsmanager:([^:]+):/.exec(name)?.[1];
  const manager = new SecretsManager(region === undefined ? {} : { region });
  try {
    const abortSignal = AbortSignal.timeout(PATIENCE_MS);
    const { SecretString } = await manager.getSecretValue({ SecretId: name }, { abortSignal });
    if (SecretString === undefined) throw refusedSecret(reference, "it is binary; store it as a text");
    return textOrField(reference, SecretString, field);
  } catch (error) {
    const kind = (error as Error).name;
    if (error instanceof SluiceError) throw error;
    if (REFUSED.has(kind))
      throw refusedSecret(
        reference,
        `AWS Secrets Manager says ${kind}; check name, region and what the login may read`,
      );
    throw managerUnavailable(reference, `AWS Secrets Manager cannot be asked: ${messageOf(error)}`, error);
  } finally {
    manager.destroy();
  }
}
