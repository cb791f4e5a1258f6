import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { messageOf, SluiceError, unavailable } from "../../domain/errors.ts";
import { optionalPackage } from "../optional-package.ts";
import type { BundleAddress } from "./bundle-address.ts";
import { type BundleToWrite, type BundleWriter, readLater } from "./bundle-writer.ts";

/** What a standard parameter holds, in characters. */
const PART = 4_096;
/** Names that one request deletes. */
const AT_ONCE = 10;

/** The parameter `PATH/current`: which parts are the bundle. */
interface Index {
  readonly sluiceBundle: 1;
  readonly sha256: string;
  /** `PATH/parts/HASH/1` and so on: together, gzip in Base64. */
  readonly parts: number;
  readonly readAt: number;
  /** Whoever has read the index a moment ago reads these: they go when the next bundle comes. */
  readonly before: { readonly sha256: string; readonly parts: number } | null;
}

type Ssm = InstanceType<typeof import("@aws-sdk/client-ssm").SSM>;

/** Login, region and address as the AWS SDK finds them. Parts first, then the parameter that names them. */
export async function openSsmBundle(address: Extract<BundleAddress, { kind: "ssm" }>): Promise<BundleWriter> {
  const { path, region, place } = address;
  const { SSM } = await optionalPackage("@aws-sdk/client-ssm", () => import("@aws-sdk/client-ssm"));
  const ssm = new SSM(region === undefined ? {} : { region });
  return {
    async write(bundle, abortSignal) {
      try {
        await write({ ssm, path, place, abortSignal }, bundle);
      } catch (error) {
        if (error instanceof SluiceError) throw error;
        throw unavailable(`${place} takes no bundle: ${messageOf(error)}`, { place });
      }
    },
    close() {
      ssm.destroy();
      return Promise.resolve();
    },
  };
}

interface Place {
  readonly ssm: Ssm;
  readonly path: string;
  readonly place: string;
  readonly abortSignal: AbortSignal;
}

async function write(to: Place, bundle: BundleToWrite): Promise<void> {
  const { ssm, path, place, abortSignal } = to;
  const there = await readIndex(to);
  if (there && there.readAt > bundle.readAt) throw readLater(place, there.readAt, bundle);
  const packed = (await promisify(gzip)(bundle.text)).toString("base64");
  const parts = Math.ceil(packed.length / PART);
  const put = (Name: string, Value: string) =>
    ssm.putParameter({ Name, Value, Type: "String", Overwrite: true }, { abortSignal });
  if (there?.sha256 !== bundle.sha256)
    for (let part = 1; part <= parts; part++)
      await put(partName(path, bundle.sha256, part), packed.slice((part - 1) * PART, part * PART));
  const before = there && there.sha256 !== bundle.sha256 ? there : (there?.before ?? null);
  const index: Index = {
    sluiceBundle: 1,
    sha256: bundle.sha256,
    parts,
    readAt: bundle.readAt,
    before: before && { sha256: before.sha256, parts: before.parts },
  };
  await put(`${path}/current`, JSON.stringify(index));
  const gone = there?.before;
  if (gone && gone.sha256 !== index.sha256 && gone.sha256 !== before?.sha256) await remove(to, gone);
}

async function readIndex({ ssm, path, abortSignal }: Place): Promise<Index | undefined> {
  try {
    const { Parameter } = await ssm.getParameter({ Name: `${path}/current` }, { abortSignal });
    return JSON.parse(Parameter?.Value ?? "null") as Index;
  } catch (error) {
    if ((error as Error).name === "ParameterNotFound") return undefined;
    throw error;
  }
}

async function remove(
  { ssm, path, abortSignal }: Place,
  { sha256, parts }: NonNullable<Index["before"]>,
): Promise<void> {
  const names = Array.from({ length: parts }, (_, i) => partName(path, sha256, i + 1));
  for (let at = 0; at < names.length; at += AT_ONCE)
    await ssm.deleteParameters({ Names: names.slice(at, at + AT_ONCE) }, { abortSignal });
}

function partName(path: string, sha256: string, part: number): string {
  return `${path}/parts/${sha256.slice(0, 16)}/${part}`;
}
