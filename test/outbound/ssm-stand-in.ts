import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { KEY, signatureProblem } from "./aws-signature.ts";

const MOST_STANDARD = 4_096;
const MOST_DELETED = 10;

/** AWS Systems Manager's parameters on loopback: takes only requests that are signed rightly, and what the real one would take. */
export interface SsmStandIn {
  readonly env: Readonly<Record<string, string>>;
  readonly parameters: Map<string, string>;
  /** Operations that were asked for, in order, each with the name that it is about. */
  readonly asked: string[];
  /** What the real one would have refused. */
  readonly refused: string[];
  close(): Promise<void>;
}

export async function startSsmStandIn(): Promise<SsmStandIn> {
  const parameters = new Map<string, string>();
  const asked: string[] = [];
  const refused: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const answer = (status: number, value: unknown) =>
        response
          .writeHead(status, { "content-type": "application/x-amz-json-1.1" })
          .end(JSON.stringify(value));
      const problem = signatureProblem("ssm", request, body);
      if (problem !== undefined) {
        refused.push(problem);
        return answer(400, { __type: "InvalidSignatureException", message: problem });
      }
      const operation = String(request.headers["x-amz-target"]).replace("AmazonSSM.", "");
      const given = JSON.parse(body) as { Name?: string; Names?: string[]; Value?: string };
      asked.push(`${operation} ${given.Name ?? given.Names?.join(" ") ?? ""}`);
      const invalid = (message: string) => {
        refused.push(message);
        return answer(400, { __type: "ValidationException", message });
      };
      switch (operation) {
        case "PutParameter":
          if ((given.Value ?? "").length > MOST_STANDARD)
            return invalid("a standard parameter holds 4,096 characters");
          parameters.set(given.Name!, given.Value!);
          return answer(200, { Version: 1, Tier: "Standard" });
        case "GetParameter": {
          const value = parameters.get(given.Name!);
          return value === undefined
            ? answer(400, { __type: "ParameterNotFound", message: "" })
            : answer(200, { Parameter: { Name: given.Name, Type: "String", Value: value } });
        }
        case "DeleteParameters":
          if (given.Names!.length > MOST_DELETED) return invalid("at most 10 names");
          for (const name of given.Names!) parameters.delete(name);
          return answer(200, { DeletedParameters: given.Names });
        default:
          return invalid(`no operation ${operation}`);
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    env: {
      AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: KEY.id,
      AWS_SECRET_ACCESS_KEY: KEY.secret,
    },
    parameters,
    asked,
    refused,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}
