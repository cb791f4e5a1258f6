import type { AzureAddressing, CloudAddressing } from "../configured-provider.ts";
import type { ProxySettings } from "../proxy-settings.ts";
import type { Answer, Caller, CompletionCall, EmbeddingCall } from "../completion.ts";
import type { StreamWatch } from "../streaming/stream-watch.ts";
import type { Usage } from "../usage.ts";

export interface EndpointSettings {
  readonly apiKey: string;
  readonly baseURL: string;
  /** Of an endpoint of Azure. */
  readonly azure?: AzureAddressing | undefined;
  /** Of a cloud that serves Claude. */
  readonly cloud?: CloudAddressing | undefined;
  /** Named by a configuration: it is told nothing of the user, whatever the environment has. */
  readonly isForeign: boolean;
  /** Every key that this process calls with: none of them is ever part of an answer. */
  readonly secrets: readonly string[];
  /** Of one attempt, body included, in milliseconds. */
  readonly timeoutMs: number;
  /** Without one connections are made directly. */
  readonly proxy?: ProxySettings | undefined;
}

/** One endpoint, spoken to over one protocol. */
export interface ProtocolCaller {
  readonly complete: Caller;
  /** The same, told while it comes: an answer that is not complete is an error. */
  readonly stream: (call: CompletionCall, watch: StreamWatch) => Promise<Answer>;
  /** Asks which models there are: costs nothing, and shows whether address and key are right. */
  readonly list: (call: Pick<CompletionCall, "target" | "signal">) => Promise<void>;
  /** Absent where the protocol has no embeddings. */
  readonly embed?: (call: EmbeddingCall) => Promise<{ vectors: number[][]; usage: Usage }>;
}
